//! What holds for every kit, and for the parts that all share.

mod golden;

use super::{samples::*, *};
use crate::blueprint::{Blueprint, Caller, Facts as Request, Policy, Verdict};
use crate::oauth::Scopes;
use std::fs;

/// Every kit with every policy that it has, and the files it makes of plain facts.
fn bundles() -> Vec<(&'static Kit, PolicyChoice, Bundle)> {
    let mut all = Vec::new();
    for kit in KITS {
        for policy in kit.policies {
            let bundle = kit.bundle(&plain(*policy));
            let bundle = bundle.unwrap_or_else(|refused| panic!("{}: {refused}", kit.name));
            all.push((*kit, *policy, bundle));
        }
    }
    all
}

fn texts(bundle: &Bundle) -> impl Iterator<Item = (&str, &str)> {
    let files = bundle.files().iter();
    files.filter_map(|file| {
        Some((
            file.name.as_str(),
            std::str::from_utf8(&file.contents).ok()?,
        ))
    })
}

#[test]
fn cfg_09_every_file_says_who_made_it_from_what_and_for_which_version() {
    for (kit, _, bundle) in bundles() {
        assert!(bundle.file("README.md").is_some(), "{}", kit.name);
        for (name, text) in texts(&bundle) {
            if kind(name) == "pem" {
                continue;
            }
            let place = format!("{} {name}", kit.name);
            assert!(text.contains("Made by solar-system"), "{place}");
            assert!(text.contains("Input: sha256 "), "{place}");
            assert!(text.contains(kit.oldest), "{place}");
        }
    }
}

#[test]
fn cfg_09_the_hash_follows_the_policy_and_not_the_keys() {
    let hash = |facts: &Facts| facts.hash();
    let facts = plain(PolicyChoice::Jwt);
    let rotated = Facts {
        keys: Err("none now".to_owned()),
        ..facts.clone()
    };
    assert_eq!(hash(&facts), hash(&rotated));
    assert_ne!(hash(&facts), hash(&hostile(PolicyChoice::Jwt)));
    assert_ne!(hash(&facts), hash(&plain(PolicyChoice::Introspection)));
}

/// Ways to switch checking off, in any of the languages.
const OFF: &[&str] = &[
    "verify none",
    "ssl_verify=false",
    "ssl_verify off",
    "ssl_verify: false",
    "\"ssl_verify\": false",
    "sslvalidateserver off",
    "sslproxyverify none",
    "checkpeername off",
    "disable_jwk_security",
    "insecure",
    "verify=skip",
    "trust_chain_verification: accept",
    "tlsv1.0",
    "tlsv1_0",
    "tlsv1.1",
    "sslv3",
];

#[test]
fn cfg_03_no_kit_switches_tls_checks_off() {
    for (kit, policy, bundle) in bundles() {
        for (name, text) in texts(&bundle).filter(|(name, _)| *name != "README.md") {
            let lower = text.to_lowercase();
            for off in OFF {
                assert!(
                    !lower.contains(off),
                    "{} {policy:?} {name}: {off}",
                    kit.name
                );
            }
        }
    }
}

#[test]
fn cfg_01_hostile_names_are_refused_by_name_or_make_files_of_the_same_shape() {
    for kit in KITS {
        for policy in kit.policies {
            let bundle = match kit.bundle(&hostile(*policy)) {
                Ok(bundle) => bundle,
                Err(Refused(why)) => {
                    let named = [SCOPE, AUDIENCE, PATH].iter().any(|value| {
                        let start: String = value.chars().take(5).collect();
                        why.contains(&start)
                    });
                    assert!(named, "{}: {why}", kit.name);
                    continue;
                }
            };
            let mut read_back = None;
            for (name, text) in texts(&bundle) {
                let place = format!("{} {policy:?} {name}", kit.name);
                let read = match kind(name) {
                    "yaml" | "yml" | "raml" => {
                        let read: serde_norway::Value = serde_norway::from_str(text)
                            .unwrap_or_else(|wrong| panic!("{place}: {wrong}"));
                        serde_json::to_value(read).unwrap()
                    }
                    "json" | "tmpl" => {
                        let text = text.replace("{{ env \"API_KEY\" | toJson }}", "\"\"");
                        serde_json::from_str(&text)
                            .unwrap_or_else(|wrong| panic!("{place}: {wrong}"))
                    }
                    "xml" => {
                        roxmltree::Document::parse(text)
                            .unwrap_or_else(|wrong| panic!("{place}: {wrong}"));
                        continue;
                    }
                    _ => continue,
                };
                read_back = Some(read_back == Some(true) || holds_text(&read, SCOPE));
            }
            assert_ne!(
                read_back,
                Some(false),
                "{} {policy:?} lost the scope",
                kit.name
            );
        }
    }
}

/// What a file's name ends in.
fn kind(name: &str) -> &str {
    name.rsplit('.').next().unwrap()
}

/// Whether some string of a document is exactly this one.
fn holds_text(value: &serde_json::Value, wanted: &str) -> bool {
    match value {
        // or as a string of a function that stands in the document
        serde_json::Value::String(text) => {
            text == wanted || text.contains(&encode::Lua::new(wanted).to_string())
        }
        serde_json::Value::Array(list) => list.iter().any(|one| holds_text(one, wanted)),
        serde_json::Value::Object(members) => members
            .iter()
            .any(|(key, one)| key == wanted || holds_text(one, wanted)),
        _ => false,
    }
}

/// A policy of method, path and scope; scope "" is open, "*" any token.
pub(super) fn policy_of(rules: &[(&str, &str, &str)]) -> Policy {
    let mut text = String::from("[api]\naudience = \"x\"\ndescription = \"x\"\n");
    for (index, (method, path, takes)) in rules.iter().enumerate() {
        let takes = match *takes {
            "" => "\"nothing\"".to_owned(),
            "*" => "\"any token\"".to_owned(),
            scope => format!("[\"{scope}\"]"),
        };
        let rule = format!(
            "[[resource]]\nname = \"r{index}\"\nmethod = \"{method}\"\npath = \"{path}\"\ntakes = {takes}\nshow_me = \"x\"\n"
        );
        text += &rule;
    }
    text += "[[level]]\nname = \"one\"\ngroup = \"one\"\nsentence = \"x\"\nscopes = [\"openid\"]\nresources = [\"r0\"]\n\
             [[client]]\nid = \"app\"\nname = \"x\"\nkind = \"app\"\ngroups = [\"one\"]\n\
             [[client]]\nid = \"gateway\"\nname = \"x\"\nkind = \"introspection\"\n";
    Policy::of(&Blueprint::parse(&text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}")))
}

/// What a gateway does that tries the paths in their order, by the first that fits.
fn by_paths(paths: &[Path], method: &str, asked: &str, granted: &str) -> &'static str {
    let fits = |path: &&Path| {
        if path.below {
            asked.len() > path.path.len() && asked.starts_with(&path.path)
        } else {
            asked == path.path
        }
    };
    let Some(path) = paths.iter().find(fits) else {
        return "unknown";
    };
    if path.routes.is_empty() {
        return "unknown";
    }
    match path
        .routes
        .iter()
        .find(|route| route.methods.contains(&method))
    {
        None => "method",
        Some(route) => match &route.needs {
            Needs::Nothing | Needs::Token => "pass",
            Needs::Scopes(scopes) if scopes.iter().all(|scope| granted == scope) => "pass",
            Needs::Scopes(_) => "scope",
        },
    }
}

#[test]
fn the_paths_of_a_kit_mean_what_the_policy_means() {
    let policies = [
        Policy::of(&Blueprint::default()),
        policy_of(&[
            ("*", "/a/*", "*"),
            ("GET", "/a/secret", "high"),
            ("GET", "/a/deep/*", "high"),
            ("POST", "/b", "*"),
            ("GET", "/b", ""),
            ("DELETE", "/a/deep/x", "low"),
        ]),
        policy_of(&[
            ("GET", "/*", "high"),
            ("GET", "/a", ""),
            ("GET", "/a/*", "low"),
        ]),
        policy_of(&[("GET", "/", ""), ("*", "/*", "high"), ("GET", "/x/y", "*")]),
        policy_of(&[
            ("PUT", "/a/b/*", "low"),
            ("GET", "/a/*", "high"),
            ("GET", "/a/b", "*"),
        ]),
    ];
    let parts = [
        "", "a", "b", "ax", "secret", "deep", "deeper", "x", "y", "planets", "moons",
    ];
    let mut asked = vec!["/".to_owned()];
    for one in parts {
        for two in parts {
            for three in ["", "x", "b"] {
                asked.push(format!("/{one}"));
                asked.push(format!("/{one}/{two}"));
                asked.push(format!("/{one}/{two}/{three}"));
            }
        }
    }
    asked.retain(|path| !path.contains("//"));
    for policy in &policies {
        let paths = routes::paths(policy);
        for path in &asked {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
                for granted in ["low", "high"] {
                    let scopes = Scopes::parse(granted).unwrap();
                    let caller = Some(Caller {
                        client_id: Some("app"),
                        scopes: &scopes,
                        age: None,
                        acr: None,
                    });
                    let judged = match policy.judge(&Request {
                        method,
                        path,
                        caller,
                    }) {
                        Verdict::Pass(_) => "pass",
                        Verdict::ScopeMissing { .. } => "scope",
                        Verdict::MethodNotAllowed { .. } => "method",
                        Verdict::NotFound => "unknown",
                        other => panic!("{other:?}"),
                    };
                    let found = by_paths(&paths, method, path, granted);
                    assert_eq!(found, judged, "{method} {path} with {granted}: {paths:?}");
                }
            }
        }
    }
}

#[test]
fn cfg_06_unclean_paths_are_those_that_the_embedded_gateway_turns_away() {
    let unclean = regex::Regex::new(routes::UNCLEAN).unwrap();
    for path in [
        "/",
        "/moons",
        "/moons/",
        "/a/b-c_d~e",
        "/a.b/.c/c..d/...",
        "/a:b@c,d=e+f",
        "/x/(1)!*'$&",
        "/caf%C3%A9",
        "/caf%c3%a9",
        "/a%20b",
        "/a%22b%7c",
        "/%F0%9F%AA%90",
    ] {
        assert!(!unclean.is_match(path), "{path}");
    }
    for path in [
        "/.",
        "/..",
        "/./moons",
        "/../moons",
        "/a/./b",
        "/a/../moons",
        "/moons/.",
        "/moons/..",
        "/%2e/moons",
        "/%2E%2E/moons",
        "/a/.%2e/moons",
        "/%252e%252e/moons",
        "//",
        "//moons",
        "/moons//",
        "/a//moons",
        "/a%2fmoons",
        "/a%2Fmoons",
        "/a%5cmoons",
        "/a\\moons",
        "/a%252fmoons",
        "/moons;x",
        "/..;/moons",
        "/moons%3b",
        "/moons#",
        "/moons%23x",
        "/moons%3f",
        "/moons%00",
        "/moons%7f",
        "/moons%1F",
        "/%6doons",
        "/moon%73",
        "/m%6F%6fns",
        "/moons%",
        "/moons%2",
        "/moons%zz",
        "/moons%2x",
        "/ä",
        "/a b",
        "/a\"b",
        "/a<b",
        "/a{b}",
        "/a|b",
        "/a^b",
        "/a`b",
        "/a\tb",
        "/a\n",
        "/x%C2%85",
        "/%2d",
        "/%41",
    ] {
        assert!(unclean.is_match(path), "{path:?}");
    }
}

#[test]
fn cfg_05_a_gateway_that_cannot_express_the_policy_is_refused_with_the_reason() {
    let refused = Kit::named("Google").unwrap_err().to_string();
    assert!(refused.contains("ignore the scopes"), "{refused}");
    let unknown = Kit::named("nothing").unwrap_err().to_string();
    assert!(unknown.contains("\"nothing\""), "{unknown}");
}

/// Facts of a policy, and what the kit of this name says to them.
fn refusal(name: &str, change: impl FnOnce(&mut Facts)) -> String {
    let mut facts = plain(PolicyChoice::Jwt);
    change(&mut facts);
    let kit = Kit::named(name).unwrap();
    kit.bundle(&facts).unwrap_err().to_string()
}

#[test]
fn cfg_05_a_rule_that_a_gateway_would_take_for_another_makes_no_kit() {
    let both = [("GET", "/a", "one\", \"two")];
    let said = refusal("tyk", |facts| facts.rules = policy_of(&both));
    assert!(said.contains("several together"), "{said}");
    let said = refusal("tyk", |facts| facts.clients = vec!["app".to_owned()]);
    assert!(said.contains("every client"), "{said}");
    for name in ["aws", "tyk", "krakend"] {
        let said = refusal(name, |facts| {
            facts.rules = policy_of(&[("GET", "/a/*", "*")]);
        });
        assert!(said.contains("name each path"), "{name}: {said}");
    }
    for (name, path) in [("tyk", "/a.b"), ("aws", "/a~b")] {
        let said = refusal(name, |facts| facts.rules = policy_of(&[("GET", path, "*")]));
        assert!(said.contains(path), "{name}: {said}");
    }
}

#[test]
fn cfg_05_what_a_gateway_cannot_check_is_written_only_for_who_says_that_it_is_known() {
    let said = refusal("tyk", |facts| facts.with_holes = false);
    for word in ["key-bound", "ID token", "--with-holes"] {
        assert!(said.contains(word), "{said}");
    }
    let mut facts = plain(PolicyChoice::Jwt);
    facts.algorithms = vec![crate::jose::Algorithm::Rs256];
    let aws = Kit::named("aws").unwrap();
    assert!(aws.bundle(&facts).unwrap().file("http-api.yaml").is_some());
    facts.with_holes = false;
    let bundle = aws.bundle(&facts).unwrap();
    assert!(bundle.file("http-api.yaml").is_none());
    let readme = bundle.file("README.md").unwrap();
    assert!(String::from_utf8_lossy(&readme.contents).contains("--with-holes"));
}

#[test]
fn cfg_07_a_kit_that_could_not_work_is_refused_with_the_reason() {
    let said = refusal("caddy", |facts| {
        facts.listen.value = "127.0.0.1:8085".parse().unwrap();
    });
    assert!(said.contains("--listen"), "{said}");
    let said = refusal("caddy", |facts| {
        facts.decision = Err("\"http://gateway/decision\": it is plain".to_owned());
    });
    assert!(said.contains("it is plain"), "{said}");
    let said = refusal("aws", |facts| {
        facts.upstream.value = url::Url::parse("http://localhost:8083").unwrap();
    });
    assert!(said.contains("http://localhost:8083"), "{said}");
    let said = refusal("kong-open", |facts| {
        facts.keys = Err("nobody answers".to_owned());
    });
    assert!(said.contains("nobody answers"), "{said}");
}

#[test]
fn every_kit_is_found_by_its_name_in_any_case() {
    for kit in KITS {
        let found = Kit::named(&kit.name.to_uppercase()).unwrap();
        assert_eq!(found.name, kit.name);
        assert!(!kit.policies.is_empty());
    }
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("kit-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

#[test]
fn a_bundle_is_written_into_an_empty_folder_and_over_another_only_when_forced() {
    let folder = folder("written");
    let bundle = Bundle::new().with("a.yaml", "a").with("b/c.conf", "c");
    bundle.write(&folder, false).unwrap();
    assert_eq!(fs::read(folder.join("b/c.conf")).unwrap(), b"c");
    let again = bundle.write(&folder, false).unwrap_err().to_string();
    assert!(again.contains("--force"), "{again}");
    Bundle::new()
        .with("a.yaml", "new")
        .write(&folder, true)
        .unwrap();
    assert_eq!(fs::read(folder.join("a.yaml")).unwrap(), b"new");
    assert_eq!(
        fs::read_dir(&folder).unwrap().count(),
        2,
        "nothing is left beside"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_bundle_never_follows_a_link_out_of_its_folder() {
    use std::os::unix::fs::symlink;
    let (inside, outside) = (folder("inside"), folder("outside"));
    fs::create_dir_all(&inside).unwrap();
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("file"), "theirs").unwrap();
    symlink(outside.join("file"), inside.join("a.yaml")).unwrap();
    symlink(&outside, inside.join("b")).unwrap();
    Bundle::new()
        .with("a.yaml", "ours")
        .write(&inside, true)
        .unwrap();
    assert_eq!(fs::read(outside.join("file")).unwrap(), b"theirs");
    assert_eq!(fs::read(inside.join("a.yaml")).unwrap(), b"ours");
    let through = Bundle::new().with("b/c", "x").write(&inside, true);
    assert!(matches!(through, Err(BundleError::LeadsElsewhere(_))));
    assert!(!outside.join("c").exists());
    fs::remove_dir_all(inside).unwrap();
    fs::remove_dir_all(outside).unwrap();
}

#[test]
fn a_file_of_a_bundle_is_named_plainly_and_below_it() {
    for odd in [
        "", "/etc/x", "../x", "a/../b", "a//b", ".hidden", "a\\b", "a b", "./a",
    ] {
        let made = std::panic::catch_unwind(|| Bundle::new().with(odd, ""));
        assert!(made.is_err(), "{odd:?}");
    }
}

/// None of these gateways checks it, so that their kits would be holes.
#[test]
fn gw_16_no_kit_leaves_out_how_somebody_must_have_signed_in() {
    let mut blueprint = crate::blueprint::Blueprint::default();
    blueprint.resources[1].step_up.max_age = Some(300);
    for kit in KITS {
        let mut facts = samples::plain(kit.policies[0]);
        facts.rules = crate::blueprint::Policy::of(&blueprint);
        if kit.name == "caddy" {
            kit.bundle(&facts).unwrap(); // it asks the embedded gateway
            continue;
        }
        let refused = kit.bundle(&facts).unwrap_err();
        assert!(refused.to_string().contains("max_age"), "{}", kit.name);
    }
}
