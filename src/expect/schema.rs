//! The tables of the file and the keys that each of them knows.

/// One table of the file.
#[derive(Debug)]
pub struct Table {
    /// Its name as messages and documentation write it.
    pub name: &'static str,
    /// The keys that it knows.
    pub keys: &'static [&'static str],
}

/// The file itself.
pub const FILE: Table = Table {
    name: "the file",
    keys: &[
        "schema",
        "org",
        "account",
        "issuer",
        "role",
        "environment",
        "keys",
        "limits",
        "networks",
        "severity",
        "exception",
    ],
};

/// `[org]`.
pub const ORG: Table = Table { name: "[org]", keys: &["name", "github_owners", "iac_roles"] };

/// An entry of `github_owners`.
pub const GITHUB_OWNER: Table = Table { name: "github_owners", keys: &["name", "id"] };

/// `[[account]]`.
pub const ACCOUNT: Table = Table { name: "[[account]]", keys: &["id", "name", "kind", "env"] };

/// `[[issuer]]`.
pub const ISSUER: Table = Table { name: "[[issuer]]", keys: &["url", "kind", "audiences", "accounts", "networks"] };

/// `[[role]]`.
pub const ROLE: Table = Table {
    name: "[[role]]",
    keys: &[
        "arn",
        "class",
        "env",
        "owner",
        "subjects",
        "session_name",
        "max_session_seconds",
        "may",
        "manages_iam",
        "repos",
        "origin",
        "session_tags",
        "runs",
        "from",
        "learned",
    ],
};

/// An entry of a role's `subjects`.
pub const SUBJECT: Table = Table {
    name: "subjects",
    keys: &[
        "issuer",
        "raw",
        "owner",
        "owner_id",
        "repo",
        "repo_id",
        "ref",
        "environment",
        "pull_request",
        "project",
        "workspace",
        "run_phase",
        "namespace",
        "service_account",
    ],
};

/// `[[role.from]]`.
pub const FROM: Table = Table { name: "[[role.from]]", keys: &["principal", "account", "external_id"] };

/// `[[environment]]`.
pub const ENVIRONMENT: Table = Table {
    name: "[[environment]]",
    keys: &["repo", "name", "approvals", "approvers", "workflows", "events", "runners"],
};

/// `[keys]`.
pub const KEYS: Table = Table { name: "[keys]", keys: &["allow_users", "max_age_days", "max_idle_days", "ci_markers"] };

/// `[limits]`.
pub const LIMITS: Table = Table {
    name: "[limits]",
    keys: &["chain_depth", "session_seconds", "subject_fanout", "denial_runs_per_day", "log_gap_minutes"],
};

/// An entry of `[networks]`.
pub const NETWORK: Table = Table { name: "[networks]", keys: &["cidrs", "file", "key"] };

/// `[[exception]]`.
pub const EXCEPTION: Table =
    Table { name: "[[exception]]", keys: &["detection", "match", "reason", "owner", "ticket", "created", "expires"] };

/// A baseline, which is a file of its own.
pub const BASELINE: Table =
    Table { name: "the baseline", keys: &["schema", "created", "expires", "by", "reason", "finding"] };

/// `[[finding]]` of a baseline.
pub const KNOWN: Table = Table { name: "[[finding]]", keys: &["fingerprint", "rule", "severity", "title"] };

/// Every table of the expectations file whose keys are fixed. `[networks]`, `[severity]` and `match` take names of the owner's choice.
pub const TABLES: &[&Table] = &[
    &FILE,
    &ORG,
    &GITHUB_OWNER,
    &ACCOUNT,
    &ISSUER,
    &ROLE,
    &SUBJECT,
    &FROM,
    &ENVIRONMENT,
    &KEYS,
    &LIMITS,
    &NETWORK,
    &EXCEPTION,
];
