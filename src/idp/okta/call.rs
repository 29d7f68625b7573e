//! A management call as it arrives, and what is written down about it.

use crate::idp::{
    Idp,
    answer::ReadBody,
    org::{ChangeError, Org},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, Uri},
};
use serde_json::{Map, Value};
use std::{convert::Infallible, sync::Arc};

use super::{error::OktaError, input};

/// The parts of a request that its endpoint needs.
pub(super) struct Call {
    pub(super) idp: Arc<Idp>,
    /// As it was asked: path and query.
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: ReadBody,
}

impl FromRequest<Arc<Idp>> for Call {
    type Rejection = Infallible;

    async fn from_request(request: Request, idp: &Arc<Idp>) -> Result<Self, Infallible> {
        let (uri, headers) = (request.uri().clone(), request.headers().clone());
        Ok(Self {
            idp: Arc::clone(idp),
            uri,
            headers,
            body: Bytes::from_request(request, idp).await,
        })
    }
}

impl Call {
    /// The JSON object that it carries.
    pub(super) fn object(&self) -> Result<Map<String, Value>, OktaError> {
        input::object(&self.headers, &self.body)
    }

    /// Changes the org, off the async threads: the change may have to be written to a file.
    ///
    /// # Errors
    /// Whatever the change is refused for; then nothing has changed.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Org) -> Result<T, OktaError> + Send + 'static,
    ) -> Result<T, OktaError> {
        let idp = Arc::clone(&self.idp);
        let changed = tokio::task::spawn_blocking(move || idp.org.change(change)).await;
        changed.map_err(|_| OktaError::Internal)?.map_err(|error| match error {
            ChangeError::Refused(refusal) => refusal,
            ChangeError::Full(kind) => OktaError::of(kind, "There is no room for more"),
            ChangeError::Unwritten(error) => {
                tracing::error!(event = "state_unwritten", %error, "a change could not be written down, so it was not made");
                OktaError::Internal
            }
        })
    }

    pub(super) fn now(&self) -> i64 {
        self.idp.clock.now()
    }

    /// An address below our own origin.
    pub(super) fn href(&self, path: &str) -> String {
        format!("{}{path}", self.idp.origin)
    }
}

/// Writes a change by the API token down: what was done to which object, never what is in it.
pub(super) fn changed(class: &'static str, id: &str, action: &'static str) {
    changed_by("api token", class, id, action);
}

/// The same, for whoever showed another token.
pub(super) fn changed_by(actor: &'static str, class: &'static str, id: &str, action: &'static str) {
    tracing::info!(
        event = "management_change",
        actor,
        class,
        id,
        action,
        "changed through the management API"
    );
}
