//! Looking, and changing nothing.

use super::{Bench, INPUT};
use serde_json::json;

#[tokio::test]
async fn cli_03_a_plan_only_reads_and_writes_no_output() {
    let bench = Bench::new();
    let plan = bench.plan(INPUT).await.unwrap();
    assert!(bench.fake.state().reads > 0);
    assert_eq!(bench.writes(), [""; 0]);
    assert!(!bench.path("standard").exists());
    let text = plan.to_string();
    assert!(text.contains("+ GROUP (okta:user_group): create"), "{text}");
    assert!(text.contains("5 to create, 0 to change"), "{text}");
    assert!(!plan.changes_nothing());
    let json = plan.json();
    assert_eq!(json["objects"][4]["name"], "SCOPE");
    assert_eq!(json["objects"][4]["action"], "create");
    assert_eq!(json["tenant"], "https://fake.example");
}

#[tokio::test]
async fn a_plan_shows_what_is_as_wanted_what_drifted_and_what_is_gone() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    bench.writes();
    assert!(bench.plan(INPUT).await.unwrap().changes_nothing());
    let client = bench.output("standard")["AUTHN_CLIENT_ID"].clone();
    {
        let mut state = bench.fake.state();
        state.things.retain(|thing| thing.class != "okta:user");
        for thing in &mut state.things {
            if thing.class == "okta:client" {
                thing.value["redirect_uris"] = json!(["https://evil.example/\u{1b}[2J"]);
            }
        }
    }
    let plan = bench.plan(INPUT).await.unwrap();
    let text = plan.to_string();
    for part in [
        "= GROUP (okta:user_group): unchanged",
        "~ CLIENT (okta:client): change",
        "/redirect_uris: ",
        "evil.example",
        "http://localhost:8080",
        "+ USER (okta:user): gone, create again",
        "1 to create, 1 to change or take over, 3 as they are",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains('\u{1b}'));
    let json = plan.json();
    assert_eq!(json["objects"][1]["id"], client);
    assert_eq!(json["objects"][1]["differences"][0]["at"], "/redirect_uris");
    assert_eq!(bench.writes(), [""; 0]);
}

#[tokio::test]
async fn what_is_known_only_after_apply_is_said_to_be() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    bench
        .fake
        .state()
        .things
        .retain(|thing| thing.class != "okta:user_group");
    let text = bench.plan(INPUT).await.unwrap().to_string();
    let user = text.split_once("~ USER").unwrap().1;
    assert!(user.contains("(known after apply)"), "{text}");
}

#[tokio::test]
async fn what_is_there_and_not_ours_is_named() {
    let bench = Bench::with(&[("TAG", "demo")]);
    let id = bench.fake.plant(
        "okta:user_group",
        None,
        json!({"profile": {"name": "users demo"}}),
    );
    let plan = bench.plan(INPUT).await.unwrap();
    assert_eq!(plan.foreign(), [format!("GROUP (okta:user_group {id})")]);
    assert!(
        plan.to_string()
            .contains("! GROUP (okta:user_group): not ours")
    );
    assert!(plan.to_string().contains("1 not ours"));
}

#[tokio::test]
async fn cli_03_a_tag_that_a_person_chose_is_no_mark_of_ours() {
    let bench = Bench::with(&[("TAG", "team-seven")]);
    bench.fake.plant(
        "okta:user_group",
        None,
        json!({"profile": {"name": "users team-seven"}}),
    );
    let plan = bench.plan(INPUT).await.unwrap();
    assert!(
        plan.to_string()
            .contains("! GROUP (okta:user_group): not ours"),
        "{plan}"
    );
}
