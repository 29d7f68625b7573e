//! Texts with placeholders: `{{NAME}}`, `{{OBJECT.member.deeper}}`, `{{GENERATE_TAG}}`.

use serde_json::Value;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bootstrap) enum Piece {
    /// As it stands.
    Text(String),
    /// What a placeholder leads to.
    Value(Reference),
}

/// What stands between the braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bootstrap) struct Reference {
    /// The name of an entry, of a setting, or `GENERATE_…`.
    pub(in crate::bootstrap) name: String,
    /// Members, or places in a list, from the outside in.
    pub(in crate::bootstrap) path: Vec<String>,
}

impl std::fmt::Display for Reference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{{{{{}", self.name)?;
        for member in &self.path {
            write!(formatter, ".{member}")?;
        }
        formatter.write_str("}}")
    }
}

/// The parts of a text.
///
/// # Errors
/// Two opening braces that begin no placeholder: sent to a provider, they would be a name.
pub(in crate::bootstrap) fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        if start > 0 {
            pieces.push(Piece::Text(rest[..start].to_owned()));
        }
        let inner = &rest[start + 2..];
        let end = inner.find("}}").and_then(|end| {
            let reference = reference(&inner[..end])?;
            pieces.push(Piece::Value(reference));
            Some(end)
        });
        let Some(end) = end else {
            let shown: String = rest[start..].chars().take(40).collect();
            return Err(format!(
                "{shown:?} is no placeholder; one looks like {{{{NAME}}}} or {{{{OBJECT.member}}}}"
            ));
        };
        rest = &inner[end + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

fn reference(inner: &str) -> Option<Reference> {
    let mut segments = inner.split('.').map(str::to_owned);
    let name = segments.next()?;
    let path: Vec<String> = segments.collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let member =
        |segment: &String| !segment.is_empty() && segment.chars().all(|c| plain(c) || c == '-');
    let well_formed = !name.is_empty() && name.chars().all(plain) && path.iter().all(member);
    well_formed.then_some(Reference { name, path })
}

/// Whether every text in a value, names of members included, is well formed.
pub(super) fn check(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) => pieces(text).map(drop),
        Value::Array(list) => list.iter().try_for_each(check),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            pieces(name)?;
            check(value)
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let parts = pieces(text).unwrap().into_iter().map(|piece| match piece {
            Piece::Text(text) => format!("[{text}]"),
            Piece::Value(reference) => reference.to_string(),
        });
        parts.collect()
    }

    #[test]
    fn a_text_falls_into_its_parts() {
        for (text, parts) in [
            ("", ""),
            ("plain } { }}", "[plain } { }}]"),
            ("{{A}}", "{{A}}"),
            (
                "http://{{HOST}}:{{PORT}}/x",
                "[http://]{{HOST}}[:]{{PORT}}[/x]",
            ),
            ("{{A_1.b.0.c-d}}{{A}}", "{{A_1.b.0.c-d}}{{A}}"),
            ("ü{{A}}ü", "[ü]{{A}}[ü]"),
        ] {
            assert_eq!(shown(text), parts, "{text}");
        }
    }

    #[test]
    fn braces_that_begin_no_placeholder_are_refused() {
        for text in [
            "{{",
            "{{}}",
            "{{A",
            "{{ A }}",
            "{{A.}}",
            "{{.a}}",
            "{{A..b}}",
            "{{../A}}",
            "{{A b}}",
            "{{{{A}}}}",
            "x {{{A}}",
            "{{ENV[HOME]}}",
            "{{ä}}",
        ] {
            let problem = pieces(text).unwrap_err();
            assert!(problem.contains("no placeholder"), "{text}: {problem}");
        }
    }
}
