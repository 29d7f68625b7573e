//! Client authentication, introspection, revocation and userinfo.

use super::*;
use serde_json::json;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "most of them are tables")]
async fn sec_as_08_confidential_clients_authenticate_by_one_method() {
    let provider = Provider::start();
    let secret = secret_of("telescope");
    let basic = |id: &str, secret: &str| {
        basic_credentials(id, &Secret::new(secret))
            .expose()
            .to_owned()
    };
    let good = basic("telescope", secret.expose());
    let grant = ("grant_type", "client_credentials");
    let (id, body_secret) = (
        ("client_id", "telescope"),
        ("client_secret", secret.expose()),
    );
    let taken = [
        (vec![good.as_str()], vec![grant]),
        (vec![good.as_str()], vec![grant, id]),
        (vec![], vec![grant, id, body_secret]),
    ];
    for (credentials, fields) in taken {
        let answer = provider.call_with(&credentials, "/v1/token", &fields).await;
        assert_eq!(
            answer.status, 200,
            "{credentials:?} {fields:?} {}",
            answer.body
        );
    }
    let unencoded = {
        use base64::Engine;
        let pair = format!("telescope:{}", secret.expose());
        format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair)
        )
    };
    let wrong = [
        basic("telescope", "wrong"),
        basic("telescope", ""),
        basic("telescope", secret_of(APP).expose()),
        basic("stranger", secret.expose()),
        basic("", ""),
        unencoded, // its plus sign means a blank
        "Basic !!".to_owned(),
        "Bearer x".to_owned(),
        String::new(),
    ];
    for credentials in &wrong {
        for path in ["/v1/token", "/v1/introspect", "/v1/revoke"] {
            let answer = provider
                .call_with(&[credentials], path, &[grant, ("token", "x")])
                .await;
            assert_eq!(
                answer.refusal(),
                (401, "invalid_client".to_owned()),
                "{credentials} {path}"
            );
            assert!(
                answer
                    .header("www-authenticate")
                    .unwrap()
                    .starts_with("Basic ")
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
    let any = ("token", "x");
    let endpoints = [
        ("/v1/token", grant),
        ("/v1/introspect", any),
        ("/v1/revoke", any),
    ];
    for (path, what) in endpoints {
        for fields in [
            vec![what],
            vec![what, id],
            vec![what, id, ("client_secret", "")],
            vec![what, id, ("client_secret", "wrong")],
            vec![what, body_secret],
            vec![what, ("client_assertion", "x"), id, body_secret],
        ] {
            let answer = provider.call_with(&[], path, &fields).await;
            assert_eq!(
                answer.refusal(),
                (401, "invalid_client".to_owned()),
                "{path} {fields:?}"
            );
        }
        for (credentials, fields) in [
            (vec![good.as_str()], vec![what, id, body_secret]),
            (vec![&good], vec![what, ("client_id", APP)]),
            (vec![&good, &good], vec![what]),
            (vec![&good], vec![what, what]),
            (vec![], vec![what, id, id, body_secret]),
            (vec![&good], vec![what, ("x", "1"), ("x", "1")]),
        ] {
            let answer = provider.call_with(&credentials, path, &fields).await;
            assert_eq!(
                answer.refusal(),
                (400, "invalid_request".to_owned()),
                "{path} {credentials:?} {fields:?}"
            );
        }
    }
    let json = Request::post(format!("{BASE}/v1/token"))
        .header("content-type", "application/json")
        .header("authorization", &good)
        .body(Body::from("grant_type=client_credentials"));
    assert_eq!(
        provider.send(json.unwrap()).await.refusal().1,
        "invalid_request"
    );
}

#[tokio::test]
async fn sec_as_23_introspection_tells_who_guards_resources_and_nobody_else() {
    let provider = Provider::start();
    let tokens = provider
        .tokens(CARL, "openid http://myapp.com/scp/silver offline_access")
        .await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let told = provider.introspect(GATEWAY, access_token).await;
    let user = crate::blueprint::user_id("carl.sagan");
    let expected = json!({
        "active": true, "token_type": "Bearer", "client_id": APP, "username": "carl.sagan", "sub": user,
        "uid": user, "aud": "api://default", "iss": ISSUER,
        "scope": "openid http://myapp.com/scp/silver offline_access",
        "scp": ["openid", "http://myapp.com/scp/silver", "offline_access"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    assert!(told["exp"].is_i64() && told["iat"].is_i64() && told["jti"].is_string());
    assert_eq!(provider.introspect(APP, access_token).await, told);

    let inactive = json!({ "active": false });
    assert_eq!(
        provider.introspect("telescope", access_token).await,
        inactive
    );
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let refresh = provider.introspect(APP, refresh_token).await;
    assert_eq!(
        (&refresh["active"], &refresh["username"]),
        (&json!(true), &json!("carl.sagan"))
    );
    let id_token = tokens["id_token"].as_str().unwrap();
    let last = if access_token.ends_with('A') {
        'Q'
    } else {
        'A'
    };
    let bent = format!("{}{last}", &access_token[..access_token.len() - 1]);
    let foreign = Provider::start().tokens(CARL, SILVER).await;
    let long = "a".repeat(10_000);
    for not_one in [
        refresh_token,
        id_token,
        &bent,
        foreign["access_token"].as_str().unwrap(),
        "x",
        "a.b.c",
        &long,
    ] {
        assert_eq!(provider.introspect(GATEWAY, not_one).await, inactive);
    }
    assert_eq!(
        provider
            .call(GATEWAY, "/v1/introspect", &[])
            .await
            .refusal()
            .1,
        "invalid_request"
    );
    let machine = provider
        .call(
            "telescope",
            "/v1/token",
            &[("grant_type", "client_credentials")],
        )
        .await
        .json();
    let told = provider
        .introspect(GATEWAY, machine["access_token"].as_str().unwrap())
        .await;
    assert_eq!(
        (&told["sub"], told.get("username")),
        (&json!("telescope"), None)
    );
    provider.advance(600);
    assert_eq!(provider.introspect(GATEWAY, access_token).await, inactive);
}

#[tokio::test]
async fn sec_as_22_revocation_takes_one_s_own_tokens_back_at_once() {
    let provider = Provider::start();
    let tokens = provider.tokens(CARL, "openid offline_access").await;
    let (access_token, refresh_token) = (
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
    );
    let revoke = |client, token: String| {
        let provider = &provider;
        async move {
            let answer = provider
                .call(client, "/v1/revoke", &[("token", &token)])
                .await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
        }
    };
    for token in [access_token, refresh_token, "nonsense"] {
        revoke("telescope", token.to_owned()).await;
        revoke(GATEWAY, token.to_owned()).await;
    }
    assert_eq!(
        provider.introspect(GATEWAY, access_token).await["active"],
        true
    );
    revoke(APP, access_token.to_owned()).await;
    assert_eq!(
        provider.introspect(GATEWAY, access_token).await,
        json!({ "active": false })
    );
    let refreshed = provider.refresh(refresh_token, "").await;
    assert_eq!(refreshed.status, 200);

    let newer = refreshed.json();
    revoke(APP, newer["refresh_token"].as_str().unwrap().to_owned()).await;
    assert_eq!(
        provider
            .introspect(GATEWAY, newer["access_token"].as_str().unwrap())
            .await["active"],
        false
    );
    assert_eq!(
        provider
            .refresh(newer["refresh_token"].as_str().unwrap(), "")
            .await
            .refusal()
            .1,
        "invalid_grant"
    );
    assert_eq!(
        provider.call(APP, "/v1/revoke", &[]).await.refusal().1,
        "invalid_request"
    );
}

#[tokio::test]
async fn sec_as_21_userinfo_is_for_the_token_in_the_header() {
    let provider = Provider::start();
    let tokens = provider.tokens(CARL, SILVER).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let bearer = format!("Bearer {access_token}");
    for header in [bearer.clone(), format!("bearer {access_token}")] {
        let told = provider.user_info(&[&header]).await.json();
        assert_eq!(
            (&told["sub"], &told["name"]),
            (
                &json!(crate::blueprint::user_id("carl.sagan")),
                &json!("Carl Sagan")
            )
        );
        assert!(told.get("email").is_none());
    }
    let refused = |answer: Answer| {
        (
            answer.status.as_u16(),
            answer.header("www-authenticate").unwrap().to_owned(),
        )
    };
    let bare = (401, "Bearer".to_owned());
    assert_eq!(refused(provider.user_info(&[]).await), bare);
    assert_eq!(refused(provider.user_info(&["Basic eA=="]).await), bare);
    let (status, challenge) = refused(provider.user_info(&[&bearer, &bearer]).await);
    assert!(
        status == 400 && challenge.starts_with("Bearer error=\"invalid_request\""),
        "{status} {challenge}"
    );
    assert_eq!(
        refused(
            provider
                .get(&format!("{BASE}/v1/userinfo?access_token={access_token}"))
                .await
        ),
        bare
    );
    let body = provider
        .call_with(&[], "/v1/userinfo", &[("access_token", access_token)])
        .await;
    assert_eq!(refused(body), bare);
    for other in ["x", tokens["id_token"].as_str().unwrap()] {
        let (status, challenge) = refused(provider.user_info(&[&format!("Bearer {other}")]).await);
        assert!(
            status == 401 && challenge.starts_with("Bearer error=\"invalid_token\""),
            "{challenge}"
        );
    }
    let plain = provider.tokens(CARL, "http://myapp.com/scp/silver").await;
    let plain = format!("Bearer {}", plain["access_token"].as_str().unwrap());
    let (status, challenge) = refused(provider.user_info(&[&plain]).await);
    assert_eq!(
        (status, challenge.as_str()),
        (403, "Bearer error=\"insufficient_scope\", scope=\"openid\"")
    );
    provider
        .call(APP, "/v1/revoke", &[("token", access_token)])
        .await;
    assert_eq!(refused(provider.user_info(&[&bearer]).await).0, 401);
}

#[tokio::test]
async fn sec_as_22_a_token_as_long_as_is_taken_can_be_taken_back() {
    let provider = Provider::start_with(|config| {
        let mut clients = config.tenant.clients.iter_mut();
        let machine = clients.find(|client| client.id == "telescope").unwrap();
        for number in 0..60 {
            let scope = format!("http://myapp.com/scp/a-long-name-{number}");
            machine.scopes.insert(&scope);
        }
    });
    let grant = [("grant_type", "client_credentials")];
    let issued = provider.call("telescope", "/v1/token", &grant).await;
    let issued = issued.json();
    let long = issued["access_token"].as_str().unwrap();
    assert!((4097..8192).contains(&long.len()), "{}", long.len());
    assert_eq!(provider.introspect(GATEWAY, long).await["active"], true);
    for token in [long, &"a".repeat(10_000)] {
        let fields = [("token", token)];
        let answer = provider.call("telescope", "/v1/revoke", &fields).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(provider.introspect(GATEWAY, long).await["active"], false);
}
