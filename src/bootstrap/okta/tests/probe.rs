//! Policies of others that undo ours.

use super::*;
use crate::bootstrap::target::{Existing, Made};

const RULES: &str = "/api/v1/authorizationServers/aus1/policies/00p1/rules";

fn rule(groups: &[&str], grant: &str, scopes: &[&str]) -> Value {
    json!({
        "id": "0pr1", "name": "a rule", "status": "ACTIVE",
        "conditions": {
            "people": { "groups": { "include": groups } },
            "grantTypes": { "include": [grant] },
            "scopes": { "include": scopes },
        },
    })
}

fn made(class: &str, endpoint: Option<&str>, id: &str, body: Value) -> Made {
    Made {
        wanted: wanted(class, endpoint, body.clone()),
        existing: Existing {
            id: id.to_owned(),
            value: body,
        },
    }
}

/// Two levels, and a machine.
fn ours() -> Vec<Made> {
    let code = "authorization_code";
    vec![
        made(
            "okta:user_group",
            None,
            "00g1",
            json!({ "profile": { "name": "low" } }),
        ),
        made(
            "okta:user_group",
            None,
            "00g2",
            json!({ "profile": { "name": "high" } }),
        ),
        made(
            "okta:oauth_policy",
            Some("/api/v1/authorizationServers/aus1/policies"),
            "00p1",
            json!({ "name": "ours", "conditions": { "clients": { "include": ["0oa1"] } } }),
        ),
        made(
            "okta:rule",
            Some(RULES),
            "0pr1",
            rule(&["00g1"], code, &["openid", "low"]),
        ),
        made(
            "okta:rule",
            Some(RULES),
            "0pr2",
            rule(&["00g2"], code, &["openid", "low", "high"]),
        ),
        made(
            "okta:rule",
            Some("/api/v1/authorizationServers/aus1/policies/00p2/rules"),
            "0pr3",
            rule(&["EVERYONE"], "client_credentials", &["read"]),
        ),
    ]
}

/// What is found where one policy of others holds one rule.
async fn findings(policy: Value, rule: Value) -> Vec<String> {
    let tenant = Tenant::start(move |_, request| {
        let rows = if request.path.ends_with("/rules") {
            &rule
        } else {
            &policy
        };
        Reply::json(200, &json!([rows]))
    })
    .await;
    tenant.okta.probe(&ours()).await.unwrap()
}

fn policy(client: &str) -> Value {
    json!({ "id": "00p9", "name": "Default Policy", "status": "ACTIVE", "conditions": { "clients": { "include": [client] } } })
}

#[tokio::test]
async fn cli_10_a_catch_all_policy_is_found_with_what_it_gives_and_how_to_mend_it() {
    let code = "authorization_code";
    let found = findings(policy("ALL_CLIENTS"), rule(&["EVERYONE"], code, &["*"])).await;
    assert_eq!(found.len(), 1);
    for part in [
        "Default Policy",
        "a rule",
        "members of \"low\" high",
        "Access Policies",
    ] {
        assert!(found[0].contains(part), "{part}: {}", found[0]);
    }
    for (groups, scopes) in [
        (vec!["EVERYONE"], vec!["high"]),
        (vec!["00g1"], vec!["low", "high"]),
        (vec!["00g1", "00g2"], vec!["*"]),
    ] {
        for client in ["ALL_CLIENTS", "0oa1"] {
            let found = findings(policy(client), rule(&groups, code, &scopes)).await;
            assert_eq!(found.len(), 1, "{groups:?} {scopes:?}");
        }
    }
}

#[tokio::test]
async fn cli_10_what_gives_nobody_too_much_is_no_finding() {
    let code = "authorization_code";
    for (policy, rule) in [
        (policy("ALL_CLIENTS"), rule(&["00g2"], code, &["*"])),
        (
            policy("ALL_CLIENTS"),
            rule(&["EVERYONE"], code, &["openid", "low"]),
        ),
        (policy("ALL_CLIENTS"), rule(&["EVERYONE"], code, &["other"])),
        (
            policy("ALL_CLIENTS"),
            rule(&["EVERYONE"], "client_credentials", &["*"]),
        ),
        (policy("0oa9"), rule(&["EVERYONE"], code, &["*"])),
        (policy("0oa1"), rule(&["00g9"], code, &["*"])),
    ] {
        assert_eq!(
            findings(policy.clone(), rule.clone()).await,
            [""; 0],
            "{policy} {rule}"
        );
    }
    let (mut idle, catch_all) = (policy("ALL_CLIENTS"), rule(&["EVERYONE"], code, &["*"]));
    idle["status"] = json!("INACTIVE");
    assert_eq!(findings(idle, catch_all.clone()).await, [""; 0]);
    let mut idle = catch_all;
    idle["status"] = json!("INACTIVE");
    assert_eq!(findings(policy("ALL_CLIENTS"), idle).await, [""; 0]);
}

#[tokio::test]
async fn cli_12_names_of_others_are_safe_to_print() {
    let mut odd = policy("ALL_CLIENTS");
    odd["name"] = json!("\u{1b}[2J\u{202e}x");
    let found = findings(odd, rule(&["EVERYONE"], "authorization_code", &["*"])).await;
    assert!(
        !found[0].contains('\u{1b}') && !found[0].contains('\u{202e}'),
        "{found:?}"
    );
}

#[tokio::test]
async fn cli_10_somebody_of_ours_is_judged_by_every_group_and_by_themselves() {
    let code = "authorization_code";
    let probed = async |rule: Value| {
        let tenant = Tenant::start(move |_, request| {
            let rows = match request.path.as_str() {
                "/api/v1/users/00u1/groups" => json!([
                    { "id": "00gall", "type": "BUILT_IN" },
                    { "id": "00gtheirs", "type": "APP_GROUP" },
                    { "id": "00g1", "type": "OKTA_GROUP" },
                ]),
                path if path.ends_with("/rules") => json!([rule]),
                _ => json!([policy("ALL_CLIENTS")]),
            };
            Reply::json(200, &rows)
        })
        .await;
        let mut made_all = ours();
        let ada = json!({ "profile": { "login": "ada@example.com" } });
        made_all.push(made("okta:user", None, "00u1", ada));
        tenant.okta.probe(&made_all).await.unwrap()
    };
    for group in ["00gall", "00gtheirs"] {
        let found = probed(rule(&[group], code, &["*"])).await;
        assert_eq!(found.len(), 1, "{group}");
        assert!(found[0].contains("\"ada@example.com\" high"), "{found:?}");
        let found = probed(rule(&[group], code, &["low", "openid"])).await;
        assert_eq!(found, [""; 0], "{group}");
    }
    let mut single = rule(&[], code, &["high"]);
    single["conditions"]["people"]["users"] = json!({ "include": ["00u1"] });
    assert_eq!(probed(single.clone()).await.len(), 1);
    single["conditions"]["people"]["users"]["exclude"] = json!(["00u1"]);
    assert_eq!(probed(single).await, [""; 0]);
    let of_nobody = rule(&["00gnobody"], code, &["*"]);
    assert_eq!(probed(of_nobody).await, [""; 0]);
}
