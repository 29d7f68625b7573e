//! What placeholders lead to: the environment, entries, what was made up, earlier outputs, and objects
//! as the provider tells them.

mod body;
mod lookup;
#[cfg(test)]
mod tests;

pub(super) use body::{Asked, HIDDEN, without_secrets};

use super::{
    environment::Environment,
    generate::{Generated, Made, People},
    input::{Entry, EntryKind, Input, InputError, Piece, pieces},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// What stands in the place of a value that only the provider can tell, before it did.
pub(super) const LATER: &str = "(known after apply)";
/// Longest text that placeholders may make, in bytes: texts can double each other.
const LONGEST: usize = 64 * 1024;

/// What a run keeps for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// What was made up.
    #[serde(default)]
    pub(super) generated: Generated,
    /// What a person gave, by entry.
    #[serde(default)]
    pub(super) provided: BTreeMap<String, String>,
}

/// What stays as it is while an input is gone through.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) input: &'a Input,
    pub(super) environment: &'a Environment<'a>,
    pub(super) people: &'a People,
    /// Values of earlier outputs, by the entry that loads them.
    pub(super) data: &'a HashMap<String, Map<String, Value>>,
}

/// A text with what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) value: String,
    /// It holds something that is not shown.
    pub(super) secret: bool,
    /// It holds something that is only known after the apply.
    pub(super) later: bool,
}

/// A text entry's value, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Valued {
    pub(super) text: Text,
    pub(super) origin: Origin,
}

/// Where a text entry's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The environment or `.env`.
    Set(String),
    /// A person gave it, now or in an earlier run.
    Provided,
    /// The input's default.
    Default,
    /// The default, where something was made up.
    Generated,
}

/// An object that an entry stands for.
#[derive(Clone, Debug)]
enum Object {
    /// As the provider tells it; not `whole` where a member may be missing that comes later.
    There { value: Value, whole: bool },
    /// Not there yet.
    Later,
}

/// One walk through an input.
pub(super) struct Scope<'a> {
    context: Context<'a>,
    pub(super) kept: &'a mut Kept,
    texts: HashMap<String, Valued>,
    objects: HashMap<String, Object>,
    data: Map<String, Value>,
    /// The newest value of each kind.
    recent: HashMap<Made, Text>,
    /// How many values of a kind were made in the entry that is being filled in.
    places: HashMap<(String, Made), usize>,
    /// Text entries that are being filled in, from the outside in.
    open: Vec<String>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(context: Context<'a>, kept: &'a mut Kept) -> Self {
        Self {
            context,
            kept,
            texts: HashMap::new(),
            objects: HashMap::new(),
            data: Map::new(),
            recent: HashMap::new(),
            places: HashMap::new(),
            open: Vec::new(),
        }
    }

    /// A text entry's value; `None` where nobody gave one yet, or none to an entry that it needs.
    pub(super) fn text(&mut self, entry: &Entry) -> Result<Option<Valued>, InputError> {
        match self.text_of(entry) {
            Ok(valued) => Ok(Some(valued)),
            Err(Problem::Unanswered(_)) => Ok(None),
            Err(problem) => Err(self.wrong(&entry.name, problem)),
        }
    }

    /// Takes what a person gave.
    pub(super) fn provide(&mut self, entry: &Entry, text: String) -> Result<(), InputError> {
        self.kept.provided.insert(entry.name.clone(), text);
        self.texts.remove(&entry.name);
        let taken = self.text(entry);
        if taken.is_err() {
            self.kept.provided.remove(&entry.name);
        }
        taken.map(drop)
    }

    /// An object is there as the provider tells it.
    pub(super) fn set_object(&mut self, name: &str, value: Value, whole: bool) {
        self.objects
            .insert(name.to_owned(), Object::There { value, whole });
    }

    /// An object will be there after the apply.
    pub(super) fn set_later(&mut self, name: &str) {
        self.objects.insert(name.to_owned(), Object::Later);
    }

    /// From here on, the values of an earlier output count. Says how many there are.
    pub(super) fn load(&mut self, entry: &str) -> usize {
        let values = self.context.data.get(entry).cloned().unwrap_or_default();
        let count = values.len();
        self.data.extend(values);
        count
    }

    fn text_of(&mut self, entry: &Entry) -> Result<Valued, Problem> {
        if let Some(known) = self.texts.get(&entry.name) {
            return Ok(known.clone());
        }
        if self.open.contains(&entry.name) {
            let circle = self.open.join(" → ");
            return Err(Problem::Wrong(format!(
                "it goes in a circle: {circle} → {}",
                entry.name
            )));
        }
        self.open.push(entry.name.clone());
        let valued = self.fresh(entry);
        self.open.pop();
        let mut valued = valued?;
        valued.text.secret |= is_secret_name(&entry.name);
        if entry.name == Made::Tag.name() {
            check_tag(&valued.text.value)?;
        }
        if let Some(made) = Made::named(&entry.name) {
            self.recent.insert(made, valued.text.clone());
        }
        self.texts.insert(entry.name.clone(), valued.clone());
        Ok(valued)
    }

    fn fresh(&mut self, entry: &Entry) -> Result<Valued, Problem> {
        let EntryKind::Text { default } = &entry.kind else {
            return Err(Problem::Wrong(format!("{} is no text", entry.name)));
        };
        let set = self.context.environment.declared(&entry.name);
        let set = set.map_err(|error| Problem::Wrong(error.to_string()))?;
        if let Some(set) = set.filter(|_| !self.is_made_here(entry)) {
            return Ok(Valued {
                text: known(set.text),
                origin: Origin::Set(set.origin),
            });
        }
        if let Some(text) = self.kept.provided.get(&entry.name) {
            return Ok(Valued {
                text: known(text.clone()),
                origin: Origin::Provided,
            });
        }
        let Some(default) = default else {
            return Err(Problem::Unanswered(entry.name.clone()));
        };
        self.places.retain(|(name, _), _| *name != entry.name);
        let text = self.fill(&entry.name, default)?;
        let made = default.contains("{{GENERATE_");
        Ok(Valued {
            text,
            origin: if made {
                Origin::Generated
            } else {
                Origin::Default
            },
        })
    }

    /// Whether a default is what this input makes: a member of one of its objects, or a password that
    /// another entry makes up. What is set would then be another run's, and wrong.
    fn is_made_here(&self, entry: &Entry) -> bool {
        let mut seen = vec![entry.name.as_str()];
        let mut next = vec![entry];
        while let Some(at) = next.pop() {
            let EntryKind::Text {
                default: Some(default),
            } = &at.kind
            else {
                continue;
            };
            for piece in pieces(default).unwrap_or_default() {
                let Piece::Value(reference) = piece else {
                    continue;
                };
                if reference.name == "GENERATE_PASSWORD" && at.name != entry.name {
                    return true;
                }
                let Some(other) = self.context.input.entry(&reference.name) else {
                    continue;
                };
                if matches!(other.kind, EntryKind::Object(_)) {
                    return true;
                }
                let is_set = self.context.environment.declared(&other.name);
                if !seen.contains(&other.name.as_str()) && !matches!(is_set, Ok(Some(_))) {
                    seen.push(&other.name);
                    next.push(other);
                }
            }
        }
        false
    }

    /// Whether something is set under the entry's name that is not used, since it is made here.
    pub(super) fn is_overruled(&self, entry: &Entry, text: &Text) -> bool {
        let set = self.context.environment.declared(&entry.name);
        matches!(set, Ok(Some(set)) if !text.later && set.text != text.value)
    }

    fn wrong(&self, entry: &str, problem: Problem) -> InputError {
        let problem = match problem {
            Problem::Wrong(problem) => problem,
            Problem::Unanswered(name) => {
                format!("{name} has no value yet; set it in the environment or in .env")
            }
        };
        self.context.input.wrong(entry, problem)
    }
}

/// Why a value cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    /// It never can.
    Wrong(String),
    /// Somebody has to be asked for the value of this entry.
    Unanswered(String),
}

fn known(text: String) -> Text {
    Text {
        value: text,
        ..Text::default()
    }
}

/// The tag becomes part of names, searches and logins.
fn check_tag(tag: &str) -> Result<(), Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if tag.is_empty() || tag.len() > 64 || !tag.chars().all(plain) {
        let problem = "a tag is 1 to 64 letters, digits, hyphens, underscores and dots";
        return Err(Problem::Wrong(problem.to_owned()));
    }
    Ok(())
}

/// Whether what is called so is not for everybody's eyes.
pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let parts = ["PASSWORD", "SECRET", "ANSWER", "CREDENTIALS"];
    parts.iter().any(|part| name.contains(part))
        || ["_TOKEN", "_KEY"].iter().any(|end| name.ends_with(end))
        || matches!(name.as_str(), "TOKEN" | "KEY")
}

/// Whether an entry stands for what shows this program to the provider's management API: an input may
/// name it, as older ones do, and is never told it.
pub(super) fn is_kept_out(name: &str) -> bool {
    let own = [
        "OKTA_API_TOKEN",
        "KEYCLOAK_ADMIN_PASSWORD",
        "KEYCLOAK_ADMIN_SECRET",
    ];
    own.contains(&name)
}
