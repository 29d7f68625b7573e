//! Text that goes into paths, and text of the tenant's that goes to people.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

/// What is shown of a server's words, in characters.
const SHOWN: usize = 300;

/// A name as one segment of a path, or as a value of a query.
pub(super) fn encoded(name: &str) -> String {
    let text: String = byte_serialize(name.as_bytes()).collect();
    // A plus is a blank in forms only; a plus of the name itself is %2B by now.
    text.replace('+', "%20")
}

/// Whether this is an id as Okta makes them: an id from a file must not become another path.
pub(super) fn is_id(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.len() <= 100 && id.bytes().all(safe)
}

/// A server's words, cut, and without what would move a terminal's cursor or turn its text around.
pub(super) fn plain(text: &str) -> String {
    let hidden = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.chars()
        .filter(|c| !hidden(c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SHOWN)
        .collect()
}

/// What an answer says is wrong, in the shapes that Okta has for it: its own (`errorSummary`,
/// `errorCauses`), that of OAuth (`error_description`), and a page where it is not Okta that answers.
pub(super) fn complaint(body: &[u8]) -> String {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |member: &str| json[member].as_str();
    let said = text("errorSummary").or(text("error_description"));
    let Some(said) = said.or(text("error")) else {
        return match body {
            [] => "no word of why".to_owned(),
            body => plain(&String::from_utf8_lossy(&body[..body.len().min(4 * SHOWN)])),
        };
    };
    let mut all = said.to_owned();
    let causes = json["errorCauses"].as_array();
    for cause in causes.into_iter().flatten() {
        let cause = cause["errorSummary"].as_str().unwrap_or_default();
        if !cause.is_empty() && !all.contains(cause) {
            all.push_str("; ");
            all.push_str(cause);
        }
    }
    if let Some(code) = text("errorCode") {
        all.push_str(" (");
        all.push_str(code);
        all.push(')');
    }
    plain(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_segment() {
        assert_eq!(
            encoded("a b/c+d?\"ü\"&x=1"),
            "a%20b%2Fc%2Bd%3F%22%C3%BC%22%26x%3D1"
        );
    }

    #[test]
    fn an_id_is_no_path() {
        for id in ["00g1emaKYZTWRYYRRTSK", "default", "0oa_x-1"] {
            assert!(is_id(id), "{id}");
        }
        for odd in ["", "..", "a/b", "a?b", "a%2fb", "../../users", "a b", "a#"] {
            assert!(!is_id(odd), "{odd}");
        }
    }

    #[test]
    fn cli_12_words_of_a_server_cannot_move_the_terminal() {
        let words = complaint(
            b"{\"errorCode\":\"E0000001\",\"errorSummary\":\"Api\\u001b[2J\\nroot\",\"errorCauses\":[{\"errorSummary\":\"login: taken\"}]}",
        );
        assert_eq!(words, "Api [2J root; login: taken (E0000001)");
        assert_eq!(complaint("x".repeat(100_000).as_bytes()).len(), 300);
        assert_eq!(complaint(b""), "no word of why");
        assert_eq!(
            complaint(b"{\"error\":\"invalid_client_metadata\"}"),
            "invalid_client_metadata"
        );
        assert_eq!(complaint("\u{9b}31m<h1>".as_bytes()), " 31m<h1>");
        assert_eq!(plain("a\u{202e}b"), "ab");
    }
}
