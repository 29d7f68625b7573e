//! A line of the log: one, whatever it tells of, and with the number of the request that it belongs to.

use crate::{flight::is_plain, net::request_numbers};
use std::fmt::{self, Debug, Write};
use tracing::{Event, Subscriber, field::Field};
use tracing_subscriber::{
    field::MakeExt,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Writer, debug_fn},
    },
    registry::LookupSpan,
};

/// Formats as another does, and adds the request's number and its caller's trace.
///
/// Control characters and marks that turn the direction of text are escaped: in text by the fields
/// ([`plain_fields`]), in JSON here.
pub(super) struct OneLine<F> {
    inner: F,
    json: bool,
}

impl<F> OneLine<F> {
    pub(super) fn json(inner: F) -> Self {
        Self { inner, json: true }
    }

    pub(super) fn text(inner: F) -> Self {
        Self { inner, json: false }
    }
}

impl<S, N, F> FormatEvent<S, N> for OneLine<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::with_capacity(256);
        self.inner
            .format_event(context, Writer::new(&mut line), event)?;
        let whole = line.trim_end();
        let numbers = request_numbers();
        if !self.json {
            writer.write_str(whole)?;
            if let Some(numbers) = numbers {
                write!(writer, " request={}", numbers.request)?;
                if let Some(trace) = numbers.trace {
                    write!(writer, " trace={trace}")?;
                }
            }
            return writer.write_char('\n');
        }
        let Some(open) = whole.strip_suffix('}') else {
            return writer.write_str(&line);
        };
        for character in open.chars() {
            if is_plain(character) {
                writer.write_char(character)?;
            } else {
                write!(writer, "\\u{:04x}", u32::from(character))?; // all of them have four digits
            }
        }
        if let Some(numbers) = numbers {
            write!(writer, ",\"request\":\"{}\"", numbers.request)?;
            if let Some(trace) = numbers.trace {
                write!(writer, ",\"trace\":\"{trace}\"")?;
            }
        }
        writer.write_str("}\n")
    }
}

/// `name=value`, a blank between, and nothing in a value that a terminal would obey.
pub(super) fn plain_fields(colours: bool) -> impl for<'w> FormatFields<'w> + Send + Sync + 'static {
    debug_fn(
        move |writer: &mut Writer<'_>, field: &Field, value: &dyn Debug| {
            match (field.name(), colours) {
                ("message", _) => {}
                (name, true) => write!(writer, "\u{1b}[3m{name}\u{1b}[0m\u{1b}[2m=\u{1b}[0m")?,
                (name, false) => write!(writer, "{name}=")?,
            }
            if field.name() == "message" {
                return write!(Plain(writer), "{value:?}");
            }
            Plain(writer).write_str(&one_value(format!("{value:?}")))
        },
    )
    .delimited(" ")
}

/// A value that could be read as more than one is quoted: what a stranger said in it is no field of its own.
fn one_value(text: String) -> String {
    let parts = |character: char| character.is_whitespace() || matches!(character, '=' | '"');
    if (text.contains(parts) || text.is_empty()) && !is_quoted(&text) {
        return format!("{text:?}");
    }
    text
}

/// Whether it is one text in quotes, as `Debug` writes it.
fn is_quoted(text: &str) -> bool {
    let inside = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inside) = inside else {
        return false;
    };
    let mut escaped = false;
    for character in inside.chars() {
        match character {
            '"' if !escaped => return false,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    !escaped
}

/// Escapes as it writes.
struct Plain<'a, 'w>(&'a mut Writer<'w>);

impl Write for Plain<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if is_plain(character) {
                self.0.write_char(character)?;
            } else {
                write!(self.0, "{}", character.escape_default())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Lines {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    const HOSTILE: &str =
        "a\r\n{\"event\":\"signed_in\"}\u{1b}[31m\u{85}\u{9b}2J\u{202e}\u{2028}\0\u{7f}ü";

    fn logged(json: bool) -> String {
        let lines = Lines::default();
        let layer = tracing_subscriber::fmt::layer().with_writer(lines.clone());
        let said = || {
            tracing::info!(event = "test", text = HOSTILE, shown = %HOSTILE, debug = ?HOSTILE, "{HOSTILE}");
        };
        let registry = tracing_subscriber::registry();
        if json {
            let format = tracing_subscriber::fmt::format().json().flatten_event(true);
            let layer = layer
                .fmt_fields(tracing_subscriber::fmt::format::JsonFields::new())
                .event_format(OneLine::json(format));
            tracing::subscriber::with_default(registry.with(layer), said);
        } else {
            let format = tracing_subscriber::fmt::format().with_ansi(false);
            let layer = layer
                .fmt_fields(plain_fields(false))
                .event_format(OneLine::text(format));
            tracing::subscriber::with_default(registry.with(layer), said);
        }
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn sec_com_07_no_input_starts_a_second_line_or_reaches_the_terminal_raw() {
        for json in [false, true] {
            let line = logged(json);
            let inside = line.strip_suffix('\n').unwrap();
            assert!(inside.chars().all(is_plain), "{inside:?}");
            assert!(inside.contains("test") && inside.contains('ü'), "{inside}");
        }
        let event: serde_json::Value = serde_json::from_str(&logged(true)).unwrap();
        for field in ["text", "shown", "message"] {
            assert_eq!(event[field], HOSTILE, "{field}");
        }
        assert_eq!(event["event"], "test");
        let time = event["timestamp"].as_str().unwrap();
        assert!(time.ends_with('Z'), "{time} is not UTC");
    }

    #[test]
    fn sec_com_07_no_value_in_text_passes_for_a_field_of_its_own() {
        for (said, written) in [
            ("plain", "plain"),
            ("/a/b?", "/a/b?"),
            ("", r#""""#),
            ("two words", r#""two words""#),
            ("a=b", r#""a=b""#),
            (
                r#"x event="signed_in" request=1"#,
                r#""x event=\"signed_in\" request=1""#,
            ),
            (r#"x" event="signed_in"#, r#""x\" event=\"signed_in""#),
            (r#""x" event="signed_in""#, r#""\"x\" event=\"signed_in\"""#),
            (r#""x event=y\""#, r#""\"x event=y\\\"""#),
            (r#""in quotes already""#, r#""in quotes already""#),
        ] {
            assert_eq!(one_value(said.to_owned()), written, "{said}");
        }
    }

    #[test]
    fn sec_com_07_a_field_that_a_value_makes_up_is_part_of_that_value() {
        let lines = Lines::default();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(lines.clone())
            .fmt_fields(plain_fields(false))
            .event_format(OneLine::text(tracing_subscriber::fmt::format()));
        let forged = r#"x event="signed_in" request=1"#;
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(event = "refused", error = %forged, "answered a problem");
        });
        let line = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let quoted = r#"error="x event=\"signed_in\" request=1""#;
        assert!(line.contains(quoted), "{line}");
        assert!(line.contains(r#"event="refused""#), "{line}");
    }

    #[test]
    fn colours_are_ours_alone() {
        let lines = Lines::default();
        let format = tracing_subscriber::fmt::format().with_ansi(true);
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(lines.clone())
            .fmt_fields(plain_fields(true))
            .event_format(OneLine::text(format));
        let registry = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(registry, || tracing::info!(text = %HOSTILE, "said"));
        let line = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(!line.contains("\u{1b}[31m"), "{line:?}");
        assert!(line.contains("\u{1b}[3mtext\u{1b}[0m"), "{line:?}");
    }
}
