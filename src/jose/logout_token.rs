//! Logout tokens: a provider tells a client that a session has ended (`OpenID` Connect Back-Channel
//! Logout, sections 2.4 and 2.6).

use super::{
    Algorithm, KeySet, Rejection, Verified,
    claims::{Claims, wrong},
    compact::LOGOUT_TOKEN_LIMIT,
    verified::{self, Signed},
};
use serde_json::{Map, Value};

/// The member of `events` that makes a token a logout token.
pub const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a logout token must fulfil.
#[derive(Clone, Copy, Debug)]
pub struct LogoutTokenRules<'a> {
    /// The issuer whose keys are used; `iss` must be exactly this.
    pub issuer: &'a str,
    /// This client; `aud` must name it, and `azp`, where it is there.
    pub client_id: &'a str,
    /// Who else `aud` may name.
    pub other_audiences: &'a [String],
    /// What the token may be signed with: what the issuer's ID tokens may be.
    pub algorithms: &'a [Algorithm],
    /// How far clocks may be apart, in seconds: 60.
    pub leeway: i64,
    /// How long ago the token may have been issued, in seconds: 600.
    pub max_age: i64,
}

/// The claims of a logout token that was checked. It names a subject, a session, or both.
#[derive(Clone, Debug)]
pub struct LogoutToken {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: Vec<String>,
    /// `iat`, seconds since 1970.
    pub issued_at: i64,
    /// `exp`, seconds since 1970.
    pub expires_at: i64,
    /// `jti`. Whether it came before is not judged here.
    pub token_id: String,
    /// `sub`. Without a session, all sessions of this person have ended.
    pub subject: Option<String>,
    /// `sid`: the one session that has ended.
    pub session_id: Option<String>,
    /// Every claim as it was.
    pub all: Map<String, Value>,
}

/// Verifies a logout token.
///
/// Whether its `jti` was used before is the caller's to judge, and whether there is such a session.
///
/// `typ` must be `logout+jwt`. The specification recommends it (section 2.4) and providers write it; a
/// token without it is told from others by its claims alone.
///
/// # Errors
/// The first rule that does not hold.
pub fn verify_logout_token(
    token: &str,
    keys: &KeySet,
    rules: &LogoutTokenRules<'_>,
    now: i64,
) -> Result<Verified<LogoutToken>, Rejection> {
    let signed = Signed::check(token, LOGOUT_TOKEN_LIMIT, keys, rules.algorithms)?;
    is_logout_token(&signed)?;
    let claims = &signed.claims;
    claims.issued_by(rules.issuer)?;
    let audience = claims.for_client(rules.client_id, rules.other_audiences)?;
    let (subject, session_id) = (filled(claims, "sub")?, filled(claims, "sid")?);
    if subject.is_none() && session_id.is_none() {
        return Err(Rejection::SubjectMissing);
    }
    let checked = LogoutToken {
        issuer: rules.issuer.to_owned(),
        audience,
        expires_at: claims.in_force(now, rules.leeway)?,
        issued_at: claims.issued_lately(now, rules.leeway, rules.max_age)?,
        token_id: filled(claims, "jti")?.ok_or_else(|| wrong("jti", "is missing"))?,
        subject,
        session_id,
        all: Map::new(),
    };
    Ok(signed.into_verified(|all| LogoutToken { all, ..checked }))
}

/// Whether a token may be one, by its form and header alone: what is not costs nobody a key.
///
/// # Errors
/// The rule of [`verify_logout_token`] that no key can mend.
pub fn may_be_logout_token(token: &str, algorithms: &[Algorithm]) -> Result<(), Rejection> {
    let (compact, _) = verified::form(token, LOGOUT_TOKEN_LIMIT, algorithms)?;
    says_logout(verified::typ(&compact.header)?.as_deref())
}

fn says_logout(typ: Option<&str>) -> Result<(), Rejection> {
    match typ {
        Some("logout+jwt") => Ok(()),
        _ => Err(Rejection::WrongType("its header does not say logout+jwt")),
    }
}

/// Refuses every other kind of token (RFC 8725, section 3.11).
fn is_logout_token(signed: &Signed) -> Result<(), Rejection> {
    says_logout(signed.typ()?.as_deref())?;
    let claims = &signed.claims;
    if claims.has("nonce") {
        return Err(Rejection::WrongType(
            "it holds a nonce, as an ID token does",
        ));
    }
    // Keycloak writes the kind into the claims.
    match claims.0.get("typ").and_then(Value::as_str) {
        None | Some("Logout") => {}
        Some(_) => return Err(Rejection::WrongType("its claims do not say Logout")),
    }
    let event = claims.0.get("events").and_then(|all| all.get(LOGOUT_EVENT));
    match event {
        Some(Value::Object(_)) => Ok(()),
        _ => Err(wrong("events", "does not say that a session has ended")),
    }
}

/// A string that says something, if the claim is there.
fn filled(claims: &Claims, name: &'static str) -> Result<Option<String>, Rejection> {
    match claims.text(name)? {
        Some("") => Err(wrong(name, "is empty")),
        text => Ok(text.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests;
