//! The access token's shape: whether it is a JWT, and whether the gateway's policy takes one like it.

use crate::{
    doctor::{exam::Exam, saw::Saw},
    flight::{how_long, printable},
    jose::{
        AccessTokenRules, AccessTokenTyp, Algorithm, Inspected, KeySet, Rejection, inspect,
        verify_access_token,
    },
};
use serde_json::Value;

/// How far clocks may be apart, in seconds, as the gateway has it.
const LEEWAY: i64 = 60;
pub(in crate::doctor) async fn token(exam: &mut Exam, _: usize) -> Saw {
    let Some((level, granted)) = exam.held.last() else {
        return Saw::untestable("nobody could be signed in, so that there is no access token");
    };
    let text = granted.access_token.expose();
    let line = format!("the token of {level}");
    let Some(inside) = inspect(text) else {
        let length = text.len();
        let got = format!("opaque, {length} bytes");
        if exam.patient.introspects {
            return Saw::pass(format!("{got}; the gateway asks the provider about it")).line(line);
        }
        return Saw::failure(
            got,
            "The gateway checks tokens by the issuer's keys, and an opaque one holds nothing to check.",
            "Set GATEWAY_POLICY=introspection with INTROSPECT_CLIENT_ID and INTROSPECT_CLIENT_SECRET, or have the provider issue JWTs: some do when an audience is asked for (AUDIENCE).",
        )
        .line(line);
    };
    let lines = told(exam, &inside);
    let introspects = exam.patient.introspects;
    let saw = match by_keys(exam, text) {
        Some(Ok(())) => Saw::pass(summary(&inside)),
        Some(Err(rejection)) if !introspects => explain(exam, &rejection),
        None if !introspects => {
            Saw::untestable("without the issuer's keys nothing that a token says counts")
        }
        _ => by_introspection(exam, &inside),
    };
    saw.line(line).lines(lines)
}

/// What a gateway with the issuer's keys would say; `None` where there are none.
fn by_keys(exam: &Exam, token: &str) -> Option<Result<(), Rejection>> {
    let patient = &exam.patient;
    let keys = KeySet::parse(exam.keys.as_deref()?).ok()?;
    let rules = AccessTokenRules {
        issuer: &patient.issuer,
        audience: &patient.audience,
        algorithms: &Algorithm::ALL,
        typ: patient.typ,
        leeway: LEEWAY,
    };
    let verified = verify_access_token(token, &keys, &rules, patient.clock.now());
    Some(verified.map(|_| ()))
}

/// The provider is asked about it, so that only what it says counts, whatever the signature is worth; whose
/// and for whom the token is, it says too, and it must say the same.
fn by_introspection(exam: &Exam, inside: &Inspected) -> Saw {
    let patient = &exam.patient;
    let said = |value: &Value| value.as_str().map(str::to_owned);
    let issuer = inside.claims.get("iss").and_then(said);
    if let Some(got) = issuer.filter(|issuer| *issuer != patient.issuer) {
        let expected = patient.issuer.clone();
        return explain(exam, &Rejection::IssuerWrong { expected, got });
    }
    let audience: Option<Vec<String>> = match inside.claims.get("aud") {
        Some(Value::Array(several)) => Some(several.iter().filter_map(said).collect()),
        Some(one) => Some(said(one).into_iter().collect()),
        None => None,
    };
    if let Some(got) = audience.filter(|audience| !audience.contains(&patient.audience)) {
        let expected = patient.audience.clone();
        return explain(exam, &Rejection::AudienceWrong { expected, got });
    }
    let shape = summary(inside);
    Saw::pass(format!("{shape}; the gateway asks the provider about it"))
}

fn explain(exam: &Exam, rejection: &Rejection) -> Saw {
    let patient = &exam.patient;
    let got = rejection.to_string();
    let (why, fix) = match rejection {
        Rejection::AudienceWrong { got, .. } => (
            "The gateway takes tokens that are meant for it alone, by the name that AUDIENCE has.",
            match got.first() {
                Some(first) if got.len() == 1 => format!(
                    "Have the provider put {} into aud (an API or resource of that name; Keycloak: an audience mapper), or set AUDIENCE={}.",
                    patient.audience,
                    printable(first, 200)
                ),
                _ => format!(
                    "Have the provider put {} into aud (an API or resource of that name; Keycloak: an audience mapper).",
                    patient.audience
                ),
            },
        ),
        Rejection::IssuerWrong { got, .. } => (
            "The token's iss is compared byte for byte.",
            format!("Set ISSUER to what the provider writes into its tokens ({}), or have it write its own name.", printable(got, 200)),
        ),
        Rejection::WrongType(_) => (
            "The header's typ tells an access token from others (RFC 9068, section 2.1).",
            if patient.typ == AccessTokenTyp::AtJwt {
                "Set ACCESS_TOKEN_TYP=any if the provider does not write at+jwt, or have it do so.".to_owned()
            } else {
                "Have the provider issue access tokens that name a client or scopes, and no nonce.".to_owned()
            },
        ),
        Rejection::UnknownKey { .. } | Rejection::KeyDoesNotFit | Rejection::SignatureWrong => (
            "The access token is signed by a key that is not among the published ones.",
            "Have the provider sign access tokens with a key of its jwks_uri (some sign those for their own userinfo otherwise, unless an audience is asked for), or set GATEWAY_POLICY=introspection.".to_owned(),
        ),
        Rejection::AlgorithmNotAllowed(_) => (
            "Signatures with a shared secret, or none, are never taken.",
            "Have the provider sign access tokens with RS256 or ES256.".to_owned(),
        ),
        Rejection::Expired { .. } | Rejection::NotYetValid { .. } => (
            "It was issued just now, so that the clocks are apart.",
            "Set the clocks of this machine and of the provider by NTP.".to_owned(),
        ),
        _ => (
            "The gateway would refuse it.",
            "Compare what the provider issues with RFC 9068, section 2.2, or set GATEWAY_POLICY=introspection.".to_owned(),
        ),
    };
    Saw::failure(got, why, fix)
}

fn summary(inside: &Inspected) -> String {
    let text = |name: &str| match inside.header.get(name).and_then(Value::as_str) {
        Some(value) => printable(value, 40),
        None => "none".to_owned(),
    };
    format!(
        "a JWT, typ {}, alg {}, scopes in {}",
        text("typ"),
        text("alg"),
        scopes_in(inside)
    )
}

fn scopes_in(inside: &Inspected) -> String {
    let found = ["scope", "scp"].into_iter().filter_map(|name| {
        let kind = match inside.claims.get(name)? {
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            _ => "something else",
        };
        Some(format!("{name} ({kind})"))
    });
    let found: Vec<String> = found.collect();
    if found.is_empty() {
        return "neither scope nor scp".to_owned();
    }
    found.join(" and ")
}

/// Of the claims only those that the checks are about: the rest may be personal.
fn told(exam: &Exam, inside: &Inspected) -> Vec<String> {
    let now = exam.patient.clock.now();
    let mut lines = Vec::new();
    for name in [
        "iss",
        "aud",
        "scope",
        "scp",
        "client_id",
        "cid",
        "azp",
        "typ",
    ] {
        if let Some(value) = inside.claims.get(name) {
            lines.push(format!("{name}: {}", printable(&value.to_string(), 200)));
        }
    }
    if let Some(exp) = inside.claims.get("exp").and_then(Value::as_i64) {
        lines.push(format!(
            "lives for {} more",
            how_long(exp.saturating_sub(now))
        ));
    }
    lines
}
