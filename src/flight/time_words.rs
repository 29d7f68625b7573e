//! Times as a person says them.

use time::OffsetDateTime;

/// A length of time in its largest unit: "1 minute", "9 minutes", "8 hours". Seconds in, rounded down.
#[must_use]
pub fn how_long(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (count, unit) = match seconds {
        ..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        172_800..63_072_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_536_000, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// A moment, absolute and seen from `now`: "25 November 2025, 21:29:05 UTC, 9 minutes ago".
///
/// A moment outside the years -9999 to 9999 is no time that anybody means: `None`.
#[must_use]
pub fn time_in_words(moment: i64, now: i64) -> Option<String> {
    let date = OffsetDateTime::from_unix_timestamp(moment).ok()?;
    let (hour, minute, second) = date.to_hms();
    let date = format!(
        "{} {} {}, {hour:02}:{minute:02}:{second:02} UTC",
        date.day(),
        date.month(),
        date.year()
    );
    let distance = moment.saturating_sub(now);
    Some(match distance {
        0 => format!("{date}, now"),
        1.. => format!("{date}, in {}", how_long(distance)),
        _ => format!("{date}, {} ago", how_long(distance.saturating_neg())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_one_unit_and_its_plural() {
        for (seconds, words) in [
            (-5, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (599, "9 minutes"),
            (3_600, "1 hour"),
            (172_800, "2 days"),
            (i64::MAX, "292471208677 years"),
        ] {
            assert_eq!(how_long(seconds), words);
        }
    }

    #[test]
    fn moments_are_absolute_and_relative() {
        let now = 1_764_106_145;
        assert_eq!(
            time_in_words(now - 540, now).unwrap(),
            "25 November 2025, 21:20:05 UTC, 9 minutes ago"
        );
        assert!(
            time_in_words(now + 600, now)
                .unwrap()
                .ends_with("UTC, in 10 minutes")
        );
        assert!(time_in_words(now, now).unwrap().ends_with("UTC, now"));
        for absurd in [i64::MAX, i64::MIN] {
            assert_eq!(time_in_words(absurd, now), None);
        }
    }
}
