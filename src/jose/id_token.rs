//! ID tokens: who signed in, for one client (`OpenID` Connect Core, sections 2 and 3.1.3.7).

use super::{
    Algorithm, KeySet, Rejection, Verified, claims::Claims, compact::ID_TOKEN_LIMIT,
    verified::Signed,
};
use crate::oauth::constant_time_eq;
use serde_json::{Map, Value};

/// What an ID token must fulfil.
#[derive(Clone, Copy, Debug)]
pub struct IdTokenRules<'a> {
    /// The issuer whose keys are used; `iss` must be exactly this.
    pub issuer: &'a str,
    /// This client; `aud` must name it, and `azp`, where it is there.
    pub client_id: &'a str,
    /// Who else `aud` may name.
    pub other_audiences: &'a [String],
    /// What the token may be signed with.
    pub algorithms: &'a [Algorithm],
    /// The sign-in's nonce. `None` does not look at it: after a refresh there may be none.
    pub nonce: Option<&'a str>,
    /// How far clocks may be apart, in seconds: 60.
    pub leeway: i64,
    /// How long ago the token may have been issued, in seconds: 600.
    pub max_age: i64,
}

/// The claims of an ID token that was checked.
#[derive(Clone, Debug)]
pub struct IdToken {
    /// `iss`.
    pub issuer: String,
    /// `sub`; with the issuer it names the person.
    pub subject: String,
    /// `aud`.
    pub audience: Vec<String>,
    /// `iat`, seconds since 1970.
    pub issued_at: i64,
    /// `exp`, seconds since 1970.
    pub expires_at: i64,
    /// `azp`.
    pub authorized_party: Option<String>,
    /// `at_hash`; not compared here, see [`super::half_hash`].
    pub at_hash: Option<String>,
    /// `sid`.
    pub session_id: Option<String>,
    /// `auth_time`, seconds since 1970; not compared with a `max_age` of the request here.
    pub auth_time: Option<i64>,
    /// Every claim as it was.
    pub all: Map<String, Value>,
}

/// Verifies an ID token.
///
/// `at_hash` is not compared, since the access token is not known here; nor are `acr` and `auth_time`.
///
/// # Errors
/// The first rule that does not hold.
pub fn verify_id_token(
    token: &str,
    keys: &KeySet,
    rules: &IdTokenRules<'_>,
    now: i64,
) -> Result<Verified<IdToken>, Rejection> {
    let signed = Signed::check(token, ID_TOKEN_LIMIT, keys, rules.algorithms)?;
    is_id_token(&signed)?;
    let claims = &signed.claims;
    claims.issued_by(rules.issuer)?;
    let audience = claims.for_client(rules.client_id, rules.other_audiences)?;
    let checked = IdToken {
        issuer: rules.issuer.to_owned(),
        audience,
        subject: claims.subject()?,
        expires_at: claims.in_force(now, rules.leeway)?,
        issued_at: claims.issued_lately(now, rules.leeway, rules.max_age)?,
        authorized_party: owned(claims.text("azp")?),
        at_hash: owned(claims.text("at_hash")?),
        session_id: owned(claims.text("sid")?),
        auth_time: claims.time("auth_time")?,
        all: Map::new(),
    };
    of_this_sign_in(claims, rules.nonce)?;
    Ok(signed.into_verified(|all| IdToken { all, ..checked }))
}

/// Refuses the kinds that could be taken for an ID token (RFC 8725, section 3.11).
fn is_id_token(signed: &Signed) -> Result<(), Rejection> {
    if !matches!(signed.typ()?.as_deref(), None | Some("jwt")) {
        return Err(Rejection::WrongType("its header does not say JWT"));
    }
    if signed.claims.has("events") {
        return Err(Rejection::WrongType(
            "it reports an event, as a logout token does",
        ));
    }
    // Keycloak writes the kind into the claims.
    match signed.claims.0.get("typ").and_then(Value::as_str) {
        Some("Bearer" | "DPoP") => Err(Rejection::WrongType("it is an access token")),
        Some("Refresh" | "Offline") => Err(Rejection::WrongType("it is a refresh token")),
        Some("Logout") => Err(Rejection::WrongType("it is a logout token")),
        _ => Ok(()),
    }
}

fn of_this_sign_in(claims: &Claims, nonce: Option<&str>) -> Result<(), Rejection> {
    match (nonce, claims.text("nonce")?) {
        (None, _) => Ok(()),
        (Some(expected), Some(got)) if constant_time_eq(expected, got) => Ok(()),
        _ => Err(Rejection::NonceWrong),
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}
