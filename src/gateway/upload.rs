//! A caller's body: streamed to the API, or read whole where it has to be looked at first.

use super::{
    bearer,
    body::{BrokenOff, Paced},
    refuse::Refusal,
};
use crate::net::Limits;
use axum::{
    body::Body,
    http::{HeaderMap, Method, header::CONTENT_LENGTH},
};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};

/// The longest body that is read whole, in bytes.
const LONGEST_WHOLE: u64 = 64 * 1024;
/// How many are read whole at once: nobody is known yet who sends them.
const MOST_WHOLE: usize = 256;

/// Takes callers' bodies.
pub(super) struct Uploads {
    reading: Semaphore,
}

/// What goes to the API as a body.
pub(super) enum Upload {
    /// Read whole: nothing, a form, or what the method is not made for.
    Whole(Full<Bytes>),
    /// Passed on as it comes.
    Streamed {
        body: Paced<Body>,
        progress: Progress,
    },
}

/// The caller's body ended before it was over: the request to the API ends with it.
#[derive(Debug, thiserror::Error)]
#[error("the caller's body was broken off")]
pub(super) struct Cut;

impl Uploads {
    pub(super) fn new() -> Self {
        let reading = Semaphore::new(MOST_WHOLE);
        Self { reading }
    }

    /// Takes a body up to the limits. A form is read whole: a token may stand in it, which is looked for
    /// before anything else is done (RFC 6750, section 2.2). So is what comes in pieces with a method
    /// that has no use for it (RFC 9110, section 9.3.1), so that its length can be told.
    ///
    /// # Errors
    /// When the body is too long, too slow or broken, a form with a token in it or in a coding that
    /// would hide one, or when too many are being read.
    pub(super) async fn take(
        &self,
        method: &Method,
        headers: &HeaderMap,
        body: Body,
        limits: &Limits,
        ends: Instant,
    ) -> Result<Upload, Refusal> {
        if body.is_end_stream() {
            return Ok(Upload::Whole(Full::default()));
        }
        if body.size_hint().lower() > limits.request_bytes {
            return Err(Refusal::BodyTooLarge);
        }
        let paced = |longest| {
            let bell = Box::pin(sleep_until(ends.min(Instant::now() + limits.pause)));
            Paced::new(body, longest, limits.pause, ends, bell)
        };
        let is_form = bearer::is_form(headers);
        if is_form && bearer::is_coded(headers) {
            return Err(Refusal::FormCoded);
        }
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        if is_form || is_read && !headers.contains_key(CONTENT_LENGTH) {
            let _place = self.reading.try_acquire().map_err(|_| Refusal::Busy)?;
            let whole = paced(limits.request_bytes.min(LONGEST_WHOLE));
            let whole = Box::pin(read(whole)).await?;
            bearer::not_in_form(headers, &whole)?;
            return Ok(Upload::Whole(Full::new(whole)));
        }
        Ok(Upload::Streamed {
            body: paced(limits.request_bytes),
            progress: Progress::default(),
        })
    }
}

/// Copies a body together: kept as it came, each of its bytes might hold on to a whole buffer.
async fn read(mut body: Paced<Body>) -> Result<Bytes, Refusal> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|why| refusal(&why))?;
        if let Ok(data) = frame.into_data() {
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole.freeze())
}

impl Upload {
    /// What is known of its way, while it goes.
    pub(super) fn progress(&self) -> Option<Progress> {
        match self {
            Self::Whole(_) => None,
            Self::Streamed { progress, .. } => Some(progress.clone()),
        }
    }
}

impl hyper::body::Body for Upload {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let (body, progress) = match self.get_mut() {
            Self::Whole(body) => {
                let frame = ready!(Pin::new(body).poll_frame(context));
                return Poll::Ready(frame.map(|frame| frame.map_err(|never| match never {})));
            }
            Self::Streamed { body, progress } => (body, progress),
        };
        let polled = Pin::new(body).poll_frame(context);
        let mut seen = progress.seen();
        seen.waits_for_caller = polled.is_pending();
        let frame = ready!(polled);
        seen.moved_at = Some(Instant::now());
        Poll::Ready(frame.map(|frame| {
            frame.map_err(|why| {
                seen.broken = Some(refusal(&why));
                Cut
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Streamed { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Streamed { body, .. } => body.size_hint(),
        }
    }
}

fn refusal<E>(why: &BrokenOff<E>) -> Refusal {
    match why {
        BrokenOff::TooLong => Refusal::BodyTooLarge,
        BrokenOff::TooSlow => Refusal::BodySlow,
        BrokenOff::Sender(_) => Refusal::BodyBroken,
    }
}

/// What is known of a body on its way, for whoever waits for the answer.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// The API wants more, and the caller has not sent it.
    waits_for_caller: bool,
    moved_at: Option<Instant>,
    broken: Option<Refusal>,
}

impl Progress {
    /// When a piece, or the end, last went on.
    pub(super) fn moved_at(&self) -> Option<Instant> {
        self.seen().moved_at
    }

    /// Whether it is the caller who is waited for.
    pub(super) fn waits_for_caller(&self) -> bool {
        self.seen().waits_for_caller
    }

    /// Why the body was broken off, if it was.
    pub(super) fn broken(&self) -> Option<Refusal> {
        self.seen().broken.take()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
