//! `settings`: what a gateway and the app need, and where each value comes from.

use super::tool::{self, ToolError};
use crate::{
    settings::{Outputs, Source, blueprint},
    settings_for::{GATEWAYS, Places, Sheet, as_env, as_json, as_table, gateway, write_env},
};
use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

/// What `--help` says below the options.
const HELP: &str = "\
Looks into the environment, .env, and what bootstrap and register left, in this order, and says
of each setting where it was found. Ends with 1 when something that is needed is missing.

Examples:
  $ solar-system settings mulesoft_introspect     what the portal's client provider asks for
  $ solar-system settings aws --from keycloak     from another bootstrap's output
  $ solar-system settings mulesoft --write        merge the app's part into .env
  $ solar-system settings kong --json | jq -r .JWKS_URI";

/// What the command is told.
#[expect(
    clippy::struct_excessive_bools,
    clippy::doc_markdown,
    reason = "each is an option of its own, and its doc comment is help for a terminal"
)]
#[derive(clap::Args)]
#[command(after_long_help = HELP)]
#[command(group(clap::ArgGroup::new("form").args(["env", "json", "write"])))]
pub(super) struct Arguments {
    /// The gateway, such as mulesoft_introspect, mulesoft, aws, kong, swag, tyk, embedded.
    #[arg(allow_hyphen_values = true)]
    gateway: String,
    /// The bootstrap whose output is read, by name; left out, the gateway's own.
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// The folder of the outputs.
    #[arg(long, value_name = "DIR", default_value = "bootstrap/output")]
    out: PathBuf,
    /// Print lines for .env, secrets included.
    #[arg(long)]
    env: bool,
    /// Print one JSON object, secrets included.
    #[arg(long)]
    json: bool,
    /// Merge into this file: names that are there are replaced, nothing else is touched.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = ".env")]
    write: Option<PathBuf>,
    /// Let the output win over .env, after a new bootstrap. The environment wins in any case.
    #[arg(long)]
    refresh: bool,
    /// Let --env and --json print secrets to a terminal.
    #[arg(long)]
    show_secrets: bool,
}

/// Runs it.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    tool::run(|source| async move { settings(&source, &arguments) })
}

fn settings(source: &Source, arguments: &Arguments) -> Result<(), ToolError> {
    let Some(gateway) = gateway(&arguments.gateway) else {
        let names: Vec<&str> = GATEWAYS.iter().map(|gateway| gateway.name).collect();
        let names = names.join(", ");
        return Err(ToolError::WrongUse(format!(
            "there are no settings for that gateway; known are {names}"
        )));
    };
    let lines = arguments.env || arguments.json;
    if lines && std::io::stdout().is_terminal() && !arguments.show_secrets {
        return Err(ToolError::WrongUse(
            "this would print secrets to a terminal; send it to a file or a program, use --write, or say --show-secrets".to_owned(),
        ));
    }
    let names = match &arguments.from {
        Some(name) => vec![name.as_str()],
        None => gateway.outputs.to_vec(),
    };
    let outputs = Outputs::read(&arguments.out, &names, arguments.from.is_some());
    let outputs = outputs.map_err(|error| ToolError::WrongUse(error.to_string()))?;
    let blueprint = blueprint(source)?;
    let sheet = Sheet::of(
        gateway,
        Places {
            source,
            outputs: &outputs,
            blueprint: &blueprint,
            refresh: arguments.refresh,
            generate: arguments.env || arguments.write.is_some(),
        },
    )?;
    let failed = |error: &dyn std::fmt::Display| ToolError::Failed(error.to_string());
    if let Some(path) = &arguments.write {
        let written = write_env(&sheet, path).map_err(|error| failed(&error))?;
        for line in &written {
            eprintln!("{line}");
        }
        let changes = if written.is_empty() {
            "nothing to change".to_owned()
        } else {
            "only its owner can read it".to_owned()
        };
        eprintln!("{}: {changes}", path.display());
    } else {
        let text = if arguments.env {
            as_env(&sheet).map_err(|error| failed(&error))?
        } else if arguments.json {
            as_json(&sheet)
        } else {
            as_table(&sheet)
        };
        tool::print(&text)?;
    }
    warn(&sheet, &outputs);
    match sheet.missing().len() {
        0 => Ok(()),
        1 => Err(ToolError::Failed("one setting is missing".to_owned())),
        count => Err(ToolError::Failed(format!("{count} settings are missing"))),
    }
}

fn warn(sheet: &Sheet, outputs: &Outputs) {
    for warning in &sheet.warnings {
        eprintln!("warning: {warning}");
    }
    let missing = sheet.missing();
    for row in &missing {
        eprintln!("missing: {}: {}", row.key.name, row.key.hint());
    }
    if missing.is_empty() || !outputs.is_empty() {
        return;
    }
    eprintln!("looked for {}", outputs.looked_for.join(", "));
    if !outputs.others.is_empty() {
        let others = outputs.others.join(", ");
        eprintln!("hint: there are other outputs: {others}; --from NAME reads one");
    }
}
