//! `kit`: the configuration of somebody's own gateway.

use super::tool::{self, ToolError};
use crate::{
    jose::Algorithm,
    kit::{Ask, Bundle, Facts, KITS, Kit, gather},
    net::Client,
    settings::{Command, PolicyChoice, Settings, Source},
};
use std::{io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode};

/// Writes what makes a gateway enforce the blueprint's policy: its configuration, and a README of the
/// few steps. Values come from the settings in force and from what the issuer says of itself; each is
/// printed with where it comes from. No secret stands in a kit: it names the variables that hold them.
///
/// Example:
///
///   $ solar-system kit                       the gateways there are kits for
///   $ solar-system kit envoy                 the files it would write
///   $ solar-system kit envoy --out gateway   writes them into ./gateway
///   $ solar-system kit envoy --print envoy.yaml
///
/// A gateway that cannot express the policy is refused with the reason.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The gateway, in any case; without one, all of them are listed
    gateway: Option<String>,
    /// Write the files into this folder, which is made, or must be empty
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write over what is in the folder
    #[arg(long, requires = "out")]
    force: bool,
    /// Print one file of the kit
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    print: Option<String>,
    /// How the gateway checks tokens: by asking the issuer, or by its keys
    #[arg(long, value_name = "introspection|jwt", value_parser = policy)]
    policy: Option<PolicyChoice>,
    /// Where the gateway listens: an address and a port [default: 127.0.0.1 and `GATEWAY_PORT`]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where the issuer's keys are, when its discovery does not say it
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// Where to ask about tokens, when the issuer's discovery does not say it
    #[arg(long, value_name = "URL")]
    introspection_endpoint: Option<String>,
    /// What access tokens are signed with [default: what the issuer may use]
    #[arg(long, value_name = "ES256|RS256|…")]
    algorithm: Option<Algorithm>,
    /// The claim with a token's scopes, for gateways that read one alone
    #[arg(long, value_name = "scope|scp", value_parser = scope_claim)]
    scope_claim: Option<&'static str>,
    /// Where the embedded gateway decides, for kits that ask it [default: `GATEWAY_HOST`, `GATEWAY_PORT` and /decision]
    #[arg(long, value_name = "URL")]
    decision: Option<String>,
    /// Write it although the gateway cannot check all of a token; the kit's README says what it leaves out
    #[arg(long)]
    with_holes: bool,
}

fn policy(text: &str) -> Result<PolicyChoice, &'static str> {
    match text {
        "introspection" => Ok(PolicyChoice::Introspection),
        "jwt" => Ok(PolicyChoice::Jwt),
        _ => Err("introspection or jwt"),
    }
}

fn scope_claim(text: &str) -> Result<&'static str, &'static str> {
    match text {
        "scope" => Ok("scope"),
        "scp" => Ok("scp"),
        _ => Err("scope or scp"),
    }
}

/// Runs it.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    tool::run(|source| write(arguments, source))
}

async fn write(arguments: Arguments, source: Source) -> Result<(), ToolError> {
    let Some(name) = &arguments.gateway else {
        return list();
    };
    let kit = Kit::named(name).map_err(|refused| ToolError::Failed(refused.to_string()))?;
    let settings = Settings::read(Command::Idp, &source)?; // the command that needs the least
    let roots: Vec<Vec<u8>> = settings.extra_roots.clone().into_iter().collect();
    let http =
        Client::new(&roots).map_err(|error| ToolError::WrongUse(format!("CA_FILE: {error}")))?;
    let ask = Ask {
        policy: arguments.policy,
        listen: arguments.listen,
        jwks_uri: arguments.jwks_uri,
        introspection_endpoint: arguments.introspection_endpoint,
        algorithm: arguments.algorithm,
        scope_claim: arguments.scope_claim,
        decision: arguments.decision,
        with_holes: arguments.with_holes,
    };
    let facts = gather(kit, &settings, &ask, &http).await;
    let facts = facts.map_err(|error| ToolError::Failed(error.to_string()))?;
    let bundle = kit.bundle(&facts);
    let bundle = bundle.map_err(|refused| {
        ToolError::Failed(format!("no kit for {} was written: {refused}", kit.title))
    })?;
    if let Some(name) = &arguments.print {
        return print(&bundle, name);
    }
    say_origins(&facts);
    if let Some(folder) = &arguments.out {
        let written = bundle.write(folder, arguments.force);
        written.map_err(|error| ToolError::Failed(error.to_string()))?;
        for file in bundle.files() {
            data(&format!("{}\n", folder.join(&file.name).display()))?;
        }
        eprintln!(
            "next: {} says the few steps",
            folder.join("README.md").display()
        );
        return Ok(());
    }
    for file in bundle.files() {
        data(&format!("{}\n", file.name))?;
    }
    eprintln!("next: --out DIR writes these files, --print FILE shows one");
    Ok(())
}

fn list() -> Result<(), ToolError> {
    for kit in KITS {
        data(&format!(
            "{:<10} {} {} or newer; policies: {}; {}\n",
            kit.name,
            kit.title,
            kit.oldest,
            kit.policy_names(),
            kit.proof.words()
        ))?;
    }
    eprintln!("next: solar-system kit GATEWAY --out DIR");
    Ok(())
}

fn print(bundle: &Bundle, name: &str) -> Result<(), ToolError> {
    let Some(file) = bundle.file(name) else {
        let names: Vec<&str> = bundle
            .files()
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        let names = names.join(", ");
        return Err(ToolError::WrongUse(format!(
            "the kit has no file {name:?}; it has {names}"
        )));
    };
    out(&file.contents)
}

fn say_origins(facts: &Facts) {
    for (what, value, from) in facts.origins() {
        let line = format!("{what:<20} {value}  (from {from})");
        let line: String = line
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        eprintln!("{line}");
    }
    if !facts.listen.value.ip().is_loopback() {
        eprintln!("note: this listens without TLS beyond this machine; end TLS in front of it");
    }
}

fn data(text: &str) -> Result<(), ToolError> {
    out(text.as_bytes())
}

fn out(bytes: &[u8]) -> Result<(), ToolError> {
    match std::io::stdout().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(ToolError::Failed(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
