//! What the issuer answers about a token (RFC 7662, section 2.2), read strictly.

use super::Asked;
use crate::{
    gateway::{holder::Holder, refuse::Refusal},
    jose::strict_json,
    oauth::Scopes,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 60;

/// What must stand in an answer.
pub(super) struct Expected {
    pub(super) issuer: String,
    pub(super) audience: String,
}

/// Why a token is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejected {
    reason: &'static str,
    sentence: &'static str,
}

impl Rejected {
    pub(super) fn new(reason: &'static str, sentence: &'static str) -> Self {
        Self { reason, sentence }
    }
}

impl From<Rejected> for Refusal {
    fn from(rejected: Rejected) -> Self {
        Refusal::token_rejected(rejected.reason, rejected.sentence)
    }
}

/// Reads an answer with status 200.
pub(super) fn read(body: &[u8], expected: &Expected, now: i64) -> Asked {
    let Ok(answer) = strict_json::from_slice::<Map<String, Value>>(body) else {
        tracing::warn!(
            event = "introspection_failed",
            "the issuer's answer about a token is no JSON object"
        );
        return Asked::Unanswered("introspection_unreadable");
    };
    match check(&answer, expected, now) {
        Ok(holder) => Asked::Active(Arc::new(holder)),
        Err((reason, sentence)) => Asked::Inactive(Rejected::new(reason, sentence)),
    }
}

/// The reason code and the sentence of a no.
type No = (&'static str, &'static str);

fn check(answer: &Map<String, Value>, expected: &Expected, now: i64) -> Result<Holder, No> {
    // not "true" and not 1: only the boolean means that it is valid
    if answer.get("active") != Some(&Value::Bool(true)) {
        return Err((
            "token_inactive",
            "The issuer says that the token is not active.",
        ));
    }
    // `iss` may be left out (RFC 7662, section 2.2), and what is there must fit. Without one the answer
    // still is this issuer's own word: it comes from the endpoint that its metadata name, asked with
    // our credentials there, and nobody else's tokens are active to it. Whom the token is for is
    // another matter: `aud` must be there.
    if answer
        .get("iss")
        .is_some_and(|issuer| *issuer != expected.issuer)
    {
        return Err(("token_issuer", "The token is another issuer's."));
    }
    if !meant_for(answer.get("aud"), &expected.audience) {
        return Err(("token_audience", "The token is for another audience."));
    }
    if answer.contains_key("cnf") {
        return Err((
            "token_key_bound",
            "The token is bound to a key and may not be used as a bearer token.",
        ));
    }
    let kind = text(answer, "token_type")?;
    if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(("token_type", "The token is not a bearer access token."));
    }
    // Keycloak says of ID and refresh tokens that they are active, and of what kind
    if matches!(
        answer.get("typ").and_then(Value::as_str),
        Some("ID" | "Refresh" | "Offline" | "Logout")
    ) {
        return Err(("token_type", "The token is not an access token."));
    }
    let expires_at = time(answer, "exp")?.ok_or(("token_claim", "The token has no end (exp)."))?;
    if now >= expires_at.saturating_add(LEEWAY) {
        return Err(("token_expired", "The token has expired."));
    }
    if time(answer, "nbf")?.is_some_and(|begin| begin > now.saturating_add(LEEWAY)) {
        return Err(("token_not_yet_valid", "The token is not valid yet."));
    }
    if time(answer, "iat")?.is_some_and(|issued| issued > now.saturating_add(LEEWAY)) {
        return Err(("token_not_yet_valid", "The token was not issued yet."));
    }
    let holder = Holder::new(
        text(answer, "sub")?,
        client_id(answer)?.map(str::to_owned),
        scopes(answer)?,
        expires_at,
    );
    // who asks for them takes none for a no
    let auth_time = time(answer, "auth_time").ok().flatten();
    let acr = text(answer, "acr").ok().flatten().map(str::to_owned);
    let holder = holder.map(|holder| holder.signed_in(auth_time, acr));
    holder.map_err(|_| UNFIT)
}

const UNFIT: No = (
    "token_claim",
    "What the issuer says of the token cannot be handed on.",
);

fn meant_for(audience: Option<&Value>, expected: &str) -> bool {
    match audience {
        _ if expected.is_empty() => false, // who has no name is nobody's audience
        Some(Value::String(one)) => one == expected,
        Some(Value::Array(several)) => {
            several.iter().all(Value::is_string) && several.iter().any(|one| one == expected)
        }
        _ => false,
    }
}

/// RFC 7662 has `client_id`; Okta also `cid`, Keycloak also `azp`.
fn client_id(answer: &Map<String, Value>) -> Result<Option<&str>, No> {
    for name in ["client_id", "cid", "azp"] {
        if let Some(client_id) = text(answer, name)? {
            return Ok(Some(client_id));
        }
    }
    Ok(None)
}

/// `scope` and `scp`, each a string or a list; a name never counts in part.
fn scopes(answer: &Map<String, Value>) -> Result<Scopes, No> {
    let mut all = Scopes::default();
    for name in ["scope", "scp"] {
        let texts: Vec<&str> = match answer.get(name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(list)) => {
                let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
                texts.ok_or(UNFIT)?
            }
            Some(_) => return Err(UNFIT),
        };
        for text in texts {
            let some = Scopes::parse(text).map_err(|_| UNFIT)?;
            some.iter().for_each(|scope| all.insert(scope));
        }
    }
    Ok(all)
}

fn text<'a>(answer: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, No> {
    match answer.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(UNFIT),
    }
}

/// Seconds since 1970; a fraction is cut off, and what is no number is wrong.
fn time(answer: &Map<String, Value>, name: &str) -> Result<Option<i64>, No> {
    let Some(value) = answer.get(name) else {
        return Ok(None);
    };
    let whole = value.as_i64().or_else(|| {
        let seconds = value.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a fraction of a second is cut off, and a cast saturates"
        )]
        let whole = seconds as i64;
        seconds.is_finite().then_some(whole)
    });
    whole
        .map(Some)
        .ok_or(("token_claim", "A time of the token is no number."))
}
