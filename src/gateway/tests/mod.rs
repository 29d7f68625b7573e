//! The gateway between a fake issuer and a fake API, both on loopback, both scriptable.

mod access_table;
mod all_rules;
mod decision;
mod described;
mod introspection;
mod issuer;
mod keys;
mod log;
mod outage;
mod passing_on;
mod phantom;
mod refusals;
mod reload;
mod revoked;
mod step_up;
mod throttling;
mod upstream;
mod wire;

use super::*;
use crate::{blueprint::Blueprint, jose::AccessTokenTyp};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, Response, StatusCode},
};
use issuer::FakeIssuer;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tower::ServiceExt;
use upstream::FakeApi;

pub(super) const AUDIENCE: &str = "api://default";
pub(super) const SILVER: &str = "http://myapp.com/scp/silver";
pub(super) const GOLD: &str = "http://myapp.com/scp/gold";
pub(super) const PUBLIC: &str = "https://gateway.example/v1";
pub(super) const KEY: &str = "gateway-key-canary";

/// A server on a free loopback port, ended when dropped.
pub(super) struct Served {
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl Served {
    pub(super) async fn start(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, router)
    }

    pub(super) fn on(listener: TcpListener, router: Router) -> Self {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, task }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum By {
    Keys,
    Introspection,
}

/// A gateway with all that is around it.
pub(super) struct World {
    pub(super) issuer: FakeIssuer,
    pub(super) api: FakeApi,
    pub(super) clock: Clock,
    pub(super) gateway: Router,
    pub(super) entrance: Entrance,
    pub(super) handle: Handle,
}

impl World {
    pub(super) async fn new(by: By) -> Self {
        Self::with(by, |_| {}).await
    }

    pub(super) async fn with(by: By, change: impl FnOnce(&mut GatewayConfig)) -> Self {
        let (issuer, api) = (FakeIssuer::start().await, FakeApi::start().await);
        let clock = Clock::standing();
        let mut blueprint = Blueprint::default();
        blueprint.gateway.clients = vec!["solar-system-app".into(), "telescope".into()];
        let mut config = GatewayConfig {
            issuer: issuer.identifier(),
            audience: AUDIENCE.into(),
            policy: Policy::of(&blueprint),
            public_url: Url::parse(PUBLIC).unwrap(),
            resource_name: blueprint.api.description,
            token_policy: match by {
                By::Keys => TokenPolicy::Jwt {
                    typ: AccessTokenTyp::AtJwt,
                    algorithms: vec![Algorithm::Es256],
                },
                By::Introspection => TokenPolicy::Introspection {
                    client_id: "gate:way".into(),
                    client_secret: Secret::new("s&cret/ü"),
                },
            },
            upstream: api.url(),
            api_key: Secret::new(KEY),
            upstream_token: UpstreamToken::None,
            rates: Rates::NONE,
            proxies: Vec::new(),
            extra_roots: Vec::new(),
            limits: net::Limits::default(),
            http: net::Client::new(&[]).unwrap(),
            clock: clock.clone(),
        };
        change(&mut config);
        let (entrance, handle) = open(config).unwrap();
        Self {
            issuer,
            api,
            clock,
            gateway: entrance.clone().router(),
            entrance,
            handle,
        }
    }

    /// What a valid access token of this world says: for the app, with these scopes.
    pub(super) fn claims(&self, scope: &str) -> Value {
        let now = self.clock.now();
        json!({
            "iss": self.issuer.identifier(), "aud": AUDIENCE, "sub": "carl", "client_id": "solar-system-app",
            "scope": scope, "iat": now, "exp": now + 600, "jti": "1",
        })
    }

    /// A token of these claims that the issuer vouches for, in both policies.
    pub(super) fn token_of(&self, typ: &str, claims: &Value) -> String {
        let token = self.issuer.sign(typ, claims);
        let mut answer = claims.clone();
        answer["active"] = json!(true);
        self.issuer.introspects(&token, answer);
        token
    }

    pub(super) fn token(&self, scope: &str) -> String {
        self.token_of("at+jwt", &self.claims(scope))
    }

    /// The same with one claim set, or taken away where `value` is null.
    pub(super) fn token_with(&self, scope: &str, name: &str, value: Value) -> String {
        let mut claims = self.claims(scope);
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        self.token_of("at+jwt", &claims)
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.gateway.clone().oneshot(request).await.unwrap()).await
    }

    pub(super) async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(get(path, token)).await
    }

    /// The status of `/asteroids`, which takes any valid token.
    pub(super) async fn status(&self, token: &str) -> u16 {
        self.get("/asteroids", Some(token)).await.status
    }
}

pub(super) fn get(path: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::empty()).unwrap()
}

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 4 << 20).await.unwrap_or_default();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}
