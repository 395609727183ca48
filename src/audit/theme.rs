//! Themes: what rules are about, one folder of `rules/` each.

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Theme {
    /// Who comes to a role that deploys, and by which way.
    Deploy,
    /// What trust policies demand of callers.
    Trust,
    /// What the CI system says of the runs behind the sessions.
    Ci,
    /// Long-lived keys.
    Keys,
    /// The root user.
    Root,
    /// How sessions are named, tagged and used.
    Sessions,
    /// Refusals.
    Denials,
    /// Whether the logs are all there, and as CloudTrail wrote them.
    Integrity,
    /// What was accepted of what the other rules found. Nothing accepts what these rules find.
    Review,
}

impl Theme {
    /// Returns its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Deploy => "Who may deploy",
            Self::Trust => "Trust conditions and third parties",
            Self::Ci => "CI runs behind the sessions",
            Self::Keys => "Long-lived keys",
            Self::Root => "Root",
            Self::Sessions => "Sessions",
            Self::Denials => "Denials",
            Self::Integrity => "Integrity of the trail",
            Self::Review => "Regular automated review",
        }
    }
}
