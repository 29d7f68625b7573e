//! `serve`, `idp`, `gateway`, `api`: run until a signal ends it.

use super::{FAILED, WRONG_USE, banner, log};
use crate::{
    clock::Clock,
    settings::{Command, Settings, Source},
    stack::{self, StackError},
};
use std::process::ExitCode;
use tokio::signal;

/// Runs the rooms of a command.
pub(super) fn run(command: Command) -> ExitCode {
    let source = match Source::of_process() {
        Ok(source) => source,
        Err(error) => return fail(WRONG_USE, &error),
    };
    if let Err(error) = log::start(&source) {
        return fail(WRONG_USE, &error);
    }
    let settings = match Settings::read(command, &source) {
        Ok(settings) => settings,
        Err(error) => return fail(WRONG_USE, &error),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(serve(settings));
            runtime.shutdown_background(); // a name being looked up would hold the end for long
            code
        }
        Err(error) => fail(FAILED, &error),
    }
}

async fn serve(settings: Settings) -> ExitCode {
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
    banner::print(&shown, &running);
    let ended = signals.next().await;
    tracing::info!(
        event = "ending",
        signal = ended,
        "finishing the requests in flight"
    );
    tokio::select! {
        () = running.stop() => ExitCode::SUCCESS,
        _ = signals.next() => ExitCode::from(130), // asked twice: at once
    }
}

/// Ctrl-C, and SIGTERM where there is one.
struct Signals {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self {
            interrupt: signal(interrupt)?,
            terminate: signal(terminate)?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
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
    async fn next(&mut self) -> &'static str {
        let _ = signal::ctrl_c().await;
        "Ctrl-C"
    }
}

fn fail(code: u8, error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("solar-system: {error}");
    if code == WRONG_USE {
        eprintln!("hint: solar-system --help lists every setting");
    }
    ExitCode::from(code)
}
