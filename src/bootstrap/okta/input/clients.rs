//! The app, who introspects, and the machines.

use super::{Writer, group_entries, numbered, of_kind, own_server, rules, scopes::Scopes};
use crate::blueprint::{Blueprint, ClientKind, Tenant, TenantClient};
use serde_json::{Value, json};

/// Where clients are registered.
const CLIENTS: &str = "/oauth2/v1/clients";
/// The scope that asks for a refresh token (OpenID Connect Core, section 11).
const OFFLINE: &str = "offline_access";

pub(super) fn apps(writer: &mut Writer, tenant: &Tenant, blueprint: &Blueprint) {
    let entries = group_entries(blueprint);
    for (place, client) in of_kind(tenant, ClientKind::App).enumerate() {
        let entry = numbered("AUTHN_CLIENT", place);
        let mut grants = vec!["authorization_code"];
        if client.scopes.contains(OFFLINE) {
            grants.push("refresh_token");
        }
        let body = json!({
            "client_name": named(client),
            "application_type": "web",
            "redirect_uris": ["{{REDIRECT_URI}}"],
            "post_logout_redirect_uris": ["/signed-out"],
            "response_types": ["code"],
            "grant_types": grants,
            "token_endpoint_auth_method": "client_secret_basic",
            "pkce_required": true,
        });
        write(
            writer,
            &entry,
            "The app: authorization code with PKCE, and nothing that puts tokens into URLs.",
            &body,
        );
        let groups: Vec<_> = entries
            .iter()
            .filter(|(group, _)| client.groups.iter().any(|own| own == group))
            .map(|(_, entry)| format!("{{{{{entry}.id}}}}"))
            .collect();
        writer.with(&entry, "groups", json!(groups));
    }
}

pub(super) fn introspection(writer: &mut Writer, tenant: &Tenant) {
    for (place, client) in of_kind(tenant, ClientKind::Introspection).enumerate() {
        let entry = numbered("INTROSPECT_CLIENT", place);
        write(
            writer,
            &entry,
            "Asks whether tokens are valid. No policy is for it, so that it gets none itself.",
            &service(client),
        );
    }
}

pub(super) fn machines(writer: &mut Writer, tenant: &Tenant, scopes: &Scopes) {
    for (place, client) in of_kind(tenant, ClientKind::Machine).enumerate() {
        let entry = numbered("MACHINE_CLIENT", place);
        write(
            writer,
            &entry,
            "Acts for itself, by client credentials.",
            &service(client),
        );
        let policy = numbered("MACHINE_POLICY", place);
        let id = format!("{{{{{entry}.client_id}}}}");
        rules::policy(writer, &policy, client, &id, &own_server(), 2 + place);
        let granted: Vec<_> = client
            .scopes
            .iter()
            .map(|scope| scopes.placeholder(scope))
            .collect();
        rules::rule(
            writer,
            &numbered("MACHINE_RULE", place),
            &policy,
            &own_server(),
            &rules::Grant {
                name: client.id.clone(),
                priority: 1,
                // Nobody signs in: the condition has to be there, and says nothing.
                groups: vec!["EVERYONE".to_owned()],
                by: "client_credentials",
                scopes: granted,
            },
        );
    }
}

/// A client that nobody signs in through. Okta wants the response type `token` of one; without the
/// implicit grant, and without a redirect URI, it comes to nothing.
fn service(client: &TenantClient) -> Value {
    json!({
        "client_name": named(client),
        "application_type": "service",
        "response_types": ["token"],
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic",
    })
}

fn named(client: &TenantClient) -> String {
    format!("{} {{{{TAG}}}}", client.name)
}

fn write(writer: &mut Writer, entry: &str, comment: &str, body: &Value) {
    writer.object(entry, "okta:client", comment, body);
    writer.with(entry, "oktaEndpoint", json!(CLIENTS));
    writer.with(entry, "IDfieldName", json!("client_id"));
    writer.text(
        &format!("{entry}_ID"),
        &format!("{{{{{entry}.client_id}}}}"),
    );
    writer.text(
        &format!("{entry}_SECRET"),
        &format!("{{{{{entry}.client_secret}}}}"),
    );
}
