//! `POST /refresh`, and new tokens for a session: one request gets them, and the others wait for it.

use super::{
    app::App,
    live::Live,
    machine::Flight,
    oidc::{self, RefreshError, SignedIn},
    posted::Posted,
    problem::{Problem, see_other},
    raw_tokens,
    refresh_page::{Refresh, RefreshOutcome},
    visit::Visit,
};
use crate::{flight::Hop, net::numbered, reason};
use axum::{extract::State, http::StatusCode, response::Response};
use std::{sync::Arc, time::Duration};

/// Where the button posts to.
pub(super) const PATH: &str = "/refresh";
/// How long before its end an access token is used no more, in seconds.
pub(super) const SPARE: i64 = 30;
/// How long what the provider answered stands before it is asked again, in seconds.
const PAUSE: i64 = 5;
/// What a refresh costs whose new tokens cannot be used.
const SPENT: &str = "; the tokens that came were given back, and the refresh token is spent, so that you authenticate again once the access token ends";
/// How long a request waits.
const PATIENCE: Duration = Duration::from_secs(6);

/// What became of a session's tokens.
pub(super) enum Renewal {
    /// There are new ones. The call, unless another request made it.
    Done(Arc<SignedIn>, Option<Hop>),
    /// Those that are there have to do.
    Kept(NoTokens),
    /// The session is over.
    Over(NoTokens),
}

/// A refresh that came to nothing.
#[derive(Clone, Debug)]
pub(super) struct NoTokens {
    /// The call, if this request made one.
    pub(super) hop: Option<Hop>,
    /// Why, as a sentence's part.
    pub(super) why: String,
}

impl NoTokens {
    pub(super) fn without_call(why: impl Into<String>) -> Self {
        let why = why.into();
        Self { hop: None, why }
    }
}

/// Gets new tokens in place of `old`, unless the session has newer ones by now.
///
/// It goes on when the caller stops waiting: an answer that nobody took would be a refresh token that is
/// spent, and none in its place.
pub(super) async fn renew(app: &App, live: &Arc<Live>, old: &Arc<SignedIn>) -> Renewal {
    let ended = live;
    let (app, live, old) = (app.clone(), Arc::clone(live), Arc::clone(old));
    let task = numbered(async move { renew_once(&app, &live, &old).await });
    let task = tokio::spawn(task);
    let renewal = match tokio::time::timeout(PATIENCE, task).await {
        Ok(Ok(renewal)) => renewal,
        Ok(Err(_)) => Renewal::Kept(NoTokens::without_call("the app failed at it")),
        Err(_) => Renewal::Kept(NoTokens::without_call(
            "the provider gave no answer that can be used within six seconds",
        )),
    };
    match renewal {
        Renewal::Kept(no_tokens) if ended.has_ended() => Renewal::Over(no_tokens),
        renewal => renewal,
    }
}

async fn renew_once(app: &App, live: &Live, old: &Arc<SignedIn>) -> Renewal {
    let mut failed_at = live.refreshing.lock().await;
    if live.has_ended() {
        return Renewal::Over(NoTokens::without_call("the session ended meanwhile"));
    }
    let current = live.person();
    if !Arc::ptr_eq(&current, old) {
        let same = current.access_token.matches(old.access_token.expose());
        return if same && current.refresh_token.is_none() {
            Renewal::Kept(NoTokens::without_call("the refresh token is spent"))
        } else {
            Renewal::Done(current, None)
        };
    }
    let now = || app.config.clock.now();
    if came_a_moment_ago(&current, now()) {
        return Renewal::Kept(NoTokens::without_call("new ones came a moment ago"));
    }
    if failed_at.is_some_and(|at| now().saturating_sub(at) < PAUSE) {
        return Renewal::Kept(NoTokens::without_call("it failed a moment ago"));
    }
    let provider = match app.directory.provider().await {
        Ok(provider) => provider,
        Err(trouble) => {
            *failed_at = Some(now());
            return Renewal::Kept(NoTokens::without_call(trouble.to_string()));
        }
    };
    let Some(refreshed) = oidc::refresh(&provider, &current).await else {
        return Renewal::Kept(NoTokens::without_call("there is no refresh token"));
    };
    let hop = refreshed.hop;
    let unused = refreshed.unused.map(Arc::new);
    let spent = unused.as_ref().is_some_and(|p| p.refresh_token.is_some());
    if let Some(unused) = unused {
        app.revoke_in_background(unused, "what a refresh brought cannot be used");
    }
    match refreshed.outcome {
        Ok(person) => {
            let person = Arc::new(person);
            if !live.renew(Arc::clone(&person)) {
                app.revoke_in_background(person, "the session ended while it was refreshed");
                let why = "the session ended meanwhile".to_owned();
                return Renewal::Over(NoTokens { hop, why });
            }
            *failed_at = None;
            tracing::info!(event = "tokens_refreshed", "a session has new tokens");
            raw_tokens::of_person(app, &person);
            Renewal::Done(person, hop)
        }
        Err(error) if error.ends_the_session() => {
            app.sessions.end(live);
            tracing::warn!(event = "session_over", %error, "a session ended at its refresh");
            app.revoke_in_background(current, "a refresh ended the session");
            let why = told(&error);
            Renewal::Over(NoTokens { hop, why })
        }
        Err(error) => {
            *failed_at = Some(now());
            if error.may_be_stale_metadata() {
                app.directory.doubt();
            }
            tracing::warn!(event = "refresh_failed", %error, spent, "a session keeps the tokens that it has");
            let mut why = told(&error);
            if spent {
                // To send it again would tell the provider that it was stolen.
                live.renew(Arc::new(current.without_refresh_token()));
                why.push_str(SPENT);
            }
            Renewal::Kept(NoTokens { hop, why })
        }
    }
}

/// Whether a refresh just brought these tokens: no other is made then, whoever asks. Those of a sign-in may be
/// refreshed at once, since a gateway may refuse them.
fn came_a_moment_ago(person: &SignedIn, now: i64) -> bool {
    let by_refresh = person.got_at != person.signed_in_at;
    by_refresh && (0..PAUSE).contains(&now.saturating_sub(person.got_at))
}

/// The provider's own words, cut, follow ours.
fn told(error: &RefreshError) -> String {
    match error {
        RefreshError::Over {
            description: Some(description),
            ..
        } => format!("{error}, and says: {description}"),
        _ => error.to_string(),
    }
}

/// Refreshes the tokens because somebody pressed the button, and shows the call.
pub(super) async fn post(State(app): State<App>, posted: Posted) -> Result<Response, Problem> {
    let visit = posted.visit;
    let live = visit.session.live();
    let person = live.map(|live| live.person());
    let (Some(live), Some(person)) = (live, person.filter(|p| p.refresh_token.is_some())) else {
        return Err(with_level(no_refresh_token(), &visit));
    };
    app.pace.refresh(&visit.browser())?;
    if came_a_moment_ago(&person, app.config.clock.now()) {
        return Ok(see_other("/")); // where the newer tokens are told of
    }
    let (hop, outcome) = match renew(&app, live, &person).await {
        Renewal::Done(_, None) => return Ok(see_other("/")),
        Renewal::Done(newer, Some(hop)) => (hop, RefreshOutcome::done(&person, &newer)),
        Renewal::Kept(NoTokens { hop, why }) => match hop {
            Some(hop) => (hop, RefreshOutcome::Kept(why)),
            None if live.person().refresh_token.is_none() => {
                // another request spent it meanwhile
                return Err(with_level(no_refresh_token(), &visit));
            }
            None => return Err(failed(&why)),
        },
        Renewal::Over(no_tokens) => return over(&app, &visit, None, no_tokens),
    };
    let flight = Refresh {
        before: None,
        hop,
        outcome,
        correlation: visit.correlation.clone(),
    };
    let flight = Flight::Refresh(Box::new(flight));
    let id = app.flights.keep(visit.owner(), flight);
    Ok(see_other(&format!("/flights/{id}")))
}

/// The session ended at a refresh. `before`: the call to the gateway that led to it.
///
/// Its cookie stays in the browser, dead: to take it back could take that of a newer sign-in.
pub(super) fn over(
    app: &App,
    visit: &Visit,
    before: Option<Hop>,
    no_tokens: NoTokens,
) -> Result<Response, Problem> {
    let NoTokens { hop, why } = no_tokens;
    let Some(hop) = hop else {
        let problem = Problem::new(StatusCode::UNAUTHORIZED, &reason::SESSION_OVER);
        return Err(with_level(problem.fact("what was seen", why), visit));
    };
    let flight = Refresh {
        before,
        hop,
        outcome: RefreshOutcome::Over(why),
        correlation: visit.correlation.clone(),
    };
    // The session that asked is no more, so its browser is shown this.
    let flight = Flight::Refresh(Box::new(flight));
    let id = app.flights.keep(visit.visitor_owner(), flight);
    Ok(see_other(&format!("/flights/{id}")))
}

/// The level that was signed in at is offered again.
fn with_level(problem: Problem, visit: &Visit) -> Problem {
    match &visit.signed_in {
        Some(person) => problem.level(&person.level),
        None => problem,
    }
}

fn no_refresh_token() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, &reason::NO_REFRESH_TOKEN)
}

fn failed(why: &str) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, &reason::REFRESH_FAILED).fact("what was seen", why)
}
