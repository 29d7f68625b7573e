//! Values, one after the other, as a person sees them.

use super::{Bench, INPUT, Script};
use crate::bootstrap::{BootstrapError, Session};

async fn review(
    bench: &Bench,
    text: &str,
    accept: bool,
    answers: &[&'static str],
) -> (Result<(), BootstrapError>, Script) {
    let mut script = Script::answering(answers);
    let outcome = bench
        .session("standard", text, async |session: &mut Session<'_>| {
            session.ask_missing(&mut script)?;
            session.review(accept, &mut script)?;
            let plan = session.plan().await?;
            session.apply(&plan, &mut Script::default()).await
        })
        .await;
    (outcome, script)
}

#[tokio::test]
async fn every_value_is_shown_with_where_it_comes_from_and_enter_goes_on() {
    let bench = Bench::with(&[("PORT", "9090")]);
    let (outcome, script) = review(&bench, INPUT, false, &["c", "", "C", "", "A"]).await;
    outcome.unwrap();
    let text = script.text();
    let tag = bench.output("standard")["TAG"].as_str().unwrap().to_owned();
    for part in [
        "now, reviewing all values...",
        "looking for TAG...\ncannot find a final value for TAG yet\nthis is a generated value...",
        &format!(
            "'{tag}'\nDo you want to:\n(C) continue with this value\n(p) provide a new value\n(a) auto-accept and generate all remaining values\n(q) quit\n: "
        ),
        "looking for PORT...\nthe value '9090' is already set in the environment\n so we are skipping...",
        "To get a new GROUP we will send a request to https://fake.example with the following body:",
        "'(known after apply)'",
        "http://localhost:9090",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(text.matches("Do you want to:").count(), 5);
    assert!(
        text.contains("looking for SCOPE..."),
        "all the rest is shown too"
    );
}

#[tokio::test]
async fn a_value_can_be_given_and_stays_for_the_next_run() {
    let bench = Bench::new();
    let answers = ["c", "p", "80\u{1b}80", "", "9999", "a"];
    let (outcome, script) = review(&bench, INPUT, false, &answers).await;
    outcome.unwrap();
    assert!(
        script
            .text()
            .contains("Enter a value for PORT\nor enter q to quit\nPORT: ")
    );
    assert!(script.text().contains("no control characters"));
    let output = bench.output("standard");
    assert_eq!(output["PORT"], "9999");
    assert_eq!(
        output["CLIENT"]["redirect_uris"][0],
        "http://localhost:9999"
    );
    bench.writes();
    let script = bench.apply().await.unwrap();
    assert_eq!(bench.writes(), [""; 0], "{}", script.text());
    assert_eq!(bench.output("standard"), output);
}

#[tokio::test]
async fn a_tag_that_cannot_stand_in_names_is_asked_for_again() {
    let bench = Bench::new();
    let (outcome, script) = review(&bench, INPUT, false, &["p", "a b", "mine", "a"]).await;
    outcome.unwrap();
    assert!(script.text().contains("a tag is"), "{}", script.text());
    assert_eq!(bench.output("standard")["TAG"], "mine");
}

#[tokio::test]
async fn who_quits_or_leaves_changes_nothing() {
    for answers in [&["q"][..], &["C", "Q"], &["p", "q"], &["c", "c"], &[]] {
        let bench = Bench::new();
        let (outcome, _) = review(&bench, INPUT, false, answers).await;
        let error = outcome.unwrap_err();
        assert!(
            matches!(error, BootstrapError::Quit),
            "{answers:?}: {error}"
        );
        assert_eq!(bench.writes(), [""; 0]);
        assert!(!bench.path("standard").exists());
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_asked_for_again() {
    let bench = Bench::new();
    let (outcome, script) = review(&bench, INPUT, false, &["x", "yes", "a"]).await;
    outcome.unwrap();
    assert_eq!(script.text().matches("Do you want to:").count(), 3);
}

#[tokio::test]
async fn with_yes_nobody_is_asked_and_all_is_shown() {
    let bench = Bench::new();
    let (outcome, script) = review(&bench, INPUT, true, &[]).await;
    outcome.unwrap();
    assert!(script.text().contains("looking for SCOPE..."));
    assert!(!script.text().contains("Do you want to:"));
}

#[tokio::test]
async fn a_value_that_nothing_gives_is_asked_for_with_its_hint_or_named() {
    let input = r#"{"A": {"objType": "string", "default": "<{{B}}>", "saveToOutput": true},
        "B": {"objType": "string", "hint": "a letter\u001b[31m, please"},
        "API_SECRET": {"objType": "string"},
        "G": {"objType": "json", "objectClass": "okta:user_group", "default": {"name": "{{A}}"}}}"#;
    let bench = Bench::new();
    let error = bench.apply_as("standard", input).await.unwrap_err();
    assert!(error.is_wrong_use(), "{error}");
    let (outcome, script) = review(&bench, input, false, &["x", "hush", "a"]).await;
    outcome.unwrap();
    assert_eq!(bench.output("standard")["A"], "<x>");
    assert_eq!(script.hidden, ["API_SECRET: "]);
    let text = script.text();
    assert!(text.contains("Enter a value for B\nor enter q to quit\na letter [31m, please"));
    assert!(!text.contains("hush"), "{text}");
}
