//! What is in flight on a connection, and when it last moved.

use axum::{
    body::Body,
    http::{Request, Response},
};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use slab::Slab;
use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Instant;

/// What moves on one connection.
#[derive(Clone)]
pub(super) struct Activity(Arc<Inner>);

struct Inner {
    /// All requests of the room.
    in_room: Arc<AtomicUsize>,
    /// Those of this connection.
    here: AtomicUsize,
    /// From when on it is watched, if it is.
    since: Option<Instant>,
    /// When something last moved, in milliseconds since then.
    moved_at: AtomicU64,
    /// Since when each piece of an answer waits for the peer to take it.
    waiting: Mutex<Slab<Instant>>,
}

impl Activity {
    /// Counts alone: HTTP/1.1 has time-outs of its own.
    pub(super) fn counted(in_room: Arc<AtomicUsize>) -> Self {
        Self::of(in_room, None)
    }

    /// Counts, and keeps when something moved.
    pub(super) fn watched(in_room: Arc<AtomicUsize>) -> Self {
        Self::of(in_room, Some(Instant::now()))
    }

    fn of(in_room: Arc<AtomicUsize>, since: Option<Instant>) -> Self {
        Self(Arc::new(Inner {
            in_room,
            here: AtomicUsize::new(0),
            since,
            moved_at: AtomicU64::new(0),
            waiting: Mutex::default(),
        }))
    }

    /// A request that is in flight from now on.
    pub(super) fn flying(&self) -> Flying {
        self.0.in_room.fetch_add(1, Ordering::AcqRel);
        self.0.here.fetch_add(1, Ordering::AcqRel);
        self.0.moved();
        Flying(Arc::clone(&self.0))
    }

    pub(super) fn is_flying(&self) -> bool {
        self.0.here.load(Ordering::Acquire) > 0
    }

    /// How long nothing has moved.
    pub(super) fn quiet_for(&self) -> Duration {
        let moved_at = Duration::from_millis(self.0.moved_at.load(Ordering::Acquire));
        let watched_for = self.0.since.map(|since| since.elapsed());
        watched_for.unwrap_or_default().saturating_sub(moved_at)
    }

    /// How long the peer has not taken a piece of some answer, whatever else moves.
    ///
    /// Such a piece waits inside the HTTP library for the stream's window, and the body is asked for
    /// nothing meanwhile: no time-out of its own would end it.
    pub(super) fn not_taken_for(&self) -> Duration {
        let waiting = self.0.waiting();
        let longest = waiting.iter().map(|(_, since)| since.elapsed()).max();
        longest.unwrap_or_default()
    }
}

impl Inner {
    fn waiting(&self) -> MutexGuard<'_, Slab<Instant>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moved(&self) {
        if let Some(since) = self.since {
            let now = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.moved_at.store(now, Ordering::Release);
        }
    }
}

/// Counts a request as in flight until it is dropped.
pub(super) struct Flying(Arc<Inner>);

impl Flying {
    /// The request with a body that counts as moving while it arrives.
    pub(super) fn arriving(&self, request: Request<Incoming>) -> Request<Body> {
        request.map(|body| {
            if hyper::body::Body::is_end_stream(&body) {
                return Body::empty();
            }
            let inner = Arc::clone(&self.0);
            Body::new(Moving { body, inner })
        })
    }

    /// In flight until the last of the body is handed over.
    pub(super) fn carry(self, answer: Response<Body>) -> Response<Counted> {
        self.0.moved();
        let inner = Arc::clone(&self.0);
        answer.map(|body| Counted {
            body: Moving { body, inner },
            flying: self,
            handed_over: None,
        })
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        self.0.in_room.fetch_sub(1, Ordering::AcqRel);
        self.0.here.fetch_sub(1, Ordering::AcqRel);
        self.0.moved();
    }
}

/// An answer's body that is in flight.
pub(super) struct Counted {
    body: Moving<Body>,
    flying: Flying,
    handed_over: Option<HandedOver>,
}

/// A piece of an answer that waits for the peer until it is dropped.
struct HandedOver {
    inner: Arc<Inner>,
    key: usize,
}

impl HandedOver {
    fn now(inner: &Arc<Inner>) -> Option<Self> {
        inner.since?; // where nobody watches, nobody counts
        let key = inner.waiting().insert(Instant::now());
        let inner = Arc::clone(inner);
        Some(Self { inner, key })
    }
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        self.inner.waiting().try_remove(self.key);
    }
}

/// A body each piece of which is a sign of life.
struct Moving<B> {
    body: B,
    inner: Arc<Inner>,
}

impl<B: hyper::body::Body + Unpin> hyper::body::Body for Moving<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            self.inner.moved();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.handed_over = None; // who asks for more has got rid of what came before
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            self.handed_over = HandedOver::now(&self.flying.0);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
