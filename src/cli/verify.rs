//! `verify`: the access matrix of a gateway.

mod configured;
mod given;
mod issuer;
mod own;
mod session;

use super::tool::{self, ToolError};
use crate::{
    settings::{Command, PolicyChoice, Settings, Source},
    verify::ScopeClaims,
};
use session::Session;
use std::{path::PathBuf, process::ExitCode};

/// Prove that a gateway lets in whom it should, and nobody else: the access matrix
///
/// It asks a gateway for every resource of the blueprint, and for what lies beside it, as every kind of
/// caller there is: without a token, with junk, with forged, expired, foreign and misplaced tokens, and
/// with real ones of every level. Then it says who was let in, who should have been, and what would
/// mend the difference.
///
/// Without settings it starts a gateway of its own and verifies that:
///
///   $ solar-system verify
///
/// Your gateway and provider, by the settings that the app has (PROXY_URI, ISSUER, AUTHN_CLIENT_ID,
/// <LEVEL>_USERNAME, <LEVEL>_PASSWORD, MACHINE_CLIENT_SECRET …). People sign in through the provider's
/// pages; where these are not known, give a token from a file, from standard input, or as <LEVEL>_TOKEN:
///
///   $ PROXY_URI=https://gateway.example.com GATEWAY=kong solar-system verify --html matrix.html
///   $ solar-system verify --token LEVEL=@token.txt
///
/// Only an issuer can sign a token that is expired or meant for somebody else. Let verify be the
/// issuer and the API, point the gateway at both, and every row is tested:
///
///   $ PROXY_URI=http://localhost:9080 solar-system verify --as-issuer 9000 --as-api 9001 --wait 60
///
/// It exits with 0 when nobody was let in who must not be and nobody refused who may (blemishes are
/// listed; --strict makes them fail), with 1 otherwise, and with 2 for a wrong command or setting.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
#[expect(clippy::doc_markdown, reason = "it is printed as it is written")]
pub(super) struct Arguments {
    /// A token of a level, or of the machine by its client id: @FILE, - for standard input, or (seen by
    /// everybody on this machine) the token itself
    #[arg(long, value_name = "LEVEL=@FILE")]
    token: Vec<String>,
    /// Be the issuer on this port of localhost: the gateway must be configured for it (`ISSUER`, or
    /// http://localhost:PORT)
    #[arg(long, value_name = "PORT")]
    as_issuer: Option<u16>,
    /// The issuer's private key (PEM or JWK), to sign tokens with faults in them
    #[arg(long, value_name = "FILE")]
    issuer_key: Option<PathBuf>,
    /// What the issuer signs with, when verify makes its key: RS256 or ES256
    #[arg(
        long,
        value_name = "ALG",
        default_value = "RS256",
        requires = "as_issuer"
    )]
    issuer_alg: String,
    /// In which claims scopes stand in minted tokens
    #[arg(long, value_name = "scope|scp|both", default_value = "both")]
    scope_claims: ScopeClaims,
    /// Be the API behind the gateway on this port of localhost, and see what reaches it
    #[arg(long, value_name = "PORT")]
    as_api: Option<u16>,
    /// How the gateway checks tokens: by asking the issuer, or by its keys [default: `GATEWAY_POLICY`]
    #[arg(long, value_name = "introspection|jwt", value_parser = policy)]
    policy: Option<PolicyChoice>,
    /// Send forgeries to a gateway on another machine too: only to one that is yours
    #[arg(long)]
    forged: bool,
    /// Requests a second at most [default: 20; without limit for a gateway of its own]
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    rate: Option<f64>,
    /// Requests at most
    #[arg(long, value_name = "NUMBER", default_value_t = 5000)]
    max: usize,
    /// Wait so many seconds for the gateway to answer at all
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// Exit with 1 for blemishes too
    #[arg(long)]
    strict: bool,
    /// Print JSON in place of the tables
    #[arg(long)]
    json: bool,
    /// Write JUnit's XML to a file, or print it in place of the tables
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", conflicts_with = "json")]
    junit: Option<PathBuf>,
    /// Write one self-contained page to a file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

fn policy(text: &str) -> Result<PolicyChoice, &'static str> {
    match text {
        "introspection" => Ok(PolicyChoice::Introspection),
        "jwt" => Ok(PolicyChoice::Jwt),
        _ => Err("introspection or jwt"),
    }
}

fn rate(text: &str) -> Result<f64, &'static str> {
    let rate: f64 = text.parse().map_err(|_| "a number of requests a second")?;
    if (0.01..=10_000.0).contains(&rate) {
        Ok(rate)
    } else {
        Err("from 0.01 to 10000 requests a second")
    }
}

/// Runs it.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    tool::run_at("off", |source| verify(arguments, source))
}

async fn verify(arguments: Arguments, source: Source) -> Result<(), ToolError> {
    let settings = Settings::read(Command::Idp, &source)?; // the command that needs the least
    for warning in &settings.warnings {
        eprintln!("warning: {warning}");
    }
    let session = Session::new(arguments, &source, settings)?;
    let report = if session.has_nothing_to_go_by() {
        own::verify(&session).await?
    } else if session.mints() {
        issuer::verify(&session).await?
    } else {
        configured::verify(&session).await?
    };
    session.tell(&report)
}
