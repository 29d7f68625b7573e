//! What the command is told: in our words, or as the tutorial spells them.

use crate::{bootstrap::TargetKind, cli::tool::ToolError};
use std::path::{Path, PathBuf};

/// Sets an identity provider up: groups, people, clients, an authorization server with its scopes and
/// rules, as the blueprint has them. It tests your API token, shows you every value, then what would
/// change, and does it when you say yes. What it made is in bootstrap/output/WAY.json, for settings.
///
/// Ways: mulesoft, then mulesoft_policy (the gateway's portal registers the app in between), standard,
/// keycloak, or the path of an input file of yours. A file of that name in okta_bootstrap/input or
/// bootstrap/input wins over what is compiled in. --mulesoft and so on are understood too.
///
/// Needs OKTA_TENANT and OKTA_API_TOKEN, or KEYCLOAK_URL and KEYCLOAK_ADMIN_PASSWORD.
///
/// Examples:
///   $ solar-system bootstrap mulesoft                  review, plan, apply
///   $ solar-system bootstrap plan standard             what would change; sends nothing but reads
///   $ solar-system bootstrap standard --yes            for scripts: every value is accepted
///   $ solar-system bootstrap --target keycloak
///   $ solar-system bootstrap input standard > mine.json    an input to change; then: bootstrap ./mine.json
///   $ solar-system bootstrap destroy standard          take it back; asks for the TAG by name
#[derive(clap::Args)]
#[expect(clippy::doc_markdown, reason = "a terminal shows it as it stands")]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Arguments {
    /// plan, apply (without reviewing the values), destroy, or input; left out, review and apply.
    #[arg(value_name = "VERB", allow_hyphen_values = true)]
    first: Option<String>,
    /// The way, or the path of an input file.
    #[arg(value_name = "WAY", allow_hyphen_values = true)]
    second: Option<String>,
    /// okta or keycloak; left out, what the input's objects are.
    #[arg(long, value_name = "TARGET", value_parser = target)]
    target: Option<TargetKind>,
    /// The folder of outputs.
    #[arg(long, value_name = "DIR", default_value = crate::bootstrap::FOLDER)]
    out: PathBuf,
    /// Accept every value, and apply.
    #[arg(long, short)]
    yes: bool,
    /// Delete without asking: the TAG of the output that is destroyed.
    #[arg(long, value_name = "TAG")]
    confirm: Option<String>,
    /// Print the plan as JSON.
    #[arg(long)]
    json: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Review every value, plan, apply.
    Review,
    /// Plan.
    Plan,
    /// Plan and apply.
    Apply,
    /// Take back.
    Destroy,
    /// Print an input.
    Input,
}

const VERBS: [(&str, Verb); 4] = [
    ("plan", Verb::Plan),
    ("apply", Verb::Apply),
    ("destroy", Verb::Destroy),
    ("input", Verb::Input),
];

/// The arguments, understood.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) verb: Verb,
    pub(super) way: Option<&'a str>,
    pub(super) target: Option<TargetKind>,
    pub(super) out: &'a Path,
    pub(super) yes: bool,
    pub(super) confirm: Option<&'a str>,
    pub(super) json: bool,
}

impl Arguments {
    pub(super) fn asked(&self) -> Result<Asked<'_>, ToolError> {
        let wrong = |problem: String| Err(ToolError::WrongUse(problem));
        let first = self.first.as_deref();
        let verb = VERBS.iter().find(|(name, _)| first == Some(*name));
        let (verb, way) = match (verb, &self.second) {
            (Some((_, verb)), way) => (*verb, way.as_deref()),
            (None, None) => (Verb::Review, first),
            (None, Some(_)) => {
                let names = VERBS.map(|(name, _)| name).join(", ");
                return wrong(format!("before a way stands one of {names}, or nothing"));
            }
        };
        if self.json && verb != Verb::Plan {
            return wrong("--json prints a plan: bootstrap plan WAY --json".to_owned());
        }
        if self.confirm.is_some() && verb != Verb::Destroy {
            return wrong("--confirm is for destroy".to_owned());
        }
        Ok(Asked {
            verb,
            way: way.map(|way| way.strip_prefix("--").unwrap_or(way)),
            target: self.target,
            out: &self.out,
            yes: self.yes,
            confirm: self.confirm.as_deref(),
            json: self.json,
        })
    }
}

fn target(text: &str) -> Result<TargetKind, String> {
    let kinds = [TargetKind::Okta, TargetKind::Keycloak];
    let known = kinds.into_iter().find(|kind| kind.name() == text);
    known.ok_or_else(|| "okta or keycloak".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn asked(line: &str) -> Result<(Verb, Option<String>, bool, Option<TargetKind>), String> {
        let words = std::iter::once("bootstrap").chain(line.split_whitespace());
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        let asked = line.arguments.asked().map_err(|error| error.to_string())?;
        Ok((
            asked.verb,
            asked.way.map(str::to_owned),
            asked.yes,
            asked.target,
        ))
    }

    #[test]
    fn ways_are_spelt_as_ours_and_as_the_tutorials() {
        let okta = Some(TargetKind::Okta);
        let keycloak = Some(TargetKind::Keycloak);
        for (line, verb, way, yes, target) in [
            ("", Verb::Review, None, false, None),
            ("mulesoft", Verb::Review, Some("mulesoft"), false, None),
            ("--mulesoft", Verb::Review, Some("mulesoft"), false, None),
            (
                "--mulesoft_policy --yes",
                Verb::Review,
                Some("mulesoft_policy"),
                true,
                None,
            ),
            (
                "--yes --standard",
                Verb::Review,
                Some("standard"),
                true,
                None,
            ),
            ("plan --standard", Verb::Plan, Some("standard"), false, None),
            (
                "destroy standard -y",
                Verb::Destroy,
                Some("standard"),
                true,
                None,
            ),
            (
                "apply a/b.json --target okta",
                Verb::Apply,
                Some("a/b.json"),
                false,
                okta,
            ),
            ("--target keycloak", Verb::Review, None, false, keycloak),
            ("plan --target keycloak", Verb::Plan, None, false, keycloak),
            (
                "--out x input standard",
                Verb::Input,
                Some("standard"),
                false,
                None,
            ),
        ] {
            let way = way.map(str::to_owned);
            assert_eq!(asked(line), Ok((verb, way, yes, target)), "{line}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "make standard",
            "standard --json",
            "standard --confirm x",
            "--target entra",
            "plan a b",
        ] {
            assert!(asked(line).is_err(), "{line}");
        }
    }
}
