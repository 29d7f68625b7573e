//! What a check saw: what was expected, what came, and what would mend the difference.

mod junit;
mod summary;

pub use junit::{Suite, junit};
pub use summary::Summary;

use serde::Serialize;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As expected.
    Pass,
    /// It could not be found out from here. Never counted as passed.
    NotTestable,
    /// Safe, but not as it should be: 401 where 403 is due, a challenge that is missing.
    Blemish,
    /// What should work does not: somebody with every right is refused.
    Failure,
    /// Somebody got what they must not get.
    Hole,
}

impl Verdict {
    /// All of them, the harmless ones first.
    pub const ALL: [Self; 5] = [
        Self::Pass,
        Self::NotTestable,
        Self::Blemish,
        Self::Failure,
        Self::Hole,
    ];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Pass => "as expected",
            Self::NotTestable => "not testable here",
            Self::Blemish => "blemish",
            Self::Failure => "failure",
            Self::Hole => "hole",
        }
    }
}

/// One check and what it saw. No text in it holds a token or another secret, and what a server said
/// is cut, on one line, and without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Names the check, the same in every run.
    pub id: String,
    /// What was tried, for people.
    pub title: String,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub got: String,
    /// How it went.
    pub verdict: Verdict,
    /// Why it is not as expected, or why it cannot be tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What would mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// What was sent and what came back, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

impl Finding {
    /// How much it takes, roughly, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let texts = [&self.id, &self.title, &self.expected, &self.got];
        let texts = texts.into_iter().chain(&self.reason).chain(&self.fix);
        let texts = texts.chain(&self.evidence);
        texts.map(|text| text.len() + 32).sum::<usize>() + 64
    }
}

/// Somebody who looks whether what is set up fits together. Rooms know it by this alone.
#[async_trait::async_trait]
pub trait Examiner: Send + Sync {
    /// Runs every check, in order. It ends by itself, within the time it was given.
    async fn examine(&self) -> Vec<Finding>;
}
