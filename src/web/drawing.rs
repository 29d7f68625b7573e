//! Draws an answer: bodies in a row from their centre outward, or in orbits around it.
//!
//! Sizes follow the square root of the radius, so that the small stay visible beside the large. Names
//! come from a gateway and may be anything: they are cut, counted, and escaped by the template.

mod around;
mod row;
mod scene;

use crate::blueprint::{Body, Drawing, Layout};
use askama::Template;
use scene::Sized;

/// The answer as SVG, ready to stand in a page: one picture for wide screens and one for narrow ones,
/// of which the stylesheet shows one. The list beside it says the same in words.
#[must_use]
pub fn draw(drawing: &Drawing, answer: &[String]) -> String {
    let picture = match drawing.layout {
        Layout::Row => row::picture(drawing, answer),
        Layout::Around => around::picture(drawing, answer),
    };
    picture.render().unwrap_or_default() // only writing fails, and a string takes everything
}

/// Looks names up and scales radii so that the largest body gets `largest` units.
fn sized(drawing: &Drawing, answer: &[String], at_most: usize, largest: f64) -> Vec<Sized> {
    let units = units(drawing, largest);
    answer
        .iter()
        .take(at_most)
        .map(|name| {
            let known = (drawing.bodies.iter())
                .position(|body| body.name.eq_ignore_ascii_case(name.trim()));
            let radius = known.map_or(0.4 * largest, |index| units(&drawing.bodies[index]));
            Sized {
                name: scene::cut(name),
                radius: radius.clamp(2.5, largest),
                known,
            }
        })
        .collect()
}

/// A scale from kilometres to units: square roots, the largest body of the blueprint as `largest`.
fn units(drawing: &Drawing, largest: f64) -> impl Fn(&Body) -> f64 + use<> {
    let root = |body: &Body| Some(body.radius_km.sqrt()).filter(|root| root.is_finite());
    let most = (drawing.bodies.iter().filter_map(root)).fold(1.0, f64::max);
    move |body| root(body).unwrap_or(0.0) / most * largest
}

/// The words for who does not see the picture.
fn describe(drawing: &Drawing, answer: &[String], drawn: usize) -> (String, String) {
    let centre = scene::cut(&drawing.centre.name);
    let title = match drawing.layout {
        Layout::Row => format!("From the {centre} outward"),
        Layout::Around => format!("Around {centre}"),
    };
    let names: Vec<_> = answer
        .iter()
        .take(drawn)
        .map(|name| scene::cut(name))
        .collect();
    let rest = answer.len().saturating_sub(drawn);
    let rest = if rest == 0 {
        String::new()
    } else {
        format!(" and {rest} more, not drawn")
    };
    let names = if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    };
    (
        title,
        format!("{names}{rest}. Sizes by the square root of the radius."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(name: &str, radius_km: f64) -> Body {
        Body {
            name: name.to_owned(),
            radius_km,
        }
    }

    fn drawing(layout: Layout) -> Drawing {
        Drawing {
            layout,
            centre: body("Sun", 695_700.0),
            bodies: vec![body("mercury", 2_440.0), body("jupiter", 69_911.0)],
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn each_name_is_text_and_the_picture_is_described() {
        for layout in [Layout::Row, Layout::Around] {
            let svg = draw(&drawing(layout), &names(&["Mercury", "Jupiter", "Vulcan"]));
            for name in ["Sun", "Mercury", "Jupiter", "Vulcan"] {
                assert!(
                    svg.contains(&format!(">{name}</text>")) || name == "Sun",
                    "{name}"
                );
                assert!(svg.contains(name), "{name}");
            }
            assert!(
                svg.contains(r#"role="img""#) && svg.contains("<title") && svg.contains("<desc")
            );
        }
    }

    #[test]
    fn a_hostile_answer_stays_text_and_small() {
        let mut answer = names(&["<script>alert(1)</script>", "\"><img src=x>", ""]);
        answer.extend(std::iter::repeat_n("x".repeat(100_000), 10_000));
        for layout in [Layout::Row, Layout::Around] {
            let svg = draw(&drawing(layout), &answer);
            assert!(!svg.contains("<script") && !svg.contains("<img"));
            assert!(svg.len() < 40_000, "{}", svg.len());
            assert!(svg.contains("more, not drawn"));
        }
    }

    #[test]
    fn absurd_radii_draw_something_finite() {
        for radius in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX] {
            for layout in [Layout::Row, Layout::Around] {
                let absurd = Drawing {
                    layout,
                    centre: body("Sun", radius),
                    bodies: vec![body("mercury", radius)],
                };
                let svg = draw(&absurd, &names(&["Mercury"]));
                assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{radius}");
            }
        }
    }

    #[test]
    fn sizes_follow_the_square_root() {
        let sizes = sized(
            &drawing(Layout::Row),
            &names(&["JUPITER", "mercury", "?"]),
            9,
            60.0,
        );
        assert!((sizes[0].radius - 60.0).abs() < 0.01);
        assert!((sizes[1].radius - 60.0 * (2_440.0_f64 / 69_911.0).sqrt()).abs() < 0.01);
        assert_eq!(sizes[2].known, None);
    }
}
