//! An answer's body on its way: so many bytes at most, and until a moment at most.

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::time::Sleep;

/// Passes a body on while it keeps its bounds; breaks the connection off where it does not, since
/// the status is said by then.
pub(super) struct Bounded {
    body: Incoming,
    left: u64,
    deadline: Pin<Box<Sleep>>,
}

/// Why a body was broken off.
#[derive(Debug, thiserror::Error)]
pub(super) enum BrokenOff {
    #[error("the answer is longer than what is passed on")]
    TooLong,
    #[error("the answer took too long")]
    TooSlow,
    #[error(transparent)]
    Upstream(#[from] hyper::Error),
}

impl Bounded {
    pub(super) fn new(body: Incoming, longest: u64, deadline: Pin<Box<Sleep>>) -> Self {
        Self {
            body,
            left: longest,
            deadline,
        }
    }
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if self.deadline.as_mut().poll(context).is_ready() {
            return broken_off(BrokenOff::TooSlow);
        }
        let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return broken_off(error.into()),
            None => return Poll::Ready(None),
        };
        let Ok(data) = frame.into_data() else {
            return Poll::Ready(None); // trailers concern the connection: they stay behind
        };
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        let Some(left) = self.left.checked_sub(length) else {
            return broken_off(BrokenOff::TooLong);
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

/// Logs it, since nobody else learns why: the caller only sees that the connection ends.
fn broken_off<T>(why: BrokenOff) -> Poll<Option<Result<T, BrokenOff>>> {
    tracing::warn!(event = "gateway_failed", reason = "answer_broken_off", error = %why, "an answer was broken off");
    Poll::Ready(Some(Err(why)))
}
