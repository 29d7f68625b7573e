//! The order in which a request is looked at: first what costs nothing and needs no trust.

use super::{
    bearer, forward::Upstream, holder::Holder, introspect::Introspection, jwt::JwtValidation, path,
    record::Record, refuse::Refusal,
};
use crate::blueprint::{Caller, Facts, Policy, Rule, Takes, Verdict};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, Response, StatusCode,
        header::{ALLOW, CACHE_CONTROL, TRANSFER_ENCODING, UPGRADE},
        request,
    },
    response::IntoResponse,
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// The longest body that is taken from a caller, in bytes.
const LONGEST_BODY: usize = 64 * 1024;
/// What a request may take in all: the caller's body, the issuer, the upstream, its whole answer.
/// Callers mostly wait ten seconds: they must hear whose fault it is before they give up.
const TOTAL: Duration = Duration::from_secs(8);

/// What the gateway knows.
pub(super) struct Gateway {
    pub(super) policy: Policy,
    pub(super) verifier: Verifier,
    pub(super) upstream: Upstream,
}

/// How access tokens are found to be valid.
pub(super) enum Verifier {
    Introspection(Introspection),
    Jwt(JwtValidation),
}

/// Takes every request there is.
pub(super) async fn take(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
) -> axum::response::Response {
    let deadline = Instant::now() + TOTAL;
    let mut record = Record::of(request.method());
    match gateway.answer(request, &mut record, deadline).await {
        Ok(answer) => {
            record.answered(answer.status());
            answer
        }
        Err(refusal) => {
            record.refused(&refusal);
            refusal.into_response()
        }
    }
}

impl Gateway {
    async fn answer<'g>(
        &'g self,
        request: Request,
        record: &mut Record<'g>,
        deadline: Instant,
    ) -> Result<Response<Body>, Refusal> {
        let (asked, body) = request.into_parts();
        if !is_clearly_framed(&asked.headers) {
            return Err(Refusal::Framing);
        }
        path::check(asked.uri.path(), asked.uri.query())?;
        if asked.headers.contains_key(UPGRADE) || asked.method == Method::CONNECT {
            return Err(Refusal::Upgrade);
        }
        let rule = match self.rule(&asked) {
            Ok(rule) => rule,
            Err(Refusal::MethodNotAllowed { allowed }) if asked.method == Method::OPTIONS => {
                return Ok(options(&allowed));
            }
            Err(refusal) => return Err(refusal),
        };
        record.rule = Some(rule);
        bearer::one_place(&asked.headers, asked.uri.query())?;
        let body = whole(body, deadline).await?;
        bearer::not_in_form(&asked.headers, &body)?;

        if rule.takes != Takes::Open {
            let holder = self.holder(&asked.headers, deadline).await?;
            let holder = record.holder.insert(holder);
            self.judge(&asked, holder)?;
        }
        self.upstream
            .forward(asked, body, record.holder.as_deref(), deadline)
            .await
    }

    /// The rule that a request falls under, whoever asks.
    fn rule(&self, asked: &request::Parts) -> Result<&Rule, Refusal> {
        let facts = Facts {
            method: asked.method.as_str(),
            path: asked.uri.path(),
            caller: None,
        };
        match self.policy.judge(&facts) {
            Verdict::Pass(rule)
            | Verdict::TokenNeeded(rule)
            | Verdict::ClientNotRecognised(rule)
            | Verdict::ScopeMissing { rule, .. } => Ok(rule),
            Verdict::MethodNotAllowed { allowed } => Err(Refusal::MethodNotAllowed {
                allowed: format!("{}, OPTIONS", allowed.join(", ")),
            }),
            Verdict::NotFound => Err(Refusal::NotFound),
        }
    }

    async fn holder(&self, headers: &HeaderMap, deadline: Instant) -> Result<Arc<Holder>, Refusal> {
        let access_token = bearer::access_token(headers)?.ok_or(Refusal::TokenMissing)?;
        let finding_out = async {
            match &self.verifier {
                Verifier::Introspection(introspection) => introspection.holder(access_token).await,
                Verifier::Jwt(validation) => validation.holder(access_token).await,
            }
        };
        let found_out = timeout_at(deadline, finding_out).await;
        found_out.unwrap_or(Err(Refusal::IssuerUnavailable {
            reason: "issuer_slow",
        }))
    }

    /// Judges client and scope, every time.
    fn judge(&self, asked: &request::Parts, holder: &Holder) -> Result<(), Refusal> {
        let facts = Facts {
            method: asked.method.as_str(),
            path: asked.uri.path(),
            caller: Some(Caller {
                client_id: holder.client_id.as_deref(),
                scopes: &holder.scopes,
            }),
        };
        match self.policy.judge(&facts) {
            Verdict::Pass(_) => Ok(()),
            Verdict::ClientNotRecognised(_) => Err(Refusal::ClientNotRecognised),
            Verdict::ScopeMissing {
                needed, granted, ..
            } => Err(Refusal::ScopeMissing { needed, granted }),
            Verdict::TokenNeeded(_) => Err(Refusal::TokenMissing),
            Verdict::MethodNotAllowed { .. } | Verdict::NotFound => Err(Refusal::NotFound),
        }
    }
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

/// Which methods there are is answered here, to anybody: the upstream is not asked, and no other
/// origin is let in.
fn options(allowed: &str) -> Response<Body> {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    if let Ok(allowed) = HeaderValue::try_from(allowed) {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    let no_store = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(CACHE_CONTROL, no_store);
    answer
}

/// A body is read whole before anything is sent on: exactly one well-formed request goes upstream.
async fn whole(body: Body, deadline: Instant) -> Result<Bytes, Refusal> {
    if hyper::body::Body::is_end_stream(&body) {
        return Ok(Bytes::new());
    }
    let body = timeout_at(deadline, Limited::new(body, LONGEST_BODY).collect()).await;
    match body.map_err(|_| Refusal::BodyBroken)? {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge),
        Err(_) => Err(Refusal::BodyBroken),
    }
}
