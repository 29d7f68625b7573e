//! Hashes that are kept, for passwords and recovery answers that a management API sets.

use super::{MEMORY, Passwords, Waiting};
use crate::oauth::Secret;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;

/// Why there is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::idp) enum NotHashed {
    #[error("too many passwords are being hashed right now")]
    Busy,
    #[error("the hash could not be computed")]
    Failed,
}

impl Passwords {
    /// The argon2id hash of a password, with a salt of its own, in PHC's spelling. Off the async
    /// threads, in the one queue that sign-ins wait in too.
    ///
    /// # Errors
    /// See [`NotHashed`].
    pub(in crate::idp) async fn hash_to_keep(
        self: &Arc<Self>,
        password: Secret,
    ) -> Result<String, NotHashed> {
        let _waiting = Waiting::line_up(&self.waiting).ok_or(NotHashed::Busy)?;
        let permit = self.permits.acquire().await;
        let _permit = permit.map_err(|_| NotHashed::Busy)?;
        let work = tokio::task::spawn_blocking(move || hash(&password));
        work.await.ok().flatten().ok_or(NotHashed::Failed)
    }
}

fn hash(password: &Secret) -> Option<String> {
    let hash = argon2id()?.hash_password(password.expose().as_bytes());
    Some(hash.ok()?.to_string())
}

/// Whether a kept hash is of this password. Costs what the hash says; ours all say the same.
pub(super) fn is_of(hash: &str, password: &Secret) -> bool {
    let verified = argon2id().map(|argon2| {
        PasswordVerifier::<str>::verify_password(&argon2, password.expose().as_bytes(), hash)
    });
    matches!(verified, Some(Ok(())))
}

fn argon2id() -> Option<Argon2<'static>> {
    let parameters = Params::new(MEMORY, 1, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}
