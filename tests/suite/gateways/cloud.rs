//! Kits for gateways that nobody can run here, written as a user writes them: with the program, for an issuer and an API
//! at public addresses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::world::write_kit;
use crate::peers;
use crate::program::empty_folder;

pub const ISSUER: &str = "https://idp.example.com/oauth2/default";

/// Names that RFC 6749 and the blueprint allow, and that some language minds.
pub const SCOPE: &str = "http://x/a#;'%<>&*|^`~!@(c)[d]=,.?e{f}--/*h*/]]>$";
pub const AUDIENCE: &str = "it's \"an\" api \\ <é> # ; --";
pub const PATH: &str = "/a-b._~!$&'()+=@z";
pub const CLIENT: &str = "the \"app\" \\ #1 $x";

/// The kit for the default blueprint.
pub fn kit(name: &str, policy: &str, settings: &[(&str, &str)]) -> PathBuf {
    let mut all = vec![
        ("ISSUER", ISSUER),
        ("API_URI", "https://api.example.com/base"),
        ("INTROSPECT_CLIENT_ID", "gateway"),
        (
            "INTROSPECT_CLIENT_SECRET",
            "a secret of 32 bytes that is not in a kit",
        ),
    ];
    all.extend(settings);
    let folder = write_kit(name, policy, 8082, &all, &["--algorithm", "ES256"]);
    for file in files(&folder) {
        let text = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(
            !text.contains("32 bytes that"),
            "the secret is in {}",
            file.display()
        );
    }
    folder
}

/// The kit for a blueprint of hostile names.
pub fn hostile_kit(name: &str, policy: &str) -> PathBuf {
    let blueprint = format!(
        "[api]\naudience = '''{AUDIENCE}'''\ndescription = \"x\"\n\
         [gateway]\nclients = ['''{CLIENT}''']\n\
         [[resource]]\nname = \"odd\"\nmethod = \"GET\"\npath = \"{PATH}\"\ntakes = ['''{SCOPE}''', \"two\"]\nshow_me = \"x\"\n\
         [[level]]\nname = \"one\"\ngroup = \"one\"\nsentence = \"x\"\nscopes = [\"openid\"]\nresources = [\"odd\"]\n\
         [[client]]\nid = '''{CLIENT}'''\nname = \"x\"\nkind = \"app\"\ngroups = [\"one\"]\n\
         [[client]]\nid = \"gateway\"\nname = \"x\"\nkind = \"introspection\"\n"
    );
    let path = empty_folder().join("blueprint.toml");
    fs::write(&path, blueprint).unwrap();
    kit(name, policy, &[("BLUEPRINT", path.to_str().unwrap())])
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}

/// A script of `tests/peers` or a package of npm, run by Node.
pub fn node(script: &Path, arguments: &[&str]) -> Output {
    Command::new(peers::node())
        .arg(script)
        .args(arguments)
        .output()
        .unwrap()
}

/// Where npm's packages are.
pub fn packages() -> PathBuf {
    peers::folder().join("node/node_modules")
}

/// A file of `tests/peers`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}
