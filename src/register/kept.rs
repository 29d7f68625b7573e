//! What is kept of a registration: a record to change it by, and the secret in a file of its own.

use super::{Known, Registered, Role};
use crate::{
    jose::strict_json,
    net::check_url,
    oauth::Secret,
    settings::{create_private, make_folder_of, replace_private},
};
use serde_json::{Map, Value, json};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The two files of a client.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Client id, place and token for changes (RFC 7592), and what was registered.
    pub record: PathBuf,
    /// The client's secret alone, as `NAME_FILE` names it.
    pub secret: PathBuf,
}

/// Why a file is not read or written. No secret is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// Something is there already.
    #[error(
        "{0} is there already: an earlier registration's, perhaps still in use; register --delete takes that back, and --force writes over it"
    )]
    Exists(String),
    /// Nothing is there.
    #[error("{0} is not there: nothing was registered from here")]
    Missing(String),
    /// It cannot be read or written.
    #[error("{path}: {problem}")]
    Io {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
}

impl Kept {
    /// Where a client of this role is kept.
    #[must_use]
    pub fn at(folder: &Path, role: Role) -> Self {
        let name = role.prefix().to_lowercase();
        Self {
            record: folder.join(format!("{name}.json")),
            secret: folder.join(format!("{name}_secret")),
        }
    }

    /// Makes sure, before anything is sent, that what comes back can be kept.
    ///
    /// # Errors
    /// When something is there and `force` does not say to write over it, or the folder cannot be
    /// written.
    pub fn prepare(&self, force: bool) -> Result<(), KeptError> {
        for path in [&self.record, &self.secret] {
            if !force && fs::symlink_metadata(path).is_ok() {
                return Err(KeptError::Exists(path.display().to_string()));
            }
        }
        make_folder_of(&self.record).map_err(|error| told(&self.record, &error))?;
        let probe = self.record.with_extension("probe");
        let _ = fs::remove_file(&probe); // a run that was killed here left it; if it stays, the next line says so
        create_private(&probe, "").map_err(|error| told(&probe, &error))?;
        fs::remove_file(&probe).map_err(|error| told(&probe, &error))
    }

    /// Keeps a new registration: the record first, since without it nobody could take the client
    /// back. A client without a secret leaves no older one behind.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn keep(
        &self,
        endpoint: &str,
        registered: &Registered,
        force: bool,
    ) -> Result<(), KeptError> {
        self.write_record(endpoint, registered, registered.client_secret.is_some())?;
        match &registered.client_secret {
            Some(secret) if force => replace_private(&self.secret, secret.expose())
                .map_err(|error| told(&self.secret, &error)),
            Some(secret) => create_private(&self.secret, secret.expose())
                .map_err(|error| told(&self.secret, &error)),
            None => remove(&self.secret),
        }
    }

    /// Keeps what a change left: a secret or a token that is new takes the place of the old.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn keep_changed(&self, endpoint: &str, registered: &Registered) -> Result<(), KeptError> {
        let known = self.read().ok().map(|(known, _)| known);
        let mut registered = registered.clone();
        if let Some(known) = known {
            registered.uri = registered.uri.or(known.uri);
            registered.access_token = registered.access_token.or(known.access_token);
        }
        let has_secret = registered.client_secret.is_some() || self.secret.exists();
        self.write_record(endpoint, &registered, has_secret)?;
        match &registered.client_secret {
            Some(secret) => replace_private(&self.secret, secret.expose())
                .map_err(|error| told(&self.secret, &error)),
            None => Ok(()),
        }
    }

    fn write_record(
        &self,
        endpoint: &str,
        registered: &Registered,
        has_secret: bool,
    ) -> Result<(), KeptError> {
        let mut record = json!({
            "client_id": registered.client_id,
            "registration_endpoint": endpoint,
            "registered": registered.metadata,
        });
        if has_secret {
            record["secret_file"] = json!(self.secret);
        }
        if let Some(uri) = &registered.uri {
            record["registration_client_uri"] = json!(uri.as_str());
        }
        if let Some(token) = &registered.access_token {
            record["registration_access_token"] = json!(token.expose());
        }
        let text = format!("{record:#}\n");
        replace_private(&self.record, &text).map_err(|error| told(&self.record, &error))
    }

    /// The client that was kept, and the endpoint that it was registered at.
    ///
    /// # Errors
    /// When nothing was kept, or it cannot be read.
    pub fn read(&self) -> Result<(Known, Option<String>), KeptError> {
        let path = self.record.display().to_string();
        let bytes = match fs::read(&self.record) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(KeptError::Missing(path));
            }
            Err(error) => return Err(told(&self.record, &error)),
        };
        let broken = |problem: &str| KeptError::Io {
            path: path.clone(),
            problem: problem.to_owned(),
        };
        let record: Map<String, Value> = strict_json::from_slice(&bytes)
            .map_err(|_| broken("it is no record of a registration"))?;
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let client_id = text("client_id").ok_or_else(|| broken("it names no client_id"))?;
        let known = Known {
            client_id: client_id.to_owned(),
            uri: text("registration_client_uri").and_then(|uri| check_url(uri).ok()),
            access_token: text("registration_access_token").map(Secret::new),
        };
        Ok((known, text("registration_endpoint").map(str::to_owned)))
    }

    /// Forgets the client.
    ///
    /// # Errors
    /// When a file that is there cannot be removed.
    pub fn forget(&self) -> Result<(), KeptError> {
        remove(&self.secret)?;
        remove(&self.record)
    }
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), KeptError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(told(path, &error)),
        _ => Ok(()),
    }
}

fn told(path: &Path, error: &io::Error) -> KeptError {
    KeptError::Io {
        path: path.display().to_string(),
        problem: error.to_string(),
    }
}
