//! `LOG_TOKENS=true`: tokens on the console, for who wants to look at them with another tool.

use super::{app::App, oidc::SignedIn};
use crate::oauth::Secret;

/// What a sign-in or a refresh brought. The ID token is gone by then, but for its claims.
pub(super) fn of_person(app: &App, person: &SignedIn) {
    if app.config.log_tokens {
        let claims = serde_json::json!(person.id_token.claims);
        let (access, refresh) = (&person.access_token, person.refresh_token.as_ref());
        tell(access, refresh, Some(&claims));
    }
}

/// What the machine got.
pub(super) fn of_machine(app: &App, access_token: &Secret) {
    if app.config.log_tokens {
        tell(access_token, None, None);
    }
}

fn tell(
    access_token: &Secret,
    refresh_token: Option<&Secret>,
    id_token_claims: Option<&serde_json::Value>,
) {
    tracing::warn!(
        event = "raw_tokens",
        access_token = access_token.expose(),
        refresh_token = refresh_token.map(Secret::expose),
        id_token_claims = id_token_claims.map(tracing::field::display),
        "LOG_TOKENS is true: raw tokens on the console"
    );
}
