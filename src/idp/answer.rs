//! How the provider answers: pages, redirects, JSON, and the headers that go with each.

use super::page::ProblemPage;
use crate::{net::request_id, oauth::ErrorCode};
use askama::Template;
use axum::{
    Json,
    body::Bytes,
    extract::rejection::BytesRejection,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::parameters::Parameters;

/// A page. Its forms may lead here, and from here on to `form_targets` (origins): browsers block a
/// redirect after a form to an origin that the policy does not name.
pub(super) fn page(status: StatusCode, page: &impl Template, form_targets: &[String]) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(event = "page_failed", %error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' {}; \
         frame-ancestors 'none'; base-uri 'none'",
        form_targets.join(" ")
    );
    let policy = HeaderValue::try_from(policy.replace(" ;", ";"))
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    (status, headers, Html(html)).into_response()
}

/// A page that says what went wrong.
pub(super) fn problem(
    status: StatusCode,
    issuer: &str,
    heading: &str,
    sentences: &[&str],
) -> Response {
    let content = ProblemPage {
        status: status.as_u16(),
        heading: heading.to_owned(),
        sentences: sentences
            .iter()
            .map(|&sentence| sentence.to_owned())
            .collect(),
        facts: vec![request_fact()],
        issuer: issuer.to_owned(),
    };
    page(status, &content, &[])
}

/// By which number a page of trouble is found in the log.
pub(super) fn request_fact() -> (String, String) {
    ("request id, as in the log".to_owned(), request_id())
}

/// 303 to a registered URI, with parameters added to the query that it has.
pub(super) fn redirect(uri: &str, parameters: &[(&str, &str)]) -> Response {
    let mut location = uri.to_owned();
    if !parameters.is_empty() {
        location.push(if uri.contains('?') { '&' } else { '?' });
        let mut query = form_urlencoded::Serializer::new(String::new());
        location.push_str(&query.extend_pairs(parameters).finish());
    }
    match HeaderValue::try_from(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(), // registered URIs are ASCII
    }
}

/// An error as JSON (RFC 6749, section 5.2).
pub(super) fn oauth_error(error: ErrorCode, description: &str) -> Response {
    let status = match error {
        ErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = json!({ "error": error.as_str(), "error_description": described(description) });
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"clients\", charset=\"UTF-8\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Only what an `error_description` may hold (RFC 6749, section 4.1.2.1).
pub(super) fn described(text: &str) -> String {
    let allowed = |character| matches!(character, ' ' | '!' | '#'..='[' | ']'..='~');
    let printable = |character| if allowed(character) { character } else { '?' };
    text.chars().map(printable).collect()
}

/// A body as it arrives, or why it did not.
pub(super) type ReadBody = Result<Bytes, BytesRejection>;

/// Why a body is no form.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAForm {
    #[error("The request is not a form (application/x-www-form-urlencoded).")]
    OtherType,
    #[error("The form is longer than is taken here.")]
    TooLong,
    #[error("The form did not arrive as a whole.")]
    CutOff,
}

impl NotAForm {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::OtherType | Self::CutOff => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }
}

/// The parameters of a posted form.
pub(super) fn posted(headers: &HeaderMap, body: &ReadBody) -> Result<Parameters, NotAForm> {
    let body = body
        .as_ref()
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => NotAForm::TooLong,
            _ => NotAForm::CutOff,
        })?;
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence
        .filter(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
        .map(|_| Parameters::parse(body))
        .ok_or(NotAForm::OtherType)
}

/// A page for a form that cannot be read.
pub(super) fn unreadable(issuer: &str, why: &NotAForm) -> Response {
    tracing::warn!(event = "form_refused", reason = %why, "a form could not be read");
    let sentences = [&why.to_string(), "Nothing was done."];
    problem(
        why.status(),
        issuer,
        "The request cannot be read",
        &sentences,
    )
}

/// The refusal of a form that another site's page sent, or that does not bear the value of our own page.
pub(super) fn foreign_form(
    form: &'static str,
    headers: &HeaderMap,
    issuer: &str,
    is_own: bool,
) -> Option<Response> {
    if is_own && !from_elsewhere(headers, issuer) {
        return None;
    }
    tracing::warn!(
        event = "csrf_refused",
        reason = "csrf",
        form,
        "a form did not come from our own page"
    );
    Some(problem(
        StatusCode::FORBIDDEN,
        issuer,
        "This form did not come from here",
        &["The form was not sent by this provider's own page, so nothing was done."],
    ))
}

/// Whether another site's page, or another port's, sent this form. `Origin: null` is what our own pages
/// send, since they say `no-referrer`; the form's own token is needed besides.
fn from_elsewhere(headers: &HeaderMap, issuer: &str) -> bool {
    let own_origin = Url::parse(issuer)
        .map(|url| crate::net::origin(&url))
        .unwrap_or_default();
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let foreign_origin =
        text(header::ORIGIN).is_some_and(|origin| origin != own_origin && origin != "null");
    let foreign_site =
        text(HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site != "same-origin");
    foreign_origin || foreign_site
}

/// The origin of a registered URI, for a content security policy.
pub(super) fn origin_of(uri: &str) -> Vec<String> {
    Url::parse(uri)
        .map(|url| crate::net::origin(&url))
        .into_iter()
        .collect()
}
