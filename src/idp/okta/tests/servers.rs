//! Authorization servers, and what belongs to each: scopes, claims, keys.

use super::*;
use serde_json::json;

const SERVERS: &str = "/api/v1/authorizationServers";

/// A new server's path.
pub(super) async fn server(provider: &Provider) -> String {
    let made =
        json!({ "name": "solar", "description": "for a test", "audiences": ["api://solar"] });
    format!(
        "{SERVERS}/{}",
        provider.post(SERVERS, made).await.expect(201).id()
    )
}

#[tokio::test]
async fn a_server_is_made_and_answers_at_its_own_issuer() {
    let provider = Provider::start();
    let path = server(&provider).await;
    let made = provider.get(&path).await.expect(200).json();
    let issuer = made["issuer"].as_str().unwrap();
    assert_eq!(
        issuer,
        format!("{ORIGIN}/oauth2/{}", made["id"].as_str().unwrap())
    );
    assert_eq!(made["audiences"], json!(["api://solar"]));
    assert_eq!(made["status"], "ACTIVE");
    let metadata =
        issuer.strip_prefix(ORIGIN).unwrap().to_owned() + "/.well-known/openid-configuration";
    assert_eq!(
        provider.get(&metadata).await.expect(200).json()["issuer"],
        issuer
    );
    provider
        .post(&format!("{path}/lifecycle/deactivate"), Value::Null)
        .await
        .expect(204);
    assert_eq!(provider.get(&path).await.json()["status"], "INACTIVE");
    assert_eq!(provider.get(&metadata).await.status, 404);
    provider
        .post(&format!("{path}/lifecycle/activate"), Value::Null)
        .await
        .expect(204);
    provider.get(&metadata).await.expect(200);
    provider.delete(&path).await.expect(204);
    assert_eq!(provider.get(&metadata).await.status, 404);
    assert_eq!(
        provider.get(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
    assert_eq!(
        provider.delete(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
}

#[tokio::test]
async fn what_cannot_be_a_server_is_refused() {
    let provider = Provider::start();
    let path = server(&provider).await;
    for (member, odd) in [
        ("name", json!({ "audiences": ["a"] })),
        ("name", json!({ "name": "", "audiences": ["a"] })),
        ("name", json!({ "name": "a\nb", "audiences": ["a"] })),
        ("name", json!({ "name": "solar", "audiences": ["a"] })),
        ("audiences", json!({ "name": "x" })),
        ("audiences", json!({ "name": "x", "audiences": [] })),
        ("audiences", json!({ "name": "x", "audiences": ["a", "b"] })),
        ("audiences", json!({ "name": "x", "audiences": "a" })),
        ("audiences", json!({ "name": "x", "audiences": [""] })),
        (
            "description",
            json!({ "name": "x", "audiences": ["a"], "description": 1 }),
        ),
    ] {
        assert_eq!(
            provider.post(SERVERS, odd.clone()).await.complaints(),
            [member],
            "{odd}"
        );
    }
    let changed = json!({ "name": "lunar", "audiences": ["api://lunar"] });
    let changed = provider.put(&path, changed).await.expect(200).json();
    assert_eq!(changed["name"], "lunar");
    assert_eq!(provider.list(&format!("{SERVERS}?q=LUNAR")).await.len(), 1);
    assert_eq!(
        provider
            .list(&format!("{SERVERS}?q=solar.nowhere"))
            .await
            .len(),
        0
    );
    assert_eq!(
        provider
            .put(&format!("{SERVERS}/ausnowhere"), changed)
            .await
            .refusal()
            .0,
        404
    );
}

#[tokio::test]
async fn scopes_are_made_changed_and_deleted_and_oktas_own_stay() {
    let provider = Provider::start();
    let scopes = format!("{}/scopes", server(&provider).await);
    let names: Vec<_> = provider
        .list(&scopes)
        .await
        .iter()
        .map(|scope| scope["name"].clone())
        .collect();
    assert!(
        names.contains(&json!("openid")) && names.contains(&json!("offline_access")),
        "{names:?}"
    );
    let silver =
        json!({ "name": "http://myapp.com/scp/silver", "description": "silver level access" });
    let made = provider.post(&scopes, silver.clone()).await.expect(201);
    assert_eq!(made.json()["description"], "silver level access");
    assert_eq!(made.json()["consent"], "IMPLICIT");
    assert_eq!(provider.post(&scopes, silver).await.complaints(), ["name"]);
    for odd in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "a b" }),
        json!({ "name": "a\"b" }),
        json!({ "name": "ö" }),
        json!({ "name": "openid" }),
        json!({ "name": "x", "consent": "NEVER" }),
        json!({ "name": "x", "default": "yes" }),
    ] {
        assert_eq!(
            provider.post(&scopes, odd.clone()).await.refusal(),
            (400, "E0000001".to_owned()),
            "{odd}"
        );
    }
    let path = format!("{scopes}/{}", made.id());
    let changed = json!({ "name": "http://myapp.com/scp/silver", "description": "other", "metadataPublish": "ALL_CLIENTS" });
    assert_eq!(
        provider.put(&path, changed).await.expect(200).json()["description"],
        "other"
    );
    assert_eq!(provider.list(&format!("{scopes}?q=silver")).await.len(), 1);
    provider.delete(&path).await.expect(204);
    assert_eq!(
        provider.get(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
    let scopes_now = provider.list(&scopes).await;
    let openid = scopes_now
        .iter()
        .find(|scope| scope["name"] == "openid")
        .unwrap();
    assert_eq!(openid["system"], true);
    assert_eq!(
        provider
            .delete(&format!("{scopes}/{}", openid["id"].as_str().unwrap()))
            .await
            .refusal(),
        (403, "E0000006".to_owned())
    );
}

#[tokio::test]
async fn claims_are_made_changed_and_deleted() {
    let provider = Provider::start();
    let claims = format!("{}/claims", server(&provider).await);
    let claim = json!({
        "name": "teams", "status": "ACTIVE", "claimType": "RESOURCE", "valueType": "GROUPS", "group_filter_type": "STARTS_WITH", "value": "team",
        "conditions": { "scopes": [] }, "alwaysIncludeInToken": true,
    });
    let made = provider.post(&claims, claim.clone()).await.expect(201);
    assert_eq!(made.json()["group_filter_type"], "STARTS_WITH");
    let path = format!("{claims}/{}", made.id());
    assert_eq!(
        provider
            .list(&claims)
            .await
            .iter()
            .filter(|claim| claim["id"] == *made.id())
            .count(),
        1
    );
    let mut other = claim.clone();
    other["value"] = json!("crew");
    assert_eq!(
        provider.put(&path, other).await.expect(200).json()["value"],
        "crew"
    );
    for (member, value) in [
        ("name", json!("")),
        ("claimType", json!("OTHER")),
        ("valueType", json!("X")),
        ("value", json!(1)),
        ("group_filter_type", json!("LIKE")),
    ] {
        let mut odd = claim.clone();
        odd["name"] = json!("others");
        odd[member] = value;
        assert_eq!(provider.post(&claims, odd).await.complaints(), [member]);
    }
    provider.delete(&path).await.expect(204);
    assert_eq!(
        provider.get(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
}

#[tokio::test]
async fn keys_are_shown_by_their_public_parts() {
    let provider = Provider::start();
    let path = format!("{}/credentials/keys", server(&provider).await);
    let keys = provider.list(&path).await;
    assert!(!keys.is_empty());
    for key in keys {
        assert!(key["kid"].is_string() && key.get("d").is_none(), "{key}");
        let one = provider
            .get(&format!("{path}/{}", key["kid"].as_str().unwrap()))
            .await
            .expect(200)
            .json();
        assert_eq!(one["kid"], key["kid"]);
    }
    assert_eq!(
        provider.get(&format!("{path}/nowhere")).await.refusal(),
        (404, "E0000007".to_owned())
    );
}

#[tokio::test]
async fn what_belongs_to_one_server_is_not_found_at_another() {
    let provider = Provider::start();
    let path = server(&provider).await;
    let scope = provider
        .post(&format!("{path}/scopes"), json!({ "name": "x" }))
        .await
        .expect(201)
        .id();
    assert_eq!(
        provider
            .get(&format!("{SERVERS}/default/scopes/{scope}"))
            .await
            .refusal()
            .0,
        404
    );
    for part in ["scopes", "claims", "policies", "credentials/keys"] {
        assert_eq!(
            provider
                .get(&format!("{SERVERS}/ausnowhere/{part}"))
                .await
                .refusal()
                .0,
            404,
            "{part}"
        );
    }
}

#[tokio::test]
async fn a_claim_for_a_scope_that_goes_goes_too_however_often_it_names_it() {
    let provider = Provider::start();
    let server = server(&provider).await;
    let scope = provider
        .post(&format!("{server}/scopes"), json!({ "name": "a" }))
        .await
        .expect(201)
        .id();
    let claims = format!("{server}/claims");
    let claim = |name: &str, scopes: Value| {
        json!({
            "name": name, "claimType": "RESOURCE", "valueType": "EXPRESSION", "value": "user.email",
            "conditions": { "scopes": scopes },
        })
    };
    let twice = provider
        .post(&claims, claim("twice", json!(["a", "a"])))
        .await
        .expect(201);
    assert_eq!(twice.json()["conditions"]["scopes"], json!(["a"]));
    let for_all = provider
        .post(&claims, claim("for_all", json!([])))
        .await
        .expect(201)
        .id();
    provider
        .delete(&format!("{server}/scopes/{scope}"))
        .await
        .expect(204);
    provider
        .get(&format!("{claims}/{}", twice.id()))
        .await
        .expect(404);
    provider
        .get(&format!("{claims}/{for_all}"))
        .await
        .expect(200);
}
