//! Which chains and routes a finding speaks of, and how bad it is.

use std::collections::BTreeMap;

use crate::model::chain::Chain;
use crate::model::chain::ChainId;
use crate::model::chains::Chains;
use crate::model::finding::Severity;
use crate::report::wire::Rows;

/// How the page colours what was judged. Never by colour alone: what is flagged carries a mark, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    /// No open finding speaks of it.
    #[default]
    Plain,
    /// Findings of low or medium severity.
    Notice,
    /// Findings of high or critical severity.
    Alarm,
}

impl Grade {
    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Alarm,
            Severity::Medium | Severity::Low => Self::Notice,
            Severity::Info => Self::Plain,
        }
    }

    /// Returns the class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Notice => "notice",
            Self::Alarm => "alarm",
        }
    }

    /// Returns the judgement in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Plain => "not flagged",
            Self::Notice => "flagged (medium or low)",
            Self::Alarm => "flagged (critical or high)",
        }
    }

    /// Returns what stands before the name of what is flagged.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Notice => "△ ",
            Self::Alarm => "▲ ",
        }
    }
}

/// The judgement of every route, and the way from a chain's id to the chain.
pub(super) struct Judged<'a> {
    /// By the number of the route in the lineage.
    pub(super) routes: Vec<Grade>,
    /// The chains that findings name.
    chains: BTreeMap<String, &'a Chain>,
}

impl<'a> Judged<'a> {
    /// Looks once at every finding and once at every chain.
    pub(super) fn of(rows: &Rows<'a>) -> Self {
        let mut worst: BTreeMap<ChainId, Grade> = BTreeMap::new();
        let mut by_grade: BTreeMap<Grade, Chains> = BTreeMap::new();
        for finding in rows.report.findings {
            let grade = if finding.is_open() { Grade::of(finding.severity) } else { Grade::Plain };
            by_grade.entry(grade).or_default().extend(finding.chain_ids.clone());
        }
        let lineage = rows.lineage();
        // The worst come last, and stay.
        for (grade, chains) in &by_grade {
            worst.extend(chains.ids(&lineage.by_descent).map(|id| (id, *grade)));
        }
        let mut judged = Self { routes: vec![Grade::Plain; lineage.routes.len()], chains: BTreeMap::new() };
        if worst.is_empty() {
            return judged;
        }
        for chain in &lineage.chains {
            let Some(grade) = worst.get(&chain.id) else { continue };
            if let Some(route) = judged.routes.get_mut(usize::try_from(chain.route).unwrap_or(usize::MAX)) {
                *route = (*route).max(*grade);
            }
            judged.chains.insert(chain.id.to_string(), chain);
        }
        judged
    }

    /// Returns a chain that a finding names.
    pub(super) fn chain(&self, id: &str) -> Option<&'a Chain> {
        self.chains.get(id).copied()
    }
}
