//! What is answered: codes and status, what may be kept, and what is never called.

use super::*;
use serde_json::json;
use std::net::TcpListener;

#[tokio::test]
async fn sec_as_04_an_invalid_replay_of_a_code_revokes_nothing_and_a_valid_one_the_grant() {
    let provider = Provider::start_with(exchange::with_another_app);
    let (code, verifier) = provider.code(CARL, "openid offline_access").await;
    let tokens = provider.redeem(&code, &verifier).await.json();
    let access_token = tokens["access_token"].as_str().unwrap();
    let is_active = async || provider.introspect(GATEWAY, access_token).await["active"] == true;

    let wrong = random_value();
    let replay = async |client: &str, redirect_uri: &str, verifier: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        provider.call(client, "/v1/token", &fields).await
    };
    for (client, redirect_uri, verifier) in [
        (APP, REDIRECT_URI, wrong.as_str()),
        (APP, "http://localhost:8080/", &verifier),
        ("telescope", REDIRECT_URI, &verifier),
        (GATEWAY, REDIRECT_URI, &verifier),
        // it may use codes, and this one is not its own
        (exchange::OTHER_APP, REDIRECT_URI, &verifier),
    ] {
        assert_eq!(replay(client, redirect_uri, verifier).await.status, 400);
        assert!(is_active().await, "{client} {redirect_uri}");
    }
    let stranger = provider
        .call_with(&["Basic eDp5"], "/v1/token", &[("code", &code)])
        .await;
    assert_eq!(stranger.status, 401);
    assert!(is_active().await);

    let again = replay(APP, REDIRECT_URI, &verifier).await;
    assert_eq!(again.refusal(), (400, "invalid_grant".to_owned()));
    assert!(!is_active().await);
    let refreshed = provider
        .refresh(tokens["refresh_token"].as_str().unwrap(), "")
        .await;
    assert_eq!(refreshed.refusal().1, "invalid_grant");
}

#[tokio::test]
async fn sec_as_09_secrets_are_kept_as_digests_and_an_assertion_is_no_method_here() {
    let provider = Provider::start();
    let registered = crate::idp::org::SecretDigest::of("a kept secret");
    provider.change(|org| {
        let app = org.client_mut(APP).unwrap();
        app.secrets.push(crate::idp::org::ClientSecret {
            id: "ocs1".to_owned(),
            status: crate::idp::org::Status::Active,
            digest: registered,
            created: 0,
            last_updated: 0,
        });
    });
    let org = provider.idp.org.read();
    let kept = serde_json::to_string(&*org).unwrap() + &format!("{org:?}");
    assert!(
        !kept.contains("a kept secret") && !kept.contains("s+cret"),
        "{kept}"
    );
    let grant = ("token", "x");
    let basic = basic_credentials(APP, &Secret::new("a kept secret"));
    let own = [basic.expose()];
    let taken = provider.call_with(&own, "/v1/introspect", &[grant]).await;
    assert_eq!(taken.status, 200);

    // Nothing announces it, and neither a right-looking assertion nor one beside a good secret counts.
    let metadata = provider
        .get("/oauth2/default/.well-known/openid-configuration")
        .await
        .json();
    for endpoint in ["token", "introspection", "revocation"] {
        let methods = &metadata[format!("{endpoint}_endpoint_auth_methods_supported")];
        let two = json!(["client_secret_basic", "client_secret_post"]);
        assert_eq!(*methods, two, "{endpoint}");
    }
    let key = crate::jose::SigningKey::generate(Algorithm::Es256).unwrap();
    let now = provider.clock.now();
    let claims =
        json!({ "iss": APP, "sub": APP, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "j" });
    let assertion = key.sign("JWT", &claims).unwrap();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let fields = [
        grant,
        ("client_assertion_type", kind),
        ("client_assertion", &assertion),
    ];
    for credentials in [&[][..], &[basic.expose()]] {
        let refused = provider
            .call_with(credentials, "/v1/introspect", &fields)
            .await;
        assert_eq!(refused.refusal(), (401, "invalid_client".to_owned()));
    }
}

#[tokio::test]
async fn sec_as_10_token_errors_bear_the_code_and_status_of_the_specification_and_are_not_kept() {
    let provider = Provider::start();
    let (code, verifier) = provider.code(CARL, SILVER).await;
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", &verifier),
    ];
    let with = |name: &'static str, value: &'static str| {
        let mut fields = good.to_vec();
        fields.retain(|(given, _)| *given != name);
        fields.push((name, value));
        fields
    };
    let cases = [
        (APP, with("grant_type", ""), 400, "invalid_request"),
        (
            APP,
            with("grant_type", "password"),
            400,
            "unsupported_grant_type",
        ),
        (
            APP,
            with("grant_type", "client_credentials"),
            400,
            "unauthorized_client",
        ),
        (APP, with("code", ""), 400, "invalid_request"),
        (APP, with("code", "x"), 400, "invalid_grant"),
        (APP, with("redirect_uri", ""), 400, "invalid_request"),
        (APP, with("code_verifier", "x"), 400, "invalid_grant"),
        (
            "telescope",
            vec![
                ("grant_type", "client_credentials"),
                ("scope", "unheard-of"),
            ],
            400,
            "invalid_scope",
        ),
        ("stranger", good.to_vec(), 401, "invalid_client"),
    ];
    for (client, fields, status, error) in cases {
        let answer = provider.call(client, "/v1/token", &fields).await;
        assert_eq!(answer.refusal(), (status, error.to_owned()), "{fields:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(
            (answer.header("cache-control"), answer.header("pragma")),
            (Some("no-store"), Some("no-cache"))
        );
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
        assert!(answer.json()["error_description"].is_string());
    }
    let answer = provider.call(APP, "/v1/token", &good).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        (answer.header("cache-control"), answer.header("pragma")),
        (Some("no-store"), Some("no-cache"))
    );
}

#[tokio::test]
async fn sec_as_11_what_follows_credentials_is_a_303_that_does_not_send_them_on() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    let answer = browser.type_in(&page, CARL).await;
    assert_eq!(answer.status, 303);
    assert!(!answer.location().contains(CARL.1) && !answer.location().contains(CARL.0));
    // So is every other redirect after a post.
    let asked = Asked::new(SILVER);
    let fields = asked.parameters.iter();
    let fields: Vec<_> = fields
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let authorized = browser.post(&format!("{BASE}/v1/authorize"), &fields).await;
    assert_eq!(authorized.status, 303);
    let signed_out = [("client_id", APP), ("post_logout_redirect_uri", SIGNED_OUT)];
    let out = Browser::of(&provider)
        .post(&format!("{BASE}/v1/logout"), &signed_out)
        .await;
    assert_eq!(out.status, 303);
}

#[tokio::test]
async fn sec_as_26_a_request_object_or_its_address_is_refused_by_name_and_never_fetched() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}/request", listener.local_addr().unwrap());
    let good = Asked::new(SILVER);
    for (name, value, error) in [
        ("request_uri", address.as_str(), "request_uri_not_supported"),
        (
            "request_uri",
            "urn:ietf:params:oauth:request_uri:x",
            "request_uri_not_supported",
        ),
        (
            "request",
            "eyJhbGciOiJub25lIn0.e30.",
            "request_not_supported",
        ),
        ("request", &address, "request_not_supported"),
    ] {
        let returned = browser
            .authorize(&good.clone().with(name, value))
            .await
            .returned();
        assert_eq!(returned["error"], error, "{name}={value}");
        assert_eq!(returned["state"], "st ate&1");
        // Nor does it stand for what the request itself leaves out, the target above all.
        let bare = form(&[("client_id", APP), (name, value)]);
        let stays = browser.get(&format!("{BASE}/v1/authorize?{bare}")).await;
        assert_eq!(
            (stays.status.as_u16(), stays.header("location")),
            (400, None)
        );
    }
    let metadata = provider
        .get("/oauth2/default/.well-known/openid-configuration")
        .await
        .json();
    for off in [
        "request_parameter_supported",
        "request_uri_parameter_supported",
    ] {
        assert_eq!(metadata[off], false);
    }
    let called = listener.accept().map(|_| ());
    assert_eq!(called.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
