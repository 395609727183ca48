//! `external-id-not-enforced`: one caller came in with and without an external id, or with several: nothing pins it.

use std::collections::BTreeMap;

use crate::audit::external_id;
use crate::audit::external_id::Door;
use crate::audit::external_id::Verdict;
use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::assumption::Said;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "external-id-not-enforced",
    title: "A role accepts different ExternalIds, or none, from one caller",
    theme: Theme::Trust,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs; `[[account]]` tells whose an account is",
    remediation: "Require one value with StringEquals on sts:ExternalId in the role's trust policy. Not StringLike, not \
                  an IfExists operator, and no second statement that admits the same caller without the condition.",
    techniques: &["T1199"],
    reading: &[
        (
            "IAM User Guide: access for third parties",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
        ),
        (
            "IAM User Guide: condition operators",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/external-id-not-enforced.md"),
    check,
};

/// How long IAM may still act on the old trust policy after a change.
const SPREADING: i64 = 60;

/// Changes after which another external id may be the right one.
const TRUST_CHANGES: [&str; 3] = ["CreateRole", "DeleteRole", "UpdateAssumeRolePolicy"];

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let relations = Relations::new(context);
    let unnamed = unnamed_changes(context);
    // Many accounts may come into one role.
    let mut changes: Map<Sym, Vec<Timestamp>> = Map::default();
    let told = external_id::calls(context.lineage).filter(|(_, session)| external_id::sent(*session) != Said::Withheld);
    for (door, calls) in occurrences::gather(told) {
        let named = changes.entry(door.role).or_insert_with(|| trust_changes(context, door));
        let account = arn::account(context.lineage.str(door.role));
        let unnamed = account.and_then(|account| unnamed.get(account)).map(Vec::as_slice).unwrap_or_default();
        matches.extend(matched(context, &relations, door, &calls, (named, unnamed)));
    }
}

/// The first call of each kind of external id: none, those that the owners list, and every other one.
type Kinds<'a> = BTreeMap<Option<&'a str>, SessionView<'a>>;

fn matched(
    context: &Context<'_>,
    relations: &Relations<'_, '_>,
    door: Door,
    calls: &Occurrences<'_>,
    changes: (&[Timestamp], &[Timestamp]),
) -> Option<Match> {
    let lineage = context.lineage;
    let first = external_id::sent(calls.first());
    if calls.sessions().iter().all(|session| external_id::sent(*session) == first) {
        return None;
    }
    let relation = relations.of_caller(lineage.str(door.role), lineage.str(door.caller_account));
    let (kinds, is_one_principal) = contradiction(context, calls, relation, changes)?;
    let role = phrase::role(context, lineage.str(door.role));
    let account = phrase::account(context, lineage.str(door.caller_account));
    let values: Vec<String> = kinds.keys().flatten().map(|value| format!("{value:?}")).collect();
    let (title, how) = if kinds.contains_key(&None) {
        (
            "with and without an ExternalId",
            format!("with the ExternalId {} and also without any", phrase::all_of(values)),
        )
    } else {
        ("with different ExternalIds", format!("with the ExternalIds {}", phrase::all_of(values)))
    };
    let who = if is_one_principal { "One principal" } else { "Different principals" };
    let proof = if is_one_principal {
        "so the trust policy binds this caller to no single value"
    } else {
        "so the trust policy binds this account to no single value, unless each principal has a statement of its own"
    };
    Some(Match {
        key: door.key(lineage),
        severity: if relation == Relation::Own { Severity::Medium } else { Severity::High },
        confidence: if relation == Relation::Undeclared || !is_one_principal {
            Confidence::Medium
        } else {
            Confidence::High
        },
        basis: if is_one_principal { Basis::Proof } else { Basis::Heuristic },
        title: format!("{} let {account} in {title}", arn::short(lineage.str(door.role))),
        message: format!(
            "{who} of {account} assumed {role} {how}. All calls succeeded and no change of the trust policy lies \
             between them, {proof}."
        ),
        remediation: None,
        count: calls.count(),
        evidence: kinds.values().chain(calls.sessions().last()).flat_map(SessionView::issuing_evidence).collect(),
        chain_ids: calls.chain_ids(context),
    })
}

/// Finds calls of one principal, under one trust policy, that differ in their external id; for third parties also
/// calls of different principals. Different roles of one's own may well have a value each.
fn contradiction<'a>(
    context: &Context<'_>,
    calls: &Occurrences<'a>,
    relation: Relation,
    changes: (&[Timestamp], &[Timestamp]),
) -> Option<(Kinds<'a>, bool)> {
    let mut by_principal: BTreeMap<((usize, usize), &str), Kinds<'a>> = BTreeMap::new();
    let mut by_period: BTreeMap<(usize, usize), Kinds<'a>> = BTreeMap::new();
    let mut listed = None;
    for session in calls.sessions() {
        let issued = session.issued();
        let Some(period) = period(changes.0, issued).zip(period(changes.1, issued)) else { continue };
        let lineage = session.lineage();
        let sent = lineage.opt(external_id::sent(*session).value());
        // What the owners list counts as one kind, whichever of the values it is.
        let is_listed = sent.is_some() && external_id::judge(context, *session) == Verdict::Expected;
        let kind = if is_listed { *listed.get_or_insert(sent) } else { sent };
        let kinds = by_period.entry(period).or_default();
        kinds.entry(kind).or_insert(*session);
        if let Some(principal) = principal(*session) {
            by_principal.entry((period, principal)).or_default().entry(kind).or_insert(*session);
        }
    }
    if let Some(kinds) = by_principal.into_values().find(|kinds| kinds.len() > 1) {
        return Some((kinds, true));
    }
    let kinds = by_period.into_values().find(|kinds| kinds.len() > 1)?;
    (relation != Relation::Own).then_some((kinds, false))
}

/// Returns the unique id of the calling role or user, which both copies of a call carry.
fn principal(session: SessionView<'_>) -> Option<&str> {
    let id = session.lineage().opt(session.caller()?.principal_id)?;
    Some(id.split_once(':').map_or(id, |(role, _)| role))
}

/// Returns when the role's trust policy changed, in order.
fn trust_changes(context: &Context<'_>, door: Door) -> Vec<Timestamp> {
    let lineage = context.lineage;
    let role_arn = lineage.str(door.role);
    let Some(name) = arn::role_name(role_arn) else { return Vec::new() };
    let changes = lineage.changes_of(name).filter(|change| {
        change.error_code.is_none()
            && lineage.opt(change.account) == arn::account(role_arn)
            && TRUST_CHANGES.contains(&lineage.str(change.name))
    });
    let mut times: Vec<Timestamp> = changes.filter_map(|change| change.time).collect();
    times.sort_unstable();
    times
}

/// Returns when a trust policy was changed in a record that does not say of which role, in order, by account.
fn unnamed_changes<'a>(context: &Context<'a>) -> BTreeMap<&'a str, Vec<Timestamp>> {
    let lineage = context.lineage;
    let mut times: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    // Changes are settled: in order of time.
    for change in lineage.observations.changes.iter().filter(|change| change.target.is_none()) {
        if change.error_code.is_none()
            && lineage.str(change.name) == "UpdateAssumeRolePolicy"
            && let (Some(account), Some(time)) = (lineage.opt(change.account), change.time)
        {
            times.entry(account).or_default().push(time);
        }
    }
    times
}

/// Returns between which changes a moment lies; `None` while a change spreads.
fn period(changes: &[Timestamp], moment: Option<Timestamp>) -> Option<usize> {
    let Some(moment) = moment else { return Some(0) };
    let period = changes.partition_point(|change| *change <= moment);
    let is_spreading =
        period.checked_sub(1).and_then(|last| changes.get(last)).is_some_and(|change| moment < change.plus(SPREADING));
    (!is_spreading).then_some(period)
}
