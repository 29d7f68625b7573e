//! **Solar System**: secure an API with OAuth, and see every step of it.
//!
//! # The map of the house
//!
//! Four rooms meet **only over HTTP**, so that any of them can be replaced by the real thing:
//!
//! | room | what it is |
//! | --- | --- |
//! | [`web`] | the relying party, and the product's face; its protocol lies in [`web::oidc`] |
//! | [`idp`] | an Okta-shaped authorization server, for demos and tests only |
//! | [`gateway`] | policy enforcement point and reverse proxy |
//! | [`api`] | knows the answers and no tokens; answers only who shows the gateway's key |
//!
//! Below them lies what they share: [`blueprint`] (the scenario, and what follows from it),
//! [`settings`] (one table of variables), [`flight`] (what the dance looked like, without secrets),
//! [`reason`] (every refusal, explained), [`finding`] (what a check saw), [`calls`] (what rooms and tools alike ask of others),
//! [`oauth`] (the protocol's words), [`jose`] (one strict verifier), [`net`] (listeners, accept loop,
//! the one outgoing client), [`assets`] and [`clock`].
//! Above them stand [`stack`], which puts the house up, the tools ([`bootstrap`], [`settings_for`],
//! [`register`], [`token`], [`kit`], [`verify`], [`doctor`]), of which none knows another, and [`cli`].
//!
//! Arrows point down, and no room names another: a test that scans paths holds them.
//!
//! # Where to start reading
//!
//! A sign-in goes through four types, each made only by the check before it:
//! [`web::oidc::Attempt`] → [`web::oidc::AcceptedCode`] → [`web::oidc::Redeemed`] →
//! [`web::oidc::SignedIn`]. A token is believed as [`jose::Verified`], which only the verifier makes. A
//! call through the gateway is judged by [`blueprint::Policy::judge`].

// A panic costs somebody's request: what cannot fail says why, in `expect`.
#![cfg_attr(not(any(test, feature = "fuzzing")), deny(clippy::unwrap_used))]

pub mod api;
pub mod assets;
pub mod blueprint;
pub mod bootstrap;
pub mod calls;
pub mod cli;
pub mod clock;
pub mod doctor;
pub mod finding;
pub mod flight;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod gateway;
pub mod idp;
pub mod jose;
pub mod kit;
pub mod net;
pub mod oauth;
pub mod reason;
pub mod register;
pub mod settings;
pub mod settings_for;
pub mod stack;
pub mod token;
pub mod verify;
pub mod web;
