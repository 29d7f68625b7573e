//! An empty embedded provider, the engine in front of it, and whatever a test puts between the two.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use reqwest::Method;
use serde_json::Value;
use solar_system::blueprint::{Blueprint, Tenant};
use solar_system::bootstrap::okta::Okta;
use solar_system::bootstrap::{
    Console, Destruction, Environment, Input, Plan, Session, TargetKind, Work,
};
use solar_system::clock::Clock;
use solar_system::idp::{self, IdpConfig, ManagementConfig};
use solar_system::jose::Algorithm;
use solar_system::net::{Client, Listeners, Room, RunningRoom};
use solar_system::oauth::{Secret, random_value};
use solar_system::settings::Source;

use crate::http::{client, send, with_json};
use crate::peers::{Prism, free_port};

const TOKEN: &str = "00-management-token-of-the-tests";
const OUT: &str = "bootstrap/output";

pub struct Provider {
    /// Where the bootstrap finds it.
    url: String,
    pub prism: Option<Prism>,
    writes: Arc<Mutex<Vec<String>>>,
    /// Which of the writes from now on is answered with 500, though it was done.
    fails_at: Arc<AtomicUsize>,
    folder: PathBuf,
    _room: RunningRoom,
}

struct Said(Vec<String>);

impl Console for Said {
    fn say(&mut self, line: &str) {
        self.0.push(line.to_owned());
    }

    fn can_ask(&self) -> bool {
        false
    }

    fn ask(&mut self, _prompt: &str) -> std::io::Result<Option<String>> {
        Ok(None)
    }

    fn ask_hidden(&mut self, _prompt: &str) -> std::io::Result<Option<String>> {
        Ok(None)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Provider {
    pub async fn start() -> Self {
        Self::with(None).await
    }

    /// One whose links lead through the proxy in front of it.
    pub async fn behind_prism() -> Self {
        Self::with(Some(free_port())).await
    }

    async fn with(proxy: Option<u16>) -> Self {
        let listeners = Listeners::bind("127.0.0.1", 0).await.unwrap();
        let upstream = listeners.url();
        let url = proxy.map_or(upstream.clone(), |port| format!("http://127.0.0.1:{port}"));
        let (writes, fails_at) = <(Arc<Mutex<Vec<String>>>, Arc<AtomicUsize>)>::default();
        let (log, left) = (Arc::clone(&writes), Arc::clone(&fails_at));
        let meddle = move |request: Request<Body>, next: Next| {
            let mut fails = false;
            if request.method() != "GET" {
                let line = format!("{} {}", request.method(), request.uri());
                log.lock().unwrap().push(line);
                let before = left.load(SeqCst);
                left.store(before.saturating_sub(1), SeqCst);
                fails = before == 1;
            }
            async move {
                let answer = next.run(request).await;
                if fails {
                    return StatusCode::INTERNAL_SERVER_ERROR.into_response();
                }
                answer
            }
        };
        let router = idp::open(config(&url)).unwrap().router;
        let room = Room {
            name: "idp",
            listeners,
            router: router.layer(middleware::from_fn(meddle)),
        };
        let room = room.start();
        let folder = std::env::temp_dir().join(format!("okta-{}", random_value()));
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            url,
            prism: proxy.map(|port| Prism::start(port, &upstream)),
            writes,
            fails_at,
            folder,
            _room: room,
        }
    }

    fn okta(&self) -> Okta {
        let source = Source::of([
            ("OKTA_TENANT", self.url.as_str()),
            ("OKTA_API_TOKEN", TOKEN),
        ]);
        Okta::from_settings(&source, Client::new(&[]).unwrap(), Clock::system()).unwrap()
    }

    /// What was sent since the last call, but for reads.
    pub fn writes(&self) -> Vec<String> {
        std::mem::take(&mut self.writes.lock().unwrap())
    }

    /// Loses the answer to a write from now on; whether that was reached is told by the other.
    pub fn lose_answer(&self, place: usize) {
        self.fails_at.store(place, SeqCst);
    }

    pub fn has_lost_answer(&self) -> bool {
        self.fails_at.load(SeqCst) == 0
    }

    /// Plans, and applies if asked to. With what was planned, and what was said.
    pub async fn run(
        &self,
        way: &str,
        text: &str,
        set: &[(&str, &str)],
        apply: bool,
    ) -> Result<(Plan, String), String> {
        let okta = self.okta();
        let source = Source::of(set.iter().copied());
        let blueprint = Blueprint::default();
        let environment = Environment::new(&source, &blueprint, ("OKTA_TENANT", self.url.clone()));
        let input = Input::parse(way, text).unwrap();
        let mut session = Session::open(Work {
            target: &okta,
            kind: TargetKind::Okta,
            input: &input,
            name: way,
            environment: &environment,
            blueprint: &blueprint,
            root: &self.folder,
            out: Path::new(OUT),
        })
        .unwrap();
        assert_eq!(session.check().unwrap(), [""; 0], "{way}");
        let plan = session.plan().await.map_err(|error| error.to_string())?;
        let mut said = Said(Vec::new());
        if apply {
            let applied = session.apply(&plan, &mut said).await;
            applied.map_err(|error| error.to_string())?;
        }
        Ok((plan, said.0.join("\n")))
    }

    pub async fn apply(&self, way: &str, text: &str, set: &[(&str, &str)]) {
        let applied = self.run(way, text, set, true).await;
        applied.unwrap_or_else(|error| panic!("{way}: {error}"));
    }

    /// Applies, and fails if anything was sent for it.
    pub async fn changes_nothing(&self, way: &str, text: &str, set: &[(&str, &str)]) {
        self.writes();
        let (plan, said) = self.run(way, text, set, true).await.unwrap();
        assert_eq!(self.writes(), [""; 0], "{way}: {said}");
        assert!(plan.changes_nothing(), "{way}: {plan}");
    }

    pub fn output(&self, way: &str) -> Value {
        let path = self.folder.join(format!("{OUT}/{way}.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    pub async fn destroy(&self, way: &str) {
        let (okta, folder) = (self.okta(), self.folder.join(OUT));
        let list = Destruction::list(&okta, TargetKind::Okta, &folder, way, None);
        let gone = list.await.unwrap().run(&mut Said(Vec::new())).await;
        gone.unwrap_or_else(|error| panic!("{way}: {error}"));
    }

    /// Calls the management API as somebody else does.
    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let method: Method = method.parse().unwrap();
        let request = client().request(method, format!("{}{path}", self.url));
        let request = request.header("authorization", format!("SSWS {TOKEN}"));
        let answer = match body {
            Value::Null => send(request).await,
            body => send(with_json(request, body)).await,
        };
        assert!(answer.status < 300, "{path}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    pub async fn list(&self, path: &str) -> Vec<Value> {
        let rows = self.ask("GET", path, &Value::Null).await;
        rows.as_array().unwrap().clone()
    }

    /// Everything that a bootstrap could have made, by kind and name.
    pub async fn census(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (path, name) in [
            ("/api/v1/groups", "/profile/name"),
            ("/api/v1/users", "/profile/login"),
            ("/api/v1/apps", "/label"),
            ("/api/v1/authorizationServers", "/name"),
            ("/api/v1/trustedOrigins", "/name"),
        ] {
            for row in self.list(path).await {
                let name = row.pointer(name).and_then(Value::as_str).unwrap();
                all.push(format!("{path} {name}"));
            }
        }
        all
    }
}

fn config(url: &str) -> IdpConfig {
    let tenant = Tenant::of(&Blueprint::default());
    let secrets = tenant.clients.iter();
    let secrets = secrets.map(|client| (client.id.clone(), Secret::random()));
    IdpConfig {
        issuer: format!("{url}/oauth2/default"),
        client_secrets: secrets.collect(),
        tenant,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        access_token_algorithm: Algorithm::Es256,
        api_token: Some(Secret::new(TOKEN)),
        empty: true,
        state: None,
        management: ManagementConfig {
            calls_per_minute: 100_000,
            ..ManagementConfig::default()
        },
        http: solar_system::net::Client::new(&[]).unwrap(),
        clock: Clock::system(),
    }
}
