//! Return targets that fooled somebody: generated from a good one and from an attacker's host.

use std::collections::BTreeSet;

use url::Url;

/// The attacker's host, in a name that stands in no answer by chance.
pub const EVIL: &str = "evil.example";

/// Targets that would lead to the attacker, if anybody followed them.
pub fn foreign(good: &Url) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for scheme in SCHEMES {
        all.extend(AFTER_SCHEME.map(|after| format!("{scheme}{after}{EVIL}/")));
    }
    for start in STARTS {
        all.extend(HOSTS.map(|host| format!("{start}{host}")));
    }
    let (origin, authority) = (origin(good), authority(good));
    for between in BETWEEN {
        all.insert(format!("{origin}{between}{EVIL}/"));
        all.insert(format!("{}://{EVIL}{between}{authority}/", good.scheme()));
        all.insert(format!("//{authority}{between}{EVIL}"));
        all.insert(format!("/{between}{EVIL}/"));
    }
    for script in SCRIPTS {
        all.insert(script.to_owned());
        all.insert(encoded(script));
    }
    let once: Vec<String> = all
        .iter()
        .filter(|target| target.len() < 30)
        .map(|target| encoded(target))
        .collect();
    all.extend(once.iter().step_by(3).map(|target| encoded(target))); // encoded twice
    all.extend(once);
    all
}

/// Targets that are nearly the good one, byte by byte: a server that compares them loosely takes some.
pub fn bent(good: &Url) -> BTreeSet<String> {
    let text = good.as_str();
    let mut all = foreign(good);
    for (at, letter) in text.char_indices() {
        let (before, after) = (&text[..at], &text[at + letter.len_utf8()..]);
        all.insert(format!("{before}{after}"));
        all.insert(format!("{before}{letter}{letter}{after}"));
        all.insert(format!("{before}%{:02x}{after}", u32::from(letter)));
        all.insert(format!("{before}%{:02X}{after}", u32::from(letter)));
        all.insert(format!("{before}%25{:02x}{after}", u32::from(letter)));
        all.insert(format!("{before}{}{after}", letter.to_ascii_uppercase()));
        all.insert(format!("{before}\u{ad}{letter}{after}"));
        all.insert(format!("{before}*{after}"));
        all.insert(before.to_owned());
        all.insert(text[at..].to_owned());
    }
    for mark in MARKS {
        all.insert(format!("{text}{mark}"));
        all.insert(format!("{mark}{text}"));
        all.insert(format!("{}{mark}{}", origin(good), good.path()));
        all.insert(text.replacen("://", &format!("://{mark}"), 1));
    }
    let port = good
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    for host in HOSTS.into_iter().chain([
        "localhost.",
        "LOCALHOST",
        "127.0.0.1",
        "0.0.0.0",
        "[::]",
        "localhost.localdomain",
        "\u{2c80}ocalhost",
        "l\u{43e}calhost",
    ]) {
        all.insert(format!("{}://{host}{port}{}", good.scheme(), good.path()));
    }
    for other in [
        "",
        ":",
        ":0",
        ":80",
        ":443",
        ":65535",
        ":65536",
        ":99999",
        ":-1",
        ":+1",
        &port.replacen(':', ":0", 1),
        &format!("{port}0"),
        &format!("{port}{port}"),
    ] {
        all.insert(format!(
            "{}://localhost{other}{}",
            good.scheme(),
            good.path()
        ));
    }
    for path in [
        "",
        "/",
        "/callback/",
        "/callback/..",
        "/callback/.",
        "/./callback",
        "/../callback",
        "//callback",
        "/callback//",
        "/Callback",
        "/callbac",
        "/callbackk",
        "/callback.html",
        "/callback;x",
        "/x/../callback",
        "/%2e/callback",
        "/callback%00",
        "/signed-out/",
        "/signed-ou",
        "/Signed-out",
    ] {
        all.insert(format!("{}{path}", origin(good)));
    }
    all.insert(format!("{text},{text}"));
    all.insert(format!("{text} {text}"));
    all.insert(encoded(text));
    all.remove(text);
    all.remove(""); // an empty parameter counts as none (RFC 6749, section 3.1)
    all
}

fn origin(good: &Url) -> String {
    good.origin().ascii_serialization()
}

fn authority(good: &Url) -> String {
    good.authority().to_owned()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| format!("%{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

#[rustfmt::skip]
const SCHEMES: [&str; 18] = [
    "http", "https", "HTTP", "hTTpS", "ftp", "file", "javascript", "JavaScript", "data", "vbscript", "blob", "ws", "wss", "about", "view-source", "jar", "intent", "filesystem",
];
#[rustfmt::skip]
const AFTER_SCHEME: [&str; 12] = [
    ":", ":/", "://", ":///", ":////", ":\\\\", ":/\\", ":\\/", ":%2f%2f", "://\t", ":\n//", "%3a//",
];
#[rustfmt::skip]
const STARTS: [&str; 36] = [
    "//", "///", "////", "\\\\", "/\\", "\\/", "/\\/", "\\/\\/", "/\\\\", "/\t/", "/\n/", "/\r/", "/\0/", "/ /", " //", "\t//", "\r\n//", "//\t", "/%2f", "/%5c", "%2f%2f", "%5c%5c",
    "/%09/", "/%0a/", "/%0d%0a/", "/.//", "/..//", "/./\\", "/;//", "/?//", "\u{ff0f}\u{ff0f}", "\u{2215}\u{2215}", "/\u{200b}/", "//\u{feff}", "/\u{a0}/", "",
];
#[rustfmt::skip]
const HOSTS: [&str; 20] = [
    "evil.example", "evil.example/", "evil.example/%2f..", "evil.example:80/", "evil.example?x", "evil.example#x", "EVIL.EXAMPLE", "evil.example.", "evil%2eexample", "evil%E3%80%82example",
    "evil\u{3002}example", "evil\u{ff0e}example", "\u{ff45}vil.example", "xn--evl-hma.example", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]",
];
#[rustfmt::skip]
const BETWEEN: [&str; 32] = [
    "@", ":@", ":80@", "%40", "%2540", "\\@", "/@", "#@", "?@", ";@", "&@", "[@", " @", "\t@", "%00@", "%0d%0a@", "\u{ff20}", ".", "-", "", "\\.", "%2f.", "#", "?", "%23", "%23.", "\u{ff0f}", "\u{ff0f}.", "/../", "/..//", "%00", "\n",
];
#[rustfmt::skip]
const SCRIPTS: [&str; 14] = [
    "javascript:alert(1)", "java\tscript:alert(1)", "\u{1}javascript:alert(1)", "javascript://%0aalert(1)", "javascript:%2f%2f%0d%0aalert(1)", "data:text/html,<script>alert(1)</script>",
    "data:;base64,PHNjcmlwdD4=", "vbscript:msgbox(1)", "\"><script>alert(1)</script>", "'-alert(1)-'", "%0d%0aLocation:%20https://evil.example", "\r\nLocation: https://evil.example", "\r\n\r\n<script>alert(1)</script>",
    "/\r\nSet-Cookie: a=evil.example",
];
#[rustfmt::skip]
const MARKS: [&str; 64] = [
    "/", "//", "?", "#", "?a=b", "#a", "&", "&a=b", ";", ";a", ".", "..", "/.", "/..", "/../", "/..%2f", "%2f", "%5c", "%20", " ", "+", "%00", "%0a", "%0d%0a", "\t", "\n", "\r\n", "\0", "\\", "/\\evil.example", "@evil.example", "evil.example@", "user@",
    "user:pass@", "*", "*.", "%", "%2e", "%23", "%3f", "x", "X", "0", "-", "_", "~", "!", "$", "'", "\"", "<", ">", "|", "^", "`", "{", "}", "[", "]", "\u{200b}", "\u{feff}", "\u{202e}", "\u{2028}", "\u{ff0f}",
];
