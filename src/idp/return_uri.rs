//! Addresses that a browser may be sent to.

use url::Url;

/// Whether it is absolute, http or https, without fragment, and of bytes that can stand in a header. It is
/// compared byte for byte; no pattern is one.
pub(super) fn is_return_uri(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        && !uri.contains(['#', '*'])
        && uri.bytes().all(|byte| byte.is_ascii_graphic())
}
