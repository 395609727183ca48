//! Which controls of five frameworks the rules of each theme give evidence for.
//!
//! The numbers are those of SOC 2 (2017 criteria), PCI DSS 4.0.1, NIST SP 800-53 revision 5, the CIS AWS Foundations
//! Benchmark and ISO/IEC 27001:2022, annex A. No framework names OIDC subjects or external ids: the nearest controls
//! are those about federation and third parties.

use crate::audit::Theme;

/// What a theme's rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Population {
    /// Listed chains.
    Chains,
    /// Chains that a CI job began, by what the CI system says.
    Runs,
    /// Granted assumptions from another account.
    CrossAccount,
    /// Long-lived keys that were used.
    Keys,
    /// Unique records.
    Records,
    /// Sessions.
    Sessions,
    /// Attempts to assume a role.
    Attempts,
    /// Log files read.
    Objects,
    /// This report.
    Report,
}

/// What the rules of one theme give evidence for.
pub(super) struct Controls {
    pub(super) theme: Theme,
    pub(super) population: Population,
    /// True when most of its rules compare with what the owners say.
    pub(super) needs_expectations: bool,
    /// The numbers of SOC 2, ISO, NIST, PCI and CIS, with `|` between them.
    pub(super) numbers: &'static str,
}

const fn of(theme: Theme, population: Population, needs_expectations: bool, numbers: &'static str) -> Controls {
    Controls { theme, population, needs_expectations, numbers }
}

/// Every theme, in the order of the page.
pub(super) const CONTROLS: [Controls; 9] = [
    of(
        Theme::Deploy,
        Population::Chains,
        true,
        "CC6.1, CC6.2, CC6.3, CC8.1 | A.5.15, A.5.18, A.8.2, A.8.32 | AC-2(12), AC-3, AC-6, IA-9, CM-5(1), CM-3 | \
            7.2.1, 7.2.5, 7.2.5.1, 6.5 | v3/v4 1.21; v5 1.20; v6/v7 2.19",
    ),
    of(
        Theme::Trust,
        Population::CrossAccount,
        true,
        "CC6.1, CC6.6, CC9.2 | A.5.19, A.5.23 | AC-20, AC-3, SA-9, IA-8 | 12.8, 7.2.5 | \
            v3/v4 1.20; v5 1.19; v6/v7 2.18",
    ),
    of(
        Theme::Ci,
        Population::Runs,
        false,
        "CC6.1, CC8.1 | A.8.4, A.8.32 | CM-3, CM-5(1), AU-10, SA-10 | 6.5.1, 6.5.2 | none",
    ),
    of(
        Theme::Keys,
        Population::Keys,
        false,
        "CC6.1, CC6.2 | A.5.17, A.8.5 | IA-5, IA-5(1), IA-2, AC-2(3) | 8.3.9, 8.3.10.1, 8.6.1–8.6.3 | \
            v3/v4 1.12, 1.13, 1.14; v5 1.11, 1.12, 1.13; v6/v7 2.11, 2.13/2.12",
    ),
    of(
        Theme::Root,
        Population::Records,
        false,
        "CC6.1, CC6.3 | A.8.2 | AC-6(9), IA-2 | 8.2.2, 7.2.2 | \
            v3/v4 1.4, 1.7; v5 1.3, 1.6; v6/v7 2.3–2.4, 2.6–2.7",
    ),
    of(
        Theme::Sessions,
        Population::Sessions,
        false,
        "CC6.1, CC7.2 | A.8.5, A.8.16 | AC-12, AU-10, SC-23(3), SI-4(20) | 8.2.8, 10.2.1 | none",
    ),
    of(
        Theme::Denials,
        Population::Attempts,
        false,
        "CC7.2, CC7.3 | A.8.16 | AC-7, AU-6, SI-4 | 10.2.1.4 | v3/v4 4.1; v5 4.1; v6/v7 5.1",
    ),
    of(
        Theme::Integrity,
        Population::Objects,
        false,
        "CC7.2, CC7.3, PI1.3 | A.8.15 | AU-6(1)(3), AU-9(3), AU-12, SI-7(1) | \
            10.2.1.6, 10.3.2, 10.3.4, 10.4.1.1, 10.5.1, 10.7 | v3/v4 3.1, 3.2, 4.5; v5 3.1, 3.2, 4.5; v6/v7 4.1, 4.2, 5.5",
    ),
    of(
        Theme::Review,
        Population::Report,
        false,
        "CC7.2, CC4.1 | A.8.16 | AU-6, CA-7 | 10.4.1, 10.4.1.1 | v3/v4/v5 section 4; v6/v7 section 5",
    ),
];
