//! The access table, as it is written, in both policies.

use super::*;

/// Status by resource: visitors, asteroids, comets, planets, moons.
#[rustfmt::skip]
const TABLE: [(&str, [u16; 5]); 18] = [
    ("none",             [200, 401, 401, 401, 401]),
    ("junk",             [200, 401, 401, 401, 401]),
    ("unsigned",         [200, 401, 401, 401, 401]),
    ("expired",          [200, 401, 401, 401, 401]),
    ("not yet valid",    [200, 401, 401, 401, 401]),
    ("other issuer",     [200, 401, 401, 401, 401]),
    ("other audience",   [200, 401, 401, 401, 401]),
    ("no audience",      [200, 401, 401, 401, 401]),
    ("no end",           [200, 401, 401, 401, 401]),
    ("ID token",         [200, 401, 401, 401, 401]),
    ("key-bound",        [200, 401, 401, 401, 401]),
    ("strange client",   [200, 403, 403, 403, 403]),
    ("plain",            [200, 200, 403, 403, 403]),
    ("machine",          [200, 200, 200, 403, 403]),
    ("silver",           [200, 200, 403, 200, 403]),
    ("gold",             [200, 200, 403, 403, 200]),
    ("both",             [200, 200, 403, 200, 200]),
    ("silverx",          [200, 200, 403, 403, 403]),
];

fn token(world: &World, who: &str) -> Option<String> {
    let both = format!("openid {SILVER} {GOLD} read");
    let now = world.clock.now();
    Some(match who {
        "none" => return None,
        "junk" => "junk".into(),
        "unsigned" => {
            let signed = world.issuer.sign("at+jwt", &world.claims(&both));
            let (_, claims) = signed.split_once('.').unwrap();
            let claims = claims.split_once('.').unwrap().0;
            format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}.")
        }
        "expired" => world.token_with(&both, "exp", json!(now - 61)),
        "not yet valid" => world.token_with(&both, "nbf", json!(now + 100)),
        "other issuer" => world.token_with(&both, "iss", json!(world.issuer.identifier() + "/")),
        "other audience" => {
            world.token_with(&both, "aud", json!(["api://other", "api://default/"]))
        }
        "no audience" => world.token_with(&both, "aud", Value::Null),
        "no end" => world.token_with(&both, "exp", Value::Null),
        "ID token" => {
            let mut claims = world.claims(&both);
            claims["nonce"] = json!("n");
            claims["aud"] = json!("solar-system-app");
            world.token_of("JWT", &claims)
        }
        "key-bound" => world.token_with(&both, "cnf", json!({ "jkt": "x" })),
        "strange client" => world.token_with(&both, "client_id", json!("solar-system")),
        "plain" => world.token("openid"),
        "machine" => {
            let mut claims = world.claims("read");
            claims["sub"] = json!("telescope");
            claims["client_id"] = json!("telescope");
            world.token_of("at+jwt", &claims)
        }
        "silver" => world.token(&format!("openid {SILVER}")),
        "gold" => world.token(GOLD),
        "both" => world.token(&format!("openid {SILVER} {GOLD}")),
        "silverx" => world.token(&format!("{SILVER}x x{GOLD} READ reader {SILVER},{GOLD}")),
        other => panic!("{other}"),
    })
}

async fn the_table_holds(by: By) {
    let world = World::new(by).await;
    for (who, row) in TABLE {
        let token = token(&world, who);
        let paths = ["/visitors", "/asteroids", "/comets", "/planets", "/moons"];
        for (path, expected) in paths.into_iter().zip(row) {
            for method in ["GET", "HEAD"] {
                let mut request = get(path, token.as_deref());
                *request.method_mut() = method.parse().unwrap();
                let answer = world.send(request).await;
                assert_eq!(
                    answer.status, expected,
                    "{by:?}: {method} {path} by {who}: {answer:?}"
                );
                let reached = world.api.take().len();
                assert_eq!(
                    reached,
                    usize::from(expected == 200),
                    "{by:?}: {path} by {who}"
                );
            }
        }
    }
}

#[tokio::test]
async fn sec_gw_07_the_access_table_holds_with_keys() {
    the_table_holds(By::Keys).await;
}

#[tokio::test]
async fn sec_gw_07_the_access_table_holds_with_introspection() {
    the_table_holds(By::Introspection).await;
}

#[tokio::test]
async fn sec_gw_06_scopes_are_read_from_scope_and_scp_as_text_and_as_list() {
    for by in [By::Keys, By::Introspection] {
        let world = World::new(by).await;
        for (name, value) in [
            ("scope", json!(GOLD)),
            ("scope", json!(["openid", GOLD])),
            ("scp", json!(["openid", GOLD])),
            ("scp", json!(format!("openid {GOLD}"))),
        ] {
            let mut claims = world.claims("openid");
            claims["scope"] = Value::Null;
            claims.as_object_mut().unwrap().remove("scope");
            claims[name] = value.clone();
            let token = world.token_of("at+jwt", &claims);
            assert_eq!(
                world.get("/moons", Some(&token)).await.status,
                200,
                "{by:?} {name}: {value}"
            );
            assert_eq!(
                world.get("/planets", Some(&token)).await.status,
                403,
                "{by:?} {name}: {value}"
            );
        }
    }
}

#[tokio::test]
async fn sec_gw_07_an_id_token_is_refused_where_the_header_need_not_tell_the_kind() {
    let world = World::with(By::Keys, |config| {
        config.token_policy = TokenPolicy::Jwt {
            typ: AccessTokenTyp::Any,
            algorithms: vec![Algorithm::Es256],
        };
    })
    .await;
    let plain = world.token_of("JWT", &world.claims(GOLD));
    assert_eq!(world.get("/moons", Some(&plain)).await.status, 200);
    let mut claims = world.claims(GOLD);
    claims["nonce"] = json!("n");
    let id_token = world.token_of("JWT", &claims);
    assert_eq!(world.get("/moons", Some(&id_token)).await.status, 401);
}

#[tokio::test]
async fn the_scheme_has_any_case() {
    let world = World::new(By::Keys).await;
    let token = world.token(GOLD);
    for (scheme, status) in [
        ("bearer", 200),
        ("BEARER", 200),
        ("Bearer ", 200),
        ("DPoP", 401),
        ("Basic", 401),
    ] {
        let request = Request::get("/moons").header("authorization", format!("{scheme} {token}"));
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{scheme}");
    }
}
