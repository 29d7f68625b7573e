//! What was asked, and what was registered: a provider may register less, or otherwise (RFC 7591,
//! section 3.2.1).

use super::client::texts;
use crate::{flight::printable, oauth::Scopes};
use serde_json::{Map, Value};

/// How much of a value is told, in characters.
const SHOWN: usize = 120;

/// A sentence for each member that is not as it was asked for. What the provider does not tell is
/// not compared.
#[must_use]
pub fn differences(asked: &Map<String, Value>, registered: &Map<String, Value>) -> Vec<String> {
    let mut sentences = Vec::new();
    for name in [
        "grant_types",
        "response_types",
        "redirect_uris",
        "post_logout_redirect_uris",
    ] {
        if !registered.get(name).is_some_and(Value::is_array) {
            continue;
        }
        let (wanted, got) = (texts(asked, name), texts(registered, name));
        let shown = |value: &String| printable(value, SHOWN);
        for left_out in wanted.iter().filter(|one| !got.contains(one)) {
            sentences.push(format!(
                "{name}: {} was left out{}",
                shown(left_out),
                why(left_out)
            ));
        }
        for added in got.iter().filter(|one| !wanted.contains(one)) {
            sentences.push(format!(
                "{name}: {} was added{}",
                shown(added),
                why_not(added)
            ));
        }
    }
    for name in [
        "token_endpoint_auth_method",
        "application_type",
        "client_name",
    ] {
        let text =
            |of: &Map<String, Value>| of.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(wanted), Some(got)) = (text(asked), text(registered))
            && wanted != got
        {
            let (wanted, got) = (printable(&wanted, SHOWN), printable(&got, SHOWN));
            sentences.push(format!("{name}: {got} instead of {wanted}"));
        }
    }
    sentences.extend(scope(asked, registered));
    sentences
}

fn scope(asked: &Map<String, Value>, registered: &Map<String, Value>) -> Option<String> {
    let read = |of: &Map<String, Value>| Scopes::parse(of.get("scope")?.as_str()?).ok();
    let missing = read(registered)?.missing(&read(asked)?);
    (!missing.is_empty()).then(|| format!("scope: {missing} was left out"))
}

fn why(left_out: &str) -> &'static str {
    match left_out {
        "implicit" | "token" | "id_token" => {
            "; it hands tokens over in a URL, and the code grant needs none of it (RFC 9700, section 2.1.2)"
        }
        "password" => "; it shows the person's password to the client (RFC 9700, section 2.4)",
        "client_credentials" => "; without it this client gets no tokens of its own",
        _ => "",
    }
}

fn why_not(added: &str) -> &'static str {
    match added {
        "implicit" | "password" => "; take it away at the provider, nobody here needs it",
        _ => "",
    }
}
