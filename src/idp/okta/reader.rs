//! Reads the members of an object, and notes what each must be and is not.

use super::input::Problems;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// An object of a request, or one inside it. One that is not there reads as empty.
#[derive(Clone, Debug)]
pub(super) struct Reader<'v> {
    path: String,
    members: Option<&'v Map<String, Value>>,
    problems: &'v Problems,
}

impl<'v> Reader<'v> {
    pub(super) fn new(object: &'v Map<String, Value>, problems: &'v Problems) -> Self {
        Self {
            path: String::new(),
            members: Some(object),
            problems,
        }
    }

    /// A member; `null` counts as left out.
    fn get(&self, name: &str) -> Option<&'v Value> {
        self.members?.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Notes that a member is not what it may be.
    pub(super) fn wrong(&self, name: &str, why: impl Into<String>) {
        self.problems.add(self.at(name), why);
    }

    fn at(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// A text of so many characters, without control characters.
    pub(super) fn text(&self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let Some(text) = self.get(name)?.as_str() else {
            self.wrong(name, "It must be a string");
            return None;
        };
        match problem_of(text, &length) {
            None => Some(text.to_owned()),
            Some(problem) => {
                self.wrong(name, problem);
                None
            }
        }
    }

    /// The same, but it must be there.
    pub(super) fn required_text(&self, name: &str, length: RangeInclusive<usize>) -> String {
        if !self.has(name) {
            self.wrong(name, "The field cannot be blank");
        }
        self.text(name, length).unwrap_or_default()
    }

    /// One of these words.
    pub(super) fn word(&self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let given = self.get(name)?;
        let known = words.iter().find(|word| given == **word).copied();
        if known.is_none() {
            self.wrong(name, format!("It must be one of {}", words.join(", ")));
        }
        known
    }

    /// The same, but it must be there.
    pub(super) fn required_word(&self, name: &str, words: &[&'static str]) -> &'static str {
        if !self.has(name) {
            self.wrong(name, "The field cannot be blank");
        }
        self.word(name, words).unwrap_or_default()
    }

    /// Whether something was wrong with this member already.
    pub(super) fn is_wrong(&self, name: &str) -> bool {
        let path = self.at(name);
        self.problems.are_there_for(&path)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        let given = self.get(name)?.as_bool();
        if given.is_none() {
            self.wrong(name, "It must be true or false");
        }
        given
    }

    pub(super) fn number(&self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let given = self
            .get(name)?
            .as_i64()
            .filter(|number| range.contains(number));
        if given.is_none() {
            let (low, high) = range.into_inner();
            self.wrong(
                name,
                format!("It must be a whole number from {low} to {high}"),
            );
        }
        given
    }

    /// A list of texts, at most so many, each without control characters.
    pub(super) fn texts(&self, name: &str, at_most: usize) -> Option<Vec<String>> {
        let Some(values) = self.get(name)?.as_array() else {
            self.wrong(name, "It must be an array of strings");
            return None;
        };
        if values.len() > at_most {
            self.wrong(name, format!("It must have at most {at_most} entries"));
            return None;
        }
        let texts: Option<Vec<String>> = values
            .iter()
            .map(|value| {
                value
                    .as_str()
                    .filter(|text| problem_of(text, &(1..=1024)).is_none())
                    .map(str::to_owned)
            })
            .collect();
        if texts.is_none() {
            self.wrong(name, "It must be an array of strings of 1 to 1024 characters, without control characters");
        }
        texts
    }

    /// An object inside this one.
    pub(super) fn object(&self, name: &str) -> Reader<'v> {
        let given = self.get(name);
        if given.is_some_and(|value| !value.is_object()) {
            self.wrong(name, "It must be an object");
        }
        Reader {
            path: self.at(name),
            members: given.and_then(Value::as_object),
            problems: self.problems,
        }
    }

    /// Objects in an array inside this one.
    pub(super) fn objects(&self, name: &str, at_most: usize) -> Option<Vec<Reader<'v>>> {
        let Some(values) = self
            .get(name)?
            .as_array()
            .filter(|values| values.len() <= at_most)
        else {
            self.wrong(
                name,
                format!("It must be an array of at most {at_most} objects"),
            );
            return None;
        };
        if values.iter().any(|value| !value.is_object()) {
            self.wrong(name, "It must be an array of objects");
        }
        let readers = values.iter().enumerate().map(|(index, value)| Reader {
            path: format!("{}[{index}]", self.at(name)),
            members: value.as_object(),
            problems: self.problems,
        });
        Some(readers.collect())
    }
}

fn problem_of(text: &str, length: &RangeInclusive<usize>) -> Option<String> {
    let characters = text.chars().count();
    if characters == 0 && *length.start() > 0 {
        return Some("The field cannot be blank".to_owned());
    }
    if !length.contains(&characters) {
        return Some(format!(
            "It must have {} to {} characters",
            length.start(),
            length.end()
        ));
    }
    (!is_plain(text)).then(|| "It must not hold control characters".to_owned())
}

/// Without what could start a line, move a cursor or turn the direction of writing.
pub(super) fn is_plain(text: &str) -> bool {
    let invisible = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    !text.chars().any(|c| c.is_control() || invisible(c))
}
