//! What a provider must let us do, whatever its management API looks like.

use super::ours::Ours;
use async_trait::async_trait;
use serde_json::Value;

/// An object that an input asks for, with every placeholder filled in.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name in the input, as in `GATEWAY_CLIENT`.
    pub name: String,
    /// Its `objectClass`, as in `okta:client`.
    pub class: String,
    /// The input's `oktaEndpoint`: where objects of this kind are made, below the tenant.
    pub endpoint: Option<String>,
    /// The input's `IDfieldName`: the member of the answer that holds the object's id.
    pub id_field: Option<String>,
    /// Ids of the groups that it is assigned to.
    pub groups: Vec<String>,
    /// What is sent.
    pub body: Value,
}

/// An object as the provider tells it.
#[derive(Clone, Debug)]
pub struct Existing {
    /// Its id at the provider.
    pub id: String,
    /// What the provider says of it. May hold a secret that is told once.
    pub value: Value,
}

/// A member that is not as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// A JSON pointer into the object.
    pub at: String,
    /// What is wanted; a secret is never shown.
    pub wanted: String,
    /// What is there.
    pub found: String,
}

impl TargetError {
    /// The error of a step after something was made.
    pub(super) fn after(self, id: &str, value: Value) -> Self {
        Self::Unfinished {
            existing: Box::new(Existing {
                id: id.to_owned(),
                value,
            }),
            cause: Box::new(self),
        }
    }

    /// Whether the provider said for certain that nothing was made.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Input { .. })
            || matches!(self, Self::Refused { status, .. } if (400..500).contains(status) && *status != 408)
    }
}

/// A provider's management API.
///
/// Each call is one act; the engine decides the order, and writes down what exists after every one.
#[async_trait]
pub trait Target: Send + Sync {
    /// Where it is, for people and for the output: scheme, host, port, and what else tells tenants apart.
    fn tenant(&self) -> &str;

    /// Tests the credentials, without changing anything. Says whose they are, if that is told.
    async fn test(&self) -> Result<String, TargetError>;

    /// The object of this kind and name that is there, if there is one. "Name" is what people would
    /// confuse it by: a group's name, a user's login, a client's name.
    async fn find(&self, wanted: &Wanted) -> Result<Option<Existing>, TargetError>;

    /// The object with an id that was recorded; `None` when it is gone.
    async fn read(&self, wanted: &Wanted, id: &str) -> Result<Option<Existing>, TargetError>;

    /// What is there and not as wanted: of the members that are wanted, and of what matters for safety.
    fn differences(&self, wanted: &Wanted, existing: &Existing) -> Vec<Difference>;

    /// Makes the object, with its assignments, and reads it back.
    async fn create(&self, wanted: &Wanted) -> Result<Existing, TargetError>;

    /// Makes an object that is there as it is wanted, and reads it back.
    async fn update(&self, wanted: &Wanted, existing: &Existing) -> Result<Existing, TargetError>;

    /// Takes over an object that a killed run made but did not write down: a secret that was told
    /// once is made anew.
    async fn adopt(&self, wanted: &Wanted, existing: Existing) -> Result<Existing, TargetError>;

    /// Deletes an object; one that is gone is fine. Says whether it was there.
    async fn delete(
        &self,
        class: &str,
        endpoint: Option<&str>,
        id: &str,
    ) -> Result<bool, TargetError>;

    /// Everything at the provider that carries the tag in its name: what `destroy` looks for beside
    /// what the output recorded. Class, endpoint and name for people stand in each `Wanted`-like row.
    async fn tagged(&self, tag: &str) -> Result<Vec<Tagged>, TargetError>;

    /// Whether an object that was found by its name was made by us. One that is not is never changed.
    ///
    /// By default: one of its texts holds our tag, or it lies below an object that we made.
    fn is_ours(&self, wanted: &Wanted, existing: &Existing, ours: &Ours) -> bool {
        ours.is_marked(existing) || ours.is_below(wanted)
    }

    /// Whether one that is there and not ours may be used as it stands. Only where it does what is wanted
    /// and nothing hangs on whose it is, as with a trusted origin; a group of others has members.
    fn may_share(&self, _wanted: &Wanted, _existing: &Existing) -> bool {
        false
    }

    /// Looks at the whole after everything is there, for what no single object shows: somebody else's
    /// policy that grants what ours denies. Says what is wrong, a sentence each, safe to print.
    async fn probe(&self, _made: &[Made]) -> Result<Vec<String>, TargetError> {
        Ok(Vec::new())
    }
}

/// An object of the input that is there now.
#[derive(Clone, Debug)]
pub struct Made {
    /// As it was asked for.
    pub wanted: Wanted,
    /// As the provider tells it.
    pub existing: Existing,
}

/// An object at the provider that carries our tag.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// Its class, as in [`Wanted::class`].
    pub class: String,
    /// Where objects of its kind are made.
    pub endpoint: Option<String>,
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// Why the provider did not do it. Text of the provider's is cut, and safe to print.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The provider refused.
    #[error("{method} {path} was answered with {status}: {message}")]
    Refused {
        /// Our request's method.
        method: String,
        /// Its path.
        path: String,
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// No answer.
    #[error(transparent)]
    Fetch(#[from] crate::net::FetchError),
    /// An answer that makes no sense.
    #[error("{method} {path} was answered with something that cannot be used: {problem}")]
    Nonsense {
        /// Our request's method.
        method: String,
        /// Its path.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The input asks for something that this provider has not.
    #[error("{name}: {problem}")]
    Input {
        /// The object's name in the input.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// It is there by now, but not all of it could be settled.
    #[error("{cause}")]
    Unfinished {
        /// As the answer to its making told it.
        existing: Box<Existing>,
        /// Why the rest could not be done.
        cause: Box<TargetError>,
    },
    /// What was made is not what was asked for.
    #[error("{name} was made, but {problem}")]
    NotAsWanted {
        /// The object's name in the input.
        name: String,
        /// What differs.
        problem: String,
    },
}
