//! Reads `.env`, and refuses what would be read otherwise than it looks.

use super::SettingError;
use std::{collections::HashSet, fs, io, path::Path};

/// The pairs of a `.env` file in their order; none when there is no such file.
///
/// # Errors
/// When the file cannot be read, a name stands there twice, or a `$` outside single quotes would be
/// taken for the name of a variable. A line is named, its value is not.
pub(super) fn read(path: &Path) -> Result<Vec<(String, String)>, SettingError> {
    let wrong = |reason: String| SettingError::without_value(".env", reason);
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(wrong(format!("it cannot be read ({error})"))),
    };
    parse(&text).map_err(wrong)
}

pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    if let Some(name) = substituted(text) {
        return Err(format!(
            "{name} holds a $, which would be taken for the name of a variable; put the value into 'single quotes'"
        ));
    }
    let mut names = HashSet::new();
    let mut pairs = Vec::new();
    for pair in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = pair.map_err(|error| unreadable(&error))?;
        if !names.insert(name.clone()) {
            return Err(format!("{name} stands there twice"));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// The name of the first value with a `$` outside single quotes that no backslash keeps.
fn substituted(text: &str) -> Option<String> {
    let mut quote = None;
    for line in text.lines() {
        if quote.is_none() && line.trim_start().starts_with('#') {
            continue;
        }
        let mut before = ' ';
        for character in line.chars() {
            match (character, quote) {
                ('$', None | Some('"')) if before != '\\' => return Some(name_of(line)),
                ('#', None) if before.is_whitespace() => break,
                ('\'' | '"', None) if before != '\\' => quote = Some(character),
                (end, Some(start)) if end == start && (before != '\\' || end == '\'') => {
                    quote = None;
                }
                _ => {}
            }
            before = if before == '\\' { ' ' } else { character };
        }
    }
    None
}

/// The name in front of a line's first `=`, if it looks like one.
fn name_of(line: &str) -> String {
    let name = line.split('=').next().unwrap_or_default().trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if line.contains('=') && !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        "a line".to_owned()
    }
}

/// dotenvy's own error prints the whole line, which may hold a secret.
fn unreadable(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(line, at) => {
            let name = name_of(line);
            format!("{name} cannot be read near character {at}; quote values that hold blanks or #")
        }
        _ => "it cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tutorials_file_is_read_as_it_stands() {
        let text = "# Okta settings\nOKTA_TENANT=\"\"\n\n# example: http://x:$y\nPORT=\"8080\"\nSESSION_MAX_AGE=60000\nGATEWAY=\"\"";
        let pairs = parse(text).unwrap();
        assert_eq!(pairs[1], ("PORT".to_owned(), "8080".to_owned()));
        assert_eq!(pairs.len(), 4);
    }

    #[test]
    fn a_dollar_is_refused_unless_it_is_kept() {
        for text in [
            "A=pa$word",
            "A=\"pa$word\"",
            "X=1\nA=a\\\\$b",
            "export A=$HOME",
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.starts_with("A ") && !error.contains("word"),
                "{text}: {error}"
            );
        }
        for text in ["A='pa$word'", "A=1 # $5", "# $5\nA=1", "A=pa\\$word"] {
            assert!(parse(text).is_ok(), "{text}");
        }
        assert_eq!(parse("A='pa$$w'").unwrap()[0].1, "pa$$w");
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        assert_eq!(
            parse("PORT=1\nPORT=2").unwrap_err(),
            "PORT stands there twice"
        );
    }

    #[test]
    fn a_broken_line_is_named_without_its_value() {
        let error = parse("CLIENT_SECRET='canary").unwrap_err();
        assert!(
            error.contains("CLIENT_SECRET") && !error.contains("canary"),
            "{error}"
        );
    }
}
