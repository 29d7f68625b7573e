//! An object's entry, filled in: what is sent, and what may be shown of it.

use super::{Problem, Scope, is_secret_name};
use crate::bootstrap::{
    input::{Entry, InputError, ObjectEntry, Piece, pieces},
    target::Wanted,
};
use serde_json::{Map, Value};

/// What stands in the place of a secret.
pub(in crate::bootstrap) const HIDDEN: &str = "(hidden)";
/// Most text that a body may hold in all, in bytes.
const LONGEST_BODY: usize = 256 * 1024;

/// A value for people: at a place, or below it, that is called as secrets are, no text is shown.
pub(in crate::bootstrap) fn without_secrets(at: &str, value: &Value) -> Value {
    hidden_in(at.split('/').any(is_secret_name), value)
}

fn hidden_in(hide: bool, value: &Value) -> Value {
    match value {
        Value::String(text) if hide && !text.is_empty() => Value::String(HIDDEN.to_owned()),
        Value::Number(_) if hide => Value::String(HIDDEN.to_owned()),
        Value::Array(list) => list.iter().map(|one| hidden_in(hide, one)).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, one)| {
                let hide = hide || is_secret_name(name);
                (name.clone(), hidden_in(hide, one))
            });
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// An object as it is asked for.
#[derive(Clone, Debug)]
pub(in crate::bootstrap) struct Asked {
    /// Filled in, with [`super::LATER`] where the provider has not told yet.
    pub(in crate::bootstrap) wanted: Wanted,
    /// Its body for people: without secrets.
    pub(in crate::bootstrap) shown: Value,
    /// Where it is made is known only after the apply: its parent is not there yet.
    pub(in crate::bootstrap) place_is_later: bool,
}

impl Asked {
    /// Whether something at this place is secret, wherever it came from. Where the place is not found,
    /// what lies around it counts.
    pub(in crate::bootstrap) fn hides(&self, at: &str) -> bool {
        let mut at = at;
        while !at.is_empty() {
            if let Some(value) = self.shown.pointer(at) {
                return holds_hidden(value);
            }
            at = at.rfind('/').map_or("", |end| &at[..end]);
        }
        false
    }

    /// A text, without the secrets of this object.
    pub(in crate::bootstrap) fn scrubbed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        scrub(&self.wanted.body, &self.shown, &mut text);
        text
    }
}

fn holds_hidden(value: &Value) -> bool {
    match value {
        Value::String(text) => text == HIDDEN,
        Value::Array(list) => list.iter().any(holds_hidden),
        Value::Object(members) => members.values().any(holds_hidden),
        _ => false,
    }
}

fn scrub(whole: &Value, shown: &Value, text: &mut String) {
    match (whole, shown) {
        (Value::String(secret), Value::String(shown)) if shown == HIDDEN && secret != HIDDEN => {
            let escaped = Value::String(secret.clone()).to_string();
            for secret in [escaped.trim_matches('"'), secret] {
                if !secret.is_empty() {
                    *text = text.replace(secret, HIDDEN);
                }
            }
        }
        (Value::Array(whole), Value::Array(shown)) => {
            for (whole, shown) in whole.iter().zip(shown) {
                scrub(whole, shown, text);
            }
        }
        (Value::Object(whole), Value::Object(shown)) => {
            for (name, whole) in whole {
                scrub(whole, &shown[name], text);
            }
        }
        _ => {}
    }
}

impl Scope<'_> {
    /// An object's entry, filled in.
    pub(in crate::bootstrap) fn object(
        &mut self,
        entry: &Entry,
        object: &ObjectEntry,
    ) -> Result<Asked, InputError> {
        let asked = self.asked(entry, object);
        asked.map_err(|problem| self.wrong(&entry.name, problem))
    }

    fn asked(&mut self, entry: &Entry, object: &ObjectEntry) -> Result<Asked, Problem> {
        let name = &entry.name;
        self.places.retain(|(of, _), _| of != name);
        let mut left = LONGEST_BODY;
        let (body, shown) = self.filled(name, &object.body, false, &mut left)?;
        let mut place_is_later = false;
        let endpoint = match &object.endpoint {
            None => None,
            Some(template) => {
                let filled = self.endpoint(name, template)?;
                place_is_later = filled.1;
                Some(filled.0)
            }
        };
        let mut groups = Vec::with_capacity(object.groups.len());
        for group in &object.groups {
            groups.push(self.fill(name, group)?.value);
        }
        let wanted = Wanted {
            name: name.clone(),
            class: object.class.clone(),
            endpoint,
            id_field: object.id_field.clone(),
            groups,
            body,
        };
        Ok(Asked {
            wanted,
            shown,
            place_is_later,
        })
    }

    /// A value filled in, and the same for people.
    fn filled(
        &mut self,
        entry: &str,
        value: &Value,
        hidden: bool,
        left: &mut usize,
    ) -> Result<(Value, Value), Problem> {
        match value {
            Value::String(template) => {
                let text = self.fill(entry, template)?;
                spend(left, text.value.len())?;
                let hide = hidden && !text.value.is_empty() || text.secret;
                let shown = if hide {
                    HIDDEN.to_owned()
                } else {
                    text.value.clone()
                };
                Ok((Value::String(text.value), Value::String(shown)))
            }
            Value::Array(list) => {
                let (mut whole, mut shown) = (Vec::new(), Vec::new());
                for one in list {
                    let (one, seen) = self.filled(entry, one, hidden, left)?;
                    whole.push(one);
                    shown.push(seen);
                }
                Ok((Value::Array(whole), Value::Array(shown)))
            }
            Value::Object(members) => {
                let (mut whole, mut shown) = (Map::new(), Map::new());
                for (name, one) in members {
                    let hidden = hidden || is_secret_name(name);
                    let name = self.fill(entry, name)?.value;
                    spend(left, name.len())?;
                    let (one, seen) = self.filled(entry, one, hidden, left)?;
                    if whole.insert(name.clone(), one).is_some() {
                        let problem = format!("its body names the member {name:?} twice");
                        return Err(Problem::Wrong(problem));
                    }
                    shown.insert(name, seen);
                }
                Ok((Value::Object(whole), Value::Object(shown)))
            }
            other => Ok((other.clone(), other.clone())),
        }
    }

    /// Where objects are made. A placeholder fills one segment of the path and leads nowhere else.
    fn endpoint(&mut self, entry: &str, template: &str) -> Result<(String, bool), Problem> {
        let mut later = false;
        let mut path = String::new();
        for piece in pieces(template).map_err(Problem::Wrong)? {
            match piece {
                Piece::Text(text) => path.push_str(&text),
                Piece::Value(reference) => {
                    let text = self.fill(entry, &reference.to_string())?;
                    let plain =
                        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
                    if !text.later && (text.value.is_empty() || !text.value.chars().all(plain)) {
                        let problem = format!("{reference} cannot be part of an endpoint's path");
                        return Err(Problem::Wrong(problem));
                    }
                    later |= text.later;
                    path.push_str(&text.value);
                }
            }
        }
        if !later {
            check_path(&path)?;
        }
        Ok((path, later))
    }
}

fn check_path(path: &str) -> Result<(), Problem> {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '/'));
    let steps = |segment: &str| segment.is_empty() || segment.chars().all(|c| c == '.');
    if path.contains(odd) || path.trim_start_matches('/').split('/').any(steps) {
        let problem = "its endpoint is no plain path below the tenant";
        return Err(Problem::Wrong(problem.to_owned()));
    }
    Ok(())
}

fn spend(left: &mut usize, length: usize) -> Result<(), Problem> {
    let rest = left.checked_sub(length);
    *left =
        rest.ok_or_else(|| Problem::Wrong(format!("its body grows over {LONGEST_BODY} bytes")))?;
    Ok(())
}
