//! What becomes of refresh tokens that are asked for in vain, at once, or for long.

use super::*;
use crate::idp::org::Status;
use serde_json::json;

const OFFLINE: &str = "openid offline_access http://myapp.com/scp/silver";

fn refresh_token(tokens: &Value) -> String {
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sec_as_16_a_refusal_that_may_pass_spends_no_refresh_token_and_one_that_was_spent_ends_all()
{
    let provider = Provider::start();
    let first = refresh_token(&provider.tokens(CARL, OFFLINE).await);
    let policy_is = |status: Status| {
        provider.change(|org| org.server_mut("default").unwrap().policies[0].status = status);
    };
    policy_is(Status::Inactive);
    for _ in 0..2 {
        let refused = provider.refresh(&first, "").await;
        assert_eq!(refused.refusal(), (400, "invalid_grant".to_owned()));
    }
    policy_is(Status::Active);
    let refreshed = provider.refresh(&first, "").await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let second = refresh_token(&refreshed.json());

    // A refusal hides no reuse: what was spent ends the grant whether or not it would be given anything.
    policy_is(Status::Inactive);
    assert_eq!(provider.refresh(&first, "").await.status, 400);
    policy_is(Status::Active);
    let ended = provider.refresh(&second, "").await;
    assert_eq!(ended.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_as_16_of_a_hundred_who_refresh_at_once_one_succeeds_and_the_grant_ends() {
    let provider = Arc::new(Provider::start());
    let token = refresh_token(&provider.tokens(CARL, OFFLINE).await);
    let start = Arc::new(tokio::sync::Barrier::new(100));
    let tries = (0..100).map(|_| {
        let (provider, start) = (Arc::clone(&provider), Arc::clone(&start));
        let token = token.clone();
        tokio::spawn(async move {
            start.wait().await;
            provider.refresh(&token, "").await
        })
    });
    let answers = futures_util::future::try_join_all(tries).await.unwrap();
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    }
    let tokens = won[0].json();
    let access_token = tokens["access_token"].as_str().unwrap();
    let told = provider.introspect(GATEWAY, access_token).await;
    assert_eq!(told, json!({ "active": false }));
    let again = provider.refresh(&refresh_token(&tokens), "").await;
    assert_eq!(again.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn sec_as_16_a_refresh_token_that_is_bound_to_a_session_ends_with_its_eight_hours() {
    let provider = Provider::start();
    for (scope, outlives) in [(SILVER, false), (OFFLINE, true)] {
        let first = refresh_token(&provider.tokens(CARL, scope).await);
        provider.advance(8 * 3600 - 1);
        let refreshed = provider.refresh(&first, "").await;
        assert_eq!(refreshed.status, 200, "{scope}: {}", refreshed.body);
        provider.advance(1);
        let second = refresh_token(&refreshed.json());
        let told = provider.introspect(APP, &second).await;
        assert_eq!(told["active"], outlives, "{scope}");
        let again = provider.refresh(&second, "").await;
        assert_eq!(again.status == 200, outlives, "{scope}");
    }
}
