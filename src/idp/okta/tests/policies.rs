//! Access policies and their rules, as the tutorial's tool makes them.

use super::{servers::server, *};
use serde_json::json;

fn policy(clients: &[&str]) -> Value {
    json!({
        "type": "OAUTH_AUTHORIZATION_POLICY", "status": "ACTIVE", "name": "access policy", "description": "for a test", "priority": 1,
        "conditions": { "clients": { "include": clients } },
    })
}

fn rule(name: &str, groups: &[&str], scopes: &[&str]) -> Value {
    json!({
        "type": "RESOURCE_ACCESS", "status": "ACTIVE", "name": name, "priority": 1,
        "conditions": {
            "people": { "groups": { "include": groups } },
            "grantTypes": { "include": ["implicit", "authorization_code"] },
            "scopes": { "include": scopes },
        },
        "actions": { "token": { "accessTokenLifetimeMinutes": 60, "refreshTokenLifetimeMinutes": 0, "refreshTokenWindowMinutes": 10080 } },
    })
}

#[tokio::test]
async fn two_rules_that_ask_for_the_same_place_get_one_after_the_other() {
    let provider = Provider::start();
    let path = server(&provider).await;
    let policies = format!("{path}/policies");
    let policy = provider
        .post(&policies, policy(&["ALL_CLIENTS"]))
        .await
        .expect(201);
    assert_eq!(
        policy.json()["conditions"]["clients"]["include"],
        json!(["ALL_CLIENTS"])
    );
    provider
        .post(
            &format!("{path}/scopes"),
            json!({ "name": "http://myapp.com/scp/silver" }),
        )
        .await
        .expect(201);
    let group = provider
        .post(
            "/api/v1/groups",
            json!({ "profile": { "name": "engineers" } }),
        )
        .await
        .expect(200)
        .id();
    let rules = format!("{policies}/{}/rules", policy.id());
    for name in ["first", "second"] {
        let made = provider
            .post(
                &rules,
                rule(name, &[&group], &["http://myapp.com/scp/silver", "openid"]),
            )
            .await
            .expect(201)
            .json();
        assert_eq!(
            made["conditions"]["people"]["groups"]["include"],
            json!([group])
        );
        assert_eq!(
            made["conditions"]["grantTypes"]["include"],
            json!(["implicit", "authorization_code"])
        );
        assert_eq!(made["actions"]["token"]["accessTokenLifetimeMinutes"], 60);
    }
    let listed = provider.list(&rules).await;
    let places: Vec<_> = listed
        .iter()
        .map(|rule| {
            (
                rule["name"].as_str().unwrap(),
                rule["priority"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(places, [("second", 1), ("first", 2)]);
    assert_eq!(
        provider
            .post(&rules, rule("second", &[], &["openid"]))
            .await
            .complaints(),
        ["name"]
    );
}

#[tokio::test]
async fn policies_and_rules_are_changed_put_out_of_work_and_deleted() {
    let provider = Provider::start();
    let policies = format!("{}/policies", server(&provider).await);
    let made = provider
        .post(&policies, policy(&["ALL_CLIENTS"]))
        .await
        .expect(201);
    let path = format!("{policies}/{}", made.id());
    let mut other = policy(&["ALL_CLIENTS"]);
    other["description"] = json!("other");
    assert_eq!(
        provider.put(&path, other).await.expect(200).json()["description"],
        "other"
    );
    let rules = format!("{path}/rules");
    let made = provider
        .post(&rules, rule("one", &["EVERYONE"], &["*"]))
        .await
        .expect(201);
    let one = format!("{rules}/{}", made.id());
    let mut other = rule("two", &["EVERYONE"], &["openid"]);
    other["actions"]["token"]["accessTokenLifetimeMinutes"] = json!(5);
    let changed = provider.put(&one, other).await.expect(200).json();
    assert_eq!(
        (
            &changed["name"],
            &changed["actions"]["token"]["accessTokenLifetimeMinutes"]
        ),
        (&json!("two"), &json!(5))
    );
    for path in [&path, &one] {
        provider
            .post(&format!("{path}/lifecycle/deactivate"), Value::Null)
            .await
            .expect(204);
        assert_eq!(
            provider.get(path).await.expect(200).json()["status"],
            "INACTIVE"
        );
        provider
            .post(&format!("{path}/lifecycle/activate"), Value::Null)
            .await
            .expect(204);
        assert_eq!(
            provider.get(path).await.expect(200).json()["status"],
            "ACTIVE"
        );
    }
    for path in [&one, &path] {
        provider.delete(path).await.expect(204);
        assert_eq!(
            provider.get(path).await.refusal(),
            (404, "E0000007".to_owned())
        );
        assert_eq!(
            provider
                .post(&format!("{path}/lifecycle/activate"), Value::Null)
                .await
                .refusal()
                .0,
            404
        );
    }
}

#[tokio::test]
async fn what_cannot_be_a_policy_or_a_rule_is_refused() {
    let provider = Provider::start();
    let policies = format!("{}/policies", server(&provider).await);
    let made = provider
        .post(&policies, policy(&["ALL_CLIENTS"]))
        .await
        .expect(201);
    for (complaint, pointer, value) in [
        ("name", "/name", json!("access policy")),
        ("name", "/name", json!("")),
        ("type", "/type", json!("OTHER")),
        ("status", "/status", json!("ON")),
        ("priority", "/priority", json!(-1)),
        (
            "conditions.clients.include",
            "/conditions/clients/include",
            json!(["0oanowhere"]),
        ),
        (
            "conditions.clients.include",
            "/conditions/clients/include",
            json!([]),
        ),
        ("conditions", "/conditions", json!([])),
    ] {
        let mut odd = policy(&["ALL_CLIENTS"]);
        odd["name"] = json!("another");
        *odd.pointer_mut(pointer).unwrap() = value.clone();
        let refused = provider.post(&policies, odd).await;
        assert!(
            refused.complaints()[0].starts_with(complaint),
            "{pointer} {value} {}",
            refused.body
        );
    }
    let rules = format!("{policies}/{}/rules", made.id());
    for (complaint, pointer, value) in [
        ("name", "/name", json!(null)),
        ("type", "/type", json!("SIGN_ON")),
        (
            "conditions.people.groups.include",
            "/conditions/people/groups/include",
            json!(["00gnowhere"]),
        ),
        (
            "conditions.grantTypes.include",
            "/conditions/grantTypes/include",
            json!([]),
        ),
        (
            "conditions.scopes.include",
            "/conditions/scopes/include",
            json!(["nowhere"]),
        ),
        (
            "conditions.scopes.include",
            "/conditions/scopes/include",
            json!(null),
        ),
        (
            "actions.token.accessTokenLifetimeMinutes",
            "/actions/token/accessTokenLifetimeMinutes",
            json!(4),
        ),
        (
            "actions.token.accessTokenLifetimeMinutes",
            "/actions/token/accessTokenLifetimeMinutes",
            json!(1441),
        ),
        ("conditions", "/conditions", json!("all")),
    ] {
        let mut odd = rule("one", &["EVERYONE"], &["openid"]);
        *odd.pointer_mut(pointer).unwrap() = value.clone();
        let refused = provider.post(&rules, odd).await;
        assert!(
            refused.complaints()[0].starts_with(complaint),
            "{pointer} {value} {}",
            refused.body
        );
    }
    assert_eq!(provider.list(&rules).await.len(), 0);
    let nowhere = format!("{policies}/00pnowhere/rules");
    assert_eq!(
        provider
            .post(&nowhere, rule("one", &["EVERYONE"], &["openid"]))
            .await
            .refusal()
            .0,
        404
    );
}
