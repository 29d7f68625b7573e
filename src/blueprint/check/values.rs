//! Checks that all parts of a blueprint share.

use super::{Problem, Text, words};
use crate::oauth::Scopes;
use std::collections::HashSet;
use toml::Spanned;

pub(super) type Checked<T> = Result<T, Problem>;

/// Where a value stands.
pub(super) fn at<T>(value: &Spanned<T>) -> usize {
    value.span().start
}

pub(super) fn refuse<T>(at: usize, text: impl Into<String>) -> Checked<T> {
    Err(Problem::new(at, text))
}

/// Names that may be given once.
#[derive(Default)]
pub(super) struct Once(HashSet<String>);

impl Once {
    /// Notes `key`, whatever its case; a second one is a problem of `what`.
    pub(super) fn note(&mut self, what: &str, value: &Text) -> Checked<()> {
        if self.0.insert(value.get_ref().to_lowercase()) {
            return Ok(());
        }
        refuse(
            at(value),
            format!(
                "{what} {:?} is there twice: once is enough",
                value.get_ref()
            ),
        )
    }
}

/// A word that people read: filled, trimmed, printable.
pub(super) fn word(what: &str, value: &Text) -> Checked<String> {
    match words::wrong_with_word(value.get_ref()) {
        None => Ok(value.get_ref().clone()),
        Some(wrong) => refuse(at(value), format!("{what} {:?}: {wrong}", value.get_ref())),
    }
}

/// A list of such words, each once.
pub(super) fn words_once(what: &str, values: &[Text]) -> Checked<Vec<String>> {
    let mut once = Once::default();
    let mut list = Vec::with_capacity(values.len());
    for value in values {
        list.push(word(what, value)?);
        once.note(what, value)?;
    }
    Ok(list)
}

/// A list of scope names, each once and with its case.
pub(super) fn scopes(what: &str, names: &[Text]) -> Checked<Scopes> {
    let mut scopes = Scopes::default();
    for name in names {
        if let Err(wrong) = Scopes::from_names([name.get_ref().as_str()]) {
            return refuse(at(name), format!("{what}: {wrong}"));
        }
        if scopes.contains(name.get_ref()) {
            return refuse(
                at(name),
                format!(
                    "{what} names scope {:?} twice: once is enough",
                    name.get_ref()
                ),
            );
        }
        scopes.insert(name.get_ref());
    }
    Ok(scopes)
}

/// `"a", "b" or "c"`, for a sentence on what would have been right.
pub(super) fn one_of<'a>(known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<String> = known.map(|name| format!("{name:?}")).collect();
    match known.as_slice() {
        [] => "none is".to_owned(),
        [only] => format!("only {only} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
    }
}
