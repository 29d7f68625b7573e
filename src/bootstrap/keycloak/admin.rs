//! Requests to the Admin REST API: the administrator's token, no redirects, and every odd answer named.

mod send;
mod sign_in;

pub(super) use send::nonsense;
pub(super) use sign_in::Credentials;

use super::super::target::TargetError;
use crate::{clock::Clock, net};
use axum::http::{Method, StatusCode};
use send::{LIMIT, json};
use serde_json::Value;
use sign_in::AdminToken;
use tokio::sync::Mutex;

/// The management API of one Keycloak.
pub(super) struct Admin {
    http: net::Client,
    clock: Clock,
    /// `KEYCLOAK_URL` without the slash at its end.
    base: String,
    credentials: Credentials,
    token: Mutex<Option<AdminToken>>,
}

impl Admin {
    /// `base` is a checked URL without query. Nothing is sent yet.
    pub(super) fn new(
        http: net::Client,
        clock: Clock,
        base: &str,
        credentials: Credentials,
    ) -> Self {
        Self {
            http,
            clock,
            base: base.trim_end_matches('/').to_owned(),
            credentials,
            token: Mutex::default(),
        }
    }

    /// Where it is.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whose rights it works with.
    pub(super) fn whose(&self) -> String {
        self.credentials.whose()
    }

    /// What stands at a path; `None` is 404.
    pub(super) async fn get(&self, path: &str) -> Result<Option<Value>, TargetError> {
        let answer = self.send(&Method::GET, path, None).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::OK => json(&Method::GET, path, answer.body()).map(Some),
            _ => Err(self.refused(&Method::GET, path, &answer)),
        }
    }

    /// The same, of a document that needs no token.
    pub(super) async fn get_public(&self, path: &str) -> Result<Value, TargetError> {
        let request = self.request(&Method::GET, path, None, None)?;
        let answer = self.http.send(request, LIMIT).await?;
        match answer.status() {
            StatusCode::OK => json(&Method::GET, path, answer.body()),
            _ => Err(self.refused(&Method::GET, path, &answer)),
        }
    }

    /// The rows of a list, none where the realm is not there.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Value>, TargetError> {
        match self.get(path).await? {
            None => Ok(Vec::new()),
            Some(Value::Array(rows)) => Ok(rows),
            Some(_) => Err(nonsense(&Method::GET, path, "a list is expected there")),
        }
    }

    /// Makes something. Its id, where `Location` tells one.
    pub(super) async fn post(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<Option<String>, TargetError> {
        let answer = self.send(&Method::POST, path, Some(body)).await?;
        if !answer.status().is_success() {
            return Err(self.refused(&Method::POST, path, &answer));
        }
        self.id_of(path, answer.headers())
    }

    /// Changes something.
    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<(), TargetError> {
        let answer = self.send(&Method::PUT, path, Some(body)).await?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(self.refused(&Method::PUT, path, &answer))
    }

    /// Deletes something; whether it was there.
    pub(super) async fn delete(
        &self,
        path: &str,
        body: Option<&Value>,
    ) -> Result<bool, TargetError> {
        let answer = self.send(&Method::DELETE, path, body).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(false),
            status if status.is_success() => Ok(true),
            _ => Err(self.refused(&Method::DELETE, path, &answer)),
        }
    }
}
