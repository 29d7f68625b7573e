//! A provider that lies, breaks or hangs: nobody is signed in, and the page says who refused what.

use std::time::{Duration, Instant};

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;

use crate::browser::{Browser, Seen};
use crate::misbehaving::{Edit, Gateway, Keys, Provider, Reply, Script, edit, unsecured};
use crate::people::{GOLD_SCOPE, SILVER_SCOPE};
use crate::stack::Stack;

struct Scene {
    provider: Provider,
    gateway: Gateway,
    stack: Stack,
}

async fn scene() -> Scene {
    let clock = Clock::system();
    let (provider, gateway) = (Provider::start(&clock), Gateway::start());
    let stack = Stack::against(&provider, &gateway).await;
    Scene {
        provider,
        gateway,
        stack,
    }
}

impl Scene {
    async fn sign_in(&self, browser: &Browser) -> Seen {
        self.stack.authenticate(browser, "silver").await
    }

    /// A sign-in works, in a browser of its own.
    async fn assert_works(&self, what: &str) {
        let home = self.sign_in(&self.stack.browser()).await;
        let words = home.page().words();
        assert_eq!(home.status, 200, "{what}: {words}");
        assert!(words.contains("Signed in as"), "{what}: {words}");
    }

    /// A sign-in is refused with a page, and nobody is signed in after it.
    async fn assert_refused(&self, what: &str) -> Seen {
        let browser = self.stack.browser();
        let refused = self.sign_in(&browser).await;
        assert!(
            refused.status >= 400 && refused.status != 500,
            "{what}: {} {}",
            refused.status,
            refused.page().words()
        );
        assert!(
            refused.header("content-type").starts_with("text/html"),
            "{what}"
        );
        assert!(!refused.page().heading().is_empty(), "{what}");
        assert!(
            !refused.text().contains(".eyJ"),
            "{what}: a token is on the page"
        );
        let home = browser.open(self.stack.web("/")).await;
        assert!(!home.page().words().contains("Signed in as"), "{what}");
        refused
    }
}

fn set(name: &'static str, value: Value) -> Edit {
    edit(move |document| document[name] = value.clone())
}

fn without(name: &'static str) -> Edit {
    edit(move |document| {
        document.as_object_mut().unwrap().remove(name);
    })
}

/// A fault by name, and what it changes.
type Fault = (&'static str, Box<dyn FnOnce(&mut Script)>);

fn fault(name: &'static str, change: impl FnOnce(&mut Script) + 'static) -> Fault {
    (name, Box::new(change))
}

fn id_token(edit: Edit) -> impl FnOnce(&mut Script) {
    |script| script.id_token = edit
}

fn id_token_header(edit: Edit) -> impl FnOnce(&mut Script) {
    |script| script.id_token_header = edit
}

fn token_answer(edit: Edit) -> impl FnOnce(&mut Script) {
    |script| script.token_answer = edit
}

/// Each fault in turn, on a house of its own: refused, while the same house signs people in before and after it.
async fn each_is_refused(faults: Vec<Fault>) {
    for (what, change) in faults {
        let scene = scene().await;
        scene.assert_works(what).await;
        change(&mut scene.provider.script());
        scene.assert_refused(what).await;
    }
}

fn now() -> i64 {
    Clock::system().now()
}

#[tokio::test]
async fn an_id_token_with_a_wrong_claim_signs_nobody_in() {
    each_is_refused(vec![
        fault(
            "another issuer",
            id_token(set("iss", "https://evil.example".into())),
        ),
        fault(
            "issuer with a slash",
            id_token(edit(|claims| {
                claims["iss"] = format!("{}/", claims["iss"].as_str().unwrap()).into();
            })),
        ),
        fault("no issuer", id_token(without("iss"))),
        fault(
            "another audience",
            id_token(set("aud", "somebody else".into())),
        ),
        fault("no audience", id_token(without("aud"))),
        fault(
            "a strange audience more",
            id_token(edit(|claims| {
                claims["aud"] = json!([claims["aud"], "somebody else"]);
            })),
        ),
        fault(
            "another authorized party",
            id_token(set("azp", "somebody else".into())),
        ),
        fault("another nonce", id_token(set("nonce", "another".into()))),
        fault("no nonce", id_token(without("nonce"))),
        fault("expired", id_token(set("exp", (now() - 61).into()))),
        fault("no expiry", id_token(without("exp"))),
        fault("expiry as text", id_token(set("exp", "2999-01-01".into()))),
        fault(
            "issued tomorrow",
            id_token(set("iat", (now() + 86_400).into())),
        ),
        fault(
            "issued yesterday",
            id_token(set("iat", (now() - 86_400).into())),
        ),
        fault("no time of issue", id_token(without("iat"))),
        fault("not yet valid", id_token(set("nbf", (now() + 3600).into()))),
        fault("no subject", id_token(without("sub"))),
        fault("empty subject", id_token(set("sub", "".into()))),
        fault("subject as number", id_token(set("sub", 7.into()))),
        fault(
            "at_hash of another token",
            id_token(set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA".into())),
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_id_token_with_a_wrong_signature_signs_nobody_in() {
    let forged = |sign: fn(&Value) -> String| {
        edit(move |answer: &mut Value| {
            let claims = claims_of(&answer["id_token"]);
            answer["id_token"] = sign(&claims).into();
        })
    };
    each_is_refused(vec![
        fault("no signature", token_answer(forged(|claims| unsecured(&json!({ "alg": "none" }), claims)))),
        fault("keys of somebody else", token_answer(forged(|claims| {
                let keys = Keys::generate(1);
                let header = json!({ "alg": "ES256", "kid": "ES256-1" });
                keys.sign(Algorithm::ES256, &header, claims)
            }))),
        fault("a key in the token's own header", token_answer(forged(|claims| {
                let keys = Keys::generate(9);
                let header = json!({ "alg": "ES256", "kid": "ES256-9", "jwk": keys.public(Algorithm::ES256) });
                keys.sign(Algorithm::ES256, &header, claims)
            }))),
        fault("an algorithm that lies", id_token_header(set("alg", "ES256".into()))),
        fault("HMAC", id_token_header(set("alg", "HS256".into()))),
        fault("a critical extension", id_token_header(set("crit", json!(["exp"])))),
        fault("an unknown key", id_token_header(set("kid", "nobody knows".into()))),
        fault("an access token instead", token_answer(edit(|answer| {
            answer["id_token"] = answer["access_token"].clone();
        }))),
        fault("no ID token", token_answer(without("id_token"))),
        fault("an ID token that is none", token_answer(set("id_token", "rubbish".into()))),
        fault("an empty key set", |script| {
            script.keys = Keys::generate(2);
            script.published_keys = set("keys", json!([]));
        }),
    ])
    .await;
}

fn claims_of(token: &Value) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_endpoint_that_misbehaves_signs_nobody_in() {
    let at = |path: &'static str, reply: Reply| {
        move |script: &mut Script| {
            script.replies.insert(path.to_owned(), reply.clone());
        }
    };
    let json = |status, body: &str| Reply::status(status).body("application/json", body);
    each_is_refused(vec![
        fault(
            "invalid_client",
            at("/token", json(401, r#"{"error":"invalid_client"}"#)),
        ),
        fault(
            "invalid_grant",
            at("/token", json(400, r#"{"error":"invalid_grant"}"#)),
        ),
        fault(
            "500",
            at(
                "/token",
                Reply::status(500).body("text/html", "<h1>Oops</h1>"),
            ),
        ),
        fault(
            "200 with HTML",
            at("/token", Reply::html("<h1>Log in</h1>")),
        ),
        fault("an empty answer", at("/token", json(200, ""))),
        fault(
            "half an answer",
            at("/token", Reply::status(200).cut(r#"{"access_token":"#)),
        ),
        fault("a redirect", at("/token", Reply::redirect(302, "/token2"))),
        fault(
            "a huge answer",
            at("/token", Reply::status(200).huge(50_000_000)),
        ),
        fault("no access token", token_answer(without("access_token"))),
        fault("no token type", token_answer(without("token_type"))),
        fault(
            "another token type",
            token_answer(set("token_type", "mac".into())),
        ),
        fault("an access token twice", |script| {
            let twice =
                r#"{"access_token":"a","access_token":"b","token_type":"Bearer","id_token":"x"}"#;
            script.replies.insert(
                "/token".to_owned(),
                Reply::status(200).body("application/json", twice),
            );
        }),
        fault("keys that answer 500", |script| {
            script.keys = Keys::generate(3);
            script
                .replies
                .insert("/keys".to_owned(), Reply::status(500));
        }),
        fault("userinfo about somebody else", |script| {
            script.userinfo = set("sub", "jodie.foster".into());
        }),
    ])
    .await;
}

#[tokio::test]
async fn a_redirect_of_another_issuer_or_with_an_error_signs_nobody_in() {
    let parameters = |pairs: Value| {
        edit(move |redirect: &mut Value| {
            let state = redirect[1].clone();
            let mut pairs = pairs.clone();
            pairs.as_array_mut().unwrap().push(state);
            *redirect = pairs;
        })
    };
    each_is_refused(vec![
        fault("another issuer", move |script| {
            script.redirect = edit(|redirect| redirect[2] = json!(["iss", "https://evil.example"]));
        }),
        fault("no issuer though announced", move |script| {
            script.redirect = edit(|redirect| {
                redirect.as_array_mut().unwrap().pop();
            });
        }),
        fault("an error of another issuer", move |script| {
            script.redirect = parameters(json!([
                ["error", "access_denied"],
                ["iss", "https://evil.example"]
            ]));
        }),
        fault("login_required", move |script| {
            script.redirect = edit(|redirect| redirect[0] = json!(["error", "login_required"]));
        }),
    ])
    .await;
}

#[tokio::test]
async fn a_providers_error_is_shown_by_its_code_and_its_text_as_text() {
    let scene = scene().await;
    scene.provider.script().redirect = edit(|redirect| {
        redirect[0] = json!(["error", "temporarily_unavailable"]);
        redirect
            .as_array_mut()
            .unwrap()
            .push(json!(["error_description", "<b>come back</b> later"]));
    });

    let refused = scene.assert_refused("an error").await;

    let words = refused.page().words();
    assert!(words.contains("temporarily_unavailable"), "{words}");
    assert!(!refused.text().contains("<b>come back"));
}

#[tokio::test]
async fn what_other_providers_do_differently_still_signs_in() {
    let unusual: Vec<Fault> = vec![
        fault("PS256", |script| {
            script.id_token_algorithm = Algorithm::PS256;
        }),
        fault("ES256", |script| {
            script.id_token_algorithm = Algorithm::ES256;
        }),
        fault("EdDSA", |script| {
            script.id_token_algorithm = Algorithm::EdDSA;
        }),
        fault(
            "bearer in lower case",
            token_answer(set("token_type", "bearer".into())),
        ),
        fault("no scope in the answer", token_answer(without("scope"))),
        fault("no life in the answer", token_answer(without("expires_in"))),
        fault("auth_time 0", id_token(set("auth_time", 0.into()))),
        fault(
            "times as floats",
            id_token(edit(|claims| {
                claims["exp"] = json!(claims["exp"].as_f64().unwrap() + 0.5);
                claims["iat"] = json!(claims["iat"].as_f64().unwrap() + 0.25);
            })),
        ),
        fault(
            "audience as an array",
            id_token(edit(|claims| claims["aud"] = json!([claims["aud"]]))),
        ),
        fault(
            "expired within the leeway",
            id_token(set("exp", (now() - 30).into())),
        ),
        fault(
            "odd standard claims",
            id_token(edit(|claims| {
                claims["email_verified"] = "true".into();
                claims["updated_at"] = "2026-01-01T00:00:00Z".into();
                claims["address"] = "Saturn".into();
                claims["nested"] = json!({ "a": [1, { "b": null }] });
            })),
        ),
        fault("an opaque access token", |script| {
            script.access_token_algorithm = None;
        }),
        fault("userinfo that fails", |script| {
            script
                .replies
                .insert("/userinfo".to_owned(), Reply::status(500));
        }),
        fault("a key of an unknown kind", |script| {
            script.published_keys = edit(|keys| {
                keys["keys"]
                    .as_array_mut()
                    .unwrap()
                    .insert(0, json!({ "kty": "QUANTUM", "kid": "q", "alg": "Q512" }));
            });
        }),
        fault("new keys", |script| script.keys = Keys::generate(7)),
        fault("no PKCE announced, no issuer announced", |script| {
            script.metadata = edit(|metadata| {
                let metadata = metadata.as_object_mut().unwrap();
                metadata.remove("code_challenge_methods_supported");
                metadata.remove("authorization_response_iss_parameter_supported");
                metadata.remove("revocation_endpoint");
                metadata.remove("end_session_endpoint");
            });
            script.redirect = edit(|redirect| {
                redirect.as_array_mut().unwrap().pop();
            });
        }),
    ];
    for (what, change) in unusual {
        let clock = Clock::system();
        let (provider, gateway) = (Provider::start(&clock), Gateway::start());
        change(&mut provider.script());
        let stack = Stack::against(&provider, &gateway).await;
        let scene = Scene {
            provider,
            gateway,
            stack,
        };
        scene.assert_works(what).await;
        let tokens = scene.provider.server.received_at("/token");
        assert_eq!(tokens.len(), 1, "{what}");
        assert!(
            tokens[0].field("code_verifier").is_some(),
            "{what}: PKCE always"
        );
    }
}

#[tokio::test]
async fn all_claims_stand_on_the_page_whatever_their_type() {
    let scene = scene().await;
    scene.provider.script().id_token = edit(|claims| {
        claims["nested"] = json!({ "inner": ["deep", { "deeper": 17.5 }] });
        claims["nothing"] = Value::Null;
        claims["<script>alert(1)</script>"] = "<img src=x onerror=alert(2)>".into();
    });

    let home = scene.sign_in(&scene.stack.browser()).await;

    let page = home.page();
    let words = page.words();
    for part in [
        "nested",
        "inner",
        "deeper",
        "17.5",
        "nothing",
        "null",
        "<script>alert(1)</script>",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert!(page.words_at("script").is_none() && page.attributes("img", "src").is_empty());
}

#[tokio::test]
async fn an_opaque_access_token_is_called_that() {
    let scene = scene().await;
    scene.provider.script().access_token_algorithm = None;

    let home = scene.sign_in(&scene.stack.browser()).await;

    let words = home.page().words().to_lowercase();
    assert!(words.contains("opaque"), "{words}");
}

#[tokio::test]
async fn rotated_keys_are_fetched_again_and_old_ones_dropped() {
    let scene = scene().await;
    scene.assert_works("before").await;
    scene.provider.script().keys = Keys::generate(2);
    scene.assert_works("after the rotation").await;

    scene.provider.script().keys = Keys::generate(3);
    scene.provider.script().published_keys = set("keys", json!([]));
    scene.assert_refused("keys that nobody publishes").await;
    scene.provider.script().published_keys = Edit::default();
    scene.stack.clock.advance(Duration::from_secs(11));
    scene
        .assert_works("published at last: an empty set is not remembered")
        .await;
}

#[tokio::test]
async fn a_token_endpoint_that_hangs_is_given_up_within_ten_seconds() {
    let scene = scene().await;
    scene
        .provider
        .script()
        .replies
        .insert("/token".to_owned(), Reply::never());
    let start = Instant::now();

    scene.assert_refused("never answers").await;

    assert!(
        start.elapsed() < Duration::from_secs(13),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn basic_or_post_as_the_provider_announces_with_any_character() {
    for method in ["client_secret_basic", "client_secret_post"] {
        let provider = Provider::start(&Clock::system());
        provider.script().metadata = set("token_endpoint_auth_methods_supported", json!([method]));
        let gateway = Gateway::start();
        let (id, secret) = ("a:b c+d%/ü", "s:e c+r%e/t&=ü\"");
        let stack = Stack::with(&[
            ("ISSUER", &provider.issuer()),
            ("PROXY_URI", &gateway.url()),
            ("AUTHN_CLIENT_ID", id),
            ("AUTHN_CLIENT_SECRET", secret),
        ])
        .await;

        stack.authenticate(&stack.browser(), "silver").await;

        let request = &provider.server.received_at("/token")[0];
        if method == "client_secret_basic" {
            assert_eq!(
                request.header("authorization").unwrap(),
                crate::http::basic(id, secret)
            );
            assert_eq!(request.field("client_secret"), None, "one method, not two");
        } else {
            assert_eq!(request.header("authorization"), None, "one method, not two");
            assert_eq!(request.field("client_id").as_deref(), Some(id));
            assert_eq!(request.field("client_secret").as_deref(), Some(secret));
        }
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_turns_the_sign_in_off() {
    for (what, change) in [
        (
            "another issuer",
            set("issuer", "https://evil.example".into()),
        ),
        ("no issuer", without("issuer")),
        (
            "plain http elsewhere",
            set("token_endpoint", "http://evil.example/token".into()),
        ),
        (
            "no authorization endpoint",
            without("authorization_endpoint"),
        ),
        ("no keys", without("jwks_uri")),
        ("not an object", edit(|metadata| *metadata = json!([]))),
    ] {
        let provider = Provider::start(&Clock::system());
        provider.script().metadata = change;
        let gateway = Gateway::start();
        let stack = Stack::against(&provider, &gateway).await;
        let browser = stack.browser();

        let home = browser.open(stack.web("/")).await;
        assert_eq!(home.status, 200, "{what}");
        let refused = stack.authenticate(&browser, "silver").await;

        assert!(refused.status >= 500, "{what}: {}", refused.status);
        assert!(!refused.page().heading().is_empty(), "{what}");
        assert!(
            provider.server.received_at("/authorize").is_empty(),
            "{what}"
        );
    }
}

#[tokio::test]
async fn who_gets_less_than_was_asked_is_told_so_and_why_a_resource_is_refused() {
    let scene = scene().await;
    let browser = scene.stack.browser();
    let home = scene.stack.authenticate(&browser, "gold").await;
    let all = "less than was asked";
    assert!(!home.page().words().contains(all), "all was granted");

    scene.provider.script().token_answer = set("scope", "openid".into());
    let home = scene.stack.authenticate(&browser, "gold").await;
    let notice = home.page().words_at(".notice").unwrap();
    assert!(
        notice.contains(all) && notice.contains(GOLD_SCOPE),
        "{notice}"
    );
    assert!(home.page().words().contains("Signed in as"));

    let missing = "the provider let you in and left it out";
    let refuse = Reply::status(403);
    scene.gateway.reply("/moons", refuse);
    let flight = scene.stack.show_me(&browser, "show me some moons!").await;
    let words = flight.page().words();
    assert!(flight.status == 403 && words.contains(missing), "{words}");

    // Who did not ask is told to ask.
    scene.provider.script().token_answer = edit(|_| {});
    scene.stack.authenticate(&browser, "silver").await;
    let flight = scene.stack.show_me(&browser, "show me some moons!").await;
    let words = flight.page().words();
    assert!(flight.status == 403 && !words.contains(missing), "{words}");

    // A token answer that leaves openid out withholds nothing.
    scene.provider.script().token_answer = set("scope", SILVER_SCOPE.into());
    let home = scene.stack.authenticate(&browser, "silver").await;
    assert!(!home.page().words().contains(all));
}
