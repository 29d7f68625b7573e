//! One provider: its metadata, its keys, our registration there. Never another issuer's endpoint.

use super::{keys::Keys, metadata::Metadata};
use crate::{
    clock::Clock,
    net::Client,
    oauth::{Secret, basic_credentials},
};
use axum::http::{Request, header};
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// The app's registration at the provider.
#[derive(Clone, Debug)]
pub struct Registration {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`.
    pub client_secret: Secret,
    /// Sent byte for byte.
    pub redirect_uri: String,
    /// Where the provider may send a browser after it signed out.
    pub post_logout_redirect_uri: String,
    /// What ID tokens may name as audience beside the client: the API.
    pub audience: String,
    /// Whether the API is asked for by name (`AUDIENCE` was set).
    pub ask_for_audience: bool,
    /// Whether the ID token goes along at a log out, in a URL: some providers insist.
    pub id_token_hint: bool,
}

/// A provider whose metadata holds.
pub struct Provider {
    /// What it says of itself.
    pub metadata: Metadata,
    /// Who we are there.
    pub registration: Registration,
    /// Shared with what the provider was before, while its `jwks_uri` stays: else each new look at its
    /// metadata would allow another look-up of unknown keys.
    pub(super) keys: Arc<Keys>,
    pub(super) http: Client,
    pub(super) clock: Clock,
}

impl Provider {
    /// `before`: what the same provider said of itself when it was last asked.
    pub(super) fn new(
        metadata: Metadata,
        before: Option<&Self>,
        registration: Registration,
        http: Client,
        clock: Clock,
    ) -> Self {
        let unmoved = before.filter(|before| before.metadata.jwks_uri == metadata.jwks_uri);
        let keys = unmoved.map(|before| Arc::clone(&before.keys));
        let keys = keys.unwrap_or_else(|| {
            let uri = metadata.jwks_uri.clone();
            Arc::new(Keys::new(uri, http.clone(), clock.clone()))
        });
        Self {
            metadata,
            registration,
            keys,
            http,
            clock,
        }
    }

    /// A provider that nobody asks.
    #[cfg(test)]
    pub(in crate::web) fn unasked(clock: Clock) -> Self {
        let issuer = "https://issuer.example";
        let document = serde_json::json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
        });
        let metadata = Metadata::read(issuer, document.to_string().as_bytes());
        let registration = Registration {
            client_id: "app".to_owned(),
            client_secret: Secret::new("secret"),
            redirect_uri: "https://app.example/callback".to_owned(),
            post_logout_redirect_uri: "https://app.example/signed-out".to_owned(),
            audience: "api://default".to_owned(),
            ask_for_audience: false,
            id_token_hint: false,
        };
        let http = Client::new(&[]).expect("no roots are added");
        let metadata = metadata.expect("it is whole");
        Self::new(metadata, None, registration, http, clock)
    }

    /// A form for one of the provider's endpoints, authenticated as the provider announced
    /// (RFC 6749, section 2.3.1).
    pub(super) fn authenticated_form(
        &self,
        endpoint: &Url,
        fields: &[(&str, &str)],
    ) -> Result<Request<Vec<u8>>, axum::http::Error> {
        let Registration {
            client_id,
            client_secret,
            ..
        } = &self.registration;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut request = Request::post(endpoint.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        if self.metadata.client_secret_post {
            form.extend_pairs([
                ("client_id", client_id.as_str()),
                ("client_secret", client_secret.expose()),
            ]);
        } else {
            let credentials = basic_credentials(client_id, client_secret);
            request = request.header(header::AUTHORIZATION, credentials.expose());
        }
        request.body(form.finish().into_bytes())
    }
}
