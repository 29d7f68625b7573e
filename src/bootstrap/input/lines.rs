//! On which line of an input an entry, or a member of it, stands.

use std::collections::HashMap;

/// Lines of the names in the two outer levels of a JSON text. Names with escapes are not found.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(HashMap<(String, Option<String>), usize>);

impl Lines {
    /// Looks through a text that is known to be JSON.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = HashMap::new();
        let (mut line, mut depth) = (1, 0_usize);
        let mut entry = String::new();
        let mut last: Option<(String, usize)> = None;
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '\n' => line += 1,
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                '"' => last = Some((rest_of_string(&mut characters), line)),
                ':' => {
                    if let (Some((name, at)), true) = (last.take(), depth == 1 || depth == 2) {
                        let member = (depth == 2).then(|| name.clone());
                        if depth == 1 {
                            entry = name;
                        }
                        lines.entry((entry.clone(), member)).or_insert(at);
                    }
                }
                _ => {}
            }
        }
        Self(lines)
    }

    /// The line of a member, or of the entry where it has none of that name.
    pub(super) fn find(&self, entry: &str, member: Option<&str>) -> Option<usize> {
        let member = (entry.to_owned(), member.map(str::to_owned));
        let found = self.0.get(&member);
        found.or_else(|| self.0.get(&(member.0, None))).copied()
    }
}

fn rest_of_string(characters: &mut std::str::Chars<'_>) -> String {
    let mut name = String::new();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => {
                name.push('\\');
                name.extend(characters.next());
            }
            other => name.push(other),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_and_members_are_found_and_texts_are_not() {
        let text = "{\n\"A\": {\n \"hint\": \"x \\\" : \\\"\",\n \"default\": {\n  \"B\": 1}},\n\n\"B\":{\"hint\":\n\"\"}}";
        let lines = Lines::of(text);
        assert_eq!(lines.find("A", None), Some(2));
        assert_eq!(lines.find("A", Some("default")), Some(4));
        assert_eq!(lines.find("A", Some("no such")), Some(2));
        assert_eq!(lines.find("B", Some("hint")), Some(7));
        assert_eq!(lines.find("C", None), None);
    }
}
