//! What a bootstrap, or a registration, left behind: `{NAME: value}` files, each in a known folder.

use crate::jose::strict_json;
use serde_json::{Map, Value};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Longest file that is read, in bytes.
const LIMIT: u64 = 4 * 1024 * 1024;
/// Where readers of the tutorial have them.
const OLDER_FOLDER: &str = "okta_bootstrap/output";
/// What `register` keeps of the app, of the gateway's client and of a machine.
const RECORDS: [(&str, &str); 3] = [
    ("authn_client.json", "AUTHN_CLIENT"),
    ("introspect_client.json", "INTROSPECT_CLIENT"),
    ("machine_client.json", "MACHINE_CLIENT"),
];

/// The files that were found, in the order in which they are asked.
#[derive(Debug, Default)]
pub struct Outputs {
    found: Vec<Output>,
    /// Where an output was looked for.
    pub looked_for: Vec<String>,
    /// Names of outputs that are there and were not asked for.
    pub others: Vec<String>,
}

#[derive(Debug)]
struct Output {
    shown: String,
    values: Map<String, Value>,
}

/// Why an output is not read. No value is in it.
#[derive(Debug, thiserror::Error)]
pub enum OutputsError {
    /// A name that could lead elsewhere.
    #[error("{0:?} is no name of an output: letters, digits, - and _ are; --out names the folder")]
    NotAName(String),
    /// The output that was asked for is not there.
    #[error(
        "there is no output {name}: {looked_for} is not there; run solar-system bootstrap {name} first"
    )]
    Missing {
        /// As it was asked for.
        name: String,
        /// Where it was looked for.
        looked_for: String,
    },
    /// It cannot be read.
    #[error("{path}: it cannot be read ({problem})")]
    Unreadable {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
}

impl Outputs {
    /// Reads the outputs of these names that are there, and what `register` kept. With `must`, the
    /// first one has to be there.
    ///
    /// # Errors
    /// When a name is none, a file that is there cannot be read, or one that must be there is not.
    pub fn read(folder: &Path, names: &[&str], must: bool) -> Result<Self, OutputsError> {
        let mut outputs = Self::default();
        for name in names {
            if !is_a_name(name) {
                return Err(OutputsError::NotAName((*name).to_owned()));
            }
            let file = format!("{name}.json");
            let places = [folder.join(&file), Path::new(OLDER_FOLDER).join(&file)];
            outputs.looked_for.push(places[0].display().to_string());
            for place in places {
                if let Some(values) = read(&place)? {
                    outputs.take(&place, values);
                    break; // what the tutorial's tool left is older
                }
            }
        }
        if must && outputs.found.is_empty() {
            return Err(OutputsError::Missing {
                name: names.join(", "),
                looked_for: outputs.looked_for.join(", "),
            });
        }
        outputs.others = others(folder, names);
        for (file, prefix) in RECORDS {
            let place = folder.join(file);
            if let Some(record) = read(&place)? {
                outputs.take(&place, from_record(&record, prefix));
            }
        }
        Ok(outputs)
    }

    fn take(&mut self, place: &Path, values: Map<String, Value>) {
        let shown = place.display().to_string();
        self.found.push(Output { shown, values });
    }

    /// The text at one of these names, or `NAME/member/…`, in the first file that has one, and that
    /// file's name.
    #[must_use]
    pub fn text(&self, pointers: &[String]) -> Option<(String, String)> {
        self.found.iter().find_map(|output| {
            let text = |pointer: &String| {
                let name = pointer.strip_prefix('/').unwrap_or(pointer);
                let value = match name.split_once('/') {
                    None => output.values.get(name),
                    Some((name, rest)) => output.values.get(name)?.pointer(&format!("/{rest}")),
                };
                let text = match value? {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    _ => return None,
                };
                (!text.is_empty()).then_some(text)
            };
            let found = pointers.iter().find_map(text)?;
            Some((found, output.shown.clone()))
        })
    }

    /// Whether there is any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

fn is_a_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !name.is_empty() && name.len() <= 100 && name.chars().all(plain)
}

fn read(path: &Path) -> Result<Option<Map<String, Value>>, OutputsError> {
    let unreadable = |problem: String| OutputsError::Unreadable {
        path: path.display().to_string(),
        problem,
    };
    let bytes = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
        Ok(found) if found.len() > LIMIT => return Err(unreadable("it is too long".to_owned())),
        Ok(_) => fs::read(path).map_err(|error| unreadable(error.to_string()))?,
    };
    let values: Map<String, Value> =
        strict_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
    Ok(Some(values))
}

/// A registration's record, under the names that settings have. The secret lies in a file beside it.
fn from_record(record: &Map<String, Value>, prefix: &str) -> Map<String, Value> {
    let mut values = Map::new();
    for (member, rest) in [("client_id", "_ID"), ("secret_file", "_SECRET_FILE")] {
        if let Some(value) = record.get(member) {
            values.insert(format!("{prefix}{rest}"), value.clone());
        }
    }
    values
}

/// Other outputs in the folder, by name: one of them may be meant.
fn others(folder: &Path, names: &[&str]) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<String> = entries
        .filter_map(|entry| {
            let path = PathBuf::from(entry.file_name());
            let is_json = path.extension().is_some_and(|end| end == "json");
            let name = path.file_stem()?.to_str()?.to_owned();
            let record = RECORDS.iter().any(|(file, _)| path == Path::new(file));
            let wanted = is_json && is_a_name(&name) && !record;
            (wanted && !names.contains(&name.as_str())).then_some(name)
        })
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cli_07_a_name_is_never_a_path() {
        for odd in [
            "../standard",
            "/etc/passwd",
            "a/b",
            "",
            ".",
            "a.b",
            "a\\b",
            "a\0b",
        ] {
            let error = Outputs::read(Path::new("."), &[odd], false).unwrap_err();
            assert!(matches!(error, OutputsError::NotAName(_)), "{odd}");
        }
    }

    #[test]
    fn an_output_that_is_broken_is_refused_without_its_values() {
        let folder = std::env::temp_dir().join(format!("out-{}", crate::oauth::random_value()));
        fs::create_dir_all(&folder).unwrap();
        for broken in [
            "{\"A\":\"canary\",",
            "[\"canary\"]",
            "{\"A\":1,\"A\":\"canary\"}",
        ] {
            fs::write(folder.join("standard.json"), broken).unwrap();
            let error = Outputs::read(&folder, &["standard"], false).unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
        }
        let missing = Outputs::read(&folder, &["mulesoft"], true).unwrap_err();
        assert!(matches!(missing, OutputsError::Missing { .. }));
        let outputs = Outputs::read(&folder, &["mulesoft"], false).unwrap();
        assert!(outputs.is_empty());
        assert_eq!(outputs.others, ["standard"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
