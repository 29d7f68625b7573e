//! Why a token is not taken, in words for a person and in a code for a log.

/// Why a token is not taken. No variant holds the token or its signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Longer than what is looked at.
    #[error("The token is longer than {limit} bytes.")]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// Not a compact JWS as RFC 7515 has it, or not strict about it.
    #[error("The token is malformed: {0}.")]
    Malformed(&'static str),
    /// `alg` is none of those that are agreed with this issuer.
    #[error("The token's algorithm {0:?} is not one that is agreed with its issuer.")]
    AlgorithmNotAllowed(String),
    /// The header demands an extension (`crit`): none is known here (RFC 7515, section 4.1.11).
    #[error("The token's header demands an extension that is not known here.")]
    CriticalHeader,
    /// No published key fits; fetching the keys again may help.
    #[error("The token is signed with a key that its issuer does not publish ({}).", kid_words(.kid.as_deref()))]
    UnknownKey {
        /// The header's `kid`.
        kid: Option<String>,
    },
    /// The key of that `kid` is for something else, or several keys would fit.
    #[error("The token does not name one key that fits its algorithm.")]
    KeyDoesNotFit,
    /// The signature is not that key's.
    #[error("The token's signature is wrong.")]
    SignatureWrong,
    /// Another kind of token: an ID token where an access token is needed, and so on.
    #[error("This is another kind of token: {0}.")]
    WrongType(&'static str),
    /// `iss` is not exactly the issuer's identifier.
    #[error("The token's issuer is {got:?}, expected is {expected:?}.")]
    IssuerWrong {
        /// What the settings say.
        expected: String,
        /// What the token says.
        got: String,
    },
    /// `aud` does not name the receiver, or (ID token) names a stranger besides.
    #[error("The token's audience is {got:?}, expected is {expected:?}.")]
    AudienceWrong {
        /// What the settings say.
        expected: String,
        /// What the token says.
        got: Vec<String>,
    },
    /// `exp` has passed.
    #[error("The token expired {ago} seconds ago.")]
    Expired {
        /// In seconds, without the leeway.
        ago: i64,
    },
    /// `nbf` or `iat` lies in the future by more than the leeway.
    #[error("The token is not valid yet: its {claim} lies {ahead} seconds ahead.")]
    NotYetValid {
        /// `nbf` or `iat`.
        claim: &'static str,
        /// In seconds.
        ahead: i64,
    },
    /// An ID token that was issued too long ago for a sign-in, or a logout token for a log out.
    #[error("The token was issued {age} seconds ago, too long for a sign-in or log out.")]
    TooOld {
        /// In seconds.
        age: i64,
    },
    /// The ID token belongs to another sign-in.
    #[error("The ID token's nonce is not the one of this sign-in.")]
    NonceWrong,
    /// `azp` names another client.
    #[error("The ID token was issued for the use of another client (azp).")]
    AuthorizedPartyWrong,
    /// No `sub`, or an empty one.
    #[error("The token does not say whom it is about (sub).")]
    SubjectMissing,
    /// Bound to a key (`cnf`), but sent as a bearer token (RFC 9449, section 7.2).
    #[error("The token is bound to a key (cnf) and may not be used as a bearer token.")]
    KeyBound,
    /// A claim is missing or has another type than it must have.
    #[error("The token's claim {name:?} {why}.")]
    ClaimWrong {
        /// The claim's name.
        name: &'static str,
        /// Completes "the claim … ".
        why: &'static str,
    },
}

impl Rejection {
    /// A short code for logs and for looking the reason up.
    #[must_use]
    pub fn reason_code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "token_too_large",
            Self::Malformed(_) => "token_malformed",
            Self::AlgorithmNotAllowed(_) => "token_algorithm",
            Self::CriticalHeader => "token_critical_header",
            Self::UnknownKey { .. } => "token_key_unknown",
            Self::KeyDoesNotFit => "token_key_unfit",
            Self::SignatureWrong => "token_signature",
            Self::WrongType(_) => "token_type",
            Self::IssuerWrong { .. } => "token_issuer",
            Self::AudienceWrong { .. } => "token_audience",
            Self::Expired { .. } => "token_expired",
            Self::NotYetValid { .. } => "token_not_yet_valid",
            Self::TooOld { .. } => "token_too_old",
            Self::NonceWrong => "token_nonce",
            Self::AuthorizedPartyWrong => "token_authorized_party",
            Self::SubjectMissing => "token_subject",
            Self::KeyBound => "token_key_bound",
            Self::ClaimWrong { .. } => "token_claim",
        }
    }
}

/// Cuts what a stranger wrote before it goes into a sentence.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

fn kid_words(kid: Option<&str>) -> String {
    match kid {
        Some(kid) => format!("kid {kid:?}"),
        None => "it names no kid".to_owned(),
    }
}
