//! Moments: now, and as people type them, which is RFC 3339, a date, or how long ago.

use super::exit::Failure;
use super::output;
use crate::model::time::DAY;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;

/// Holds what time it is, for reports that can be made again: the same logs give the same words.
const NOW: &str = "ROLECHAIN_NOW";

/// Refuses a clock that nobody can read.
pub(super) fn check() -> Result<(), Failure> {
    match output::variable(NOW) {
        Some(text) if Timestamp::parse_iso(&text).is_none() => {
            Err(Failure::new(format!("{NOW} holds no moment\n  hint: write 2026-11-02T15:04:05Z, or unset it")))
        }
        _ => Ok(()),
    }
}

/// Returns what time it is.
pub(super) fn now() -> Timestamp {
    output::variable(NOW).and_then(|text| Timestamp::parse_iso(&text)).unwrap_or_else(clock)
}

#[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
fn clock() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
}

/// Reads a moment. `now` is what `7d` and `12h` count back from.
pub(super) fn parse(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Some(moment) = parse_ago(text, now) {
        return Ok(moment);
    }
    Timestamp::parse_date(text).or_else(|| Timestamp::parse_iso(text)).ok_or_else(|| unreadable(text))
}

/// Reads the end of a window: a date means that whole day.
pub(super) fn parse_end(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    Timestamp::parse_date(text).map_or_else(|| parse(text, now), |day| Ok(day.plus(DAY)))
}

fn parse_ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        'm' => 60,
        'h' => HOUR,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
    Some(now.plus(-i64::from(count) * seconds))
}

fn unreadable(text: &str) -> String {
    format!(
        "cannot read the moment `{text}`\n  hint: write 2026-11-02, 2026-11-02T15:04:05Z, or how long ago: 7d, 12h, 30m"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_may_be_a_date_a_time_or_an_age() {
        let now = Timestamp(1_000_000_000);
        let read = |text: &str| parse(text, now).map(|moment| moment.to_string());
        assert_eq!(read("2026-11-02").as_deref(), Ok("2026-11-02T00:00:00Z"));
        assert_eq!(read("2026-11-02T15:04:05Z").as_deref(), Ok("2026-11-02T15:04:05Z"));
        assert_eq!(read("2026-11-02T15:04:05+02:00").as_deref(), Ok("2026-11-02T13:04:05Z"));
        let read_end = |text: &str| parse_end(text, now).map(|moment| moment.to_string());
        assert_eq!(read_end("2026-11-02").as_deref(), Ok("2026-11-03T00:00:00Z"));
        assert_eq!(read_end("2026-11-02T15:04:05Z").as_deref(), Ok("2026-11-02T15:04:05Z"));
        assert_eq!(parse("7d", now), Ok(now.plus(-7 * DAY)));
        assert_eq!(parse("12h", now), Ok(now.plus(-12 * HOUR)));
    }

    #[test]
    fn a_bad_moment_says_what_to_write() {
        for text in
            ["", "yesterday", "7", "-7d", "2026-13-01", "2026-02-31", "2026-02-31T10:00:00Z", "99999999999999d", "é"]
        {
            let error = parse(text, Timestamp(0)).unwrap_err();
            assert!(error.contains("hint:"), "{text}: {error}");
        }
    }
}
