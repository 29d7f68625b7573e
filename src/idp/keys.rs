//! The provider's signing keys: one on P-256 from the start, one for RSA when something first needs it.

use crate::jose::{Algorithm, KeySet, KeySetError, SigningError, SigningKey};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A key that could not be made or used.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error(transparent)]
    Own(#[from] KeySetError),
    #[error("making the key was given up: {0}")]
    GivenUp(#[from] tokio::task::JoinError),
}

/// A key pair with its public half, ready to verify.
pub(super) struct OwnKey {
    pub(super) signing: SigningKey,
    pub(super) verifying: KeySet,
}

/// The keys. An RSA key takes up to a second to make, so it waits until a token must be signed
/// with it, or until the key set is asked for and access tokens are signed with it.
pub(super) struct Keys {
    curve: Arc<OwnKey>,
    rsa: OnceCell<Arc<OwnKey>>,
    access_token_algorithm: Algorithm,
}

impl Keys {
    pub(super) fn new(access_token_algorithm: Algorithm) -> Result<Self, KeyError> {
        Ok(Self {
            curve: Arc::new(OwnKey::generate(Algorithm::Es256)?),
            rsa: OnceCell::new(),
            access_token_algorithm,
        })
    }

    /// The key that signs access tokens.
    pub(super) async fn for_access_tokens(&self) -> Result<Arc<OwnKey>, KeyError> {
        self.of(self.access_token_algorithm).await
    }

    /// The key for an algorithm; RS256 makes the RSA key if there is none yet.
    pub(super) async fn of(&self, algorithm: Algorithm) -> Result<Arc<OwnKey>, KeyError> {
        if algorithm != Algorithm::Rs256 {
            return Ok(Arc::clone(&self.curve));
        }
        let make = || async {
            let key = tokio::task::spawn_blocking(|| OwnKey::generate(Algorithm::Rs256)).await??;
            Ok::<_, KeyError>(Arc::new(key))
        };
        Ok(Arc::clone(self.rsa.get_or_try_init(make).await?))
    }

    /// The keys that there are, for verifying what was signed here.
    pub(super) fn all(&self) -> impl Iterator<Item = &OwnKey> {
        [Some(&self.curve), self.rsa.get()]
            .into_iter()
            .flatten()
            .map(Arc::as_ref)
    }

    /// The published key set: every key that tokens are, or are about to be, signed with.
    pub(super) async fn published(&self) -> Result<Value, KeyError> {
        self.for_access_tokens().await?;
        let keys: Vec<Value> = self.all().map(|key| key.signing.public_jwk()).collect();
        Ok(json!({ "keys": keys }))
    }
}

impl OwnKey {
    fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let signing = SigningKey::generate(algorithm)?;
        let published = json!({ "keys": [signing.public_jwk()] }).to_string();
        Ok(Self {
            verifying: KeySet::parse(published.as_bytes())?,
            signing,
        })
    }
}
