//! The queries that come with the program. To add one: write it in `queries/`, and list it in [`SHIPPED`].

/// A query that answers a question that people ask.
#[derive(Debug)]
pub struct Shipped {
    /// Its name: the stem of its file.
    pub name: &'static str,
    /// Its text. A comment heads it: `Question:`, `Columns:`, `Answer:`.
    pub sql: &'static str,
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(Shipped { name: $name, sql: include_str!(concat!("../../queries/", $name, ".sql")) }),+]
    };
}

/// Every query, by name.
pub static SHIPPED: &[Shipped] = shipped![
    "assumptions-without-external-id",
    "busiest-routes",
    "callers-outside-the-logs",
    "coverage-holes",
    "denied-attempts",
    "deploys-outside-hours",
    "deploys-per-repository-per-day",
    "errors-by-role",
    "first-seen-edges",
    "incomplete-chains",
    "long-lived-keys",
    "new-subjects",
    "open-findings",
    "production-changes",
    "role-fan-in-and-out",
    "session-durations",
    "sessions-from-two-networks",
    "subjects-per-role",
    "unused-entry-sessions",
    "what-roles-do",
    "who-reached-prod",
    "writes-without-oidc",
];

/// Returns the query of a name.
pub fn named(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|query| query.name == name)
}

impl Shipped {
    /// Returns the question that it answers.
    pub fn question(&self) -> String {
        self.part("Question")
    }

    /// Returns what its columns are.
    pub fn columns(&self) -> String {
        self.part("Columns")
    }

    /// Returns what to do with the answer.
    pub fn answer(&self) -> String {
        self.part("Answer")
    }

    /// Returns a part of the comment at its head, on one line.
    fn part(&self, name: &str) -> String {
        let begin = format!("-- {name}: ");
        let mut comment = self.sql.lines().take_while(|line| line.starts_with("--"));
        let Some(first) = comment.find_map(|line| line.strip_prefix(&begin)) else { return String::new() };
        let rest = comment.map_while(|line| line.strip_prefix("--   "));
        std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" ")
    }
}
