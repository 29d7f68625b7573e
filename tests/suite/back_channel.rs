//! The provider says that a session has ended: it is dead here at once, and nobody else's word counts.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;
use solar_system::oauth::random_value;

use crate::browser::Browser;
use crate::http::{Answer, client, send, with_form};
use crate::misbehaving::{Gateway, Keys, Provider, Received, edit};
use crate::people::{CARL, JODIE};
use crate::stack::{CLIENT_ID, Stack};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const PATH: &str = "/back-channel-logout";

/// The app at the scripted provider, whose ID tokens name this session.
struct World {
    provider: Provider,
    _gateway: Gateway,
    stack: Stack,
}

impl World {
    async fn start() -> Self {
        let (provider, gateway) = (Provider::start(&Clock::standing()), Gateway::start());
        let stack = Stack::against(&provider, &gateway).await;
        Self {
            provider,
            _gateway: gateway,
            stack,
        }
    }

    /// A browser that is signed in, in this session of the provider's, as this person.
    async fn signed_in(&self, sid: &str, subject: &str) -> Browser {
        let browser = self.browser_of(sid, subject).await;
        assert!(self.is_signed_in(&browser).await);
        browser
    }

    /// The same, whether or not it got in.
    async fn browser_of(&self, sid: &str, subject: &str) -> Browser {
        let sid = sid.to_owned();
        {
            let mut script = self.provider.script();
            subject.clone_into(&mut script.subject);
            script.id_token = edit(move |claims| claims["sid"] = sid.clone().into());
        }
        let browser = self.stack.browser();
        self.stack.authenticate(&browser, "silver").await;
        browser
    }

    /// How often the provider was asked for its keys.
    fn key_fetches(&self) -> usize {
        self.provider.server.received_at("/keys").len()
    }

    /// What the provider was asked to revoke, once it is so many.
    async fn await_revoked(&self, count: usize) -> Vec<Received> {
        for _ in 0..1_500 {
            if self.provider.server.received_at("/revoke").len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.provider.server.received_at("/revoke")
    }

    async fn is_signed_in(&self, browser: &Browser) -> bool {
        let home = browser.open(self.stack.web("/")).await;
        home.page().words().contains("Signed in as")
    }

    fn claims(&self, sid: &str, subject: &str) -> Value {
        let now = self.provider.clock().now();
        json!({
            "iss": self.provider.issuer(), "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": random_value(),
            "sid": sid, "sub": subject, "events": { EVENT: {} },
        })
    }

    fn header(&self) -> Value {
        let kid = self.provider.script().keys.key_id(Algorithm::RS256);
        json!({ "alg": "RS256", "typ": "logout+jwt", "kid": kid })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.provider
            .script()
            .keys
            .sign(Algorithm::RS256, header, claims)
    }

    fn token(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }

    async fn post(&self, fields: &[(&str, &str)]) -> Answer {
        send(with_form(client().post(self.stack.web(PATH)), fields)).await
    }

    async fn tell(&self, token: &str) -> Answer {
        self.post(&[("logout_token", token)]).await
    }
}

/// `claims` with the members of `changes`; a null takes a member away.
fn changed(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let members = claims.as_object_mut().unwrap();
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

fn assert_refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert!(answer.json()["error"].is_string(), "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    let kind = answer.header("content-type");
    assert_eq!(kind, "application/json; charset=utf-8", "WEB-33: {what}");
}

#[tokio::test]
async fn sec_web_23_as_25_signing_out_on_the_providers_page_ends_the_apps_session_at_once() {
    let stack = Stack::start().await;
    let (browser, elsewhere, other) = (stack.browser(), stack.browser(), stack.browser());
    stack.sign_in(&browser, "silver", CARL).await;
    stack.sign_in(&elsewhere, "silver", CARL).await;
    stack.sign_in(&other, "gold", JODIE).await;
    let words = async |browser: &Browser| {
        let home = browser.open(stack.web("/")).await;
        home.page().words()
    };

    let about = browser.open(stack.idp("/")).await;
    let asked = browser.go(&about, "sign out").await;
    assert!(asked.page().words().contains(CARL.login));
    let done = browser.go(&asked, "sign out").await;
    assert_eq!(done.status, 200);

    assert!(!words(&browser).await.contains("Signed in as"));
    let planets = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(planets.status, 401);
    for (alive, person) in [(&elsewhere, CARL), (&other, JODIE)] {
        assert!(words(alive).await.contains(person.name), "{}", person.name);
    }
}

#[tokio::test]
async fn sec_web_23_a_logout_token_ends_the_session_or_all_of_the_person_that_it_names() {
    let world = World::start().await;
    let first = world.signed_in("s1", "carl").await;
    let second = world.signed_in("s2", "carl").await;
    let other = world.signed_in("s3", "jodie").await;
    let there = async || {
        let mut there = Vec::new();
        for browser in [&first, &second, &other] {
            there.push(world.is_signed_in(browser).await);
        }
        there
    };
    // Of a session that is not here, or of another person than it is: done, and nothing ended.
    for (sid, subject) in [("s9", "carl"), ("s3", "carl"), ("s1", "nobody")] {
        let answer = world.tell(&world.token(&world.claims(sid, subject))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(there().await, [true; 3], "{sid} {subject}");
    }
    let answer = world.tell(&world.token(&world.claims("s1", "carl"))).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(there().await, [false, true, true]);

    let by_sid = changed(world.claims("s3", ""), &json!({ "sub": null }));
    assert_eq!(world.tell(&world.token(&by_sid)).await.status, 200);
    assert_eq!(there().await, [false, true, false]);
    let first = world.signed_in("s4", "carl").await;
    let by_sub = changed(world.claims("", "carl"), &json!({ "sid": null }));
    assert_eq!(world.tell(&world.token(&by_sub)).await.status, 200);
    assert!(!world.is_signed_in(&first).await && !world.is_signed_in(&second).await);
}

#[tokio::test]
async fn sec_web_23_whatever_is_wrong_with_a_logout_token_is_a_400_and_ends_nothing() {
    let world = World::start().await;
    let browser = world.signed_in("s1", "carl").await;
    let now = world.provider.clock().now();
    let issuer = world.provider.issuer();
    let good = || world.claims("s1", "carl");
    let mut wrong: Vec<(String, String)> = Vec::new();
    for changes in [
        json!({ "iss": format!("{issuer}/") }),
        json!({ "iss": null }),
        json!({ "aud": "another" }),
        json!({ "aud": [CLIENT_ID, "another"] }),
        json!({ "aud": null }),
        json!({ "iat": null }),
        json!({ "iat": now + 61 }),
        json!({ "iat": now - 601 }),
        json!({ "exp": null }),
        json!({ "exp": now - 60 }),
        json!({ "exp": "later" }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "events": null }),
        json!({ "events": {} }),
        json!({ "events": { EVENT: true } }),
        json!({ "sub": null, "sid": null }),
        json!({ "sid": "" }),
        json!({ "nonce": "n" }),
    ] {
        wrong.push((changes.to_string(), world.token(&changed(good(), &changes))));
    }
    for changes in [
        json!({ "typ": null }),
        json!({ "typ": "JWT" }),
        json!({ "typ": "at+jwt" }),
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "PS256" }),
        json!({ "kid": "unknown" }),
        json!({ "crit": ["x"], "x": 1 }),
    ] {
        let header = changed(world.header(), &changes);
        wrong.push((changes.to_string(), world.sign(&header, &good())));
    }
    let foreign = Keys::generate(1).sign(
        Algorithm::ES256,
        &json!({ "alg": "ES256", "typ": "logout+jwt", "kid": "ES256-1" }),
        &good(),
    );
    let whole = world.token(&good());
    let (signed, _) = whole.rsplit_once('.').unwrap();
    for (what, token) in [
        ("another's key", foreign),
        ("no signature", format!("{signed}.")),
        ("two parts", signed.to_owned()),
        ("nonsense", "nonsense".to_owned()),
        (
            "long",
            world.token(&changed(good(), &json!({ "more": "x".repeat(9_000) }))),
        ),
    ] {
        wrong.push((what.to_owned(), token));
    }
    for (what, token) in &wrong {
        assert_refused(&world.tell(token).await, 400, what);
    }
    assert!(world.is_signed_in(&browser).await);
    assert_eq!(world.tell(&whole).await.status, 200);
    assert!(!world.is_signed_in(&browser).await);
}

#[tokio::test]
async fn sec_web_23_a_logout_token_counts_once() {
    let world = World::start().await;
    let first = world.signed_in("s1", "carl").await;
    let token = world.token(&world.claims("s1", "carl"));
    assert_eq!(world.tell(&token).await.status, 200);
    assert!(!world.is_signed_in(&first).await);
    world.provider.clock().advance(Duration::from_secs(1)); // or it would be of before its end
    let again = world.signed_in("s1", "carl").await;
    assert_refused(&world.tell(&token).await, 400, "again");
    // Nor by another token of its id, nor later.
    let same_id = solar_system::jose::inspect(&token).unwrap().claims["jti"].clone();
    let other = changed(world.claims("s1", "carl"), &json!({ "jti": same_id }));
    assert_refused(&world.tell(&world.token(&other)).await, 400, "its id");
    world.provider.clock().advance(Duration::from_secs(100));
    assert_refused(&world.tell(&token).await, 400, "later");
    assert!(world.is_signed_in(&again).await);
    // One that was refused was not used: the provider may send it once its keys are right.
    let good = world.token(&world.claims("s1", "carl"));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let bent: String = signature.chars().rev().collect();
    assert_refused(&world.tell(&format!("{signed}.{bent}")).await, 400, "bent");
    assert_eq!(world.tell(&good).await.status, 200);
    assert!(!world.is_signed_in(&again).await);
}

#[tokio::test]
async fn sec_web_23_a_sign_in_that_is_under_way_when_its_session_ends_signs_nobody_in() {
    let world = World::start().await;
    for (changes, goes_in) in [
        (json!({}), false),
        (json!({ "sid": null }), false),
        (json!({ "sid": "another" }), true),
        (json!({ "sub": "another", "sid": null }), true),
    ] {
        // The word comes before the browser does.
        let claims = changed(world.claims("s1", "carl"), &changes);
        assert_eq!(world.tell(&world.token(&claims)).await.status, 200);
        let browser = world.browser_of("s1", "carl").await;
        assert_eq!(world.is_signed_in(&browser).await, goes_in, "{changes}");
        world.provider.clock().advance(Duration::from_secs(1));
        let browser = world.browser_of("s1", "carl").await;
        assert!(world.is_signed_in(&browser).await, "a later one");
    }
}

#[tokio::test]
async fn sec_web_23_the_endpoint_takes_one_form_from_whoever_brings_it_and_nothing_of_a_browser() {
    let world = World::start().await;
    let browser = world.signed_in("s1", "carl").await;
    let token = || world.token(&world.claims("s1", "carl"));
    let url = world.stack.web(PATH);
    for fields in [
        &[][..],
        &[("logout_token", "")],
        &[("id_token", &token())],
        &[("logout_token", &token()), ("logout_token", &token())],
        &[("logout_token", &token()), ("a", "1"), ("a", "2")],
    ] {
        assert_refused(&world.post(fields).await, 400, &format!("{fields:?}"));
    }
    let long = "x".repeat(20_000);
    assert_refused(&world.tell(&long).await, 400, "a long form");
    let form = format!("logout_token={}", token());
    for kind in [
        None,
        Some("application/json"),
        Some("text/plain"),
        Some("multipart/form-data; boundary=x"),
    ] {
        let mut request = client().post(&url).body(form.clone());
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        assert_refused(&send(request).await, 400, &format!("{kind:?}"));
    }
    // In the address it is not looked for.
    let in_url = client().post(format!("{url}?{form}"));
    assert_refused(&send(with_form(in_url, &[])).await, 400, "in the address");
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] {
        let method = method.parse().unwrap();
        let answer = send(client().request(method, format!("{url}?{form}"))).await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("allow"), "POST");
        assert_eq!(answer.header("set-cookie"), "");
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'")
        );
    }
    assert!(world.is_signed_in(&browser).await);

    // A stranger's form counts by its token alone, whatever its browser says of itself; what else is in it does not.
    let cookies = browser.cookie_header(&url.parse().unwrap());
    let request = client()
        .post(&url)
        .header("cookie", cookies)
        .header("origin", "https://elsewhere.example")
        .header("sec-fetch-site", "cross-site");
    let answer = send(with_form(
        request,
        &[("more", "x"), ("logout_token", &token())],
    ))
    .await;
    assert_eq!(
        (answer.status, answer.header("set-cookie").as_str()),
        (200, "")
    );
    assert!(!world.is_signed_in(&browser).await);
}

#[tokio::test]
async fn sec_web_23_keys_that_were_rotated_are_fetched_and_keys_out_of_reach_end_nothing() {
    let world = World::start().await;
    let browser = world.signed_in("s1", "carl").await;
    world.provider.script().keys = Keys::generate(2);
    let answer = world.tell(&world.token(&world.claims("s1", "carl"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!world.is_signed_in(&browser).await);

    let browser = world.signed_in("s2", "carl").await;
    world.provider.script().keys = Keys::generate(3);
    let failing = crate::misbehaving::Reply::status(500);
    world
        .provider
        .script()
        .replies
        .insert("/keys".to_owned(), failing);
    world.provider.clock().advance(Duration::from_secs(11));
    let before = world.key_fetches();
    for _ in 0..5 {
        let answer = world.tell(&world.token(&world.claims("s2", "carl"))).await;
        assert_refused(&answer, 400, "no keys");
    }
    assert_eq!(world.key_fetches(), before + 1);
    assert!(world.is_signed_in(&browser).await);
}

#[tokio::test]
async fn sec_tok_11_web_23_junk_at_the_endpoint_costs_a_provider_in_trouble_one_fetch_in_ten_seconds()
 {
    let world = World::start().await;
    let failing = crate::misbehaving::Reply::status(500);
    world.provider.script().reply("/keys", failing);
    for junk in [
        "x",
        "a.b.c",
        &world.sign(&json!({"alg": "RS256"}), &json!({})),
    ] {
        for _ in 0..10 {
            assert_refused(&world.tell(junk).await, 400, junk);
        }
    }
    assert_eq!(
        world.key_fetches(),
        0,
        "no key mends what is no logout token"
    );
    let strangers = strangers_token(&world);
    for fetches in [1, 2] {
        for _ in 0..20 {
            assert_refused(&world.tell(&strangers).await, 400, "a stranger's");
        }
        assert_eq!(world.key_fetches(), fetches);
        world.provider.clock().advance(Duration::from_secs(11));
    }
    // Whoever signs in is not told yesterday's failure.
    assert_refused(&world.tell(&strangers).await, 400, "a stranger's");
    world.provider.script().replies.clear();
    world.signed_in("s1", "carl").await;
}

/// A logout token in form, signed by nobody's key.
fn strangers_token(world: &World) -> String {
    let header = json!({ "alg": "ES256", "typ": "logout+jwt", "kid": "unknown" });
    Keys::generate(7).sign(Algorithm::ES256, &header, &world.claims("s1", "carl"))
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_tok_11_web_23_a_key_set_that_hangs_keeps_neither_sign_ins_nor_logout_tokens() {
    let world = std::sync::Arc::new(World::start().await);
    let first = world.signed_in("s1", "carl").await;
    world.provider.clock().advance(Duration::from_secs(301)); // the keys are old
    let hanging = crate::misbehaving::Reply::never();
    world.provider.script().reply("/keys", hanging);
    let before = world.key_fetches();
    let junk = strangers_token(&world);
    let mut strangers = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let (world, junk) = (std::sync::Arc::clone(&world), junk.clone());
        strangers.spawn(async move { world.tell(&junk).await.status });
    }
    while world.key_fetches() == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;

    let start = std::time::Instant::now();
    world.signed_in("s2", "jodie").await;
    let told = world.tell(&world.token(&world.claims("s1", "carl"))).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(!world.is_signed_in(&first).await);
    let took = start.elapsed();
    assert!(
        took < Duration::from_secs(8),
        "nobody waits for it: {took:?}"
    );
    let statuses = strangers.join_all().await;
    assert!(statuses.iter().all(|status| matches!(status, 400 | 503)));
    assert_eq!(world.key_fetches(), before + 1, "of sixty strangers");
}

#[tokio::test]
async fn sec_web_22_23_what_an_ended_session_had_is_given_back_but_not_what_was_granted_for_absence()
 {
    for offline in [false, true] {
        let world = World::start().await;
        world.provider.script().token_answer = edit(move |answer| {
            answer["refresh_token"] = "canary".into();
            if offline {
                let scope = format!("{} offline_access", answer["scope"].as_str().unwrap());
                answer["scope"] = scope.into();
            }
        });
        world.signed_in("s1", "carl").await;
        let answer = world.tell(&world.token(&world.claims("s1", "carl"))).await;
        assert_eq!(answer.status, 200);
        let expected = if offline { 1 } else { 2 };
        let revoked = world.await_revoked(expected).await;
        let hints: Vec<_> = revoked
            .iter()
            .filter_map(|r| r.field("token_type_hint"))
            .collect();
        assert_eq!(hints.len(), expected, "{hints:?}");
        assert_eq!(hints.contains(&"refresh_token".to_owned()), !offline);
        assert!(hints.contains(&"access_token".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_web_22_23_a_word_that_ends_many_sessions_asks_the_provider_a_few_things_at_a_time() {
    const MANY: usize = 40;
    let world = World::start().await;
    for number in 0..MANY {
        world.signed_in(&format!("s{number}"), "carl").await;
    }
    let slow = crate::misbehaving::Reply::status(200).after(Duration::from_secs(2));
    world.provider.script().reply("/revoke", slow);
    let by_sub = changed(world.claims("", "carl"), &json!({ "sid": null }));
    assert_eq!(world.tell(&world.token(&by_sub)).await.status, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let at_once = world.await_revoked(1).await.len();
    assert!((1..=16).contains(&at_once), "{at_once} at once");
    assert_eq!(
        world.await_revoked(MANY).await.len(),
        MANY,
        "all in the end"
    );
}

#[tokio::test]
async fn sec_ses_06_web_23_a_sign_in_that_is_over_says_so_and_the_one_before_it_is_given_back() {
    let world = World::start().await;
    let browser = world.signed_in("s1", "carl").await;
    let told = world.token(&world.claims("s2", "jodie"));
    assert_eq!(world.tell(&told).await.status, 200);
    {
        let mut script = world.provider.script();
        script.subject = "jodie".to_owned();
        script.id_token = edit(|claims| claims["sid"] = "s2".into());
    }
    let page = world.stack.authenticate(&browser, "silver").await;
    let words = page.page().words();
    assert_eq!(page.status, 401, "{words}");
    assert!(words.contains("Your session here is over"), "{words}");
    assert!(!world.is_signed_in(&browser).await);
    let revoked = world.await_revoked(2).await;
    assert_eq!(revoked.len(), 2, "the first one's, and the second one's");
}
