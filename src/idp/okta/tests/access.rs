//! Who may call, how often, and what is told to all others.

use super::*;

const PATH: &str = "/api/v1/meta/schemas/user/default";

async fn with(provider: &Provider, credentials: &[&str]) -> Answer {
    let mut request = Request::get(PATH);
    for value in credentials {
        request = request.header(header::AUTHORIZATION, *value);
    }
    provider.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn whoever_shows_the_api_token_is_let_in() {
    let provider = Provider::start();
    for scheme in ["SSWS", "ssws", "Ssws"] {
        assert_eq!(
            with(&provider, &[&format!("{scheme} {TOKEN}")])
                .await
                .status,
            200,
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn nobody_else_is_let_in_and_all_noes_look_alike() {
    let provider = Provider::start();
    let (bearer, bare, long) = (
        format!("Bearer {TOKEN}"),
        format!("SSWS{TOKEN}"),
        format!("SSWS {TOKEN}x"),
    );
    let (right, basic) = (format!("SSWS {TOKEN}"), format!("Basic {TOKEN}"));
    for credentials in [
        vec![],
        vec![""],
        vec!["SSWS"],
        vec!["SSWS "],
        vec!["SSWS wrong"],
        vec![&long],
        vec![&bearer],
        vec![&bare],
        vec![&basic],
        vec![TOKEN],
        vec![&right, &right],
        vec!["SSWS ö"],
    ] {
        let answer = with(&provider, &credentials).await;
        assert_eq!(
            answer.refusal(),
            (401, "E0000011".to_owned()),
            "{credentials:?}"
        );
        assert_eq!(
            answer.json()["errorCauses"],
            serde_json::json!([]),
            "{credentials:?}"
        );
    }
}

#[tokio::test]
async fn without_a_token_of_its_own_the_api_is_off_and_says_how_to_turn_it_on() {
    for token in [None, Some(Secret::new(""))] {
        let provider = Provider::with(|config| config.api_token = token);
        for shown in ["SSWS ", "SSWS x"] {
            let answer = with(&provider, &[shown]).await;
            assert_eq!(answer.refusal(), (401, "E0000011".to_owned()));
            assert!(answer.body.contains("OKTA_API_TOKEN"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn every_answer_says_how_many_calls_are_left_and_the_call_after_the_last_is_429() {
    let provider = Provider::with(|config| config.management.calls_per_minute = 2);
    let right = format!("SSWS {TOKEN}");
    for left in ["1", "0"] {
        let answer = with(&provider, &[&right]).await.expect(200);
        assert_eq!(answer.header("x-rate-limit-limit"), "2");
        assert_eq!(answer.header("x-rate-limit-remaining"), left);
        assert_eq!(
            answer.header("x-rate-limit-reset"),
            (provider.clock.now() + 60).to_string()
        );
    }
    assert_eq!(
        with(&provider, &[&right]).await.refusal(),
        (429, "E0000047".to_owned())
    );
    provider.clock.advance(std::time::Duration::from_secs(60));
    with(&provider, &[&right]).await.expect(200);
}

#[tokio::test]
async fn what_is_not_there_is_not_there_in_oktas_shape() {
    let provider = Provider::start();
    let answer = provider.get("/api/v1/nothing/%0d%0a%3Cscript%3E").await;
    assert_eq!(answer.refusal(), (404, "E0000007".to_owned()));
    assert!(!answer.body.contains('<'), "{}", answer.body);
    for no_text in [
        "/api/v1/users/%ff",
        "/api/v1/groups/%c3%28/users",
        "/oauth2/v1/clients/%ff",
    ] {
        let answer = provider.get(no_text).await;
        assert_eq!(answer.refusal(), (404, "E0000007".to_owned()), "{no_text}");
    }
    assert_eq!(
        provider.delete(PATH).await.refusal(),
        (405, "E0000022".to_owned())
    );
    // A stranger learns nothing of what is there.
    let stranger = provider
        .send(Request::delete(PATH).body(Body::empty()).unwrap())
        .await;
    assert_eq!(stranger.refusal(), (401, "E0000011".to_owned()));
}
