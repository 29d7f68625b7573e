//! What reads a stranger's bytes, as plain functions for a fuzzer. Each holds what it reads against
//! what must be true of it then, and panics where it is not.
//!
//! Compiled for tests, which replay the seeds of `fuzz/seeds`, and with the feature `fuzzing`, for
//! `make fuzz`; never into the program.

mod scenario;
#[cfg(test)]
mod tests;
mod tokens;

use crate::{calls, gateway, idp, settings, web::oidc};

/// A name, and what is done with the bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target; `fuzz/fuzz_targets` has a file for each.
pub const TARGETS: [Target; 15] = [
    ("access_token", tokens::access_token),
    (
        "authorization_header",
        gateway::fuzzed::authorization_header,
    ),
    ("blueprint", scenario::blueprint),
    ("callback_query", oidc::fuzzed::callback_query),
    ("cookie_header", idp::fuzzed::cookie_header),
    ("env_values", settings::fuzzed::env_values),
    ("form_body", form_body),
    ("id_token", tokens::id_token),
    (
        "introspection_answer",
        gateway::fuzzed::introspection_answer,
    ),
    ("key_set", tokens::key_set),
    ("logout_token", tokens::logout_token),
    ("metadata", oidc::fuzzed::metadata),
    ("request_path", gateway::fuzzed::request_path),
    ("token_answer", oidc::fuzzed::token_answer),
    ("www_authenticate", calls::fuzzed::www_authenticate),
];

/// Runs the target of this name.
///
/// # Panics
/// When there is none, or when what it read is not as it must be: that is what a fuzzer looks for.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.expect("every target is in the list");
    target(data);
}

/// Both rooms that read forms, on the same bytes.
fn form_body(data: &[u8]) {
    idp::fuzzed::form_body(data);
    gateway::fuzzed::form_body(data);
}
