//! What is found, and what is no search.

use super::{parse::LONGEST, *};
use crate::idp::okta::error::OktaError;
use serde_json::json;

const ATTRIBUTES: [&str; 4] = ["profile.name", "status", "lastUpdated", "system"];

fn matches(text: &str) -> bool {
    let object = json!({
        "profile": { "name": "It's \"all\" (and) Or" }, "status": "ACTIVE", "system": false,
        "lastUpdated": "2026-02-01T00:00:00.000Z",
    });
    Search::parse(text, &ATTRIBUTES)
        .unwrap_or_else(|error| panic!("{text}: {error:?}"))
        .matches(&object)
}

#[test]
fn a_search_finds_what_it_says() {
    for yes in [
        r#"status eq "active""#,
        r#"status ne "INACTIVE""#,
        r#"profile.name eq "it's \"all\" (and) or""#,
        r#"profile.name sw "It" and profile.name ew "OR" and profile.name co "all""#,
        r#"status eq "x" or (status eq "ACTIVE" AND lastUpdated gt "2026-01-01T00:00:00.000Z")"#,
        r#"status eq "x" and status eq "x" or status eq "ACTIVE""#,
        "system eq false",
        "status pr",
    ] {
        assert!(matches(yes), "{yes}");
    }
    for no in [
        r#"status eq "ACTIV""#,
        r#"status eq "ACTIVE" and (status eq "x" or status eq "y")"#,
        "system eq true",
        r#"system eq "false""#,
        r#"lastUpdated lt "2026-01-01T00:00:00.000Z""#,
    ] {
        assert!(!matches(no), "{no}");
    }
}

#[test]
fn what_is_no_search_is_refused() {
    let deep = format!("{}status pr{}", "(".repeat(9), ")".repeat(9));
    let long = format!("status eq \"{}\"", "x".repeat(LONGEST));
    for odd in [
        "",
        "status",
        "status eq",
        "status eq x",
        "status is \"x\"",
        "status eq \"x",
        "(status pr",
        "status pr)",
        "status pr status pr",
        "status pr and",
        "password eq \"x\"",
        "\"status\" eq \"x\"",
        "() or status pr",
        &deep,
        &long,
    ] {
        let refused = Search::parse(odd, &ATTRIBUTES);
        assert!(
            matches!(refused, Err(OktaError::Search(_))),
            "{odd}: {refused:?}"
        );
    }
}
