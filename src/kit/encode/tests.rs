//! Hostile values, put through each language and read back by a real parser of it.

use super::*;
use std::process::Command;

/// Texts that end a string, start a command, or look like something else in some language.
pub(super) const HOSTILE: &[&str] = &[
    "",
    " ",
    "plain",
    "it's",
    "a\"b",
    "a\\b",
    "\\",
    "\\\"",
    "\"; deny all; \"",
    "'; return 200; '",
    "${HOME}",
    "$HOME $(id) `id`",
    "%{ENV:HOME}",
    "%ENVIRONMENT(HOME)%",
    "100%",
    "{{ secret }}",
    "{% if x %}",
    "}}{{",
    "<script>alert(1)</script>",
    "]]>",
    "<!-- x --> &amp; &#10;",
    "# comment",
    "// comment /* x */",
    "-- comment",
    "yes",
    "null",
    "0x10",
    "1e3",
    "- a",
    "a: b",
    "&anchor *alias !tag |",
    "[a, b] {c: d}",
    "@at %dir",
    "trailing ",
    "ünï😀\u{2028}\u{feff}\u{a0}",
    "http://x/scp/a|b^c~d",
    "x'||'1'='1",
    "~^/.*$",
    "a,b;c",
];

#[test]
fn cfg_01_json_reads_back_unchanged_and_holds_no_markup() {
    for text in HOSTILE.iter().copied().chain(["a\nb\r\t\0\u{85}\u{1b}"]) {
        let written = Json::new(text).to_string();
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        assert!(!written.contains(['<', '>', '\u{2028}']), "{written}");
        assert!(written.chars().all(|c| !c.is_control()), "{written:?}");
        let written = Template::new(text).to_string();
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        assert!(!written.contains(['{', '}']), "{written}");
    }
}

#[test]
fn cfg_01_yaml_reads_back_unchanged_as_value_and_as_key() {
    for text in HOSTILE.iter().copied().chain(["a\nb\r\t\0\u{85}\u{1b}"]) {
        let written = Yaml::new(text);
        let document = format!("a: {written}\n{written}: [{written}, {{b: {written}}}]\n");
        let read: serde_norway::Value = serde_norway::from_str(&document).unwrap();
        assert_eq!(read["a"].as_str(), Some(text), "{document}");
        assert_eq!(read[text][0].as_str(), Some(text), "{document}");
        assert_eq!(read[text][1]["b"].as_str(), Some(text), "{document}");
    }
}

#[test]
fn cfg_01_xml_reads_back_unchanged_or_is_refused() {
    for text in HOSTILE {
        let written = Xml::new(text).unwrap();
        let document = format!("<a b=\"{written}\" c='{written}'>{written}</a>");
        let read = roxmltree::Document::parse(&document).unwrap();
        let element = read.root_element();
        assert_eq!(element.attribute("b"), Some(*text), "{document}");
        assert_eq!(element.attribute("c"), Some(*text), "{document}");
        assert_eq!(element.text().unwrap_or_default(), *text, "{document}");
    }
    for text in ["a\nb", "\0", "\u{ffff}"] {
        assert!(Xml::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn cfg_01_a_shell_word_reads_back_unchanged() {
    for text in HOSTILE {
        let script = format!("printf %s {}", Shell::new(text).unwrap());
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), *text, "{script}");
    }
    assert!(Shell::new("a\nb").is_err());
}

#[test]
fn cfg_01_a_regular_expression_of_a_text_matches_it_alone() {
    for text in HOSTILE {
        let expression = regex::Regex::new(&format!("^{}$", super::regex(text))).unwrap();
        assert!(expression.is_match(text), "{text}");
        for other in HOSTILE.iter().filter(|other| *other != text) {
            assert!(!expression.is_match(other), "{text} matches {other}");
        }
    }
}

#[test]
fn cfg_01_what_a_language_cannot_hold_is_refused_by_name() {
    for text in ["$x", "${x}", "a\n", "\0"] {
        assert!(Nginx::new(text).is_err(), "{text:?}");
    }
    for text in ["${x}", "%{x}", "a\n"] {
        assert!(Apache::new(text).is_err(), "{text:?}");
    }
    let refused = Nginx::new("https://x/$a").unwrap_err().to_string();
    assert!(
        refused.contains("https://x/$a") && refused.contains("dollar"),
        "{refused}"
    );
    for text in ["a\nb", "a\rb", "a\0b", "a\u{1b}b"] {
        assert!(Haproxy::new(text).is_err(), "{text:?}");
        assert!(HaproxyFormat::new(text).is_err(), "{text:?}");
        assert!(Hcl::new(text).is_err(), "{text:?}");
    }
}

/// Reads a quoted word as the language's documentation says it is read; no parser of it is at hand.
fn unquoted(word: &str, escapable: &str) -> String {
    let inner = word.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let next = characters.next().expect("a backslash is never last");
                assert!(escapable.contains(next), "{word}");
                text.push(next);
            }
            '"' => panic!("{word} ends early"),
            c => text.push(c),
        }
    }
    text
}

#[test]
fn cfg_01_quoted_words_of_programs_read_back_unchanged() {
    for text in HOSTILE {
        if let Ok(word) = Nginx::new(text) {
            assert_eq!(unquoted(&word.to_string(), "\"\\"), *text);
        }
        if let Ok(word) = Apache::new(text) {
            assert_eq!(unquoted(&word.to_string(), "\"\\"), *text);
        }
        if let Ok(word) = Caddy::new(text) {
            assert_eq!(word.to_string().trim_matches('`'), *text);
            assert!(!text.contains(['{', '}', '`']), "{text}");
        }
        let word = Haproxy::new(text).unwrap().to_string();
        assert_eq!(unquoted(&word, "\"\\$"), *text);
        let word = HaproxyFormat::new(text).unwrap().to_string();
        assert_eq!(unquoted(&word, "\"\\$").replace("%%", "%"), *text);
        let word = Hcl::new(text).unwrap().to_string();
        let read = unquoted(&word, "\"\\").replace("$${", "${");
        assert_eq!(read.replace("%%{", "%{"), *text);
        let word = Lua::new(text).to_string();
        assert!(
            word.is_ascii() && !word[1..word.len() - 1].contains('"'),
            "{word}"
        );
        assert_eq!(EnvoyFormat::text(text).replace("%%", "%"), *text);
    }
}
