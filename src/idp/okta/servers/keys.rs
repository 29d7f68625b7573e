//! Signing keys of an authorization server: their public halves, and a new one on request.

use super::{change, find, find_mut};
use crate::idp::{
    here::Here,
    okta::{
        call::{Call, changed},
        error::OktaError,
        page::{self, List, Row},
    },
    org::{AuthorizationServer, ServerKey, SigningAlgorithm},
};
use axum::{Json, extract::Path, response::Response};
use serde_json::{Value, json};
use std::collections::HashMap;

const CLASS: &str = "signing_key";
/// How many keys of an algorithm are kept at least: the one that signs, and the one before it,
const KEPT: usize = 2;
/// and at the most, since verifiers look at no more than a few dozen.
const MOST: usize = 8;
/// No token lives longer (seconds): rules give an access token a day at most.
const LONGEST_LIFE: i64 = 24 * 3600;

pub(in super::super) async fn list(
    Path(server): Path<String>,
    call: Call,
) -> Result<Response, OktaError> {
    let keys = keys(&call, &server).await?;
    let rows = keys
        .into_iter()
        .zip(0..)
        .map(|(key, place)| Row::new(place, "", key));
    page::answer(&call, List::plain("keys", 100, 100), rows.collect())
}

pub(in super::super) async fn read(
    Path((server, kid)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let keys = keys(&call, &server).await?;
    let key = keys.into_iter().find(|key| key["kid"] == kid);
    key.map(Json)
        .ok_or_else(|| OktaError::not_found(&kid, "JsonWebKey"))
}

/// Makes a new key for each algorithm that there is a key for. The ones before are published for as long as
/// what they signed may count (OpenID Connect Core, section 10.1.1).
pub(in super::super) async fn rotate(
    Path(server): Path<String>,
    call: Call,
) -> Result<Response, OktaError> {
    let object = call.object()?;
    if object.get("use").is_some_and(|given| given != "sig") {
        return Err(OktaError::of("use", "It must be sig"));
    }
    keys(&call, &server).await?;
    let algorithms = of(find(&call.idp.org.read(), &server)?);
    let now = call.now();
    let generate = move || {
        let each = algorithms.into_iter();
        each.map(|algorithm| ServerKey::generate(algorithm, now))
            .collect::<Result<Vec<_>, _>>()
    };
    let generated = tokio::task::spawn_blocking(generate).await;
    let generated = generated
        .map_err(|_| OktaError::Internal)?
        .map_err(|error| {
            tracing::error!(event = "key_failed", %error, "a signing key could not be made");
            OktaError::Internal
        })?;
    change(&call, &server, move |org, id| {
        let server = find_mut(org, id)?;
        server.keys.extend(generated);
        forget_old(&mut server.keys, now);
        Ok(())
    })
    .await?;
    changed(CLASS, &server, "rotated");
    list(Path(server), call).await
}

/// Keeps the newest keys of each algorithm, and those that signed until lately.
fn forget_old(keys: &mut Vec<ServerKey>, now: i64) {
    /// How many are newer, and when the next one took over.
    type Seen = HashMap<&'static str, (usize, i64)>;
    let mut seen = Seen::new();
    let stays = |key: &ServerKey| {
        let (newer, replaced) = seen.entry(name(key.algorithm)).or_insert((0, now));
        let may_count = now.saturating_sub(*replaced) < LONGEST_LIFE;
        let stays = *newer < KEPT || (*newer < MOST && may_count);
        (*newer, *replaced) = (*newer + 1, key.created);
        stays
    };
    let mut newest: Vec<bool> = keys.iter().rev().map(stays).collect();
    keys.retain(|_| newest.pop().unwrap_or_default());
}

fn name(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm {
        SigningAlgorithm::Es256 => "ES256",
        SigningAlgorithm::Rs256 => "RS256",
    }
}

/// The algorithms that there are keys for.
fn of(server: &AuthorizationServer) -> Vec<SigningAlgorithm> {
    let mut algorithms: Vec<SigningAlgorithm> =
        server.keys.iter().map(|key| key.algorithm).collect();
    algorithms.sort_by_key(|algorithm| name(*algorithm));
    algorithms.dedup();
    algorithms
}

/// The published keys as Okta shows them; makes the first, if there is none yet.
async fn keys(call: &Call, server: &str) -> Result<Vec<Value>, OktaError> {
    find(&call.idp.org.read(), server)?;
    let here = Here::at(&call.idp, server);
    let here = here.ok_or(OktaError::Forbidden(
        "A server that is out of work shows no keys",
    ))?;
    let published = here.published_keys().await.map_err(|error| {
        tracing::error!(event = "key_failed", %error, "a signing key could not be made");
        OktaError::Internal
    })?;
    let org = call.idp.org.read();
    let kept = &find(&org, server)?.keys;
    let signs = |kid: &Value| {
        let key = kept.iter().find(|key| *kid == key.kid);
        key.is_some_and(|key| {
            kept.iter()
                .rfind(|other| other.algorithm == key.algorithm)
                .is_some_and(|newest| newest.kid == key.kid)
        })
    };
    let all = published["keys"].as_array().cloned().unwrap_or_default();
    Ok(all
        .into_iter()
        .map(|mut key| {
            let kid = key["kid"].as_str().unwrap_or_default();
            let path = format!("{}/{server}/credentials/keys/{kid}", super::PATH);
            let status = if signs(&key["kid"]) {
                "ACTIVE"
            } else {
                "EXPIRED"
            };
            key["_links"] = json!({ "self": { "href": call.href(&path) } });
            key["status"] = json!(status);
            key
        })
        .collect())
}
