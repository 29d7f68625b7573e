//! One request: the token, waiting where that is asked for, and what an answer that is a no means.

use super::{
    super::text::{complaint, is_id, plain},
    Admin,
};
use crate::bootstrap::target::TargetError;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;

/// The longest answer that is read: what a server says of itself is the longest.
pub(super) const LIMIT: usize = 4 * 1024 * 1024;
/// What is waited in total for one request while a proxy says 429 or 503, in seconds.
const PATIENCE: u64 = 60;

impl Admin {
    /// Sends a request as the administrator: with a new token where the old one is not taken any
    /// more, and again after the time that an answer asks for.
    pub(super) async fn send(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response<Bytes>, TargetError> {
        let mut renewed = false;
        let mut waited = 0;
        loop {
            let token = self.token().await?;
            let request = self.request(method, path, body, Some(token.expose()))?;
            let answer = self.http.send(request, LIMIT).await?;
            if answer.status() == StatusCode::UNAUTHORIZED && !renewed {
                renewed = true;
                *self.token.lock().await = None;
                continue;
            }
            match pause(&answer) {
                Some(seconds) if seconds.saturating_add(waited) <= PATIENCE => {
                    waited += seconds;
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                _ => return Ok(answer),
            }
        }
    }

    pub(super) fn request(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        token: Option<&str>,
    ) -> Result<Request<Vec<u8>>, TargetError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                body.to_string().into_bytes()
            }
            None => Vec::new(),
        };
        let request = request.body(body);
        request.map_err(|error| nonsense(method, path, &error.to_string()))
    }

    /// The id that `Location` ends in. It must lead to what was made here: nothing is read elsewhere
    /// because an answer says so.
    pub(super) fn id_of(
        &self,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Option<String>, TargetError> {
        let Some(location) = headers.get(header::LOCATION) else {
            return Ok(None);
        };
        let location = location.to_str().unwrap_or_default();
        let inside = location
            .strip_prefix(&self.base)
            .and_then(|rest| rest.strip_prefix(path))
            .and_then(|rest| rest.strip_prefix('/'));
        match inside {
            // A realm and a role are called by their names there.
            Some(id) => Ok(is_id(id).then(|| id.to_owned())),
            None => Err(nonsense(
                &Method::POST,
                path,
                &format!(
                    "it was made, but Location leads to {:?}, not below KEYCLOAK_URL: set KEYCLOAK_URL to where Keycloak says it is",
                    plain(location)
                ),
            )),
        }
    }

    /// An answer that is a no, with what to do about it where that is known.
    pub(super) fn refused(
        &self,
        method: &Method,
        path: &str,
        answer: &Response<Bytes>,
    ) -> TargetError {
        let status = answer.status();
        let said = complaint(answer.body());
        let message = match status.as_u16() {
            300..=399 => {
                let location = answer.headers().get(header::LOCATION);
                let location = location.and_then(|value| value.to_str().ok());
                format!(
                    "a redirect to {:?}, which is not followed: set KEYCLOAK_URL to where Keycloak itself answers",
                    plain(location.unwrap_or_default())
                )
            }
            401 => format!("{said}; the token of {} is not taken", self.whose()),
            403 => format!(
                "{said}; {} may not do this: it takes the role create-realm of the realm master for a realm of one's own, or admin",
                self.whose()
            ),
            _ => said,
        };
        TargetError::Refused {
            method: method.to_string(),
            path: shown(path),
            status: status.as_u16(),
            message,
        }
    }
}

/// A path without its query.
fn shown(path: &str) -> String {
    plain(path.split('?').next().unwrap_or_default())
}

pub(in super::super) fn nonsense(method: &Method, path: &str, problem: &str) -> TargetError {
    TargetError::Nonsense {
        method: method.to_string(),
        path: shown(path),
        problem: problem.to_owned(),
    }
}

pub(super) fn json(method: &Method, path: &str, body: &[u8]) -> Result<Value, TargetError> {
    serde_json::from_slice(body).map_err(|_| {
        let start = plain(&String::from_utf8_lossy(&body[..body.len().min(80)]));
        nonsense(method, path, &format!("no JSON, but {start:?}"))
    })
}

/// What a server that has enough to do asks to wait, in seconds.
fn pause(answer: &Response<Bytes>) -> Option<u64> {
    let busy = matches!(answer.status().as_u16(), 429 | 503);
    let after = answer.headers().get(header::RETRY_AFTER);
    let after = after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    match after {
        _ if !busy => None,
        Some(seconds) => Some(u64::max(seconds, 1)),
        None if answer.status() == StatusCode::TOO_MANY_REQUESTS => Some(5),
        None => None,
    }
}
