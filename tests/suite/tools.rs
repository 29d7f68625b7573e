//! The tools `client-key`, `settings`, `register` and `token` through the binary, and the machine's panel of the home page.

mod client_key;
mod machine;
mod register;
mod settings;
mod token;

use std::fs;
use std::path::Path;

use crate::program::Ended;
use crate::workplace::Workplace;

/// A workplace with an output of a bootstrap in it.
fn with_output(name: &str, output: &serde_json::Value) -> Workplace {
    let work = Workplace::new();
    write(
        &work,
        &format!("bootstrap/output/{name}.json"),
        &output.to_string(),
    );
    work
}

fn write(work: &Workplace, path: &str, text: &str) {
    let path = work.folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Only its owner may read it.
#[cfg(unix)]
fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{}", path.display());
}

#[cfg(not(unix))]
fn assert_private(_: &Path) {}

/// It ended so, and said what was wrong without a panic.
fn assert_ended(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{}{}", ended.output, ended.errors);
    for word in words {
        assert!(ended.errors.contains(word), "{word} in {}", ended.errors);
    }
    assert!(!ended.errors.contains("panicked"), "{}", ended.errors);
}
