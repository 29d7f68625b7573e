//! What no room looks at, whoever asks: a request that is too long, or that ends at no clear place.

use axum::{
    Json,
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONNECTION, TRANSFER_ENCODING},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// The longest path and query that are looked at, in bytes.
pub const LONGEST_TARGET: usize = 8 * 1024;
/// What names and values of the headers may take together, in bytes.
const HEADER_BYTES: usize = 16 * 1024;

/// Why a request is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It may end at one place for us and at another for somebody on the way.
    #[error("Where the request's body ends is not clear: send a length or one chunked coding")]
    Framing,
    /// More headers than 16 KiB.
    #[error(
        "The request's headers are too large: a browser's cookies of other sites on this host may be the cause"
    )]
    Headers,
    /// A target of more than [`LONGEST_TARGET`].
    #[error("The request's path and query are too long")]
    Target,
}

impl Unfit {
    /// RFC 9110, section 15.5, and RFC 6585, section 5.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Framing => StatusCode::BAD_REQUEST,
            Self::Headers => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Target => StatusCode::URI_TOO_LONG,
        }
    }

    /// The code by which a log is searched.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Framing => "framing",
            Self::Headers => "headers_too_large",
            Self::Target => "uri_too_long",
        }
    }

    /// Ends the answer's connection where nobody knows where the next request would begin.
    pub fn close(self, answer: &mut Response) {
        if self == Self::Framing {
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(CONNECTION, close);
        }
    }
}

/// Whether the headers say where the request ends, and are not too large.
///
/// # Errors
/// See [`Unfit`].
pub fn fit_headers(headers: &HeaderMap) -> Result<(), Unfit> {
    if !is_clearly_framed(headers) {
        return Err(Unfit::Framing);
    }
    let each = headers.iter();
    let bytes: usize = each
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if bytes > HEADER_BYTES {
        return Err(Unfit::Headers);
    }
    Ok(())
}

/// Whether a room looks at a request; a line in the log where it does not.
///
/// # Errors
/// See [`Unfit`].
pub fn fit(request: &Request) -> Result<(), Unfit> {
    let target = request.uri().path_and_query();
    let is_long = target.is_some_and(|target| target.as_str().len() > LONGEST_TARGET);
    let target = if is_long { Err(Unfit::Target) } else { Ok(()) };
    let fits = fit_headers(request.headers()).and(target);
    fits.inspect_err(|unfit| {
        tracing::warn!(
            event = "unfit",
            status = unfit.status().as_u16(),
            reason = unfit.reason(),
            "a request was not looked at"
        );
    })
}

/// A layer for rooms that answer programs.
pub async fn fit_only(request: Request, next: Next) -> Response {
    let Err(unfit) = fit(&request) else {
        return next.run(request).await;
    };
    let said = json!({ "error": "invalid_request", "error_description": unfit.to_string() });
    let mut answer = (unfit.status(), Json(said)).into_response();
    unfit.close(&mut answer);
    answer
}

/// Whether a transfer coding, if there is one, is `chunked` and nothing else.
///
/// The HTTP library takes any list that ends in `chunked`, `chunked, chunked` too, and reads it as a
/// single one; another program on the way might not (RFC 9112, section 6.1). Two lengths, and what is
/// no number, it refuses itself; a length beside a coding it drops, and ends the connection.
fn is_clearly_framed(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}
