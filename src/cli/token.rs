//! `token`: an access token for a machine, and every step on the way.

use super::tool::{self, ToolError};
use crate::{
    calls::{Introspector, Machine},
    clock::Clock,
    flight::printable,
    oauth::Scopes,
    settings::{Source, TokenSettings, blueprint, http_client},
    token::{Call, Errand, as_json, as_text, machine_of},
};
use std::process::ExitCode;

/// What `--help` says below the options.
const HELP: &str = "\
Asks the token endpoint as a program does that acts for itself (client credentials, RFC 6749,
section 4.4), with MACHINE_CLIENT_ID and MACHINE_CLIENT_SECRET, at ISSUER or at the embedded
provider. Shows request and answer, the token decoded with each claim explained, what
introspection says of it if INTROSPECT_CLIENT_ID is set, and what the gateway answers. The token
itself is printed with --raw alone. Ends with 1 when anybody refuses.

Examples:
  $ MACHINE_CLIENT_SECRET_FILE=secret solar-system token --call /path/at/the/gateway
  $ TOKEN=$(solar-system token --raw)
  $ solar-system token --scope read --json | jq .token.claims";

/// What the command is told.
#[expect(
    clippy::doc_markdown,
    reason = "doc comments are help for a terminal here"
)]
#[derive(clap::Args)]
#[command(after_long_help = HELP)]
#[command(group(clap::ArgGroup::new("form").args(["raw", "json"])))]
pub(super) struct Arguments {
    /// A scope to ask for; may be repeated. Left out, those of the blueprint's machine.
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// A path at the gateway (PROXY_URI, or the embedded one) to ask for with the token.
    #[arg(long, value_name = "PATH")]
    call: Option<String>,
    /// Print the token itself, and nothing else.
    #[arg(long)]
    raw: bool,
    /// Print one JSON object, without the token.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    tool::run(|source| async move { token(&source, &arguments).await })
}

async fn token(source: &Source, arguments: &Arguments) -> Result<(), ToolError> {
    let errand = errand(source, arguments)?;
    let issuer = &errand.issuer;
    let story = errand.run().await.map_err(|error| {
        let embedded = source.origin("ISSUER").is_none();
        let hint = if embedded {
            "\nhint: ISSUER is not set, so the embedded provider is meant; start it with: solar-system"
        } else {
            "\nhint: look whether the provider runs and whether ISSUER is right"
        };
        ToolError::Failed(format!("{issuer}: {error}{hint}"))
    })?;
    let now = Clock::system().now();
    if arguments.json {
        tool::print(&as_json(&story))?;
    } else if arguments.raw {
        match story.raw() {
            Some(token) => tool::print(&format!("{}\n", token.expose()))?,
            None => eprint!("{}", as_text(&story, now)),
        }
    } else {
        tool::print(&as_text(&story, now))?;
    }
    if story.is_good() {
        return Ok(());
    }
    Err(ToolError::Failed(match &story.token.outcome {
        Err(refusal) => refusal.to_string(),
        Ok(_) => "not every step was answered as it should be".to_owned(),
    }))
}

fn errand(source: &Source, arguments: &Arguments) -> Result<Errand, ToolError> {
    let settings = TokenSettings::read(source)?;
    let blueprint = blueprint(source)?;
    let machine = machine_of(&blueprint);
    let (known_id, known_scopes) = machine.unzip();
    let client_id = settings.client_id.or(known_id);
    let client_id = client_id.ok_or_else(|| {
        ToolError::WrongUse(
            "MACHINE_CLIENT_ID: is needed, since the blueprint has no machine".to_owned(),
        )
    })?;
    let client_secret = settings.client_secret.ok_or_else(|| {
        ToolError::WrongUse("MACHINE_CLIENT_SECRET: is needed: the machine's secret at the provider; the embedded provider prints one at its start, or takes one that is set for both".to_owned())
    })?;
    let scopes = if arguments.scope.is_empty() {
        known_scopes.unwrap_or_default()
    } else {
        let given = arguments.scope.join(" ");
        Scopes::parse(&given).map_err(|error| ToolError::WrongUse(format!("--scope: {error}")))?
    };
    let call = match &arguments.call {
        None => None,
        Some(path) => Some(
            Call::to(path, &settings.gateway, &blueprint).map_err(|error| {
                ToolError::WrongUse(format!("--call: {}", printable(&error, 300)))
            })?,
        ),
    };
    Ok(Errand {
        http: http_client(source)?,
        issuer: settings.issuer,
        machine: Machine {
            client_id,
            client_secret,
            scopes,
            audience: settings.audience,
        },
        introspector: settings.introspection.map(|client| Introspector {
            client_id: client.client_id,
            client_secret: client.client_secret,
        }),
        call,
    })
}
