//! One request, and what its answer comes to.

use super::{Answer, Api, Failure, LIMIT, Outcome, certain, nonsense, refusal::refusal, unclear};
use crate::{
    bootstrap::okta::text::plain,
    net::{self, FetchError},
    oauth::okta_scheme,
};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;
use url::Url;

impl Api {
    pub(super) async fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Outcome {
        let request = match self.request(method, path, body) {
            Ok(request) => request,
            Err(problem) => return Outcome::Failed(certain(nonsense(method, path, &problem))),
        };
        let answer = match self.http.send(request, LIMIT).await {
            Ok(answer) => answer,
            Err(error) => {
                let late = matches!(error, FetchError::TimedOut(_));
                // An answer without end is read no second time; but what it answers may be done.
                let endless = matches!(error, FetchError::TooLarge { .. });
                let unclear = late
                    || matches!(error, FetchError::Unreachable { .. })
                    || endless && method != Method::GET;
                return Outcome::Failed(Failure {
                    error: error.into(),
                    unclear,
                    late,
                });
            }
        };
        let (parts, bytes) = answer.into_parts();
        let refused = || refusal(method, path, parts.status, &parts.headers, &bytes);
        match parts.status.as_u16() {
            200..=299 | 404 => {}
            429 => return Outcome::Busy(refused(), parts.headers.clone()),
            500.. => return Outcome::Failed(unclear(refused())),
            _ => return Outcome::Failed(certain(refused())),
        }
        let body = match serde_json::from_slice(&bytes) {
            Ok(body) => body,
            Err(_) if bytes.is_empty() || parts.status == StatusCode::NOT_FOUND => Value::Null,
            Err(_) => {
                let start = plain(&String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
                let error = nonsense(method, path, &format!("no JSON, but {start:?}"));
                return Outcome::Failed(unclear(error));
            }
        };
        Outcome::Answered(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Request<Vec<u8>>, String> {
        let url = self.url(path)?;
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, self.credentials());
        let body = body.map(|body| body.to_string().into_bytes());
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.unwrap_or_default());
        request.map_err(|error| error.to_string())
    }

    /// An API token, or the access token of an app with the scopes `okta.….manage`, which is a JWT.
    fn credentials(&self) -> String {
        format!("{} {}", okta_scheme(&self.token), self.token.expose())
    }

    /// A path below the tenant. No path leads out of it.
    pub(super) fn url(&self, path: &str) -> Result<Url, String> {
        let url = Url::parse(&format!("{}{path}", self.origin));
        let url = url.map_err(|_| "that is no path".to_owned())?;
        let asked = path.split('?').next().unwrap_or_default();
        if net::origin(&url) != self.origin || url.path() != asked {
            return Err("that is no path below the tenant".to_owned());
        }
        Ok(url)
    }
}
