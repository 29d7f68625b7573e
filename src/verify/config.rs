//! What a run is told.

use super::{mint::Minter, sign_in::Provider, witness::Witness};
use crate::{
    blueprint::Blueprint,
    clock::Clock,
    net::{Client, RawClient},
    oauth::Secret,
};
use std::{collections::BTreeMap, time::Duration};
use url::Url;

/// What is verified, and with what.
pub struct Config {
    /// In a line, for people.
    pub title: String,
    /// The scenario whose rules the gateway should follow.
    pub blueprint: Blueprint,
    /// What access tokens must name in `aud`.
    pub audience: String,
    /// The gateway's base URL. Nothing else is asked for resources.
    pub gateway: Url,
    /// What the gateway is called (`GATEWAY`).
    pub gateway_name: String,
    /// Whose tokens it takes.
    pub issuer: String,
    /// The client that people sign in through.
    pub client_id: String,
    /// Whether the gateway asks the issuer about each token.
    pub introspects: bool,
    /// Where real tokens come from.
    pub tokens: Tokens,
    /// Tokens that were given by hand, by level.
    pub given: BTreeMap<String, Secret>,
    /// The API behind the gateway, if it is ours.
    pub witness: Option<Witness>,
    /// Whether forgeries may go to another machine.
    pub forged: bool,
    /// Requests a second.
    pub rate: f64,
    /// How many requests at most.
    pub requests: usize,
    /// Told how many requests there were, after each.
    pub progress: fn(usize),
    /// How long a gateway that does not answer is waited for.
    pub patience: Duration,
    /// Asks the issuer.
    pub http: Client,
    /// Asks the gateway.
    pub raw: RawClient,
    /// The time.
    pub clock: Clock,
}

/// Where real tokens come from.
pub enum Tokens {
    /// The issuer's key is in our hands.
    Minted(Minter),
    /// People sign in at the issuer, and the machine asks it.
    SignedIn(Box<Provider>),
}
