//! The policies, in their order, as API Manager takes them.

use super::super::{
    Facts, Needs, Path, Refused, Route,
    encode::{mule, regex},
    headers,
};
use super::{KIT, claims};
use crate::{jose::Algorithm, settings::PolicyChoice};
use serde_json::{Value, json};

/// Whose the policies are that come with Anypoint.
const GROUP: &str = "68ef9520-24e9-4cf2-b2f5-620025690913";
/// An address of nobody's (RFC 5737), to block every request by.
const NOBODY: &str = "192.0.2.1";

/// The file with all of them.
pub(super) fn file(facts: &Facts) -> Result<String, Refused> {
    let mut all = vec![
        removed(&headers::spelled()),
        nothing_else(&facts.paths()),
        limited(),
    ];
    for path in &facts.paths() {
        for route in path.routes.iter().filter(|one| one.needs != Needs::Nothing) {
            let at = json!([here(path, route)]);
            all.push(jwt_validation(facts, route, &at)?);
            if facts.policy == PolicyChoice::Introspection {
                all.push(token_enforcement(route, &at)?);
            }
        }
    }
    all.push(removed(&["authorization".to_owned()]));
    all.push(with_key());
    for (order, policy) in (1..).zip(&mut all) {
        policy["order"] = json!(order);
    }
    let document = json!({ "made": facts.header(&KIT), "policies": all });
    serde_json::to_string_pretty(&document)
        .map(|text| text + "\n")
        .map_err(|error| Refused(error.to_string()))
}

fn policy(asset: &str, version: &str, at: &Value, configuration: &Value) -> Value {
    json!({
        "groupId": GROUP,
        "assetId": asset,
        "assetVersion": version,
        "order": 0,
        "pointcutData": at,
        "configurationData": configuration,
    })
}

fn removed(headers: &[String]) -> Value {
    let configuration = json!({ "inboundHeaders": headers, "outboundHeaders": [] });
    policy("header-removal", "1.1.2", &Value::Null, &configuration)
}

/// Blocks whatever no rule names: other paths, spelled however they are, and other methods.
fn nothing_else(paths: &[Path]) -> Value {
    let there: Vec<&Path> = paths
        .iter()
        .filter(|path| !path.routes.is_empty())
        .collect();
    let named: Vec<String> = there.iter().map(|path| regex(&path.path)).collect();
    let mut at = vec![json!({
        "methodRegex": ".*",
        "uriTemplateRegex": format!("^(?!(?:{})$).*$", named.join("|")),
    })];
    for path in there {
        at.push(json!({
            "methodRegex": format!("^(?!(?:{})$).*$", path.methods().join("|")),
            "uriTemplateRegex": format!("^{}$", regex(&path.path)),
        }));
    }
    let nobody = format!("#['{NOBODY}']");
    let configuration = json!({ "ipExpression": nobody, "ips": [NOBODY] });
    policy("ip-blocklist", "1.1.2", &Value::Array(at), &configuration)
}

fn limited() -> Value {
    let configuration = json!({
        // the port is another for every connection
        "keySelector": r#"#[attributes.remoteAddress replace /:[0-9]+$/ with ""]"#,
        "rateLimits": [{
            "maximumRequests": Facts::RATE.0 * 10 + Facts::RATE.1,
            "timePeriodInMilliseconds": 10_000,
        }],
        "exposeHeaders": false,
        "clusterizable": true,
    });
    policy("rate-limiting", "1.4.1", &Value::Null, &configuration)
}

fn here(path: &Path, route: &Route) -> Value {
    json!({
        "methodRegex": format!("^(?:{})$", route.methods.join("|")),
        "uriTemplateRegex": format!("^{}$", regex(&path.path)),
    })
}

fn jwt_validation(facts: &Facts, route: &Route, at: &Value) -> Result<Value, Refused> {
    let audience = mule(&facts.audience.value)?;
    if audience.contains(',') {
        return Err(Refused(format!(
            "MuleSoft reads the audience {audience:?} as several: they are divided by commas there"
        )));
    }
    let (method, length) = signed(facts)?;
    let mut mandatory = vec![json!({ "key": "iss", "value": claims::access_token(facts)? })];
    // with introspection, what a token may do is what the issuer says of it
    let needs = match facts.policy {
        PolicyChoice::Jwt => route.needs.clone(),
        PolicyChoice::Introspection => Needs::Token,
    };
    if let Some(expression) = claims::scopes(facts, &needs)? {
        mandatory.push(json!({ "key": "sub", "value": expression }));
    }
    let configuration = json!({
        "jwtOrigin": "httpBearerAuthenticationHeader",
        "signingMethod": method,
        "signingKeyLength": length,
        "jwtKeyOrigin": "jwks",
        "jwksUrl": mule(facts.jwks_uri.value.as_str())?,
        "jwksServiceTimeToLive": 60,
        "jwksServiceConnectionTimeout": 10_000,
        // asked for by some versions, and read by none with a key set
        "textKey": "not-read-with-a-key-set",
        "skipClientIdValidation": true,
        "clientIdExpression": "#[vars.claimSet.client_id default vars.claimSet.cid]",
        "validateAudClaim": true,
        "mandatoryAudClaim": true,
        "supportedAudiences": audience,
        "mandatoryExpClaim": true,
        "mandatoryNbfClaim": false,
        "validateCustomClaim": true,
        "mandatoryCustomClaims": mandatory,
        "nonMandatoryCustomClaims": [],
    });
    Ok(policy("jwt-validation", "1.4.0", at, &configuration))
}

/// The policy takes one way of signing.
fn signed(facts: &Facts) -> Result<(&'static str, u16), Refused> {
    let [algorithm] = facts.algorithms.as_slice() else {
        return Err(Refused(
            "MuleSoft takes tokens of one algorithm: --algorithm says which the issuer signs with"
                .to_owned(),
        ));
    };
    match algorithm {
        Algorithm::Rs256 => Ok(("rsa", 256)),
        Algorithm::Es256 => Ok(("es", 256)),
        Algorithm::Es384 => Ok(("es", 384)),
        Algorithm::Ps256 | Algorithm::EdDsa => Err(Refused(format!(
            "MuleSoft checks no {algorithm}: it has RS256, ES256 and ES384"
        ))),
    }
}

fn token_enforcement(route: &Route, at: &Value) -> Result<Value, Refused> {
    let configuration = json!({
        "scopes": mule(&route.needs.scopes().join(" "))?,
        "scopeValidationCriteria": "AND",
        "exposeHeaders": false,
        "skipClientIdValidation": false,
        "secureTrustStore": false,
        "authenticationTimeout": 10_000,
    });
    Ok(policy(
        "openidconnect-access-token-enforcement",
        "1.6.0",
        at,
        &configuration,
    ))
}

/// The key stands in a property of the proxy application, which Runtime Manager keeps.
fn with_key() -> Value {
    let configuration = json!({
        "inboundHeaders": [{ "key": "x-api-key", "value": "#[p('api.key')]" }],
        "outboundHeaders": [],
    });
    policy("header-injection", "1.3.2", &Value::Null, &configuration)
}
