//! Which headers pass in which direction.

#[cfg(test)]
pub(super) mod tests;

use axum::http::{
    HeaderMap, HeaderName,
    header::{
        ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONNECTION, CONTENT_DISPOSITION,
        CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_RANGE, CONTENT_TYPE, IF_MATCH,
        IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION, RANGE, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
        USER_AGENT,
    },
};

/// What concerns one connection only (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

const SET_COOKIE_2: HeaderName = HeaderName::from_static("set-cookie2");

/// What goes on from a caller: how to answer, what the body is, and by which number the request is
/// followed.
///
/// A list of what may pass and not of what may not: who is asked for somebody by a header is told so
/// under a name of some program's own choice, and nobody knows all of these names. A length is set anew.
const FORWARDED: [HeaderName; 19] = [
    ACCEPT,
    ACCEPT_CHARSET,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_RANGE,
    CONTENT_TYPE,
    IF_MATCH,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_RANGE,
    IF_UNMODIFIED_SINCE,
    RANGE,
    USER_AGENT,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-request-id"),
];

/// Drops from a request what does not go upstream: what concerns the connection, the caller's
/// credentials, and everything that could pass for something the gateway says.
pub(super) fn clean_request(headers: &mut HeaderMap) {
    let named = named_by_connection(headers);
    drop_all(headers, |name| {
        !FORWARDED.contains(name) || named.contains(name)
    });
}

/// Drops from an answer what does not go to the caller: what concerns the connection, and cookies,
/// which would be the upstream's on the gateway's origin.
pub(super) fn clean_answer(headers: &mut HeaderMap) {
    let named = named_by_connection(headers);
    drop_all(headers, |name| {
        HOP_BY_HOP.contains(name)
            || *name == SET_COOKIE
            || *name == SET_COOKIE_2
            || named.contains(name)
    });
}

/// What `Connection` says that it concerns: most messages have none.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect()
}

fn drop_all(headers: &mut HeaderMap, unwanted: impl Fn(&HeaderName) -> bool) {
    let dropped: Vec<HeaderName> = headers
        .keys()
        .filter(|name| unwanted(name))
        .cloned()
        .collect();
    for name in dropped {
        headers.remove(name);
    }
}
