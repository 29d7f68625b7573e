//! The file that keeps the org from start to start (`IDP_STATE`): JSON that only its owner may read, since
//! it holds the signing keys. Of passwords and client secrets it holds only hashes.
//!
//! It is replaced as a whole: a new file beside it is written, flushed, and renamed over it. What is not
//! ours, or not whole, is refused and left as it is.

use super::Org;
use crate::oauth::random_value;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

mod read;

/// What the file says of itself.
const FORMAT: &str = "solar-system identity provider state";
/// Counted up when older programs would misread it.
const VERSION: u64 = 1;

/// The file as a whole. Nothing in it says where the provider listens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u64,
    org: Org,
}

#[derive(Serialize)]
struct Written<'o> {
    format: &'static str,
    version: u64,
    org: &'o Org,
}

/// The file, as this process last read or wrote it.
pub(in crate::idp) struct StateFile {
    path: PathBuf,
    /// Of its bytes; `None`: there is no file yet.
    last_seen: Option<Digest>,
    /// Held as long as this lives: one provider alone keeps its state in a file.
    _lock: File,
}

impl StateFile {
    /// Looks at the file, and reads the org that it keeps. `None`: there is none yet.
    ///
    /// # Errors
    /// What is wrong with it, for a person. Never what it holds.
    pub(in crate::idp) fn open(path: &Path) -> Result<(Self, Option<Org>), String> {
        // What is no state gets no lock beside it.
        let path = match read::bytes(path)? {
            Some((path, bytes)) => read::org(&bytes).map(|_| path)?,
            None => path.to_owned(),
        };
        let mut file = Self {
            _lock: lock(&path)?,
            path,
            last_seen: None,
        };
        file.remove_left_overs();
        let Some((_, bytes)) = read::bytes(&file.path)? else {
            return Ok((file, None));
        };
        let org = read::org(&bytes)?;
        file.last_seen = Some(digest(&SHA256, &bytes));
        Ok((file, Some(org)))
    }

    /// Writes the org down, or leaves the file as it was.
    ///
    /// # Errors
    /// When that fails, or somebody else wrote to the file since.
    pub(super) fn write(&mut self, org: &Org) -> io::Result<()> {
        if self.last_seen.as_ref().map(Digest::as_ref)
            != self.on_disk()?.as_ref().map(Digest::as_ref)
        {
            return Err(io::Error::other("somebody else has changed the file"));
        }
        let written = Written {
            format: FORMAT,
            version: VERSION,
            org,
        };
        let bytes = serde_json::to_vec_pretty(&written)?;
        let new = self.new_path();
        let result = replace(&self.path, &new, &bytes);
        if result.is_err() {
            let _ = fs::remove_file(&new); // nothing of it is of use
        }
        result?;
        self.last_seen = Some(digest(&SHA256, &bytes));
        Ok(())
    }

    fn on_disk(&self) -> io::Result<Option<Digest>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(digest(&SHA256, &bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// In the same folder, or it could not be renamed.
    fn new_path(&self) -> PathBuf {
        beside(&self.path, &format!("{}.new", random_value()))
    }

    /// What processes left that were killed. They are dead: the lock is ours.
    fn remove_left_overs(&self) {
        let start = beside(&self.path, "");
        let start = start.file_name().unwrap_or_default().to_string_lossy();
        for entry in fs::read_dir(folder(&self.path))
            .into_iter()
            .flatten()
            .flatten()
        {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(&*start) && name.ends_with(".new") {
                let _ = fs::remove_file(entry.path()); // it is in nobody's way
            }
        }
    }
}

/// A hidden file in the same folder.
fn beside(path: &Path, end: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{end}"))
}

/// The lock is on a file of its own, which stays: the state's is another after each change.
fn lock(path: &Path) -> Result<File, String> {
    let mut options = OpenOptions::new();
    let file = own(options.write(true).create(true).truncate(false)).open(beside(path, "lock"));
    let file = file.map_err(|error| format!("it cannot be written ({error})"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err("another identity provider that runs now keeps its state in it; stop that one, or give this one a file of its own".to_owned())
        }
        Err(TryLockError::Error(error)) => Err(format!("it cannot be locked ({error})")),
    }
}

fn folder(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn replace(path: &Path, new: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = own(OpenOptions::new().write(true).create_new(true)).open(new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, path)?;
    flush_folder(path)
}

#[cfg(unix)]
fn own(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn own(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// The new name too must be there after a power cut. Not every system can flush a folder.
fn flush_folder(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    File::open(folder(path))?.sync_all()
}
