//! npm `oidc-provider`, certified, as `tests/peers/oidc-provider.mjs` runs it.

use std::process::Command;

use serde_json::{Value, json};

use super::{Process, Registration, folder, node};
use crate::people::{CARL, GOLD_SCOPE, JODIE, SILVER_SCOPE};

/// A running provider with one app registered.
pub struct OidcProvider {
    pub registration: Registration,
    /// The client that may introspect.
    pub gateway: (String, String),
    _process: Process,
}

impl OidcProvider {
    /// Starts one on a free port. `settings` are those of `oidc-provider.mjs` and go over the ones set here.
    pub fn start(settings: &Value) -> Self {
        let mut all = json!({
            "client_id": "a:b c+d%/app",
            "client_secret": "a:b c+d%/~?&=\"'\\",
            "gateway": { "client_id": "solar-system-gateway", "client_secret": "a secret for the gateway" },
            "accounts": {
                CARL.login: {
                    "password": CARL.password,
                    "scopes": [SILVER_SCOPE],
                    "claims": { "name": CARL.name, "groups": ["silver"] },
                },
                JODIE.login: {
                    "password": JODIE.password,
                    "scopes": [SILVER_SCOPE, GOLD_SCOPE],
                    "claims": { "name": JODIE.name, "groups": ["silver", "gold"] },
                },
            },
        });
        let over = settings.as_object().unwrap().clone();
        all.as_object_mut().unwrap().extend(over);

        let mut command = Command::new(node());
        command.arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/peers/oidc-provider.mjs"
        ));
        command.arg(all.to_string()).env("PEERS", folder());
        let mut process = Process::start(&command, true);
        let ready: Value = serde_json::from_str(&process.first_line()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            registration: Registration {
                issuer: text(&ready["issuer"]),
                client_id: text(&all["client_id"]),
                client_secret: text(&all["client_secret"]),
            },
            gateway: (
                text(&all["gateway"]["client_id"]),
                text(&all["gateway"]["client_secret"]),
            ),
            _process: process,
        }
    }
}
