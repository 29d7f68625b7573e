//! What is wrong around provider and gateway: names that lead nowhere, proxies, and who never answers.

use std::time::{Duration, Instant};

use solar_system::doctor::{Limits, Patient, examine, examine_only};
use solar_system::finding::{
    Finding,
    Verdict::{Blemish, Failure, NotTestable, Pass},
};
use solar_system::net::Proxies;

use super::{find, patient_of};
use crate::misbehaving::{Reply, Server};
use crate::peers::free_port;

/// A setup of these hosts, with these proxies in its environment.
fn at(issuer: &str, gateway: &str, redirect_uri: &str, proxies: &[(&str, &str)]) -> Patient {
    let mut patient = patient_of(&[
        ("ISSUER", issuer),
        ("PROXY_URI", gateway),
        ("REDIRECT_URI", redirect_uri),
        ("AUTHN_CLIENT_ID", "app"),
        ("AUTHN_CLIENT_SECRET", "a secret"),
        ("SESSION_SECRET", crate::stack::SESSION_SECRET),
    ]);
    patient.proxies = Proxies::read(|name| {
        let found = proxies.iter().find(|(set, _)| *set == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    patient
}

async fn only(patient: Patient, wanted: &str) -> Vec<Finding> {
    let wanted = [wanted.to_owned()];
    let examined = examine_only(patient, Limits::TERMINAL, &wanted).await;
    examined.unwrap()
}

#[tokio::test]
async fn a_host_name_that_leads_nowhere_is_told_with_its_variable() {
    let nobody = "https://nobody.invalid";
    for (id, variable) in [
        ("names.issuer", "ISSUER"),
        ("names.gateway", "PROXY_URI"),
        ("names.app", "REDIRECT_URI"),
    ] {
        let patient = at(nobody, nobody, "https://nobody.invalid/callback", &[]);
        let findings = only(patient, id).await;
        let found = find(&findings, id);
        assert_eq!(found.verdict, Failure, "{found:#?}");
        assert!(
            found.got.contains("nobody.invalid leads nowhere"),
            "{found:#?}"
        );
        assert!(found.fix.as_ref().unwrap().contains(variable), "{found:#?}");
    }
    let patient = at(nobody, nobody, "http://localhost:1/callback", &[]);
    let findings = only(patient, "keys").await;
    let found = find(&findings, "keys");
    assert_eq!(found.verdict, NotTestable, "{found:#?}");
    assert_eq!(find(&findings, "names.issuer").verdict, Failure);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_takes_loopback_too_is_told() {
    let closed = format!("http://127.0.0.1:{}", free_port());
    let open = Server::start(0, |_| Reply::status(502));
    let open = open.url();
    for (proxies, verdict, fix) in [
        (vec![], Pass, ""),
        (
            vec![("https_proxy", closed.as_str())],
            Failure,
            "Correct HTTPS_PROXY",
        ),
        (
            vec![("https_proxy", "http://")],
            Failure,
            "http://HOST:PORT",
        ),
        (
            vec![("https_proxy", open.as_str())],
            Blemish,
            "NO_PROXY=localhost",
        ),
        (
            vec![("https_proxy", open.as_str()), ("no_proxy", "localhost")],
            Pass,
            "",
        ),
    ] {
        let told = format!("{proxies:?}");
        let patient = at(
            "https://idp.example",
            "https://gw.example",
            "http://localhost:1/callback",
            &proxies,
        );
        let findings = only(patient, "proxy").await;
        let found = find(&findings, "proxy");
        assert_eq!(found.verdict, verdict, "{told}: {found:#?}");
        let found = found.fix.clone().unwrap_or_default();
        assert!(found.contains(fix), "{told}: {found}");
    }
}

#[tokio::test]
async fn whoever_never_answers_is_named_by_the_check_and_holds_no_run_up() {
    let silent = Server::start(0, |_| Reply::never());
    let patient = at(
        &silent.url(),
        &silent.url(),
        "http://localhost:1/callback",
        &[],
    );
    let second = Duration::from_secs(1);
    let limits = Limits {
        check: second,
        total: second * 60,
    };
    let begun = Instant::now();
    let findings = examine(patient.clone(), limits).await;
    assert!(begun.elapsed() < second * 9, "{:?}", begun.elapsed());
    for id in ["discovery", "gateway"] {
        let found = find(&findings, id);
        assert_eq!(found.verdict, Failure, "{found:#?}");
        assert!(
            found.reason.as_ref().unwrap().contains("in time"),
            "{found:#?}"
        );
    }
    let limits = Limits {
        check: second * 60,
        total: second,
    };
    let begun = Instant::now();
    let findings = examine(patient, limits).await;
    assert!(begun.elapsed() < second * 9, "{:?}", begun.elapsed());
    for id in ["discovery", "gateway"] {
        let found = find(&findings, id);
        assert_eq!(found.verdict, NotTestable, "{found:#?}");
        let reason = found.reason.as_ref().unwrap();
        assert!(
            reason.contains("the time for all checks was up"),
            "{found:#?}"
        );
    }
}
