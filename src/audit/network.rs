//! Networks: which addresses say where a call came from, and which of them are neighbors.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::net::Ipv6Addr;

use ipnet::IpNet;

use crate::ci::Facts;
use crate::expect::Expectations;

/// An address block in which one host, or one NAT pool, usually stays: /24 for IPv4, /48 for IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// The first three bytes of an IPv4 address.
    V4([u8; 3]),
    /// The first three groups of an IPv6 address.
    V6([u16; 3]),
}

impl Block {
    /// Returns the block of an address.
    pub fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(ip) => {
                let [a, b, c, ..] = ip.segments();
                Self::V6([a, b, c])
            }
        }
    }

    /// True when both are of one version. A host may have an address of each, so that only these compare.
    pub fn is_comparable(self, other: Self) -> bool {
        matches!((self, other), (Self::V4(_), Self::V4(_)) | (Self::V6(_), Self::V6(_)))
    }
}

impl fmt::Display for Block {
    /// Writes the block as people do: `203.0.113.0/24`, `2001:db8:1::/48`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4([a, b, c]) => write!(f, "{a}.{b}.{c}.0/24"),
            Self::V6([a, b, c]) => write!(f, "{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)),
        }
    }
}

/// Reads a source address that says where a caller stands. Host names of services, `AWS Internal` and private
/// addresses do not.
pub fn real(source_ip: &str) -> Option<IpAddr> {
    let ip = source_ip.parse::<IpAddr>().ok()?.to_canonical();
    let is_private = match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_carrier_nat = a == 100 && (64..128).contains(&b);
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || is_carrier_nat
        }
        IpAddr::V6(ip) => is_private_v6(ip),
    };
    (!is_private).then_some(ip)
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [first, ..] = ip.segments();
    ip.is_loopback() || ip.is_unspecified() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
}

/// The networks of CI systems: those from which the owners expect tokens, and those whose name says so.
pub(super) struct Ci<'a>(BTreeSet<&'a str>);

impl<'a> Ci<'a> {
    /// Reads them off the expectations.
    pub(super) fn of(expectations: &'a Expectations) -> Self {
        let by_name = expectations.networks.names().filter(|name| name.starts_with("github") || *name == "ci");
        let by_issuer = expectations.issuers.iter().flat_map(|issuer| issuer.networks.iter().map(String::as_str));
        Self(by_name.chain(by_issuer).collect())
    }

    /// True when the network of this name is one.
    pub(super) fn is(&self, label: Option<&str>) -> bool {
        label.is_some_and(|label| self.0.contains(label))
    }

    /// Returns the name of the one that holds the address.
    pub(super) fn holding<'e>(&self, expectations: &'e Expectations, ip: IpAddr) -> Option<&'e str> {
        if self.0.is_empty() {
            return None;
        }
        expectations.networks.label(&ip.to_string()).filter(|label| self.is(Some(label)))
    }
}

/// The addresses that vendors publish for their runners, as stretches that do not touch.
#[derive(Debug, Default)]
pub(super) struct Hosted {
    v4: Vec<(u128, u128)>,
    v6: Vec<(u128, u128)>,
}

impl Hosted {
    /// Reads them off the facts. What is no network is left out.
    pub(super) fn of(facts: &Facts) -> Self {
        let networks = facts.ranges.values().flat_map(|ranges| &ranges.networks);
        let networks: Vec<IpNet> = networks.filter_map(|network| network.parse().ok()).collect();
        let stretches = |is_v4: bool| {
            let of_version = networks.iter().filter(|network| network.addr().is_ipv4() == is_v4).copied();
            let merged = IpNet::aggregate(&of_version.collect());
            let mut stretches: Vec<(u128, u128)> =
                merged.iter().map(|network| (number(network.network()), number(network.broadcast()))).collect();
            stretches.sort_unstable();
            stretches
        };
        Self { v4: stretches(true), v6: stretches(false) }
    }

    /// True when an address is one of a runner; `None` where no network of its version is known.
    pub(super) fn holds(&self, ip: IpAddr) -> Option<bool> {
        let stretches = if ip.is_ipv4() { &self.v4 } else { &self.v6 };
        let number = number(ip);
        let at = stretches.partition_point(|(first, _)| *first <= number);
        let before = at.checked_sub(1).and_then(|at| stretches.get(at));
        (!stretches.is_empty()).then(|| before.is_some_and(|(_, last)| number <= *last))
    }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::Block;
    use super::real;

    #[test]
    fn only_public_addresses_say_where_a_caller_stands() {
        for text in ["10.1.2.3", "172.16.0.1", "192.168.0.9", "100.64.0.1", "127.0.0.1", "::1", "fd00::1", "fe80::1"] {
            assert_eq!(real(text), None, "{text}");
        }
        for text in ["AWS Internal", "ec2.amazonaws.com", "", "1.2.3"] {
            assert_eq!(real(text), None, "{text}");
        }
        assert_eq!(real("::ffff:203.0.113.9").map(Block::of), Some(Block::V4([203, 0, 113])));
        assert_eq!(real("2001:db8:1:2::3").map(Block::of), Some(Block::V6([0x2001, 0xdb8, 1])));
    }
}
