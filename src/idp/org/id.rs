//! Ids as Okta's: three letters that tell the kind, and 17 letters and digits.
//!
//! | | | | |
//! | --- | --- | --- | --- |
//! | `00u` user | `00g` group | `0oa` client | `ocs` client secret |
//! | `aus` authorization server | `scp` scope | `ocl` claim | `tos` trusted origin |
//! | `00p` policy | `0pr` rule | | |

use crate::oauth::random_value;
use aws_lc_rs::digest;

/// A new id. It is no secret, and opens nothing.
pub(in crate::idp) fn new_id(prefix: &str) -> String {
    derived_id(prefix, &random_value())
}

/// An id that is the same from start to start: derived from what names the object.
pub(in crate::idp) fn derived_id(prefix: &str, name: &str) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let hash = digest::digest(&digest::SHA256, format!("{prefix}\0{name}").as_bytes());
    let (head, _) = hash.as_ref().split_at(16);
    let mut rest = head
        .iter()
        .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let mut id = prefix.to_owned();
    for _ in 0..17 {
        let digit = usize::try_from(rest % 62).unwrap_or_default();
        id.push(char::from(ALPHABET[digit]));
        rest /= 62;
    }
    id
}
