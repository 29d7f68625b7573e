//! Every value, before anything is made: where it comes from, and whether it may stay.

use super::{
    console::{Console, plain},
    error::BootstrapError,
    input::{Entry, EntryKind, ObjectEntry},
    scope::{HIDDEN, Origin, Scope, Valued, is_kept_out, is_secret_name},
    session::Session,
};

/// Most lines of an object's body that are shown.
const LINES: usize = 200;

/// What is done about a value.
enum Answer {
    Continue,
    Provide,
    AcceptAll,
}

impl Session<'_> {
    /// Asks for the values that nothing gives, one after the other.
    ///
    /// # Errors
    /// When there is nobody to ask, or they quit.
    pub fn ask_missing(&mut self, console: &mut dyn Console) -> Result<(), BootstrapError> {
        let mut missing = self.check()?;
        if !missing.is_empty() && !console.can_ask() {
            return Err(BootstrapError::WrongUse(format!(
                "{} {} no value; set it in the environment or in .env",
                missing.join(", "),
                if missing.len() == 1 { "has" } else { "have" }
            )));
        }
        while !missing.is_empty() {
            let mut scope = self.ground.walk(&mut self.kept);
            let input = self.ground.work.input;
            for entry in missing.iter().filter_map(|name| input.entry(name)) {
                console.say(&format!("\nlooking for {}...", entry.name));
                console.say("no default value available.");
                ask_value(&mut scope, entry, console)?;
            }
            missing = self.check()?;
        }
        Ok(())
    }

    /// Shows every value and asks whether it may stay; with `accept`, shows them only.
    ///
    /// # Errors
    /// When somebody quits, or a value that was given makes another one impossible.
    pub fn review(
        &mut self,
        accept: bool,
        console: &mut dyn Console,
    ) -> Result<(), BootstrapError> {
        let mut accept = accept;
        let ground = &self.ground;
        let mut scope = ground.walk(&mut self.kept);
        console.say("\nnow, reviewing all values...");
        for entry in &ground.work.input.entries {
            console.say(&format!("\nlooking for {}...", entry.name));
            if is_kept_out(&entry.name) {
                console.say(&format!("{} is used, and goes nowhere else", entry.name));
                continue;
            }
            match &entry.kind {
                EntryKind::Text { .. } => text(&mut scope, entry, &mut accept, console)?,
                EntryKind::Data { .. } => {
                    let file = ground.data_files.get(&entry.name);
                    let file = file.map_or("", String::as_str);
                    let count = scope.load(&entry.name);
                    console.say(&format!("{count} values from {file}"));
                    if let Answer::AcceptAll = ask(false, accept, console)? {
                        accept = true;
                    }
                }
                EntryKind::Object(object) => {
                    let tenant = ground.work.target.tenant();
                    shown(&mut scope, entry, object, tenant, console)?;
                    if let Answer::AcceptAll = ask(false, accept, console)? {
                        accept = true;
                    }
                    scope.set_later(&entry.name);
                }
            }
        }
        Ok(())
    }
}

fn text(
    scope: &mut Scope<'_>,
    entry: &Entry,
    accept: &mut bool,
    console: &mut dyn Console,
) -> Result<(), BootstrapError> {
    loop {
        let Some(valued) = scope.text(entry)? else {
            ask_value(scope, entry, console)?;
            continue;
        };
        let value = value_for_people(&valued);
        if let Origin::Set(place) = &valued.origin {
            console.say(&format!("the value {value} is already set in {place}"));
            console.say(" so we are skipping...");
            return Ok(());
        }
        console.say(&match &valued.origin {
            Origin::Provided => "you gave this value".to_owned(),
            _ => format!("cannot find a final value for {} yet", entry.name),
        });
        match &valued.origin {
            Origin::Generated => console.say("this is a generated value..."),
            Origin::Default => console.say("calculating/retrieving default value..."),
            _ => {}
        }
        if scope.is_overruled(entry, &valued.text) {
            console.say("another value is set in the environment or .env: this run makes its own, and that one is left alone");
        }
        console.say(&value);
        match ask(true, *accept, console)? {
            Answer::Continue => return Ok(()),
            Answer::AcceptAll => {
                *accept = true;
                return Ok(());
            }
            Answer::Provide => {
                ask_value(scope, entry, console)?;
                return Ok(());
            }
        }
    }
}

fn shown(
    scope: &mut Scope<'_>,
    entry: &Entry,
    object: &ObjectEntry,
    tenant: &str,
    console: &mut dyn Console,
) -> Result<(), BootstrapError> {
    let asked = scope.object(entry, object)?;
    console.say(&format!(
        "To get a new {} we will send a request to {tenant} with the following body:",
        entry.name
    ));
    let body = serde_json::to_string_pretty(&asked.shown).unwrap_or_default();
    for line in body.lines().take(LINES) {
        console.say(&plain(line));
    }
    for group in &asked.wanted.groups {
        console.say(&format!("and assign it to the group {}", plain(group)));
    }
    Ok(())
}

fn value_for_people(valued: &Valued) -> String {
    if valued.text.secret && !valued.text.later {
        return HIDDEN.to_owned();
    }
    format!("'{}'", plain(&valued.text.value))
}

/// Asks until a value is given that can be used.
fn ask_value(
    scope: &mut Scope<'_>,
    entry: &Entry,
    console: &mut dyn Console,
) -> Result<(), BootstrapError> {
    loop {
        console.say(&format!("Enter a value for {}", entry.name));
        console.say("or enter q to quit");
        if let Some(hint) = &entry.hint {
            console.say(&plain(hint));
        }
        let prompt = format!("{}: ", entry.name);
        let answer = if is_secret_name(&entry.name) {
            console.ask_hidden(&prompt)?
        } else {
            console.ask(&prompt)?
        };
        let answer = answer.ok_or(BootstrapError::Quit)?;
        match answer.trim() {
            "q" | "Q" => return Err(BootstrapError::Quit),
            "" => {}
            value if value.chars().any(char::is_control) => {
                console.say("a value has no control characters");
            }
            value => match scope.provide(entry, value.to_owned()) {
                Ok(()) => return Ok(()),
                Err(error) => console.say(&error.to_string()),
            },
        }
    }
}

fn ask(is_text: bool, accept: bool, console: &mut dyn Console) -> Result<Answer, BootstrapError> {
    if accept {
        return Ok(Answer::Continue);
    }
    loop {
        console.say("Do you want to:");
        console.say("(C) continue with this value");
        if is_text {
            console.say("(p) provide a new value");
        }
        console.say("(a) auto-accept and generate all remaining values");
        console.say("(q) quit");
        let answer = console.ask(": ")?.ok_or(BootstrapError::Quit)?;
        match answer.trim() {
            "" | "c" | "C" => return Ok(Answer::Continue),
            "p" | "P" if is_text => return Ok(Answer::Provide),
            "a" | "A" => return Ok(Answer::AcceptAll),
            "q" | "Q" => return Err(BootstrapError::Quit),
            _ => {}
        }
    }
}
