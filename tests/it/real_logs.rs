//! Real public CloudTrail data, tested in place where `ROLECHAIN_REAL_LOGS` points at it; skipped with a word elsewhere.

use std::path::PathBuf;

use rolechain::expect::Expectations;
use rolechain::model::chain::LinkKind;
use rolechain::model::lineage::Lineage;
use rolechain::model::principal::PrincipalId;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;

fn real_logs(set: &str) -> Option<Outcome> {
    let Some(root) = std::env::var_os("ROLECHAIN_REAL_LOGS") else {
        eprintln!("skipped: ROLECHAIN_REAL_LOGS does not point at real logs");
        return None;
    };
    let folder = PathBuf::from(root).join(set);
    assert!(folder.is_dir(), "{} is not a folder", folder.display());
    let sources = vec![folder.to_string_lossy().into_owned()];
    let plan = Plan { sources, expectations: Expectations::default(), ..Plan::default() };
    Some(rolechain::pipeline::run(&plan, &Silent).unwrap())
}

/// What an independent program counted in the same data.
#[derive(Debug, PartialEq, Eq)]
struct Links {
    issuances: usize,
    used: usize,
    uses_by_key: u64,
    /// Calls of a session under another key or none: reachable only by principal id and creation time.
    uses_by_creation: u64,
    /// The same, where several sessions of that second fit and none is chosen.
    ambiguous_uses: u64,
}

fn links(lineage: &Lineage) -> Links {
    let mut links = Links { issuances: 0, used: 0, uses_by_key: 0, uses_by_creation: 0, ambiguous_uses: 0 };
    for session in lineage.sessions().filter(|session| session.session.issuance.is_some()) {
        let with_key: u64 = session
            .principals()
            .iter()
            .filter(|id| lineage.principal(**id).access_key == session.session.access_key)
            .map(|id| calls(lineage, *id))
            .sum();
        links.issuances += 1;
        links.used += usize::from(with_key > 0);
        links.uses_by_key += with_key;
        let all: u64 = session.principals().iter().map(|id| calls(lineage, *id)).sum();
        links.uses_by_creation += all - with_key;
    }
    let ambiguous = lineage.sessions().filter(|session| session.session.link.kind == LinkKind::Ambiguous);
    let ambiguous = ambiguous.filter(|session| session.session.issuance.is_none());
    links.ambiguous_uses = ambiguous.flat_map(|session| session.principals()).map(|id| calls(lineage, *id)).sum();
    links
}

fn calls(lineage: &Lineage, principal: PrincipalId) -> u64 {
    lineage.contacts.of(principal).iter().map(|(_, tally)| tally.count()).sum()
}

#[test]
fn links_agree_with_an_independent_count() {
    for (set, issuances, used, uses_by_key, uses_by_creation, ambiguous_uses) in
        [("maheribra", 315, 305, 318, 33, 6), ("invictus", 36, 8, 70, 3, 3), ("stratus", 9, 5, 48, 0, 0)]
    {
        let Some(outcome) = real_logs(set) else { return };
        assert_eq!(
            links(&outcome.lineage),
            Links { issuances, used, uses_by_key, uses_by_creation, ambiguous_uses },
            "{set}"
        );
    }
}
