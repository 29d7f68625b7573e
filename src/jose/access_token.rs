//! Access tokens in the form of a JWT (RFC 9068), for the resource server that they are meant for.

use super::{
    Algorithm, KeySet, Rejection, Verified,
    claims::{Claims, not_ahead, wrong},
    compact::ACCESS_TOKEN_LIMIT,
    verified::Signed,
};
use crate::oauth::Scopes;
use serde_json::{Map, Value};

/// What the header must say about the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenTyp {
    /// `at+jwt`, as RFC 9068, section 2.1 has it.
    AtJwt,
    /// Also `JWT` or nothing, for issuers that set none (Okta). Then the claims must be an access
    /// token's, and none may be another kind's.
    Any,
}

/// What an access token must fulfil.
#[derive(Clone, Copy, Debug)]
pub struct AccessTokenRules<'a> {
    /// The issuer whose keys are used; `iss` must be exactly this.
    pub issuer: &'a str,
    /// The resource server; `aud` must name it.
    pub audience: &'a str,
    /// What the token may be signed with.
    pub algorithms: &'a [Algorithm],
    /// What the header must say.
    pub typ: AccessTokenTyp,
    /// How far clocks may be apart, in seconds: 60.
    pub leeway: i64,
}

/// The claims of an access token that was checked.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// `sub`: a person, or the client itself.
    pub subject: String,
    /// `client_id`, else Okta's `cid`, else `azp`.
    pub client_id: Option<String>,
    /// Of `scope` and `scp`, each a string or a list. Not judged here.
    pub scopes: Scopes,
    /// `aud`.
    pub audience: Vec<String>,
    /// `exp`, seconds since 1970.
    pub expires_at: i64,
    /// `auth_time`, if there is a good one: when the person signed in. Not judged here.
    pub auth_time: Option<i64>,
    /// `acr`, if there is a good one: how the person signed in. Not judged here.
    pub acr: Option<String>,
    /// Every claim as it was.
    pub all: Map<String, Value>,
}

/// Verifies an access token that was sent as a bearer token.
///
/// What its scopes open is not judged, nor whether the token was revoked.
///
/// # Errors
/// The first rule that does not hold.
pub fn verify_access_token(
    token: &str,
    keys: &KeySet,
    rules: &AccessTokenRules<'_>,
    now: i64,
) -> Result<Verified<AccessToken>, Rejection> {
    let signed = Signed::check(token, ACCESS_TOKEN_LIMIT, keys, rules.algorithms)?;
    is_access_token(&signed, rules.typ)?;
    let claims = &signed.claims;
    claims.issued_by(rules.issuer)?;
    let audience = claims.meant_for(rules.audience)?;
    let expires_at = claims.in_force(now, rules.leeway)?;
    if let Some(issued_at) = claims.time("iat")? {
        not_ahead("iat", issued_at, now, rules.leeway)?;
    }
    if claims.has("cnf") {
        return Err(Rejection::KeyBound);
    }
    let checked = AccessToken {
        subject: claims.subject()?,
        client_id: client_id(claims)?,
        scopes: scopes(claims)?,
        audience,
        expires_at,
        // who asks for them takes none for a no
        auth_time: claims.time("auth_time").ok().flatten(),
        acr: claims.text("acr").ok().flatten().map(str::to_owned),
        all: Map::new(),
    };
    Ok(signed.into_verified(|all| AccessToken { all, ..checked }))
}

fn is_access_token(signed: &Signed, wanted: AccessTokenTyp) -> Result<(), Rejection> {
    match (signed.typ()?.as_deref(), wanted) {
        (Some("at+jwt"), _) => {}
        (None | Some("jwt"), AccessTokenTyp::Any) => only_an_access_token_s(&signed.claims)?,
        _ => return Err(Rejection::WrongType("its header does not say at+jwt")),
    }
    // Keycloak writes the kind into the claims.
    match signed.claims.0.get("typ").and_then(Value::as_str) {
        Some("ID") => Err(Rejection::WrongType("it is an ID token")),
        Some("Refresh" | "Offline") => Err(Rejection::WrongType("it is a refresh token")),
        Some("Logout") => Err(Rejection::WrongType("it is a logout token")),
        _ => Ok(()),
    }
}

/// Where the header does not tell the kind, the claims must.
fn only_an_access_token_s(claims: &Claims) -> Result<(), Rejection> {
    if ["nonce", "at_hash", "c_hash"]
        .iter()
        .any(|name| claims.has(name))
    {
        return Err(Rejection::WrongType("it holds claims of an ID token"));
    }
    if claims.has("events") {
        return Err(Rejection::WrongType(
            "it reports an event, as a logout token does",
        ));
    }
    if !["client_id", "cid", "scp", "scope"]
        .iter()
        .any(|name| claims.has(name))
    {
        return Err(Rejection::WrongType("it names neither a client nor scopes"));
    }
    Ok(())
}

fn client_id(claims: &Claims) -> Result<Option<String>, Rejection> {
    for name in ["client_id", "cid", "azp"] {
        if let Some(client_id) = claims.text(name)? {
            return Ok(Some(client_id.to_owned()));
        }
    }
    Ok(None)
}

fn scopes(claims: &Claims) -> Result<Scopes, Rejection> {
    let mut scopes = Scopes::default();
    for name in ["scope", "scp"] {
        for names in claims.texts(name)? {
            let some = Scopes::parse(&names)
                .map_err(|_| wrong(name, "holds something that is not a scope name"))?;
            some.iter().for_each(|scope| scopes.insert(scope));
        }
    }
    Ok(scopes)
}
