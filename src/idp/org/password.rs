//! What is kept of a person's password and recovery answer: argon2id hashes, never the words.

use serde::{Deserialize, Serialize};

/// How a person's password is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::idp) enum Password {
    /// There is none: the person cannot sign in.
    None,
    /// The blueprint's, which the provider is told at each start. It is written nowhere.
    Blueprint,
    /// An argon2id hash in PHC's spelling, as in `$argon2id$v=19$m=47104,t=1,p=1$…`.
    Hash(String),
}

/// What a person is asked who forgot the password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct RecoveryQuestion {
    pub(in crate::idp) question: String,
    /// The answer's argon2id hash.
    pub(in crate::idp) answer_hash: String,
}
