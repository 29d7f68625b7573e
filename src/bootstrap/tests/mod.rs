//! The engine against a provider in memory.

mod applying;
mod destroying;
mod fake;
mod killed;
mod planning;
mod reviewing;
mod secrets;

use super::{
    BootstrapError, Console, Destruction, Environment, Input, Plan, Session, TargetKind, Work,
};
use crate::{blueprint::Blueprint, oauth::random_value, settings::Source};
use fake::Fake;
use serde_json::Value;
use std::{
    collections::VecDeque,
    fs, io,
    path::{Path, PathBuf},
};

/// Two levels of the tutorial's, as small as they can be.
const INPUT: &str = r#"{
    "TAG": {"objType": "string", "saveToOutput": true, "default": "{{GENERATE_TAG}}"},
    "PORT": {"objType": "string", "saveToOutput": true, "default": "8080"},
    "GROUP": {"objType": "json", "saveToOutput": true, "objectClass": "okta:user_group",
        "default": {"profile": {"name": "users {{TAG}}"}}},
    "GROUP_ID": {"objType": "string", "saveToOutput": true, "default": "{{GROUP.id}}"},
    "CLIENT": {"objType": "json", "saveToOutput": true, "objectClass": "okta:client",
        "default": {"client_name": "app {{TAG}}", "redirect_uris": ["http://localhost:{{PORT}}"]},
        "oktaEndpoint": "/oauth2/v1/clients", "IDfieldName": "client_id", "groups": ["{{GROUP_ID}}"]},
    "AUTHN_CLIENT_ID": {"objType": "string", "saveToOutput": true, "default": "{{CLIENT.client_id}}"},
    "AUTHN_CLIENT_SECRET": {"objType": "string", "saveToOutput": true, "default": "{{CLIENT.client_secret}}"},
    "SERVER": {"objType": "json", "saveToOutput": false, "objectClass": "okta:authz_server",
        "default": {"name": "server {{TAG}}"}, "oktaEndpoint": "/api/v1/authorizationServers"},
    "ISSUER": {"objType": "string", "saveToOutput": true, "default": "{{SERVER.issuer}}"},
    "FAKE_USER_PASSWORD": {"objType": "string", "default": "{{GENERATE_PASSWORD}}"},
    "SILVER_PASSWORD": {"objType": "string", "saveToOutput": true, "default": "{{FAKE_USER_PASSWORD}}"},
    "USER": {"objType": "json", "saveToOutput": true, "objectClass": "okta:user",
        "default": {"profile": {"firstName": "{{GENERATE_FIRSTNAME}}", "lastName": "{{GENERATE_LASTNAME}}",
            "login": "{{FIRSTNAME}}.{{LASTNAME}}@example.com"},
            "credentials": {"password": {"value": "{{FAKE_USER_PASSWORD}}"}},
            "groupIds": ["{{GROUP.id}}"]}},
    "SCOPE": {"objType": "json", "saveToOutput": true, "objectClass": "okta:scope",
        "default": {"name": "http://myapp.com/scp/silver"},
        "oktaEndpoint": "/api/v1/authorizationServers/{{SERVER.id}}/scopes"}
}"#;
/// How many objects it asks for.
const OBJECTS: usize = 5;

/// Whoever answers: these lines, then nobody.
#[derive(Debug, Default)]
struct Script {
    said: Vec<String>,
    answers: Option<VecDeque<&'static str>>,
    /// Prompts of questions whose answers are not shown.
    hidden: Vec<String>,
}

impl Script {
    fn answering(answers: &[&'static str]) -> Self {
        Self {
            answers: Some(answers.iter().copied().collect()),
            ..Self::default()
        }
    }

    fn text(&self) -> String {
        self.said.join("\n")
    }
}

impl Console for Script {
    fn say(&mut self, line: &str) {
        self.said.push(line.to_owned());
    }

    fn can_ask(&self) -> bool {
        self.answers.is_some()
    }

    fn ask(&mut self, prompt: &str) -> io::Result<Option<String>> {
        self.said.push(prompt.to_owned());
        let answers = self.answers.as_mut().expect("nobody is there to be asked");
        Ok(answers.pop_front().map(str::to_owned))
    }

    fn ask_hidden(&mut self, prompt: &str) -> io::Result<Option<String>> {
        self.hidden.push(prompt.to_owned());
        self.ask(prompt)
    }
}

/// A folder to work in, a provider and settings.
struct Bench {
    folder: PathBuf,
    fake: Fake,
    blueprint: Blueprint,
    source: Source,
}

impl Bench {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("bootstrap-{}", random_value()));
        fs::create_dir_all(&folder).unwrap();
        Self {
            folder,
            fake: Fake::new(),
            blueprint: Blueprint::default(),
            source: Source::default(),
        }
    }

    fn with(settings: &[(&str, &str)]) -> Self {
        let mut bench = Self::new();
        bench.source = Source::of(settings.iter().copied());
        bench
    }

    async fn session<T>(
        &self,
        name: &str,
        text: &str,
        work: impl AsyncFnOnce(&mut Session<'_>) -> Result<T, BootstrapError>,
    ) -> Result<T, BootstrapError> {
        let input = Input::parse(name, text)?;
        let tenant = ("OKTA_TENANT", self.fake.tenant.clone());
        let environment = Environment::new(&self.source, &self.blueprint, tenant);
        let mut session = Session::open(Work {
            target: &self.fake,
            kind: TargetKind::Okta,
            input: &input,
            name,
            environment: &environment,
            blueprint: &self.blueprint,
            root: &self.folder,
            out: Path::new("out"),
        })?;
        work(&mut session).await
    }

    /// Plans and applies, and says what was said.
    async fn apply_as(&self, name: &str, text: &str) -> Result<Script, BootstrapError> {
        self.session(name, text, async |session: &mut Session<'_>| {
            let mut script = Script::default();
            session.ask_missing(&mut script)?;
            let plan = session.plan().await?;
            session.apply(&plan, &mut script).await?;
            Ok(script)
        })
        .await
    }

    async fn apply(&self) -> Result<Script, BootstrapError> {
        self.apply_as("standard", INPUT).await
    }

    async fn plan(&self, text: &str) -> Result<Plan, BootstrapError> {
        self.session("standard", text, async |session: &mut Session<'_>| {
            session.ask_missing(&mut Script::default())?;
            session.plan().await
        })
        .await
    }

    async fn destroy(&self, given: Option<&str>) -> Result<Script, BootstrapError> {
        let mut script = Script::default();
        let folder = self.folder.join("out");
        let kind = TargetKind::Okta;
        let found = Destruction::list(&self.fake, kind, &folder, "standard", given).await?;
        script.said.extend(found.lines());
        found.run(&mut script).await?;
        Ok(script)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("out/{name}.json"))
    }

    fn output(&self, name: &str) -> Value {
        serde_json::from_str(&fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    /// How many writes there were since the last time.
    fn writes(&self) -> Vec<String> {
        std::mem::take(&mut self.fake.state().writes)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
