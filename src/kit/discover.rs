//! Gathers the facts: settings and options first, then what the issuer says of itself, then what is known
//! of issuers of its shape. Whatever is taken, it is said from where; what nobody says is asked for.

use super::{Facts, FactsError, Introspection, Kit, Refused, SignIn, Stated, keys::pem_keys};
use crate::{
    blueprint::{ClientKind, Policy},
    jose::{AccessTokenTyp, Algorithm, strict_json},
    net::{Client, UrlError, check_endpoint, check_url, http_url, join_path},
    settings::{PolicyChoice, Settings},
};
use axum::http::{Request, StatusCode};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use url::Url;

/// The longest documents that are read, in bytes.
const LONGEST: usize = 128 * 1024;

/// What the command was told, beyond the settings.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// `--policy`.
    pub policy: Option<PolicyChoice>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
    /// `--jwks-uri`.
    pub jwks_uri: Option<String>,
    /// `--introspection-endpoint`.
    pub introspection_endpoint: Option<String>,
    /// `--algorithm`.
    pub algorithm: Option<Algorithm>,
    /// `--scope-claim`.
    pub scope_claim: Option<&'static str>,
    /// `--decision`.
    pub decision: Option<String>,
    /// `--with-holes`.
    pub with_holes: bool,
}

/// Why no facts are there.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A value is missing or wrong.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// The gateway has no such policy.
    #[error(transparent)]
    Refused(#[from] Refused),
}

#[derive(Deserialize, Default)]
struct Metadata {
    issuer: String,
    jwks_uri: Option<String>,
    introspection_endpoint: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    registration_endpoint: Option<String>,
}

/// Gathers what `kit` is made from.
///
/// # Errors
/// When something is not known or wrong, or the gateway has not the policy that was asked for.
pub async fn gather(
    kit: &Kit,
    settings: &Settings,
    ask: &Ask,
    http: &Client,
) -> Result<Facts, GatherError> {
    let policy = kit.policy(ask.policy, in_force(settings))?;
    let issuer = issuer(settings);
    let metadata = metadata(&issuer.value, http).await;
    let jwks_uri = endpoint(
        &Wanted {
            what: "where the issuer's keys are",
            option: "--jwks-uri",
            told: ask.jwks_uri.as_deref(),
            announced: |metadata| metadata.jwks_uri.as_deref(),
            of_okta: "/v1/keys",
            of_keycloak: "/protocol/openid-connect/certs",
        },
        &issuer.value,
        metadata.as_ref(),
    )?;
    let introspection = match policy {
        PolicyChoice::Jwt => None,
        PolicyChoice::Introspection => Some(Introspection {
            endpoint: endpoint(
                &Wanted {
                    what: "where to ask about tokens",
                    option: "--introspection-endpoint",
                    told: ask.introspection_endpoint.as_deref(),
                    announced: |metadata| metadata.introspection_endpoint.as_deref(),
                    of_okta: "/v1/introspect",
                    of_keycloak: "/protocol/openid-connect/token/introspect",
                },
                &issuer.value,
                metadata.as_ref(),
            )?,
            client_id: introspecting_client(settings)?,
        }),
    };
    let sign_in = sign_in(&issuer.value, metadata.as_ref());
    let keys = fetch(&jwks_uri.value, http)
        .await
        .and_then(|body| pem_keys(&body).map_err(|why| format!("{}: {why}", jwks_uri.value)));
    let foreign = settings.issuer.is_some();
    let default_typ = if foreign {
        AccessTokenTyp::Any
    } else {
        AccessTokenTyp::AtJwt
    };
    Ok(Facts {
        policy,
        jwks_uri,
        introspection,
        sign_in,
        audience: Stated::new(
            settings.audience.clone(),
            if settings.audience_is_set {
                "AUDIENCE"
            } else {
                "the blueprint"
            },
        ),
        algorithms: algorithms(settings, ask),
        scope_claim: scope_claim(&issuer.value, ask),
        typ: settings.gateway.typ.unwrap_or(default_typ),
        clients: settings.blueprint.gateway.clients.clone(),
        rules: Policy::of(&settings.blueprint),
        upstream: upstream(settings)?,
        listen: listen(settings, ask),
        decision: decision(settings, ask),
        with_holes: ask.with_holes,
        extra_roots: settings.extra_roots.clone(),
        keys,
        issuer,
    })
}

/// The policy that `GATEWAY_POLICY` names, or that follows from whether there is a client for it.
fn in_force(settings: &Settings) -> PolicyChoice {
    settings
        .gateway
        .policy
        .unwrap_or(if settings.gateway.introspection.is_some() {
            PolicyChoice::Introspection
        } else {
            PolicyChoice::Jwt
        })
}

fn algorithms(settings: &Settings, ask: &Ask) -> Vec<Algorithm> {
    if let Some(algorithm) = ask.algorithm {
        return vec![algorithm];
    }
    if settings.issuer.is_none() {
        return vec![settings.idp.access_token_algorithm];
    }
    // EdDSA is left out: half of the gateways take no key set that names it
    vec![
        Algorithm::Rs256,
        Algorithm::Es256,
        Algorithm::Ps256,
        Algorithm::Es384,
    ]
}

/// RFC 9068 has `scope`, Okta `scp`.
fn scope_claim(issuer: &str, ask: &Ask) -> Stated<&'static str> {
    if let Some(claim) = ask.scope_claim {
        return Stated::new(claim, "--scope-claim");
    }
    let host = Url::parse(issuer)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    match host {
        Some(host) if host.ends_with(".okta.com") || host.ends_with(".oktapreview.com") => {
            Stated::new("scp", "the issuer's host, which is Okta's")
        }
        _ => Stated::new("scope", "RFC 9068"),
    }
}

fn issuer(settings: &Settings) -> Stated<String> {
    match &settings.issuer {
        Some(issuer) => Stated::new(issuer.clone(), "ISSUER"),
        None => Stated::new(
            http_url(&settings.idp.host, settings.idp.port) + "/oauth2/default",
            "the embedded provider, where IDP_HOST and IDP_PORT put it",
        ),
    }
}

/// What is not announced, and not to be known from the issuer's shape, is left out: few kits need it.
fn sign_in(issuer: &str, metadata: Result<&Metadata, &String>) -> SignIn {
    let wanted = |announced, of_okta, of_keycloak| Wanted {
        what: "an endpoint",
        option: "",
        told: None,
        announced,
        of_okta,
        of_keycloak,
    };
    let known = |wanted: Wanted<'_>| endpoint(&wanted, issuer, metadata).ok();
    let registration = metadata.ok().and_then(|metadata| {
        let url = check_endpoint(issuer, metadata.registration_endpoint.as_deref()?).ok()?;
        Some(Stated::new(url, "the issuer's discovery document"))
    });
    SignIn {
        authorization: known(wanted(
            |metadata| metadata.authorization_endpoint.as_deref(),
            "/v1/authorize",
            "/protocol/openid-connect/auth",
        )),
        token: known(wanted(
            |metadata| metadata.token_endpoint.as_deref(),
            "/v1/token",
            "/protocol/openid-connect/token",
        )),
        registration,
    }
}

struct Wanted<'a> {
    what: &'static str,
    option: &'static str,
    told: Option<&'a str>,
    announced: fn(&Metadata) -> Option<&str>,
    of_okta: &'static str,
    of_keycloak: &'static str,
}

fn endpoint(
    wanted: &Wanted<'_>,
    issuer: &str,
    metadata: Result<&Metadata, &String>,
) -> Result<Stated<Url>, FactsError> {
    let checked = |url: Result<Url, UrlError>, text: &str, from: &str| {
        let wrong = |error| FactsError::Wrong(format!("{text:?}, from {from}: {error}"));
        Ok(Stated::new(url.map_err(wrong)?, from))
    };
    if let Some(told) = wanted.told {
        return checked(check_url(told), told, wanted.option);
    }
    let why = match metadata {
        Ok(metadata) => match (wanted.announced)(metadata) {
            Some(announced) => {
                let from = "the issuer's discovery document";
                return checked(check_endpoint(issuer, announced), announced, from);
            }
            None => "the issuer's discovery document does not say it".to_owned(),
        },
        Err(why) => why.clone(),
    };
    let base =
        check_url(issuer).map_err(|error| FactsError::Wrong(format!("{issuer:?}: {error}")))?;
    let (shape, path) = match shape(&base) {
        Some(Shape::Okta) if metadata.is_err() => ("Okta", wanted.of_okta),
        Some(Shape::Keycloak) if metadata.is_err() => ("Keycloak", wanted.of_keycloak),
        _ => {
            return Err(FactsError::NotKnown {
                what: wanted.what,
                why,
                option: wanted.option,
            });
        }
    };
    let from = format!("the shape of {shape}'s issuers, since discovery gave nothing ({why})");
    Ok(Stated::new(join_path(&base, path), from))
}

enum Shape {
    Okta,
    Keycloak,
}

fn shape(issuer: &Url) -> Option<Shape> {
    let parts: Vec<&str> = issuer.path_segments()?.collect();
    match parts.as_slice() {
        [.., "oauth2", name] if !name.is_empty() => Some(Shape::Okta),
        [.., "realms", name] if !name.is_empty() => Some(Shape::Keycloak),
        _ => None,
    }
}

async fn metadata(issuer: &str, http: &Client) -> Result<Metadata, String> {
    let base = check_url(issuer).map_err(|error| error.to_string())?;
    let url = join_path(&base, "/.well-known/openid-configuration");
    let body = fetch(&url, http).await?;
    let metadata: Metadata =
        strict_json::object_from_slice(&body).map_err(|error| format!("{url}: {error}"))?;
    if metadata.issuer == issuer {
        return Ok(metadata);
    }
    Err(format!("{url} is of another issuer"))
}

async fn fetch(url: &Url, http: &Client) -> Result<Vec<u8>, String> {
    let request = Request::get(url.as_str())
        .header("accept", "application/json")
        .body(Vec::new())
        .map_err(|error| format!("{url}: {error}"))?;
    let answer = http.send(request, LONGEST).await;
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status() != StatusCode::OK {
        return Err(format!("{url} answered {}", answer.status()));
    }
    Ok(answer.into_body().to_vec())
}

/// `INTROSPECT_CLIENT_ID`, or the blueprint's where the embedded provider knows it.
fn introspecting_client(settings: &Settings) -> Result<Stated<String>, FactsError> {
    if let Some(client) = &settings.gateway.introspection {
        return Ok(Stated::new(
            client.client_id.clone(),
            "INTROSPECT_CLIENT_ID",
        ));
    }
    let known = settings.issuer.is_none();
    let mut clients = settings.blueprint.clients.iter().filter(|_| known);
    match clients.find(|client| client.kind == ClientKind::Introspection) {
        Some(client) => Ok(Stated::new(client.id.clone(), "the blueprint")),
        None => Err(FactsError::Wrong(
            "INTROSPECT_CLIENT_ID is needed for introspection: the gateway's own client at the provider"
                .to_owned(),
        )),
    }
}

fn upstream(settings: &Settings) -> Result<Stated<Url>, FactsError> {
    if let Some(url) = &settings.gateway.api_uri {
        return Ok(Stated::new(url.clone(), "API_URI"));
    }
    let text = http_url(&settings.api.host, settings.api.port);
    let url = check_url(&text).map_err(|error| {
        FactsError::Wrong(format!(
            "API_URI is not set, and API_HOST and API_PORT make {text}: {error}"
        ))
    })?;
    Ok(Stated::new(
        url,
        "the embedded API, where API_HOST and API_PORT put it",
    ))
}

/// Where the embedded gateway says whether a request may pass.
fn decision(settings: &Settings, ask: &Ask) -> Result<Stated<Url>, String> {
    let (text, from) = match &ask.decision {
        Some(told) => (told.clone(), "--decision"),
        None => (
            http_url(&settings.gateway.host, settings.gateway.port) + "/decision",
            "where GATEWAY_HOST and GATEWAY_PORT put the gateway",
        ),
    };
    let checked = check_url(&text).map_err(|error| format!("{text:?}, from {from}: {error}"));
    Ok(Stated::new(checked?, from))
}

fn listen(settings: &Settings, ask: &Ask) -> Stated<SocketAddr> {
    if let Some(address) = ask.listen {
        return Stated::new(address, "--listen");
    }
    let port = settings.gateway.port;
    let host = settings.gateway.host.trim_matches(['[', ']']);
    // a name, such as localhost, stands for loopback: --listen says another address
    let address = host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    Stated::new(
        SocketAddr::new(address, port),
        "where GATEWAY_HOST and GATEWAY_PORT put the gateway",
    )
}
