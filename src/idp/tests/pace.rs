//! How often a client may call the back endpoints, and who guesses at secrets (COM-21).

use super::*;
use crate::idp::pace::Pace;
use axum::response::Response;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

/// Takes one call out of a client's bucket.
type Take = fn(&Pace, &str) -> Result<(), Box<Response>>;

const ENDPOINTS: [(&str, Take); 3] = [
    ("/v1/token", Pace::client),
    ("/v1/introspect", Pace::introspection),
    ("/v1/revoke", Pace::client),
];

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

/// Keeps a client's bucket empty while it is called: what comes in again is taken at once.
fn keep_empty(provider: &Provider, take: Take) -> impl Drop {
    struct Stop(Arc<AtomicBool>);
    impl Drop for Stop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    while take(&provider.idp.pace, GATEWAY).is_ok() {}
    let (stop, idp) = (Arc::<AtomicBool>::default(), Arc::clone(&provider.idp));
    let stopped = Arc::clone(&stop);
    std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            let _ = take(&idp.pace, GATEWAY);
        }
    });
    Stop(stop)
}

#[tokio::test]
async fn sec_com_21_a_client_that_calls_too_often_waits_at_every_back_endpoint_and_no_other_does() {
    let provider = Provider::start();
    for (path, take) in ENDPOINTS {
        let _empty = keep_empty(&provider, take);
        // On a busy machine a few calls pass before the other thread has its turn.
        let until = Instant::now() + Duration::from_secs(30);
        let waits = loop {
            let answer = provider.call(GATEWAY, path, &[("token", "x")]).await;
            if answer.status == 429 {
                break answer;
            }
            assert!(Instant::now() < until, "{path}: nobody waits");
        };
        assert_waits(&waits, path);
        let other = provider.call(APP, path, &[("token", "x")]).await;
        assert_ne!(other.status, 429, "{path}");
    }
}

#[tokio::test]
async fn sec_com_21_as_23_a_hundred_thousand_questions_about_junk_leave_a_gateway_its_answers() {
    let provider = Provider::start();
    let _empty = keep_empty(&provider, Pace::client);
    for number in 0..10 {
        let answer = provider.introspect(GATEWAY, "junk").await;
        assert_eq!(answer["active"], false, "{number}");
    }
    for number in 0..100_000 {
        assert!(provider.idp.pace.introspection(GATEWAY).is_ok(), "{number}");
    }
}

#[tokio::test]
async fn sec_com_21_answers_to_wrong_secrets_are_bounded_and_the_right_one_is_taken_all_the_while()
{
    let provider = Provider::start();
    while provider.idp.pace.nobody().is_ok() {}
    let mut waited = 0;
    for (path, _) in ENDPOINTS {
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
