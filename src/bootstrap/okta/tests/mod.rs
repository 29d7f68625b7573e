//! The adapter against a tenant that answers as a script says, and misbehaves.

mod faults;
mod inputs;
mod objects;
mod probe;
mod tenant;

use super::*;
use crate::bootstrap::target::Wanted;
use serde_json::json;
use tenant::{Reply, Request, Tenant};

/// Shown to the tenant, and in no error.
const TOKEN: &str = "00-api-token-of-the-tests-canary";

/// A group that is asked for.
fn group(name: &str) -> Wanted {
    wanted(
        "okta:user_group",
        None,
        json!({ "profile": { "name": name, "description": "x" } }),
    )
}

fn wanted(class: &str, endpoint: Option<&str>, body: Value) -> Wanted {
    Wanted {
        name: "THING".to_owned(),
        class: class.to_owned(),
        endpoint: endpoint.map(str::to_owned),
        id_field: None,
        groups: Vec::new(),
        body,
    }
}

/// The group as a tenant tells it.
fn told_group(name: &str) -> Value {
    json!({ "id": "00g1", "type": "OKTA_GROUP", "profile": { "name": name, "description": "x" } })
}
