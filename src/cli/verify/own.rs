//! Nothing is configured: rooms of our own on free ports are verified, in both policies, once with
//! real sign-ins and once with an issuer whose key we hold.

use super::{Session, issuer};
use crate::{
    calls::Credential,
    cli::tool::ToolError,
    jose::{Algorithm, SigningKey},
    net::{Listeners, Room},
    oauth::Secret,
    settings::{Command, IntrospectionClient, PolicyChoice, Settings},
    stack::{self, Running, people},
    verify::{self, Config, Ledger, Matrix, Minter, Provider, Report, TestIssuer, Tokens, Witness},
};
use std::{sync::Arc, time::Duration};
use url::Url;

/// Our own gateway need not be spared.
const RATE: f64 = 2000.0;
/// The gateway's client id at the test issuer.
const GATEWAY: &str = "gateway-under-test";

pub(super) async fn verify(session: &Session) -> Result<Report, ToolError> {
    eprintln!(
        "Neither a gateway nor a provider is configured: verify starts its own on free ports."
    );
    let both = [PolicyChoice::Introspection, PolicyChoice::Jwt];
    let wanted = session.arguments.policy.or(session.settings.gateway.policy);
    let policies = both
        .into_iter()
        .filter(|one| wanted.is_none_or(|wanted| wanted == *one));
    let mut matrices = Vec::new();
    for policy in policies.clone() {
        matrices.push(with_sign_ins(session, policy).await?);
    }
    for policy in policies {
        matrices.push(with_our_issuer(session, policy).await?);
    }
    Ok(Report::of(matrices))
}

fn how(policy: PolicyChoice) -> &'static str {
    match policy {
        PolicyChoice::Introspection => "introspection",
        PolicyChoice::Jwt => "keys",
    }
}

/// The settings with free ports.
fn free_ports(session: &Session, command: Command, policy: PolicyChoice) -> Settings {
    let mut settings = session.settings.clone();
    settings.command = command;
    settings.web.port = 0;
    settings.web.redirect_uri = None;
    settings.idp.port = 0;
    settings.idp.state = None; // what the user's own provider keeps is not ours to write
    settings.idp.empty = false;
    settings.gateway.port = 0;
    settings.api.port = 0;
    settings.gateway.policy = Some(policy);
    settings
}

async fn start(session: &Session, settings: Settings) -> Result<Running, ToolError> {
    let running = stack::start(settings, session.clock.clone()).await;
    running.map_err(|error| ToolError::Failed(error.to_string()))
}

/// All four rooms.
async fn with_sign_ins(session: &Session, policy: PolicyChoice) -> Result<Matrix, ToolError> {
    let running = start(session, free_ports(session, Command::Serve, policy)).await?;
    let secret_of = |id: &str| {
        let found = running.clients.iter().find(|(known, _)| known == id);
        found.map(|(_, secret)| secret.clone())
    };
    let machine = crate::blueprint::ClientKind::Machine;
    let machine = session
        .blueprint
        .clients
        .iter()
        .find(|client| client.kind == machine);
    let client_id = session.client_id();
    let provider = Provider {
        credential: Credential::Secret(secret_of(&client_id).unwrap_or_else(|| Secret::new(""))),
        client_id,
        redirect_uri: format!(
            "{}/callback",
            running.addresses.web.clone().unwrap_or_default()
        ),
        people: people::by_level(&session.settings, &session.blueprint, &running.people),
        machine_secret: machine.and_then(|client| secret_of(&client.id)),
        ask_for_audience: None,
        revoke: policy == PolicyChoice::Introspection,
        clock: session.clock.clone(),
    };
    let issuer = running.addresses.issuer.clone();
    let mut config = config(
        session,
        policy,
        &running,
        Tokens::SignedIn(Box::new(provider)),
        issuer,
    )?;
    config.title = format!(
        "The embedded gateway by {}, with sign-ins at the embedded provider",
        how(policy)
    );
    let matrix = verify::verify(&config).await;
    running.stop().await;
    matrix.map_err(|error| ToolError::Failed(error.to_string()))
}

/// The gateway alone, between an issuer and an API of verify's.
async fn with_our_issuer(session: &Session, policy: PolicyChoice) -> Result<Matrix, ToolError> {
    let failed = |error: &dyn std::fmt::Display| ToolError::Failed(error.to_string());
    let issuer_door = Listeners::bind("localhost", 0)
        .await
        .map_err(|error| failed(&error))?;
    let api_door = Listeners::bind("localhost", 0)
        .await
        .map_err(|error| failed(&error))?;
    let (identifier, api_url) = (issuer_door.url(), api_door.url());
    let secret = Secret::random();
    let ledger = Ledger::default();
    let key = SigningKey::generate(Algorithm::Es256).map_err(|error| failed(&error))?;
    let key = Arc::new(key);
    let issuer_room = issuer::start(
        TestIssuer {
            identifier: identifier.clone(),
            key: Arc::clone(&key),
            introspector: Some((GATEWAY.to_owned(), secret.clone())),
            ledger: ledger.clone(),
            clock: session.clock.clone(),
        },
        issuer_door,
    );
    let witness = Witness::of(&session.blueprint);
    let api_room = Room {
        name: "witness",
        listeners: api_door,
        router: witness.router(),
    };
    let api_room = api_room.start();

    let mut settings = free_ports(session, Command::Gateway, policy);
    settings.issuer = Some(identifier.clone());
    settings.gateway.api_uri = Url::parse(&api_url).ok();
    settings.gateway.introspection = Some(IntrospectionClient {
        client_id: GATEWAY.to_owned(),
        client_secret: secret,
    });
    let running = start(session, settings).await?;
    let minter = Minter {
        issuer: identifier.clone(),
        audience: session.settings.audience.clone(),
        key,
        scope_claims: session.arguments.scope_claims,
        ledger: Some(ledger),
        clock: session.clock.clone(),
    };
    let mut config = config(
        session,
        policy,
        &running,
        Tokens::Minted(minter),
        identifier,
    )?;
    config.title = format!(
        "The embedded gateway by {}, with an issuer of verify's own",
        how(policy)
    );
    config.witness = Some(witness);
    let matrix = verify::verify(&config).await;
    running.stop().await;
    drop((issuer_room, api_room));
    matrix.map_err(|error| failed(&error))
}

fn config(
    session: &Session,
    policy: PolicyChoice,
    running: &Running,
    tokens: Tokens,
    issuer: String,
) -> Result<Config, ToolError> {
    let gateway = Url::parse(&running.addresses.gateway);
    Ok(Config {
        title: String::new(),
        blueprint: session.blueprint.clone(),
        audience: session.settings.audience.clone(),
        gateway: gateway.map_err(|error| ToolError::Failed(error.to_string()))?,
        gateway_name: "embedded".to_owned(),
        issuer,
        client_id: session.client_id(),
        introspects: policy == PolicyChoice::Introspection,
        tokens,
        given: session.given.clone(),
        witness: None,
        forged: false,
        rate: session.arguments.rate.unwrap_or(RATE),
        requests: session.arguments.max,
        progress: super::session::progress,
        patience: Duration::ZERO,
        http: session.http.clone(),
        raw: session.raw(false)?,
        clock: session.clock.clone(),
    })
}
