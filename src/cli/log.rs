//! What is logged, and how: text on a terminal, else one JSON object a line, on standard error.

use crate::settings::{SettingError, Source};
use std::io::{IsTerminal, stderr};
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
    let layer = fmt::layer()
        .with_writer(stderr)
        .with_ansi(colours)
        .with_target(false);
    let layer = if json.unwrap_or(!to_terminal) {
        layer
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .boxed()
    } else {
        layer.boxed()
    };
    let layer = layer.with_filter(filter_fn(is_heard));
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
    Ok(())
}

fn is_heard(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("solar_system") || *metadata.level() <= Level::WARN
}
