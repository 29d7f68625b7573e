//! How much a request through the gateway may carry, and how long each part of it may take.

use std::time::Duration;

/// What a request may cost. Each bound has its answer:
///
/// | what takes too long, or is too much | answer |
/// | --- | --- |
/// | the request's head (10 s, for all rooms) | the connection ends |
/// | a pause within the request's body | `408` |
/// | the issuer, when the token is looked at (`first_byte`) | `503` |
/// | a connection to the API (`connect`) | `504`; `502` where it is refused |
/// | the first byte of the API's answer (`first_byte`) | `504` |
/// | a pause within the answer's body, all of it (`pause`, `total`) | the answer breaks off |
/// | the request's body | `413` |
/// | the answer's body | `502`, or the answer breaks off |
/// | more requests at once than go to the API | `503` |
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest body that a caller sends, in bytes.
    pub request_bytes: u64,
    /// The longest answer that is passed on, in bytes.
    pub answer_bytes: u64,
    /// How many requests go to the API at once.
    pub at_once: usize,
    /// How long a connection to the API may take to be made.
    pub connect: Duration,
    /// How long a caller waits at most until the API's answer begins, once the last of their body went
    /// on; the time that the issuer takes is part of it.
    ///
    /// Callers mostly wait ten seconds: they must hear whose fault it is before they give up.
    pub first_byte: Duration,
    /// How long caller or API may pause within a body.
    pub pause: Duration,
    /// How long a request may take in all, until the last byte of its answer.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 1024 * 1024,
            answer_bytes: 16 * 1024 * 1024,
            at_once: 1024,
            connect: Duration::from_secs(4),
            first_byte: Duration::from_secs(8),
            pause: Duration::from_secs(8),
            total: Duration::from_secs(60),
        }
    }
}
