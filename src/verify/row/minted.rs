//! Tokens that only the issuer can sign: each is good but for one thing.

use super::{Cast, Row, Shows, all_scopes, holder};
use crate::{
    oauth::{Scopes, Secret},
    verify::{
        fault::Fault,
        issuer::Word,
        mint::{Minter, overlay},
    },
};
use serde_json::{Value, json};

/// Why a row is not testable where the issuer's key is in other hands.
const FOREIGN: &str = "only the issuer could sign such a token. Point the gateway at a test issuer (--as-issuer), or give the issuer's key (--issuer-key)";

/// Tokens with one fault in their claims or header.
pub(super) fn of_the_issuer(cast: &Cast<'_>) -> Vec<Row> {
    let (now, audience) = (cast.now, cast.audience);
    let faulty = [
        (
            "expired",
            "expired an hour ago",
            Fault::Expiry,
            json!({ "iat": now - 7200, "exp": now - 3600 }),
        ),
        (
            "not-yet-valid",
            "valid in an hour (nbf)",
            Fault::NotBefore,
            json!({ "nbf": now + 3600 }),
        ),
        (
            "no-expiry",
            "no expiry",
            Fault::ExpiryMissing,
            json!({ "exp": null }),
        ),
        (
            "wrong-issuer",
            "wrong issuer",
            Fault::Issuer,
            json!({ "iss": format!("{}/other", cast.issuer) }),
        ),
        (
            "wrong-audience",
            "wrong audience",
            Fault::Audience,
            json!({ "aud": format!("{audience}-other") }),
        ),
        (
            "no-audience",
            "no audience",
            Fault::Audience,
            json!({ "aud": null }),
        ),
    ];
    let mut rows: Vec<Row> = faulty
        .into_iter()
        .map(|(id, title, fault, over)| {
            Row::forged(id, title, fault, faulty_token(cast, &json!({}), &over))
        })
        .collect();
    let header = json!({ "crit": ["x-verify"], "x-verify": true });
    let token = faulty_token(cast, &header, &json!({}));
    rows.push(Row::forged(
        "unknown-crit",
        "unknown crit",
        Fault::Critical,
        token,
    ));
    rows
}

fn minter<'a>(cast: &Cast<'a>) -> Result<&'a Minter, String> {
    cast.minter.ok_or_else(|| FOREIGN.to_owned())
}

/// A token that claims everything, with these members laid over header and claims.
fn faulty_token(cast: &Cast<'_>, header: &Value, over: &Value) -> Result<Secret, String> {
    let minter = minter(cast)?;
    let scopes = all_scopes(cast.blueprint);
    let mut claims = minter.claims("verify", cast.client_id, &scopes);
    overlay(&mut claims, over);
    let is_usual = header.as_object().is_none_or(serde_json::Map::is_empty);
    let word = if is_usual { Word::Good } else { Word::Strange };
    let token = minter.sign(header, &claims, word);
    token.map_err(|error| error.to_string())
}

/// What is signed well and is not to be taken: revoked, another client's, a scope nearly right.
pub(super) fn revoked_and_unknown(cast: &Cast<'_>) -> Vec<Row> {
    let revoked = if cast.introspects {
        cast.holdings.revoked.clone()
    } else {
        Err("this gateway checks tokens with keys (GATEWAY_POLICY), and a signature does not show that a token was revoked: it counts until it expires".to_owned())
    };
    let revoked = revoked.map(|held| held.access_token);
    let mut rows = vec![Row::forged("revoked", "revoked", Fault::Revoked, revoked)];
    rows[0].forged = false;
    rows.push(unknown_client(cast));
    rows.push(near(cast));
    rows
}

/// A token that the issuer gave to a client which the gateway does not list.
fn unknown_client(cast: &Cast<'_>) -> Row {
    const UNKNOWN: &str = "unknown-to-the-gateway";
    let scopes = all_scopes(cast.blueprint);
    let token = if cast.access.lists_clients() {
        minter(cast).and_then(|minter| {
            let token = minter.access_token("verify", UNKNOWN, &scopes);
            token.map_err(|error| error.to_string())
        })
    } else {
        Err("the blueprint lists no clients ([gateway] clients): any that the issuer registered is taken".to_owned())
    };
    Row {
        shows: token.map(|token| Shows::bearer(&token)),
        standing: holder(Some(UNKNOWN), &scopes),
        forged: true,
        ..Row::new(
            "unknown-client",
            "a client that the gateway does not know",
            holder(None, &scopes),
            Fault::Client,
        )
    }
}

/// A good token whose scopes only contain the right names, or are contained in them.
fn near(cast: &Cast<'_>) -> Row {
    let mut names = Vec::new();
    for scope in all_scopes(cast.blueprint).iter() {
        let upper = scope.to_ascii_uppercase();
        names.extend([
            format!("{scope}x"),
            format!("x{scope}"),
            scope[..scope.len() - 1].to_owned(),
        ]);
        names.extend((upper != scope).then_some(upper));
    }
    let real = all_scopes(cast.blueprint);
    let names = names.iter().map(String::as_str);
    let names = names.filter(|name| !name.is_empty() && !real.contains(name));
    let scopes = Scopes::from_names(names).unwrap_or_default();
    let token = minter(cast).and_then(|minter| {
        let token = minter.access_token("verify", cast.client_id, &scopes);
        token.map_err(|error| error.to_string())
    });
    Row {
        shows: token.map(|token| Shows::bearer(&token)),
        standing: holder(Some(cast.client_id), &scopes),
        forged: true,
        ..Row::new(
            "near-scopes",
            "scopes that are nearly the right ones",
            holder(None, &scopes),
            Fault::ScopeInPart,
        )
    }
}
