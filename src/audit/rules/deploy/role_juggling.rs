//! `role-juggling`: a chain came back to a role that it had left, and so outlives the hour that chained sessions have.

use crate::audit::class;
use crate::audit::grade;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chain::Chain;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;
use crate::model::width::wide;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "role-juggling",
    title: "A chain came back to a role that it had left, and can keep itself alive",
    theme: Theme::Deploy,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs",
    remediation: "Break the circle: take one of the roles out of the other's trust policy. Revoke the sessions of every \
                  role of the circle at once (deny on aws:TokenIssueTime), because each assumption resets the clock.",
    techniques: &["T1550.001", "T1098"],
    reading: &[
        ("AWS: role chaining", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining"),
        (
            "AWS: revoke the sessions of a role",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/role-juggling.md"),
    check,
};

/// How long a chained session may last at most: what a circle is for is to get round it.
const CHAINED_SECONDS: i64 = HOUR;

/// A role that assumes itself once is a habit of tools; three in a row that outlive the hour are not.
const SELF_ASSUMPTIONS: usize = 3;

/// How far up a long chain is looked, when an earlier chain shows the hops above.
const MAX_HOPS: usize = 256;

/// How many sessions at each end of a circle prove it.
const MAX_PROOF: usize = 16;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for chain in context.lineage.chains.iter().filter(|chain| chain.path.len() > 2) {
        let sessions = sessions(context, chain);
        if let Some(circle) = circle(&sessions)
            && !circle.iter().any(|session| class::is_noise(*session))
        {
            matches.extend(matched(context, &sessions, circle));
        }
    }
}

/// Returns the sessions of a chain; of a long one that is like an earlier one those at its beginning, and the last.
fn sessions<'a>(context: &Context<'a>, chain: &Chain) -> Vec<SessionView<'a>> {
    let lineage = context.lineage;
    let listed = chain.path.iter().map(|id| lineage.session(*id));
    let Some(omitted) = chain.omitted else { return listed.collect() };
    let hops = chain.path.len() + omitted.count - omitted.after;
    let mut last: Vec<SessionView<'_>> = lineage.leaf(chain).ancestry().take(hops.min(MAX_HOPS)).collect();
    last.reverse();
    listed.take(omitted.after).chain(last).collect()
}

/// Returns the part of a path from the first role that comes back to its last return.
fn circle<'a, 's>(path: &'s [SessionView<'a>]) -> Option<&'s [SessionView<'a>]> {
    let mut first_at: Map<Sym, usize> = Map::default();
    let mut bounds: Option<(usize, usize)> = None;
    for (at, session) in path.iter().enumerate() {
        let Some(role) = session.session.role_arn else { continue };
        let first = *first_at.entry(role).or_insert(at);
        if first != at {
            let (start, _) = bounds.unwrap_or((first, at));
            bounds = Some((start.min(first), at));
        }
    }
    let (start, end) = bounds?;
    let circle = path.get(start..=end)?;
    let roles = circle.iter().filter_map(|session| session.session.role_arn);
    let is_one_role =
        circle.first().is_some_and(|first| roles.clone().all(|role| Some(role) == first.session.role_arn));
    let is_real = !is_one_role || (circle.len() >= SELF_ASSUMPTIONS && outlives_hour(path));
    is_real.then_some(circle)
}

/// Returns when the chain began and when its last session ends.
fn life(path: &[SessionView<'_>]) -> Option<(Timestamp, Timestamp)> {
    let begin = path.iter().find_map(SessionView::issued)?;
    let end = path.iter().filter_map(|session| session.session.expires.or(session.issued())).max()?;
    Some((begin, end))
}

/// Returns the sessions that prove a circle: its first ones and its last.
fn proof<'a, 's>(circle: &'s [SessionView<'a>]) -> impl Iterator<Item = &'s SessionView<'a>> {
    let first = circle.len().min(MAX_PROOF);
    let last = circle.len().saturating_sub(MAX_PROOF).max(first);
    circle.iter().take(first).chain(circle.iter().skip(last))
}

fn outlives_hour(path: &[SessionView<'_>]) -> bool {
    life(path).is_some_and(|(begin, end)| end.0.saturating_sub(begin.0) > CHAINED_SECONDS)
}

fn matched(context: &Context<'_>, path: &[SessionView<'_>], circle: &[SessionView<'_>]) -> Option<Match> {
    let mut roles: Vec<&str> = circle.iter().filter_map(SessionView::role_arn).collect();
    let turns = roles.len();
    roles.sort_unstable();
    roles.dedup();
    let home = circle.first()?.role_arn()?;
    let back = circle.iter().filter(|session| session.role_arn() == Some(home)).count().saturating_sub(1);
    let leaf = path.last()?;
    let long = outlives_hour(path);
    let others = phrase::all_of(roles.iter().filter(|role| **role != home).map(|role| phrase::short(role)));
    let over = if others.is_empty() { "by assuming itself".to_owned() } else { format!("by way of {others}") };
    let (begin, end) = match life(path) {
        Some((begin, end)) => (format!("At {begin}"), format!(", and the last of them ends at {end}")),
        None => ("At an unknown time".to_owned(), String::new()),
    };
    let proves = if long {
        "Chained sessions end after an hour; this chain outlived it, because every turn resets the clock."
    } else {
        "It has not outlived the hour of a chained session yet, but nothing stops it: every turn resets the clock."
    };
    let severity = if long { RULE.severity } else { Severity::High };
    Some(Match {
        // One circle is one finding, wherever a chain entered it.
        key: vec![("role_arn", roles.first().map(|role| (*role).to_owned())?), ("circle", roles.join(" "))],
        severity,
        confidence: grade::of_links(RULE.confidence, *leaf),
        basis: RULE.basis,
        title: format!("{} came back to itself {over}, {} in one chain", phrase::short(home), times(back)),
        message: format!(
            "{begin}, a chain from {} began that went round in a circle of {} through {}{end}. {proves} \
             Retries and refreshes are siblings and make no circle.",
            phrase::origin(context, leaf.origin()),
            phrase::count(wide(turns), "session"),
            phrase::all_of(roles.iter().map(|role| phrase::role(context, role))),
        ),
        remediation: Some(format!(
            "Take one of the roles of the circle out of the trust policy of the other ({}). Revoke the sessions of all \
             of them at the same moment with a deny on aws:TokenIssueTime: a session of one that survives brings back \
             the others.",
            roles.join(", ")
        )),
        count: 1,
        evidence: proof(circle).flat_map(SessionView::issuing_evidence).collect(),
        chain_ids: context.chain_ids(leaf.id),
    })
}

fn times(number: usize) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}
