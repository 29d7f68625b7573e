//! The embedded provider's management API, held to Okta's own description of it; and the tutorial's files, made through it.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Value, json};
use solar_system::blueprint::{Blueprint, Tenant};
use solar_system::clock::Clock;
use solar_system::idp::{self, IdpConfig, ManagementConfig};
use solar_system::jose::Algorithm;
use solar_system::net::{Listeners, Room, RunningRoom};
use solar_system::oauth::Secret;

use crate::http::{Answer, client, send, with_json};
use crate::peers::{Prism, free_port};

const TOKEN: &str = "an API token for tests, 32 bytes or more";
const ORIGINAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/original");

/// A provider behind the proxy, called as Okta is.
struct Api {
    client: reqwest::Client,
    base: String,
    prism: Prism,
    _room: RunningRoom,
}

impl Api {
    /// A provider without a tenant.
    async fn empty() -> Self {
        Self::start(true, 10_000).await
    }

    async fn start(empty: bool, calls_per_minute: u32) -> Self {
        // The issuer has the proxy's port, so that links lead through it.
        let port = free_port();
        let tenant = Tenant::of(&Blueprint::default());
        let secrets = tenant.clients.iter();
        let secrets = secrets.map(|client| (client.id.clone(), Secret::random()));
        let config = IdpConfig {
            issuer: format!("http://127.0.0.1:{port}/oauth2/default"),
            client_secrets: secrets.collect(),
            tenant,
            redirect_uris: vec!["http://localhost:8080/callback".to_owned()],
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            access_token_algorithm: Algorithm::Es256,
            api_token: Some(Secret::new(TOKEN)),
            empty,
            state: None,
            management: ManagementConfig {
                calls_per_minute,
                ..ManagementConfig::default()
            },
            http: solar_system::net::Client::new(&[]).unwrap(),
            clock: Clock::system(),
        };
        let listeners = Listeners::bind("127.0.0.1", 0).await.unwrap();
        let upstream = listeners.url();
        let room = Room {
            name: "idp",
            listeners,
            router: idp::open(config).unwrap().router,
        };
        let room = room.start();
        let prism = Prism::start(port, &upstream);
        Self {
            client: client(),
            base: prism.url().to_owned(),
            prism,
            _room: room,
        }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let url = format!("{}{path}", self.base);
        let request = self.client.request(method, url);
        let request = request.header("authorization", format!("SSWS {TOKEN}"));
        match body {
            Value::Null => send(request).await,
            body => send(with_json(request, body)).await,
        }
    }

    /// Calls, and expects this status.
    async fn ok(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let method = method.parse().unwrap();
        let answer = self.call(method, path, &body).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    async fn get(&self, path: &str) -> Value {
        self.ok("GET", path, Value::Null, 200).await
    }

    async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        self.ok("POST", path, body, status).await
    }

    async fn put(&self, path: &str, body: Value, status: u16) -> Value {
        self.ok("PUT", path, body, status).await
    }

    async fn delete(&self, path: &str) {
        self.ok("DELETE", path, Value::Null, 204).await;
    }

    /// Fails with everything that the description does not allow.
    fn assert_as_described(&self) {
        let violations = self.prism.violations();
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap_or_else(|| panic!("{object}"))
}

#[tokio::test]
#[ignore = "needs npm prism and ../shared/okta: make test"]
async fn what_is_not_as_described_is_noticed() {
    if !Prism::is_possible() {
        return;
    }
    let api = Api::empty().await;
    let odd = json!({ "client_name": "x", "redirect_uris": "http://localhost:1", "grant_types": ["nothing"] });
    api.post("/oauth2/v1/clients", odd, 400).await;
    api.call(Method::GET, "/api/v1/nothing", &Value::Null).await;
    let violations = api.prism.violations().join("\n");
    for what in ["redirect_uris", "grant_types", "/api/v1/nothing"] {
        assert!(violations.contains(what), "{what}: {violations}");
    }
}

#[tokio::test]
#[ignore = "needs npm prism and ../shared/okta: make test"]
async fn people_groups_and_trusted_origins_are_as_okta_describes_them() {
    if !Prism::is_possible() {
        return;
    }
    let api = Api::start(false, 10_000).await;
    api.get("/api/v1/org").await;
    api.get("/api/v1/meta/schemas/user/default").await;

    let group = api
        .post(
            "/api/v1/groups",
            json!({ "profile": { "name": "engineers", "description": "d" } }),
            200,
        )
        .await;
    let group_path = format!("/api/v1/groups/{}", id(&group));
    api.get(&group_path).await;
    api.put(
        &group_path,
        json!({ "profile": { "name": "mechanics" } }),
        200,
    )
    .await;
    api.get("/api/v1/groups?q=mech&limit=1").await;
    api.get("/api/v1/groups?search=profile.name%20eq%20%22mechanics%22")
        .await;

    let person = json!({
        "profile": { "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "login": "ada@example.com" },
        "credentials": {
            "password": { "value": "an-Unguessable-1" },
            "recovery_question": { "question": "Who built the engine?", "answer": "Babbage" },
        },
        "groupIds": [id(&group)],
    });
    let user = api
        .post("/api/v1/users?activate=true", person.clone(), 200)
        .await;
    let user_path = format!("/api/v1/users/{}", id(&user));
    api.get(&user_path).await;
    api.get("/api/v1/users/ada@example.com").await;
    api.get(&format!("{user_path}/groups")).await;
    api.get("/api/v1/users?search=profile.login%20eq%20%22ada@example.com%22")
        .await;
    let first = api
        .call(Method::GET, "/api/v1/users?limit=2", &Value::Null)
        .await;
    let next = first.header("link");
    let next = next
        .split(", ")
        .find_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
    let next = next
        .and_then(|next| next.strip_prefix(&api.base))
        .unwrap_or_else(|| panic!("{}", first.header("link")));
    assert_eq!(api.get(next).await.as_array().unwrap().len(), 2);
    api.post(
        &user_path,
        json!({ "profile": { "nickName": "Augusta" } }),
        200,
    )
    .await;
    let profile = json!({ "profile": person["profile"] });
    api.put(&user_path, profile, 200).await;
    let member = format!("{group_path}/users/{}", id(&user));
    api.delete(&member).await;
    api.put(&member, Value::Null, 204).await;
    api.get(&format!("{group_path}/users")).await;

    // The noes, where the description has them.
    api.post("/api/v1/users", person, 400).await;
    api.post(
        "/api/v1/groups",
        json!({ "profile": { "name": "mechanics" } }),
        400,
    )
    .await;
    api.ok("GET", "/api/v1/groups/00gnowhere", Value::Null, 404)
        .await;
    api.ok("GET", "/api/v1/users/00unobody", Value::Null, 404)
        .await;

    let lifecycle = |action: &str| format!("{user_path}/lifecycle/{action}");
    api.post(&lifecycle("deactivate"), Value::Null, 200).await;
    api.get(&user_path).await;
    api.post(&lifecycle("activate"), Value::Null, 200).await;
    api.post(&lifecycle("activate"), Value::Null, 403).await;
    api.delete(&user_path).await;
    api.delete(&user_path).await;
    api.delete(&group_path).await;

    let origin = json!({ "name": "app", "origin": "http://localhost:8080", "scopes": [{ "type": "CORS" }, { "type": "REDIRECT" }] });
    let trusted = api
        .post("/api/v1/trustedOrigins", origin.clone(), 200)
        .await;
    let path = format!("/api/v1/trustedOrigins/{}", id(&trusted));
    api.get(&path).await;
    api.get("/api/v1/trustedOrigins?q=app").await;
    api.put(&path, origin.clone(), 200).await;
    api.post("/api/v1/trustedOrigins", origin, 400).await;
    for action in ["deactivate", "activate"] {
        api.post(&format!("{path}/lifecycle/{action}"), Value::Null, 200)
            .await;
    }
    api.delete(&path).await;
    api.assert_as_described();
}

#[tokio::test]
#[ignore = "needs npm prism and ../shared/okta: make test"]
async fn clients_and_apps_are_as_okta_describes_them() {
    if !Prism::is_possible() {
        return;
    }
    let api = Api::start(false, 10_000).await;
    let client = json!({
        "client_name": "portal", "client_uri": null, "logo_uri": null, "redirect_uris": ["http://localhost:8080"],
        "response_types": ["code", "token", "id_token"], "grant_types": ["authorization_code", "implicit"],
        "token_endpoint_auth_method": "client_secret_basic", "application_type": "web",
        "post_logout_redirect_uris": ["http://localhost:8080/"],
    });
    let made = api.post("/oauth2/v1/clients", client.clone(), 201).await;
    assert_eq!(
        made["left_out"][0],
        json!({ "member": "grant_types", "value": "implicit" })
    );
    let client_id = made["client_id"].as_str().unwrap();
    let path = format!("/oauth2/v1/clients/{client_id}");
    api.get(&path).await;
    api.get("/oauth2/v1/clients?q=portal&limit=5").await;
    api.put(&path, client.clone(), 200).await;
    api.post(&format!("{path}/lifecycle/newSecret"), Value::Null, 200)
        .await;
    let mut odd = client;
    odd["redirect_uris"] = json!(["http://example.com"]);
    assert_eq!(
        api.post("/oauth2/v1/clients", odd, 400).await["error"],
        "invalid_redirect_uri"
    );
    api.ok("GET", "/oauth2/v1/clients/0oanobody", Value::Null, 404)
        .await;

    let app_path = format!("/api/v1/apps/{client_id}");
    let app = api.get(&app_path).await;
    api.get("/api/v1/apps?q=portal").await;
    api.put(&app_path, app, 200).await; // what is told can be said
    let group = api
        .post(
            "/api/v1/groups",
            json!({ "profile": { "name": "engineers" } }),
            200,
        )
        .await;
    let assigned = format!("{app_path}/groups/{}", id(&group));
    api.put(&assigned, json!({ "priority": 0 }), 200).await;
    api.put(&assigned, Value::Null, 200).await;
    api.get(&assigned).await;
    api.get(&format!("{app_path}/groups")).await;
    api.delete(&assigned).await;
    api.ok("GET", &assigned, Value::Null, 404).await;
    api.ok("DELETE", &app_path, Value::Null, 403).await;
    for action in ["deactivate", "activate", "deactivate"] {
        api.post(&format!("{app_path}/lifecycle/{action}"), Value::Null, 200)
            .await;
    }
    api.delete(&app_path).await;
    let app = json!({
        "name": "oidc_client", "label": "shop", "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": { "token_endpoint_auth_method": "client_secret_basic" } },
        "settings": { "oauthClient": {
            "redirect_uris": ["https://example.com/callback"], "response_types": ["code"], "grant_types": ["authorization_code"],
            "application_type": "web",
        } },
    });
    let made = api
        .post("/api/v1/apps?activate=true", app.clone(), 200)
        .await;
    let mut odd = app;
    odd["settings"]["oauthClient"]["redirect_uris"] = json!(["http://example.com/"]);
    api.post("/api/v1/apps", odd, 400).await;
    let path = format!("/oauth2/v1/clients/{}", id(&made));
    api.get(&path).await;
    api.delete(&path).await;
    api.assert_as_described();
}

#[tokio::test]
#[ignore = "needs npm prism and ../shared/okta: make test"]
#[expect(clippy::too_many_lines, reason = "a list of calls, in their order")]
async fn authorization_servers_are_as_okta_describes_them() {
    if !Prism::is_possible() {
        return;
    }
    let api = Api::start(false, 10_000).await;
    let servers = "/api/v1/authorizationServers";
    let given = json!({ "name": "solar", "description": "d", "audiences": ["api://default"] });
    let made = api.post(servers, given.clone(), 201).await;
    let server = format!("{servers}/{}", id(&made));
    api.get(&server).await;
    api.get(&format!("{servers}?q=solar&limit=10")).await;
    api.put(&server, given.clone(), 200).await;
    api.post(servers, given, 400).await;
    api.ok("GET", &format!("{servers}/ausnowhere"), Value::Null, 404)
        .await;

    let scopes = format!("{server}/scopes");
    let scope = api
        .post(
            &scopes,
            json!({ "name": "solar:read", "description": "d", "displayName": "n" }),
            201,
        )
        .await;
    let scope = format!("{scopes}/{}", id(&scope));
    api.get(&scope).await;
    api.get(&format!("{scopes}?q=solar&limit=10")).await;
    api.put(
        &scope,
        json!({ "name": "solar:read", "consent": "REQUIRED" }),
        200,
    )
    .await;
    api.post(&scopes, json!({ "name": "solar:read" }), 400)
        .await;

    let claims = format!("{server}/claims");
    let claim = json!({ "name": "teams", "claimType": "RESOURCE", "valueType": "GROUPS", "group_filter_type": "STARTS_WITH", "value": "t" });
    let made = api.post(&claims, claim.clone(), 201).await;
    let one = format!("{claims}/{}", id(&made));
    api.get(&one).await;
    api.get(&claims).await;
    api.put(&one, claim.clone(), 200).await;
    api.post(&claims, claim, 400).await;
    api.delete(&one).await;

    let policies = format!("{server}/policies");
    let given = json!({
        "type": "OAUTH_AUTHORIZATION_POLICY", "status": "ACTIVE", "name": "p", "description": "d", "priority": 1,
        "conditions": { "clients": { "include": ["ALL_CLIENTS"] } },
    });
    let made = api.post(&policies, given.clone(), 201).await;
    let policy = format!("{policies}/{}", id(&made));
    api.get(&policy).await;
    api.get(&policies).await;
    api.put(&policy, given.clone(), 200).await;
    api.post(&policies, given, 400).await;
    let rules = format!("{policy}/rules");
    let given = json!({
        "type": "RESOURCE_ACCESS", "status": "ACTIVE", "name": "r", "priority": 1,
        "conditions": {
            "people": { "groups": { "include": ["EVERYONE"] } }, "grantTypes": { "include": ["authorization_code"] },
            "scopes": { "include": ["solar:read", "openid"] },
        },
        "actions": { "token": { "accessTokenLifetimeMinutes": 60, "refreshTokenLifetimeMinutes": 0, "refreshTokenWindowMinutes": 10080 } },
    });
    let made = api.post(&rules, given.clone(), 201).await;
    let rule = format!("{rules}/{}", id(&made));
    api.get(&rule).await;
    api.get(&rules).await;
    api.put(&rule, given.clone(), 200).await;
    api.post(&rules, given, 400).await;
    for path in [&policy, &rule, &server] {
        api.post(&format!("{path}/lifecycle/deactivate"), Value::Null, 204)
            .await;
        api.get(path).await;
        api.post(&format!("{path}/lifecycle/activate"), Value::Null, 204)
            .await;
    }

    let keys = api.get(&format!("{server}/credentials/keys")).await;
    let key = keys[0]["kid"].as_str().unwrap();
    api.get(&format!("{server}/credentials/keys/{key}")).await;
    let rotated = api
        .post(
            &format!("{server}/credentials/lifecycle/keyRotate"),
            json!({ "use": "sig" }),
            200,
        )
        .await;
    assert_eq!(
        rotated.as_array().unwrap().len(),
        keys.as_array().unwrap().len() * 2
    );
    // Clients find the new server by its metadata.
    let at = made_at(&api, &server).await;
    for name in ["openid-configuration", "oauth-authorization-server"] {
        api.get(&format!("{at}/.well-known/{name}")).await;
    }
    api.get(&format!("{at}/v1/keys")).await;

    api.delete(&rule).await;
    api.delete(&policy).await;
    api.delete(&scope).await;
    api.delete(&server).await;
    api.ok("DELETE", &format!("{servers}/default"), Value::Null, 403)
        .await;
    api.assert_as_described();
}

/// The path of a server's issuer.
async fn made_at(api: &Api, server: &str) -> String {
    let issuer = api.get(server).await["issuer"].as_str().unwrap().to_owned();
    issuer
        .strip_prefix(&api.base)
        .unwrap_or_else(|| panic!("{issuer}"))
        .to_owned()
}

#[tokio::test]
#[ignore = "needs npm prism and ../shared/okta: make test"]
async fn a_call_too_many_is_429_as_okta_describes_it() {
    if !Prism::is_possible() {
        return;
    }
    let api = Api::start(true, 1).await;
    api.get("/api/v1/groups").await;
    let answer = api.call(Method::GET, "/api/v1/groups", &Value::Null).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.json()["errorCode"], "E0000047");
    assert_eq!(
        (
            answer.header("x-rate-limit-limit").as_str(),
            answer.header("x-rate-limit-remaining").as_str()
        ),
        ("1", "0")
    );
    api.assert_as_described();
}

#[tokio::test]
#[ignore = "needs npm prism, ../shared/okta and ../shared/original: make test"]
async fn the_tutorial_s_files_can_be_made_and_violate_nothing() {
    if !Prism::is_possible() || !std::path::Path::new(ORIGINAL).is_dir() {
        eprintln!("nothing was tested: ../shared/original is not there");
        return;
    }
    for stages in [&["mulesoft", "mulesoft_policy"][..], &["standard"]] {
        let api = Api::empty().await;
        let mut known = HashMap::from([
            ("OKTA_TENANT".to_owned(), json!(api.base)),
            ("PROXY_URI".to_owned(), json!("http://localhost:8082")),
            ("GENERATE_TAG".to_owned(), json!("x7f3")),
            (
                "GENERATE_PASSWORD".to_owned(),
                json!("a1B2c3D4e5F6g7H8i9J0"),
            ),
        ]);
        for stage in stages {
            make_all(&api, stage, &mut known).await;
            // What the gateway's portal does between the two.
            let app = json!({ "client_name": "the app", "redirect_uris": ["http://localhost:8080"], "response_types": ["code"],
                "grant_types": ["authorization_code"], "application_type": "web" });
            let app = api.post("/oauth2/v1/clients", app, 201).await;
            known
                .entry("AUTHN_CLIENT_ID".to_owned())
                .or_insert(app["client_id"].clone());
        }
        api.assert_as_described();
    }
}

/// Makes each object of a file, in order.
async fn make_all(api: &Api, stage: &str, known: &mut HashMap<String, Value>) {
    let text = std::fs::read_to_string(format!("{ORIGINAL}/{stage}.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    for (number, (name, row)) in file.as_object().unwrap().iter().enumerate() {
        known.insert(
            "GENERATE_FIRSTNAME".to_owned(),
            json!(format!("First{number}")),
        );
        known.insert("GENERATE_LASTNAME".to_owned(), json!("Last"));
        known.insert("FIRSTNAME".to_owned(), json!(format!("First{number}")));
        known.insert("LASTNAME".to_owned(), json!("Last"));
        if row["objType"] == "data" {
            continue;
        }
        let value = filled(&row["default"], known);
        let class = row["objectClass"].as_str().unwrap_or_default();
        let (usual, status) = match class {
            "" => {
                known.insert(name.clone(), value);
                continue;
            }
            "okta:user_group" => ("/api/v1/groups", 200),
            "okta:user" => ("/api/v1/users?activate=true", 200),
            _ => ("", 201),
        };
        let endpoint = row["oktaEndpoint"].as_str().unwrap_or(usual);
        let endpoint = filled(&json!(endpoint), known);
        let made = api.post(endpoint.as_str().unwrap(), value, status).await;
        for group in row["groups"].as_array().into_iter().flatten() {
            let group = filled(group, known);
            let path = format!(
                "/api/v1/apps/{}/groups/{}",
                made["client_id"].as_str().unwrap(),
                group.as_str().unwrap()
            );
            api.put(&path, json!({}), 200).await;
        }
        known.insert(name.clone(), made);
    }
}

/// A value with its placeholders filled in.
fn filled(value: &Value, known: &HashMap<String, Value>) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, known)))
            .collect(),
        Value::Array(values) => values.iter().map(|value| filled(value, known)).collect(),
        Value::String(text) => {
            let mut text = text.clone();
            while let Some((before, rest)) = text.split_once("{{") {
                let (name, after) = rest.split_once("}}").unwrap();
                let mut parts = name.split('.');
                let object = known
                    .get(parts.next().unwrap())
                    .unwrap_or_else(|| panic!("{name} is not known"));
                let part = parts.fold(object, |object, part| &object[part]);
                text = format!(
                    "{before}{}{after}",
                    part.as_str().unwrap_or_else(|| panic!("{name} is {part}"))
                );
            }
            json!(text)
        }
        other => other.clone(),
    }
}
