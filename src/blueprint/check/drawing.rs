//! Drawings: round bodies with real radii, one for each entry of the answer.

use super::{Checked, Once, Text, at, document, refuse, word};
use crate::blueprint::model::{Body, Drawing, Layout};

pub(super) fn one(document: &document::Drawing) -> Checked<Drawing> {
    let layout = match document.layout.get_ref().as_str() {
        "row" => Layout::Row,
        "around" => Layout::Around,
        other => {
            return refuse(
                at(&document.layout),
                format!("layout {other:?} is not known: write \"row\" or \"around\""),
            );
        }
    };
    let mut names = Once::default();
    let mut bodies = Vec::with_capacity(document.bodies.len());
    for listed in &document.bodies {
        names.note("body", &listed.name)?;
        bodies.push(body(listed)?);
    }
    Ok(Drawing {
        layout,
        centre: body(&document.centre)?,
        bodies,
    })
}

/// What is answered but not drawn would be missing from the picture without a word.
pub(super) fn has_all(drawing: &Drawing, resource: &str, answer: &[Text]) -> Checked<()> {
    match answer
        .iter()
        .find(|entry| drawing.body(entry.get_ref()).is_none())
    {
        None => Ok(()),
        Some(entry) => refuse(
            at(entry),
            format!(
                "resource {resource:?} answers {:?}, which its drawing does not have: add it to bodies",
                entry.get_ref()
            ),
        ),
    }
}

fn body(document: &document::Body) -> Checked<Body> {
    let radius_km = *document.radius_km.get_ref();
    if !(radius_km.is_finite() && radius_km > 0.0) {
        return refuse(
            at(&document.radius_km),
            format!("radius_km {radius_km} is no radius: write kilometres above 0"),
        );
    }
    Ok(Body {
        name: word("body", &document.name)?,
        radius_km,
    })
}
