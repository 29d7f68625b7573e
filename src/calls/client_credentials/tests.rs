use super::*;
use axum::http::HeaderValue;

fn machine() -> Machine {
    Machine {
        client_id: "an id:1".to_owned(),
        client_secret: Secret::new("can&ary/1"),
        scopes: Scopes::parse("read http://x/y").unwrap(),
        audience: None,
    }
}

fn answer(status: u16, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn outcome(status: u16, body: &str) -> Result<Minted, TokenRefusal> {
    read(&answer(status, body), &machine().scopes)
}

fn endpoint() -> Url {
    Url::parse("https://idp.example/token").unwrap()
}

#[test]
fn the_request_is_the_tutorials_and_shows_no_secret() {
    for authentication in [ClientAuthentication::Basic, ClientAuthentication::Post] {
        let request = request(&endpoint(), authentication, &machine());
        let asked = shown_form(&request);
        let body = String::from_utf8(request.body().clone()).unwrap();
        assert!(body.starts_with("grant_type=client_credentials&scope=read+http%3A%2F%2Fx%2Fy"));
        let told = format!("{asked:?}");
        assert!(!told.contains("ary"), "{told}");
        match authentication {
            ClientAuthentication::Basic => {
                let header = request.headers()["authorization"].to_str().unwrap();
                let (id, secret) = crate::oauth::parse_basic_credentials(header).unwrap();
                assert_eq!((id.as_str(), secret.expose()), ("an id:1", "can&ary/1"));
                assert!(told.contains("Basic [client id and secret]"), "{told}");
                assert_eq!(asked.body.unwrap(), body);
            }
            ClientAuthentication::Post => {
                assert!(body.ends_with("&client_id=an+id%3A1&client_secret=can%26ary%2F1"));
                assert!(told.contains("client_secret=[client secret]"), "{told}");
            }
        }
    }
}

#[test]
fn web_15_what_is_shown_of_an_answer_holds_no_token_whatever_it_is_called() {
    let body = r#"{"access_token":"canary1","refresh_token":"canary2","odd":{"a":"canary3"},"expires_in":5,"scope":"read","token_type":"Bearer"}"#;
    let told = format!("{:?}", shown_token_answer(&answer(200, body)));
    assert!(!told.contains("canary"), "{told}");
    assert!(told.contains("expires_in") && told.contains("[access token]"));
    let told = format!(
        "{:?}",
        shown_token_answer(&answer(200, "canary, and no JSON"))
    );
    assert!(!told.contains("canary"), "{told}");
    let mut odd = answer(200, "{}");
    let header = HeaderValue::from_static("canary");
    odd.headers_mut().insert("x-token", header);
    assert!(!format!("{:?}", shown_token_answer(&odd)).contains("canary"));
}

#[test]
fn a_token_answer_is_read_and_an_absent_scope_means_what_was_asked() {
    let minted = outcome(
        200,
        r#"{"access_token":"a","token_type":"bearer","expires_in":600}"#,
    );
    let minted = minted.unwrap();
    assert_eq!(minted.granted, machine().scopes);
    assert_eq!((minted.expires_in, minted.inside), (Some(600), None));
    let less = outcome(
        200,
        r#"{"access_token":"a","token_type":"Bearer","scope":"read"}"#,
    );
    assert_eq!(less.unwrap().granted.to_string(), "read");
}

#[test]
fn errors_are_explained_by_what_to_change() {
    for (status, code, reason) in [
        (401, "invalid_client", &reason::MACHINE_UNKNOWN),
        (401, "unauthorized_client", &reason::MACHINE_UNKNOWN),
        (400, "unauthorized_client", &reason::MACHINE_GRANT),
        (400, "unsupported_grant_type", &reason::MACHINE_GRANT),
        (400, "invalid_scope", &reason::MACHINE_SCOPE),
        (400, "access_denied", &reason::MACHINE_SCOPE),
        (400, "invalid_target", &reason::MACHINE_REFUSED),
    ] {
        let body = format!(r#"{{"error":"{code}","error_description":"a\u001b\nb"}}"#);
        let refusal = outcome(status, &body).unwrap_err();
        assert_eq!(refusal.reason().code, reason.code, "{status} {code}");
        let text = refusal.to_string();
        assert!(text.ends_with(": a  b"), "{text}");
    }
}

#[test]
fn what_is_no_token_answer_is_refused() {
    for (status, body) in [
        (200, ""),
        (200, "[]"),
        (200, "{}"),
        (200, r#"{"access_token":"","token_type":"Bearer"}"#),
        (200, r#"{"access_token":7,"token_type":"Bearer"}"#),
        (200, r#"{"access_token":"a"}"#),
        (200, r#"{"access_token":"a","token_type":"DPoP"}"#),
        (
            200,
            r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#,
        ),
        (
            200,
            r#"{"access_token":"a","token_type":"Bearer","scope":"\""}"#,
        ),
        (302, r#"{"access_token":"a","token_type":"Bearer"}"#),
        (500, "<html>"),
    ] {
        let refusal = outcome(status, body).unwrap_err();
        assert!(matches!(refusal, TokenRefusal::Nonsense(_)), "{body}");
        assert_eq!(refusal.reason().code, reason::MACHINE_ANSWER.code);
    }
    let error = outcome(
        200,
        r#"{"error":"invalid_scope","access_token":"a","token_type":"Bearer"}"#,
    );
    assert!(matches!(error, Err(TokenRefusal::Error { .. })));
}

#[tokio::test]
async fn a_token_endpoint_that_is_not_there_is_told() {
    let nobody = Url::parse("http://127.0.0.1:9/token").unwrap();
    let http = Client::new(&[]).unwrap();
    let call = ask_for_token(&http, &nobody, ClientAuthentication::Basic, &machine()).await;
    assert!(call.hop.came_back.is_none());
    let refusal = call.outcome.unwrap_err();
    assert_eq!(refusal.reason().code, reason::MACHINE_UNREACHABLE.code);
}
