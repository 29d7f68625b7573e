//! How a resource wants people to have signed in.

use super::{Checked, at, document, refuse};
use crate::blueprint::model::{StepUp, Takes};

/// The longest time that can be asked for, in seconds: a year.
const LONGEST: u32 = 365 * 24 * 60 * 60;

pub(super) fn one(resource: &document::Resource, takes: &Takes) -> Checked<StepUp> {
    let name = resource.name.get_ref();
    let stated = resource.max_age.as_ref().map(at);
    let stated = stated.or(resource.acr_values.as_ref().map(at));
    if let (Some(stated), Takes::Open) = (stated, takes) {
        let wrong = format!(
            "resource {name:?} is open, so that nobody signs in: leave max_age and acr_values out"
        );
        return refuse(stated, wrong);
    }
    Ok(StepUp {
        max_age: max_age(name, resource)?,
        acr_values: acr_values(name, resource)?,
    })
}

fn max_age(name: &str, resource: &document::Resource) -> Checked<Option<u32>> {
    let Some(stated) = &resource.max_age else {
        return Ok(None);
    };
    match u32::try_from(*stated.get_ref()) {
        Ok(seconds) if (1..=LONGEST).contains(&seconds) => Ok(Some(seconds)),
        _ => refuse(
            at(stated),
            format!("resource {name:?}, max_age: it is a number of seconds, from 1 to {LONGEST}"),
        ),
    }
}

fn acr_values(name: &str, resource: &document::Resource) -> Checked<Vec<String>> {
    let Some(stated) = &resource.acr_values else {
        return Ok(Vec::new());
    };
    if stated.get_ref().is_empty() {
        let wrong = format!("resource {name:?}, acr_values: the list is empty: leave it out");
        return refuse(at(stated), wrong);
    }
    let mut values = Vec::new();
    for value in stated.get_ref() {
        // they stand in a challenge, divided by blanks and between quotes (RFC 9470, section 3)
        let fine = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
        let text = value.get_ref();
        if text.is_empty() || text.len() > 200 || !text.bytes().all(fine) {
            let wrong = format!(
                "resource {name:?}, acr_values: {text:?} is none: it is of visible ASCII, without blanks, quotes and backslashes"
            );
            return refuse(at(value), wrong);
        }
        if values.contains(text) {
            let wrong = format!("resource {name:?}, acr_values: {text:?} is there twice");
            return refuse(at(value), wrong);
        }
        values.push(text.clone());
    }
    Ok(values)
}
