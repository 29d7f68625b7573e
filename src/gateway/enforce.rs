//! The order in which a request is looked at: first what costs nothing and needs no trust.

use super::{
    address, bearer, face::Face, forward::Upstream, holder::Holder, introspect::Introspection,
    jwt::JwtValidation, limits::Time, memory::Fingerprint, own::Own, path, phantom::Minter,
    record::Record, refuse::Refusal, throttle::Throttle, upload::Uploads,
};
use crate::{
    blueprint::{Caller, Facts, Policy, Rule, Takes, Verdict},
    clock::Clock,
    net::fit_headers,
};
use arc_swap::ArcSwap;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, Response, StatusCode,
        header::{ALLOW, CACHE_CONTROL, UPGRADE},
    },
    response::IntoResponse,
};
use ipnet::IpNet;
use std::sync::Arc;
use tokio::time::timeout_at;

/// What the gateway knows.
pub(super) struct Gateway {
    pub(super) rules: ArcSwap<Rules>,
    pub(super) face: Face,
    pub(super) clock: Clock,
    /// Makes tokens for the API, where it wants some.
    pub(super) minter: Option<Minter>,
    pub(super) throttle: Throttle,
    pub(super) uploads: Uploads,
    /// Whose word counts on where a request comes from.
    pub(super) proxies: Vec<IpNet>,
    pub(super) verifier: Verifier,
    pub(super) upstream: Upstream,
}

/// What the gateway goes by: replaced whole, and only where all of it is right.
pub(super) struct Rules {
    pub(super) policy: Policy,
    /// What people call the API.
    pub(super) name: String,
}

/// How access tokens are found to be valid.
pub(super) enum Verifier {
    Introspection(Introspection),
    Jwt(JwtValidation),
}

/// A request as it is judged: one of the gateway's own, or one that another gateway asks about.
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    /// Byte for byte as it came.
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
}

/// Takes every request there is.
pub(super) async fn take(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
) -> axum::response::Response {
    let time = Time::of(&gateway.upstream.limits);
    // a request ends by the rules that it began with
    let rules = gateway.rules.load_full();
    let mut record = Record::of(request.method());
    let address = address::of(request.extensions(), request.headers(), &gateway.proxies);
    // before all else: whatever is answered, the next request begins where this one ends
    let may_ask = match fit_headers(request.headers()) {
        Ok(()) => gateway.throttle.address(address),
        Err(unfit) => Err(Refusal::Unfit(unfit)),
    };
    let answer = match (may_ask, Own::at(request.uri().path())) {
        (Err(refusal), _) => Err(refusal),
        (Ok(()), Some(own)) => {
            let answering = gateway.answer_itself(own, request, &rules, &mut record, time);
            Box::pin(answering).await
        }
        (Ok(()), None) => gateway.answer(request, &rules, &mut record, time).await,
    };
    match answer {
        Ok(answer) => {
            record.answered(answer.status());
            answer
        }
        Err(refusal) => {
            record.refused(&refusal);
            let path = record.refused_at.as_deref();
            refusal.answer(path.map(|path| gateway.face.metadata_url(path)))
        }
    }
}

impl Gateway {
    async fn answer<'g>(
        &self,
        request: Request,
        rules: &'g Rules,
        record: &mut Record<'g>,
        time: Time,
    ) -> Result<Response<Body>, Refusal> {
        let (parts, body) = request.into_parts();
        let asked = Asked {
            method: &parts.method,
            path: parts.uri.path(),
            query: parts.uri.query(),
            headers: &parts.headers,
        };
        let rule = match rule_of(rules, &asked) {
            Ok(rule) => rule,
            Err(Refusal::MethodNotAllowed { allowed }) => {
                let allowed = format!("{allowed}, OPTIONS");
                if parts.method == Method::OPTIONS {
                    return Ok(options(&allowed));
                }
                return Err(Refusal::MethodNotAllowed { allowed });
            }
            Err(refusal) => return Err(refusal),
        };
        record.rule = Some(rule);
        bearer::one_place(asked.headers, asked.query)?;
        let limits = &self.upstream.limits;
        let upload = self
            .uploads
            .take(asked.method, asked.headers, body, limits, time.ends)
            .await?;
        self.admit(rules, &asked, record, time).await?;
        if let (Some(minter), Some(holder)) = (&self.minter, &record.holder) {
            let equipped = minter.equip(holder);
            equipped.inspect_err(|_| record.refused_at = Some(asked.path.to_owned()))?;
        }
        self.upstream
            .forward(parts, upload, record.holder.as_deref(), time)
            .await
    }

    /// Lets a request pass whose rule was found, or says why not. Who asks is on record afterwards.
    pub(super) async fn admit(
        &self,
        rules: &Rules,
        asked: &Asked<'_>,
        record: &mut Record<'_>,
        time: Time,
    ) -> Result<(), Refusal> {
        if record.rule.is_some_and(|rule| rule.takes == Takes::Open) {
            return Ok(());
        }
        let admitted = match self.holder(asked.headers, time).await {
            Ok(holder) => {
                let holder = record.holder.insert(holder);
                let in_time = self.throttle.holder(holder);
                in_time.and_then(|()| self.judge(rules, asked, holder))
            }
            Err(refusal) => Err(refusal),
        };
        if admitted.is_err() {
            record.refused_at = Some(asked.path.to_owned());
        }
        admitted
    }

    async fn holder(&self, headers: &HeaderMap, time: Time) -> Result<Arc<Holder>, Refusal> {
        let access_token = bearer::access_token(headers)?.ok_or(Refusal::TokenMissing)?;
        let token = Fingerprint::of(access_token);
        let known = match &self.verifier {
            Verifier::Introspection(introspection) => introspection.recall(&token),
            Verifier::Jwt(validation) => validation.recall(&token),
        };
        if let Some(holder) = known {
            return Ok(holder);
        }
        // boxed: what is seldom needed makes no room in every request
        let finding_out = Box::pin(async {
            match &self.verifier {
                Verifier::Introspection(known) => known.holder(access_token, token).await,
                Verifier::Jwt(validation) => validation.holder(access_token, token).await,
            }
        });
        let found_out = timeout_at(time.first_byte, finding_out).await;
        found_out.unwrap_or(Err(Refusal::IssuerUnavailable {
            reason: "issuer_slow",
        }))
    }
    /// Judges client, scope and sign-in, every time.
    fn judge(&self, rules: &Rules, asked: &Asked<'_>, holder: &Arc<Holder>) -> Result<(), Refusal> {
        let age = |auth_time| self.clock.now().saturating_sub(auth_time);
        let facts = Facts {
            method: asked.method.as_str(),
            path: asked.path,
            caller: Some(Caller {
                client_id: holder.client_id.as_deref(),
                scopes: &holder.scopes,
                age: holder.auth_time.map(age),
                acr: holder.acr.as_deref(),
            }),
        };
        match rules.policy.judge(&facts) {
            Verdict::Pass(_) => Ok(()),
            Verdict::ClientNotRecognised(_) => Err(Refusal::ClientNotRecognised),
            Verdict::ScopeMissing { needed, .. } => Err(Refusal::ScopeMissing {
                needed: needed.clone(),
                holder: Arc::clone(holder),
            }),
            Verdict::StepUpNeeded(rule) => Err(Refusal::StepUpNeeded(rule.step_up.clone())),
            Verdict::TokenNeeded(_) => Err(Refusal::TokenMissing),
            Verdict::MethodNotAllowed { .. } | Verdict::NotFound => Err(Refusal::NotFound),
        }
    }
}

/// The rule that a request falls under, whoever asks.
pub(super) fn rule_of<'g>(rules: &'g Rules, asked: &Asked<'_>) -> Result<&'g Rule, Refusal> {
    path::check(asked.path, asked.query)?;
    if asked.headers.contains_key(UPGRADE) || *asked.method == Method::CONNECT {
        return Err(Refusal::Upgrade);
    }
    let facts = Facts {
        method: asked.method.as_str(),
        path: asked.path,
        caller: None,
    };
    match rules.policy.judge(&facts) {
        Verdict::Pass(rule)
        | Verdict::TokenNeeded(rule)
        | Verdict::ClientNotRecognised(rule)
        | Verdict::StepUpNeeded(rule)
        | Verdict::ScopeMissing { rule, .. } => Ok(rule),
        Verdict::MethodNotAllowed { allowed } => Err(Refusal::MethodNotAllowed {
            allowed: allowed.join(", "),
        }),
        Verdict::NotFound => Err(Refusal::NotFound),
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
