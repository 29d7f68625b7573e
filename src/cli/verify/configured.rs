//! The gateway and the provider of the settings, with real sign-ins.

use super::Session;
use crate::{
    calls::Credential,
    cli::tool::ToolError,
    net::{Listeners, Room, RunningRoom, http_url},
    oauth::Secret,
    stack::people,
    verify::{self, Config, Provider, Report, Tokens, Witness},
};
use std::sync::Arc;
use url::Url;

/// How many requests a second a gateway that is not our own gets.
pub(super) const RATE: f64 = 20.0;

pub(super) async fn verify(session: &Session) -> Result<Report, ToolError> {
    let (witness, room) = api(session).await?;
    let config = config(session, witness)?;
    let matrix = verify::verify(&config).await;
    drop(room);
    let matrix = matrix.map_err(|error| ToolError::Failed(error.to_string()))?;
    Ok(Report::of(vec![matrix]))
}

fn config(session: &Session, witness: Option<Witness>) -> Result<Config, ToolError> {
    let settings = &session.settings;
    let registration = &settings.web.registration;
    let embedded_idp = settings.issuer.is_none();
    let demo = if embedded_idp {
        people::of_the_blueprint(&session.blueprint)
    } else {
        Vec::new()
    };
    let redirect_uri = settings.web.redirect_uri.as_ref();
    let redirect_uri = redirect_uri.map_or_else(
        || format!("http://localhost:{}/callback", settings.web.port),
        |uri| uri.as_str().to_owned(),
    );
    let provider = Provider {
        client_id: session.client_id(),
        credential: match &settings.web.client_key {
            Some(key) => Credential::Key(Arc::clone(key)),
            None => Credential::Secret(
                registration
                    .client_secret
                    .clone()
                    .unwrap_or_else(|| Secret::new("")),
            ),
        },
        redirect_uri,
        people: people::by_level(settings, &session.blueprint, &demo),
        machine_secret: settings.web.machine.client_secret.clone(),
        ask_for_audience: settings.audience_is_set.then(|| settings.audience.clone()),
        revoke: session.introspects(),
        clock: session.clock.clone(),
    };
    base(session, Tokens::SignedIn(Box::new(provider)), witness)
}

/// What every configured run has in common.
pub(super) fn base(
    session: &Session,
    tokens: Tokens,
    witness: Option<Witness>,
) -> Result<Config, ToolError> {
    let settings = &session.settings;
    let embedded = || {
        let url = http_url(&settings.gateway.host, settings.gateway.port);
        Url::parse(&url).map_err(|error| ToolError::Failed(error.to_string()))
    };
    let gateway = settings.proxy_uri.clone().map_or_else(embedded, Ok)?;
    let name = settings.web.gateway_name.clone();
    let unnamed = if settings.proxy_uri.is_some() {
        "yours"
    } else {
        "embedded"
    };
    let idp = http_url(&settings.idp.host, settings.idp.port);
    let how = if session.introspects() {
        "introspection"
    } else {
        "keys"
    };
    Ok(Config {
        title: format!("The gateway of the settings, which checks tokens by {how}"),
        blueprint: session.blueprint.clone(),
        audience: settings.audience.clone(),
        issuer: match &tokens {
            Tokens::Minted(minter) => minter.issuer.clone(),
            Tokens::SignedIn(_) => settings
                .issuer
                .clone()
                .unwrap_or_else(|| format!("{idp}/oauth2/default")),
        },
        client_id: session.client_id(),
        introspects: session.introspects(),
        tokens,
        given: session.given.clone(),
        witness,
        forged: session.arguments.forged,
        rate: session.arguments.rate.unwrap_or(RATE),
        requests: session.arguments.max,
        progress: super::session::progress,
        patience: std::time::Duration::from_secs(session.arguments.wait),
        http: session.http.clone(),
        raw: session.raw(gateway.scheme() == "https")?,
        gateway_name: name.unwrap_or_else(|| unnamed.to_owned()),
        gateway,
        clock: session.clock.clone(),
    })
}

/// The API of `--as-api`, if it is wanted. It is there as long as the room is held.
pub(super) async fn api(
    session: &Session,
) -> Result<(Option<Witness>, Option<RunningRoom>), ToolError> {
    let Some(port) = session.arguments.as_api else {
        return Ok((None, None));
    };
    let witness = Witness::of(&session.blueprint);
    let listeners = Listeners::bind("localhost", port).await;
    let listeners = listeners.map_err(|error| ToolError::Failed(format!("--as-api: {error}")))?;
    eprintln!("The API is {} as long as verify runs.", listeners.url());
    let room = Room {
        name: "witness",
        listeners,
        router: witness.router(),
    };
    Ok((Some(witness), Some(room.start())))
}
