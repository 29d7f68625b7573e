//! Keys and algorithms: which keys are published, and whether ID tokens can be verified with them.

use crate::{
    doctor::{exam::Exam, saw::Saw},
    flight::printable,
    jose::{Algorithm, KeySet},
};
use serde_json::{Map, Value};

pub(in crate::doctor) async fn keys(exam: &mut Exam, _: usize) -> Saw {
    let url = match exam.endpoint("jwks_uri") {
        Ok(url) => url,
        Err(why) => return Saw::untestable(why),
    };
    let fix = "Look at the provider's signing keys, and at jwks_uri in its metadata.";
    let answer = match exam.get(&url, "application/json", None).await {
        Ok(answer) => answer,
        Err(error) => return Saw::failure(error.to_string(), "No keys are to be had.", fix),
    };
    let line = answer.line(url.path());
    if answer.status != 200 {
        let got = format!("{} at {url}", answer.status);
        return Saw::failure(got, "No keys are to be had.", fix).line(line);
    }
    let set = match KeySet::parse(&answer.body) {
        Ok(set) => set,
        Err(error) => {
            let why = "What answers is no key set (RFC 7517, section 5).";
            return Saw::failure(error.to_string(), why, fix).line(line);
        }
    };
    let published = published(&answer.body);
    let lines: Vec<String> = published.iter().map(told).collect();
    let (usable, skipped) = (set.len(), published.len().saturating_sub(set.len()));
    if set.is_empty() {
        let encryption = !published.is_empty()
            && published
                .iter()
                .all(|key| key.get("use").is_some_and(|value| value == "enc"));
        let (got, why) = if published.is_empty() {
            (
                "no key at all".to_owned(),
                "Without a key no signature can be verified.",
            )
        } else if encryption {
            (
                format!("{} keys, all of them for encryption", published.len()),
                "Keys for encryption (\"use\":\"enc\") verify no signature.",
            )
        } else {
            (
                format!("{} keys, and none that can be used", published.len()),
                "Keys are left out that are of unknown types, below 2048 bits, off their curve, for another algorithm, or published with their private part.",
            )
        };
        let fix = "Let the provider publish a key for signatures: RSA of 2048 bits or more, P-256, P-384 or Ed25519.";
        return Saw::failure(got, why, fix).line(line).lines(lines);
    }
    exam.keys = Some(answer.body.clone());
    let got = match skipped {
        0 => format!("{usable} for signatures"),
        _ => format!(
            "{usable} for signatures, {skipped} left out (for encryption, or of no use here)"
        ),
    };
    if published.len() > 1 && published.iter().any(|key| !key.contains_key("kid")) {
        let why = "With several keys a token must say which one signed it; a key without a name can only be guessed.";
        let fix = "Let the provider give each key a kid.";
        return Saw::blemish(format!("{got}; not each has a kid"), why, fix)
            .line(line)
            .lines(lines);
    }
    Saw::pass(got).line(line).lines(lines)
}

fn published(body: &[u8]) -> Vec<Map<String, Value>> {
    let document: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let keys = document.get("keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten();
    keys.filter_map(Value::as_object).cloned().collect()
}

/// Public members alone: a key may be published with its private part.
fn told(key: &Map<String, Value>) -> String {
    let members = ["kty", "crv", "alg", "use", "kid"].into_iter();
    let members = members.filter_map(|name| {
        let value = key.get(name)?.as_str()?;
        Some(format!("{name} {}", printable(value, 80)))
    });
    members.collect::<Vec<_>>().join(", ")
}

pub(in crate::doctor) async fn algorithms(exam: &mut Exam, _: usize) -> Saw {
    let announced = exam.document.as_ref();
    let announced =
        announced.and_then(|document| document.get("id_token_signing_alg_values_supported"));
    let announced: Vec<String> = announced
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|name| printable(name, 40))
        .collect();
    let line = format!("announced: {}", announced.join(", "));
    // without a word, RS256 is meant: every provider has it (Discovery, section 3)
    let names = if announced.is_empty() {
        vec!["RS256".to_owned()]
    } else {
        announced.clone()
    };
    let known: Vec<Algorithm> = names.iter().filter_map(|name| name.parse().ok()).collect();
    if known.is_empty() {
        return Saw::failure(
            format!("ID tokens are signed with {} alone", names.join(", ")),
            "These are not known here: RS256, PS256, ES256, ES384 and EdDSA are. An unsigned ID token (none), or one signed with the client's secret (HS256), is never taken.",
            "Let the provider sign this client's ID tokens with RS256 or ES256.",
        )
        .line(line);
    }
    let keys = published(exam.keys.as_deref().unwrap_or_default());
    let fits = |algorithm: &Algorithm| keys.iter().any(|key| may_sign(key, *algorithm));
    let with_key: Vec<&str> = known
        .iter()
        .filter(|one| fits(one))
        .map(|one| one.as_str())
        .collect();
    if with_key.is_empty() {
        return Saw::failure(
            format!("no published key is for {}", names.join(", ")),
            "What signs ID tokens and what is published do not fit together.",
            "Let the provider publish the key that signs ID tokens, or sign with one that is published.",
        )
        .line(line);
    }
    let got = format!("{}, with a key for it", with_key.join(", "));
    if names.iter().any(|name| name.eq_ignore_ascii_case("none")) {
        return Saw::blemish(
            format!("{got}; and none is announced"),
            "Unsigned ID tokens (OpenID Connect Core, section 3.1.3.7) are refused here; a less careful client would take a forged one.",
            "Switch none off at the provider, or for this client.",
        )
        .line(line);
    }
    Saw::pass(got).line(line)
}

fn may_sign(key: &Map<String, Value>, algorithm: Algorithm) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let kind = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => text("kty") == Some("RSA"),
        Algorithm::Es256 => text("crv") == Some("P-256"),
        Algorithm::Es384 => text("crv") == Some("P-384"),
        Algorithm::EdDsa => text("crv") == Some("Ed25519"),
    };
    let named = text("alg").is_none_or(|alg| alg == algorithm.as_str());
    kind && named && text("use").is_none_or(|value| value == "sig")
}
