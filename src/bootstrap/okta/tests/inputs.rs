//! The inputs that are compiled in.

use super::*;
use crate::blueprint::Blueprint;

fn default(way: &str) -> Value {
    input(way, &Blueprint::default()).unwrap()
}

fn names(input: &Value) -> Vec<&str> {
    input
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn there_are_the_tutorials_ways_and_no_other() {
    for way in ["standard", "mulesoft", "mulesoft_policy"] {
        assert!(default(way).as_object().unwrap().len() > 5, "{way}");
    }
    for way in ["", "Standard", "../standard", "keycloak"] {
        assert!(input(way, &Blueprint::default()).is_none(), "{way}");
    }
}

#[test]
fn each_name_of_the_settings_and_of_the_levels_is_there() {
    let standard = default("standard");
    for name in [
        "TAG",
        "CLIENT_REGISTRATION_URL",
        "PORT",
        "REDIRECT_URI",
        "AUDIENCE",
        "ISSUER",
        "JWKS_URI",
        "OKTA_AZ_SERVER_ID",
        "OKTA_AZ_SERVER_ISSUER",
        "AUTHORIZE_URL",
        "TOKEN_URL",
        "TOKEN_INTROSPECTION_URL",
        "INTROSPECT_CLIENT_ID",
        "INTROSPECT_CLIENT_SECRET",
        "AUTHN_CLIENT_ID",
        "AUTHN_CLIENT_SECRET",
        "MACHINE_CLIENT_ID",
        "MACHINE_CLIENT_SECRET",
        "MACHINE_SCOPE",
        "MACHINE_POLICY",
        "MACHINE_RULE",
        "ACCESS_POLICY",
        "APP_ORIGIN",
        "SILVER_GROUP",
        "SILVER_GROUP_ID",
        "SILVER_SCOPE_NAME",
        "SILVER_SCOPE",
        "SILVER_USER",
        "SILVER_PASSWORD",
        "SILVER_RULE",
        "GOLD_GROUP",
        "GOLD_RULE",
        "GOLD_USER",
        "BRONZE_GROUP",
        "BRONZE_RULE",
        "BRONZE_USER",
    ] {
        assert!(standard.get(name).is_some(), "{name}");
    }
    assert!(
        standard.get("BRONZE_SCOPE").is_none(),
        "it has none of its own"
    );
    let (mulesoft, policy) = (default("mulesoft"), default("mulesoft_policy"));
    for name in ["AUTHN_CLIENT", "ACCESS_POLICY", "SILVER_RULE", "APP_ORIGIN"] {
        assert!(mulesoft.get(name).is_none(), "{name}");
    }
    for name in [
        "DATA_SOURCE",
        "AUTHN_CLIENT_ID",
        "ACCESS_POLICY",
        "SILVER_RULE",
        "GOLD_ASSIGNMENT",
        "APP_ORIGIN",
    ] {
        assert!(policy.get(name).is_some(), "{name}");
    }
    // Whatever both have is the same.
    for name in names(&mulesoft) {
        assert_eq!(mulesoft[name], standard[name], "{name}");
    }
}

#[test]
fn cli_09_no_client_asks_for_implicit_and_only_the_app_has_a_redirect_uri() {
    let standard = default("standard");
    for (name, entry) in standard.as_object().unwrap() {
        if entry["objectClass"] != "okta:client" {
            continue;
        }
        let body = &entry["default"];
        let is_app = name == "AUTHN_CLIENT";
        let grant = if is_app {
            "authorization_code"
        } else {
            "client_credentials"
        };
        assert_eq!(body["grant_types"], json!([grant]), "{name}");
        assert_eq!(body.get("redirect_uris").is_some(), is_app, "{name}");
        assert_eq!(body.get("pkce_required").is_some(), is_app, "{name}");
        assert_eq!(body["token_endpoint_auth_method"], "client_secret_basic");
    }
    assert_eq!(
        standard["AUTHN_CLIENT"]["default"]["redirect_uris"],
        json!(["{{REDIRECT_URI}}"])
    );
    assert_eq!(
        standard["AUTHN_CLIENT"]["groups"].as_array().unwrap().len(),
        3
    );
    assert!(!standard.to_string().contains("implicit"));
}

#[test]
fn cli_10_a_rule_gives_a_levels_scopes_to_the_levels_group_and_no_more() {
    for way in ["standard", "mulesoft_policy"] {
        let input = default(way);
        for (level, scopes) in [
            ("BRONZE", json!(["openid"])),
            ("SILVER", json!(["openid", "{{SILVER_SCOPE_NAME}}"])),
            (
                "GOLD",
                json!(["openid", "{{SILVER_SCOPE_NAME}}", "{{GOLD_SCOPE_NAME}}"]),
            ),
        ] {
            let conditions = &input[format!("{level}_RULE")]["default"]["conditions"];
            assert_eq!(conditions["scopes"]["include"], scopes, "{way}");
            assert_eq!(
                conditions["people"]["groups"]["include"],
                json!([format!("{{{{{level}_GROUP_ID}}}}")])
            );
            assert_eq!(
                conditions["grantTypes"]["include"],
                json!(["authorization_code"])
            );
        }
    }
    let machine = &default("standard")["MACHINE_RULE"]["default"]["conditions"];
    assert_eq!(
        machine["scopes"]["include"],
        json!(["{{MACHINE_SCOPE_NAME}}"])
    );
    assert_eq!(
        machine["grantTypes"]["include"],
        json!(["client_credentials"])
    );
    let policy =
        &default("standard")["MACHINE_POLICY"]["default"]["conditions"]["clients"]["include"];
    assert_eq!(*policy, json!(["{{MACHINE_CLIENT.client_id}}"]));
}

#[test]
fn people_are_the_blueprints_with_logins_that_nobody_else_has() {
    let standard = default("standard");
    let person = |level: &str| standard[format!("{level}_USER")]["default"].clone();
    assert_eq!(
        person("SILVER")["profile"]["login"],
        "carl.sagan.{{TAG}}@example.com"
    );
    assert_eq!(
        person("SILVER")["profile"]["email"],
        "carl.sagan@example.com"
    );
    assert_eq!(person("SILVER")["groupIds"], json!(["{{SILVER_GROUP.id}}"]));
    assert_eq!(person("GOLD")["profile"]["firstName"], "Jodie");
    assert_eq!(
        person("GOLD")["groupIds"],
        json!(["{{SILVER_GROUP.id}}", "{{GOLD_GROUP.id}}"])
    );
    assert_eq!(
        person("GOLD")["credentials"]["password"]["value"],
        "{{GOLD_PASSWORD}}"
    );
    assert_eq!(
        standard["GOLD_PASSWORD"]["default"],
        "{{GENERATE_PASSWORD}}"
    );
    assert!(
        !standard.to_string().contains("pale-blue-dot"),
        "public passwords stay here"
    );
}

#[test]
fn a_new_level_flows_through() {
    let text = include_str!("../../../blueprint/default.toml");
    let text = text.replace(
        "[[user]]\nlogin = \"carl.sagan\"",
        "[[level]]\nname = \"rose-gold\"\ngroup = \"gold\"\nsentence = \"More.\"\nscopes = [\"openid\", \"a\", \"b\", \"offline_access\"]\nresources = []\n\n[[user]]\nlogin = \"carl.sagan\"",
    );
    let blueprint = Blueprint::parse(&text).unwrap();
    let standard = input("standard", &blueprint).unwrap();
    for (name, scope) in [
        ("ROSE_GOLD_SCOPE_NAME", "a"),
        ("ROSE_GOLD_SCOPE_2_NAME", "b"),
    ] {
        assert_eq!(standard[name]["default"], scope);
    }
    assert!(
        standard.get("ROSE_GOLD_GROUP").is_none(),
        "its group is there already"
    );
    assert_eq!(
        standard["ROSE_GOLD_GROUP_ID"]["default"],
        "{{GOLD_GROUP.id}}"
    );
    let rule = &standard["ROSE_GOLD_RULE"]["default"]["conditions"]["scopes"]["include"];
    assert_eq!(
        *rule,
        json!([
            "openid",
            "{{ROSE_GOLD_SCOPE_NAME}}",
            "{{ROSE_GOLD_SCOPE_2_NAME}}",
            "offline_access"
        ])
    );
    assert_eq!(
        standard["AUTHN_CLIENT"]["default"]["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    // Jodie's highest level is the new one; whoever has gold alone is made up.
    assert_eq!(
        standard["ROSE_GOLD_USER"]["default"]["profile"]["firstName"],
        "Jodie"
    );
    assert_eq!(
        standard["GOLD_USER"]["default"]["profile"]["firstName"],
        "{{GENERATE_FIRSTNAME}}"
    );
}

/// Every placeholder is a name of an entry before it, of a generated value, or of the environment.
#[test]
fn what_is_referred_to_stands_before() {
    for way in ["standard", "mulesoft"] {
        let input = default(way);
        let mut known = vec!["OKTA_TENANT".to_owned()];
        for (name, entry) in input.as_object().unwrap() {
            let text = entry.to_string();
            for placeholder in text.split("{{").skip(1) {
                let placeholder = placeholder.split("}}").next().unwrap();
                let first = placeholder.split('.').next().unwrap();
                assert!(
                    known.iter().any(|known| known == first) || first.starts_with("GENERATE_"),
                    "{way}: {name} refers to {placeholder}"
                );
            }
            known.push(name.clone());
        }
    }
}

#[test]
#[ignore = "needs ../shared/original: make test"]
fn each_name_of_the_tutorials_outputs_is_one_of_ours() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/original");
    // What only made the tutorial's people up.
    let made_up = [
        "FAKE_USER_PASSWORD",
        "FAKE_USER_DOMAIN",
        "FAKE_USER_RECOVERY_QUESTION",
        "FAKE_USER_RECOVERY_ANSWER",
    ];
    for way in ["standard", "mulesoft", "mulesoft_policy"] {
        let Ok(text) = std::fs::read_to_string(format!("{folder}/{way}.json")) else {
            println!("{folder} is not there");
            return;
        };
        let theirs: Value = serde_json::from_str(&text).unwrap();
        let ours = default(way);
        for name in names(&theirs) {
            let entry = ours.get(name);
            assert!(entry.is_some() || made_up.contains(&name), "{way}: {name}");
            if let Some(entry) = entry {
                assert_eq!(entry["objType"], theirs[name]["objType"], "{way}: {name}");
                assert_eq!(
                    entry.get("objectClass"),
                    theirs[name].get("objectClass"),
                    "{way}: {name}"
                );
                assert_eq!(
                    entry.get("IDfieldName"),
                    theirs[name].get("IDfieldName"),
                    "{way}: {name}"
                );
            }
        }
    }
}
