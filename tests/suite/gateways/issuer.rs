//! An issuer whose tokens are as wrong as a test wants them: it signs with its own published keys whatever claims it
//! is given, and says the same of them when it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::front::Front;
use crate::misbehaving::{Keys, Reply, Server};

pub const CLIENT: (&str, &str) = ("the-gateway", "a secret for the gateway, & more");
pub const AUDIENCE: &str = "api://default";

/// A running issuer.
pub struct Issuer {
    pub server: Server,
    keys: Arc<Keys>,
    strangers: Keys,
    known: Arc<Mutex<HashMap<String, Value>>>,
    front: Option<Front>,
}

impl Issuer {
    pub fn start() -> Self {
        Self::speaking("http")
    }

    /// One whose addresses are https.
    pub fn behind_tls() -> Self {
        let mut issuer = Self::speaking("https");
        issuer.front = Some(Front::to(issuer.server.port()));
        issuer
    }

    fn speaking(scheme: &'static str) -> Self {
        let keys = Arc::new(Keys::generate(1));
        let known: Arc<Mutex<HashMap<String, Value>>> = Arc::default();
        let (published, asked) = (Arc::clone(&keys), Arc::clone(&known));
        let server = Server::start(0, move |request| {
            let host = request.header("host").unwrap_or_default();
            let issuer = format!("{scheme}://{host}/oauth2/default");
            match request.path.as_str() {
                "/oauth2/default/.well-known/openid-configuration" => Reply::json(&json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/v1/authorize"),
                    "token_endpoint": format!("{issuer}/v1/token"),
                    "jwks_uri": format!("{issuer}/v1/keys"),
                    "introspection_endpoint": format!("{issuer}/v1/introspect"),
                })),
                "/oauth2/default/v1/keys" => {
                    let keys = [Algorithm::RS256, Algorithm::ES256]
                        .map(|algorithm| published.public(algorithm));
                    Reply::json(&json!({ "keys": keys }))
                }
                "/oauth2/default/v1/introspect" => {
                    if !is_client(&request.header("authorization").unwrap_or_default()) {
                        return Reply::status(401);
                    }
                    let token = request.field("token").unwrap_or_default();
                    let known = asked.lock().unwrap();
                    let inactive = || json!({ "active": false });
                    Reply::json(&known.get(&token).cloned().unwrap_or_else(inactive))
                }
                _ => Reply::status(404),
            }
        });
        Self {
            server,
            keys,
            strangers: Keys::generate(2),
            known,
            front: None,
        }
    }

    /// One that is down: it answers 503 to everything.
    pub fn silent() -> Self {
        Self::start().silenced()
    }

    /// The same, but down.
    pub fn silenced(mut self) -> Self {
        self.server = Server::start(0, |_| Reply::status(503));
        if self.front.is_some() {
            self.front = Some(Front::to(self.server.port()));
        }
        self
    }

    pub fn identifier(&self) -> String {
        let url = self.front.as_ref().map(Front::url);
        url.unwrap_or_else(|| self.server.url()) + "/oauth2/default"
    }

    /// What to trust beside the system's roots for asking it.
    pub fn roots(&self) -> &str {
        let front = self.front.as_ref();
        front.map_or("", |front| front.roots.to_str().unwrap())
    }

    /// The claims of a good access token with these scopes, as RFC 9068 has them.
    pub fn claims(&self, scope: &str) -> Value {
        let now = now();
        json!({
            "iss": self.identifier(), "sub": "carl.sagan", "aud": AUDIENCE, "client_id": "solar-system-app",
            "iat": now, "exp": now + 600, "jti": solar_system::oauth::random_value(), "scope": scope,
        })
    }

    /// A token that this issuer stands by: signed with its key, and called active when asked.
    pub fn issue(&self, typ: &str, claims: &Value) -> String {
        self.issue_by(Algorithm::ES256, typ, claims)
    }

    pub fn issue_by(&self, algorithm: Algorithm, typ: &str, claims: &Value) -> String {
        let header = json!({ "alg": algorithm, "typ": typ, "kid": self.keys.key_id(algorithm) });
        let token = self.keys.sign(algorithm, &header, claims);
        let mut answer = claims.clone();
        answer["active"] = true.into();
        self.known.lock().unwrap().insert(token.clone(), answer);
        token
    }

    /// A token with any header, signed with this issuer's key, of which it knows nothing.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        self.keys.sign(Algorithm::ES256, header, claims)
    }

    /// The key id of the ES256 key.
    pub fn key_id(&self) -> String {
        self.keys.key_id(Algorithm::ES256)
    }

    /// The public key, for whoever takes it for a shared secret.
    pub fn public_key(&self) -> Value {
        self.keys.public(Algorithm::RS256)
    }

    /// The same claims signed with somebody else's key.
    pub fn forged(&self, kid: &str, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid });
        self.strangers.sign(Algorithm::ES256, &header, claims)
    }
}

pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// `client_secret_basic`, with whatever encoding of its two words (RFC 6749, section 2.3.1).
fn is_client(authorization: &str) -> bool {
    let pair = authorization
        .strip_prefix("Basic ")
        .and_then(|pair| STANDARD.decode(pair).ok());
    let pair = String::from_utf8(pair.unwrap_or_default()).unwrap();
    let decoded = |text: &str| {
        let mut words = url::form_urlencoded::parse(text.as_bytes());
        words
            .next()
            .map(|(word, _)| word.into_owned())
            .unwrap_or_default()
    };
    let (id, secret) = pair.split_once(':').unwrap_or_default();
    (decoded(id).as_str(), decoded(secret).as_str()) == CLIENT
}
