//! What a run leaves: `{NAME: value}` for `settings` and for the next input, and under `$bootstrap`
//! what the next run must know. Only its owner reads it; it is whole at every moment.

use super::{
    input::{TargetKind, is_a_name},
    scope::{Kept, is_secret_name},
    target::{Existing, Wanted},
};
use crate::{
    jose::strict_json,
    settings::{make_folder_of, replace_private},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Values by name.
type Values = Map<String, Value>;

/// The member that no reader of values looks at.
const OWN: &str = "$bootstrap";
/// Where outputs are by default.
pub const FOLDER: &str = "bootstrap/output";
/// Where readers of the tutorial have them.
const OLDER_FOLDER: &str = "okta_bootstrap/output";
/// Longest output that is read, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// An output, and the file that it is in.
#[derive(Clone, Debug)]
pub struct Output {
    path: PathBuf,
    pub(super) values: Map<String, Value>,
    pub(super) state: State,
    /// What the file holds.
    written: Option<String>,
}

/// What the next run must know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// `okta` or `keycloak`.
    pub(super) target: String,
    /// The provider, as the target names it.
    pub(super) tenant: String,
    /// What our objects carry.
    pub(super) tag: Option<String>,
    /// Values that nobody could find again.
    #[serde(flatten)]
    pub(super) kept: Kept,
    /// The entry whose object is being made: it may be there, though it is not written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<String>,
    /// In the order in which they were made.
    #[serde(default)]
    pub(super) objects: Vec<Recorded>,
}

/// An object that is at the provider since a run made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recorded {
    pub(super) name: String,
    pub(super) class: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) endpoint: Option<String>,
    pub(super) id: String,
    /// It was there before, and is somebody else's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) shared: bool,
    /// What the provider told, where the values do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Value>,
}

/// Why an output is not used. No value is in it.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct OutputError {
    path: String,
    problem: String,
}

impl Output {
    /// The output of this name, with nothing in it where there is none yet.
    ///
    /// # Errors
    /// When the file cannot be read, or is not one that a bootstrap of ours left.
    pub(super) fn open(folder: &Path, name: &str) -> Result<Self, OutputError> {
        let path = folder.join(format!("{name}.json"));
        let wrong = |problem: &str| OutputError {
            path: path.display().to_string(),
            problem: problem.to_owned(),
        };
        if !is_a_name(name) {
            return Err(wrong("a name is letters, digits, - and _"));
        }
        let Some((text, mut values)) = read(&path)? else {
            return Ok(Self {
                path,
                values: Map::new(),
                state: State::default(),
                written: None,
            });
        };
        let Some(state) = values.shift_remove(OWN) else {
            let problem = "another tool left it, and what it made is not known well enough to change; move it away, or use --out DIR";
            return Err(wrong(problem));
        };
        let state = serde_json::from_value(state)
            .map_err(|_| wrong("its $bootstrap is not as this tool writes it"))?;
        Ok(Self {
            path,
            values,
            state,
            written: Some(text),
        })
    }

    /// Whose output of this name there is, if there is one.
    ///
    /// # Errors
    /// When it is there and cannot be used.
    pub fn target(folder: &Path, name: &str) -> Result<Option<TargetKind>, OutputError> {
        let output = Self::open(folder, name)?;
        let kinds = [TargetKind::Okta, TargetKind::Keycloak];
        Ok(kinds
            .into_iter()
            .find(|kind| kind.name() == output.state.target))
    }

    /// The file, for people.
    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Whether a run left it.
    pub(super) fn is_there(&self) -> bool {
        self.written.is_some()
    }

    /// Writes what is new, in one step.
    pub(super) fn write(&mut self) -> Result<(), OutputError> {
        let mut all = self.values.clone();
        all.insert(OWN.to_owned(), json!(self.state));
        let text = serde_json::to_string_pretty(&Value::Object(all)).unwrap_or_default() + "\n";
        if self.written.as_ref() == Some(&text) {
            return Ok(());
        }
        let written = make_folder_of(&self.path).and_then(|()| replace_private(&self.path, &text));
        written.map_err(|error| self.unwritable(&error))?;
        self.written = Some(text);
        Ok(())
    }

    /// Keeps other runs out while this one changes what the output tells; over with the file that is
    /// given back, or with the process.
    ///
    /// # Errors
    /// When another run is under way, or changed the output since it was read.
    pub(super) fn lock(&self) -> Result<File, OutputError> {
        let wrong = |problem: &str| OutputError {
            path: self.shown(),
            problem: problem.to_owned(),
        };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let path = self.path.with_file_name(format!(".{name}.lock"));
        let mut options = File::options();
        let file = make_folder_of(&path)
            .and_then(|()| options.create(true).truncate(false).write(true).open(&path));
        let file = file.map_err(|error| self.unwritable(&error))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(wrong("another run is changing it; wait until that is done"));
            }
            // Some file systems know no locks.
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
                return Err(self.unwritable(&error));
            }
            _ => {}
        }
        let now = read(&self.path)?.map(|(text, _)| text);
        if now != self.written {
            let problem = "another run changed it meanwhile; run the same command again";
            return Err(wrong(problem));
        }
        Ok(file)
    }

    /// Takes the file away, once nothing is left of what it tells.
    pub(super) fn remove(&mut self) -> Result<(), OutputError> {
        self.written = None;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.unwritable(&error)),
            _ => Ok(()),
        }
    }

    fn unwritable(&self, error: &io::Error) -> OutputError {
        OutputError {
            path: self.shown(),
            problem: format!("it cannot be written ({error})"),
        }
    }

    pub(super) fn object(&self, name: &str) -> Option<&Recorded> {
        self.state.objects.iter().find(|object| object.name == name)
    }

    /// What the provider told of an object, secrets that it told once included.
    pub(super) fn told(&self, name: &str) -> Option<&Value> {
        let beside = self.object(name).and_then(|object| object.value.as_ref());
        beside.or_else(|| self.values.get(name).filter(|value| value.is_object()))
    }

    /// An object is not there any more.
    pub(super) fn forget(&mut self, id: &str) {
        let objects = &mut self.state.objects;
        if let Some(place) = objects.iter().position(|object| object.id == id) {
            let object = objects.remove(place);
            self.values.shift_remove(&object.name);
        }
    }

    /// Writes down that an object is there. What was told once and is not told again is kept.
    pub(super) fn record(&mut self, wanted: &Wanted, existing: &Existing, how: Keeping) -> Value {
        let told = self.told(&wanted.name).filter(|_| how.unchanged);
        let mut value = existing.value.clone();
        if let Some(told) = told {
            value = as_told_now(told, &existing.value);
        }
        let same = self
            .object(&wanted.name)
            .is_some_and(|before| before.id == existing.id);
        if let (true, Some(before)) = (same, self.told(&wanted.name)) {
            keep_secrets(before, &mut value);
        }
        if how.save {
            self.values.insert(wanted.name.clone(), value.clone());
        } else {
            self.values.shift_remove(&wanted.name);
        }
        self.state.pending.take_if(|name| *name == wanted.name);
        let recorded = Recorded {
            name: wanted.name.clone(),
            class: wanted.class.clone(),
            endpoint: wanted.endpoint.clone(),
            id: existing.id.clone(),
            shared: how.shared,
            value: (!how.save).then(|| value.clone()),
        };
        let mut objects = self.state.objects.iter();
        match objects.position(|object| object.name == wanted.name) {
            Some(place) if same => self.state.objects[place] = recorded,
            Some(place) => {
                let earlier = &mut self.state.objects[place];
                if earlier.class == recorded.class && earlier.endpoint == recorded.endpoint {
                    // It was read by its id, and is gone.
                    self.state.objects.remove(place);
                } else {
                    // The input asks for another thing by now. The earlier one waits for destroy.
                    earlier.name.push_str(" (earlier)");
                }
                self.state.objects.push(recorded);
            }
            None => self.state.objects.push(recorded),
        }
        value
    }
}

/// What was told before, with the secrets and addresses that the provider tells now: somebody may have
/// made a client's secret anew.
pub(super) fn as_told_now(before: &Value, now: &Value) -> Value {
    let mut value = before.clone();
    let (Some(members), Some(now)) = (value.as_object_mut(), now.as_object()) else {
        return value;
    };
    let is_fresh = |name: &str| {
        is_secret_name(name) || matches!(name, "issuer" | "jwks_uri") || name.ends_with("_endpoint")
    };
    for (name, now) in now {
        if is_fresh(name) && now.is_string() {
            members.insert(name.clone(), now.clone());
        }
    }
    value
}

/// Puts back what the provider told once, such as a client's secret, and leaves out afterwards.
fn keep_secrets(before: &Value, now: &mut Value) {
    let (Some(before), Some(now)) = (before.as_object(), now.as_object_mut()) else {
        return;
    };
    for (member, before) in before {
        match now.get_mut(member) {
            Some(now) if !now.is_null() => keep_secrets(before, now),
            _ if is_secret_name(member) => drop(now.insert(member.clone(), before.clone())),
            _ => {}
        }
    }
}

/// How an object is written down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keeping {
    /// Among the values.
    pub(super) save: bool,
    /// As somebody else's.
    pub(super) shared: bool,
    /// As it was told before: only its makers' clocks and links may differ.
    pub(super) unchanged: bool,
}

/// An earlier output, by name, as an input loads it.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    /// The file, for people.
    pub(super) shown: String,
    pub(super) values: Map<String, Value>,
    /// Class and id of what is written down as made.
    pub(super) made: Vec<(String, String)>,
}

impl Earlier {
    /// Looks into the folder, then where readers of the tutorial have outputs.
    pub(super) fn read(root: &Path, folder: &Path, name: &str) -> Result<Self, OutputError> {
        let file = format!("{name}.json");
        let places = [
            root.join(folder).join(&file),
            root.join(OLDER_FOLDER).join(&file),
        ];
        for place in &places {
            let Some((_, mut values)) = read(place)? else {
                continue;
            };
            let state = values.shift_remove(OWN);
            let state: Option<State> = state.and_then(|state| serde_json::from_value(state).ok());
            let made = match state {
                Some(state) => state
                    .objects
                    .into_iter()
                    .filter(|object| !object.shared)
                    .map(|object| (object.class, object.id))
                    .collect(),
                // The tutorial's tool kept no such list: every object there is one that it made.
                None => values.values().filter_map(made_by_the_tutorial).collect(),
            };
            return Ok(Self {
                shown: place.display().to_string(),
                values,
                made,
            });
        }
        Err(OutputError {
            path: folder.join(&file).display().to_string(),
            problem: format!("it is not there; run solar-system bootstrap {name} first"),
        })
    }
}

fn made_by_the_tutorial(value: &Value) -> Option<(String, String)> {
    let id = value.get("id").or_else(|| value.get("client_id"))?;
    Some((String::new(), id.as_str()?.to_owned()))
}

/// A file as it stands, and what it says; `None` where there is none.
fn read(path: &Path) -> Result<Option<(String, Values)>, OutputError> {
    let unreadable = |problem: String| OutputError {
        path: path.display().to_string(),
        problem: format!("it cannot be read ({problem})"),
    };
    let text = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
        Ok(about) if !about.is_file() => return Err(unreadable("it is no file".to_owned())),
        Ok(about) if about.len() > LIMIT => return Err(unreadable("it is too long".to_owned())),
        Ok(_) => fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?,
    };
    let values = strict_json::from_slice(text.as_bytes());
    let values = values.map_err(|error| unreadable(error.to_string()))?;
    Ok(Some((text, values)))
}
