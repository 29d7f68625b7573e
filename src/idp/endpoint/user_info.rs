//! `/v1/userinfo` (`OpenID` Connect Core, section 5.3; RFC 6750).

use crate::{
    idp::{here::Here, own_claims::Told},
    oauth::{Challenge, ErrorCode, Scopes},
};
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// Says who an access token is about. The token is read from the header alone, never from a query
/// or a body.
pub(crate) async fn get(here: Here, headers: HeaderMap) -> Response {
    match claims(&here, &headers) {
        Ok(claims) => Json(claims).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Why a caller is told nothing.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("no access token was sent")]
    TokenMissing,
    #[error("the Authorization header is there more than once")]
    SeveralHeaders,
    #[error("the access token is unknown, expired or revoked")]
    TokenWorthless,
    #[error("the access token is not about a person")]
    NotAPerson,
    #[error("the access token lacks the scope openid")]
    ScopeMissing(Scopes),
}

fn claims(here: &Here, headers: &HeaderMap) -> Result<Map<String, Value>, Refusal> {
    let mut credentials = headers.get_all(header::AUTHORIZATION).iter();
    let bearer = match (credentials.next(), credentials.next()) {
        (_, Some(_)) => return Err(Refusal::SeveralHeaders),
        (one, None) => one.and_then(|one| one.to_str().ok().and_then(bearer_token)),
    };
    let active = here
        .active_token(bearer.ok_or(Refusal::TokenMissing)?)
        .ok_or(Refusal::TokenWorthless)?;
    if !active.claims.scopes.contains("openid") {
        let mut needed = Scopes::default();
        needed.insert("openid");
        return Err(Refusal::ScopeMissing(needed));
    }
    let user = here.user(&active.claims.subject);
    let user = user.ok_or(Refusal::NotAPerson)?;
    let scopes = &active.claims.scopes;
    let mut claims = here.profile_claims(user, scopes);
    claims.extend(here.own_claims(Told::UserInfo, &active.client_id, Some(user), scopes));
    claims.insert("sub".to_owned(), json!(user.id));
    Ok(claims)
}

fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl Refusal {
    /// Status and challenge (RFC 6750, section 3.1).
    fn challenge(&self) -> (StatusCode, Challenge<'_>) {
        let refused = |error| Challenge::refused(error, self.to_string());
        match self {
            Self::TokenMissing => (StatusCode::UNAUTHORIZED, Challenge::token_needed()),
            Self::SeveralHeaders => (StatusCode::BAD_REQUEST, refused(ErrorCode::InvalidRequest)),
            Self::TokenWorthless | Self::NotAPerson => {
                (StatusCode::UNAUTHORIZED, refused(ErrorCode::InvalidToken))
            }
            Self::ScopeMissing(needed) => {
                (StatusCode::FORBIDDEN, Challenge::insufficient_scope(needed))
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        tracing::warn!(event = "user_info_refused", reason = %self, "told nothing about a person");
        let (status, challenge) = self.challenge();
        let challenge = HeaderValue::try_from(challenge.to_string())
            .unwrap_or_else(|_| HeaderValue::from_static("Bearer")); // a challenge prints as ASCII
        (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
    }
}
