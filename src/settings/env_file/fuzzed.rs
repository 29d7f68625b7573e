//! What stands in a `.env` file, for a fuzzer (see [`crate::fuzzing`]).

use super::{EnvFile, dotenv, env_line};
use std::{collections::HashSet, path::PathBuf};

/// What was read can be written so that it is read the same, alone and into the file it came from.
pub(crate) fn env_values(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(line) = env_line("VALUE", text) {
        let read = dotenv::parse(&line).expect("what is written can be read");
        assert_eq!(read, [("VALUE".to_owned(), text.to_owned())]);
    }
    let pairs = match dotenv::parse(text) {
        Ok(pairs) => pairs,
        Err(problem) => {
            assert!(!problem.contains('\n'), "{problem:?}");
            return;
        }
    };
    let names: HashSet<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), pairs.len());
    for (name, value) in &pairs {
        if let Ok(line) = env_line(name, value) {
            assert_eq!(
                dotenv::parse(&line),
                Ok(vec![(name.clone(), value.clone())]),
                "{line}"
            );
        }
    }
    let mut file = EnvFile {
        path: PathBuf::from(".env"),
        text: text.to_owned(),
        headed: false,
        changed: false,
    };
    for (name, value) in [
        ("ISSUER", "https://idp.example"),
        ("SESSION_SECRET", "a 'b' \"c\" $d # e"),
    ] {
        if file.set(name, value, "Fuzzed").is_ok() {
            // an older name's line may have been the place
            let after = file.pairs().expect("what is written can be read");
            assert!(
                after.iter().any(|(_, read)| read == value),
                "{:?}",
                file.text()
            );
        }
    }
}
