//! `serve`, `idp`, `gateway`, `api`: run until a signal ends it.

use super::{FAILED, WRONG_USE, banner, log};
use crate::{
    clock::Clock,
    oauth::Secret,
    settings::{Command, Settings, Source},
    stack::{self, StackError},
};
use std::{io::IsTerminal, process::ExitCode};
use tokio::signal;

/// What `idp` is told.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(super) struct IdpArguments {
    /// Start without the blueprint's people, groups, clients and authorization server, for a bootstrap to
    /// make them. The management API's token is `OKTA_API_TOKEN`, else one that is made and printed.
    #[arg(long)]
    empty: bool,
}

/// Runs the rooms of a command.
pub(super) fn run(command: Command, idp: IdpArguments) -> ExitCode {
    let source = match Source::of_process() {
        Ok(source) => source,
        Err(error) => return fail(WRONG_USE, &error),
    };
    if let Err(error) = log::start(&source) {
        return fail(WRONG_USE, &error);
    }
    let mut settings = match Settings::read(command, &source) {
        Ok(settings) => settings,
        Err(error) => return fail(WRONG_USE, &error),
    };
    let open_files = source.open_secret_files(&settings.blueprint);
    settings.warnings.extend(open_files);
    let made_token = idp.empty && settings.idp.api_token.is_none();
    settings.idp.empty = idp.empty;
    if made_token {
        settings.idp.api_token = Some(Secret::random()); // else nobody could put anything into it
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(serve(settings, made_token));
            runtime.shutdown_background(); // a name being looked up would hold the end for long
            code
        }
        Err(error) => fail(FAILED, &error),
    }
}

/// `made_token`: the management API's token is of this start, and the console tells it.
async fn serve(settings: Settings, made_token: bool) -> ExitCode {
    for warning in &settings.warnings {
        tracing::warn!(event = "settings", "{warning}");
    }
    if settings.web.log_tokens && settings.runs_web() {
        tracing::warn!(
            event = "settings",
            "LOG_TOKENS is true: raw tokens will be on this console"
        );
    }
    let shown = settings.clone();
    let mut signals = match Signals::listen() {
        Ok(signals) => signals, // before anything is said to listen
        Err(error) => return fail(FAILED, &error),
    };
    let running = match stack::start(settings, Clock::system()).await {
        Ok(running) => running,
        Err(StackError::Setting(error)) => return fail(WRONG_USE, &error),
        Err(error) => return fail(FAILED, &error),
    };
    banner::print(&shown, &running, made_token);
    let ended = loop {
        match signals.next().await {
            Heard::End(name) => break name,
            Heard::Reload => running.reload(),
        }
    };
    tracing::info!(
        event = "ending",
        signal = ended,
        "finishing the requests in flight"
    );
    tokio::select! {
        () = running.stop() => ExitCode::SUCCESS,
        () = signals.end() => ExitCode::from(130), // asked twice: at once
    }
}

/// What a signal asks for.
enum Heard {
    /// The end; the signal's name.
    End(&'static str),
    /// The blueprint to be read again.
    Reload,
}

/// Ctrl-C, and SIGTERM and SIGHUP where there are such.
struct Signals {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    hang_up: signal::unix::Signal,
    /// Whether somebody may hang up: a person who closes the terminal means the end.
    #[cfg(unix)]
    on_terminal: bool,
}

impl Signals {
    /// Waits until the end is asked for.
    async fn end(&mut self) {
        while let Heard::Reload = self.next().await {}
    }
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            on_terminal: std::io::stderr().is_terminal(),
        })
    }

    async fn next(&mut self) -> Heard {
        tokio::select! {
            _ = self.interrupt.recv() => Heard::End("SIGINT"),
            _ = self.terminate.recv() => Heard::End("SIGTERM"),
            _ = self.hang_up.recv() => {
                let is_gone = self.on_terminal && !std::io::stderr().is_terminal();
                if is_gone { Heard::End("SIGHUP") } else { Heard::Reload }
            }
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "the other system's can fail")]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[expect(clippy::unused_self, reason = "the other system's keeps its streams")]
    async fn next(&mut self) -> Heard {
        let _ = signal::ctrl_c().await;
        Heard::End("Ctrl-C")
    }
}

fn fail(code: u8, error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("solar-system: {error}");
    if code == WRONG_USE {
        eprintln!("hint: solar-system --help lists every setting");
    }
    ExitCode::from(code)
}
