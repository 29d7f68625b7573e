//! Several authorization servers beside each other, and none at all.

use super::*;
use crate::{
    idp::org::{AuthorizationServer, Claim, ClaimKind, SigningAlgorithm, Status, ValueKind},
    jose::inspect,
};
use serde_json::json;

const OTHER: &str = "/oauth2/other";
const OTHER_ISSUER: &str = "http://localhost:8081/oauth2/other";

/// A second authorization server with the first one's scopes and policies, and an audience of its own.
fn with_two() -> Provider {
    let provider = Provider::start();
    provider.change(|org| {
        let mut other = AuthorizationServer {
            id: "other".to_owned(),
            audiences: vec!["api://other".to_owned()],
            default: false,
            ..org.servers[0].clone()
        };
        other.keys.clear();
        org.servers.push(other);
    });
    provider
}

/// The token answer of a whole sign-in at this server.
async fn tokens_at(provider: &Provider, base: &str, scope: &str) -> Value {
    let (code, verifier) = code_at(provider, base, scope).await;
    let answer = redeem_at(provider, base, &code, &verifier).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn code_at(provider: &Provider, base: &str, scope: &str) -> (String, String) {
    let browser = Browser::of(provider);
    let asked = Asked::new(scope);
    let query = asked.query();
    let page = browser.get(&format!("{base}/v1/authorize?{query}")).await;
    let answer = browser.type_in(page.location(), CARL).await;
    let (_, query) = answer.location().split_once('?').unwrap();
    let returned: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(returned["iss"], format!("http://localhost:8081{base}"));
    (returned["code"].clone(), asked.verifier)
}

async fn redeem_at(provider: &Provider, base: &str, code: &str, verifier: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", verifier),
    ];
    provider.call_at(base, APP, "/v1/token", &fields).await
}

async fn is_active(provider: &Provider, base: &str, token: &str) -> bool {
    let fields = [("token", token)];
    let answer = provider.call_at(base, GATEWAY, "/v1/introspect", &fields);
    answer.await.json()["active"] == true
}

#[tokio::test]
async fn each_server_has_its_own_issuer_audience_and_keys_and_metadata_at_all_paths() {
    let provider = with_two();
    let paths = [
        format!("{OTHER}/.well-known/openid-configuration"),
        format!("{OTHER}/.well-known/oauth-authorization-server"),
        format!("/.well-known/oauth-authorization-server{OTHER}"),
    ];
    for path in &paths {
        let metadata = provider.get(path).await.json();
        assert_eq!(metadata["issuer"], OTHER_ISSUER);
        let token_endpoint = format!("{OTHER_ISSUER}/v1/token");
        assert_eq!(metadata["token_endpoint"], token_endpoint);
    }
    let tokens = tokens_at(&provider, OTHER, SILVER).await;
    let access = inspect(tokens["access_token"].as_str().unwrap()).unwrap();
    let id = inspect(tokens["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(access.claims["iss"], OTHER_ISSUER);
    assert_eq!(access.claims["aud"], "api://other");
    assert_eq!(id.claims["iss"], OTHER_ISSUER);
    let keys = |base: &str| format!("{base}/v1/keys");
    let own = provider.get(&keys(OTHER)).await.json();
    let first = provider.get(&keys(BASE)).await.json();
    assert_eq!(own["keys"][0]["kid"], access.header["kid"]);
    assert_ne!(own["keys"][0]["kid"], first["keys"][0]["kid"]);
}

#[tokio::test]
async fn sec_tok_07_what_one_server_issued_is_worth_nothing_at_another() {
    let provider = with_two();
    let scope = format!("{SILVER} offline_access");
    let tokens = tokens_at(&provider, OTHER, &scope).await;
    let access = tokens["access_token"].as_str().unwrap();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let id_token = tokens["id_token"].as_str().unwrap();
    assert!(is_active(&provider, OTHER, access).await);
    assert!(!is_active(&provider, BASE, access).await);
    let told = provider.user_info(&[&format!("Bearer {access}")]).await;
    assert_eq!(told.status, 401);

    let (code, verifier) = code_at(&provider, OTHER, SILVER).await;
    let elsewhere = redeem_at(&provider, BASE, &code, &verifier).await;
    assert_eq!(elsewhere.refusal().1, "invalid_grant");
    assert_eq!(
        redeem_at(&provider, OTHER, &code, &verifier).await.status,
        200
    );

    let introspected = provider.introspect(APP, refresh).await;
    assert_eq!(introspected["active"], false);
    provider
        .call(APP, "/v1/revoke", &[("token", refresh)])
        .await;
    provider.call(APP, "/v1/revoke", &[("token", access)]).await;
    assert!(is_active(&provider, OTHER, access).await);
    assert_eq!(
        provider.refresh(refresh, "").await.refusal().1,
        "invalid_grant"
    );
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let refreshed = provider.call_at(OTHER, APP, "/v1/token", &fields).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);

    let hinting = Asked::new(SILVER).with("id_token_hint", id_token);
    let returned = Browser::of(&provider).authorize(&hinting).await.returned();
    assert_eq!(returned["error"], "invalid_request");
}

#[tokio::test]
async fn a_server_that_is_inactive_or_gone_answers_nothing() {
    let provider = with_two();
    let browser = Browser::of(&provider);
    let query = Asked::new(SILVER).query();
    let authorize = format!("{OTHER}/v1/authorize?{query}");
    let waiting = browser.get(&authorize).await.location().to_owned();
    assert_eq!(browser.get(&waiting).await.status, 200);
    let tokens = tokens_at(&provider, OTHER, SILVER).await;
    provider.change(|org| org.server_mut("other").unwrap().status = Status::Inactive);
    for path in [
        &format!("{OTHER}/v1/keys"),
        &format!("{OTHER}/.well-known/openid-configuration"),
        &authorize,
        "/oauth2/v1/keys",
        "/oauth2//v1/keys",
        "/oauth2/%ff/v1/keys",
    ] {
        assert_eq!(provider.get(path).await.status, 404, "{path}");
    }
    let access = tokens["access_token"].as_str().unwrap();
    let fields = [("token", access)];
    let answer = provider.call_at(OTHER, GATEWAY, "/v1/introspect", &fields);
    assert_eq!(answer.await.status, 404);
    assert_eq!(browser.get(&waiting).await.status, 410); // the sign-in that waited
    assert_eq!(provider.get(&format!("{BASE}/v1/keys")).await.status, 200);
}

#[tokio::test]
async fn an_empty_provider_has_nothing_but_everyone_and_answers_for_nobody() {
    let provider = Provider::start_with(|config| config.empty = true);
    {
        let org = provider.idp.org.read();
        assert_eq!(org.groups.len(), 1);
        assert!(org.groups[0].is_everyone() && org.groups[0].name == "Everyone");
        assert!(org.users.is_empty() && org.clients.is_empty() && org.servers.is_empty());
    }
    let about = provider.get("/").await;
    assert_eq!(about.status, 200);
    assert!(!about.body.contains("/v1/token"));
    for path in ["/.well-known/openid-configuration", "/v1/keys"] {
        assert_eq!(provider.get(&format!("{BASE}{path}")).await.status, 404);
    }
    let grant = [("grant_type", "client_credentials")];
    assert_eq!(
        provider.call("telescope", "/v1/token", &grant).await.status,
        404
    );
    let browser = Browser::of(&provider);
    assert_eq!(browser.post("/signout", &[]).await.status, 200);

    // What a bootstrap makes works, whatever the configured issuer is.
    provider.change(|org| {
        let made = AuthorizationServer::new("ausNew".to_owned(), "new", "api://new", 0);
        org.servers.push(made);
    });
    let metadata = provider.get("/oauth2/ausNew/.well-known/openid-configuration");
    let metadata = metadata.await.json();
    assert_eq!(metadata["issuer"], "http://localhost:8081/oauth2/ausNew");
    let named = json!(["openid", "profile", "email", "offline_access"]);
    assert_eq!(metadata["scopes_supported"], named);
    assert!(
        provider
            .get("/")
            .await
            .body
            .contains("/oauth2/ausNew/v1/token")
    );
}

#[tokio::test]
async fn an_issuer_may_lie_elsewhere_and_other_servers_where_okta_has_them() {
    for (issuer, base) in [
        ("http://localhost:8081", ""),
        ("http://localhost:8081/deep/in/there", "/deep/in/there"),
    ] {
        let provider = Provider::start_with(|config| config.issuer = issuer.to_owned());
        let path = format!("{base}/.well-known/openid-configuration");
        let metadata = provider.get(&path).await.json();
        assert_eq!(metadata["issuer"], issuer);
        assert_eq!(metadata["jwks_uri"], format!("{issuer}/v1/keys"));
        provider.change(|org| {
            let made = AuthorizationServer::new("other".to_owned(), "o", "api://o", 0);
            org.servers.push(made);
        });
        let path = format!("{OTHER}/.well-known/openid-configuration");
        assert_eq!(provider.get(&path).await.json()["issuer"], OTHER_ISSUER);
    }
}

#[tokio::test]
async fn an_id_token_is_signed_as_its_client_registered() {
    let provider = Provider::start();
    provider.change(|org| {
        org.client_mut(APP).unwrap().id_token_signed_response_alg = SigningAlgorithm::Rs256;
    });
    let keys = provider.get(&format!("{BASE}/v1/keys")).await.json();
    let rsa = keys["keys"].as_array().unwrap().iter();
    let rsa = rsa.filter(|key| key["alg"] == "RS256").collect::<Vec<_>>();
    let tokens = provider.tokens(CARL, SILVER).await;
    let id = inspect(tokens["id_token"].as_str().unwrap()).unwrap();
    assert_eq!((rsa.len(), &id.header["kid"]), (1, &rsa[0]["kid"]));
    let access = inspect(tokens["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(access.header["alg"], "ES256");
}

#[tokio::test]
async fn a_server_adds_the_claims_that_it_was_told_to() {
    let provider = Provider::start();
    let claim = |name: &str, kind, value_kind, value: &str| Claim {
        id: format!("ocl{name}"),
        name: name.to_owned(),
        status: Status::Active,
        kind,
        value_kind,
        value: value.to_owned(),
        group_filter: Some("STARTS_WITH".to_owned()),
        always_in_token: true,
        scopes: Vec::new(),
        system: false,
    };
    let (access, identity) = (ClaimKind::Resource, ClaimKind::Identity);
    let mut inactive = claim("inactive", access, ValueKind::Expression, "'x'");
    inactive.status = Status::Inactive;
    let mut scoped = claim("scoped", access, ValueKind::Expression, "'x'");
    scoped.scopes = vec!["email".to_owned()];
    let mut told_elsewhere = claim("elsewhere", identity, ValueKind::Expression, "'x'");
    told_elsewhere.always_in_token = false;
    let claims = vec![
        claim("mail", access, ValueKind::Expression, "user.email"),
        claim("app", access, ValueKind::Expression, "app.clientId"),
        claim("none", access, ValueKind::Expression, "user.nothing"),
        claim("odd", access, ValueKind::Expression, "user.email + 1"),
        claim("sub", access, ValueKind::Expression, "'somebody else'"),
        claim("teams", access, ValueKind::Groups, "g"),
        claim("groups", identity, ValueKind::Groups, "s"),
        inactive,
        scoped,
        told_elsewhere,
    ];
    provider.change(|org| org.server_mut("default").unwrap().claims = claims);
    let tokens = provider.tokens(JODIE, SILVER).await;
    let token = tokens["access_token"].as_str().unwrap();
    let access = inspect(token).unwrap().claims;
    assert_eq!(access["mail"], "jodie.foster@example.com");
    assert_eq!(access["app"], APP);
    assert_eq!(access["teams"], json!(["gold"]));
    assert_eq!(access["sub"], crate::blueprint::user_id("jodie.foster"));
    for absent in ["none", "odd", "inactive", "scoped", "groups"] {
        assert!(access.get(absent).is_none(), "{absent}");
    }
    let id = inspect(tokens["id_token"].as_str().unwrap())
        .unwrap()
        .claims;
    assert_eq!(id["groups"], json!(["silver"]));
    assert!(id.get("mail").is_none() && id.get("elsewhere").is_none());
    let told = provider
        .user_info(&[&format!("Bearer {token}")])
        .await
        .json();
    assert_eq!(
        (&told["elsewhere"], &told["groups"]),
        (&json!("x"), &json!(["silver"]))
    );
    let grant = [("grant_type", "client_credentials")];
    let machine = provider.call("telescope", "/v1/token", &grant).await.json();
    let machine = inspect(machine["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(machine.claims["app"], "telescope");
    assert!(machine.claims.get("mail").is_none() && machine.claims.get("teams").is_none());
}
