//! The languages of single programs, and of shells.

use super::{cannot, printable};
use crate::kit::Refused;
use std::fmt::{self, Write as _};

/// Writes `text` in quotes, with `escape` for each character that needs one.
fn quoted(
    formatter: &mut fmt::Formatter<'_>,
    text: &str,
    escape: impl Fn(char) -> Option<&'static str>,
) -> fmt::Result {
    formatter.write_char('"')?;
    for character in text.chars() {
        match escape(character) {
            Some(escaped) => formatter.write_str(escaped)?,
            None => formatter.write_char(character)?,
        }
    }
    formatter.write_char('"')
}

/// A word of a POSIX shell, in single quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell(String);

impl Shell {
    /// # Errors
    /// When it holds a control character.
    pub fn new(text: &str) -> Result<Self, Refused> {
        printable("a shell command", text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Shell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "'{}'", self.0.replace('\'', r"'\''"))
    }
}

/// A parameter of an nginx directive. nginx has no way to write a dollar where it expands variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nginx(String);

impl Nginx {
    /// # Errors
    /// When it holds a dollar or a control character.
    pub fn new(text: &str) -> Result<Self, Refused> {
        printable("nginx", text)?;
        if text.contains('$') {
            return Err(cannot("nginx", text, "a dollar begins a variable there"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text and behind it what a variable holds, as one parameter.
    #[must_use]
    pub fn then(&self, variable: &'static str) -> String {
        let quoted = self.to_string();
        format!("{}${variable}\"", &quoted[..quoted.len() - 1])
    }
}

impl fmt::Display for Nginx {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        quoted(formatter, &self.0, |character| match character {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            _ => None,
        })
    }
}

/// A double-quoted word of `HAProxy`'s configuration, not one that is a log format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Haproxy(String);

impl Haproxy {
    /// # Errors
    /// When it holds a control character.
    pub fn new(text: &str) -> Result<Self, Refused> {
        printable("HAProxy", text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Haproxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        quoted(formatter, &self.0, |character| match character {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            '$' => Some("\\$"),
            _ => None,
        })
    }
}

/// The same where `HAProxy` reads a log format, such as a header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaproxyFormat(Haproxy);

impl HaproxyFormat {
    /// # Errors
    /// When it holds a control character.
    pub fn new(text: &str) -> Result<Self, Refused> {
        Haproxy::new(&text.replace('%', "%%")).map(Self)
    }
}

impl fmt::Display for HaproxyFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An argument of an Apache directive. Apache expands `${…}` before it reads quotes, and `%{…}` where it
/// reads an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apache(String);

impl Apache {
    /// # Errors
    /// When it holds `${`, `%{` or a control character.
    pub fn new(text: &str) -> Result<Self, Refused> {
        printable("Apache", text)?;
        if text.contains("${") || text.contains("%{") {
            return Err(cannot("Apache", text, "a variable begins so there"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Apache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        quoted(formatter, &self.0, |character| match character {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            _ => None,
        })
    }
}

/// A token of a Caddyfile, between backticks: nothing is escaped there, and braces are placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caddy(String);

impl Caddy {
    /// # Errors
    /// When it holds a backtick, a brace or a control character.
    pub fn new(text: &str) -> Result<Self, Refused> {
        printable("a Caddyfile", text)?;
        if text.contains(['{', '}', '`']) {
            return Err(cannot(
                "a Caddyfile",
                text,
                "a brace begins a placeholder there, and a backtick ends a token",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text and behind it what a placeholder stands for, as one token.
    #[must_use]
    pub fn then(mut self, placeholder: &'static str) -> Self {
        self.0.push_str(placeholder);
        self
    }
}

impl fmt::Display for Caddy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`", self.0)
    }
}

/// A text where Envoy reads a format: to be put through [`super::Yaml`] after.
pub struct EnvoyFormat;

impl EnvoyFormat {
    /// The text with what begins a command written twice.
    #[must_use]
    pub fn text(text: &str) -> String {
        text.replace('%', "%%")
    }
}

/// A quoted HCL string, without templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hcl(String);

impl Hcl {
    /// # Errors
    /// When it holds a control character.
    pub fn new(text: &str) -> Result<Self, Refused> {
        printable("HCL", text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Hcl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.0.replace('\\', "\\\\").replace('"', "\\\"");
        let plain = plain.replace("${", "$${").replace("%{", "%%{");
        write!(formatter, "\"{plain}\"")
    }
}

/// A quoted Lua string, for 5.1 and newer: everything but plain characters by its bytes' numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lua(String);

impl Lua {
    /// Of any text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Lua {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b" -._~:/@+,=!".contains(&byte) {
                formatter.write_char(char::from(byte))?;
            } else {
                write!(formatter, "\\{byte:03}")?;
            }
        }
        formatter.write_char('"')
    }
}
