//! Themes of control: which rules belong to each, and which controls of five frameworks they give evidence for.
//!
//! The numbers are those of SOC 2 (2017 criteria), PCI DSS 4.0.1, NIST SP 800-53 revision 5, the CIS AWS Foundations
//! Benchmark and ISO/IEC 27001:2022, annex A. No framework names OIDC subjects or external ids: the nearest controls
//! are those about federation and third parties.

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

/// One theme.
pub(super) struct Theme {
    pub(super) title: &'static str,
    /// Ids of the catalogue of rules. Those that this version does not have are not counted.
    pub(super) rules: &'static [&'static str],
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
pub(super) const THEMES: [Theme; 8] = [
    Theme {
        title: "Who may deploy",
        rules: &[
            "chain-too-deep",
            "cross-repo-deploy",
            "deploy-without-environment",
            "deploy-without-oidc-origin",
            "direct-oidc-into-deploy",
            "entry-role-overreach",
            "environment-mismatch",
            "foreign-owner-subject",
            "forgotten-role-chaining",
            "human-in-deploy-chain",
            "missing-link",
            "new-edge",
            "persistence-from-chain",
            "pull-request-subject-on-deploy-role",
            "repository-identity-changed",
            "role-juggling",
            "subject-drift",
            "tag-subject-mismatch",
            "unexpected-audience",
            "unexpected-edge",
            "unexpected-subject",
            "unknown-oidc-issuer",
            "unprotected-ref-on-deploy-role",
        ],
        population: Population::Chains,
        needs_expectations: true,
        soc2: "CC6.1, CC6.2, CC6.3, CC8.1",
        iso: "A.5.15, A.5.18, A.8.2, A.8.32",
        nist: "AC-2(12), AC-3, AC-6, IA-9, CM-5(1), CM-3",
        pci: "7.2.1, 7.2.5, 7.2.5.1, 6.5",
        cis: "v3/v4 1.21; v5 1.20; v6/v7 2.19",
    },
    Theme {
        title: "Trust conditions and third parties",
        rules: &[
            "external-id-as-only-guard",
            "external-id-not-enforced",
            "identity-provider-changed",
            "missing-external-id",
            "mutable-subject",
            "observed-outside-trust",
            "trust-condition-defect",
            "trust-lacks-external-id",
            "trust-policy-changed",
            "trust-too-wide",
            "unexpected-external-id",
        ],
        population: Population::CrossAccount,
        needs_expectations: true,
        soc2: "CC6.1, CC6.6, CC9.2",
        iso: "A.5.19, A.5.23",
        nist: "AC-20, AC-3, SA-9, IA-8",
        pci: "12.8, 7.2.5",
        cis: "v3/v4 1.20; v5 1.19; v6/v7 2.18",
    },
    Theme {
        title: "Long-lived keys",
        rules: &[
            "federation-token-issued",
            "key-quarantined",
            "long-lived-key-assumes-role",
            "long-lived-key-created",
            "long-lived-key-deploys",
            "long-lived-key-in-ci",
            "unfinished-migration",
        ],
        population: Population::Keys,
        needs_expectations: false,
        soc2: "CC6.1, CC6.2",
        iso: "A.5.17, A.8.5",
        nist: "IA-5, IA-5(1), IA-2, AC-2(3)",
        pci: "8.3.9, 8.3.10.1, 8.6.1–8.6.3",
        cis: "v3/v4 1.12, 1.13, 1.14; v5 1.11, 1.12, 1.13; v6/v7 2.11, 2.13/2.12",
    },
    Theme {
        title: "Root",
        rules: &["assume-root-used", "root-key-or-root-activity"],
        population: Population::Records,
        needs_expectations: false,
        soc2: "CC6.1, CC6.3",
        iso: "A.8.2",
        nist: "AC-6(9), IA-2",
        pci: "8.2.2, 7.2.2",
        cis: "v3/v4 1.4, 1.7; v5 1.3, 1.6; v6/v7 2.3–2.4, 2.6–2.7",
    },
    Theme {
        title: "Sessions",
        rules: &[
            "deploy-session-in-console",
            "generic-session-name",
            "global-sts-endpoint",
            "idle-session",
            "missing-session-tags",
            "session-duration-over-limit",
            "session-moved",
            "session-name-nonconforming",
        ],
        population: Population::Sessions,
        needs_expectations: false,
        soc2: "CC6.1, CC7.2",
        iso: "A.8.5, A.8.16",
        nist: "AC-12, AU-10, SC-23(3), SI-4(20)",
        pci: "8.2.8, 10.2.1",
        cis: "none",
    },
    Theme {
        title: "Denials",
        rules: &[
            "assume-role-denied",
            "denied-then-succeeded",
            "immutable-subject-rejected",
            "role-probing",
            "web-identity-denied",
        ],
        population: Population::Attempts,
        needs_expectations: false,
        soc2: "CC7.2, CC7.3",
        iso: "A.8.16",
        nist: "AC-7, AU-6, SI-4",
        pci: "10.2.1.4",
        cis: "v3/v4 4.1; v5 4.1; v6/v7 5.1",
    },
    Theme {
        title: "Integrity of the trail",
        rules: &[
            "account-not-covered",
            "ambiguous-link",
            "digest-validation-failed",
            "inputs-stale",
            "log-gap",
            "logging-tampered",
            "one-sided-cross-account",
            "read-events-missing",
            "records-not-parsed",
            "region-not-covered",
        ],
        population: Population::Objects,
        needs_expectations: false,
        soc2: "CC7.2, CC7.3, PI1.3",
        iso: "A.8.15",
        nist: "AU-6(1)(3), AU-9(3), AU-12, SI-7(1)",
        pci: "10.2.1.6, 10.3.2, 10.3.4, 10.4.1.1, 10.5.1, 10.7",
        cis: "v3/v4 3.1, 3.2, 4.5; v5 3.1, 3.2, 4.5; v6/v7 4.1, 4.2, 5.5",
    },
    Theme {
        title: "Regular automated review",
        rules: &["baseline-unused", "exception-expired", "exception-unused"],
        population: Population::Report,
        needs_expectations: false,
        soc2: "CC7.2, CC4.1",
        iso: "A.8.16",
        nist: "AU-6, CA-7",
        pci: "10.4.1, 10.4.1.1",
        cis: "v3/v4/v5 section 4; v6/v7 section 5",
    },
];
