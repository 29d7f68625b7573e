//! How the program starts: help, settings that are wrong, ports that are taken, `.env`.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use crate::http::{client, send};
use crate::misbehaving::{Gateway, Provider};
use crate::program::{Ended, Program, UNSET, empty_folder};
use crate::stack::SESSION_SECRET;

const SECONDS: Duration = Duration::from_secs(10);
const ISSUER: (&str, &str) = ("ISSUER", "https://issuer.example");
const SECRET: (&str, &str) = ("SESSION_SECRET", SESSION_SECRET);
const CANARY: &str = "canary-1b5f0c";

fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Ended {
    Program::start(arguments, settings).end_within(SECONDS)
}

#[test]
fn help_teaches_commands_and_every_setting() {
    let ended = run(&["--help"], &[]);

    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    for (_, variables) in solar_system::settings::VARIABLES {
        for variable in *variables {
            assert!(ended.output.contains(variable.name), "{}", variable.name);
        }
    }
    for word in [
        "serve",
        "idp",
        "gateway",
        "api",
        "http://localhost:8080",
        ".env",
    ] {
        assert!(ended.output.contains(word), "{word}");
    }
    assert!(ended.errors.is_empty(), "{}", ended.errors);
}

#[test]
fn version_is_one_line() {
    let ended = run(&["--version"], &[]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(
        ended.output.trim(),
        format!("solar-system {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn an_unknown_command_or_flag_is_wrong_use() {
    for arguments in [&["orbit"][..], &["--orbit"], &["serve", "extra"]] {
        let ended = run(arguments, &[]);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.errors);
        assert!(!ended.errors.is_empty(), "{arguments:?}");
        assert!(ended.output.is_empty(), "{arguments:?}: {}", ended.output);
    }
}

#[tokio::test]
async fn without_settings_four_rooms_are_up_at_once_and_a_person_is_told_what_to_do() {
    let mut program = Program::start(&[], &[]);
    let ports = program.ports.clone();

    let took = program.wait_for(ports.web);
    for port in [ports.idp, ports.gateway, ports.api] {
        program.wait_for(port);
    }

    assert!(took < Duration::from_secs(2), "{took:?}"); // a debug build on a busy machine
    let has_six = TcpListener::bind(("::1", 0)).is_ok();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        if host == "[::1]" && !has_six {
            continue;
        }
        let answer = send(client().get(format!("http://{host}:{}/", ports.web))).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    let output = program.output();
    for word in [
        &program.web(""),
        &format!("http://localhost:{}", ports.idp),
        &format!("http://localhost:{}", ports.gateway),
        &format!("http://localhost:{}", ports.api),
        "carl.sagan",
        "pale-blue-dot",
        "jodie.foster",
        "authenticate",
    ] {
        assert!(output.contains(word), "{word} in {output}");
    }
    assert!(output.lines().count() < 25, "a few lines: {output}");
    let errors = program.errors();
    assert!(
        errors.contains(&ports.web.to_string()),
        "the address is logged: {errors}"
    );
}

#[test]
fn a_taken_port_names_the_room_and_the_setting_that_moves_it() {
    for (variable, room) in [
        ("PORT", "web"),
        ("IDP_PORT", "identity provider"),
        ("GATEWAY_PORT", "gateway"),
        ("API_PORT", "API"),
    ] {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port().to_string();

        let ended = run(&[], &[(variable, &port)]);

        assert!(
            matches!(ended.code, Some(code) if code != 0),
            "{variable}: {:?}",
            ended.code
        );
        let lines: Vec<_> = ended
            .errors
            .lines()
            .filter(|line| line.contains(&port))
            .collect();
        assert_eq!(lines.len(), 1, "{variable}: {}", ended.errors);
        assert!(
            lines[0].contains(variable) && lines[0].contains(room),
            "{variable}: {}",
            lines[0]
        );
        assert!(!ended.errors.contains("panicked"), "{}", ended.errors);
        assert!(ended.output.is_empty(), "{variable}: {}", ended.output);
    }
}

#[test]
fn a_port_taken_on_the_other_loopback_address_is_taken() {
    let Ok(taken) = TcpListener::bind(("::1", 0)) else {
        return; // this machine has no ::1
    };
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(&[], &[("PORT", &port)]);
    assert!(
        matches!(ended.code, Some(code) if code != 0),
        "{:?}",
        ended.code
    );
    assert!(ended.errors.contains("PORT"), "{}", ended.errors);
}

/// Settings, the variable that has to be named, and a word of the reason.
type Wrong = (
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

#[test]
fn a_wrong_setting_is_one_line_that_names_it_and_its_value() {
    let all_but_one: [Wrong; 33] = [
        (&[("PORT", "eighty")], "PORT", "eighty"),
        (&[("PORT", "65536")], "PORT", "65536"),
        (&[("PORT", "-1")], "PORT", "-1"),
        (&[("IDP_PORT", "x")], "IDP_PORT", "x"),
        (&[("GATEWAY_PORT", "1.5")], "GATEWAY_PORT", "1.5"),
        (&[("API_PORT", " 80 80")], "API_PORT", "80 80"),
        (&[("HOST", "http://localhost")], "HOST", "http"),
        (&[("IDP_HOST", "0.0.0.0")], "IDP_HOST", "loopback"),
        (&[("IDP_HOST", "192.0.2.1")], "IDP_HOST", "loopback"),
        (&[("ISSUER", "issuer.example")], "ISSUER", "issuer.example"),
        (&[("ISSUER", "http://issuer.example")], "ISSUER", "https"),
        (
            &[("ISSUER", "https://user:pw@issuer.example")],
            "ISSUER",
            "",
        ),
        (
            &[("ISSUER", "https://issuer.example/?tenant=1")],
            "ISSUER",
            "query",
        ),
        (&[("ISSUER", "https://issuer.example/#x")], "ISSUER", ""),
        (&[("PROXY_URI", "gateway"), SECRET], "PROXY_URI", "gateway"),
        (
            &[("PROXY_URI", "http://gateway.example"), SECRET],
            "PROXY_URI",
            "https",
        ),
        (
            &[("PROXY_URI", "ftp://gateway.example"), SECRET],
            "PROXY_URI",
            "",
        ),
        (
            &[("REDIRECT_URI", "/callback")],
            "REDIRECT_URI",
            "/callback",
        ),
        (
            &[("REDIRECT_URI", "http://app.example/callback")],
            "REDIRECT_URI",
            "https",
        ),
        (
            &[("REDIRECT_URI", "http://localhost:8080/callback#x")],
            "REDIRECT_URI",
            "",
        ),
        (
            &[("SESSION_MAX_AGE", "8 hours")],
            "SESSION_MAX_AGE",
            "8 hours",
        ),
        (&[("SESSION_MAX_AGE", "-1")], "SESSION_MAX_AGE", "-1"),
        (&[("SESSION_MAX_AGE", "0")], "SESSION_MAX_AGE", "0"),
        (&[("LOG_TOKENS", "maybe")], "LOG_TOKENS", "maybe"),
        (&[("LOG_FORMAT", "xml")], "LOG_FORMAT", "json"),
        (&[("IDP_SIGNING_ALG", "none")], "IDP_SIGNING_ALG", "ES256"),
        (
            &[("GATEWAY_POLICY", "trust")],
            "GATEWAY_POLICY",
            "introspection",
        ),
        (&[("ACCESS_TOKEN_TYP", "jwt")], "ACCESS_TOKEN_TYP", "at+jwt"),
        (
            &[("CA_FILE", "no/such/file.pem")],
            "CA_FILE",
            "no/such/file.pem",
        ),
        (
            &[("BLUEPRINT", "no/such/file.toml")],
            "BLUEPRINT",
            "no/such/file.toml",
        ),
        (&[("API_URI", "api")], "API_URI", "api"),
        (
            &[("AUTHN_CLIENT_SECRET_FILE", "no/such/file")],
            "AUTHN_CLIENT_SECRET_FILE",
            "no/such/file",
        ),
        (
            &[("OKTA_AZ_SERVER_ISSUER", "issuer.example")],
            "OKTA_AZ_SERVER_ISSUER",
            "issuer.example",
        ),
    ];
    for (settings, name, word) in all_but_one {
        is_refused(settings, name, word);
    }
}

#[test]
fn what_a_foreign_provider_or_gateway_needs_is_asked_for_by_name() {
    let id = ("AUTHN_CLIENT_ID", "app");
    let secret = ("AUTHN_CLIENT_SECRET", "secret");
    let proxy = ("PROXY_URI", "https://gateway.example");
    is_refused(&[ISSUER, secret, SECRET], "AUTHN_CLIENT_ID", "");
    is_refused(&[ISSUER, id, SECRET], "AUTHN_CLIENT_SECRET", "");
    is_refused(&[ISSUER, id, secret], "SESSION_SECRET", "");
    is_refused(&[proxy], "SESSION_SECRET", "");
    is_refused(
        &[ISSUER, id, secret, ("SESSION_SECRET", "some random phrase")],
        "SESSION_SECRET",
        "openssl rand",
    );
    is_refused(
        &[ISSUER, id, secret, ("SESSION_SECRET", "too short by far")],
        "SESSION_SECRET",
        "32",
    );
    is_refused(
        &[
            ISSUER,
            id,
            secret,
            SECRET,
            ("GATEWAY_POLICY", "introspection"),
        ],
        "INTROSPECT_CLIENT_ID",
        "",
    );
    let introspect = ("INTROSPECT_CLIENT_ID", "gateway");
    is_refused(
        &[ISSUER, id, secret, SECRET, introspect],
        "INTROSPECT_CLIENT_SECRET",
        "",
    );
}

#[test]
fn sec_web_10_a_key_beside_a_secret_or_the_embedded_provider_is_refused_by_name() {
    let key = ("AUTHN_CLIENT_KEY_FILE", "key.pem");
    is_refused(&[key], "AUTHN_CLIENT_KEY_FILE", "ISSUER");
    is_refused(
        &[
            ISSUER,
            ("CLIENT_KEY_FILE", "key.pem"),
            ("CLIENT_SECRET", "canary-2"),
        ],
        "CLIENT_KEY_FILE=key.pem",
        "AUTHN_CLIENT_SECRET is set too",
    );
}

fn is_refused(settings: &[(&str, &str)], name: &str, word: &str) {
    let mut with_canaries = settings.to_vec();
    for secret in ["API_KEY", "MACHINE_CLIENT_SECRET", "GOLD_PASSWORD"] {
        with_canaries.push((secret, CANARY));
    }
    with_canaries.push(("GOLD_USERNAME", "jodie.foster"));
    let ended = run(&[], &with_canaries);
    let errors = &ended.errors;
    assert_eq!(ended.code, Some(2), "{settings:?}: {errors}");
    assert!(errors.lines().count() <= 3, "{settings:?}: {errors}");
    let first = errors.lines().next().unwrap_or_default();
    assert!(first.contains(name), "{settings:?}: {first}");
    assert!(errors.contains(word), "{settings:?}: {errors}");
    assert!(
        !errors.contains("panicked") && !errors.contains(CANARY),
        "{settings:?}: {errors}"
    );
    assert!(ended.output.is_empty(), "{settings:?}: {}", ended.output);
    for (variable, value) in settings {
        let is_secret = variable.contains("SECRET") && !variable.ends_with("_FILE");
        assert!(
            !is_secret || !errors.contains(value),
            "a secret is shown: {errors}"
        );
    }
}

#[test]
fn a_ca_file_without_a_certificate_is_told_by_its_path() {
    let folder = empty_folder();
    let marked = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, content) in [
        ("empty.pem", ""),
        ("words.pem", "no certificate at all"),
        ("marked.pem", marked),
    ] {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        is_refused(&[("CA_FILE", path.to_str().unwrap())], "CA_FILE", name);
    }
}

#[test]
fn a_blueprint_that_is_wrong_is_told_with_its_line() {
    let folder = empty_folder();
    fs::write(
        folder.join("mine.toml"),
        "[api]\naudience = \"a\"\ndescription = \"b\"\nsurprise = 1\n",
    )
    .unwrap();
    let program = Program::start_in(folder, &[], &[("BLUEPRINT", "mine.toml")]);

    let ended = program.end_within(SECONDS);

    assert_eq!(ended.code, Some(2), "{}", ended.errors);
    for word in ["BLUEPRINT", "mine.toml", "line 4", "surprise"] {
        assert!(ended.errors.contains(word), "{word} in {}", ended.errors);
    }
}

#[tokio::test]
async fn settings_come_from_env_file_and_the_environment_wins() {
    let folder = empty_folder();
    let secret = folder.join("secret");
    fs::write(&secret, "a secret from a file\n").unwrap();
    let provider = Provider::start(&solar_system::clock::Clock::system());
    let gateway = Gateway::start();
    let file = format!(
        "# older names\nOKTA_AZ_SERVER_ISSUER={}\nCLIENT_ID='an app'\nAUTHN_CLIENT_SECRET_FILE={}\nGATEWAY_URI={}\n\
         SESSION_SECRET=\"{SESSION_SECRET}\"\nGATEWAY=nobody\nSESSION_MAX_AGE=1800000\nAUD=\n",
        provider.issuer(),
        secret.display(),
        gateway.url(),
    );
    fs::write(folder.join(".env"), file).unwrap();
    let mut program =
        Program::start_in(folder, &[], &[("GATEWAY", "Kong"), ("AUTHN_CLIENT_ID", "")]);
    program.wait_for(program.ports.web);
    let browser = crate::browser::Browser::new();

    let home = browser.open(program.web("/")).await;
    assert!(
        home.page().words().contains("Kong"),
        "{}",
        home.page().words()
    );
    let home = browser.go(&home, "authenticate").await;

    let words = home.page().words();
    assert!(words.contains("Signed in as"), "{words}");
    let asked = &provider.server.received_at("/token")[0];
    let expected = crate::http::basic("an app", "a secret from a file");
    assert_eq!(asked.header("authorization"), Some(expected));
}

#[test]
fn an_env_file_that_cannot_be_read_is_told_without_its_secret() {
    let folder = empty_folder();
    fs::write(
        folder.join(".env"),
        format!("SESSION_SECRET={CANARY} with blanks # and 'quotes\n"),
    )
    .unwrap();
    let ended = Program::start_in(folder, &[], &[]).end_within(SECONDS);
    assert_eq!(ended.code, Some(2), "{}", ended.errors);
    assert!(ended.errors.contains(".env"), "{}", ended.errors);
    assert!(!ended.errors.contains(CANARY), "{}", ended.errors);
}

#[tokio::test]
async fn a_redirect_uri_with_another_port_is_worth_a_warning_and_no_more() {
    let redirect_uri = ("REDIRECT_URI", "http://localhost:1234/callback");
    let mut program = Program::start(&[], &[redirect_uri]);
    program.wait_for(program.ports.web);
    let errors = program.errors();
    let warning = errors
        .lines()
        .find(|line| line.contains("WARN") && line.contains("REDIRECT_URI"));
    assert!(warning.is_some(), "{errors}");
}

#[tokio::test]
async fn port_follows_the_redirect_uri_where_it_is_not_set() {
    let port = crate::peers::free_port();
    let redirect_uri = format!("http://localhost:{port}/callback");
    let mut program = Program::start(&[], &[("PORT", UNSET), ("REDIRECT_URI", &redirect_uri)]);
    program.wait_for(port);
    let answer = send(client().get(format!("http://localhost:{port}/"))).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_rooms_run_alone_and_find_each_other() {
    let key = ("API_KEY", "a key that gateway and API share");
    let mut api = Program::start(&["api"], &[key]);
    api.wait_for(api.ports.api);
    let mut idp = Program::start(&["idp"], &[]);
    idp.wait_for(idp.ports.idp);
    let issuer = format!("http://localhost:{}/oauth2/default", idp.ports.idp);
    let api_uri = format!("http://localhost:{}", api.ports.api);
    let mut gateway = Program::start(
        &["gateway"],
        &[key, ("ISSUER", &issuer), ("API_URI", &api_uri)],
    );
    gateway.wait_for(gateway.ports.gateway);

    let through = format!("http://localhost:{}/visitors", gateway.ports.gateway);
    let answer = send(client().get(through)).await;
    assert_eq!(
        (answer.status, answer.json()[0].as_str()),
        (200, Some("Oumuamua"))
    );
    let behind = send(client().get(format!("{api_uri}/visitors"))).await;
    assert!(matches!(behind.status, 401 | 403), "{}", behind.status);
    let metadata = send(client().get(format!("{issuer}/.well-known/openid-configuration"))).await;
    assert_eq!(metadata.json()["issuer"], issuer);
    for (program, own) in [
        (&api, api.ports.api),
        (&idp, idp.ports.idp),
        (&gateway, gateway.ports.gateway),
    ] {
        let ports = &program.ports;
        for port in [ports.web, ports.idp, ports.gateway, ports.api] {
            let open = std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
            assert_eq!(open, port == own, "{port}");
        }
    }
}

#[tokio::test]
async fn serve_runs_the_rooms_that_issuer_and_proxy_uri_leave_to_it_and_no_other() {
    let provider = Provider::start(&solar_system::clock::Clock::system());
    let gateway = Gateway::start();
    let (issuer, proxy_uri) = (provider.issuer(), gateway.url());
    let issuer = ("ISSUER", issuer.as_str());
    let proxy_uri = ("PROXY_URI", proxy_uri.as_str());
    let id = ("AUTHN_CLIENT_ID", "app");
    let secret = ("AUTHN_CLIENT_SECRET", "secret");
    for (what, settings, rooms) in [
        ("neither", vec![], [true, true, true, true]),
        (
            "PROXY_URI",
            vec![proxy_uri, SECRET],
            [true, true, false, false],
        ),
        (
            "ISSUER",
            vec![issuer, id, secret, SECRET],
            [true, false, true, true],
        ),
        (
            "both",
            vec![issuer, proxy_uri, id, secret, SECRET],
            [true, false, false, false],
        ),
    ] {
        let mut program = Program::start(&["serve"], &settings);
        let ports = program.ports.clone();
        let ports = [ports.web, ports.idp, ports.gateway, ports.api];
        program.wait_for(ports[0]);
        // all sockets are bound before anything is answered
        let home = send(client().get(program.web("/"))).await;
        assert_eq!(home.status, 200, "{what}: {}", program.errors());
        let open = ports.map(|port| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        assert_eq!(open, rooms, "{what}: web, provider, gateway, API");
    }
}

#[test]
fn gateway_and_api_alone_ask_for_the_key_they_share() {
    for command in ["gateway", "api"] {
        let ended = run(&[command], &[]);
        assert_eq!(ended.code, Some(2), "{command}: {}", ended.errors);
        assert!(
            ended.errors.contains("API_KEY"),
            "{command}: {}",
            ended.errors
        );
    }
}
