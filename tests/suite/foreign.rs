//! The same app at providers that nobody here wrote.

use serde_json::json;

use crate::browser::{Browser, Seen};
use crate::client_key::KeyFile;
use crate::controls::Control;
use crate::peers::{Keycloak, OidcProvider, Registration, free_port, keycloak};
use crate::people::{CARL, GOLD_SCOPE, JODIE, Person, SILVER_SCOPE};
use crate::stack::{Stack, log_out};

/// Where an app will listen: known before it starts, since a real provider has to be told.
struct Place {
    port: String,
    redirect_uri: String,
    signed_out_uri: String,
}

impl Place {
    fn free() -> Self {
        let port = free_port();
        Self {
            port: port.to_string(),
            redirect_uri: format!("http://localhost:{port}/callback"),
            signed_out_uri: format!("http://localhost:{port}/signed-out"),
        }
    }

    async fn stack(&self, registration: &Registration, over: &[(&str, &str)]) -> Stack {
        let mut settings = vec![("PORT", self.port.as_str())];
        settings.extend(over);
        Stack::at(registration, &settings).await
    }
}

async fn sees(stack: &Stack, browser: &Browser, words: &str, status: u16) -> Seen {
    let flight = stack.show_me(browser, words).await;
    assert_eq!(flight.status, status, "{words}: {}", flight.page().words());
    flight
}

async fn is_signed_in(stack: &Stack, browser: &Browser, person: Person) -> bool {
    let home = browser.open(stack.web("/")).await;
    home.page()
        .words()
        .contains(&format!("Signed in as {}", person.name))
}

async fn sign_in(stack: &Stack, browser: &Browser, level: &str, person: Person) -> Seen {
    let home = stack.sign_in(browser, level, person).await;
    assert_eq!(home.status, 200, "{}", home.page().words());
    assert_eq!(home.url.as_str(), stack.web("/"));
    let words = home.page().words();
    assert!(
        words.contains(&format!("Signed in as {}", person.name)),
        "{words}"
    );
    // Every JWT holds this; three random characters of a page would now and then be the first three.
    assert!(!home.text().contains(".eyJ"), "no raw token");
    home
}

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn at_oidc_provider_silver_sees_planets_and_gold_sees_moons() {
    for (access_token, auth_method, id_token_alg) in [
        ("jwt", "client_secret_basic", "RS256"),
        ("jwt", "client_secret_post", "EdDSA"),
        ("opaque", "client_secret_basic", "ES256"),
    ] {
        let what = format!("{access_token}, {auth_method}, {id_token_alg}");
        let place = Place::free();
        let provider = OidcProvider::start(&json!({
            "redirect_uris": [place.redirect_uri],
            "post_logout_redirect_uris": [place.signed_out_uri],
            "access_token": access_token,
            "auth_method": auth_method,
            "id_token_alg": id_token_alg,
        }));
        let (id, secret) = (provider.gateway.0.as_str(), provider.gateway.1.as_str());
        let introspection = [
            ("INTROSPECT_CLIENT_ID", id),
            ("INTROSPECT_CLIENT_SECRET", secret),
        ];
        let over = if access_token == "opaque" {
            &introspection[..]
        } else {
            &[]
        };
        let stack = place.stack(&provider.registration, over).await;

        let browser = stack.browser();
        sees(&stack, &browser, "show me the planets!", 401).await;
        let home = sign_in(&stack, &browser, "silver", CARL).await;
        let opaque = home.page().words().to_lowercase().contains("opaque");
        assert_eq!(opaque, access_token == "opaque", "{what}");
        let planets = sees(&stack, &browser, "show me the planets!", 200).await;
        assert!(
            planets.page().words().to_lowercase().contains("neptune"),
            "{what}"
        );
        let moons = sees(&stack, &browser, "show me some moons!", 403).await;
        assert!(moons.page().words().contains(GOLD_SCOPE), "{what}");

        let gold = stack.browser();
        sign_in(&stack, &gold, "gold", JODIE).await;
        sees(&stack, &gold, "show me the planets!", 200).await;
        sees(&stack, &gold, "show me some moons!", 200).await;

        let refused = stack.sign_in(&stack.browser(), "gold", CARL).await;
        assert!(
            (400..500).contains(&refused.status),
            "{what}: {}",
            refused.status
        );
        assert!(refused.page().words().contains("access_denied"), "{what}");
    }
}

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn at_oidc_provider_log_out_ends_both_sessions() {
    let place = Place::free();
    let provider = OidcProvider::start(&json!({
        "redirect_uris": [place.redirect_uri],
        "post_logout_redirect_uris": [place.signed_out_uri],
    }));
    let stack = place.stack(&provider.registration, &[]).await;
    let browser = stack.browser();
    let home = sign_in(&stack, &browser, "silver", CARL).await;

    let back = log_out(&browser, &home).await;

    assert_eq!(back.status, 200, "{}", back.page().words());
    assert!(
        back.url.as_str().starts_with(&place.signed_out_uri),
        "{}",
        back.url
    );
    assert!(!is_signed_in(&stack, &browser, CARL).await);
    let form = stack.authenticate(&browser, "silver").await;
    assert!(
        form.page().find("sign in").is_some(),
        "the password is asked for again"
    );
}

/// Signs out at the provider's own page, and nowhere else: the app hears of it from the provider.
async fn sign_out_there(browser: &Browser, page: String, words: &str) {
    let asked = browser.open(page).await;
    let done = browser.go(&asked, words).await;
    assert!(done.status < 400, "{}", done.page().words());
}

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn sec_web_23_at_oidc_provider_signing_out_there_ends_the_apps_session() {
    let place = Place::free();
    let told = format!("http://localhost:{}/back-channel-logout", place.port);
    let provider = OidcProvider::start(&json!({
        "redirect_uris": [place.redirect_uri],
        "post_logout_redirect_uris": [place.signed_out_uri],
        "backchannel_logout_uri": told,
    }));
    let stack = place.stack(&provider.registration, &[]).await;
    let (browser, other) = (stack.browser(), stack.browser());
    sign_in(&stack, &browser, "silver", CARL).await;
    sign_in(&stack, &other, "silver", CARL).await;

    let page = format!("{}/session/end", provider.registration.issuer);
    sign_out_there(&browser, page, "sign me out").await;

    assert!(!is_signed_in(&stack, &browser, CARL).await);
    assert!(is_signed_in(&stack, &other, CARL).await, "another session");
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn sec_web_23_at_keycloak_signing_out_there_ends_the_apps_session() {
    let keycloak = Keycloak::shared().await;
    let place = Place::free();
    let app = keycloak
        .register(&place.redirect_uri, &place.signed_out_uri)
        .await;
    let stack = place.stack(&app, &[]).await;
    let (browser, other) = (stack.browser(), stack.browser());
    sign_in(&stack, &browser, "gold", JODIE).await;
    sign_in(&stack, &other, "gold", JODIE).await;

    let page = format!("{}/protocol/openid-connect/logout", keycloak.issuer);
    sign_out_there(&browser, page, "logout").await;

    assert!(!is_signed_in(&stack, &browser, JODIE).await);
    assert!(is_signed_in(&stack, &other, JODIE).await, "another session");
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn at_keycloak_silver_sees_planets_and_gold_sees_moons() {
    let keycloak = Keycloak::shared().await;
    let (id, secret) = keycloak::GATEWAY;
    let introspection = [
        ("INTROSPECT_CLIENT_ID", id),
        ("INTROSPECT_CLIENT_SECRET", secret),
    ];
    for over in [&[][..], &introspection] {
        let place = Place::free();
        let app = keycloak
            .register(&place.redirect_uri, &place.signed_out_uri)
            .await;
        let stack = place.stack(&app, over).await;

        let browser = stack.browser();
        sign_in(&stack, &browser, "silver", CARL).await;
        sees(&stack, &browser, "show me the planets!", 200).await;
        let moons = sees(&stack, &browser, "show me some moons!", 403).await;
        let words = moons.page().words();
        assert!(
            words.contains(GOLD_SCOPE) && words.contains(SILVER_SCOPE),
            "{words}"
        );

        let gold = stack.browser();
        sign_in(&stack, &gold, "gold", JODIE).await;
        sees(&stack, &gold, "show me some moons!", 200).await;

        let hopeful = stack.browser();
        sign_in(&stack, &hopeful, "gold", CARL).await;
        let moons = sees(&stack, &hopeful, "show me some moons!", 403).await;
        assert!(moons.page().find(Control::named("home")).is_some());
    }
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn at_keycloak_log_out_ends_both_sessions() {
    let keycloak = Keycloak::shared().await;
    let place = Place::free();
    let app = keycloak
        .register(&place.redirect_uri, &place.signed_out_uri)
        .await;
    let stack = place.stack(&app, &[]).await;
    let browser = stack.browser();
    let home = sign_in(&stack, &browser, "gold", JODIE).await;

    let back = log_out(&browser, &home).await;

    assert_eq!(back.status, 200, "{}", back.page().words());
    assert_eq!(back.url.path(), "/signed-out", "{}", back.url);
    assert!(!is_signed_in(&stack, &browser, JODIE).await);
    sign_in(&stack, &browser, "silver", CARL).await;
    let moons = sees(&stack, &browser, "show me some moons!", 403).await;
    assert!(!moons.page().words().contains(JODIE.name));
}

/// Sign-in, refresh and log out with assertions alone; then an app with another key, which is refused and says so.
async fn goes_by_its_key(place: Place, registration: &Registration, key: &KeyFile) {
    let other = KeyFile::new();
    let wrong = place.stack(registration, &other.settings()).await;
    let refused = wrong.sign_in(&wrong.browser(), "silver", CARL).await;
    let words = refused.page().words();
    assert_eq!(refused.status, 502, "{words}");
    for part in ["reason client_key_refused", other.key_id()] {
        assert!(words.contains(part), "{part} in {words}");
    }
    wrong.stop().await;

    let stack = place.stack(registration, &key.settings()).await;
    let browser = stack.browser();
    let home = sign_in(&stack, &browser, "silver", CARL).await;
    let flight = browser.go(&home, "refresh the tokens").await;
    let words = flight.page().words();
    assert_eq!(flight.status, 200, "{words}");
    for part in ["client_assertion=[client assertion]", "200 OK"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    sees(&stack, &browser, "show me the planets!", 200).await;
    let home = browser.open(stack.web("/")).await;
    let back = log_out(&browser, &home).await;
    assert_eq!(back.url.path(), "/signed-out", "{}", back.url);
    let words = back.page().words();
    // the refresh token at least: oidc-provider neither revokes nor introspects a JWT
    let told = "revoked: the provider answered 200; the provider calls it not active";
    assert!(words.contains(told), "{words}");
    assert!(!words.contains("answered 401"), "{words}");
}

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn sec_web_10_at_oidc_provider_the_app_goes_by_its_key_and_by_no_other() {
    let (place, key) = (Place::free(), KeyFile::new());
    let provider = OidcProvider::start(&json!({
        "redirect_uris": [place.redirect_uri],
        "post_logout_redirect_uris": [place.signed_out_uri],
        "auth_method": "private_key_jwt",
        "jwks": key.public_set(),
        "refresh_token": "always",
    }));
    goes_by_its_key(place, &provider.registration, &key).await;
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn sec_web_10_at_keycloak_the_app_goes_by_its_key_and_by_no_other() {
    let keycloak = Keycloak::shared().await;
    let (place, key) = (Place::free(), KeyFile::new());
    let set = key.public_set();
    let app = keycloak.register_key(&place.redirect_uri, &place.signed_out_uri, &set);
    let app = app.await;
    goes_by_its_key(place, &app, &key).await;
}
