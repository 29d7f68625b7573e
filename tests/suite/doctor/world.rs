//! A provider and a gateway that do everything right, but for the faults that a test puts in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;
use solar_system::oauth::{pkce, random_value};
use url::Url;

use crate::misbehaving::{Keys, Received, Reply, Server};
use crate::people::{GOLD_SCOPE, SILVER_SCOPE};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    NoDiscovery,
    DiscoveryMoved,
    DiscoveryIsAPage,
    DiscoveryContentType,
    TwoIssuers,
    IssuerSlash,
    IssuerOther,
    HttpEndpoint,
    EndpointMissing,
    OtherName,
    NoKeys,
    KeysBroken,
    EncryptionOnly,
    KeyWithoutName,
    AlgNone,
    AlgHmac,
    AlgWithoutKey,
    Late,
    Later,
    RedirectUnknown,
    RedirectAny,
    RedirectPrefix,
    RedirectBusy,
    RedirectDown,
    RedirectAway,
    RedirectNamed,
    GrantNotAllowed,
    NobodySignsIn,
    NoS256,
    SecretRefused,
    SecretIgnored,
    CodeFirst,
    CodeFirstSecretIgnored,
    RedeemsWithTrouble,
    TokenEndpointIsAPage,
    ScopeSmaller,
    ScopeLarger,
    AccessDenied,
    OpenidUnsaid,
    PagesUnknown,
    Opaque,
    OtherAudience,
    OtherKey,
    TokenTyp,
    IntrospectionRefused,
    ActiveText,
    JwtNotIntrospected,
    ActiveForJunk,
    ActiveForNobody,
    NoLogout,
    LogoutGone,
    LogoutUnregistered,
    LogoutAny,
    LogoutAnyHost,
    LogoutAsks,
    LogoutDown,
    LogoutElsewhere,
    LogoutHangsUp,
    GatewayGone,
    GatewayPath,
    GatewayUpstream,
    GatewayWantsTokens,
    NoChallenge,
    Open,
    TakesJunk,
    JunkIs503,
    RefusesTokens,
    NoRightFound,
    GatewayLate,
    /// Whatever is shown to it comes back in its errors.
    Echo,
}

pub const CLIENT: (&str, &str) = ("the-app", "canary: the app's secret & more");
pub const GATEWAY: (&str, &str) = ("the-gateway", "canary: the gateway's secret");
pub const PASSWORD: &str = "canary-of-a-password";
const REDIRECT_URI: &str = "http://localhost:1/callback";

/// Provider and gateway, running.
pub struct World {
    provider: Server,
    gateway: Option<Server>,
    gateway_url: String,
    introspects: bool,
}

struct Inner {
    faults: Vec<Fault>,
    own: OnceLock<String>,
    keys: Keys,
    codes: Mutex<HashMap<String, Grant>>,
    tokens: Mutex<HashMap<String, Vec<String>>>,
}

#[derive(Clone)]
struct Grant {
    scope: String,
    challenge: String,
}

impl World {
    pub fn start(faults: &[Fault]) -> Self {
        Self::started(faults, true)
    }

    /// With a gateway that checks tokens by keys.
    pub fn by_keys(faults: &[Fault]) -> Self {
        Self::started(faults, false)
    }

    fn started(faults: &[Fault], introspects: bool) -> Self {
        let inner = Arc::new(Inner {
            faults: faults.to_vec(),
            own: OnceLock::new(),
            keys: Keys::generate(1),
            codes: Mutex::default(),
            tokens: Mutex::default(),
        });
        let answering = Arc::clone(&inner);
        let provider = Server::start(0, move |request| {
            let reply = answering.provider(request);
            dated(reply, answering.late(Fault::Late, Fault::Later))
        });
        inner.own.set(provider.url()).unwrap();
        let answering = Arc::clone(&inner);
        let gateway = Server::start(0, move |request| {
            let late = answering.late(Fault::GatewayLate, Fault::GatewayLate);
            dated(answering.gateway(request), late)
        });
        let gateway_url = gateway.url();
        let gone = faults.contains(&Fault::GatewayGone);
        Self {
            provider,
            gateway: (!gone).then_some(gateway),
            gateway_url,
            introspects,
        }
    }

    pub fn issuer(&self) -> String {
        self.provider.url()
    }

    /// How many requests there were.
    pub fn asked(&self) -> usize {
        let at_gateway = self.gateway.as_ref();
        let at_gateway = at_gateway.map_or(0, |gateway| gateway.received().len());
        self.provider.received().len() + at_gateway
    }

    pub fn settings(&self) -> Vec<(String, String)> {
        let issuer = self.issuer();
        let mut settings = vec![
            ("ISSUER", issuer.as_str()),
            ("PROXY_URI", &self.gateway_url),
            ("AUTHN_CLIENT_ID", CLIENT.0),
            ("AUTHN_CLIENT_SECRET", CLIENT.1),
            ("REDIRECT_URI", REDIRECT_URI),
            ("SESSION_SECRET", crate::stack::SESSION_SECRET),
            ("BRONZE_USERNAME", "b"),
            ("BRONZE_PASSWORD", PASSWORD),
            ("SILVER_USERNAME", "s"),
            ("SILVER_PASSWORD", PASSWORD),
            ("GOLD_USERNAME", "g"),
            ("GOLD_PASSWORD", PASSWORD),
        ];
        if self.introspects {
            settings.extend([
                ("INTROSPECT_CLIENT_ID", GATEWAY.0),
                ("INTROSPECT_CLIENT_SECRET", GATEWAY.1),
            ]);
        }
        settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

fn dated(reply: Reply, late: u64) -> Reply {
    let then = SystemTime::now() - Duration::from_secs(late);
    reply.header("Date", &httpdate::fmt_http_date(then))
}

impl Inner {
    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    fn late(&self, some: Fault, much: Fault) -> u64 {
        if self.has(much) {
            300
        } else if self.has(some) {
            30
        } else {
            0
        }
    }

    fn provider(&self, request: &Received) -> Reply {
        let issuer = self.own.get().unwrap();
        match request.path.as_str() {
            "/.well-known/openid-configuration" => self.discovery(issuer),
            "/.well-known/oauth-authorization-server" if self.has(Fault::TwoIssuers) => {
                Reply::json(&json!({"issuer": "https://other.example"}))
            }
            "/keys" => Reply::json(&self.published()),
            "/authorize" => self.authorize(request),
            "/token" => self.token(issuer, request),
            "/introspect" => self.introspect(issuer, request),
            "/logout" => self.logout(request),
            _ => Reply::status(404),
        }
    }

    fn discovery(&self, issuer: &str) -> Reply {
        if self.has(Fault::NoDiscovery) {
            return Reply::status(404);
        }
        if self.has(Fault::DiscoveryMoved) {
            return Reply::redirect(301, "https://elsewhere.example/");
        }
        if self.has(Fault::DiscoveryIsAPage) {
            return Reply::html("<h1>Welcome</h1>");
        }
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "introspection_endpoint": format!("{issuer}/introspect"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        });
        let members = document.as_object_mut().unwrap();
        let mut change = |fault: Fault, member: &str, value: Value| {
            if self.has(fault) && value.is_null() {
                members.remove(member);
            } else if self.has(fault) {
                members[member] = value;
            }
        };
        change(Fault::IssuerSlash, "issuer", json!(format!("{issuer}/")));
        change(Fault::IssuerOther, "issuer", json!("https://other.example"));
        change(
            Fault::HttpEndpoint,
            "token_endpoint",
            json!("http://idp.example/token"),
        );
        change(Fault::EndpointMissing, "jwks_uri", Value::Null);
        let other = issuer.replace("127.0.0.1", "localhost");
        change(Fault::OtherName, "jwks_uri", json!(format!("{other}/keys")));
        let algorithms = "id_token_signing_alg_values_supported";
        change(Fault::AlgNone, algorithms, json!(["RS256", "none"]));
        change(Fault::AlgHmac, algorithms, json!(["HS256"]));
        change(Fault::AlgWithoutKey, algorithms, json!(["ES384"]));
        change(
            Fault::NoS256,
            "code_challenge_methods_supported",
            Value::Null,
        );
        change(Fault::NoLogout, "end_session_endpoint", Value::Null);
        if self.has(Fault::DiscoveryContentType) {
            return Reply::status(200).body("text/plain", document.to_string());
        }
        Reply::json(&document)
    }

    fn published(&self) -> Value {
        let mut document = self.keys.published();
        let keys = document["keys"].as_array_mut().unwrap();
        if self.has(Fault::NoKeys) {
            keys.clear();
        }
        for key in keys.iter_mut() {
            let key = key.as_object_mut().unwrap();
            if self.has(Fault::EncryptionOnly) {
                key.insert("use".to_owned(), "enc".into());
            }
            if self.has(Fault::KeysBroken) {
                key.insert("kty".to_owned(), "odd".into());
            }
            if self.has(Fault::KeyWithoutName) && key["kty"] == "OKP" {
                key.remove("kid");
            }
        }
        document
    }

    fn authorize(&self, request: &Received) -> Reply {
        let field = |name| request.field(name).unwrap_or_default();
        let (redirect_uri, scope) = (field("redirect_uri"), field("scope"));
        let known = !self.has(Fault::RedirectUnknown) && redirect_uri == REDIRECT_URI;
        let known = known
            || self.has(Fault::RedirectAny)
            || self.has(Fault::RedirectPrefix) && redirect_uri.starts_with(REDIRECT_URI);
        if !known && self.has(Fault::RedirectBusy) {
            return Reply::status(429);
        }
        if !known && self.has(Fault::RedirectDown) {
            return Reply::status(503).body("text/html", "<p>No redirect_uri today");
        }
        if !known && self.has(Fault::RedirectAway) {
            return Reply::html("<p>Back in an hour");
        }
        if !known && self.has(Fault::RedirectNamed) {
            return Reply::html("<p>This Redirect URI does not match");
        }
        if field("client_id") != CLIENT.0 || !known {
            return Reply::status(400).body("text/html", "<p class=error>Not <b>registered</b>");
        }
        let mut answer = vec![("state", field("state"))];
        if self.has(Fault::GrantNotAllowed) {
            answer.push(("error", "unauthorized_client".to_owned()));
        } else if field("prompt") == "none" {
            let missing = field("code_challenge").is_empty();
            let error = if missing {
                "invalid_request"
            } else {
                "login_required"
            };
            answer.push(("error", error.to_owned()));
        } else if self.has(Fault::NobodySignsIn)
            || self.has(Fault::AccessDenied) && scope.contains(GOLD_SCOPE)
        {
            answer.push(("error", "access_denied".to_owned()));
        } else if self.has(Fault::PagesUnknown) {
            return Reply::html("<script>await signIn()</script>");
        } else {
            let code = random_value();
            let challenge = field("code_challenge");
            let grant = Grant { scope, challenge };
            self.codes.lock().unwrap().insert(code.clone(), grant);
            answer.push(("code", code));
        }
        let mut location = Url::parse(&redirect_uri).unwrap();
        location.query_pairs_mut().extend_pairs(answer);
        Reply::redirect(302, location.as_str())
    }

    /// The refusal that is due, or this: whatever was shown comes back.
    fn refusal(&self, status: u16, error: &str, request: &Received) -> Reply {
        let mut body = json!({ "error": error });
        if self.has(Fault::Echo) {
            let shown = request.header("authorization").unwrap_or_default();
            let decoded = STANDARD.decode(shown.trim_start_matches("Basic "));
            let decoded = String::from_utf8_lossy(&decoded.unwrap_or_default()).into_owned();
            let form = String::from_utf8_lossy(&request.body).into_owned();
            body["error_description"] = format!("{shown} {decoded} {form}").into();
        }
        Reply::status(status).body("application/json", body.to_string())
    }

    fn token(&self, issuer: &str, request: &Received) -> Reply {
        if self.has(Fault::TokenEndpointIsAPage) {
            return Reply::html("<h1>Welcome</h1>");
        }
        let is_client = shows(request, CLIENT) && !self.has(Fault::SecretRefused);
        let ignored = self.has(Fault::SecretIgnored) || self.has(Fault::CodeFirstSecretIgnored);
        let refused = !is_client && !ignored;
        let code_first = self.has(Fault::CodeFirst) || self.has(Fault::CodeFirstSecretIgnored);
        if refused && !code_first {
            return self.refusal(401, "invalid_client", request);
        }
        let field = |name| request.field(name).unwrap_or_default();
        let grant = self.codes.lock().unwrap().remove(&field("code"));
        let grant = grant.filter(|grant| grant.challenge == pkce::s256(&field("code_verifier")));
        let Some(grant) = grant else {
            return self.refusal(400, "invalid_grant", request);
        };
        if refused && self.has(Fault::RedeemsWithTrouble) {
            return Reply::status(503);
        }
        if refused {
            return self.refusal(401, "invalid_client", request);
        }
        let mut scope = grant.scope;
        if self.has(Fault::ScopeSmaller) {
            let smaller = scope.replace(SILVER_SCOPE, "");
            smaller.trim().clone_into(&mut scope);
        }
        if self.has(Fault::ScopeLarger) && scope == "openid" {
            scope = format!("openid {SILVER_SCOPE}");
        }
        let token = self.access_token(issuer, &scope);
        let scopes = scope.split(' ').map(str::to_owned).collect();
        self.tokens.lock().unwrap().insert(token.clone(), scopes);
        let mut answer = json!({"access_token": token, "token_type": "Bearer", "scope": scope});
        if self.has(Fault::OpenidUnsaid) {
            answer["scope"] = scope.replacen("openid", "", 1).trim().into();
            answer["id_token"] = "not.looked.at".into();
        }
        Reply::json(&answer)
    }

    fn access_token(&self, issuer: &str, scope: &str) -> String {
        if self.has(Fault::Opaque) {
            return random_value();
        }
        let audience = if self.has(Fault::OtherAudience) {
            "https://other.example"
        } else {
            "api://default"
        };
        let typ = if self.has(Fault::TokenTyp) {
            "JWT"
        } else {
            "at+jwt"
        };
        let now = Clock::system().now();
        let claims = json!({"iss": issuer, "sub": "somebody", "aud": audience, "client_id": CLIENT.0, "iat": now, "exp": now + 600, "jti": random_value(), "scope": scope});
        let other = Keys::generate(2);
        let keys = if self.has(Fault::OtherKey) {
            &other
        } else {
            &self.keys
        };
        let kid = keys.key_id(Algorithm::ES256);
        let header = json!({"alg": "ES256", "typ": typ, "kid": kid});
        keys.sign(Algorithm::ES256, &header, &claims)
    }

    fn introspect(&self, issuer: &str, request: &Received) -> Reply {
        if !shows(request, GATEWAY) || self.has(Fault::IntrospectionRefused) {
            return self.refusal(401, "invalid_client", request);
        }
        let token = request.field("token").unwrap_or_default();
        let known = self.tokens.lock().unwrap().get(&token).cloned();
        if self.has(Fault::JwtNotIntrospected) && known.is_some() {
            return self.refusal(400, "unsupported_token_type", request);
        }
        let active = match known {
            Some(_) => !self.has(Fault::ActiveForNobody),
            None => self.has(Fault::ActiveForJunk),
        };
        let audience = if self.has(Fault::OtherAudience) {
            "https://other.example"
        } else {
            "api://default"
        };
        let mut answer = json!({"active": active});
        if active {
            let scope = known.unwrap_or_default().join(" ");
            answer = json!({"active": active, "iss": issuer, "aud": audience, "scope": scope, "exp": Clock::system().now() + 600});
        }
        if self.has(Fault::ActiveText) {
            answer["active"] = active.to_string().into();
        }
        Reply::json(&answer)
    }

    fn logout(&self, request: &Received) -> Reply {
        if self.has(Fault::LogoutGone) {
            return Reply::status(404);
        }
        let Some(to) = request.field("post_logout_redirect_uri") else {
            return Reply::html("<h1>Signed out</h1>");
        };
        let ours = to == "http://localhost:1/signed-out" && !self.has(Fault::LogoutUnregistered);
        if self.has(Fault::LogoutAsks) {
            return Reply::html("<form><button>Sign out</button></form>");
        }
        if !ours && self.has(Fault::LogoutDown) {
            return Reply::status(503);
        }
        if !ours && self.has(Fault::LogoutElsewhere) {
            return Reply::redirect(302, "https://other.example/");
        }
        if !ours && self.has(Fault::LogoutHangsUp) {
            return Reply::raw(b"");
        }
        if !ours && self.has(Fault::LogoutAnyHost) {
            return Reply::redirect(302, &format!("{to}signed-out"));
        }
        if ours || self.has(Fault::LogoutAny) {
            return Reply::redirect(302, &to);
        }
        Reply::status(400).body("text/html", "<h1>That address is not registered</h1>")
    }

    fn gateway(&self, request: &Received) -> Reply {
        let unauthorized =
            |challenge: &str| Reply::status(401).header("WWW-Authenticate", challenge);
        if self.has(Fault::GatewayUpstream) {
            return Reply::status(502);
        }
        if self.has(Fault::GatewayPath) {
            return Reply::status(404);
        }
        let list = Reply::json(&json!(["a"]));
        if request.path == "/visitors" {
            let wants = self.has(Fault::GatewayWantsTokens);
            return if wants { unauthorized("Bearer") } else { list };
        }
        let Some(shown) = request.header("authorization") else {
            if self.has(Fault::Open) {
                return list;
            }
            let silent = self.has(Fault::NoChallenge);
            return if silent {
                Reply::status(401)
            } else {
                unauthorized("Bearer")
            };
        };
        let tokens = self.tokens.lock().unwrap();
        let known = tokens.get(shown.trim_start_matches("Bearer "));
        match known {
            Some(_) if self.has(Fault::RefusesTokens) => {
                unauthorized("Bearer error=\"invalid_token\"")
            }
            Some(_) if self.has(Fault::NoRightFound) => {
                Reply::status(403).header("WWW-Authenticate", "Bearer error=\"insufficient_scope\"")
            }
            Some(_) => list,
            None if self.has(Fault::TakesJunk) => list,
            None if self.has(Fault::JunkIs503) => Reply::status(503),
            None => unauthorized("Bearer error=\"invalid_token\""),
        }
    }
}

/// Whether a request shows these credentials (HTTP Basic, both parts form-encoded).
fn shows(request: &Received, (id, secret): (&str, &str)) -> bool {
    let header = request.header("authorization").unwrap_or_default();
    let credentials = solar_system::oauth::parse_basic_credentials(&header);
    credentials.is_some_and(|(shown, key)| shown == id && key.expose() == secret)
}
