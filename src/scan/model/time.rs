//! Moments: seconds since the Unix epoch, and the spellings in which they come.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

/// Seconds of an hour.
pub const HOUR: i64 = 3_600;

/// Seconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// No session lives longer: how long before a window what issued sessions is still read.
pub const LONGEST_SESSION: i64 = 36 * HOUR;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// A moment in UTC, in whole seconds since 1970-01-01T00:00:00Z.
///
/// CloudTrail's `eventTime` has no finer resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Writes a number of seconds as people say it: `78 s`, `13 min`, `2 h`.
pub fn length(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

impl Timestamp {
    /// Returns the moment `seconds` later (earlier when negative).
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Returns how many seconds lie between the two moments, whichever comes first.
    pub fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// Returns the day as people write it: `2026-12-31`.
    pub fn date(self) -> String {
        self.civil().date().to_string()
    }

    /// Returns the day, as days since 1970-01-01.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Returns the first moment of a day, given as days since 1970-01-01.
    pub fn of_day(day: i64) -> Self {
        Self(day.saturating_mul(DAY))
    }

    /// Reads a moment in ISO 8601: `2023-07-10T11:55:22Z`, which is how real records spell `eventTime`, the basic form
    /// `20131102T010628Z` of names and of AWS's samples, and either with a fraction, which is dropped, or an offset.
    ///
    /// A day that does not exist is no moment, and nor is a text without a zone. A leap second is read as the second
    /// before it: clocks of AWS have none.
    pub fn parse_iso(text: &str) -> Option<Self> {
        read(text, None)
    }

    /// Reads the time of an event: as [`Self::parse_iso`], and without a zone as UTC. CloudTrail writes no other, and
    /// databases that hold its records leave the zone out.
    #[inline]
    pub fn parse_event(text: &str) -> Option<Self> {
        read(text, Some(Offset::UTC))
    }

    /// Reads a day, `2026-11-02`, as its first moment.
    pub fn parse_date(text: &str) -> Option<Self> {
        // A calendar would read the date off a full time, too, and forget the rest.
        (text.len() == 10).then(|| Self::parse_iso(&format!("{text}T00:00:00Z"))).flatten()
    }

    /// Reads `Jul 10, 2023, 12:09:47 PM`, the display string of `credentials.expiration`, in its three spellings:
    /// with and without the comma after the year, and with U+202F before AM/PM. Also accepts the ISO form.
    pub fn parse_display(text: &str) -> Option<Self> {
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            return Self::parse_iso(text);
        }
        let parts = || text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty());
        if let Some(usual) = usual_display(parts()) {
            return Some(usual);
        }
        let parts: Vec<&str> = parts().collect();
        let moment = strtime::parse("%b %d %Y %I:%M:%S %p", parts.join(" ")).ok()?;
        Some(Self::of_civil(moment.to_datetime().ok()?))
    }

    fn of_civil(moment: DateTime) -> Self {
        let since = moment.duration_since(EPOCH);
        // Fractions are dropped, also before the epoch.
        Self(since.as_secs() - i64::from(since.subsec_nanos() < 0))
    }

    /// Returns what a calendar and a clock show at this moment; the end of the calendar for what lies beyond it.
    fn civil(self) -> DateTime {
        EPOCH.saturating_add(SignedDuration::from_secs(self.0))
    }
}

impl fmt::Display for Timestamp {
    /// Writes RFC 3339 in UTC: `2023-07-10T11:55:22Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}Z", self.civil())
    }
}

#[inline]
fn read(text: &str, usual: Option<Offset>) -> Option<Timestamp> {
    text.as_bytes().try_into().ok().and_then(plain).or_else(|| any_iso(text, usual))
}

/// Reads a moment in any spelling; one that names no zone is in the `usual` one, if there is any.
#[cold]
fn any_iso(text: &str, usual: Option<Offset>) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let offset = i64::from(pieces.to_numeric_offset().or(usual)?.seconds());
    Some(Timestamp::of_civil(pieces.date().to_datetime(pieces.time()?)).plus(-offset))
}

/// Reads `Jul`, `10`, `2023`, `12:09:47`, `PM`, as AWS writes them: every session is issued with one, and a calendar's parser
/// takes twenty times as long. `None` for everything else, which may be a moment nevertheless.
fn usual_display<'t>(mut parts: impl Iterator<Item = &'t str>) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (clock, half) = (parts.next()?, parts.next()?);
    let month = (1_u8..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
    let (hour, rest) = clock.split_once(':')?;
    let hour = match (half, two_digits(hour)?) {
        ("AM", 12) => 0,
        ("PM", 12) => 12,
        ("AM", hour @ 1..12) => hour,
        ("PM", hour @ 1..12) => hour + 12,
        _ => return None,
    };
    let &[ya, yb, yc, yd] = year.as_bytes() else { return None };
    let &[ma, mb, b':', sa, sb] = rest.as_bytes() else { return None };
    let [month, day, hour] = [month, two_digits(day)?, hour].map(|number| [b'0' + number / 10, b'0' + number % 10]);
    let ([oa, ob], [da, db], [ha, hb]) = (month, day, hour);
    let iso = [ya, yb, yc, yd, b'-', oa, ob, b'-', da, db, b'T', ha, hb, b':', ma, mb, b':', sa, sb, b'Z'];
    plain(&iso).filter(|_| parts.next().is_none())
}

/// Reads a number of one or two digits.
fn two_digits(text: &str) -> Option<u8> {
    match *text.as_bytes() {
        [one @ b'0'..=b'9'] => Some(one - b'0'),
        [ten @ b'0'..=b'9', one @ b'0'..=b'9'] => Some((ten - b'0') * 10 + one - b'0'),
        _ => None,
    }
}

/// Reads `2023-07-10T11:55:22Z`, which nearly every record has: a calendar's parser would take several times as long.
#[inline]
fn plain(text: &[u8; 20]) -> Option<Timestamp> {
    let &[ya, yb, yc, yd, b'-', oa, ob, b'-', da, db, b'T', ha, hb, b':', ma, mb, b':', sa, sb, b'Z'] = text else {
        return None;
    };
    let digits = [ya, yb, yc, yd, oa, ob, da, db, ha, hb, ma, mb, sa, sb];
    let digits = digits.map(|digit| u32::from(digit.wrapping_sub(b'0')));
    if digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let [ya, yb, yc, yd, oa, ob, da, db, ha, hb, ma, mb, sa, sb] = digits;
    let (year, month, day) = (ya * 1_000 + yb * 100 + yc * 10 + yd, oa * 10 + ob, da * 10 + db);
    let (hour, minute, second) = (ha * 10 + hb, ma * 10 + mb, sa * 10 + sb);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap),
        _ => return None,
    };
    let exists = (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60;
    let clock = i64::from(hour) * HOUR + i64::from(minute * 60 + second);
    exists.then(|| Timestamp(days_since_epoch(year, month, day) * DAY + clock))
}

/// Counts days from 1970-01-01. The year begins in March, so that the leap day is its last.
fn days_since_epoch(year: u32, month: u32, day: u32) -> i64 {
    // One round of the calendar later, so that no year is below zero.
    let year = year + 400 - u32::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day;
    i64::from(365 * year + year / 4 - year / 100 + year / 400 + day_of_year) - 865_566
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use super::any_iso;
    use super::plain;

    #[test]
    fn every_spelling_of_a_moment_is_read() {
        let noon = Timestamp::parse_iso("2023-07-10T12:09:47Z");
        assert_eq!(noon.map(|t| t.0), Some(1_688_990_987));
        for spelling in ["Jul 10, 2023, 12:09:47 PM", "Jul 10, 2023 12:09:47 PM", "Jul 10, 2023, 12:09:47\u{202f}PM"] {
            assert_eq!(Timestamp::parse_display(spelling), noon, "{spelling}");
        }
        for spelling in [
            "20230710T120947Z",
            "2023-07-10T12:09:47.123Z",
            "2023-07-10T12:09:47.999999999Z",
            "2023-07-10T12:09:47+00:00",
            "2023-07-10T12:09:47+0000",
            "2023-07-10T14:09:47+02:00",
            "2023-07-10T06:39:47.5-05:30",
            "2023-07-10 12:09:47Z",
            "2023-07-10t12:09:47z",
        ] {
            assert_eq!(Timestamp::parse_display(spelling), noon, "{spelling}");
        }
        for spelling in
            ["2023-07-10 12:09:47", "2023-07-10T12:09:47", "2023-07-10 12:09:47.123000000", "20230710T120947"]
        {
            assert_eq!(Timestamp::parse_event(spelling), noon, "{spelling}");
            assert_eq!(Timestamp::parse_iso(spelling), None, "{spelling}: whose clock?");
        }
        assert_eq!(Timestamp::parse_event("2023-07-10T14:09:47+02:00"), noon);
        assert_eq!(Timestamp::parse_event("2023-07-10"), None);
        assert_eq!(Timestamp::parse_display("Jan 1, 2024, 12:00:00 AM"), Timestamp::parse_date("2024-01-01"));
        // The short way and the calendar's parser say the same at every hour of a leap year, and of days that are none.
        for (month, day, hour) in (0..12).flat_map(|m| (0..33).flat_map(move |d| (0..14).map(move |h| (m, d, h)))) {
            let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month];
            for half in ["AM", "PM", "pm"] {
                let text = format!("{name} {day} 2024 {hour}:07:59 {half}");
                let slow = jiff::fmt::strtime::parse("%b %d %Y %I:%M:%S %p", &text)
                    .ok()
                    .and_then(|one| one.to_datetime().ok());
                assert_eq!(Timestamp::parse_display(&text), slow.map(Timestamp::of_civil), "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_a_moment_is_none() {
        for text in [
            "",
            " ",
            "2023-07-10",
            "2023-07-10T12:09:47",
            "2023-7-10T12:09:47Z",
            "2023-13-10T12:09:47Z",
            "2023-00-10T12:09:47Z",
            "2023-07-00T12:09:47Z",
            "2023-07-10T24:00:00Z",
            "2023-07-10T12:60:00Z",
            "2023-07-10T12:09:61Z",
            "2023-07-10T12:09:4:Z",
            "2023-07-10T12:09:47Z ",
            "2023-07-10T12:09:47.Z",
            "2023-07-10T12:09:47Zulu",
            "1688990987",
            "12023-07-10T12:09:47Z",
            "20230231T120947Z",
            "2023-02-29T12:09:47+02:00",
            "Foo 1, 2023, 1:00:00 PM",
            "Feb 29, 2023, 1:00:00 PM",
            "Jul 10, 2023, 13:00:00 PM",
            "Jul 10, 2023, 0:00:00 AM",
        ] {
            assert_eq!(Timestamp::parse_display(text), None, "{text}");
        }
        for text in ["", "2026-02-29", "2026-11-02T15:04:05Z", "2026-11-2", "20261102", "202611-021"] {
            assert_eq!(Timestamp::parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn no_day_that_does_not_exist_is_read() {
        for (year, leap) in [(1900, 0), (1970, 0), (2000, 1), (2024, 1), (2026, 0), (2100, 0), (2400, 1), (9999, 0)] {
            for (month, days) in (1..).zip([31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                let read = |day: i32| Timestamp::parse_iso(&format!("{year}-{month:02}-{day:02}T10:00:00Z"));
                assert!(read(days).is_some(), "{year}-{month}-{days}");
                for day in [0, days + 1, 32, 99] {
                    assert_eq!(read(day), None, "{year}-{month}-{day}");
                }
            }
        }
    }

    #[test]
    fn the_short_way_and_the_calendar_agree() {
        let clocks = ["00:00:00", "23:59:59", "24:00:00", "12:60:00", "1x:00:00", "-1:00:00"];
        let years = [0, 1, 1600, 1899, 1900, 1969, 1970, 1999, 2000, 2023, 2024, 2100, 9998, 9999];
        for year in years {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                for clock in clocks {
                    let text = format!("{year:04}-{month:02}-{day:02}T{clock}Z");
                    let short = text.as_bytes().try_into().ok().and_then(plain);
                    assert_eq!(short, any_iso(&text, None), "{text}");
                    assert_eq!(Timestamp::parse_event(&text), short, "{text}");
                    assert!(short.is_none_or(|moment| moment.to_string() == text), "{text}");
                }
            }
        }
    }

    #[test]
    fn display_is_the_inverse_of_parse() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-21T07:30:00Z", "9999-12-31T23:59:59Z"] {
            let moment = Timestamp::parse_iso(text);
            assert_eq!(moment.map(|t| t.to_string()).as_deref(), Some(text));
            assert_eq!(moment.map(Timestamp::date).as_deref(), text.split('T').next());
        }
        for far in [i64::MIN, i64::MAX] {
            assert!(Timestamp(far).to_string().contains("9999-"));
        }
    }

    #[test]
    fn fractions_are_dropped_on_both_sides_of_the_epoch_and_a_leap_second_is_the_one_before() {
        let at = |text| Timestamp::parse_iso(text).map(|moment| moment.0);
        assert_eq!(at("1970-01-01T00:00:00.9Z"), Some(0));
        assert_eq!(at("1969-12-31T23:59:59.9Z"), Some(-1));
        assert_eq!(at("2016-12-31T23:59:60Z"), at("2016-12-31T23:59:59Z"));
    }
}
