//! The one table of variables.

use super::web::variable_prefix;
use crate::blueprint::Blueprint;
use std::fmt::Write as _;

/// A variable that the program reads.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Names that older `.env` files have for it.
    pub older: &'static [&'static str],
    /// What holds when it is unset, in words.
    pub default: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Whether its value must never be shown; it may then come from a file as `NAME_FILE`.
    pub secret: bool,
}

const fn plain(name: &'static str, default: &'static str, help: &'static str) -> Variable {
    Variable {
        name,
        older: &[],
        default,
        help,
        secret: false,
    }
}

const fn secret(name: &'static str, default: &'static str, help: &'static str) -> Variable {
    Variable {
        name,
        older: &[],
        default,
        help,
        secret: true,
    }
}

impl Variable {
    const fn formerly(self, older: &'static [&'static str]) -> Self {
        Self { older, ..self }
    }
}

/// Headings of the table and what stands under each.
pub const VARIABLES: &[(&str, &[Variable])] = &[
    (
        "The identity provider",
        &[
            plain(
                "ISSUER",
                "the embedded identity provider",
                "Issuer identifier of your provider, compared byte for byte.",
            )
            .formerly(&["OKTA_AZ_SERVER_ISSUER"]),
            plain(
                "AUTHN_CLIENT_ID",
                "made for the embedded provider",
                "The app's client id at the provider.",
            )
            .formerly(&["CLIENT_ID"]),
            secret(
                "AUTHN_CLIENT_SECRET",
                "made for the embedded provider",
                "The app's client secret.",
            )
            .formerly(&["CLIENT_SECRET"]),
            plain(
                "AUTHN_CLIENT_KEY_FILE",
                "the secret",
                "File with the app's private key (PEM or JWK, mode 0600), with which it signs who it is in place of a secret (private_key_jwt); solar-system client-key makes one.",
            )
            .formerly(&["CLIENT_KEY_FILE"]),
            plain(
                "AUDIENCE",
                "the blueprint's",
                "Audience expected in, and asked for, access tokens.",
            )
            .formerly(&["AUD"]),
        ],
    ),
    (
        "Setting a provider up: bootstrap, register, token",
        &[
            plain(
                "OKTA_TENANT",
                "none",
                "Base URL of the Okta tenant, as in https://dev-511902.okta.com; http://localhost:8081 is the embedded provider.",
            ),
            secret(
                "OKTA_API_TOKEN",
                "none; the embedded provider's management API is off",
                "Token for the management API (SSWS); the embedded provider takes it too.",
            ),
            plain(
                "KEYCLOAK_URL",
                "none",
                "Base URL of Keycloak, for bootstrap --target keycloak.",
            ),
            plain(
                "KEYCLOAK_REALM",
                "solar-system",
                "The realm that bootstrap sets up.",
            ),
            plain(
                "KEYCLOAK_ADMIN",
                "admin",
                "Name of Keycloak's administrator, or of an administrating client.",
            ),
            secret(
                "KEYCLOAK_ADMIN_PASSWORD",
                "none",
                "The administrator's password.",
            ),
            secret(
                "KEYCLOAK_ADMIN_SECRET",
                "none",
                "The administrating client's secret, in place of a password.",
            ),
            plain(
                "CLIENT_REGISTRATION_URL",
                "the registration_endpoint that ISSUER announces",
                "Where register sends its request (RFC 7591).",
            ),
            secret(
                "INITIAL_ACCESS_TOKEN",
                "none; nobody registers at the embedded provider without OKTA_API_TOKEN",
                "What register shows there, unless OKTA_API_TOKEN is for it; the embedded provider takes it too.",
            ),
            plain(
                "MACHINE_CLIENT_ID",
                "the blueprint's machine",
                "Client id for client credentials: the token tool and the home page's machine ask with it.",
            ),
            secret(
                "MACHINE_CLIENT_SECRET",
                "random at each start of the embedded provider",
                "Its secret.",
            ),
            plain(
                "MACHINE_ON_HOME_PAGE",
                "true where the app's public origin is this machine, else false",
                "Whether the home page asks as the machine; whoever opens the page may then do so.",
            ),
        ],
    ),
    (
        "The gateway",
        &[
            plain(
                "PROXY_URI",
                "the embedded gateway",
                "Base URL of your gateway; resource paths are appended.",
            )
            .formerly(&["GATEWAY_URI"]),
            plain(
                "GATEWAY",
                "embedded",
                "What your gateway is: mulesoft, kong, tyk, aws, apigee, swag, envoy, nginx, haproxy, apache … in any case; shown on the pages.",
            ),
        ],
    ),
    (
        "The app",
        &[
            plain(
                "HOST",
                "localhost",
                "Where the app listens; localhost means 127.0.0.1 and ::1.",
            ),
            plain(
                "PORT",
                "the port of REDIRECT_URI, or 8080",
                "The app's port.",
            ),
            plain(
                "REDIRECT_URI",
                "http://localhost:8080/callback",
                "Where the provider sends browsers back to, byte for byte; its scheme and host are the app's public origin.",
            ),
            secret(
                "SESSION_SECRET",
                "random when all is embedded",
                "32 bytes or more. Make one with: openssl rand -base64 32",
            ),
            plain(
                "SESSION_MAX_AGE",
                "8h",
                "How long a sign-in lasts: 30m, 8h; a bare number is milliseconds.",
            ),
            plain(
                "SESSION_IDLE",
                "30m",
                "How long a sign-in lasts that nobody uses, likewise.",
            ),
            plain(
                "SIGN_IN_RATE",
                "200",
                "Sign-ins a second that one browser starts or comes back from, thirty times as many at once; the next are answered with 429. off: no limit.",
            ),
            plain(
                "ID_TOKEN_HINT",
                "false",
                "true sends the ID token along at log out (id_token_hint), in a URL: Okta's sign-out needs it.",
            ),
            plain(
                "DOCTOR_PAGE",
                "true where the app's public origin is this machine and HOST is loopback, else false",
                "Whether the app has the page /doctor, which tells whoever opens it about the setup, and signs people in.",
            ),
            plain(
                "<LEVEL>_USERNAME",
                "the blueprint's",
                "Shown in the level's panel when set.",
            ),
            secret(
                "<LEVEL>_PASSWORD",
                "the blueprint's",
                "Shown beside it; the embedded provider takes it too.",
            ),
            secret(
                "<LEVEL>_TOKEN",
                "verify signs in",
                "An access token of this level, for verify where it does not know the provider's pages.",
            ),
            plain(
                "BLUEPRINT",
                "the one compiled in",
                "Path of another scenario (TOML).",
            ),
        ],
    ),
    (
        "The embedded identity provider",
        &[
            plain("IDP_HOST", "localhost", "Where it listens: loopback alone."),
            plain("IDP_PORT", "8081", "Its port."),
            plain(
                "IDP_SIGNING_ALG",
                "ES256",
                "How access tokens are signed: ES256 or RS256.",
            ),
            plain(
                "IDP_CALLS_PER_MINUTE",
                "600",
                "Calls that its management API takes in a minute; the next are answered with 429.",
            ),
            plain(
                "IDP_STATE",
                "none: all is forgotten at the end",
                "File that keeps what was registered and changed here from start to start.",
            ),
        ],
    ),
    (
        "The embedded gateway and API",
        &[
            plain("GATEWAY_HOST", "localhost", "Where the gateway listens."),
            plain("GATEWAY_PORT", "8082", "The gateway's port."),
            plain(
                "GATEWAY_PUBLIC_URL",
                "PROXY_URI, else where the gateway listens",
                "Base URL by which clients reach the gateway, where a proxy or another gateway stands in front.",
            ),
            plain(
                "GATEWAY_UPSTREAM_TOKEN",
                "none",
                "jwt: the API gets a short-lived JWT of the gateway's own (phantom token), whose keys are at /.well-known/jwks.json of the gateway.",
            ),
            plain(
                "GATEWAY_RATE_PER_ADDRESS",
                "1000",
                "Requests a second of one address, thirty times as many at once; the next are answered with 429. off: no limit.",
            ),
            plain(
                "GATEWAY_RATE_PER_CLIENT",
                "1000",
                "The same with tokens of one client.",
            ),
            plain(
                "GATEWAY_RATE_PER_USER",
                "100",
                "The same with tokens of one person.",
            ),
            plain(
                "GATEWAY_TRUSTED_PROXIES",
                "none",
                "Addresses and networks of proxies and gateways in front, whose X-Forwarded-For is believed: 127.0.0.1, 10.0.0.0/8.",
            ),
            plain(
                "GATEWAY_POLICY",
                "introspection where its client is set, else jwt",
                "How the gateway checks access tokens: introspection or jwt.",
            ),
            plain(
                "INTROSPECT_CLIENT_ID",
                "made for the embedded provider",
                "The gateway's own client id at the provider.",
            ),
            secret(
                "INTROSPECT_CLIENT_SECRET",
                "made for the embedded provider",
                "The gateway's own client secret.",
            ),
            plain(
                "ACCESS_TOKEN_TYP",
                "at+jwt for the embedded provider, else any",
                "What a token's typ must say: at+jwt, or any, which demands access-token-only claims instead.",
            ),
            plain("API_URI", "the embedded API", "The gateway's upstream."),
            secret(
                "API_KEY",
                "random at each start",
                "What the gateway shows to the API.",
            ),
            plain(
                "GATEWAY_REQUEST_BYTES",
                "1MiB",
                "The longest body that a caller sends; a longer one is answered with 413.",
            ),
            plain(
                "GATEWAY_ANSWER_BYTES",
                "16MiB",
                "The longest answer of the API that is passed on.",
            ),
            plain(
                "GATEWAY_CONNECT_TIME",
                "4s",
                "How long a connection to the API may take to be made; then 504.",
            ),
            plain(
                "GATEWAY_FIRST_BYTE_TIME",
                "8s",
                "How long a caller waits for the issuer (then 503) and for the API's answer to begin (then 504).",
            ),
            plain(
                "GATEWAY_PAUSE_TIME",
                "8s",
                "How long a caller (then 408) or the API (then the answer breaks off) may pause within a body.",
            ),
            plain(
                "GATEWAY_TOTAL_TIME",
                "60s",
                "What a request may take in all, until the last byte of its answer.",
            ),
            plain("API_HOST", "localhost", "Where the API listens."),
            plain("API_PORT", "8083", "The API's port."),
        ],
    ),
    (
        "All of it",
        &[
            plain(
                "CA_FILE",
                "the system's roots alone",
                "PEM file of further roots to trust, for every outgoing connection.",
            ),
            plain(
                "LOG_FORMAT",
                "text on a terminal, else json",
                "text or json.",
            ),
            plain(
                "LOG_TOKENS",
                "false",
                "true prints raw tokens on the console, with a warning; they never reach a page.",
            ),
            plain(
                "RUST_LOG",
                "info",
                "How much is logged: error, warn, info, debug or trace.",
            ),
        ],
    ),
];

/// The variable of this name; none by an older one.
#[must_use]
pub fn variable(name: &str) -> Option<&'static Variable> {
    VARIABLES
        .iter()
        .flat_map(|(_, variables)| *variables)
        .find(|variable| variable.name == name)
}

/// Whether a variable of this name, newer or older, is read.
pub(super) fn is_known(name: &str) -> bool {
    let mut all = VARIABLES.iter().flat_map(|(_, variables)| *variables);
    all.any(|variable| variable.name == name || variable.older.contains(&name))
}

/// Every name that is read with this blueprint: newer, older, and those of files with secrets.
pub(super) fn known_names(blueprint: &Blueprint) -> Vec<String> {
    let mut known = Vec::new();
    for variable in VARIABLES.iter().flat_map(|(_, variables)| *variables) {
        let older = variable.older.iter().map(|name| (*name).to_owned());
        for name in names(variable.name, blueprint).into_iter().chain(older) {
            known.extend(variable.secret.then(|| format!("{name}_FILE")));
            known.push(name);
        }
    }
    known
}

/// The text of `.env_example`, which a test holds to this table.
#[must_use]
pub fn env_example(blueprint: &Blueprint) -> String {
    let mut text = String::from(
        "# Settings of solar-system. Nothing needs to be set: copy what you want to change to .env.\n\
         # The environment wins over .env. Every secret may come from a file as NAME_FILE (mode 0600).\n",
    );
    for (heading, variables) in VARIABLES {
        let _ = write!(text, "\n# --- {heading} ---\n");
        for variable in *variables {
            let _ = writeln!(text, "\n# {}", variable.help);
            let _ = writeln!(text, "# Unset: {}.", variable.default);
            if !variable.older.is_empty() {
                let _ = writeln!(
                    text,
                    "# Older name, still read: {}.",
                    variable.older.join(", ")
                );
            }
            for name in names(variable.name, blueprint) {
                let _ = writeln!(text, "#{name}=");
            }
        }
    }
    text
}

/// `<LEVEL>` stands for each level of the blueprint.
fn names(name: &str, blueprint: &Blueprint) -> Vec<String> {
    let Some(rest) = name.strip_prefix("<LEVEL>") else {
        return vec![name.to_owned()];
    };
    blueprint
        .levels
        .iter()
        .map(|level| variable_prefix(&level.name) + rest)
        .collect()
}

/// The table as `--help` prints it.
#[must_use]
pub fn help() -> String {
    let mut text =
        String::from("Settings (environment, or .env in this folder; the environment wins):\n");
    for (heading, variables) in VARIABLES {
        let _ = write!(text, "\n  {heading}:\n");
        for variable in *variables {
            let _ = writeln!(text, "    {:<26}{}", variable.name, variable.help);
            let _ = writeln!(text, "    {:<26}unset: {}", "", variable.default);
        }
    }
    text.push_str("\nEvery secret may come from a file as NAME_FILE (mode 0600). .env_example lists them all.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// `UPDATE=1 cargo test env_example` writes the file anew.
    #[test]
    fn env_example_lists_what_the_program_reads() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/.env_example");
        let expected = env_example(&Blueprint::default());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &expected).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap(),
            expected,
            "UPDATE=1 mends it"
        );
    }

    #[test]
    fn no_name_stands_twice_and_every_one_is_explained() {
        let mut seen = BTreeSet::new();
        for variable in VARIABLES.iter().flat_map(|(_, variables)| *variables) {
            assert!(variable.help.ends_with(['.', '2']), "{}", variable.name);
            assert!(!variable.default.is_empty(), "{}", variable.name);
            for name in std::iter::once(&variable.name).chain(variable.older) {
                assert!(seen.insert(*name), "{name} stands twice");
            }
        }
    }

    /// Sources below a folder, without tests: those of a folder `tests`, and what follows `#[cfg(test)]`.
    fn sources(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") && name != "tests.rs" {
                let source = std::fs::read_to_string(&path).unwrap();
                let code = source.split("#[cfg(test)]").next().unwrap();
                found.push(code.to_owned());
            }
        }
    }

    /// Both ways: what is read is explained, and what is explained is read.
    #[test]
    fn the_table_names_whatever_the_program_reads_and_nothing_else() {
        const CALLS: [&str; 6] = [".text(", ".parsed(", ".secret(", "bytes(", "time(", "rate("];
        let mut found = Vec::new();
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        sources(std::path::Path::new(root), &mut found);
        let mut read = BTreeSet::new();
        for source in &found {
            for rest in CALLS.iter().flat_map(|call| source.split(call).skip(1)) {
                let quoted = rest.trim_start().strip_prefix('"');
                let name = quoted.and_then(|rest| rest.split('"').next());
                let is_variable = |name: &&str| {
                    let plain = |letter: u8| matches!(letter, b'A'..=b'Z' | b'0'..=b'9' | b'_');
                    !name.is_empty() && name.bytes().all(plain)
                };
                read.extend(name.filter(is_variable));
            }
        }
        let all = VARIABLES.iter().flat_map(|(_, variables)| *variables);
        let table: BTreeSet<_> = all.map(|variable| variable.name).collect();
        let of_levels: BTreeSet<_> = table
            .iter()
            .filter(|name| name.starts_with("<LEVEL>"))
            .collect();
        assert_eq!(
            of_levels.len(),
            3,
            "read level by level, by names that are made"
        );
        let table: BTreeSet<_> = table
            .iter()
            .filter(|name| !name.starts_with("<LEVEL>"))
            .copied()
            .collect();
        assert_eq!(read, table, "read, and in the table");
    }
}
