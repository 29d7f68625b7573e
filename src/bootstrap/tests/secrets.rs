//! What nobody may see.

use super::{Bench, INPUT, Script, fake::When};
use crate::bootstrap::Session;
use std::{fmt::Write as _, fs};

/// Everything that is told to anybody, whatever happens.
async fn everything_said(bench: &Bench) -> String {
    let mut script = Script::answering(&["a"]);
    let mut all = String::new();
    let outcome = bench
        .session("standard", INPUT, async |session: &mut Session<'_>| {
            session.ask_missing(&mut script)?;
            session.review(false, &mut script)?;
            let plan = session.plan().await?;
            let _ = write!(all, "{plan}{}", plan.json());
            session.apply(&plan, &mut script).await?;
            all += &session.done().join("\n");
            Ok(())
        })
        .await;
    if let Err(error) = outcome {
        let _ = write!(all, "{error} {error:?}");
    }
    all + script.text().as_str()
}

#[tokio::test]
async fn cli_06_no_secret_is_said_and_the_output_is_its_owners_alone() {
    let bench = Bench::with(&[("OKTA_API_TOKEN", "canary-token")]);
    let mut said = everything_said(&bench).await; // made
    said += &everything_said(&bench).await; // found again
    let output = bench.output("standard");
    for thing in &mut bench.fake.state().things {
        thing.value["client_name"] = "drifted".into();
    }
    bench.writes();
    bench.fake.state().fails = Some((1, When::After));
    said += &everything_said(&bench).await; // changed, and failed
    said += &bench.destroy(None).await.unwrap().text();
    for name in ["AUTHN_CLIENT_SECRET", "SILVER_PASSWORD"] {
        let secret = output[name].as_str().unwrap();
        assert!(
            secret.len() > 7 && !said.contains(secret),
            "{name} in {said}"
        );
    }
    assert!(!said.contains("canary-token"));
    assert!(
        said.contains("Demo passwords are there as SILVER_PASSWORD."),
        "{said}"
    );
    assert!(said.contains("(hidden)") && said.contains("standard.json"));
}

#[cfg(unix)]
#[tokio::test]
async fn cli_06_the_output_has_mode_0600_and_no_half_of_it_is_left() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.fake.state().fails = Some((2, When::Before));
    bench.apply().await.unwrap_err();
    bench.apply().await.unwrap();
    let mode = fs::metadata(bench.path("standard"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let files = fs::read_dir(bench.folder.join("out")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, [".standard.json.lock", "standard.json"]);
}

#[tokio::test]
async fn cli_12_words_of_the_provider_cannot_move_the_terminal() {
    let bench = Bench::new();
    bench.fake.state().fails = Some((2, When::Before));
    bench.fake.state().says = "no\u{1b}[2J\r\nsolar-system: all is well\u{202e}".to_owned();
    let said = everything_said(&bench).await;
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        !lines
            .iter()
            .any(|line| line.starts_with("solar-system: all is well"))
    );
    let said = said.split("Refused").next().unwrap();
    assert!(
        !said.contains('\u{1b}') && !said.contains('\u{202e}'),
        "{said}"
    );
}

/// An input of somebody's own puts a password where no name gives it away.
#[tokio::test]
async fn cli_06_no_secret_of_an_own_input_is_in_a_plan_or_an_error() {
    let input = r#"{"FAKE_USER_PASSWORD": {"objType": "string", "default": "{{GENERATE_PASSWORD}}"},
        "GROUP": {"objType": "json", "objectClass": "okta:user_group",
        "default": {"profile": {"name": "ours"}, "note": {"x/y": ["use {{FAKE_USER_PASSWORD}}"]}}}}"#;
    let bench = Bench::new();
    bench.apply_as("standard", input).await.unwrap();
    let output = bench.output("standard");
    let generated = &output["$bootstrap"]["generated"]["FAKE_USER_PASSWORD"]["PASSWORD"];
    let secret = generated.as_str().unwrap();
    bench.fake.state().things[0].value["note"] = "canary-of-before".into();
    let plan = bench.plan(input).await.unwrap();
    let mut said = format!("{plan}{}", plan.json());
    assert!(said.contains("/note: (hidden)"), "{said}");
    bench.writes();
    bench.fake.state().fails = Some((1, When::Before));
    bench.fake.state().says = format!("what is use {secret}?");
    let error = bench.apply_as("standard", input).await.unwrap_err();
    said += &error.to_string();
    assert!(said.contains("what is (hidden)?"), "{said}");
    assert!(!said.contains(secret) && !said.contains("canary"), "{said}");
}
