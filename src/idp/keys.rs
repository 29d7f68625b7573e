//! The authorization servers' signing keys: one for each algorithm and server, made when something
//! first needs it, and kept with the org. No server's key verifies another's tokens.

use super::{
    here::Here,
    org::{ChangeError, Org, ServerKey, SigningAlgorithm},
};
use crate::{
    jose::{KeySet, KeySetError, SigningError, SigningKey},
    oauth::ErrorCode,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

/// A key that could not be made or used.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error(transparent)]
    Own(#[from] KeySetError),
    #[error("making the key was given up: {0}")]
    GivenUp(#[from] tokio::task::JoinError),
    #[error("the key could not be kept: {0}")]
    NotKept(#[from] ChangeError<Infallible>),
    #[error("its authorization server is not there any more")]
    ServerGone,
}

impl KeyError {
    /// A store that is lost may be back soon.
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::NotKept(_) => ErrorCode::TemporarilyUnavailable,
            _ => ErrorCode::ServerError,
        }
    }
}

/// A key pair with its public half, ready to verify.
pub(super) struct OwnKey {
    pub(super) signing: SigningKey,
    pub(super) verifying: KeySet,
}

/// How many parsed keys are remembered.
const MOST_PARSED: usize = 1_000;

/// The keys as they are used, parsed once.
pub(super) struct Keys {
    /// By `kid`, which is the key's thumbprint.
    parsed: Mutex<HashMap<String, Arc<OwnKey>>>,
    /// One key is made at a time: RSA takes up to a second.
    making: tokio::sync::Mutex<()>,
    access_token_algorithm: SigningAlgorithm,
}

impl Keys {
    pub(super) fn new(access_token_algorithm: SigningAlgorithm) -> Self {
        Self {
            parsed: Mutex::default(),
            making: tokio::sync::Mutex::new(()),
            access_token_algorithm,
        }
    }

    fn parsed(&self, key: &ServerKey) -> Result<Arc<OwnKey>, KeyError> {
        let lock = || self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = lock().get(&key.kid) {
            return Ok(Arc::clone(own));
        }
        let own = Arc::new(OwnKey::of(key.parsed()?)?);
        let mut parsed = lock();
        if parsed.len() >= MOST_PARSED {
            parsed.clear();
        }
        parsed.insert(key.kid.clone(), Arc::clone(&own));
        Ok(own)
    }
}

impl Here {
    /// The key that signs access tokens.
    pub(super) async fn key_for_access_tokens(&self) -> Result<Arc<OwnKey>, KeyError> {
        self.key(self.idp.keys.access_token_algorithm).await
    }

    /// This server's key for an algorithm; makes it, if there is none yet.
    pub(super) async fn key(&self, algorithm: SigningAlgorithm) -> Result<Arc<OwnKey>, KeyError> {
        if let Some(key) = self.newest(algorithm) {
            return self.idp.keys.parsed(&key);
        }
        let _alone = self.idp.keys.making.lock().await;
        if let Some(key) = self.newest(algorithm) {
            return self.idp.keys.parsed(&key); // somebody else made it meanwhile
        }
        let now = self.now();
        let made = tokio::task::spawn_blocking(move || ServerKey::generate(algorithm, now));
        let made = made.await??;
        let own = self.idp.keys.parsed(&made)?;
        let id = self.server().id.clone();
        let keep = move |org: &mut Org| {
            let server = org.server_mut(&id);
            Ok(server.map(|server| server.keys.push(made)))
        };
        let store = Arc::clone(&self.idp.org);
        let kept =
            tokio::task::spawn_blocking(move || store.change::<_, Infallible>(keep)).await??;
        kept.map(|()| own).ok_or(KeyError::ServerGone)
    }

    /// The keys that there are, for verifying what this server signed.
    pub(super) fn own_keys(&self) -> Vec<Arc<OwnKey>> {
        let org = self.idp.org.read();
        let server = org.server(&self.server().id);
        let keys = server.into_iter().flat_map(|server| &server.keys);
        keys.filter_map(|key| self.idp.keys.parsed(key).ok())
            .collect()
    }

    /// The published key set: every key that tokens are, or are about to be, signed with.
    pub(super) async fn published_keys(&self) -> Result<Value, KeyError> {
        for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::Rs256] {
            if self.signs_with(algorithm) {
                self.key(algorithm).await?;
            }
        }
        let keys = self.own_keys();
        let keys: Vec<Value> = keys.iter().map(|key| key.signing.public_jwk()).collect();
        Ok(json!({ "keys": keys }))
    }

    /// Whether access tokens, or a client's ID tokens, are signed with it.
    fn signs_with(&self, algorithm: SigningAlgorithm) -> bool {
        let clients = self.org.clients.iter();
        let mut clients = clients.filter(|client| client.signs_people_in());
        algorithm == self.idp.keys.access_token_algorithm
            || clients.any(|client| client.id_token_signed_response_alg == algorithm)
    }

    /// Not of this request's state of the org: a key may have been made since.
    fn newest(&self, algorithm: SigningAlgorithm) -> Option<ServerKey> {
        let org = self.idp.org.read();
        let mut keys = org.server(&self.server().id)?.keys.iter().rev();
        keys.find(|key| key.algorithm == algorithm).cloned()
    }
}

impl OwnKey {
    fn of(signing: SigningKey) -> Result<Self, KeyError> {
        let published = json!({ "keys": [signing.public_jwk()] }).to_string();
        Ok(Self {
            verifying: KeySet::parse(published.as_bytes())?,
            signing,
        })
    }
}
