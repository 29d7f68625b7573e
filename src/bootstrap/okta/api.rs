//! Requests to the management API: one tenant, one token, no redirects, and every odd answer named.

mod next_page;
pub(super) mod patience;
mod refusal;
mod send;

use super::super::target::TargetError;
use super::text::plain;
use crate::{clock::Clock, net, oauth::Secret};
use axum::http::{HeaderMap, Method, StatusCode};
use patience::{Patience, asked_for, backoff};
use refusal::refusal;
use serde_json::Value;

/// The longest answer that is read; a page of 200 people is well below it.
const LIMIT: usize = 4 * 1024 * 1024;
/// How often a request that may be repeated is sent again after an unclear answer.
const REPEATS: u32 = 3;
/// A list that goes on for longer is not one.
const PAGES: usize = 2_000;

/// The management API of one tenant.
pub(super) struct Api {
    pub(super) http: net::Client,
    pub(super) clock: Clock,
    /// Scheme, host and port.
    pub(super) origin: String,
    pub(super) token: Secret,
    pub(super) patience: Patience,
}

/// Whether a request may be sent again when nobody knows what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Reads, changes to a state that is given in full, deletions.
    Freely,
    /// It makes something: first see whether it did.
    No,
}

/// Why there is no answer that says yes.
pub(super) struct Failure {
    pub(super) error: TargetError,
    /// What was asked for may have been done: no answer, 5xx, or one that makes no sense.
    pub(super) unclear: bool,
    /// It may even be done later: no answer in time.
    pub(super) late: bool,
}

impl From<Failure> for TargetError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// An answer that says yes, or 404.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

enum Outcome {
    Answered(Answer),
    /// 429: it was not done.
    Busy(TargetError, HeaderMap),
    Failed(Failure),
}

impl Api {
    /// What stands at a path; `None` is 404.
    pub(super) async fn get(&self, path: &str) -> Result<Option<Value>, TargetError> {
        let answer = self.ask(&Method::GET, path, None, Repeat::Freely).await?;
        Ok((answer.status != StatusCode::NOT_FOUND).then_some(answer.body))
    }

    /// The rows of a list, page after page; none where that which would hold it is gone.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Value>, TargetError> {
        let mut rows = Vec::new();
        let mut path = path.to_owned();
        for _ in 0..PAGES {
            let answer = self.ask(&Method::GET, &path, None, Repeat::Freely).await?;
            let wrong = |problem: &str| nonsense(&Method::GET, &path, problem);
            match answer.body {
                Value::Array(page) => rows.extend(page),
                _ if answer.status == StatusCode::NOT_FOUND => return Ok(rows),
                _ => return Err(wrong("a list is expected there")),
            }
            let asked = self.url(&path).map_err(|problem| wrong(&problem))?;
            match next_page::next_page(&answer.headers, &asked) {
                Ok(None) => return Ok(rows),
                Ok(Some(next)) if next == path => return Err(wrong("its next page is itself")),
                Ok(Some(next)) => path = next,
                Err(problem) => return Err(wrong(&problem)),
            }
        }
        Err(nonsense(&Method::GET, &path, "the list does not end"))
    }

    /// Makes something, or asks for something to be done.
    pub(super) async fn post(
        &self,
        path: &str,
        body: Option<&Value>,
        repeat: Repeat,
    ) -> Result<Value, Failure> {
        let answer = self.ask(&Method::POST, path, body, repeat).await?;
        found(&Method::POST, path, answer)
    }

    /// Changes something.
    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, TargetError> {
        let answer = self.ask(&Method::PUT, path, Some(body), Repeat::Freely);
        Ok(found(&Method::PUT, path, answer.await?)?)
    }

    /// Deletes something; whether it was there.
    pub(super) async fn delete(&self, path: &str) -> Result<bool, TargetError> {
        let answer = self.ask(&Method::DELETE, path, None, Repeat::Freely);
        Ok(answer.await?.status != StatusCode::NOT_FOUND)
    }

    /// Sends a request: again after the time that a 429 asks for, and again after an unclear answer
    /// where that does no harm.
    async fn ask(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        repeat: Repeat,
    ) -> Result<Answer, Failure> {
        let (mut busy, mut failed) = (0, 0);
        loop {
            let (error, pause) = match self.send(method, path, body).await {
                Outcome::Answered(answer) => return Ok(answer),
                Outcome::Busy(error, headers) => {
                    busy += 1;
                    let pause = asked_for(&headers, &self.clock, busy);
                    tracing::info!(
                        seconds = pause.as_secs(),
                        "the tenant has enough to do: waiting"
                    );
                    (certain(error), pause)
                }
                Outcome::Failed(failure) => {
                    failed += 1;
                    if !failure.unclear || repeat == Repeat::No || failed > REPEATS {
                        return Err(failure);
                    }
                    (failure, backoff(failed))
                }
            };
            if !self.patience.wait(pause).await {
                return Err(error);
            }
        }
    }
}

fn found(method: &Method, path: &str, answer: Answer) -> Result<Value, Failure> {
    if answer.status != StatusCode::NOT_FOUND {
        return Ok(answer.body);
    }
    let body = answer.body.to_string();
    let error = refusal(
        method,
        path,
        answer.status,
        &answer.headers,
        body.as_bytes(),
    );
    Err(certain(error))
}

fn certain(error: TargetError) -> Failure {
    Failure {
        error,
        unclear: false,
        late: false,
    }
}

fn unclear(error: TargetError) -> Failure {
    Failure {
        unclear: true,
        ..certain(error)
    }
}

pub(super) fn nonsense(method: &Method, path: &str, problem: &str) -> TargetError {
    TargetError::Nonsense {
        method: method.to_string(),
        path: plain(path.split('?').next().unwrap_or_default()),
        problem: problem.to_owned(),
    }
}
