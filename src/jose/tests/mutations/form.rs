//! The form of a token: its parts, their base64url, and what stands around them.

use super::super::*;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Cut, longer, exchanged, doubled, and mixed with the parts of other good tokens.
#[rustfmt::skip] // tables
pub(super) fn parts(token: &str, others: &[&str]) -> Vec<String> {
    let own = three(token);
    let mut bent: Vec<String> = (0..token.len()).map(|end| token[..end].to_owned()).collect();
    bent.extend((1..token.len()).map(|start| token[start..].to_owned()));
    // every choice of three parts, the empty one among them, of this token and of others
    for other in others {
        let other = three(other);
        let pool = [own[0], own[1], own[2], other[0], other[1], other[2], ""];
        for head in pool {
            for claims in pool {
                bent.extend(pool.map(|signature| [head, claims, signature].join(".")));
            }
        }
    }
    // another good token is not a mutation of this one: whether its kind passes is asked elsewhere
    bent.retain(|bent| !others.contains(&bent.as_str()));
    for count in [0, 1, 2, 4, 5, 6, 100] {
        bent.push(own.iter().cycle().take(count).copied().collect::<Vec<_>>().join("."));
        bent.push(".".repeat(count));
        bent.push(format!("{token}{}", ".".repeat(count.max(1))));
        bent.push(format!("{}{token}", ".".repeat(count.max(1))));
    }
    let edits: [fn(&str) -> String; 19] = [
            |part| part[1..].to_owned(), |part| part[..part.len() - 1].to_owned(),
            |part| part[2..].to_owned(), |part| part[4..].to_owned(), |part| part[..part.len() - 4].to_owned(),
            |part| part.repeat(2), |part| format!("{part}A"), |part| format!("{part}AAAA"), |part| format!("A{part}"),
            |part| format!("AAAA{part}"), |part| part.to_lowercase(), |part| part.to_uppercase(),
            |part| part.chars().rev().collect(), |part| URL_SAFE_NO_PAD.encode(part), |_| "e30".to_owned(),
            |_| "bnVsbA".to_owned(), |_| "W10".to_owned(), |_| "AA".to_owned(), |_| "!".to_owned(),
    ];
    for at in 0..3 {
        for edit in edits {
            let mut bent_parts = own.map(str::to_owned);
            bent_parts[at] = edit(own[at]);
            bent.push(bent_parts.join("."));
        }
    }
    bent
}

/// The same octets in another spelling, which only a lenient decoder takes.
#[rustfmt::skip] // tables
pub(super) fn base64(token: &str) -> Vec<String> {
    let own = three(token);
    let mut bent = Vec::new();
    for at in 0..3 {
        let part = own[at];
        let mut with = |other: String| {
            let mut parts = own.map(str::to_owned);
            parts[at] = other;
            bent.push(parts.join("."));
        };
        for padding in ["=", "==", "===", "====", "%3d", "%3D", "%3D%3D", "=A", "A=", "=="] {
            with(format!("{part}{padding}"));
        }
        with(format!("={part}"));
        // the bits that a last character has too many
        let unused = match part.len() % 4 { 2 => 16, 3 => 4, _ => 1 };
        let last = part.as_bytes()[part.len() - 1];
        let value = ALPHABET.iter().position(|letter| *letter == last).unwrap();
        for bits in 1..unused {
            let letter = char::from(ALPHABET[value ^ bits]);
            with(format!("{}{letter}", &part[..part.len() - 1]));
        }
        with(part.replace('-', "+").replace('_', "/"));
        with(base64::engine::general_purpose::STANDARD.encode(URL_SAFE_NO_PAD.decode(part).unwrap()));
        for (from, to) in [("A", "%41"), ("e", "%65"), ("-", "\u{2010}"), ("_", "\u{ff3f}"), ("I", "\u{131}"), ("K", "\u{212a}")] {
            with(part.replacen(from, to, 1));
        }
        for length in [1, 4, 64, 76] {
            for end in ["\n", "\r\n", " ", "\t", "="] {
                let lines: Vec<_> = part.as_bytes().chunks(length).map(String::from_utf8_lossy).collect();
                with(lines.join(end));
            }
        }
    }
    bent
}

/// Something before, behind, and around the dots: blanks of all scripts, quotes, controls, schemes.
#[rustfmt::skip] // tables
pub(super) fn blanks(token: &str) -> Vec<String> {
    let mut marks: Vec<String> = (0..=0x7f_u8).map(|byte| char::from(byte).to_string()).collect();
    marks.extend([
        0x85, 0xa0, 0xad, 0x1680, 0x180e, 0x2000, 0x2003, 0x2007, 0x200b, 0x200c, 0x200d, 0x2028, 0x2029, 0x202e,
        0x202f, 0x205f, 0x2060, 0x3000, 0xfeff, 0xfffd, 0xff0e, 0x3002, 0x2024, 0xfe52, 0x301, 0x1_f600,
    ].iter().filter_map(|mark| char::from_u32(*mark)).map(String::from));
    marks.extend(["%20", "%00", "%0a", "%2e", "&#46;", "\\u002e", "\r\n", "Bearer ", "bearer:", "\"\"", "null", "..", ";a", ",", "?", "#"].map(str::to_owned));
    let mut bent = Vec::new();
    for mark in marks {
        bent.push(format!("{mark}{token}"));
        bent.push(format!("{token}{mark}"));
        bent.push(format!("{mark}{token}{mark}"));
        for (at, _) in token.match_indices('.') {
            bent.push(format!("{}{mark}{}", &token[..at], &token[at..]));
            bent.push(format!("{}{mark}{}", &token[..=at], &token[at + 1..]));
            bent.push(format!("{}{mark}{}", &token[..at], &token[at + 1..]));
        }
    }
    bent
}
