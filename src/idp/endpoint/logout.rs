//! `/v1/logout` (`OpenID` Connect RP-Initiated Logout) and the form that asks when nothing proves that
//! the request is the person's own.

use crate::{
    idp::{
        Idp,
        answer::{ReadBody, foreign_form, origin_of, page, posted, problem, redirect, unreadable},
        cookies,
        here::Here,
        logout_request::{LogoutProblem, LogoutRequest, read},
        page::{ConfirmSignOutPage, SignedOutPage},
        parameters::Parameters,
        sessions::Session,
    },
    oauth::constant_time_eq,
};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use std::sync::Arc;

pub(crate) async fn get(here: Here, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    answer(&here, &parameters, &headers).await
}

pub(crate) async fn post(here: Here, headers: HeaderMap, body: ReadBody) -> Response {
    let parameters = match posted(&headers, &body) {
        Ok(parameters) => parameters,
        Err(why) => return unreadable(&here.issuer, &why),
    };
    let brought_none = cookies::all(&headers, cookies::SESSION).next().is_none();
    if brought_none && !parameters.has("id_token_hint") {
        return without_cookie(&here, &parameters).await;
    }
    answer(&here, &parameters, &headers).await
}

/// Another site's form brings no cookie (`SameSite=Lax`). What its hint names is ended; else the browser
/// is sent here once more, by a `GET` that brings the cookie. A hint that is a token never goes into a
/// URL this way.
async fn without_cookie(here: &Here, parameters: &Parameters) -> Response {
    let request = match hinted(here, parameters) {
        Ok(request) => request,
        Err(error) => return refused(&here.issuer, &error.to_string()),
    };
    let ended = named(&here.idp, &request);
    if !ended.is_empty() {
        here.idp.tell_clients(ended).await;
        return done(&here.issuer, &request, true);
    }
    let (_, after_scheme) = here.issuer.split_once("://").unwrap_or_default();
    let path = after_scheme.find('/').map_or("", |at| &after_scheme[at..]);
    redirect(&format!("{path}/v1/logout"), &request.to_repeat())
}

/// `POST /signout`: the person has said it on our own page.
pub(crate) async fn confirmed(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    body: ReadBody,
) -> Response {
    let parameters = match posted(&headers, &body) {
        Ok(parameters) => parameters,
        Err(why) => return unreadable(&idp.issuer, &why),
    };
    let csrf = parameters.get("csrf").ok().flatten().unwrap_or_default();
    let cookie = live(&idp, &headers).map(|(cookie, _)| cookie);
    // Without a session there is nothing to protect.
    let own = cookie.is_none_or(|cookie| constant_time_eq(&idp.sign_out_csrf(cookie), csrf));
    if let Some(refusal) = foreign_form("sign-out", &headers, &idp.issuer, own) {
        return refusal;
    }
    let org = idp.org.read();
    match read(&org, None, &parameters) {
        Ok(request) => sign_out(&idp, &idp.issuer, &request, &headers).await,
        Err(error) => refused(&idp.issuer, &error.to_string()),
    }
}

async fn answer(here: &Here, parameters: &Parameters, headers: &HeaderMap) -> Response {
    let request = match hinted(here, parameters) {
        Ok(request) => request,
        Err(error) => return refused(&here.issuer, &error.to_string()),
    };
    match live(&here.idp, headers) {
        Some((cookie, session)) if !request.is_about(&session) => {
            ask(here, &request, &session, cookie)
        }
        _ => sign_out(&here.idp, &here.issuer, &request, headers).await,
    }
}

/// The request with what its hint says.
fn hinted<'h>(
    here: &'h Here,
    parameters: &'h Parameters,
) -> Result<LogoutRequest<'h>, LogoutProblem> {
    parameters.each_once()?;
    read(&here.org, here.hint_of(parameters)?, parameters)
}

/// The session of this browser and its cookie. Of several cookies of that name, the one that opens one.
fn live<'h>(idp: &Idp, headers: &'h HeaderMap) -> Option<(&'h str, Session)> {
    let now = idp.clock.now();
    cookies::all(headers, cookies::SESSION)
        .find_map(|cookie| Some((cookie, idp.sessions.current(Some(cookie), now)?)))
}

/// Ends the session of this browser and those that the hints name, and tells the clients that were signed in
/// in them.
async fn sign_out(
    idp: &Arc<Idp>,
    issuer: &str,
    request: &LogoutRequest<'_>,
    headers: &HeaderMap,
) -> Response {
    let own = cookies::all(headers, cookies::SESSION);
    let mut ended: Vec<Session> = own.filter_map(|cookie| idp.sessions.end(cookie)).collect();
    ended.extend(named(idp, request));
    let any = !ended.is_empty();
    let sids: Vec<&str> = ended.iter().map(|session| session.sid.as_str()).collect();
    idp.grants.end_with_sessions(&sids);
    idp.tell_clients(ended).await;
    let mut response = done(issuer, request, any);
    let gone = cookies::take_away(cookies::SESSION);
    response.headers_mut().append(header::SET_COOKIE, gone);
    response
}

/// The sessions that the request's hints name, ended.
fn named(idp: &Idp, request: &LogoutRequest<'_>) -> Vec<Session> {
    let sids = request.sids();
    sids.flat_map(|sid| idp.sessions.end_by_sid(sid)).collect()
}

fn done(issuer: &str, request: &LogoutRequest<'_>, ended: bool) -> Response {
    tracing::info!(event = "signed_out", ended, "a person asked to sign out");
    match request.return_to {
        Some(uri) => {
            let state: Vec<_> = request
                .state
                .map(|state| ("state", state))
                .into_iter()
                .collect();
            redirect(uri, &state)
        }
        None => page(StatusCode::OK, &signed_out(issuer, ended), &[]),
    }
}

fn signed_out(issuer: &str, ended: bool) -> SignedOutPage {
    let first = if ended {
        "Your session at this identity provider has ended in this browser."
    } else {
        "Nobody was signed in at this identity provider in this browser."
    };
    let sentences = [first, "The next sign-in asks for the password again."];
    SignedOutPage {
        sentences: sentences.map(str::to_owned).to_vec(),
        back: None,
        issuer: issuer.to_owned(),
    }
}

fn ask(here: &Here, request: &LogoutRequest<'_>, session: &Session, cookie: &str) -> Response {
    let user = here.user(&session.user_id);
    let hidden = [
        ("post_logout_redirect_uri", request.return_to),
        ("state", request.state),
        ("client_id", request.client.map(|client| client.id.as_str())),
    ];
    let content = ConfirmSignOutPage {
        action: "/signout".to_owned(),
        csrf: here.idp.sign_out_csrf(cookie),
        hidden: hidden
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect(),
        login: user.map(|user| user.login().to_owned()).unwrap_or_default(),
        client_name: request.client.map(|client| client.name.clone()),
        issuer: here.issuer.clone(),
    };
    let targets = request.return_to.map(origin_of).unwrap_or_default();
    page(StatusCode::OK, &content, &targets)
}

fn refused(issuer: &str, sentence: &str) -> Response {
    tracing::warn!(
        event = "sign_out_refused",
        reason = sentence,
        "refused a sign-out request"
    );
    problem(
        StatusCode::BAD_REQUEST,
        issuer,
        "This sign-out cannot go on",
        &[
            sentence,
            "Nothing was done. You may still be signed in here.",
        ],
    )
}
