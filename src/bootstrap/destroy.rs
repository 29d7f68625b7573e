//! Takes back what a run made: what its output recorded, and what carries its tag.

use super::{
    console::{Console, plain},
    error::{BootstrapError, words},
    generate::{Made, is_made_up_tag},
    input::TargetKind,
    output::{Output, Recorded},
    scope::LATER,
    session::same_place,
    target::{Target, TargetError},
};
use std::path::Path;

/// What is to be deleted, and nothing is yet.
pub struct Destruction<'a> {
    target: &'a dyn Target,
    output: Output,
    tag: Option<String>,
    /// In the order in which they are deleted.
    objects: Vec<Doomed>,
    /// Somebody else's, which the input only used.
    shared: Vec<Recorded>,
}

/// An object that is to be deleted.
struct Doomed {
    class: String,
    endpoint: Option<String>,
    id: String,
    /// Its name in the input, or at the provider.
    name: String,
    /// Found by the tag alone.
    unrecorded: bool,
}

impl<'a> Destruction<'a> {
    /// Lists what there is to delete. With the output lost, what carries `tag` is found all the same,
    /// if it is one that we make up.
    ///
    /// # Errors
    /// When the output is another provider's, there is none and no tag either, or the provider does not
    /// answer.
    pub async fn list(
        target: &'a dyn Target,
        kind: TargetKind,
        folder: &Path,
        name: &str,
        tag: Option<&str>,
    ) -> Result<Self, BootstrapError> {
        let output = Output::open(folder, name)?;
        let tag = if output.is_there() {
            same_place(&output, kind, target.tenant())?;
            output.state.tag.clone()
        } else {
            tag.filter(|tag| is_made_up_tag(tag)).map(str::to_owned)
        };
        if !output.is_there() && tag.is_none() {
            return Err(BootstrapError::WrongUse(format!(
                "{} is not there: nothing is known of what was made; --confirm TAG with the tag of the lost output finds what carries it",
                output.shown()
            )));
        }
        // What a person chose as a tag may be a word in names of others.
        let generated = &output.state.kept.generated;
        let searched = tag
            .as_deref()
            .filter(|tag| !output.is_there() || generated.all(Made::Tag).any(|made| made == *tag));
        let found = match searched {
            Some(tag) => target.tagged(tag).await?,
            None => Vec::new(),
        };
        let (shared, recorded): (Vec<_>, Vec<_>) = output
            .state
            .objects
            .iter()
            .cloned()
            .partition(|object| object.shared);
        let is_new = |id: &str| !output.state.objects.iter().any(|object| object.id == id);
        let found = found.into_iter().filter(|tagged| is_new(&tagged.id));
        let mut objects: Vec<Doomed> = found
            .map(|tagged| Doomed {
                class: tagged.class,
                endpoint: tagged.endpoint,
                id: tagged.id,
                name: tagged.name,
                unrecorded: true,
            })
            .collect();
        objects.extend(recorded.into_iter().rev().map(|object| Doomed {
            class: object.class,
            endpoint: object.endpoint,
            id: object.id,
            name: object.name,
            unrecorded: false,
        }));
        Ok(Self {
            target,
            output,
            tag,
            objects,
            shared,
        })
    }

    /// What has to be typed before anything is deleted: the tag, or the output's name where there is
    /// none.
    #[must_use]
    pub fn word(&self, name: &'a str) -> String {
        self.tag.clone().unwrap_or_else(|| name.to_owned())
    }

    /// The list for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "At {}, this is deleted:",
            plain(self.target.tenant())
        )];
        for object in &self.objects {
            let by_tag = if object.unrecorded {
                ", found by its tag"
            } else {
                ""
            };
            lines.push(format!(
                "  - {} ({} {}{by_tag})",
                plain(&object.name),
                plain(&object.class),
                plain(&object.id)
            ));
        }
        if self.objects.is_empty() {
            lines.push("  nothing".to_owned());
        }
        for object in &self.shared {
            lines.push(format!(
                "    {} ({}) is somebody else's and stays",
                plain(&object.name),
                plain(&object.class)
            ));
        }
        lines
    }

    /// Deletes it all, in the reverse of the order in which it was made, and then the output. What is
    /// gone already is fine.
    ///
    /// # Errors
    /// When something could not be deleted: it stays in the output, and the same command tries again.
    pub async fn run(mut self, console: &mut dyn Console) -> Result<(), BootstrapError> {
        let is_there = self.output.is_there();
        let _lock = is_there.then(|| self.output.lock()).transpose()?;
        let mut failed = Vec::new();
        for object in &self.objects {
            let (name, class) = (plain(&object.name), plain(&object.class));
            let endpoint = object.endpoint.as_deref();
            let endpoint = endpoint.filter(|endpoint| !endpoint.contains(LATER));
            match self
                .target
                .delete(&object.class, endpoint, &object.id)
                .await
            {
                Ok(was_there) => {
                    let what = if was_there {
                        "deleted"
                    } else {
                        "already gone:"
                    };
                    console.say(&format!("{what} {name} ({class})"));
                    self.output.forget(&object.id);
                    if self.output.is_there() {
                        self.output.write()?;
                    }
                }
                Err(error) => {
                    let (id, error_words) = (plain(&object.id), words(&error));
                    failed.push(format!("  {name} ({class} {id}): {error_words}"));
                    if is_the_end(&error) {
                        break;
                    }
                }
            }
        }
        if !failed.is_empty() {
            let left = self.output.state.objects.iter();
            let left: Vec<String> = left
                .filter(|object| !object.shared)
                .map(|object| plain(&object.name))
                .collect();
            return Err(BootstrapError::Stopped(format!(
                "not everything could be deleted:\n{}\nstill written down as there: {}\nrun the same command again when the cause is mended",
                failed.join("\n"),
                if left.is_empty() {
                    "nothing".to_owned()
                } else {
                    left.join(", ")
                }
            )));
        }
        let shown = self.output.shown();
        let was_there = self.output.is_there();
        self.output.remove()?;
        if was_there {
            console.say(&format!("{shown} is removed: what it told is gone"));
        }
        Ok(())
    }
}

/// Whether whatever follows would fail as well: nobody answers, or our token is not taken.
fn is_the_end(error: &TargetError) -> bool {
    match error {
        TargetError::Refused { status, .. } => matches!(status, 401 | 429),
        TargetError::Fetch(_) => true,
        _ => false,
    }
}
