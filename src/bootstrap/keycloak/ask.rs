//! What is asked for, said in full: each flag that Keycloak would choose by itself is named, and what
//! no client of this house may be is refused before anything is sent.

use super::kind::Kind;
use crate::bootstrap::target::{TargetError, Wanted};
use serde_json::{Map, Value, json};

/// A client's flags that are off unless an input says otherwise; Keycloak's own defaults differ.
const OFF: [&str; 6] = [
    "publicClient",
    "standardFlowEnabled",
    "serviceAccountsEnabled",
    "bearerOnly",
    "consentRequired",
    "frontchannelLogout",
];

/// Flags that nobody may ask for, and why.
const NEVER: [(&str, &str); 3] = [
    (
        "implicitFlowEnabled",
        "the implicit grant puts tokens into URLs (RFC 9700, section 2.1.2)",
    ),
    (
        "directAccessGrantsEnabled",
        "the password grant hands passwords to the app (RFC 9700, section 2.4)",
    ),
    (
        "fullScopeAllowed",
        "it gives the client every role that a person has",
    ),
];

/// Grants that are switched by attributes: off unless an input says otherwise.
const OFF_BY_ATTRIBUTE: [&str; 4] = [
    "oauth2.device.authorization.grant.enabled",
    "oidc.ciba.grant.enabled",
    "standard.token.exchange.enabled",
    "oauth2.jwt.authorization.grant.enabled",
];

/// The whole body that is wanted.
pub(super) fn whole(kind: Kind, wanted: &Wanted) -> Result<Map<String, Value>, TargetError> {
    let input = |problem: String| TargetError::Input {
        name: wanted.name.clone(),
        problem,
    };
    let Some(mut body) = wanted.body.as_object().cloned() else {
        return Err(input(
            "a JSON object is expected in its \"default\"".to_owned(),
        ));
    };
    let name = body.get(kind.name_member()).and_then(Value::as_str);
    if name.is_none_or(str::is_empty) {
        return Err(input(format!("{:?} is missing", kind.name_member())));
    }
    match kind {
        Kind::Realm => {
            body.entry("enabled").or_insert(json!(true));
            body.entry("registrationAllowed").or_insert(json!(false));
            body.entry("unmanagedAttributePolicy")
                .or_insert(json!("DISABLED"));
        }
        Kind::Role => {
            body.entry("composite").or_insert(json!(false));
        }
        Kind::Group => {
            body.entry("realmRoles").or_insert(json!([]));
        }
        Kind::User => {
            body.entry("enabled").or_insert(json!(true));
            let groups = body.entry("groups").or_insert(json!([]));
            for group in groups.as_array_mut().into_iter().flatten() {
                if let Some(path) = group.as_str() {
                    *group = json!(path.trim_start_matches('/'));
                }
            }
            body.entry("realmRoles").or_insert(json!([]));
        }
        Kind::ClientScope => scope(&mut body).map_err(input)?,
        Kind::Client => client(&mut body).map_err(input)?,
    }
    Ok(body)
}

/// A scope that stands in tokens needs a role: without one Keycloak grants it to everybody.
fn scope(body: &mut Map<String, Value>) -> Result<(), String> {
    body.entry("protocol").or_insert(json!("openid-connect"));
    body.entry("protocolMappers").or_insert(json!([]));
    let attributes = attributes(body)?;
    let shown = attributes
        .entry("include.in.token.scope")
        .or_insert(json!("true"));
    let shown = *shown != json!("false");
    let roles = body.entry("realmRoles").or_insert(json!([]));
    if shown && roles.as_array().is_none_or(Vec::is_empty) {
        return Err(
            "realmRoles is empty: a scope without a role is granted to everybody".to_owned(),
        );
    }
    Ok(())
}

fn client(body: &mut Map<String, Value>) -> Result<(), String> {
    body.entry("protocol").or_insert(json!("openid-connect"));
    body.entry("enabled").or_insert(json!(true));
    for flag in OFF {
        body.entry(flag).or_insert(json!(false));
    }
    for (flag, why) in NEVER {
        if *body.entry(flag).or_insert(json!(false)) != json!(false) {
            return Err(format!("{flag} must be false: {why}"));
        }
    }
    for list in [
        "redirectUris",
        "webOrigins",
        "defaultClientScopes",
        "optionalClientScopes",
        "protocolMappers",
        "realmRoles",
    ] {
        body.entry(list).or_insert(json!([]));
    }
    let signs_in = body["standardFlowEnabled"] == json!(true);
    let is_machine = body["serviceAccountsEnabled"] == json!(true);
    if !is_machine && body["realmRoles"] != json!([]) {
        return Err("realmRoles are those of its service account, and it has none".to_owned());
    }
    if !is_machine {
        body.remove("realmRoles");
    }
    for uri in strings(&body["redirectUris"])? {
        exact(uri)?;
    }
    if signs_in && body["redirectUris"] == json!([]) {
        return Err("redirectUris is empty, and it signs people in".to_owned());
    }
    let attributes = attributes(body)?;
    for grant in OFF_BY_ATTRIBUTE {
        attributes.entry(grant).or_insert(json!("false"));
    }
    if let Some(uris) = attributes.get("post.logout.redirect.uris") {
        for uri in uris.as_str().unwrap_or_default().split("##") {
            exact(uri)?;
        }
    }
    let method = attributes.entry("pkce.code.challenge.method");
    if signs_in && *method.or_insert(json!("S256")) != json!("S256") {
        return Err("pkce.code.challenge.method must be S256 (RFC 9700, section 2.1.1)".to_owned());
    }
    Ok(())
}

fn attributes(body: &mut Map<String, Value>) -> Result<&mut Map<String, Value>, String> {
    let attributes = body.entry("attributes").or_insert(json!({}));
    let attributes = attributes.as_object_mut();
    attributes.ok_or_else(|| "\"attributes\" is no object".to_owned())
}

fn strings(list: &Value) -> Result<Vec<&str>, String> {
    let texts = list.as_array().map(|list| list.iter().map(Value::as_str));
    let texts: Option<Vec<&str>> = texts.and_then(Iterator::collect);
    texts.ok_or_else(|| "redirectUris is no list of texts".to_owned())
}

/// Redirect URIs are compared whole (RFC 9700, section 4.1.3): no pattern, no relative one.
fn exact(uri: &str) -> Result<(), String> {
    if uri.contains('*') || url::Url::parse(uri).is_err() {
        return Err(format!("{uri:?} is no exact URI"));
    }
    Ok(())
}
