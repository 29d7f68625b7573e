//! Reads a search: words, then what they say.

use super::{Operator, Search};
use crate::idp::okta::error::{OktaError, shown};
use serde_json::Value;

/// The longest expression, in bytes.
pub(super) const LONGEST: usize = 2048;
/// How deep parentheses may nest.
const DEPTH: usize = 8;

impl Search {
    /// # Errors
    /// When it is not of the language, or names an attribute that is not searched by.
    pub(in super::super) fn parse(text: &str, attributes: &[&str]) -> Result<Self, OktaError> {
        if text.len() > LONGEST {
            return Err(OktaError::Search(format!(
                "It must not be longer than {LONGEST} bytes"
            )));
        }
        let mut parser = Parser {
            words: words(text)?,
            attributes,
        };
        parser.words.reverse();
        let search = parser.any(0)?;
        match parser.words.pop() {
            None => Ok(search),
            Some(word) => Err(unexpected(&word)),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Word {
    Open,
    Close,
    Plain(String),
    Quoted(String),
}

fn words(text: &str) -> Result<Vec<Word>, OktaError> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '(' | ')' => {
                words.push(if first == '(' {
                    Word::Open
                } else {
                    Word::Close
                });
                &rest[1..]
            }
            '"' => {
                let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let Some(Ok(value)) = values.next() else {
                    return Err(OktaError::Search("a quoted value does not end".to_owned()));
                };
                words.push(Word::Quoted(value));
                &rest[values.byte_offset()..]
            }
            _ => {
                let end = rest.find([' ', '(', ')', '"']).unwrap_or(rest.len());
                words.push(Word::Plain(rest[..end].to_owned()));
                &rest[end..]
            }
        }
        .trim_start();
    }
    Ok(words)
}

struct Parser<'a> {
    /// The next one is the last.
    words: Vec<Word>,
    attributes: &'a [&'a str],
}

impl Parser<'_> {
    fn is_searched_by(&self, path: &str) -> bool {
        let is = |attribute: &&str| match attribute.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == *attribute,
        };
        self.attributes.iter().any(is)
    }

    fn any(&mut self, depth: usize) -> Result<Search, OktaError> {
        let mut any = vec![self.all(depth)?];
        while self.skip("or") {
            any.push(self.all(depth)?);
        }
        Ok(if any.len() == 1 {
            any.remove(0)
        } else {
            Search::Any(any)
        })
    }

    fn all(&mut self, depth: usize) -> Result<Search, OktaError> {
        let mut all = vec![self.one(depth)?];
        while self.skip("and") {
            all.push(self.one(depth)?);
        }
        Ok(if all.len() == 1 {
            all.remove(0)
        } else {
            Search::All(all)
        })
    }

    fn one(&mut self, depth: usize) -> Result<Search, OktaError> {
        match self.next()? {
            Word::Open if depth < DEPTH => {
                let inner = self.any(depth + 1)?;
                match self.next()? {
                    Word::Close => Ok(inner),
                    other => Err(unexpected(&other)),
                }
            }
            Word::Plain(path) if self.is_searched_by(&path) => self.condition(path),
            Word::Plain(path) => {
                let known = self.attributes.join(", ");
                Err(OktaError::Search(format!(
                    "{} is not searched by here: {known}",
                    shown(&path)
                )))
            }
            other => Err(unexpected(&other)),
        }
    }

    fn condition(&mut self, path: String) -> Result<Search, OktaError> {
        let word = self.next()?;
        let Word::Plain(name) = &word else {
            return Err(unexpected(&word));
        };
        if name.eq_ignore_ascii_case("pr") {
            return Ok(Search::Present(path));
        }
        let operator = Operator::parse(name).ok_or_else(|| unexpected(&word))?;
        let value = match self.next()? {
            Word::Quoted(value) => Value::String(value),
            Word::Plain(value) if value == "true" || value == "false" => {
                Value::Bool(value == "true")
            }
            other => return Err(unexpected(&other)),
        };
        Ok(Search::Compare(path, operator, value))
    }

    fn skip(&mut self, word: &str) -> bool {
        let is_next =
            matches!(self.words.last(), Some(Word::Plain(next)) if next.eq_ignore_ascii_case(word));
        if is_next {
            self.words.pop();
        }
        is_next
    }

    fn next(&mut self) -> Result<Word, OktaError> {
        let end = || OktaError::Search("it ends too early".to_owned());
        self.words.pop().ok_or_else(end)
    }
}

fn unexpected(word: &Word) -> OktaError {
    OktaError::Search(match word {
        Word::Open => "there is a ( that does not belong there, or too many".to_owned(),
        Word::Close => "there is a ) that does not belong there".to_owned(),
        Word::Plain(text) | Word::Quoted(text) => format!("{} does not belong there", shown(text)),
    })
}
