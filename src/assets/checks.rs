//! What holds for every page of every room. For tests.

use super::ASSETS;
use std::{env, fs, path::PathBuf};

/// A text from outside that must stay text, in an element and in an attribute.
pub const HOSTILE: &str = "<script>alert(\"1\")</script>' onload=x";

/// A page by a name for a file.
pub type Page = (&'static str, String);

/// Asserts everything below.
pub fn assert_sound((name, html): &Page) {
    assert_nothing_runs_or_loads(name, html);
    assert_hostile_text_is_text(name, html);
    assert_structure(name, html);
    assert_references(name, html);
}

/// The pages' Content-Security-Policy allows no inline script or style, and nothing from elsewhere.
fn assert_nothing_runs_or_loads(name: &str, html: &str) {
    for forbidden in [
        "<script",
        "<style",
        " style=",
        "javascript:",
        "<iframe",
        "<img",
        "<object",
    ] {
        assert!(!html.contains(forbidden), "{name}: {forbidden}");
    }
    for loading in [
        " src=\"",
        "<link rel=\"stylesheet\" href=\"",
        "<link rel=\"icon\" type=\"image/svg+xml\" href=\"",
    ] {
        for (at, _) in html.match_indices(loading) {
            let url = html[at + loading.len()..].split('"').next().unwrap();
            let path = url.split('?').next().unwrap();
            assert!(super::find(path).is_some(), "{name}: {url}");
        }
    }
    assert_eq!(html.matches("<link ").count(), 2, "{name}");
}

fn assert_hostile_text_is_text(name: &str, html: &str) {
    if name.ends_with("-hostile") {
        assert!(html.contains("&#60;script&#62;alert"), "{name}");
    }
    assert!(
        !html.contains("' onload"),
        "{name}: a quote could end an attribute"
    );
}

fn assert_structure(name: &str, html: &str) {
    assert!(
        html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"),
        "{name}"
    );
    assert!(
        html.contains("<title>") && !html.contains("<title> ·"),
        "{name}"
    );
    for once in [
        "<header",
        "<main id=\"main\"",
        "<footer",
        "href=\"#main\"",
        "<h1",
    ] {
        assert_eq!(html.matches(once).count(), 1, "{name}: {once}");
    }
    assert_eq!(
        html.matches("<table").count(),
        html.matches("<caption>").count(),
        "{name}"
    );
    assert_eq!(
        html.matches("<th ").count(),
        html.matches("<th scope=").count(),
        "{name}"
    );
    assert!(!html.contains("<th>"), "{name}");
}

/// Ids are there once, and what refers to one finds it.
fn assert_references(name: &str, html: &str) {
    let values = |attribute: &str| -> Vec<String> {
        html.split(attribute)
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    };
    let ids = values(" id=\"");
    for (index, id) in ids.iter().enumerate() {
        assert!(!ids[..index].contains(id), "{name}: {id} twice");
    }
    let referring = [" aria-labelledby=\"", " aria-describedby=\"", " for=\""];
    for list in referring.iter().flat_map(|attribute| values(attribute)) {
        for id in list.split(' ') {
            assert!(
                ids.iter().any(|known| known == id),
                "{name}: {id} is nowhere"
            );
        }
    }
}

/// Writes pages with their static files into the folder that the variable `PAGES` names, to be looked at.
pub fn write(pages: &[Page]) {
    let folder = PathBuf::from(env::var("PAGES").expect("PAGES names a folder"));
    fs::create_dir_all(folder.join("static")).unwrap();
    for asset in &ASSETS {
        fs::write(folder.join(&asset.path[1..]), asset.body).unwrap();
    }
    for (name, html) in pages {
        let local = html.replace("\"/static/", "\"static/");
        fs::write(folder.join(name).with_extension("html"), local).unwrap();
    }
}
