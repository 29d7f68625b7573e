//! The compiled-in input follows the blueprint.

use crate::{
    blueprint::Blueprint,
    bootstrap::keycloak::{input, kind::Kind},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn standard(blueprint: &Blueprint) -> Value {
    input("standard", blueprint).unwrap()
}

/// Names in braces.
fn used(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            for rest in text.split("{{").skip(1) {
                let name = rest.split("}}").next().unwrap();
                names.insert(name.split('.').next().unwrap().to_owned());
            }
        }
        Value::Array(list) => list.iter().for_each(|one| used(one, names)),
        Value::Object(members) => members.values().for_each(|one| used(one, names)),
        _ => {}
    }
}

#[test]
fn there_is_one_way() {
    assert!(input("mulesoft", &Blueprint::default()).is_none());
    assert!(input("../standard", &Blueprint::default()).is_none());
}

#[test]
fn the_names_that_settings_reads_are_there() {
    let input = standard(&Blueprint::default());
    for name in [
        "TAG",
        "ISSUER",
        "AUDIENCE",
        "AUTHORIZE_URL",
        "TOKEN_URL",
        "TOKEN_INTROSPECTION_URL",
        "JWKS_URI",
        "REDIRECT_URI",
        "APP_CLIENT",
        "AUTHN_CLIENT_ID",
        "AUTHN_CLIENT_SECRET",
        "INTROSPECT_CLIENT_ID",
        "INTROSPECT_CLIENT_SECRET",
        "MACHINE_CLIENT_ID",
        "MACHINE_CLIENT_SECRET",
        "BRONZE_ROLE",
        "SILVER_GROUP",
        "SILVER_SCOPE_NAME",
        "GOLD_SCOPE",
        "GOLD_USER",
        "GOLD_USERNAME",
        "GOLD_PASSWORD",
    ] {
        assert!(input.get(name).is_some(), "{name}");
    }
    assert_eq!(input["GOLD_USER"]["default"]["username"], "jodie.foster");
    assert_eq!(input["SILVER_USER"]["default"]["groups"], json!(["silver"]));
}

#[test]
fn cli_08_placeholders_name_what_stands_above_or_is_generated() {
    let blueprint = Blueprint::default();
    let input = standard(&blueprint);
    let generated = ["GENERATE_TAG", "GENERATE_PASSWORD"];
    let mut known: BTreeSet<String> = generated.map(str::to_owned).into();
    for (name, entry) in input.as_object().unwrap() {
        let mut names = BTreeSet::new();
        used(&entry["default"], &mut names);
        for used in names {
            assert!(known.contains(&used), "{name} uses {used}");
        }
        known.insert(name.clone());
        if let Some(class) = entry["objectClass"].as_str() {
            assert!(Kind::of(class, name).is_ok());
        }
    }
}

#[test]
fn a_scope_has_the_roles_of_every_level_that_may_have_it_and_no_other() {
    let input = standard(&Blueprint::default());
    let roles = |name: &str| input[name]["default"]["realmRoles"].clone();
    assert_eq!(roles("SILVER_SCOPE"), json!(["silver", "gold"]));
    assert_eq!(roles("GOLD_SCOPE"), json!(["gold"]));
    assert_eq!(roles("MACHINE_SCOPE"), json!(["machine-telescope"]));
    assert_eq!(roles("GOLD_GROUP"), json!(["gold"]));
    let app = &input["APP_CLIENT"]["default"];
    assert_eq!(
        app["optionalClientScopes"],
        json!(["{{SILVER_SCOPE_NAME}}", "{{GOLD_SCOPE_NAME}}"])
    );
    assert_eq!(app["redirectUris"], json!(["{{REDIRECT_URI}}"]));
}

#[test]
fn who_introspects_stands_in_the_audience() {
    let input = standard(&Blueprint::default());
    let mappers = &input["AUDIENCE_SCOPE"]["default"]["protocolMappers"];
    let audiences: Vec<&str> = mappers
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|mapper| mapper["config"]["included.custom.audience"].as_str())
        .collect();
    assert_eq!(audiences, ["{{AUDIENCE}}", "solar-system-gateway"]);
}

#[test]
fn a_new_level_flows_through() {
    let text = include_str!("../../../blueprint/default.toml");
    let level = r#"
[[level]]
name = "extra-fine"
group = "extra"
sentence = "More."
scopes = ["openid", "http://myapp.com/scp/gold", "more", "offline_access"]
resources = ["moons"]

[[client]]
id = "solar-system-app""#;
    let text = text.replace("\n[[client]]\nid = \"solar-system-app\"", level);
    let text = text.replace(
        "groups = [\"bronze\", \"silver\", \"gold\"]",
        "groups = [\"bronze\", \"silver\", \"gold\", \"extra\"]",
    );
    let input = standard(&Blueprint::parse(&text).unwrap());
    assert_eq!(input["EXTRA_FINE_SCOPE_NAME"]["default"], "more");
    let roles = &input["GOLD_SCOPE"]["default"]["realmRoles"];
    assert_eq!(*roles, json!(["gold", "extra-fine"]));
    let user = &input["EXTRA_FINE_USER"]["default"];
    assert_eq!(user["groups"], json!(["extra"]));
    assert_eq!(user["firstName"], "{{GENERATE_FIRSTNAME}}");
    let app = &input["APP_CLIENT"]["default"]["optionalClientScopes"];
    assert!(app.as_array().unwrap().contains(&json!("offline_access")));
}
