//! What a request through the embedded gateway may cost.

use super::{SettingError, Source};
use crate::net::Limits;
use std::time::Duration;

pub(super) fn read(source: &Source) -> Result<Limits, SettingError> {
    let set = Limits::default();
    let bytes = |name, unset| Ok::<u64, SettingError>(source.parsed(name, bytes)?.unwrap_or(unset));
    let time = |name, unset| Ok::<_, SettingError>(source.parsed(name, time)?.unwrap_or(unset));
    Ok(Limits {
        request_bytes: bytes("GATEWAY_REQUEST_BYTES", set.request_bytes)?,
        answer_bytes: bytes("GATEWAY_ANSWER_BYTES", set.answer_bytes)?,
        at_once: set.at_once,
        connect: time("GATEWAY_CONNECT_TIME", set.connect)?,
        first_byte: time("GATEWAY_FIRST_BYTE_TIME", set.first_byte)?,
        pause: time("GATEWAY_PAUSE_TIME", set.pause)?,
        total: time("GATEWAY_TOTAL_TIME", set.total)?,
    })
}

/// `65536`, `64KiB`, `1MiB`: up to a GiB.
fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let unit = match unit {
        "" => Some(1),
        "KiB" => Some(1024),
        "MiB" => Some(1024 * 1024),
        _ => None,
    };
    let bytes = number.zip(unit).and_then(|(n, unit)| n.checked_mul(unit));
    bytes
        .filter(|bytes| (1..=1 << 30).contains(bytes))
        .ok_or_else(|| {
            "a size is a number of bytes, such as 65536, 64KiB or 1MiB, up to 1024MiB".into()
        })
}

/// `8s`, `2m`: from a second to an hour.
fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let unit = match unit {
        "s" => Some(1),
        "m" => Some(60),
        _ => None,
    };
    let seconds = number.zip(unit).and_then(|(n, unit)| n.checked_mul(unit));
    seconds
        .filter(|seconds| (1..=3600).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| "a time is a number with s or m, such as 8s or 2m, up to 60m".into())
}

fn split(text: &str) -> (Option<u64>, &str) {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (text[..text.len() - unit.len()].parse().ok(), unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_read_with_their_units() {
        let source = Source::of([
            ("GATEWAY_REQUEST_BYTES", "2MiB"),
            ("GATEWAY_PAUSE_TIME", "2m"),
        ]);
        let limits = read(&source).unwrap();
        assert_eq!(limits.request_bytes, 2 << 20);
        assert_eq!(limits.pause, Duration::from_secs(120));
        assert_eq!(limits.first_byte, Limits::default().first_byte);
        assert_eq!((bytes("1"), bytes("64KiB")), (Ok(1), Ok(65536)));
        for wrong in [
            "",
            "0",
            "1025MiB",
            "1GB",
            "-1",
            "1.5MiB",
            "99999999999999999999",
        ] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "8", "0s", "61m", "8h", "-8s", "8 s", "8S"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
