//! A gateway of our own that follows the default blueprint in all but what a test spoils.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use solar_system::blueprint::{Blueprint, Takes};
use solar_system::clock::Clock;
use solar_system::jose::{
    AccessTokenRules, AccessTokenTyp, Algorithm, KeySet, inspect, verify_access_token,
};

use crate::misbehaving::{Received, Reply, Server};

/// The one thing that a gateway does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Whoever has one scope more than what is needed is locked out.
    ScopeEquality,
    /// `is the moons and has the scope, or has any other path`: the brackets are missing.
    UnbalancedCondition,
    /// The signature and the claims are checked, and scopes are not.
    NoScope,
    ScopeInPart,
    ScopeWithoutCase,
    AnyAudience,
    AnyIssuer,
    ExpirySkipped,
    ExpiryOptional,
    NotBeforeSkipped,
    /// The key that names the scopes is misspelt in the configuration, which nobody tells.
    MisspeltKey,
    /// The key that protects the route is.
    MisspeltRoute,
    /// What is needed stands in a variable, which is empty again once the subrequest has begun.
    SharedVariable,
    AlgNone,
    AlgNoneInAnyCase,
    Hmac,
    NoSignature,
    KeyFromTheHeader,
    CriticalIgnored,
    IdToken,
    RefreshToken,
    TokenInTheQuery,
    SecondHeader,
    SchemeWithCase,
    RevokedTaken,
    AnyClient,
    UnnamedPath,
    Prefix,
    Decoding,
    TrailingSlash,
    PathWithoutCase,
    AnyMethod,
    OriginalUrl,
    IdentityPassed,
    TokenPassed,
    Always401,
    NoChallenge,
    ChallengeWithoutScope,
    Forbidden404,
    OpenIsClosed,
    Broken,
}

/// What the scripted gateway knows.
#[derive(Clone)]
pub struct World {
    pub blueprint: Blueprint,
    pub issuer: String,
    /// The issuer's key as it is published, with its secret's would-be form.
    pub public: Value,
    pub pem: String,
    /// Tokens that the issuer revoked.
    pub revoked: std::sync::Arc<dyn Fn(&str) -> bool + Send + Sync>,
    /// Where the API is; without one the gateway answers itself.
    pub api: Option<u16>,
    pub clock: Clock,
}

pub fn start(world: World, fault: Fault) -> Server {
    Server::start(0, move |request| {
        Gate {
            world: &world,
            fault,
        }
        .answer(request)
    })
}

struct Gate<'a> {
    world: &'a World,
    fault: Fault,
}

/// Why somebody is not let in.
enum No {
    Status(u16),
    Needed,
    Invalid,
    Client,
    Scope(String),
}

impl Gate<'_> {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn answer(&self, request: &Received) -> Reply {
        if self.is(Fault::Broken) {
            return Reply::status(502);
        }
        match self.judge(request) {
            Ok((place, path)) => self.forward(request, place, &path),
            Err(no) => self.refuse(&no),
        }
    }

    fn refuse(&self, no: &No) -> Reply {
        let (status, challenge) = match no {
            No::Status(status) => (*status, None),
            No::Needed => (401, Some("Bearer realm=\"test\"".to_owned())),
            No::Invalid => (401, Some("Bearer error=\"invalid_token\"".to_owned())),
            No::Client => (403, None),
            No::Scope(_) if self.is(Fault::Always401) => {
                (401, Some("Bearer error=\"invalid_token\"".to_owned()))
            }
            No::Scope(_) if self.is(Fault::Forbidden404) => (404, None),
            No::Scope(_) if self.is(Fault::ChallengeWithoutScope) => {
                (403, Some("Bearer error=\"insufficient_scope\"".to_owned()))
            }
            No::Scope(scope) => (
                403,
                Some(format!(
                    "Bearer error=\"insufficient_scope\", scope=\"{scope}\""
                )),
            ),
        };
        let reply = Reply::status(status).body("application/json", "{\"error\":\"no\"}");
        match challenge.filter(|_| !self.is(Fault::NoChallenge)) {
            Some(challenge) => reply.header("WWW-Authenticate", &challenge),
            None => reply,
        }
    }

    /// Which resource may be handed out, and by which path it is asked for.
    fn judge(&self, request: &Received) -> Result<(usize, String), No> {
        let mut path = request.path.clone();
        if self.is(Fault::OriginalUrl)
            && let Some(other) = request.header("x-original-url")
        {
            // the rule was looked up by the path of the request line, the API is asked for another
            self.permit(request, self.find(&path).ok_or(No::Status(404))?)?;
            path = other;
            return Ok((self.find(&path).ok_or(No::Status(404))?, path));
        }
        // looked up as it is, and decoded afterwards
        if self.is(Fault::Decoding)
            && self.find(&path).is_none()
            && let Some(hidden) = self.find(&path.replace("%6d", "m").replace("%70", "p"))
        {
            return Ok((hidden, path));
        }
        if self.is(Fault::Prefix)
            && let Some(rest) = path.strip_prefix("/visitors/")
            && let Some(hidden) = rest.rsplit('/').next()
            && let Some(place) = self.find(&format!("/{hidden}"))
        {
            return Ok((place, path)); // an open prefix, and an API that resolves dots
        }
        let place = self.find(&path);
        let Some(place) = place else {
            return if self.is(Fault::UnnamedPath) {
                Ok((0, path))
            } else {
                Err(No::Status(404))
            };
        };
        if request.method != "GET" && request.method != "HEAD" && !self.is(Fault::AnyMethod) {
            return Err(No::Status(405));
        }
        self.permit(request, place)?;
        Ok((place, path))
    }

    fn find(&self, path: &str) -> Option<usize> {
        let resources = &self.world.blueprint.resources;
        let bare = if self.is(Fault::TrailingSlash) {
            path.trim_end_matches('/').to_owned()
        } else {
            path.to_owned()
        };
        resources.iter().position(|resource| {
            let same = resource.path == bare;
            same || self.is(Fault::PathWithoutCase) && resource.path.eq_ignore_ascii_case(&bare)
        })
    }

    fn permit(&self, request: &Received, place: usize) -> Result<(), No> {
        let resource = &self.world.blueprint.resources[place];
        // Spelt otherwise, the rule is not found: the oldest mistake there is.
        let by_another_name =
            resource.path != request.path && request.header("x-original-url").is_none();
        if by_another_name && (self.is(Fault::TrailingSlash) || self.is(Fault::PathWithoutCase)) {
            return Ok(());
        }
        let needed = match &resource.takes {
            Takes::Open if self.is(Fault::OpenIsClosed) => None,
            Takes::Open => return Ok(()),
            Takes::AnyToken => None,
            Takes::Scopes(scopes) => Some(scopes.to_string()),
        };
        if self.is(Fault::MisspeltRoute) && resource.path == "/moons" {
            return Ok(());
        }
        if self.is(Fault::UnbalancedCondition) && resource.path == "/moons" {
            return Ok(()); // … and has the scope, or (always)
        }
        let claims = self.claims(request)?;
        let clients = &self.world.blueprint.gateway.clients;
        let client = claims["client_id"].as_str().unwrap_or_default();
        let known = clients.is_empty() || clients.iter().any(|known| known == client);
        if !known && !matches!(self.fault, Fault::AnyClient | Fault::IdToken) {
            return Err(No::Client);
        }
        let Some(needed) = needed else { return Ok(()) };
        if self.has(&claims, &needed, &resource.path) {
            Ok(())
        } else {
            Err(No::Scope(needed))
        }
    }

    fn has(&self, claims: &Value, needed: &str, path: &str) -> bool {
        let text = claims["scope"].as_str().unwrap_or_default();
        let names: Vec<&str> = text.split(' ').collect();
        match self.fault {
            // The variable that held what is needed is empty again: nothing is.
            Fault::NoScope | Fault::SharedVariable => true,
            Fault::MisspeltKey => path == "/moons" || names.contains(&needed),
            Fault::ScopeInPart => text.contains(needed),
            Fault::ScopeWithoutCase => names.iter().any(|name| name.eq_ignore_ascii_case(needed)),
            Fault::ScopeEquality => {
                let beside: Vec<&&str> = names.iter().filter(|name| **name != "openid").collect();
                beside == [&needed]
            }
            _ => names.contains(&needed),
        }
    }

    /// The claims of the token, if it is a good one.
    fn claims(&self, request: &Received) -> Result<Value, No> {
        let headers: Vec<&String> = request
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            .map(|(_, value)| value)
            .collect();
        let in_query = request.field("access_token");
        if in_query.is_some() && !self.is(Fault::TokenInTheQuery) {
            return Err(No::Status(400));
        }
        if headers.len() > 1 && !self.is(Fault::SecondHeader) {
            return Err(No::Status(400));
        }
        let of_header = headers.last().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            let fits = if self.is(Fault::SchemeWithCase) {
                scheme == "Bearer"
            } else {
                scheme.eq_ignore_ascii_case("bearer")
            };
            fits.then(|| token.to_owned())
        });
        let token = of_header.or(in_query).ok_or(No::Needed)?;
        if (self.world.revoked)(&token) && !self.is(Fault::RevokedTaken) {
            return Err(No::Invalid);
        }
        self.verified(&token).ok_or(No::Invalid)
    }

    fn verified(&self, token: &str) -> Option<Value> {
        let inside = inspect(token)?;
        let header = |name: &str| {
            inside
                .header
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let claims = Value::Object(inside.claims.clone());
        let alg = header("alg");
        let unsigned = match self.fault {
            Fault::NoSignature => true,
            Fault::AlgNone => alg == "none",
            Fault::AlgNoneInAnyCase => alg.eq_ignore_ascii_case("none") && alg != "none",
            Fault::Hmac => alg == "HS256" && self.hmac_fits(token),
            Fault::KeyFromTheHeader => inside.header.contains_key("jwk"),
            _ => false,
        };
        if unsigned {
            return Some(claims);
        }
        let signed = self.signature_holds(token)?;
        let lenient = self.lenient(&inside.header, &inside.claims);
        (signed && lenient).then_some(claims)
    }

    /// Whether the signature is the issuer's.
    fn signature_holds(&self, token: &str) -> Option<bool> {
        let key = jsonwebtoken::DecodingKey::from_jwk(
            &serde_json::from_value(self.world.public.clone()).ok()?,
        )
        .ok()?;
        let (signed, signature) = token.rsplit_once('.')?;
        jsonwebtoken::crypto::verify(
            signature,
            signed.as_bytes(),
            &key,
            jsonwebtoken::Algorithm::ES256,
        )
        .ok()
    }

    fn lenient(
        &self,
        header: &serde_json::Map<String, Value>,
        claims: &serde_json::Map<String, Value>,
    ) -> bool {
        let now = self.world.clock.now();
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let time = |name: &str| claims.get(name).and_then(Value::as_i64);
        let typ = header
            .get("typ")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let refresh = text("typ") == Some("Refresh");
        let kind = typ == "at+jwt"
            || refresh && self.is(Fault::RefreshToken)
            || claims.contains_key("nonce") && self.is(Fault::IdToken);
        let audience = text("aud") == Some(&self.world.blueprint.api.audience)
            || matches!(
                self.fault,
                Fault::AnyAudience | Fault::IdToken | Fault::RefreshToken
            );
        let expiry = match time("exp") {
            Some(end) => now < end || self.is(Fault::ExpirySkipped),
            None => matches!(self.fault, Fault::ExpirySkipped | Fault::ExpiryOptional),
        };
        kind && audience
            && expiry
            && (text("iss") == Some(&self.world.issuer) || self.is(Fault::AnyIssuer))
            && (time("nbf").is_none_or(|begin| begin <= now) || self.is(Fault::NotBeforeSkipped))
            && (!header.contains_key("crit") || self.is(Fault::CriticalIgnored))
    }

    fn hmac_fits(&self, token: &str) -> bool {
        let secret = jsonwebtoken::DecodingKey::from_secret(self.world.pem.as_bytes());
        token.rsplit_once('.').is_some_and(|(signed, signature)| {
            let alg = jsonwebtoken::Algorithm::HS256;
            jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &secret, alg)
                .unwrap_or(false)
        })
    }

    /// Hands out the resource, or what the API says.
    fn forward(&self, request: &Received, place: usize, path: &str) -> Reply {
        let answer = json!(self.world.blueprint.resources[place].answer);
        let Some(port) = self.world.api else {
            return Reply::json(&answer);
        };
        let mut head = format!(
            "{} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
            request.method
        );
        for (name, value) in &request.headers {
            let kept = match name.to_ascii_lowercase().as_str() {
                "accept" => true,
                "authorization" => self.is(Fault::TokenPassed),
                name if name.starts_with("x-") || name == "remote-user" => {
                    self.is(Fault::IdentityPassed)
                }
                _ => false,
            };
            if kept {
                let _ = write!(head, "{name}: {value}\r\n");
            }
        }
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all((head + "\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Reply::raw(&bytes)
    }
}

/// The strict verifier of the house agrees with the scripted gateway about good tokens: the yes beside
/// every no.
pub fn strictly_good(world: &World, token: &str) -> bool {
    let set = json!({ "keys": [world.public] }).to_string();
    let keys = KeySet::parse(set.as_bytes()).unwrap();
    let rules = AccessTokenRules {
        issuer: &world.issuer,
        audience: &world.blueprint.api.audience,
        algorithms: &[Algorithm::Es256],
        typ: AccessTokenTyp::AtJwt,
        leeway: 60,
    };
    verify_access_token(token, &keys, &rules, world.clock.now()).is_ok()
}
