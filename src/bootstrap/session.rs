//! One input against one provider: what planning, applying and reviewing share.

use super::{
    environment::Environment,
    error::BootstrapError,
    generate::{Made, People},
    input::{EntryKind, Input, TargetKind},
    ours::Ours,
    output::{Earlier, Output},
    scope::{Context, Kept, Scope, is_kept_out},
    target::Target,
};
use crate::blueprint::Blueprint;
use serde_json::{Map, Value};
use std::{collections::HashMap, path::Path};

/// What a session works with.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// The provider.
    pub target: &'a dyn Target,
    /// Whose management API that is.
    pub kind: TargetKind,
    /// What is asked for.
    pub input: &'a Input,
    /// The input's name, which is the output's too.
    pub name: &'a str,
    /// What the input may read of the settings.
    pub environment: &'a Environment<'a>,
    /// Where demo names come from.
    pub blueprint: &'a Blueprint,
    /// The current folder.
    pub root: &'a Path,
    /// The folder of outputs, below `root`.
    pub out: &'a Path,
}

/// An input, its earlier output, and the provider.
pub struct Session<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) output: Output,
    pub(super) kept: Kept,
}

/// What stays as it is for a whole session.
pub(super) struct Ground<'a> {
    pub(super) work: Work<'a>,
    people: People,
    data: HashMap<String, Map<String, Value>>,
    /// Files of earlier outputs, by the entry that loads them.
    pub(super) data_files: HashMap<String, String>,
    made_earlier: Vec<(String, String)>,
}

impl<'a> Session<'a> {
    /// Reads what an earlier run left, and the outputs that the input loads. Nothing is sent.
    ///
    /// # Errors
    /// When one of them cannot be read, or the earlier run was at another provider.
    pub fn open(work: Work<'a>) -> Result<Self, BootstrapError> {
        let output = Output::open(&work.root.join(work.out), work.name)?;
        if output.is_there() {
            same_place(&output, work.kind, work.target.tenant())?;
        }
        Ok(Self {
            kept: output.state.kept.clone(),
            ground: Ground::of(work)?,
            output,
        })
    }

    /// Goes through the whole input as it is before anything is made. Names of text entries that have
    /// no value yet.
    ///
    /// # Errors
    /// The first placeholder that leads nowhere, in a circle, or to what comes later.
    pub fn check(&mut self) -> Result<Vec<String>, BootstrapError> {
        let mut unanswered = Vec::new();
        let mut scope = self.ground.walk(&mut self.kept);
        for entry in &self.ground.work.input.entries {
            match &entry.kind {
                _ if is_kept_out(&entry.name) => {}
                EntryKind::Text { default } => {
                    if scope.text(entry)?.is_none() && default.is_none() {
                        unanswered.push(entry.name.clone());
                    }
                }
                EntryKind::Data { .. } => drop(scope.load(&entry.name)),
                EntryKind::Object(object) => {
                    if unanswered.is_empty() {
                        scope.object(entry, object)?;
                    }
                    scope.set_later(&entry.name);
                }
            }
        }
        Ok(unanswered)
    }

    /// The tag of this input, as it stands.
    pub(super) fn tag(&self) -> Option<String> {
        let mut kept = self.kept.clone();
        let entry = self.ground.work.input.entry(Made::Tag.name());
        let declared = entry.and_then(|entry| {
            let valued = self.ground.walk(&mut kept).text(entry).ok()??;
            Some(valued.text.value)
        });
        declared.or_else(|| self.kept.generated.all(Made::Tag).last().map(str::to_owned))
    }

    /// How an object is known to be ours.
    pub(super) fn ours(&self) -> Ours {
        let made_up = Made::ALL.into_iter().filter(|made| made.is_mark());
        // A tag that a person chose is no mark: another person may have chosen it as well.
        let marks = made_up
            .flat_map(|made| self.kept.generated.all(made).map(str::to_owned))
            .collect();
        let mut made = self.ground.made_earlier.clone();
        let recorded = self.output.state.objects.iter();
        let owned = recorded.filter(|object| !object.shared);
        made.extend(owned.map(|object| (object.class.clone(), object.id.clone())));
        Ours { marks, made }
    }
}

impl<'a> Ground<'a> {
    fn of(work: Work<'a>) -> Result<Self, BootstrapError> {
        let mut ground = Self {
            work,
            people: People::of(work.blueprint),
            data: HashMap::new(),
            data_files: HashMap::new(),
            made_earlier: Vec::new(),
        };
        for entry in &work.input.entries {
            if let EntryKind::Data { output } = &entry.kind {
                let earlier = Earlier::read(work.root, work.out, output)?;
                ground.made_earlier.extend(earlier.made);
                ground.data.insert(entry.name.clone(), earlier.values);
                ground.data_files.insert(entry.name.clone(), earlier.shown);
            }
        }
        let target = work.kind.name();
        for (entry, object) in work.input.objects() {
            if object.class.split(':').next() != Some(target) {
                let class = &object.class;
                let problem = format!("objectClass {class:?} is not one of --target {target}");
                return Err(work.input.wrong(&entry.name, problem).into());
            }
        }
        Ok(ground)
    }

    /// A walk through the input from its beginning.
    pub(super) fn walk<'s>(&'s self, kept: &'s mut Kept) -> Scope<'s> {
        let context = Context {
            input: self.work.input,
            environment: self.work.environment,
            people: &self.people,
            data: &self.data,
        };
        Scope::new(context, kept)
    }
}

/// An output tells ids, which mean nothing at another provider.
pub(super) fn same_place(
    output: &Output,
    kind: TargetKind,
    tenant: &str,
) -> Result<(), BootstrapError> {
    let state = &output.state;
    if state.target == kind.name() && state.tenant == tenant {
        return Ok(());
    }
    Err(BootstrapError::WrongUse(format!(
        "{} is what was made at {} ({}), and this is {tenant} ({}); use --out DIR for it, or destroy there first",
        output.shown(),
        super::console::plain(&state.tenant),
        super::console::plain(&state.target),
        kind.name()
    )))
}
