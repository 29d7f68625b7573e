//! `search` and `filter`: `profile.name eq "x" and (status eq "ACTIVE" or lastUpdated gt "2026-01-01T00:00:00.000Z")`.
//!
//! Both parameters read the same language here, the part of SCIM's (RFC 7644, section 3.4.2.2) that Okta speaks. Text is
//! compared without regard to case.

mod parse;
#[cfg(test)]
mod tests;

use serde_json::Value;

/// A condition on an object as it is answered.
#[derive(Debug, PartialEq)]
pub(super) enum Search {
    All(Vec<Search>),
    Any(Vec<Search>),
    Present(String),
    Compare(String, Operator, Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    StartsWith,
    EndsWith,
    Contains,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Search {
    /// Whether an object, as it is answered, meets the condition.
    pub(super) fn matches(&self, object: &Value) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.matches(object)),
            Self::Any(any) => any.iter().any(|one| one.matches(object)),
            Self::Present(path) => at(object, path).is_some_and(|value| !value.is_null()),
            Self::Compare(path, operator, wanted) => {
                let found = at(object, path).unwrap_or(&Value::Null);
                match found {
                    Value::Array(all) => all.iter().any(|one| operator.holds(one, wanted)),
                    one => operator.holds(one, wanted),
                }
            }
        }
    }
}

fn at<'v>(object: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .try_fold(object, |value, name| value.get(name))
}

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "sw" => Self::StartsWith,
            "ew" => Self::EndsWith,
            "co" => Self::Contains,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }

    fn holds(self, found: &Value, wanted: &Value) -> bool {
        let (Value::String(found), Value::String(wanted)) = (found, wanted) else {
            return match self {
                Self::Equal => found == wanted,
                Self::NotEqual => found != wanted,
                _ => false,
            };
        };
        let (found, wanted) = (found.to_lowercase(), wanted.to_lowercase());
        match self {
            Self::Equal => found == wanted,
            Self::NotEqual => found != wanted,
            Self::StartsWith => found.starts_with(&wanted),
            Self::EndsWith => found.ends_with(&wanted),
            Self::Contains => found.contains(&wanted),
            Self::Greater => found > wanted,
            Self::GreaterOrEqual => found >= wanted,
            Self::Less => found < wanted,
            Self::LessOrEqual => found <= wanted,
        }
    }
}
