//! From a code to tokens (RFC 6749, section 4.1.3), and the end of one (RFC 7009).

use super::{App, Granted, SignInError, attempt::Attempt};
use crate::{
    calls::{Discovery, authenticated_form},
    flight::printable,
    jose::strict_json,
    net::Client,
    oauth::{Scopes, Secret},
};
use axum::http::Response;
use bytes::Bytes;
use serde_json::{Map, Value};

/// The longest answer that is read, in bytes.
const LIMIT: usize = 256 * 1024;

/// Redeems a code.
pub(super) async fn redeem(
    http: &Client,
    discovery: &Discovery,
    app: &App,
    attempt: &Attempt,
    code: &Secret,
) -> Result<Granted, SignInError> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", &attempt.redirect_uri),
        ("code_verifier", attempt.verifier.expose()),
    ];
    let answer = post(http, discovery, app, "token_endpoint", &form).await?;
    let status = answer.status();
    let nonsense = || SignInError::NotRedeemed {
        status: status.as_u16(),
        error: None,
        told: format!("the token endpoint answered {status} and no tokens"),
    };
    let members: Map<String, Value> =
        strict_json::from_slice(answer.body()).map_err(|_| nonsense())?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let Some(error) = text("error") {
        return Err(SignInError::NotRedeemed {
            status: status.as_u16(),
            error: Some(printable(error, 100)),
            told: printable(&format!("the token endpoint answered {error}"), 200),
        });
    }
    let access_token = text("access_token").filter(|_| status.is_success());
    let access_token = Secret::new(access_token.ok_or_else(nonsense)?);
    let scopes = match text("scope") {
        None => attempt.scopes.clone(),
        Some(scope) => Scopes::parse(scope).map_err(|error| error.to_string())?,
    };
    Ok(Granted {
        access_token,
        scopes,
        id_token: text("id_token").map(Secret::new),
        refresh_token: text("refresh_token").map(Secret::new),
    })
}

/// Revokes an access token.
pub(super) async fn revoke(
    http: &Client,
    discovery: &Discovery,
    app: &App,
    access_token: &Secret,
) -> Result<(), String> {
    let form = [
        ("token", access_token.expose()),
        ("token_type_hint", "access_token"),
    ];
    let answer = post(http, discovery, app, "revocation_endpoint", &form).await?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(format!(
        "the provider does not revoke access tokens: it answered {}",
        answer.status()
    ))
}

async fn post(
    http: &Client,
    discovery: &Discovery,
    app: &App,
    endpoint: &'static str,
    form: &[(&str, &str)],
) -> Result<Response<Bytes>, String> {
    let endpoint = discovery.endpoint(endpoint);
    let endpoint = endpoint.map_err(|error| error.to_string())?;
    let (id, authentication) = (&app.client_id, discovery.client_authentication());
    let proof = app
        .credential
        .proof(id, discovery.issuer(), app.clock.now());
    let request = authenticated_form(&endpoint, id, &proof, authentication, form);
    let answer = http.send(request, LIMIT).await;
    answer.map_err(|error| error.to_string())
}
