//! The headers of every answer (OWASP ASVS 3.4; OAuth for Browser-Based Apps).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Sets those of a compiled-in file: all but what is about pages. It is kept, since its URL changes with it.
pub(super) fn set_on_file(headers: &mut HeaderMap, https: bool) {
    for (name, value) in ALWAYS {
        if name != header::CACHE_CONTROL {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    set_transport(headers, https);
}

/// Sets them. `form_origins` are the origins that a form of this page may lead to beside our own: a
/// browser blocks a form's redirect to any other, without a word.
pub(super) fn set(headers: &mut HeaderMap, form_origins: &[String], https: bool) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let origins = [&[String::new()], form_origins].concat().join(" ");
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{origins}; \
         base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    set_transport(headers, https);
}

fn set_transport(headers: &mut HeaderMap, https: bool) {
    if https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}
