//! How each gateway is started, and what is known of it: the rest of these tests is the same for all.

use std::fs;
use std::path::Path;

use super::issuer::Issuer;
use super::matrix::Blemishes;
use super::real::RealGateway;
use super::world::World;
use super::{apache, caddy, envoy, haproxy, krakend, nginx, openidc};
use crate::program::empty_folder;

/// A gateway that a kit runs in here.
pub struct Gateway {
    /// What its kit is called.
    pub kit: &'static str,
    pub policies: &'static [&'static str],
    /// Options of `kit` that only this one takes.
    pub options: fn() -> Vec<String>,
    /// What to run in this folder of the kit, for this policy. It is told the settings that the kit was written with.
    pub command: fn(&Path, &str) -> Vec<String>,
    /// It can be told one algorithm alone.
    pub one_algorithm: bool,
    /// It takes no issuer without TLS.
    pub wants_tls: bool,
    pub known: Blemishes,
}

/// All of them. A kit that says of itself that it runs stands here, or a test says so.
pub const GATEWAYS: [&Gateway; 7] = [
    &apache::GATEWAY,
    &openidc::GATEWAY,
    &caddy::GATEWAY,
    &envoy::GATEWAY,
    &haproxy::GATEWAY,
    &krakend::GATEWAY,
    &nginx::GATEWAY,
];

impl Gateway {
    /// Options of `kit` for an issuer that signs with this.
    pub fn arguments(&self, algorithm: &str) -> Vec<String> {
        let mut options = (self.options)();
        if self.one_algorithm {
            options.extend(words(&["--algorithm", algorithm]));
        }
        options
    }

    /// Starts it in the folder of its kit, and does not wait longer than until it listens.
    pub fn run_in(
        &self,
        kit: &Path,
        port: u16,
        policy: &str,
        settings: &[(&str, &str)],
    ) -> RealGateway {
        let command = (self.command)(kit, policy);
        RealGateway::start_in(kit, port, &texts(&command), settings)
    }

    /// The kit before an issuer of these tests.
    pub fn world(&self, policy: &'static str) -> World {
        self.around(self.issuer(), None, policy)
    }

    /// The same for another scenario.
    pub fn world_of(&self, blueprint: &str, policy: &'static str) -> World {
        self.around(self.issuer(), Some(blueprint), policy)
    }

    /// The same before an issuer that is down.
    pub fn world_without_issuer(&self, policy: &'static str) -> World {
        self.around(self.issuer().silenced(), None, policy)
    }

    fn issuer(&self) -> Issuer {
        if self.wants_tls {
            Issuer::behind_tls()
        } else {
            Issuer::start()
        }
    }

    fn around(&self, issuer: Issuer, blueprint: Option<&str>, policy: &'static str) -> World {
        let file = blueprint.map(|text| {
            let file = empty_folder().join("blueprint.toml");
            fs::write(&file, text).unwrap();
            file
        });
        let file = file.as_ref().map(|file| file.to_str().unwrap());
        let arguments = self.arguments("ES256");
        World::around(issuer, file, self.kit, policy, &texts(&arguments))
    }

    /// Starts it, and does not wait longer than until it listens.
    pub fn launch(&self, world: &World) -> RealGateway {
        let command = (self.command)(&world.folder, world.policy);
        RealGateway::start(world, &texts(&command))
    }

    /// Starts it, and waits until it lets a good token in, or at least understands it.
    pub fn start(&self, world: &World) -> RealGateway {
        self.launch(world).ready(world)
    }
}

/// A command and its arguments.
pub fn words(command: &[&str]) -> Vec<String> {
    command.iter().map(|word| (*word).to_owned()).collect()
}

pub fn texts(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
