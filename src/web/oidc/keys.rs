//! A provider's keys: fetched when first needed, again when a token names one that is not there.

use crate::{
    clock::Clock,
    jose::{KeySet, Rejection},
    net::{Client, FetchError},
};
use axum::http::Request;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// What a key set may have, in bytes.
const LIMIT: usize = 128 * 1024;
/// How old keys may be before they are fetched again, in seconds: what is no longer published goes.
const FRESH: i64 = 5 * 60;
/// How long old keys serve while new ones are not to be had, in seconds.
const OUTAGE: i64 = 24 * 3600;
/// How often a key that is still unknown after a fetch leads to another one, in seconds.
const FLOOR: i64 = 10;

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

/// The keys of one issuer.
pub(super) struct Keys {
    uri: Url,
    http: Client,
    clock: Clock,
    held: Mutex<Held>,
    /// Held while fetching, so that many sign-ins cause one fetch.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Held {
    keys: Option<(Arc<KeySet>, i64)>,
    /// When a fetch last left a key unknown.
    fruitless: Option<i64>,
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
    /// The first unknown key is looked up at once; while lookups stay fruitless, one in 10 seconds.
    ///
    /// # Errors
    /// When there are no keys, or what `verify` says.
    pub(super) async fn verified<T, E>(
        &self,
        verify: impl Fn(&KeySet) -> Result<T, Rejection>,
    ) -> Result<T, E>
    where
        E: From<KeysError> + From<Rejection>,
    {
        let keys = self.current().await?;
        let unknown = match verify(&keys) {
            Err(rejection) if may_be_new_key(&rejection) => rejection,
            result => return Ok(result?),
        };
        let Some(newer) = self.newer_than(&keys).await? else {
            return Err(unknown.into());
        };
        let result = verify(&newer);
        if result.as_ref().err().is_some_and(may_be_new_key) {
            self.held().fruitless = Some(self.clock.now());
        }
        Ok(result?)
    }

    /// Keys that are fresh, or old ones while the provider is out of reach.
    async fn current(&self) -> Result<Arc<KeySet>, KeysError> {
        let old = self.held().keys.clone();
        let age = |at: i64| self.clock.now().saturating_sub(at);
        if let Some((keys, at)) = &old
            && age(*at) < FRESH
        {
            return Ok(Arc::clone(keys));
        }
        match (self.fetch(old.as_ref().map(|(keys, _)| keys)).await, old) {
            (Ok(keys), _) => Ok(keys),
            (Err(error), Some((keys, at))) if age(at) < OUTAGE => {
                tracing::warn!(event = "keys_outage", %error, "verifying with keys fetched earlier");
                Ok(keys)
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn newer_than(&self, known: &Arc<KeySet>) -> Result<Option<Arc<KeySet>>, KeysError> {
        let fruitless = self.held().fruitless;
        if fruitless.is_some_and(|at| self.clock.now().saturating_sub(at) < FLOOR) {
            return Ok(None);
        }
        let fetched = self.fetch(Some(known)).await;
        if fetched.is_err() {
            self.held().fruitless = Some(self.clock.now());
        }
        fetched.map(Some)
    }

    /// Fetches unless somebody else just replaced `known`.
    async fn fetch(&self, known: Option<&Arc<KeySet>>) -> Result<Arc<KeySet>, KeysError> {
        let _one_at_a_time = self.fetching.lock().await;
        if let Some((keys, _)) = &self.held().keys
            && known.is_none_or(|known| !Arc::ptr_eq(known, keys))
        {
            return Ok(Arc::clone(keys));
        }
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
            return Err(KeysError::Unusable(
                "it holds no key for signatures".to_owned(),
            ));
        }
        tracing::info!(
            event = "keys_fetched",
            keys = keys.len(),
            "fetched the provider's keys"
        );
        let keys = Arc::new(keys);
        self.held().keys = Some((Arc::clone(&keys), self.clock.now()));
        Ok(keys)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
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
