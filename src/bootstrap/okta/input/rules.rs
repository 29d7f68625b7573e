//! Access policies, a rule for each level, and who may use an app that a portal registered.

use super::{Writer, group_entries, numbered, scopes::Scopes};
use crate::{
    blueprint::{Blueprint, TenantClient},
    settings::variable_prefix,
};
use serde_json::json;

/// What a rule grants.
pub(super) struct Grant {
    pub(super) name: String,
    pub(super) priority: usize,
    pub(super) groups: Vec<String>,
    pub(super) by: &'static str,
    pub(super) scopes: Vec<String>,
}

/// The policy of an app, and in it a rule for each level: the level's group may have the level's
/// scopes and no other.
pub(super) fn for_people(
    writer: &mut Writer,
    blueprint: &Blueprint,
    app: &TenantClient,
    place: usize,
    client_id: &str,
    server: &str,
    scopes: &Scopes,
) {
    let entry = numbered("ACCESS_POLICY", place);
    policy(writer, &entry, app, client_id, server, 1 + place);
    let entries = group_entries(blueprint);
    let levels = blueprint.levels.iter();
    let levels = levels.filter(|level| app.groups.contains(&level.group));
    for (number, level) in levels.enumerate() {
        let group = entries.iter().find(|(group, _)| *group == level.group);
        let groups = group.map(|(_, entry)| format!("{{{{{entry}_ID}}}}"));
        let granted = level
            .scopes
            .iter()
            .filter(|scope| app.scopes.contains(scope));
        let grant = Grant {
            name: format!("{} access", level.name),
            priority: number + 1,
            groups: groups.into_iter().collect(),
            by: "authorization_code",
            scopes: granted.map(|scope| scopes.placeholder(scope)).collect(),
        };
        let name = numbered(&format!("{}_RULE", variable_prefix(&level.name)), place);
        rule(writer, &name, &entry, server, &grant);
    }
}

pub(super) fn policy(
    writer: &mut Writer,
    entry: &str,
    client: &TenantClient,
    client_id: &str,
    server: &str,
    priority: usize,
) {
    writer.object(
        entry,
        "okta:oauth_policy",
        "For this client alone.",
        &json!({
            "type": "OAUTH_AUTHORIZATION_POLICY",
            "status": "ACTIVE",
            "name": format!("{} {{{{TAG}}}}", client.name),
            "description": format!("What {} may have", client.name),
            "priority": priority,
            "conditions": { "clients": { "include": [client_id] } },
        }),
    );
    let place = format!("/api/v1/authorizationServers/{server}/policies");
    writer.with(entry, "oktaEndpoint", json!(place));
}

/// Okta denies the whole request for one scope that the rule does not name.
pub(super) fn rule(writer: &mut Writer, entry: &str, policy: &str, server: &str, grant: &Grant) {
    writer.object(
        entry,
        "okta:rule",
        "Exactly these scopes, for exactly this group.",
        &json!({
            "type": "RESOURCE_ACCESS",
            "status": "ACTIVE",
            "name": grant.name,
            "priority": grant.priority,
            "conditions": {
                "people": { "groups": { "include": grant.groups } },
                "grantTypes": { "include": [grant.by] },
                "scopes": { "include": grant.scopes },
            },
            "actions": { "token": {
                "accessTokenLifetimeMinutes": 60,
                "refreshTokenLifetimeMinutes": 0,
                "refreshTokenWindowMinutes": 10080,
            } },
        }),
    );
    let place = format!("/api/v1/authorizationServers/{server}/policies/{{{{{policy}.id}}}}/rules");
    writer.with(entry, "oktaEndpoint", json!(place));
}

/// The groups of an app that was registered by somebody else: without, nobody may sign in through it.
pub(super) fn assignments(writer: &mut Writer, blueprint: &Blueprint, app: &TenantClient) {
    for (group, entry) in group_entries(blueprint) {
        if !app.groups.iter().any(|own| own == group) {
            continue;
        }
        let name = entry.replace("_GROUP", "_ASSIGNMENT");
        writer.object(
            &name,
            "okta:app_assignment",
            "Members of this group may sign in through the app.",
            &json!({ "id": format!("{{{{{entry}_ID}}}}") }),
        );
        writer.with(
            &name,
            "oktaEndpoint",
            json!("/api/v1/apps/{{AUTHN_CLIENT_ID}}/groups"),
        );
    }
}
