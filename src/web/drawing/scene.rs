//! What a picture is made of, and the template that prints it.

use askama::Template;
use std::borrow::Borrow;

/// A picture in its two shapes.
#[derive(Template)]
#[template(path = "drawing.html", whitespace = "minimize")]
pub(super) struct Picture {
    /// For a class: "row" or "around".
    pub(super) layout: &'static str,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) scenes: [Scene; 2],
}

/// One shape of a picture, in units of its view box; it begins at 0 0.
pub(super) struct Scene {
    /// For a class: "wide" or "narrow".
    pub(super) shape: &'static str,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) centre: Disc,
    /// Radii of the circles around the centre.
    pub(super) orbits: Vec<f64>,
    pub(super) bodies: Vec<Disc>,
    pub(super) labels: Vec<Label>,
}

/// A body, lit from the left, or from above.
pub(super) struct Disc {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) r: f64,
    /// Which of the colours: 0 for a body that the blueprint does not know.
    pub(super) colour: usize,
    pub(super) from_above: bool,
}

/// A name.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) y: f64,
    /// `start` or `middle`.
    pub(super) anchor: &'static str,
    pub(super) text: String,
}

/// A body with its size, not yet placed.
#[derive(Debug)]
pub(super) struct Sized {
    pub(super) name: String,
    pub(super) radius: f64,
    /// Its position among the blueprint's bodies.
    pub(super) known: Option<usize>,
}

impl Sized {
    /// Eight colours take turns; what is not known has its own.
    pub(super) fn colour(&self) -> usize {
        self.known.map_or(0, |index| index % 8 + 1)
    }

    /// About how wide the name is at 15 units.
    pub(super) fn name_width(&self) -> f64 {
        8.3 * f64::from(u8::try_from(self.name.chars().count()).unwrap_or(u8::MAX))
    }
}

/// At most 18 characters of a name.
pub(super) fn cut(name: &str) -> String {
    let name = name.trim();
    if name.chars().nth(18).is_none() {
        return name.to_owned();
    }
    name.chars().take(17).chain(['…']).collect()
}

/// One decimal is enough for a pixel.
fn round(length: impl Borrow<f64>) -> f64 {
    (length.borrow() * 10.0).round() / 10.0
}

impl Disc {
    /// A body with the light at its left.
    pub(super) fn lit_from_the_left(x: f64, y: f64, r: f64, colour: usize) -> Self {
        Self {
            x: round(x),
            y: round(y),
            r: round(r),
            colour,
            from_above: false,
        }
    }
}
