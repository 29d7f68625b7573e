//! `POST /show-me/{resource}`: asks the gateway, and shows the flight.

use super::{
    app::App,
    gateway::{self, Outcome},
    machine::{Flight, TokenStep},
    posted::Posted,
    problem::{Problem, see_other},
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
    pub(super) correlation: String,
}

/// What a token was asked for with, and what it got.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) asked: Scopes,
    pub(super) granted: Scopes,
}

/// Asks once, with the session's access token if there is one, and keeps the flight for its browser.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Problem> {
    let visit = posted.visit;
    let resource = app.config.blueprint.resource(&name);
    let resource =
        resource.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_PAGE))?;
    let signed_in = visit.signed_in.as_deref();
    let access_token = signed_in.map(|signed_in| &signed_in.access_token);
    let (hop, outcome) = gateway::ask(&app, resource, access_token).await;
    tracing::info!(
        event = "show_me",
        resource = name,
        signed_in = signed_in.is_some(),
        correlation = visit.correlation,
        "asked the gateway"
    );
    let shown = Shown {
        resource: name,
        hop,
        outcome,
        caller: match signed_in {
            Some(_) => Caller::Person,
            None => Caller::Nobody,
        },
        granted: signed_in.map(|signed_in| Granted {
            asked: signed_in.asked.clone(),
            granted: signed_in.granted.clone(),
        }),
        token: None,
        correlation: visit.correlation.clone(),
    };
    let id = app
        .flights
        .keep(visit.owner(), Flight::Gateway(Box::new(shown)));
    Ok(see_other(&format!("/flights/{id}")))
}

impl Weight for Shown {
    fn weight(&self) -> usize {
        let list = match &self.outcome {
            Outcome::List(names) => names.iter().map(|name| name.len() + 24).sum(),
            _ => 64,
        };
        let token = self.token.as_ref().map_or(0, TokenStep::weight);
        self.hop.weight() + list + token + 512
    }
}
