//! Roles and scopes: a role for each level and machine, and on each scope the roles of those who may
//! have it.

use super::{Writer, numbered, of_kind};
use crate::blueprint::{Blueprint, ClientKind, Tenant};
use crate::{oauth::Scopes, settings::variable_prefix};
use serde_json::json;

/// Scopes that a realm has from the start, or that are none to Keycloak.
const STANDARD: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// A role of ours.
struct Role {
    entry: String,
    name: String,
    about: String,
}

/// A scope of ours, and the roles that may have it.
struct Scope {
    entry: String,
    name: String,
    roles: Vec<String>,
}

/// Who may have what.
pub(super) struct Grants {
    roles: Vec<Role>,
    scopes: Vec<Scope>,
}

impl Grants {
    /// A scope that neither a level nor a machine has is left out: nobody may have it.
    pub(super) fn of(blueprint: &Blueprint, tenant: &Tenant) -> Self {
        let mut roles = Vec::new();
        let mut scopes: Vec<Scope> = Vec::new();
        let mut add = |entry: &str, role: &str, wanted: &Scopes| {
            let mut place = 0;
            for name in wanted.iter().filter(|name| !STANDARD.contains(name)) {
                if let Some(scope) = scopes.iter_mut().find(|scope| scope.name == name) {
                    scope.roles.push(role.to_owned());
                    continue;
                }
                scopes.push(Scope {
                    entry: numbered(&format!("{entry}_SCOPE"), place),
                    name: name.to_owned(),
                    roles: vec![role.to_owned()],
                });
                place += 1;
            }
        };
        for level in &blueprint.levels {
            roles.push(Role {
                entry: format!("{}_ROLE", variable_prefix(&level.name)),
                name: level.name.clone(),
                about: level.sentence.clone(),
            });
            add(&variable_prefix(&level.name), &level.name, &level.scopes);
        }
        for (place, machine) in of_kind(tenant, ClientKind::Machine).enumerate() {
            let role = machine_role(&machine.id);
            let entry = numbered("MACHINE", place);
            add(&entry, &role, &machine.scopes);
            roles.push(Role {
                entry: format!("{entry}_ROLE"),
                name: role,
                about: format!("What {} may do.", machine.name),
            });
        }
        Self { roles, scopes }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        for role in &self.roles {
            writer.object(
                &role.entry,
                "keycloak:role",
                "Stands on a group, or on a machine's service account, and on the scopes that it opens.",
                &json!({ "name": role.name, "description": format!("{} {{{{TAG}}}}", role.about) }),
            );
        }
        for scope in &self.scopes {
            let name = format!("{}_NAME", scope.entry);
            writer.text(&name, &scope.name);
            writer.object(
                &scope.entry,
                "keycloak:client_scope",
                "Only who has one of these roles gets the scope; without a role everybody would.",
                &json!({
                    "name": format!("{{{{{name}}}}}"),
                    "description": format!("For {} {{{{TAG}}}}", scope.roles.join(", ")),
                    "protocol": "openid-connect",
                    "attributes": { "include.in.token.scope": "true", "display.on.consent.screen": "false" },
                    "realmRoles": scope.roles,
                }),
            );
        }
    }

    /// Of these scopes, the ones that a client asks for by name: ours, and Keycloak's that are not
    /// default ones.
    pub(super) fn optional(&self, wanted: &Scopes) -> Vec<String> {
        let ours = |name: &str| self.scopes.iter().find(|scope| scope.name == name);
        let later = ["address", "phone", "offline_access"];
        let asked = wanted.iter().filter_map(|name| match ours(name) {
            Some(scope) => Some(format!("{{{{{}_NAME}}}}", scope.entry)),
            None if later.contains(&name) => Some(name.to_owned()),
            None => None,
        });
        asked.collect()
    }
}

pub(super) fn machine_role(id: &str) -> String {
    format!("machine-{id}")
}
