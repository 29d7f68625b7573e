//! How the house is built: no room names another, and no word of the scenario stands outside the blueprint.

use std::fs;
use std::path::{Path, PathBuf};

use solar_system::blueprint::Blueprint;
use solar_system::settings::env_example;

/// The floors, from the top: a module may name what stands below it, and itself.
const FLOORS: [&[&str]; 7] = [
    &["cli", "main", "fuzzing"],
    &["stack"],
    &[
        "bootstrap",
        "settings_for",
        "register",
        "token",
        "kit",
        "verify",
        "doctor",
    ],
    &["web", "idp", "gateway", "api"],
    &["calls", "finding", "flight", "reason", "settings", "assets"],
    &["blueprint", "jose", "net"],
    &["oauth", "clock"],
];

/// The floors on which no module may name its neighbour.
const TOOLS: usize = 2;
const ROOMS: usize = 3;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ends));
        } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
            found.push(path);
        }
    }
    found
}

/// The module of the first floor that a file belongs to.
fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str();
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The modules that a source names after `crate::`, one by one or in braces, comments left out.
fn named_modules(source: &str) -> Vec<String> {
    let code: Vec<_> = source
        .lines()
        .map(|line| line.split("//").next().unwrap())
        .collect();
    let code = code.join(" ");
    let mut named = Vec::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                let part_of_a_word = letter.is_alphanumeric() || letter == '_';
                if depth == 1 && part_of_a_word {
                    word.push(letter);
                } else if depth == 1 && matches!(letter, ',') || depth == 0 {
                    named.push(std::mem::take(&mut word));
                } else if depth == 1 && letter == ':' {
                    named.push(std::mem::take(&mut word));
                    word.push('\u{0}');
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            let word = rest
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_');
            named.push(word.collect());
        }
    }
    named.retain(|word| !word.is_empty() && !word.contains('\u{0}'));
    named
}

/// The source with every `super::super::…` that reaches the root written as `crate::`.
fn from_the_root(path: &Path, source: &str) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let is_folder = inside.ends_with("mod.rs");
    let depth = inside.components().count() - usize::from(is_folder);
    let up = "super::".repeat(depth);
    let (code, tests) = source.split_once("#[cfg(test)]").unwrap_or((source, ""));
    code.replace(&up, "crate::") + tests
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

#[test]
fn the_scanner_sees_every_way_to_name_a_module() {
    let source = "use crate::{net::{Client, Room}, oauth::Secret, clock};\nuse crate::jose;\nfn f() { crate::web::x() } // crate::idp\n";
    assert_eq!(
        named_modules(source),
        ["net", "oauth", "clock", "jose", "web"]
    );
}

#[test]
fn the_scanner_sees_the_root_through_super() {
    let from = |path: &str, source: &str| {
        named_modules(&from_the_root(&root().join("src").join(path), source))
    };
    assert_eq!(from("web/mod.rs", "use super::idp;"), ["idp"]);
    assert_eq!(
        from("web/a/b.rs", "use super::super::super::{net, idp};"),
        ["net", "idp"]
    );
    assert!(from("web/a/b.rs", "use super::super::gateway;").is_empty());
    assert!(from("web/a.rs", "use super::gateway;").is_empty());
}

#[test]
fn arrows_point_down_and_no_room_names_another() {
    let mut arrows = 0;
    for path in files(&root().join("src"), &[".rs"]) {
        let module = module_of(&path);
        if module == "lib" {
            continue;
        }
        let floor = floor_of(&module).unwrap_or_else(|| panic!("{module} is on no floor"));
        let source = from_the_root(&path, &fs::read_to_string(&path).unwrap());
        for named in named_modules(&source) {
            if named == module {
                continue;
            }
            let Some(other) = floor_of(&named) else {
                continue;
            };
            arrows += 1;
            assert!(
                other > floor || other == floor && floor > ROOMS,
                "{} names crate::{named}",
                path.display()
            );
            assert!(
                other != ROOMS || floor < TOOLS,
                "{} names the room {named}",
                path.display()
            );
        }
    }
    assert!(arrows > 50, "the scanner found only {arrows} arrows");
}

#[test]
fn templates_name_no_room_but_their_own() {
    for path in files(&root().join("templates"), &[".html"]) {
        let text = fs::read_to_string(&path).unwrap();
        for named in named_modules(&text) {
            assert!(
                floor_of(&named) != Some(ROOMS),
                "{} names {named}",
                path.display()
            );
        }
    }
}

#[test]
fn nothing_but_the_default_blueprint_names_the_scenario() {
    let words = [
        "silver",
        "gold",
        "bronze",
        "planets",
        "moons",
        "asteroids",
        "comets",
        "visitors",
        "sagan",
        "jodie",
        "telescope",
    ];
    for folder in ["src", "templates", "static"] {
        for path in files(
            &root().join(folder),
            &[".rs", ".html", ".css", ".svg", ".toml"],
        ) {
            let name = path.to_string_lossy();
            let is_test = ["/tests/", "/tests.rs", "/samples.rs"]
                .iter()
                .any(|part| name.contains(part));
            if is_test || name.ends_with("/blueprint/default.toml") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for (number, line) in text.lines().enumerate() {
                let comment = line.trim_start().starts_with("//");
                for word in words {
                    let found = line.to_lowercase().contains(word) && !comment;
                    assert!(!found, "{}:{}: {line}", path.display(), number + 1);
                }
            }
        }
    }
}

#[test]
fn env_example_is_what_the_table_of_settings_makes() {
    let written = fs::read_to_string(root().join(".env_example")).unwrap();
    assert_eq!(
        written,
        env_example(&Blueprint::default()),
        ".env_example is out of date"
    );
    for name in [
        "ISSUER",
        "PROXY_URI",
        "AUTHN_CLIENT_ID",
        "SESSION_SECRET",
        "REDIRECT_URI",
        "SILVER_USERNAME",
        "GOLD_PASSWORD",
        "BLUEPRINT",
    ] {
        assert!(written.contains(&format!("{name}=")), "{name}");
    }
}

#[test]
fn verify_reads_the_rules_by_itself_and_never_by_the_gateways_judge() {
    for folder in ["src/verify", "src/cli/verify"] {
        for path in files(&root().join(folder), &[".rs"]) {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.lines().map(|line| line.split("//").next().unwrap());
            for line in code {
                let named = [
                    "Policy::",
                    "Facts",
                    "blueprint::Policy",
                    "blueprint::Verdict",
                ]
                .iter()
                .find(|name| line.contains(**name));
                assert!(named.is_none(), "{}: {line}", path.display());
            }
        }
    }
}
