//! Scopes: each level's own, the machines', and those that nobody but a resource names.

use super::{Writer, numbered, of_kind, own_server};
use crate::{
    blueprint::{Blueprint, ClientKind, Tenant},
    settings::variable_prefix,
};
use serde_json::json;

/// Scopes that an authorization server has from the start.
const STANDARD: [&str; 7] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "device_sso",
];

/// The scopes that are made, each with the names of its entries.
pub(super) struct Scopes(Vec<Scope>);

struct Scope {
    name: String,
    entry: String,
    description: String,
}

impl Scopes {
    /// A scope belongs to the first level that asks for it.
    pub(super) fn of(blueprint: &Blueprint, tenant: &Tenant) -> Self {
        let mut scopes = Self(Vec::new());
        for level in &blueprint.levels {
            let base = format!("{}_SCOPE", variable_prefix(&level.name));
            scopes.add(level.scopes.iter(), &base, &level.sentence);
        }
        let machines = of_kind(tenant, ClientKind::Machine);
        let machines = machines.flat_map(|client| client.scopes.iter());
        scopes.add(machines, "MACHINE_SCOPE", "What machines may do");
        let others = tenant.scopes.iter();
        scopes.add(others, "OTHER_SCOPE", &blueprint.api.description);
        scopes
    }

    fn add<'s>(&mut self, names: impl Iterator<Item = &'s str>, base: &str, description: &str) {
        let mut place = 0;
        for name in names {
            let is_there = self.0.iter().any(|scope| scope.name == name);
            if is_there || STANDARD.contains(&name) {
                continue;
            }
            self.0.push(Scope {
                name: name.to_owned(),
                entry: numbered(base, place),
                description: description.to_owned(),
            });
            place += 1;
        }
    }

    /// A scope as a rule names it: by the entry of its name, or as it is.
    pub(super) fn placeholder(&self, name: &str) -> String {
        let scope = self.0.iter().find(|scope| scope.name == name);
        scope.map_or_else(
            || name.to_owned(),
            |scope| format!("{{{{{}}}}}", name_entry(&scope.entry)),
        )
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        for scope in &self.0 {
            let name = name_entry(&scope.entry);
            writer.text(&name, &scope.name);
            writer.object(
                &scope.entry,
                "okta:scope",
                "Granted by a rule to who may have it, and to nobody else.",
                &json!({
                    "name": format!("{{{{{name}}}}}"),
                    "description": scope.description,
                    "default": false,
                }),
            );
            let place = format!("/api/v1/authorizationServers/{}/scopes", own_server());
            writer.with(&scope.entry, "oktaEndpoint", json!(place));
        }
    }
}

/// `SCOPE_2` has its name in `SCOPE_2_NAME`.
fn name_entry(entry: &str) -> String {
    format!("{entry}_NAME")
}
