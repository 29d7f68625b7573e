//! `/v1/authorize` (RFC 6749, section 3.1; `OpenID` Connect Core, section 3.1.2).

use super::consent;
use crate::{
    idp::{
        answer::{ReadBody, described, page, posted, redirect, request_fact, unreadable},
        authorization::NextStep,
        authorization_request::{AuthorizationRequest, RequestError, TargetProblem, read, target},
        cookies,
        here::Here,
        page::ProblemPage,
        parameters::Parameters,
        sessions::Session,
    },
    oauth::random_value,
};
use axum::{
    extract::RawQuery,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

pub(crate) async fn get(here: Here, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    answer(&here, &parameters, &headers)
}

pub(crate) async fn post(here: Here, headers: HeaderMap, body: ReadBody) -> Response {
    match posted(&headers, &body) {
        Ok(parameters) => answer(&here, &parameters, &headers),
        Err(why) => unreadable(&here.issuer, &why),
    }
}

fn answer(here: &Here, parameters: &Parameters, headers: &HeaderMap) -> Response {
    let target = match target(parameters, here) {
        Ok(target) => target,
        Err(problem) => return stay_here(here, parameters, &problem),
    };
    let state = target.state.clone();
    let request = match read(here, parameters, &target) {
        Ok(request) => request,
        Err(error) => {
            tracing::info!(event = "authorization_refused", client = %target.client.id, error = %error.error, reason = %error.description, "refused an authorization request");
            return answer_client(
                &here.issuer,
                target.redirect_uri,
                state.as_deref(),
                &Err(error),
            );
        }
    };
    let cookie = cookies::read(headers, cookies::SESSION);
    let session = here.idp.sessions.current(cookie, here.now());
    match here.next_step(&request, session.as_ref()) {
        NextStep::Answer(outcome) => answer_client(
            &here.issuer,
            target.redirect_uri,
            state.as_deref(),
            &outcome,
        ),
        NextStep::SignIn => sign_in_first(here, request, None, headers),
        NextStep::Consent => sign_in_first(here, request, session.as_ref(), headers),
    }
}

/// Sends code or error back to the client, with its state and our name (RFC 9207, section 2).
pub(super) fn answer_client(
    issuer: &str,
    redirect_uri: &str,
    state: Option<&str>,
    outcome: &Result<String, RequestError>,
) -> Response {
    let described;
    let mut parameters = match outcome {
        Ok(code) => vec![("code", code.as_str())],
        Err(error) => {
            described = self::described(&error.description);
            vec![
                ("error", error.error.as_str()),
                ("error_description", &described),
            ]
        }
    };
    parameters.extend(state.map(|state| ("state", state)));
    parameters.push(("iss", issuer));
    redirect(redirect_uri, &parameters)
}

/// Keeps the request while the person signs in; where a session does for it, while its person is asked for
/// consent.
fn sign_in_first(
    here: &Here,
    request: AuthorizationRequest,
    asked: Option<&Session>,
    headers: &HeaderMap,
) -> Response {
    let known = cookies::read(headers, cookies::VISITOR).map(str::to_owned);
    let visitor = known.clone().unwrap_or_else(random_value);
    let (pending, was_here) = (&here.idp.pending, known.is_some());
    let id = pending.keep(request, &visitor, was_here, asked, here.now());
    let mut response = match asked {
        None => redirect(&format!("/signin/{id}"), &[]),
        Some(_) => redirect(&consent::path(&id), &[]),
    };
    if known.is_none() {
        // The visitor's cookie is set by the sign-in page, which gets the browser's if it has one:
        // another site's form brings none here.
        let cookie = cookies::set_for_sign_in(&id, &visitor);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A page, and nothing that leads anywhere: who asks is not known, or where to answer.
fn stay_here(here: &Here, parameters: &Parameters, problem: &TargetProblem) -> Response {
    tracing::warn!(event = "authorization_refused", reason = %problem, "refused an authorization request without answering its client");
    let shown = |name: &str| {
        let value = parameters.get(name).ok().flatten()?;
        Some((name.to_owned(), value.chars().take(200).collect()))
    };
    let content = ProblemPage {
        status: 400,
        heading: "This sign-in cannot go on".to_owned(),
        sentences: vec![
            problem.to_string(),
            "The app must be registered here with exactly what it sends.".to_owned(),
        ],
        facts: ["client_id", "redirect_uri"]
            .into_iter()
            .filter_map(shown)
            .chain([request_fact()])
            .collect(),
        issuer: here.issuer.clone(),
    };
    page(StatusCode::BAD_REQUEST, &content, &[])
}
