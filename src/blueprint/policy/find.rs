//! Which rule a request falls under: the longest path decides, then the method.

use super::Rule;
use crate::blueprint::words::METHODS;

/// What the rules have for a method and a path.
pub(super) enum Found<'p> {
    Rule(&'p Rule),
    OtherMethods(Vec<&'p str>),
    Nothing,
}

/// Finds the rule of a request.
///
/// The longest path decides alone: a method that it does not take is not looked for under a shorter
/// one, which might ask for less.
pub(super) fn rule<'p>(rules: &'p [Rule], method: &str, path: &str) -> Found<'p> {
    let Some(longest) = longest_path(rules, path) else {
        return Found::Nothing;
    };
    let same_path = || rules.iter().filter(|rule| rule.path == longest);
    let method = if method == "HEAD" { "GET" } else { method };
    if METHODS.contains(&method)
        && let Some(rule) = same_path().find(|rule| rule.method == method || rule.method == "*")
    {
        return Found::Rule(rule);
    }
    Found::OtherMethods(allowed(same_path()))
}

/// All rules that a path falls under, whatever the method.
pub(super) fn rules_at<'p>(rules: &'p [Rule], path: &str) -> impl Iterator<Item = &'p Rule> {
    let longest = longest_path(rules, path);
    rules
        .iter()
        .filter(move |rule| Some(rule.path.as_str()) == longest)
}

fn longest_path<'p>(rules: &'p [Rule], path: &str) -> Option<&'p str> {
    if let Some(exact) = rules.iter().find(|rule| rule.path == path) {
        return Some(&exact.path);
    }
    // Many servers answer "/a/" like "/a", or like what is below: it must not slip past the rule of
    // "/a" or "/a/*" through a shorter wildcard that asks for less.
    if let Some(bare) = path.strip_suffix('/')
        && rules
            .iter()
            .any(|rule| rule.path.strip_suffix("/*").unwrap_or(&rule.path) == bare)
    {
        return None;
    }
    rules
        .iter()
        .map(|rule| rule.path.as_str())
        .filter(|pattern| is_below(pattern, path))
        .max_by_key(|pattern| pattern.len())
}

/// Whether `path` is below a pattern `/a/*`: at least one character after `/a/`.
fn is_below(pattern: &str, path: &str) -> bool {
    pattern
        .strip_suffix('*')
        .is_some_and(|prefix| path.len() > prefix.len() && path.starts_with(prefix))
}

/// The methods of rules, as `Allow` names them (RFC 9110, section 10.2.1).
fn allowed<'p>(rules: impl Iterator<Item = &'p Rule>) -> Vec<&'p str> {
    let mut allowed = Vec::new();
    for rule in rules {
        let method = rule.method.as_str();
        for named in METHODS
            .into_iter()
            .filter(|named| method == *named || method == "*")
        {
            allowed.push(named);
            if named == "GET" {
                allowed.push("HEAD");
            }
        }
    }
    allowed
}
