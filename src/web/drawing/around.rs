//! Bodies in orbits around their centre, each name beside its body.

use super::{
    Drawing, describe,
    scene::{Disc, Label, Picture, Scene, Sized},
    sized, units,
};

/// How many are drawn, so that each finds its height on its own orbit; the list has them all.
const AT_MOST: usize = 12;

/// The measures of one shape, in its units.
struct Measures {
    shape: &'static str,
    width: f64,
    /// The radius of the largest body.
    largest: f64,
    /// The radius of the centre at most; its right half shows at the left edge.
    centre: f64,
    first_orbit: f64,
    /// Between two orbits at most; many bodies share the width.
    between_orbits: f64,
    /// Between two bodies from above to below.
    between_names: f64,
    /// What the outermost name may take.
    name: f64,
}

const WIDE: Measures = Measures {
    shape: "wide",
    width: 1040.0,
    largest: 22.0,
    centre: 136.0,
    first_orbit: 190.0,
    between_orbits: 104.0,
    between_names: 44.0,
    name: 150.0,
};

const NARROW: Measures = Measures {
    shape: "narrow",
    width: 340.0,
    largest: 15.0,
    centre: 70.0,
    first_orbit: 92.0,
    between_orbits: 24.0,
    between_names: 38.0,
    name: 110.0,
};

pub(super) fn picture(drawing: &Drawing, answer: &[String]) -> Picture {
    let (title, description) = describe(drawing, answer, AT_MOST);
    Picture {
        layout: "around",
        title,
        description,
        scenes: [
            scene(drawing, answer, &WIDE),
            scene(drawing, answer, &NARROW),
        ],
    }
}

/// Inner orbits get the heights near the middle, outer ones those further away, above and below by
/// turns. So each body finds its height on its own orbit, and no two names share one.
fn scene(drawing: &Drawing, answer: &[String], measures: &Measures) -> Scene {
    let mut bodies: Vec<Sized> = sized(drawing, answer, AT_MOST, measures.largest);
    bodies.sort_by_key(|body| body.known.unwrap_or(usize::MAX)); // the blueprint's order is outward

    let count = f64::from(u8::try_from(bodies.len()).unwrap_or(u8::MAX));
    let height = (measures.between_names * count + 20.0).max(2.0 * measures.centre + 32.0);
    let middle = height / 2.0;
    let room = measures.width - measures.first_orbit - measures.name;
    let between_orbits = (room / (count - 1.0).max(1.0)).min(measures.between_orbits);
    let radius = units(drawing, measures.largest)(&drawing.centre)
        .clamp(3.0 * measures.largest, measures.centre);

    let mut scene = Scene {
        shape: measures.shape,
        width: measures.width,
        height,
        centre: Disc::lit_from_the_left(0.0, middle, radius, 0),
        orbits: Vec::new(),
        bodies: Vec::new(),
        labels: Vec::new(),
    };
    let mut orbit = measures.first_orbit;
    let mut steps = 0.0;
    // Half a step off the middle, so that an even number stands symmetrically.
    let mut offset = match bodies.len() % 2 {
        0 => -measures.between_names / 2.0,
        _ => 0.0,
    };
    for body in bodies {
        let (x, y) = (
            (orbit * orbit - offset * offset).max(0.0).sqrt(),
            middle + offset,
        );
        scene.orbits.push(orbit);
        (scene.bodies).push(Disc::lit_from_the_left(x, y, body.radius, body.colour()));
        scene.labels.push(Label {
            x: x + body.radius + 8.0,
            y: y + 5.0,
            anchor: "start",
            text: body.name,
        });
        orbit += between_orbits;
        steps += measures.between_names;
        offset += if offset > 0.0 { -steps } else { steps };
    }
    scene
}
