//! What browsers send to the identity provider, for a fuzzer (see [`crate::fuzzing`]).

use super::{cookies, parameters::Parameters};
use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use std::collections::HashSet;
use url::form_urlencoded;

/// A cookie that is read looks like one of ours, and stands there once.
pub(crate) fn cookie_header(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(COOKIE, value);
        }
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_ours = |value: &str| value.len() == 43 && value.bytes().all(plain);
    for name in [cookies::SESSION, cookies::VISITOR] {
        let all: Vec<&str> = cookies::all(&headers, name).collect();
        assert!(all.iter().all(|value| is_ours(value)));
        let Some(value) = cookies::read(&headers, name) else {
            continue;
        };
        assert_eq!(all, [value]);
        let pair = format!("{name}={value}");
        let lines = headers.get_all(COOKIE).iter();
        let found = lines.map(|line| {
            String::from_utf8_lossy(line.as_bytes())
                .matches(&pair)
                .count()
        });
        assert!(found.sum::<usize>() >= 1, "{pair} was not sent");
        assert!(
            cookies::set(name, value)
                .to_str()
                .is_ok_and(|set| set.starts_with(&pair))
        );
    }
}

/// A form whose parameters each stand there once has each as it was sent.
pub(crate) fn form_body(data: &[u8]) {
    let parameters = Parameters::parse(data);
    let pairs: Vec<(String, String)> = form_urlencoded::parse(data).into_owned().collect();
    let mut names = HashSet::new();
    let is_once = pairs.iter().all(|(name, _)| names.insert(name.as_str()));
    assert_eq!(parameters.each_once().is_ok(), is_once);
    if let Err(error) = parameters.each_once() {
        let text = error.to_string();
        assert!(
            text.is_ascii() && text.len() < 200 && !text.contains('\n'),
            "{text}"
        );
    }
    for (name, value) in &pairs {
        let count = pairs.iter().filter(|(other, _)| other == name).count();
        match parameters.get(name) {
            Ok(Some(got)) => assert!(got == value && count == 1),
            Ok(None) => assert!(value.is_empty() && count == 1),
            Err(_) => assert!(count > 1 || value.len() > 4_096),
        }
    }
}
