//! Each thing done wrong, found by the check that it belongs to, with what mends it.

use solar_system::finding::Verdict::{self, Blemish, Failure, Hole, NotTestable, Pass};

use super::world::{CLIENT, Fault, GATEWAY, PASSWORD, World};
use super::{find, findings_of, only};

/// The fault, the check that finds it, how, and words of what mends it.
#[rustfmt::skip]
const TABLE: &[(Fault, &str, Verdict, &str)] = &[
    (Fault::NoDiscovery, "discovery", Failure, "Set ISSUER"),
    (Fault::DiscoveryMoved, "discovery", Failure, "Set ISSUER"),
    (Fault::DiscoveryIsAPage, "discovery", Failure, "look at what answers"),
    (Fault::DiscoveryContentType, "discovery", Blemish, "application/json"),
    (Fault::TwoIssuers, "discovery", Blemish, "both documents"),
    (Fault::IssuerSlash, "issuer", Failure, "Set ISSUER=http://127.0.0.1:"),
    (Fault::IssuerOther, "issuer", Failure, "Set ISSUER=https://other.example"),
    (Fault::HttpEndpoint, "endpoints", Failure, "https"),
    (Fault::EndpointMissing, "endpoints", Failure, "https"),
    (Fault::OtherName, "hosts", Blemish, "one name"),
    (Fault::NoKeys, "keys", Failure, "publish a key"),
    (Fault::KeysBroken, "keys", Failure, "publish a key"),
    (Fault::EncryptionOnly, "keys", Failure, "publish a key for signatures"),
    (Fault::KeyWithoutName, "keys", Blemish, "a kid"),
    (Fault::AlgNone, "algorithms", Blemish, "none off"),
    (Fault::AlgHmac, "algorithms", Failure, "RS256 or ES256"),
    (Fault::AlgWithoutKey, "algorithms", Failure, "publish the key"),
    (Fault::Late, "clock.issuer", Blemish, "NTP"),
    (Fault::Later, "clock.issuer", Failure, "NTP"),
    (Fault::RedirectUnknown, "redirect", Failure, "Register http://localhost:1/callback as a redirect URI of the client the-app"),
    (Fault::GrantNotAllowed, "redirect", Failure, "authorization code grant"),
    (Fault::RedirectAny, "redirect.others", Hole, "whole redirect URIs"),
    (Fault::RedirectPrefix, "redirect.others", Hole, "without wildcards"),
    (Fault::RedirectBusy, "redirect.others", NotTestable, ""),
    (Fault::RedirectDown, "redirect.others", NotTestable, ""),
    (Fault::RedirectAway, "redirect.others", NotTestable, ""),
    (Fault::NoS256, "pkce", Blemish, "PKCE with S256"),
    (Fault::SecretRefused, "client", Failure, "AUTHN_CLIENT_SECRET"),
    (Fault::TokenEndpointIsAPage, "client", Failure, "token_endpoint"),
    (Fault::SecretIgnored, "client.others", Hole, "confidential"),
    (Fault::CodeFirstSecretIgnored, "client.others", Hole, "confidential"),
    (Fault::ScopeSmaller, "level.silver", Failure, "http://myapp.com/scp/silver"),
    (Fault::ScopeLarger, "level.bronze", Hole, "default scopes"),
    (Fault::AccessDenied, "level.gold", Failure, "into the group"),
    (Fault::PagesUnknown, "level.gold", NotTestable, ""),
    (Fault::OtherAudience, "token", Failure, "AUDIENCE=https://other.example"),
    (Fault::IntrospectionRefused, "introspection", Failure, "INTROSPECT_CLIENT_SECRET"),
    (Fault::ActiveText, "introspection", Failure, "boolean"),
    (Fault::JwtNotIntrospected, "introspection", Failure, "GATEWAY_POLICY=jwt"),
    (Fault::ActiveForJunk, "introspection", Hole, "GATEWAY_POLICY=jwt"),
    (Fault::ActiveForNobody, "introspection", Failure, "tokens of other clients"),
    (Fault::NoLogout, "logout", Blemish, "RP-initiated logout"),
    (Fault::LogoutGone, "logout", Failure, "end_session_endpoint"),
    (Fault::LogoutUnregistered, "logout.return", Failure, "Register http://localhost:1/signed-out"),
    (Fault::LogoutAny, "logout.return", Hole, "whole addresses"),
    (Fault::LogoutAnyHost, "logout.return", Hole, "whole addresses"),
    (Fault::LogoutAsks, "logout.return", NotTestable, ""),
    (Fault::LogoutDown, "logout.return", NotTestable, ""),
    (Fault::LogoutElsewhere, "logout.return", NotTestable, ""),
    (Fault::LogoutHangsUp, "logout.return", NotTestable, ""),
    (Fault::GatewayGone, "gateway", Failure, "PROXY_URI"),
    (Fault::GatewayPath, "gateway", Failure, "resource paths are appended"),
    (Fault::GatewayUpstream, "gateway", Failure, "Start the API"),
    (Fault::GatewayWantsTokens, "gateway", Failure, "/visitors"),
    (Fault::NoChallenge, "gateway.challenge", Blemish, "challenge"),
    (Fault::Open, "gateway.challenge", Hole, "solar-system verify"),
    (Fault::TakesJunk, "gateway.junk", Hole, "solar-system verify"),
    (Fault::JunkIs503, "gateway.junk", Failure, "gateway's log"),
    (Fault::RefusesTokens, "gateway.token", Failure, "settings-for"),
    (Fault::NoRightFound, "gateway.token", Failure, "scope rule"),
    (Fault::GatewayLate, "clock.gateway", Failure, "NTP"),
];

/// Checks whose faults are not of a provider or a gateway, each with the file of its tests.
const ELSEWHERE: &[(&str, &str)] = &[
    ("settings", include_str!("program.rs")),
    ("names.issuer", include_str!("around.rs")),
    ("names.gateway", include_str!("around.rs")),
    ("names.app", include_str!("around.rs")),
    ("proxy", include_str!("around.rs")),
    ("tls.issuer", include_str!("tls.rs")),
    ("tls.gateway", include_str!("tls.rs")),
];

/// What follows from a fault at other checks, without being skipped.
#[rustfmt::skip]
const BESIDE: &[(Fault, &str)] = &[
    (Fault::ScopeSmaller, "level.gold"),
    (Fault::OtherAudience, "introspection"),
    (Fault::RedirectAny, "redirect.others"),
    (Fault::NoLogout, "logout.return"),
];

#[tokio::test]
async fn each_fault_is_found_by_its_check_and_by_no_other() {
    let mut wrong: Vec<String> = Vec::new();
    for (fault, id, verdict, fix) in TABLE {
        let world = World::start(&[*fault]);
        let findings = findings_of(&world, &[]).await;
        let found = find(&findings, id);
        let told = found.fix.clone().unwrap_or_default();
        if found.verdict != *verdict || !told.contains(fix) || found.reason.is_none() {
            wrong.push(format!("{fault:?}: {found:#?}"));
        }
        for other in findings.iter().filter(|other| other.id != *id) {
            let follows = BESIDE.contains(&(*fault, other.id.as_str()));
            if !matches!(other.verdict, Pass | NotTestable) && !follows {
                wrong.push(format!("{fault:?}: {other:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_a_fault_that_it_does_not_let_pass() {
    for check in solar_system::doctor::CHECKS {
        let stem = check.id.split('<').next().unwrap();
        let here = |(_, id, verdict, _): &(Fault, &str, Verdict, &str)| {
            (*id == check.id || stem != check.id && id.starts_with(stem)) && *verdict != Pass
        };
        let there = |(id, tests): &(&str, &str)| *id == check.id && tests.contains(id);
        let found = TABLE.iter().any(here) || ELSEWHERE.iter().any(there);
        assert!(found, "nothing is known to fail {}", check.id);
    }
}

#[tokio::test]
async fn a_token_is_held_against_keys_and_audience_though_it_alone_is_asked_for() {
    for (faults, wanted, verdict, fix) in [
        (&[][..], "token", Pass, ""),
        (&[Fault::OtherAudience], "token", Failure, "into aud"),
        (
            &[Fault::OtherAudience],
            "gateway.token",
            Failure,
            "into aud",
        ),
        (&[Fault::OtherKey], "token", Failure, "jwks_uri"),
        (&[Fault::KeysBroken], "token", NotTestable, ""),
    ] {
        let findings = only(&World::by_keys(faults), wanted).await;
        let found = find(&findings, "token");
        assert_eq!(found.verdict, verdict, "{faults:?}: {found:#?}");
        let told = found.fix.clone().unwrap_or_default();
        assert!(told.contains(fix), "{faults:?}: {told}");
        if faults.is_empty() {
            assert_eq!(findings.len(), 1, "quietly: {findings:#?}");
        }
    }
}

#[tokio::test]
async fn without_keys_no_token_passes_unless_the_gateway_asks_and_whom_it_is_for_counts_there_too()
{
    let faults = [Fault::KeysBroken, Fault::OtherAudience];
    let findings = findings_of(&World::by_keys(&faults), &[]).await;
    assert_eq!(find(&findings, "keys").verdict, Failure);
    for id in ["token", "gateway.token"] {
        let found = find(&findings, id);
        assert_eq!(found.verdict, NotTestable, "{found:#?}");
    }
    let findings = findings_of(&World::start(&faults), &[]).await;
    let found = find(&findings, "token");
    assert_eq!(found.verdict, Failure, "{found:#?}");
    let findings = findings_of(&World::start(&[Fault::KeysBroken]), &[]).await;
    let found = find(&findings, "token");
    assert_eq!(found.verdict, Pass, "it is asked about: {found:#?}");
}

#[tokio::test]
async fn no_refusal_but_that_of_the_secret_proves_that_another_secret_is_refused() {
    for fault in [
        Fault::RedeemsWithTrouble,
        Fault::NobodySignsIn,
        Fault::PagesUnknown,
    ] {
        let world = World::start(&[Fault::CodeFirst, fault]);
        let findings = only(&world, "client.others").await;
        let found = find(&findings, "client.others");
        assert_eq!(found.verdict, NotTestable, "{fault:?}: {found:#?}");
    }
}

#[tokio::test]
async fn a_page_that_names_the_redirect_uri_refuses_it_with_200_too() {
    let world = World::start(&[Fault::RedirectNamed]);
    let findings = only(&world, "redirect.others").await;
    assert_eq!(find(&findings, "redirect.others").verdict, Pass);
}

#[tokio::test]
async fn what_stands_on_a_failed_check_is_skipped_and_says_so() {
    let world = World::start(&[Fault::IssuerSlash]);
    let findings = findings_of(&world, &[]).await;
    for id in [
        "endpoints",
        "keys",
        "redirect",
        "client",
        "level.gold",
        "token",
        "logout",
        "gateway.token",
    ] {
        let found = find(&findings, id);
        assert_eq!(found.verdict, NotTestable, "{id}");
        assert!(
            found.reason.as_ref().unwrap().starts_with("skipped: "),
            "{found:?}"
        );
    }
    assert!(
        find(&findings, "endpoints")
            .reason
            .as_ref()
            .unwrap()
            .contains("issuer is to be mended first")
    );
    for id in [
        "gateway",
        "gateway.challenge",
        "gateway.junk",
        "clock.issuer",
    ] {
        assert_eq!(find(&findings, id).verdict, Pass, "{id}");
    }
}

#[tokio::test]
async fn a_provider_that_looks_at_the_code_first_is_tried_with_a_real_one() {
    let world = World::start(&[Fault::CodeFirst]);
    let findings = findings_of(&world, &[]).await;
    let found = find(&findings, "client.others");
    assert_eq!(found.verdict, Pass, "{found:?}");
    let nobody = [
        ("BRONZE_USERNAME", ""),
        ("BRONZE_PASSWORD", ""),
        ("SILVER_USERNAME", ""),
        ("SILVER_PASSWORD", ""),
        ("GOLD_USERNAME", ""),
        ("GOLD_PASSWORD", ""),
    ];
    let findings = findings_of(&world, &nobody).await;
    for id in [
        "client.others",
        "level.gold",
        "token",
        "introspection",
        "gateway.token",
    ] {
        assert_eq!(find(&findings, id).verdict, NotTestable, "{id}");
    }
    let reason = find(&findings, "level.gold").reason.clone().unwrap();
    assert!(
        reason.contains("GOLD_USERNAME and GOLD_PASSWORD"),
        "{reason}"
    );
}

#[tokio::test]
async fn openid_is_granted_where_there_is_an_id_token_though_it_goes_unsaid() {
    let world = World::start(&[Fault::OpenidUnsaid]);
    let findings = findings_of(&world, &[]).await;
    for level in ["bronze", "silver", "gold"] {
        let found = find(&findings, &format!("level.{level}"));
        assert_eq!(found.verdict, Pass, "{found:#?}");
    }
}

#[tokio::test]
async fn a_gateway_that_checks_by_keys_takes_other_tokens_than_one_that_asks() {
    for (fault, over, verdict, fix) in [
        (None, &[][..], Pass, ""),
        (
            Some(Fault::Opaque),
            &[],
            Failure,
            "GATEWAY_POLICY=introspection",
        ),
        (Some(Fault::OtherKey), &[], Failure, "jwks_uri"),
        (
            Some(Fault::OtherAudience),
            &[],
            Failure,
            "api://default into aud",
        ),
        (Some(Fault::TokenTyp), &[], Pass, ""),
        (
            Some(Fault::TokenTyp),
            &[("ACCESS_TOKEN_TYP", "at+jwt")],
            Failure,
            "ACCESS_TOKEN_TYP=any",
        ),
    ] {
        let faults: Vec<Fault> = fault.into_iter().collect();
        let world = World::by_keys(&faults);
        let findings = findings_of(&world, over).await;
        let found = find(&findings, "token");
        assert_eq!(found.verdict, verdict, "{fault:?}: {found:#?}");
        let told = found.fix.clone().unwrap_or_default();
        assert!(told.contains(fix), "{fault:?}: {told}");
        assert_eq!(find(&findings, "introspection").verdict, NotTestable);
    }
    let world = World::start(&[Fault::Opaque]);
    let findings = findings_of(&world, &[]).await;
    assert_eq!(find(&findings, "token").verdict, Pass, "it is asked about");
}

#[tokio::test]
async fn com_07_no_secret_comes_back_from_a_provider_that_repeats_what_it_is_shown() {
    for faults in [
        vec![Fault::Echo],
        vec![Fault::Echo, Fault::SecretRefused],
        vec![Fault::Echo, Fault::IntrospectionRefused],
        vec![Fault::Echo, Fault::CodeFirst],
    ] {
        let world = World::start(&faults);
        let findings = findings_of(&world, &[]).await;
        let told = serde_json::to_string(&findings).unwrap();
        assert!(!told.contains("canary"), "{told}");
        for (id, secret) in [CLIENT, GATEWAY] {
            let secret = solar_system::oauth::Secret::new(secret);
            let basic = solar_system::oauth::basic_credentials(id, &secret);
            let basic = basic.expose().trim_start_matches("Basic ").to_owned();
            assert!(!told.contains(&basic), "{told}");
        }
        assert!(!told.contains(PASSWORD) && !told.contains(".eyJ"), "{told}");
    }
}

#[tokio::test]
async fn cli_07_settings_that_are_wrong_are_told_and_the_rest_is_still_looked_at() {
    let world = World::start(&[]);
    let mut settings = world.settings();
    settings.retain(|(name, _)| name != "AUTHN_CLIENT_SECRET");
    settings.push(("SESSION_MAX_AGE".to_owned(), "for ever".to_owned()));
    let (read, seen) =
        solar_system::doctor::read_settings(&solar_system::settings::Source::of(settings));
    let known = solar_system::stack::Known::default();
    let patient = solar_system::stack::patient(read.unwrap(), seen, &known).unwrap();
    let findings =
        solar_system::doctor::examine(patient, solar_system::doctor::Limits::TERMINAL).await;
    let found = find(&findings, "settings");
    assert_eq!(found.verdict, Failure, "{found:?}");
    let fix = found.fix.clone().unwrap();
    for name in ["AUTHN_CLIENT_SECRET", "SESSION_MAX_AGE"] {
        assert!(fix.contains(name), "{fix}");
    }
    let client = find(&findings, "client");
    assert_eq!(client.verdict, NotTestable);
    let reason = client.reason.clone().unwrap();
    assert!(
        reason.contains("AUTHN_CLIENT_SECRET is to be mended"),
        "{reason}"
    );
    assert_eq!(find(&findings, "redirect").verdict, Pass);
    assert_eq!(find(&findings, "gateway.junk").verdict, Pass);
}
