//! The files of a kit, and how they are written: only below the folder that was named.

use super::Facts;
use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// A file of a kit.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative, with `/` between folders.
    pub name: String,
    /// What it holds.
    pub contents: Vec<u8>,
}

/// The files of a kit.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    files: Vec<File>,
}

/// Why a kit is not written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Something is in the folder.
    #[error("{0} is not empty: name another folder, or add --force to write over what is there")]
    NotEmpty(PathBuf),
    /// Writing would leave the folder.
    #[error(
        "{0} is a link or no folder, and a kit is written only below the folder that was named"
    )]
    LeadsElsewhere(PathBuf),
    /// The system refused.
    #[error("{path} cannot be written: {source}")]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Bundle {
    /// No file yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    ///
    /// # Panics
    /// When the name is not relative and plain, or taken: kits name their files themselves.
    #[must_use]
    pub fn with(mut self, name: &str, contents: impl Into<Vec<u8>>) -> Self {
        assert!(is_plain(name), "{name:?} names no file of a kit");
        assert!(self.file(name).is_none(), "{name:?} is there twice");
        self.files.push(File {
            name: name.to_owned(),
            contents: contents.into(),
        });
        self
    }

    /// Adds the roots of `CA_FILE`, if there are any.
    #[must_use]
    pub fn with_roots(self, facts: &Facts) -> Self {
        match &facts.extra_roots {
            Some(roots) => self.with(Facts::CA, roots.clone()),
            None => self,
        }
    }

    /// The files, in the order in which they were added.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The file of this name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Writes all files below `folder`, which is made, or must be empty unless `force`. Links are never
    /// followed below it; each file appears whole or not at all.
    ///
    /// # Errors
    /// See [`BundleError`].
    pub fn write(&self, folder: &Path, force: bool) -> Result<(), BundleError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| BundleError::Io { path, source }
        };
        fs::create_dir_all(folder).map_err(failed(folder))?;
        let mut entries = fs::read_dir(folder).map_err(failed(folder))?;
        if !force && entries.next().is_some() {
            return Err(BundleError::NotEmpty(folder.to_owned()));
        }
        for file in &self.files {
            let mut parent = folder.to_owned();
            let parts: Vec<&str> = file.name.split('/').collect();
            let (name, folders) = parts.split_last().expect("split gives one part at least");
            for part in folders {
                parent.push(part);
                match fs::create_dir(&parent) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(failed(&parent)(error));
                    }
                    _ => {}
                }
                let kind = fs::symlink_metadata(&parent).map_err(failed(&parent))?;
                if !kind.is_dir() {
                    return Err(BundleError::LeadsElsewhere(parent));
                }
            }
            let path = parent.join(name);
            put(&path, &file.contents).map_err(failed(&path))?;
        }
        Ok(())
    }
}

/// Writes beside it and renames: a rename replaces a link and does not follow it.
fn put(path: &Path, contents: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = fs::File::create_new(&beside)
        .and_then(|mut file| file.write_all(contents))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Letters, digits, `-`, `_` and `.`, no part empty or beginning with a dot.
fn is_plain(name: &str) -> bool {
    name.split('/').all(|part| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    })
}
