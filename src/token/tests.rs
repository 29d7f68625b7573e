use super::*;
use crate::{
    calls::{Minted, TokenRefusal},
    flight::Message,
    jose::inspect,
};
use serde_json::json;

const GATEWAY: &str = "https://gw.example/base";

fn call(path: &str) -> Result<Call, String> {
    let gateway = Url::parse(GATEWAY).unwrap();
    Call::to(path, &gateway, &Blueprint::default())
}

#[test]
fn a_call_is_the_blueprints_and_goes_to_the_gateway_alone() {
    let planets = call("/planets").unwrap();
    assert_eq!(planets.url.as_str(), "https://gw.example/base/planets");
    assert_eq!(planets.needed.to_string(), "http://myapp.com/scp/silver");
    assert!(!call("/visitors").unwrap().protected);
    assert!(call("/unknown").unwrap().protected);
    for odd in [
        "planets",
        "//evil.example",
        "https://evil.example",
        "/../x",
        "/a/./b",
        "/a?b",
        "/a#b",
        "/\\evil",
        "/a b",
        "/a\nb",
        "",
    ] {
        assert!(call(odd).is_err(), "{odd:?}");
    }
}

#[test]
fn the_machine_and_its_scopes_are_the_blueprints() {
    let (id, scopes) = machine_of(&Blueprint::default()).unwrap();
    assert_eq!(
        (id.as_str(), scopes.to_string().as_str()),
        ("telescope", "read")
    );
}

/// A token that was never signed: header and claims are all that is looked at.
fn token() -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
    let part = |value: Value| BASE64.encode(value.to_string());
    let header = part(json!({"alg": "ES256", "typ": "at+jwt"}));
    let claims = part(
        json!({"iss": "https://i", "scp": ["read"], "exp": 1_000, "odd": "\u{1b}[31mred\nnext"}),
    );
    format!("{header}.{claims}.canarysignature")
}

fn story(outcome: Result<Minted, TokenRefusal>) -> Story {
    let asked = Message {
        first_line: "POST https://i/token".to_owned(),
        headers: vec![(
            "authorization".to_owned(),
            "Basic [client id and secret]".to_owned(),
        )],
        body: Some("grant_type=client_credentials&scope=read".to_owned()),
    };
    let came_back = Some(Message {
        first_line: "200 OK".to_owned(),
        headers: Vec::new(),
        body: Some("{\"access_token\":\"[access token]\"}\u{1b}[2J".to_owned()),
    });
    Story {
        token: TokenCall {
            hop: Hop { asked, came_back },
            outcome,
        },
        introspection: None,
        call: None,
    }
}

fn minted() -> Minted {
    Minted {
        inside: inspect(&token()),
        access_token: Secret::new(token()),
        expires_in: Some(600),
        granted: Scopes::parse("read").unwrap(),
    }
}

#[test]
fn the_story_explains_each_claim_and_shows_no_token() {
    let story = story(Ok(minted()));
    let text = as_text(&story, 400);
    for part in [
        "grant_type=client_credentials",
        "granted: read",
        "[\"read\"]",
        "in 10 minutes",
        "The scopes granted",
        "Basic [client id and secret]",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for told in [text, as_json(&story)] {
        assert!(
            !told.contains("canary") && !told.contains(&token()),
            "{told}"
        );
        assert!(!told.contains('\u{1b}'), "{told}");
    }
    assert!(story.is_good());
    assert_eq!(story.raw().unwrap().expose(), token());
}

#[test]
fn a_refusal_says_what_to_do_and_there_is_nothing_raw() {
    let refusal = TokenRefusal::Error {
        code: "invalid_scope".to_owned(),
        description: None,
    };
    let story = story(Err(refusal));
    let text = as_text(&story, 0);
    assert!(
        text.contains("invalid_scope") && text.contains("hint: Ask for fewer"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&as_json(&story)).unwrap();
    assert_eq!(json["token"]["reason"]["code"], "machine_scope");
    assert!(!story.is_good() && story.raw().is_none());
}
