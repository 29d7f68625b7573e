//! Runs that stop in the middle, and what the next one makes of it.

use super::{Bench, INPUT, OBJECTS, fake::When};
use serde_json::json;
use std::fs;

#[tokio::test]
async fn cli_04_a_run_that_is_killed_at_any_step_converges() {
    for when in [When::Before, When::After] {
        for at in 1..=OBJECTS {
            let bench = Bench::new();
            bench.fake.state().fails = Some((at, when));
            bench.apply().await.unwrap_err();
            let tag = bench.output("standard")["$bootstrap"]["tag"].clone();
            bench.apply().await.unwrap();
            let output = bench.output("standard");
            assert_eq!(output["TAG"], tag, "{when:?} {at}");
            assert_eq!(
                bench.fake.names().len(),
                OBJECTS,
                "{when:?} {at}: made twice"
            );
            {
                let state = bench.fake.state();
                let client = state
                    .things
                    .iter()
                    .find(|thing| thing.class == "okta:client");
                let secret = &client.unwrap().value["client_secret"];
                assert_eq!(&output["AUTHN_CLIENT_SECRET"], secret, "{when:?} {at}");
                assert_eq!(json!(client.unwrap().groups), json!([output["GROUP_ID"]]));
            }
            bench.writes();
            bench.apply().await.unwrap();
            assert_eq!(bench.writes(), [""; 0], "{when:?} {at}");
            bench.destroy(None).await.unwrap();
            assert_eq!(bench.fake.names(), [""; 0], "{when:?} {at}");
        }
    }
}

#[tokio::test]
async fn cli_04_what_a_killed_run_had_sent_may_arrive_after_the_next_one_looked() {
    for at in 1..=OBJECTS {
        let bench = Bench::new();
        bench.fake.state().fails = Some((at, When::Late));
        let script = bench.apply().await.unwrap();
        assert!(script.text().contains("which an earlier run made"), "{at}");
        assert_eq!(bench.fake.names().len(), OBJECTS, "{at}: made twice");
        bench.writes();
        bench.apply().await.unwrap();
        assert_eq!(bench.writes(), [""; 0], "{at}");
    }
}

/// It appears between our look and our request, so that ours is refused.
#[tokio::test]
async fn cli_03_who_was_faster_with_the_name_keeps_it() {
    let bench = Bench::with(&[("TAG", "demo")]);
    bench.fake.state().fails = Some((1, When::Late));
    let text = bench.apply().await.unwrap_err().to_string();
    assert!(
        text.starts_with("GROUP: POST /fake was answered with 400"),
        "{text}"
    );
    assert_eq!(bench.writes().len(), 1);
    let state = &bench.output("standard")["$bootstrap"];
    assert!(
        state.get("pending").is_none_or(serde_json::Value::is_null),
        "{state}"
    );
}

#[tokio::test]
async fn made_up_values_are_written_before_the_first_object_is_made_with_them() {
    let bench = Bench::new();
    bench.fake.state().fails = Some((1, When::Before));
    bench.apply().await.unwrap_err();
    let first = bench.writes().remove(0);
    let output = bench.output("standard");
    let tag = output["$bootstrap"]["generated"]["TAG"]["TAG"]
        .as_str()
        .unwrap();
    assert!(first.contains(tag), "{first}");
    let password = output["$bootstrap"]["generated"]["FAKE_USER_PASSWORD"]["PASSWORD"].clone();
    bench.apply().await.unwrap();
    assert_eq!(bench.output("standard")["SILVER_PASSWORD"], password);
}

#[tokio::test]
async fn cli_05_a_failed_step_tells_what_exists_and_what_does_not() {
    let bench = Bench::new();
    bench.fake.state().fails = Some((3, When::Before));
    bench.fake.state().says = "no room".to_owned();
    let error = bench.apply().await.unwrap_err();
    assert!(!error.is_wrong_use());
    let text = error.to_string();
    let (there, missing) = text.split_once("there is not").unwrap();
    assert!(
        there.starts_with("SERVER: ") && there.contains("no room"),
        "{text}"
    );
    assert!(
        there.contains("GROUP (okta:user_group id1)") && there.contains("CLIENT"),
        "{text}"
    );
    for name in [
        "SERVER",
        "USER",
        "SCOPE",
        "run the same command again",
        "destroy standard",
    ] {
        assert!(missing.contains(name), "{name}: {text}");
    }
}

#[tokio::test]
async fn an_output_that_cannot_be_written_stops_before_anything_is_made() {
    let bench = Bench::new();
    fs::write(bench.folder.join("out"), "a file where a folder should be").unwrap();
    let error = bench.apply().await.unwrap_err().to_string();
    assert!(error.contains("standard.json"), "{error}");
    assert_eq!(bench.writes(), [""; 0]);
}

#[tokio::test]
async fn a_member_that_the_provider_does_not_tell_is_named_and_the_rest_goes_on_later() {
    let input = INPUT.replace("{{SERVER.issuer}}", "{{SERVER.isuer}}");
    let bench = Bench::new();
    let text = bench
        .apply_as("standard", &input)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("{{SERVER.isuer}}") && text.contains("there is:"),
        "{text}"
    );
    bench.apply().await.unwrap();
    assert_eq!(bench.fake.names().len(), OBJECTS);
}

#[tokio::test]
async fn cli_04_what_a_killed_run_was_making_is_known_again_though_its_tag_was_chosen() {
    let bench = Bench::with(&[("TAG", "solarsystem")]);
    bench.fake.state().fails = Some((1, When::After));
    bench.apply().await.unwrap_err();
    assert_eq!(bench.output("standard")["$bootstrap"]["pending"], "GROUP");
    bench.apply().await.unwrap();
    assert_eq!(bench.fake.names().len(), OBJECTS);
    assert!(
        bench.output("standard")["$bootstrap"]
            .get("pending")
            .is_none()
    );
}

#[tokio::test]
async fn cli_05_what_was_made_and_not_settled_is_written_down_and_taken_back() {
    let bench = Bench::with(&[("TAG", "solarsystem")]);
    bench.fake.state().fails = Some((2, When::Half));
    let text = bench.apply().await.unwrap_err().to_string();
    assert!(text.contains("CLIENT (okta:client id2)"), "{text}");
    bench.destroy(None).await.unwrap();
    assert_eq!(bench.fake.names(), [""; 0]);
}

#[tokio::test]
async fn cli_04_two_runs_at_once_do_not_lose_each_others_objects() {
    let bench = Bench::new();
    let outcome = bench
        .session("standard", INPUT, async |session| {
            session.check()?;
            let lock = session.output.lock()?;
            let text = bench.apply().await.unwrap_err().to_string();
            assert!(text.contains("another run"), "{text}");
            assert_eq!(bench.writes(), [""; 0]);
            drop(lock);
            let plan = session.plan().await?;
            bench.apply().await.unwrap();
            bench.writes();
            session.apply(&plan, &mut super::Script::default()).await
        })
        .await;
    let text = outcome.unwrap_err().to_string();
    assert!(text.contains("meanwhile"), "{text}");
    assert_eq!(bench.writes(), [""; 0]);
}
