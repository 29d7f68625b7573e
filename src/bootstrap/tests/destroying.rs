//! Taking it back.

use super::{Bench, OBJECTS, fake::When};
use serde_json::json;
use std::fs;

#[tokio::test]
async fn cli_03_only_what_is_written_down_or_carries_the_tag_is_deleted() {
    let bench = Bench::new();
    bench.fake.plant(
        "okta:user_group",
        None,
        json!({"profile": {"name": "somebody else's"}}),
    );
    bench.apply().await.unwrap();
    let tag = bench.output("standard")["TAG"].as_str().unwrap().to_owned();
    // What a killed run left, and what only begins as our tag does.
    bench.fake.plant(
        "okta:user_group",
        None,
        json!({"profile": {"name": format!("x {tag}")}}),
    );
    let near = format!("x {tag}x");
    bench
        .fake
        .plant("okta:user_group", None, json!({"profile": {"name": near}}));
    bench.writes();

    let script = bench.destroy(None).await.unwrap();

    assert_eq!(bench.fake.names(), ["somebody else's", &near]);
    let writes = bench.writes();
    assert_eq!(writes.len(), OBJECTS + 1);
    assert!(
        writes[1].starts_with("delete okta:scope"),
        "the last first: {writes:?}"
    );
    let text = script.text();
    assert!(
        text.contains("found by its tag") && text.contains("SCOPE"),
        "{text}"
    );
    assert!(!bench.path("standard").exists());
}

#[tokio::test]
async fn what_is_gone_already_is_fine_and_a_new_run_has_a_new_tag() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    let tag = bench.output("standard")["TAG"].clone();
    bench.fake.state().things.clear();
    let script = bench.destroy(None).await.unwrap();
    assert!(
        script.text().contains("already gone: GROUP"),
        "{}",
        script.text()
    );
    bench.apply().await.unwrap();
    assert_ne!(bench.output("standard")["TAG"], tag);
}

#[tokio::test]
async fn cli_05_what_could_not_be_deleted_is_told_and_tried_again() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    bench.writes();
    bench.fake.state().fails = Some((2, When::Before));
    bench.fake.state().says = "in use".to_owned();
    let text = bench.destroy(None).await.unwrap_err().to_string();
    assert!(
        text.contains("USER (okta:user id4)") && text.contains("in use"),
        "{text}"
    );
    assert!(text.ends_with("mended") && text.contains("still written down as there: USER\n"));
    assert_eq!(bench.fake.names().len(), 1);
    let output = bench.output("standard");
    assert_eq!(output["$bootstrap"]["objects"].as_array().unwrap().len(), 1);
    bench.destroy(None).await.unwrap();
    assert_eq!(bench.fake.names(), [""; 0]);
}

#[tokio::test]
async fn with_the_output_lost_the_tag_finds_what_carries_it() {
    let bench = Bench::new();
    bench.apply().await.unwrap();
    let tag = bench.output("standard")["TAG"].as_str().unwrap().to_owned();
    fs::remove_file(bench.path("standard")).unwrap();
    for given in [None, Some(""), Some("users"), Some("autogen")] {
        let error = bench.destroy(given).await.unwrap_err();
        assert!(error.is_wrong_use(), "{given:?}: {error}");
    }
    bench.destroy(Some(&tag)).await.unwrap();
    let left = bench.fake.names();
    assert_eq!(
        left.len(),
        1,
        "the person, whose login has no tag: {left:?}"
    );
}

/// `demo` is a word in names of others.
#[tokio::test]
async fn cli_03_a_tag_that_a_person_chose_finds_nothing_by_itself() {
    let bench = Bench::with(&[("TAG", "demo")]);
    bench.apply().await.unwrap();
    bench.fake.plant(
        "okta:user_group",
        None,
        json!({"profile": {"name": "our demo group"}}),
    );
    bench.destroy(None).await.unwrap();
    assert_eq!(bench.fake.names(), ["our demo group"]);
}
