//! An issuer, an API, and the kit that was written for them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use super::issuer::{CLIENT, Issuer};
use crate::misbehaving::{Received, Reply, Server};
use crate::peers::free_port;
use crate::program::empty_folder;

pub const API_KEY: &str = "what the gateway shows the API, 32 bytes";

/// What stands around a gateway, and the folder with its kit.
pub struct World {
    pub issuer: Issuer,
    pub api: Server,
    pub port: u16,
    pub folder: PathBuf,
    pub policy: &'static str,
}

impl World {
    /// Writes the kit of a gateway as a user does: with the program.
    pub fn new(kit: &str, policy: &'static str, arguments: &[&str]) -> Self {
        Self::around(Issuer::start(), None, kit, policy, arguments)
    }

    /// The same with an issuer that nobody can ask anything.
    pub fn without_issuer(kit: &str, policy: &'static str, arguments: &[&str]) -> Self {
        Self::around(Issuer::silent(), None, kit, policy, arguments)
    }

    /// The same for another scenario.
    pub fn of(blueprint: &str, kit: &str, policy: &'static str, arguments: &[&str]) -> Self {
        let path = empty_folder().join("blueprint.toml");
        fs::write(&path, blueprint).unwrap();
        let path = path.to_str();
        Self::around(Issuer::start(), path, kit, policy, arguments)
    }

    fn around(
        issuer: Issuer,
        blueprint: Option<&str>,
        kit: &str,
        policy: &'static str,
        arguments: &[&str],
    ) -> Self {
        let api = Server::start(0, |request| {
            if request.header("x-api-key").as_deref() != Some(API_KEY) {
                return Reply::status(403).header("x-refused", "key");
            }
            match request.method.as_str() {
                "HEAD" => Reply::status(200),
                _ => Reply::json(&json!([request.path])),
            }
        });
        let port = free_port();
        let (identifier, url) = (issuer.identifier(), api.url());
        let settings = [
            ("ISSUER", identifier.as_str()),
            ("API_URI", &url),
            ("BLUEPRINT", blueprint.unwrap_or_default()),
            ("INTROSPECT_CLIENT_ID", CLIENT.0),
            ("INTROSPECT_CLIENT_SECRET", CLIENT.1),
        ];
        let folder = write_kit(kit, policy, port, &settings, arguments);
        Self {
            issuer,
            api,
            port,
            folder,
            policy,
        }
    }

    /// Changes a file of the kit; panics when that changes nothing.
    pub fn edit(&self, name: &str, change: impl FnOnce(&str) -> String) {
        let path = self.folder.join(name);
        let before = fs::read_to_string(&path).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "the fault is not in {name}");
        fs::write(path, after).unwrap();
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

/// Runs `solar-system kit` and returns the folder with what it wrote.
pub fn write_kit(
    kit: &str,
    policy: &str,
    port: u16,
    settings: &[(&str, &str)],
    arguments: &[&str],
) -> PathBuf {
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
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder.join("kit")
}
