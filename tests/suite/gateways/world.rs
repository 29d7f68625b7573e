//! An issuer, an API, and the kit that was written for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::issuer::{CLIENT, Issuer};
use crate::misbehaving::{Received, Reply, Server};
use crate::peers::free_port;
use crate::program::empty_folder;

pub const API_KEY: &str = "what the gateway shows the API, 32 bytes";

/// What stands around a gateway, and the folder with its kit.
pub struct World {
    /// Whom the gateway believes; or, where that is somebody else's provider, a stranger that forges its tokens.
    pub issuer: Issuer,
    pub api: Server,
    pub port: u16,
    pub folder: PathBuf,
    pub policy: &'static str,
    /// The file of the scenario; empty for the default one.
    pub blueprint: String,
    /// What the kit was written with, and what a gateway may be told besides.
    pub settings: Vec<(String, String)>,
}

impl World {
    /// Writes the kit of a gateway as a user does: with the program.
    pub fn new(kit: &str, policy: &'static str, arguments: &[&str]) -> Self {
        Self::around(Issuer::start(), None, kit, policy, arguments)
    }

    /// For a kit that takes public addresses alone: it is written for such, and the world's are put in their place.
    pub fn public(issuer: Issuer, kit: &str, policy: &'static str) -> Self {
        const ISSUER: &str = "https://idp.example.com/oauth2/default";
        const API: &str = "https://api.example.com";
        let mut world = Self::standing(issuer, policy);
        let settings = [
            ("ISSUER", ISSUER),
            ("API_URI", API),
            ("INTROSPECT_CLIENT_ID", CLIENT.0),
            ("INTROSPECT_CLIENT_SECRET", CLIENT.1),
        ];
        // nobody answers there, and the shape of the issuer says the rest
        world.folder = write_kit(kit, policy, world.port, &settings, &[]);
        for entry in fs::read_dir(&world.folder).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let text = text.replace(ISSUER, &world.issuer.identifier());
            fs::write(&path, text.replace(API, &world.api.url())).unwrap();
        }
        world
    }

    /// Around this issuer, with the scenario of this file.
    pub fn around(
        issuer: Issuer,
        blueprint: Option<&str>,
        kit: &str,
        policy: &'static str,
        arguments: &[&str],
    ) -> Self {
        let (identifier, roots) = (issuer.identifier(), issuer.roots().to_owned());
        let settings = [
            ("ISSUER", identifier.as_str()),
            ("CA_FILE", &roots),
            ("BLUEPRINT", blueprint.unwrap_or_default()),
            ("INTROSPECT_CLIENT_ID", CLIENT.0),
            ("INTROSPECT_CLIENT_SECRET", CLIENT.1),
        ];
        Self::written(issuer, &settings, kit, policy, arguments)
    }

    /// Before somebody else's provider, which these settings and arguments name.
    pub fn before(
        kit: &str,
        policy: &'static str,
        settings: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        Self::written(Issuer::start(), settings, kit, policy, arguments)
    }

    fn written(
        issuer: Issuer,
        settings: &[(&str, &str)],
        kit: &str,
        policy: &'static str,
        arguments: &[&str],
    ) -> Self {
        let mut world = Self::standing(issuer, policy);
        let url = world.api.url();
        let settings = [&[("API_URI", url.as_str()), ("API_KEY", API_KEY)], settings].concat();
        world.folder = write_kit(kit, policy, world.port, &settings, arguments);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        world.settings = settings.iter().map(owned).collect();
        let mut settings = settings.iter();
        let blueprint = settings.find(|(name, _)| *name == "BLUEPRINT");
        world.blueprint = blueprint.map_or_else(String::new, |(_, file)| (*file).to_owned());
        world
    }

    /// Issuer and API, and no kit yet.
    fn standing(issuer: Issuer, policy: &'static str) -> Self {
        let api = Server::start(0, |request| {
            if request.header("x-api-key").as_deref() != Some(API_KEY) {
                return Reply::status(403).header("x-refused", "key");
            }
            match request.method.as_str() {
                "HEAD" => Reply::status(200),
                _ => Reply::json(&json!([request.path])),
            }
        });
        Self {
            issuer,
            api,
            port: free_port(),
            folder: PathBuf::new(),
            policy,
            blueprint: String::new(),
            settings: [("API_KEY", API_KEY), ("INTROSPECT_CLIENT_SECRET", CLIENT.1)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        }
    }

    /// What has reached the API since this was asked last.
    pub fn reached(&self) -> Vec<Received> {
        let received = self.api.received();
        self.api.forget_received();
        received
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Changes files of a kit: in which, what, by what. Panics when that changes nothing.
pub fn put(folder: &Path, edits: &[(&str, &str, &str)]) {
    for (name, before, after) in edits {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{name} holds no {before}");
        fs::write(path, text.replace(before, after)).unwrap();
    }
}

/// Runs `solar-system kit` and returns the folder with what it wrote.
pub fn write_kit(
    kit: &str,
    policy: &str,
    port: u16,
    settings: &[(&str, &str)],
    arguments: &[&str],
) -> PathBuf {
    try_kit(kit, policy, port, settings, arguments).unwrap_or_else(|said| panic!("{said}"))
}

/// The same, or what the program says in its place.
pub fn try_kit(
    kit: &str,
    policy: &str,
    port: u16,
    settings: &[(&str, &str)],
    arguments: &[&str],
) -> Result<PathBuf, String> {
    let folder = empty_folder();
    let mut command = Command::new(env!("CARGO_BIN_EXE_solar-system"));
    command
        .current_dir(&folder)
        .env_clear()
        .envs(settings.iter().copied());
    command.args([
        "kit",
        kit,
        "--policy",
        policy,
        "--out",
        "kit",
        "--listen",
        &format!("127.0.0.1:{port}"),
    ]);
    let output = command.args(arguments).output().unwrap();
    if output.status.success() {
        Ok(folder.join("kit"))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
