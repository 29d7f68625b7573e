//! What the issuer says of itself (OpenID Connect Discovery, section 4): where its keys are, and
//! where to ask about a token.

use crate::{
    jose::{KeySet, strict_json},
    net::{self, check_endpoint, check_url, join_path},
};
use axum::http::{Request, StatusCode, header::ACCEPT};
use bytes::Bytes;
use serde::Deserialize;
use url::Url;

use super::fetched::Fetch;

/// The longest metadata that are read, in bytes.
const LONGEST_METADATA: usize = 64 * 1024;
/// The longest key set that is read, in bytes.
const LONGEST_KEYS: usize = 128 * 1024;

/// The issuer, and how to reach it.
#[derive(Clone)]
pub(super) struct Issuer {
    pub(super) identifier: String,
    pub(super) http: net::Client,
}

/// Fetches the issuer's keys.
pub(super) struct FetchKeys(pub(super) Issuer);

/// Fetches the address of the issuer's introspection endpoint.
pub(super) struct FetchEndpoint(pub(super) Issuer);

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Option<String>,
    introspection_endpoint: Option<String>,
}

impl Fetch for FetchKeys {
    type Value = KeySet;

    async fn fetch(&self) -> Result<KeySet, String> {
        let metadata = self.0.metadata().await?;
        let url = announced(&self.0.identifier, "jwks_uri", metadata.jwks_uri.as_deref())?;
        let body = self.0.get(&url, LONGEST_KEYS).await?;
        let keys = KeySet::parse(&body).map_err(|error| format!("{url}: {error}"))?;
        if keys.is_empty() {
            return Err(format!("{url} publishes no key that can be used"));
        }
        tracing::info!(
            event = "keys_fetched",
            keys = keys.len(),
            "the issuer's keys were fetched"
        );
        Ok(keys)
    }
}

impl Fetch for FetchEndpoint {
    type Value = Url;

    async fn fetch(&self) -> Result<Url, String> {
        let metadata = self.0.metadata().await?;
        announced(
            &self.0.identifier,
            "introspection_endpoint",
            metadata.introspection_endpoint.as_deref(),
        )
    }
}

impl Issuer {
    /// Reads the metadata and compares the issuer they name, exactly (section 4.3).
    async fn metadata(&self) -> Result<Metadata, String> {
        let issuer = &self.identifier;
        let base = check_url(issuer).map_err(|error| format!("the issuer {issuer:?}: {error}"))?;
        let url = join_path(&base, "/.well-known/openid-configuration");
        let body = self.get(&url, LONGEST_METADATA).await?;
        let metadata: Metadata = strict_json::object_from_slice(&body)
            .map_err(|error| format!("the metadata at {url}: {error}"))?;
        if metadata.issuer == *issuer {
            return Ok(metadata);
        }
        Err(format!(
            "the metadata at {url} are of issuer {:?}, not of {issuer:?}",
            metadata.issuer
        ))
    }

    async fn get(&self, url: &Url, limit: usize) -> Result<Bytes, String> {
        let request = Request::get(url.as_str())
            .header(ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|error| format!("{url}: {error}"))?;
        let answer = self.http.send(request, limit).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("{url} answered {}", answer.status()));
        }
        Ok(answer.into_body())
    }
}

fn announced(issuer: &str, name: &str, endpoint: Option<&str>) -> Result<Url, String> {
    let endpoint = endpoint.ok_or_else(|| format!("the issuer announces no {name}"))?;
    check_endpoint(issuer, endpoint).map_err(|error| format!("the issuer's {name}: {error}"))
}
