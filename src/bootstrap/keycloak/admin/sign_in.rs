//! The administrator's access token. It lives for a minute, so it is asked for again and again.

use super::super::super::target::TargetError;
use super::{super::text::complaint, Admin, nonsense};
use crate::{
    jose::strict_json,
    oauth::{Secret, basic_credentials},
};
use axum::http::{Method, Request, StatusCode, header};
use serde::Deserialize;
use url::form_urlencoded;

/// The realm that administers the others.
const TOKEN: &str = "/realms/master/protocol/openid-connect/token";
const LIMIT: usize = 64 * 1024;
/// A token that ends within this many seconds is not used any more.
const MARGIN: i64 = 10;

/// Who administers.
pub(in super::super) enum Credentials {
    /// A person of the realm `master`, through its client `admin-cli`.
    Person {
        /// `KEYCLOAK_ADMIN`.
        name: String,
        /// `KEYCLOAK_ADMIN_PASSWORD`.
        password: Secret,
    },
    /// A client of the realm `master` with a service account.
    Client {
        /// `KEYCLOAK_ADMIN`.
        id: String,
        /// `KEYCLOAK_ADMIN_SECRET`.
        secret: Secret,
    },
}

/// A token, and the second by which it is asked for anew.
pub(super) struct AdminToken {
    value: Secret,
    renew_at: i64,
}

/// As much as is needed of a token answer (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Secret,
    expires_in: Option<i64>,
}

impl Credentials {
    pub(super) fn whose(&self) -> String {
        match self {
            Self::Person { name, .. } => format!("the administrator {name}"),
            Self::Client { id, .. } => format!("the client {id}"),
        }
    }

    /// The variables that hold it.
    fn variables(&self) -> &'static str {
        match self {
            Self::Person { .. } => "KEYCLOAK_ADMIN and KEYCLOAK_ADMIN_PASSWORD",
            Self::Client { .. } => "KEYCLOAK_ADMIN and KEYCLOAK_ADMIN_SECRET",
        }
    }
}

impl Admin {
    /// A token that is good for the next request.
    pub(super) async fn token(&self) -> Result<Secret, TargetError> {
        let mut kept = self.token.lock().await;
        let now = self.clock.now();
        if let Some(token) = kept.as_ref().filter(|token| now < token.renew_at) {
            return Ok(token.value.clone());
        }
        let token = self.sign_in(now).await?;
        let value = token.value.clone();
        *kept = Some(token);
        Ok(value)
    }

    async fn sign_in(&self, now: i64) -> Result<AdminToken, TargetError> {
        let request = self.token_request()?;
        let answer = self.http.send(request, LIMIT).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                let said = complaint(answer.body());
                let message = format!("{said}; are {} right?", self.credentials.variables());
                return Err(TargetError::Refused {
                    method: Method::POST.to_string(),
                    path: TOKEN.to_owned(),
                    status: answer.status().as_u16(),
                    message,
                });
            }
            StatusCode::NOT_FOUND => {
                let problem = "there is no realm master: does KEYCLOAK_URL lead to Keycloak? (older ones answer below /auth)";
                return Err(nonsense(&Method::POST, TOKEN, problem));
            }
            _ => return Err(self.refused(&Method::POST, TOKEN, &answer)),
        }
        let read: TokenAnswer = strict_json::object_from_slice(answer.body()).map_err(|_| {
            nonsense(
                &Method::POST,
                TOKEN,
                "no token answer (RFC 6749, section 5.1)",
            )
        })?;
        if read.access_token.is_empty() {
            return Err(nonsense(&Method::POST, TOKEN, "its access token is empty"));
        }
        Ok(AdminToken {
            value: read.access_token,
            renew_at: now.saturating_add(read.expires_in.unwrap_or(60).saturating_sub(MARGIN)),
        })
    }

    fn token_request(&self) -> Result<Request<Vec<u8>>, TargetError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let mut request = Request::post(format!("{}{TOKEN}", self.base))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        match &self.credentials {
            Credentials::Person { name, password } => {
                form.append_pair("grant_type", "password")
                    .append_pair("client_id", "admin-cli")
                    .append_pair("username", name)
                    .append_pair("password", password.expose());
            }
            Credentials::Client { id, secret } => {
                form.append_pair("grant_type", "client_credentials");
                let basic = basic_credentials(id, secret);
                request = request.header(header::AUTHORIZATION, basic.expose());
            }
        }
        let request = request.body(form.finish().into_bytes());
        request.map_err(|error| nonsense(&Method::POST, TOKEN, &error.to_string()))
    }
}
