//! Numbers, dates and addresses: the values that condition operators compare besides text.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::time::Timestamp;

/// Compares two numbers; `None` when one of them is none.
pub(super) fn compare_numbers(own: &str, asked: &str) -> Option<Ordering> {
    let read = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    read(own)?.partial_cmp(&read(asked)?)
}

/// Compares two moments; `None` when one of them is none.
pub(super) fn compare_dates(own: &str, asked: &str) -> Option<Ordering> {
    Some(moment(own)?.cmp(&moment(asked)?))
}

/// Reads a moment: ISO 8601 with or without a time, or seconds since the epoch.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>()
        && text.len() > 4
    {
        return Some(Timestamp(seconds));
    }
    let Some((_, clock)) = text.split_once('T') else {
        let first = match text.len() {
            4 => "-01-01",
            7 => "-01",
            _ => "",
        };
        return Timestamp::parse_date(&format!("{text}{first}"));
    };
    let zone = if clock.contains(['Z', '+', '-']) { "" } else { "Z" };
    Timestamp::parse_iso(&format!("{text}{zone}"))
}

/// Says whether an address lies in a network; `None` when one of them is none.
pub(super) fn is_in_network(address: &str, network: &str) -> Option<bool> {
    let address: IpAddr = address.trim().parse().ok()?;
    Some(self::network(network)?.contains(&address))
}

/// Reads a network, or an address as the network of itself.
pub(super) fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()
}

/// True for an address that the public sees. Calls through a VPC endpoint carry a private one, for which
/// `aws:SourceIp` is not set.
pub(super) fn is_public(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(own)) => !(own.is_private() || own.is_loopback() || own.is_link_local() || own.is_unspecified()),
        Ok(IpAddr::V6(own)) => {
            !(own.is_unique_local() || own.is_loopback() || own.is_unicast_link_local() || own.is_unspecified())
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_spellings_of_policies() {
        let noon = Timestamp::parse_iso("2026-11-02T12:00:00Z");
        for text in
            ["2026-11-02T12:00:00Z", "2026-11-02T12:00Z", "2026-11-02T14:00:00+02:00", "2026-11-02T12:00", "1793620800"]
        {
            assert_eq!(moment(text), noon, "{text}");
        }
        assert_eq!(moment("2026-11-02"), Timestamp::parse_iso("2026-11-02T00:00:00Z"));
        assert_eq!(moment("2026"), Timestamp::parse_iso("2026-01-01T00:00:00Z"));
        for text in ["", "x", "T", "2026-13-01", "2026-02-31", "2026-11-02T12:00:00+aa", "2026-11-02T12:00:00+é"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
