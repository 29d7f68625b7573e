//! Amazon API Gateway cannot be had here. Its templates are held to cfn-lint; the authorizer is run by Node.js, and before
//! it a stand-in for a REST API that does what the template says.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::ask::Ask;
use super::issuer::Issuer;
use super::matrix::{Blemishes, Fault, fails_closed, finds_each, holds};
use super::real::RealGateway;
use super::schemas::written;
use super::world::World;
use crate::peers::folder;

const FILE: &str = "rest-api.yaml";
/// No token and a wrong one look alike; a method that is not there is no path.
const KNOWN: Blemishes = Blemishes {
    challenge: true,
    head: false,
    rows: &[],
};

fn world(policy: &'static str) -> World {
    World::public(Issuer::start(), "aws", policy)
}

fn start(world: &World) -> RealGateway {
    let text = fs::read_to_string(world.folder.join(FILE)).unwrap();
    let template: Value = serde_norway::from_str(&text).unwrap();
    fs::write(world.folder.join("template.json"), template.to_string()).unwrap();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/aws.mjs");
    let port = world.port.to_string();
    let node = crate::peers::node();
    let node = node.to_str().unwrap();
    let gateway = RealGateway::start(world, &[node, program, "template.json", &port]);
    gateway.wait_for(&Ask::get("/visitors"), &[200]);
    gateway
}

#[test]
#[ignore = "needs Node.js: make test-gateways"]
fn cfg_04_the_authorizer_of_aws_s_kit_answers_the_table() {
    for policy in ["jwt", "introspection"] {
        let world = world(policy);
        let gateway = start(&world);
        holds(&world, &gateway, KNOWN);
    }
}

#[test]
#[ignore = "needs Node.js: make test-gateways"]
fn cfg_07_the_authorizer_of_aws_s_kit_lets_nobody_in_while_the_issuer_is_down() {
    for policy in ["jwt", "introspection"] {
        let world = World::public(Issuer::silent(), "aws", policy);
        let gateway = start(&world);
        fails_closed(&world, &gateway, 503);
    }
}

#[rustfmt::skip]
const FAULTS: [Fault; 16] = [
    Fault { name: "a method without authorizer", edits: &[(FILE, "AuthorizationType: CUSTOM", "AuthorizationType: NONE")], found_by: "/moons by none" },
    Fault { name: "an answer that is kept, for every method", edits: &[(FILE, "AuthorizerResultTtlInSeconds: 0", "AuthorizerResultTtlInSeconds: 300"), (FILE, "Resource: event.methodArn", "Resource: event.methodArn.split('/').slice(0, 2).join('/') + '/*'")], found_by: "/moons by silver:" },
    Fault { name: "no signature", edits: &[(FILE, "!signed(fit[0], header.alg, parts)", "false")], found_by: "/moons by tampered" },
    Fault { name: "any issuer", edits: &[(FILE, "claims.iss === ISSUER && ", "")], found_by: "/moons by wrong issuer" },
    Fault { name: "any audience", edits: &[(FILE, "audience.includes(AUDIENCE)\n              && ", "")], found_by: "/moons by wrong audience" },
    Fault { name: "no expiry", edits: &[(FILE, "typeof claims.exp === 'number' && now < claims.exp + LEEWAY\n              && ", "")], found_by: "/moons by expired" },
    Fault { name: "no beginning", edits: &[(FILE, "claims.nbf <= now + LEEWAY", "true")], found_by: "/moons by not yet valid" },
    Fault { name: "any extension", edits: &[(FILE, "['crit', 'b64'", "['b64'")], found_by: "/moons by unknown crit" },
    Fault { name: "any kind of token", edits: &[(FILE, "\n              && isAccessToken(header, claims)", "")], found_by: "/moons by ID token" },
    Fault { name: "a token that says of itself that it is another kind", edits: &[(FILE, "\n              && !['ID', 'Refresh', 'Offline', 'Logout'].includes(claims.typ)", "")], found_by: "/moons by refresh token" },
    Fault { name: "key-bound tokens", edits: &[(FILE, "\n              && claims.cnf === undefined", "")], found_by: "/moons by key-bound" },
    Fault { name: "part of a scope", edits: &[(FILE, "granted.includes(scope))", "granted.join(' ').includes(scope))")], found_by: "/planets by silverx" },
    Fault { name: "the scope must be equal", edits: &[(FILE, "needed.every((scope) => granted.includes(scope))", "(!needed.length || needed.join() === granted.join())")], found_by: "/moons by gold:" },
    Fault { name: "no scope", edits: &[(FILE, "needed.every((scope) => granted.includes(scope))", "true")], found_by: "/moons by silver:" },
    Fault { name: "forged identity", edits: &[(FILE, "integration.request.header.x-user:", "integration.request.header.x-other:")], found_by: "the API is told what a caller says" },
    Fault { name: "the token goes on", edits: &[(FILE, "integration.request.header.authorization:", "integration.request.header.x-other:")], found_by: "the API is told what a caller says" },
];

#[test]
#[ignore = "needs Node.js: make test-gateways"]
fn cfg_04_each_fault_put_back_into_the_authorizer_of_aws_s_kit_is_found() {
    finds_each(&FAULTS, || world("jwt"), start);
}

/// What cfn-lint has to say; nothing where all is well.
fn lint(text: &str) -> String {
    let path = crate::program::empty_folder().join("template.yaml");
    fs::write(&path, text).unwrap();
    let program = folder().join("cfn-lint/bin/cfn-lint");
    let output = Command::new(program)
        .args(["-f", "parseable", "--regions", "eu-central-1", "--"])
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

#[test]
#[ignore = "needs cfn-lint: make test-gateways"]
fn cfg_08_cfn_lint_takes_aws_s_templates_and_finds_what_is_put_into_them() {
    for (policy, file) in [
        ("jwt", FILE),
        ("introspection", FILE),
        ("jwt", "http-api.yaml"),
    ] {
        let text = written(
            "aws",
            policy,
            &["--algorithm", "RS256", "--with-holes"],
            file,
        );
        assert_eq!(lint(&text), "", "{policy} {file}");
        let faults: &[(&str, &str)] = match file {
            FILE => &[
                (
                    "AuthorizerId:\n        Ref: Authorizer",
                    "AuthorizerId:\n        Ref: Authoriser",
                ),
                ("AuthorizerResultTtlInSeconds", "AuthorizerResultTTL"),
                ("ResponseType: ACCESS_DENIED", "ResponseTyp: ACCESS_DENIED"),
            ],
            _ => &[
                ("AuthorizationScopes", "AuthorisationScopes"),
                (
                    "AuthorizerId:\n        Ref: Authorizer",
                    "AuthorizerId:\n        Ref: Authoriser",
                ),
                ("JwtConfiguration", "JWTConfiguration"),
                ("RouteKey", "Route"),
            ],
        };
        for (before, after) in faults {
            assert!(text.contains(before), "{before}");
            assert_ne!(
                lint(&text.replacen(before, after, 1)),
                "",
                "{file}: {after}"
            );
        }
    }
}

/// AWS's own authorizer is not to be had; what the template asks of it is said here once more, literally.
#[test]
fn cfg_04_every_route_of_aws_s_http_api_asks_for_the_token_and_scope_of_its_rule() {
    let text = written(
        "aws",
        "jwt",
        &["--algorithm", "RS256", "--with-holes"],
        "http-api.yaml",
    );
    let template: Value = serde_norway::from_str(&text).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let routes = resources
        .values()
        .filter(|one| one["Type"] == "AWS::ApiGatewayV2::Route");
    let mut found: Vec<(String, String, String)> = routes
        .map(|route| {
            let properties = &route["Properties"];
            let scopes = properties["AuthorizationScopes"].to_string();
            let text = |name: &str| properties[name].as_str().unwrap().to_owned();
            (text("RouteKey"), text("AuthorizationType"), scopes)
        })
        .collect();
    found.sort();
    let mut expected = Vec::new();
    for method in ["GET", "HEAD"] {
        for (path, kind, scopes) in [
            ("/asteroids", "JWT", "null"),
            ("/comets", "JWT", "[\"read\"]"),
            ("/moons", "JWT", "[\"http://myapp.com/scp/gold\"]"),
            ("/planets", "JWT", "[\"http://myapp.com/scp/silver\"]"),
            ("/visitors", "NONE", "null"),
        ] {
            expected.push((
                format!("{method} {path}"),
                kind.to_owned(),
                scopes.to_owned(),
            ));
        }
    }
    assert_eq!(found, expected);
    let authorizer = &template["Resources"]["Authorizer"]["Properties"]["JwtConfiguration"];
    assert_eq!(
        authorizer["Issuer"],
        "https://idp.example.com/oauth2/default"
    );
    assert_eq!(authorizer["Audience"], serde_json::json!(["api://default"]));
}

#[test]
fn cfg_05_an_http_api_is_not_written_for_what_aws_s_authorizer_cannot_check() {
    let readme = written("aws", "jwt", &["--algorithm", "ES256"], "README.md");
    assert!(readme.contains("verifies RSA signatures alone"), "{readme}");
    let readme = written("aws", "introspection", &[], "README.md");
    assert!(
        readme.contains("does not ask the issuer about tokens"),
        "{readme}"
    );
}
