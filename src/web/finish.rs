//! What every request passes on its way in and out: bounds, static files, headers, and problems made
//! into pages.

use super::{app::App, headers, problem::Problem, visit::Visit};
use crate::{
    assets,
    net::{Unfit, fit, request_id, static_file},
    reason,
};
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{ALLOW, Entry as HeaderEntry, SET_COOKIE},
    },
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

/// The longest that a request may take.
const REQUEST: Duration = Duration::from_secs(29);

/// The outermost layer: bounds the target and the time, and keeps a panic from ending more than its
/// own request. What fails here has no visitor yet, so its page is plain.
pub(super) async fn bounds(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = match fit(&request) {
        Ok(()) => answered(next.run(request)).await,
        Err(unfit) => unfit_page(unfit),
    };
    if response.status() == StatusCode::SERVICE_UNAVAILABLE && is_empty(&response) {
        response = plain_page(
            StatusCode::SERVICE_UNAVAILABLE,
            "The session cannot be read",
            "Try again in a moment.",
        );
    }
    amend_removal(response.headers_mut());
    let https = app.config.redirect_uri.is_https();
    if is_static(&response) {
        headers::set_on_file(response.headers_mut(), https);
    } else if !response.headers().contains_key("content-security-policy") {
        headers::set(response.headers_mut(), &[], https);
    }
    response
}

/// What comes of a request: a panic costs it a page, and so does taking too long.
async fn answered(answer: impl Future<Output = Response>) -> Response {
    let answer = AssertUnwindSafe(answer).catch_unwind();
    match tokio::time::timeout(REQUEST, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(event = "panic", "a handler panicked; the process goes on");
            let reason = &reason::OUR_FAULT;
            plain_page(
                StatusCode::INTERNAL_SERVER_ERROR,
                reason.heading,
                reason.meaning,
            )
        }
        Err(_) => plain_page(
            StatusCode::SERVICE_UNAVAILABLE,
            "This took too long",
            "The app gave up after thirty seconds.",
        ),
    }
}

/// A browser takes a `__Host-` cookie back only by a `Set-Cookie` that is `Secure` itself.
fn amend_removal(headers: &mut HeaderMap) {
    let HeaderEntry::Occupied(mut cookies) = headers.entry(SET_COOKIE) else {
        return;
    };
    for value in cookies.iter_mut() {
        let amended = value.to_str().ok().filter(|text| {
            text.starts_with("__Host-") && text.contains("Max-Age=0") && !text.contains("; Secure")
        });
        let amended = amended.map(|text| format!("{text}; Secure; HttpOnly; SameSite=Lax"));
        if let Some(amended) = amended.and_then(|text| HeaderValue::from_str(&text).ok()) {
            *value = amended;
        }
    }
}

fn is_empty(response: &Response) -> bool {
    axum::body::HttpBody::size_hint(response.body()).exact() == Some(0)
}

fn is_static(response: &Response) -> bool {
    response
        .headers()
        .get("cache-control")
        .is_some_and(|value| value != "no-store")
}

fn unfit_page(unfit: Unfit) -> Response {
    let heading = match unfit {
        Unfit::Framing => "That request is not clear",
        Unfit::Headers => "Your browser sends too much",
        Unfit::Target => "That address is too long",
    };
    let mut response = plain_page(unfit.status(), heading, &format!("{unfit}."));
    unfit.close(&mut response);
    response
}

/// A page that needs no visitor, with the number by which the log tells more.
fn plain_page(status: StatusCode, heading: &str, sentence: &str) -> Response {
    let number = request_id();
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{heading}</title></head>\
         <body><main><h1>{heading}</h1><p>{sentence}</p><p>Request <code>{number}</code></p><p><a href=\"/\">Go to the home page</a></p></main></body></html>"
    );
    (status, Html(html)).into_response()
}

/// The compiled-in files, a fixed list. They need no visitor.
pub(super) async fn static_files(request: Request, next: Next) -> Response {
    let asset = assets::find(request.uri().path());
    match (asset, request.method()) {
        (Some(asset), &Method::GET | &Method::HEAD) => static_file(asset.content_type, asset.body),
        (Some(_), _) => {
            let heading = "That is a file";
            let mut page = plain_page(
                StatusCode::METHOD_NOT_ALLOWED,
                heading,
                "It can be read only.",
            );
            let allowed = HeaderValue::from_static("GET, HEAD");
            page.headers_mut().insert(ALLOW, allowed);
            page
        }
        (None, _) => next.run(request).await,
    }
}

/// Makes problems into pages of their visitor, and sets the headers of every page. What was not refused is a use
/// of the session.
pub(super) async fn finish(
    State(app): State<App>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if let Some(problem) = problem_of(&mut response) {
        *response.status_mut() = problem.status();
        problem.log(&method, &path);
        let page = Html(problem.page(&app, &visit)).into_response();
        let (head, body) = page.into_parts();
        response.headers_mut().remove("content-length");
        response.headers_mut().extend(head.headers);
        *response.body_mut() = body;
    }
    if !response.status().is_client_error() {
        visit.uses_session();
    }
    let https = app.config.redirect_uri.is_https();
    headers::set(response.headers_mut(), &visit.form_origins, https);
    response
}

/// The problem that a handler answered, or one for a refusal that came from below the handlers, such
/// as a path that is no UTF-8.
fn problem_of(response: &mut Response) -> Option<Arc<Problem>> {
    let problem = response.extensions_mut().remove::<Arc<Problem>>();
    let refused = response.status().is_client_error() || response.status().is_server_error();
    let is_page = response
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    problem.or_else(|| {
        (refused && !is_page).then(|| {
            Arc::new(match response.status() {
                status if status.is_server_error() => Problem::new(status, &reason::OUR_FAULT),
                _ => Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_PAGE),
            })
        })
    })
}

/// The page for a request that names a host which is not ours (DNS rebinding).
pub fn wrong_host(status: StatusCode, https: bool) -> Response {
    let sentence = "This app answers for its own host names only.";
    let mut response = plain_page(status, "That is not the address of this app", sentence);
    headers::set(response.headers_mut(), &[], https);
    response
}

pub(super) async fn no_such_page() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_PAGE)
}

pub(super) async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, &reason::WRONG_METHOD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sec_com_10_a_panic_costs_its_own_request_a_page_that_tells_nothing() {
        let answer = answered(async { panic!("canary: a secret") }).await;
        assert_eq!(answer.status(), 500);
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/html"), "{kind}");
        let page = axum::body::to_bytes(answer.into_body(), 4096)
            .await
            .unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(page.contains("<h1>") && !page.contains("canary"), "{page}");
        let fine = answered(async { StatusCode::OK.into_response() }).await;
        assert_eq!(fine.status(), 200);
    }
}
