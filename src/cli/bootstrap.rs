//! `bootstrap`: sets an identity provider up, shows what would change, and takes it back.

mod arguments;
mod terminal;

pub(super) use arguments::Arguments;

use super::tool::{self, ToolError};
use crate::{
    blueprint::Blueprint,
    bootstrap::{
        BootstrapError, Console, Destruction, Environment, Found, Input, Output, Places, Session,
        Target, TargetKind, Work, find, generated, keycloak::Keycloak, name_of, okta::Okta,
    },
    clock::Clock,
    flight::printable,
    settings::{Source, blueprint, http_client},
};
use arguments::{Asked, Verb};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};
use terminal::Terminal;

/// Runs it.
pub(super) fn run(arguments: Arguments) -> ExitCode {
    tool::run(|source| async move { act(source, &arguments).await })
}

impl From<BootstrapError> for ToolError {
    fn from(error: BootstrapError) -> Self {
        if error.is_wrong_use() {
            Self::WrongUse(error.to_string())
        } else {
            Self::Failed(error.to_string())
        }
    }
}

async fn act(source: Source, arguments: &Arguments) -> Result<(), ToolError> {
    let asked = arguments.asked()?;
    let blueprint = blueprint(&source)?;
    let mut terminal = Terminal::of_process();
    match asked.verb {
        Verb::Input => print_input(&asked, &blueprint),
        Verb::Destroy => destroy(source, &asked, &mut terminal).await,
        _ => apply(source, &asked, &blueprint, &mut terminal).await,
    }
}

fn print_input(asked: &Asked<'_>, blueprint: &Blueprint) -> Result<(), ToolError> {
    let way = asked.way.or(asked.target.map(TargetKind::name));
    let text = way.and_then(|way| generated(way, asked.target, blueprint));
    let text = text.ok_or_else(|| {
        ToolError::WrongUse(
            "which input? mulesoft, mulesoft_policy, standard and keycloak are compiled in"
                .to_owned(),
        )
    })?;
    to_stdout(&text)
}

async fn apply(
    source: Source,
    asked: &Asked<'_>,
    blueprint: &Blueprint,
    terminal: &mut Terminal,
) -> Result<(), ToolError> {
    let places = Places {
        root: PathBuf::new(),
        blueprint,
    };
    let found = find(asked.way, asked.target, &places).map_err(BootstrapError::from)?;
    let only_plan = asked.verb == Verb::Plan;
    let input = Input::parse(&found.shown, &found.text).map_err(BootstrapError::from)?;
    terminal.say(&format!("Found a valid input file at {}", found.shown));
    if !only_plan && !asked.yes && !terminal.can_ask() {
        return Err(ToolError::WrongUse(
            "there is no terminal to ask at; --yes accepts every value and applies".to_owned(),
        ));
    }
    let Found { name, target, .. } = found;
    let kind = target.unwrap_or_else(|| input.target());
    let source = with_credentials(source, kind, terminal)?;
    let target = target_of(&source, kind)?;
    let tenant = base_of(&source, kind, target.as_ref());
    let environment = Environment::new(&source, blueprint, tenant);
    let mut session = Session::open(Work {
        target: target.as_ref(),
        kind,
        input: &input,
        name: &name,
        environment: &environment,
        blueprint,
        root: Path::new(""),
        out: asked.out,
    })?;
    session.ask_missing(terminal)?; // and sees to it that every placeholder leads somewhere
    test(target.as_ref(), terminal).await?;
    if asked.verb == Verb::Review {
        session.review(asked.yes, terminal)?;
    }
    terminal.say("");
    let plan = session.plan().await?;
    if only_plan {
        let text = if asked.json {
            format!("{:#}\n", plan.json())
        } else {
            plan.to_string()
        };
        to_stdout(&text)?;
        return match plan.foreign() {
            foreign if foreign.is_empty() => Ok(()),
            foreign => Err(BootstrapError::Foreign(foreign).into()),
        };
    }
    plan.to_string().lines().for_each(|line| terminal.say(line));
    if !asked.yes && !plan.changes_nothing() && plan.foreign().is_empty() {
        yes(terminal)?;
    }
    session.apply(&plan, terminal).await?;
    for line in session.done() {
        terminal.say(&line);
    }
    to_stdout(&format!("{}\n", session.output_file()))
}

/// Plan first, apply on yes.
fn yes(terminal: &mut Terminal) -> Result<(), BootstrapError> {
    loop {
        let answer = terminal.ask("Apply this? (y) yes (q) quit: ")?;
        match answer.ok_or(BootstrapError::Quit)?.trim() {
            "y" | "Y" | "yes" => return Ok(()),
            "n" | "N" | "no" | "q" | "Q" => return Err(BootstrapError::Quit),
            _ => {}
        }
    }
}

async fn destroy(
    source: Source,
    asked: &Asked<'_>,
    terminal: &mut Terminal,
) -> Result<(), ToolError> {
    let way = asked.way.or(asked.target.map(TargetKind::name));
    let way = way.ok_or_else(|| ToolError::WrongUse("destroy what? name its way".to_owned()))?;
    let name = name_of(way, asked.target).map_err(BootstrapError::from)?;
    let recorded = Output::target(asked.out, &name).map_err(BootstrapError::from)?;
    let guess = if way == TargetKind::Keycloak.name() {
        TargetKind::Keycloak
    } else {
        TargetKind::Okta
    };
    let kind = asked.target.or(recorded).unwrap_or(guess);
    if asked.confirm.is_none() && !terminal.can_ask() {
        return Err(ToolError::WrongUse(
            "what is deleted is asked for by name: say --confirm TAG with the TAG of the output"
                .to_owned(),
        ));
    }
    let source = with_credentials(source, kind, terminal)?;
    let target = target_of(&source, kind)?;
    test(target.as_ref(), terminal).await?;
    let destruction =
        Destruction::list(target.as_ref(), kind, asked.out, &name, asked.confirm).await?;
    let word = destruction.word(&name);
    let lines = destruction.lines();
    for line in lines {
        terminal.say(&line);
    }
    let given = if let Some(given) = asked.confirm {
        given.to_owned()
    } else {
        let prompt = format!("Type {} to delete it: ", printable(&word, 100));
        let answer = terminal.ask(&prompt).map_err(BootstrapError::from)?;
        answer.unwrap_or_default().trim().to_owned()
    };
    if given != word {
        return Err(ToolError::WrongUse(
            "that is not its TAG; nothing was changed".to_owned(),
        ));
    }
    Ok(destruction.run(terminal).await?)
}

async fn test(target: &dyn Target, terminal: &mut Terminal) -> Result<(), ToolError> {
    let tenant = target.tenant();
    terminal.say(&format!(
        "sending a request to {tenant} to test the api token..."
    ));
    let whose = target.test().await.map_err(BootstrapError::from)?;
    terminal.say(&format!("the token works ({})", printable(&whose, 200)));
    Ok(())
}

/// Asks for the token, unless it is set: it never stands in an argument.
fn with_credentials(
    source: Source,
    kind: TargetKind,
    terminal: &mut Terminal,
) -> Result<Source, ToolError> {
    let (name, set) = match kind {
        TargetKind::Okta => ("OKTA_API_TOKEN", source.secret("OKTA_API_TOKEN")?),
        TargetKind::Keycloak => {
            let password = source.secret("KEYCLOAK_ADMIN_PASSWORD")?;
            let secret = source.secret("KEYCLOAK_ADMIN_SECRET")?;
            ("KEYCLOAK_ADMIN_PASSWORD", password.or(secret))
        }
    };
    if set.is_some() || !terminal.can_ask() {
        return Ok(source); // who needs it says that it is missing
    }
    let typed = terminal.ask_hidden(&format!("{name} (what you type is not shown):"));
    let typed = typed.map_err(BootstrapError::from)?;
    let typed = typed.ok_or(BootstrapError::Quit)?;
    Ok(source.with(name, typed.trim()))
}

fn target_of(source: &Source, kind: TargetKind) -> Result<Box<dyn Target>, ToolError> {
    let (http, clock) = (http_client(source)?, Clock::system());
    Ok(match kind {
        TargetKind::Okta => Box::new(Okta::from_settings(source, http, clock)?),
        TargetKind::Keycloak => Box::new(Keycloak::from_settings(source, http, clock)?),
    })
}

/// The setting that holds the provider's base URL, and that URL as paths are appended to it.
fn base_of(source: &Source, kind: TargetKind, target: &dyn Target) -> (&'static str, String) {
    match kind {
        TargetKind::Okta => ("OKTA_TENANT", target.tenant().to_owned()),
        TargetKind::Keycloak => {
            let base = source.text("KEYCLOAK_URL").ok().flatten();
            let base = base.unwrap_or_default();
            ("KEYCLOAK_URL", base.trim_end_matches('/').to_owned())
        }
    }
}

fn to_stdout(text: &str) -> Result<(), ToolError> {
    tool::print(text)
}
