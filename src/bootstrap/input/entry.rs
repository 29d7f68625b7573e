//! One entry of an input.

use super::{find::is_a_name, template};
use serde_json::{Map, Value};

/// Members of an entry, and what the tutorial's own description writes for `comment`.
const MEMBERS: [&str; 11] = [
    "default",
    "hint",
    "comment",
    "desc",
    "objType",
    "objectClass",
    "oktaEndpoint",
    "endpoint",
    "IDfieldName",
    "groups",
    "saveToOutput",
];
/// Longest name of an entry.
const NAME: usize = 100;

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What placeholders, and the output, call it.
    pub name: String,
    /// Shown to who is asked for a value.
    pub hint: Option<String>,
    /// `saveToOutput`.
    pub save: bool,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry is: its `objType`.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// `string`.
    Text {
        /// With placeholders; without one, somebody is asked.
        default: Option<String>,
    },
    /// `json`.
    Object(ObjectEntry),
    /// `data`: an earlier output, by name.
    Data {
        /// The output's name, never a path.
        output: String,
    },
}

/// An object that is to be there.
#[derive(Clone, Debug)]
pub struct ObjectEntry {
    /// `objectClass`.
    pub class: String,
    /// `oktaEndpoint`, with placeholders.
    pub endpoint: Option<String>,
    /// `IDfieldName`.
    pub id_field: Option<String>,
    /// `groups`, with placeholders.
    pub groups: Vec<String>,
    /// `default`, with placeholders.
    pub body: Value,
}

/// The member that is wrong, if it is one, and what is wrong with it.
type Wrong = (Option<String>, String);

pub(super) fn read_entry(name: &str, value: &Value) -> Result<Entry, Wrong> {
    check_name(name).map_err(|problem| (None, problem))?;
    let Some(members) = value.as_object() else {
        return Err((None, "an entry is an object with objType".to_owned()));
    };
    for member in members.keys() {
        if !MEMBERS.contains(&member.as_str()) {
            return Err((Some(member.clone()), unknown(member)));
        }
    }
    let hint = text(members, "hint")?;
    for member in ["comment", "desc"] {
        text(members, member)?;
    }
    let save = match members.get("saveToOutput") {
        None => false,
        Some(Value::Bool(save)) => *save,
        Some(_) => return Err(wrong("saveToOutput", "true or false, please")),
    };
    let kind = match text(members, "objType")?.as_deref() {
        Some("string") => EntryKind::Text {
            default: checked_text(members, "default")?,
        },
        Some("json") => EntryKind::Object(object(members)?),
        Some("data") => match text(members, "default")? {
            Some(output) if is_a_name(&output) => EntryKind::Data { output },
            Some(_) => {
                let problem = "data names an earlier output by letters, digits, - and _; a name is never a path";
                return Err(wrong("default", problem));
            }
            None => return Err(wrong("default", "data needs the name of an earlier output")),
        },
        Some(_) => return Err(wrong("objType", "string, json or data, please")),
        None => return Err((None, "objType is missing: string, json or data".to_owned())),
    };
    Ok(Entry {
        name: name.to_owned(),
        hint,
        save,
        kind,
    })
}

fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.len() > NAME || !name.chars().all(plain) {
        return Err(format!(
            "an entry's name is 1 to {NAME} letters, digits and underscores"
        ));
    }
    if name.starts_with("GENERATE_") {
        return Err("GENERATE_ names what is made up, and no entry".to_owned());
    }
    Ok(())
}

fn object(members: &Map<String, Value>) -> Result<ObjectEntry, Wrong> {
    let class = text(members, "objectClass")?;
    let Some(class) = class.filter(|class| !class.is_empty()) else {
        let problem = "objectClass is missing: what kind of object is it?";
        return Err(wrong("objectClass", problem));
    };
    let body = match members.get("default") {
        Some(body @ Value::Object(_)) => body.clone(),
        _ => return Err(wrong("default", "the body of the object is needed here")),
    };
    template::check(&body).map_err(|problem| (Some("default".to_owned()), problem))?;
    let endpoint = match (
        checked_text(members, "oktaEndpoint")?,
        checked_text(members, "endpoint")?,
    ) {
        (Some(_), Some(_)) => return Err(wrong("endpoint", "oktaEndpoint says that already")),
        (one, other) => one.or(other),
    };
    if let Some(endpoint) = &endpoint
        && (!endpoint.starts_with('/') || endpoint.starts_with("//"))
    {
        let problem = "an endpoint is a path below the tenant, as in /oauth2/v1/clients";
        return Err(wrong("oktaEndpoint", problem));
    }
    let id_field = text(members, "IDfieldName")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if id_field
        .as_ref()
        .is_some_and(|name| name.is_empty() || !name.chars().all(plain))
    {
        return Err(wrong(
            "IDfieldName",
            "the name of a member, as in client_id",
        ));
    }
    Ok(ObjectEntry {
        class,
        endpoint,
        id_field,
        groups: groups(members)?,
        body,
    })
}

fn groups(members: &Map<String, Value>) -> Result<Vec<String>, Wrong> {
    let list = match members.get("groups") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong("groups", "a list of ids, please")),
    };
    let ids = list.iter().map(|one| {
        let id = one.as_str();
        let id = id.ok_or_else(|| wrong("groups", "each is a text with an id"))?;
        template::pieces(id).map_err(|problem| (Some("groups".to_owned()), problem))?;
        Ok(id.to_owned())
    });
    ids.collect()
}

fn text(members: &Map<String, Value>, member: &str) -> Result<Option<String>, Wrong> {
    match members.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(member, &format!("{member} is a text"))),
    }
}

/// A text whose placeholders are well formed.
fn checked_text(members: &Map<String, Value>, member: &str) -> Result<Option<String>, Wrong> {
    let text = text(members, member)?;
    if let Some(text) = &text {
        template::pieces(text).map_err(|problem| (Some(member.to_owned()), problem))?;
    }
    Ok(text)
}

fn wrong(member: &str, problem: &str) -> Wrong {
    (Some(member.to_owned()), problem.to_owned())
}

fn unknown(member: &str) -> String {
    let near = |known: &&&str| {
        strsim::damerau_levenshtein(&known.to_lowercase(), &member.to_lowercase()) <= 2
    };
    let shown: String = member.chars().take(60).collect();
    match MEMBERS.iter().find(near) {
        Some(known) => format!("{shown:?} is no member of an entry; is {known:?} meant?"),
        None => format!(
            "{shown:?} is no member of an entry; known are {}",
            MEMBERS.join(", ")
        ),
    }
}
