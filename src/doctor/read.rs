//! Reads the settings as `serve` does, and goes on after the first that is wrong, so that all are told.

use super::patient::{SettingProblem, SettingsSeen};
use crate::{
    oauth::random_value,
    settings::{Command, Settings, Source, VARIABLES},
};

/// How many settings may be wrong before the rest is let be.
const ROUNDS: usize = 40;

/// The settings, and what reading them came to. What is wrong is left out, and what is missing is made
/// up: whatever depends on either is skipped by the names of the problems.
#[must_use]
pub fn read_settings(source: &Source) -> (Option<Settings>, SettingsSeen) {
    let mut seen = SettingsSeen {
        told: told(source),
        ..SettingsSeen::default()
    };
    let mut source = source.clone();
    for _ in 0..ROUNDS {
        let error = match Settings::read(Command::Serve, &source) {
            Ok(settings) => {
                seen.warnings.clone_from(&settings.warnings);
                seen.warnings
                    .extend(source.open_secret_files(&settings.blueprint));
                return (Some(settings), seen);
            }
            Err(error) => error,
        };
        let name = error.name().to_owned();
        let known = canonical(&name);
        let is_new = !seen.problems.iter().any(|problem| problem.name == known);
        if is_new {
            seen.problems.push(SettingProblem {
                name: known,
                sentence: error.to_string(),
            });
        }
        source = if source.has(&name) {
            source.without(&name)
        } else if is_new {
            source.with(&name, &random_value())
        } else {
            // a person without whom a password means nothing
            let password = name.replace("_USERNAME", "_PASSWORD");
            let file = format!("{password}_FILE");
            source.without(&password).without(&file)
        };
    }
    (None, seen)
}

/// A variable's name in the table, by any of the names that it is read by.
fn canonical(name: &str) -> String {
    let mut all = VARIABLES.iter().flat_map(|(_, variables)| *variables);
    let bare = name.strip_suffix("_FILE").unwrap_or(name);
    let found = all.find(|variable| {
        variable.name == name
            || variable.name == bare
            || variable
                .older
                .iter()
                .any(|older| *older == name || *older == bare)
    });
    found.map_or(name, |variable| variable.name).to_owned()
}

/// What is set and where, secrets by name alone.
fn told(source: &Source) -> Vec<String> {
    let all = VARIABLES.iter().flat_map(|(_, variables)| *variables);
    let set = all.filter_map(|variable| {
        let origin = source.origin(variable.name)?;
        let from = if origin.environment {
            "environment"
        } else {
            ".env"
        };
        let value = match source.text(variable.name) {
            Ok(Some(value)) if !variable.secret => format!("{}={value}", origin.name),
            _ => format!("{} is set", origin.name),
        };
        Some(format!("{value} ({from})"))
    });
    set.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(pairs: &[(&str, &str)]) -> (Vec<String>, SettingsSeen) {
        let (settings, seen) = read_settings(&Source::of(pairs.iter().copied()));
        assert!(settings.is_some());
        let names = seen.problems.iter().map(|problem| problem.name.clone());
        (names.collect(), seen)
    }

    #[test]
    fn every_setting_that_is_wrong_is_told_and_not_the_first_alone() {
        let (names, seen) = problems(&[
            ("OKTA_AZ_SERVER_ISSUER", "http://idp.example"),
            ("PORT", "eighty"),
            ("SESSION_SECRET", "some random phrase"),
            ("SILVER_PASSWORD", "p"),
            ("SILVER_USERNAME", "nobody.known"),
            ("CA_FILE", "/nowhere"),
            ("GATEWAY_POLICY", "guess"),
        ]);
        for name in [
            "ISSUER",
            "PORT",
            "SESSION_SECRET",
            "SILVER_USERNAME",
            "CA_FILE",
            "GATEWAY_POLICY",
        ] {
            assert!(names.iter().any(|one| one == name), "{name}: {names:?}");
        }
        let told = format!("{seen:?}");
        assert!(!told.contains("some random phrase"), "{told}");
        assert!(told.contains("SESSION_SECRET is set"), "{told}");
    }

    #[test]
    fn what_is_missing_with_a_foreign_issuer_is_told_at_once() {
        let (names, _) = problems(&[("ISSUER", "https://idp.example")]);
        assert_eq!(
            names,
            ["AUTHN_CLIENT_ID", "AUTHN_CLIENT_SECRET", "SESSION_SECRET"]
        );
        let (names, _) = problems(&[("ISSUER", "https://idp.example"), ("GOLD_PASSWORD", "p")]);
        assert!(names.contains(&"GOLD_USERNAME".to_owned()), "{names:?}");
        assert!(problems(&[]).0.is_empty());
    }

    #[test]
    fn names_are_those_of_the_table() {
        for (read_by, name) in [
            ("AUD", "AUDIENCE"),
            ("CLIENT_SECRET_FILE", "AUTHN_CLIENT_SECRET"),
            ("CA_FILE", "CA_FILE"),
            ("GATEWAY_URI", "PROXY_URI"),
        ] {
            assert_eq!(canonical(read_by), name);
        }
    }
}
