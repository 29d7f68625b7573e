//! The app, who introspects, and the machines.

use super::{AUDIENCE_SCOPE, Writer, numbered, of_kind, scopes::Grants, scopes::machine_role};
use crate::blueprint::{ClientKind, Tenant, TenantClient};
use serde_json::{Value, json};

pub(super) fn write(writer: &mut Writer, tenant: &Tenant, grants: &Grants) {
    for (place, client) in of_kind(tenant, ClientKind::App).enumerate() {
        let entry = numbered("APP_CLIENT", place);
        writer.object(
            &entry,
            "keycloak:client",
            "The app: authorization code with PKCE and nothing else.",
            &client_body(
                client,
                &json!({
                    "standardFlowEnabled": true,
                    "redirectUris": ["{{REDIRECT_URI}}"],
                    "defaultClientScopes": ["basic", "profile", "email", AUDIENCE_SCOPE],
                    "optionalClientScopes": grants.optional(&client.scopes),
                    "attributes": {
                        "pkce.code.challenge.method": "S256",
                        "post.logout.redirect.uris": "{{SIGNED_OUT_URI}}",
                        "backchannel.logout.url": "{{BACK_CHANNEL_LOGOUT_URI}}",
                        "backchannel.logout.session.required": "true",
                    },
                }),
            ),
        );
        credentials(writer, &entry, &numbered("AUTHN_CLIENT", place));
    }
    for (place, client) in of_kind(tenant, ClientKind::Introspection).enumerate() {
        let entry = numbered("INTROSPECT_CLIENT", place);
        let nothing = json!({ "defaultClientScopes": [], "optionalClientScopes": [] });
        writer.object(
            &entry,
            "keycloak:client",
            "Asks whether tokens are valid, and can do nothing else.",
            &client_body(client, &nothing),
        );
        credentials(writer, &entry, &entry);
    }
    for (place, client) in of_kind(tenant, ClientKind::Machine).enumerate() {
        let entry = numbered("MACHINE_CLIENT", place);
        writer.object(
            &entry,
            "keycloak:client",
            "Acts for itself, by client credentials; its service account has the role of its scopes.",
            &client_body(
                client,
                &json!({
                    "serviceAccountsEnabled": true,
                    "defaultClientScopes": ["basic", "service_account", AUDIENCE_SCOPE],
                    "optionalClientScopes": grants.optional(&client.scopes),
                    "realmRoles": [machine_role(&client.id)],
                }),
            ),
        );
        credentials(writer, &entry, &entry);
    }
}

/// Each flag is named: Keycloak's own defaults let a client do more.
fn client_body(client: &TenantClient, more: &Value) -> Value {
    let mut body = json!({
        "clientId": client.id,
        "name": client.name,
        "description": format!("{} {{{{TAG}}}}", client.name),
        "publicClient": false,
        "clientAuthenticatorType": "client-secret",
        "standardFlowEnabled": false,
        "implicitFlowEnabled": false,
        "directAccessGrantsEnabled": false,
        "serviceAccountsEnabled": false,
        "fullScopeAllowed": false,
        "redirectUris": [],
        "webOrigins": [],
    });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

fn credentials(writer: &mut Writer, entry: &str, prefix: &str) {
    writer.text(
        &format!("{prefix}_ID"),
        &format!("{{{{{entry}.clientId}}}}"),
    );
    writer.text(
        &format!("{prefix}_SECRET"),
        &format!("{{{{{entry}.secret}}}}"),
    );
}
