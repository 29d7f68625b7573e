//! `/signin/{pending}`: the form, and what becomes of what was typed into it.

use super::{authorize::answer_client, consent};
use crate::{
    idp::{
        Idp,
        answer::{ReadBody, foreign_form, origin_of, page, posted, problem, redirect, unreadable},
        authorization::NextStep,
        cookies,
        here::Here,
        page::SignInPage,
        parameters::Parameters,
        passwords::Outcome,
        pending::{Pending, PendingProblem},
        sign_in_form::form,
    },
    oauth::{Secret, constant_time_eq},
};
use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use std::sync::Arc;

/// Shows the form. `?use=LOGIN` fills it in for a demo person.
pub(crate) async fn get(
    State(idp): State<Arc<Idp>>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (id, pending, here) = match find(&idp, id, &headers) {
        Ok(found) => found,
        Err(problem) => return cannot_go_on(&idp, problem),
    };
    if pending.waits_for_consent() {
        return redirect(&consent::path(&id), &[]);
    }
    if pending.is_finished() {
        return to_the_app(&pending); // the back button, after the person has signed in
    }
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let mut form = form(&here, &id, &pending);
    let wanted = query.get("use").ok().flatten();
    let person = wanted.and_then(|login| here.org.user_by_login(login));
    if let Some((user, password)) = person.and_then(|user| Some((user, idp.given.password(user)?)))
    {
        user.login().clone_into(&mut form.login);
        password.expose().clone_into(&mut form.password);
    }
    let mut response = show(&pending, StatusCode::OK, &form);
    if cookies::read(&headers, cookies::VISITOR).is_none() {
        let cookie = cookies::set(cookies::VISITOR, &pending.visitor);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Takes name and password.
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
    let (id, pending, here) = match find(&idp, id, &headers) {
        Ok(found) => found,
        Err(problem) => return cannot_go_on(&idp, problem),
    };
    let field = |name| fields.get(name).ok().flatten().unwrap_or_default();
    let is_own = constant_time_eq(&pending.csrf, field("csrf"));
    if let Some(refusal) = foreign_form("sign-in", &headers, &idp.issuer, is_own) {
        return refusal;
    }
    let login = field("username").trim();
    let browser = cookies::read(&headers, cookies::VISITOR);
    let password = Secret::new(field("password"));
    match idp.passwords.check(login, password, browser).await {
        Outcome::Right(user_id) => {
            let epoch = here.org.user(&user_id).map_or(0, |user| user.epoch); // from before the check
            // The check of a password takes a while: judged by what is registered after it.
            let here = Here::at(&idp, &pending.request.server_id);
            match here.filter(|here| may_be_answered(here, &pending)) {
                Some(here) => signed_in(&here, &id, &pending, (&user_id, epoch), &headers),
                None => cannot_go_on(&idp, PendingProblem::TargetGone),
            }
        }
        refused => try_again(&here, &id, &pending, login, &refused),
    }
}

/// Begins a session under a new id and answers the client, or asks for consent first. A form that was sent twice, as by a double
/// click, gets an answer each time: the password was right each time.
fn signed_in(
    here: &Here,
    id: &str,
    pending: &Pending,
    (user_id, epoch): (&str, u32),
    headers: &HeaderMap,
) -> Response {
    let old = cookies::read(headers, cookies::SESSION);
    let begun = here.idp.sessions.begin(old, user_id, epoch, here.now());
    let session = begun.session;
    here.idp.tell_clients_later(begun.ended);
    tracing::info!(event = "signed_in", user = %user_id, client = %pending.request.client_id, "somebody signed in");
    pending.finish();
    let request = &pending.request;
    let mut response = match here.once_signed_in(request, &session) {
        NextStep::Answer(outcome) => answer_client(
            &here.issuer,
            &request.redirect_uri,
            request.state.as_deref(),
            &outcome,
        ),
        NextStep::SignIn | NextStep::Consent => {
            pending.ask(&session);
            redirect(&consent::path(id), &[])
        }
    };
    let cookie = cookies::set(cookies::SESSION, &begun.cookie);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// The form again, with the reason. 200 for a wrong password: 401 would have to bring a challenge
/// (RFC 9110, section 15.5.2), and a form has none.
fn try_again(here: &Here, id: &str, pending: &Pending, login: &str, outcome: &Outcome) -> Response {
    // Never what was typed: some type their password there.
    let user = here.org.user_by_login(login);
    let user = user.map_or("unknown", |user| user.id.as_str());
    tracing::warn!(event = "sign_in_refused", client = %pending.request.client_id, user = %user, reason = ?outcome, "a sign-in was refused");
    let mut retry_after = None;
    let (status, sentence) = match outcome {
        Outcome::Throttled(seconds) => {
            retry_after = Some(*seconds);
            let text =
                format!("Too many wrong passwords for this name. Try again in {seconds} seconds.");
            (StatusCode::TOO_MANY_REQUESTS, text)
        }
        Outcome::Busy | Outcome::Failed => {
            retry_after = Some(5);
            let text =
                "Too many people are signing in right now. Try again in a moment.".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, text)
        }
        _ => {
            let text = "The username or the password is wrong. Try again.".to_owned();
            (StatusCode::OK, text)
        }
    };
    let form = SignInPage {
        login: login.chars().take(200).collect(),
        problem: Some(sentence),
        ..form(here, id, pending)
    };
    let mut response = show(pending, status, &form);
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn show(pending: &Pending, status: StatusCode, form: &SignInPage) -> Response {
    page(status, form, &origin_of(&pending.request.redirect_uri))
}

/// The sign-in of a path, with its id. A path that is not UTF-8 names none.
pub(super) fn find(
    idp: &Arc<Idp>,
    id: Result<Path<String>, PathRejection>,
    headers: &HeaderMap,
) -> Result<(String, Pending, Here), PendingProblem> {
    let Path(id) = id.map_err(|_| PendingProblem::Gone)?;
    let own = cookies::of_sign_in(&id);
    let values = [cookies::VISITOR, own.as_str()].map(|name| cookies::read(headers, name));
    let brought: Vec<&str> = values.into_iter().flatten().collect();
    let pending = idp.pending.find(&id, &brought, idp.clock.now())?;
    // An authorization server may have gone while the person typed.
    let here = Here::at(idp, &pending.request.server_id).ok_or(PendingProblem::Gone)?;
    if may_be_answered(&here, &pending) {
        Ok((id, pending, here))
    } else {
        Err(PendingProblem::TargetGone)
    }
}

/// Whether the client is still there, no other under its id, and registered with the redirect URI that it asked to be answered at:
/// nothing leads to any other.
fn may_be_answered(here: &Here, pending: &Pending) -> bool {
    let request = &pending.request;
    let client = here.same_client(&request.client_id, &request.incarnation);
    client.is_some_and(|client| client.redirect_uris.contains(&request.redirect_uri))
}

/// The app's first page, as far as it is known here.
pub(super) fn to_the_app(pending: &Pending) -> Response {
    let origin = origin_of(&pending.request.redirect_uri).concat();
    redirect(&format!("{origin}/"), &[])
}

pub(super) fn cannot_go_on(idp: &Idp, why: PendingProblem) -> Response {
    tracing::warn!(event = "sign_in_lost", reason = ?why, "a sign-in cannot go on");
    let (status, sentence) = match why {
        PendingProblem::Gone => (
            StatusCode::GONE,
            "A sign-in waits for ten minutes. This one is over, or it never was.",
        ),
        PendingProblem::TargetGone => (
            StatusCode::GONE,
            "The app is not registered here any more, or not where it wants to be answered.",
        ),
        PendingProblem::OtherBrowser => (
            StatusCode::FORBIDDEN,
            "This sign-in was begun in another browser, or this browser keeps no cookies.",
        ),
    };
    let go_on = "Go back to the app and press its button again.";
    problem(
        status,
        &idp.issuer,
        "This sign-in cannot go on",
        &[sentence, go_on],
    )
}
