//! `POST /show-me/{resource}`: asks the gateway, and shows the flight.

use super::{
    app::App,
    gateway::{self, Asked, Detours, Outcome, SessionOver},
    machine::{Flight, TokenStep},
    posted::Posted,
    problem::{Problem, see_other},
    refresh,
};
use crate::{
    calls::Caller,
    flight::{Hop, Weight},
    oauth::Scopes,
    reason,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

/// What a show-me left behind. It holds no token.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) resource: String,
    pub(super) hop: Hop,
    pub(super) outcome: Outcome,
    /// On whose behalf it was asked.
    pub(super) caller: Caller,
    /// What the token was asked for with, and what it got; `None` when there was none.
    pub(super) granted: Option<Granted>,
    /// The call before it, that got the machine its token.
    pub(super) token: Option<TokenStep>,
    /// Calls for new tokens of a session.
    pub(super) detours: Detours,
    pub(super) correlation: String,
}

/// What a token was asked for with, and what it got.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) asked: Scopes,
    pub(super) granted: Scopes,
}

/// Asks with the session's access token if there is one, and keeps the flight for its browser.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Problem> {
    let visit = posted.visit;
    let resource = app.config.blueprint.resource(&name);
    let resource =
        resource.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_PAGE))?;
    let live = visit.session.live();
    tracing::info!(
        event = "show_me",
        resource = name,
        signed_in = live.is_some(),
        "asks the gateway"
    );
    let correlation = visit.correlation.clone();
    let shown = match live {
        None => {
            let (hop, outcome) = gateway::ask(&app, resource, None).await;
            Shown::of_nobody(name, hop, outcome, correlation)
        }
        Some(live) => match gateway::ask_for(&app, resource, live).await {
            Ok(asked) => Shown::of_person(name, asked, correlation),
            Err(SessionOver { refused, no_tokens }) => {
                return refresh::over(&app, &visit, refused, no_tokens);
            }
        },
    };
    let id = app
        .flights
        .keep(visit.owner(), Flight::Gateway(Box::new(shown)));
    Ok(see_other(&format!("/flights/{id}")))
}

impl Shown {
    fn of_nobody(resource: String, hop: Hop, outcome: Outcome, correlation: String) -> Self {
        Self {
            resource,
            hop,
            outcome,
            caller: Caller::Nobody,
            granted: None,
            token: None,
            detours: Detours::default(),
            correlation,
        }
    }

    fn of_person(resource: String, asked: Asked, correlation: String) -> Self {
        let granted = Granted {
            asked: asked.person.asked.clone(),
            granted: asked.person.granted.clone(),
        };
        Self {
            caller: Caller::Person,
            granted: Some(granted),
            detours: asked.detours,
            ..Self::of_nobody(resource, asked.hop, asked.outcome, correlation)
        }
    }
}

impl Weight for Shown {
    fn weight(&self) -> usize {
        let list = match &self.outcome {
            Outcome::List(names) => names.iter().map(|name| name.len() + 24).sum(),
            _ => 64,
        };
        let token = self.token.as_ref().map_or(0, TokenStep::weight);
        self.hop.weight() + list + token + self.detours.weight() + 512
    }
}
