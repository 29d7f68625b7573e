//! Texts that are JSON, that nearly are, and that mean two things, each made with its right answer.
//!
//! RFC 8259 says what is JSON. What it leaves open is decided here and written beside the cases:
//! numbers beyond a double are refused, beyond 64 bits they lose digits, too small ones are 0; lone
//! surrogates and a byte order mark are refused; so is what nests deeper than 64.

use super::strict_json::{StrictJsonError, from_slice};
use serde_json::Value;
use std::collections::BTreeMap;

/// What has to become of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Taken,
    /// It is no JSON.
    NotJson,
    /// It names a member twice.
    Repeated,
    /// It nests deeper than is read.
    TooDeep,
}

use Right::{NotJson, Repeated, Taken, TooDeep};

#[derive(Default)]
struct Corpus(BTreeMap<Vec<u8>, Right>);

impl Corpus {
    fn add(&mut self, text: impl Into<Vec<u8>>, right: Right) {
        let text = text.into();
        let shown = String::from_utf8_lossy(&text).into_owned();
        let before = self.0.insert(text, right);
        assert!(before.is_none_or(|before| before == right), "{shown}");
    }

    /// A value by itself, in a list, and in an object.
    fn everywhere(&mut self, value: impl AsRef<[u8]>, right: Right) {
        let value = value.as_ref();
        for (before, after) in [("", ""), ("[", "]"), ("[0,", ",0]"), ("{\"a\":", "}")] {
            self.add([before.as_bytes(), value, after.as_bytes()].concat(), right);
        }
    }

    /// What stands between the quotes of a string, as a value and as a name.
    fn in_quotes(&mut self, inside: impl AsRef<[u8]>, right: Right) {
        let inside = inside.as_ref();
        self.add([b"[\"", inside, b"\"]"].concat(), right);
        self.add([b"{\"", inside, b"\":0}"].concat(), right);
    }
}

#[rustfmt::skip] // tables
fn numbers(corpus: &mut Corpus) {
    for good in [
        "0", "-0", "1", "-1", "10", "0.0", "0.5", "-0.1", "1e0", "1E0", "1e+1", "1e-1", "1.5e3",
        "0e1", "0E+1", "0.0e-9", "9007199254740993", "18446744073709551615",
        "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
        "123456789012345678901234567890", "1e308", "-1e308", "1.7976931348623157e308", "1e-400",
        "-1e-400", "0.1234567890123456789012345678901234567890",
    ] {
        corpus.everywhere(good, Taken);
    }
    for bad in [
        "01", "-01", "00", "-00", "-", "+", "+1", "--1", "-+1", "- 1", ".5", "-.5", "1.", "1.e1",
        ".e1", "1e", "1E", "1e+", "1e-", "1e1.5", "1eE1", "1e+-1", "0e", "0x1", "0X1", "0b1",
        "0o7", "1_0", "1'0", "1,0x", "1a", "1 2", "1-1", "1+1", "0.1.2", "1..2", "NaN", "-NaN",
        "nan", "Infinity", "-Infinity", "inf", "1e999", "-1e999", "1e99999999999999999999",
        "\u{ff11}", "\u{221e}", "\u{0661}", "1\u{660}", "1\u{a0}", "1f", "1L", "1n", "0d",
    ] {
        corpus.everywhere(bad, NotJson);
    }
}

#[rustfmt::skip] // tables
fn words(corpus: &mut Corpus) {
    for good in ["true", "false", "null", "\"\"", "[]", "{}", "[[]]", "{\"\":{}}"] {
        corpus.everywhere(good, Taken);
    }
    for bad in [
        "True", "TRUE", "False", "Null", "NULL", "nul", "nulll", "tru", "truee", "fals", "t",
        "n", "undefined", "none", "None", "nil", "yes", "a", "'a'", "`a`", "\u{201c}a\u{201d}",
        "<a>", "a:1", "\\u0031", "/**/", "//", "#", "1//", "/*1*/1", "1/**/", "1#", "(1)", "=1",
        "\"a", "a\"", "\"a\"\"b\"", "\"a\" \"b\"", "\"a\\\"", "[", "]", "{", "}", "[}", "{]", "][",
        "}{", "[1", "1]", "[1]]", "[[1]", "{\"a\":1", "{\"a\":1}}", "[,]", "[1,]", "[,1]",
        "[1,,2]", "[1 2]", "[1:2]", "[1;2]", "[\"a\":1]", "[1}", "{,}", "{\"a\":1,}", "{,\"a\":1}",
        "{\"a\":1,,\"b\":2}", "{\"a\" 1}", "{\"a\"}", "{\"a\":}", "{\"a\"::1}", "{\"a\":1 \"b\":2}",
        "{\"a\",1}", "{\"a\"=1}", "{:1}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{true:1}",
        "{[]:1}", "{{}:1}", "{\"a\":1]", "{\"a\":1;\"b\":2}", "{\"a\":1:2}", "{\"a\"}:1", "{\"a\":\"b",
        "...", "[...]", "{...}", "\0", "null\0",
    ] {
        corpus.everywhere(bad, NotJson);
    }
}

#[rustfmt::skip] // tables
fn blanks(corpus: &mut Corpus) {
    let places = |blank: &str| {
        [
            format!("{blank}1"),
            format!("1{blank}"),
            format!("[{blank}1{blank},{blank}2{blank}]"),
            format!("{{{blank}\"a\"{blank}:{blank}1{blank}}}"),
            format!("[{blank}]"),
            format!("{{{blank}}}"),
        ]
    };
    for good in [" ", "\t", "\n", "\r", "\r\n", " \t\r\n "] {
        for text in places(good) {
            corpus.add(text, Taken);
        }
    }
    for bad in [
        "\u{b}", "\u{c}", "\0", "\u{1c}", "\u{7f}", "\u{85}", "\u{a0}", "\u{1680}", "\u{2003}",
        "\u{200b}", "\u{2028}", "\u{2029}", "\u{3000}", "\u{feff}", "\u{180e}", "\\n", "\\t", "%20",
    ] {
        for text in places(bad) {
            corpus.add(text, NotJson);
        }
    }
}

#[rustfmt::skip] // tables
fn strings(corpus: &mut Corpus) {
    for escape in ["\"", "\\", "/", "b", "f", "n", "r", "t"] {
        corpus.in_quotes(format!("\\{escape}"), Taken);
    }
    for good in [
        "\\u0000", "\\u001f", "\\u0041", "\\u00e9", "\\u00E9", "\\uFFFF", "\\uffff", "\\ufdd0",
        "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\ud800\\udc00", "\\udbff\\udfff", "\u{7f}", "\u{80}",
        "\u{e9}", "\u{20ac}", "\u{1f600}", "\u{10ffff}", "\u{2028}", "\u{2029}", "\u{feff}",
        "\u{fffd}", "\u{fffe}", "a\\\\u0041", "'", "/", "//", "/*", "\\\\\\\"", "\u{202e}",
    ] {
        corpus.in_quotes(good, Taken);
    }
    for control in 0..0x20_u8 {
        corpus.in_quotes([control], NotJson);
        corpus.in_quotes([b'\\', control], NotJson);
    }
    for letter in (b'!'..=b'~').filter(|letter| !b"\"\\/bfnrtu".contains(letter)) {
        corpus.in_quotes([b'\\', letter], NotJson);
    }
    for bad in [
        "\\u", "\\u0", "\\u00", "\\u004", "\\u00g0", "\\u 041", "\\u+041", "\\u-041", "\\u0x41",
        "\\u{41}", "\\u\u{ff10}041", "\\ud800", "\\ud800x", "\\ud800\\n", "\\ud800\\u", "\\ud800\\u0041",
        "\\ud800\\ud800", "\\udc00", "\\udc00\\ud800", "\\udfff", "\\udbff", "\\udbff\\\\udfff",
        "\\\u{e9}",
    ] {
        corpus.in_quotes(bad, NotJson);
    }
    let not_utf8: [&[u8]; 18] = [
        b"\x80", b"\xbf", b"\xc0", b"\xc0\xaf", b"\xc1\xbf", b"\xc3", b"\xc3(", b"\xe0\x80\xaf",
        b"\xe2\x82", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\xaf", b"\xf0\x9f\x98",
        b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff",
    ];
    for bad in not_utf8 {
        corpus.in_quotes(bad, NotJson);
        corpus.everywhere(bad, NotJson);
        corpus.everywhere([b"1", bad].concat(), NotJson);
    }
}

/// Whole documents that were cut, that go on, or that come in another encoding.
#[rustfmt::skip] // tables
fn documents(corpus: &mut Corpus) {
    let good = r#"{"iss":"https://idp.example","aud":["a","b"],"exp":1.5e9,"x":{"y":[null,true,"\u00e9"]}}"#;
    corpus.add(good, Taken);
    for end in 0..good.len() {
        corpus.add(&good[..end], NotJson);
    }
    for start in 1..good.len() {
        corpus.add(&good[start..], NotJson); // at least its last bracket is one too many
    }
    for byte in (0..=u8::MAX).filter(|byte| !b" \t\r\n".contains(byte)) {
        corpus.add([good.as_bytes(), &[byte]].concat(), NotJson);
        corpus.add([&[byte], good.as_bytes()].concat(), NotJson);
    }
    for behind in ["{}", "[]", "null", " {}", "\n{}", ",{}", "\0\0", "//", "/**/", ";"] {
        corpus.add(format!("{good}{behind}"), NotJson);
    }
    for text in ["{}", "[]", "[1]", "{\"a\":1}"] {
        let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
        let wider = |order: fn(u32) -> [u8; 4]| text.chars().map(u32::from).flat_map(order).collect::<Vec<_>>();
        for encoded in [
            wide(u16::to_le_bytes), wide(u16::to_be_bytes), wider(u32::to_le_bytes), wider(u32::to_be_bytes),
        ] {
            corpus.add(encoded, NotJson);
        }
        for mark in [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"] {
            corpus.add([mark, text.as_bytes()].concat(), NotJson);
        }
    }
}

/// Names that stand twice, at every depth, in every spelling, with others between them.
#[rustfmt::skip] // tables
fn repeated(corpus: &mut Corpus) {
    let spellings = [
        ("iss", "iss"), ("iss", "\\u0069ss"), ("\\u0069ss", "is\\u0073"), ("", ""),
        ("\\/", "/"), ("\\u002F", "\\u002f"), ("\u{e9}", "\\u00e9"), ("\u{1f600}", "\\ud83d\\ude00"),
        ("\\n", "\\u000a"), ("\\u0000", "\\u0000"), ("a b", "a\\u0020b"),
    ];
    for depth in [0, 1, 2, 3, 7, 20, 40, 62] {
        for (first, second) in spellings {
            for (one, other) in [("1", "1"), ("1", "2"), ("{}", "[]"), ("null", "\"x\"")] {
                let object = format!(r#"{{"{first}":{one},"-":0,"{second}":{other}}}"#);
                let lists = format!("{}{object}{}", "[".repeat(depth), "]".repeat(depth));
                let objects = format!("{}{object}{}", "{\"iss\":".repeat(depth), "}".repeat(depth));
                corpus.add(lists, Repeated);
                corpus.add(objects, Repeated);
            }
        }
    }
    for (first, second) in [
        ("iss", "Iss"), ("iss", "iss "), ("iss", "\u{456}ss"), ("\u{e9}", "e\u{301}"), ("a", "a\\u0000"),
        ("a", "a\u{200b}"), ("1", "1.0"), ("a", "A"), ("", " "), ("\\\\u0061", "a"),
    ] {
        corpus.add(format!(r#"{{"{first}":1,"{second}":1}}"#), Taken);
        corpus.add(format!(r#"[{{"{first}":1}},{{"{first}":1}}]"#), Taken);
        corpus.add(format!(r#"{{"{first}":{{"{first}":1}},"{second}":{{"{first}":1}}}}"#), Taken);
    }
}

fn depths(corpus: &mut Corpus) {
    for depth in [
        1, 2, 10, 32, 63, 64, 65, 66, 100, 127, 128, 129, 1_000, 100_000,
    ] {
        let right = if depth > 64 { TooDeep } else { Taken };
        corpus.add("[".repeat(depth) + &"]".repeat(depth), right);
        corpus.add("{\"a\":".repeat(depth) + "1" + &"}".repeat(depth), right);
        corpus.add("[1,".repeat(depth) + "1" + &"]".repeat(depth), right);
        let mixed = "[{\"a\":".repeat(depth / 2) + "1" + &"}]".repeat(depth / 2);
        corpus.add(mixed, if depth / 2 * 2 > 64 { TooDeep } else { Taken });
        // cut in the depth
        let cut = if depth > 64 { TooDeep } else { NotJson };
        corpus.add("[".repeat(depth), cut);
        corpus.add("{\"a\":".repeat(depth), cut);
    }
}

#[test]
fn sec_com_12_the_strict_json_corpus_is_taken_and_refused_as_it_says() {
    let mut corpus = Corpus::default();
    for add in [numbers, words, blanks, strings, documents, repeated, depths] {
        add(&mut corpus);
    }
    let mut counts = BTreeMap::new();
    for (text, right) in &corpus.0 {
        let read = from_slice::<Value>(text);
        let seen = match &read {
            Ok(_) => Taken,
            Err(StrictJsonError::Repeated(_)) => Repeated,
            Err(StrictJsonError::TooDeep) => TooDeep,
            Err(StrictJsonError::NotJson { .. } | StrictJsonError::Form(_)) => NotJson,
        };
        let shown = String::from_utf8_lossy(&text[..text.len().min(200)]);
        assert_eq!(seen, *right, "{shown:?}: {read:?}");
        if let Ok(value) = read {
            let again = from_slice::<Value>(value.to_string().as_bytes());
            assert_eq!(
                again.as_ref(),
                Ok(&value),
                "{shown:?} is not what was written"
            );
        }
        *counts.entry(format!("{right:?}")).or_insert(0) += 1;
    }
    println!("strict JSON: {} cases, {counts:?}", corpus.0.len());
    assert!(corpus.0.len() >= 300, "{}", corpus.0.len());
}
