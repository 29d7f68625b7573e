//! The blueprint read again while the house stands: the gateway goes by its rules at once, or stays
//! with those that it has.

use crate::{
    blueprint::{Blueprint, Policy},
    gateway,
    settings::Settings,
};
use std::fmt::Debug;

/// What a reload needs.
pub(super) struct Reload {
    /// The gateway, if it runs here.
    pub(super) gateway: Option<gateway::Handle>,
    /// What everything else goes by until the next start.
    pub(super) settings: Settings,
}

impl Reload {
    /// Reads the file and replaces the gateway's rules, if all of it is right. Says so in one line.
    pub(super) fn now(&self) {
        let Some(gateway) = &self.gateway else {
            return nothing("no gateway runs here");
        };
        let Some(file) = &self.settings.blueprint_file else {
            return nothing("BLUEPRINT names no file");
        };
        match Blueprint::load(file) {
            Ok(blueprint) => {
                let policy = Policy::of(&blueprint);
                let (rules, restart) = (policy.rules().len(), self.needs_a_restart(&blueprint));
                gateway.replace_rules(policy, blueprint.api.description);
                let rest = if restart.is_empty() {
                    String::new()
                } else {
                    let list = restart.join(", ");
                    format!("; these have changed too and need a restart: {list}")
                };
                tracing::info!(
                    event = "blueprint_reloaded",
                    file = %file.display(),
                    rules,
                    "the gateway goes by the blueprint's new rules{rest}"
                );
            }
            Err(error) => tracing::error!(
                event = "blueprint_refused",
                "the gateway's rules stay as they were: {error}"
            ),
        }
    }

    /// What differs from what the rooms here were started with, beyond the gateway's rules.
    fn needs_a_restart(&self, new: &Blueprint) -> Vec<&'static str> {
        let (settings, old) = (&self.settings, &self.settings.blueprint);
        let signs_in = settings.runs_web() || settings.runs_idp();
        let shows = settings.runs_web() || settings.runs_api();
        let passwords = |blueprint: &Blueprint| {
            let users = blueprint.users.iter();
            let all = users.map(|user| user.password.as_ref().map(|one| one.expose().to_owned()));
            all.collect::<Vec<_>>()
        };
        [
            (
                "the audience",
                !settings.audience_is_set && old.api.audience != new.api.audience,
            ),
            (
                "what the API answers and the home page shows",
                shows && differ(&old.resources, &new.resources),
            ),
            ("levels", signs_in && differ(&old.levels, &new.levels)),
            (
                "people",
                signs_in && (differ(&old.users, &new.users) || passwords(old) != passwords(new)),
            ),
            ("clients", signs_in && differ(&old.clients, &new.clients)),
        ]
        .into_iter()
        .filter_map(|(what, differs)| differs.then_some(what))
        .collect()
    }
}

fn nothing(why: &str) {
    tracing::warn!(
        event = "blueprint_kept",
        "there is nothing to reload: {why}"
    );
}

/// Whether two parts are written down differently; what hides itself there is not compared.
fn differ(old: &impl Debug, new: &impl Debug) -> bool {
    format!("{old:?}") != format!("{new:?}")
}
