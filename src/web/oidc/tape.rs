//! What went over the wire at the token endpoint, for people to look at, without secrets.

use crate::{
    calls::{shown_form, shown_token_answer},
    flight::{Hop, without},
    oauth::Secret,
};
use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Records one call, or nothing of it but what an error may not say.
pub(super) struct Tape {
    /// What an answer may echo, and the words that stand there instead.
    secrets: Vec<(Secret, &'static str)>,
    /// `None` records nothing.
    call: Option<Mutex<Call>>,
}

#[derive(Default)]
struct Call {
    hop: Option<Hop>,
    status: Option<StatusCode>,
}

impl Tape {
    /// Records a call without these secrets.
    pub(super) fn without(secrets: Vec<(Secret, &'static str)>) -> Self {
        let call = Some(Mutex::default());
        Self { secrets, call }
    }

    /// Records nothing.
    pub(super) fn of_nothing(secrets: Vec<(Secret, &'static str)>) -> Self {
        let call = None;
        Self { secrets, call }
    }

    /// Takes the secrets out of the texts of an error.
    pub(super) fn clean(&self, members: &mut Map<String, Value>) {
        for text in members.values_mut() {
            let Value::String(text) = text else { continue };
            for (secret, words) in &self.secrets {
                if !secret.is_empty() && text.contains(secret.expose()) {
                    *text = text.replace(secret.expose(), words);
                }
            }
        }
    }

    pub(super) fn asked(&self, request: &Request<Vec<u8>>) {
        let Some(mut call) = self.call() else { return };
        call.hop = Some(Hop {
            asked: shown_form(request),
            came_back: None,
        });
    }

    pub(super) fn came_back(&self, answer: &Response<Bytes>) {
        let Some(mut call) = self.call() else { return };
        let secrets = self.secrets.iter();
        let clean = secrets.fold(answer.clone(), |answer, (secret, words)| {
            without(answer, secret, words)
        });
        call.status = Some(answer.status());
        if let Some(hop) = &mut call.hop {
            hop.came_back = Some(shown_token_answer(&clean));
        }
    }

    /// The call, if it was made, and the status of its answer, if there was one.
    pub(super) fn into_call(self) -> (Option<Hop>, Option<StatusCode>) {
        let call = self.call.map(Mutex::into_inner);
        let call = call.map(|call| call.unwrap_or_else(PoisonError::into_inner));
        let call = call.unwrap_or_default();
        (call.hop, call.status)
    }

    fn call(&self) -> Option<MutexGuard<'_, Call>> {
        let call = self.call.as_ref()?.lock();
        Some(call.unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_on_the_tape_neither_sent_nor_echoed() {
        let tape = Tape::without(vec![(Secret::new("canary-r"), "[refresh token]")]);
        let body = "grant_type=refresh_token&refresh_token=canary-r&client_secret=canary-s&client_assertion_type=urn%3Aa&client_assertion=canary-j&odd=canary-o";
        let mut request = Request::post("https://idp.example/token")
            .body(body.as_bytes().to_vec())
            .unwrap();
        let basic = "Basic canary-b".parse().unwrap();
        request.headers_mut().insert("authorization", basic);
        tape.asked(&request);
        let answer = r#"{"error":"invalid_grant","error_description":"canary-r is spent","access_token":"canary-a","refresh_token":"canary-n","x":{"y":"canary-x"}}"#;
        let mut answer = Response::new(Bytes::from(answer));
        *answer.status_mut() = StatusCode::BAD_REQUEST;
        tape.came_back(&answer);

        let (hop, status) = tape.into_call();

        let told = format!("{hop:?}");
        assert!(!told.contains("canary"), "{told}");
        for part in [
            "POST https://idp.example/token",
            "grant_type=refresh_token&refresh_token=[refresh token]",
            "client_assertion_type=urn%3Aa&client_assertion=[client assertion]",
            "[refresh token] is spent",
            "invalid_grant",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert_eq!(status, Some(StatusCode::BAD_REQUEST));
    }
}
