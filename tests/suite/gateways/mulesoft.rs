//! Mule cannot be had here. Its RAML is read by its maker's own parser, AMF, and the expressions of its policies are
//! evaluated by its maker's own `DataWeave`; that API Manager applies the policies as they are written is not shown.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::cloud::{self, AUDIENCE, CLIENT, ISSUER, PATH, SCOPE};
use crate::peers;
use crate::people::{GOLD_SCOPE as GOLD, SILVER_SCOPE as SILVER};

/// What AMF says of a file: whether it conforms, its paths, the scopes it declares.
fn read_raml(file: &Path) -> Value {
    let packages = cloud::packages();
    let arguments = [packages.to_str().unwrap(), file.to_str().unwrap()];
    let output = cloud::node(&cloud::script("amf.mjs"), &arguments);
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn conforms(file: &Path) -> bool {
    read_raml(file)["conforms"] == true
}

/// Somebody's own RAML, secured as the README says.
fn own_raml(secured: &str) -> String {
    format!(
        "#%RAML 1.0\ntitle: mine\nuses:\n  security: security.raml\n/planets:\n  get:\n    {secured}\n    responses:\n      200:\n"
    )
}

#[test]
#[ignore = "needs AMF: make test-gateways"]
fn cfg_08_amf_takes_the_raml_of_both_ways_and_the_snippet() {
    for policy in ["jwt", "introspection"] {
        let folder = cloud::kit("mulesoft", policy, &[]);
        for name in [
            "openid-connect.raml",
            "jwt-validation.raml",
            "security.raml",
        ] {
            let said = read_raml(&folder.join(name));
            assert_eq!(said["conforms"], true, "{said}");
            assert_eq!(said["results"], json!([]), "{said}");
        }
        let said = read_raml(&folder.join("openid-connect.raml"));
        assert_eq!(said["scopes"], json!([SILVER, "read", GOLD]), "{said}");
        assert_eq!(said["paths"].as_array().unwrap().len(), 5, "{said}");
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        let secured =
            format!("securedBy: [{{ security.openid_connect: {{ scopes: [\"{SILVER}\"] }} }}]");
        assert!(readme.contains(&secured), "{readme}");
        let own = folder.join("own.raml");
        for secured in [
            secured.as_str(),
            "securedBy: [security.jwt]\n    (security.scopes): [x]",
            "securedBy: [null]",
        ] {
            fs::write(&own, own_raml(secured)).unwrap();
            assert!(conforms(&own), "{secured}: {}", read_raml(&own));
        }
    }
}

#[test]
#[ignore = "needs AMF: make test-gateways"]
fn cfg_08_amf_finds_a_scope_and_a_scheme_that_nobody_declared() {
    let folder = cloud::kit("mulesoft", "jwt", &[]);
    for (name, right, wrong) in [
        (
            "openid-connect.raml",
            "scopes: [\"http://myapp.com/scp/silver\"]",
            "scopes: [\"http://myapp.com/scp/silverx\"]",
        ),
        (
            "openid-connect.raml",
            "securedBy: [openid_connect]",
            "securedBy: [openid_connected]",
        ),
        ("openid-connect.raml", "type: OAuth 2.0", "type: OAuth 3.0"),
        (
            "jwt-validation.raml",
            "securedBy: [jwt]",
            "securedBy: [jwd]",
        ),
        ("jwt-validation.raml", "(scopes): [", "(scope): ["),
        ("jwt-validation.raml", "  head:", "  heed:"),
    ] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let faulty = folder.join("faulty.raml");
        fs::write(&faulty, text.replacen(right, wrong, 1)).unwrap();
        assert_ne!(
            fs::read_to_string(&faulty).unwrap(),
            text,
            "{right} is not in {name}"
        );
        assert!(!conforms(&faulty), "{wrong} in {name} is not found");
    }
    let own = folder.join("own.raml");
    fs::write(&own, own_raml("securedBy: [security.openid]")).unwrap();
    assert!(!conforms(&own));
}

/// The policies of a kit, in their order.
fn policies(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("policies.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let policies = file["policies"].as_array().unwrap().clone();
    let orders: Vec<u64> = policies
        .iter()
        .map(|one| one["order"].as_u64().unwrap())
        .collect();
    assert!(
        orders.iter().copied().eq(1..=policies.len() as u64),
        "{orders:?}"
    );
    policies
}

#[test]
fn cfg_04_every_protected_resource_demands_signature_audience_and_an_end() {
    for policy in ["jwt", "introspection"] {
        let folder = cloud::kit("mulesoft", policy, &[]);
        let all = policies(&folder);
        let validations: Vec<&Value> = all
            .iter()
            .filter(|one| one["assetId"] == "jwt-validation")
            .collect();
        assert_eq!(validations.len(), 4, "asteroids, comets, planets, moons");
        for one in &validations {
            let configuration = &one["configurationData"];
            for (name, expected) in [
                ("jwtOrigin", json!("httpBearerAuthenticationHeader")),
                ("signingMethod", json!("es")),
                ("signingKeyLength", json!(256)),
                ("jwtKeyOrigin", json!("jwks")),
                ("jwksUrl", json!(format!("{ISSUER}/v1/keys"))),
                ("validateAudClaim", json!(true)),
                ("mandatoryAudClaim", json!(true)),
                ("supportedAudiences", json!("api://default")),
                ("mandatoryExpClaim", json!(true)),
                ("validateCustomClaim", json!(true)),
            ] {
                assert_eq!(configuration[name], expected, "{name}");
            }
        }
        let enforced: Vec<(&Value, &Value)> = all
            .iter()
            .filter(|one| one["assetId"] == "openidconnect-access-token-enforcement")
            .map(|one| {
                (
                    &one["pointcutData"][0]["uriTemplateRegex"],
                    &one["configurationData"]["scopes"],
                )
            })
            .collect();
        if policy == "jwt" {
            assert!(enforced.is_empty());
            continue;
        }
        let enforced: Vec<(&str, &str)> = enforced
            .iter()
            .map(|(at, scopes)| (at.as_str().unwrap(), scopes.as_str().unwrap()))
            .collect();
        for expected in [
            ("^/asteroids$", ""),
            ("^/planets$", SILVER),
            ("^/comets$", "read"),
            ("^/moons$", GOLD),
        ] {
            assert!(
                enforced.contains(&expected),
                "{expected:?} is not in {enforced:?}"
            );
        }
        assert_eq!(enforced.len(), 4);
    }
}

#[test]
fn cfg_02_headers_go_first_and_the_key_comes_last_by_its_name() {
    let all = policies(&cloud::kit("mulesoft", "jwt", &[]));
    let (first, last) = (&all[0], &all[all.len() - 1]);
    assert_eq!(first["assetId"], "header-removal");
    let removed = first["configurationData"]["inboundHeaders"]
        .as_array()
        .unwrap();
    for name in [
        "x-api-key",
        "x_api_key",
        "x-auth-subject",
        "x_auth_subject",
        "x-user",
        "cookie",
        "x-original-url",
    ] {
        assert!(removed.contains(&json!(name)), "{name}");
    }
    assert_eq!(
        all[all.len() - 2]["configurationData"]["inboundHeaders"],
        json!(["authorization"])
    );
    let injected = json!([{ "key": "x-api-key", "value": "#[p('api.key')]" }]);
    assert_eq!(last["configurationData"]["inboundHeaders"], injected);
    for everywhere in [first, last] {
        assert!(everywhere["pointcutData"].is_null());
    }
}

/// Which policies Java's expressions pick for a request; JavaScript's mean the same.
const PICK: &str = r#"
const fs = require("fs");
const [file, ...asked] = process.argv.slice(1);
const policies = JSON.parse(fs.readFileSync(file, "utf8")).policies.filter((one) => one.pointcutData);
const fits = (expression, text) => new RegExp("^(?:" + expression + ")$").test(text);
for (const one of asked) {
  const [method, path] = one.split(" ");
  console.log(policies.filter((policy) => policy.pointcutData.some((at) => fits(at.methodRegex, method) && fits(at.uriTemplateRegex, path)))
    .map((policy) => policy.assetId).join(" "));
}
"#;

#[test]
#[ignore = "needs Node: make test-gateways"]
fn cfg_06_what_no_rule_names_is_blocked_and_every_rule_has_its_policy() {
    let folder = cloud::kit("mulesoft", "jwt", &[]);
    let (token, open, blocked) = ("jwt-validation", "", "ip-blocklist");
    let rows = [
        ("GET /planets", token),
        ("HEAD /moons", token),
        ("GET /asteroids", token),
        ("GET /visitors", open),
        ("POST /planets", blocked),
        ("OPTIONS /visitors", blocked),
        ("get /planets", blocked),
        ("GET /planets/", blocked),
        ("GET /Planets", blocked),
        ("GET //planets", blocked),
        ("GET /%70lanets", blocked),
        ("GET /planets;x", blocked),
        ("GET /planets/x", blocked),
        ("GET /planetsx", blocked),
        ("GET /visitors/../moons", blocked),
        ("GET /", blocked),
        ("GET /stars", blocked),
    ];
    let mut run = Command::new("node");
    run.args(["-e", PICK]).arg(folder.join("policies.json"));
    let output = run.args(rows.map(|(asked, _)| asked)).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let got: Vec<&str> = text.lines().collect();
    assert_eq!(
        got.len(),
        rows.len(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for ((asked, expected), got) in rows.iter().zip(got) {
        assert_eq!(got, *expected, "{asked}");
    }
}

/// The expressions that guard a path, by the claim that they are hung on.
fn expressions(folder: &Path, path: &str) -> Vec<String> {
    let policies = policies(folder);
    let at = format!(
        "^{}$",
        regex::escape(path)
            .replace("\\-", "-")
            .replace("\\~", "~")
            .replace("\\&", "&")
    );
    let policy = policies
        .iter()
        .find(|one| {
            one["assetId"] == "jwt-validation"
                && one["pointcutData"][0]["uriTemplateRegex"] == at.as_str()
        })
        .unwrap_or_else(|| panic!("no policy at {at}"));
    let claims = policy["configurationData"]["mandatoryCustomClaims"]
        .as_array()
        .unwrap();
    let keys: Vec<&str> = claims
        .iter()
        .map(|one| one["key"].as_str().unwrap())
        .collect();
    assert!(
        keys == ["iss"] || keys == ["iss", "sub"],
        "{keys:?}: one expression a claim"
    );
    claims
        .iter()
        .map(|one| one["value"].as_str().unwrap().to_owned())
        .collect()
}

/// What Mule would find: true when every expression is.
fn let_in(asked: &[(Vec<String>, Value, Value)]) -> Vec<bool> {
    let python = peers::folder().join("dataweave/bin/python");
    let mut run = Command::new(python)
        .arg(cloud::script("expressions.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("DataWeave is missing: run make test-gateways, or tests/peers/install.sh gateways");
    let mut input = String::new();
    for (expressions, claims, attributes) in asked {
        for expression in expressions {
            let line =
                json!({ "expression": expression, "claimSet": claims, "attributes": attributes });
            input.push_str(&line.to_string());
            input.push('\n');
        }
    }
    run.stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = run.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    let mut answers = Vec::new();
    for (expressions, ..) in asked {
        let said: Vec<Value> = expressions
            .iter()
            .map(|_| serde_json::from_str(lines.next().expect("an answer for each")).unwrap())
            .collect();
        assert!(said.iter().all(Value::is_boolean), "{said:?}");
        answers.push(said.iter().all(|one| one == true));
    }
    answers
}

fn claims(change: &[(&str, Value)]) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "api://default", "exp": 4_000_000_000_u32, "sub": "carl.sagan", "cid": "app", "scp": ["openid", SILVER, GOLD],
    });
    for (name, value) in change {
        claims[*name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(*name);
        }
    }
    claims
}

/// Who is let in where, and who is not, for the expressions as they are or with a fault.
#[expect(clippy::too_many_lines, reason = "a table")]
fn table(silver: &[String], gold: &[String], any: &[String]) -> Vec<(&'static str, bool, bool)> {
    let text = |scopes: &str| claims(&[("scp", Value::Null), ("scope", json!(scopes))]);
    let list = |scopes: &[&str]| claims(&[("scp", json!(scopes))]);
    let rows: Vec<(&str, &[String], Value, bool)> = vec![
        ("gold at the planets", silver, claims(&[]), true),
        ("gold at the moons", gold, claims(&[]), true),
        (
            "gold, in another order",
            gold,
            list(&[GOLD, "openid", SILVER]),
            true,
        ),
        (
            "silver at the planets",
            silver,
            list(&["openid", SILVER]),
            true,
        ),
        ("silver alone", silver, list(&[SILVER]), true),
        (
            "silver at the moons",
            gold,
            list(&["openid", SILVER]),
            false,
        ),
        (
            "a text with gold",
            gold,
            text(&format!("openid {SILVER} {GOLD}")),
            true,
        ),
        ("a text with silver alone", silver, text(SILVER), true),
        (
            "a text with silver, at the moons",
            gold,
            text(&format!("openid {SILVER}")),
            false,
        ),
        (
            "silverx",
            silver,
            list(&["openid", &format!("{SILVER}x")]),
            false,
        ),
        ("xsilver", silver, list(&[&format!("x{SILVER}")]), false),
        (
            "a text with silverx",
            silver,
            text(&format!("openid {SILVER}x")),
            false,
        ),
        ("another case", silver, text(&SILVER.to_uppercase()), false),
        (
            "no scope at all",
            silver,
            claims(&[("scp", Value::Null)]),
            false,
        ),
        ("an empty text", silver, text(""), false),
        (
            "a list in the text's claim",
            gold,
            claims(&[("scp", Value::Null), ("scope", json!([GOLD]))]),
            true,
        ),
        (
            "a text in the list's claim",
            gold,
            claims(&[("scp", json!(format!("openid {GOLD}")))]),
            true,
        ),
        (
            "odd scopes",
            silver,
            claims(&[("scp", json!([1, null, {"a": SILVER}]))]),
            false,
        ),
        ("bronze at any", any, list(&["openid"]), true),
        (
            "another issuer",
            any,
            claims(&[("iss", json!("https://idp.example.com/oauth2/other"))]),
            false,
        ),
        (
            "an issuer with a slash",
            any,
            claims(&[("iss", json!(format!("{ISSUER}/")))]),
            false,
        ),
        (
            "another audience",
            any,
            claims(&[("aud", json!("api://other"))]),
            false,
        ),
        (
            "an audience that contains it",
            any,
            claims(&[("aud", json!("api://default2"))]),
            false,
        ),
        (
            "audiences",
            any,
            claims(&[("aud", json!(["api://other", "api://default"]))]),
            true,
        ),
        ("no audience", any, claims(&[("aud", Value::Null)]), false),
        ("no end", any, claims(&[("exp", Value::Null)]), false),
        ("an ID token", any, claims(&[("nonce", json!("n"))]), false),
        (
            "an ID token by hash",
            any,
            claims(&[("at_hash", json!("n"))]),
            false,
        ),
        (
            "a refresh token",
            any,
            claims(&[("typ", json!("Refresh"))]),
            false,
        ),
        (
            "a bearer by name",
            any,
            claims(&[("typ", json!("Bearer"))]),
            true,
        ),
        (
            "a key-bound token",
            any,
            claims(&[("cnf", json!({ "jkt": "x" }))]),
            false,
        ),
        (
            "nothing of an access token's",
            any,
            claims(&[("cid", Value::Null), ("scp", Value::Null)]),
            false,
        ),
    ];
    let asked: Vec<_> = rows
        .iter()
        .map(|(_, expressions, claims, _)| (expressions.to_vec(), claims.clone(), json!({})))
        .collect();
    let got = let_in(&asked);
    rows.iter()
        .zip(got)
        .map(|((what, _, _, expected), got)| (*what, *expected, got))
        .collect()
}

#[test]
#[ignore = "needs DataWeave: make test-gateways"]
fn cfg_05_dataweave_lets_in_whole_scope_names_and_only_access_tokens() {
    let folder = cloud::kit("mulesoft", "jwt", &[]);
    let at = |path| expressions(&folder, path);
    let (silver, gold, any) = (at("/planets"), at("/moons"), at("/asteroids"));
    for (what, expected, got) in table(&silver, &gold, &any) {
        assert_eq!(got, expected, "{what}");
    }
    // the tutorial's own condition locks gold out; one that looks into a text lets silverx in
    let instead = |expression: &str| vec![silver[0].clone(), expression.to_owned()];
    for (fault, finds) in [
        (
            format!("#[vars.claimSet.scp == ['{SILVER}']]"),
            "gold at the planets",
        ),
        (
            format!("#[(vars.claimSet.scp joinBy ' ') contains '{SILVER}']"),
            "silverx",
        ),
    ] {
        let rows: [(&str, Value); 2] = [
            ("gold at the planets", claims(&[])),
            (
                "silverx",
                claims(&[("scp", json!(["openid", format!("{SILVER}x")]))]),
            ),
        ];
        for (what, claims) in rows {
            let right = let_in(&[(silver.clone(), claims.clone(), json!({}))]);
            let faulty = let_in(&[(instead(&fault), claims, json!({}))]);
            assert_eq!(right != faulty, what == finds, "{fault}: {what}");
        }
    }
}

#[test]
#[ignore = "needs DataWeave: make test-gateways"]
fn cfg_04_dataweave_reads_the_kind_of_token_from_its_header() {
    let folder = cloud::kit("mulesoft", "jwt", &[("ACCESS_TOKEN_TYP", "at+jwt")]);
    let any = expressions(&folder, "/asteroids");
    let asked = |typ: Value| {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256", "typ": typ }).to_string());
        let attributes =
            json!({ "headers": { "authorization": format!("Bearer {header}.e30.c2ln") } });
        (any.clone(), claims(&[]), attributes)
    };
    let kinds = [
        json!("at+jwt"),
        json!("application/at+JWT"),
        json!("JWT"),
        json!(null),
        json!("logout+jwt"),
    ];
    let got = let_in(&kinds.map(asked));
    assert_eq!(got, [true, true, false, false, false]);
}

#[test]
#[ignore = "needs AMF and DataWeave: make test-gateways"]
fn cfg_01_hostile_names_read_back_unchanged_in_raml_and_in_expressions() {
    let folder = cloud::hostile_kit("mulesoft", "jwt");
    let said = read_raml(&folder.join("openid-connect.raml"));
    assert_eq!(said["conforms"], true, "{said}");
    assert_eq!(said["scopes"], json!([SCOPE, "two"]), "{said}");
    assert_eq!(said["paths"], json!([PATH]), "{said}");
    let odd = expressions(&folder, PATH);
    let with = |change: &[(&str, Value)]| {
        let mut all = vec![
            ("aud", json!(AUDIENCE)),
            ("cid", json!(CLIENT)),
            ("scp", json!(["two", SCOPE])),
        ];
        all.extend_from_slice(change);
        (odd.clone(), claims(&all), json!({}))
    };
    let got = let_in(&[
        with(&[]),
        with(&[("scp", json!([SCOPE]))]),
        with(&[("scp", json!(["two", SCOPE.replace('*', "+")]))]),
        with(&[("aud", json!(AUDIENCE.replace('é', "e")))]),
        with(&[("cid", json!("another"))]),
        with(&[("cid", json!(CLIENT.replace("$x", "")))]),
    ]);
    assert_eq!(got, [true, false, false, false, false, false]);
}
