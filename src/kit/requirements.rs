//! What security.md asks of every kit (CFG-02 to CFG-09), by what stands in the files: each kit that is added is held to
//! it at once. What only a running program can show is in `tests/suite/gateways`.

use super::{samples::plain, *};
use crate::settings::PolicyChoice;

/// Kits that leave the token's checking to the embedded gateway, which they ask.
const ASK_THE_HOUSE: &[&str] = &["caddy"];

/// Kits that are told the issuer alone, and look for its keys where its metadata says.
const FIND_THE_KEYS: &[&str] = &["apisix", "kong"];

/// Kits whose gateway is told in a console whom to ask, as the README says.
const IN_A_CONSOLE: &[&str] = &["mulesoft"];

/// Kits that the vendor's console is filled in from, in words: their files say what to do, and configure nothing.
const IN_WORDS: &[&str] = &["swag"];

struct Made {
    kit: &'static Kit,
    policy: PolicyChoice,
    facts: Facts,
    /// Everything that a gateway reads: no README.
    configuration: String,
    files: Vec<(String, String)>,
}

fn all() -> Vec<Made> {
    let mut all = Vec::new();
    for kit in KITS {
        for policy in kit.policies {
            let facts = plain(*policy);
            let bundle = kit.bundle(&facts).unwrap_or_else(|why| panic!("{why}"));
            let files = bundle.files().iter().filter_map(|file| {
                let text = String::from_utf8(file.contents.clone()).ok()?;
                Some((file.name.clone(), text))
            });
            let files: Vec<_> = files.collect();
            let read = files.iter().filter(|(name, _)| {
                let words = name.to_ascii_lowercase().ends_with(".md");
                !words || IN_WORDS.contains(&kit.name)
            });
            let configuration = read.map(|(_, text)| text.as_str()).collect::<Vec<_>>();
            all.push(Made {
                kit,
                policy: *policy,
                facts,
                configuration: configuration.join("\n"),
                files,
            });
        }
    }
    all
}

impl Made {
    fn place(&self) -> String {
        format!("{} {}", self.kit.name, policy_name(self.policy))
    }

    /// The configuration without comments.
    fn in_force(&self) -> String {
        let comment = |line: &&str| {
            let line = line.trim_start();
            line.starts_with('#') || line.starts_with("//") || line.starts_with("--")
        };
        let lines = self.configuration.lines().filter(|line| !comment(line));
        lines.collect::<Vec<_>>().join("\n").to_lowercase()
    }

    /// Whether the configuration holds this, with no character around it that could belong to it.
    fn names(&self, what: &str) -> bool {
        let part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        self.configuration.match_indices(what).any(|(at, _)| {
            let before = self.configuration[..at].chars().next_back();
            let after = self.configuration[at + what.len()..].chars().next();
            let is_path = what.starts_with('/');
            (is_path || !before.is_some_and(part)) && !after.is_some_and(part)
        })
    }
}

#[test]
fn cfg_02_every_kit_names_the_variables_of_its_secrets() {
    for made in all() {
        // a variable of the environment, or a property of the same name
        let words = made.files.iter().map(|(_, text)| text.to_ascii_lowercase());
        let words = words
            .collect::<Vec<_>>()
            .join("\n")
            .replace(['.', '-'], "_");
        assert!(words.contains("api_key"), "{}: the API's key", made.place());
        let asks = !ASK_THE_HOUSE.contains(&made.kit.name);
        if asks && made.policy == PolicyChoice::Introspection {
            let own = words.contains("client_secret");
            assert!(own, "{}: its own", made.place());
        }
    }
}

/// How each that is run has its TLS checked where that is not so by itself, and no older than 1.2.
const CHECKED_TLS: &[(&str, &[&str])] = &[
    (
        "envoy",
        &["trusted_ca", "tls_minimum_protocol_version: TLSv1_2"],
    ),
    (
        "nginx",
        &[
            "proxy_ssl_verify on",
            "proxy_ssl_name",
            "proxy_ssl_protocols TLSv1.2 TLSv1.3",
        ],
    ),
    (
        "haproxy",
        &["ssl verify required", "verifyhost", "ssl-min-ver TLSv1.2"],
    ),
    (
        "apache",
        &[
            "SSLProxyVerify require",
            "SSLProxyCheckPeerName On",
            "SSLProxyProtocol TLSv1.2 TLSv1.3",
            "ssl_verify=true",
        ],
    ),
    (
        "apache-openidc",
        &[
            "SSLProxyVerify require",
            "SSLProxyCheckPeerName On",
            "SSLProxyProtocol TLSv1.2 TLSv1.3",
            "OIDCOAuthSSLValidateServer On",
        ],
    ),
    ("krakend", &["\"min_version\": \"TLS12\""]),
    ("caddy", &[]), // checks by itself, and speaks nothing older than 1.2
];

#[test]
fn cfg_03_every_kit_that_is_run_says_that_tls_is_checked() {
    for made in all().iter().filter(|made| made.kit.proof == Proof::Run) {
        let known = CHECKED_TLS.iter().find(|(kit, _)| *kit == made.kit.name);
        let (_, words) = known.unwrap_or_else(|| panic!("{}: say how", made.place()));
        for word in *words {
            assert!(
                made.configuration.contains(word),
                "{}: {word}",
                made.place()
            );
        }
    }
}

#[test]
fn cfg_04_every_kit_names_the_issuer_the_audience_and_where_to_ask() {
    for made in all() {
        if ASK_THE_HOUSE.contains(&made.kit.name) {
            continue;
        }
        let facts = &made.facts;
        let asked = match &facts.introspection {
            Some(introspection) => {
                let endpoint = introspection.endpoint.value.path();
                let words = made.files.iter().find(|(name, _)| name == "README.md");
                made.names(endpoint)
                    || IN_A_CONSOLE.contains(&made.kit.name)
                        && words.is_some_and(|(_, text)| text.contains(endpoint))
            }
            None => {
                FIND_THE_KEYS.contains(&made.kit.name)
                    || made.names(facts.jwks_uri.value.path())
                    || made
                        .files
                        .iter()
                        .any(|(_, text)| text.contains("PUBLIC KEY"))
            }
        };
        assert!(asked, "{}: neither keys nor an endpoint", made.place());
        assert!(
            made.names(&facts.audience.value),
            "{}: audience",
            made.place()
        );
        if made.policy == PolicyChoice::Jwt {
            assert!(made.names(&facts.issuer.value), "{}: issuer", made.place());
        }
    }
}

#[test]
fn cfg_05_every_kit_names_every_scope_as_a_whole() {
    for made in all() {
        if ASK_THE_HOUSE.contains(&made.kit.name) {
            continue;
        }
        for path in made.facts.paths() {
            for route in &path.routes {
                for scope in route.needs.scopes() {
                    assert!(made.names(scope), "{}: {scope}", made.place());
                }
            }
        }
    }
}

#[test]
fn cfg_06_every_kit_names_every_path_and_opens_no_other_port() {
    for made in all() {
        let there = |path: &routes::Path| !path.routes.is_empty();
        for path in made.facts.paths().into_iter().filter(there) {
            let named = made.configuration.contains(&path.path);
            assert!(named, "{}: {}", made.place(), path.path);
        }
        // Kong has no other way to be told anything: its own door stays on this machine
        let lower = made.in_force().replace("admin_listen = 127.0.0.1:", "");
        for open in [
            "0.0.0.0",
            "[::]:",
            "admin_listen",
            "stats socket",
            "stats uri",
            "\nadmin:",
        ] {
            assert!(!lower.contains(open), "{}: {open}", made.place());
        }
    }
}

/// How each that is run limits who asks too often.
const LIMITS: &[(&str, &str)] = &[
    ("envoy", "local_ratelimit"),
    ("nginx", "limit_req "),
    ("haproxy", "http_req_rate"),
    ("apache", "QS_ClientEventLimitCount"),
    ("apache-openidc", "QS_ClientEventLimitCount"),
    ("krakend", "qos/ratelimit/router"),
];

#[test]
fn cfg_07_every_kit_that_is_run_limits_who_asks_too_often() {
    for made in all().iter().filter(|made| made.kit.proof == Proof::Run) {
        if ASK_THE_HOUSE.contains(&made.kit.name) {
            continue; // the embedded gateway limits, by its GATE settings
        }
        let known = LIMITS.iter().find(|(kit, _)| *kit == made.kit.name);
        let (_, word) = known.unwrap_or_else(|| panic!("{}: say how", made.place()));
        assert!(
            made.configuration.contains(word),
            "{}: {word}",
            made.place()
        );
    }
}

#[test]
fn cfg_09_every_kit_names_a_version_and_the_command_that_proves_it() {
    for made in all() {
        assert!(!made.kit.oldest.is_empty(), "{}", made.place());
        let readme = made.files.iter().find(|(name, _)| name == "README.md");
        let (_, readme) = readme.unwrap_or_else(|| panic!("{}", made.place()));
        assert!(readme.contains("solar-system verify"), "{}", made.place());
        assert!(readme.contains(made.kit.proof.words()), "{}", made.place());
    }
}

/// Gateways that can only remove headers by whole name.
const BY_NAME: &[&str] = &["apigee", "mulesoft", "swag", "tyk"];

#[test]
fn gw_09_kits_that_remove_headers_by_name_remove_them_with_underscores_and_mixed() {
    for made in all() {
        if !BY_NAME.contains(&made.kit.name) {
            continue;
        }
        for name in [
            "x-auth-subject",
            "x_auth_subject",
            "x-auth_subject",
            "x_auth-subject",
            "x_api-key",
            "x_user",
        ] {
            assert!(made.names(name), "{}: {name}", made.place());
        }
    }
}

#[test]
fn gw_09_caddy_drops_a_caller_s_connection_header_before_anything_else() {
    for made in all().iter().filter(|made| made.kit.name == "caddy") {
        let directives = made.configuration.split("route {").nth(1).unwrap();
        let first = directives
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(first, Some("request_header -Connection"));
    }
}

#[test]
fn cfg_04_kits_that_ask_the_issuer_refuse_what_it_calls_an_id_or_a_refresh_token() {
    for made in all() {
        let code = ["apigee", "apisix", "aws", "kong", "nginx"];
        if made.policy == PolicyChoice::Introspection && code.contains(&made.kit.name) {
            assert!(made.configuration.contains("Logout"), "{}", made.place());
        }
    }
}

/// Where a vendor's cloud or console runs the gateway.
const ELSEWHERE: &[&str] = &["apigee", "aws", "mulesoft", "swag"];

#[test]
fn cfg_09_every_readme_says_what_verify_asks_and_where() {
    for made in all() {
        let readme = made.files.iter().find(|(name, _)| name == "README.md");
        let (_, readme) = readme.unwrap();
        let place = made.place();
        assert!(
            readme.contains("--as-issuer"),
            "{place}: what it cannot sign"
        );
        let local = readme.contains("PROXY_URI=http://127.0.0.1");
        let elsewhere = ELSEWHERE.contains(&made.kit.name);
        assert_eq!(local, !elsewhere, "{place}");
        assert_eq!(readme.contains("verify --forged"), elsewhere, "{place}");
    }
}

#[test]
fn cfg_02_no_readme_hands_a_secret_to_a_program_as_an_argument() {
    for made in all() {
        for (name, text) in &made.files {
            for argument in [
                "--secret-string \"$",
                "-H \"x-tyk-authorization",
                "-H \"Authorization",
            ] {
                assert!(
                    !text.contains(argument),
                    "{} {name}: {argument}",
                    made.place()
                );
            }
        }
    }
}

#[test]
fn cfg_05_mulesoft_checks_the_audience_before_it_asks_the_issuer_at_every_resource() {
    let made = all().into_iter().find(|made| made.kit.name == "mulesoft");
    let made = made.unwrap();
    assert_eq!(made.policy, PolicyChoice::Introspection);
    let (_, text) = made
        .files
        .iter()
        .find(|(name, _)| name == "policies.json")
        .unwrap();
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let policies = file["policies"].as_array().unwrap();
    let of = |asset: &str| {
        let those = policies.iter().filter(|one| one["assetId"] == asset);
        those
            .map(|one| {
                (
                    one["pointcutData"].to_string(),
                    one["order"].as_u64().unwrap(),
                )
            })
            .collect::<Vec<_>>()
    };
    let (validated, enforced) = (
        of("jwt-validation"),
        of("openidconnect-access-token-enforcement"),
    );
    assert_eq!(validated.len(), 4);
    for ((at, first), (same, then)) in validated.iter().zip(&enforced) {
        assert_eq!((at, first + 1), (same, *then));
    }
}

#[test]
fn gw_09_aws_lets_no_spelling_of_what_it_says_itself_through_where_no_token_is_needed() {
    for made in all().iter().filter(|made| made.kit.name == "aws") {
        for (name, text) in made
            .files
            .iter()
            .filter(|(name, _)| name == "rest-api.yaml")
        {
            let template: serde_json::Value = serde_norway::from_str(text).unwrap();
            let resources = template["Resources"].as_object().unwrap();
            let open = resources
                .values()
                .map(|one| &one["Properties"])
                .filter(|one| one["AuthorizationType"] == "NONE");
            let open: Vec<_> = open.collect();
            assert_eq!(open.len(), 2, "{name}: GET and HEAD of one path");
            for method in open {
                for spelled in [
                    "x_auth_subject",
                    "x-auth_scope",
                    "x_auth-client",
                    "x_api_key",
                ] {
                    let header = format!("integration.request.header.{spelled}");
                    let said = &method["Integration"]["RequestParameters"][&header];
                    assert_eq!(said, "''", "{spelled}");
                }
            }
        }
    }
}

/// The documentation claims of each kit what the code says of it, and nothing more.
#[test]
fn cfg_08_the_documentation_s_table_says_how_far_each_kit_was_tried() {
    let table = include_str!("../../docs/gateways/README.md");
    for kit in KITS {
        let row = table
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", kit.name)));
        let row = row.unwrap_or_else(|| panic!("{} has no row", kit.name));
        let tried = row.split('|').nth(3).unwrap().trim();
        assert!(
            tried.starts_with(kit.proof.words()),
            "{}: {tried}",
            kit.name
        );
    }
}
