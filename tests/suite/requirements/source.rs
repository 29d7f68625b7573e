//! What the source itself must not hold.

use std::fs;
use std::path::{Path, PathBuf};

use solar_system::settings::VARIABLES;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file of the program, tests left out, with its code: comments and unit tests cut off.
pub fn code() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if path.extension().is_some_and(|ends| ends == "rs") && name != "tests.rs" {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let lines = code
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"));
                files.push((path, lines.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    files
}

/// Each verifier of certificates that is not the library's own plain list of roots is rustls' platform
/// verifier, which checks chain and name; nothing else here is a verifier, but for the one that looks first and
/// hands on to it; and no setting has a word for not checking.
#[test]
fn sec_com_03_nobody_can_switch_the_check_of_certificates_off() {
    let mut used = 0;
    for (path, code) in code() {
        for word in [
            "danger_accept",
            "accept_invalid",
            "NoVerifier",
            "insecure_skip",
            "set_verify(",
            "tls_danger",
            "ServerCertVerified::assertion",
            "HandshakeSignatureValid::assertion",
        ] {
            assert!(!code.contains(word), "{}: {word}", path.display());
        }
        let looks_first = path.ends_with("net/certificate.rs");
        let verifiers = code.matches("ServerCertVerifier for ").count();
        assert_eq!(verifiers, usize::from(looks_first), "{}", path.display());
        let custom = code.matches(".with_custom_certificate_verifier(").count();
        if custom == 0 {
            continue;
        }
        used += custom;
        let its_own = "use rustls_platform_verifier::Verifier;";
        assert!(code.contains(its_own), "{}", path.display());
        let mut made = code
            .match_indices("Verifier::new")
            .map(|(at, _)| &code[..at]);
        assert!(
            made.all(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')),
            "{}",
            path.display()
        );
        let platform = code.matches("Verifier::new_with_extra_roots(").count();
        assert_eq!(custom, platform, "{}", path.display());
    }
    assert_eq!(
        used, 3,
        "the tools' look, the raw client and the gateway's way upstream"
    );
    for variable in VARIABLES.iter().flat_map(|(_, variables)| *variables) {
        let name = variable.name.to_ascii_lowercase();
        for word in ["insecure", "verify", "skip", "tls", "trust_all", "unsafe"] {
            assert!(!name.contains(word), "{}", variable.name);
        }
    }
}

/// The one outgoing client is made in `net`; the gateway's way to its upstream is the other.
#[test]
fn sec_com_04_05_nothing_calls_out_past_the_one_client() {
    for (path, code) in code() {
        let inside = path.strip_prefix(root().join("src")).unwrap();
        let may = inside.starts_with("net")
            || inside == Path::new("gateway/forward.rs")
            || inside.starts_with("doctor/checks") // whether somebody listens, and no more
            || inside == Path::new("cli/doctor.rs");
        for word in [
            "reqwest::",
            "HttpConnector",
            "TcpStream::connect",
            "ureq",
            "hyper::client",
        ] {
            assert!(may || !code.contains(word), "{}: {word}", path.display());
        }
    }
}

/// Random values come from one place, and nothing here is a UUID.
#[test]
fn sec_com_01_values_that_must_not_be_guessed_come_from_one_generator() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
    for name in ["uuid", "rand", "fastrand", "nanoid", "oorandom"] {
        let named = dependencies
            .lines()
            .any(|line| line.starts_with(&format!("{name} ")));
        assert!(!named, "{name} is a dependency");
    }
    for (path, code) in code() {
        for word in ["Uuid", "thread_rng", "fastrand", "RandomState", "StdRng"] {
            assert!(!code.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn sec_com_15_the_lock_file_is_there_and_no_unsafe_code_is() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    assert!(!ignored.contains("Cargo.lock"));
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"solar-system\""));
    for (path, code) in code() {
        let unsafe_word = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut words = unsafe_word.filter(|word| *word == "unsafe");
        assert!(words.next().is_none(), "{}", path.display());
    }
}

/// Hashes and ciphers of old stand nowhere: signatures, digests and MACs are those of aws-lc-rs.
#[test]
fn sec_com_14_no_old_hash_and_no_crypto_of_our_own() {
    for (path, code) in code() {
        for part in [
            "SHA1",
            "sha1",
            "md5",
            "MD5",
            "LEGACY",
            "Rsa2048",
            "RSA_PKCS1_1024",
            "_1024_",
        ] {
            assert!(!code.contains(part), "{}: {part}", path.display());
        }
        let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        let found = words.find(|word| ["DES", "RC4", "TripleDES"].contains(word));
        assert_eq!(found, None, "{}", path.display());
        // keys that are made here have 3,072 bits, or lie on a curve of 256
        for at in code
            .match_indices("KeySize::")
            .map(|(at, found)| at + found.len())
        {
            assert!(code[at..].starts_with("Rsa3072"), "{}", path.display());
        }
        // and others' are taken from 2,048 bits on
        for word in code.split(|c: char| !c.is_alphanumeric() && c != '_') {
            let is_known = [
                "RSA_PKCS1_2048_8192_SHA256",
                "RSA_PSS_2048_8192_SHA256",
                "RSA_PKCS1_SHA256",
                "RSA_PSS_SHA256",
            ]
            .contains(&word);
            assert!(
                !word.starts_with("RSA_P") || is_known,
                "{}: {word}",
                path.display()
            );
        }
    }
    let key = fs::read_to_string(root().join("src/jose/key.rs")).unwrap();
    assert!(key.contains("RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;"));
}

/// What is secret is compared by [`Secret::matches`] or `constant_time_eq`: it has no `==` of its own, and the
/// rooms do not take its text for one.
#[test]
fn sec_com_02_no_room_compares_a_secret_by_its_text() {
    for (path, code) in code() {
        let inside = path.strip_prefix(root().join("src")).unwrap();
        if inside == Path::new("oauth/secret.rs") {
            assert!(code.contains(".ct_eq(") && !code.contains("PartialEq"));
        }
        let is_room = ["web", "idp", "gateway", "api"]
            .iter()
            .any(|room| inside.starts_with(room));
        for line in code.lines().filter(|_| is_room) {
            let compares = line.contains("expose() ==") || line.contains("expose() !=");
            assert!(!compares, "{}: {line}", path.display());
        }
    }
}

/// What hides a secret is its type, and there is no way around it that nobody sees.
#[test]
fn sec_com_06_the_type_of_secrets_is_wiped_and_has_no_way_to_be_printed_or_serialized() {
    let text = fs::read_to_string(root().join("src/oauth/secret.rs")).unwrap();
    assert!(text.contains("pub struct Secret(Zeroizing<String>);"));
    for way in [
        "Serialize for Secret",
        "Display for Secret",
        "Deref for Secret",
        "From<Secret>",
    ] {
        assert!(!text.contains(way), "{way}");
    }
    let (before, _) = text.split_once("pub struct Secret(").unwrap();
    let derived = before.rsplit("#[derive(").next().unwrap();
    assert!(derived.starts_with("Clone, Deserialize)]"), "{derived}");
    assert!(text.contains("formatter.write_str(\"[secret]\")"));
}
