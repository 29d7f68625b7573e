//! The input that is compiled in: the blueprint's tenant in Keycloak's words.

mod clients;
mod people;
mod scopes;

use crate::blueprint::{Blueprint, ClientKind, Tenant, TenantClient};
use scopes::Grants;
use serde_json::{Map, Value, json};

/// The one client scope that puts the API, and who introspects, into `aud`.
const AUDIENCE_SCOPE: &str = "api";

/// The input of a way, if there is one: `standard`.
#[must_use]
pub fn input(way: &str, blueprint: &Blueprint) -> Option<Value> {
    (way == "standard").then(|| Value::Object(standard(blueprint)))
}

/// What an input is made of, entry by entry.
struct Writer(Map<String, Value>);

impl Writer {
    /// A text.
    fn text(&mut self, name: &str, default: &str) {
        let entry = json!({ "objType": "string", "saveToOutput": true, "default": default });
        self.0.insert(name.to_owned(), entry);
    }

    /// A text that a person may want to change.
    fn asked(&mut self, name: &str, default: &str, hint: &str) {
        let entry =
            json!({ "objType": "string", "saveToOutput": true, "hint": hint, "default": default });
        self.0.insert(name.to_owned(), entry);
    }

    /// An object at Keycloak.
    fn object(&mut self, name: &str, class: &str, comment: &str, default: &Value) {
        let entry = json!({
            "objType": "json",
            "saveToOutput": true,
            "comment": comment,
            "objectClass": class,
            "IDfieldName": "id",
            "default": default,
        });
        self.0.insert(name.to_owned(), entry);
    }
}

fn standard(blueprint: &Blueprint) -> Map<String, Value> {
    let tenant = Tenant::of(blueprint);
    let grants = Grants::of(blueprint, &tenant);
    let mut writer = Writer(Map::new());
    realm(&mut writer, &tenant);
    grants.write(&mut writer);
    audience(&mut writer, &tenant);
    people::write(&mut writer, blueprint);
    clients::write(&mut writer, &tenant, &grants);
    writer.0
}

fn realm(writer: &mut Writer, tenant: &Tenant) {
    writer.asked(
        "TAG",
        "{{GENERATE_TAG}}",
        "Stands in the display name of the realm and on what is in it: by it destroy knows what is ours.",
    );
    writer.asked(
        "KEYCLOAK_REALM",
        "solar-system",
        "The realm that is made. One that is there already and is not ours stays as it is.",
    );
    writer.asked("PORT", "8080", "The port that your web app runs on.");
    writer.asked(
        "REDIRECT_URI",
        "http://localhost:{{PORT}}/callback",
        "Where people come back to after they signed in, byte for byte.",
    );
    writer.asked(
        "SIGNED_OUT_URI",
        "http://localhost:{{PORT}}/signed-out",
        "Where people come back to after they signed out, on the same host as REDIRECT_URI.",
    );
    writer.asked(
        "BACK_CHANNEL_LOGOUT_URI",
        "http://localhost:{{PORT}}/back-channel-logout",
        "Where Keycloak tells the app that a session has ended: it must reach the app there.",
    );
    writer.asked(
        "AUDIENCE",
        &tenant.audience,
        "What access tokens for the API name in aud.",
    );
    writer.object(
        "REALM",
        "keycloak:realm",
        "Everything is in this realm, and goes with it. Access tokens live an hour, since the app asks for no new one meanwhile; so does the session that introspection looks at.",
        &json!({
            "realm": "{{KEYCLOAK_REALM}}",
            "displayName": "Solar System {{TAG}}",
            "enabled": true,
            "sslRequired": "external",
            "registrationAllowed": false,
            "resetPasswordAllowed": false,
            "editUsernameAllowed": false,
            "bruteForceProtected": true,
            "accessTokenLifespan": 3600,
            "ssoSessionIdleTimeout": 3600,
            "unmanagedAttributePolicy": "ADMIN_EDIT",
        }),
    );
    for (name, member) in [
        ("ISSUER", "issuer"),
        ("AUTHORIZE_URL", "authorization_endpoint"),
        ("TOKEN_URL", "token_endpoint"),
        ("TOKEN_INTROSPECTION_URL", "introspection_endpoint"),
        ("JWKS_URI", "jwks_uri"),
        ("CLIENT_REGISTRATION_URL", "registration_endpoint"),
    ] {
        writer.text(name, &format!("{{{{REALM.{member}}}}}"));
    }
}

/// Keycloak puts no API into `aud` by itself, and answers `{"active":false}` to a client that asks
/// about a token without being in its `aud`.
fn audience(writer: &mut Writer, tenant: &Tenant) {
    let mut mappers = vec![audience_mapper("the API", "{{AUDIENCE}}")];
    for client in of_kind(tenant, ClientKind::Introspection) {
        mappers.push(audience_mapper(
            &format!("{} introspects", client.id),
            &client.id,
        ));
    }
    mappers.push(json!({
        "name": "groups",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-group-membership-mapper",
        "config": {
            "claim.name": "groups",
            "full.path": "false",
            "id.token.claim": "true",
            "access.token.claim": "false",
            "userinfo.token.claim": "true",
        },
    }));
    writer.object(
        "AUDIENCE_SCOPE",
        "keycloak:client_scope",
        "A default scope of each client: who the tokens are for, and a person's groups in the ID token.",
        &json!({
            "name": AUDIENCE_SCOPE,
            "description": "Names the API in aud {{TAG}}",
            "protocol": "openid-connect",
            "attributes": { "include.in.token.scope": "false", "display.on.consent.screen": "false" },
            "protocolMappers": mappers,
        }),
    );
}

fn audience_mapper(name: &str, audience: &str) -> Value {
    json!({
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {
            "included.custom.audience": audience,
            "access.token.claim": "true",
            "id.token.claim": "false",
            "introspection.token.claim": "true",
        },
    })
}

fn of_kind(tenant: &Tenant, kind: ClientKind) -> impl Iterator<Item = &TenantClient> {
    tenant
        .clients
        .iter()
        .filter(move |client| client.kind == kind)
}

/// `NAME`, and `NAME_2` and so on for what comes after it.
fn numbered(name: &str, place: usize) -> String {
    match place {
        0 => name.to_owned(),
        place => format!("{name}_{}", place + 1),
    }
}
