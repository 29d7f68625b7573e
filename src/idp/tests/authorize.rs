//! What may be asked for, and where the answer goes.

use super::*;

#[tokio::test]
async fn sec_as_01_02_before_client_and_redirect_uri_hold_nothing_leads_anywhere() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let good = Asked::new(SILVER);
    let mut bad = vec![
        good.clone().with("client_id", ""),
        good.clone().with("client_id", "stranger"),
        good.clone().with("client_id", "telescope"),
        good.clone().with("client_id", GATEWAY),
        good.clone().and("client_id", APP),
        good.clone().with("redirect_uri", ""),
        good.clone().and("redirect_uri", REDIRECT_URI),
    ];
    for uri in [
        "http://localhost:8080/callback/",
        "http://localhost:8080/callback?x=1",
        "http://localhost:8080/Callback",
        "http://localhost:8081/callback",
        "http://127.0.0.1:8080/callback",
        "https://localhost:8080/callback",
        "http://localhost:8080/callback#x",
        "http://localhost:8080",
        "http://evil.test/callback",
        "http://localhost:8080@evil.test/callback",
        "HTTP://localhost:8080/callback",
        "//localhost:8080/callback",
    ] {
        bad.push(good.clone().with("redirect_uri", uri));
    }
    for asked in bad {
        // Not even a wrong rest may redirect, since the target is not known.
        for asked in [asked.clone(), asked.with("response_type", "token")] {
            let answer = browser.authorize(&asked).await;
            assert_eq!(answer.status, 400, "{}", asked.query());
            assert!(answer.header("location").is_none());
            assert!(
                answer
                    .header("content-type")
                    .unwrap()
                    .starts_with("text/html")
            );
        }
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "most of them are one table")]
async fn sec_as_10_13_what_else_is_wrong_goes_back_to_the_client_with_state_and_issuer() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let good = Asked::new(SILVER);
    let cases = [
        (good.clone().with("response_type", ""), "invalid_request"),
        (
            good.clone().with("response_type", "token"),
            "unsupported_response_type",
        ),
        (
            good.clone().with("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (
            good.clone().with("response_mode", "fragment"),
            "invalid_request",
        ),
        (
            good.clone().with("response_mode", "form_post"),
            "invalid_request",
        ),
        (good.clone().with("code_challenge", ""), "invalid_request"),
        (
            good.clone().with("code_challenge", "abc"),
            "invalid_request",
        ),
        (
            good.clone().with("code_challenge_method", ""),
            "invalid_request",
        ),
        (
            good.clone().with("code_challenge_method", "plain"),
            "invalid_request",
        ),
        (
            good.clone().with("code_challenge_method", "s256"),
            "invalid_request",
        ),
        (good.clone().with("scope", ""), "invalid_scope"),
        (
            good.clone().with("scope", "openid nonsense"),
            "invalid_scope",
        ),
        (good.clone().with("scope", "openid read"), "invalid_scope"),
        (
            good.clone()
                .with("scope", "openid http://myapp.com/scp/silverx"),
            "invalid_scope",
        ),
        (good.clone().with("scope", "openid \"x\""), "invalid_scope"),
        (good.clone().with("prompt", "none login"), "invalid_request"),
        (good.clone().with("prompt", "create"), "invalid_request"),
        (good.clone().with("prompt", "none"), "login_required"),
        (good.clone().with("max_age", "-1"), "invalid_request"),
        (good.clone().with("max_age", "soon"), "invalid_request"),
        (good.clone().with("max_age", "+5"), "invalid_request"),
        (
            good.clone().with("request", "eyJ.e.y"),
            "request_not_supported",
        ),
        (
            good.clone().with("request_uri", "http://evil.test/r"),
            "request_uri_not_supported",
        ),
        (good.clone().and("scope", "openid"), "invalid_request"),
        (good.clone().and("nonce", "n-2"), "invalid_request"),
        (
            good.clone().and("unknown", "1").and("unknown", "1"),
            "invalid_request",
        ),
        (
            good.clone().with("nonce", &"n".repeat(1025)),
            "invalid_request",
        ),
        (
            good.clone().with("login_hint", &"n".repeat(1025)),
            "invalid_request",
        ),
        (
            good.clone().with("id_token_hint", "nonsense"),
            "invalid_request",
        ),
    ];
    for (asked, error) in cases {
        let returned = browser.authorize(&asked).await.returned();
        assert_eq!(
            (returned["error"].as_str(), returned["state"].as_str()),
            (error, "st ate&1"),
            "{}",
            asked.query()
        );
        assert!(!returned.contains_key("code"));
        let description = &returned["error_description"];
        assert!(
            description
                .bytes()
                .all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)),
            "{description}"
        );
    }
    // A state that cannot be given back is no reason to go on without it.
    for stateless in [
        good.clone().and("state", "b"),
        good.clone().with("state", &"s".repeat(1025)),
    ] {
        let returned = browser.authorize(&stateless).await.returned();
        assert_eq!(returned["error"], "invalid_request");
        assert!(!returned.contains_key("state"));
    }
    let longest = good.clone().with("state", &"s".repeat(1024));
    browser.sign_in_page(&longest).await;
    let without = browser
        .authorize(&good.with("state", "").with("scope", "x"))
        .await
        .returned();
    assert!(!without.contains_key("state"));
}

#[tokio::test]
async fn a_request_may_be_posted_and_unknown_parameters_are_ignored() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let asked = Asked::new(SILVER)
        .and("acr_values", "x")
        .and("request", "")
        .and("request_uri", "")
        .and("ui_locales", "de");
    let fields: Vec<_> = asked
        .parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = browser.post(&format!("{BASE}/v1/authorize"), &fields).await;
    assert!(answer.location().starts_with("/signin/"));
    let request = Request::post(format!("{BASE}/v1/authorize"))
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(provider.send(request).await.status, 400);
}

#[tokio::test]
async fn sec_as_20_a_session_answers_without_a_password_unless_the_client_wants_one() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    browser.sign_in(&Asked::new(SILVER), CARL).await.returned();

    for (name, value) in [("prompt", ""), ("prompt", "none"), ("max_age", "60")] {
        let returned = browser
            .authorize(&Asked::new(SILVER).with(name, value))
            .await
            .returned();
        assert!(returned.contains_key("code"), "{name}={value}");
    }
    for (name, value) in [
        ("prompt", "login"),
        ("prompt", "login consent"),
        ("prompt", "select_account"),
        ("max_age", "0"),
    ] {
        browser
            .sign_in_page(&Asked::new(SILVER).with(name, value))
            .await;
    }
    provider.advance(61);
    browser
        .sign_in_page(&Asked::new(SILVER).with("max_age", "60"))
        .await;
    let old = Asked::new(SILVER)
        .with("max_age", "60")
        .with("prompt", "none");
    assert_eq!(
        browser.authorize(&old).await.returned()["error"],
        "login_required"
    );
    assert!(
        browser
            .authorize(&Asked::new(SILVER))
            .await
            .returned()
            .contains_key("code")
    );
    provider.advance(31 * 60);
    browser.sign_in_page(&Asked::new(SILVER)).await;
}

#[tokio::test]
async fn sec_as_17_one_scope_too_many_denies_the_whole_request_and_says_why() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let returned = browser.sign_in(&Asked::new(GOLD), CARL).await.returned();
    assert_eq!(
        (returned["error"].as_str(), returned["state"].as_str()),
        ("access_denied", "st ate&1")
    );
    assert_eq!(
        returned["error_description"],
        "carl.sagan is in the group silver and may have [openid http://myapp.com/scp/silver]. \
         Too much was asked for: [http://myapp.com/scp/gold]."
    );
    // The session that began is the person's; it gets what the person may have, and no more.
    let again = browser
        .authorize(&Asked::new(GOLD).with("prompt", "none"))
        .await
        .returned();
    assert_eq!(again["error"], "access_denied");
    assert!(
        browser
            .authorize(&Asked::new(SILVER))
            .await
            .returned()
            .contains_key("code")
    );
    for scope in [
        GOLD,
        SILVER,
        "openid",
        "openid profile email offline_access",
    ] {
        let other = Browser::of(&provider);
        let returned = other.sign_in(&Asked::new(scope), JODIE).await.returned();
        assert!(returned.contains_key("code"), "{scope}");
    }
}

#[tokio::test]
async fn who_is_not_assigned_to_the_app_is_refused() {
    let provider = Provider::start_with(|config| {
        let mut clients = config.tenant.clients.iter_mut();
        clients.find(|client| client.id == APP).unwrap().groups = vec!["gold".to_owned()];
    });
    let returned = Browser::of(&provider)
        .sign_in(&Asked::new("openid"), CARL)
        .await
        .returned();
    assert_eq!(returned["error"], "access_denied");
    assert_eq!(
        returned["error_description"],
        "carl.sagan is not assigned to the app Solar System."
    );
    let returned = Browser::of(&provider)
        .sign_in(&Asked::new("openid"), JODIE)
        .await
        .returned();
    assert!(returned.contains_key("code"));
}

#[tokio::test]
async fn a_registered_query_is_kept() {
    let uri = "http://localhost:8080/callback?from=idp";
    let provider = Provider::start_with(|config| config.redirect_uris = vec![uri.to_owned()]);
    let asked = Asked::new("openid")
        .with("redirect_uri", uri)
        .with("scope", "x");
    let answer = Browser::of(&provider).authorize(&asked).await;
    assert!(
        answer
            .location()
            .starts_with("http://localhost:8080/callback?from=idp&error=invalid_scope&")
    );
}

#[tokio::test]
async fn an_id_token_hint_means_that_person_and_no_other() {
    let provider = Provider::start();
    let jodies = provider.tokens(JODIE, SILVER).await["id_token"].clone();
    let carls = provider.tokens(CARL, SILVER).await["id_token"].clone();
    let foreign = Provider::start().tokens(CARL, SILVER).await["id_token"].clone();
    provider.advance(1200); // an expired one is a hint all the same
    let hinting = |hint: &Value| Asked::new(SILVER).with("id_token_hint", hint.as_str().unwrap());
    let browser = Browser::of(&provider);
    browser.sign_in(&Asked::new(SILVER), CARL).await.returned();

    let silently = |hint| hinting(hint).with("prompt", "none");
    let own = browser.authorize(&silently(&carls)).await.returned();
    assert!(own.contains_key("code"));
    let others = browser.authorize(&silently(&jodies)).await.returned();
    assert_eq!(others["error"], "login_required");
    let strangers = browser.authorize(&hinting(&foreign)).await.returned();
    assert_eq!(strangers["error"], "invalid_request");

    let page = browser.sign_in_page(&hinting(&jodies)).await;
    let filled = browser.get(&page).await;
    assert!(filled.body.contains("value=\"jodie.foster\""));
    let wrong = browser.type_in(&page, CARL).await.returned();
    assert_eq!(wrong["error"], "login_required");
    let right = browser.sign_in(&hinting(&jodies), JODIE).await.returned();
    assert!(right.contains_key("code"));
}

#[tokio::test]
async fn ten_thousand_strangers_do_not_push_a_known_browser_s_sign_in_out() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let first = browser.sign_in_page(&Asked::new(SILVER)).await;
    browser.get(&first).await;
    let waiting = browser.sign_in_page(&Asked::new(SILVER)).await;
    let asked = Asked::new(SILVER);
    for _ in 0..10_050 {
        let answer = Browser::of(&provider).authorize(&asked).await;
        assert_eq!(answer.status, 303);
    }
    assert_eq!(browser.get(&waiting).await.status, 200);

    // One browser has twenty at most: its own oldest make room.
    for _ in 0..19 {
        browser.sign_in_page(&asked).await;
    }
    assert_eq!(browser.get(&waiting).await.status, 200);
    browser.sign_in_page(&asked).await;
    assert_eq!(browser.get(&waiting).await.status, 410);
}
