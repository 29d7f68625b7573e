//! Clients are told that a session has ended.

use super::{
    managed::{TOKEN, manage},
    *,
};
use crate::{
    jose::{Algorithm, KeySet, LOGOUT_EVENT, LogoutToken, LogoutTokenRules, verify_logout_token},
    net::{Listeners, Room, RunningRoom},
};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Mutex;

const OTHER_APP: &str = "another-app";
const LOGOUT: &str = "/oauth2/default/v1/logout";

/// A client's receiving end, which keeps what comes: content type and body.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<(String, String)>>>,
    _room: RunningRoom,
}

impl Receiver {
    async fn answering(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Self {
        let got = Arc::<Mutex<Vec<(String, String)>>>::default();
        let keeping = Arc::clone(&got);
        let handler = move |headers: HeaderMap, body: String| {
            let kind = headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
            keeping.lock().unwrap().push((kind, body));
            let answer = answer();
            async move { answer }
        };
        let router = Router::new().route("/told", axum::routing::post(handler));
        let listeners = Listeners::bind("127.0.0.1", 0).await.unwrap();
        let url = format!("{}/told", listeners.url());
        let room = Room {
            name: "client",
            listeners,
            router,
        };
        Self {
            url,
            got,
            _room: room.start(),
        }
    }

    async fn start() -> Self {
        Self::answering(|| StatusCode::OK.into_response()).await
    }

    /// The logout tokens that came, and nothing else may have.
    fn tokens(&self) -> Vec<String> {
        let got = self.got.lock().unwrap();
        let token = |(kind, body): &(String, String)| {
            assert_eq!(kind, "application/x-www-form-urlencoded");
            body.strip_prefix("logout_token=").unwrap().to_owned()
        };
        got.iter().map(token).collect()
    }

    /// Waits until so many have come: some are told while nobody waits for it.
    async fn after(&self, count: usize) -> Vec<String> {
        for _ in 0..500 {
            if self.got.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.tokens()
    }
}

/// A provider that tells the app there, and knows a second app.
fn telling(receiver: &Receiver) -> Provider {
    let url = receiver.url.clone();
    let provider = Provider::start_with(|config| {
        config.backchannel_logout_uri = Some(url);
        config.api_token = Some(Secret::new(TOKEN));
    });
    provider.change(|org| {
        let mut other = org.client(APP).unwrap().clone();
        OTHER_APP.clone_into(&mut other.id);
        org.clients.push(other);
    });
    provider
}

async fn keys(provider: &Provider) -> KeySet {
    let published = provider.get("/oauth2/default/v1/keys").await;
    KeySet::parse(published.body.as_bytes()).unwrap()
}

async fn verified(provider: &Provider, token: &str) -> LogoutToken {
    let rules = LogoutTokenRules {
        issuer: ISSUER,
        client_id: APP,
        other_audiences: &[],
        algorithms: &[Algorithm::Es256],
        leeway: 0,
        max_age: 0,
    };
    let keys = keys(provider).await;
    verify_logout_token(token, &keys, &rules, provider.clock.now())
        .unwrap()
        .claims
}

/// A browser that is signed in, and the ID token that the app got.
async fn signed_in<'p>(provider: &'p Provider, person: (&str, &str)) -> (Browser<'p>, String) {
    let browser = Browser::of(provider);
    let id_token = sign_in_again(&browser, provider, person).await;
    (browser, id_token)
}

async fn sign_in_again(browser: &Browser<'_>, provider: &Provider, person: (&str, &str)) -> String {
    let asked = Asked::new(SILVER).with("prompt", "login");
    let code = browser.sign_in(&asked, person).await.returned()["code"].clone();
    let tokens = provider.redeem(&code, &asked.verifier).await.json();
    tokens["id_token"].as_str().unwrap().to_owned()
}

fn sid(id_token: &str) -> String {
    let claims = crate::jose::inspect(id_token).unwrap().claims;
    claims["sid"].as_str().unwrap().to_owned()
}

fn logout(fields: &[(&str, &str)]) -> String {
    format!("{LOGOUT}?{}", form(fields))
}

#[tokio::test]
async fn sec_as_25_the_app_gets_one_logout_token_as_the_specification_has_it() {
    let receiver = Receiver::start().await;
    let provider = telling(&receiver);
    let (browser, id_token) = signed_in(&provider, CARL).await;
    let (_, other_id_token) = signed_in(&provider, CARL).await;
    assert_ne!(sid(&id_token), sid(&other_id_token));
    browser.get(&logout(&[("id_token_hint", &id_token)])).await;

    let tokens = receiver.tokens();
    assert_eq!(tokens.len(), 1, "the browser waits for it");
    let claims = verified(&provider, &tokens[0]).await;
    let user = crate::blueprint::user_id("carl.sagan");
    assert_eq!(
        (claims.subject, claims.session_id),
        (Some(user), Some(sid(&id_token)))
    );
    assert_eq!(claims.audience, [APP]);
    assert_eq!(claims.expires_at - claims.issued_at, 120);
    assert_eq!(claims.all["events"], json!({ LOGOUT_EVENT: {} }));
    assert!(claims.token_id.len() >= 43 && !claims.all.contains_key("nonce"));
    let header = crate::jose::inspect(&tokens[0]).unwrap().header;
    assert_eq!(header["typ"], "logout+jwt");

    // Signed in no more, so nobody is told twice.
    browser.get(&logout(&[("id_token_hint", &id_token)])).await;
    assert_eq!(receiver.tokens().len(), 1);
    let metadata = provider
        .get("/oauth2/default/.well-known/openid-configuration")
        .await
        .json();
    for announced in [
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
    ] {
        assert_eq!(metadata[announced], true);
    }
}

#[tokio::test]
async fn sec_as_25_every_way_a_session_ends_tells_its_clients() {
    let receiver = Receiver::start().await;
    let provider = telling(&receiver);
    let mut told = 0;
    let mut expect = async |id_token: &str, way: &str| {
        told += 1;
        let tokens = receiver.after(told).await;
        assert_eq!(tokens.len(), told, "{way}");
        let claims = verified(&provider, &tokens[told - 1]).await;
        assert_eq!(claims.session_id, Some(sid(id_token)), "{way}");
    };

    let (browser, id_token) = signed_in(&provider, CARL).await;
    let asked = browser.get(LOGOUT).await;
    let csrf = asked.field("csrf").unwrap().to_owned();
    browser.post("/signout", &[("csrf", &csrf)]).await;
    expect(&id_token, "said on our own page").await;

    let (browser, id_token) = signed_in(&provider, CARL).await;
    let fields = [("client_id", APP), ("logout_hint", &sid(&id_token))];
    browser.get(&logout(&fields)).await;
    expect(&id_token, "named by the session").await;

    let (_browser, id_token) = signed_in(&provider, CARL).await;
    let fields = [("id_token_hint", id_token.as_str())];
    Browser::of(&provider).post(LOGOUT, &fields).await;
    expect(&id_token, "named by a post without a cookie").await;

    let (browser, id_token) = signed_in(&provider, CARL).await;
    let again = sign_in_again(&browser, &provider, CARL).await;
    assert_eq!(sid(&again), sid(&id_token), "the same session to the app");
    sign_in_again(&browser, &provider, JODIE).await;
    expect(&id_token, "another person in the same browser").await;
}

#[tokio::test]
async fn sec_as_25_ses_11_a_person_who_is_put_out_or_gets_another_password_is_out_of_the_apps_at_once()
 {
    let receiver = Receiver::start().await;
    let provider = telling(&receiver);
    let user = format!("/api/v1/users/{}", CARL.0);
    let password = |word: &str| json!({ "credentials": { "password": { "value": word } } });
    let (first, second) = (
        (CARL.0, "another-Password-1"),
        (CARL.0, "another-Password-2"),
    );
    let out = format!("{user}/lifecycle/deactivate");
    let ways = [
        (CARL, Method::POST, &user, password(first.1)),
        (
            first,
            Method::PUT,
            &user,
            json!({ "profile": {
            "login": CARL.0, "email": "carl@example.com", "firstName": "Carl", "lastName": "S",
        }, "credentials": { "password": { "value": second.1 } } }),
        ),
        (second, Method::POST, &out, Value::Null),
        (second, Method::DELETE, &user, Value::Null),
    ];
    for (number, (person, method, path, body)) in ways.into_iter().enumerate() {
        let (browser, id_token) = signed_in(&provider, person).await;
        let (_other, _) = signed_in(&provider, JODIE).await;
        manage(&provider, Method::POST, &user, json!({})).await; // changes nothing of it
        manage(&provider, method.clone(), path, body).await;
        let tokens = receiver.after(number + 1).await;
        assert_eq!(tokens.len(), number + 1, "{method} {path}");
        let claims = verified(&provider, &tokens[number]).await;
        assert_eq!(claims.session_id, Some(sid(&id_token)), "{method} {path}");
        browser.sign_in_page(&Asked::new(SILVER)).await; // the session has ended
        if person == second {
            let back = format!("{user}/lifecycle/activate");
            manage(&provider, Method::POST, &back, Value::Null).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(receiver.tokens().len(), 4, "nobody else was told");
}

#[tokio::test]
async fn sec_as_25_only_clients_that_got_a_code_in_the_session_are_told_at_their_own_address() {
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let provider = telling(&receiver);
    provider.change(|org| {
        let client = org.client_mut(OTHER_APP).unwrap();
        client.backchannel_logout_uri = Some(other.url.clone());
    });
    let (browser, id_token) = signed_in(&provider, CARL).await;
    browser.get(&logout(&[("id_token_hint", &id_token)])).await;
    assert_eq!((receiver.tokens().len(), other.tokens().len()), (1, 0));

    let (browser, id_token) = signed_in(&provider, CARL).await;
    let both = browser
        .authorize(&Asked::new("openid").with("client_id", OTHER_APP))
        .await;
    assert!(both.returned().contains_key("error"), "no policy names it");
    provider.change(|org| {
        let server = org.server_mut("default").unwrap();
        let both = vec![APP.to_owned(), OTHER_APP.to_owned()];
        server.policies[0].clients = crate::idp::org::ClientCondition::These(both);
    });
    let both = browser
        .authorize(&Asked::new("openid").with("client_id", OTHER_APP))
        .await;
    assert!(both.returned().contains_key("code"));
    browser.get(&logout(&[("id_token_hint", &id_token)])).await;
    assert_eq!((receiver.tokens().len(), other.tokens().len()), (2, 1));
    let audience = crate::jose::inspect(&other.tokens()[0]).unwrap().claims;
    assert_eq!(audience["aud"], OTHER_APP);

    // One that is out of work, or registered no address, is not called.
    let (browser, id_token) = signed_in(&provider, CARL).await;
    provider.change(|org| org.client_mut(APP).unwrap().backchannel_logout_uri = None);
    browser
        .get(&logout(&[
            ("client_id", APP),
            ("logout_hint", &sid(&id_token)),
        ]))
        .await;
    assert_eq!(receiver.tokens().len(), 2);
}

#[tokio::test]
async fn sec_as_25_a_client_that_took_the_id_of_one_that_went_is_not_told_of_its_sessions() {
    let receiver = Receiver::start().await;
    let provider = telling(&receiver);
    let (browser, id_token) = signed_in(&provider, CARL).await;
    provider.change(|org| org.client_mut(APP).unwrap().incarnation = "0oaAnother".to_owned());
    browser.get(&logout(&[("id_token_hint", &id_token)])).await;
    assert!(receiver.tokens().is_empty());

    let (browser, id_token) = signed_in(&provider, CARL).await;
    browser.get(&logout(&[("id_token_hint", &id_token)])).await;
    assert_eq!(receiver.tokens().len(), 1, "it is told of its own");
}

#[tokio::test]
async fn sec_as_25_a_client_that_refuses_redirects_or_hangs_keeps_nobody_from_signing_out() {
    let elsewhere = Receiver::start().await;
    let target = elsewhere.url.clone();
    let redirecting = Receiver::answering(move || {
        (
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, target.clone())],
        )
            .into_response()
    })
    .await;
    let refusing = Receiver::answering(|| StatusCode::BAD_REQUEST.into_response()).await;
    // Takes the connection and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_url = format!("http://{}/told", silent.local_addr().unwrap());
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/told", listener.local_addr().unwrap())
    };
    for url in [&redirecting.url, &refusing.url, &silent_url, &closed] {
        let provider = telling(&elsewhere);
        provider.change(|org| {
            org.client_mut(APP).unwrap().backchannel_logout_uri = Some(url.clone());
        });
        let (browser, id_token) = signed_in(&provider, CARL).await;
        let fields = [
            ("id_token_hint", id_token.as_str()),
            ("post_logout_redirect_uri", SIGNED_OUT),
        ];
        let answer = browser.get(&logout(&fields)).await;
        assert_eq!(answer.location(), SIGNED_OUT, "{url}");
        let again = browser.authorize(&Asked::new(SILVER)).await;
        assert!(again.location().starts_with("/signin/"), "{url}");
    }
    assert_eq!(
        (redirecting.tokens().len(), refusing.tokens().len()),
        (1, 1)
    );
    assert!(elsewhere.tokens().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn sec_as_25_a_code_of_a_session_that_has_ended_is_worth_nothing_and_one_of_another_is() {
    let provider = Provider::start();
    let (browser, asked) = (Browser::of(&provider), Asked::new(SILVER));
    let code = browser.sign_in(&asked, CARL).await.returned()["code"].clone();
    let (other, other_asked) = (Browser::of(&provider), Asked::new(SILVER));
    let other_code = other.sign_in(&other_asked, CARL).await.returned()["code"].clone();

    let page = browser.get(LOGOUT).await;
    let csrf = page.field("csrf").unwrap().to_owned();
    browser.post("/signout", &[("csrf", &csrf)]).await;

    let refused = provider.redeem(&code, &asked.verifier).await;
    assert_eq!(refused.refusal(), (400, "invalid_grant".to_owned()));
    let taken = provider.redeem(&other_code, &other_asked.verifier).await;
    assert_eq!(taken.status, 200);
}

#[tokio::test]
async fn sec_as_04_25_a_code_that_is_used_twice_ends_its_grant_after_the_session_too() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let asked = Asked::new("openid offline_access");
    let code = browser.sign_in(&asked, CARL).await.returned()["code"].clone();
    let tokens = provider.redeem(&code, &asked.verifier).await.json();
    let page = browser.get(LOGOUT).await;
    let csrf = page.field("csrf").unwrap().to_owned();
    browser.post("/signout", &[("csrf", &csrf)]).await;
    let is_active = async |token: &str| {
        let token = tokens[token].as_str().unwrap();
        provider.introspect(APP, token).await["active"] == true
    };
    for (verifier, lives_on) in [(random_value(), true), (asked.verifier, false)] {
        let refused = provider.redeem(&code, &verifier).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant".to_owned()));
        for token in ["access_token", "refresh_token"] {
            assert_eq!(is_active(token).await, lives_on, "{token}");
        }
    }
}

#[tokio::test]
async fn sec_as_16_25_a_refresh_token_ends_with_its_session_unless_it_is_for_when_nobody_is_there()
{
    let provider = Provider::start();
    for (scope, outlives) in [(SILVER, false), ("openid offline_access", true)] {
        let (browser, asked) = (Browser::of(&provider), Asked::new(scope));
        let code = browser.sign_in(&asked, CARL).await.returned()["code"].clone();
        let tokens = provider.redeem(&code, &asked.verifier).await.json();
        let refreshed = provider
            .refresh(tokens["refresh_token"].as_str().unwrap(), "")
            .await;
        assert_eq!(refreshed.status, 200);
        let page = browser.get(LOGOUT).await;
        let csrf = page.field("csrf").unwrap().to_owned();
        browser.post("/signout", &[("csrf", &csrf)]).await;
        let token = refreshed.json()["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();
        let told = provider.introspect(APP, &token).await;
        assert_eq!(told["active"], outlives, "{scope}");
        assert_eq!(
            provider.refresh(&token, "").await.status == 200,
            outlives,
            "{scope}"
        );
    }
}

#[test]
fn sec_as_25_only_an_address_that_is_https_or_loopback_is_configured() {
    for (url, good) in [
        ("https://app.example/told", true),
        ("http://127.0.0.1:8080/told", true),
        ("http://app.example/told", false),
        ("https://app.example/told#x", false),
        ("https://me@app.example/told", false),
        ("javascript:alert(1)", false),
        ("/told", false),
    ] {
        let mut config = config(Clock::standing());
        config.backchannel_logout_uri = Some(url.to_owned());
        assert_eq!(open(config).is_ok(), good, "{url}");
    }
}
