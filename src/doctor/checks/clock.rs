//! Clocks: a token that is not yet valid, or already over, is often only somebody's clock.

use crate::doctor::{exam::Exam, saw::Saw};
use crate::flight::how_long;

/// How far clocks may be apart without a word, in seconds.
const NEAR: u64 = 5;
/// How far the gateway and the app let them be apart, in seconds.
const LEEWAY: u64 = 60;

pub(in crate::doctor) async fn issuer(exam: &mut Exam, _: usize) -> Saw {
    judge(exam.issuer_ahead)
}

pub(in crate::doctor) async fn gateway(exam: &mut Exam, _: usize) -> Saw {
    judge(exam.gateway_ahead)
}

fn judge(ahead: Option<i64>) -> Saw {
    let Some(ahead) = ahead else {
        return Saw::untestable("its answers bear no Date header");
    };
    let apart = ahead.unsigned_abs();
    let got = match ahead {
        0 => "no difference".to_owned(),
        _ => format!(
            "{} {} of ours",
            how_long(i64::try_from(apart).unwrap_or(i64::MAX)),
            if ahead > 0 { "ahead" } else { "behind" }
        ),
    };
    let fix = "Set both machines' clocks by NTP (timedatectl set-ntp true; a virtual machine that slept may need it by hand).";
    if apart <= NEAR {
        Saw::pass(got)
    } else if apart <= LEEWAY {
        Saw::blemish(
            got,
            "Tokens are still taken: a minute is let pass. It will not stay at that.",
            fix,
        )
    } else {
        Saw::failure(
            got,
            "Tokens look not yet valid, or over, by more than the minute that is let pass.",
            fix,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Verdict;

    #[test]
    fn a_minute_is_let_pass_and_not_more() {
        for (ahead, verdict) in [
            (Some(0), Verdict::Pass),
            (Some(-5), Verdict::Pass),
            (Some(6), Verdict::Blemish),
            (Some(-60), Verdict::Blemish),
            (Some(61), Verdict::Failure),
            (Some(-86_400), Verdict::Failure),
            (Some(i64::MIN), Verdict::Failure),
            (None, Verdict::NotTestable),
        ] {
            assert_eq!(judge(ahead).verdict(), verdict, "{ahead:?}");
        }
    }
}
