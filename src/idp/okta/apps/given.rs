//! What is said of an app.

use crate::idp::okta::{clients::Metadata, error::OktaError, input::Problems, reader::Reader};
use serde_json::{Map, Value, json};

pub(super) struct Given {
    pub(super) metadata: Metadata,
    pub(super) client_id: Option<String>,
}

impl Given {
    /// Reads an app: what it says of OAuth is what a registration says.
    pub(super) fn read(object: &Map<String, Value>) -> Result<Self, OktaError> {
        let problems = Problems::default();
        let reader = Reader::new(object, &problems);
        reader.required_word("name", &["oidc_client"]);
        reader.required_word("signOnMode", &["OPENID_CONNECT"]);
        let label = reader.required_text("label", 1..=100);
        let credentials = reader.object("credentials").object("oauthClient");
        let client_id = credentials.text("client_id", 6..=100);
        if client_id.as_ref().is_some_and(|id| {
            !id.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        }) {
            credentials.wrong(
                "client_id",
                "It must have letters, digits, -, _ and . alone",
            );
        }
        if credentials.has("client_secret") {
            credentials.wrong("client_secret", "Secrets are made here, and told once");
        }
        let requires_pkce = credentials.flag("pkce_required").unwrap_or(true);
        if !reader.has("settings") {
            reader.wrong("settings", "The field cannot be blank");
        }
        problems.none()?;
        let settings = object
            .get("settings")
            .and_then(|settings| settings.get("oauthClient"));
        let mut registration = settings
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        registration.insert("client_name".to_owned(), json!(label));
        let method = object
            .get("credentials")
            .and_then(|all| all.pointer("/oauthClient/token_endpoint_auth_method"));
        registration.insert(
            "token_endpoint_auth_method".to_owned(),
            method.cloned().unwrap_or_default(),
        );
        let mut metadata = Metadata::read(&registration).map_err(|error| error.in_okta_shape())?;
        if !requires_pkce {
            metadata
                .left_out
                .push(("pkce_required", "false".to_owned()));
        }
        Ok(Self {
            metadata,
            client_id,
        })
    }
}
