//! A value as it stands in a `.env` file, so that our own reader, and a shell, read it back the same.

use super::super::dotenv;

/// How a value was quoted before: that is kept where it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    Plain,
    Single,
    Double,
}

/// A value that our reader would not read back the same. Its value is not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name}: its value cannot be written into a .env file so that it is read back the same; put it into a file, and the file's name into {name}_FILE"
)]
pub struct Unwritable {
    name: String,
}

impl Unwritable {
    pub(super) fn of(name: &str) -> Self {
        let name = name.to_owned();
        Self { name }
    }
}

/// `NAME=value`, quoted where that is needed.
///
/// # Errors
/// When no way of quoting gives the value back.
pub fn env_line(name: &str, value: &str) -> Result<String, Unwritable> {
    encode(name, value, Quotes::Plain).map(|value| format!("{name}={value}"))
}

impl Quotes {
    pub(super) fn of(written: &str) -> Self {
        match written.chars().next() {
            Some('"') => Self::Double,
            Some('\'') => Self::Single,
            _ => Self::Plain,
        }
    }
}

/// The first way of writing the value that the reader gives back exactly.
pub(super) fn encode(name: &str, value: &str, quotes: Quotes) -> Result<String, Unwritable> {
    let mut ways = vec![plain(value), Some(single(value)), double(value)];
    match quotes {
        Quotes::Plain => {}
        Quotes::Single => ways.swap(0, 1),
        Quotes::Double => ways.rotate_right(1),
    }
    let gives_back = |written: &String| {
        // What follows is read too: an open quote would swallow it.
        let text = format!("{name}={written}\nAFTER='x'\n");
        let read = dotenv::parse(&text);
        read.is_ok_and(|pairs| {
            let expected = [(name, value), ("AFTER", "x")];
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            pairs == expected
        })
    };
    let usable = !value.contains('\0'); // no environment holds it
    let found = ways.into_iter().flatten().find(gives_back);
    found.filter(|_| usable).ok_or_else(|| Unwritable::of(name))
}

fn plain(value: &str) -> Option<String> {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    value.chars().all(safe).then(|| value.to_owned())
}

/// As a shell has it: a quote is written outside of the quotes, behind a backslash.
fn single(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// Not where a shell would run or look up something in it.
fn double(value: &str) -> Option<String> {
    if value.contains(['`', '!', '\n', '\r']) {
        return None;
    }
    let kept = value
        .replace('\\', r"\\")
        .replace('"', r#"\""#)
        .replace('$', r"\$");
    Some(format!("\"{kept}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All texts of up to four characters over those that mean something somewhere.
    fn hostile() -> Vec<String> {
        let letters: Vec<char> = "a '\"\\$#\n=`ü\t{".chars().collect();
        let mut all = vec![String::new()];
        let mut from = 0;
        for _ in 0..4 {
            let to = all.len();
            for index in from..to {
                for letter in &letters {
                    all.push(format!("{}{letter}", all[index]));
                }
            }
            from = to;
        }
        all
    }

    #[test]
    fn whatever_is_written_is_read_back_the_same_or_refused() {
        let mut refused = Vec::new();
        let all = hostile();
        for value in &all {
            for quotes in [Quotes::Plain, Quotes::Single, Quotes::Double] {
                match encode("A", value, quotes) {
                    Ok(written) => {
                        let pairs = dotenv::parse(&format!("A={written}\n")).unwrap();
                        assert_eq!(pairs, [("A".to_owned(), value.clone())], "{written}");
                    }
                    Err(_) => refused.push(value.clone()),
                }
            }
        }
        // What the reader cannot be told: a backslash before a quote's end together with a line end.
        let odd = |value: &String| !(value.contains('\\') && value.contains(['\n', '`']));
        let surprising: Vec<_> = refused.iter().filter(|value| odd(value)).collect();
        assert!(surprising.is_empty(), "{surprising:?}");
        let rare = refused.len() / 3; // each was tried with three kinds of quotes
        assert!(rare * 20 < all.len(), "{rare} refused");
    }

    #[test]
    fn ordinary_values_are_not_quoted_and_odd_ones_as_a_shell_has_them() {
        for (value, line) in [
            (
                "https://idp.example/oauth2/x?y=1",
                "A='https://idp.example/oauth2/x?y=1'",
            ),
            (
                "http://localhost:8080/callback",
                "A=http://localhost:8080/callback",
            ),
            ("pa$word", "A='pa$word'"),
            ("it's", r"A='it'\''s'"),
            ("two words", "A='two words'"),
            ("a#b", "A='a#b'"),
            ("", "A="),
        ] {
            assert_eq!(env_line("A", value).unwrap(), line);
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused_by_name_and_without_its_value() {
        let error = env_line("MY_SECRET", "can\0ary").unwrap_err().to_string();
        assert!(
            error.starts_with("MY_SECRET") && !error.contains("ary"),
            "{error}"
        );
    }
}
