//! Scopes as chips, each with the mark of the level that it belongs to.

use super::{
    app::App,
    page::{ScopeChip, WhyView},
};
use crate::{blueprint::Panel, oauth::Scopes};

/// What was asked, what was granted, and what was needed.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes3 {
    pub(super) asked: Scopes,
    pub(super) granted: Scopes,
    pub(super) needed: Scopes,
}

pub(super) fn chips(app: &App, scopes: &Scopes) -> Vec<ScopeChip> {
    scopes
        .iter()
        .map(|name| ScopeChip::new(name, rings(app, name)))
        .collect()
}

pub(super) fn why(app: &App, scopes: &Scopes3) -> WhyView {
    let needed = scopes.needed.iter().map(|name| {
        let rings = rings(app, name);
        if scopes.granted.contains(name) {
            ScopeChip::new(name, rings)
        } else {
            ScopeChip::missing(name, rings)
        }
    });
    WhyView {
        asked: chips(app, &scopes.asked),
        granted: chips(app, &scopes.granted),
        needed: needed.collect(),
    }
}

/// The level that a scope belongs to: the least that asks for it, unless all do.
fn owner<'a>(app: &'a App, scope: &str) -> Option<&'a Panel> {
    let mut asking = app
        .panels
        .iter()
        .filter(|panel| panel.scopes.contains(scope));
    let least = asking.next()?;
    let all = 1 + asking.count() == app.panels.len();
    (!all || app.panels.len() == 1).then_some(least)
}

fn rings(app: &App, scope: &str) -> Option<usize> {
    owner(app, scope).map(|panel| panel.rings)
}

/// The name of the level that a scope belongs to.
pub(super) fn level_of<'a>(app: &'a App, scope: &str) -> Option<&'a str> {
    owner(app, scope).map(|panel| panel.level.as_str())
}

/// Where a level's button posts to.
pub(super) fn authenticate_path(level: &str) -> String {
    format!("/authenticate/{level}") // the blueprint lets only URL-safe names in
}

/// Where a resource's button posts to.
pub(super) fn show_me_path(resource: &str) -> String {
    format!("/show-me/{resource}")
}

/// Where the machine's button for a resource posts to.
pub(super) fn machine_path(resource: &str) -> String {
    format!("/machine/{resource}")
}
