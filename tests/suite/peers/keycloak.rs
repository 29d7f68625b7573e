//! Keycloak, the provider most people run themselves: one for all tests of a run, an app of its own for each.

pub mod admin;

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::OnceCell;

use self::admin::Admin;
use super::{Process, Registration, folder, free_port};
use crate::http::{client, try_send};
use crate::people::{CARL, GOLD_SCOPE, JODIE, Person, SILVER_SCOPE};

const REALM: &str = "solar-system";
const API: &str = "api://default";
/// Id and secret of the client that may introspect; the id has to stand in `aud` for that.
pub const GATEWAY: (&str, &str) = ("solar-system-gateway", "a secret for the gateway");
/// A machine that reads the API, and one whose tokens are for nobody that we know.
pub const MACHINE: (&str, &str) = ("telescope", "a secret for the machine");
pub const MACHINE_ELSEWHERE: (&str, &str) = ("elsewhere", "a secret for another machine");

/// A running Keycloak with the realm of the tests.
pub struct Keycloak {
    pub issuer: String,
    pub base: String,
    _process: Process,
}

static SHARED: OnceCell<Keycloak> = OnceCell::const_new();

impl Keycloak {
    /// The one Keycloak of this run, started by whoever asks first. It ends with the test process.
    pub async fn shared() -> &'static Self {
        SHARED.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        let base = format!("http://127.0.0.1:{}", free_port());
        let process = launch(&base);
        let ready = format!("{base}/realms/master/.well-known/openid-configuration");
        let http = client();
        process
            .wait_until(Duration::from_secs(180), async || {
                let answer = try_send(http.get(&ready)).await;
                answer.is_ok_and(|answer| answer.status == 200)
            })
            .await;
        let keycloak = Self {
            issuer: format!("{base}/realms/{REALM}"),
            base,
            _process: process,
        };
        furnish(&keycloak.admin().await).await;
        keycloak
    }

    /// Registers an app, with a secret that holds characters of every kind.
    pub async fn register(&self, redirect_uri: &str, signed_out_uri: &str) -> Registration {
        let secret = "a:b c+d%/ü?&=\"'\\";
        let with = json!({ "secret": secret });
        let mut registration = self
            .register_with(redirect_uri, signed_out_uri, &with)
            .await;
        secret.clone_into(&mut registration.client_secret);
        registration
    }

    /// Registers an app that authenticates by assertions of this key (`private_key_jwt`).
    pub async fn register_key(
        &self,
        redirect_uri: &str,
        signed_out_uri: &str,
        public_set: &Value,
    ) -> Registration {
        let with = json!({
            "clientAuthenticatorType": "client-jwt",
            "attributes": { "use.jwks.string": "true", "jwks.string": public_set.to_string() },
        });
        self.register_with(redirect_uri, signed_out_uri, &with)
            .await
    }

    /// Registers an app, with this of its own.
    async fn register_with(
        &self,
        redirect_uri: &str,
        signed_out_uri: &str,
        with: &Value,
    ) -> Registration {
        let registration = Registration {
            issuer: self.issuer.clone(),
            client_id: format!("app {redirect_uri}"),
            client_secret: String::new(),
        };
        let told = url::Url::parse(redirect_uri).unwrap();
        let told = told.join("/back-channel-logout").unwrap();
        let admin = self.admin().await;
        let mut client = json!({
            "clientId": registration.client_id,
            "redirectUris": [redirect_uri],
            "publicClient": false,
            "standardFlowEnabled": true,
            "implicitFlowEnabled": false,
            "directAccessGrantsEnabled": false,
            "serviceAccountsEnabled": false,
            "fullScopeAllowed": false,
            "attributes": {
                "pkce.code.challenge.method": "S256",
                "post.logout.redirect.uris": signed_out_uri,
                "backchannel.logout.url": told.as_str(),
                "backchannel.logout.session.required": "true",
            },
        });
        for (name, value) in with.as_object().unwrap() {
            match (client[name].as_object_mut(), value.as_object()) {
                (Some(there), Some(more)) => there.extend(more.clone()),
                _ => client[name] = value.clone(),
            }
        }
        admin.create("clients", &client).await;
        registration
    }

    /// A token with which clients may be registered in the realm, as an administrator hands it out.
    pub async fn initial_access_token(&self) -> String {
        let admin = self.admin().await;
        let made = admin
            .post(
                "clients-initial-access",
                &json!({ "count": 10, "expiration": 600 }),
            )
            .await;
        made["token"].as_str().unwrap().to_owned()
    }

    async fn admin(&self) -> Admin {
        Admin::sign_in(&self.base, REALM).await
    }
}

fn launch(base: &str) -> Process {
    let port = base.rsplit(':').next().unwrap();
    let mut command = Command::new(folder().join("keycloak/bin/kc.sh"));
    command.args(["start", "--optimized", "--cache", "local"]);
    command.args(["--http-enabled", "true", "--http-host", "127.0.0.1"]);
    command.args(["--http-port", port, "--hostname", base]);
    command.env(
        "JAVA_OPTS",
        "-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxMetaspaceSize=256m",
    );
    command.env("KC_BOOTSTRAP_ADMIN_USERNAME", admin::NAME);
    command.env("KC_BOOTSTRAP_ADMIN_PASSWORD", admin::PASSWORD);
    Process::start(&command, false)
}

/// Makes the realm: people in groups, a role on each group, and scopes that only who has the role gets.
async fn furnish(admin: &Admin) {
    admin
        .create_realm(&json!({
            "realm": REALM,
            "enabled": true,
            "roles": { "realm": [{ "name": "silver" }, { "name": "gold" }] },
            "groups": [
                { "name": "silver", "realmRoles": ["silver"] },
                { "name": "gold", "realmRoles": ["gold"] },
            ],
            "users": [user(CARL, &["silver"]), user(JODIE, &["silver", "gold"])],
        }))
        .await;
    for (scope, role) in [(SILVER_SCOPE, "silver"), (GOLD_SCOPE, "gold")] {
        let id = admin
            .create(
                "client-scopes",
                &json!({
                    "name": scope,
                    "protocol": "openid-connect",
                    "attributes": { "include.in.token.scope": "true" },
                }),
            )
            .await;
        let role = admin.get(&format!("roles/{role}")).await;
        let roles = format!("client-scopes/{id}/scope-mappings/realm");
        admin.create(&roles, &json!([role])).await;
        let optional = format!("default-optional-client-scopes/{id}");
        admin.put(&optional).await;
    }
    let audience = |name: &str, value: &str| {
        mapper(
            name,
            "oidc-audience-mapper",
            &json!({ "included.custom.audience": value, "access.token.claim": "true" }),
        )
    };
    let groups = json!({ "claim.name": "groups", "full.path": "false", "id.token.claim": "true" });
    let id = admin
        .create(
            "client-scopes",
            &json!({
                "name": "api",
                "protocol": "openid-connect",
                "attributes": { "include.in.token.scope": "false" },
                "protocolMappers": [
                    audience("the API", API),
                    audience("who introspects", GATEWAY.0),
                    mapper("groups", "oidc-group-membership-mapper", &groups),
                ],
            }),
        )
        .await;
    admin
        .put(&format!("default-default-client-scopes/{id}"))
        .await;
    let gateway = json!({ "clientId": GATEWAY.0, "secret": GATEWAY.1, "standardFlowEnabled": false, "fullScopeAllowed": false });
    admin.create("clients", &gateway).await;
    let read = json!({
        "name": "read",
        "protocol": "openid-connect",
        "attributes": { "include.in.token.scope": "true" },
    });
    admin.create("client-scopes", &read).await;
    for ((id, secret), scopes) in [
        (MACHINE, &["basic", "api"][..]),
        (MACHINE_ELSEWHERE, &["basic"]),
    ] {
        let machine = json!({
            "clientId": id, "secret": secret, "standardFlowEnabled": false, "serviceAccountsEnabled": true,
            "fullScopeAllowed": false, "defaultClientScopes": scopes, "optionalClientScopes": ["read"],
        });
        admin.create("clients", &machine).await;
    }
}

fn mapper(name: &str, kind: &str, config: &serde_json::Value) -> serde_json::Value {
    json!({ "name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config })
}

/// All three of first name, last name and e-mail are given: else the first sign-in stops at a page that asks for them.
fn user(person: Person, groups: &[&str]) -> serde_json::Value {
    let (first, last) = person.name.split_once(' ').unwrap();
    json!({
        "username": person.login,
        "enabled": true,
        "firstName": first,
        "lastName": last,
        "email": format!("{}@example.com", person.login),
        "emailVerified": true,
        "credentials": [{ "type": "password", "value": person.password, "temporary": false }],
        "groups": groups,
    })
}
