//! Makes what the plan says, and writes down what exists after every step.

use super::{
    console::{Console, plain},
    error::{BootstrapError, words},
    input::{Entry, EntryKind, TargetKind},
    ours::Ours,
    output::{Keeping, Output},
    plan::{Action, Plan},
    scope::{Asked, Scope, is_kept_out},
    session::{Ground, Session},
    target::{Existing, Made, TargetError, Wanted},
};
use serde_json::Value;
use std::fmt::Display;

impl Session<'_> {
    /// Makes everything that is not there, and as it is wanted. Whatever happens in between, the output
    /// tells what exists, and the same command goes on from there.
    ///
    /// # Errors
    /// When something is there that is not ours, before anything is sent; when a step fails, with what
    /// exists and what does not.
    pub async fn apply(
        &mut self,
        plan: &Plan,
        console: &mut dyn Console,
    ) -> Result<(), BootstrapError> {
        let foreign = plan.foreign();
        if !foreign.is_empty() {
            return Err(BootstrapError::Foreign(foreign));
        }
        let _lock = self.output.lock()?;
        self.write_what_is_known()?;
        let ours = self.ours();
        let scope = self.ground.walk(&mut self.kept);
        let mut run = Run {
            ground: &self.ground,
            output: &mut self.output,
            scope,
            plan,
            ours,
            made: Vec::new(),
        };
        let outcome = run.all(console).await;
        let made = run.made;
        if let Err((name, problem)) = outcome {
            return Err(BootstrapError::Stopped(self.stopped(&name, &problem)));
        }
        let problem = match self.ground.work.target.probe(&made).await {
            Ok(warnings) if warnings.is_empty() => return Ok(()),
            Ok(warnings) => {
                let lines: Vec<String> = warnings.iter().map(|line| plain(line)).collect();
                format!("it does not hold:\n  {}", lines.join("\n  "))
            }
            Err(error) => format!("it could not be looked at as a whole: {}", words(&error)),
        };
        let output = self.output.shown();
        Err(BootstrapError::Stopped(format!(
            "everything is there (see {output}), but {problem}"
        )))
    }

    /// What cannot be found again: made-up and given values, before the first object is made with them.
    fn write_what_is_known(&mut self) -> Result<(), BootstrapError> {
        let work = self.ground.work;
        work.kind.name().clone_into(&mut self.output.state.target);
        work.target
            .tenant()
            .clone_into(&mut self.output.state.tenant);
        self.output.state.tag = self.tag();
        self.output.state.kept.clone_from(&self.kept);
        if work.kind == TargetKind::Okta {
            let tenant = Value::String(work.target.tenant().to_owned());
            self.output.values.insert("OKTA_TENANT".to_owned(), tenant);
        }
        Ok(self.output.write()?)
    }

    /// What exists, what does not, and what to do.
    fn stopped(&self, name: &str, problem: &str) -> String {
        let work = self.ground.work;
        let mut lines = vec![format!("{name}: {problem}"), "there is:".to_owned()];
        for object in &self.output.state.objects {
            let (name, class) = (plain(&object.name), plain(&object.class));
            lines.push(format!("  {name} ({class} {})", plain(&object.id)));
        }
        if self.output.state.objects.is_empty() {
            lines.push("  nothing".to_owned());
        }
        let objects = work.input.objects().map(|(entry, _)| entry.name.as_str());
        let missing: Vec<&str> = objects
            .filter(|name| self.output.object(name).is_none())
            .collect();
        if !missing.is_empty() {
            lines.push("there is not, as far as is known:".to_owned());
            lines.push(format!("  {}", missing.join(", ")));
        }
        let way = work.name;
        lines.push(format!(
            "{} has it all; run the same command again to go on from here, or solar-system bootstrap destroy {way} to take it back",
            self.output.shown()
        ));
        lines.join("\n")
    }

    /// What is done, for people: where the output is, and which names of it hold demo passwords.
    #[must_use]
    pub fn done(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "Finished. Only you can read {}: it holds secrets.",
            self.output.shown()
        )];
        let is_password = |name: &&String| name.ends_with("_PASSWORD");
        let passwords: Vec<&str> = self
            .output
            .values
            .keys()
            .filter(is_password)
            .map(String::as_str)
            .collect();
        if !passwords.is_empty() {
            lines.push(format!(
                "Demo passwords are there as {}.",
                passwords.join(", ")
            ));
        }
        lines
    }

    /// The output's file, for programs.
    #[must_use]
    pub fn output_file(&self) -> String {
        self.output.shown()
    }
}

/// An apply under way.
struct Run<'s> {
    ground: &'s Ground<'s>,
    output: &'s mut Output,
    scope: Scope<'s>,
    plan: &'s Plan,
    ours: Ours,
    made: Vec<Made>,
}

impl Run<'_> {
    /// An entry after the other. The error names the one that failed.
    async fn all(&mut self, console: &mut dyn Console) -> Result<(), (String, String)> {
        let input = self.ground.work.input;
        for entry in &input.entries {
            let name = &entry.name;
            let failed = |error: &dyn Display| (name.clone(), words(error));
            match &entry.kind {
                _ if is_kept_out(name) => {}
                EntryKind::Data { .. } => drop(self.scope.load(name)),
                EntryKind::Text { .. } => {
                    let valued = self.scope.text(entry).map_err(|error| failed(&error))?;
                    let text = valued.map(|valued| valued.text.value);
                    match text.filter(|_| entry.save) {
                        Some(text) => {
                            let text = Value::String(text);
                            drop(self.output.values.insert(name.clone(), text));
                        }
                        None => drop(self.output.values.shift_remove(name)),
                    }
                }
                EntryKind::Object(object) => {
                    let asked = self.scope.object(entry, object);
                    let asked = asked.map_err(|error| failed(&error))?;
                    let said = self.object(entry, &asked).await;
                    let said = said.map_err(|error| failed(&asked.scrubbed(&error.to_string())));
                    console.say(&said?);
                }
            }
            self.output.write().map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// Sees to it that an object is there as it is wanted. Says what was done.
    async fn object(&mut self, entry: &Entry, asked: &Asked) -> Result<String, TargetError> {
        let (target, name) = (self.ground.work.target, &entry.name);
        let (action, existing) = self.look(asked).await?;
        let wanted = asked.wanted.clone();
        let id = |existing: &Existing| plain(&existing.id);
        let took_over = |existing: &Existing| {
            let id = id(existing);
            format!("took over {name}, which an earlier run made: {id}")
        };
        let mut unchanged = false;
        let (existing, said) = match (action, existing) {
            (Action::Keep | Action::Change, Some(existing)) => {
                if target.differences(&wanted, &existing).is_empty() {
                    unchanged = true;
                    let said = format!("{name} is as it is wanted: {}", id(&existing));
                    (existing, said)
                } else {
                    let existing = target.update(&wanted, &existing).await?;
                    let said = format!("changed {name}: {}", id(&existing));
                    (existing, said)
                }
            }
            (Action::Adopt, Some(existing)) => {
                let existing = target.adopt(&wanted, existing).await?;
                let said = took_over(&existing);
                (existing, said)
            }
            (Action::Share, Some(existing)) => {
                let said = format!(
                    "{name} was there already, and is used as it is: {}",
                    id(&existing)
                );
                (existing, said)
            }
            (Action::Foreign, _) => {
                let problem =
                    "one of this name is there and not ours; what others made is never changed";
                return Err(TargetError::Input {
                    name: name.clone(),
                    problem: problem.to_owned(),
                });
            }
            _ => match self.create(asked, entry.save).await? {
                (Action::Adopt, found) => {
                    let existing = target.adopt(&wanted, found).await?;
                    let said = took_over(&existing);
                    (existing, said)
                }
                (_, existing) => {
                    let said = format!("successfully created {name}: {}", id(&existing));
                    (existing, said)
                }
            },
        };
        let keeping = Keeping {
            save: entry.save,
            shared: action == Action::Share,
            unchanged,
        };
        let value = self.output.record(&wanted, &existing, keeping);
        self.scope.set_object(name, value, true);
        if action != Action::Share {
            self.ours
                .made
                .push((wanted.class.clone(), existing.id.clone()));
        }
        self.made.push(Made { wanted, existing });
        Ok(said)
    }

    /// Makes an object. That it is being made is written down first, so that the next run knows it
    /// again where this one is killed; what is made and could not be settled is written down too.
    ///
    /// What a killed run had sent may arrive after we looked, so that ours is refused as the second of
    /// its name: then it is there, and ours to take over.
    async fn create(
        &mut self,
        asked: &Asked,
        save: bool,
    ) -> Result<(Action, Existing), TargetError> {
        let wanted = &asked.wanted;
        let before = self.output.state.pending.clone();
        self.output.state.pending = Some(wanted.name.clone());
        self.write(wanted)?;
        let made = self.ground.work.target.create(wanted).await;
        let is_known = match &made {
            Ok(_) => true,
            Err(TargetError::Unfinished { existing, .. }) => {
                let keeping = Keeping {
                    save,
                    shared: false,
                    unchanged: false,
                };
                self.output.record(wanted, existing, keeping);
                true
            }
            Err(error) => error.is_refusal(),
        };
        if is_known {
            self.output.state.pending = None;
        }
        let Err(error) = made else {
            return made.map(|existing| (Action::Create, existing));
        };
        if error.is_refusal() {
            self.output.state.pending = before; // not ours for our having tried
            let looked = self.ground.look(self.output, asked, &self.ours).await;
            if let Ok((Action::Adopt, Some(existing))) = looked {
                return Ok((Action::Adopt, existing));
            }
            self.output.state.pending = None;
        }
        self.write(wanted)?;
        Err(error)
    }

    fn write(&mut self, wanted: &Wanted) -> Result<(), TargetError> {
        let written = self.output.write();
        written.map_err(|error| TargetError::Input {
            name: wanted.name.clone(),
            problem: error.to_string(),
        })
    }

    /// What the plan saw a moment ago of an object that was written down, else a new look.
    async fn look(&self, asked: &Asked) -> Result<(Action, Option<Existing>), TargetError> {
        let mut steps = self.plan.steps.iter();
        let planned = steps.find(|step| step.name == asked.wanted.name);
        if let Some(step) = planned
            && matches!(step.action, Action::Keep | Action::Change)
        {
            return Ok((step.action, step.existing.clone()));
        }
        self.ground.look(self.output, asked, &self.ours).await
    }
}
