//! Every template of the provider, rendered from samples.

use super::*;
use crate::assets::checks::{self, HOSTILE, Page};

fn sign_in() -> SignInPage {
    let person = |login: &str, name: &str, groups: &[(&str, usize)]| Person {
        login: login.to_owned(),
        name: name.to_owned(),
        groups: groups
            .iter()
            .map(|&(group, rings)| (group.to_owned(), rings))
            .collect(),
        use_url: format!("/oauth2/default/v1/authorize?request=1&use={login}"),
    };
    SignInPage {
        action: "/sign-in".to_owned(),
        csrf: "a-value".to_owned(),
        client_name: "Solar System".to_owned(),
        asks: vec![
            "openid".to_owned(),
            "http://myapp.com/scp/silver".to_owned(),
        ],
        login: "carl.sagan".to_owned(),
        password: "pale-blue-dot".to_owned(),
        problem: None,
        people: vec![
            person("carl.sagan", "Carl Sagan", &[("silver", 2)]),
            person(
                "jodie.foster",
                "Jodie Foster",
                &[("silver", 2), ("gold", 3)],
            ),
            person("tycho.brahe", "Tycho Brahe", &[("bronze", 1), ("staff", 0)]),
        ],
        issuer: "http://localhost:8081/oauth2/default".to_owned(),
    }
}

fn refused_sign_in() -> SignInPage {
    SignInPage {
        password: String::new(),
        problem: Some("Name and password do not belong together.".to_owned()),
        ..sign_in()
    }
}

fn pages() -> Vec<Page> {
    let issuer = sign_in().issuer;
    let hostile = SignInPage {
        login: HOSTILE.to_owned(),
        client_name: HOSTILE.to_owned(),
        asks: vec![HOSTILE.to_owned()],
        ..refused_sign_in()
    };
    let problem = ProblemPage {
        status: 400,
        heading: "This client is not known here".to_owned(),
        sentences: vec!["The request names a client that is not registered.".to_owned()],
        facts: vec![("client_id".to_owned(), HOSTILE.to_owned())],
        issuer: issuer.clone(),
    };
    let signed_out = SignedOutPage {
        sentences: vec!["Your session at this provider has ended.".to_owned()],
        back: Some((
            "http://localhost:8080/signed-out".to_owned(),
            "back to Solar System".to_owned(),
        )),
        issuer: issuer.clone(),
    };
    let confirm = ConfirmSignOutPage {
        action: "/oauth2/default/v1/logout".to_owned(),
        csrf: "a-value".to_owned(),
        login: "carl.sagan".to_owned(),
        hidden: vec![("state".to_owned(), HOSTILE.to_owned())],
        client_name: Some("Solar System".to_owned()),
        issuer: issuer.clone(),
    };
    let consent = ConsentPage {
        action: "/signin/x/consent".to_owned(),
        csrf: "a-value".to_owned(),
        client_name: HOSTILE.to_owned(),
        client_id: "0oaX".to_owned(),
        registered_itself: true,
        login: "carl.sagan".to_owned(),
        asks: vec![
            ("openid".to_owned(), String::new()),
            (HOSTILE.to_owned(), HOSTILE.to_owned()),
        ],
        lives: vec!["10 minutes with each access token".to_owned()],
        answered_at: "https://app.example".to_owned(),
        issuer: issuer.clone(),
    };
    let about = AboutPage {
        documents: vec![(
            "metadata".to_owned(),
            format!("{issuer}/.well-known/openid-configuration"),
        )],
        endpoints: vec![("token".to_owned(), format!("{issuer}/v1/token"))],
        signed_in_as: None,
        issuer,
    };
    vec![
        ("idp-sign-in", sign_in().render().unwrap()),
        ("idp-wrong-password", refused_sign_in().render().unwrap()),
        ("idp-sign-in-hostile", hostile.render().unwrap()),
        ("idp-problem-hostile", problem.render().unwrap()),
        ("idp-signed-out", signed_out.render().unwrap()),
        ("idp-confirm-hostile", confirm.render().unwrap()),
        ("idp-consent-hostile", consent.render().unwrap()),
        ("idp-about", about.render().unwrap()),
    ]
}

#[test]
fn every_page_is_sound_and_says_whose_it_is() {
    for page in &pages() {
        checks::assert_sound(page);
        let (name, html) = page;
        assert!(
            html.contains("Demo identity provider") && html.contains("not for production"),
            "{name}"
        );
    }
}

#[test]
fn every_form_posts_with_the_csrf_value() {
    for (name, html) in &pages() {
        let posting = html.matches("<form method=\"post\"").count();
        assert_eq!(html.matches("<form").count(), posting, "{name}");
        let fields = html
            .matches("<input type=\"hidden\" name=\"csrf\" value=\"a-value\">")
            .count();
        assert_eq!(fields, posting, "{name}");
    }
}

#[test]
fn the_form_is_filled_in_and_each_person_has_a_use_link() {
    let html = sign_in().render().unwrap();
    assert!(
        html.contains(r#"autocomplete="username""#)
            && html.contains(r#"autocomplete="current-password""#)
    );
    assert!(html.contains(r#"value="carl.sagan""#) && html.contains(r#"value="pale-blue-dot""#));
    assert_eq!(html.matches(">use</a>").count(), 3);
    assert!(html.contains("?request=1&#38;use=tycho.brahe\""));
    assert!(html.contains(">sign in</button>"));
}

#[test]
fn a_failed_try_says_why_and_shows_no_password() {
    let html = refused_sign_in().render().unwrap();
    assert!(
        html.contains("do not belong together") && html.contains(r#"aria-describedby="problem""#)
    );
    assert!(!html.contains("pale-blue-dot"));
    assert!(!sign_in().render().unwrap().contains("id=\"problem\""));
}

#[test]
#[ignore = "writes pages to look at, into the folder that PAGES names"]
fn write_the_pages() {
    checks::write(&pages());
}
