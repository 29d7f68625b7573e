//! What the rooms with pages share: the static files, each under its path with a hash, and a level's mark.

use aws_lc_rs::digest;
use std::{fmt::Write, sync::LazyLock};

#[cfg(test)]
pub(crate) mod checks;

/// One static file, compiled in. It never changes under its URL, so it may be cached for a year.
#[derive(Debug)]
pub struct Asset {
    /// The path at which it is served, without the query.
    pub path: &'static str,
    /// Its media type, with the character set.
    pub content_type: &'static str,
    /// The file.
    pub body: &'static [u8],
}

/// All there are.
pub static ASSETS: [Asset; 2] = [
    Asset {
        path: "/static/solar.css",
        content_type: "text/css; charset=utf-8",
        body: include_bytes!("../static/solar.css"),
    },
    Asset {
        path: "/static/mark.svg",
        content_type: "image/svg+xml; charset=utf-8",
        body: include_bytes!("../static/mark.svg"),
    },
];

/// The file at a path, if it is one of ours. A query is no part of the path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// The stylesheet's URL; its query changes with the file.
#[must_use]
pub fn stylesheet() -> &'static str {
    static URL: LazyLock<String> = LazyLock::new(|| hashed(&ASSETS[0]));
    &URL
}

/// The icon's URL; its query changes with the file.
#[must_use]
pub fn icon() -> &'static str {
    static URL: LazyLock<String> = LazyLock::new(|| hashed(&ASSETS[1]));
    &URL
}

/// The radii of a mark's rings in a view box of 24 units: the outermost is always the same. At most 5
/// are told apart; a level further up has 5. It takes a reference because templates hand one over.
pub fn mark(rings: &usize) -> impl Iterator<Item = usize> + use<> {
    let rings = (*rings).clamp(1, 5);
    (1..=rings).map(move |ring| 2 + ring * 9 / rings)
}

/// The path with the first 6 bytes of the file's SHA-256, for browsers that keep what they have.
fn hashed(asset: &Asset) -> String {
    let mut url = format!("{}?v=", asset.path);
    for byte in &digest::digest(&digest::SHA256, asset.body).as_ref()[..6] {
        write!(url, "{byte:02x}").expect("a string takes everything");
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_link_to_is_found_and_nothing_else() {
        for url in [stylesheet(), icon()] {
            let (path, query) = url.split_once("?v=").unwrap();
            assert!(!find(path).unwrap().body.is_empty());
            assert_eq!(query.len(), 12);
        }
        for path in [
            "/static/",
            "/static/../Cargo.toml",
            "/static/solar.css/",
            "",
        ] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_mark_has_as_many_rings_as_its_level() {
        assert_eq!(mark(&1).collect::<Vec<_>>(), [11]);
        assert_eq!(mark(&3).collect::<Vec<_>>(), [5, 8, 11]);
        assert_eq!(mark(&0).count(), 1);
        assert_eq!(mark(&7).count(), 5);
    }

    #[test]
    fn the_stylesheet_loads_nothing() {
        let css = std::str::from_utf8(ASSETS[0].body).unwrap();
        for loading in ["url(", "@import", "@font-face"] {
            assert!(!css.contains(loading), "{loading}");
        }
    }
}
