//! The demo in a real browser, as a person goes through it: with scripts and without, at a desk and on a phone.

use std::time::Duration;

use crate::peers::{Chromium, Keycloak, Look, free_port};
use crate::people::{CARL, GOLD_SCOPE, JODIE, Person};
use crate::stack::Stack;

async fn sign_in(chromium: &Chromium, person: Person) {
    chromium.fill("username", person.login).await;
    chromium.fill("password", person.password).await;
    chromium.press("sign in").await;
}

/// Logs out, and says yes where the provider asks whether to sign out there too.
async fn log_out(chromium: &Chromium) {
    let home = chromium.url().await;
    chromium.press("log out").await;
    for _ in 0..100 {
        let page = chromium.page().await;
        if page.words().contains("You are signed out") {
            return;
        }
        let is_elsewhere = !home.starts_with(&page.url().origin().ascii_serialization());
        let mut questions = ["sign out", "logout"].into_iter().filter(|_| is_elsewhere);
        if let Some(question) = questions.find(|words| page.find(*words).is_some()) {
            chromium.press(question).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not signed out: {}", chromium.words().await);
}

/// Nothing to scroll sideways for, nothing blocked; and a picture.
async fn look_at(chromium: &Chromium, name: &str) {
    chromium.picture(name).await;
    let overflow = chromium.overflow().await;
    assert!(overflow <= 0.0, "{name} is {overflow} pixels too wide");
    let blocked = chromium.blocked().await;
    assert!(blocked.is_empty(), "{name}: {blocked:?}");
}

async fn the_tour(look: Look) {
    let stack = Stack::start().await;
    let chromium = Chromium::open(look).await;

    chromium.get(&stack.web("/")).await;
    chromium.see("Nobody is signed in").await;
    look_at(&chromium, "1-home-signed-out").await;

    chromium.press("show me the planets!").await;
    chromium.see("401 Unauthorized").await;
    assert!(chromium.url().await.contains("/flights/"));
    look_at(&chromium, "2-planets-without-sign-in").await;
    chromium.reload().await;
    chromium.see("401 Unauthorized").await;
    chromium.back().await;
    chromium.see("Nobody is signed in").await;

    chromium.press_under("silver", "authenticate").await;
    chromium.see("Demo people").await;
    chromium.arrive_at(&stack.idp("/")).await;
    look_at(&chromium, "3-sign-in").await;
    chromium.press("use").await;
    assert!(
        !chromium.field("username").await.is_empty(),
        "filled in without a script"
    );
    assert!(
        !chromium.field("password").await.is_empty(),
        "filled in without a script"
    );
    sign_in(&chromium, CARL).await;
    chromium.see("Signed in as Carl Sagan").await;
    assert_eq!(chromium.url().await, stack.web("/"));
    look_at(&chromium, "4-home-silver").await;

    chromium.press("show me the planets!").await;
    chromium.see("neptune").await;
    look_at(&chromium, "5-planets").await;
    chromium.get(&stack.web("/")).await;
    chromium.press("show me some moons!").await;
    chromium.see("403 Forbidden").await;
    chromium.see(GOLD_SCOPE).await;
    look_at(&chromium, "6-moons-refused").await;

    chromium.get(&stack.web("/")).await;
    chromium.press_under("gold", "authenticate").await;
    chromium.see("Demo people").await;
    sign_in(&chromium, CARL).await;
    chromium.see("access_denied").await;
    look_at(&chromium, "7-gold-denied").await;

    chromium.get(&stack.web("/")).await;
    chromium.press_under("gold", "authenticate").await;
    sign_in(&chromium, JODIE).await;
    chromium.see("Signed in as Jodie Foster").await;
    chromium.press("show me some moons!").await;
    chromium.see("ganymede").await;
    look_at(&chromium, "8-moons").await;

    log_out(&chromium).await;
    chromium.arrive_at(&stack.web("/signed-out")).await;
    look_at(&chromium, "9-signed-out").await;
    chromium.get(&stack.web("/")).await;
    chromium.see("Nobody is signed in").await;
    chromium.press_under("silver", "authenticate").await;
    assert!(
        chromium.field("password").await.is_empty(),
        "the password is asked for again"
    );
}

#[tokio::test]
#[ignore = "needs Chromium and chromedriver: make test"]
async fn the_tour_at_a_desk_with_scripts() {
    the_tour(Look::DESK).await;
}

#[tokio::test]
#[ignore = "needs Chromium and chromedriver: make test"]
async fn the_tour_at_a_desk_in_the_dark_without_scripts() {
    let scripts = false;
    let dark = true;
    the_tour(Look {
        scripts,
        dark,
        ..Look::DESK
    })
    .await;
}

#[tokio::test]
#[ignore = "needs Chromium and chromedriver: make test"]
async fn the_tour_on_a_phone_in_the_dark_without_scripts() {
    the_tour(Look::PHONE).await;
}

#[tokio::test]
#[ignore = "needs Chromium and chromedriver: make test"]
async fn the_tour_on_a_phone_with_scripts() {
    let scripts = true;
    let dark = false;
    the_tour(Look {
        scripts,
        dark,
        ..Look::PHONE
    })
    .await;
}

#[tokio::test]
#[ignore = "needs Chromium and chromedriver: make test"]
async fn the_back_button_after_sign_in_harms_nothing() {
    let stack = Stack::start().await;
    let chromium = Chromium::open(Look::DESK).await;
    chromium.get(&stack.web("/")).await;
    chromium.press_under("silver", "authenticate").await;
    sign_in(&chromium, CARL).await;
    chromium.see("Signed in as Carl Sagan").await;

    chromium.back().await;
    chromium.back().await;
    chromium.get(&stack.web("/")).await;

    chromium.see("Signed in as Carl Sagan").await;
}

#[tokio::test]
#[ignore = "needs Chromium, Java and Keycloak: make test"]
async fn keycloak_signs_in_and_out_in_a_real_browser() {
    let keycloak = Keycloak::shared().await;
    for look in [Look::DESK, Look::PHONE] {
        let port = free_port();
        let callback = format!("http://localhost:{port}/callback");
        let signed_out = format!("http://localhost:{port}/signed-out");
        let app = keycloak.register(&callback, &signed_out).await;
        let stack = Stack::at(&app, &[("PORT", &port.to_string())]).await;
        let chromium = Chromium::open(look).await;

        chromium.get(&stack.web("/")).await;
        chromium.press_under("silver", "authenticate").await;
        chromium.arrive_at(&app.issuer).await;
        sign_in(&chromium, CARL).await;
        chromium.see("Signed in as Carl Sagan").await;
        look_at(&chromium, "keycloak-home").await;
        chromium.press("show me the planets!").await;
        chromium.see("neptune").await;
        chromium.get(&stack.web("/")).await;
        chromium.press("show me some moons!").await;
        chromium.see("403 Forbidden").await;
        log_out(&chromium).await;
        chromium.arrive_at(&signed_out).await;
        chromium.get(&stack.web("/")).await;
        chromium.press_under("gold", "authenticate").await;
        sign_in(&chromium, JODIE).await;
        chromium.see("Signed in as Jodie Foster").await;
        chromium.press("show me some moons!").await;
        chromium.see("ganymede").await;
    }
}
