//! Tokens that anybody could forge: none of them bears the issuer's signature.

use super::{Cast, Row, all_scopes};
use crate::{
    jose::{SigningKey, inspect},
    oauth::Secret,
    verify::{
        fault::Fault,
        mint::{ScopeClaims, good_claims, overlay},
    },
};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Rows that can be tried at any gateway. Each token claims everything that a resource takes.
pub(super) fn of_anybody(cast: &Cast<'_>) -> Vec<Row> {
    let mut rows = vec![
        Row::forged("junk", "junk", Fault::Signature, Ok(Secret::new("junk"))),
        Row::forged(
            "tampered",
            "tampered: scopes added to a real token",
            Fault::Signature,
            tampered(cast),
        ),
    ];
    for alg in ["none", "None", "NONE", "nOnE"] {
        rows.push(Row::forged(
            &format!("alg-{alg}"),
            &format!("alg {alg}, no signature"),
            Fault::Algorithm,
            Ok(unsigned(cast, alg)),
        ));
    }
    let key = cast.public_key.as_ref().map_err(Clone::clone);
    let kid = key.clone().ok().and_then(|key| key.key_id.clone());
    for (id, what) in [
        ("pem", "PEM"),
        ("pem-bare", "PEM, last line end cut"),
        ("jwk", "JWK"),
    ] {
        let token = key.clone().and_then(|key| {
            if id == "jwk" {
                let jwk = key.jwk.to_string();
                return Ok(hmac_signed(cast, kid.as_deref(), jwk.as_bytes()));
            }
            let pem = key.pem.as_ref().ok_or("the key's form is not known here")?;
            let bytes = if id == "pem" { pem } else { pem.trim_end() };
            Ok(hmac_signed(cast, kid.as_deref(), bytes.as_bytes()))
        });
        rows.push(Row::forged(
            &format!("hmac-{id}"),
            &format!("HMAC, keyed with the public key ({what})"),
            Fault::Algorithm,
            token,
        ));
    }
    let unknown = json!({ "kid": "no-such-key" });
    let its_own = json!({ "jwk": cast.stranger.public_jwk(), "kid": cast.stranger.key_id() });
    let borrowed = json!({ "kid": kid });
    for (id, title, header) in [
        ("unknown-kid", "unknown kid, another key", unknown),
        ("other-key", "the issuer's kid, another key", borrowed),
        (
            "own-key",
            "another key, which stands in the header (jwk)",
            its_own,
        ),
    ] {
        let token = by_a_stranger(cast, &header);
        rows.push(Row::forged(id, title, Fault::Signature, token));
    }
    rows
}

/// What the forged tokens claim: all that is needed to pass, but for a signature.
fn claims(cast: &Cast<'_>) -> Value {
    let scopes = all_scopes(cast.blueprint);
    let who = ("forged-by-verify", cast.client_id);
    let (issuer, audience) = (cast.issuer, cast.audience);
    good_claims(issuer, audience, who, &scopes, ScopeClaims::Both, cast.now)
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn unsigned(cast: &Cast<'_>, alg: &str) -> Secret {
    let header = json!({ "alg": alg, "typ": "at+jwt" });
    Secret::new(format!("{}.{}.", encoded(&header), encoded(&claims(cast))))
}

fn hmac_signed(cast: &Cast<'_>, kid: Option<&str>, key: &[u8]) -> Secret {
    let mut header = json!({ "alg": "HS256", "typ": "at+jwt" });
    if let Some(kid) = kid {
        header["kid"] = json!(kid);
    }
    let signed = format!("{}.{}", encoded(&header), encoded(&claims(cast)));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
    Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag)))
}

fn by_a_stranger(cast: &Cast<'_>, over: &Value) -> Result<Secret, String> {
    let key: &SigningKey = cast.stranger;
    let mut header = json!({ "alg": key.algorithm().as_str(), "typ": "at+jwt" });
    overlay(&mut header, over);
    let claims = claims(cast).to_string();
    let token = key.sign_parts(header.to_string().as_bytes(), claims.as_bytes());
    token.map(Secret::new).map_err(|error| error.to_string())
}

/// A real token with more in its claims and its old signature; an opaque one with another last letter.
fn tampered(cast: &Cast<'_>) -> Result<Secret, String> {
    let held = cast.holdings.weakest()?;
    let token = held.access_token.expose();
    let Some(inside) = inspect(token) else {
        let (rest, last) = token.split_at(token.len().saturating_sub(1));
        let other = if last == "A" { "B" } else { "A" };
        return Ok(Secret::new(format!("{rest}{other}")));
    };
    let scopes = all_scopes(cast.blueprint);
    let mut claims = Value::Object(inside.claims);
    overlay(
        &mut claims,
        &json!({ "scope": scopes.to_string(), "scp": scopes }),
    );
    let mut parts = token.split('.');
    let (header, signature) = (parts.next(), parts.nth(1));
    let (Some(header), Some(signature)) = (header, signature) else {
        return Err("the token has not three parts".to_owned());
    };
    Ok(Secret::new(format!(
        "{header}.{}.{signature}",
        encoded(&claims)
    )))
}
