//! Headless sign-ins at providers that misbehave: the password goes to the provider's own origin, once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;
use solar_system::calls::Credential;
use solar_system::finding::Verdict;
use solar_system::oauth::Secret;
use solar_system::verify::{Matrix, Provider, Tokens, verify};

use super::gateway::{self, Fault};
use super::{Bench, ids};
use crate::misbehaving::{Received, Reply, Server};
use crate::peers::free_port;

const PASSWORD: &str = "canary-of-a-password";

/// A provider whose authorization endpoint and what lies behind it answer so.
fn provider(answer: impl Fn(&Received, &str) -> Reply + Send + Sync + 'static) -> Server {
    let own = Arc::new(Mutex::new(String::new()));
    let known = Arc::clone(&own);
    let server = Server::start(0, move |request| {
        let issuer = known.lock().unwrap().clone();
        match request.path.as_str() {
            "/.well-known/openid-configuration" => Reply::json(&json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"),
            })),
            "/keys" => Reply::json(&json!({ "keys": [] })),
            _ => answer(request, &issuer),
        }
    });
    *own.lock().unwrap() = server.url();
    server
}

/// One person signs in at the first level; what the matrix says of it.
async fn signed_in_at(provider: &Server, redirect_uri: &str) -> Matrix {
    let bench = Bench::new(false).await;
    let gateway = gateway::start(bench.world.clone(), Fault::None);
    let mut config = bench.config(&gateway);
    config.issuer = provider.url();
    let people = ["bronze", "silver"].map(|level| {
        (
            level.to_owned(),
            ("somebody".to_owned(), Secret::new(PASSWORD)),
        )
    });
    config.tokens = Tokens::SignedIn(Box::new(Provider {
        client_id: "app".to_owned(),
        credential: Credential::Secret(Secret::new("a secret")),
        redirect_uri: redirect_uri.to_owned(),
        people: BTreeMap::from(people),
        machine_secret: None,
        ask_for_audience: None,
        revoke: false,
        clock: config.clock.clone(),
    }));
    verify(&config).await.unwrap()
}

fn reason(matrix: &Matrix, row: &str) -> String {
    let id = format!("{row}@resource.moons");
    let cell = matrix
        .cells
        .iter()
        .find(|cell| cell.finding.id == id)
        .unwrap();
    assert_eq!(cell.finding.verdict, Verdict::NotTestable, "{cell:?}");
    cell.finding.reason.clone().unwrap()
}

fn got_the_password(server: &Server) -> usize {
    let received = server.received();
    let with = received.iter().filter(|request| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        body.contains(PASSWORD) || request.query.contains(PASSWORD)
    });
    with.count()
}

fn sign_in_page(action: &str) -> Reply {
    Reply::html(&format!(
        "<form method=post action=\"{action}\"><input name=username><input type=password name=password><button>go</button></form>"
    ))
}

fn nowhere() -> String {
    format!("http://localhost:{}/callback", free_port())
}

#[tokio::test]
async fn com_05_a_sign_in_never_leaves_the_providers_origin() {
    let elsewhere = Arc::new(Server::start(0, |_| sign_in_page("/in")));
    let (by_redirect, by_form) = (elsewhere.url(), elsewhere.url());
    let redirecting = provider(move |_, _| Reply::redirect(302, &format!("{by_redirect}/login")));
    let posting = provider(move |_, _| sign_in_page(&format!("{by_form}/in")));
    for provider in [&redirecting, &posting] {
        let matrix = signed_in_at(provider, &nowhere()).await;
        let reason = reason(&matrix, "level.bronze");
        assert!(
            reason.contains("the sign-in leads to http://127.0.0.1:"),
            "{reason}"
        );
        assert!(elsewhere.received().is_empty());
        assert_eq!(got_the_password(provider), 0);
    }
}

#[tokio::test]
async fn a_password_that_is_not_taken_is_not_tried_again() {
    let provider = provider(|request, _| {
        let reply = sign_in_page("/in");
        if request.method == "POST" {
            return Reply::html(
                "<p role=alert>Wrong \u{1b}[31mpassword</p><form method=post><input name=u><input type=password name=p><button>go</button></form>",
            );
        }
        reply
    });
    let matrix = signed_in_at(&provider, &nowhere()).await;
    let reason = reason(&matrix, "level.bronze");
    assert!(
        reason.ends_with("did not take the password of somebody: Wrong  [31mpassword"),
        "{reason:?}"
    );
    assert!(!reason.contains(PASSWORD));
    assert_eq!(got_the_password(&provider), 1);
}

#[tokio::test]
async fn the_redirect_uri_is_never_called_and_the_state_is_compared() {
    let app = Server::start(0, |_| Reply::html("the app"));
    let callback = format!("{}/callback", app.url());
    let leading = callback.clone();
    let provider = provider(move |request, _| {
        if request.path == "/authorize" {
            return Reply::redirect(302, &format!("{leading}?code=c&state=another"));
        }
        Reply::status(404)
    });
    let matrix = signed_in_at(&provider, &callback).await;
    assert!(reason(&matrix, "level.bronze").contains("does not bear our state"));
    assert!(app.received().is_empty());
}

#[tokio::test]
async fn com_04_a_sign_in_that_leads_round_and_round_ends() {
    let provider = provider(|_, issuer| Reply::redirect(302, &format!("{issuer}/again")));
    let matrix = signed_in_at(&provider, &nowhere()).await;
    assert!(reason(&matrix, "level.bronze").contains("did not end within 20 steps"));
    assert!(provider.received_at("/again").len() < 50);
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_and_never_counted_as_passed() {
    let provider = provider(|request, _| {
        let (state, uri) = (
            request.field("state").unwrap(),
            request.field("redirect_uri").unwrap(),
        );
        let error = "error=access_denied&error_description=not%20you%1b";
        Reply::redirect(303, &format!("{uri}?{error}&state={state}"))
    });
    let matrix = signed_in_at(&provider, &nowhere()).await;
    let reason = reason(&matrix, "level.bronze");
    assert_eq!(reason, "the provider answered access_denied: not you ");
    let passed = ids(&matrix, Verdict::Pass);
    assert!(
        passed
            .iter()
            .all(|id| !id.starts_with("level.") && !id.starts_with("expired@"))
    );
}
