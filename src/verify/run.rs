//! Verifies one gateway: gathers tokens, makes the matrix, fills it.

use super::{
    access::Access,
    ask::Asker,
    config::{Config, Tokens},
    matrix::{self, Matrix, Plan},
    row::{Cast, Held, Holdings, PublicKey, minted_holdings, published},
    sign_in,
};
use crate::{
    calls::Discovery,
    jose::{Algorithm, SigningKey},
    net::{FetchError, RawRequest, is_loopback},
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The gateway is not there.
    #[error("the gateway cannot be reached: {0}")]
    Gateway(#[from] FetchError),
    /// A key could not be made.
    #[error("no key could be made: {0}")]
    Key(#[from] crate::jose::SigningError),
}

/// Verifies one gateway.
///
/// # Errors
/// When the gateway cannot be reached at all. Whatever it answers is a finding.
pub async fn verify(config: &Config) -> Result<Matrix, VerifyError> {
    is_there(config).await?;
    let access = Access::of(&config.blueprint);
    let mut notes = Vec::new();
    let (mut holdings, public_key) = gather(config, &mut notes).await;
    take_given(config, &mut holdings);
    let algorithm = stranger_algorithm(&public_key);
    let making = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)); // RSA takes long
    let stranger = making
        .await
        .unwrap_or_else(|_| SigningKey::generate(algorithm))?;
    let cast = Cast {
        blueprint: &config.blueprint,
        access: &access,
        issuer: &config.issuer,
        audience: &config.audience,
        client_id: &config.client_id,
        holdings: &holdings,
        minter: match &config.tokens {
            Tokens::Minted(minter) => Some(minter),
            Tokens::SignedIn(_) => None,
        },
        public_key: &public_key,
        stranger: &stranger,
        introspects: config.introspects,
        now: config.clock.now(),
    };
    let (rows, columns) = matrix::heads_of(&access, &cast);
    let name = config.gateway_name.to_ascii_lowercase();
    let plan = Plan {
        access: &access,
        rows: &rows,
        columns: &columns,
        gateway_name: &name,
        forgeries: config.forged || is_loopback(&config.gateway),
        requests: config.requests,
        progress: config.progress,
    };
    let witness = config.witness.as_ref();
    let mut asker = Asker::new(
        &config.raw,
        &config.gateway,
        &config.blueprint,
        witness,
        config.rate,
    );
    let cells = matrix::fill(&plan, &mut asker).await;
    if witness.is_none() {
        notes.push("Whether forged identity headers reach the API does not show from outside: --as-api shows it.".to_owned());
    }
    Ok(Matrix {
        title: config.title.clone(),
        gateway: config.gateway.to_string(),
        gateway_name: config.gateway_name.clone(),
        issuer: config.issuer.clone(),
        notes,
        has_tokens: holdings.strongest().is_ok() || holdings.machine_holds(),
        rows: matrix::row_heads(&rows),
        columns: matrix::column_heads(&columns),
        cells,
    })
}

/// Any answer will do.
async fn is_there(config: &Config) -> Result<(), FetchError> {
    let until = Instant::now() + config.patience;
    loop {
        let request = RawRequest {
            method: "GET".to_owned(),
            target: format!("{}/", config.gateway.path().trim_end_matches('/')),
            headers: axum::http::HeaderMap::new(),
            body: Vec::new(),
        };
        let answer = config.raw.send(&config.gateway, request, 1024 * 1024).await;
        match answer {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => sleep(Duration::from_millis(250)).await,
        }
    }
}

async fn gather(config: &Config, notes: &mut Vec<String>) -> (Holdings, Result<PublicKey, String>) {
    match &config.tokens {
        Tokens::Minted(minter) => {
            notes.push("Tokens are minted with the issuer's own key.".to_owned());
            let holdings = minted_holdings(minter, &config.blueprint, &config.client_id);
            (holdings, Ok(PublicKey::of(&minter.key)))
        }
        Tokens::SignedIn(provider) => {
            let discovery = Discovery::fetch(&config.http, &config.issuer).await;
            let discovery = match discovery {
                Ok(discovery) => discovery,
                Err(error) => {
                    let why = format!("the issuer's metadata are not to be had: {error}");
                    return (Holdings::none(&config.blueprint, &why), Err(why));
                }
            };
            let holdings = sign_in::holdings(
                &config.http,
                &discovery,
                provider,
                &config.blueprint,
                &config.given,
            )
            .await;
            notes.extend(sign_in::notes(&config.blueprint, &holdings));
            (holdings, published(&config.http, &discovery).await)
        }
    }
}

fn take_given(config: &Config, holdings: &mut Holdings) {
    let levels = config.blueprint.levels.iter().zip(&mut holdings.levels);
    for (level, (name, held)) in levels {
        if let Some(token) = config.given.get(name) {
            *held = Ok(Held::given(token.clone(), &level.scopes));
        }
    }
    let Some((name, held)) = &mut holdings.machine else {
        return;
    };
    let machine = config
        .blueprint
        .clients
        .iter()
        .find(|client| client.id == *name);
    if let Some((token, machine)) = config.given.get(name.as_str()).zip(machine) {
        *held = Ok(Held::given(token.clone(), &machine.scopes));
    }
}

/// The stranger's key is of the issuer's kind, so that the signature alone tells them apart.
fn stranger_algorithm(public_key: &Result<PublicKey, String>) -> Algorithm {
    let rsa = public_key.as_ref().is_ok_and(PublicKey::is_rsa);
    if rsa {
        Algorithm::Rs256
    } else {
        Algorithm::Es256
    }
}
