//! An authorization server's signing keys, as they are kept.

use super::SigningAlgorithm;
use crate::jose::{SigningError, SigningKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// A private key. Whoever reads it signs as this server: it is in no log, and in one file alone.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct ServerKey {
    /// The key's thumbprint.
    pub(in crate::idp) kid: String,
    pub(in crate::idp) algorithm: SigningAlgorithm,
    pub(in crate::idp) created: i64,
    /// PKCS#8 in base64.
    #[serde(with = "wiped")]
    pkcs8: Zeroizing<String>,
}

impl ServerKey {
    /// Makes a key. RSA takes up to a second of computing: not for an async thread.
    ///
    /// # Errors
    /// When the library refuses.
    pub(in crate::idp) fn generate(
        algorithm: SigningAlgorithm,
        now: i64,
    ) -> Result<Self, SigningError> {
        let key = SigningKey::generate(algorithm.algorithm())?;
        Ok(Self {
            kid: key.key_id().to_owned(),
            algorithm,
            created: now,
            pkcs8: Zeroizing::new(STANDARD.encode(&*key.to_pkcs8()?)),
        })
    }

    /// The key, ready to sign.
    ///
    /// # Errors
    /// When it is no key for its algorithm, or another than its `kid` says.
    pub(in crate::idp) fn parsed(&self) -> Result<SigningKey, SigningError> {
        let refused = || SigningError::Refused(aws_lc_rs::error::Unspecified);
        let der = STANDARD.decode(self.pkcs8.as_bytes());
        let der = Zeroizing::new(der.map_err(|_| refused())?);
        let key = SigningKey::from_pkcs8(self.algorithm.algorithm(), &der)?;
        (key.key_id() == self.kid)
            .then_some(key)
            .ok_or_else(refused)
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ServerKey({})", self.kid)
    }
}

/// Text that is wiped on drop, as a plain string in the file.
mod wiped {
    use serde::{Deserialize, Deserializer, Serializer};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(
        text: &Zeroizing<String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Zeroizing<String>, D::Error> {
        String::deserialize(deserializer).map(Zeroizing::new)
    }
}
