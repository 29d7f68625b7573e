//! One token as the home page shows it: decoded, each claim explained, never the token itself.

use super::{ClaimRow, ScopeChip, how_long};

/// A token, looked at.
#[derive(Clone, Debug)]
pub struct TokenView {
    /// "ID token" or "access token".
    pub title: String,
    /// What could be read.
    pub kind: TokenKind,
    /// How long it still lives, when that is known.
    pub life: Option<Life>,
    /// The scopes that it carries; empty for an ID token.
    pub scopes: Vec<ScopeChip>,
    /// One sentence on what this token is for.
    pub note: String,
}

/// What could be read of a token.
#[derive(Clone, Debug)]
pub enum TokenKind {
    /// A signed JWT.
    Jwt {
        /// The members of its header.
        header: Vec<ClaimRow>,
        /// Its claims.
        claims: Vec<ClaimRow>,
    },
    /// A string that means something to its issuer alone.
    Opaque,
}

/// How long a token still lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// In words: "9 minutes left".
    pub sentence: String,
    /// Seconds left, 0 when it has ended.
    pub value: i64,
    /// Seconds from its issue to its end, at least 1.
    pub max: i64,
}

impl Life {
    /// The life of a token that was issued at `issued_at` and ends at `expires_at`, seen at `now`.
    /// All in seconds since 1970; they may be any number.
    #[must_use]
    pub fn of(issued_at: Option<i64>, expires_at: i64, now: i64) -> Self {
        let value = expires_at.saturating_sub(now).max(0);
        let whole = expires_at.saturating_sub(issued_at.unwrap_or(now));
        let sentence = if value == 0 {
            format!("ended {} ago", how_long(now.saturating_sub(expires_at)))
        } else {
            format!("{} left", how_long(value))
        };
        Self {
            sentence,
            value,
            max: whole.max(value).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_told_in_words_and_never_overflows() {
        let life = Life::of(Some(0), 600, 60);
        assert_eq!(
            (life.sentence.as_str(), life.value, life.max),
            ("9 minutes left", 540, 600)
        );
        let ended = Life::of(None, 600, 660);
        assert_eq!(
            (ended.sentence.as_str(), ended.value, ended.max),
            ("ended 1 minute ago", 0, 1)
        );
        assert_eq!(Life::of(Some(i64::MIN), i64::MAX, i64::MIN).max, i64::MAX);
    }
}
