//! A body on its way, in either direction: piece by piece, so many bytes at most, with pauses so long
//! at most, and until a moment at most.
//!
//! Whoever sends is asked for the next piece when the receiver took the last one: a slow receiver slows
//! the sender down, and nothing gathers here.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// Passes a body on while it keeps its bounds.
pub(super) struct Paced<B> {
    body: B,
    left: u64,
    pause: Duration,
    ends: Instant,
    moved_at: Instant,
    /// Rings when there may have been a pause; it is set anew only then, since most bodies are shorter.
    bell: Pin<Box<Sleep>>,
}

/// Why a body was broken off.
#[derive(Debug, thiserror::Error)]
pub(super) enum BrokenOff<E> {
    #[error("it is longer than what is passed on")]
    TooLong,
    #[error("it took too long")]
    TooSlow,
    #[error("{0}")]
    Sender(E),
}

impl<B> Paced<B> {
    /// `bell` is any timer: it is used on, whatever it was set for.
    pub(super) fn new(
        body: B,
        longest: u64,
        pause: Duration,
        ends: Instant,
        bell: Pin<Box<Sleep>>,
    ) -> Self {
        Self {
            body,
            left: longest,
            pause,
            ends,
            moved_at: Instant::now(),
            bell,
        }
    }

    /// Whether sender and clock allow to wait on.
    fn may_wait(&mut self, context: &mut Context<'_>) -> bool {
        let until = self.ends.min(self.moved_at + self.pause);
        if self.bell.deadline() > until {
            self.bell.as_mut().reset(until);
        }
        while self.bell.as_mut().poll(context).is_ready() {
            if Instant::now() >= until {
                return false;
            }
            self.bell.as_mut().reset(until);
        }
        true
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Paced<B> {
    type Data = Bytes;
    type Error = BrokenOff<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            return if self.may_wait(context) {
                Poll::Pending
            } else {
                Poll::Ready(Some(Err(BrokenOff::TooSlow)))
            };
        };
        let frame = match frame {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(BrokenOff::Sender(error)))),
            None => return Poll::Ready(None),
        };
        let Ok(data) = frame.into_data() else {
            return Poll::Ready(None); // trailers concern the connection: they stay behind
        };
        self.moved_at = Instant::now();
        if self.moved_at >= self.ends {
            return Poll::Ready(Some(Err(BrokenOff::TooSlow)));
        }
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        let Some(left) = self.left.checked_sub(length) else {
            return Poll::Ready(Some(Err(BrokenOff::TooLong)));
        };
        self.left = left;
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
