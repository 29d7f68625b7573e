//! The compiled-in inputs and the tutorial's own, run by the engine against the embedded provider; and with Okta's own
//! description of its API between the two.

mod provider;

use serde_json::{Value, json};
use solar_system::blueprint::Blueprint;
use solar_system::bootstrap::okta::input;

use self::provider::Provider;
use crate::peers::Prism;

/// The tutorial's files, where they are at hand: `standard`, `mulesoft`, `mulesoft_policy`.
fn original() -> Option<[String; 3]> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/original");
    let read = |way: &str| std::fs::read_to_string(format!("{folder}/{way}.json")).ok();
    Some([
        read("standard")?,
        read("mulesoft")?,
        read("mulesoft_policy")?,
    ])
}

fn ours(way: &str) -> String {
    input(way, &Blueprint::default()).unwrap().to_string()
}

#[tokio::test]
async fn cli_04_the_standard_way_is_applied_once_changes_nothing_twice_and_leaves_nothing() {
    let provider = Provider::start().await;
    let before = provider.census().await;
    let text = ours("standard");
    provider.run("standard", &text, &[], false).await.unwrap();
    assert_eq!(provider.writes(), [""; 0], "a plan only reads");
    provider.apply("standard", &text, &[]).await;
    let output = provider.output("standard");
    for name in [
        "AUTHN_CLIENT_SECRET",
        "INTROSPECT_CLIENT_SECRET",
        "MACHINE_CLIENT_SECRET",
    ] {
        assert!(
            output[name]
                .as_str()
                .is_some_and(|secret| secret.len() > 20),
            "{name}"
        );
    }
    assert_eq!(output["ISSUER"], output["OKTA_AZ_SERVER"]["issuer"]);
    let app = &output["AUTHN_CLIENT"];
    assert_eq!(
        app["redirect_uris"],
        json!(["http://localhost:8080/callback"])
    );
    assert_eq!(
        app["post_logout_redirect_uris"],
        json!(["http://localhost:8080/signed-out"])
    );
    assert_eq!(app["grant_types"], json!(["authorization_code"]));
    assert_eq!(app["pkce_required"], json!(true));
    assert_eq!(app["groups"].as_array().unwrap().len(), 3);
    assert_eq!(output["APP_ORIGIN"]["origin"], "http://localhost:8080");
    assert!(
        output["SILVER_USER"]["profile"]["login"]
            .as_str()
            .unwrap()
            .starts_with("carl.sagan.")
    );
    provider.changes_nothing("standard", &text, &[]).await;
    assert_eq!(provider.output("standard"), output);
    provider.destroy("standard").await;
    assert_eq!(provider.census().await, before);
}

#[tokio::test]
async fn what_somebody_changed_behind_our_back_is_shown_and_mended() {
    let provider = Provider::start().await;
    let text = ours("standard");
    provider.apply("standard", &text, &[]).await;
    let output = provider.output("standard");
    let id = |name: &str, member: &str| output[name][member].as_str().unwrap().to_owned();
    let client = format!("/oauth2/v1/clients/{}", id("AUTHN_CLIENT", "client_id"));
    let mut changed = provider.ask("GET", &client, &Value::Null).await;
    changed["redirect_uris"] = json!(["http://localhost:8080/callback", "https://evil.example/"]);
    provider.ask("PUT", &client, &changed).await;
    let (silver, gold) = (id("SILVER_GROUP", "id"), id("GOLD_GROUP", "id"));
    let person = id("SILVER_USER", "id");
    provider
        .ask(
            "PUT",
            &format!("/api/v1/groups/{gold}/users/{person}"),
            &json!({}),
        )
        .await;
    let app = format!("/api/v1/apps/{}", id("AUTHN_CLIENT", "client_id"));
    provider
        .ask("DELETE", &format!("{app}/groups/{silver}"), &Value::Null)
        .await;
    let server = format!(
        "/api/v1/authorizationServers/{}",
        id("OKTA_AZ_SERVER", "id")
    );
    let rule = format!(
        "{server}/policies/{}/rules/{}",
        id("ACCESS_POLICY", "id"),
        id("SILVER_RULE", "id")
    );
    let mut wider = provider.ask("GET", &rule, &Value::Null).await;
    wider["conditions"]["scopes"]["include"] = json!(["*"]);
    provider.ask("PUT", &rule, &wider).await;
    provider
        .ask(
            "DELETE",
            &format!("/api/v1/trustedOrigins/{}", id("APP_ORIGIN", "id")),
            &Value::Null,
        )
        .await;

    let (plan, _) = provider.run("standard", &text, &[], false).await.unwrap();
    let shown = plan.to_string();
    for part in [
        "evil.example",
        "/redirect_uris",
        "/groups",
        "/groupIds",
        "/conditions/scopes/include",
        "APP_ORIGIN",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    provider.apply("standard", &text, &[]).await;
    provider.changes_nothing("standard", &text, &[]).await;
    assert_eq!(
        provider.output("standard")["AUTHN_CLIENT_SECRET"],
        output["AUTHN_CLIENT_SECRET"],
        "a mended client keeps its secret"
    );
}

#[tokio::test]
async fn cli_04_an_answer_that_is_lost_at_any_step_makes_nothing_twice() {
    let provider = Provider::start().await;
    let text = ours("standard");
    let before = provider.census().await;
    provider.apply("standard", &text, &[]).await;
    let (whole, steps) = (provider.census().await.len(), provider.writes().len());
    provider.destroy("standard").await;
    assert!(steps > 20, "{steps}");
    // Every fourth step stands for the others: each takes a whole apply, and pauses as in life.
    for step in (1..=steps).step_by(4) {
        provider.lose_answer(step);
        provider.apply("standard", &text, &[]).await;
        assert!(provider.has_lost_answer(), "step {step} was not reached");
        assert_eq!(provider.census().await.len(), whole, "step {step}");
        provider.changes_nothing("standard", &text, &[]).await;
        provider.destroy("standard").await;
        assert_eq!(provider.census().await, before, "step {step}");
    }
}

#[tokio::test]
async fn cli_10_a_catch_all_policy_of_others_fails_the_apply_with_what_to_do() {
    let provider = Provider::start().await;
    let text = ours("standard");
    provider.apply("standard", &text, &[]).await;
    let output = provider.output("standard");
    let place = format!(
        "/api/v1/authorizationServers/{}/policies",
        output["OKTA_AZ_SERVER_ID"].as_str().unwrap()
    );
    let policy = json!({
        "type": "OAUTH_AUTHORIZATION_POLICY", "status": "ACTIVE", "name": "Default Policy", "description": "x", "priority": 1,
        "conditions": { "clients": { "include": ["ALL_CLIENTS"] } },
    });
    let policy = provider.ask("POST", &place, &policy).await;
    let rule = json!({
        "type": "RESOURCE_ACCESS", "status": "ACTIVE", "name": "Default Policy Rule", "priority": 1,
        "conditions": {
            "people": { "groups": { "include": ["EVERYONE"] } },
            "grantTypes": { "include": ["authorization_code"] },
            "scopes": { "include": ["*"] },
        },
        "actions": { "token": { "accessTokenLifetimeMinutes": 60, "refreshTokenLifetimeMinutes": 0, "refreshTokenWindowMinutes": 10080 } },
    });
    let rules = format!("{place}/{}/rules", policy["id"].as_str().unwrap());
    provider.ask("POST", &rules, &rule).await;
    let error = provider
        .run("standard", &text, &[], true)
        .await
        .unwrap_err();
    for part in ["Default Policy Rule", "scp/gold", "Deactivate it"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn the_portals_ways_follow_one_another() {
    let provider = Provider::start().await;
    let before = provider.census().await;
    provider.apply("mulesoft", &ours("mulesoft"), &[]).await;
    let portal = json!({ "client_name": "of the portal", "redirect_uris": ["http://localhost:8080/callback"], "grant_types": ["authorization_code"], "response_types": ["code"] });
    let made = provider.ask("POST", "/oauth2/v1/clients", &portal).await;
    let id = made["client_id"].as_str().unwrap();
    let set = [("AUTHN_CLIENT_ID", id)];
    let text = ours("mulesoft_policy");
    provider.apply("mulesoft_policy", &text, &set).await;
    let output = provider.output("mulesoft_policy");
    assert_eq!(
        output["ACCESS_POLICY"]["conditions"]["clients"]["include"],
        json!([id])
    );
    let groups = provider.list(&format!("/api/v1/apps/{id}/groups")).await;
    assert_eq!(groups.len(), 3);
    provider
        .changes_nothing("mulesoft_policy", &text, &set)
        .await;
    provider
        .changes_nothing("mulesoft", &ours("mulesoft"), &[])
        .await;
    provider.destroy("mulesoft_policy").await;
    assert_eq!(
        provider
            .list(&format!("/api/v1/apps/{id}/groups"))
            .await
            .len(),
        0
    );
    provider.destroy("mulesoft").await;
    provider
        .ask("DELETE", &format!("/oauth2/v1/clients/{id}"), &Value::Null)
        .await;
    assert_eq!(provider.census().await, before);
}

#[tokio::test]
#[ignore = "needs ../shared/original: make test"]
async fn the_tutorials_own_files_run_unchanged() {
    let Some([standard, mulesoft, policy]) = original() else {
        println!("../shared/original is not there");
        return;
    };
    let provider = Provider::start().await;
    let before = provider.census().await;
    let set = [("PROXY_URI", "http://localhost:8082")];
    provider.apply("standard", &standard, &set).await;
    provider.changes_nothing("standard", &standard, &set).await;
    let output = provider.output("standard");
    assert_eq!(
        output["AUTHN_CLIENT"]["grant_types"],
        json!(["authorization_code"]),
        "without implicit"
    );
    provider.destroy("standard").await;
    provider.apply("mulesoft", &mulesoft, &[]).await;
    provider.changes_nothing("mulesoft", &mulesoft, &[]).await;
    let client = provider.output("mulesoft")["INTROSPECT_CLIENT_ID"]
        .as_str()
        .unwrap()
        .to_owned();
    let set = [("AUTHN_CLIENT_ID", client.as_str())];
    provider.apply("mulesoft_policy", &policy, &set).await;
    provider
        .changes_nothing("mulesoft_policy", &policy, &set)
        .await;
    provider.destroy("mulesoft_policy").await;
    provider.destroy("mulesoft").await;
    assert_eq!(provider.census().await, before);
}

#[tokio::test]
#[ignore = "needs npm prism and ../shared/okta: make test"]
async fn what_the_bootstrap_sends_and_is_answered_is_as_okta_describes_it() {
    if !Prism::is_possible() {
        return;
    }
    let provider = Provider::behind_prism().await;
    let ours = input("standard", &Blueprint::default()).unwrap();
    let mut changed = ours.clone();
    for (name, pointer) in [
        ("OKTA_AZ_SERVER", "/default/description"),
        ("GOLD_GROUP", "/default/profile/description"),
        ("GOLD_USER", "/default/profile/lastName"),
        ("GOLD_SCOPE", "/default/description"),
        ("ACCESS_POLICY", "/default/description"),
    ] {
        *changed[name].pointer_mut(pointer).unwrap() = Value::from("Changed");
    }
    changed["AUTHN_CLIENT"]["default"]["redirect_uris"][0] = Value::from("http://localhost:1/");
    changed["GOLD_RULE"]["default"]["actions"]["token"]["accessTokenLifetimeMinutes"] =
        Value::from(30);
    for input in [&ours, &changed] {
        provider.apply("standard", &input.to_string(), &[]).await;
    }
    provider.destroy("standard").await;
    if let Some([standard, ..]) = original() {
        let set = [("PROXY_URI", "http://localhost:8082")];
        provider.apply("standard", &standard, &set).await;
    }
    let violations = provider.prism.as_ref().unwrap().violations();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}
