//! What the log says of a request that is refused: one line, with reason, rule, and whose token it was.

use super::{holder::Holder, refuse::Refusal};
use crate::blueprint::Rule;
use axum::http::{HeaderValue, Method, StatusCode};
use std::{
    fmt::{self, Debug, Formatter},
    sync::Arc,
};

/// What is known of a request so far. The path is left out: where no rule names it, it may hold
/// anything.
pub(super) struct Record<'g> {
    pub(super) method: Method,
    pub(super) rule: Option<&'g Rule>,
    /// Only ever somebody whose token was found valid.
    pub(super) holder: Option<Arc<Holder>>,
    /// The path of a request that was judged and refused, for its challenge alone.
    pub(super) refused_at: Option<String>,
}

impl Record<'_> {
    pub(super) fn of(method: &Method) -> Self {
        Self {
            method: method.clone(),
            rule: None,
            holder: None,
            refused_at: None,
        }
    }

    /// Logs a refusal of ours.
    pub(super) fn refused(&self, refusal: &Refusal) {
        let (reason, status) = (refusal.reason(), refusal.status());
        let (method, rule) = (self.method(), self.rule());
        let (subject, client) = (self.subject(), self.client());
        let (is_failure, status) = (status.is_server_error(), status.as_u16());
        if is_failure {
            let hint = refusal.hint();
            tracing::warn!(event = "gateway_failed", reason, status, method, rule, subject = ?subject, client = ?client, "{refusal}{hint}");
        } else {
            tracing::info!(event = "gateway_refused", reason, status, method, rule, subject = ?subject, client = ?client, "a request was refused");
        }
    }

    /// Logs that the upstream refused somebody whom the gateway let through, if it did.
    pub(super) fn answered(&self, status: StatusCode) {
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let (method, rule, status) = (self.method(), self.rule(), status.as_u16());
            let (subject, client) = (self.subject(), self.client());
            tracing::info!(event = "gateway_passed_on", reason = "upstream_refused", status, method, rule, subject = ?subject, client = ?client, "the upstream refused a request");
        }
    }

    fn rule(&self) -> &str {
        self.rule.map_or("-", |rule| rule.name.as_str())
    }

    fn subject(&self) -> Named<'_> {
        let holder = self.holder.as_ref();
        Named(holder.and_then(|holder| holder.subject.as_ref()))
    }

    fn client(&self) -> Named<'_> {
        let holder = self.holder.as_ref();
        Named(holder.and_then(|holder| holder.client.as_ref()))
    }

    /// A caller may call a method anything: only those that HTTP has are logged by name.
    fn method(&self) -> &str {
        match self.method.as_str() {
            known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "TRACE"
            | "CONNECT") => known,
            _ => "other",
        }
    }
}

/// A name in quotes, with all but visible ASCII escaped.
struct Named<'r>(Option<&'r HeaderValue>);

impl Debug for Named<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => name.fmt(formatter),
            None => "-".fmt(formatter),
        }
    }
}
