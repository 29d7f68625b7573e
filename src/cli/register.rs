//! `register`: a client at the identity provider, as a gateway's portal registers one.

mod env;
mod place;

use super::tool::{self, ToolError};
use crate::{
    net::check_url,
    register::{Change, Client, Kept, Registered, Role, differences},
    settings::{RedirectUri, RegisterSettings, Source, blueprint},
};
use serde_json::{Map, Value};
use std::{path::PathBuf, process::ExitCode};

/// What `--help` says below the options.
const HELP: &str = "\
Registers the app at the identity provider (RFC 7591), as a gateway's portal does when access is
requested, and keeps its id, its secret and what is needed to change it, in files that only you
can read. Where it goes: CLIENT_REGISTRATION_URL, else what bootstrap wrote, else the
registration_endpoint that ISSUER announces. What is shown there: OKTA_API_TOKEN at OKTA_TENANT,
else INITIAL_ACCESS_TOKEN.

Examples:
  $ solar-system register --name \"Solar System\" --write
  $ solar-system register --grant-type authorization_code --grant-type client_credentials
  $ solar-system register --introspection --write      the gateway's own client
  $ solar-system register --update --add-grant-type client_credentials
  $ solar-system register --delete                     take it back
  $ solar-system register --delete --force             forget it, where it is gone at the provider";

/// What the command is told.
#[expect(
    clippy::struct_excessive_bools,
    clippy::doc_markdown,
    reason = "each is an option of its own, and its doc comment is help for a terminal"
)]
#[derive(clap::Args)]
#[command(after_long_help = HELP)]
#[command(group(clap::ArgGroup::new("whose").args(["introspection", "machine"])))]
#[command(group(clap::ArgGroup::new("act").args(["update", "delete"])))]
pub(super) struct Arguments {
    /// The client's name; left out, the blueprint's.
    #[arg(long)]
    name: Option<String>,
    /// A grant type; may be repeated. Left out, authorization_code, or client_credentials where
    /// there are no people.
    #[arg(long, value_name = "TYPE", conflicts_with = "update")]
    grant_type: Vec<String>,
    /// Where browsers are sent back to; may be repeated. Left out, REDIRECT_URI.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Where browsers go after a sign-out; may be repeated. Left out, /signed-out of the app.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// How it authenticates: client_secret_basic, client_secret_post, none.
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<String>,
    /// Scopes to register, with blanks between; some providers then leave their defaults out.
    #[arg(long, conflicts_with = "update")]
    scope: Option<String>,
    /// The gateway's own client, which asks whether tokens are valid.
    #[arg(long)]
    introspection: bool,
    /// A machine's client, with tokens of its own (client credentials).
    #[arg(long)]
    machine: bool,
    /// Change what was registered from here (RFC 7592).
    #[arg(long)]
    update: bool,
    /// A grant type to add; may be repeated.
    #[arg(long, value_name = "TYPE", requires = "update")]
    add_grant_type: Vec<String>,
    /// Take back what was registered from here.
    #[arg(long)]
    delete: bool,
    /// Merge id and the secret's file into this file.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = ".env")]
    write: Option<PathBuf>,
    /// Write over what an earlier registration left; with --delete, forget the client here even if
    /// the provider does not let one delete it.
    #[arg(long)]
    force: bool,
    /// The bootstrap whose output says where to register, by name.
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// The folder of outputs, and of what is kept.
    #[arg(long, value_name = "DIR", default_value = "bootstrap/output")]
    out: PathBuf,
}

/// Runs it.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    tool::run(|source| async move { act(&source, arguments).await })
}

async fn act(source: &Source, arguments: Arguments) -> Result<(), ToolError> {
    let role = match (arguments.introspection, arguments.machine) {
        (true, _) => Role::Introspection,
        (_, true) => Role::Machine,
        _ => Role::App,
    };
    let settings = RegisterSettings::read(source)?;
    let uris = arguments.redirect_uri.iter();
    for uri in uris.chain(&arguments.post_logout_redirect_uri) {
        check_url(uri).map_err(|error| ToolError::WrongUse(format!("{uri}: {error}")))?;
    }
    let kept = Kept::at(&arguments.out, role);
    if arguments.update || arguments.delete {
        let (known, at) = kept.read().map_err(|error| failed(&error))?;
        let endpoint = place::endpoint(source, &settings, &arguments, at).await?;
        if arguments.delete {
            let gone = match endpoint.delete(&known).await {
                Ok(true) => "is deleted",
                Ok(false) => "was gone already",
                Err(error) if error.is_denial() && arguments.force => {
                    eprintln!("warning: {error}");
                    "is forgotten here; if it is there still, the provider's administration deletes it,"
                }
                Err(error) if error.is_denial() => {
                    return Err(ToolError::Failed(format!(
                        "{error}\nhint: if the client is gone at the provider, or what was kept lets nobody in any more, register --delete --force forgets it here"
                    )));
                }
                Err(error) => return Err(failed(&error)),
            };
            kept.forget().map_err(|error| failed(&error))?;
            if let Some(path) = &arguments.write {
                env::forget(path, role, &known.client_id)?;
            }
            eprintln!("{} {gone} at {}", known.client_id, endpoint.url);
            return Ok(());
        }
        let change = change(&arguments);
        let keep = |read: &Registered| kept.keep_changed(endpoint.url.as_str(), read);
        let updated = endpoint.update(&known, &change, keep).await;
        let (asked, registered) = updated.map_err(|error| failed(&error))?;
        kept.keep_changed(endpoint.url.as_str(), &registered)
            .map_err(|error| failed(&error))?;
        tell(&asked, &registered);
        return tell_settings(source, &arguments, role, &kept, &registered);
    }
    let endpoint = place::endpoint(source, &settings, &arguments, None).await?;
    kept.prepare(arguments.force)
        .map_err(|error| failed(&error))?;
    let name = blueprint(source).map(|blueprint| role.name_in(&blueprint))?;
    let written = place::redirect_uri(source, &arguments)?;
    let redirect_uri = written.as_ref().unwrap_or(&settings.redirect_uri);
    let client = client(&arguments, role, name, redirect_uri);
    let registered = endpoint
        .register(&client)
        .await
        .map_err(|error| failed(&error))?;
    let kept_now = kept.keep(endpoint.url.as_str(), &registered, arguments.force);
    kept_now.map_err(|error| {
        let id = &registered.client_id;
        ToolError::Failed(format!("{id} is registered, but what came back cannot be kept; delete it at the provider. {error}"))
    })?;
    tell(&client.metadata(endpoint.is_okta()), &registered);
    tell_settings(source, &arguments, role, &kept, &registered)
}

fn failed(error: &dyn std::fmt::Display) -> ToolError {
    ToolError::Failed(error.to_string())
}

fn client(arguments: &Arguments, role: Role, name: String, redirect_uri: &RedirectUri) -> Client {
    let mut client = Client::of(role, name, redirect_uri);
    if let Some(name) = &arguments.name {
        client.name.clone_from(name);
    }
    let lists = [
        (&arguments.grant_type, &mut client.grant_types),
        (&arguments.redirect_uri, &mut client.redirect_uris),
        (
            &arguments.post_logout_redirect_uri,
            &mut client.post_logout_redirect_uris,
        ),
    ];
    for (given, list) in lists {
        if !given.is_empty() {
            list.clone_from(given);
        }
    }
    if let Some(method) = &arguments.auth_method {
        client.auth_method.clone_from(method);
    }
    client.scope.clone_from(&arguments.scope);
    client
}

fn change(arguments: &Arguments) -> Change {
    Change {
        add_grant_types: arguments.add_grant_type.clone(),
        name: arguments.name.clone(),
        redirect_uris: arguments.redirect_uri.clone(),
        post_logout_redirect_uris: arguments.post_logout_redirect_uri.clone(),
        auth_method: arguments.auth_method.clone(),
    }
}

/// What was asked, what was registered, and where the two differ.
fn tell(asked: &Map<String, Value>, registered: &Registered) {
    eprintln!("asked for:");
    tell_members(asked);
    eprintln!("registered:");
    let told: Map<String, Value> = registered
        .metadata
        .iter()
        .filter(|(name, _)| asked.contains_key(*name) || *name == "client_id")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    tell_members(&told);
    for difference in differences(asked, &registered.metadata) {
        eprintln!("warning: {difference}");
    }
}

fn tell_members(members: &Map<String, Value>) {
    for (name, value) in members {
        let value = crate::flight::printable(&value.to_string(), 300);
        eprintln!("  {name}: {value}");
    }
}

/// The settings, on standard output, and merged where that is asked for. The secret is in neither.
fn tell_settings(
    source: &Source,
    arguments: &Arguments,
    role: Role,
    kept: &Kept,
    registered: &Registered,
) -> Result<(), ToolError> {
    let settings = env::settings(role, kept, registered);
    for (name, value) in &settings {
        let line = crate::settings::env_line(name, value);
        let line = line.map_err(|error| failed(&error))?;
        tool::print(&format!("{line}\n"))?;
    }
    if kept.secret.exists() {
        eprintln!("the secret is in {}", kept.secret.display());
    }
    if let Some(path) = &arguments.write {
        env::merge(path, &settings)?;
        eprintln!("{}: id and the secret's file are in it", path.display());
    }
    env::warn_of_others(source, &settings);
    Ok(())
}
