//! `LOG_TOKENS=true`: tokens on the console, for who wants to look at them with another tool.

use super::{app::App, oidc::SignedIn};
use crate::oauth::Secret;

/// What a sign-in or a refresh brought. The ID token is gone by then, but for its claims.
pub(super) fn of_person(app: &App, person: &SignedIn) {
    let claims = &person.id_token.claims;
    tell(
        app,
        &person.access_token,
        person.refresh_token.as_ref(),
        Some(&serde_json::json!(claims)),
    );
}

/// What the machine got.
pub(super) fn of_machine(app: &App, access_token: &Secret) {
    tell(app, access_token, None, None);
}

fn tell(
    app: &App,
    access_token: &Secret,
    refresh_token: Option<&Secret>,
    id_token_claims: Option<&serde_json::Value>,
) {
    if app.config.log_tokens {
        tracing::warn!(
            event = "raw_tokens",
            access_token = access_token.expose(),
            refresh_token = refresh_token.map(Secret::expose),
            id_token_claims = id_token_claims.map(tracing::field::display),
            "LOG_TOKENS is true: raw tokens on the console"
        );
    }
}
