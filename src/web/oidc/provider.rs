//! One provider: its metadata, its keys, our registration there. Never another issuer's endpoint.

use super::{keys::Keys, metadata::Metadata};
use crate::{
    clock::Clock,
    net::Client,
    oauth::{Secret, basic_credentials},
};
use axum::http::{Request, header};
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
    pub(super) keys: Keys,
    pub(super) http: Client,
    pub(super) clock: Clock,
}

impl Provider {
    pub(super) fn new(
        metadata: Metadata,
        registration: Registration,
        http: Client,
        clock: Clock,
    ) -> Self {
        let keys = Keys::new(metadata.jwks_uri.clone(), http.clone(), clock.clone());
        Self {
            metadata,
            registration,
            keys,
            http,
            clock,
        }
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
