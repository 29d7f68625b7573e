//! Finds the provider: metadata is fetched when first needed, kept, and looked for again when the
//! provider was out of reach.

use super::{
    Provider, Registration,
    metadata::{Metadata, MetadataError},
};
use crate::{
    clock::Clock,
    net::{Client, FetchError, check_url, join_path, numbered},
};
use axum::http::Request;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What metadata may have, in bytes.
const LIMIT: usize = 256 * 1024;
/// How long metadata serves before it is looked at again, in seconds.
const FRESH: i64 = 3600;
/// How long a failure is believed before the provider is asked again.
const PAUSE: Duration = Duration::from_secs(2);

/// Why there is no provider.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Trouble {
    /// No answer.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// Another status than 200.
    #[error("the provider's metadata at {url} answered {status}")]
    Status {
        /// Where it was asked.
        url: String,
        /// What it answered.
        status: u16,
    },
    /// An answer that is not this issuer's metadata.
    #[error("{0}")]
    Metadata(#[from] MetadataError),
}

/// The way to one issuer's provider. Clones share what they know.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    issuer: String,
    registration: Registration,
    http: Client,
    clock: Clock,
    known: Mutex<Known>,
    /// Held while fetching, so that many visitors cause one fetch.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    provider: Option<(Arc<Provider>, i64)>,
    trouble: Option<(Trouble, Instant)>,
}

impl Directory {
    /// The directory of an issuer. Nothing is fetched yet.
    #[must_use]
    pub fn new(issuer: String, registration: Registration, http: Client, clock: Clock) -> Self {
        let (known, fetching) = Default::default();
        Self(Arc::new(Inner {
            issuer,
            registration,
            http,
            clock,
            known,
            fetching,
        }))
    }

    /// The issuer identifier, as configured.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The app's registration there.
    #[must_use]
    pub fn registration(&self) -> &Registration {
        &self.0.registration
    }

    /// The provider, if its metadata is known; asks nobody.
    #[must_use]
    pub fn known(&self) -> Option<Arc<Provider>> {
        self.0
            .known()
            .provider
            .as_ref()
            .map(|(provider, _)| Arc::clone(provider))
    }

    /// The provider. A fetch goes on when the caller stops waiting, so that the next one finds it.
    ///
    /// # Errors
    /// When its metadata is not to be had; a failure is believed for two seconds.
    pub async fn provider(&self) -> Result<Arc<Provider>, Trouble> {
        let fresh = |at: i64| self.0.clock.now().saturating_sub(at) < FRESH;
        {
            let known = self.0.known();
            match &known.provider {
                Some((provider, at)) if fresh(*at) => return Ok(Arc::clone(provider)),
                _ => {}
            }
            if let Some(trouble) = known.recent_trouble() {
                return known.provider().ok_or(trouble);
            }
        }
        let inner = Arc::clone(&self.0);
        let fetch = tokio::spawn(numbered(async move { inner.fetch().await }));
        match fetch.await {
            Ok(result) => result,
            Err(_) => self.known().ok_or_else(|| {
                let origin = self.0.issuer.clone();
                FetchError::Unreachable {
                    origin,
                    reason: "the look-up ended early".to_owned(),
                }
                .into()
            }),
        }
    }

    /// The provider failed a sign-in: its metadata may have changed, so it is read again at the next
    /// one, and serves until then.
    pub fn doubt(&self) {
        if let Some((_, at)) = &mut self.0.known().provider {
            *at = i64::MIN;
        }
    }

    /// Like [`Directory::provider`], but waits no longer than `patience`.
    pub async fn provider_within(
        &self,
        patience: Duration,
    ) -> Option<Result<Arc<Provider>, Trouble>> {
        tokio::time::timeout(patience, self.provider()).await.ok()
    }
}

impl Inner {
    async fn fetch(&self) -> Result<Arc<Provider>, Trouble> {
        let before = self.known().provider();
        let _one_at_a_time = self.fetching.lock().await;
        {
            // Whoever held the lock may have found it, or found it missing.
            let known = self.known();
            match (&known.provider, &before) {
                (Some((now, _)), None) => return Ok(Arc::clone(now)),
                (Some((now, _)), Some(then)) if !Arc::ptr_eq(now, then) => {
                    return Ok(Arc::clone(now));
                }
                _ => {}
            }
            if let Some(trouble) = known.recent_trouble() {
                return known.provider().ok_or(trouble);
            }
        }
        let found = self.look_up().await;
        let mut known = self.known();
        match found {
            Ok(metadata) => {
                tracing::info!(event = "provider_found", issuer = %self.issuer, "read the provider's metadata");
                if !metadata.announces_s256 {
                    tracing::warn!(event = "pkce_not_announced", issuer = %self.issuer, "the provider does not announce PKCE S256; it is sent all the same");
                }
                let provider = Provider::new(
                    metadata,
                    before.as_deref(),
                    self.registration.clone(),
                    self.http.clone(),
                    self.clock.clone(),
                );
                if let Some(lack) = provider.key().and_then(|used| used.lack) {
                    tracing::warn!(event = "client_key_not_announced", issuer = %self.issuer, lack, "the provider does not announce that it takes the app's assertions; they are sent all the same");
                }
                let provider = Arc::new(provider);
                known.provider = Some((Arc::clone(&provider), self.clock.now()));
                known.trouble = None;
                Ok(provider)
            }
            Err(trouble) => {
                tracing::warn!(event = "provider_trouble", issuer = %self.issuer, error = %trouble, "the provider's metadata is not to be had");
                known.trouble = Some((trouble.clone(), Instant::now()));
                if matches!(trouble, Trouble::Metadata(_)) {
                    known.provider = None; // another issuer stands there now: what it was no longer counts
                }
                known.provider().ok_or(trouble)
            }
        }
    }

    async fn look_up(&self) -> Result<Metadata, Trouble> {
        let not_a_url = |reason| FetchError::NotAllowed {
            url: self.issuer.clone(),
            reason,
        };
        let issuer = check_url(&self.issuer).map_err(not_a_url)?;
        let url = join_path(&issuer, "/.well-known/openid-configuration");
        let request = Request::get(url.as_str()).header("accept", "application/json");
        let request = request
            .body(Vec::new())
            .map_err(|error| FetchError::Unreachable {
                origin: self.issuer.clone(),
                reason: error.to_string(),
            })?;
        let answer = self.http.send(request, LIMIT).await?;
        if answer.status() != 200 {
            return Err(Trouble::Status {
                url: url.into(),
                status: answer.status().as_u16(),
            });
        }
        Ok(Metadata::read(&self.issuer, answer.body())?)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn provider(&self) -> Option<Arc<Provider>> {
        self.provider
            .as_ref()
            .map(|(provider, _)| Arc::clone(provider))
    }

    fn recent_trouble(&self) -> Option<Trouble> {
        let (trouble, at) = self.trouble.as_ref()?;
        (at.elapsed() < PAUSE).then(|| trouble.clone())
    }
}
