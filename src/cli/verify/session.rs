//! What a run is told, and how its outcome is.

use super::{Arguments, given};
use crate::{
    blueprint::{Blueprint, ClientKind},
    cli::tool::ToolError,
    clock::Clock,
    net::{Client, RawClient},
    settings::{PolicyChoice, Settings, Source},
    verify::Report,
};
use std::{
    io::{IsTerminal, Write as _},
    path::Path,
};

/// What a run is told, and what all ways to run share.
pub(super) struct Session {
    pub(super) arguments: Arguments,
    pub(super) settings: Settings,
    /// With the clients called as the settings have them.
    pub(super) blueprint: Blueprint,
    pub(super) given: given::Given,
    pub(super) http: Client,
    pub(super) clock: Clock,
}

impl Session {
    pub(super) fn new(
        arguments: Arguments,
        source: &Source,
        settings: Settings,
    ) -> Result<Self, ToolError> {
        let mut blueprint = settings.blueprint.clone();
        let app = settings.web.registration.client_id.clone();
        rename(&mut blueprint, ClientKind::App, app);
        let machine = settings.web.machine.client_id.clone();
        rename(&mut blueprint, ClientKind::Machine, machine);
        let given = given::read(&arguments.token, source, &blueprint)?;
        let roots: Vec<Vec<u8>> = settings.extra_roots.clone().into_iter().collect();
        let http = Client::new(&roots);
        let http = http.map_err(|error| ToolError::WrongUse(format!("CA_FILE: {error}")))?;
        Ok(Self {
            arguments,
            settings,
            blueprint,
            given,
            http,
            clock: Clock::system(),
        })
    }

    /// Whether neither a gateway nor a provider nor a token is named.
    pub(super) fn has_nothing_to_go_by(&self) -> bool {
        let settings = &self.settings;
        settings.issuer.is_none()
            && settings.proxy_uri.is_none()
            && settings.web.registration.client_secret.is_none()
            && self.given.is_empty()
            && !self.mints()
            && self.arguments.as_api.is_none()
    }

    /// Whether tokens are signed here.
    pub(super) fn mints(&self) -> bool {
        self.arguments.as_issuer.is_some() || self.arguments.issuer_key.is_some()
    }

    pub(super) fn introspects(&self) -> bool {
        let set = self.arguments.policy.or(self.settings.gateway.policy);
        match set {
            Some(policy) => policy == PolicyChoice::Introspection,
            // the embedded provider's gateway introspects unless it is told otherwise
            None => self.settings.gateway.introspection.is_some() || self.is_all_embedded(),
        }
    }

    pub(super) fn is_all_embedded(&self) -> bool {
        self.settings.issuer.is_none() && self.settings.proxy_uri.is_none() && !self.mints()
    }

    /// The client that people sign in through.
    pub(super) fn client_id(&self) -> String {
        let app = self
            .blueprint
            .clients
            .iter()
            .find(|client| client.kind == ClientKind::App);
        app.map(|client| client.id.clone()).unwrap_or_default()
    }

    pub(super) fn raw(&self, https: bool) -> Result<RawClient, ToolError> {
        let roots: Vec<Vec<u8>> = self.settings.extra_roots.clone().into_iter().collect();
        RawClient::new(&roots, https).map_err(|error| ToolError::Failed(error.to_string()))
    }

    pub(super) fn tell(&self, report: &Report) -> Result<(), ToolError> {
        let arguments = &self.arguments;
        if let Some(path) = &arguments.html {
            write(path, &report.html())?;
        }
        match &arguments.junit {
            Some(path) if path == Path::new("-") => print(&report.junit(arguments.strict))?,
            Some(path) => write(path, &report.junit(arguments.strict))?,
            None => {}
        }
        let in_place = arguments.junit.as_deref() == Some(Path::new("-"));
        if arguments.json {
            print(&report.json())?;
        } else if !in_place {
            print(report.text(width()).trim_end())?;
        }
        if !report.holds() {
            return Err(ToolError::Failed(report.sentence()));
        }
        if arguments.strict && report.summary.blemishes > 0 {
            let told = format!("{} Blemishes fail with --strict.", report.sentence());
            return Err(ToolError::Failed(told));
        }
        if arguments.json || in_place {
            eprintln!("{}", report.sentence());
        }
        Ok(())
    }
}

fn rename(blueprint: &mut Blueprint, kind: ClientKind, id: Option<String>) {
    let client = blueprint
        .clients
        .iter_mut()
        .find(|client| client.kind == kind);
    let (Some(client), Some(id)) = (client, id) else {
        return;
    };
    let old = std::mem::replace(&mut client.id, id.clone());
    for listed in blueprint
        .gateway
        .clients
        .iter_mut()
        .filter(|name| **name == old)
    {
        listed.clone_from(&id);
    }
}

fn write(path: &Path, text: &str) -> Result<(), ToolError> {
    std::fs::write(path, text).map_err(|error| {
        let path = path.display();
        ToolError::Failed(format!("{path} cannot be written: {error}"))
    })
}

fn print(text: &str) -> Result<(), ToolError> {
    let printed = writeln!(std::io::stdout(), "{text}");
    match printed {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(ToolError::Failed(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// How wide the terminal is, where there is one.
fn width() -> Option<u16> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let columns = std::env::var("COLUMNS").ok()?;
    columns.parse().ok().filter(|width| *width >= 60)
}

/// On a terminal: how far it is.
pub(super) fn progress(requests: usize) {
    if requests.is_multiple_of(20) && std::io::stderr().is_terminal() {
        eprint!("\r{requests} requests …\r");
    }
}
