//! From a placeholder to its value.

use super::{
    LATER, LONGEST, Made, Object, Problem, Scope, Text, is_kept_out, is_secret_name, known,
};
use crate::bootstrap::input::{EntryKind, Piece, Reference, pieces};
use serde_json::Value;

impl Scope<'_> {
    /// A text of an entry with its placeholders filled in.
    pub(super) fn fill(&mut self, entry: &str, template: &str) -> Result<Text, Problem> {
        let mut filled = Text::default();
        for piece in pieces(template).map_err(Problem::Wrong)? {
            let part = match piece {
                Piece::Text(text) => known(text),
                Piece::Value(reference) => self.value(entry, &reference)?,
            };
            filled.value.push_str(&part.value);
            filled.secret |= part.secret;
            filled.later |= part.later;
            if filled.value.len() > LONGEST {
                let problem = format!("its placeholders make a text of more than {LONGEST} bytes");
                return Err(Problem::Wrong(problem));
            }
        }
        Ok(filled)
    }

    /// In this order: what is made up, entries, objects, settings, earlier outputs.
    fn value(&mut self, entry: &str, reference: &Reference) -> Result<Text, Problem> {
        let wrong = |problem: String| Problem::Wrong(format!("{reference} {problem}"));
        if let Some(kind) = reference.name.strip_prefix("GENERATE_") {
            let made = Made::named(kind).filter(|_| reference.path.is_empty());
            let made = made.ok_or_else(|| {
                let names = Made::ALL.map(|made| format!("GENERATE_{}", made.name()));
                wrong(format!("can be none but {}", names.join(", ")))
            })?;
            return Ok(self.make_up(entry, made));
        }
        if let Some(recent) = Made::named(&reference.name).and_then(|made| self.recent.get(&made))
            && reference.path.is_empty()
            && !self.open.contains(&reference.name)
        {
            return Ok(recent.clone());
        }
        let input = self.context.input;
        if let Some(other) = input.entry(&reference.name) {
            return match &other.kind {
                EntryKind::Text { .. } if reference.path.is_empty() => {
                    if is_kept_out(&reference.name) {
                        return Err(wrong(SECRET.to_owned()));
                    }
                    self.text_of(other).map(|valued| valued.text)
                }
                EntryKind::Text { .. } => Err(wrong("is a text, and has no members".to_owned())),
                EntryKind::Data { .. } => Err(wrong(
                    "is an earlier output: name one of its values".to_owned(),
                )),
                EntryKind::Object(_) => self.member_of_object(reference),
            };
        }
        if self.context.environment.is_secret(&reference.name)
            && !self.data.contains_key(&reference.name)
        {
            return Err(wrong(SECRET.to_owned()));
        }
        if reference.path.is_empty() {
            let set = self.context.environment.undeclared(&reference.name);
            let set = set.map_err(|error| Problem::Wrong(error.to_string()))?;
            if let Some(set) = set {
                return Ok(known(set.text));
            }
        }
        match self.data.get(&reference.name) {
            Some(value) => {
                let secret = is_secret_name(&reference.name);
                let found = member(value, reference).map_err(wrong)?;
                Ok(Text {
                    secret: secret || found.secret,
                    ..found
                })
            }
            None => Err(wrong(self.why_unknown(&reference.name))),
        }
    }

    fn member_of_object(&self, reference: &Reference) -> Result<Text, Problem> {
        let wrong = |problem: String| Problem::Wrong(format!("{reference} {problem}"));
        if reference.path.is_empty() {
            let problem = "is an object: name one of its members, as in .id";
            return Err(wrong(problem.to_owned()));
        }
        let later = || Text {
            value: LATER.to_owned(),
            later: true,
            secret: reference.path.iter().any(|name| is_secret_name(name)),
        };
        match self.objects.get(&reference.name) {
            None => {
                let problem = format!(
                    "comes later in the input: move {} before it",
                    reference.name
                );
                Err(wrong(problem))
            }
            Some(Object::Later) => Ok(later()),
            Some(Object::There { value, whole }) => match member(value, reference) {
                Err(_) if !whole => Ok(later()),
                found => found.map_err(wrong),
            },
        }
    }

    fn make_up(&mut self, entry: &str, made: Made) -> Text {
        let place = self.places.entry((entry.to_owned(), made)).or_default();
        let value = self
            .kept
            .generated
            .value(entry, made, *place, self.context.people);
        *place += 1;
        let text = Text {
            value,
            secret: made == Made::Password,
            later: false,
        };
        self.recent.insert(made, text.clone());
        text
    }

    fn why_unknown(&self, name: &str) -> String {
        if self.context.environment.may_be_read(name) {
            return format!("is not set: put {name} into the environment or into .env");
        }
        if let Some(made) = Made::named(name) {
            return format!("is known only after GENERATE_{}", made.name());
        }
        let entries = self.context.input.entries.iter();
        let near = |known: &&str| strsim::damerau_levenshtein(known, name) <= 2;
        match entries.map(|entry| entry.name.as_str()).find(near) {
            Some(known) => format!("leads nowhere; is {known} meant?"),
            None => "leads nowhere: no entry of the input and no setting is called so, and the environment is not searched for other names".to_owned(),
        }
    }
}

const SECRET: &str = "is a secret of this program, which no placeholder gets";

/// The member that a reference names, which must be a text, a number, true or false.
fn member(value: &Value, reference: &Reference) -> Result<Text, String> {
    let mut at = value;
    for name in &reference.path {
        let next = match at {
            Value::Array(list) => name.parse::<usize>().ok().and_then(|place| list.get(place)),
            Value::Object(members) => members.get(name),
            _ => None,
        };
        at = next.ok_or_else(|| format!("leads nowhere: there is no member {name}"))?;
    }
    let text = match at {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Null => return Err("is null".to_owned()),
        Value::Array(_) | Value::Object(_) => {
            return Err("is no text: name one of its members".to_owned());
        }
    };
    Ok(Text {
        value: text,
        secret: reference.path.iter().any(|name| is_secret_name(name)),
        later: false,
    })
}
