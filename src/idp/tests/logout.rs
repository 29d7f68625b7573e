//! Signing out at the provider.

use super::*;

const LOGOUT: &str = "/oauth2/default/v1/logout";

async fn signed_in<'p>(provider: &'p Provider, person: (&str, &str)) -> (Browser<'p>, String) {
    let browser = Browser::of(provider);
    let asked = Asked::new(SILVER);
    let code = browser.sign_in(&asked, person).await.returned()["code"].clone();
    let tokens = provider.redeem(&code, &asked.verifier).await.json();
    (browser, tokens["id_token"].as_str().unwrap().to_owned())
}

async fn is_signed_in(browser: &Browser<'_>) -> bool {
    let location = browser
        .authorize(&Asked::new(SILVER))
        .await
        .location()
        .to_owned();
    location.starts_with(REDIRECT_URI)
}

fn logout(fields: &[(&str, &str)]) -> String {
    format!("{LOGOUT}?{}", form(fields))
}

#[tokio::test]
async fn sec_as_24_a_hint_of_ours_ends_the_session_and_returns_to_the_registered_uri() {
    let provider = Provider::start();
    for late in [false, true] {
        let (browser, id_token) = signed_in(&provider, CARL).await;
        if late {
            provider.advance(1200); // the ID token has expired, the session has not
        }
        let old = browser.cookie("solar_idp_session").unwrap();
        let fields = [
            ("id_token_hint", id_token.as_str()),
            ("post_logout_redirect_uri", SIGNED_OUT),
            ("state", "a b"),
        ];
        let answer = browser.get(&logout(&fields)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, "http://localhost:8080/signed-out?state=a+b")
        );
        assert!(browser.cookie("solar_idp_session").is_none() && !is_signed_in(&browser).await);
        browser.set_cookie("solar_idp_session", &old);
        assert!(!is_signed_in(&browser).await, "the old cookie still opens");
    }
    let (browser, id_token) = signed_in(&provider, CARL).await;
    let answer = browser.post(LOGOUT, &[("id_token_hint", &id_token)]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("location").is_none() && !is_signed_in(&browser).await);
}

#[tokio::test]
async fn a_refresh_token_ends_with_its_session_unless_offline_access_was_asked_for() {
    let provider = Provider::start();
    for (scope, outlives) in [(SILVER, false), ("openid offline_access", true)] {
        let browser = Browser::of(&provider);
        let asked = Asked::new(scope);
        let code = browser.sign_in(&asked, CARL).await.returned()["code"].clone();
        let tokens = provider.redeem(&code, &asked.verifier).await.json();
        let refresh = |tokens: &Value| {
            let token = tokens["refresh_token"].as_str().unwrap().to_owned();
            let provider = &provider;
            async move { provider.refresh(&token, "").await }
        };
        let newer = refresh(&tokens).await.json();
        let hint = newer["id_token"].as_str().unwrap();
        let fields = [("id_token_hint", hint)];
        assert_eq!(browser.get(&logout(&fields)).await.status, 200);
        let answer = refresh(&newer).await;
        assert_eq!(answer.status == 200, outlives, "{scope}");
    }
}

#[tokio::test]
async fn a_cross_site_post_brings_no_cookie_but_the_hint_names_the_session() {
    let provider = Provider::start();
    let (browser, id_token) = signed_in(&provider, CARL).await;
    Browser::of(&provider)
        .post(LOGOUT, &[("id_token_hint", &id_token)])
        .await;
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn a_client_that_puts_no_token_in_a_url_names_the_session_instead() {
    let provider = Provider::start();
    let (browser, id_token) = signed_in(&provider, CARL).await;
    let (other, other_id_token) = signed_in(&provider, CARL).await;
    let sid = |token: &str| {
        let claims = crate::jose::inspect(token).unwrap().claims;
        claims["sid"].as_str().unwrap().to_owned()
    };
    for wrong in [sid(&other_id_token), "carl.sagan".to_owned(), String::new()] {
        let fields = [("client_id", APP), ("logout_hint", &wrong)];
        let asked = browser.get(&logout(&fields)).await;
        assert!(asked.field("csrf").is_some() && is_signed_in(&browser).await);
    }
    let own = sid(&id_token);
    let fields = [
        ("client_id", APP),
        ("logout_hint", own.as_str()),
        ("post_logout_redirect_uri", SIGNED_OUT),
    ];
    assert_eq!(browser.get(&logout(&fields)).await.location(), SIGNED_OUT);
    assert!(!is_signed_in(&browser).await && is_signed_in(&other).await);
}

#[tokio::test]
async fn sec_as_24_without_a_hint_about_this_person_the_person_is_asked() {
    let provider = Provider::start();
    let (other, others_hint) = signed_in(&provider, JODIE).await;
    let (_, foreign_hint) = signed_in(&Provider::start(), CARL).await;
    for hint in ["", "nonsense", &foreign_hint, &others_hint] {
        let (browser, _) = signed_in(&provider, CARL).await;
        let fields = [
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", SIGNED_OUT),
            ("state", "s"),
        ];
        let asked = browser.get(&logout(&fields)).await;
        assert_eq!(asked.status, 200);
        assert!(asked.body.contains("carl.sagan"));
        assert!(
            asked
                .header("content-security-policy")
                .unwrap()
                .contains("form-action 'self' http://localhost:8080;")
        );
        assert!(is_signed_in(&browser).await);

        let csrf = asked.field("csrf").unwrap().to_owned();
        let state = asked.field("state").unwrap().to_owned();
        let send = [
            ("csrf", csrf.as_str()),
            ("post_logout_redirect_uri", SIGNED_OUT),
            ("state", &state),
        ];
        for (csrf, header) in [
            ("", ("x", "y")),
            ("x", ("x", "y")),
            (&csrf, ("sec-fetch-site", "same-site")),
            (&csrf, ("origin", "http://evil.test")),
        ] {
            let forged = browser
                .send(Method::POST, "/signout", &[("csrf", csrf)], &[header])
                .await;
            assert_eq!(forged.status, 403);
        }
        assert!(is_signed_in(&browser).await);
        let answer = browser.post("/signout", &send).await;
        assert_eq!(
            answer.location(),
            "http://localhost:8080/signed-out?state=s"
        );
        assert!(!is_signed_in(&browser).await);
    }
    assert!(is_signed_in(&other).await);
}

#[tokio::test]
async fn sec_as_24_an_unregistered_return_uri_leads_nowhere_and_ends_nothing() {
    let provider = Provider::start();
    let (browser, id_token) = signed_in(&provider, CARL).await;
    let hint = ("id_token_hint", id_token.as_str());
    for uri in [
        "http://localhost:8080/signed-out/",
        "http://localhost:8080/",
        "http://evil.test/signed-out",
        REDIRECT_URI,
    ] {
        let answer = browser
            .get(&logout(&[hint, ("post_logout_redirect_uri", uri)]))
            .await;
        assert_eq!(answer.status, 400, "{uri}");
        assert!(answer.header("location").is_none());
    }
    for fields in [
        vec![hint, ("client_id", "stranger")],
        vec![hint, ("client_id", "telescope")],
        vec![
            hint,
            ("client_id", "telescope"),
            ("post_logout_redirect_uri", SIGNED_OUT),
        ],
        vec![hint, hint],
        vec![hint, ("state", "1"), ("state", "2")],
    ] {
        assert_eq!(
            browser.get(&logout(&fields)).await.status,
            400,
            "{fields:?}"
        );
    }
    assert!(is_signed_in(&browser).await);
}

#[tokio::test]
async fn who_is_signed_out_already_is_simply_sent_on() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let answer = browser
        .get(&logout(&[
            ("client_id", APP),
            ("post_logout_redirect_uri", SIGNED_OUT),
        ]))
        .await;
    assert_eq!(answer.location(), SIGNED_OUT);
    let answer = browser.get(LOGOUT).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_post_without_a_cookie_ends_the_session_that_its_hint_names() {
    let provider = Provider::start();
    let (browser, id_token) = signed_in(&provider, CARL).await;
    let claims = crate::jose::inspect(&id_token).unwrap().claims;
    let sid = claims["sid"].as_str().unwrap();
    let fields = [
        ("client_id", APP),
        ("logout_hint", sid),
        ("post_logout_redirect_uri", SIGNED_OUT),
    ];
    let answer = Browser::of(&provider).post(LOGOUT, &fields).await;
    assert_eq!(answer.location(), SIGNED_OUT);
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn nobody_is_told_that_a_session_has_ended_when_none_has() {
    let provider = Provider::start();
    let (browser, _) = signed_in(&provider, CARL).await;
    // A cross-site form brings no cookie: the browser is asked to come again with it.
    let fields = [
        ("client_id", APP),
        ("logout_hint", "nonsense"),
        ("post_logout_redirect_uri", SIGNED_OUT),
        ("state", "a b"),
    ];
    let answer = Browser::of(&provider).post(LOGOUT, &fields).await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("set-cookie").is_none());
    let again = answer.location().to_owned();
    assert!(again.starts_with(LOGOUT), "{again}");
    let asked = browser.get(&again).await;
    assert!(asked.field("csrf").is_some() && is_signed_in(&browser).await);
    assert_eq!(asked.field("state"), Some("a b"));

    let nobody = Browser::of(&provider).get(LOGOUT).await;
    assert!(nobody.status == 200 && !nobody.body.contains("has ended"));
    let (other, id_token) = signed_in(&provider, CARL).await;
    let ended = other.get(&logout(&[("id_token_hint", &id_token)])).await;
    assert!(ended.body.contains("has ended"));
}

#[tokio::test]
async fn a_session_cookie_beside_another_of_its_name_is_found_and_ended() {
    let provider = Provider::start();
    let (browser, id_token) = signed_in(&provider, CARL).await;
    let own = browser.cookie("solar_idp_session").unwrap();
    let doubled = format!("{}; solar_idp_session={own}", "A".repeat(43));
    browser.set_cookie("solar_idp_session", &doubled);
    let asked = browser.get(LOGOUT).await;
    assert!(asked.field("csrf").is_some(), "{}", asked.body);
    browser.get(&logout(&[("id_token_hint", &id_token)])).await;
    browser.set_cookie("solar_idp_session", &own);
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn sec_as_24_a_client_that_registered_itself_must_be_named_to_be_returned_to() {
    let provider = Provider::start();
    provider.change(|org| {
        let mut own = org.client(APP).unwrap().clone();
        "0oaOwn".clone_into(&mut own.id);
        own.registered_by = crate::idp::org::RegisteredBy::Anybody;
        own.post_logout_redirect_uris = vec!["https://own.example/out".to_owned()];
        org.clients.push(own);
    });
    let browser = Browser::of(&provider);
    let uri = ("post_logout_redirect_uri", "https://own.example/out");
    assert_eq!(browser.get(&logout(&[uri])).await.status, 400);
    let named = browser.get(&logout(&[uri, ("client_id", "0oaOwn")])).await;
    assert_eq!(named.status, 303);
    let other = browser
        .get(&logout(&[("post_logout_redirect_uri", SIGNED_OUT)]))
        .await;
    assert_eq!(other.status, 303);
}
