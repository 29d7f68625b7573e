//! Apigee cannot be had here. Its proxy bundle is read by `apigeelint`, and its scripts are run by Node beside stand-ins for
//! what Apigee gives them; that its policies do what their documentation says is not shown.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::cloud::{self, AUDIENCE, CLIENT, ISSUER, PATH, SCOPE};
use crate::people::{GOLD_SCOPE as GOLD, SILVER_SCOPE as SILVER};

/// The errors that `apigeelint` finds, a line each.
fn errors(folder: &Path) -> Vec<String> {
    let lint = cloud::packages().join("apigeelint/cli.js");
    let bundle = folder.join("apiproxy");
    let arguments = [
        "-s",
        bundle.to_str().unwrap(),
        "-f",
        "unix.js",
        "--profile",
        "apigeex",
    ];
    let output = cloud::node(&lint, &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("[Warning/TD002]"),
        "it has read nothing: {text}"
    );
    text.lines()
        .filter(|line| line.contains("[Error/"))
        .map(ToOwned::to_owned)
        .collect()
}

fn edit(folder: &Path, name: &str, right: &str, wrong: &str) {
    let path = folder.join("apiproxy").join(name);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(right), "{right} is not in {name}");
    fs::write(path, text.replacen(right, wrong, 1)).unwrap();
}

#[test]
#[ignore = "needs apigeelint: make test-gateways"]
fn cfg_08_apigeelint_takes_the_bundle() {
    for policy in ["jwt", "introspection"] {
        let folder = cloud::kit("apigee", policy, &[]);
        assert_eq!(errors(&folder), Vec::<String>::new());
    }
    assert_eq!(
        errors(&cloud::hostile_kit("apigee", "jwt")),
        Vec::<String>::new()
    );
}

#[test]
#[ignore = "needs apigeelint: make test-gateways"]
fn cfg_08_apigeelint_finds_faults_that_are_put_back() {
    for (name, right, wrong) in [
        (
            "proxies/default.xml",
            "<Name>JWT-AccessToken</Name>",
            "<Name>JWT-AccessTokens</Name>",
        ),
        (
            "proxies/default.xml",
            "request.verb = &quot;GET&quot; or",
            "request.verb = &quot;GET&quot; oder",
        ),
        (
            "resources/jsc/access.js",
            "var granted = names(claims);",
            "var granted = names(claims;",
        ),
    ] {
        let folder = cloud::kit("apigee", "jwt", &[]);
        edit(&folder, name, right, wrong);
        assert_ne!(
            errors(&folder),
            Vec::<String>::new(),
            "{wrong} in {name} is not found"
        );
    }
}

#[test]
fn cfg_04_the_bundle_names_signature_issuer_audience_and_a_known_algorithm() {
    let folder = cloud::kit("apigee", "jwt", &[]);
    // apigeelint does not see an algorithm that is misspelt
    let text = fs::read_to_string(folder.join("apiproxy/policies/JWT-AccessToken.xml")).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let text_of = |name: &str| {
        document
            .descendants()
            .find(|node| node.has_tag_name(name))
            .unwrap()
            .text()
    };
    assert_eq!(text_of("Algorithm"), Some("ES256"));
    assert_eq!(text_of("Issuer"), Some(ISSUER));
    assert_eq!(text_of("Audience"), Some("api://default"));
    let keys = document
        .descendants()
        .find(|node| node.has_tag_name("JWKS"))
        .unwrap();
    assert_eq!(
        keys.attribute("uri"),
        Some("https://idp.example.com/oauth2/default/v1/keys")
    );
    let text = fs::read_to_string(folder.join("apiproxy/targets/api.xml")).unwrap();
    for needed in [
        "<Enabled>true</Enabled>",
        "<Enforce>true</Enforce>",
        "<TrustStore>ref://solar-system-roots</TrustStore>",
    ] {
        assert!(text.contains(needed), "{needed}");
    }
}

#[test]
fn the_zip_holds_the_files_that_lie_beside_it() {
    let folder = cloud::kit("apigee", "introspection", &[]);
    let bytes = fs::read(folder.join("apiproxy.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    assert_eq!(archive.len(), cloud::files(&folder.join("apiproxy")).len());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        assert_eq!(contents, fs::read(folder.join(&name)).unwrap(), "{name}");
    }
    let again = cloud::kit("apigee", "introspection", &[]);
    assert_eq!(
        bytes,
        fs::read(again.join("apiproxy.zip")).unwrap(),
        "the same bytes again"
    );
}

/// Runs scripts; each is a file, the variables before, and the rule.
fn run(asked: &[(PathBuf, Value, &str)]) -> Vec<Value> {
    let mut run = Command::new("node")
        .arg(cloud::script("apigee.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = run.stdin.take().unwrap();
    for (file, variables, rule) in asked {
        let line = json!({ "file": file, "variables": variables, "properties": { "rule": rule } });
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = run.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), asked.len(), "{text}");
    answers
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn claims(change: &[(&str, Value)]) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "api://default", "exp": now() + 300, "sub": "carl.sagan", "client_id": "app",
        "scope": format!("openid {SILVER} {GOLD}"), "active": true,
    });
    for (name, value) in change {
        claims[*name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(*name);
        }
    }
    claims
}

/// The variables that `VerifyJWT` or the callout leave.
fn left(policy: &str, claims: &Value) -> Value {
    if policy == "jwt" {
        return json!({
            "jwt.JWT-AccessToken.payload-json": claims.to_string(),
            "jwt.JWT-AccessToken.header-json": json!({ "alg": "ES256", "typ": "at+jwt" }).to_string(),
        });
    }
    json!({ "introspection.response.status.code": 200, "introspection.response.content": claims.to_string() })
}

type Row = (&'static str, &'static str, Value, &'static str);

#[expect(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<Row> {
    let scope = |text: &str| claims(&[("scope", json!(text))]);
    let scp = |value: Value| claims(&[("scope", Value::Null), ("scp", value)]);
    vec![
        ("gold at the moons", "moons", claims(&[]), "pass"),
        ("gold at the planets", "planets", claims(&[]), "pass"),
        (
            "silver at the planets",
            "planets",
            scope(&format!("openid {SILVER}")),
            "pass",
        ),
        (
            "silver at the moons",
            "moons",
            scope(&format!("openid {SILVER}")),
            "scope",
        ),
        (
            "silverx",
            "planets",
            scope(&format!("openid {SILVER}x")),
            "scope",
        ),
        ("xsilver", "planets", scope(&format!("x{SILVER}")), "scope"),
        (
            "another case",
            "planets",
            scope(&SILVER.to_uppercase()),
            "scope",
        ),
        (
            "a list with both",
            "moons",
            scp(json!(["openid", SILVER, GOLD])),
            "pass",
        ),
        (
            "a list in another order",
            "moons",
            scp(json!([GOLD, SILVER])),
            "pass",
        ),
        (
            "a list with silver",
            "moons",
            scp(json!(["openid", SILVER])),
            "scope",
        ),
        (
            "a list with silverx",
            "planets",
            scp(json!([format!("{SILVER}x")])),
            "scope",
        ),
        (
            "a text in the list's claim",
            "planets",
            scp(json!(format!("openid {SILVER}"))),
            "pass",
        ),
        (
            "odd scopes",
            "planets",
            scp(json!([1, null, { "a": SILVER }])),
            "scope",
        ),
        ("no scope", "planets", scp(Value::Null), "scope"),
        ("no scope, any token", "asteroids", scp(Value::Null), "pass"),
        ("the machine", "comets", scope("read"), "pass"),
        ("a person at the machine's", "comets", claims(&[]), "scope"),
        (
            "another issuer",
            "asteroids",
            claims(&[("iss", json!("https://idp.example.com"))]),
            "token",
        ),
        (
            "another audience",
            "asteroids",
            claims(&[("aud", json!("api://other"))]),
            "token",
        ),
        (
            "an audience that contains it",
            "asteroids",
            claims(&[("aud", json!("api://default2"))]),
            "token",
        ),
        (
            "audiences",
            "asteroids",
            claims(&[("aud", json!(["api://other", "api://default"]))]),
            "pass",
        ),
        (
            "no audience",
            "asteroids",
            claims(&[("aud", Value::Null)]),
            "token",
        ),
        (
            "expired",
            "asteroids",
            claims(&[("exp", json!(now() - 90))]),
            "token",
        ),
        (
            "just expired",
            "asteroids",
            claims(&[("exp", json!(now() - 20))]),
            "pass",
        ),
        (
            "no end",
            "asteroids",
            claims(&[("exp", Value::Null)]),
            "token",
        ),
        (
            "an end in words",
            "asteroids",
            claims(&[("exp", json!("4000000000"))]),
            "token",
        ),
        (
            "not yet",
            "asteroids",
            claims(&[("nbf", json!(now() + 90))]),
            "token",
        ),
        (
            "a refresh token",
            "asteroids",
            claims(&[("typ", json!("Refresh"))]),
            "token",
        ),
        (
            "a key-bound token",
            "asteroids",
            claims(&[("cnf", json!({ "jkt": "x" }))]),
            "token",
        ),
        ("a rule that nobody wrote", "stars", claims(&[]), "token"),
    ]
}

#[test]
#[ignore = "needs Node: make test-gateways"]
fn cfg_05_the_script_of_apigee_s_kit_answers_the_table() {
    for policy in ["jwt", "introspection"] {
        let folder = cloud::kit("apigee", policy, &[]);
        let script = folder.join("apiproxy/resources/jsc/access.js");
        let rows = rows();
        let asked: Vec<_> = rows
            .iter()
            .map(|(_, rule, claims, _)| (script.clone(), left(policy, claims), *rule))
            .collect();
        for ((what, rule, _, expected), got) in rows.iter().zip(run(&asked)) {
            let closed = policy == "introspection" && *rule == "stars";
            let expected = if closed { "unavailable" } else { expected };
            assert_eq!(got["access.verdict"], expected, "{policy}, {what}: {got}");
            if *what == "silver at the moons" {
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{GOLD}\"");
                assert_eq!(got["access.challenge"], challenge.as_str());
            }
            if expected == "pass" {
                assert_eq!(got["access.subject"], "carl.sagan", "{got}");
                assert_eq!(got["access.client"], "app", "{got}");
            }
        }
    }
}

#[test]
#[ignore = "needs Node: make test-gateways"]
fn cfg_04_the_script_tells_kinds_and_answers_apart() {
    let folder = cloud::kit("apigee", "jwt", &[]);
    let script = folder.join("apiproxy/resources/jsc/access.js");
    let by_header = |header: Value| {
        let mut variables = left("jwt", &claims(&[]));
        variables["jwt.JWT-AccessToken.header-json"] = json!(header.to_string());
        (script.clone(), variables, "asteroids")
    };
    let by_claim = |name: &'static str, value: Value| {
        (
            script.clone(),
            left("jwt", &claims(&[(name, value)])),
            "asteroids",
        )
    };
    let got = run(&[
        by_header(json!({ "alg": "ES256", "typ": "JWT" })),
        by_header(json!({ "alg": "ES256" })),
        by_header(json!({ "alg": "ES256", "typ": "logout+jwt" })),
        by_header(json!({ "alg": "HS256", "typ": "JWT" })),
        by_header(json!({ "alg": "none" })),
        by_header(json!({ "alg": "ES256", "crit": ["b64"] })),
        by_claim("nonce", json!("n")),
        by_claim("at_hash", json!("n")),
        (script.clone(), json!({}), "asteroids"),
    ]);
    let verdicts: Vec<&Value> = got.iter().map(|one| &one["access.verdict"]).collect();
    assert_eq!(
        verdicts,
        [
            "pass", "pass", "token", "token", "token", "token", "token", "token", "token"
        ]
    );

    let folder = cloud::kit("apigee", "introspection", &[]);
    let script = folder.join("apiproxy/resources/jsc/access.js");
    let said = |status: u16, content: Value| {
        let variables = json!({ "introspection.response.status.code": status, "introspection.response.content": content.to_string() });
        (script.clone(), variables, "asteroids")
    };
    let got = run(&[
        said(200, json!({ "active": false })),
        said(200, claims(&[("active", json!("true"))])),
        said(200, claims(&[("active", Value::Null)])),
        said(200, claims(&[("iss", Value::Null)])),
        said(400, json!({ "error": "unsupported_token_type" })),
        said(400, json!({ "error": "invalid_request" })),
        said(401, json!({ "error": "invalid_client" })),
        said(500, claims(&[])),
        said(200, json!("text")),
        (script.clone(), json!({}), "asteroids"),
    ]);
    let verdicts: Vec<&Value> = got.iter().map(|one| &one["access.verdict"]).collect();
    let closed = "unavailable";
    assert_eq!(
        verdicts,
        [
            "token", "token", "token", "pass", "token", closed, closed, closed, closed, closed
        ]
    );
}

#[test]
#[ignore = "needs Node: make test-gateways"]
fn cfg_06_the_first_script_turns_unclean_paths_and_second_tokens_away() {
    let folder = cloud::kit("apigee", "jwt", &[]);
    let script = folder.join("apiproxy/resources/jsc/first.js");
    let ask = |uri: &str, shown: &str, count: u32| {
        let variables = json!({
            "request.uri": uri, "request.header.Authorization": shown, "request.header.Authorization.values.count": count,
            "request.headers.names": "[Host, Authorization]",
        });
        (script.clone(), variables, "")
    };
    let long = "a".repeat(8193);
    let got = run(&[
        ask("/solar-system/moons?x=//", "Bearer a.b.c", 1),
        ask("/solar-system/moons", "bearer a.b.c", 1),
        ask("/solar-system/moons", "Basic abc", 1),
        ask("/solar-system/moons", "Bearer a b", 1),
        ask("/solar-system/moons", &format!("Bearer {long}"), 1),
        ask("/solar-system/moons", "Bearer a", 2),
        ask("/solar-system//moons", "Bearer a", 1),
        ask("/solar-system/%6doons", "Bearer a", 1),
        ask("/solar-system/moons;x", "Bearer a", 1),
        ask("/solar-system/../moons", "Bearer a", 1),
        ask("", "Bearer a", 1),
    ]);
    let seen: Vec<(&str, Option<&str>)> = got
        .iter()
        .map(|one| {
            (
                one["first.verdict"].as_str().unwrap(),
                one["access.presented"].as_str(),
            )
        })
        .collect();
    let (clean, unclean) = ("clean", ("unclean", None));
    let expected = [
        (clean, Some("a.b.c")),
        (clean, Some("a.b.c")),
        (clean, None),
        (clean, None),
        (clean, None),
        unclean,
        unclean,
        unclean,
        unclean,
        unclean,
        unclean,
    ];
    assert_eq!(seen, expected);
    assert!(got.iter().all(|one| one["access.verdict"] == "none"));
}

#[test]
#[ignore = "needs Node: make test-gateways"]
fn gw_09_the_first_script_turns_every_name_with_an_underscore_away() {
    let folder = cloud::kit("apigee", "jwt", &[]);
    let script = folder.join("apiproxy/resources/jsc/first.js");
    let ask = |names: Value| {
        let variables =
            json!({ "request.uri": "/solar-system/moons", "request.headers.names": names });
        (script.clone(), variables, "")
    };
    let got = run(&[
        ask(json!("[Host, X-Other]")),
        ask(json!("[Host, X-Auth_Subject]")),
        ask(json!("[x_auth-subject]")),
        ask(Value::Null),
    ]);
    let verdicts: Vec<&Value> = got.iter().map(|one| &one["first.verdict"]).collect();
    assert_eq!(verdicts, ["clean", "unclean", "unclean", "unclean"]);
}

#[test]
#[ignore = "needs Node: make test-gateways"]
fn cfg_01_hostile_names_read_back_unchanged_in_conditions_and_in_the_script() {
    let folder = cloud::hostile_kit("apigee", "jwt");
    let text = fs::read_to_string(folder.join("apiproxy/proxies/default.xml")).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let at = format!(
        "(proxy.pathsuffix = \"{PATH}\") and (request.verb = \"GET\" or request.verb = \"HEAD\")"
    );
    assert!(
        document
            .descendants()
            .any(|node| node.has_tag_name("Condition") && node.text() == Some(&at)),
        "{text}"
    );
    let script = folder.join("apiproxy/resources/jsc/access.js");
    let ask = |change: &[(&str, Value)]| {
        let mut all = vec![
            ("aud", json!(AUDIENCE)),
            ("client_id", json!(CLIENT)),
            ("scope", json!(format!("two {SCOPE}"))),
        ];
        all.extend_from_slice(change);
        (script.clone(), left("jwt", &claims(&all)), "odd")
    };
    let got = run(&[
        ask(&[]),
        ask(&[("scope", json!(SCOPE))]),
        ask(&[("scope", json!(format!("two {}", SCOPE.replace('*', "+"))))]),
        ask(&[("aud", json!(AUDIENCE.replace('é', "e")))]),
        ask(&[("client_id", json!("another"))]),
    ]);
    let verdicts: Vec<&Value> = got.iter().map(|one| &one["access.verdict"]).collect();
    assert_eq!(verdicts, ["pass", "scope", "scope", "token", "client"]);
    assert_eq!(
        got[1]["access.challenge"],
        format!("Bearer error=\"insufficient_scope\", scope=\"{SCOPE} two\"").as_str()
    );
}
