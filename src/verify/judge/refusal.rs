//! A refusal that was due: whether it says what it should (RFC 6750, section 3).

use super::{Judged, challenge::bearer};
use crate::verify::{access::Due, fault::Fault, seen::Seen};

/// Judges what came where nobody was let in and nobody was to be.
pub(super) fn judge(due: &Due, seen: &Seen) -> Judged {
    let blemish = |why: String| Judged::blemish(Fault::Refusal, why);
    let Some(status) = seen.status else {
        let reason = format!("no answer where {} is due", due.status());
        return Judged::blemish(Fault::NoAnswer, reason);
    };
    if seen.is_success() {
        return blemish(format!(
            "{status} where {} is due, though the API was not asked",
            due.status()
        ));
    }
    if status >= 500 {
        let reason = format!("{status} where {} is due: nobody decided", due.status());
        return Judged::blemish(Fault::NoAnswer, reason);
    }
    let fits = match due {
        Due::TokenNeeded | Due::TokenRefused => status == 401,
        Due::Misplaced => matches!(status, 400 | 401),
        Due::Refused => matches!(status, 400 | 401 | 403),
        Due::ClientRefused | Due::ScopeRefused(_) => status == 403,
        Due::LetIn | Due::Either => false,
    };
    if !fits {
        return blemish(format!("{status} where {} is due", due.status()));
    }
    let challenge = seen.challenge.as_deref().and_then(bearer);
    let error = challenge
        .as_ref()
        .and_then(|challenge| challenge.error.as_deref());
    match due {
        Due::TokenNeeded | Due::TokenRefused if challenge.is_none() => {
            blemish("the 401 bears no Bearer challenge".to_owned())
        }
        Due::TokenNeeded if error.is_some() => blemish(
            "the challenge names an error though no token was shown (RFC 6750, section 3.1)"
                .to_owned(),
        ),
        Due::TokenRefused if error != Some("invalid_token") => {
            blemish("the challenge does not say error=\"invalid_token\"".to_owned())
        }
        Due::ScopeRefused(_) if error != Some("insufficient_scope") => {
            blemish("the 403 bears no challenge with error=\"insufficient_scope\"".to_owned())
        }
        Due::ScopeRefused(needed) => {
            let named = challenge
                .and_then(|challenge| challenge.scope)
                .unwrap_or_default();
            if named.contains_all(needed) {
                Judged::pass()
            } else {
                blemish(format!(
                    "the challenge does not name the scope that is needed, {needed}"
                ))
            }
        }
        _ => Judged::pass(),
    }
}
