//! From the text of a variable to what it means. Errors say what would be right.

use crate::{
    jose::Algorithm,
    net::{Client, check_url, http_url},
};
use ipnet::IpNet;
use std::{net::IpAddr, num::NonZeroU32, time::Duration};
use url::Url;

pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| "a port is a number from 0 to 65535 (0 takes a free one)".to_owned())
}

pub(super) fn calls(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(calls) if (1..=1_000_000).contains(&calls) => Ok(calls),
        _ => Err("how many calls a minute, from 1 to 1000000".to_owned()),
    }
}

/// Requests a second, or `off`.
pub(super) fn rate(text: &str) -> Result<Option<NonZeroU32>, String> {
    match text.parse::<NonZeroU32>() {
        _ if text.eq_ignore_ascii_case("off") => Ok(None),
        Ok(rate) if rate.get() <= 1_000_000 => Ok(Some(rate)),
        _ => Err("how many requests a second, from 1 to 1000000, or off".to_owned()),
    }
}

/// Addresses and networks, divided by commas.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let one = |entry: &str| {
        let address = || entry.parse().ok().map(|one: IpAddr| IpNet::from(one));
        entry.parse().ok().or_else(address)
    };
    let networks: Option<_> = text.split(',').map(|entry| one(entry.trim())).collect();
    let wrong = "addresses and networks, divided by commas, such as 127.0.0.1, 10.0.0.0/8";
    networks.ok_or_else(|| wrong.to_owned())
}

pub(super) fn host(text: &str) -> Result<String, String> {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'));
    if text.contains(odd) || Url::parse(&http_url(text, 1)).is_err() {
        return Err(
            "a host is a name or an address, such as localhost or 0.0.0.0, without scheme and port"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("true or false, please".to_owned()),
    }
}

/// An issuer identifier: kept as a string, since it is compared as one.
pub(super) fn issuer(text: &str) -> Result<String, String> {
    let url = check_url(text).map_err(|error| format!("an issuer is an https URL: {error}"))?;
    if url.query().is_some() {
        return Err("an issuer has no query (OpenID Connect Discovery, section 3)".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn base_url(text: &str) -> Result<Url, String> {
    let url = check_url(text).map_err(|error| {
        format!("{error}; it should look like https://gateway.example.com/base")
    })?;
    if url.query().is_some() {
        return Err("a base URL has no query; resource paths are appended to it".to_owned());
    }
    Ok(url)
}

/// A file of PEM certificates.
pub(super) fn roots(path: &str) -> Result<Vec<u8>, String> {
    let read = std::fs::read(path);
    let pem = read.map_err(|error| format!("the file cannot be read ({error})"))?;
    match Client::new(std::slice::from_ref(&pem)) {
        Ok(_) => Ok(pem),
        Err(error) => Err(error.to_string()),
    }
}

/// `30m`, `8h`, `90s`, `2d`; a bare number is milliseconds, as users of the tutorial have it.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || {
        "a time is a number with s, m, h or d, such as 30m or 8h (a bare number is milliseconds), up to 400d".to_owned()
    };
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let milliseconds = match text[digits.len()..].trim() {
        "" | "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        "d" => number.checked_mul(86_400_000),
        _ => None,
    };
    let longest = 400 * 86_400_000; // browsers keep no cookie longer
    match milliseconds {
        Some(value) if (1_000..=longest).contains(&value) => Ok(Duration::from_millis(value)),
        Some(value) if value < 1_000 => Err("a session of less than a second ends before it begins; 60000 is a minute, 8h a working day".to_owned()),
        _ => Err(wrong()),
    }
}

pub(super) fn signing_algorithm(text: &str) -> Result<Algorithm, String> {
    match text {
        "ES256" => Ok(Algorithm::Es256),
        "RS256" => Ok(Algorithm::Rs256),
        _ => Err("ES256 or RS256".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_the_tutorial_and_as_people_write_them() {
        for (text, seconds) in [
            ("60000", 60),
            ("30m", 1800),
            ("8h", 28_800),
            ("90s", 90),
            ("2 d", 172_800),
        ] {
            assert_eq!(duration(text).unwrap().as_secs(), seconds, "{text}");
        }
        for odd in [
            "",
            "h",
            "8 hours",
            "-1",
            "1.5h",
            "0",
            "999",
            "401d",
            "99999999999999999999h",
        ] {
            assert!(duration(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn rates_and_networks_are_what_they_say_and_nothing_is_guessed() {
        assert_eq!(rate("off"), Ok(None));
        assert_eq!(rate("5").unwrap().map(NonZeroU32::get), Some(5));
        for odd in ["", "0", "-1", "5/s", "1000001", "none"] {
            assert!(rate(odd).is_err(), "{odd}");
        }
        let read = networks("127.0.0.1, 10.0.0.0/8,::1").unwrap();
        let read: Vec<String> = read.iter().map(ToString::to_string).collect();
        assert_eq!(read, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
        for odd in ["", "localhost", "10.0.0.0/33", "127.0.0.1,", "*"] {
            assert!(networks(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_host_is_one_that_a_url_can_be_made_of() {
        for good in [
            "localhost",
            "127.0.0.1",
            "0.0.0.0",
            "::1",
            "[::1]",
            "::",
            "my-host.example",
        ] {
            assert!(host(good).is_ok(), "{good}");
        }
        for odd in [
            "a:b",
            "localhost:80",
            "[",
            "::x",
            "http://x",
            "a b",
            "1.2.3.4.5",
            "",
        ] {
            assert!(host(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn an_issuer_is_kept_byte_for_byte() {
        assert_eq!(
            issuer("https://Example.com/").unwrap(),
            "https://Example.com/"
        );
        assert!(issuer("http://example.com").is_err());
        assert!(issuer("https://example.com?x=1").is_err());
    }
}
