//! The app says who it is by an assertion that it signs anew for each call (`private_key_jwt`), and by nothing else.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::jwk::{JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};
use solar_system::clock::Clock;
use solar_system::jose::ClientKey;
use solar_system::settings::create_private;

use crate::adversary::Scene;
use crate::browser::Browser;
use crate::misbehaving::bend::set;
use crate::misbehaving::{Gateway, Provider, Received, Reply, Server};
use crate::program::{Program, empty_folder};
use crate::stack::{SESSION_SECRET, log_out};

const METHODS: &str = "token_endpoint_auth_methods_supported";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A file with a private key; its folder is gone with its value.
pub struct KeyFile {
    folder: PathBuf,
    pub path: String,
    key: ClientKey,
}

impl KeyFile {
    /// One for ES256, as `client-key` makes it.
    pub fn new() -> Self {
        Self::of(&ClientKey::generate().unwrap().to_pem().unwrap())
    }

    fn of(pem: &str) -> Self {
        let folder = empty_folder();
        let path = folder.join("key.pem");
        create_private(&path, pem).unwrap();
        Self {
            path: path.to_str().unwrap().to_owned(),
            folder,
            key: ClientKey::from_file(pem).unwrap(),
        }
    }

    /// The public half, as it is registered.
    pub fn public_set(&self) -> Value {
        self.key.public_set()
    }

    /// What sets it, in the place of the secret.
    pub fn settings(&self) -> [(&str, &str); 2] {
        [
            ("AUTHN_CLIENT_SECRET", ""),
            ("AUTHN_CLIENT_KEY_FILE", &self.path),
        ]
    }

    pub fn key_id(&self) -> &str {
        self.key.key_id()
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn pem(der: &[u8]) -> String {
    let begin = "-----BEGIN PRIVATE KEY-----";
    format!(
        "{begin}\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    )
}

/// A key of every kind that the app takes, and what it signs with.
fn keys() -> [(Algorithm, KeyFile); 3] {
    let edwards = Ed25519KeyPair::generate().unwrap();
    let edwards = edwards.to_pkcs8v1().unwrap();
    let rsa = rsa::KeyPair::generate(rsa::KeySize::Rsa3072).unwrap();
    let rsa: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    [
        (Algorithm::ES256, KeyFile::new()),
        (Algorithm::EdDSA, KeyFile::of(&pem(edwards.as_ref()))),
        (Algorithm::RS256, KeyFile::of(&pem(rsa.as_ref()))),
    ]
}

/// The assertion of a request, which bears it once, and nothing else to authenticate with.
fn only_assertion(request: &Received, client_id: &str) -> String {
    let what = &request.path;
    assert_eq!(request.method, "POST", "{what}");
    assert_eq!(request.query, "", "{what}");
    assert_eq!(
        request.header("authorization"),
        None,
        "{what}: one, not two"
    );
    let fields = request.fields();
    let the = |name: &str| {
        let mut values = fields.iter().filter(|(field, _)| field == name);
        let value = values.next().map(|(_, value)| value.clone());
        assert_eq!(values.next(), None, "{what}: {name} twice");
        value
    };
    assert_eq!(the("client_secret"), None, "{what}: one, not two");
    assert_eq!(the("client_id").as_deref(), Some(client_id), "{what}");
    assert_eq!(
        the("client_assertion_type").as_deref(),
        Some(ASSERTION_TYPE),
        "{what}"
    );
    the("client_assertion").unwrap_or_else(|| panic!("{what}: no assertion"))
}

/// Reads an assertion as a provider would that has this key registered, and looks at all that it says; its `jti`.
fn verified(
    assertion: &str,
    algorithm: Algorithm,
    key: &KeyFile,
    issuer: &str,
    id: &str,
) -> String {
    let set: JwkSet = serde_json::from_value(key.public_set()).unwrap();
    let jwk = &set.keys[0];
    let header = decode_header(assertion).unwrap();
    let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).unwrap();
    assert_eq!(header.kid, Some(thumbprint));
    assert_eq!(header.typ.as_deref(), Some("client-authentication+jwt"));
    assert_eq!(header.alg, algorithm);
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[issuer]);
    validation.set_issuer(&[id]);
    let by = DecodingKey::from_jwk(jwk).unwrap();
    let claims = decode::<Value>(assertion, &by, &validation).unwrap().claims;
    let names: HashSet<&str> = claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        HashSet::from(["iss", "sub", "aud", "iat", "exp", "jti"])
    );
    assert_eq!(claims["aud"], issuer, "alone, and a string");
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(id), &json!(id)));
    let time = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(time("exp") - time("iat"), 60);
    let jti = claims["jti"].as_str().unwrap();
    assert_eq!(jti.len(), 43, "32 bytes in base64url");
    jti.to_owned()
}

#[tokio::test]
async fn sec_web_10_each_call_shows_an_assertion_of_its_own_for_the_issuer_alone() {
    let id = "a:b c+d%/ü";
    for (algorithm, key) in keys() {
        let mut client = key.settings().to_vec();
        client.push(("AUTHN_CLIENT_ID", id));
        let scene = Scene::over(&client, |script| {
            script.metadata = set(METHODS, json!(["client_secret_basic", "private_key_jwt"]));
            script.token_answer = set("refresh_token", "the first");
        })
        .await;
        let browser = scene.stack.browser();
        let home = scene.sign_in(&browser).await;
        let newer =
            json!({"access_token": "newer", "token_type": "Bearer", "refresh_token": "the second"});
        scene.script(|script| script.reply("/token", Reply::json(&newer)));
        let flight = browser.go(&home, "refresh the tokens").await;
        assert_eq!(flight.status, 200, "{}", flight.page().words());
        let home = browser.open(scene.stack.web("/")).await;
        log_out(&browser, &home).await;

        let issuer = scene.provider.issuer();
        let mut seen = HashSet::new();
        for (endpoint, least) in [("/token", 2), ("/revoke", 2), ("/introspect", 2)] {
            let requests = scene.provider.server.received_at(endpoint);
            assert!(requests.len() >= least, "{endpoint}: {}", requests.len());
            for request in requests {
                let assertion = only_assertion(&request, id);
                let jti = verified(&assertion, algorithm, &key, &issuer, id);
                assert!(seen.insert(jti), "{endpoint}: new for each call");
            }
        }
        let asked = scene.provider.server.received_at("/token");
        let grants: Vec<_> = asked
            .iter()
            .map(|one| one.field("grant_type").unwrap())
            .collect();
        assert_eq!(grants, ["authorization_code", "refresh_token"]);
    }
}

/// By the app's clock, and anew at each sign-in however fast they follow one another.
#[tokio::test]
async fn sec_web_10_an_assertion_begins_with_its_call_and_lives_a_minute() {
    let key = KeyFile::new();
    let scene = Scene::over(&key.settings(), |_| {}).await;
    for hours in [0, 3] {
        scene.stack.clock.advance(Duration::from_secs(hours * 3600));
        scene.forget();
        let now = scene.stack.clock.now();
        scene.sign_in_anew().await;
        let asked = scene.provider.server.received_at("/token").remove(0);
        let assertion = asked.field("client_assertion").unwrap();
        let claims = assertion.split('.').nth(1).unwrap();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(claims)
            .unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let age = claims["iat"].as_i64().unwrap() - now;
        assert!((0..30).contains(&age), "{hours}: {age}");
    }
}

/// A program with a key, at these.
fn program(key: &KeyFile, issuer: &str, gateway: &str) -> Program {
    let mut settings = key.settings().to_vec();
    settings.extend([
        ("ISSUER", issuer),
        ("PROXY_URI", gateway),
        ("AUTHN_CLIENT_ID", "app"),
        ("SESSION_SECRET", SESSION_SECRET),
        ("RUST_LOG", "trace"),
        ("LOG_FORMAT", "json"),
    ]);
    let mut program = Program::start(&[], &settings);
    program.wait_for(program.ports.web);
    program
}

#[tokio::test]
async fn sec_web_10_15_com_06_neither_assertion_nor_key_is_on_a_page_or_in_the_log() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    provider.script().metadata = set(METHODS, json!(["private_key_jwt"]));
    provider.script().token_answer = set("refresh_token", "the first");
    // a token endpoint that tells its callers what they sent
    let echo = Server::start(0, |request| {
        let sent = request.field("client_assertion").unwrap_or_default();
        let body = json!({"error": "invalid_client", "error_description": format!("not {sent}"), "x": sent});
        Reply::status(401).body("application/json", body.to_string())
    });
    let key = KeyFile::new();
    let program = program(&key, &provider.issuer(), &gateway.url());
    let browser = Browser::new();
    let mut pages = Vec::new();
    let home = browser.open(program.web("/")).await;
    let button = || crate::controls::Control::named("authenticate").under("silver");
    let home = browser.go(&home, button()).await;
    assert!(
        home.page().words().contains("Signed in as"),
        "{}",
        home.page().words()
    );
    let newer =
        json!({"access_token": "newer", "token_type": "Bearer", "refresh_token": "the second"});
    provider.script().reply("/token", Reply::json(&newer));
    let flight = browser.go(&home, "refresh the tokens").await;
    let words = flight.page().words();
    for part in ["client_assertion=[client assertion]", "client_id=app"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    let told = json!({"error": "invalid_client"}).to_string();
    let told = Reply::status(401).body("application/json", told);
    provider.script().reply("/token", told);
    let unwanted = browser
        .go(&browser.open(program.web("/")).await, button())
        .await;
    let words = unwanted.page().words();
    for part in [
        "reason client_key_refused",
        "ES256, kid",
        key.key_id(),
        "client-key",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    pages.extend([home.text(), flight.text(), unwanted.text()]);
    let home = browser.open(program.web("/")).await;
    pages.push(log_out(&browser, &home).await.text());
    let seen = provider.server.received();

    let elsewhere = Provider::start(&Clock::system());
    let token_endpoint = echo.url() + "/token";
    elsewhere.script().metadata = set("token_endpoint", token_endpoint.as_str());
    let second = self::program(&key, &elsewhere.issuer(), &gateway.url());
    let browser = Browser::new();
    let home = browser.open(second.web("/")).await;
    let refused = browser.go(&home, button()).await;
    let words = refused.page().words();
    for part in [
        "reason client_key_refused",
        "not [client assertion]",
        "private_key_jwt is not in",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    pages.push(refused.text());

    let seen = [seen, echo.received()].concat();
    let shown: Vec<String> = seen
        .iter()
        .filter_map(|one| one.field("client_assertion"))
        .collect();
    assert!(shown.len() >= 6, "{}", shown.len());
    let private = fs::read_to_string(&key.path).unwrap();
    let private = private.lines().filter(|line| !line.contains('-'));
    let mut canaries: Vec<String> = private.map(str::to_owned).collect();
    for assertion in &shown {
        canaries.extend(assertion.split('.').skip(1).map(str::to_owned));
    }
    let logs = [program.errors(), second.errors()];
    assert!(logs[1].contains("client_key_not_announced"), "{}", logs[1]);
    assert!(!logs[0].contains("client_key_not_announced"));
    for text in pages
        .iter()
        .chain(&logs)
        .chain(&[program.output(), second.output()])
    {
        for canary in &canaries {
            assert!(!text.contains(canary.as_str()), "{canary} in {text}");
        }
    }
}
