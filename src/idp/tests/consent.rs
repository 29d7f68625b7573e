//! People are asked what a client may do that nobody here vouches for.

use super::*;
use crate::idp::org::{CONSENT_METHOD, RegisteredBy};
use serde_json::json;

const OFFLINE: &str = "openid http://myapp.com/scp/silver offline_access";

fn asking() -> Provider {
    let provider = Provider::start();
    provider.change(|org| {
        let app = org.client_mut(APP).unwrap();
        app.further
            .insert(CONSENT_METHOD.to_owned(), json!("REQUIRED"));
    });
    provider
}

/// The consent page that a sign-in leads to.
async fn question(browser: &Browser<'_>, asked: &Asked, person: (&str, &str)) -> String {
    let answer = browser.sign_in(asked, person).await;
    path_of(&answer)
}

fn path_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let path = answer.location();
    assert!(
        path.starts_with("/signin/") && path.ends_with("/consent"),
        "{path}"
    );
    path.to_owned()
}

async fn say(browser: &Browser<'_>, path: &str, decision: &str) -> Answer {
    let page = browser.get(path).await;
    let csrf = page
        .field("csrf")
        .unwrap_or_else(|| panic!("{}", page.body))
        .to_owned();
    browser
        .post(path, &[("csrf", &csrf), ("decision", decision)])
        .await
}

#[tokio::test]
async fn sec_as_18_consent_names_client_scopes_and_life_before_there_is_a_code() {
    let provider = asking();
    let browser = Browser::of(&provider);
    let asked = Asked::new(OFFLINE);
    let path = question(&browser, &asked, CARL).await;
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    for text in [
        "Solar System",
        APP,
        "carl.sagan",
        "http://myapp.com/scp/silver",
        "offline_access",
        "10 minutes with each access token",
        "without you for 30 days, or until it is not used for 24 hours",
        "http://localhost:8080",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("form-action 'self' http://localhost:8080;")
    );
    assert_eq!(page.header("x-frame-options"), Some("DENY"));

    let returned = say(&browser, &path, "allow").await.returned();
    assert_eq!(returned["state"], "st ate&1");
    let tokens = provider
        .redeem(&returned["code"], &asked.verifier)
        .await
        .json();
    assert_eq!(tokens["scope"], OFFLINE);
    let back = browser.get(&path).await;
    assert_eq!(back.location(), "http://localhost:8080/");
}

#[tokio::test]
async fn sec_as_18_a_no_and_whatever_is_no_clear_yes_is_told_to_the_client() {
    let provider = asking();
    for decision in ["deny", "", "ALLOW", "yes"] {
        let browser = Browser::of(&provider);
        let path = question(&browser, &Asked::new(SILVER), CARL).await;
        let returned = say(&browser, &path, decision).await.returned();
        assert_eq!(returned["error"], "access_denied", "{decision}");
        assert!(!returned.contains_key("code"));
        // Nothing was remembered.
        path_of(&browser.authorize(&Asked::new(SILVER)).await);
    }
}

#[tokio::test]
async fn sec_as_18_consent_is_a_post_of_our_own_page_by_the_person_who_was_asked() {
    let provider = asking();
    let browser = Browser::of(&provider);
    let path = question(&browser, &Asked::new(SILVER), CARL).await;
    let page = browser.get(&path).await;
    let csrf = page.field("csrf").unwrap().to_owned();
    let good = [("csrf", csrf.as_str()), ("decision", "allow")];

    let mut forged = vec![
        browser.post(&path, &[("decision", "allow")]).await,
        browser
            .post(&path, &[("csrf", "x"), ("decision", "allow")])
            .await,
    ];
    for header in [
        ("origin", "http://evil.test"),
        ("origin", "http://localhost:8080"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        forged.push(browser.send(Method::POST, &path, &good, &[header]).await);
    }
    // Another sign-in's value, another browser, the same browser without its session or with another's.
    let other_path = path_of(&browser.authorize(&Asked::new("openid")).await);
    let other_csrf = browser
        .get(&other_path)
        .await
        .field("csrf")
        .unwrap()
        .to_owned();
    forged.push(
        browser
            .post(&path, &[("csrf", &other_csrf), ("decision", "allow")])
            .await,
    );
    let thief = Browser::of(&provider);
    forged.push(thief.post(&path, &good).await);
    question(&thief, &Asked::new(SILVER), JODIE).await;
    forged.push(thief.post(&path, &good).await);
    let own = browser.cookie("solar_idp_session").unwrap();
    for session in ["A".repeat(43), thief.cookie("solar_idp_session").unwrap()] {
        browser.set_cookie("solar_idp_session", &session);
        forged.push(browser.post(&path, &good).await);
        forged.push(browser.get(&path).await);
    }
    for answer in &forged {
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (403, None)
        );
    }
    browser.set_cookie("solar_idp_session", &own);
    assert!(
        browser
            .post(&path, &good)
            .await
            .returned()
            .contains_key("code")
    );
    // A double click gets its answer too.
    assert!(
        browser
            .post(&path, &good)
            .await
            .returned()
            .contains_key("code")
    );
}

#[tokio::test]
async fn sec_as_18_what_was_asked_cannot_be_changed_by_the_form_or_the_address() {
    let provider = asking();
    let browser = Browser::of(&provider);
    let asked = Asked::new("openid");
    let path = question(&browser, &asked, JODIE).await;
    let page = browser.get(&path).await;
    let csrf = page.field("csrf").unwrap().to_owned();
    let fields = [
        ("csrf", csrf.as_str()),
        ("decision", "allow"),
        ("scope", GOLD),
        ("client_id", "stranger"),
        ("redirect_uri", "http://evil.test/"),
    ];
    let more = format!("{path}?{}", form(&[("scope", GOLD)]));
    let answer = browser.post(&more, &fields).await;
    let code = answer.returned()["code"].clone();
    let tokens = provider.redeem(&code, &asked.verifier).await.json();
    assert_eq!(tokens["scope"], "openid");
}

#[tokio::test]
async fn sec_as_18_a_yes_to_one_client_is_none_to_another_that_took_its_id_meanwhile() {
    let provider = asking();
    let browser = Browser::of(&provider);
    let path = question(&browser, &Asked::new(SILVER), CARL).await;
    let page = browser.get(&path).await;
    let csrf = page.field("csrf").unwrap().to_owned();
    let another = |incarnation: &str| {
        provider.change(|org| {
            incarnation.clone_into(&mut org.client_mut(APP).unwrap().incarnation);
        });
    };
    another("0oaAnother");
    let yes = [("csrf", csrf.as_str()), ("decision", "allow")];
    for answer in [browser.post(&path, &yes).await, browser.get(&path).await] {
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (410, None)
        );
    }
    another("");
    assert!(
        browser
            .post(&path, &yes)
            .await
            .returned()
            .contains_key("code")
    );
}

#[tokio::test]
async fn sec_as_18_what_was_allowed_is_remembered_and_more_is_asked_for_again() {
    let provider = asking();
    let browser = Browser::of(&provider);
    let has_code = |answer: Answer| answer.returned().contains_key("code");
    let path = question(&browser, &Asked::new(SILVER), JODIE).await;
    assert!(has_code(say(&browser, &path, "allow").await));
    assert!(has_code(browser.authorize(&Asked::new(SILVER)).await));
    assert!(has_code(browser.authorize(&Asked::new("openid")).await));
    path_of(&browser.authorize(&Asked::new(GOLD)).await);
    path_of(
        &browser
            .authorize(&Asked::new(SILVER).with("prompt", "consent"))
            .await,
    );
    let other = Browser::of(&provider);
    path_of(&other.sign_in(&Asked::new(SILVER), CARL).await);
    // Another client under the same id was never allowed anything.
    provider.change(|org| org.client_mut(APP).unwrap().incarnation = "another".to_owned());
    path_of(&browser.authorize(&Asked::new(SILVER)).await);
    provider.change(|org| org.client_mut(APP).unwrap().incarnation = String::new());
    provider.advance(30 * 24 * 3600);
    path_of(&browser.sign_in(&Asked::new(SILVER), JODIE).await);
}

#[tokio::test]
async fn sec_as_18_each_scope_is_asked_for_again_after_its_own_thirty_days() {
    let provider = asking();
    let allow = async |scope: &str| {
        let browser = Browser::of(&provider);
        let path = question(&browser, &Asked::new(scope), JODIE).await;
        say(&browser, &path, "allow").await.returned()["code"].clone()
    };
    allow(SILVER).await;
    provider.advance(20 * 24 * 3600);
    allow("openid email").await;
    provider.advance(10 * 24 * 3600);
    let browser = Browser::of(&provider);
    path_of(&browser.sign_in(&Asked::new(SILVER), JODIE).await);
    let lately = browser.authorize(&Asked::new("openid email")).await;
    assert!(lately.returned().contains_key("code"));
}

#[tokio::test]
async fn sec_as_18_a_no_takes_back_what_was_let_before_of_what_it_is_said_to() {
    let provider = asking();
    let browser = Browser::of(&provider);
    for scope in [SILVER, "profile"] {
        let asked = Asked::new(scope).with("prompt", "login");
        let path = question(&browser, &asked, JODIE).await;
        say(&browser, &path, "allow").await;
    }
    let again = Asked::new(SILVER).with("prompt", "consent");
    let path = path_of(&browser.authorize(&again).await);
    let refused = say(&browser, &path, "deny").await.returned();
    assert_eq!(refused["error"], "access_denied");
    path_of(&browser.authorize(&Asked::new(SILVER)).await);
    path_of(&browser.authorize(&Asked::new("openid")).await);
    let other = browser.authorize(&Asked::new("profile")).await;
    assert!(other.returned().contains_key("code"));
}

#[tokio::test]
async fn sec_as_18_20_a_session_that_grew_too_old_while_the_question_stood_gets_no_code() {
    let provider = asking();
    let browser = Browser::of(&provider);
    let path = question(&browser, &Asked::new(SILVER), CARL).await;
    provider.advance(50);
    say(&browser, &path, "allow").await;
    let asked = Asked::new("openid profile");
    let waiting = asked.clone().with("max_age", "60");
    let path = path_of(&browser.authorize(&waiting).await);
    let page = browser.get(&path).await;
    let csrf = page.field("csrf").unwrap().to_owned();
    provider.advance(11);
    let yes = [("csrf", csrf.as_str()), ("decision", "allow")];
    let refused = browser.post(&path, &yes).await.returned();
    assert_eq!(refused["error"], "login_required");
    path_of(&browser.authorize(&asked).await); // nothing was let

    // 0 wants the password typed, and gives a person time to read what is asked.
    let path = question(&browser, &asked.with("max_age", "0"), CARL).await;
    provider.advance(30);
    let returned = say(&browser, &path, "allow").await.returned();
    assert!(returned.contains_key("code"));
}

#[tokio::test]
async fn sec_as_18_what_the_page_says_of_life_and_of_who_vouches_is_true() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let asked = Asked::new(SILVER).with("prompt", "consent");
    let path = question(&browser, &asked, CARL).await;
    let trusted = browser.get(&path).await.body;
    // The blueprint's app gets a refresh token unasked, which ends with the session.
    let refreshes = "until you sign out here, at the most for 8 hours";
    assert!(trusted.contains(refreshes), "{trusted}");
    assert!(!trusted.contains("vouches"), "{trusted}");

    provider.change(|org| org.client_mut(APP).unwrap().registered_by = RegisteredBy::Anybody);
    let stranger = browser.get(&path).await.body;
    assert!(!stranger.contains("until you sign out"), "{stranger}");
    assert!(!stranger.contains("without you"), "{stranger}");
    assert!(stranger.contains("Nobody here vouches for it."));
}

#[tokio::test]
async fn sec_as_18_prompt_none_never_skips_the_question() {
    let provider = asking();
    let browser = Browser::of(&provider);
    let silent = |scope| Asked::new(scope).with("prompt", "none");
    let path = question(&browser, &Asked::new(SILVER), JODIE).await;
    let refused = browser.authorize(&silent(SILVER)).await.returned();
    assert_eq!(refused["error"], "consent_required");
    assert!(!refused.contains_key("code"));
    say(&browser, &path, "allow").await;
    assert!(
        browser
            .authorize(&silent(SILVER))
            .await
            .returned()
            .contains_key("code")
    );
    let refused = browser.authorize(&silent(GOLD)).await.returned();
    assert_eq!(refused["error"], "consent_required");
    let nobody = Browser::of(&provider)
        .authorize(&silent(SILVER))
        .await
        .returned();
    assert_eq!(nobody["error"], "login_required");
}

#[tokio::test]
async fn sec_as_18_who_registered_itself_always_asks_and_who_is_trusted_only_by_prompt() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let trusted = browser.sign_in(&Asked::new(SILVER), CARL).await.returned();
    assert!(trusted.contains_key("code"));
    let asked = browser
        .authorize(&Asked::new(SILVER).with("prompt", "consent"))
        .await;
    let path = path_of(&asked);
    assert!(
        say(&browser, &path, "allow")
            .await
            .returned()
            .contains_key("code")
    );
    provider.change(|org| {
        let app = org.client_mut(APP).unwrap();
        app.registered_by = RegisteredBy::Anybody;
        app.further
            .insert(CONSENT_METHOD.to_owned(), json!("TRUSTED"));
    });
    path_of(
        &Browser::of(&provider)
            .sign_in(&Asked::new(SILVER), JODIE)
            .await,
    );
    // What the rules deny is not asked for.
    let denied = Browser::of(&provider)
        .sign_in(&Asked::new(GOLD), CARL)
        .await
        .returned();
    assert_eq!(denied["error"], "access_denied");
}

#[tokio::test]
async fn sec_as_18_20_half_a_sign_in_cannot_be_finished_by_an_older_session() {
    let provider = asking();
    let browser = Browser::of(&provider);
    let path = question(&browser, &Asked::new(SILVER), CARL).await;
    say(&browser, &path, "allow").await;
    // The password is wanted again: until it was typed, no consent answers this request.
    let form = browser
        .sign_in_page(&Asked::new(SILVER).with("prompt", "login consent"))
        .await;
    let shortcut = format!("{form}/consent");
    let refused = browser.get(&shortcut).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("location")),
        (403, None)
    );
    let asked = browser.type_in(&form, CARL).await;
    assert_eq!(path_of(&asked), shortcut);
    assert_eq!(
        browser.get(&form).await.location(),
        shortcut,
        "the back button"
    );
    let returned = say(&browser, &shortcut, "allow").await.returned();
    assert!(returned.contains_key("code"));
    provider.advance(11 * 60);
    assert_eq!(browser.get(&shortcut).await.status, 410);
}
