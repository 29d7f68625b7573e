//! The form and what is typed into it.

use super::*;

const SESSION: &str = "solar_idp_session";
const VISITOR: &str = "solar_idp_visitor";

#[tokio::test]
async fn the_page_names_client_scopes_and_demo_people_and_fills_the_form_in() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser
        .sign_in_page(&Asked::new(SILVER).with("login_hint", "<b>tycho"))
        .await;
    let form = browser.get(&page).await;
    assert_eq!(form.status, 200);
    for text in [
        "Solar System",
        "http://myapp.com/scp/silver",
        "carl.sagan",
        "jodie.foster",
        "tycho.brahe",
    ] {
        assert!(form.body.contains(text), "{text}");
    }
    assert!(!form.body.contains("<b>tycho") && form.body.contains("tycho"));
    assert!(!form.body.contains(CARL.1));

    let filled = browser.get(&format!("{page}?use=carl.sagan")).await;
    assert_eq!(filled.field("csrf"), form.field("csrf"));
    assert!(
        filled.body.contains("value=\"carl.sagan\"")
            && filled.body.contains("value=\"pale-blue-dot\"")
    );
    let stranger = browser.get(&format!("{page}?use=stranger")).await;
    assert_eq!(stranger.status, 200);
    assert!(!stranger.body.contains("value=\"stranger\""));
}

#[tokio::test]
async fn sec_as_12_pages_cannot_be_framed_kept_or_sent_elsewhere() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    let form = browser.get(&page).await;
    assert_eq!(
        form.header("content-security-policy").unwrap(),
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' \
         http://localhost:8080; frame-ancestors 'none'; base-uri 'none'"
    );
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(form.header(name), Some(value));
    }
    let about = browser.get("/").await;
    assert!(
        about
            .header("content-security-policy")
            .unwrap()
            .contains("form-action 'self';")
    );
}

/// Asked by another site's page, and asked whether that may.
#[tokio::test]
async fn sec_as_12_no_page_is_framed_kept_or_read_by_another_origin() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    let unknown = format!("{BASE}/v1/authorize?client_id=x&redirect_uri=http://evil.example");
    let sign_out = format!("{BASE}/v1/logout");
    let foreign = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "GET"),
    ];
    for path in [
        page,
        unknown,
        sign_out,
        "/".to_owned(),
        "/nowhere".to_owned(),
    ] {
        for method in [Method::GET, Method::OPTIONS] {
            let what = format!("{method} {path}");
            let answer = browser.send(method.clone(), &path, &[], &foreign).await;
            let cors = |name: &&axum::http::HeaderName| name.as_str().starts_with("access-control");
            assert_eq!(answer.headers.keys().find(cors), None, "{what}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            let is_page = answer
                .header("content-type")
                .is_some_and(|kind| kind.starts_with("text/html"));
            if is_page {
                let policy = answer.header("content-security-policy").unwrap();
                assert!(policy.contains("frame-ancestors 'none'"), "{what}");
                assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{what}");
            }
            assert!(
                is_page || method == Method::OPTIONS || path == "/nowhere",
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn cookies_are_for_the_server_alone_and_the_session_s_is_new_at_each_sign_in() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let fixed = "A".repeat(43);
    browser.set_cookie(SESSION, &fixed);
    let started = browser.authorize(&Asked::new(SILVER)).await;
    let page = started.location().to_owned();
    let bound = started.header("set-cookie").unwrap();
    let rest = format!("; Path={page}; Max-Age=600; HttpOnly; SameSite=Lax");
    assert!(bound.ends_with(&rest), "{bound}");
    let form = browser.get(&page).await;
    let visitor = form.header("set-cookie").unwrap();
    assert!(
        visitor.starts_with(VISITOR) && visitor.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{visitor}"
    );
    let answer = browser.type_in(&page, CARL).await;
    assert_eq!(answer.status, 303);
    let first = browser.cookie(SESSION).unwrap();
    assert_ne!(first, fixed);

    browser
        .sign_in(&Asked::new(GOLD).with("prompt", "login"), JODIE)
        .await
        .returned();
    let second = browser.cookie(SESSION).unwrap();
    assert_ne!(first, second);
    let thief = Browser::of(&provider);
    for (cookie, good) in [(&first, false), (&fixed, false), (&second, true)] {
        thief.set_cookie(SESSION, cookie);
        let location = thief
            .authorize(&Asked::new(GOLD))
            .await
            .location()
            .to_owned();
        assert_eq!(location.starts_with(REDIRECT_URI), good, "{location}");
    }
}

#[tokio::test]
async fn sec_as_20_a_wrong_password_shows_the_form_again_and_begins_nothing() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    let mut bodies = Vec::new();
    for person in [
        ("carl.sagan", "wrong"),
        ("nobody.here", "wrong"),
        ("carl.sagan", ""),
    ] {
        let answer = browser.type_in(&page, person).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("username or the password is wrong"));
        assert!(browser.cookie(SESSION).is_none() && answer.header("location").is_none());
        bodies.push(
            answer
                .body
                .replace(&format!("value=\"{}\"", person.0), "value"),
        );
    }
    assert_eq!(bodies[0], bodies[1], "a known name looks different");
    let answer = browser.type_in(&page, ("nobody\"><script>", "x")).await;
    assert!(!answer.body.contains("<script>"));
    assert!(
        browser
            .type_in(&page, CARL)
            .await
            .returned()
            .contains_key("code")
    );
}

#[tokio::test]
async fn too_many_wrong_passwords_are_slowed_down_for_that_name_alone() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    for _ in 0..10 {
        assert_eq!(
            browser.type_in(&page, ("carl.sagan", "wrong")).await.status,
            200
        );
    }
    let slowed = browser.type_in(&page, CARL).await;
    assert_eq!(slowed.status, 429);
    let wait: u64 = slowed.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=5).contains(&wait), "{wait}");
    assert!(slowed.body.contains("Try again in"));
    assert!(
        browser
            .type_in(&page, JODIE)
            .await
            .returned()
            .contains_key("code")
    );
    provider.advance(20);
    let again = Asked::new(SILVER).with("prompt", "login");
    let returned = browser.sign_in(&again, CARL).await.returned();
    assert!(returned.contains_key("code"));
}

#[tokio::test]
async fn an_attack_on_a_name_does_not_lock_out_a_browser_that_signed_in_as_it_before() {
    let provider = Provider::start();
    let again = Asked::new(SILVER).with("prompt", "login");
    let (known, stranger) = (Browser::of(&provider), Browser::of(&provider));
    known.sign_in(&again, CARL).await.returned();
    let attacked = stranger.sign_in_page(&again).await;
    for round in 0..30 {
        while stranger.type_in(&attacked, (CARL.0, "wrong")).await.status != 429 {}
        let returned = known.sign_in(&again, CARL).await.returned();
        assert!(returned.contains_key("code"), "{round}");
        provider.advance(1);
    }
    // What the browser is known for is one name, and its own wrong passwords count.
    let page = stranger.sign_in_page(&again).await;
    while stranger.type_in(&page, (JODIE.0, "wrong")).await.status != 429 {}
    let page = known.sign_in_page(&again).await;
    assert_eq!(known.type_in(&page, JODIE).await.status, 429);
    for _ in 0..10 {
        let wrong = known.type_in(&page, (CARL.0, "wrong")).await;
        assert_eq!(wrong.status, 200);
    }
    assert_eq!(known.type_in(&page, CARL).await.status, 429);
}

#[tokio::test]
async fn two_tabs_opened_at_once_in_a_fresh_browser_both_go_on() {
    let provider = Provider::start();
    let (browser, other) = (Browser::of(&provider), Browser::of(&provider));
    // Both requests leave before a cookie has come back.
    let tabs = [
        browser
            .sign_in_page(&Asked::new(SILVER).with("state", "1"))
            .await,
        {
            let answer = other
                .authorize(&Asked::new(SILVER).with("state", "2"))
                .await;
            browser.keep_cookies(&answer);
            answer.location().to_owned()
        },
    ];
    for (tab, state) in tabs.iter().zip(["1", "2"]) {
        let returned = browser.type_in(tab, CARL).await.returned();
        assert_eq!(returned["state"], state);
    }
    assert_eq!(Browser::of(&provider).get(&tabs[0]).await.status, 403);
}

#[tokio::test]
async fn sec_as_20_a_sign_in_belongs_to_its_browser_and_its_form() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    let csrf = browser.get(&page).await.field("csrf").unwrap().to_owned();

    let other = Browser::of(&provider);
    let fields = [
        ("csrf", csrf.as_str()),
        ("username", CARL.0),
        ("password", CARL.1),
    ];
    assert_eq!(other.get(&page).await.status, 403);
    assert_eq!(other.post(&page, &fields).await.status, 403);
    other.sign_in_page(&Asked::new(SILVER)).await;
    assert_eq!(other.post(&page, &fields).await.status, 403);

    let other_page = browser.sign_in_page(&Asked::new(SILVER)).await;
    for (page, csrf) in [(&page, ""), (&page, "x"), (&other_page, csrf.as_str())] {
        let fields = [("csrf", csrf), ("username", CARL.0), ("password", CARL.1)];
        assert_eq!(browser.post(page, &fields).await.status, 403);
    }
    for header in [
        ("origin", "http://evil.test"),
        ("origin", "http://localhost:8080"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
    ] {
        let answer = browser.send(Method::POST, &page, &fields, &[header]).await;
        assert_eq!(answer.status, 403, "{header:?}");
        assert!(browser.cookie(SESSION).is_none());
    }
    let own = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    browser
        .send(Method::POST, &page, &fields, &own)
        .await
        .returned();
}

#[tokio::test]
async fn reload_back_button_double_click_two_tabs_and_a_slow_person_are_harmless() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let (first, second) = (
        Asked::new(SILVER).with("state", "tab-1"),
        Asked::new("openid").with("state", "tab-2"),
    );
    let (tab_1, tab_2) = (
        browser.sign_in_page(&first).await,
        browser.sign_in_page(&second).await,
    );
    assert_eq!(
        browser.get(&tab_1).await.body,
        browser.get(&tab_1).await.body
    );
    let csrf = browser.get(&tab_1).await.field("csrf").unwrap().to_owned();
    assert_eq!(
        browser.type_in(&tab_2, CARL).await.returned()["state"],
        "tab-2"
    );
    assert_eq!(
        browser.type_in(&tab_1, CARL).await.returned()["state"],
        "tab-1"
    );

    let fields = [
        ("csrf", csrf.as_str()),
        ("username", CARL.0),
        ("password", CARL.1),
    ];
    let again = browser.post(&tab_1, &fields).await.returned();
    assert!(again.contains_key("code"));
    let back = browser.get(&tab_1).await;
    assert_eq!(
        (back.status.as_u16(), back.location()),
        (303, "http://localhost:8080/")
    );

    let slow = browser
        .sign_in_page(&Asked::new(SILVER).with("prompt", "login"))
        .await;
    provider.advance(11 * 60);
    for answer in [browser.get(&slow).await, browser.post(&slow, &fields).await] {
        assert_eq!(answer.status, 410);
        assert!(answer.body.contains("ten minutes"));
    }
    assert_eq!(browser.get("/signin/unknown").await.status, 410);
}

#[tokio::test]
async fn two_hundred_sign_ins_at_once_each_get_their_own_answer() {
    let provider = Provider::start();
    let people = [CARL, JODIE, ("tycho.brahe", "new-star-1572")];
    let sign_ins = (0..200).map(|number| {
        let provider = &provider;
        async move {
            let asked = Asked::new("openid").with("state", &number.to_string());
            let person = people[number % 3];
            let returned = Browser::of(provider)
                .sign_in(&asked, person)
                .await
                .returned();
            assert_eq!(returned["state"], number.to_string());
            let answer = provider
                .redeem(&returned["code"], &asked.verifier)
                .await
                .json();
            let seen = crate::jose::inspect(answer["id_token"].as_str().unwrap()).unwrap();
            assert_eq!(seen.claims["preferred_username"], person.0);
        }
    });
    futures_util::future::join_all(sign_ins).await;
}

#[tokio::test]
async fn another_site_s_form_does_not_make_a_known_browser_a_new_one() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let again = Asked::new(SILVER).with("prompt", "login");
    browser.sign_in(&again, CARL).await.returned();
    let known = browser.cookie(VISITOR).unwrap();
    let waiting = browser.sign_in_page(&again).await;

    // The form of another site brings no cookie there, but the page that it leads to gets them.
    let without_cookies = Browser::of(&provider).authorize(&again).await;
    browser.keep_cookies(&without_cookies);
    let led_to = browser.get(without_cookies.location()).await;
    assert_eq!(led_to.status, 200);
    assert_eq!(browser.cookie(VISITOR), Some(known));
    assert_eq!(browser.get(&waiting).await.status, 200);
}

#[tokio::test]
async fn a_redirect_uri_or_grant_that_went_while_the_person_typed_gets_no_code() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    let form = browser.get(&page).await;
    let fields = [
        ("csrf", form.field("csrf").unwrap()),
        ("username", CARL.0),
        ("password", CARL.1),
    ];
    provider.change(|org| org.client_mut(APP).unwrap().grant_types.clear());
    let returned = browser.post(&page, &fields).await.returned();
    assert_eq!(returned["error"], "unauthorized_client");
    provider.change(|org| org.client_mut(APP).unwrap().redirect_uris.clear());
    let answer = browser.post(&page, &fields).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (410, None)
    );
}
