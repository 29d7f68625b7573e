//! Every requirement has its test, by name: `sec_web_04_…` is of `WEB-04`, `sec_gw_10_11_…` of two.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What is required of whom, as numbers from and to.
const REQUIRED: [(&str, &[(u8, u8)]); 8] = [
    ("web", &[(1, 23), (25, 30), (33, 33)]),
    ("ses", &[(1, 7), (9, 9)]),
    ("tok", &[(1, 18)]),
    ("com", &[(1, 23)]),
    ("as", &[(1, 26)]),
    ("gw", &[(1, 20)]),
    ("cli", &[(1, 12)]),
    ("cfg", &[(1, 9)]),
];

type Id = (String, u8);

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// A test, and whether every run runs it.
#[derive(Debug, PartialEq)]
struct Test<'s> {
    name: &'s str,
    always: bool,
}

/// The tests in a source: what stands below `#[test]` or `#[tokio::test…]`.
fn tests_in(source: &str) -> Vec<Test<'_>> {
    let mut tests = Vec::new();
    let (mut is_test, mut always) = (false, true);
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        }
        always &= !line.starts_with("#[ignore");
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let function = line.strip_prefix("async fn ").or(line.strip_prefix("fn "));
        if let Some(name) = function.and_then(|rest| rest.split('(').next()) {
            if is_test {
                tests.push(Test { name, always });
            }
            (is_test, always) = (false, true);
        }
    }
    tests
}

/// The requirements that a test's name begins with.
fn ids_of(name: &str) -> Vec<Id> {
    let mut words = name.strip_prefix("sec_").unwrap_or(name).split('_');
    let mut ids = Vec::new();
    let Some(mut family) = words.next() else {
        return ids;
    };
    for word in words {
        let number = word.parse().ok().filter(|_| word.len() == 2);
        match number {
            Some(number) => ids.push((family.to_owned(), number)),
            None if REQUIRED.iter().any(|(known, _)| *known == word) => family = word,
            None => break,
        }
    }
    ids.retain(|(family, _)| REQUIRED.iter().any(|(known, _)| known == family));
    ids
}

/// All tests by name, and whether every run runs them.
fn all_tests() -> BTreeMap<String, bool> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    let mut tests = BTreeMap::new();
    for file in files {
        let source = fs::read_to_string(file).unwrap();
        let found = tests_in(&source).into_iter();
        tests.extend(found.map(|test| (test.name.to_owned(), test.always)));
    }
    tests
}

#[test]
fn a_name_is_read_as_its_requirements() {
    let ids = |name| {
        let ids = ids_of(name).into_iter();
        ids.map(|(family, number)| format!("{family}-{number}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("sec_web_04_a_state_is_used_once"), ["web-4"]);
    assert_eq!(ids("gw_10_11_nothing_is_kept"), ["gw-10", "gw-11"]);
    assert_eq!(ids("sec_web_21_as_01_every_target"), ["web-21", "as-1"]);
    assert_eq!(ids("as_a_person_would"), Vec::<String>::new());
    let source =
        "#[test]\nfn a() {}\nfn helper() {}\n#[tokio::test]\n#[ignore = \"x\"]\nasync fn b() {}\n";
    let test = |name, always| Test { name, always };
    assert_eq!(tests_in(source), [test("a", true), test("b", false)]);
}

#[test]
fn every_requirement_has_a_test_of_its_name_that_needs_nothing_else() {
    let mut tested: BTreeMap<Id, usize> = BTreeMap::new();
    let tests = all_tests();
    let always = tests.iter().filter(|(_, always)| **always);
    for id in always.flat_map(|(name, _)| ids_of(name)) {
        *tested.entry(id).or_default() += 1;
    }
    let mut missing = Vec::new();
    for (family, ranges) in REQUIRED {
        for number in ranges.iter().flat_map(|(from, to)| *from..=*to) {
            if !tested.contains_key(&(family.to_owned(), number)) {
                missing.push(format!("{}-{number:02}", family.to_uppercase()));
            }
        }
    }
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

/// The threat model names tests: each is there.
#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let model = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let tests = all_tests();
    let named = model.split('`').skip(1).step_by(2);
    let named: Vec<_> = named.filter(|word| !ids_of(word).is_empty()).collect();
    assert!(named.len() > 30, "it names {}", named.len());
    let gone: Vec<_> = named
        .iter()
        .filter(|name| !tests.contains_key(**name))
        .collect();
    assert!(gone.is_empty(), "no such tests: {gone:#?}");
}
