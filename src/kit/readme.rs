//! What every kit's README shares.

use super::{Facts, Kit, Needs, encode::Markdown, policy_name};

/// The top of a README: who made the kit, from what, and for which version.
pub struct Top {
    /// What the gateway is called.
    pub title: &'static str,
    /// How far the kit was tried.
    pub proof: &'static str,
    /// `jwt` or `introspection`.
    pub policy: &'static str,
    /// The lines of the header comment.
    pub header: Vec<String>,
    /// The values and where they come from.
    pub origins: Vec<(&'static str, Markdown, Markdown)>,
    /// Path, methods, what it takes.
    pub rules: Vec<(Markdown, String, Markdown)>,
    /// The command that proves the result.
    pub verify: String,
}

impl Top {
    /// Of a kit made from these facts.
    pub fn of(kit: &Kit, facts: &Facts) -> Self {
        let origins = facts
            .origins()
            .into_iter()
            .map(|(name, value, from)| (name, Markdown::new(&value), Markdown::new(from)));
        Self {
            title: kit.title,
            proof: kit.proof.words(),
            policy: policy_name(facts.policy),
            header: facts.header(kit),
            origins: origins.collect(),
            rules: rules(facts),
            verify: format!(
                "PROXY_URI=http://{} solar-system verify",
                facts.listen.value
            ),
        }
    }
}

fn rules(facts: &Facts) -> Vec<(Markdown, String, Markdown)> {
    let mut rules = Vec::new();
    for path in facts.paths() {
        let shown = if path.below {
            format!("{}*", path.path)
        } else {
            path.path.clone()
        };
        for route in &path.routes {
            let takes = match &route.needs {
                Needs::Nothing => "nothing".to_owned(),
                Needs::Token => "any valid access token".to_owned(),
                Needs::Scopes(scopes) => scopes.join(" and "),
            };
            let methods = route.methods.join(", ");
            rules.push((Markdown::new(&shown), methods, Markdown::new(&takes)));
        }
    }
    rules
}
