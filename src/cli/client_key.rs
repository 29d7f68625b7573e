//! `client-key`: the app's own key, and the half of it that the provider is told.

use super::{FAILED, WRONG_USE, tool};
use crate::{
    jose::ClientKey,
    settings::{create_private, read_client_key},
};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Make the app's own key, and print its public half for the provider
///
/// With a key in place of a client secret, the app signs who it is anew for each call, and the
/// provider knows nothing that would let anybody else do so (private_key_jwt).
///
/// FILE is made, with a new key for ES256, where nothing is there; only its owner can read it. A
/// file that is there is never changed: its key is read (PEM, or a JWK). The public half goes to
/// standard output as a JWK Set, to be registered as the client's keys.
///
/// Example:
///
///   $ solar-system client-key client.pem > jwks.json
///   … register jwks.json at the provider for the client, with method private_key_jwt
///   $ ISSUER=https://idp.example.com AUTHN_CLIENT_ID=… AUTHN_CLIENT_KEY_FILE=client.pem solar-system
///
/// For a new key in the place of an old one: make another file, register both public halves, set
/// AUTHN_CLIENT_KEY_FILE to the new one, start again, and let the provider forget the old.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
#[expect(
    clippy::doc_markdown,
    reason = "its doc comment is help for a terminal"
)]
pub(super) struct Arguments {
    /// The file with the private key
    file: PathBuf,
}

/// Runs it.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let file = &arguments.file;
    let (code, problem) = match key(file) {
        Ok(key) => match tool::print(&format!("{:#}\n", key.public_set())) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => (FAILED, error.to_string()),
        },
        Err((code, problem)) => (code, format!("{}: {problem}", file.display())),
    };
    eprintln!("solar-system: {problem}");
    ExitCode::from(code)
}

/// The key of the file; where there is none, a new one.
fn key(file: &Path) -> Result<ClientKey, (u8, String)> {
    let failed = |error: &dyn std::fmt::Display| (FAILED, error.to_string());
    let made = ClientKey::generate().map_err(|error| failed(&error))?;
    let pem = made.to_pem().map_err(|error| failed(&error))?;
    match create_private(file, &pem) {
        Ok(()) => {
            eprintln!("{}: made; only its owner can read it", file.display());
            Ok(made)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let read = read_client_key(file).map_err(|problem| (WRONG_USE, problem))?;
            eprintln!("{}: was there, and is read", file.display());
            Ok(read)
        }
        Err(error) => Err((FAILED, format!("the file cannot be made ({error})"))),
    }
}
