//! Values as configuration languages write them. Each type prints itself quoted or escaped for one
//! place, so that a template holds no raw text: `{{ issuer }}` is a whole YAML string, quotes and all,
//! when its type is [`Yaml`]. Where a language cannot hold a value, making the type is refused.
//!
//! Templates of kits are rendered without an escaper of askama's own (`escape = "none"`): these types do
//! it, and tests parse the results back.

mod dataweave;
mod programs;
mod text;

pub use dataweave::{DataWeave, mule};
pub use programs::{Apache, Caddy, EnvoyFormat, Haproxy, HaproxyFormat, Hcl, Lua, Nginx, Shell};
pub use text::{Json, Markdown, Template, Xml, Yaml, regex};

use super::Refused;

/// A place that cannot hold a value.
fn cannot(place: &str, value: &str, why: &str) -> Refused {
    let shown: String = value
        .chars()
        .flat_map(char::escape_debug)
        .take(200)
        .collect();
    Refused(format!("{place} cannot hold \"{shown}\": {why}"))
}

/// No line end, no other control character: none of ours holds one, and several languages end a
/// string at one.
fn printable(place: &str, value: &str) -> Result<(), Refused> {
    if value.chars().any(char::is_control) {
        return Err(cannot(place, value, "it holds a control character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
