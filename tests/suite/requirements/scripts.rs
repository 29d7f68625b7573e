//! The scripts by which a release is looked at.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::empty_folder;

/// A tool that says that it is of this version.
fn tool(folder: &Path, version: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let file = folder.join("cargo-example");
    fs::write(&file, format!("#!/bin/sh\necho cargo-example {version}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    folder.to_owned()
}

/// Another version finds other things, or nothing.
#[test]
fn sec_com_15_a_tool_of_another_version_is_passed_over() {
    let peers = empty_folder();
    let built = tool(&peers.join("cargo/bin"), "1.2.3");
    for (version, is_used) in [
        ("1.2.3", true),
        ("1.2.4", false),
        ("1.2.30", false),
        ("11.2.3", false),
        ("1.2.3-rc1", false),
        ("", false),
    ] {
        let found = tool(&empty_folder(), version);
        let path = format!("{}:{}", found.display(), std::env::var("PATH").unwrap());
        let said = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cargo-tool.sh"))
            .args(["cargo-example", "1.2.3"])
            .env("PATH", path)
            .env("PEERS", &peers)
            .output()
            .unwrap();
        assert!(said.status.success(), "{version}: {said:?}");
        let due = if is_used { &found } else { &built };
        let said = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said.trim_end(), due.to_str().unwrap(), "{version}");
    }
}
