//! Text that goes into paths, and text of Keycloak's that goes to people.

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

/// Whether this is an id as Keycloak makes them: an id from a file must not become another path.
pub(super) fn is_id(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.len() <= 64 && id.bytes().all(safe)
}

/// A server's words, cut, and without what would move a terminal's cursor.
pub(super) fn plain(text: &str) -> String {
    let hidden = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| !hidden(c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SHOWN)
        .collect()
}

/// What an answer says is wrong: Keycloak has three members for it, and pages where it is not
/// Keycloak that answers.
pub(super) fn complaint(body: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let said = json.as_ref().and_then(|json| {
        ["errorMessage", "error_description", "error"]
            .into_iter()
            .find_map(|member| json[member].as_str())
    });
    match said {
        Some(said) => plain(said),
        None if body.is_empty() => "no word of why".to_owned(),
        None => plain(&String::from_utf8_lossy(body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_segment() {
        assert_eq!(encoded("a b/c+d?ü"), "a%20b%2Fc%2Bd%3F%C3%BC");
    }

    #[test]
    fn an_id_is_no_path() {
        assert!(is_id("ba3a9d97-4d38-456d-9229-55c624692586"));
        for odd in ["", "..", "a/b", "a?b", "a%2fb", "../../master", "a b"] {
            assert!(!is_id(odd), "{odd}");
        }
    }

    #[test]
    fn cli_12_words_of_a_server_cannot_move_the_terminal() {
        let words = complaint(b"{\"errorMessage\": \"taken\\u001b[2J\\nroot\"}");
        assert_eq!(words, "taken [2J root");
        assert_eq!(complaint(&[b'x'; 1000]).len(), 300);
        assert_eq!(complaint(b""), "no word of why");
        assert_eq!(plain("a\u{202e}b"), "ab");
    }
}
