//! The inputs that are compiled in: the blueprint's tenant in Okta's words, in the tool's own language.
//!
//! Each name that an output of the tutorial has is there, made of the names of the levels.

mod clients;
mod people;
mod rules;
mod scopes;
mod writer;

use crate::{
    blueprint::{Blueprint, ClientKind, Tenant, TenantClient},
    settings::variable_prefix,
};
use scopes::Scopes;
use serde_json::{Value, json};
use writer::Writer;

/// The input of a way, if there is one.
///
/// - `standard`: everything, the app's registration included.
/// - `mulesoft`: everything but the app, which the gateway's portal registers afterwards.
/// - `mulesoft_policy`: the rules for the app that the portal registered, and who may use it.
#[must_use]
pub fn input(way: &str, blueprint: &Blueprint) -> Option<Value> {
    let writer = match way {
        "standard" => standard(blueprint),
        "mulesoft" => before_the_portal(blueprint),
        "mulesoft_policy" => after_the_portal(blueprint),
        _ => return None,
    };
    Some(writer.finished())
}

fn standard(blueprint: &Blueprint) -> Writer {
    let tenant = Tenant::of(blueprint);
    let scopes = Scopes::of(blueprint, &tenant);
    let mut writer = Writer::default();
    common(&mut writer, blueprint, &tenant, &scopes);
    clients::apps(&mut writer, &tenant, blueprint);
    for (place, app) in of_kind(&tenant, ClientKind::App).enumerate() {
        let client = numbered("AUTHN_CLIENT", place);
        let client = format!("{{{{{client}.client_id}}}}");
        rules::for_people(
            &mut writer,
            blueprint,
            app,
            place,
            &client,
            &own_server(),
            &scopes,
        );
    }
    trusted_origin(&mut writer);
    writer
}

fn before_the_portal(blueprint: &Blueprint) -> Writer {
    let tenant = Tenant::of(blueprint);
    let scopes = Scopes::of(blueprint, &tenant);
    let mut writer = Writer::default();
    common(&mut writer, blueprint, &tenant, &scopes);
    writer
}

fn after_the_portal(blueprint: &Blueprint) -> Writer {
    let tenant = Tenant::of(blueprint);
    let scopes = Scopes::of(blueprint, &tenant);
    let mut writer = Writer::default();
    let source = json!({ "objType": "data", "saveToOutput": true, "default": "mulesoft" });
    writer.entry("DATA_SOURCE", source);
    tag(&mut writer);
    let portal = json!({
        "objType": "string",
        "saveToOutput": true,
        "hint": "The client id that the gateway's portal registered when you requested access; solar-system register makes one too.",
    });
    writer.entry("AUTHN_CLIENT_ID", portal);
    if let Some(app) = of_kind(&tenant, ClientKind::App).next() {
        let server = "{{OKTA_AZ_SERVER_ID}}";
        rules::for_people(
            &mut writer,
            blueprint,
            app,
            0,
            "{{AUTHN_CLIENT_ID}}",
            server,
            &scopes,
        );
        rules::assignments(&mut writer, blueprint, app);
    }
    trusted_origin(&mut writer);
    writer
}

/// What all ways but the last begin with: server, scopes, groups, people, and the gateway's and the
/// machines' clients.
fn common(writer: &mut Writer, blueprint: &Blueprint, tenant: &Tenant, scopes: &Scopes) {
    tag(writer);
    writer.asked(
        "CLIENT_REGISTRATION_URL",
        "{{OKTA_TENANT}}/oauth2/v1/clients",
        "Where the gateway's portal, and solar-system register, register clients.",
    );
    writer.asked("PORT", "8080", "The port that your web app runs on.");
    writer.asked(
        "REDIRECT_URI",
        "http://localhost:{{PORT}}/callback",
        "Where people come back to after they signed in, byte for byte.",
    );
    writer.asked(
        "AUDIENCE",
        &tenant.audience,
        "What access tokens for the API name in aud.",
    );
    server(writer);
    scopes.write(writer);
    people::write(writer, blueprint);
    clients::introspection(writer, tenant);
    clients::machines(writer, tenant, scopes);
}

fn tag(writer: &mut Writer) {
    writer.asked(
        "TAG",
        "{{GENERATE_TAG}}",
        "Stands in the names of what is made: by it destroy knows what is ours.",
    );
}

fn server(writer: &mut Writer) {
    writer.object(
        "OKTA_AZ_SERVER",
        "okta:authz_server",
        "The authorization server: whose tokens the gateway takes.",
        &json!({
            "name": "Solar System {{TAG}}",
            "description": "Gives access tokens for the Solar System API",
            "audiences": ["{{AUDIENCE}}"],
        }),
    );
    writer.with(
        "OKTA_AZ_SERVER",
        "oktaEndpoint",
        json!("/api/v1/authorizationServers"),
    );
    for (name, value) in [
        ("OKTA_AZ_SERVER_ID", "{{OKTA_AZ_SERVER.id}}"),
        ("OKTA_AZ_SERVER_ISSUER", "{{OKTA_AZ_SERVER.issuer}}"),
        ("ISSUER", "{{OKTA_AZ_SERVER.issuer}}"),
        ("AUTHORIZE_URL", "{{OKTA_AZ_SERVER.issuer}}/v1/authorize"),
        ("TOKEN_URL", "{{OKTA_AZ_SERVER.issuer}}/v1/token"),
        (
            "TOKEN_INTROSPECTION_URL",
            "{{OKTA_AZ_SERVER.issuer}}/v1/introspect",
        ),
        ("JWKS_URI", "{{OKTA_AZ_SERVER.issuer}}/v1/keys"),
    ] {
        writer.text(name, value);
    }
}

/// Where people may be sent back to after they signed out.
fn trusted_origin(writer: &mut Writer) {
    writer.object(
        "APP_ORIGIN",
        "okta:trusted_origin",
        "The app's origin, of which REDIRECT_URI tells the scheme, host and port.",
        &json!({
            "name": "Solar System {{TAG}}",
            "origin": "{{REDIRECT_URI}}",
            "scopes": [{ "type": "CORS" }, { "type": "REDIRECT" }],
        }),
    );
    writer.with(
        "APP_ORIGIN",
        "oktaEndpoint",
        json!("/api/v1/trustedOrigins"),
    );
}

/// The placeholder of the server that is made by the same input.
fn own_server() -> String {
    "{{OKTA_AZ_SERVER.id}}".to_owned()
}

/// The names of the groups' entries, each group once: that of the first level that has it.
fn group_entries(blueprint: &Blueprint) -> Vec<(&str, String)> {
    let mut entries: Vec<(&str, String)> = Vec::new();
    for level in &blueprint.levels {
        if !entries.iter().any(|(group, _)| *group == level.group) {
            let name = format!("{}_GROUP", variable_prefix(&level.name));
            entries.push((&level.group, name));
        }
    }
    entries
}

fn of_kind(tenant: &Tenant, kind: ClientKind) -> impl Iterator<Item = &TenantClient> {
    let clients = tenant.clients.iter();
    clients.filter(move |client| client.kind == kind)
}

/// `NAME`, and `NAME_2` and so on for what comes after it.
fn numbered(name: &str, place: usize) -> String {
    match place {
        0 => name.to_owned(),
        place => format!("{name}_{}", place + 1),
    }
}
