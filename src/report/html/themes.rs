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
    pub(super) soc2: &'static str,
    pub(super) iso: &'static str,
    pub(super) nist: &'static str,
    pub(super) pci: &'static str,
    pub(super) cis: &'static str,
}

/// Every theme, in the order of the page.
pub(super) const CONTROLS: [Controls; 8] = [
    Controls {
        theme: Theme::Deploy,
        population: Population::Chains,
        needs_expectations: true,
        soc2: "CC6.1, CC6.2, CC6.3, CC8.1",
        iso: "A.5.15, A.5.18, A.8.2, A.8.32",
        nist: "AC-2(12), AC-3, AC-6, IA-9, CM-5(1), CM-3",
        pci: "7.2.1, 7.2.5, 7.2.5.1, 6.5",
        cis: "v3/v4 1.21; v5 1.20; v6/v7 2.19",
    },
    Controls {
        theme: Theme::Trust,
        population: Population::CrossAccount,
        needs_expectations: true,
        soc2: "CC6.1, CC6.6, CC9.2",
        iso: "A.5.19, A.5.23",
        nist: "AC-20, AC-3, SA-9, IA-8",
        pci: "12.8, 7.2.5",
        cis: "v3/v4 1.20; v5 1.19; v6/v7 2.18",
    },
    Controls {
        theme: Theme::Keys,
        population: Population::Keys,
        needs_expectations: false,
        soc2: "CC6.1, CC6.2",
        iso: "A.5.17, A.8.5",
        nist: "IA-5, IA-5(1), IA-2, AC-2(3)",
        pci: "8.3.9, 8.3.10.1, 8.6.1–8.6.3",
        cis: "v3/v4 1.12, 1.13, 1.14; v5 1.11, 1.12, 1.13; v6/v7 2.11, 2.13/2.12",
    },
    Controls {
        theme: Theme::Root,
        population: Population::Records,
        needs_expectations: false,
        soc2: "CC6.1, CC6.3",
        iso: "A.8.2",
        nist: "AC-6(9), IA-2",
        pci: "8.2.2, 7.2.2",
        cis: "v3/v4 1.4, 1.7; v5 1.3, 1.6; v6/v7 2.3–2.4, 2.6–2.7",
    },
    Controls {
        theme: Theme::Sessions,
        population: Population::Sessions,
        needs_expectations: false,
        soc2: "CC6.1, CC7.2",
        iso: "A.8.5, A.8.16",
        nist: "AC-12, AU-10, SC-23(3), SI-4(20)",
        pci: "8.2.8, 10.2.1",
        cis: "none",
    },
    Controls {
        theme: Theme::Denials,
        population: Population::Attempts,
        needs_expectations: false,
        soc2: "CC7.2, CC7.3",
        iso: "A.8.16",
        nist: "AC-7, AU-6, SI-4",
        pci: "10.2.1.4",
        cis: "v3/v4 4.1; v5 4.1; v6/v7 5.1",
    },
    Controls {
        theme: Theme::Integrity,
        population: Population::Objects,
        needs_expectations: false,
        soc2: "CC7.2, CC7.3, PI1.3",
        iso: "A.8.15",
        nist: "AU-6(1)(3), AU-9(3), AU-12, SI-7(1)",
        pci: "10.2.1.6, 10.3.2, 10.3.4, 10.4.1.1, 10.5.1, 10.7",
        cis: "v3/v4 3.1, 3.2, 4.5; v5 3.1, 3.2, 4.5; v6/v7 4.1, 4.2, 5.5",
    },
    Controls {
        theme: Theme::Review,
        population: Population::Report,
        needs_expectations: false,
        soc2: "CC7.2, CC4.1",
        iso: "A.8.16",
        nist: "AU-6, CA-7",
        pci: "10.4.1, 10.4.1.1",
        cis: "v3/v4/v5 section 4; v6/v7 section 5",
    },
];
