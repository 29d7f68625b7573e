//! The scenario: one TOML file that says which resources there are, who may see them and who asks.
//!
//! Everything else is derived from it: [`Policy`] (the gateway, its kits, the proofs), [`Tenant`]
//! (the identity provider) and [`panels`] (the home page). A new level changes that one file.

mod check;
mod document;
mod error;
mod model;
mod panels;
mod policy;
pub mod reserved;
mod tenant;
mod words;

pub use error::{BlueprintError, LoadError};
pub use model::{
    Api, Blueprint, Body, Client, ClientKind, Drawing, Gateway, Layout, Level, Resource, StepUp,
    Takes, User,
};
pub use panels::{Panel, panels};
pub use policy::{Caller, Facts, Policy, Rule, Verdict};
pub use tenant::{GrantRule, Tenant, TenantClient, TenantUser, user_id};
