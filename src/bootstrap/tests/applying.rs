//! Making what is wanted, once.

use super::{Bench, INPUT, OBJECTS};
use crate::bootstrap::BootstrapError;
use serde_json::{Value, json};
use std::fs;

#[tokio::test]
async fn everything_is_made_in_order_and_the_output_tells_it() {
    let bench = Bench::new();
    let script = bench.apply().await.unwrap();
    assert_eq!(bench.writes().len(), OBJECTS);
    let output = bench.output("standard");
    let tag = output["TAG"].as_str().unwrap();
    assert_eq!(output["OKTA_TENANT"], "https://fake.example");
    assert_eq!(output["GROUP"]["profile"]["name"], format!("users {tag}"));
    assert_eq!(output["GROUP_ID"], output["GROUP"]["id"]);
    assert_eq!(output["AUTHN_CLIENT_ID"], output["CLIENT"]["client_id"]);
    assert_eq!(
        output["AUTHN_CLIENT_SECRET"],
        output["CLIENT"]["client_secret"]
    );
    assert_eq!(
        output["CLIENT"]["redirect_uris"],
        json!(["http://localhost:8080"])
    );
    assert!(output.get("SERVER").is_none() && output.get("FAKE_USER_PASSWORD").is_none());
    assert!(
        output["ISSUER"]
            .as_str()
            .unwrap()
            .starts_with("https://fake.example/id")
    );
    let user = &output["USER"]["profile"];
    let login = format!(
        "{}.{}@example.com",
        user["firstName"].as_str().unwrap(),
        user["lastName"].as_str().unwrap()
    );
    assert_eq!(user["login"], login);
    assert_eq!(
        output["$bootstrap"]["objects"].as_array().unwrap().len(),
        OBJECTS
    );
    assert_eq!(output["$bootstrap"]["tag"], tag);
    assert!(script.text().contains("successfully created CLIENT: id2"));
    let state = bench.fake.state();
    let client = state
        .things
        .iter()
        .find(|thing| thing.class == "okta:client");
    assert_eq!(json!(client.unwrap().groups), json!([output["GROUP_ID"]]));
}

#[tokio::test]
async fn cli_04_a_second_run_changes_nothing() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    bench.writes();
    let before = fs::read_to_string(bench.path("standard")).unwrap();
    let script = bench.apply().await.unwrap();
    assert_eq!(bench.writes(), [""; 0]);
    assert_eq!(fs::read_to_string(bench.path("standard")).unwrap(), before);
    assert!(script.text().contains("CLIENT is as it is wanted"));
}

#[tokio::test]
async fn drift_is_mended_and_a_secret_that_was_told_once_stays_known() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    let secret = bench.output("standard")["AUTHN_CLIENT_SECRET"].clone();
    bench.writes();
    for thing in &mut bench.fake.state().things {
        if thing.class == "okta:client" {
            thing.value["redirect_uris"] = json!(["https://evil.example"]);
        }
    }
    bench.apply().await.unwrap();
    assert_eq!(bench.writes(), ["update CLIENT"]);
    let output = bench.output("standard");
    assert_eq!(
        output["CLIENT"]["redirect_uris"],
        json!(["http://localhost:8080"])
    );
    assert_eq!(output["AUTHN_CLIENT_SECRET"], secret);
}

#[tokio::test]
async fn what_somebody_deleted_is_made_again_with_what_lies_below_it() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    bench.writes();
    let gone = |class: &str| class == "okta:authz_server" || class == "okta:scope";
    bench
        .fake
        .state()
        .things
        .retain(|thing| !gone(&thing.class));
    bench.apply().await.unwrap();
    let writes = bench.writes();
    assert_eq!(writes.len(), 2, "{writes:?}");
    assert!(writes[0].starts_with("create SERVER") && writes[1].starts_with("create SCOPE"));
    bench.apply().await.unwrap();
    assert_eq!(bench.writes(), [""; 0]);
}

#[tokio::test]
async fn cli_03_what_is_there_and_not_ours_is_never_changed() {
    let bench = Bench::with(&[("TAG", "demo")]);
    let group = json!({"profile": {"name": "users demo"}, "owner": "somebody else"});
    bench.fake.plant("okta:user_group", None, group);
    let error = bench.apply().await.unwrap_err();
    assert!(matches!(&error, BootstrapError::Foreign(names) if names[0].starts_with("GROUP")));
    let text = error.to_string();
    assert!(
        text.contains("GROUP") && text.contains("nothing was changed"),
        "{text}"
    );
    assert_eq!(bench.writes(), [""; 0]);
    assert!(!bench.path("standard").exists());
}

/// The plan knows nothing of what lies below a server that is not there yet.
#[tokio::test]
async fn cli_03_what_appears_between_plan_and_apply_is_not_overwritten_either() {
    let bench = Bench::with(&[("TAG", "demo")]);
    let outcome = bench
        .session("standard", INPUT, async |session| {
            session.check()?;
            let plan = session.plan().await?;
            let group = json!({"profile": {"name": "users demo"}});
            bench.fake.plant("okta:user_group", None, group);
            session.apply(&plan, &mut super::Script::default()).await
        })
        .await;
    let text = outcome.unwrap_err().to_string();
    assert!(
        text.contains("GROUP: ") && text.contains("not ours"),
        "{text}"
    );
    assert_eq!(bench.writes(), [""; 0]);
}

#[tokio::test]
async fn one_that_may_be_shared_is_used_as_it_is_and_never_deleted() {
    let input = r#"{"TAG": {"objType": "string", "default": "{{GENERATE_TAG}}"},
        "ORIGIN": {"objType": "json", "objectClass": "okta:trusted_origin",
        "default": {"name": "http://localhost:8080", "scopes": ["CORS"], "label": "{{TAG}}"}}}"#;
    let bench = Bench::new();
    let theirs = json!({"name": "http://localhost:8080", "scopes": ["CORS"], "label": "theirs"});
    bench.fake.plant("okta:trusted_origin", None, theirs);
    for _ in 0..2 {
        let script = bench.apply_as("standard", input).await.unwrap();
        assert!(script.text().contains("ORIGIN was there already"));
        assert_eq!(bench.writes(), [""; 0]);
    }
    let script = bench.destroy(None).await.unwrap();
    assert!(script.text().contains("ORIGIN") && script.text().contains("stays"));
    assert_eq!(bench.fake.names(), ["http://localhost:8080"]);

    bench.fake.state().things[0].value["scopes"] = json!(["REDIRECT"]);
    let error = bench.apply_as("standard", input).await.unwrap_err();
    assert!(matches!(error, BootstrapError::Foreign(_)), "{error}");
}

#[tokio::test]
async fn an_earlier_output_is_read_by_name_and_its_server_is_ours() {
    let policy = r#"{"SOURCE": {"objType": "data", "saveToOutput": true, "default": "mulesoft"},
        "POLICY": {"objType": "json", "saveToOutput": true, "objectClass": "okta:oauth_policy",
        "default": {"name": "access", "for": "{{GROUP.profile.name}}", "client": "{{AUTHN_CLIENT_ID}}"},
        "oktaEndpoint": "/api/v1/authorizationServers/{{SERVER_ID}}/policies"}}"#;
    let first = INPUT.replacen(
        "\"ISSUER\"",
        "\"SERVER_ID\": {\"objType\": \"string\", \"saveToOutput\": true, \"default\": \"{{SERVER.id}}\"}, \"ISSUER\"",
        1,
    );
    let bench = Bench::with(&[("AUTHN_CLIENT_ID", "registered elsewhere")]);
    let error = bench.apply_as("mulesoft_policy", policy).await.unwrap_err();
    assert!(
        error.to_string().contains("bootstrap mulesoft first"),
        "{error}"
    );
    bench.apply_as("mulesoft", &first).await.unwrap();
    let output = bench.output("mulesoft");
    // What this input makes is not what the environment says.
    assert_eq!(output["AUTHN_CLIENT_ID"], output["CLIENT"]["client_id"]);
    let server = output["SERVER_ID"].as_str().unwrap();
    let endpoint = format!("/api/v1/authorizationServers/{server}/policies");
    let group = output["GROUP"]["profile"]["name"].clone();
    let ours = json!({"name": "access", "for": group, "client": "registered elsewhere"});
    // A killed run made it, and it carries no tag.
    bench
        .fake
        .plant("okta:oauth_policy", Some(&endpoint), ours.clone());
    bench.writes();
    bench.apply_as("mulesoft_policy", policy).await.unwrap();
    assert_eq!(bench.writes(), ["adopt POLICY"]);
    let policy = &bench.output("mulesoft_policy")["POLICY"];
    for (member, value) in ours.as_object().unwrap() {
        assert_eq!(&policy[member], value);
    }
    assert!(bench.output("mulesoft_policy").get("SOURCE").is_none());
}

#[tokio::test]
async fn another_providers_output_and_another_tools_are_left_alone() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    bench.writes();
    let mut output = bench.output("standard");
    output["$bootstrap"]["tenant"] = json!("https://other.example");
    fs::write(bench.path("standard"), output.to_string()).unwrap();
    let error = bench.apply().await.unwrap_err();
    assert!(error.is_wrong_use() && error.to_string().contains("https://other.example"));
    output.as_object_mut().unwrap().remove("$bootstrap");
    fs::write(bench.path("standard"), output.to_string()).unwrap();
    let error = bench.apply().await.unwrap_err().to_string();
    assert!(error.contains("another tool"), "{error}");
    fs::write(bench.path("standard"), "{\"A\": \"canary").unwrap();
    let error = bench.apply().await.unwrap_err().to_string();
    assert!(
        error.contains("standard.json") && !error.contains("canary"),
        "{error}"
    );
    assert_eq!(bench.writes(), [""; 0]);
}

#[tokio::test]
async fn an_entry_that_is_no_longer_asked_for_stays_written_down() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    let shorter: Value = {
        let mut input: Value = serde_json::from_str(INPUT).unwrap();
        input.as_object_mut().unwrap().shift_remove("SCOPE");
        input
    };
    let plan = bench.plan(&shorter.to_string()).await.unwrap();
    assert!(plan.to_string().contains("SCOPE") && plan.to_string().contains("no longer"));
    bench
        .apply_as("standard", &shorter.to_string())
        .await
        .unwrap();
    bench.destroy(None).await.unwrap();
    assert_eq!(bench.fake.names(), [""; 0]);
}

#[tokio::test]
async fn cli_10_a_whole_that_does_not_hold_is_a_failure() {
    let bench = Bench::new();
    bench.fake.state().warnings = vec!["a policy for all clients gives\u{1b}[31m all".to_owned()];
    let error = bench.apply().await.unwrap_err();
    let text = error.to_string();
    assert!(
        !error.is_wrong_use() && text.contains("a policy for all clients"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
}

#[tokio::test]
async fn what_the_provider_tells_anew_is_told_anew() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    for thing in &mut bench.fake.state().things {
        if thing.class == "okta:authz_server" {
            thing.value["issuer"] = json!("https://moved.example");
        }
        if thing.class == "okta:user_group" {
            thing.value["secret"] = json!("made anew");
            thing.value["lastUpdated"] = json!("later");
        }
    }
    bench.writes();
    bench.apply().await.unwrap();
    assert_eq!(bench.writes(), [""; 0]);
    let output = bench.output("standard");
    assert_eq!(output["ISSUER"], "https://moved.example");
    assert_eq!(output["GROUP"]["secret"], "made anew");
    assert!(output["GROUP"].get("lastUpdated").is_none());
}

#[tokio::test]
async fn what_an_input_makes_elsewhere_by_now_is_still_taken_back() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    let moved = INPUT.replace("\"/oauth2/v1/clients\"", "\"/oauth2/v2/clients\"");
    bench.apply_as("standard", &moved).await.unwrap();
    assert_eq!(bench.fake.names().len(), OBJECTS + 1);
    // The tag is lost as well, so that only what is written down is found.
    let mut output = bench.output("standard");
    output["$bootstrap"]["tag"] = Value::Null;
    fs::write(bench.path("standard"), output.to_string()).unwrap();
    bench.destroy(None).await.unwrap();
    assert_eq!(bench.fake.names(), [""; 0]);
}
