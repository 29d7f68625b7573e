//! The provider through its router, in process: each endpoint's yeses and noes.

mod answers;
mod authorize;
mod back_channel;
mod browser;
mod consent;
mod documents;
mod exchange;
mod independent;
mod log;
mod logout;
mod managed;
mod notices;
mod pace;
mod refresh;
mod rules;
mod servers;
mod sign_in;
mod state;

use self::browser::{Asked, Browser};
use super::{Idp, IdpConfig, IdpError, ManagementConfig, open, org::Org};
use crate::{
    blueprint::{Blueprint, Tenant},
    clock::Clock,
    jose::Algorithm,
    net::Client,
    oauth::{Secret, basic_credentials, pkce, random_value},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};
use tower::ServiceExt;
use url::form_urlencoded;

const ISSUER: &str = "http://localhost:8081/oauth2/default";
const BASE: &str = "/oauth2/default";
const APP: &str = "solar-system-app";
const GATEWAY: &str = "solar-system-gateway";
const REDIRECT_URI: &str = "http://localhost:8080/callback";
const SIGNED_OUT: &str = "http://localhost:8080/signed-out";
const SILVER: &str = "openid http://myapp.com/scp/silver";
const GOLD: &str = "openid http://myapp.com/scp/silver http://myapp.com/scp/gold";
const CARL: (&str, &str) = ("carl.sagan", "pale-blue-dot");
const JODIE: (&str, &str) = ("jodie.foster", "first-contact");

/// A provider with the default tenant, whose clients have the secret `s+cret: <id>`.
pub(super) struct Provider {
    router: Router,
    idp: Arc<Idp>,
    clock: Clock,
}

pub(super) fn config(clock: Clock) -> IdpConfig {
    let tenant = Tenant::of(&Blueprint::default());
    let secret = |id: &String| (id.clone(), secret_of(id));
    IdpConfig {
        issuer: ISSUER.to_owned(),
        client_secrets: tenant
            .clients
            .iter()
            .map(|client| secret(&client.id))
            .collect(),
        tenant,
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        post_logout_redirect_uris: vec![SIGNED_OUT.to_owned()],
        backchannel_logout_uri: None,
        access_token_algorithm: Algorithm::Es256,
        api_token: None,
        empty: false,
        state: None,
        management: ManagementConfig::default(),
        http: Client::new(&[]).unwrap(),
        clock,
    }
}

fn secret_of(client_id: &str) -> Secret {
    Secret::new(format!("s+cret: {client_id}"))
}

impl Provider {
    fn start() -> Self {
        Self::start_with(|_| {})
    }

    fn start_with(change: impl FnOnce(&mut IdpConfig)) -> Self {
        let clock = Clock::standing();
        let mut config = config(clock.clone());
        change(&mut config);
        let ready = open(config).unwrap();
        Self {
            router: ready.router,
            idp: ready.idp,
            clock,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// A form post of a client that authenticates by Basic.
    async fn call(&self, client_id: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let credentials = basic_credentials(client_id, &secret_of(client_id));
        self.call_with(&[credentials.expose()], path, fields).await
    }

    /// The same at another authorization server.
    async fn call_at(
        &self,
        base: &str,
        client_id: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let credentials = basic_credentials(client_id, &secret_of(client_id));
        let request = Request::post(format!("{base}{path}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::AUTHORIZATION, credentials.expose());
        self.send(request.body(Body::from(form(fields))).unwrap())
            .await
    }

    /// What a management API would do.
    fn change(&self, change: impl FnOnce(&mut Org)) {
        let change = |org: &mut Org| {
            change(org);
            Ok::<_, Infallible>(())
        };
        self.idp.org.change(change).unwrap();
    }

    async fn call_with(&self, credentials: &[&str], path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(format!("{BASE}{path}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for value in credentials {
            request = request.header(header::AUTHORIZATION, *value);
        }
        self.send(request.body(Body::from(form(fields))).unwrap())
            .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    async fn user_info(&self, authorization: &[&str]) -> Answer {
        let mut request = Request::get(format!("{BASE}/v1/userinfo"));
        for value in authorization {
            request = request.header(header::AUTHORIZATION, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// The code of a new sign-in, with the verifier that redeems it.
    async fn code(&self, person: (&str, &str), scope: &str) -> (String, String) {
        let browser = Browser::of(self);
        let asked = Asked::new(scope);
        let answer = browser.sign_in(&asked, person).await;
        let code = answer.returned()["code"].clone();
        (code, asked.verifier)
    }

    async fn redeem(&self, code: &str, verifier: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", verifier),
        ];
        self.call(APP, "/v1/token", &fields).await
    }

    /// The token answer of a whole sign-in.
    async fn tokens(&self, person: (&str, &str), scope: &str) -> Value {
        let (code, verifier) = self.code(person, scope).await;
        let answer = self.redeem(&code, &verifier).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn refresh(&self, refresh_token: &str, scope: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("scope", scope),
        ];
        self.call(APP, "/v1/token", &fields).await
    }

    async fn introspect(&self, client_id: &str, token: &str) -> Value {
        let answer = self
            .call(client_id, "/v1/introspect", &[("token", token)])
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body))
    }

    fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn location(&self) -> &str {
        self.header(header::LOCATION)
            .unwrap_or_else(|| panic!("{} {}", self.status, self.body))
    }

    /// The parameters with which the person is sent back to the app.
    fn returned(&self) -> BTreeMap<String, String> {
        assert_eq!(self.status, 303, "{}", self.body);
        let query = self.location().strip_prefix(&format!("{REDIRECT_URI}?"));
        let query = query.unwrap_or_else(|| panic!("{}", self.location()));
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(map.len(), pairs.len(), "a parameter came twice: {query}");
        assert_eq!(map["iss"], ISSUER);
        map
    }

    /// Status and error code of a JSON error.
    fn refusal(&self) -> (u16, String) {
        let error = self.json()["error"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), error)
    }

    /// The value of a hidden field.
    fn field(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\" value=\""))?;
        Some(rest.split_once('"')?.0)
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(fields).finish()
}

#[test]
fn a_configuration_that_cannot_work_is_refused_by_name() {
    let refused = |change: fn(&mut IdpConfig)| {
        let mut config = config(Clock::standing());
        change(&mut config);
        open(config).err().unwrap()
    };
    assert!(matches!(
        refused(|config| config.issuer = "localhost".to_owned()),
        IdpError::Issuer { .. }
    ));
    assert!(matches!(
        refused(|config| config.issuer = "http://example.com".to_owned()),
        IdpError::Issuer { .. }
    ));
    for uri in [
        "/callback",
        "javascript:alert(1)",
        "http://localhost:8080/#x",
        "http://localhost:8080/ö",
    ] {
        let mut config = config(Clock::standing());
        config.redirect_uris = vec![uri.to_owned()];
        assert!(
            matches!(open(config), Err(IdpError::RedirectUri(_))),
            "{uri}"
        );
    }
    assert!(matches!(
        refused(|config| config.client_secrets.clear()),
        IdpError::SecretMissing(_)
    ));
    let empty = |config: &mut IdpConfig| {
        config
            .client_secrets
            .insert(APP.to_owned(), Secret::new(""));
    };
    assert!(matches!(refused(empty), IdpError::SecretMissing(_)));
    let other = |config: &mut IdpConfig| config.access_token_algorithm = Algorithm::Ps256;
    assert!(matches!(
        refused(other),
        IdpError::Algorithm(Algorithm::Ps256)
    ));
}
