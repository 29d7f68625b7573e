//! The management API through the provider's router, in process: each endpoint's yeses and noes.

mod access;
mod clients;
mod groups;
mod origins;
mod policies;
mod registration;
mod servers;
mod users;

use crate::{
    blueprint::{Blueprint, Tenant},
    clock::Clock,
    idp::{IdpConfig, ManagementConfig, open},
    jose::Algorithm,
    net::Client,
    oauth::{Secret, basic_credentials},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

const ORIGIN: &str = "http://localhost:8081";
const TOKEN: &str = "an API token for tests, 32 bytes or more";
const INITIAL: &str = "an initial access token for tests alone";

/// A provider with the default tenant, and both tokens set.
pub(super) struct Provider {
    router: Router,
    pub(super) clock: Clock,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Provider {
    pub(super) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut IdpConfig)) -> Self {
        let clock = Clock::standing();
        let tenant = Tenant::of(&Blueprint::default());
        let management = ManagementConfig {
            initial_access_token: Some(Secret::new(INITIAL)),
            calls_per_minute: 10_000,
        };
        let secrets = tenant.clients.iter();
        let secrets = secrets.map(|client| {
            (
                client.id.clone(),
                Secret::new(format!("secret of {}", client.id)),
            )
        });
        let mut config = IdpConfig {
            issuer: format!("{ORIGIN}/oauth2/default"),
            client_secrets: secrets.collect(),
            tenant,
            redirect_uris: vec!["http://localhost:8080/callback".to_owned()],
            post_logout_redirect_uris: vec!["http://localhost:8080/signed-out".to_owned()],
            backchannel_logout_uri: None,
            access_token_algorithm: Algorithm::Es256,
            api_token: Some(Secret::new(TOKEN)),
            empty: false,
            state: None,
            management,
            http: Client::new(&[]).unwrap(),
            clock: clock.clone(),
        };
        change(&mut config);
        Self {
            router: open(config).unwrap().router,
            clock,
        }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// A call with the API token, and a JSON body unless it is null.
    pub(super) async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::AUTHORIZATION, format!("SSWS {TOKEN}"));
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
        };
        self.send(request.unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &body).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, &body).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &Value::Null).await
    }

    /// The status of an introspection by this client: 200 when it is known by this secret.
    pub(super) async fn introspects(&self, client_id: &str, secret: &str) -> u16 {
        let credentials = basic_credentials(client_id, &Secret::new(secret));
        let request = Request::post("/oauth2/default/v1/introspect")
            .header(header::AUTHORIZATION, credentials.expose());
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from("token=x")).unwrap())
            .await
            .status
            .as_u16()
    }

    /// What a list holds, however many pages it has.
    pub(super) async fn list(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let answer = self.get(&path).await.expect(200);
            all.extend(answer.json().as_array().unwrap().clone());
            next = answer.next();
        }
        all
    }
}

impl Answer {
    /// Fails unless it has this status.
    pub(super) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    pub(super) fn id(&self) -> String {
        self.json()["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", self.body))
            .to_owned()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}"))
            .to_str()
            .unwrap()
    }

    /// Status and error code, after a look at the shape.
    pub(super) fn refusal(&self) -> (u16, String) {
        let error = self.json();
        let text = |name: &str| {
            error[name]
                .as_str()
                .unwrap_or_else(|| panic!("{}", self.body))
                .to_owned()
        };
        assert_eq!(text("errorLink"), text("errorCode"));
        assert!(text("errorId").len() > 20 && !text("errorSummary").is_empty());
        assert!(
            error["errorCauses"]
                .as_array()
                .unwrap()
                .iter()
                .all(|cause| cause["errorSummary"].is_string())
        );
        (self.status.as_u16(), text("errorCode"))
    }

    /// The members that a 400 complains of.
    pub(super) fn complaints(&self) -> Vec<String> {
        assert_eq!(
            self.refusal(),
            (400, "E0000001".to_owned()),
            "{}",
            self.body
        );
        let causes = self.json()["errorCauses"].as_array().unwrap().clone();
        let member = |cause: &Value| {
            cause["errorSummary"]
                .as_str()
                .unwrap()
                .split(':')
                .next()
                .unwrap()
                .to_owned()
        };
        causes.iter().map(member).collect()
    }

    /// Path and query of the next page.
    pub(super) fn next(&self) -> Option<String> {
        let links = self
            .headers
            .get_all(header::LINK)
            .iter()
            .map(|link| link.to_str().unwrap());
        let mut next =
            links.filter_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
        let next = next.next()?;
        Some(
            next.strip_prefix(ORIGIN)
                .unwrap_or_else(|| panic!("{next}"))
                .to_owned(),
        )
    }
}
