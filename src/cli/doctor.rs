//! `doctor`: whether what is set up fits together.

use super::tool::{self, ToolError};
use crate::{
    clock::Clock,
    doctor::{CHECKS, Limits, Patient, Report, examine, examine_only, read_settings},
    settings::{Settings, Source},
    stack::{self, Known, Running},
};
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tokio::net::TcpStream;

/// Find out why a setup does not work: settings, provider, app and gateway, check by check
///
/// The checks go in the order in which a setup comes to stand: settings, names, TLS, discovery, keys, clocks,
/// redirect URI, client secret, PKCE, a sign-in at each level, the token, introspection, sign-out, gateway.
/// Each says what was seen; what is not as it should be comes with its reason and with what mends it. A
/// check that stands on one that failed is skipped, and says so. It asks as an outsider would, a few requests a
/// check, and signs people in where it knows them (<LEVEL>_USERNAME, <LEVEL>_PASSWORD).
///
///   $ solar-system doctor
///
/// It examines what the settings name. Where they name neither a provider nor a gateway, it examines the rooms of
/// this machine if they are running (at IDP_PORT and GATEWAY_PORT); if they are not, it starts rooms of its own on
/// free ports, examines those, and ends them. Secrets that the running rooms made for themselves are known to
/// them alone: the app's page /doctor runs the same checks with them (it is there where the app is for this machine
/// alone, else with DOCTOR_PAGE=true).
///
///   $ ISSUER=https://idp.example.com AUTHN_CLIENT_ID=… AUTHN_CLIENT_SECRET_FILE=… solar-system doctor
///   $ solar-system doctor --only redirect --only client
///   $ solar-system doctor --json | jq '.findings[] | select(.verdict != "pass")'
///
/// It exits with 0 when nothing failed (blemishes are listed; --strict makes them fail), with 1 when something
/// did, and with 2 for a wrong command. docs/doctor.md lists every check.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
#[expect(clippy::doc_markdown, reason = "it is printed as it is written")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command"
)]
pub(super) struct Arguments {
    /// Run this check, and those that it stands on; may be given more than once
    #[arg(long, value_name = "CHECK")]
    only: Vec<String>,
    /// Name the checks, and run none
    #[arg(long, conflicts_with_all = ["only", "json", "junit"])]
    list: bool,
    /// Show what was sent and what came back for every check, not just for what failed
    #[arg(long, short)]
    verbose: bool,
    /// Exit with 1 for blemishes too
    #[arg(long)]
    strict: bool,
    /// Print JSON in place of the table
    #[arg(long)]
    json: bool,
    /// Write JUnit's XML to a file, or print it in place of the table
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", conflicts_with = "json")]
    junit: Option<PathBuf>,
}

/// Runs it.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    tool::run_at("off", |source| doctor(arguments, source))
}

async fn doctor(arguments: Arguments, source: Source) -> Result<(), ToolError> {
    if arguments.list {
        let wide = CHECKS.iter().map(|check| check.id.len()).max();
        let wide = wide.unwrap_or_default();
        let line = |check: &crate::doctor::Check| format!("{:<wide$}  {}\n", check.id, check.title);
        return tool::print(&CHECKS.iter().map(line).collect::<String>());
    }
    let (settings, seen) = read_settings(&source);
    let settings = settings.ok_or_else(|| {
        let lines: Vec<&str> = seen
            .problems
            .iter()
            .map(|problem| problem.sentence.as_str())
            .collect();
        ToolError::WrongUse(format!("too many settings are wrong: {}", lines.join("; ")))
    })?;
    let nothing_named = settings.issuer.is_none() && settings.proxy_uri.is_none();
    let own = nothing_named && seen.problems.is_empty() && !rooms_run(&settings).await;
    let running = if own {
        eprintln!(
            "Neither a provider nor a gateway is set, and none is running here: doctor starts rooms of its own on free ports."
        );
        Some(start(settings.clone()).await?)
    } else {
        None
    };
    let known = known(&settings, running.as_ref());
    let settings = match &running {
        Some(running) => at(settings, running),
        None => settings,
    };
    let patient = stack::patient(settings, seen, &known);
    let patient = patient.map_err(|error| ToolError::WrongUse(error.to_string()))?;
    let report = report(&arguments, patient).await;
    if let Some(running) = running {
        running.stop().await;
    }
    tell(&arguments, &report?)
}

/// What is known of what was made up: all of it where the rooms are doctor's own. The blueprint's people
/// and their passwords are those of every embedded provider.
fn known(settings: &Settings, running: Option<&Running>) -> Known {
    if let Some(running) = running {
        return Known {
            clients: running.clients.clone(),
            people: running.people.clone(),
        };
    }
    let people = match settings.issuer {
        None => stack::people::of_the_blueprint(&settings.blueprint),
        Some(_) => Vec::new(),
    };
    Known {
        people,
        ..Known::default()
    }
}

async fn report(arguments: &Arguments, patient: Patient) -> Result<Report, ToolError> {
    let title = patient.title.clone();
    let findings = if arguments.only.is_empty() {
        examine(patient, Limits::TERMINAL).await
    } else {
        let examined = examine_only(patient, Limits::TERMINAL, &arguments.only).await;
        examined.map_err(|error| ToolError::WrongUse(error.to_string()))?
    };
    Ok(Report::of(title, findings))
}

fn tell(arguments: &Arguments, report: &Report) -> Result<(), ToolError> {
    let in_place = arguments.junit.as_deref() == Some("-".as_ref());
    match &arguments.junit {
        Some(_) if in_place => tool::print(&report.junit(arguments.strict))?,
        Some(path) => std::fs::write(path, report.junit(arguments.strict)).map_err(|error| {
            ToolError::Failed(format!("{} cannot be written: {error}", path.display()))
        })?,
        None => {}
    }
    if arguments.json {
        tool::print(&format!("{}\n", report.json()))?;
    } else if !in_place {
        tool::print(&report.text(arguments.verbose))?;
    }
    let blemished = arguments.strict && report.summary.blemishes > 0;
    if !report.holds() || blemished {
        return Err(ToolError::Failed(report.sentence()));
    }
    if arguments.json || in_place {
        eprintln!("{}", report.sentence());
    }
    Ok(())
}

/// Whether somebody listens where the embedded provider or gateway would.
async fn rooms_run(settings: &Settings) -> bool {
    for (host, port) in [
        (&settings.idp.host, settings.idp.port),
        (&settings.gateway.host, settings.gateway.port),
    ] {
        let host = host.trim_matches(['[', ']']);
        let connected = TcpStream::connect((host, port));
        let connected = tokio::time::timeout(Duration::from_secs(2), connected).await;
        if matches!(connected, Ok(Ok(_))) {
            return true;
        }
    }
    false
}

async fn start(mut settings: Settings) -> Result<Running, ToolError> {
    settings.web.port = 0;
    settings.web.redirect_uri = None;
    settings.idp.port = 0;
    settings.idp.state = None; // what the user's own provider keeps is not ours to write
    settings.gateway.port = 0;
    settings.api.port = 0;
    let running = stack::start(settings, Clock::system()).await;
    running.map_err(|error| ToolError::Failed(error.to_string()))
}

/// The settings as they are where the rooms were put up.
fn at(mut settings: Settings, running: &Running) -> Settings {
    let port = |url: Option<&String>| {
        let url = url::Url::parse(url?).ok()?;
        url.port_or_known_default()
    };
    let addresses = &running.addresses;
    settings.web.redirect_uri = None;
    settings.web.port = port(addresses.web.as_ref()).unwrap_or_default();
    settings.idp.port = port(addresses.idp.as_ref()).unwrap_or_default();
    settings.gateway.port = port(Some(&addresses.gateway)).unwrap_or_default();
    settings
}
