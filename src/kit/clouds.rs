//! What the kits for `MuleSoft`, Apigee and webMethods refuse, since those gateways cannot express it.

use super::{Facts, Kit, Refused, samples::plain, tests::policy_of};
use crate::{
    jose::Algorithm,
    settings::PolicyChoice::{self, Introspection, Jwt},
};
use url::Url;

fn why_not(name: &str, policy: PolicyChoice, change: impl FnOnce(&mut Facts)) -> String {
    let kit = Kit::named(name).unwrap();
    let mut facts = plain(policy);
    kit.bundle(&facts)
        .expect("it is the change that is refused");
    change(&mut facts);
    match kit.bundle(&facts) {
        Err(Refused(why)) => why,
        Ok(_) => panic!("{name} with {policy:?} is written"),
    }
}

#[test]
fn cfg_05_a_path_for_all_that_is_below_is_refused_where_a_description_has_none() {
    for (name, policy) in [
        ("mulesoft", Jwt),
        ("mulesoft", Introspection),
        ("swag", Introspection),
    ] {
        let why = why_not(name, policy, |facts| {
            facts.rules = policy_of(&[("GET", "/a/*", "low")]);
        });
        assert!(why.contains("/a/") && why.contains("one by one"), "{why}");
    }
}

#[test]
fn cfg_04_algorithms_that_a_gateway_does_not_check_are_refused() {
    for (name, algorithms, named) in [
        (
            "mulesoft",
            vec![Algorithm::Rs256, Algorithm::Es256],
            "--algorithm",
        ),
        ("mulesoft", vec![Algorithm::Ps256], "PS256"),
        ("mulesoft", vec![Algorithm::EdDsa], "EdDSA"),
        ("mulesoft", vec![], "--algorithm"),
        (
            "apigee",
            vec![Algorithm::Rs256, Algorithm::Es256],
            "RS256 and ES256",
        ),
        (
            "apigee",
            vec![Algorithm::Es256, Algorithm::Es384],
            "--algorithm",
        ),
        ("apigee", vec![Algorithm::EdDsa], "EdDSA"),
        ("apigee", vec![], "--algorithm"),
    ] {
        let why = why_not(name, Jwt, |facts| facts.algorithms = algorithms);
        assert!(why.contains(named), "{why}");
    }
    let mut facts = plain(Jwt);
    facts.algorithms = vec![Algorithm::Rs256, Algorithm::Ps256];
    assert!(Kit::named("apigee").unwrap().bundle(&facts).is_ok());
}

#[test]
fn cfg_01_values_that_a_gateway_reads_as_something_else_are_refused_by_name() {
    let audience =
        |text: &'static str| move |facts: &mut Facts| text.clone_into(&mut facts.audience.value);
    for (name, policy, text) in [
        ("mulesoft", Jwt, "one,two"),
        ("mulesoft", Jwt, "${api.audience}"),
        ("mulesoft", Jwt, "#[vars.x]"),
        ("mulesoft", Jwt, "![x]"),
        ("mulesoft", Introspection, "a\nb"),
        ("apigee", Jwt, "a\nb"),
        ("swag", Introspection, "${x}"),
    ] {
        let why = why_not(name, policy, audience(text));
        let start: String = text.chars().take(1).collect();
        assert!(why.contains(&start), "{why}");
    }
    let why = why_not("mulesoft", Introspection, |facts| {
        facts.rules = policy_of(&[("GET", "/a", "#[true]")]);
    });
    assert!(why.contains("#[true]"), "{why}");
    let why = why_not("apigee", Introspection, |facts| {
        let introspection = facts.introspection.as_mut().unwrap();
        "a:b".clone_into(&mut introspection.client_id.value);
    });
    assert!(why.contains("a:b"), "{why}");
}

#[test]
fn cfg_03_apigee_calls_nobody_in_the_clear() {
    let here = || Url::parse("http://localhost:8083").unwrap();
    let why = why_not("apigee", Jwt, |facts| facts.upstream.value = here());
    assert!(why.contains("https"), "{why}");
    let why = why_not("apigee", Jwt, |facts| facts.jwks_uri.value = here());
    assert!(why.contains("https"), "{why}");
    let why = why_not("apigee", Introspection, |facts| {
        facts.introspection.as_mut().unwrap().endpoint.value = here();
    });
    assert!(why.contains("https"), "{why}");
}

#[test]
fn what_nobody_knows_of_the_issuer_is_asked_for() {
    for (name, policy) in [("mulesoft", Jwt), ("swag", Introspection)] {
        let why = why_not(name, policy, |facts| {
            facts.sign_in = super::SignIn::default();
        });
        assert!(why.contains("discovery"), "{why}");
    }
}

#[test]
fn cfg_04_webmethods_has_no_way_that_looks_at_no_audience() {
    let kit = Kit::named("swag").unwrap();
    let refused = kit.policy(Some(Jwt), Jwt).unwrap_err().to_string();
    assert!(refused.contains("introspection"), "{refused}");
    assert!(kit.bundle(&plain(Jwt)).is_err());
}
