//! Each kit that cannot be run here as it was last looked at, byte for byte; the others are proven by running
//! them. `UPDATE=1 cargo test --lib golden` writes them anew, and the difference is what a reviewer reads.

use super::{KITS, Proof, plain};
use std::{collections::BTreeMap, fs, path::PathBuf};

/// Without what changes with every version of the program, and with every new fact.
fn stable(contents: &[u8], hash: &str) -> Vec<u8> {
    let version = concat!("Made by solar-system ", env!("CARGO_PKG_VERSION"));
    match std::str::from_utf8(contents) {
        Ok(text) => text
            .replace(version, "Made by solar-system 0.0.0")
            .replace(hash, "0000")
            .into_bytes(),
        Err(_) => contents.to_owned(),
    }
}

fn folder(kit: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/kits")
        .join(kit)
}

/// Every file below a folder, by its name relative to it.
fn files(folder: &PathBuf, before: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() {
            files(&path, &format!("{before}{name}/"), found);
        } else {
            found.insert(format!("{before}{name}"), fs::read(&path).unwrap());
        }
    }
}

#[test]
fn every_kit_that_is_not_run_is_the_one_that_was_looked_at() {
    let update = std::env::var_os("UPDATE").is_some();
    for kit in KITS.iter().filter(|kit| kit.proof != Proof::Run) {
        let folder = folder(kit.name);
        let mut made = BTreeMap::new();
        for policy in kit.policies {
            let facts = plain(*policy);
            let (bundle, hash) = (kit.bundle(&facts).unwrap(), facts.hash());
            // an archive holds the files beside it once more, with the version and the hash inside
            for file in bundle
                .files()
                .iter()
                .filter(|one| super::kind(&one.name) != "zip")
            {
                let name = format!("{}/{}", super::policy_name(*policy), file.name);
                made.insert(name, stable(&file.contents, &hash));
            }
        }
        if update {
            let _ = fs::remove_dir_all(&folder);
            for (name, contents) in &made {
                let path = folder.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, contents).unwrap();
            }
        }
        let mut kept = BTreeMap::new();
        files(&folder, "", &mut kept);
        let names = |of: &BTreeMap<String, Vec<u8>>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(
            names(&made),
            names(&kept),
            "{}: UPDATE=1 writes them",
            kit.name
        );
        for (name, contents) in &made {
            let same = kept[name] == *contents;
            assert!(same, "{} {name} differs: UPDATE=1 writes it", kit.name);
        }
    }
}
