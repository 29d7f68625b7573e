//! How an object that is there is known to be ours.

use super::target::{Existing, Wanted};
use serde_json::Value;

/// What this input made so far, and what it writes on what it makes.
#[derive(Clone, Debug, Default)]
pub struct Ours {
    /// The tag, and other generated texts that nobody else has.
    pub marks: Vec<String>,
    /// Class and id of every object that is written down as made.
    pub made: Vec<(String, String)>,
}

impl Ours {
    /// Whether some text of the object holds one of the marks.
    #[must_use]
    pub fn is_marked(&self, existing: &Existing) -> bool {
        self.marks.iter().any(|mark| holds(&existing.value, mark))
    }

    /// Whether the object is made below one that is ours: its endpoint has that one's id as a segment.
    #[must_use]
    pub fn is_below(&self, wanted: &Wanted) -> bool {
        let endpoint = wanted.endpoint.as_deref().unwrap_or_default();
        let mut segments = endpoint.split('/').filter(|segment| !segment.is_empty());
        segments.any(|segment| self.made.iter().any(|(_, id)| id == segment))
    }

    /// Whether an object of this class was made.
    #[must_use]
    pub fn has(&self, class: &str) -> bool {
        self.made.iter().any(|(made, _)| made == class)
    }
}

fn holds(value: &Value, mark: &str) -> bool {
    match value {
        Value::String(text) => contains_word(text, mark),
        Value::Array(list) => list.iter().any(|one| holds(one, mark)),
        Value::Object(members) => members.values().any(|one| holds(one, mark)),
        _ => false,
    }
}

/// Whether a mark stands in a text with no letter, digit or hyphen at its side: the tag of one run
/// may begin as another's does.
#[must_use]
pub fn contains_word(text: &str, mark: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !mark.is_empty()
        && text.match_indices(mark).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + mark.len()..].chars().next();
            !before.is_some_and(part) && !after.is_some_and(part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mark_is_a_whole_word() {
        for (text, ours) in [
            ("users autogen1-2", true),
            ("carl.autogen1-2@example.com", true),
            ("users autogen1-23", false),
            ("users autogen1-2-b", false),
            ("xautogen1-2", false),
            ("", false),
        ] {
            assert_eq!(contains_word(text, "autogen1-2"), ours, "{text}");
        }
        assert!(!contains_word("anything", ""));
    }

    #[test]
    fn ours_is_what_is_marked_or_lies_below_what_was_made() {
        let ours = Ours {
            marks: vec!["tag-1".to_owned()],
            made: vec![("okta:authz_server".to_owned(), "aus1".to_owned())],
        };
        let existing = |value| Existing {
            id: "x".to_owned(),
            value,
        };
        assert!(ours.is_marked(&existing(json!({"profile": {"names": ["a", "b tag-1"]}}))));
        assert!(!ours.is_marked(&existing(json!({"tag-1": 1, "name": "b tag-12"}))));
        let wanted = |endpoint: &str| Wanted {
            name: "A".to_owned(),
            class: "okta:scope".to_owned(),
            endpoint: Some(endpoint.to_owned()),
            id_field: None,
            groups: Vec::new(),
            body: Value::Null,
        };
        assert!(ours.is_below(&wanted("/api/v1/authorizationServers/aus1/scopes")));
        assert!(!ours.is_below(&wanted("/api/v1/authorizationServers/aus12/scopes")));
        assert!(!ours.is_below(&wanted("")));
    }
}
