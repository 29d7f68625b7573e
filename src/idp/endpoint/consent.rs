//! `/signin/{pending}/consent`: asks the person what a client may do, and takes the answer.

use super::{
    authorize::answer_client,
    sign_in::{cannot_go_on, find, to_the_app},
};
use crate::{
    idp::{
        Idp,
        answer::{ReadBody, foreign_form, origin_of, page, posted, unreadable},
        consent::lives,
        cookies,
        here::Here,
        page::ConsentPage,
        pending::{Pending, PendingProblem},
        sessions::Session,
    },
    oauth::constant_time_eq,
};
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::Arc;

/// The page of a sign-in.
pub(super) fn path(id: &str) -> String {
    format!("/signin/{id}/consent")
}

/// Shows client, scopes and life. What is asked lies here, and not in the form.
pub(crate) async fn get(
    State(idp): State<Arc<Idp>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let (id, pending, here) = match find(&idp, id, &headers) {
        Ok(found) => found,
        Err(problem) => return cannot_go_on(&idp, problem),
    };
    if !pending.waits_for_consent() && pending.is_finished() {
        return to_the_app(&pending); // the back button, after the answer
    }
    let Some((cookie, session)) = asked_session(&here, &pending, &headers) else {
        return cannot_go_on(&idp, PendingProblem::OtherBrowser);
    };
    match here.consent_page(&id, &pending, cookie, &session) {
        Some(content) => {
            let targets = origin_of(&pending.request.redirect_uri);
            page(StatusCode::OK, &content, &targets)
        }
        // The rules changed meanwhile, so there is nothing to ask: the client is told.
        None => answer(&here, &pending, &session, false),
    }
}

/// Takes the answer. Whatever is not a clear yes is a no. A form that was sent twice, as by a double click,
/// gets an answer each time.
pub(crate) async fn post(
    State(idp): State<Arc<Idp>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: ReadBody,
) -> Response {
    let fields = match posted(&headers, &body) {
        Ok(fields) => fields,
        Err(why) => return unreadable(&idp.issuer, &why),
    };
    let (_, pending, here) = match find(&idp, id, &headers) {
        Ok(found) => found,
        Err(problem) => return cannot_go_on(&idp, problem),
    };
    let Some((cookie, session)) = asked_session(&here, &pending, &headers) else {
        return cannot_go_on(&idp, PendingProblem::OtherBrowser);
    };
    let csrf = fields.get("csrf").ok().flatten().unwrap_or_default();
    let own = idp.consent_csrf(&pending.csrf, cookie);
    let is_own = constant_time_eq(&own, csrf);
    if let Some(refusal) = foreign_form("consent", &headers, &idp.issuer, is_own) {
        return refusal;
    }
    let allowed = matches!(fields.get("decision"), Ok(Some("allow")));
    answer(&here, &pending, &session, allowed)
}

/// The session of this browser, with its cookie, if its person is the one who is asked.
fn asked_session<'h>(
    here: &Here,
    pending: &Pending,
    headers: &'h HeaderMap,
) -> Option<(&'h str, Session)> {
    let cookie = cookies::read(headers, cookies::SESSION)?;
    let session = here.idp.sessions.current(Some(cookie), here.now())?;
    pending.is_asked(&session).then_some((cookie, session))
}

fn answer(here: &Here, pending: &Pending, session: &Session, allowed: bool) -> Response {
    let request = &pending.request;
    pending.answer();
    tracing::info!(event = "consent", client = %request.client_id, user = %session.user_id, scopes = %request.scopes, allowed, "a person was asked what a client may do");
    let outcome = here.once_asked(request, session, allowed);
    answer_client(
        &here.issuer,
        &request.redirect_uri,
        request.state.as_deref(),
        &outcome,
    )
}

impl Here {
    /// `None`: the person may not have what is asked for, or there is nobody to ask.
    fn consent_page(
        &self,
        id: &str,
        pending: &Pending,
        cookie: &str,
        session: &Session,
    ) -> Option<ConsentPage> {
        let request = &pending.request;
        let allowed = self.judged(request, session).ok()?;
        let scope = |name: &str| {
            let scope = self.server().scope(name);
            let description = scope.and_then(|scope| scope.description.clone());
            (name.to_owned(), description.unwrap_or_default())
        };
        Some(ConsentPage {
            action: path(id),
            csrf: self.idp.consent_csrf(&pending.csrf, cookie),
            client_name: allowed.client.name.clone(),
            client_id: allowed.client.id.clone(),
            registered_itself: allowed.client.registered_itself(),
            login: allowed.user.login().to_owned(),
            asks: request.scopes.iter().map(scope).collect(),
            lives: lives(allowed.client, allowed.rule.lifetimes, &request.scopes),
            answered_at: origin_of(&request.redirect_uri).concat(),
            issuer: self.issuer.clone(),
        })
    }
}
