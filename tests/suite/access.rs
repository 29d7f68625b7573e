//! Who may see what, straight at the gateway, by both of its policies.

use solar_system::jose::inspect;

use crate::direct::{GATEWAY, MACHINE};
use crate::http::query;
use crate::people::{CARL, GOLD_SCOPE, JODIE, SILVER_SCOPE, TYCHO};
use crate::stack::{CLIENT_ID, CLIENT_SECRET, Stack};

const POLICIES: [&str; 2] = ["introspection", "jwt"];
const RESOURCES: [&str; 5] = ["/visitors", "/asteroids", "/comets", "/planets", "/moons"];

#[tokio::test]
async fn each_token_opens_what_its_scopes_say_and_nothing_else() {
    for policy in POLICIES {
        let stack = Stack::with(&[("GATEWAY_POLICY", policy)]).await;
        let silver = stack
            .tokens_for(&format!("openid {SILVER_SCOPE}"), CARL)
            .await;
        let id_token = silver["id_token"].as_str().unwrap().to_owned();
        let silver = silver["access_token"].as_str().unwrap().to_owned();
        let mut forged = silver.clone();
        let letter = if forged.pop() == Some('A') { 'Q' } else { 'A' };
        forged.push(letter);
        let rows = [
            ("none", None, [200, 401, 401, 401, 401]),
            ("junk", Some("junk".to_owned()), [200, 401, 401, 401, 401]),
            ("an ID token", Some(id_token), [200, 401, 401, 401, 401]),
            (
                "a forged signature",
                Some(forged),
                [200, 401, 401, 401, 401],
            ),
            (
                "bronze",
                Some(stack.access_token(&[], TYCHO).await),
                [200, 200, 403, 403, 403],
            ),
            ("silver", Some(silver), [200, 200, 403, 200, 403]),
            (
                "gold alone",
                Some(stack.access_token(&[GOLD_SCOPE], JODIE).await),
                [200, 200, 403, 403, 200],
            ),
            (
                "both",
                Some(stack.access_token(&[SILVER_SCOPE, GOLD_SCOPE], JODIE).await),
                [200, 200, 403, 200, 200],
            ),
            (
                "the machine",
                Some(stack.machine_token().await),
                [200, 200, 200, 403, 403],
            ),
        ];
        for (what, token, expected) in rows {
            for (path, expected) in RESOURCES.into_iter().zip(expected) {
                let answer = stack.ask_gateway(path, token.as_deref()).await;
                let seen = if path == "/visitors" && matches!(answer.status, 200 | 401) {
                    200
                } else {
                    answer.status
                };
                assert_eq!(
                    seen,
                    expected,
                    "{policy}: {what} at {path}: {}",
                    answer.text()
                );
                let challenge = answer.header("www-authenticate");
                match answer.status {
                    401 => assert!(
                        challenge.starts_with("Bearer"),
                        "{what} at {path}: {challenge}"
                    ),
                    403 => assert!(
                        challenge.contains("insufficient_scope"),
                        "{what} at {path}: {challenge}"
                    ),
                    _ => assert!(answer.json().is_array(), "{what} at {path}"),
                }
                assert!(
                    answer.header("cache-control").contains("no-store"),
                    "{what} at {path}"
                );
            }
        }
        let nowhere = stack.ask_gateway("/pluto", None).await;
        assert_eq!(nowhere.status, 404);
    }
}

#[tokio::test]
async fn a_refusal_names_the_scope_that_is_missing_and_says_when_no_token_came() {
    let stack = Stack::start().await;
    let silver = stack.access_token(&[SILVER_SCOPE], CARL).await;

    let moons = stack.ask_gateway("/moons", Some(&silver)).await;
    let challenge = moons.header("www-authenticate");
    let challenge = challenge.replace(&stack.gateway(""), "[gateway]");
    insta::assert_snapshot!(challenge, @r#"Bearer error="insufficient_scope", scope="http://myapp.com/scp/gold", resource_metadata="[gateway]/.well-known/oauth-protected-resource/moons""#);

    let nobody = stack.ask_gateway("/moons", None).await;
    insta::assert_snapshot!(nobody.text(), @r#"{"error":"Access token was not provided"}"#);
    assert!(
        !nobody.header("www-authenticate").contains("error"),
        "no error code where no token came"
    );
}

#[tokio::test]
async fn an_expired_token_is_refused_by_both_policies() {
    for policy in POLICIES {
        let stack = Stack::with(&[("GATEWAY_POLICY", policy)]).await;
        let silver = stack.access_token(&[SILVER_SCOPE], CARL).await;
        assert_eq!(
            stack.ask_gateway("/planets", Some(&silver)).await.status,
            200
        );

        stack.clock.advance(std::time::Duration::from_secs(12 * 60));

        let late = stack.ask_gateway("/planets", Some(&silver)).await;
        assert_eq!(late.status, 401, "{policy}");
        assert!(
            late.header("www-authenticate").contains("invalid_token"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_by_introspection_once_its_short_cache_is_over() {
    let stack = Stack::start().await;
    let silver = stack.access_token(&[SILVER_SCOPE], CARL).await;
    assert_eq!(
        stack.ask_gateway("/planets", Some(&silver)).await.status,
        200
    );
    assert_eq!(stack.introspect(&silver).await["active"], true);

    let fields = [("token", silver.as_str())];
    let revoked = stack
        .ask_as("revoke", (CLIENT_ID, CLIENT_SECRET), &fields)
        .await;

    assert_eq!(revoked.status, 200);
    assert_eq!(
        stack.introspect(&silver).await,
        serde_json::json!({ "active": false })
    );
    stack.clock.advance(std::time::Duration::from_secs(31));
    assert_eq!(
        stack.ask_gateway("/planets", Some(&silver)).await.status,
        401
    );
}

#[tokio::test]
async fn a_token_of_another_house_is_refused() {
    let (stack, other) = (Stack::start().await, Stack::start().await);
    let foreign = other.access_token(&[SILVER_SCOPE], CARL).await;
    assert_eq!(
        other.ask_gateway("/planets", Some(&foreign)).await.status,
        200
    );
    for policy in POLICIES {
        let stack = Stack::with(&[("GATEWAY_POLICY", policy)]).await;
        assert_eq!(
            stack.ask_gateway("/planets", Some(&foreign)).await.status,
            401,
            "{policy}"
        );
    }
    drop(stack);
}

#[tokio::test]
async fn a_machine_gets_read_and_no_more() {
    let stack = Stack::start().await;
    let secret = stack.secret_of(MACHINE);
    for scope in [SILVER_SCOPE, "read openid", "openid", "offline_access"] {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let refused = stack.ask_as("token", (MACHINE, &secret), &fields).await;
        assert_eq!(refused.status, 400, "{scope}");
        assert_eq!(refused.json()["error"], "invalid_scope", "{scope}");
    }
    for who in [
        (MACHINE, "guessed"),
        (MACHINE, ""),
        ("nobody", secret.as_str()),
    ] {
        let fields = [("grant_type", "client_credentials"), ("scope", "read")];
        let refused = stack.ask_as("token", who, &fields).await;
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (401, Some("invalid_client")),
            "{who:?}"
        );
    }
    let app = [("grant_type", "client_credentials"), ("scope", "read")];
    let refused = stack
        .ask_as("token", (CLIENT_ID, CLIENT_SECRET), &app)
        .await;
    assert_eq!(refused.status, 400, "the app is no machine");
    let token = stack.machine_token().await;
    let gateway = stack.secret_of(GATEWAY);
    assert!(!gateway.is_empty() && stack.introspect(&token).await["active"] == true);
}

#[tokio::test]
async fn a_code_is_redeemed_once_and_only_with_its_verifier() {
    let stack = Stack::start().await;
    let asked = stack.ask_for("openid");
    let redirect = stack.answer_to(&stack.browser(), &asked, TYCHO).await;
    let code = query(&redirect, "code").unwrap();
    let callback = stack.web("/callback");
    let wrong = stack
        .token_request(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
            (
                "code_verifier",
                "a-verifier-of-somebody-else-forty-three-or-more",
            ),
        ])
        .await;
    assert_eq!(wrong.json()["error"], "invalid_grant");

    let asked = stack.ask_for("openid");
    let redirect = stack.answer_to(&stack.browser(), &asked, TYCHO).await;
    let first = stack.redeem(&asked, &redirect).await;
    let second = stack.redeem(&asked, &redirect).await;
    assert_eq!((first.status, second.status), (200, 400));
    let token = first.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(
        stack.introspect(&token).await["active"],
        false,
        "a replay revokes what the code gave"
    );
}

#[tokio::test]
async fn the_api_answers_only_who_shows_the_gateways_key() {
    let stack = Stack::start().await;
    let gold = stack.access_token(&[SILVER_SCOPE, GOLD_SCOPE], JODIE).await;
    for path in ["/visitors", "/planets", "/moons"] {
        let request = crate::http::client().get(stack.api(path));
        for request in [request.try_clone().unwrap(), request.bearer_auth(&gold)] {
            let answer = crate::http::send(request).await;
            assert!(
                matches!(answer.status, 401 | 403),
                "{path}: {}",
                answer.status
            );
            assert!(!answer.text().contains("ganymede"), "{path}");
        }
    }
}

/// What the embedded provider signs access tokens with.
#[tokio::test]
async fn idp_signing_alg_says_what_access_tokens_are_signed_with_and_they_are_taken() {
    for (set, expected) in [
        (None, "ES256"),
        (Some("ES256"), "ES256"),
        (Some("RS256"), "RS256"),
    ] {
        let mut settings = vec![("GATEWAY_POLICY", "jwt")];
        settings.extend(set.map(|set| ("IDP_SIGNING_ALG", set)));
        let stack = Stack::with(&settings).await;
        let token = stack.access_token(&[SILVER_SCOPE], CARL).await;
        let header = inspect(&token).unwrap().header;
        assert_eq!(header["alg"], expected, "{set:?}");
        let answer = stack.ask_gateway("/planets", Some(&token)).await;
        assert_eq!(answer.status, 200, "{set:?}: {}", answer.text());
        let browser = stack.browser();
        stack.sign_in(&browser, "silver", CARL).await;
        let planets = stack.show_me(&browser, "show me the planets!").await;
        assert_eq!(planets.status, 200, "{set:?}");
    }
}
