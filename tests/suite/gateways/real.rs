//! A real gateway, started on loopback with a kit, under the keeper that ends it with the tests.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::ask::{Ask, Reply};
use super::world::World;
use crate::peers::Process;

/// A running gateway; ends with its value.
pub struct RealGateway {
    pub port: u16,
    process: Process,
}

impl RealGateway {
    /// Starts the program in the folder of the world's kit, with the secrets that a kit names and the other settings.
    pub fn start(world: &World, command: &[&str]) -> Self {
        Self::start_in(&world.folder, world.port, command, &settings(world))
    }

    pub fn start_in(folder: &Path, port: u16, command: &[&str], secrets: &[(&str, &str)]) -> Self {
        let process = run_in(folder, command, secrets);
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "it does not listen: {}",
                process.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { port, process }
    }

    /// Waits until it can check tokens: a good one is let in, or at least understood.
    pub fn ready(self, world: &World) -> Self {
        let good = world.issuer.issue("at+jwt", &world.issuer.claims("openid"));
        self.wait_for(&Ask::get("/asteroids").bearer(Some(&good)), &[200, 403]);
        self
    }

    /// Panics unless it says this and listens to nobody.
    pub fn refuses_to_start(world: &World, command: &[&str], said: &str) {
        let process = run_in(&world.folder, command, &settings(world));
        let started = Instant::now();
        while !process.log().contains(said) {
            let waited = started.elapsed() < Duration::from_secs(30);
            assert!(waited, "it says nothing of {said}: {}", process.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(500));
        let listens = TcpStream::connect(("127.0.0.1", world.port)).is_ok();
        assert!(!listens, "it runs with {said}: {}", process.log());
    }

    /// Asks until the answer is one of these; panics with the log after a while.
    pub fn wait_for(&self, ask: &Ask, statuses: &[u16]) {
        let started = Instant::now();
        loop {
            let reply = ask.send(self.port);
            if statuses.contains(&reply.status) {
                return;
            }
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "{ask:?} is still {reply:?}: {}",
                self.process.log()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Slow enough for every kit's rate limit.
    pub fn ask(&self, ask: &Ask) -> Reply {
        std::thread::sleep(Duration::from_millis(12));
        ask.send(self.port)
    }

    pub fn log(&self) -> String {
        self.process.log()
    }
}

fn settings(world: &World) -> Vec<(&str, &str)> {
    let settings = world.settings.iter();
    settings
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

fn run_in(folder: &Path, command: &[&str], secrets: &[(&str, &str)]) -> Process {
    // through a shell, since the keeper has no folder of its own
    let mut run = Command::new("sh");
    run.args(["-c", "cd \"$0\" && exec \"$@\""])
        .arg(folder)
        .args(command);
    run.envs(secrets.iter().copied());
    Process::start(&run, false)
}
