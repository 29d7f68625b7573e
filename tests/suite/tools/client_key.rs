//! `solar-system client-key`.

use std::fs;

use serde_json::Value;

use super::{assert_ended, assert_private, write};
use crate::workplace::Workplace;

#[test]
fn sec_com_06_a_key_is_made_once_in_a_file_of_its_owners_and_only_its_public_half_is_printed() {
    let work = Workplace::new();
    let made = work.done(&["client-key", "client.pem"]);
    let path = work.folder.join("client.pem");
    assert_private(&path);
    let pem = fs::read_to_string(&path).unwrap();
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    let set: Value = serde_json::from_str(&made.output).unwrap();
    let key = &set["keys"][0];
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    for (member, value) in [
        ("kty", "EC"),
        ("crv", "P-256"),
        ("alg", "ES256"),
        ("use", "sig"),
    ] {
        assert_eq!(key[member], value, "{set}");
    }
    assert_eq!(key["kid"].as_str().unwrap().len(), 43, "{set}");
    assert!(key.get("d").is_none(), "{set}");
    for line in pem.lines().filter(|line| !line.starts_with('-')) {
        assert!(!made.said().contains(line), "{}", made.said());
    }

    let again = work.done(&["client-key", "client.pem"]);
    assert_eq!(again.output, made.output);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        pem,
        "never written again"
    );
}

#[test]
fn a_file_that_holds_no_key_is_left_as_it_is_and_told() {
    let work = Workplace::new();
    write(&work, "notes.txt", "canary");
    let refused = work.run(&["client-key", "notes.txt"]);
    assert_ended(&refused, 2, &["notes.txt"]);
    assert_eq!(work.text("notes.txt"), "canary");
    assert!(!refused.said().contains("canary"));
    let nowhere = work.run(&["client-key", "no/such/folder/key"]);
    assert_ended(&nowhere, 1, &["no/such/folder/key"]);
}

#[cfg(unix)]
#[test]
fn sec_com_06_a_key_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let work = Workplace::new();
    work.done(&["client-key", "client.pem"]);
    let path = work.folder.join("client.pem");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = work.run(&["client-key", "client.pem"]);
    assert_ended(&refused, 2, &["chmod 600", "0644"]);
    assert!(refused.output.is_empty(), "{}", refused.output);
}
