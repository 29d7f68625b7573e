//! Verify as the issuer: every row can be tested.

use super::{Session, configured};
use crate::{
    cli::tool::ToolError,
    jose::{Algorithm, SigningKey},
    net::{Listeners, Room, RunningRoom, http_url, own_hosts_only},
    verify::{self, Ledger, Minter, Report, TestIssuer, Tokens, issuer_router},
};
use axum::response::IntoResponse;
use std::sync::Arc;

pub(super) async fn verify(session: &Session) -> Result<Report, ToolError> {
    let key = Arc::new(key(session)?);
    let settings = &session.settings;
    let idp = http_url(&settings.idp.host, settings.idp.port);
    let identifier = match (&settings.issuer, session.arguments.as_issuer) {
        (Some(issuer), _) => issuer.clone(),
        (None, Some(port)) => format!("http://localhost:{port}"),
        (None, None) => format!("{idp}/oauth2/default"),
    };
    let ledger = session.arguments.as_issuer.map(|_| Ledger::default());
    let room = match (&ledger, session.arguments.as_issuer) {
        (Some(ledger), Some(port)) => {
            let introspection = settings.gateway.introspection.clone();
            let issuer = TestIssuer {
                identifier: identifier.clone(),
                key: Arc::clone(&key),
                introspector: introspection.map(|client| (client.client_id, client.client_secret)),
                ledger: ledger.clone(),
                clock: session.clock.clone(),
            };
            Some(serve(issuer, port).await?)
        }
        _ => None,
    };
    let minter = Minter {
        issuer: identifier,
        audience: settings.audience.clone(),
        key,
        scope_claims: session.arguments.scope_claims,
        ledger,
        clock: session.clock.clone(),
    };
    let (witness, api) = configured::api(session).await?;
    let config = configured::base(session, Tokens::Minted(minter), witness)?;
    let matrix = verify::verify(&config).await;
    drop((room, api));
    let matrix = matrix.map_err(|error| ToolError::Failed(error.to_string()))?;
    Ok(Report::of(vec![matrix]))
}

fn key(session: &Session) -> Result<SigningKey, ToolError> {
    let Some(path) = &session.arguments.issuer_key else {
        let algorithm = match session.arguments.issuer_alg.as_str() {
            "RS256" => Algorithm::Rs256,
            "ES256" => Algorithm::Es256,
            _ => {
                return Err(ToolError::WrongUse(
                    "--issuer-alg: RS256 or ES256".to_owned(),
                ));
            }
        };
        return SigningKey::generate(algorithm)
            .map_err(|error| ToolError::Failed(error.to_string()));
    };
    let wrong =
        |why: String| ToolError::WrongUse(format!("--issuer-key {}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    SigningKey::from_file(&text).map_err(|error| wrong(error.to_string()))
}

/// Serves a test issuer on loopback. It is there as long as the room is held.
pub(super) async fn serve(issuer: TestIssuer, port: u16) -> Result<RunningRoom, ToolError> {
    let listeners = Listeners::bind("localhost", port).await;
    let listeners =
        listeners.map_err(|error| ToolError::Failed(format!("--as-issuer: {error}")))?;
    eprintln!(
        "The issuer is {} as long as verify runs.",
        issuer.identifier
    );
    Ok(start(issuer, listeners))
}

pub(super) fn start(issuer: TestIssuer, listeners: Listeners) -> RunningRoom {
    let router = issuer_router(issuer);
    let refusal =
        |status: axum::http::StatusCode| (status, "this issuer is on loopback").into_response();
    Room {
        name: "test issuer",
        listeners,
        router: own_hosts_only(router, None, refusal),
    }
    .start()
}
