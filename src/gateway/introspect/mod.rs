//! The policy *OpenID Connect access token enforcement*: the issuer is asked about each token
//! (RFC 7662), and its answer remembered for half a minute at most.

mod answer;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzed;

use super::{
    fetched::Fetched,
    holder::Holder,
    memory::{Fingerprint, Holders, Memory},
    metadata::{FetchEndpoint, Issuer},
    refuse::Refusal,
    single_flight::SingleFlight,
};
use crate::{
    clock::Clock,
    net,
    oauth::{Secret, basic_credentials},
};
use answer::{Expected, Rejected};
use axum::http::{
    HeaderValue, Request, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// How many active tokens are remembered, and how many seconds: so long a revoked one still passes.
pub(super) const ACTIVE: (usize, u32) = (10_000, 30);
/// The same for tokens that are not: they have their own place, so that junk displaces no good one.
const INACTIVE: (usize, u32) = (1_000, 5);
/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Asks the issuer about access tokens.
pub(super) struct Introspection {
    http: net::Client,
    endpoint: Fetched<FetchEndpoint>,
    credentials: Secret,
    expected: Expected,
    active: Holders,
    inactive: Memory<Rejected>,
    flights: SingleFlight<Asked>,
    clock: Clock,
}

/// What asking led to.
#[derive(Clone)]
enum Asked {
    Active(Arc<Holder>),
    Inactive(Rejected),
    /// There is no answer to rely on, for this reason.
    Unanswered(&'static str),
}

impl Introspection {
    pub(super) fn new(
        issuer: Issuer,
        audience: String,
        client_id: &str,
        client_secret: &Secret,
        clock: Clock,
    ) -> Self {
        Self {
            http: issuer.http.clone(),
            expected: Expected {
                issuer: issuer.identifier.clone(),
                audience,
            },
            endpoint: Fetched::new(FetchEndpoint(issuer), clock.clone()),
            credentials: basic_credentials(client_id, client_secret),
            active: Memory::new(ACTIVE.0, ACTIVE.1, clock.clone()),
            inactive: Memory::new(INACTIVE.0, INACTIVE.1, clock.clone()),
            flights: SingleFlight::new(),
            clock,
        }
    }

    /// Who holds this token, if the issuer said so lately.
    pub(super) fn recall(&self, fingerprint: &Fingerprint) -> Option<Arc<Holder>> {
        self.active.recall(fingerprint)
    }

    /// Who holds this token, if the issuer says that it is valid. What it opens is not judged.
    pub(super) async fn holder(
        &self,
        access_token: &str,
        fingerprint: Fingerprint,
    ) -> Result<Arc<Holder>, Refusal> {
        if let Some(rejected) = self.inactive.recall(&fingerprint) {
            return Err(rejected.into());
        }
        let asking = self.ask_and_remember(access_token, fingerprint);
        match self.flights.ask(fingerprint, asking).await {
            Asked::Active(holder) => Ok(holder),
            Asked::Inactive(rejected) => Err(rejected.into()),
            Asked::Unanswered(reason) => Err(Refusal::IssuerUnavailable { reason }),
        }
    }

    async fn ask_and_remember(&self, access_token: &str, fingerprint: Fingerprint) -> Asked {
        let asked = match self.ask(access_token).await {
            Ok(asked) | Err(asked) => asked,
        };
        match &asked {
            Asked::Active(holder) => {
                self.active
                    .remember(fingerprint, Arc::clone(holder), holder.expires_at);
            }
            Asked::Inactive(rejected) => {
                self.inactive
                    .remember(fingerprint, rejected.clone(), i64::MAX);
            }
            Asked::Unanswered(_) => {} // the next one asks again
        }
        asked
    }

    /// Asks once. Both ways out are what asking led to; `Err` is the one taken early.
    async fn ask(&self, access_token: &str) -> Result<Asked, Asked> {
        let unanswered = |reason| Asked::Unanswered(reason);
        let endpoint = self.endpoint.get().await;
        let endpoint = endpoint.map_err(|_| unanswered("introspection_unknown"))?;
        let request = self.request(&endpoint, access_token);
        let request = request.ok_or(unanswered("introspection_unknown"))?;
        let answer = match self.http.send(request, LONGEST_ANSWER).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(event = "introspection_failed", %error, "the issuer cannot be asked");
                return Err(unanswered("introspection_unavailable"));
            }
        };
        let status = answer.status();
        match status {
            StatusCode::OK => Ok(answer::read(
                answer.body(),
                &self.expected,
                self.clock.now(),
            )),
            // the token is of a kind that the issuer does not introspect: it is no good here
            _ if is_about_the_token(status) => Ok(Asked::Inactive(Rejected::new(
                "introspection_refused",
                "The issuer does not vouch for this token.",
            ))),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                tracing::error!(event = "introspection_credentials", %status, "the issuer does not accept the gateway's own credentials: check INTROSPECT_CLIENT_ID and INTROSPECT_CLIENT_SECRET");
                Err(unanswered("introspection_credentials"))
            }
            _ => {
                tracing::warn!(event = "introspection_failed", %status, "the issuer gives no answer about tokens");
                Err(unanswered("introspection_unavailable"))
            }
        }
    }

    fn request(&self, endpoint: &Url, access_token: &str) -> Option<Request<Vec<u8>>> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", access_token)
            .append_pair("token_type_hint", "access_token")
            .finish();
        let mut credentials = HeaderValue::try_from(self.credentials.expose()).ok()?;
        credentials.set_sensitive(true);
        Request::post(endpoint.as_str())
            .header(AUTHORIZATION, credentials)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form.into_bytes())
            .ok()
    }
}

/// Whether an error is the token's fault: 4xx, but neither our credentials, nor our pace, nor a
/// wrong address.
fn is_about_the_token(status: StatusCode) -> bool {
    status.is_client_error()
        && !matches!(
            status.as_u16(),
            401 | 403 | 404 | 405 | 407 | 408 | 421 | 425 | 429
        )
}
