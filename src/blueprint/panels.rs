//! The home page's side of a blueprint: a panel for each level.

use super::model::{Blueprint, Resource};
use crate::oauth::Scopes;

/// What the home page shows of a level.
#[derive(Clone, Debug)]
pub struct Panel {
    /// The level's name.
    pub level: String,
    /// Its place among the levels, from 1: as many rings has its mark.
    pub rings: usize,
    /// Who is in this group has the level.
    pub group: String,
    /// What this level may see.
    pub sentence: String,
    /// Exactly what its button asks for.
    pub scopes: Scopes,
    /// Its resources, in the level's order.
    pub resources: Vec<Resource>,
}

/// The panels of a blueprint, in the order of its levels.
#[must_use]
pub fn panels(blueprint: &Blueprint) -> Vec<Panel> {
    blueprint
        .levels
        .iter()
        .zip(1..)
        .map(|(level, rings)| Panel {
            level: level.name.clone(),
            rings,
            group: level.group.clone(),
            sentence: level.sentence.clone(),
            scopes: level.scopes.clone(),
            resources: level
                .resources
                .iter()
                .filter_map(|name| blueprint.resource(name))
                .cloned()
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_panels_are_bronze_silver_and_gold() {
        let panels = panels(&Blueprint::default());
        let seen: Vec<String> = panels
            .iter()
            .map(|panel| {
                let shown = panel
                    .resources
                    .iter()
                    .map(|resource| resource.show_me.as_str());
                let shown = shown.collect::<Vec<_>>().join(" ");
                format!(
                    "{} {} {} ({}): {shown}",
                    panel.rings, panel.level, panel.group, panel.scopes
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                "1 bronze bronze (openid): show me the visitors! show me some asteroids!",
                "2 silver silver (openid http://myapp.com/scp/silver): show me the planets!",
                "3 gold gold (openid http://myapp.com/scp/silver http://myapp.com/scp/gold): show me some moons!",
            ]
        );
    }

    #[test]
    fn the_drawings_of_the_default_have_a_centre_and_every_body() {
        let blueprint = Blueprint::default();
        let drawn = |name: &str| blueprint.resource(name).unwrap().drawing.clone().unwrap();
        let (planets, moons) = (drawn("planets"), drawn("moons"));
        assert_eq!(
            (planets.centre.name.as_str(), moons.centre.name.as_str()),
            ("Sun", "Jupiter")
        );
        assert_eq!((planets.bodies.len(), moons.bodies.len()), (8, 8));
        assert_eq!(planets.bodies[0].name, "Mercury");
        assert!(blueprint.resource("comets").unwrap().drawing.is_none());
    }
}
