//! `solar-system register`, against real providers and scripted ones.

use std::fs;

use serde_json::{Value, json};

use super::{assert_ended, assert_private, with_output, write};
use crate::misbehaving::{Reply, Server};
use crate::peers::{Keycloak, OidcProvider};
use crate::program::Program;
use crate::workplace::Workplace;

const SECRET_FILE: &str = "bootstrap/output/authn_client_secret";
const RECORD: &str = "bootstrap/output/authn_client.json";

/// A registration endpoint that registers less than it is asked for.
fn endpoint() -> Server {
    Server::start(0, |request| match request.method.as_str() {
        "POST" => {
            let mut metadata: Value = serde_json::from_slice(&request.body).unwrap();
            metadata["client_id"] = json!("0oa1");
            metadata["client_secret"] = json!("canary-secret");
            metadata["grant_types"] = json!(["authorization_code"]);
            metadata["client_name"] = json!("evil\u{1b}[31m");
            Reply::status(201).body("application/json", metadata.to_string())
        }
        "DELETE" => Reply::status(204),
        _ => Reply::status(405),
    })
}

fn at(server: &Server, path: &str) -> String {
    format!("http://127.0.0.1:{}{path}", server.port())
}

#[test]
fn cli_06_the_secret_goes_into_a_file_of_its_own_and_nowhere_else() {
    let server = endpoint();
    let mut work = Workplace::new();
    work.set(
        "CLIENT_REGISTRATION_URL",
        &at(&server, "/oauth2/v1/clients"),
    );
    work.set("OKTA_TENANT", &at(&server, ""));
    work.set("OKTA_API_TOKEN", "canary-api-token");
    write(
        &work,
        ".env",
        "# mine\nAUTHN_CLIENT_ID=\"\"\nAUTHN_CLIENT_SECRET=\"\"\n",
    );
    let ended = work.done(&[
        "register",
        "--grant-type",
        "authorization_code",
        "--grant-type",
        "implicit",
        "--write",
    ]);
    assert!(
        !ended.said().contains("canary") && !ended.said().contains('\u{1b}'),
        "{}",
        ended.said()
    );
    assert!(
        ended
            .errors
            .contains("warning: grant_types: implicit was left out"),
        "{}",
        ended.errors
    );
    assert_eq!(
        ended.output,
        format!("AUTHN_CLIENT_ID=0oa1\nAUTHN_CLIENT_SECRET_FILE={SECRET_FILE}\n")
    );
    assert_eq!(work.text(SECRET_FILE), "canary-secret");
    for file in [SECRET_FILE, RECORD, ".env"] {
        assert_private(&work.folder.join(file));
    }
    let env = work.text(".env");
    assert!(
        env.starts_with("# mine\nAUTHN_CLIENT_ID=\"0oa1\"\nAUTHN_CLIENT_SECRET=\"\"\n"),
        "{env}"
    );
    let got = &server.received()[0];
    assert_eq!(
        got.header("authorization").as_deref(),
        Some("SSWS canary-api-token")
    );
    let body: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(body["response_types"], json!(["code", "token", "id_token"]));

    // What is there is not written over by itself, and nothing is sent then.
    let again = work.run(&["register"]);
    assert_ended(&again, 1, &["--force", "authn_client"]);
    assert_eq!(server.received().len(), 1);
    work.done(&["register", "--force"]);

    work.done(&["register", "--delete", "--write"]);
    assert!(!work.folder.join(SECRET_FILE).exists() && !work.folder.join(RECORD).exists());
    assert!(work.text(".env").contains("AUTHN_CLIENT_ID=\"\"\n"));
    assert_eq!(server.received()[2].path, "/oauth2/v1/clients/0oa1");
    assert_ended(
        &work.run(&["register", "--delete"]),
        1,
        &["nothing was registered"],
    );
}

#[test]
fn cli_02_the_api_token_goes_to_its_tenants_origin_alone() {
    let server = endpoint();
    let mut work = Workplace::new();
    work.set("CLIENT_REGISTRATION_URL", &at(&server, "/register"));
    work.set("OKTA_TENANT", "http://localhost:9");
    work.set("OKTA_API_TOKEN", "canary-api-token");
    work.done(&["register"]);
    assert_eq!(server.received()[0].header("authorization"), None);
    work.set("INITIAL_ACCESS_TOKEN", "initial");
    work.done(&["register", "--introspection"]);
    assert_eq!(
        server.received()[1].header("authorization").as_deref(),
        Some("Bearer initial")
    );
    assert!(
        work.folder
            .join("bootstrap/output/introspect_client_secret")
            .exists()
    );
}

#[test]
fn where_to_register_comes_from_the_bootstrap_or_the_issuers_own_metadata() {
    let server = endpoint();
    let url = at(&server, "/clients");
    let work = with_output("mulesoft", &json!({ "CLIENT_REGISTRATION_URL": url }));
    work.done(&["register"]);
    assert_eq!(server.received()[0].path, "/clients");

    let mut work = Workplace::new();
    assert_ended(&work.run(&["register"]), 2, &["CLIENT_REGISTRATION_URL"]);
    let evil = with_output(
        "mulesoft",
        &json!({ "CLIENT_REGISTRATION_URL": "http://evil.example/" }),
    );
    assert_ended(&evil.run(&["register"]), 2, &["mulesoft.json"]);
    let other = Server::start(0, |_| {
        let document = json!({ "issuer": "http://127.0.0.1:1", "registration_endpoint": "http://127.0.0.1:1/r" });
        Reply::status(200).body("application/json", document.to_string())
    });
    work.set("ISSUER", &at(&other, ""));
    assert_ended(&work.run(&["register"]), 1, &["byte for byte"]);
    work.set("CLIENT_REGISTRATION_URL", "http://idp.example.com/clients");
    assert_ended(&work.run(&["register"]), 2, &["CLIENT_REGISTRATION_URL"]);
}

#[test]
fn a_refusal_is_told_escaped_and_leaves_nothing_behind() {
    let refusing = Server::start(0, |_| {
        let body = json!({ "error": "invalid_redirect_uri", "error_description": "no\u{1b}]0;x\u{7} wildcard" });
        Reply::status(400).body("application/json", body.to_string())
    });
    let mut work = Workplace::new();
    work.set("CLIENT_REGISTRATION_URL", &at(&refusing, "/clients"));
    let ended = work.run(&["register", "--redirect-uri", "https://app.example.com/cb"]);
    assert_ended(
        &ended,
        1,
        &["invalid_redirect_uri", "hint: a redirect URI is https"],
    );
    assert!(!ended.errors.contains('\u{1b}'));
    assert!(!work.folder.join(RECORD).exists());
    let ended = work.run(&["register", "--redirect-uri", "http://app.example.com/cb"]);
    assert_ended(&ended, 2, &["http://app.example.com/cb"]);
    for wrong in [
        ["register", "--update", "--delete"],
        ["register", "--introspection", "--machine"],
    ] {
        assert_eq!(work.run(&wrong).code, Some(2), "{wrong:?}");
    }
}

/// Registers, adds client credentials, asks for a token with them, and takes all of it back. `refused`: the error by
/// which a provider says that the grant is there and no rule gives the scope.
fn whole_life(work: &mut Workplace, scope: &str, refused: Option<&str>) {
    let ended = work.done(&["register", "--name", "from the tests", "--write"]);
    let secret = work.text(SECRET_FILE);
    assert!(secret.len() >= 20 && !ended.said().contains(&secret));
    let ended = work.run(&[
        "register",
        "--update",
        "--add-grant-type",
        "client_credentials",
    ]);
    assert_ended(&ended, 0, &["client_credentials"]);
    let id = work.json(RECORD)["client_id"].as_str().unwrap().to_owned();
    assert!(work.text(".env").contains("AUTHN_CLIENT_ID="));
    work.set("MACHINE_CLIENT_ID", &id);
    work.set("MACHINE_CLIENT_SECRET_FILE", SECRET_FILE);
    let ended = work.run(&["token", "--scope", scope]);
    match refused {
        None => assert_eq!(ended.code, Some(0), "{}", ended.said()),
        Some(error) => assert_ended(&ended, 1, &[error]),
    }
    assert!(!ended.said().contains(&secret));
    // A second change works with what the first one left.
    work.done(&["register", "--update", "--name", "renamed by the tests"]);
    work.unset("MACHINE_CLIENT_SECRET_FILE");
    work.set(
        "MACHINE_CLIENT_SECRET",
        &fs::read_to_string(work.folder.join(SECRET_FILE)).unwrap(),
    );
    work.done(&["register", "--delete", "--write"]);
    let gone = work.run(&["token", "--scope", scope]);
    assert_ended(&gone, 1, &["invalid_client"]);
}

/// The embedded provider, where clients may register themselves.
fn embedded() -> (Workplace, Program) {
    let mut work = Workplace::new();
    work.set("INITIAL_ACCESS_TOKEN", "an-initial-access-token");
    work.set("OKTA_API_TOKEN", "a-canary-of-an-api-token");
    let mut idp = work.start(&["idp"]);
    let port = idp.ports.idp;
    idp.wait_for(port);
    work.set("ISSUER", &format!("http://localhost:{port}/oauth2/default"));
    work.unset("OKTA_API_TOKEN");
    (work, idp)
}

#[test]
fn a_client_lives_its_whole_life_at_the_embedded_provider() {
    let (mut work, _idp) = embedded();
    let token = "an-initial-access-token";
    work.unset("INITIAL_ACCESS_TOKEN");
    assert_ended(
        &work.run(&["register"]),
        1,
        &["401", "INITIAL_ACCESS_TOKEN"],
    );
    work.set("INITIAL_ACCESS_TOKEN", token);
    whole_life(&mut work, "read", Some("access_denied"));
}

#[test]
fn at_the_embedded_provider_the_api_token_registers_too_and_implicit_is_left_out() {
    let (mut work, idp) = embedded();
    work.set(
        "OKTA_TENANT",
        &format!("http://localhost:{}", idp.ports.idp),
    );
    work.set("OKTA_API_TOKEN", "a-canary-of-an-api-token");
    let ended = work.done(&[
        "register",
        "--grant-type",
        "authorization_code",
        "--grant-type",
        "implicit",
    ]);
    assert!(
        ended.errors.contains("(OKTA_API_TOKEN)"),
        "{}",
        ended.errors
    );
    assert!(
        ended
            .errors
            .contains("warning: grant_types: implicit was left out"),
        "{}",
        ended.errors
    );
    let ended = work.done(&["register", "--introspection"]);
    assert!(!ended.said().contains("canary"), "{}", ended.said());
    work.done(&[
        "register",
        "--update",
        "--add-grant-type",
        "client_credentials",
    ]);
    for whose in [
        ["register", "--delete"].as_slice(),
        &["register", "--delete", "--introspection"],
    ] {
        work.done(whose);
    }
}

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn a_client_lives_its_whole_life_at_oidc_provider() {
    let token = "an-initial-access-token-for-the-tests";
    let provider = OidcProvider::start(&json!({ "initial_access_token": token }));
    let mut work = Workplace::new();
    work.set("ISSUER", &provider.registration.issuer);
    let closed = work.run(&["register"]);
    assert_ended(&closed, 1, &["INITIAL_ACCESS_TOKEN"]);
    work.set("INITIAL_ACCESS_TOKEN", token);
    whole_life(&mut work, "read", None);
    work.unset("MACHINE_CLIENT_SECRET");
    let ended = work.done(&["register", "--introspection"]);
    assert!(
        ended.output.contains("INTROSPECT_CLIENT_ID="),
        "{}",
        ended.output
    );
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn a_client_lives_its_whole_life_at_keycloak() {
    let keycloak = Keycloak::shared().await;
    let mut work = Workplace::new();
    work.set("ISSUER", &keycloak.issuer);
    let closed = work.run(&["register"]);
    assert_ended(&closed, 1, &["INITIAL_ACCESS_TOKEN"]);
    work.set(
        "INITIAL_ACCESS_TOKEN",
        &keycloak.initial_access_token().await,
    );
    whole_life(&mut work, "profile", None);
}
