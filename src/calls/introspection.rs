//! What the issuer says of an access token when it is asked (RFC 7662).

use super::{ClientAuthentication, Proof, authenticated_form, shown_form};
use crate::{
    flight::{Hop, Message, without, without_secret},
    jose::strict_json,
    net::{Client, FetchError},
    oauth::Secret,
};
use axum::http::StatusCode;
use serde_json::{Map, Value};
use url::Url;

/// The longest answer that is read, in bytes.
const LIMIT: usize = 64 * 1024;

/// Who asks: the gateway's own client.
#[derive(Clone, Debug)]
pub struct Introspector {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`.
    pub client_secret: Secret,
}

/// Why there is no answer to rely on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IntrospectionError {
    /// No answer.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// Another status than 200.
    #[error("the introspection endpoint answered {0}")]
    Status(StatusCode),
    /// An answer that is no JSON object with `active` in it.
    #[error("the introspection endpoint answered something that is no introspection answer")]
    Nonsense,
}

/// Asks once. The answer's members are the issuer's words; `active` is a boolean among them.
pub async fn introspect(
    http: &Client,
    endpoint: &Url,
    introspector: &Introspector,
    access_token: &Secret,
) -> (Hop, Result<Map<String, Value>, IntrospectionError>) {
    let fields = [
        ("token", access_token.expose()),
        ("token_type_hint", "access_token"),
    ];
    let proof = Proof::Secret(introspector.client_secret.clone());
    let (id, basic) = (&introspector.client_id, ClientAuthentication::Basic);
    let request = authenticated_form(endpoint, id, &proof, basic, &fields);
    let asked = shown_form(&request);
    let answer = match http.send(request, LIMIT).await {
        Ok(answer) => answer,
        Err(error) => {
            let came_back = None;
            return (Hop { asked, came_back }, Err(error.into()));
        }
    };
    let answer = without(answer, &introspector.client_secret, "[client secret]");
    let answer = without_secret(answer, access_token);
    let came_back = Some(Message::response(&answer));
    let said = if answer.status() == StatusCode::OK {
        match strict_json::from_slice::<Map<String, Value>>(answer.body()) {
            Ok(members) if members.get("active").is_some_and(Value::is_boolean) => Ok(members),
            _ => Err(IntrospectionError::Nonsense),
        }
    } else {
        Err(IntrospectionError::Status(answer.status()))
    };
    (Hop { asked, came_back }, said)
}
