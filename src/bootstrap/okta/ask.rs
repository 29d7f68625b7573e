//! What is asked for, said in full: what Okta would choose by itself and safety hangs on is named,
//! and what nobody should ask for is refused before anything is sent.

use super::kind::{Kind, input};
use crate::{
    bootstrap::target::{TargetError, Wanted},
    net::{check_url, origin},
};
use serde_json::{Map, Value, json};
use url::Url;

/// The whole body that is wanted, members included that only this adapter understands.
pub(super) fn whole(kind: Kind, wanted: &Wanted) -> Result<Map<String, Value>, TargetError> {
    let wrong = |problem: String| input(&wanted.name, problem);
    let Some(mut body) = wanted.body.as_object().cloned() else {
        return Err(wrong(
            "a JSON object is expected in its \"default\"".to_owned(),
        ));
    };
    match kind {
        Kind::Client => client(&mut body, wanted).map_err(wrong)?,
        Kind::Origin => trusted_origin(&mut body).map_err(wrong)?,
        Kind::Scope => {
            // A default scope is in each token that asks for none.
            body.entry("default").or_insert(json!(false));
        }
        Kind::Rule => rule(&mut body).map_err(wrong)?,
        Kind::Assignment => assignment(&mut body, wanted).map_err(wrong)?,
        Kind::Claim => {
            body.entry("status").or_insert(json!("ACTIVE"));
        }
        Kind::Group | Kind::User | Kind::Server | Kind::Policy => {}
    }
    if kind != Kind::Client && kind != Kind::Assignment && !wanted.groups.is_empty() {
        return Err(wrong("\"groups\" is for clients alone".to_owned()));
    }
    let body = Value::Object(body);
    if kind.name_of(&body).is_empty() {
        let at = kind.name_at().trim_start_matches('/').replace('/', ".");
        return Err(wrong(format!("{at:?} is missing")));
    }
    match body {
        Value::Object(body) => Ok(body),
        _ => Err(wrong("a JSON object is expected".to_owned())),
    }
}

fn client(body: &mut Map<String, Value>, wanted: &Wanted) -> Result<(), String> {
    let is_service = body.get("application_type") == Some(&json!("service"));
    let usual = if is_service {
        "client_credentials"
    } else {
        "authorization_code"
    };
    body.entry("grant_types").or_insert(json!([usual]));
    body.entry("token_endpoint_auth_method")
        .or_insert(json!("client_secret_basic"));
    body.entry("redirect_uris").or_insert(json!([]));
    let uris = texts(&body["redirect_uris"], "redirect_uris")?;
    for uri in &uris {
        exact(uri)?;
    }
    if let Some(after) = body.get_mut("post_logout_redirect_uris") {
        let resolved = texts(after, "post_logout_redirect_uris")?
            .into_iter()
            .map(|uri| resolved(&uri, uris.first()));
        *after = json!(resolved.collect::<Result<Vec<_>, _>>()?);
    }
    if !wanted.groups.is_empty() {
        let mut groups = wanted.groups.clone();
        groups.sort();
        groups.dedup();
        body.insert("groups".to_owned(), json!(groups));
    }
    Ok(())
}

/// Redirect URIs are compared whole (RFC 9700, section 4.1.3): no pattern, no relative one.
fn exact(uri: &str) -> Result<(), String> {
    if uri.contains('*') || Url::parse(uri).is_err() {
        return Err(format!("{uri:?} in redirect_uris is no exact URI"));
    }
    Ok(())
}

/// Where people come back to after they signed out: a path is one of the app's own, whose origin is
/// that of its first redirect URI.
fn resolved(uri: &str, redirect_uri: Option<&String>) -> Result<String, String> {
    if !uri.starts_with('/') {
        exact(uri)?;
        return Ok(uri.to_owned());
    }
    let base = redirect_uri.and_then(|base| Url::parse(base).ok());
    let base = base.ok_or_else(|| format!("{uri:?} is a path, and there is no redirect URI"))?;
    Ok(format!("{}{uri}", origin(&base)))
}

/// An origin may be given as any URL of the app: only scheme, host and port are sent.
fn trusted_origin(body: &mut Map<String, Value>) -> Result<(), String> {
    let given = body.get("origin").and_then(Value::as_str);
    let given = given.ok_or("\"origin\" is missing")?;
    let url = check_url(given).map_err(|error| format!("{given:?} is no origin: {error}"))?;
    body.insert("origin".to_owned(), json!(origin(&url)));
    body.entry("scopes")
        .or_insert(json!([{ "type": "CORS" }, { "type": "REDIRECT" }]));
    Ok(())
}

/// Single people that somebody put into a rule beside its groups are a difference.
fn rule(body: &mut Map<String, Value>) -> Result<(), String> {
    let people = body.get_mut("conditions").and_then(|all| {
        let all = all.as_object_mut()?;
        all.entry("people").or_insert(json!({})).as_object_mut()
    });
    let people = people.ok_or("\"conditions\" is missing: who is it for?")?;
    people.entry("users").or_insert(json!({ "include": [] }));
    Ok(())
}

fn assignment(body: &mut Map<String, Value>, wanted: &Wanted) -> Result<(), String> {
    match wanted.groups.as_slice() {
        [] => Ok(()),
        [group] => {
            body.insert("id".to_owned(), json!(group));
            Ok(())
        }
        _ => Err("one assignment is of one group".to_owned()),
    }
}

fn texts(list: &Value, member: &str) -> Result<Vec<String>, String> {
    let texts = list.as_array().map(|list| list.iter().map(Value::as_str));
    let texts: Option<Vec<&str>> = texts.and_then(Iterator::collect);
    let texts = texts.ok_or_else(|| format!("{member} is no list of texts"))?;
    Ok(texts.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(class: &str, body: Value) -> Result<Value, String> {
        let wanted = Wanted {
            name: "X".to_owned(),
            class: class.to_owned(),
            endpoint: None,
            id_field: None,
            groups: Vec::new(),
            body,
        };
        let kind = Kind::of(class, "X").unwrap();
        whole(kind, &wanted)
            .map(Value::Object)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn cli_09_a_pattern_is_no_redirect_uri() {
        for odd in ["https://*.example.com/", "/callback", "callback", "*", ""] {
            let body = json!({ "client_name": "x", "redirect_uris": [odd] });
            let error = asked("okta:client", body).unwrap_err();
            assert!(error.contains("no exact URI"), "{odd}: {error}");
        }
    }

    #[test]
    fn a_path_after_sign_out_is_the_apps_own() {
        let mut body = json!({
            "client_name": "x",
            "redirect_uris": ["http://localhost:8080/callback"],
            "post_logout_redirect_uris": ["/signed-out", "https://example.com/bye"],
        });
        let whole = asked("okta:client", body.clone()).unwrap();
        assert_eq!(
            whole["post_logout_redirect_uris"],
            json!([
                "http://localhost:8080/signed-out",
                "https://example.com/bye"
            ])
        );
        assert_eq!(whole["grant_types"], json!(["authorization_code"]));
        body["redirect_uris"] = json!([]);
        assert!(asked("okta:client", body).is_err());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (given, origin) in [
            ("http://localhost:8080/callback", "http://localhost:8080"),
            ("https://app.example.com", "https://app.example.com"),
        ] {
            let body = json!({ "name": "x", "origin": given });
            assert_eq!(
                asked("okta:trusted_origin", body).unwrap()["origin"],
                origin
            );
        }
        for odd in ["http://example.com", "x", "javascript:alert(1)"] {
            let body = json!({ "name": "x", "origin": odd });
            assert!(asked("okta:trusted_origin", body).is_err(), "{odd}");
        }
    }

    #[test]
    fn what_has_no_name_cannot_be_found_again_and_is_refused() {
        for (class, body, part) in [
            (
                "okta:user_group",
                json!({ "profile": {} }),
                "\"profile.name\"",
            ),
            (
                "okta:user",
                json!({ "profile": { "login": "" } }),
                "\"profile.login\"",
            ),
            ("okta:client", json!({}), "\"client_name\""),
            ("okta:scope", json!([]), "JSON object"),
            ("okta:rule", json!({ "name": "x" }), "conditions"),
            ("okta:app_assignment", json!({}), "\"id\""),
        ] {
            let error = asked(class, body).unwrap_err();
            assert!(
                error.starts_with("X: ") && error.contains(part),
                "{class}: {error}"
            );
        }
    }
}
