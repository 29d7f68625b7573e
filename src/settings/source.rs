//! Where values come from: the environment, then `.env`; a secret may also be in a file.

use super::{
    SettingError, dotenv,
    table::{is_known, variable},
};
use crate::oauth::Secret;
use std::{collections::BTreeMap, fs, io, path::Path};

/// Longest secret that is read from a file, in bytes.
const SECRET_FILE_LIMIT: u64 = 64 * 1024;

/// The values of a start. Empty values count as unset.
#[derive(Clone, Default)]
pub struct Source {
    values: BTreeMap<String, String>,
    /// Names that `.env` has, to find misspelt ones.
    in_file: Vec<String>,
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
                Ok(value) => drop(source.values.insert(name, value)),
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

    /// Exactly these values. For tests, and for whoever embeds the house.
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self {
            values: pairs.collect(),
            in_file: Vec::new(),
        }
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
