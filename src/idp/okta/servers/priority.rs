//! The order of policies, and of a policy's rules: what asks for a place gets it, and the others move down.

use crate::idp::org::{Policy, Rule};

/// Something with a place.
pub(super) trait Placed {
    fn priority(&mut self) -> &mut u32;
}

impl Placed for Policy {
    fn priority(&mut self) -> &mut u32 {
        &mut self.priority
    }
}

impl Placed for Rule {
    fn priority(&mut self) -> &mut u32 {
        &mut self.priority
    }
}

/// Puts one in at the place that it asks for, counted from 1, else at the end; numbers all anew.
pub(super) fn insert<T: Placed>(all: &mut Vec<T>, one: T, priority: Option<u32>) {
    let asked = priority.and_then(|priority| usize::try_from(priority.saturating_sub(1)).ok());
    let place = asked.unwrap_or(all.len()).min(all.len());
    all.insert(place, one);
    for (one, priority) in all.iter_mut().zip(1..) {
        *one.priority() = priority;
    }
}
