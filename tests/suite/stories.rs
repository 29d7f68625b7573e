//! The tutorials from their first step to the last, offline, through the binary as a user has it.

use crate::browser::{Browser, Seen};
use crate::controls::Control;
use crate::http::{client, send};
use crate::misbehaving::{Meddling, Relay, Reply};
use crate::peers::Prism;
use crate::people::{GOLD_SCOPE, SILVER_SCOPE};
use crate::program::Program;
use crate::stack::sign_in_with;
use crate::workplace::Workplace;
use serde_json::Value;

/// Shown to the management API, and in no output.
const API_TOKEN: &str = "00-management-token-of-the-tests-canary";
/// The folder of the tool's outputs.
const OUTPUT: &str = "bootstrap/output";

/// An identity provider without anything in it, and a folder to work in.
struct EmptyTenant {
    work: Workplace,
    idp: Program,
    port: u16,
}

impl EmptyTenant {
    fn start() -> Self {
        let mut work = Workplace::new();
        work.set("OKTA_API_TOKEN", API_TOKEN);
        let mut idp = work.start(&["idp", "--empty"]);
        let port = idp.ports.idp;
        idp.wait_for(port);
        work.set("OKTA_TENANT", &format!("http://localhost:{port}"));
        Self { work, idp, port }
    }

    /// What the management API tells.
    async fn told(&self, path: &str) -> Value {
        let url = format!("http://localhost:{}{path}", self.port);
        let request = client()
            .get(url)
            .header("Authorization", format!("SSWS {API_TOKEN}"));
        let answer = send(request).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// Makes a group that is nobody's business here.
    async fn foreign_group(&self, name: &str) -> String {
        let url = format!("http://localhost:{}/api/v1/groups", self.port);
        let body = serde_json::json!({ "profile": { "name": name, "description": "not ours" } });
        let request = client()
            .post(url)
            .header("Authorization", format!("SSWS {API_TOKEN}"));
        let answer = send(crate::http::with_json(request, &body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Everything that a bootstrap could have made, by kind and name.
    async fn census(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (path, name) in [
            ("/api/v1/groups", "/profile/name"),
            ("/api/v1/users", "/profile/login"),
            ("/api/v1/apps", "/label"),
            ("/api/v1/authorizationServers", "/name"),
            ("/api/v1/trustedOrigins", "/name"),
        ] {
            for object in self.told(path).await.as_array().unwrap() {
                let name = object.pointer(name).and_then(Value::as_str).unwrap();
                all.push(format!("{path} {name}"));
            }
        }
        all.sort();
        all
    }
}

/// A value of an output file, which must be text.
fn value(output: &Value, name: &str) -> String {
    let found = output.get(name).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("{name} in {output:#}"))
        .to_owned()
}

fn no_secret_in(text: &str, output: &Value) {
    assert!(!text.contains(API_TOKEN), "{text}");
    for (name, secret) in output.as_object().unwrap() {
        let is_secret = name.ends_with("_SECRET") || name.ends_with("_PASSWORD");
        if let Some(secret) = secret.as_str().filter(|_| is_secret) {
            assert!(!text.contains(secret), "{name} in {text}");
        }
    }
}

async fn show_me(app: &Program, browser: &Browser, words: &str) -> Seen {
    let home = browser.open(app.web("/")).await;
    browser.go(&home, words).await
}

async fn sign_in(app: &Program, level: &str, login: &str, password: &str) -> (Browser, Seen) {
    let browser = Browser::new();
    let home = browser.open(app.web("/")).await;
    let button = Control::named("authenticate").under(level);
    let form = browser.go(&home, button).await;
    let seen = sign_in_with(&browser, &form, login, password).await;
    (browser, seen)
}

/// What silver and gold may, through the app that was set up.
async fn the_levels_hold(app: &Program, silver: (&str, &str), gold: (&str, &str)) {
    let stranger = Browser::new();
    let refused = show_me(app, &stranger, "show me the planets!").await;
    assert_eq!(refused.status, 401, "{}", refused.page().words());

    let (browser, home) = sign_in(app, "silver", silver.0, silver.1).await;
    assert_eq!(home.status, 200, "{}", home.page().words());
    let planets = show_me(app, &browser, "show me the planets!").await;
    assert_eq!(planets.status, 200, "{}", planets.page().words());
    assert!(planets.page().words().to_lowercase().contains("neptune"));
    let moons = show_me(app, &browser, "show me some moons!").await;
    assert_eq!(moons.status, 403, "{}", moons.page().words());
    assert!(moons.page().words().contains(GOLD_SCOPE));

    let (browser, home) = sign_in(app, "gold", gold.0, gold.1).await;
    assert_eq!(home.status, 200, "{}", home.page().words());
    let moons = show_me(app, &browser, "show me some moons!").await;
    assert_eq!(moons.status, 200, "{}", moons.page().words());
    let planets = show_me(app, &browser, "show me the planets!").await;
    assert_eq!(planets.status, 200, "{}", planets.page().words());

    let (_, denied) = sign_in(app, "gold", silver.0, silver.1).await;
    assert!(
        denied.page().words().contains("access_denied"),
        "{}",
        denied.page().words()
    );
}

/// The gateway of a user, with the API behind it.
fn gateway(work: &Workplace) -> (Program, Program) {
    let key = "the key that the gateway shows to the API, for tests";
    let mut with_key = Workplace::new();
    for (name, value) in work.settings() {
        with_key.set(name, value);
    }
    with_key.set("API_KEY", key);
    let mut api = with_key.start(&["api"]);
    let api_port = api.ports.api;
    api.wait_for(api_port);
    with_key.set("API_URI", &format!("http://localhost:{api_port}"));
    let mut gateway = with_key.start(&["gateway"]);
    let port = gateway.ports.gateway;
    gateway.wait_for(port);
    (gateway, api)
}

#[tokio::test]
async fn the_tutorial_in_its_order_ends_with_silver_and_gold_signed_in() {
    let tenant = EmptyTenant::start();
    let mut said = String::new();
    let mut work = tenant.work.copy();
    let app_port = crate::peers::free_port();
    let redirect_uri = format!("http://localhost:{app_port}");
    work.set("PORT", &app_port.to_string());
    work.set("REDIRECT_URI", &redirect_uri);
    // The identity provider is set up, as far as it goes without the app's registration.
    let ended = work.done(&["bootstrap", "mulesoft", "--yes"]);
    said += &ended.said();
    for line in ["mulesoft", "the token works"] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let output = work.json(&format!("{OUTPUT}/mulesoft.json"));
    // The gateway gets what its portal asks for.
    let settings = work.done(&["settings", "mulesoft_introspect", "--json"]);
    let settings: Value = serde_json::from_str(&settings.output).unwrap();
    for name in [
        "CLIENT_REGISTRATION_URL",
        "INTROSPECT_CLIENT_ID",
        "INTROSPECT_CLIENT_SECRET",
        "AUTHORIZE_URL",
        "TOKEN_URL",
        "TOKEN_INTROSPECTION_URL",
    ] {
        assert_eq!(settings[name], output[name], "{name}");
    }
    let mut at_gateway = work.copy();
    at_gateway.set("ISSUER", &value(&output, "OKTA_AZ_SERVER_ISSUER"));
    for name in ["INTROSPECT_CLIENT_ID", "INTROSPECT_CLIENT_SECRET"] {
        at_gateway.set(name, settings[name].as_str().unwrap());
    }
    let (gateway, _api) = gateway(&at_gateway);
    // The portal registers the app: "Request access".
    work.set(
        "CLIENT_REGISTRATION_URL",
        &value(&output, "CLIENT_REGISTRATION_URL"),
    );
    let ended = work.done(&["register", "--name", "Solar System", "--write"]);
    said += &ended.said();
    // Rules for the app that is registered now.
    let ended = work.done(&["bootstrap", "mulesoft_policy", "--yes"]);
    said += &ended.said();
    no_secret_in(&said, &output);
    // The app's settings.
    let proxy_uri = format!("http://localhost:{}", gateway.ports.gateway);
    work.set("PROXY_URI", &proxy_uri);
    work.done(&["settings", "mulesoft", "--write"]);
    let written = work.text(".env");
    for name in [
        "AUTHN_CLIENT_ID",
        "SESSION_SECRET",
        "PROXY_URI",
        "REDIRECT_URI",
    ] {
        assert!(
            written.contains(&format!("\n{name}=")) || written.starts_with(&format!("{name}=")),
            "{name} in {written}"
        );
    }
    // Nothing but `.env` tells the app.
    for name in [
        "OKTA_API_TOKEN",
        "OKTA_TENANT",
        "CLIENT_REGISTRATION_URL",
        "PROXY_URI",
        "REDIRECT_URI",
    ] {
        work.unset(name);
    }
    let mut app = work.start(&[]);
    app.ports.web = app_port;
    app.wait_for(app_port);

    let home = Browser::new().open(app.web("/")).await.page().words();
    assert!(home.to_lowercase().contains("mulesoft"), "{home}");
    let of = |level: &str| {
        let login = output.pointer(&format!("/{level}_USER/profile/login"));
        let login = login.and_then(Value::as_str).unwrap().to_owned();
        (login, value(&output, &format!("{level}_PASSWORD")))
    };
    let (silver, gold) = (of("SILVER"), of("GOLD"));
    the_levels_hold(&app, (&silver.0, &silver.1), (&gold.0, &gold.1)).await;
    drop(tenant.idp);
}

#[tokio::test]
async fn a_machine_gets_a_token_and_the_comets_as_the_second_tutorial_has_it() {
    let tenant = EmptyTenant::start();
    let mut work = tenant.work.copy();
    work.done(&["bootstrap", "standard", "--yes"]);
    let output = work.json(&format!("{OUTPUT}/standard.json"));
    work.set("ISSUER", &value(&output, "ISSUER"));
    let (gateway, _api) = gateway(&work);
    let url = format!("http://localhost:{}", gateway.ports.gateway);
    work.set("PROXY_URI", &url);
    for name in ["MACHINE_CLIENT_ID", "MACHINE_CLIENT_SECRET"] {
        work.set(name, &value(&output, name));
    }

    let ended = work.done(&["token", "--call", "/comets"]);

    let said = ended.said();
    for part in [
        "grant_type=client_credentials",
        "scope=read",
        "\"read\"",
        "Halley",
        "200",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    no_secret_in(&said, &output);
    let refused = work.run(&["token", "--call", "/planets"]);
    let said = refused.said();
    assert!(
        said.contains("403") && said.contains(SILVER_SCOPE),
        "{said}"
    );
    let too_much = work.run(&["token", "--scope", GOLD_SCOPE]);
    assert_eq!(too_much.code, Some(1), "{}", too_much.errors);
    let said = too_much.said();
    assert!(said.contains("invalid_scope"), "{said}");
}

#[tokio::test]
async fn destroy_leaves_nothing_of_ours_and_a_foreign_object_untouched() {
    let tenant = EmptyTenant::start();
    let work = &tenant.work;
    tenant.foreign_group("somebody else's").await;
    let before = tenant.census().await;
    work.done(&["bootstrap", "standard", "--yes"]);
    let output = work.json(&format!("{OUTPUT}/standard.json"));
    assert!(tenant.census().await.len() > before.len() + 5);
    let tag = value(&output, "TAG");

    let unasked = work.run(&["bootstrap", "destroy", "standard", "--yes"]);
    assert_ne!(unasked.code, Some(0), "it is asked for by name");
    let wrong = work.run(&["bootstrap", "destroy", "standard", "--confirm", "other"]);
    assert_ne!(wrong.code, Some(0), "and by the right one");
    assert!(tenant.census().await.len() > before.len() + 5);
    work.done(&["bootstrap", "destroy", "standard", "--confirm", &tag]);

    assert_eq!(tenant.census().await, before);
    work.done(&["bootstrap", "standard", "--yes"]);
    assert!(tenant.census().await.len() > before.len() + 5);
}

#[tokio::test]
async fn a_second_apply_changes_nothing_and_a_plan_only_reads() {
    let tenant = EmptyTenant::start();
    let relay = Relay::to(tenant.port, &format!("http://localhost:{}", tenant.port));
    let mut work = tenant.work.copy();
    work.set("OKTA_TENANT", &relay.url());
    relay.meddle(|_, _| None);
    work.done(&["bootstrap", "plan", "standard"]);
    assert!(relay.writes().is_empty(), "{:?}", relay.writes());
    work.done(&["bootstrap", "standard", "--yes"]);
    assert!(!relay.writes().is_empty());
    let census = tenant.census().await;
    let output = work.json(&format!("{OUTPUT}/standard.json"));

    relay.meddle(|_, _| None);
    work.done(&["bootstrap", "standard", "--yes"]);

    assert!(relay.writes().is_empty(), "{:?}", relay.writes());
    assert_eq!(tenant.census().await, census);
    assert_eq!(work.json(&format!("{OUTPUT}/standard.json")), output);
    let plan = work.done(&["bootstrap", "plan", "standard"]);
    assert!(relay.writes().is_empty());
    drop(plan);
}

#[tokio::test]
async fn an_apply_that_is_killed_at_any_step_converges_when_it_is_run_again() {
    let mut step = 0;
    loop {
        step += 1;
        let tenant = EmptyTenant::start(); // one would answer 429 to so many calls
        let origin = format!("http://localhost:{}", tenant.port);
        let before = tenant.census().await;
        let relay = Relay::to(tenant.port, &origin);
        let mut work = tenant.work.copy();
        work.set("OKTA_TENANT", &relay.url());
        let (send_id, pid) = std::sync::mpsc::channel::<u32>();
        let pid = std::sync::Mutex::new(pid);
        let writes = std::sync::atomic::AtomicUsize::new(0);
        let killed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let was_killed = std::sync::Arc::clone(&killed);
        relay.meddle(move |_, request| {
            use std::sync::atomic::Ordering;
            if request.method == "GET" || writes.fetch_add(1, Ordering::SeqCst) + 1 != step {
                return None;
            }
            // The API does it, and nobody is left to hear of it.
            let id = pid.lock().unwrap().recv().unwrap();
            was_killed.store(true, Ordering::SeqCst); // before the test hears of its end
            let mut kill = std::process::Command::new("kill");
            let killed = kill.args(["-KILL", &id.to_string()]).status();
            assert!(killed.unwrap().success());
            Some(Meddling::After(Reply::raw(b"")))
        });
        let program = work.start(&["bootstrap", "standard", "--yes"]);
        send_id.send(program.id()).unwrap();
        program.end_within(std::time::Duration::from_secs(60));
        let finished = !killed.load(std::sync::atomic::Ordering::SeqCst);

        relay.meddle(|_, _| None);
        work.done(&["bootstrap", "standard", "--yes"]);
        relay.meddle(|_, _| None);
        work.done(&["bootstrap", "standard", "--yes"]);
        assert!(
            relay.writes().is_empty(),
            "step {step}: {:?}",
            relay.writes()
        );
        let output = work.json(&format!("{OUTPUT}/standard.json"));
        let secret = value(&output, "AUTHN_CLIENT_SECRET");
        assert!(secret.len() > 20, "step {step}: the secret is known");
        let tag = value(&output, "TAG");
        work.done(&["bootstrap", "destroy", "standard", "--confirm", &tag]);
        assert_eq!(tenant.census().await, before, "step {step}: made twice");
        if finished {
            break;
        }
    }
    assert!(step > 10, "only {step} steps");
}

/// Makes what a request meets.
type Make = fn() -> Meddling;

#[tokio::test]
async fn an_api_that_is_busy_broken_or_silent_in_between_makes_nothing_twice() {
    let tenant = EmptyTenant::start();
    let origin = format!("http://localhost:{}", tenant.port);
    let before = tenant.census().await;
    let faults: [(&str, bool, Make); 6] = [
        ("429", true, || {
            let reply = Reply::status(429).header("Retry-After", "1");
            Meddling::Instead(reply.body(
                "application/json",
                r#"{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit due to too many requests.","errorLink":"E0000047","errorId":"x","errorCauses":[]}"#,
            ))
        }),
        ("500", false, || Meddling::Instead(Reply::status(500))),
        ("garbage", false, || {
            Meddling::Instead(Reply::html("<h1>\u{1b}[31mproxy error</h1>"))
        }),
        ("nothing", false, || Meddling::Instead(Reply::raw(b""))),
        ("500 after it was done", false, || {
            Meddling::After(Reply::status(500))
        }),
        ("nothing after it was done", false, || {
            Meddling::After(Reply::raw(b""))
        }),
    ];
    for (what, must_succeed, make) in faults {
        for at in [1, 4, 9] {
            let relay = Relay::to(tenant.port, &origin);
            let mut work = tenant.work.copy();
            work.set("OKTA_TENANT", &relay.url());
            let writes = std::sync::atomic::AtomicUsize::new(0);
            relay.meddle(move |_, request| {
                use std::sync::atomic::Ordering;
                let is_write = request.method != "GET";
                (is_write && writes.fetch_add(1, Ordering::SeqCst) + 1 == at).then(make)
            });
            let ended = work.run(&["bootstrap", "standard", "--yes"]);
            let said = ended.said();
            assert!(
                !said.contains('\u{1b}') && !said.contains("panicked"),
                "{said}"
            );
            match ended.code {
                Some(0) => {}
                code => {
                    assert!(!must_succeed, "{what} at {at}: {said}");
                    assert_eq!(code, Some(1), "{what} at {at}: {said}");
                    relay.meddle(|_, _| None);
                    work.done(&["bootstrap", "standard", "--yes"]);
                }
            }
            let output = work.json(&format!("{OUTPUT}/standard.json"));
            no_secret_in(&said, &output);
            let tag = value(&output, "TAG");
            work.done(&["bootstrap", "destroy", "standard", "--confirm", &tag]);
            assert_eq!(tenant.census().await, before, "{what} at {at}: made twice");
        }
    }
}

#[tokio::test]
#[ignore = "needs npm prism and ../shared/okta: make test"]
async fn neither_a_request_of_the_bootstrap_nor_an_answer_violates_oktas_description() {
    if !Prism::is_possible() {
        return;
    }
    let tenant = EmptyTenant::start();
    let before = tenant.census().await;
    let prism = Prism::start(0, &format!("http://localhost:{}", tenant.port));
    let mut work = tenant.work.copy();
    work.set("OKTA_TENANT", prism.url());
    for way in ["standard", "mulesoft"] {
        work.done(&["bootstrap", "plan", way]);
        work.done(&["bootstrap", way, "--yes"]);
        assert!(tenant.census().await.len() > before.len() + 5);
        work.done(&["bootstrap", way, "--yes"]);
    }
    work.done(&[
        "register",
        "--name",
        "Solar System",
        "--from",
        "mulesoft",
        "--write",
    ]);
    work.done(&["bootstrap", "mulesoft_policy", "--yes"]);
    for way in ["mulesoft_policy", "mulesoft", "standard"] {
        let tag = value(&work.json(&format!("{OUTPUT}/{way}.json")), "TAG");
        work.done(&["bootstrap", "destroy", way, "--confirm", &tag]);
    }
    assert_eq!(prism.violations(), [""; 0]);
}
