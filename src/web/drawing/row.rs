//! Bodies in the answer's order, from the centre outward: to the right, or down on a narrow screen.

use super::{
    Drawing, describe,
    scene::{Disc, Label, Picture, Scene, Sized},
    sized, units,
};

/// How many are drawn; the list has them all.
const AT_MOST: usize = 24;

pub(super) fn picture(drawing: &Drawing, answer: &[String]) -> Picture {
    let (title, description) = describe(drawing, answer, AT_MOST);
    Picture {
        layout: "row",
        title,
        description,
        scenes: [wide(drawing, answer), narrow(drawing, answer)],
    }
}

/// The centre's radius: to scale, but always larger than the bodies, and never so large that its edge
/// looks straight.
fn centre_radius(drawing: &Drawing, largest: f64) -> f64 {
    units(drawing, largest)(&drawing.centre).clamp(1.5 * largest, 4.0 * largest)
}

/// Rows of bodies beside the centre, whose edge shows at the left.
fn wide(drawing: &Drawing, answer: &[String]) -> Scene {
    const WIDTH: f64 = 1040.0;
    const LARGEST: f64 = 62.0;
    const EDGE: f64 = 58.0;
    const ROW: f64 = 2.0 * LARGEST + 76.0;
    let radius = centre_radius(drawing, LARGEST);
    let middle = ROW / 2.0 - 8.0;
    let slot = |body: &Sized| (2.0 * body.radius).max(body.name_width());
    let room = WIDTH - EDGE - 24.0;

    let mut rows: Vec<Vec<Sized>> = vec![Vec::new()];
    let mut taken = 0.0;
    for body in sized(drawing, answer, AT_MOST, LARGEST) {
        let needed = slot(&body) + 22.0;
        if taken + needed > room {
            rows.push(Vec::new());
            taken = 0.0;
        }
        taken += needed;
        rows.last_mut().expect("there is a first row").push(body);
    }

    let mut scene = Scene {
        shape: "wide",
        width: WIDTH,
        height: 0.0,
        centre: Disc::lit_from_the_left(EDGE - radius, middle, radius, 0),
        orbits: Vec::new(),
        bodies: Vec::new(),
        labels: Vec::new(),
    };
    for (index, row) in rows.into_iter().enumerate() {
        let y = middle + scene.height;
        let slots: f64 = row.iter().map(slot).sum();
        let count = f64::from(u8::try_from(row.len()).unwrap_or(u8::MAX));
        let gap = ((room - slots) / count.max(1.0)).min(64.0);
        let mut x = EDGE + gap;
        for body in row {
            x += slot(&body) / 2.0;
            if index == 0 {
                scene.orbits.push(x - scene.centre.x);
            }
            scene
                .bodies
                .push(Disc::lit_from_the_left(x, y, body.radius, body.colour()));
            let label = Label {
                x,
                y: y + LARGEST + 30.0,
                anchor: "middle",
                text: body.name.clone(),
            };
            scene.labels.push(label);
            x += slot(&body) / 2.0 + gap;
        }
        scene.height += ROW;
    }
    scene
}

/// A column of bodies under the centre, whose edge shows at the top.
fn narrow(drawing: &Drawing, answer: &[String]) -> Scene {
    const WIDTH: f64 = 340.0;
    const LARGEST: f64 = 46.0;
    const EDGE: f64 = 40.0;
    const COLUMN: f64 = 96.0;
    let radius = centre_radius(drawing, 1.6 * LARGEST);
    let mut scene = Scene {
        shape: "narrow",
        width: WIDTH,
        height: EDGE + 18.0,
        centre: Disc {
            from_above: true,
            ..Disc::lit_from_the_left(COLUMN, EDGE - radius, radius, 0)
        },
        orbits: Vec::new(),
        bodies: Vec::new(),
        labels: Vec::new(),
    };
    for body in sized(drawing, answer, AT_MOST, LARGEST) {
        let half = body.radius.max(11.0);
        let y = scene.height + half;
        scene.orbits.push(y - scene.centre.y);
        scene.bodies.push(Disc {
            from_above: true,
            ..Disc::lit_from_the_left(COLUMN, y, body.radius, body.colour())
        });
        scene.labels.push(Label {
            x: COLUMN + LARGEST + 22.0,
            y: y + 5.0,
            anchor: "start",
            text: body.name,
        });
        scene.height = y + half + 14.0;
    }
    scene
}
