//! Languages for data: JSON, YAML, XML; regular expressions; Markdown.

use super::{cannot, printable};
use crate::kit::Refused;
use std::fmt::{self, Write as _};

/// A JSON string, quotes and all; also one of JavaScript and of njs, and safe inside HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Of any text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' => formatter.write_str("\\\"")?,
                '\\' => formatter.write_str("\\\\")?,
                '<' | '>' | '&' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                    write!(formatter, "\\u{:04x}", u32::from(character))?;
                }
                c if c.is_control() => write!(formatter, "\\u{:04x}", u32::from(c))?,
                c => formatter.write_char(c)?,
            }
        }
        formatter.write_char('"')
    }
}

/// A JSON string inside a template of Go's, which reads two braces as its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Json);

impl Template {
    /// Of any text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Json::new(text))
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = self.0.to_string();
        formatter.write_str(&json.replace('{', "\\u007b").replace('}', "\\u007d"))
    }
}

/// A double-quoted YAML string, for YAML 1.1 and 1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yaml(String);

impl Yaml {
    /// Of any text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Yaml {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' => formatter.write_str("\\\"")?,
                '\\' => formatter.write_str("\\\\")?,
                ' '..='~' => formatter.write_char(character)?,
                c if u32::from(c) > 0xffff => write!(formatter, "\\U{:08x}", u32::from(c))?,
                c => write!(formatter, "\\u{:04x}", u32::from(c))?,
            }
        }
        formatter.write_char('"')
    }
}

/// XML text or the inside of an attribute's value: put the quotes around it yourself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xml(String);

impl Xml {
    /// # Errors
    /// When it holds a character that XML has no way to write.
    pub fn new(text: &str) -> Result<Self, Refused> {
        printable("XML", text)?;
        if text.contains(['\u{fffe}', '\u{ffff}']) {
            return Err(cannot("XML", text, "it holds a character that XML has not"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Xml {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                c => formatter.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A text as a regular expression that matches it alone, for PCRE, RE2 and POSIX: to be put through
/// the language's own type after.
#[must_use]
pub fn regex(text: &str) -> String {
    let mut expression = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            expression.push('\\');
        }
        expression.push(character);
    }
    expression
}

/// A text in a table of a README.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markdown(String);

impl Markdown {
    /// Of any text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Markdown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                c if c.is_control() => formatter.write_char(' ')?,
                c if r"\`*_{}[]<>()#!|&~$".contains(c) => write!(formatter, "\\{c}")?,
                c => formatter.write_char(c)?,
            }
        }
        Ok(())
    }
}
