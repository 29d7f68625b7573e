//! What one check saw, on its way to a finding.

use crate::{
    finding::{Finding, Verdict},
    flight::printable,
    oauth::{Secret, basic_credentials},
};

/// The longest sentence of a finding, in characters.
const LONGEST: usize = 600;
/// How many lines of evidence are kept.
const LINES: usize = 40;

/// What a check saw.
#[derive(Clone, Debug)]
pub(super) struct Saw {
    verdict: Verdict,
    got: String,
    reason: Option<String>,
    fix: Option<String>,
    evidence: Vec<String>,
}

impl Saw {
    fn new(verdict: Verdict, got: impl Into<String>) -> Self {
        Self {
            verdict,
            got: got.into(),
            reason: None,
            fix: None,
            evidence: Vec::new(),
        }
    }

    /// As expected.
    pub(super) fn pass(got: impl Into<String>) -> Self {
        Self::new(Verdict::Pass, got)
    }

    /// It cannot be found out from here.
    pub(super) fn untestable(reason: impl Into<String>) -> Self {
        let mut saw = Self::new(Verdict::NotTestable, "not testable here");
        saw.reason = Some(reason.into());
        saw
    }

    /// It works, and should not stay so.
    pub(super) fn blemish(got: impl Into<String>, reason: &str, fix: impl Into<String>) -> Self {
        Self::new(Verdict::Blemish, got).because(reason, fix)
    }

    /// It does not work.
    pub(super) fn failure(got: impl Into<String>, reason: &str, fix: impl Into<String>) -> Self {
        Self::new(Verdict::Failure, got).because(reason, fix)
    }

    /// Somebody gets what they must not get.
    pub(super) fn hole(got: impl Into<String>, reason: &str, fix: impl Into<String>) -> Self {
        Self::new(Verdict::Hole, got).because(reason, fix)
    }

    fn because(mut self, reason: &str, fix: impl Into<String>) -> Self {
        self.reason = Some(reason.to_owned());
        self.fix = Some(fix.into());
        self
    }

    /// One more line of what was sent and came back.
    pub(super) fn line(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }

    /// More lines.
    pub(super) fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(lines);
        self
    }

    pub(super) fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The finding, each text on one line, cut, and without any of `secrets`.
    pub(super) fn finding(
        self,
        id: &str,
        title: &str,
        expected: &str,
        secrets: &Struck,
    ) -> Finding {
        let clean = |text: &str| printable(&secrets.strike(text), LONGEST);
        let evidence = self.evidence.iter().take(LINES);
        Finding {
            id: id.to_owned(),
            title: title.to_owned(),
            expected: expected.to_owned(),
            got: clean(&self.got),
            verdict: self.verdict,
            reason: self.reason.as_deref().map(clean),
            fix: self.fix.as_deref().map(clean),
            evidence: evidence.map(|line| clean(line)).collect(),
        }
    }
}

/// What no finding may hold, in whatever form a server may send it back.
#[derive(Default)]
pub(super) struct Struck(Vec<String>);

impl Struck {
    /// One more secret: as it is, and as it goes in a form.
    pub(super) fn add(&mut self, secret: &Secret) {
        let text = secret.expose();
        if text.len() < 4 {
            return; // it would tear holes into every word
        }
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        self.0.extend([text.to_owned(), encoded]);
    }

    /// A client's secret, also as Basic credentials.
    pub(super) fn add_client(&mut self, client_id: &str, secret: &Secret) {
        self.add(secret);
        let basic = basic_credentials(client_id, secret);
        let encoded = basic.expose().trim_start_matches("Basic ");
        self.add(&Secret::new(encoded));
    }

    fn strike(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "[secret]");
            }
            if text.contains('…') {
                text = without_beginning(text, secret);
            }
        }
        text
    }
}

/// The beginning of a secret, where a text was cut within it.
fn without_beginning(text: String, secret: &str) -> String {
    let ends: Vec<usize> = secret.char_indices().map(|(end, _)| end).collect();
    let cut = ends.into_iter().rev().filter(|end| *end >= 4);
    for end in cut {
        let beginning = format!("{}…", &secret[..end]);
        if text.contains(&beginning) {
            return text.replace(&beginning, "[secret]…");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_finding_holds_a_secret_in_any_of_its_forms_or_a_second_line() {
        let mut struck = Struck::default();
        let secret = Secret::new("a canary & more");
        struck.add_client("app", &secret);
        let basic = basic_credentials("app", &secret);
        let echo = format!(
            "a canary & more\u{1b}[31m\r\na+canary+%26+more {}",
            basic.expose()
        );
        let saw = Saw::failure(echo.clone(), &echo, echo.clone()).line(echo);
        let finding = saw.finding("id", "title", "expected", &struck);
        let told = serde_json::to_string(&finding).unwrap();
        assert!(!told.contains("canary"), "{told}");
        assert!(!told.contains(basic.expose().trim_start_matches("Basic ")));
        assert!(!told.contains("\\u001b") && !told.contains("\\n"), "{told}");
    }

    #[test]
    fn a_text_that_was_cut_within_a_secret_shows_none_of_it() {
        let mut struck = Struck::default();
        struck.add(&Secret::new("canary-of-a-secret"));
        for cut in 4..18 {
            let told = struck.strike(&format!("said: {}…", &"canary-of-a-secret"[..cut]));
            assert_eq!(told, "said: [secret]…");
        }
        assert_eq!(struck.strike("cut…"), "cut…");
    }
}
