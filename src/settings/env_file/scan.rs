//! Where in a `.env` file the values stand.

use std::ops::Range;

/// A line that sets a name, or several lines if its quotes hold line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) name: String,
    /// The value with its quotes, without the blanks around it and without a comment behind it.
    pub(super) value: Range<usize>,
}

/// All lines that set something, in their order.
pub(super) fn assignments(text: &str) -> Vec<Assignment> {
    let mut found = Vec::new();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    while at < text.len() {
        let line = at..end_of_line(text, at);
        if let Some((name, after_equals)) = head(&text[line.clone()]) {
            let value = value(text, at + after_equals);
            at = end_of_line(text, value.end);
            let name = name.to_owned();
            found.push(Assignment { name, value });
        } else {
            at = line.end;
        }
    }
    found
}

/// The place of a line such as `#NAME=`, as `.env_example` has it; without its line end.
pub(super) fn blank_comment(text: &str, name: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let commented = bare.strip_prefix('#').map(str::trim_start);
        if commented.and_then(|rest| rest.strip_prefix(name)) == Some("=") {
            return Some(at..at + bare.len());
        }
        at += line.len();
    }
    None
}

fn end_of_line(text: &str, from: usize) -> usize {
    text[from..]
        .find('\n')
        .map_or(text.len(), |length| from + length + 1)
}

/// The name that a line sets, and where what follows its `=` begins.
fn head(line: &str) -> Option<(&str, usize)> {
    let equals = line.find('=')?;
    let name = line[..equals].trim();
    let name = match name.strip_prefix("export") {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => name,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let good = !name.is_empty() && name.chars().all(plain);
    good.then_some((name, equals + 1))
}

/// From behind an `=` to the end of the value; quotes may hold line ends.
fn value(text: &str, from: usize) -> Range<usize> {
    let blank = |c: char| c.is_whitespace() && c != '\n' && c != '\r';
    let start = text[from..]
        .find(|c| !blank(c))
        .map_or(text.len(), |length| from + length);
    let (mut quote, mut escaped, mut before) = (None, false, ' ');
    let mut end = start;
    for (offset, character) in text[start..].char_indices() {
        let at = start + offset;
        let comment = character == '#' && quote.is_none() && before.is_whitespace() && !escaped;
        if comment || character == '\n' && quote.is_none() {
            break;
        }
        // The reader lets a backslash keep a quote's end from being one when it joins lines.
        match (character, quote) {
            _ if escaped => escaped = false,
            ('\\', _) => escaped = true,
            ('\'' | '"', None) => quote = Some(character),
            (close, Some(open)) if close == open => quote = None,
            _ => {}
        }
        before = character;
        if quote.is_some() || !character.is_whitespace() {
            end = at + character.len_utf8();
        }
    }
    // An empty value stands right behind its `=`.
    if end == start { from..from } else { start..end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_with_their_quotes_and_without_comments() {
        let text = "# A=0\nA=1 # one\nexport B = 'x # y' #z\n\nC=\"\"\r\nD=\nE= # nothing\nF='a\nG=2\nb'\nG=don't-close'\nnonsense\nH=#x\nI=a#b";
        let found: Vec<_> = assignments(text)
            .into_iter()
            .map(|one| (one.name, text[one.value].to_owned()))
            .collect();
        let expected = [
            ("A", "1"),
            ("B", "'x # y'"),
            ("C", "\"\""),
            ("D", ""),
            ("E", ""),
            ("F", "'a\nG=2\nb'"),
            ("G", "don't-close'"),
            ("H", ""),
            ("I", "a#b"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn only_a_commented_line_without_a_value_is_there_to_be_filled() {
        let text = "#A=1\n# B=\n#C=\r\nD=\n#  D= \n";
        assert_eq!(blank_comment(text, "A"), None);
        assert_eq!(blank_comment(text, "B").map(|at| &text[at]), Some("# B="));
        assert_eq!(blank_comment(text, "C").map(|at| &text[at]), Some("#C="));
        assert_eq!(blank_comment(text, "D").map(|at| &text[at]), Some("#  D="));
        assert_eq!(blank_comment(text, "E"), None);
    }
}
