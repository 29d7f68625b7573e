//! The number of a request. It stands in every line of the log that the request leads to, in the answer
//! that tells of trouble (`x-request-id`), and goes along to whoever is asked on the way (`traceparent`,
//! W3C Trace Context), so that what several rooms say of one press of a button can be found together.
//!
//! It is made when somebody needs it: most requests go by without. It decides nothing, and need not be
//! hard to guess.

use super::Handle;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode},
    response::IntoResponse,
};
use futures_util::FutureExt;
use std::{
    cell::OnceCell,
    fmt::{self, Display, Formatter},
    panic::AssertUnwindSafe,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

tokio::task_local! {
    static CURRENT: Current;
}

/// The request that this task answers.
struct Current {
    number: OnceCell<Number>,
    came: Came,
}

/// What a caller said of a trace.
#[derive(Clone, Copy)]
enum Came {
    /// Nothing.
    Without,
    /// Something that is none.
    Malformed,
    With(Trace),
}

/// A caller's trace: data for the log, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Trace {
    id: Number,
    flags: u8,
}

/// 16 bytes, as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(u128);

/// What the log says of the request that it is about.
#[derive(Clone, Copy, Debug)]
pub struct RequestNumbers {
    /// The request's own number.
    pub request: Number,
    /// The trace that its caller named.
    pub trace: Option<Number>,
}

/// The number of the request that is being answered; outside of one, a new number.
#[must_use]
pub fn request_id() -> String {
    let number = CURRENT.try_with(Current::number);
    number.unwrap_or_else(|_| Number::next()).to_string()
}

/// What the log says of the request that is being answered, if one is.
#[must_use]
pub fn request_numbers() -> Option<RequestNumbers> {
    let numbers = CURRENT.try_with(|current| RequestNumbers {
        request: current.number(),
        trace: current.trace().map(|trace| trace.id),
    });
    numbers.ok()
}

/// The same work, with the number of the request that it is done for: a task of its own has none.
pub fn numbered<W: Future>(work: W) -> impl Future<Output = W::Output> {
    let carried = CURRENT.try_with(|current| Current {
        number: OnceCell::from(current.number()),
        came: current.came,
    });
    async move {
        match carried {
            Ok(current) => CURRENT.scope(current, work).await,
            Err(_) => work.await,
        }
    }
}

/// Tells whoever is asked next of a trace named like the request. What a caller names stays in the log here: a
/// stranger must not choose by which word others find a call of ours.
pub(super) fn tell_trace(headers: &mut HeaderMap) {
    let own = |current: &Current| Trace {
        id: current.number(),
        flags: 1,
    };
    if let Ok(trace) = CURRENT.try_with(own) {
        headers.insert(TRACEPARENT, trace.child());
    }
}

/// Puts a child of our own in the place of the trace that a request came with, before the request goes
/// on. What is no trace stays behind.
pub fn hand_trace_on(headers: &mut HeaderMap) {
    let _ = CURRENT.try_with(|current| match current.came {
        Came::Without => drop(headers.remove(TRACESTATE)), // it is of a trace that is not there
        Came::Malformed => {
            headers.remove(TRACEPARENT);
            headers.remove(TRACESTATE);
        }
        Came::With(trace) => drop(headers.insert(TRACEPARENT, trace.child())),
    });
}

impl Current {
    fn of(headers: &HeaderMap) -> Self {
        Self {
            number: OnceCell::new(),
            came: Came::of(headers),
        }
    }

    fn number(&self) -> Number {
        *self.number.get_or_init(Number::next)
    }

    fn trace(&self) -> Option<Trace> {
        match self.came {
            Came::With(trace) => Some(trace),
            Came::Without | Came::Malformed => None,
        }
    }

    /// Names the request in its answer: where it was named in the log, and where the answer is a refusal.
    fn sign(&self, answer: &mut Response<Body>) {
        let is_refusal = answer.status().is_client_error() || answer.status().is_server_error();
        let is_named = self.number.get().is_some();
        if is_named || is_refusal && !answer.headers().contains_key(REQUEST_ID) {
            let number = self.number().into();
            answer.headers_mut().insert(REQUEST_ID, number);
        }
    }
}

impl Came {
    fn of(headers: &HeaderMap) -> Self {
        let Some(first) = headers.get(TRACEPARENT) else {
            return Self::Without;
        };
        let is_alone = headers.get_all(TRACEPARENT).iter().nth(1).is_none();
        let trace = Trace::read(first.as_bytes()).filter(|_| is_alone);
        trace.map_or(Self::Malformed, Self::With)
    }
}

impl Trace {
    /// `version "-" trace-id "-" parent-id "-" trace-flags` of version 00 (section 3.2): lower case alone,
    /// and neither id all zeros.
    fn read(text: &[u8]) -> Option<Self> {
        let text = text.strip_prefix(b"00-")?;
        let (id, rest) = text.split_at_checked(32)?;
        let (parent, flags) = rest.strip_prefix(b"-")?.split_at_checked(16)?;
        let flags = flags.strip_prefix(b"-").filter(|flags| flags.len() == 2)?;
        let id = number(id).filter(|id| *id != 0)?;
        number(parent).filter(|parent| *parent != 0)?;
        let flags = u8::try_from(number(flags)?).ok()?;
        let id = Number(id);
        Some(Self { id, flags })
    }

    /// The same trace, with a parent of our own.
    fn child(self) -> HeaderValue {
        let span = mixed(COUNT.fetch_add(1, Ordering::Relaxed)).max(1);
        let text = format!("00-{}-{span:016x}-{:02x}", self.id, self.flags);
        HeaderValue::try_from(text).expect("digits and dashes can stand in a header")
    }
}

/// A number in lower case hexadecimal digits.
fn number(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0_u128, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

static COUNT: AtomicU64 = AtomicU64::new(0);
/// What makes one start's numbers differ from another's.
static START: LazyLock<[u64; 2]> = LazyLock::new(|| {
    let mut bytes = [0; 8];
    [(); 2].map(|()| {
        aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
        u64::from_ne_bytes(bytes)
    })
});

impl Number {
    /// Written by hand: each refusal has one.
    fn digits(self) -> [u8; 32] {
        let mut digits = [0; 32];
        for (place, byte) in digits.chunks_exact_mut(2).zip(self.0.to_be_bytes()) {
            let digit = |half: u8| b"0123456789abcdef"[usize::from(half)];
            place.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
        }
        digits
    }

    /// One that this start has not made yet.
    fn next() -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(u128::from(START[0].max(1)) << 64 | u128::from(mixed(count)))
    }
}

/// Another number for each count (the last steps of `SplitMix64`). Nothing is kept secret by it: whoever
/// sees two of them can find out how many lie between.
fn mixed(count: u64) -> u64 {
    let mut mixed = START[1].wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

impl Display for Number {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl From<Number> for HeaderValue {
    fn from(number: Number) -> Self {
        Self::from_bytes(&number.digits()).expect("digits can stand in a header")
    }
}

/// Numbers the requests of a room. One that panics is numbered, too.
#[derive(Clone)]
pub(super) struct Numbered<H> {
    pub(super) room: &'static str,
    pub(super) handler: H,
}

impl<H: Handle> Handle for Numbered<H> {
    const HTTP2: bool = H::HTTP2;

    async fn handle(self, request: Request<Body>) -> Response<Body> {
        let current = Current::of(request.headers());
        let answering = async move {
            let answer = AssertUnwindSafe(self.handler.handle(request)).catch_unwind();
            let mut answer = answer.await.unwrap_or_else(|_| panicked(self.room));
            CURRENT.with(|current| current.sign(&mut answer));
            answer
        };
        CURRENT.scope(current, answering).await
    }
}

/// A panic costs its request a plain 500, and nothing else.
fn panicked(room: &'static str) -> Response<Body> {
    tracing::error!(
        event = "panic",
        room,
        "a handler panicked; the process goes on"
    );
    let json = [("content-type", "application/json")];
    let body = "{\"error\":\"server_error\"}";
    (StatusCode::INTERNAL_SERVER_ERROR, json, body).into_response()
}

#[cfg(test)]
mod tests;
