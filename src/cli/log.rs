//! What is logged, and how: text on a terminal, else one JSON object a line, on standard error.

mod line;

use crate::settings::{SettingError, Source};
use line::{OneLine, plain_fields};
use std::{
    io::{IsTerminal, stderr},
    panic::PanicHookInfo,
};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{LevelFilter, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Starts logging as `LOG_FORMAT` and `RUST_LOG` say.
///
/// Libraries are heard from `warn` on only, whatever `RUST_LOG` says: further down they print
/// session ids, URLs with codes, and headers.
pub(super) fn start(source: &Source) -> Result<(), SettingError> {
    start_at("info", source)
}

/// The same with another level where `RUST_LOG` is not set.
pub(super) fn start_at(level: &str, source: &Source) -> Result<(), SettingError> {
    let json = source.parsed("LOG_FORMAT", |text| {
        match text.to_ascii_lowercase().as_str() {
            "json" => Ok(true),
            "text" => Ok(false),
            _ => Err("text or json".to_owned()),
        }
    })?;
    let filter = source.parsed("RUST_LOG", |text| {
        let level = |part: &str| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok();
        if !text.split(',').all(level) {
            return Err("error, warn, info, debug or trace".to_owned());
        }
        EnvFilter::try_new(text).map_err(|_| "error, warn, info, debug or trace".to_owned())
    })?;
    let filter = filter.unwrap_or_else(|| EnvFilter::new(level));
    let to_terminal = stderr().is_terminal();
    let colours = to_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let layer = fmt::layer().with_writer(stderr);
    let layer = if json.unwrap_or(!to_terminal) {
        let format = fmt::format().json().flatten_event(true);
        let format = format.with_current_span(false).with_span_list(false);
        layer
            .fmt_fields(fmt::format::JsonFields::new())
            .event_format(OneLine::json(format.with_target(false)))
            .boxed()
    } else {
        let format = fmt::format().with_target(false).with_ansi(colours);
        layer
            .fmt_fields(plain_fields(colours))
            .event_format(OneLine::text(format))
            .boxed()
    };
    let layer = layer.with_filter(filter_fn(is_heard));
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
    std::panic::set_hook(Box::new(say));
    Ok(())
}

/// Where it happened, in one line like any other. What was said there may hold anything, and stays out.
fn say(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let place = place.unwrap_or_default();
    tracing::error!(event = "panic_at", place, "a thread panicked");
}

fn is_heard(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("solar_system") || *metadata.level() <= Level::WARN
}
