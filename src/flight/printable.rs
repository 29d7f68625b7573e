//! Text of somebody else's, made safe for a terminal, a log or a table.

/// The text on one line, without control characters, and cut after `limit` characters.
///
/// Marks that turn the direction of text count as control characters: they make a line read
/// otherwise than it is.
#[must_use]
pub fn printable(text: &str, limit: usize) -> String {
    let mut shown: String = text
        .chars()
        .take(limit)
        .map(|character| if is_plain(character) { character } else { ' ' })
        .collect();
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character neither steers a terminal nor makes a line read otherwise than it is.
#[must_use]
pub fn is_plain(character: char) -> bool {
    let turns = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let joins_unseen = matches!(character, '\u{2060}'..='\u{2064}' | '\u{feff}');
    !character.is_control() && !turns && !joins_unseen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn com_07_no_text_starts_a_second_line_or_reaches_the_terminal_raw() {
        for (raw, shown) in [
            ("plain ü", "plain ü"),
            ("\u{1b}[31mred\r\nnext", " [31mred  next"),
            ("\u{9b}2J\u{202e}txt\u{2028}", " 2J txt "),
            ("a\u{61c}b\u{2060}c\u{2064}d\u{feff}", "a b c d "),
        ] {
            assert_eq!(printable(raw, 100), shown);
        }
        assert_eq!(printable("äöü", 2), "äö…");
        assert_eq!(printable("äö", 2), "äö");
    }
}
