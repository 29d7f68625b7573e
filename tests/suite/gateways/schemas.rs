//! What kits write, held to the schemas that their vendors' own checkers use; and the misspellings that a gateway would
//! pass over in silence, put back.

use std::fs;
use std::path::PathBuf;

use jsonschema::{Draft, Validator};
use serde_json::Value;

use super::world::write_kit;

const SETTINGS: [(&str, &str); 4] = [
    ("ISSUER", "https://idp.example.com/oauth2/default"),
    ("API_URI", "https://api.example.com/base"),
    ("INTROSPECT_CLIENT_ID", "the-gateway"),
    ("INTROSPECT_CLIENT_SECRET", "a secret for the gateway"),
];

/// The validator of a schema; `None` with a word where the folder is not there.
pub fn schema(name: &str, draft: Draft) -> Option<Validator> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/schemas");
    let path = PathBuf::from(folder).join(name);
    let Ok(text) = fs::read(&path) else {
        println!("not tried: {} is not there", path.display());
        return None;
    };
    let schema: Value = serde_json::from_slice(&text).unwrap();
    let options = jsonschema::options().with_draft(draft);
    Some(options.build(&schema).unwrap())
}

/// A file of a kit as it is written for an issuer on the internet.
pub fn written(kit: &str, policy: &str, arguments: &[&str], file: &str) -> String {
    let mut all = vec![
        "--jwks-uri",
        "https://idp.example.com/oauth2/default/v1/keys",
    ];
    if policy == "introspection" {
        all.extend([
            "--introspection-endpoint",
            "https://idp.example.com/oauth2/default/v1/introspect",
        ]);
    }
    all.extend(arguments);
    let folder = write_kit(kit, policy, 8082, &SETTINGS, &all);
    let text = fs::read_to_string(folder.join(file)).unwrap();
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    text
}

/// Panics unless the document holds, and each of the changes is found.
pub fn holds_and_finds(
    validator: &Validator,
    text: &str,
    read: impl Fn(&str) -> Value,
    faults: &[(&str, &str)],
) {
    let wrong: Vec<String> = validator
        .iter_errors(&read(text))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{}\n{text}", wrong.join("\n"));
    for (before, after) in faults {
        assert!(text.contains(before), "{before} is not there");
        let changed = read(&text.replacen(before, after, 1));
        assert!(!validator.is_valid(&changed), "{after} is not found");
    }
}

/// Flexible configuration is a template: what it prints, with a key in the place of the variable.
fn printed(template: &str) -> Value {
    let text = template.replace("{{ env \"API_KEY\" | toJson }}", "\"the key\"");
    serde_json::from_str(&text).unwrap()
}

#[test]
#[ignore = "needs ../shared/schemas: make test-gateways"]
fn cfg_08_krakend_s_kit_holds_to_the_schema_which_finds_what_krakend_ignores() {
    let Some(validator) = schema("krakend.json", Draft::Draft201909) else {
        return;
    };
    let text = written("krakend", "jwt", &["--algorithm", "RS256"], "krakend.tmpl");
    holds_and_finds(
        &validator,
        &text,
        printed,
        &[
            ("\"auth/validator\"", "\"auth/validatorr\""),
            ("\"scopes_key\"", "\"scope_key\""),
            (
                "\"scopes_matcher\": \"all\"",
                "\"scopes_matcher\": \"every\"",
            ),
            ("\"alg\": \"RS256\"", "\"alg\": \"RS265\""),
            ("\"issuer\"", "\"isuer\""),
            ("\"audience\"", "\"audiences\""),
            ("\"cookie_key\"", "\"cookie\""),
            ("\"validation/cel\"", "\"validation/cell\""),
            ("\"input_headers\"", "\"input_header\""),
        ],
    );
}
