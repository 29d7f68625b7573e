//! Request targets in every spelling that fooled somebody, each made with its right answer: refused,
//! unnamed, without token, or forwarded byte for byte.

use super::*;
use std::collections::BTreeMap;

/// A path of the blueprint that the spellings are of.
struct Place {
    path: &'static str,
    is_open: bool,
}

/// One by itself, one that a wider rule around it opens to everybody but for itself, and one that is open.
const PLACES: [Place; 3] = [
    Place {
        path: "/moons",
        is_open: false,
    },
    Place {
        path: "/open/all:export",
        is_open: false,
    },
    Place {
        path: "/visitors",
        is_open: true,
    },
];
const WIDE: &str = "/open/";

#[derive(Clone, Debug, PartialEq, Eq)]
enum Right {
    /// 400, or the connection ends without a word.
    Refused,
    /// 404.
    Unnamed,
    /// 401.
    TokenNeeded,
    /// 200, and this is what the API was asked.
    Forwarded(String),
}

use Right::{Forwarded, Refused, TokenNeeded, Unnamed};

#[derive(Default)]
struct Corpus(BTreeMap<Vec<u8>, Right>);

impl Corpus {
    fn add(&mut self, target: impl Into<Vec<u8>>, right: Right) {
        let target = target.into();
        let shown = String::from_utf8_lossy(&target).into_owned();
        let known = self.0.get(&target);
        assert!(known.is_none_or(|known| *known == right), "{shown}");
        self.0.insert(target, right);
    }

    fn refused(&mut self, target: impl Into<Vec<u8>>) {
        self.add(target, Refused);
    }

    /// A spelling that means the very same path; `asked` is what goes on.
    fn same(&mut self, place: &Place, target: String, asked: String) {
        self.add(
            target,
            if place.is_open {
                Forwarded(asked)
            } else {
                TokenNeeded
            },
        );
    }

    /// A clean path that is another one.
    fn other(&mut self, target: String) {
        let is_wide = target.len() > WIDE.len() && target.starts_with(WIDE);
        let right = if is_wide {
            Forwarded(target.clone())
        } else {
            Unnamed
        };
        self.add(target, right);
    }
}

/// Bytes that may stand in a path as they are, and those that may stand there encoded.
const PLAIN: &str = "-._~!$&'()*+,=:@";
const ENCODED: &[u8] = b" \"<>[]^`{|}";

#[rustfmt::skip] // tables
fn encodings(corpus: &mut Corpus, place: &Place) {
    let path = place.path;
    for (at, letter) in path.char_indices() {
        let (before, after) = (&path[..at], &path[at + 1..]);
        let byte = u32::from(letter);
        for encoded in [
            format!("%{byte:02x}"), format!("%{byte:02X}"), format!("%25{byte:02x}"), format!("%2525{byte:02x}"),
            format!("%u00{byte:02x}"), format!("%%{byte:02x}"), format!("%{byte:02x}%"),
            format!("\\x{byte:02x}"), format!("%c0%{:02x}", 0x80 | byte), format!("%c1%{:02x}", 0x80 | (byte & 0x3f)),
            format!("%e0%80%{:02x}", 0x80 | (byte & 0x3f)), format!("%f0%80%80%{:02x}", 0x80 | (byte & 0x3f)),
        ] {
            corpus.refused(format!("{before}{encoded}{after}"));
        }
        if letter.is_ascii_lowercase() {
            corpus.other(format!("{before}{}{after}", letter.to_ascii_uppercase()));
            let full_width = char::from_u32(byte + 0xfee0).unwrap();
            corpus.refused(format!("{before}{full_width}{after}"));
        }
    }
    let all: Vec<String> = path.bytes().map(|byte| format!("%{byte:02x}")).collect();
    corpus.refused(all.concat());
    corpus.refused(format!("/{}", all[1..].concat().to_uppercase()));
    for byte in 0..=u8::MAX {
        let behind = format!("{path}%{byte:02x}");
        let inside = format!("{path}/%{byte:02X}x");
        if ENCODED.contains(&byte) {
            corpus.other(behind);
            corpus.other(inside);
        } else {
            corpus.refused(behind);
            corpus.refused(inside);
        }
    }
}

#[rustfmt::skip] // tables
fn dots_and_slashes(corpus: &mut Corpus, place: &Place) {
    let path = place.path;
    let climbs = [
        "/.", "/..", "/./.", "/../..", "/a/..", "/a/../", "/a/./", "/...//", "/%2e", "/%2E", "/%2e%2e", "/%2E%2e", "/.%2e", "/%2e.",
        "/%252e%252e", "/%25%32%65", "/..;", "/..;x", "/.;", "/..%3b", "/..%00", "/..%0d%0a", "/..%09", "/..%20/..", "/..\\", "\\..\\", "/..%5c",
        "/%2e%2e%5c", "/%2e%2e%2f", "/..%2f", "/..%252f", "/..%c0%af", "/%c0%ae%c0%ae", "/%c0%2e%c0%2e", "/%e0%80%ae", "/%uff0e%uff0e",
        "/\u{ff0e}\u{ff0e}", "/\u{2024}\u{2024}", "//", "///", "//.", "/%2f", "/%2F/", "\\", "\\\\", "/\\", "/%5c", "/%5C", "//..", "/.//..",
        "%2f", "%5c", "/%00", "/;", "/;a=b", "/a;/..", "/a%2f..", "/a/%2e%2e", "/?/..%", "/%",
    ];
    for climb in climbs.iter().filter(|climb| !climb.contains('?')) {
        corpus.refused(format!("{climb}{path}"));
        corpus.refused(format!("{climb}/{}", &path[1..]));
        corpus.refused(format!("{path}{climb}"));
        corpus.refused(format!("{path}{climb}/"));
        corpus.refused(format!("{WIDE}a{climb}{path}"));
        corpus.refused(format!("{WIDE}a{climb}/..{path}"));
    }
    for slash in ["//", "\\", "%2f", "%5c", "/./", ";/", "/;/", "%2f%2f", "/%2e/", "/x/../", "\u{2215}", "\u{2044}", "\u{ff0f}", "%c0%af", "%c1%9c", "%e0%80%af"] {
        corpus.refused(path.replace('/', slash));
        corpus.refused(format!("{path}{slash}"));
    }
    for looks_like in ["%E2%88%95", "%E2%81%84", "%EF%BC%8F", "%EF%BC%8E%EF%BC%8E", "%E2%80%A4", "%E2%80%A8", "%EF%BB%BF", "%C2%A0", "%E2%80%AE"] {
        corpus.other(format!("{path}{looks_like}"));
        corpus.other(format!("/{looks_like}{path}"));
    }
    corpus.add(format!("{path}/"), Unnamed); // many servers read it as the same
    for letter in PLAIN.chars().chain(['x', 'X', '0']) {
        corpus.other(format!("{path}{letter}"));
        corpus.other(format!("{path}/x{letter}"));
        corpus.other(format!("/x{letter}{path}"));
    }
    for behind in [".json", ".html", ".php", "..", "...", "~", "/x", "/x/", "/...", "/..x", "/.x", ".;", "/index.html", "/moons", "@evil.example", ":80", "=1&a=b"] {
        if behind.contains(';') {
            corpus.refused(format!("{path}{behind}"));
        } else {
            corpus.other(format!("{path}{behind}"));
        }
    }
}

#[rustfmt::skip] // tables
fn what_cuts(corpus: &mut Corpus, place: &Place) {
    let path = place.path;
    for cut in [";", ";x", ";/", ";/..", ";jsessionid=1", ";a=b;c", "%3b", "%3Bx", "%23", "%23/../visitors", "%3f", "%3Fa=b", "%00", "%00.json", "%0a", "%0d%0aHost:x", "%09", "%", "%2", "%zz", "%0", "%%", "%25", "%2500", "%u0000", "%C3", "%80", "%ff", "%ed%a0%80", "%f4%90%80%80", "%c2%85", "%c2%9f"] {
        corpus.refused(format!("{path}{cut}"));
        corpus.refused(format!("{path}{cut}/x"));
        corpus.refused(format!("/x{cut}{path}"));
    }
    for query in ["?", "?a", "?a=b", "?a=b&a=c", "?%2e%2e%2f", "?/../..", "?//", "?;", "?a=%00", "?%", "?%zz", "?'", "?a=|", "??", "?/moons", "?@evil", "?a=http://evil.example/"] {
        corpus.same(place, format!("{path}{query}"), format!("{path}{query}"));
    }
    // a request target has no fragment: what stands there is neither judged nor forwarded
    for fragment in ["#", "#x", "#/../visitors", "#?a", "##", "#%00", "#//"] {
        corpus.same(place, format!("{path}{fragment}"), path.to_owned());
    }
    corpus.same(place, format!("{path}?a#/..//b"), format!("{path}?a"));
    for fragment in ["/#", "#", "/visitors/#", "//#"] {
        let right = if fragment.starts_with("/#") || fragment.starts_with("/v") { Unnamed } else { Refused };
        corpus.add(format!("{fragment}{path}"), right);
    }
}

#[rustfmt::skip] // tables
fn raw_bytes(corpus: &mut Corpus, place: &Place) {
    let path = place.path.as_bytes();
    let insert = |at: usize, byte: u8| [&path[..at], &[byte], &path[at..]].concat();
    for byte in (0..=0x20).chain(0x7f..=u8::MAX).chain(*b"\"<>\\^`{|}[];%") {
        for at in [1, 3, path.len()] {
            corpus.refused(insert(at, byte));
        }
    }
    corpus.refused(insert(0, b' '));
    corpus.refused(insert(0, b'\t'));
}

/// The other forms of a request target (RFC 9112, section 3.2), and what is none.
#[rustfmt::skip] // tables
fn forms(corpus: &mut Corpus, place: &Place) {
    let path = place.path;
    for origin in ["http://localhost", "HTTP://LOCALHOST", "http://localhost:80", "https://localhost", "http://127.0.0.1:1", "http://[::1]", "http://evil.example"] {
        corpus.same(place, format!("{origin}{path}"), path.to_owned());
        corpus.same(place, format!("{origin}{path}?a=b"), format!("{path}?a=b"));
        for unclean in ["/.", "/..", "/%2e%2e", "//", "/a/..", "\\", "/;", "/%2f"] {
            corpus.refused(format!("{origin}{unclean}{path}"));
            corpus.refused(format!("{origin}{path}{unclean}"));
        }
    }
    // as the library reads it: no scheme, an authority that is not looked at, and the same path
    corpus.same(place, format!("://localhost{path}"), path.to_owned());
    corpus.add(format!("http:/{path}"), Unnamed); // the path's first part is a host there
    for none in [&path[1..], &format!("x{path}"), &format!("localhost{path}"), &format!("//localhost{path}"), &format!("///localhost{path}"), &format!("http:{path}"), &format!("http://{path}"), &format!("*{path}"), &format!("?{path}"), &format!("\\{path}"), &format!("\\\\localhost{path}"), &format!("javascript:{path}"), "*", "localhost", "localhost:80", "moons:443", "http://", "http:", ":", "/\\", "."] {
        corpus.refused(none);
    }
}

async fn answered(open: &sockets::Open, target: &[u8]) -> String {
    let mut caller = open.connect().await;
    let request = [
        b"GET ",
        target,
        b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    ]
    .concat();
    let _ = caller.write_all(&request).await;
    sockets::rest(&mut caller).await
}

#[tokio::test]
async fn sec_gw_02_the_path_corpus_is_refused_or_forwarded_byte_for_byte() {
    let mut corpus = Corpus::default();
    for place in &PLACES {
        for add in [encodings, dots_and_slashes, what_cuts, raw_bytes, forms] {
            add(&mut corpus, place);
        }
        corpus.same(place, place.path.to_owned(), place.path.to_owned());
    }
    let world = World::with(By::Keys, |config| {
        let mut blueprint = Blueprint::default();
        let (open, narrow) = (
            blueprint.resources[0].clone(),
            blueprint.resources.last().unwrap().clone(),
        );
        for (path, like) in [
            (format!("{WIDE}*"), open),
            (PLACES[1].path.to_owned(), narrow),
        ] {
            let mut resource = like;
            resource.path = path;
            blueprint.resources.push(resource);
        }
        config.policy = Policy::of(&blueprint);
    })
    .await;
    let open = sockets::listen(&world).await;
    let mut counts = BTreeMap::new();
    let mut wrong = Vec::new();
    for (target, right) in &corpus.0 {
        let said = answered(&open, target).await;
        let asked: Vec<String> = world.api.take().into_iter().map(|one| one.target).collect();
        let status = said.get(9..12).unwrap_or("no answer");
        let seen = match (status, asked.as_slice()) {
            ("400", []) => Some(Refused),
            ("404", []) => Some(Unnamed),
            ("401", []) => Some(TokenNeeded),
            ("200", [one]) => Some(Forwarded(one.clone())),
            _ => None,
        };
        if seen.as_ref() != Some(right) {
            wrong.push(format!(
                "{:?}: {status} {asked:?}, not {right:?}",
                String::from_utf8_lossy(target)
            ));
        }
        let kind = format!("{right:?}");
        *counts
            .entry(kind.split('(').next().unwrap_or_default().to_owned())
            .or_insert(0) += 1;
    }
    println!("paths: {} cases, {counts:?}", corpus.0.len());
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        corpus.0.len(),
        wrong.join("\n")
    );
    assert!(corpus.0.len() >= 500, "{}", corpus.0.len());
}
