//! Paths at which the embedded gateway answers itself, so that no resource can be there.

/// Where another gateway asks whether to let a request through.
pub const DECISION: &str = "/decision";
/// Where the gateway describes what it protects, and, behind a slash, each resource (RFC 9728,
/// section 3).
pub const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";
/// Where the keys of the tokens are that the gateway makes for the API.
pub const KEYS: &str = "/.well-known/jwks.json";

/// Whether a resource's path, exact or ending in `/*`, names only what the gateway answers itself.
///
/// One that reaches further, such as `/*`, is none of these: the gateway's own answers come before it.
pub(super) fn is_reserved(path: &str) -> bool {
    let bare = path.strip_suffix("/*").unwrap_or(path);
    let below_metadata = bare
        .strip_prefix(RESOURCE_METADATA)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    path == DECISION || path == KEYS || below_metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_own_paths_are_reserved_and_no_others() {
        for path in [
            "/decision",
            "/.well-known/jwks.json",
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/*",
            "/.well-known/oauth-protected-resource/a/b",
        ] {
            assert!(is_reserved(path), "{path}");
        }
        for path in [
            "/",
            "/*",
            "/decisions",
            "/decision/made",
            "/.well-known/*",
            "/.well-known/oauth-protected-resources",
            "/a/decision",
        ] {
            assert!(!is_reserved(path), "{path}");
        }
    }
}
