//! Which words, paths and methods a blueprint may hold.

use super::reserved::is_reserved;

/// The methods a rule may name. `HEAD` follows `GET`, `OPTIONS` is answered by the gateway itself.
pub(super) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Why `name` cannot name a resource or a level, or nothing.
///
/// Such a name stands in URLs, and a level's in the names of variables too (`<LEVEL>_USERNAME`).
pub(super) fn wrong_with_name(name: &str) -> Option<&'static str> {
    let fine = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (!fine).then_some(
        "a name is at most 40 lower-case letters, digits and hyphens and starts with a letter",
    )
}

/// Why `text` cannot be an id, a login, a group or another word that people read, or nothing.
pub(super) fn wrong_with_word(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("it is empty");
    }
    if text.trim() != text {
        return Some("it starts or ends with a blank");
    }
    if text.chars().any(char::is_control) {
        return Some("it holds a control character");
    }
    (text.len() > 200).then_some("it is longer than 200 bytes")
}

/// Why a rule cannot have this method, or nothing.
pub(super) fn wrong_with_method(method: &str) -> Option<&'static str> {
    match method {
        "*" => None,
        "HEAD" => Some("HEAD follows GET: write GET"),
        "OPTIONS" => Some("the gateway answers OPTIONS itself: leave it out"),
        _ if METHODS.contains(&method) => None,
        _ => Some("a method is GET, POST, PUT, PATCH, DELETE or *"),
    }
}

/// Why a rule cannot have this path, or nothing.
///
/// A rule's path is compared byte for byte with one that the gateway found clean, so whatever the
/// gateway turns away would be a rule that never applies.
pub(super) fn wrong_with_path(path: &str) -> Option<&'static str> {
    let Some(below_root) = path.strip_prefix('/') else {
        return Some("a path starts with \"/\"");
    };
    let exact = below_root.strip_suffix("/*").unwrap_or(below_root);
    let exact = if exact == "*" { "" } else { exact };
    if exact.contains('*') {
        return Some("\"*\" stands only at the end, as \"/*\"");
    }
    if exact.contains('%') {
        return Some("a path holds no percent-encoding: write the characters themselves");
    }
    if exact.contains(['?', '#']) {
        return Some("a path has no query and no fragment: the query never matters");
    }
    let unreserved_or_safe =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()+,=:@/".contains(&byte);
    if !exact.bytes().all(unreserved_or_safe) {
        return Some("a path holds letters, digits and any of - . _ ~ ! $ & ' ( ) + , = : @ only");
    }
    if path.contains("//") {
        return Some("a path holds no \"//\"");
    }
    if exact
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        return Some("a path holds no \".\" and no \"..\" segment");
    }
    if exact.ends_with('/') {
        return Some("a path ends without \"/\"; \"/*\" stands for all that is below");
    }
    is_reserved(path).then_some("the gateway answers there itself: choose another path")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_paths_are_taken() {
        for path in [
            "/", "/moons", "/a/b-c", "/moons/*", "/*", "/a.b/c~d", "/v1:x",
        ] {
            assert_eq!(wrong_with_path(path), None, "{path}");
        }
    }

    #[test]
    fn bad_paths_are_refused_for_what_is_wrong_with_them() {
        for (path, part) in [
            ("", "starts with"),
            ("moons", "starts with"),
            ("*", "starts with"),
            ("http://x/moons", "starts with"),
            ("//", "\"//\""),
            ("//moons", "\"//\""),
            ("/a//b", "\"//\""),
            ("/a//*", "\"//\""),
            ("/./a", "segment"),
            ("/a/..", "segment"),
            ("/../*", "segment"),
            ("/a/", "ends without"),
            ("/a*", "only at the end"),
            ("/*/a", "only at the end"),
            ("/a/*/*", "only at the end"),
            ("/**", "only at the end"),
            ("/a%2fb", "percent"),
            ("/a%41", "percent"),
            ("/a?b", "query"),
            ("/a#b", "query"),
            ("/a;b", "only"),
            ("/a\\b", "only"),
            ("/a b", "only"),
            ("/a\nb", "only"),
            ("/a\0", "only"),
            ("/ä", "only"),
            ("/decision", "itself"),
            ("/.well-known/oauth-protected-resource/x", "itself"),
        ] {
            let problem = wrong_with_path(path).unwrap_or_else(|| panic!("{path:?} was taken"));
            assert!(problem.contains(part), "{path:?}: {problem}");
        }
    }

    #[test]
    fn names_are_safe_in_urls() {
        for name in ["moons", "a", "dwarf-planets", "x2"] {
            assert_eq!(wrong_with_name(name), None, "{name}");
        }
        for name in [
            "",
            "Moons",
            "2x",
            "-x",
            "a b",
            "a/b",
            "a_b",
            "ä",
            &"a".repeat(41),
        ] {
            assert!(wrong_with_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn words_are_printable_and_trimmed() {
        for word in ["carl.sagan", "Gold members", "ü"] {
            assert_eq!(wrong_with_word(word), None, "{word}");
        }
        for word in ["", " ", " a", "a ", "a\nb", "a\u{85}b", &"a".repeat(201)] {
            assert!(wrong_with_word(word).is_some(), "{word:?}");
        }
    }

    #[test]
    fn methods_are_upper_case_and_known() {
        for method in METHODS.into_iter().chain(["*"]) {
            assert_eq!(wrong_with_method(method), None, "{method}");
        }
        for method in [
            "", "get", "Get", "HEAD", "OPTIONS", "TRACE", "CONNECT", "FETCH", "GET ",
        ] {
            assert!(wrong_with_method(method).is_some(), "{method}");
        }
    }
}
