//! What a person meets first: the home page, show me, sign in, be refused.

use crate::controls::Control;
use crate::people::{CARL, GOLD_SCOPE, JODIE, SILVER_SCOPE, TYCHO};
use crate::stack::{Stack, sign_in_with};

const PLANETS: [&str; 8] = [
    "mercury", "venus", "earth", "mars", "jupiter", "saturn", "uranus", "neptune",
];
const MOONS: [&str; 8] = [
    "adrastea", "amalthea", "callisto", "europa", "ganymede", "io", "metis", "thebe",
];

#[tokio::test]
async fn the_home_page_has_a_panel_for_each_level_with_its_own_controls() {
    let stack = Stack::start().await;

    let home = stack.browser().open(stack.web("/")).await;

    assert_eq!(home.status, 200);
    assert!(
        home.header("content-type")
            .to_lowercase()
            .contains("charset=utf-8")
    );
    let page = home.page();
    for (level, words) in [
        ("bronze", "show me the visitors!"),
        ("bronze", "show me some asteroids!"),
        ("silver", "show me the planets!"),
        ("gold", "show me some moons!"),
    ] {
        let authenticate = page.press(Control::named("authenticate").under(level));
        assert_eq!(authenticate.method, "POST");
        assert!(authenticate.url.path().ends_with(level));
        page.press(Control::named(words).under(level));
    }
    assert_eq!(page.press("log out").method, "POST");
    for path in ["/visitors", "/asteroids", "/planets", "/moons"] {
        assert!(page.words().contains(&stack.gateway(path)), "{path}");
    }
    let headings = page.all_words_at("h2");
    for level in ["bronze", "silver", "gold"] {
        let own: Vec<_> = headings
            .iter()
            .filter(|heading| heading.to_lowercase().contains(level))
            .collect();
        assert_eq!(own.len(), 1, "{level}: {headings:?}");
        let others = ["bronze", "silver", "gold"]
            .iter()
            .filter(|other| **other != level);
        for other in others {
            assert!(!own[0].to_lowercase().contains(other), "{headings:?}");
        }
    }
}

#[tokio::test]
async fn planets_before_signing_in_are_refused_and_the_page_says_why_and_what_to_do() {
    let stack = Stack::start().await;
    let browser = stack.browser();

    let flight = stack.show_me(&browser, "show me the planets!").await;

    assert_eq!(flight.status, 401);
    assert!(flight.url.path().starts_with("/flights/"), "{}", flight.url);
    let words = flight.page().words();
    for part in [
        &format!("GET {}", stack.gateway("/planets")),
        "401",
        "www-authenticate",
        "Bearer",
        "Access token was not provided",
        "What it means",
        "authenticate",
    ] {
        assert!(
            words.to_lowercase().contains(&part.to_lowercase()),
            "{part:?} in {words}"
        );
    }
    assert!(
        flight.page().find("authenticate").is_some(),
        "there is a way on"
    );
    assert!(!words.contains("Neptune"), "{words}");

    let again = browser.get(flight.url.as_str()).await;
    assert_eq!(again.status, 401, "a reload shows the same");
}

#[tokio::test]
async fn a_flight_is_shown_to_its_own_browser_alone() {
    let stack = Stack::start().await;
    let flight = stack
        .show_me(&stack.browser(), "show me the planets!")
        .await;

    let stranger = stack.browser().get(flight.url.as_str()).await;

    assert_eq!(stranger.status, 404);
    assert!(!stranger.page().words().contains("/planets"));
}

#[tokio::test]
async fn visitors_are_there_for_everybody_and_asteroids_for_whoever_signed_in() {
    let stack = Stack::start().await;
    let browser = stack.browser();

    let visitors = stack.show_me(&browser, "show me the visitors!").await;
    assert_eq!(visitors.status, 200);
    assert!(visitors.page().words().contains("Oumuamua"));
    let asteroids = stack.show_me(&browser, "show me some asteroids!").await;
    assert_eq!(asteroids.status, 401);

    stack.sign_in(&browser, "bronze", TYCHO).await;
    let asteroids = stack.show_me(&browser, "show me some asteroids!").await;
    assert_eq!(asteroids.status, 200);
    assert!(asteroids.page().words().to_lowercase().contains("vesta"));
    let planets = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(planets.status, 403);
}

#[tokio::test]
async fn silver_sees_the_planets_drawn_in_their_order() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    stack.sign_in(&browser, "silver", CARL).await;

    let flight = stack.show_me(&browser, "show me the planets!").await;

    assert_eq!(flight.status, 200);
    let page = flight.page();
    let listed: Vec<_> = page
        .all_words_at("main ol li")
        .iter()
        .map(|name| name.to_lowercase())
        .collect();
    assert_eq!(listed, PLANETS);
    assert!(
        page.attributes("main svg", "role")
            .contains(&"img".to_owned()),
        "they are drawn"
    );
    let drawn = page.all_words_at("main svg text").join(" ").to_lowercase();
    for planet in PLANETS {
        assert!(drawn.contains(planet), "{planet} in {drawn}");
    }
}

#[tokio::test]
async fn silver_is_refused_the_moons_and_learns_which_scope_is_missing() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    stack.sign_in(&browser, "silver", CARL).await;

    let flight = stack.show_me(&browser, "show me some moons!").await;

    assert_eq!(flight.status, 403);
    let page = flight.page();
    let words = page.words();
    assert!(words.contains("403"), "{words}");
    assert!(words.contains("insufficient_scope"), "{words}");
    assert!(
        words.to_lowercase().contains("gateway"),
        "who refused: {words}"
    );
    let scopes = page.all_words_at("dl.scopes > div");
    let row = |name: &str| {
        let found = scopes.iter().find(|row| row.starts_with(name));
        found
            .unwrap_or_else(|| panic!("{name} in {scopes:?}"))
            .clone()
    };
    assert!(row("needed").contains(GOLD_SCOPE), "{scopes:?}");
    assert!(row("granted").contains(SILVER_SCOPE), "{scopes:?}");
    assert!(row("granted").contains("openid"), "{scopes:?}");
    assert!(!row("granted").contains(GOLD_SCOPE), "{scopes:?}");
    assert!(!words.to_lowercase().contains("ganymede"), "{words}");
    assert!(page.find("authenticate").is_some(), "there is a way on");
}

#[tokio::test]
async fn gold_sees_planets_and_moons() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    stack.sign_in(&browser, "gold", JODIE).await;

    let moons = stack.show_me(&browser, "show me some moons!").await;
    assert_eq!(moons.status, 200);
    let words = moons.page().words().to_lowercase();
    assert!(MOONS.iter().all(|moon| words.contains(moon)), "{words}");
    assert!(
        moons.page().words_at("main svg").is_some(),
        "they are drawn"
    );
    let planets = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(planets.status, 200);
}

#[tokio::test]
async fn silver_pressing_golds_button_is_denied_by_the_providers_rules() {
    let stack = Stack::start().await;
    let browser = stack.browser();

    let refused = stack.sign_in(&browser, "gold", CARL).await;

    assert_eq!(refused.url.host_str(), Some("localhost"));
    assert!(
        refused.url.as_str().starts_with(&stack.web("/")),
        "{}",
        refused.url
    );
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    let words = refused.page().words();
    assert!(words.contains("access_denied"), "{words}");
    assert!(words.contains(GOLD_SCOPE), "what was asked: {words}");
    assert!(words.contains("silver"), "what the group may have: {words}");
    let home = browser.open(stack.web("/")).await;
    assert!(
        !home.page().words().contains(CARL.name),
        "nobody is signed in"
    );

    let silver = stack.sign_in(&browser, "silver", CARL).await;
    assert!(silver.page().words().contains(CARL.name), "silver works");
}

#[tokio::test]
async fn after_sign_in_both_tokens_are_shown_decoded_and_stay_on_the_server() {
    let stack = Stack::start().await;
    let browser = stack.browser();

    let home = stack.sign_in(&browser, "silver", CARL).await;

    assert_eq!(home.status, 200);
    assert_eq!(
        home.url.as_str(),
        stack.web("/"),
        "no code and no state in the address"
    );
    let page = home.page();
    let words = page.words();
    assert!(words.contains("Signed in as Carl Sagan"), "{words}");
    let tokens = page.all_words_at("section.token");
    let id_token = tokens
        .iter()
        .find(|token| token.starts_with("ID token"))
        .unwrap();
    let access_token = tokens
        .iter()
        .find(|token| token.starts_with("access token"))
        .unwrap();
    for claim in ["iss", "sub", "aud", "exp", "iat", "nonce", "ES256"] {
        assert!(
            id_token.contains(claim) || claim == "ES256",
            "{claim} in {id_token}"
        );
    }
    for part in [
        "at+jwt",
        "scp",
        SILVER_SCOPE,
        "api://default",
        &stack.issuer(),
        "client_id",
    ] {
        assert!(access_token.contains(part), "{part} in {access_token}");
    }
    assert!(words.contains("stay on the server"), "{words}");
    assert!(!home.text().contains(".eyJ"), "a raw token is on the page");
    for cookie in browser.cookies("localhost") {
        assert!(
            !cookie.value().contains(".eyJ"),
            "a raw token is in a cookie"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_at_the_provider_and_the_right_one_still_works() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let form = stack.authenticate(&browser, "silver").await;
    assert!(
        form.url.as_str().starts_with(&stack.idp("/")),
        "{}",
        form.url
    );

    for (login, password) in [
        (CARL.login, "wrong"),
        ("nobody", CARL.password),
        (CARL.login, JODIE.password),
    ] {
        let filled = form
            .page()
            .press("sign in")
            .with("username", login)
            .with("password", password);
        let refused = browser
            .follow_all(browser.submit(&form, filled).await)
            .await;
        assert!(
            refused.url.as_str().starts_with(&stack.idp("/")),
            "{}",
            refused.url
        );
        assert!(
            refused.page().find("sign in").is_some(),
            "one can try again"
        );
    }
    let home = crate::stack::sign_in_at(&browser, &form, CARL).await;
    assert!(home.page().words().contains(CARL.name));
}

#[tokio::test]
async fn a_demo_person_fills_the_form_in_without_a_script() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let form = stack.authenticate(&browser, "silver").await;
    assert!(form.page().words().contains(CARL.name));

    let filled = browser.go(&form, "use").await;
    let ready = filled.page().press("sign in");
    let field = |name: &str| {
        let found = ready.fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert!(!field("username").is_empty());
    assert!(!field("password").is_empty());
    let home = browser
        .follow_all(browser.submit(&filled, ready).await)
        .await;

    assert!(
        home.page().words().contains("Signed in as"),
        "{}",
        home.page().words()
    );
}

#[tokio::test]
async fn a_levels_username_and_password_stand_in_its_own_panel_and_open_it() {
    let (login, password) = (JODIE.login, "contact, at another time");
    let set = [("GOLD_USERNAME", login), ("GOLD_PASSWORD", password)];
    let stack = Stack::with(&set).await;
    let browser = stack.browser();

    let home = browser.open(stack.web("/")).await;

    let panels = home.page().all_words_at("section.panel");
    assert_eq!(panels.len(), 3, "{panels:?}");
    for panel in &panels {
        let own = panel.starts_with("gold");
        for text in [login, password, "username", "password"] {
            assert_eq!(panel.contains(text), own, "{text}: {panel}");
        }
    }
    let form = stack.authenticate(&browser, "gold").await;
    let home = sign_in_with(&browser, &form, login, password).await;
    assert!(home.page().words().contains("Signed in as"));
    let moons = stack.show_me(&browser, "show me some moons!").await;
    assert_eq!(moons.status, 200);
    let other = stack.browser();
    let form = stack.authenticate(&other, "gold").await;
    let refused = sign_in_with(&other, &form, login, JODIE.password).await;
    assert!(!refused.page().words().contains("Signed in as"));
}

#[tokio::test]
async fn the_home_page_says_that_a_product_would_not_show_what_it_shows() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let sentence = "A product would not show these.";
    let home = browser.open(stack.web("/")).await;
    assert!(
        !home.page().words().contains(sentence),
        "nothing is shown yet"
    );
    let home = stack.sign_in(&browser, "silver", CARL).await;
    let tokens = home.page().words_at("section.tokens").unwrap();
    assert!(tokens.contains(sentence), "{tokens}");
}
