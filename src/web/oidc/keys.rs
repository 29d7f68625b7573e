//! A provider's keys: fetched when first needed, again when a token names one that is not there.
//!
//! One fetch at a time, whose outcome all who wait for it share, a failure too. Whatever strangers bring, a
//! provider is asked once in ten seconds.

mod held;

use self::held::{FLOOR, Held};
use crate::{
    clock::Clock,
    jose::{KeySet, Rejection},
    net::{Client, FetchError, numbered},
};
use axum::http::Request;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use url::Url;

/// What a key set may have, in bytes.
const LIMIT: usize = 128 * 1024;
/// How long newer keys are waited for while there are old ones.
const PATIENCE: Duration = Duration::from_secs(2);
/// After which time a key that was not to be had may be looked up again.
pub(super) const AGAIN: Duration = Duration::from_secs(FLOOR.unsigned_abs() + 1);

/// Why there are no keys.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeysError {
    /// No answer.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// Another status than 200.
    #[error("the key set answered {0}")]
    Status(u16),
    /// Not a key set, or none of its keys is one that we can verify with.
    #[error("the key set is not one that can be used: {0}")]
    Unusable(String),
}

/// Who brought the token that is verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    /// The provider, asked by the app: while there are no keys at all, they are asked for each time.
    ByProvider,
    /// Whoever knows the address: a failure to get keys is believed.
    ByAnybody,
}

/// The keys of one issuer.
pub(super) struct Keys {
    uri: Url,
    http: Client,
    clock: Clock,
    held: Mutex<Held>,
    /// Held while fetching, so that many sign-ins cause one fetch.
    fetching: tokio::sync::Mutex<()>,
}

impl Keys {
    pub(super) fn new(uri: Url, http: Client, clock: Clock) -> Self {
        Self {
            uri,
            http,
            clock,
            held: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    /// Verifies by the keys held; where no key fits, once more by keys fetched anew.
    ///
    /// The first unknown key is looked up at once; while lookups stay fruitless or fail, one in 10 seconds.
    ///
    /// # Errors
    /// When there are no keys, or what `verify` says.
    pub(super) async fn verified<T, E>(
        self: &Arc<Self>,
        brought: Brought,
        verify: impl Fn(&KeySet) -> Result<T, Rejection>,
    ) -> Result<T, E>
    where
        E: From<KeysError> + From<Rejection>,
    {
        let seen = self.held().fetches;
        let keys = self.current(brought, seen).await?;
        let unknown = match verify(&keys) {
            Err(rejection) if may_be_new_key(&rejection) => rejection,
            result => return Ok(result?),
        };
        let now = self.clock.now();
        if !self.held().may_look_up(now) {
            return Err(unknown.into());
        }
        let newer = self.fetch(seen).await?;
        let result = verify(&newer);
        if result.as_ref().err().is_some_and(may_be_new_key) {
            self.held().was_fruitless(self.clock.now());
        }
        Ok(result?)
    }

    /// What the keys say that are held now; `None` where a fetch may have more to say. Asks nobody.
    pub(super) fn at_hand<T>(
        &self,
        verify: impl Fn(&KeySet) -> Result<T, Rejection>,
    ) -> Option<Result<T, Rejection>> {
        let now = self.clock.now();
        let (keys, may_look_up) = {
            let held = self.held();
            let wait = held.failed_lately(now).is_some() || self.fetching.try_lock().is_err();
            let old = wait.then(|| held.usable(now)).flatten();
            (held.fresh(now).or(old)?, held.may_look_up(now))
        };
        match verify(&keys) {
            Err(rejection) if may_look_up && may_be_new_key(&rejection) => None,
            result => Some(result),
        }
    }

    /// The keys that are held, fetched within a day. Asks nobody.
    pub(super) fn held_ones(&self) -> Option<Arc<KeySet>> {
        self.held().usable(self.clock.now())
    }

    /// Keys that are fresh, or old ones while the provider is out of reach, or while somebody asks it.
    async fn current(
        self: &Arc<Self>,
        brought: Brought,
        seen: u64,
    ) -> Result<Arc<KeySet>, KeysError> {
        let now = self.clock.now();
        let (fresh, old, failed) = {
            let held = self.held();
            let failed = held.failed_lately(now).cloned();
            (held.fresh(now), held.usable(now), failed)
        };
        if let Some(keys) = fresh {
            return Ok(keys);
        }
        let Some(old) = old else {
            return match failed.filter(|_| brought == Brought::ByAnybody) {
                Some(error) => Err(error),
                None => self.fetch(seen).await,
            };
        };
        if failed.is_some() || self.fetching.try_lock().is_err() {
            return Ok(old);
        }
        let in_time = tokio::time::timeout(PATIENCE, self.fetch(seen)).await;
        Ok(in_time.ok().and_then(Result::ok).unwrap_or(old))
    }

    /// Fetches, unless a fetch ended since the caller looked: then what that came to. It goes on when the
    /// caller stops waiting.
    async fn fetch(self: &Arc<Self>, seen: u64) -> Result<Arc<KeySet>, KeysError> {
        let keys = Arc::clone(self);
        let task = tokio::spawn(numbered(async move { keys.fetch_in_turn(seen).await }));
        let early = |_| KeysError::Unusable("the look-up ended early".to_owned());
        task.await.map_err(early)?
    }

    async fn fetch_in_turn(&self, seen: u64) -> Result<Arc<KeySet>, KeysError> {
        let _one_at_a_time = self.fetching.lock().await;
        let meanwhile = {
            let held = self.held();
            (held.fetches != seen).then(|| held.last()).flatten()
        };
        if let Some(outcome) = meanwhile {
            return outcome;
        }
        let outcome = self.ask().await;
        match &outcome {
            Ok(keys) => {
                let keys = keys.len();
                tracing::info!(event = "keys_fetched", keys, "fetched the provider's keys");
            }
            Err(error) if self.held_ones().is_some() => {
                tracing::warn!(event = "keys_outage", %error, "verifying with keys fetched earlier");
            }
            Err(_) => {} // whoever asked tells it
        }
        self.held().note(&outcome, self.clock.now());
        outcome
    }

    async fn ask(&self) -> Result<Arc<KeySet>, KeysError> {
        let request = Request::get(self.uri.as_str())
            .header("accept", "application/json")
            .body(Vec::new())
            .map_err(|error| KeysError::Unusable(error.to_string()))?;
        let answer = self.http.send(request, LIMIT).await?;
        if answer.status() != 200 {
            return Err(KeysError::Status(answer.status().as_u16()));
        }
        let keys =
            KeySet::parse(answer.body()).map_err(|error| KeysError::Unusable(error.to_string()))?;
        if keys.is_empty() {
            let none = "it holds no key for signatures".to_owned();
            return Err(KeysError::Unusable(none));
        }
        Ok(Arc::new(keys))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a rejection may be due to a key that was published since; a key may also be replaced
/// under the same name, or have none.
fn may_be_new_key(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::UnknownKey { .. } | Rejection::KeyDoesNotFit | Rejection::SignatureWrong
    )
}
