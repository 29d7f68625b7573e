//! A machine gets an access token for itself: client credentials (RFC 6749, section 4.4).

use super::{ClientAuthentication, Proof, authenticated_form, shown_form};
use crate::{
    flight::{Hop, Message, printable, without},
    jose::{Inspected, inspect, strict_json},
    net::{Client, FetchError},
    oauth::{Scopes, Secret},
    reason::{self, Reason},
};
use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use serde_json::{Map, Value};
use url::Url;

/// The longest answer that is read, in bytes (OWASP ASVS 15.3.2).
const LIMIT: usize = 64 * 1024;

/// Members of a token answer that are shown as they are. Of all others only the name is.
const SHOWN: [&str; 6] = [
    "token_type",
    "expires_in",
    "scope",
    "error",
    "error_description",
    "error_uri",
];

/// A client that acts for itself, and what it asks for.
#[derive(Clone, Debug)]
pub struct Machine {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`.
    pub client_secret: Secret,
    /// What is asked for; nothing leaves it to the provider.
    pub scopes: Scopes,
    /// The API by name, where providers want that (RFC 8707, section 2).
    pub audience: Option<String>,
}

/// What asking for a token came to.
#[derive(Clone, Debug)]
pub struct TokenCall {
    /// Request and answer, without secret and token.
    pub hop: Hop,
    /// The token, or why there is none.
    pub outcome: Result<Minted, TokenRefusal>,
}

/// An access token and what was said of it.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The token itself: for the gateway, and nobody else.
    pub access_token: Secret,
    /// Seconds that it lives, if that was said.
    pub expires_in: Option<i64>,
    /// What was granted: an absent `scope` means what was asked (RFC 6749, section 5.1).
    pub granted: Scopes,
    /// Header and claims, looked at and not believed; `None` when it is opaque.
    pub inside: Option<Inspected>,
}

/// Why there is no token. Text of the provider's is cut, and safe to print.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenRefusal {
    /// An error as RFC 6749, section 5.2 has it.
    #[error("the token endpoint answered {code}{}", colon(.description.as_deref()))]
    Error {
        /// `error`.
        code: String,
        /// `error_description`.
        description: Option<String>,
    },
    /// An answer that is neither a token nor an error.
    #[error("the token endpoint answered something that is no token answer: {0}")]
    Nonsense(String),
    /// No answer.
    #[error("{0}")]
    Fetch(#[from] FetchError),
}

fn colon(text: Option<&str>) -> String {
    text.map(|text| format!(": {text}")).unwrap_or_default()
}

impl TokenRefusal {
    /// The refusal, explained: what it means and what to change.
    #[must_use]
    pub fn reason(&self) -> &'static Reason {
        match self {
            Self::Error { code, .. } => match code.as_str() {
                "invalid_client" => &reason::MACHINE_UNKNOWN,
                "invalid_scope" | "access_denied" => &reason::MACHINE_SCOPE,
                "unauthorized_client" | "unsupported_grant_type" => &reason::MACHINE_GRANT,
                _ => &reason::MACHINE_REFUSED,
            },
            Self::Nonsense(_) => &reason::MACHINE_ANSWER,
            Self::Fetch(_) => &reason::MACHINE_UNREACHABLE,
        }
    }
}

/// Asks the token endpoint once.
pub async fn ask_for_token(
    http: &Client,
    endpoint: &Url,
    authentication: ClientAuthentication,
    machine: &Machine,
) -> TokenCall {
    let request = request(endpoint, authentication, machine);
    let asked = shown_form(&request);
    match http.send(request, LIMIT).await {
        Err(error) => TokenCall {
            hop: Hop {
                asked,
                came_back: None,
            },
            outcome: Err(error.into()),
        },
        Ok(answer) => {
            let answer = without(answer, &machine.client_secret, "[client secret]");
            let came_back = Some(shown_token_answer(&answer));
            let hop = Hop { asked, came_back };
            let outcome = read(&answer, &machine.scopes);
            TokenCall { hop, outcome }
        }
    }
}

fn request(
    endpoint: &Url,
    authentication: ClientAuthentication,
    machine: &Machine,
) -> Request<Vec<u8>> {
    let scope = machine.scopes.to_string();
    let mut fields = vec![("grant_type", "client_credentials")];
    if !scope.is_empty() {
        fields.push(("scope", &scope));
    }
    if let Some(audience) = &machine.audience {
        fields.extend([("resource", audience.as_str()), ("audience", audience)]);
    }
    let proof = Proof::Secret(machine.client_secret.clone());
    authenticated_form(
        endpoint,
        &machine.client_id,
        &proof,
        authentication,
        &fields,
    )
}

/// A token endpoint's answer as it is shown: members by an allow-list, so that no token is, whatever its
/// name. A secret that an error's description may echo is taken out before.
#[must_use]
pub fn shown_token_answer(answer: &Response<Bytes>) -> Message {
    let mut told = Response::new(Bytes::new());
    *told.status_mut() = answer.status();
    *told.headers_mut() = answer.headers().clone();
    let body = match strict_json::from_slice::<Map<String, Value>>(answer.body()) {
        Ok(members) => {
            let told = members.into_iter().map(|(name, value)| {
                let value = match name.as_str() {
                    known if SHOWN.contains(&known) && !value.is_object() => value,
                    "access_token" => Value::from("[access token]"),
                    _ => Value::from("[not shown]"),
                };
                (name, value)
            });
            Value::Object(told.collect()).to_string()
        }
        Err(_) => format!("[{} bytes that are no JSON object]", answer.body().len()),
    };
    Message::response(&told).with_body(body)
}

fn read(answer: &Response<Bytes>, asked: &Scopes) -> Result<Minted, TokenRefusal> {
    let status = answer.status();
    let nonsense = |what: &str| TokenRefusal::Nonsense(format!("{status}, {what}"));
    let members: Map<String, Value> = strict_json::from_slice(answer.body())
        .map_err(|_| nonsense("and its body is no JSON object, each member named once"))?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let Some(code) = text("error") {
        let mut code = printable(code, 100);
        if code == "unauthorized_client" && status == StatusCode::UNAUTHORIZED {
            "invalid_client".clone_into(&mut code); // as Keycloak calls a wrong secret
        }
        return Err(TokenRefusal::Error {
            code,
            description: text("error_description").map(|text| printable(text, 300)),
        });
    }
    if status != StatusCode::OK {
        return Err(nonsense("without an error code"));
    }
    let access_token = text("access_token").filter(|token| !token.is_empty());
    let access_token = access_token.ok_or_else(|| nonsense("without access_token"))?;
    let bearer = text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    if !bearer {
        return Err(nonsense("and its token_type is not Bearer"));
    }
    let granted = match text("scope") {
        None => asked.clone(),
        Some(text) => Scopes::parse(text).map_err(|_| nonsense("and its scope cannot be read"))?,
    };
    Ok(Minted {
        expires_in: members.get("expires_in").and_then(Value::as_i64),
        granted,
        inside: inspect(access_token),
        access_token: Secret::new(access_token),
    })
}

#[cfg(test)]
mod tests;
