//! Codes, refresh tokens and machines at the token endpoint.

use super::*;
use crate::jose::inspect;
use serde_json::{Map, json};
use std::sync::Arc;

pub(super) const OTHER_APP: &str = "another-app";

/// A second app, registered just like the first.
pub(super) fn with_another_app(config: &mut IdpConfig) {
    let mut clients = config.tenant.clients.iter();
    let mut other = clients.find(|client| client.id == APP).unwrap().clone();
    other.id = OTHER_APP.to_owned();
    config.tenant.clients.push(other);
    let secret = secret_of(OTHER_APP);
    config.client_secrets.insert(OTHER_APP.to_owned(), secret);
}

fn claims(token: &Value) -> Map<String, Value> {
    inspect(token.as_str().unwrap()).unwrap().claims
}

#[tokio::test]
async fn sec_as_14_a_code_becomes_tokens_with_the_claims_of_the_specifications() {
    let provider = Provider::start();
    let (code, verifier) = provider.code(CARL, SILVER).await;
    let answer = provider.redeem(&code, &verifier).await;
    assert_eq!(
        (answer.header("cache-control"), answer.header("pragma")),
        (Some("no-store"), Some("no-cache"))
    );
    let tokens = answer.json();
    assert_eq!(
        (
            &tokens["token_type"],
            &tokens["expires_in"],
            &tokens["scope"]
        ),
        (&json!("Bearer"), &json!(600), &json!(SILVER))
    );
    assert!(
        tokens["refresh_token"].is_string(),
        "the blueprint's app gets one unasked; who registers does not"
    );

    let user = crate::blueprint::user_id("carl.sagan");
    let access = inspect(tokens["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&access.header["typ"], &access.header["alg"]),
        (&json!("at+jwt"), &json!("ES256"))
    );
    let now = provider.clock.now();
    let expected = json!({
        "iss": ISSUER, "aud": "api://default", "sub": user, "uid": user, "client_id": APP, "cid": APP,
        "scope": SILVER, "scp": ["openid", "http://myapp.com/scp/silver"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&access.claims[name], value, "{name}");
    }
    let time = |name: &str| access.claims[name].as_i64().unwrap();
    assert!((now - 5..=now).contains(&time("iat")) && (now - 5..=now).contains(&time("auth_time")));
    assert_eq!(time("exp") - time("iat"), 600);
    assert!(access.claims["jti"].as_str().unwrap().len() > 43);

    let id = inspect(tokens["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(id.header["typ"], "JWT");
    let expected = json!({
        "iss": ISSUER, "aud": APP, "sub": user, "nonce": "n-1", "amr": ["pwd"], "name": "Carl Sagan",
        "preferred_username": "carl.sagan", "groups": ["silver"],
        "at_hash": crate::jose::half_hash(Algorithm::Es256, tokens["access_token"].as_str().unwrap()),
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&id.claims[name], value, "{name}");
    }
    assert!(id.claims.contains_key("sid") && id.claims.contains_key("auth_time"));
    assert!(id.claims.get("email").is_none());
}

#[tokio::test]
async fn a_plain_oauth_request_gets_no_id_token_and_more_scopes_more_claims() {
    let provider = Provider::start();
    let tokens = provider.tokens(CARL, "http://myapp.com/scp/silver").await;
    assert!(tokens.get("id_token").is_none() && tokens.get("access_token").is_some());
    let tokens = provider.tokens(CARL, "openid profile email").await;
    let id = claims(&tokens["id_token"]);
    assert_eq!(
        (&id["given_name"], &id["email"]),
        (&json!("Carl"), &json!("carl.sagan@example.com"))
    );
}

#[tokio::test]
async fn sec_as_06_all_bindings_of_a_code_must_hold_together() {
    let provider = Provider::start_with(with_another_app);
    for combination in 0_u8..32 {
        let wrong = |bit: u8| combination & (1 << bit) != 0;
        let (code, verifier) = provider.code(CARL, SILVER).await;
        let other = random_value();
        let client = if wrong(0) { OTHER_APP } else { APP };
        if wrong(4) {
            provider.advance(60);
        }
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", if wrong(1) { &other } else { &code }),
            (
                "redirect_uri",
                if wrong(2) {
                    "http://localhost:8080/"
                } else {
                    REDIRECT_URI
                },
            ),
            ("code_verifier", if wrong(3) { &other } else { &verifier }),
        ];
        let answer = provider.call(client, "/v1/token", &fields).await;
        let expected = match combination {
            0 => 200,
            _ => 400,
        };
        assert_eq!(answer.status, expected, "{combination:05b} {}", answer.body);
        if combination != 0 {
            assert_eq!(answer.refusal().1, "invalid_grant", "{combination:05b}");
        }
        if !wrong(4) && combination != 0 {
            // A try that failed spends nothing and revokes nothing.
            assert_eq!(
                provider.redeem(&code, &verifier).await.status,
                200,
                "{combination:05b}"
            );
        }
    }
}

#[tokio::test]
async fn sec_as_05_a_code_without_its_verifier_is_worth_nothing() {
    let provider = Provider::start();
    let (code, verifier) = provider.code(CARL, SILVER).await;
    let challenge = pkce::s256(&verifier);
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
    ];
    let answer = provider.call(APP, "/v1/token", &fields).await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()));
    for wrong in [
        &challenge,
        &verifier[1..],
        &format!("{verifier}a"),
        &verifier.to_uppercase(),
    ] {
        assert_eq!(
            provider.redeem(&code, wrong).await.refusal(),
            (400, "invalid_grant".to_owned())
        );
    }
    assert_eq!(provider.redeem(&code, &verifier).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_as_03_04_of_a_hundred_who_redeem_a_code_one_succeeds_and_its_tokens_end() {
    let provider = Arc::new(Provider::start());
    let (code, verifier) = provider.code(CARL, "openid offline_access").await;
    let start = Arc::new(tokio::sync::Barrier::new(100));
    let tries = (0..100).map(|_| {
        let (provider, start) = (Arc::clone(&provider), Arc::clone(&start));
        let (code, verifier) = (code.clone(), verifier.clone());
        tokio::spawn(async move {
            start.wait().await;
            provider.redeem(&code, &verifier).await
        })
    });
    let answers: Vec<_> = futures_util::future::try_join_all(tries).await.unwrap();
    let won: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(won.len(), 1);
    assert!(
        answers
            .iter()
            .filter(|answer| answer.status != 200)
            .all(|answer| answer.refusal().1 == "invalid_grant")
    );
    let tokens = won[0].json();
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        provider.introspect(GATEWAY, access_token).await,
        json!({ "active": false })
    );
    let refreshed = provider
        .refresh(tokens["refresh_token"].as_str().unwrap(), "")
        .await;
    assert_eq!(refreshed.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn sec_as_03_a_code_lives_for_a_minute() {
    let provider = Provider::start();
    let (code, verifier) = provider.code(CARL, SILVER).await;
    provider.advance(50);
    assert_eq!(provider.redeem(&code, &verifier).await.status, 200);
    let (code, verifier) = provider.code(CARL, SILVER).await;
    provider.advance(60);
    assert_eq!(
        provider.redeem(&code, &verifier).await.refusal(),
        (400, "invalid_grant".to_owned())
    );
}

#[tokio::test]
async fn sec_as_16_refresh_tokens_rotate_narrow_and_end() {
    let provider = Provider::start_with(with_another_app);
    let scope = format!("{GOLD} profile email offline_access");
    let tokens = provider.tokens(JODIE, &scope).await;
    let first = tokens["refresh_token"].as_str().unwrap().to_owned();

    for scope in ["openid read", " "] {
        let refused = provider.refresh(&first, scope).await;
        assert_eq!(refused.refusal(), (400, "invalid_scope".to_owned()));
    }
    let narrow = provider.refresh(&first, SILVER).await.json();
    assert_eq!(narrow["scope"], SILVER);
    assert_eq!(claims(&narrow["access_token"])["scope"], SILVER);
    let id = claims(&narrow["id_token"]);
    assert_eq!(
        (&id["sub"], id.get("nonce")),
        (&claims(&tokens["id_token"])["sub"], None)
    );
    assert_eq!(id["auth_time"], claims(&tokens["id_token"])["auth_time"]);
    assert_eq!((id.get("email"), id.get("given_name")), (None, None));

    let second = narrow["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let full = provider.refresh(&second, "").await.json();
    assert_eq!(full["scope"], scope);
    let third = full["refresh_token"].as_str().unwrap().to_owned();

    // Another client's try, or a stranger's, ends nothing.
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", third.as_str()),
    ];
    for (client, error) in [
        (OTHER_APP, "invalid_grant"),
        ("telescope", "unauthorized_client"),
    ] {
        let answer = provider.call(client, "/v1/token", &fields).await;
        assert_eq!(answer.refusal().1, error);
    }
    assert_eq!(
        provider.refresh("stranger", "").await.refusal().1,
        "invalid_grant"
    );
    let full = provider.refresh(&third, "").await.json();
    let fourth = full["refresh_token"].as_str().unwrap().to_owned();

    // One that was used comes again: all of the family ends, and the access tokens with it.
    assert_eq!(
        provider.refresh(&first, "").await.refusal().1,
        "invalid_grant"
    );
    assert_eq!(
        provider.refresh(&fourth, "").await.refusal().1,
        "invalid_grant"
    );
    let access_token = full["access_token"].as_str().unwrap();
    assert_eq!(
        provider.introspect(GATEWAY, access_token).await,
        json!({ "active": false })
    );
}

#[tokio::test]
async fn sec_as_16_a_refresh_token_ends_when_nobody_uses_it_and_after_thirty_days_at_the_latest() {
    let provider = Provider::start();
    let tokens = provider.tokens(CARL, "openid offline_access").await;
    provider.advance(24 * 3600);
    let refreshed = provider
        .refresh(tokens["refresh_token"].as_str().unwrap(), "")
        .await;
    assert_eq!(refreshed.refusal().1, "invalid_grant");

    let mut token = provider.tokens(CARL, "openid offline_access").await["refresh_token"].clone();
    for round in 0..32 {
        let answer = provider.refresh(token.as_str().unwrap(), "").await;
        if answer.status != 200 {
            assert_eq!(answer.refusal().1, "invalid_grant");
            assert!(round > 29, "the grant ended after {round} refreshes");
            return;
        }
        token = answer.json()["refresh_token"].clone();
        provider.advance(23 * 3600 + 3000);
    }
    panic!("a grant without end");
}

#[tokio::test]
async fn a_machine_gets_its_own_scopes_in_its_own_name() {
    let provider = Provider::start();
    let ask = |client, scope: &'static str| {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let provider = &provider;
        async move { provider.call(client, "/v1/token", &fields).await }
    };
    for scope in ["", "read"] {
        let tokens = ask("telescope", scope).await.json();
        let claims = claims(&tokens["access_token"]);
        assert_eq!(
            (&claims["sub"], &claims["scope"], &claims["aud"]),
            (&json!("telescope"), &json!("read"), &json!("api://default"))
        );
        assert!(claims.get("uid").is_none() && claims.get("auth_time").is_none());
        assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    }
    for scope in [
        "openid",
        "read openid",
        "http://myapp.com/scp/gold",
        "offline_access",
        "a\"b",
        " ",
    ] {
        assert_eq!(
            ask("telescope", scope).await.refusal().1,
            "invalid_scope",
            "{scope}"
        );
    }
    for client in [APP, GATEWAY] {
        assert_eq!(ask(client, "").await.refusal().1, "unauthorized_client");
    }
    for grant_type in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
    ] {
        let answer = provider
            .call(APP, "/v1/token", &[("grant_type", grant_type)])
            .await;
        assert_eq!(answer.refusal(), (400, "unsupported_grant_type".to_owned()));
    }
    assert_eq!(
        provider.call(APP, "/v1/token", &[]).await.refusal().1,
        "invalid_request"
    );
}

#[tokio::test]
async fn rs256_signs_access_tokens_when_it_is_chosen_and_its_key_is_published_first() {
    let provider = Provider::start_with(|config| config.access_token_algorithm = Algorithm::Rs256);
    let keys = provider.get(&format!("{BASE}/v1/keys")).await.json();
    let algorithms: Vec<_> = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["alg"].clone())
        .collect();
    assert_eq!(algorithms, ["ES256", "RS256"]);
    let tokens = provider.tokens(CARL, SILVER).await;
    let access = inspect(tokens["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(access.header["alg"], "RS256");
    assert_eq!(access.header["kid"], keys["keys"][1]["kid"]);
    assert_eq!(
        inspect(tokens["id_token"].as_str().unwrap())
            .unwrap()
            .header["alg"],
        "ES256"
    );
    let introspected = provider
        .introspect(GATEWAY, tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(introspected["active"], true);
}
