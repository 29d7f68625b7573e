//! Bits and signatures.

use super::super::*;

/// The order of P-256 (SEC 2, section 2.4.2).
const ORDER: &str = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE";

/// A bit of every character; every bit at the ends of parts; every bit of a signature's octets.
pub(super) fn bits(token: &str) -> Vec<String> {
    let bytes = token.as_bytes();
    let is_edge = |at: usize| {
        let near = at.saturating_sub(4)..(at + 5).min(bytes.len());
        at < 4 || at + 4 >= bytes.len() || bytes[near].contains(&b'.')
    };
    let mut bent = Vec::new();
    for at in 0..bytes.len() {
        let some = if is_edge(at) {
            0..7
        } else {
            at % 7..at % 7 + 1
        };
        for bit in some {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 1 << bit;
            bent.extend(String::from_utf8(flipped));
        }
    }
    let [head, claims, signature] = three(token);
    let octets = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for at in 0..octets.len() {
        let some = if octets.len() > 64 {
            at % 8..at % 8 + 1
        } else {
            0..8
        };
        for bit in some {
            let mut flipped = octets.clone();
            flipped[at] ^= 1 << bit;
            bent.push(format!(
                "{head}.{claims}.{}",
                URL_SAFE_NO_PAD.encode(flipped)
            ));
        }
    }
    bent
}

/// Other octets where the signature was: none, constant, cut, longer, halves exchanged, as DER.
#[rustfmt::skip] // tables
pub(super) fn signatures(token: &str) -> Vec<String> {
    let [head, claims, signature] = three(token);
    let octets = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let (r, s) = octets.split_at(octets.len() / 2);
    let order = URL_SAFE_NO_PAD.decode(ORDER).unwrap();
    let zeros = vec![0; r.len()];
    let mut one = zeros.clone();
    if let Some(last) = one.last_mut() {
        *last = 1;
    }
    let integer = |number: &[u8]| [&[2, u8::try_from(number.len() + 1).unwrap_or(0x7f), 0][..], number].concat();
    let sequence = [integer(r), integer(s)].concat();
    let der = [&[0x30, u8::try_from(sequence.len()).unwrap_or(0x7f)][..], &sequence].concat();
    let pairs: [(&[u8], &[u8]); 12] = [
        (s, r), (r, r), (s, s), (&zeros, &zeros), (&zeros, s), (r, &zeros), (&one, &one), (&zeros, &one),
        (&order, s), (r, &order), (&order, &order), (&one, s),
    ];
    let mut others: Vec<Vec<u8>> = pairs.iter().map(|(r, s)| [*r, *s].concat()).collect();
    others.extend([
        vec![], vec![0], vec![0xff; octets.len()], der, octets.iter().rev().copied().collect(),
        [octets.as_slice(), octets.as_slice()].concat(), octets.iter().map(|octet| !octet).collect(),
        [r, &[0][..], s].concat(), [&[0][..], r, &[0], s].concat(), [&[4][..], &octets].concat(),
        head.as_bytes().to_vec(), claims.as_bytes().to_vec(), signature.as_bytes().to_vec(),
    ]);
    others.extend((1..octets.len()).map(|end| octets[..end].to_vec()));
    others.extend((1..octets.len().min(80)).map(|start| octets[start..].to_vec()));
    for octet in [0, 1, 0x7f, 0xff] {
        others.push([&octets[..], &[octet]].concat());
        others.push([&[octet][..], &octets].concat());
        others.push(vec![octet; 512]);
    }
    let joined = |octets: &Vec<u8>| format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode(octets));
    others.iter().map(joined).collect()
}

/// The same token with `n - s` for `s`.
pub(super) fn with_twin_signature(token: &str) -> String {
    let [head, claims, signature] = three(token);
    let mut octets = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let order = URL_SAFE_NO_PAD.decode(ORDER).unwrap();
    let mut borrowed = 0_i16;
    for at in (0..32).rev() {
        let difference = i16::from(order[at]) - i16::from(octets[32 + at]) - borrowed;
        borrowed = i16::from(difference < 0);
        octets[32 + at] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode(octets))
}
