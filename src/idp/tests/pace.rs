//! How often a client may call the back endpoints, and who guesses at secrets (COM-21).

use super::*;

const ENDPOINTS: [&str; 3] = ["/v1/token", "/v1/introspect", "/v1/revoke"];

fn assert_waits(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 429, "{what}: {}", answer.body);
    assert_eq!(answer.json()["error"], "temporarily_unavailable", "{what}");
    let seconds: u64 = answer.headers[header::RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=2).contains(&seconds), "{what}: {seconds}");
}

#[tokio::test]
async fn sec_com_21_a_client_that_calls_too_often_waits_at_every_back_endpoint_and_no_other_does() {
    let provider = Provider::start();
    for path in ENDPOINTS {
        let mut waits = None;
        for _ in 0..50 {
            while provider.idp.pace.client(GATEWAY).is_ok() {} // a thousandth of a second gives one more
            let answer = provider.call(GATEWAY, path, &[("token", "x")]).await;
            if answer.status == 429 {
                waits = Some(answer);
                break;
            }
        }
        assert_waits(&waits.expect("no try of fifty waits"), path);
        let other = provider.call(APP, path, &[("token", "x")]).await;
        assert_ne!(other.status, 429, "{path}");
    }
}

#[tokio::test]
async fn sec_com_21_answers_to_wrong_secrets_are_bounded_and_the_right_one_is_taken_all_the_while()
{
    let provider = Provider::start();
    while provider.idp.pace.nobody().is_ok() {}
    let mut waited = 0;
    for path in ENDPOINTS {
        for name in ["somebody", APP, GATEWAY, "x"] {
            let wrong = basic_credentials(name, &Secret::new("a guess"));
            let answer = provider
                .call_with(&[wrong.expose()], path, &[("token", "x")])
                .await;
            if answer.status == 429 {
                assert_waits(&answer, path);
                waited += 1;
            } else {
                assert_eq!(answer.status, 401, "{path}");
            }
        }
        let right = provider.call(GATEWAY, path, &[("token", "x")]).await;
        assert!(matches!(right.status.as_u16(), 200 | 400), "{path}");
    }
    assert!(waited > 6, "{waited} of 12");
}
