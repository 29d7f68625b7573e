//! Where values come from: the environment, then `.env`; a secret may also be in a file.

use super::{
    SettingError, dotenv,
    private_file::SECRET_FILE_LIMIT,
    table::{is_known, known_names, variable},
};
use crate::{blueprint::Blueprint, flight::printable, oauth::Secret};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// The values of a start. Empty values count as unset.
#[derive(Clone, Default)]
pub struct Source {
    values: BTreeMap<String, String>,
    /// Names that `.env` has, to find misspelt ones.
    in_file: Vec<String>,
    /// Names whose value is the environment's: it wins over `.env`.
    in_environment: BTreeSet<String>,
}

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The name that it was found by: it may be an older one, or that of a file with a secret.
    pub name: String,
    /// Whether it is the environment's; else it is from `.env`.
    pub environment: bool,
}

impl Source {
    /// The process's environment, and under it the `.env` of this folder, if there is one.
    ///
    /// # Errors
    /// When `.env` is there but cannot be read, or a variable of ours is no UTF-8.
    pub fn of_process() -> Result<Self, SettingError> {
        let mut source = Self::default();
        for (name, value) in dotenv::read(Path::new(".env"))? {
            source.in_file.push(name.clone());
            source.values.insert(name, value);
        }
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            match value.into_string() {
                Ok(value) if value.is_empty() => {}
                Ok(value) => {
                    source.in_environment.insert(name.clone());
                    source.values.insert(name, value);
                }
                Err(_) if is_known(&name) => {
                    return Err(SettingError::without_value(&name, "its value is not UTF-8"));
                }
                Err(_) => {}
            }
        }
        Ok(source)
    }

    /// A warning for each name in `.env` that is nearly one of `known`: a misspelt setting would be
    /// ignored without a word.
    pub(super) fn misspelt(&self, known: &[String]) -> Vec<String> {
        let unknown = self.in_file.iter().filter(|name| !known.contains(name));
        let near = |name: &&String| {
            let close = |known: &&String| strsim::damerau_levenshtein(name, known) <= 2;
            known.iter().filter(|known| known.len() > 4).find(close)
        };
        unknown
            .filter_map(|name| Some((name, near(&name)?)))
            .map(|(name, known)| format!("{name} in .env is not a setting; is {known} meant?"))
            .collect()
    }

    /// A warning for each file with a secret that others than its owner can read. It stops nothing:
    /// containers are given secrets in files that anybody in there can read.
    #[must_use]
    pub fn open_secret_files(&self, blueprint: &Blueprint) -> Vec<String> {
        let known = known_names(blueprint);
        let files = self.values.iter().filter(|(name, path)| {
            let secret = name.strip_suffix("_FILE");
            let is_ours = secret.is_some_and(|secret| known.iter().any(|name| name == secret));
            is_ours && known.contains(name) && !path.trim().is_empty()
        });
        files
            .filter_map(|(name, path)| {
                let mode = mode_for_others(Path::new(path.trim()))?;
                let path = printable(path.trim(), 300);
                Some(format!("{name}: others than its owner can read {path} (mode {mode:04o}), which holds a secret; unless a container is given it so: chmod 600 {path}"))
            })
            .collect()
    }

    /// Exactly these values. For tests, and for whoever embeds the house.
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self {
            values: pairs.collect(),
            ..Self::default()
        }
    }

    /// The same with one more value, as a person typed it.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Whether there is a value by this very name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The same without a value, by the very name that it was found by.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.values.remove(name);
        self
    }

    /// Where the value of a variable of the table comes from, by its name, an older one, or that of
    /// a file; `None` when it is not set.
    #[must_use]
    pub fn origin(&self, name: &str) -> Option<Origin> {
        let (name, _) = self.found(name).or_else(|| self.found_file(name))?;
        let environment = !self.in_file.contains(&name) || self.in_environment.contains(&name);
        Some(Origin { name, environment })
    }

    /// The value of a variable of the table or one of its older names, and the name it was found by.
    /// Blanks around it do not count, but in a secret.
    fn found(&self, name: &str) -> Option<(String, &str)> {
        let variable = variable(name);
        let older = variable.map_or(&[][..], |variable| variable.older);
        let is_secret = variable.is_some_and(|variable| variable.secret);
        std::iter::once(name)
            .chain(older.iter().copied())
            .find_map(|name| {
                let value = self.values.get(name)?;
                let value = if is_secret { value } else { value.trim() };
                (!value.is_empty()).then(|| (name.to_owned(), value))
            })
    }

    /// The same for the file that holds a secret: `NAME_FILE`, or an older name's.
    fn found_file(&self, name: &str) -> Option<(String, &str)> {
        let older = variable(name).map_or(&[][..], |variable| variable.older);
        std::iter::once(name)
            .chain(older.iter().copied())
            .find_map(|name| {
                let name = format!("{name}_FILE");
                let path = self.values.get(&name)?.trim();
                (!path.is_empty()).then_some((name, path))
            })
    }

    /// The text of a variable that is no secret.
    ///
    /// # Errors
    /// None today; the signature is that of its sisters.
    pub fn text(&self, name: &str) -> Result<Option<String>, SettingError> {
        Ok(self.found(name).map(|(_, value)| value.to_owned()))
    }

    /// A variable that is no secret, parsed. The error names it as it was set.
    ///
    /// # Errors
    /// What the parser says of the value.
    pub fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, SettingError> {
        let Some((name, value)) = self.found(name) else {
            return Ok(None);
        };
        parse(value)
            .map(Some)
            .map_err(|reason| SettingError::new(&name, value, reason))
    }

    /// A secret, from `NAME` or from the file that `NAME_FILE` names; a trailing line end of the
    /// file does not count.
    ///
    /// # Errors
    /// When both are set, or the file cannot be read.
    pub fn secret(&self, name: &str) -> Result<Option<Secret>, SettingError> {
        let value = self.found(name).map(|(_, value)| Secret::new(value));
        let Some((file_name, path)) = self.found_file(name) else {
            return Ok(value);
        };
        if value.is_some() {
            let reason = format!("{name} is set too; set one of the two");
            return Err(SettingError::new(&file_name, path, reason));
        }
        let read = read_secret(Path::new(path));
        let text = read.map_err(|error| {
            SettingError::new(
                &file_name,
                path,
                format!("the file cannot be read ({error})"),
            )
        })?;
        if text.is_empty() {
            return Err(SettingError::new(&file_name, path, "the file is empty"));
        }
        Ok(Some(text))
    }
}

/// The file's mode, where it lets its group or everybody read.
#[cfg(unix)]
fn mode_for_others(path: &Path) -> Option<u32> {
    let found = fs::metadata(path).ok()?;
    let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
    (found.is_file() && mode & 0o044 != 0).then_some(mode)
}

/// Other systems have other ways to say who may read.
#[cfg(not(unix))]
fn mode_for_others(_: &Path) -> Option<u32> {
    None
}

fn read_secret(path: &Path) -> io::Result<Secret> {
    if fs::metadata(path)?.len() > SECRET_FILE_LIMIT {
        return Err(io::Error::other("it is longer than a secret can be"));
    }
    Ok(Secret::new(
        fs::read_to_string(path)?.trim_end_matches(['\n', '\r']),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_names_are_read_and_newer_ones_win() {
        let source = Source::of([("OKTA_AZ_SERVER_ISSUER", "https://old")]);
        assert_eq!(source.text("ISSUER").unwrap().unwrap(), "https://old");
        let source = Source::of([
            ("OKTA_AZ_SERVER_ISSUER", "https://old"),
            ("ISSUER", "https://new"),
        ]);
        assert_eq!(source.text("ISSUER").unwrap().unwrap(), "https://new");
    }

    #[test]
    fn an_error_names_the_variable_as_it_was_set() {
        let source = Source::of([("GATEWAY_URI", "nonsense")]);
        let error = source
            .parsed("PROXY_URI", |_| Err::<(), _>("wrong".into()))
            .unwrap_err();
        assert_eq!(error.to_string(), "GATEWAY_URI=nonsense: wrong");
    }

    #[test]
    fn a_secret_comes_from_its_file_and_never_from_two_places() {
        let path = std::env::temp_dir().join(format!("secret-{}", crate::oauth::random_value()));
        fs::write(&path, "from the file\n").unwrap();
        let file = path.to_str().unwrap();
        let source = Source::of([("AUTHN_CLIENT_SECRET_FILE", file)]);
        assert!(
            source
                .secret("AUTHN_CLIENT_SECRET")
                .unwrap()
                .unwrap()
                .matches("from the file")
        );
        let source = Source::of([
            ("AUTHN_CLIENT_SECRET_FILE", file),
            ("AUTHN_CLIENT_SECRET", "canary"),
        ]);
        let error = source
            .secret("AUTHN_CLIENT_SECRET")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("AUTHN_CLIENT_SECRET_FILE=") && !error.contains("canary"),
            "{error}"
        );
        fs::remove_file(&path).unwrap();
        assert!(
            Source::of([("SESSION_SECRET_FILE", file)])
                .secret("SESSION_SECRET")
                .is_err()
        );
    }

    #[test]
    fn a_secret_keeps_its_blanks_and_an_older_name_has_a_file_too() {
        let source = Source::of([("CLIENT_SECRET", " a ")]);
        assert!(
            source
                .secret("AUTHN_CLIENT_SECRET")
                .unwrap()
                .unwrap()
                .matches(" a ")
        );
        let source = Source::of([("CLIENT_SECRET_FILE", "/nowhere")]);
        let error = source.secret("AUTHN_CLIENT_SECRET").unwrap_err();
        assert_eq!(error.name(), "CLIENT_SECRET_FILE");
    }

    #[test]
    fn the_origin_of_a_value_is_told_by_the_name_it_was_found_by() {
        let mut source = Source::of([("CLIENT_ID", "a"), ("CLIENT_SECRET_FILE", "b")]);
        source.in_file = vec!["CLIENT_ID".into()];
        let origin = source.origin("AUTHN_CLIENT_ID").unwrap();
        assert_eq!(
            (origin.name.as_str(), origin.environment),
            ("CLIENT_ID", false)
        );
        let origin = source.origin("AUTHN_CLIENT_SECRET").unwrap();
        assert_eq!(
            (origin.name.as_str(), origin.environment),
            ("CLIENT_SECRET_FILE", true)
        );
        assert_eq!(source.origin("PORT"), None);
    }

    #[cfg(unix)]
    #[test]
    fn cli_01_a_secrets_file_that_others_can_read_is_told_with_what_to_do() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("open-{}", crate::oauth::random_value()));
        fs::write(&path, "canary").unwrap();
        let file = path.to_str().unwrap();
        let level = Blueprint::default().levels[0].name.clone();
        let level = format!("{}_PASSWORD_FILE", super::super::variable_prefix(&level));
        for (mode, name, told) in [
            (0o644, "OKTA_API_TOKEN_FILE", true),
            (0o640, "CLIENT_SECRET_FILE", true),
            (0o444, level.as_str(), true),
            (0o600, "OKTA_API_TOKEN_FILE", false),
            (0o400, "OKTA_API_TOKEN_FILE", false),
            (0o644, "CA_FILE", false),
            (0o644, "POSTGRES_PASSWORD_FILE", false),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let source = Source::of([(name, file)]);
            let warnings = source.open_secret_files(&Blueprint::default()).join("\n");
            assert_eq!(!warnings.is_empty(), told, "{name} {mode:o}: {warnings}");
            if told {
                let chmod = format!("chmod 600 {file}");
                assert!(
                    warnings.contains(&chmod) && warnings.starts_with(name),
                    "{warnings}"
                );
                assert!(!warnings.contains("canary"), "{warnings}");
            }
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_misspelt_name_is_told() {
        let mut source = Source::of([("ISUER", "https://x")]);
        source.in_file = vec![
            "ISUER".into(),
            "PATH_TO_ENLIGHTENMENT".into(),
            "ISSUER".into(),
        ];
        let warnings = source.misspelt(&["ISSUER".to_owned(), "PORT".to_owned()]);
        assert_eq!(
            warnings,
            ["ISUER in .env is not a setting; is ISSUER meant?"]
        );
    }
}
