//! `POST /machine/{resource}`: the machine gets a token for itself, and asks the gateway with it.
//!
//! Its token is kept until shortly before it ends, so that a press of a button is no call to the token
//! endpoint for whoever presses it again and again. It touches no session, and no session's token is looked at.

use super::{
    app::App,
    gateway::{self, Detours},
    posted::Posted,
    problem::{Problem, see_other},
    raw_tokens,
    refresh_page::Refresh,
    show_me::{Granted, Shown},
};
use crate::{
    blueprint::{Client, ClientKind, Resource},
    calls::{Caller, ClientAuthentication, Machine, Minted, Outcome, TokenRefusal, ask_for_token},
    finding::Finding,
    flight::{Hop, Weight},
    jose::Inspected,
    oauth::Scopes,
    reason,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use url::Url;

/// What is kept of a press of a button, for its page.
#[derive(Clone, Debug)]
pub(super) enum Flight {
    /// The gateway was asked.
    Gateway(Box<Shown>),
    /// The machine got no token to ask it with.
    NoToken(Box<NoToken>),
    /// New tokens were asked for.
    Refresh(Box<Refresh>),
    /// The checks of the whole setup were run.
    Examination(Vec<Finding>),
}

/// A token call that led nowhere.
#[derive(Clone, Debug)]
pub(super) struct NoToken {
    pub(super) resource: String,
    pub(super) hop: Hop,
    pub(super) refusal: TokenRefusal,
    pub(super) asked: Scopes,
    pub(super) correlation: String,
}

/// The machine's token, and the call that brought it.
#[derive(Clone)]
pub(super) struct Held {
    minted: Minted,
    hop: Hop,
    got: i64,
}

/// How long before its end a token is used no more, in seconds.
const SPARE: i64 = 30;

/// A token call that led to a token, which is not in it.
#[derive(Clone, Debug)]
pub(super) struct TokenStep {
    pub(super) hop: Hop,
    /// Header and claims; `None` when it is opaque.
    pub(super) inside: Option<Inspected>,
    /// When the token was got, and when it ends.
    pub(super) life: (i64, Option<i64>),
    pub(super) granted: Scopes,
    /// Whether an earlier request had got it.
    pub(super) reused: bool,
}

/// Asks the token endpoint, unless a token is at hand, and the gateway once, and keeps the flight for its browser.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Problem> {
    let visit = posted.visit;
    let no_such = || Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_PAGE);
    let resource = resources(&app).find(|resource| resource.name == name);
    let (Some(resource), Some(machine)) = (resource, &app.config.machine) else {
        return Err(no_such());
    };
    let provider = app.directory.provider().await.map_err(|trouble| {
        Problem::new(StatusCode::BAD_GATEWAY, &reason::PROVIDER_UNREACHABLE)
            .fact("what was seen", trouble.to_string())
    })?;
    let authentication = if provider.metadata.client_secret_post {
        ClientAuthentication::Post
    } else {
        ClientAuthentication::Basic
    };
    let endpoint = &provider.metadata.token_endpoint;
    let (call, reused) = token(&app, endpoint, authentication, machine).await;
    tracing::info!(
        event = "machine",
        resource = name,
        token = call.is_ok(),
        reused,
        "asked for a token as the machine"
    );
    let (asked, correlation) = (machine.scopes.clone(), visit.correlation.clone());
    let flight = match call {
        Err((hop, refusal)) => Flight::NoToken(Box::new(NoToken {
            resource: name,
            hop,
            refusal,
            asked,
            correlation,
        })),
        Ok(held) => {
            let token = &held.minted.access_token;
            let (hop, outcome) = gateway::ask(&app, resource, Some(token)).await;
            if matches!(outcome, Outcome::Unauthorized) {
                *app.machine_token.lock().await = None; // the next press asks for another
            }
            Flight::Gateway(Box::new(Shown {
                resource: name,
                hop,
                outcome,
                caller: Caller::Machine,
                granted: Some(Granted {
                    asked,
                    granted: held.minted.granted.clone(),
                }),
                token: Some(TokenStep::of(held, reused)),
                detours: Detours::default(),
                correlation,
            }))
        }
    };
    let id = app.flights.keep(visit.owner(), flight);
    Ok(see_other(&format!("/flights/{id}")))
}

/// The token at hand, and `true`; else what the token endpoint says. One asks, and the others wait.
async fn token(
    app: &App,
    endpoint: &Url,
    authentication: ClientAuthentication,
    machine: &Machine,
) -> (Result<Held, (Hop, TokenRefusal)>, bool) {
    let mut kept = app.machine_token.lock().await;
    let soon = app.config.clock.now().saturating_add(SPARE);
    let usable = |held: &&Held| held.ends().is_some_and(|ends| ends > soon);
    if let Some(held) = kept.as_ref().filter(usable) {
        return (Ok(held.clone()), true);
    }
    let call = ask_for_token(&app.config.http, endpoint, authentication, machine).await;
    let got = app.config.clock.now();
    let hop = call.hop;
    let held = match call.outcome {
        Ok(minted) => {
            raw_tokens::of_machine(app, &minted.access_token);
            Ok(Held { minted, hop, got })
        }
        Err(refusal) => Err((hop, refusal)),
    };
    *kept = held.as_ref().ok().cloned();
    (held, false)
}

/// The blueprint's machine.
pub(super) fn client(app: &App) -> Option<&Client> {
    let mut clients = app.config.blueprint.clients.iter();
    clients.find(|client| client.kind == ClientKind::Machine)
}

/// What the machine's scopes open, and nothing else: the fixed list that it asks for.
pub(super) fn resources(app: &App) -> impl Iterator<Item = &Resource> {
    let scopes = client(app).map(|client| client.scopes.clone());
    let scopes = scopes.unwrap_or_default();
    app.config
        .blueprint
        .resources
        .iter()
        .filter(move |resource| {
            let needed = App::needed(resource);
            !needed.is_empty() && scopes.contains_all(&needed)
        })
}

impl Held {
    /// When the token ends, as far as it is known.
    fn ends(&self) -> Option<i64> {
        let claimed = |inside: &Inspected| inside.claims.get("exp")?.as_i64();
        let said = self.minted.expires_in;
        let ends = said.map(|seconds| self.got.saturating_add(seconds));
        ends.or_else(|| self.minted.inside.as_ref().and_then(claimed))
    }
}

impl TokenStep {
    fn of(held: Held, reused: bool) -> Self {
        Self {
            life: (held.got, held.ends()),
            hop: held.hop,
            inside: held.minted.inside,
            granted: held.minted.granted,
            reused,
        }
    }

    pub(super) fn weight(&self) -> usize {
        let inside = self.inside.as_ref().map_or(0, |inside| {
            let size = |members: &serde_json::Map<_, _>| {
                let members = members.iter();
                members
                    .map(|(name, value): (&String, &serde_json::Value)| {
                        name.len() + value.to_string().len() + 64
                    })
                    .sum::<usize>()
            };
            size(&inside.header) + size(&inside.claims)
        });
        self.hop.weight() + inside
    }
}

impl Weight for Flight {
    fn weight(&self) -> usize {
        match self {
            Self::Gateway(shown) => shown.weight(),
            Self::NoToken(call) => call.hop.weight() + 1024,
            Self::Refresh(refresh) => refresh.weight(),
            Self::Examination(findings) => findings.iter().map(Finding::weight).sum(),
        }
    }
}
