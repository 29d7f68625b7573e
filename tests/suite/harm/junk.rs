//! Tokens that are none, many of them: the issuer hardly notices, and whoever has a good one is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;
use tokio::task::JoinSet;

use crate::http::{client, send};
use crate::misbehaving::{Keys, Provider};
use crate::stack::Stack;

/// A gateway that checks by this provider's keys.
async fn guarded(provider: &Provider) -> Stack {
    let issuer = provider.issuer();
    let settings = [
        ("ISSUER", issuer.as_str()),
        ("GATEWAY_POLICY", "jwt"),
        ("GATEWAY_RATE_PER_ADDRESS", "off"),
        ("GATEWAY_RATE_PER_CLIENT", "off"),
        ("GATEWAY_RATE_PER_USER", "off"),
    ];
    Stack::with(&settings).await
}

fn claims(provider: &Provider, number: usize) -> Value {
    let now = provider.clock().now();
    json!({
        "iss": provider.issuer(), "aud": "api://default", "sub": "carl.sagan", "client_id": "solar-system-app",
        "scope": "http://myapp.com/scp/silver", "iat": now, "exp": now + 3600, "jti": number.to_string(),
    })
}

fn good(provider: &Provider, number: usize) -> String {
    let claims = claims(provider, number);
    let script = provider.script();
    let kid = script.keys.key_id(Algorithm::ES256);
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid });
    script.keys.sign(Algorithm::ES256, &header, &claims)
}

/// A token of every kind that is none: of a stranger's key with a name of its own, bent, cut, no JWT at all.
fn junk(provider: &Provider, strangers: &Keys, number: usize) -> String {
    match number % 4 {
        0 | 1 => {
            let header =
                json!({ "alg": "ES256", "typ": "at+jwt", "kid": format!("unknown-{number}") });
            strangers.sign(Algorithm::ES256, &header, &claims(provider, number))
        }
        2 => good(provider, number).replace(".ey", ".eY"),
        _ => format!("junk-{number}"),
    }
}

async fn status(stack: &Stack, client: &reqwest::Client, token: &str) -> u16 {
    let url = stack.gateway("/planets");
    send(client.get(url).bearer_auth(token)).await.status
}

/// At the clock's own minute: the second fetch is for the first unknown key.
#[tokio::test(flavor = "multi_thread")]
async fn sec_gw_13_a_thousand_junk_tokens_cost_one_fetch_and_a_good_one_is_taken_meanwhile() {
    let provider = Provider::start(&Clock::standing());
    let stack = guarded(&provider).await;
    let client = client();
    assert_eq!(status(&stack, &client, &good(&provider, 0)).await, 200);
    let strangers = Keys::generate(9);
    for number in 0..1_000 {
        assert_eq!(
            status(&stack, &client, &junk(&provider, &strangers, number)).await,
            401
        );
        if number % 50 == 0 {
            assert_eq!(status(&stack, &client, &good(&provider, number)).await, 200);
        }
    }
    assert_eq!(provider.server.received_at("/keys").len(), 2);
}

/// How long calls take, the hundredth part that takes longest left out.
async fn p99(stack: &Stack, provider: &Provider) -> Duration {
    let (client, token) = (client(), good(provider, 1));
    let mut took = Vec::new();
    for _ in 0..3_000 {
        let start = Instant::now();
        assert_eq!(status(stack, &client, &token).await, 200);
        took.push(start.elapsed());
    }
    took.sort();
    took[took.len() * 99 / 100]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute, and measures: make harm"]
async fn sec_gw_13_a_thousand_junk_tokens_a_second_are_measured() {
    let began = Instant::now();
    let provider = Provider::start(&Clock::system());
    let stack = Arc::new(guarded(&provider).await);
    assert_eq!(status(&stack, &client(), &good(&provider, 0)).await, 200);
    let strangers = Keys::generate(9);
    let junk: Vec<_> = (0..4_000)
        .map(|number| junk(&provider, &strangers, number))
        .collect();
    let junk = Arc::new(junk);
    p99(&stack, &provider).await; // once, to be warm
    let alone = p99(&stack, &provider).await;

    let mut senders = JoinSet::new();
    let (sent, wrong) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for sender in 0..20 {
        let (stack, junk) = (stack.clone(), junk.clone());
        let (sent, wrong) = (sent.clone(), wrong.clone());
        senders.spawn(async move {
            let client = client();
            // One a millisecond, not twenty at once: they are twenty strangers.
            let first = tokio::time::Instant::now() + Duration::from_millis(sender as u64);
            let mut beat = tokio::time::interval_at(first, Duration::from_millis(20));
            for number in (sender..).step_by(20) {
                beat.tick().await;
                let token = &junk[number % junk.len()];
                let is_refused = status(&stack, &client, token).await == 401;
                wrong.fetch_add(usize::from(!is_refused), Ordering::Relaxed);
                sent.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let start = Instant::now();
    let beside = p99(&stack, &provider).await;
    let seconds = start.elapsed().as_secs_f64();
    senders.abort_all();
    while let Some(ended) = senders.join_next().await {
        assert!(
            ended.is_err_and(|error| error.is_cancelled()),
            "it stopped sending"
        );
    }
    let (sent, wrong) = (sent.load(Ordering::Relaxed), wrong.load(Ordering::Relaxed));
    assert!(sent > 0 && wrong == 0, "{wrong} of {sent} were not refused");
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    let rate = sent as f64 / seconds;
    let fetched = provider.server.received_at("/keys").len();
    println!(
        "p99 of a valid caller: {alone:?} alone, {beside:?} beside {rate:.0} junk tokens a second ({:.2} times); {fetched} fetches of keys",
        beside.as_secs_f64() / alone.as_secs_f64()
    );
    let minutes = began.elapsed().as_secs() / 60;
    // the first, one for unknown keys, and one more each minute
    assert!(
        fetched as u64 <= 3 + minutes,
        "{fetched} in {minutes} minutes"
    );
}
