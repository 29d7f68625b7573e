use super::*;
use crate::settings_for::{as_env, as_json, as_table, gateway, write_env};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

/// A folder with an output in it.
struct Folder(PathBuf);

impl Folder {
    fn with(files: &[(&str, &Value)]) -> Self {
        let name = format!("sheet-{}", crate::oauth::random_value());
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        for (name, value) in files {
            fs::write(folder.0.join(name), value.to_string()).unwrap();
        }
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn standard() -> Value {
    json!({
        "$bootstrap": {"target": "okta"},
        "OKTA_AZ_SERVER_ISSUER": "https://t.example/oauth2/aus1",
        "AUTHN_CLIENT": {"client_id": "0oa1"},
        "AUTHN_CLIENT_ID": "0oa1",
        "AUTHN_CLIENT_SECRET": "canary-secret",
        "PORT": "8080",
        "REDIRECT_URI": "http://localhost:8080",
        "SILVER_USER": {"profile": {"login": "an.na@oktademo.com"}},
        "SILVER_PASSWORD": "canary pa$$word",
    })
}

fn sheet(name: &str, files: &[(&str, &Value)], set: &[(&str, &str)], refresh: bool) -> Sheet {
    let folder = Folder::with(files);
    let gateway = gateway(name).unwrap();
    let outputs = Outputs::read(&folder.0, gateway.outputs, false).unwrap();
    let places = Places {
        source: &Source::of(set.iter().copied()),
        outputs: &outputs,
        blueprint: &Blueprint::default(),
        refresh,
        generate: true,
    };
    Sheet::of(gateway, places).unwrap()
}

fn aws(set: &[(&str, &str)]) -> Sheet {
    sheet("aws", &[("standard.json", &standard())], set, false)
}

fn found<'a>(sheet: &'a Sheet, name: &str) -> &'a Found {
    &sheet
        .rows
        .iter()
        .find(|row| row.key.name == name)
        .unwrap()
        .found
}

#[test]
fn what_the_tutorials_output_says_is_found_under_todays_names() {
    let sheet = aws(&[("PROXY_URI", "https://gw.example/x")]);
    for (name, value) in [
        ("ISSUER", "https://t.example/oauth2/aus1"),
        ("JWKS_URI", "https://t.example/oauth2/aus1/v1/keys"),
        ("AUDIENCE", "api://default"),
        ("AUTHN_CLIENT_ID", "0oa1"),
        ("PROXY_URI", "https://gw.example/x"),
        ("GATEWAY", "aws"),
        ("OKTA_TENANT", "https://t.example"),
        ("SESSION_MAX_AGE", "8h"),
    ] {
        assert_eq!(sheet.value(name), Some(value), "{name}");
    }
    assert_eq!(sheet.missing().len(), 0);
    assert_eq!(*found(&sheet, "JWKS_URI"), Found::Derived("ISSUER"));
}

#[test]
fn the_whole_login_is_the_username_since_people_sign_in_by_all_of_it() {
    assert_eq!(
        aws(&[]).value("SILVER_USERNAME"),
        Some("an.na@oktademo.com")
    );
    let keycloak = json!({"SILVER_USER": {"username": "an.na"}});
    let sheet = sheet("aws", &[("standard.json", &keycloak)], &[], false);
    assert_eq!(sheet.value("SILVER_USERNAME"), Some("an.na"));
    assert_eq!(*found(&sheet, "GOLD_USERNAME"), Found::Nowhere);
}

#[test]
fn the_environment_wins_and_a_difference_is_told_without_values() {
    let sheet = aws(&[
        ("CLIENT_ID", "mine"),
        ("AUTHN_CLIENT_SECRET", "canary-other"),
    ]);
    assert_eq!(sheet.value("AUTHN_CLIENT_ID"), Some("mine"));
    let told = sheet.warnings.join("\n");
    assert!(
        told.contains("AUTHN_CLIENT_ID: environment, CLIENT_ID wins"),
        "{told}"
    );
    assert!(
        told.contains("AUTHN_CLIENT_SECRET") && !told.contains("canary"),
        "{told}"
    );
}

#[test]
fn what_is_missing_is_told_with_the_way_to_get_it() {
    let sheet = sheet("mulesoft_introspect", &[], &[], false);
    let missing: Vec<_> = sheet
        .missing()
        .iter()
        .map(|row| row.key.name.to_string())
        .collect();
    assert_eq!(missing.len(), 7, "{missing:?}");
    assert!(sheet.missing().iter().all(|row| row.key.hint().len() > 20));
    let proxy: Vec<_> = aws(&[])
        .missing()
        .iter()
        .map(|row| row.key.name.to_string())
        .collect();
    assert_eq!(proxy, ["PROXY_URI"]);
    let embedded = [
        ("ISSUER", "https://x.example"),
        ("AUTHN_CLIENT_ID", "a"),
        ("AUTHN_CLIENT_SECRET", "b"),
    ];
    let embedded = super::tests::sheet("embedded", &[], &embedded, false);
    assert_eq!(embedded.missing().len(), 0);
}

#[test]
fn sec_web_10_an_app_with_a_key_is_given_no_secret_beside_it() {
    let settings = [
        ("ISSUER", "https://x.example"),
        ("AUTHN_CLIENT_ID", "a"),
        ("CLIENT_KEY_FILE", "client.pem"),
    ];
    let embedded = super::tests::sheet("embedded", &[], &settings, false);
    assert_eq!(embedded.missing().len(), 0);
    assert_eq!(embedded.value("AUTHN_CLIENT_SECRET"), None);
}

#[test]
fn the_sample_phrase_is_never_a_session_secret() {
    for sample in ["some random phrase", "short"] {
        let sheet = aws(&[("SESSION_SECRET", sample)]);
        assert_eq!(*found(&sheet, "SESSION_SECRET"), Found::Generated);
        let made = sheet.value("SESSION_SECRET").unwrap();
        assert!(made.len() >= 43 && made != sample);
        let told = sheet.warnings.join("\n");
        assert!(
            told.contains("SESSION_SECRET") && !told.contains(sample),
            "{told}"
        );
    }
    let good = "0123456789abcdef0123456789abcdef";
    assert_eq!(
        aws(&[("SESSION_SECRET", good)]).value("SESSION_SECRET"),
        Some(good)
    );
}

#[test]
fn what_register_kept_is_found_and_its_secret_stays_in_its_file() {
    let folder = Folder::with(&[]);
    let secret = folder.0.join("authn_client_secret");
    fs::write(&secret, "canary-file").unwrap();
    let record = json!({"client_id": "0oa9", "secret_file": secret, "registration_access_token": "canary-token"});
    fs::write(folder.0.join("authn_client.json"), record.to_string()).unwrap();
    let gateway = gateway("mulesoft").unwrap();
    let outputs = Outputs::read(&folder.0, gateway.outputs, false).unwrap();
    let places = Places {
        source: &Source::default(),
        outputs: &outputs,
        blueprint: &Blueprint::default(),
        refresh: false,
        generate: true,
    };
    let sheet = Sheet::of(gateway, places).unwrap();
    assert_eq!(sheet.value("AUTHN_CLIENT_ID"), Some("0oa9"));
    assert_eq!(sheet.value("AUTHN_CLIENT_SECRET"), Some("canary-file"));
    let env = folder.0.join(".env");
    let tutorial = "AUTHN_CLIENT_SECRET=\"\"\nCLIENT_SECRET=\"canary-older\"\n";
    fs::write(&env, tutorial).unwrap();
    write_env(&sheet, &env).unwrap();
    let text = fs::read_to_string(&env).unwrap();
    assert!(text.contains("\nCLIENT_SECRET=\"\"\n"), "{text}");
    assert!(text.contains("AUTHN_CLIENT_SECRET_FILE="), "{text}");
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_table_masks_secrets_and_lines_and_json_carry_them() {
    let sheet = aws(&[]);
    let table = as_table(&sheet);
    assert!(!table.contains("canary"), "{table}");
    assert!(
        table.contains("standard.json") && table.contains("MISSING"),
        "{table}"
    );
    let lines = as_env(&sheet).unwrap();
    assert!(
        lines.contains("\nSILVER_PASSWORD='canary pa$$word'\n"),
        "{lines}"
    );
    let json: Value = serde_json::from_str(&as_json(&sheet)).unwrap();
    assert_eq!(json["AUTHN_CLIENT_SECRET"], "canary-secret");
    assert_eq!(json.get("PROXY_URI"), None);
}

#[test]
fn a_value_from_an_output_cannot_paint_the_terminal() {
    let odd = json!({"ISSUER": "https://t.example/\u{1b}[31m\nfoo"});
    let table = as_table(&sheet("aws", &[("standard.json", &odd)], &[], false));
    assert!(!table.contains('\u{1b}'), "{table}");
}

#[test]
fn env_gets_what_the_program_reads_and_neither_defaults_nor_the_portals_names() {
    let folder = Folder::with(&[]);
    let env = folder.0.join(".env");
    let tutorial = "# Okta settings\nOKTA_TENANT=\"\"\n\nOKTA_AZ_SERVER_ISSUER=\"\"\nSESSION_SECRET=\"some random phrase\"\nSESSION_MAX_AGE=60000\nMINE=1 # kept\n";
    fs::write(&env, tutorial).unwrap();
    let sheet = aws(&[
        ("PROXY_URI", "https://gw.example"),
        ("AUDIENCE", "api://of-the-gateway"),
        ("AUTHN_CLIENT_SECRET", "canary-environment"),
    ]);
    let told = write_env(&sheet, &env).unwrap().join("\n");
    assert!(!told.contains("canary"), "{told}");
    let text = fs::read_to_string(&env).unwrap();
    for line in [
        "# Okta settings\nOKTA_TENANT=\"https://t.example\"\n\n",
        "OKTA_AZ_SERVER_ISSUER=\"https://t.example/oauth2/aus1\"\n",
        "SESSION_MAX_AGE=60000\nMINE=1 # kept\n",
        "PROXY_URI=https://gw.example\n",
        "SILVER_PASSWORD='canary pa$$word'\n",
        "GATEWAY=aws\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    for absent in ["JWKS_URI", "some random phrase", "canary-environment", "8h"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
}
