//! A scriptable OpenID provider that signs everybody in without asking.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;
use solar_system::oauth::{pkce, random_value};
use url::Url;

use super::claims::{self, Grant};
use super::{Draft, Forge, Keys, Received, Reply, Server};

/// Changes a JSON document just before it is signed or sent; by default it doesn't.
#[derive(Default)]
pub struct Edit(Option<Box<Change>>);

type Change = dyn Fn(&mut Value) + Send;

/// An [`Edit`] from a closure.
pub fn edit(change: impl Fn(&mut Value) + Send + 'static) -> Edit {
    Edit(Some(Box::new(change)))
}

impl Edit {
    pub(super) fn apply(&self, mut document: Value) -> Value {
        if let Some(change) = &self.0 {
            change(&mut document);
        }
        document
    }
}

/// A running provider.
pub struct Provider {
    pub server: Server,
    script: Arc<Mutex<Script>>,
}

/// What it does; each part can be replaced while it runs.
pub struct Script {
    /// Answers at these paths come from here and nowhere else.
    pub replies: HashMap<String, Reply>,
    pub subject: String,
    pub keys: Keys,
    /// Whether a code takes the verifier that it was asked for with.
    pub checks_pkce: bool,
    pub id_token_algorithm: Algorithm,
    /// `None` issues an opaque access token.
    pub access_token_algorithm: Option<Algorithm>,
    pub metadata: Edit,
    pub published_keys: Edit,
    /// Changes the redirect's parameters, an array of pairs.
    pub redirect: Edit,
    /// Whether ID tokens name the access token that comes along.
    pub at_hash: bool,
    pub id_token_header: Edit,
    pub id_token: Edit,
    /// What becomes of the ID token once it is drafted.
    pub id_token_forge: Forge,
    pub access_token_header: Edit,
    pub access_token: Edit,
    /// What becomes of the access token once it is drafted, unless it is opaque.
    pub access_token_forge: Forge,
    /// Changes the token answer, tokens and all.
    pub token_answer: Edit,
    pub userinfo: Edit,
    pub introspection: Edit,
    clock: Clock,
    codes: HashMap<String, Grant>,
    access_tokens: HashMap<String, Value>,
}

impl Provider {
    /// Starts one that does everything right, by this clock.
    pub fn start(clock: &Clock) -> Self {
        Self::start_at(0, clock)
    }

    /// The same on a port that is known before.
    pub fn start_at(port: u16, clock: &Clock) -> Self {
        let script = Script::right(Keys::generate(1), clock.clone());
        let script = Arc::new(Mutex::new(script));
        let answering = Arc::clone(&script);
        let server = Server::start(port, move |request| {
            answering.lock().unwrap().answer(request)
        });
        Self { server, script }
    }

    pub fn issuer(&self) -> String {
        self.server.url()
    }

    /// The clock of its tokens.
    pub fn clock(&self) -> Clock {
        self.script().clock.clone()
    }

    /// Access to everything that can be scripted; answers wait while it is held.
    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}

impl Script {
    /// A provider that does everything right.
    fn right(keys: Keys, clock: Clock) -> Self {
        Self {
            replies: HashMap::new(),
            subject: "carl.sagan".to_owned(),
            keys,
            checks_pkce: true,
            id_token_algorithm: Algorithm::RS256,
            access_token_algorithm: Some(Algorithm::ES256),
            metadata: Edit::default(),
            published_keys: Edit::default(),
            redirect: Edit::default(),
            at_hash: false,
            id_token_header: Edit::default(),
            id_token: Edit::default(),
            id_token_forge: Forge::default(),
            access_token_header: Edit::default(),
            access_token: Edit::default(),
            access_token_forge: Forge::default(),
            token_answer: Edit::default(),
            userinfo: Edit::default(),
            introspection: Edit::default(),
            clock,
            codes: HashMap::new(),
            access_tokens: HashMap::new(),
        }
    }

    /// Does everything right again. Its keys stay, and what it issued.
    pub fn behave(&mut self) {
        let right = Self::right(Keys::generate(0), self.clock.clone());
        let before = std::mem::replace(self, right);
        self.keys = before.keys;
        self.codes = before.codes;
        self.access_tokens = before.access_tokens;
    }

    /// Answers so at this path from now on, and nothing else.
    pub fn reply(&mut self, path: &str, reply: Reply) {
        self.replies.insert(path.to_owned(), reply);
    }

    /// An access token without a sign-in, for this client: it says of itself what the script says, and so
    /// does introspection.
    pub fn issue_access_token(&mut self, issuer: &str, client_id: &str, scope: &str) -> String {
        let grant = Grant {
            subject: self.subject.clone(),
            client_id: client_id.to_owned(),
            redirect_uri: String::new(),
            scope: scope.to_owned(),
            nonce: None,
            code_challenge: None,
        };
        self.access_token(issuer, &grant)
    }

    fn answer(&mut self, request: &Received) -> Reply {
        if let Some(reply) = self.replies.get(&request.path) {
            return reply.clone();
        }
        let host = request.header("host").unwrap_or_default();
        let issuer = format!("http://{host}");
        match request.path.as_str() {
            "/.well-known/openid-configuration" => {
                Reply::json(&self.metadata.apply(metadata(&issuer)))
            }
            "/keys" => Reply::json(&self.published_keys.apply(self.keys.published())),
            "/authorize" => self.authorize(&issuer, request),
            "/token" => self.token(&issuer, request),
            "/userinfo" => self.userinfo(request),
            "/introspect" => self.introspect(request),
            "/revoke" => {
                let token = request.field("token").unwrap_or_default();
                self.access_tokens.remove(&token);
                Reply::status(200)
            }
            "/logout" => Reply::html("<h1>Signed out at the scripted provider</h1>"),
            _ => Reply::status(404),
        }
    }

    fn authorize(&mut self, issuer: &str, request: &Received) -> Reply {
        let field = |name| request.field(name);
        let Some(redirect_uri) = field("redirect_uri") else {
            return Reply::status(400);
        };
        let grant = Grant {
            subject: self.subject.clone(),
            client_id: field("client_id").unwrap_or_default(),
            redirect_uri: redirect_uri.clone(),
            scope: field("scope").unwrap_or_default(),
            nonce: field("nonce"),
            code_challenge: field("code_challenge"),
        };
        let code = random_value();
        let pairs = json!([["code", code], ["state", field("state")], ["iss", issuer]]);
        self.codes.insert(code, grant);
        let pairs = self.redirect.apply(pairs);
        let mut location = Url::parse(&redirect_uri).unwrap();
        for pair in pairs.as_array().unwrap() {
            let text = |index: usize| pair[index].as_str().unwrap_or_default();
            location.query_pairs_mut().append_pair(text(0), text(1));
        }
        Reply::redirect(302, location.as_str())
    }

    fn token(&mut self, issuer: &str, request: &Received) -> Reply {
        let field = |name| request.field(name).unwrap_or_default();
        let Some(grant) = self.codes.remove(&field("code")) else {
            return refusal("invalid_grant");
        };
        let challenge = pkce::s256(&field("code_verifier"));
        let is_proven = grant.code_challenge == Some(challenge) || !self.checks_pkce;
        if !is_proven || grant.redirect_uri != field("redirect_uri") {
            return refusal("invalid_grant");
        }
        let access_token = self.access_token(issuer, &grant);
        let mut id_claims = claims::id_token(issuer, &grant, &self.clock);
        if self.at_hash {
            id_claims["at_hash"] = claims::at_hash(self.id_token_algorithm, &access_token).into();
        }
        let answer = json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": grant.scope,
            "id_token": self.sign_id_token(id_claims),
        });
        Reply::json(&self.token_answer.apply(answer)).header("Cache-Control", "no-store")
    }

    fn access_token(&mut self, issuer: &str, grant: &Grant) -> String {
        let claims = claims::access_token(issuer, grant, &self.clock);
        let claims = self.access_token.apply(claims);
        let token = match self.access_token_algorithm {
            Some(algorithm) => {
                let kid = self.keys.key_id(algorithm);
                let header = json!({ "alg": algorithm, "typ": "at+jwt", "kid": kid });
                self.access_token_forge.apply(&Draft {
                    header: self.access_token_header.apply(header),
                    claims: claims.clone(),
                    algorithm,
                    keys: &self.keys,
                })
            }
            None => random_value(),
        };
        self.access_tokens.insert(token.clone(), claims);
        token
    }

    fn sign_id_token(&self, claims: Value) -> String {
        let algorithm = self.id_token_algorithm;
        let header = json!({ "alg": algorithm, "kid": self.keys.key_id(algorithm) });
        self.id_token_forge.apply(&Draft {
            header: self.id_token_header.apply(header),
            claims: self.id_token.apply(claims),
            algorithm,
            keys: &self.keys,
        })
    }

    fn userinfo(&self, request: &Received) -> Reply {
        let presented = request.header("authorization").unwrap_or_default();
        let token = presented.trim_start_matches("Bearer ");
        match self.access_tokens.get(token) {
            Some(claims) => Reply::json(&self.userinfo.apply(json!({ "sub": claims["sub"] }))),
            None => Reply::status(401).header("WWW-Authenticate", "Bearer error=\"invalid_token\""),
        }
    }

    fn introspect(&self, request: &Received) -> Reply {
        let token = request.field("token").unwrap_or_default();
        let claims = self.access_tokens.get(&token);
        let answer = claims.map_or(json!({ "active": false }), |claims| {
            let mut answer = claims.clone();
            answer["active"] = true.into();
            answer["token_type"] = "Bearer".into();
            answer
        });
        Reply::json(&self.introspection.apply(answer))
    }
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "introspection_endpoint": format!("{issuer}/introspect"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "end_session_endpoint": format!("{issuer}/logout"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn refusal(error: &str) -> Reply {
    Reply::status(400).body("application/json", json!({ "error": error }).to_string())
}
