//! Moments: seconds since the Unix epoch, read from the spellings that CloudTrail uses.

use std::fmt;

/// A moment in UTC, in whole seconds since 1970-01-01T00:00:00Z.
///
/// CloudTrail's `eventTime` has no finer resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

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
        self.to_string().chars().take_while(|c| *c != 'T').collect()
    }

    /// Returns the day, as days since 1970-01-01.
    pub fn day(self) -> i64 {
        self.0.div_euclid(86_400)
    }

    /// Reads `2023-07-10T11:55:22Z`, the only spelling that real records use for `eventTime`, plus the basic ISO
    /// form `20131102T010628Z` of AWS's documentation samples. Fractions of a second are accepted and dropped.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        let (date, clock, rest) = if b.len() >= 20 && b[4] == b'-' && b[7] == b'-' && b[13] == b':' && b[16] == b':' {
            (
                [number(&b[0..4])?, number(&b[5..7])?, number(&b[8..10])?],
                [number(&b[11..13])?, number(&b[14..16])?, number(&b[17..19])?],
                (b[10], &b[19..]),
            )
        } else if b.len() >= 16 {
            (
                [number(&b[0..4])?, number(&b[4..6])?, number(&b[6..8])?],
                [number(&b[9..11])?, number(&b[11..13])?, number(&b[13..15])?],
                (b[8], &b[15..]),
            )
        } else {
            return None;
        };
        if rest.0 != b'T' && rest.0 != b' ' {
            return None;
        }
        let zone = match rest.1 {
            [b'.', fraction @ ..] => {
                let digits = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
                &fraction[digits..]
            }
            other => other,
        };
        if zone != b"Z" && zone != b"+00:00" && zone != b"+0000" {
            return None;
        }
        Self::from_civil(date, clock)
    }

    /// Reads `Jul 10, 2023, 12:09:47 PM`, the display string of `credentials.expiration`, in its three spellings:
    /// with and without the comma after the year, and with U+202F before AM/PM. Also accepts the ISO form.
    pub fn parse_display(text: &str) -> Option<Self> {
        const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        if let Some(iso) = Self::parse_iso(text) {
            return Some(iso);
        }
        let mut parts = text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty());
        let month_name = parts.next()?.to_ascii_lowercase();
        let month = MONTHS.iter().position(|name| month_name.starts_with(name))?;
        let day = parts.next()?.parse().ok()?;
        let year = parts.next()?.parse().ok()?;
        let mut clock = parts.next()?.split(':');
        let hour: i64 = clock.next()?.parse().ok()?;
        let minute = clock.next()?.parse().ok()?;
        let second = clock.next()?.parse().ok()?;
        let hour = match parts.next()?.to_ascii_uppercase().as_str() {
            "AM" if (1..=12).contains(&hour) => hour % 12,
            "PM" if (1..=12).contains(&hour) => hour % 12 + 12,
            _ => return None,
        };
        Self::from_civil([year, i64::try_from(month).ok()? + 1, day], [hour, minute, second])
    }

    fn from_civil([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3]) -> Option<Self> {
        let in_range = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..=60).contains(&second);
        in_range.then(|| Self(days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second))
    }
}

impl fmt::Display for Timestamp {
    /// Writes RFC 3339 in UTC: `2023-07-10T11:55:22Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.day());
        let second = self.0.rem_euclid(86_400);
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    let mut value = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some(value)
}

/// Howard Hinnant's `days_from_civil`, for the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn every_spelling_of_a_moment_is_read() {
        let noon = Timestamp::parse_iso("2023-07-10T12:09:47Z");
        assert_eq!(noon.map(|t| t.0), Some(1_688_990_987));
        for spelling in ["Jul 10, 2023, 12:09:47 PM", "Jul 10, 2023 12:09:47 PM", "Jul 10, 2023, 12:09:47\u{202f}PM"] {
            assert_eq!(Timestamp::parse_display(spelling), noon, "{spelling}");
        }
        assert_eq!(Timestamp::parse_iso("20230710T120947Z"), noon);
        assert_eq!(Timestamp::parse_iso("2023-07-10T12:09:47.123Z"), noon);
    }

    #[test]
    fn what_is_not_a_moment_is_none() {
        for text in ["", "2023-07-10", "2023-13-10T12:09:47Z", "2023-07-10T12:09:47+02:00", "Foo 1, 2023, 1:00:00 PM"] {
            assert_eq!(Timestamp::parse_display(text), None, "{text}");
        }
    }

    #[test]
    fn display_is_the_inverse_of_parse() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-21T07:30:00Z", "2100-03-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse_iso(text).map(|t| t.to_string()).as_deref(), Some(text));
        }
    }
}
