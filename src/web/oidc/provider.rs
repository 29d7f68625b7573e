//! One provider: its metadata, its keys, our registration there. Never another issuer's endpoint.

use super::{keys::Keys, metadata::Metadata};
use crate::{
    calls::{ClientAuthentication, Credential, Proof, authenticated_form},
    clock::Clock,
    net::Client,
};
use axum::http::Request;
use std::sync::Arc;
use url::Url;

/// The app's registration at the provider.
#[derive(Clone, Debug)]
pub struct Registration {
    /// `client_id`.
    pub client_id: String,
    /// What the app authenticates with.
    pub credential: Credential,
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
            credential: Credential::Secret(crate::oauth::Secret::new("secret")),
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

    /// What one call shows of who asks: for that call alone.
    pub(super) fn proof(&self) -> Proof {
        let Registration {
            client_id,
            credential,
            ..
        } = &self.registration;
        credential.proof(client_id, &self.metadata.issuer, self.clock.now())
    }

    /// A form for one of the provider's endpoints, authenticated by the key, or as the provider announced
    /// (RFC 6749, section 2.3.1).
    pub(super) fn authenticated_form(
        &self,
        endpoint: &Url,
        fields: &[(&str, &str)],
    ) -> Request<Vec<u8>> {
        let authentication = if self.metadata.client_secret_post {
            ClientAuthentication::Post
        } else {
            ClientAuthentication::Basic
        };
        let (id, proof) = (&self.registration.client_id, self.proof());
        authenticated_form(endpoint, id, &proof, authentication, fields)
    }

    /// Which key the app signs with, and what the provider's metadata lack for it; `None` where it has a
    /// secret.
    pub(super) fn key(&self) -> Option<KeyUsed> {
        let Credential::Key(key) = &self.registration.credential else {
            return None;
        };
        Some(KeyUsed {
            key: format!("{}, kid {}", key.algorithm(), key.key_id()),
            lack: self.metadata.assertions.lack(key.algorithm()),
        })
    }
}

/// The key that an assertion was signed with, for telling people.
#[derive(Clone, Debug)]
pub struct KeyUsed {
    /// Algorithm and `kid`.
    pub key: String,
    /// What the provider does not announce of such assertions.
    pub lack: Option<String>,
}
