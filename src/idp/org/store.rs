//! The one org of a running provider: read as a snapshot, changed as a whole or not at all.

use super::{Org, StateFile};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// The org.
pub(in crate::idp) struct OrgStore {
    current: RwLock<Arc<Org>>,
    /// One change at a time; readers do not wait for it.
    file: Mutex<Option<StateFile>>,
    is_kept: bool,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(in crate::idp) enum ChangeError<E> {
    /// The change itself was refused.
    #[error("{0}")]
    Refused(E),
    /// There are as many as there may be.
    #[error("there is no room for more {0}")]
    Full(&'static str),
    /// It could not be written down, so it did not happen.
    #[error("the state could not be written: {0}")]
    Unwritten(#[source] io::Error),
}

impl OrgStore {
    /// An org that is forgotten at the end.
    pub(in crate::idp) fn in_memory(org: Org) -> Self {
        Self {
            current: RwLock::new(Arc::new(org)),
            file: Mutex::new(None),
            is_kept: false,
        }
    }

    /// An org that a file keeps. `seed` is written into one that is not there yet.
    ///
    /// # Errors
    /// What is wrong with the file, for a person.
    pub(in crate::idp) fn kept(
        (mut file, org): (StateFile, Option<Org>),
        seed: impl FnOnce() -> Org,
    ) -> Result<Self, String> {
        let org = if let Some(org) = org {
            org
        } else {
            let org = seed();
            file.write(&org)
                .map_err(|error| format!("it cannot be written ({error})"))?;
            org
        };
        Ok(Self {
            current: RwLock::new(Arc::new(org)),
            file: Mutex::new(Some(file)),
            is_kept: true,
        })
    }

    /// Whether a file keeps it.
    pub(in crate::idp) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// The org as it is now. Later changes do not show in it.
    pub(in crate::idp) fn read(&self) -> Arc<Org> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the org: on a copy, which takes its place once it is written down. Whatever fails leaves
    /// everything as it was. A file is written and flushed before it returns.
    ///
    /// # Errors
    /// See [`ChangeError`].
    pub(in crate::idp) fn change<T, E>(
        &self,
        change: impl FnOnce(&mut Org) -> Result<T, E>,
    ) -> Result<T, ChangeError<E>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut org = Org::clone(&self.read());
        let answer = change(&mut org).map_err(ChangeError::Refused)?;
        if let Some(kind) = org.overfull() {
            return Err(ChangeError::Full(kind));
        }
        if let Some(file) = file.as_mut() {
            file.write(&org).map_err(|error| {
                tracing::error!(event = "state_unwritten", %error, "a change could not be written down, and was not made");
                ChangeError::Unwritten(error)
            })?;
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(org);
        Ok(answer)
    }
}
