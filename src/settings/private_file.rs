//! Files that hold secrets: only their owner reads them, and they are whole or not there.

use crate::oauth::{Secret, random_value};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Longest secret that is read from a file, in bytes.
pub(super) const SECRET_FILE_LIMIT: u64 = 64 * 1024;

/// Puts `text` in the place of what the file held, in one step, with mode 0600. A symbolic link stays
/// one: what it leads to is replaced.
///
/// # Errors
/// When the folder is missing or cannot be written; the file is then as it was.
pub fn replace_private(path: &Path, text: &str) -> io::Result<()> {
    let target = match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => fs::canonicalize(path)?,
        _ => path.to_owned(),
    };
    let beside = beside(&target)?;
    let written = write_new(&beside, text).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        let _ = fs::remove_file(&beside); // what was begun is no use to anybody
    }
    written
}

/// Makes a file with mode 0600 that must not be there yet, not even as a link.
///
/// # Errors
/// When it is there, or cannot be made.
pub fn create_private(path: &Path, text: &str) -> io::Result<()> {
    let written = write_new(path, text);
    let ours = !matches!(&written, Err(error) if error.kind() == io::ErrorKind::AlreadyExists);
    if written.is_err() && ours {
        let _ = fs::remove_file(path);
    }
    written
}

/// Reads a file that nobody but its owner can read or change. What is looked at is what is read: a path
/// may lead elsewhere a moment later.
///
/// # Errors
/// When others can get at it, it is longer than a secret can be, or it cannot be read.
pub(super) fn read_private(path: &Path) -> io::Result<Secret> {
    let file = File::open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if let Some(mode) = mode_for_others(&found) {
        let path = path.display();
        return Err(io::Error::other(format!(
            "its mode {mode:04o} lets others than its owner get at it: chmod 600 {path}"
        )));
    }
    if found.len() > SECRET_FILE_LIMIT {
        return Err(io::Error::other("it is longer than a secret can be"));
    }
    // a string that grows leaves copies behind
    let mut text = String::with_capacity(usize::try_from(found.len()).unwrap_or_default());
    file.take(SECRET_FILE_LIMIT).read_to_string(&mut text)?;
    Ok(Secret::new(text))
}

/// The file's mode, where it lets anybody do anything but its owner.
#[cfg(unix)]
fn mode_for_others(found: &fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Other systems have other ways to say who may read.
#[cfg(not(unix))]
fn mode_for_others(_: &fs::Metadata) -> Option<u32> {
    None
}

/// Makes the folder that a file is to lie in, and those above it.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::create_dir_all(folder),
        _ => Ok(()),
    }
}

/// A name in the same folder that nobody else takes: only there a rename is one step.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::other("it is no name of a file"))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", &random_value()[..12]));
    Ok(path.with_file_name(hidden))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("private-{}", random_value()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn cli_06_a_secrets_file_is_new_and_its_owners_alone() {
        let folder = folder();
        let file = folder.join("secret");
        create_private(&file, "canary").unwrap();
        assert_eq!(mode(&file), 0o600);
        let again = create_private(&file, "other").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        let link = folder.join("link");
        symlink(folder.join("elsewhere"), &link).unwrap();
        assert!(create_private(&link, "other").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "canary");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_is_replaced_in_one_step_and_a_link_stays_one() {
        let folder = folder();
        let (file, link) = (folder.join("real"), folder.join(".env"));
        fs::write(&file, "before").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        symlink(&file, &link).unwrap();
        replace_private(&link, "after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        assert_eq!(mode(&file), 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing is left");
        assert!(replace_private(&folder.join("no/such"), "x").is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
