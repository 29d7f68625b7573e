//! What an apply would do. Making it sends nothing but reads.

use super::{
    console::plain,
    error::BootstrapError,
    input::{Entry, EntryKind, ObjectEntry},
    ours::Ours,
    output::{Output, Recorded, as_told_now},
    scope::{Asked, HIDDEN, Scope, is_kept_out},
    session::{Ground, Session},
    target::{Difference, Existing, TargetError},
};
use serde_json::{Value, json};
use std::fmt;

/// What an apply would do, object by object.
#[derive(Clone, Debug)]
pub struct Plan {
    tenant: String,
    tag: Option<String>,
    /// In the order of the input.
    pub(super) steps: Vec<Step>,
    /// What an earlier run made and the input no longer asks for.
    left: Vec<Recorded>,
}

/// What would be done about an object.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) name: String,
    class: String,
    pub(super) action: Action,
    differences: Vec<Difference>,
    /// What is there.
    pub(super) existing: Option<Existing>,
}

/// What is done about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It is not there.
    Create,
    /// It is there as it is wanted.
    Keep,
    /// It is there and differs.
    Change,
    /// It was made, and somebody deleted it.
    CreateAgain,
    /// It is there and ours, though no run wrote it down.
    Adopt,
    /// It is there as it is wanted, somebody else's, and of a kind where that is no matter.
    Share,
    /// It is there and somebody else's.
    Foreign,
}

impl Action {
    /// The word in the JSON of a plan.
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Keep => "unchanged",
            Self::Change => "change",
            Self::CreateAgain => "gone, create again",
            Self::Adopt => "take over",
            Self::Share => "use as it is",
            Self::Foreign => "not ours",
        }
    }

    fn sign(self) -> char {
        match self {
            Self::Create | Self::CreateAgain => '+',
            Self::Keep | Self::Share => '=',
            Self::Change | Self::Adopt => '~',
            Self::Foreign => '!',
        }
    }
}

impl Session<'_> {
    /// Looks at what is there. Sends nothing but reads.
    ///
    /// # Errors
    /// When a value is impossible, or the provider does not answer.
    pub async fn plan(&self) -> Result<Plan, BootstrapError> {
        let mut kept = self.kept.clone();
        let mut scope = self.ground.walk(&mut kept);
        let ours = self.ours();
        let mut steps = Vec::new();
        for entry in &self.ground.work.input.entries {
            match &entry.kind {
                _ if is_kept_out(&entry.name) => {}
                EntryKind::Text { .. } => drop(scope.text(entry)?),
                EntryKind::Data { .. } => drop(scope.load(&entry.name)),
                EntryKind::Object(object) => {
                    steps.push(self.step(&mut scope, &ours, entry, object).await?);
                }
            }
        }
        let is_left = |object: &&Recorded| self.ground.work.input.entry(&object.name).is_none();
        let left = self.output.state.objects.iter().filter(is_left);
        Ok(Plan {
            tenant: self.ground.work.target.tenant().to_owned(),
            tag: self.tag(),
            steps,
            left: left.cloned().collect(),
        })
    }

    async fn step(
        &self,
        scope: &mut Scope<'_>,
        ours: &Ours,
        entry: &Entry,
        object: &ObjectEntry,
    ) -> Result<Step, BootstrapError> {
        let asked = scope.object(entry, object)?;
        let (action, existing) = self.ground.look(&self.output, &asked, ours).await?;
        let differences = match &existing {
            Some(existing) if !matches!(action, Action::Foreign | Action::Share) => {
                let target = self.ground.work.target;
                let differences = target.differences(&asked.wanted, existing);
                differences
                    .into_iter()
                    .map(|difference| for_people(&asked, difference))
                    .collect()
            }
            _ => Vec::<Difference>::new(),
        };
        let action = match action {
            Action::Keep if !differences.is_empty() => Action::Change,
            action => action,
        };
        match &existing {
            Some(existing) if action != Action::Foreign => {
                let told = self
                    .output
                    .told(&entry.name)
                    .filter(|_| action != Action::Adopt);
                let value = told.map_or_else(
                    || existing.value.clone(),
                    |told| as_told_now(told, &existing.value),
                );
                // What is told once is made anew when it is taken over.
                scope.set_object(&entry.name, value, action == Action::Keep);
            }
            _ => scope.set_later(&entry.name),
        }
        Ok(Step {
            name: entry.name.clone(),
            class: object.class.clone(),
            action,
            differences,
            existing,
        })
    }
}

/// A difference without secrets, whatever the member is called that the input puts them into.
fn for_people(asked: &Asked, difference: Difference) -> Difference {
    let Difference { at, wanted, found } = difference;
    if asked.hides(&at) {
        return Difference {
            at,
            wanted: HIDDEN.to_owned(),
            found: HIDDEN.to_owned(),
        };
    }
    Difference {
        wanted: asked.scrubbed(&wanted),
        found: asked.scrubbed(&found),
        at,
    }
}

impl Ground<'_> {
    /// What is there of an object, and whose it is. Whether it is as wanted is another question, but for
    /// what is not ours.
    pub(super) async fn look(
        &self,
        output: &Output,
        asked: &Asked,
        ours: &Ours,
    ) -> Result<(Action, Option<Existing>), TargetError> {
        let (wanted, target) = (&asked.wanted, self.work.target);
        let recorded = output.object(&wanted.name);
        let to_make = match recorded {
            Some(_) => Action::CreateAgain,
            None => Action::Create,
        };
        if asked.place_is_later {
            return Ok((to_make, None));
        }
        let of_others = |existing: Existing| {
            let action = if target.may_share(wanted, &existing) {
                Action::Share
            } else {
                Action::Foreign
            };
            (action, Some(existing))
        };
        let is_here = |recorded: &&Recorded| {
            recorded.class == wanted.class && recorded.endpoint == wanted.endpoint
        };
        if let Some(recorded) = recorded.filter(is_here)
            && let Some(existing) = target.read(wanted, &recorded.id).await?
        {
            return Ok(if recorded.shared {
                of_others(existing)
            } else {
                (Action::Keep, Some(existing))
            });
        }
        let is_pending = output.state.pending.as_deref() == Some(&wanted.name);
        Ok(match target.find(wanted).await? {
            None => (to_make, None),
            Some(existing) if is_pending || target.is_ours(wanted, &existing, ours) => {
                (Action::Adopt, Some(existing))
            }
            Some(existing) => of_others(existing),
        })
    }
}

impl Plan {
    /// Whether an apply would write nothing.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        let quiet = |step: &Step| matches!(step.action, Action::Keep | Action::Share);
        self.steps.iter().all(quiet)
    }

    /// What is there and not ours, for people: an apply would stop at it.
    #[must_use]
    pub fn foreign(&self) -> Vec<String> {
        let foreign = self
            .steps
            .iter()
            .filter(|step| step.action == Action::Foreign);
        let named = foreign.map(|step| {
            let id = step.existing.as_ref().map_or("", |existing| &existing.id);
            format!("{} ({} {})", step.name, plain(&step.class), plain(id))
        });
        named.collect()
    }

    /// The plan for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let steps = self.steps.iter().map(|step| {
            let differences = step.differences.iter().map(|difference| {
                json!({
                    "at": difference.at,
                    "wanted": difference.wanted,
                    "found": difference.found,
                })
            });
            json!({
                "name": step.name,
                "class": step.class,
                "action": step.action.word(),
                "id": step.existing.as_ref().map(|existing| &existing.id),
                "differences": differences.collect::<Vec<_>>(),
            })
        });
        json!({
            "tenant": self.tenant,
            "tag": self.tag,
            "objects": steps.collect::<Vec<_>>(),
            "no_longer_asked_for": self.left.iter().map(|object| &object.name).collect::<Vec<_>>(),
        })
    }
}

/// The plan for people.
impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "At {}:", plain(&self.tenant))?;
        for step in &self.steps {
            let (sign, word) = (step.action.sign(), step.action.word());
            let (name, class) = (&step.name, plain(&step.class));
            writeln!(formatter, "  {sign} {name} ({class}): {word}")?;
            for difference in &step.differences {
                let at = plain(&difference.at);
                let (wanted, found) = (plain(&difference.wanted), plain(&difference.found));
                writeln!(formatter, "      {at}: {found} → {wanted}")?;
            }
        }
        for object in &self.left {
            let (name, class) = (plain(&object.name), plain(&object.class));
            writeln!(
                formatter,
                "    {name} ({class}): the input no longer asks for it; it is left as it is, and destroy deletes it"
            )?;
        }
        if self.changes_nothing() {
            return writeln!(formatter, "Nothing to change.");
        }
        let count = |wanted: &[Action]| {
            let steps = self.steps.iter();
            steps.filter(|step| wanted.contains(&step.action)).count()
        };
        writeln!(
            formatter,
            "{} to create, {} to change or take over, {} as they are, {} not ours.",
            count(&[Action::Create, Action::CreateAgain]),
            count(&[Action::Change, Action::Adopt]),
            count(&[Action::Keep, Action::Share]),
            count(&[Action::Foreign]),
        )
    }
}
