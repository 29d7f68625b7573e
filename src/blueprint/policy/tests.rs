//! The access table of the default blueprint, as it is written; then what no table shows.

use super::*;

fn default_policy() -> Policy {
    Policy::of(&Blueprint::default())
}

/// A policy of method, path and scope; scope "" is open, "*" any token.
fn policy(rules: &[(&str, &str, &str)]) -> Policy {
    let rules = rules.iter().map(|(method, path, takes)| Rule {
        name: (*path).to_owned(),
        method: (*method).to_owned(),
        path: (*path).to_owned(),
        takes: match *takes {
            "" => Takes::Open,
            "*" => Takes::AnyToken,
            scopes => Takes::Scopes(Scopes::parse(scopes).unwrap()),
        },
        step_up: StepUp::default(),
    });
    Policy {
        rules: rules.collect(),
        recognised: Vec::new(),
    }
}

fn judge(policy: &Policy, method: &str, path: &str, granted: Option<&str>) -> &'static str {
    let scopes = granted.map(|granted| Scopes::parse(granted).unwrap());
    let caller = scopes.as_ref().map(|scopes| Caller {
        client_id: Some("app"),
        scopes,
        age: None,
        acr: None,
    });
    match policy.judge(&Facts {
        method,
        path,
        caller,
    }) {
        Verdict::Pass(_) => "pass",
        Verdict::TokenNeeded(_) => "token",
        Verdict::ClientNotRecognised(_) => "client",
        Verdict::ScopeMissing { .. } => "scope",
        Verdict::StepUpNeeded(_) => "step up",
        Verdict::MethodNotAllowed { .. } => "method",
        Verdict::NotFound => "unknown",
    }
}

#[test]
fn the_table_of_the_default_blueprint_holds_literally() {
    const SILVER: &str = "http://myapp.com/scp/silver";
    const GOLD: &str = "http://myapp.com/scp/gold";
    let both = format!("openid {SILVER} {GOLD}");
    let near = format!("{SILVER}x x{GOLD} HTTP://MYAPP.COM/SCP/GOLD Read reader");
    #[rustfmt::skip]
    let table = [
        //                   visitors asteroids comets planets  moons
        (None,               ["pass", "token", "token", "token", "token"]),
        (Some(""),           ["pass", "pass",  "scope", "scope", "scope"]),
        (Some("openid"),     ["pass", "pass",  "scope", "scope", "scope"]),
        (Some("read"),       ["pass", "pass",  "pass",  "scope", "scope"]),
        (Some(SILVER),       ["pass", "pass",  "scope", "pass",  "scope"]),
        (Some(GOLD),         ["pass", "pass",  "scope", "scope", "pass"]),
        (Some(&both),        ["pass", "pass",  "scope", "pass",  "pass"]),
        (Some(&near),        ["pass", "pass",  "scope", "scope", "scope"]),
    ];
    let policy = default_policy();
    let paths = ["/visitors", "/asteroids", "/comets", "/planets", "/moons"];
    for (granted, row) in table {
        for (path, expected) in paths.into_iter().zip(row) {
            assert_eq!(
                judge(&policy, "GET", path, granted),
                expected,
                "{path} with {granted:?}"
            );
            assert_eq!(
                judge(&policy, "HEAD", path, granted),
                expected,
                "HEAD {path} with {granted:?}"
            );
        }
    }
}

#[test]
fn what_is_not_named_is_not_there() {
    let policy = default_policy();
    let all = Some("read http://myapp.com/scp/silver http://myapp.com/scp/gold");
    for path in [
        "/",
        "",
        "moons",
        "/moon",
        "/moonsx",
        "/Moons",
        "/moons/",
        "/moons/io",
        "/moons?x",
        "/x",
        "/moons/*",
        "*",
        "/*",
    ] {
        assert_eq!(judge(&policy, "GET", path, all), "unknown", "{path}");
    }
    for method in [
        "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "*", "",
    ] {
        assert_eq!(judge(&policy, method, "/moons", all), "method", "{method}");
    }
}

#[test]
fn a_wildcard_is_what_is_below_and_the_longest_path_decides() {
    let policy = policy(&[
        ("*", "/a/*", "*"),
        ("GET", "/a/secret", "high"),
        ("GET", "/a/deep/*", "high"),
        ("POST", "/b", "*"),
        ("GET", "/b", ""),
    ]);
    for (method, path, expected) in [
        ("GET", "/a/x", "pass"),
        ("DELETE", "/a/x/y", "pass"),
        ("GET", "/a", "unknown"),
        ("GET", "/a/", "unknown"),
        ("GET", "/ax", "unknown"),
        ("GET", "/a/secret", "scope"),
        ("GET", "/a/secret/", "unknown"),
        ("POST", "/a/secret", "method"),
        ("GET", "/a/deep/x", "scope"),
        ("GET", "/a/deep/", "unknown"),
        ("GET", "/a/deeper", "pass"),
        ("FROB", "/a/x", "method"),
        ("POST", "/b", "pass"),
        ("PUT", "/b", "method"),
    ] {
        assert_eq!(
            judge(&policy, method, path, Some("low")),
            expected,
            "{method} {path}"
        );
    }
    assert_eq!(judge(&policy, "GET", "/b", None), "pass");
    assert_eq!(judge(&policy, "POST", "/b", None), "token");
}

#[test]
fn a_refused_method_says_which_are_allowed() {
    let policy = policy(&[("POST", "/b", "*"), ("GET", "/b", ""), ("*", "/c", "")]);
    let allowed = |path| match policy.judge(&Facts {
        method: "TRACE",
        path,
        caller: None,
    }) {
        Verdict::MethodNotAllowed { allowed } => allowed.join(" "),
        other => panic!("{other:?}"),
    };
    assert_eq!(allowed("/b"), "POST GET HEAD");
    assert_eq!(allowed("/c"), "GET HEAD POST PUT PATCH DELETE");
}

#[test]
fn several_scopes_are_needed_all_and_the_missing_are_named() {
    let policy = policy(&[("GET", "/x", "a b c")]);
    let scopes = Scopes::parse("c d").unwrap();
    let caller = Caller {
        client_id: None,
        scopes: &scopes,
        age: None,
        acr: None,
    };
    let verdict = policy.judge(&Facts {
        method: "GET",
        path: "/x",
        caller: Some(caller),
    });
    let Verdict::ScopeMissing { needed, rule } = verdict else {
        panic!("{verdict:?}")
    };
    let missing = scopes.missing(needed).to_string();
    assert_eq!(
        (needed.to_string(), missing, rule.name.as_str()),
        ("a b c".into(), "a b".into(), "/x")
    );
    assert_eq!(judge(&policy, "GET", "/x", Some("c b a")), "pass");
}

#[test]
fn listed_clients_alone_are_recognised() {
    let mut policy = policy(&[("GET", "/x", "*"), ("GET", "/open", "")]);
    policy.recognised = vec!["app".into(), "robot".into()];
    let scopes = Scopes::default();
    for (client_id, passes) in [
        (Some("app"), true),
        (Some("robot"), true),
        (Some("App"), false),
        (Some("ap"), false),
        (Some(""), false),
        (None, false),
    ] {
        let caller = Some(Caller {
            client_id,
            scopes: &scopes,
            age: None,
            acr: None,
        });
        let verdict = policy.judge(&Facts {
            method: "GET",
            path: "/x",
            caller,
        });
        assert_eq!(matches!(verdict, Verdict::Pass(_)), passes, "{client_id:?}");
        assert_eq!(
            matches!(verdict, Verdict::ClientNotRecognised(_)),
            !passes,
            "{client_id:?}"
        );
        let open = policy.judge(&Facts {
            method: "GET",
            path: "/open",
            caller,
        });
        assert!(matches!(open, Verdict::Pass(_)), "{client_id:?}");
    }
}

#[test]
fn gw_16_a_sign_in_is_recent_and_of_the_right_kind_or_not_enough() {
    let step_up = |max_age, acr_values: &[&str]| StepUp {
        max_age,
        acr_values: acr_values.iter().map(|one| (*one).to_owned()).collect(),
    };
    let (both, any) = (step_up(Some(300), &["mfa", "hwk"]), StepUp::default());
    for (age, acr, met) in [
        (Some(0), Some("mfa"), true),
        (Some(300), Some("hwk"), true),
        (Some(-60), Some("mfa"), true),
        (Some(301), Some("mfa"), false),
        (Some(-61), Some("mfa"), false),
        (Some(i64::MAX), Some("mfa"), false),
        (None, Some("mfa"), false),
        (Some(1), None, false),
        (Some(1), Some("MFA"), false),
        (Some(1), Some("mfa hwk"), false),
        (Some(1), Some(""), false),
        (None, None, false),
    ] {
        assert_eq!(both.is_met(age, acr), met, "{age:?} {acr:?}");
        assert!(any.is_met(age, acr));
    }
    assert!(step_up(Some(5), &[]).is_met(Some(5), None));
    assert!(step_up(None, &["mfa"]).is_met(None, Some("mfa")));
}

/// To sign in again helps nobody whose token lacks a scope.
#[test]
fn gw_16_scope_is_judged_before_the_sign_in() {
    let mut policy = policy(&[("GET", "/x", "a")]);
    assert!(policy.step_up().is_none());
    policy.rules[0].step_up.max_age = Some(1);
    assert_eq!(policy.step_up().unwrap().name, "/x");
    assert_eq!(judge(&policy, "GET", "/x", Some("b")), "scope");
    assert_eq!(judge(&policy, "GET", "/x", Some("a")), "step up");
}
