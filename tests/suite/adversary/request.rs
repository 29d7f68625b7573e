//! What the app asks for, where, and with what: nothing that a person did not start, nothing in a URL that must not
//! be seen, to nobody else.

use std::collections::HashSet;

use reqwest::Url;
use serde_json::json;

use super::Scene;
use crate::browser::Browser;
use crate::controls::Control;
use crate::http::{client, query, send};
use crate::misbehaving::bend::{set, without};
use crate::misbehaving::{Received, Reply, Script};
use crate::stack::{CLIENT_SECRET, Stack, log_out};

/// The authorization request that a level's button leads to.
async fn asked_for(stack: &Stack, browser: &Browser, level: &str) -> Url {
    let home = browser.open(stack.web("/")).await;
    let button = Control::named("authenticate").under(level);
    let redirect = browser.press(&home, button).await;
    assert_eq!(redirect.status, 303);
    assert!(redirect.header("cache-control").contains("no-store"));
    redirect.location()
}

#[tokio::test]
async fn sec_web_01_02_03_19_each_authorization_request_asks_for_exactly_the_level_with_values_of_its_own()
 {
    let scene = Scene::start().await;
    let (stack, browser) = (&scene.stack, scene.stack.browser());
    let mut seen = HashSet::new();
    for (level, scope) in [
        ("bronze", "openid"),
        ("silver", "openid http://myapp.com/scp/silver"),
        (
            "gold",
            "openid http://myapp.com/scp/silver http://myapp.com/scp/gold",
        ),
        ("silver", "openid http://myapp.com/scp/silver"),
    ] {
        let url = asked_for(stack, &browser, level).await;

        let field = |name: &str| query(&url, name).unwrap_or_else(|| panic!("no {name} in {url}"));
        assert_eq!(field("scope"), scope);
        assert_eq!(field("response_type"), "code", "and no other flow");
        assert!(query(&url, "response_mode").is_none_or(|mode| mode == "query"));
        assert_eq!(field("code_challenge_method"), "S256", "and never plain");
        assert_eq!(field("redirect_uri"), stack.web("/callback"));
        assert_eq!(field("prompt"), "login");
        for name in ["state", "nonce", "code_challenge"] {
            assert_eq!(field(name).len(), 43, "{name} of 32 bytes");
            assert!(seen.insert(field(name)), "{name} is new each time");
        }
        let names: Vec<_> = url
            .query_pairs()
            .map(|(name, _)| name.into_owned())
            .collect();
        let once: HashSet<_> = names.iter().collect();
        assert_eq!(once.len(), names.len(), "no parameter twice: {names:?}");
        assert_eq!(
            query(&url, "resource"),
            None,
            "unless it is asked for by name"
        );
    }
}

/// RFC 8707: where an audience is set, the token is asked for it and nothing else.
#[tokio::test]
async fn sec_web_19_the_api_is_asked_for_by_name_where_it_has_one() {
    let api = "https://api.example.com/v1";
    let scene = Scene::over(&[("AUDIENCE", api)], |_| {}).await;
    let url = asked_for(&scene.stack, &scene.stack.browser(), "silver").await;
    assert_eq!(query(&url, "resource").as_deref(), Some(api));
}

#[tokio::test]
async fn sec_web_02_pkce_holds_from_32_bytes_whatever_is_announced() {
    const METHODS: &str = "code_challenge_methods_supported";
    for (what, announced) in [
        ("S256", set(METHODS, json!(["S256"]))),
        ("plain", set(METHODS, json!(["plain"]))),
        ("nothing", without(METHODS)),
    ] {
        let scene = Scene::with(|script| script.metadata = announced).await;
        let mut verifiers = HashSet::new();
        for _ in 0..5 {
            scene.sign_in_anew().await;
        }
        let asked = scene.provider.server.received_at("/authorize");
        let redeemed = scene.provider.server.received_at("/token");
        for (asked, redeemed) in asked.iter().zip(&redeemed) {
            let verifier = redeemed.field("code_verifier").unwrap();
            let challenge = solar_system::oauth::pkce::s256(&verifier);
            assert_eq!(asked.field("code_challenge"), Some(challenge), "{what}");
            assert_eq!(
                asked.field("code_challenge_method").as_deref(),
                Some("S256"),
                "{what}"
            );
            assert_eq!(verifier.len(), 43, "{what}: 32 bytes in base64url");
            assert!(verifiers.insert(verifier), "{what}: new each time");
        }
        assert_eq!(verifiers.len(), 5, "{what}");
    }
}

/// One method, as the provider announces it, at each endpoint where the app says who it is; any character survives.
#[tokio::test]
async fn sec_web_10_the_app_authenticates_by_one_method_at_every_endpoint() {
    const METHODS: &str = "token_endpoint_auth_methods_supported";
    let (id, secret) = ("a:b c+d%/ü", "s:e c+r%e/t&=ü\"");
    for (method, announced) in [
        ("basic", set(METHODS, json!(["client_secret_basic"]))),
        ("post", set(METHODS, json!(["client_secret_post"]))),
        (
            "basic",
            set(
                METHODS,
                json!(["client_secret_post", "client_secret_basic"]),
            ),
        ),
        ("basic", without(METHODS)),
    ] {
        let client = [("AUTHN_CLIENT_ID", id), ("AUTHN_CLIENT_SECRET", secret)];
        let scene = Scene::over(&client, |script| script.metadata = announced).await;
        let browser = scene.stack.browser();
        let home = scene.sign_in(&browser).await;
        log_out(&browser, &home).await;

        for endpoint in ["/token", "/revoke"] {
            let requests = scene.provider.server.received_at(endpoint);
            assert!(!requests.is_empty(), "{method} at {endpoint}");
            for request in requests {
                assert_eq!(request.method, "POST", "{endpoint}");
                let fields = request.fields();
                let times = |name| fields.iter().filter(|(field, _)| field == name).count();
                if method == "basic" {
                    let expected = crate::http::basic(id, secret);
                    assert_eq!(
                        request.header("authorization"),
                        Some(expected),
                        "{endpoint}"
                    );
                    assert_eq!(times("client_secret"), 0, "{endpoint}: one method, not two");
                } else {
                    assert_eq!(
                        request.header("authorization"),
                        None,
                        "{endpoint}: one, not two"
                    );
                    assert_eq!(
                        request.field("client_id").as_deref(),
                        Some(id),
                        "{endpoint}"
                    );
                    assert_eq!(request.field("client_secret").as_deref(), Some(secret));
                    assert_eq!((times("client_id"), times("client_secret")), (1, 1));
                }
                assert_eq!(
                    times("client_assertion"),
                    0,
                    "{endpoint}: one method, not two"
                );
            }
        }
    }
}

/// All URLs of a dance from sign-in to log out: what the app asks, and where it sends the browser.
#[tokio::test]
async fn sec_web_11_no_code_verifier_secret_or_token_stands_in_a_url_that_the_app_makes() {
    let scene =
        Scene::with(|script| script.token_answer = set("refresh_token", "refresh-canary")).await;
    let browser = scene.stack.browser();
    let home = scene.sign_in(&browser).await;
    browser.go(&home, "show me the planets!").await;
    let home = browser.open(scene.stack.web("/")).await;
    let left = log_out(&browser, &home).await;

    let token = scene.provider.server.received_at("/token").remove(0);
    assert_eq!((token.method.as_str(), token.query.as_str()), ("POST", ""));
    let kind = token.header("content-type").unwrap();
    assert!(
        kind.starts_with("application/x-www-form-urlencoded"),
        "{kind}"
    );
    let userinfo = scene.provider.server.received_at("/userinfo").remove(0);
    let bearer = userinfo.header("authorization").unwrap();
    let secrets = [
        ("code", token.field("code").unwrap()),
        ("verifier", token.field("code_verifier").unwrap()),
        ("client secret", CLIENT_SECRET.to_owned()),
        (
            "access token",
            bearer.trim_start_matches("Bearer ").to_owned(),
        ),
        ("refresh token", "refresh-canary".to_owned()),
        ("ID token", ".eyJ".to_owned()),
    ];
    let urls = |received: Vec<Received>| {
        let urls = received
            .into_iter()
            .map(|request| format!("{}?{}", request.path, request.query));
        urls.collect::<Vec<_>>()
    };
    let mut seen = urls(scene.provider.server.received());
    seen.extend(urls(scene.gateway.server.received()));
    seen.push(left.url.to_string());
    assert!(seen.len() >= 8, "{seen:?}");
    for (what, secret) in &secrets {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for url in &seen {
            assert!(
                !url.contains(secret.as_str()) && !url.contains(&encoded),
                "{what} in {url}"
            );
        }
    }
}

/// Which resources there are the blueprint says, and where they are the settings.
#[tokio::test]
async fn sec_web_16_only_listed_resources_are_asked_for_and_the_token_goes_to_the_gateway_alone() {
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    let home = scene.sign_in(&browser).await;
    let form = home.page().press("show me the planets!");
    let fields: Vec<_> = form
        .fields
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    scene.forget();
    let elsewhere = scene.elsewhere.url();
    let encoded: String = url::form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
    for name in [
        "nothing",
        "Planets",
        "planet",
        "planetss",
        "planets%00",
        "planets%20",
        "%70lanets%2F",
        "..%2Fplanets",
        "planets%2F..%2Fmoons",
        "@evil.example",
        "%2F%2Fevil.example",
        &encoded,
        "1",
        "-1",
        "%F0%9F%AA%90",
    ] {
        let url = Url::parse(&scene.stack.web(&format!("/show-me/{name}"))).unwrap();
        let refused = browser.post_form(&home.url, &url, &fields).await;
        assert_eq!(refused.status, 404, "{name}: {}", refused.page().words());
    }
    assert!(
        scene.gateway.server.received().is_empty(),
        "nobody is asked"
    );

    for reply in [
        Reply::redirect(302, &format!("{elsewhere}/planets")),
        Reply::redirect(307, &format!("{elsewhere}/planets")),
        Reply::redirect(308, "/elsewhere"),
        Reply::status(200)
            .header("Location", &elsewhere)
            .header("Refresh", &format!("0; url={elsewhere}"))
            .header("Link", &format!("<{elsewhere}>; rel=preload"))
            .body("application/json", r#"["earth"]"#),
    ] {
        scene.gateway.reply("/planets", reply);
        scene.stack.show_me(&browser, "show me the planets!").await;
    }
    let asked = scene.gateway.server.received();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|request| request.path == "/planets"));
    assert!(
        asked
            .iter()
            .all(|request| request.header("authorization").is_some())
    );
    assert!(scene.elsewhere.received().is_empty());
    assert!(scene.calls().is_empty(), "the provider sees no more of it");
}

/// No page but ours starts a sign-in; what comes from outside is the home page, or nothing.
#[tokio::test]
async fn sec_web_20_a_sign_in_starts_by_a_press_on_a_page_of_ours_alone() {
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    let home = browser.open(scene.stack.web("/")).await;
    let form = home
        .page()
        .press(Control::named("authenticate").under("silver"));
    let fields: Vec<_> = form
        .fields
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let evil = Url::parse("https://evil.example/").unwrap();
    let neighbour = Url::parse("http://localhost:9/").unwrap();

    for page in [&evil, &neighbour] {
        for fields in [&[][..], &fields[..]] {
            let posted = browser.post_form(page, &form.url, fields).await;
            assert_eq!(posted.status, 403, "{page}");
            assert!(posted.headers.get("location").is_none());
        }
    }
    let issuer = scene.provider.issuer();
    for start in [
        form.url.path().to_owned(),
        format!("{}?iss={issuer}", form.url.path()),
        format!("/login?iss={issuer}"),
        format!("/initiate-login?iss={issuer}&login_hint=x"),
        "/callback".to_owned(),
    ] {
        let seen = browser
            .get_from(&evil, &Url::parse(&scene.stack.web(&start)).unwrap())
            .await;
        assert!(
            (400..500).contains(&seen.status),
            "{start}: {}",
            seen.status
        );
    }
    let outside = format!(
        "/?iss={}&target_link_uri=https://evil.example/",
        scene.elsewhere.url()
    );
    let seen = browser
        .get_from(&evil, &Url::parse(&scene.stack.web(&outside)).unwrap())
        .await;
    assert_eq!(seen.status, 200, "a page first");
    assert!(!seen.text().contains("evil.example") && !seen.text().contains(&scene.elsewhere.url()));
    let head = send(client().head(form.url.clone())).await;
    assert_eq!(head.status, 405);
    assert!(scene.calls().is_empty(), "nobody is sent to the provider");

    let redirect = browser
        .press(&seen, Control::named("authenticate").under("silver"))
        .await;
    assert_eq!(redirect.status, 303);
    assert!(
        redirect.location().as_str().starts_with(&issuer),
        "our issuer alone"
    );
}

/// Somebody else is who has another `sub` at the issuer; names and addresses are for display.
#[tokio::test]
async fn sec_web_09_a_person_is_issuer_and_subject_and_no_name_or_address() {
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    let as_person = |subject: &str, email: &'static str| {
        let subject = subject.to_owned();
        move |script: &mut Script| {
            script.subject = subject;
            script.id_token = crate::misbehaving::edit(move |claims| {
                claims["email"] = email.into();
                claims["name"] = "One Name".into();
            });
        }
    };
    scene.script(as_person("one", "shared@example.com"));
    scene.sign_in(&browser).await;
    scene.script(as_person("one", "changed@example.com"));
    scene.sign_in(&browser).await;
    assert!(
        scene.provider.server.received_at("/revoke").is_empty(),
        "the same person"
    );

    scene.script(as_person("two", "changed@example.com"));
    let home = scene.sign_in(&browser).await;
    assert!(home.page().words().contains("Signed in as One Name"));
    for _ in 0..100 {
        if !scene.provider.server.received_at("/revoke").is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("somebody else signed in, and the first one's token is not given back");
}

/// What was granted: by an absent scope all that was asked, else what it says.
#[tokio::test]
async fn sec_web_12_an_absent_scope_means_what_was_asked_and_a_smaller_one_just_that() {
    let scene = Scene::start().await;
    for (what, change, is_less) in [
        ("absent", without("scope"), false),
        ("null", set("scope", json!(null)), false),
        ("all of it", crate::misbehaving::Edit::default(), false),
        (
            "another order",
            set("scope", "http://myapp.com/scp/silver openid"),
            false,
        ),
        (
            "without openid",
            set("scope", "http://myapp.com/scp/silver"),
            false,
        ),
        ("empty", set("scope", ""), true),
        ("smaller", set("scope", "openid"), true),
        ("an empty list", set("scope", json!([])), true),
        (
            "in part",
            set("scope", "http://myapp.com/scp/silve openid"),
            true,
        ),
        (
            "in another case",
            set("scope", "HTTP://MYAPP.COM/SCP/SILVER openid"),
            true,
        ),
    ] {
        scene.script(|script| script.token_answer = change);
        let home = scene.sign_in_anew().await;
        let words = home.page().words();
        assert!(words.contains("Signed in as"), "{what}: {words}");
        assert_eq!(
            words.contains("less than was asked"),
            is_less,
            "{what}: {words}"
        );
    }
}
