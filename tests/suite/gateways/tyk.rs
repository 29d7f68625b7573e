//! Tyk cannot be had here. Its definition is held to Tyk's own schema, and read by the table: what each token's policies open.

use std::collections::BTreeSet;

use jsonschema::Draft;
use serde_json::{Value, json};

use super::schemas::{holds_and_finds, schema, written};
use crate::people::{GOLD_SCOPE as GOLD, SILVER_SCOPE as SILVER};

const FILE: &str = "gateway-oas.json";

fn parsed(file: &str) -> Value {
    let text = written(
        "tyk",
        "jwt",
        &["--algorithm", "RS256", "--with-holes"],
        file,
    );
    serde_json::from_str(&text).unwrap()
}

#[test]
#[ignore = "needs ../shared/schemas: make test-gateways"]
fn cfg_08_tyk_s_kit_holds_to_the_schema_which_finds_what_is_misspelt() {
    let Some(validator) = schema("tyk-oas.json", Draft::Draft4) else {
        return;
    };
    let extension = |text: &str| {
        let mut read: Value = serde_json::from_str(text).unwrap();
        let schemes = "/x-tyk-api-gateway/server/authentication/securitySchemes/token";
        let token = read.pointer_mut(schemes).unwrap();
        // the schema asks of the whole map what Tyk asks of each claim in it
        token
            .as_object_mut()
            .unwrap()
            .remove("customClaimValidation");
        read["x-tyk-api-gateway"].take()
    };
    let text = written(
        "tyk",
        "jwt",
        &["--algorithm", "RS256", "--with-holes"],
        FILE,
    );
    holds_and_finds(
        &validator,
        &text,
        extension,
        &[
            ("\"allowedIssuers\"", "\"allowedIssuer\""),
            ("\"allowedAudiences\"", "\"audiences\""),
            ("\"scopeToPolicyMapping\"", "\"scopesToPolicies\""),
            ("\"jwksURIs\"", "\"jwksURI\""),
            ("\"claims\": [", "\"claim\": ["),
            ("\"defaultPolicies\"", "\"defaultPolicy\""),
            ("\"stripAuthorizationData\"", "\"stripAuthorisationData\""),
            ("\"allow\": {", "\"allows\": {"),
            ("\"ignoreAuthentication\"", "\"ignoreAuth\""),
            ("\"transformRequestHeaders\"", "\"transformHeaders\""),
            ("\"minVersion\": \"1.2\"", "\"minVersion\": \"1.4\""),
            ("\"listenPath\"", "\"listenpath\""),
        ],
    );
}

/// The paths that a token with these scopes opens, by Tyk's rule: the policies of its scopes added up; where it
/// names none of them nobody is let in, and without any the default ones count.
fn opened(definition: &Value, policies: &Value, scopes: Option<&str>) -> BTreeSet<String> {
    let token = "/x-tyk-api-gateway/server/authentication/securitySchemes/token";
    let token = definition.pointer(token).unwrap();
    let asked_for = token["customClaimValidation"]["scope"]["type"] == "required";
    let ids: Vec<&Value> = match scopes {
        None if asked_for => Vec::new(),
        None => token["defaultPolicies"]
            .as_array()
            .unwrap()
            .iter()
            .collect(),
        Some(scopes) => {
            let mapping = token["scopes"]["scopeToPolicyMapping"].as_array().unwrap();
            let named = |one: &&Value| scopes.split(' ').any(|scope| one["scope"] == scope);
            mapping
                .iter()
                .filter(named)
                .map(|one| &one["policyId"])
                .collect()
        }
    };
    let mut opened = BTreeSet::new();
    for id in ids {
        let rights = &policies[id.as_str().unwrap()]["access_rights"]["gateway"];
        let urls = rights["allowed_urls"].as_array().unwrap();
        assert!(!urls.is_empty(), "a policy without paths opens every path");
        for url in urls {
            assert_eq!(url["methods"], json!(["GET", "HEAD"]));
            let pattern = url["url"].as_str().unwrap();
            let path = pattern
                .strip_prefix('^')
                .unwrap()
                .strip_suffix('$')
                .unwrap();
            opened.insert(path.to_owned());
        }
    }
    opened
}

#[test]
fn cfg_05_the_policies_of_tyk_s_kit_open_what_the_table_says() {
    let (definition, policies) = (parsed(FILE), parsed("policies.json"));
    for (scopes, expected) in [
        (None, &[][..]),
        (Some("openid"), &["/asteroids"]),
        (Some("read"), &["/asteroids", "/comets"]),
        (Some(SILVER), &["/asteroids", "/planets"]),
        (Some(GOLD), &["/asteroids", "/moons"]),
        (
            Some(&format!("openid {SILVER} {GOLD}")),
            &["/asteroids", "/moons", "/planets"],
        ),
        (Some(&format!("{SILVER}x x{GOLD} READ")), &[]),
        (Some(""), &[]),
    ] {
        let found: Vec<String> = opened(&definition, &policies, scopes).into_iter().collect();
        assert_eq!(found, expected, "{scopes:?}");
    }
}

/// The schema does not say what must be there: it is said here once more.
#[test]
fn cfg_04_tyk_s_kit_asks_for_signature_issuer_audience_and_expiry_and_opens_one_path_without() {
    let definition = parsed(FILE);
    let gateway = &definition["x-tyk-api-gateway"];
    let authentication = &gateway["server"]["authentication"];
    assert_eq!(authentication["enabled"], true);
    assert_eq!(authentication["stripAuthorizationData"], true);
    let token = &authentication["securitySchemes"]["token"];
    assert_eq!(token["signingMethod"], "rsa");
    assert_eq!(
        token["allowedIssuers"],
        json!(["https://idp.example.com/oauth2/default"])
    );
    assert_eq!(token["allowedAudiences"], json!(["api://default"]));
    assert_eq!(token["customClaimValidation"]["exp"]["type"], "required");
    assert_eq!(token["customClaimValidation"]["scope"]["type"], "required");
    assert_eq!(token["query"]["enabled"], false);
    assert_eq!(token["cookie"]["enabled"], false);
    assert_eq!(definition["security"], json!([{ "token": [] }]));
    let operations = gateway["middleware"]["operations"].as_object().unwrap();
    assert_eq!(operations.len(), 10, "five resources, two methods each");
    for (name, operation) in operations {
        let expected = if name.starts_with("visitors") {
            json!({ "ignoreAuthentication": { "enabled": true } })
        } else {
            json!({ "allow": { "enabled": true } })
        };
        assert_eq!(*operation, expected, "{name}");
    }
    let program = parsed("tyk.conf");
    for name in [
        "enable_path_prefix_matching",
        "enable_path_suffix_matching",
        "enable_strict_routes",
    ] {
        assert_eq!(program["http_server_options"][name], true, "{name}");
    }
}
