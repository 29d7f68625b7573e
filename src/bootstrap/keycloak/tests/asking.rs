//! What may be asked for, and what counts as a difference.

use crate::bootstrap::{
    Wanted,
    keycloak::{ask, differences, kind::Kind},
};
use serde_json::{Value, json};

fn whole(kind: Kind, body: Value) -> Result<Value, String> {
    let wanted = Wanted {
        name: "THING".to_owned(),
        class: kind.class().to_owned(),
        endpoint: None,
        id_field: None,
        groups: Vec::new(),
        body,
    };
    ask::whole(kind, &wanted)
        .map(Value::Object)
        .map_err(|error| error.to_string())
}

fn app() -> Value {
    json!({
        "clientId": "app",
        "standardFlowEnabled": true,
        "redirectUris": ["https://app.example.com/callback"],
        "attributes": { "post.logout.redirect.uris": "https://app.example.com/signed-out" },
    })
}

fn differ(wanted: &Value, found: &Value) -> Vec<String> {
    let differences = differences::between(wanted.as_object().unwrap(), found);
    differences.into_iter().map(|one| one.at).collect()
}

#[test]
fn cli_09_what_keycloak_would_choose_by_itself_is_said() {
    let body = whole(Kind::Client, app()).unwrap();
    for flag in [
        "publicClient",
        "implicitFlowEnabled",
        "directAccessGrantsEnabled",
        "serviceAccountsEnabled",
        "fullScopeAllowed",
    ] {
        assert_eq!(body[flag], false, "{flag}");
    }
    assert_eq!(body["attributes"]["pkce.code.challenge.method"], "S256");
    assert_eq!(body["webOrigins"], json!([]));
}

#[test]
fn cli_09_nobody_may_ask_for_what_is_not_safe() {
    let mut unsafe_ones: Vec<(&str, Value)> = vec![
        ("/implicitFlowEnabled", true.into()),
        ("/directAccessGrantsEnabled", true.into()),
        ("/fullScopeAllowed", true.into()),
        ("/redirectUris", json!(["https://app.example.com/*"])),
        ("/redirectUris", json!(["/callback"])),
        ("/redirectUris", json!([])),
        ("/redirectUris", json!("x")),
        ("/clientId", "".into()),
        ("/realmRoles", json!(["r"])),
    ];
    unsafe_ones.push((
        "/attributes",
        json!({ "pkce.code.challenge.method": "plain" }),
    ));
    unsafe_ones.push(("/attributes", json!({ "post.logout.redirect.uris": "+" })));
    unsafe_ones.push(("/attributes", json!([])));
    assert!(whole(Kind::Client, app()).is_ok());
    for (at, value) in unsafe_ones {
        let mut body = app();
        body[at.trim_start_matches('/')] = value.clone();
        assert!(whole(Kind::Client, body).is_err(), "{at} {value}");
    }
    let open = json!({ "name": "s" });
    assert!(
        whole(Kind::ClientScope, open)
            .unwrap_err()
            .contains("everybody")
    );
    assert!(
        whole(
            Kind::ClientScope,
            json!({ "name": "s", "realmRoles": ["r"] })
        )
        .is_ok()
    );
    assert!(whole(Kind::Role, json!("text")).is_err());
}

#[test]
fn drift_that_matters_for_safety_is_seen_though_nobody_wrote_the_member() {
    let wanted = whole(Kind::Client, app()).unwrap();
    assert!(differ(&wanted, &wanted).is_empty());
    for (member, value) in [
        ("directAccessGrantsEnabled", json!(true)),
        ("implicitFlowEnabled", json!(true)),
        ("fullScopeAllowed", json!(true)),
        ("publicClient", json!(true)),
        ("serviceAccountsEnabled", json!(true)),
        ("optionalClientScopes", json!(["more"])),
        (
            "redirectUris",
            json!(["https://app.example.com/callback", "https://evil.example"]),
        ),
        ("webOrigins", json!(["*"])),
    ] {
        let mut found = wanted.clone();
        found[member] = value;
        assert_eq!(differ(&wanted, &found), [format!("/{member}")]);
    }
    let mut found = wanted.clone();
    found["attributes"]["pkce.code.challenge.method"] = "".into();
    found["attributes"]["oauth2.device.authorization.grant.enabled"] = "true".into();
    found["protocolMappers"] =
        json!([{ "name": "sneaky", "protocolMapper": "oidc-hardcoded-claim-mapper" }]);
    let mut seen = differ(&wanted, &found);
    seen.sort();
    assert_eq!(
        seen,
        [
            "/attributes/oauth2.device.authorization.grant.enabled",
            "/attributes/pkce.code.challenge.method",
            "/protocolMappers/sneaky",
        ]
    );
    let scope = whole(
        Kind::ClientScope,
        json!({ "name": "s", "realmRoles": ["r"] }),
    )
    .unwrap();
    let mut found = scope.clone();
    found["realmRoles"] = json!([]);
    assert_eq!(
        differ(&scope, &found),
        ["/realmRoles"],
        "everybody would have it"
    );
}

#[test]
fn order_case_of_usernames_and_what_is_left_out_are_no_differences() {
    let user = json!({ "username": "Carla", "groups": ["a", "b"], "credentials": [{ "value": "canary" }] });
    let wanted = whole(Kind::User, user).unwrap();
    let found = json!({ "username": "carla", "enabled": true, "groups": ["b", "a"] });
    assert!(differ(&wanted, &found).is_empty());
    let all = differences::between(wanted.as_object().unwrap(), &json!({}));
    assert!(all.iter().all(|one| !one.wanted.contains("canary")));
}
