//! The decision endpoint: another gateway asks whether a request of its own may pass, and is answered
//! as that request would be answered here.
//!
//! `X-Forwarded-Method` and `X-Forwarded-Uri` say what is asked, byte for byte as it came; the token is
//! in `Authorization`. `200` without a body means that it may pass, and names who asks; anything else
//! is the refusal to hand on. Since some programs take every `2xx` for a yes, `OPTIONS`, which the
//! gateway itself answers, is a `405` here.
//!
//! A gateway that cannot hand on a refusal as it heard it asks again with `X-Decision: refused`. What
//! would be a yes by then is a `503`, since an empty `200` would reach the caller as the API's answer.
//!
//! What the asking gateway does not send is not judged: a form that holds a token is only found where
//! its body comes along.

use super::{
    bearer,
    enforce::{Asked, Gateway, Rules, rule_of},
    limits::Time,
    record::Record,
    refuse::Refusal,
};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Response, header::CACHE_CONTROL},
};

const METHOD: &str = "x-forwarded-method";
const URI: &str = "x-forwarded-uri";
/// What a gateway says that asks a second time, only to hand a refusal on whole.
const DECISION: &str = "x-decision";
const REFUSED: &str = "refused";

impl Gateway {
    /// Judges the request that `call` tells of.
    pub(super) async fn decide<'g>(
        &self,
        call: Request,
        rules: &'g Rules,
        record: &mut Record<'g>,
        time: Time,
    ) -> Result<Response<Body>, Refusal> {
        let (call, body) = call.into_parts();
        let method = Method::from_bytes(only(&call.headers, METHOD)?)
            .map_err(|_| Refusal::Forwarded("the method is none"))?;
        record.method = method.clone();
        let target = std::str::from_utf8(only(&call.headers, URI)?)
            .map_err(|_| Refusal::PathUnclean("it is not UTF-8"))?;
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let asked = Asked {
            method: &method,
            path,
            query,
            headers: &call.headers,
        };
        let rule = rule_of(rules, &asked)?;
        record.rule = Some(rule);
        bearer::one_place(asked.headers, asked.query)?;
        let limits = &self.upstream.limits;
        self.uploads
            .take(asked.method, asked.headers, body, limits, time.ends)
            .await?;
        self.admit(rules, &asked, record, time).await?;
        if call
            .headers
            .get_all(DECISION)
            .iter()
            .any(|said| said == REFUSED)
        {
            return Err(Refusal::DecisionChanged);
        }

        let mut answer = Response::new(Body::empty());
        let headers = answer.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(holder) = &record.holder {
            for (name, value) in holder.headers() {
                headers.insert(name, value.clone());
            }
        }
        Ok(answer)
    }
}

/// The value of a header that is there exactly once: of two, a caller may have sent one.
fn only<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h [u8], Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value.as_bytes()),
        (Some(_), Some(_)) => Err(Refusal::Forwarded("one of them is there twice")),
        (None, _) => Err(Refusal::Forwarded("one of them is missing")),
    }
}
