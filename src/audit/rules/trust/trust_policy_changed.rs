//! `trust-policy-changed`: who may assume a role was changed, and what the change did.

use std::collections::BTreeMap;

use sha2::Digest as _;
use sha2::Sha256;

use crate::audit::changes;
use crate::audit::class;
use crate::audit::grade;
use crate::audit::phrase;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::audit::trust::Guard;
use crate::audit::trust::Trust;
use crate::audit::trust_difference;
use crate::audit::trust_difference::Difference;
use crate::model::arn;
use crate::model::chain::SessionId;
use crate::model::change::Change;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::origin::OriginKind;
use crate::model::time::Timestamp;
use crate::trust::Principal;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "trust-policy-changed",
    title: "Who may assume a role was changed",
    theme: Theme::Trust,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs of IAM; better with `[[account]]` and `iac_roles`",
    remediation: "Compare the change with its ticket. If there is none, put the former trust policy back, deny \
                  sessions of the role that were issued since (aws:TokenIssueTime), and review what they did.",
    techniques: &["T1098.003", "T1484.002"],
    reading: &[
        (
            "AWS: UpdateAssumeRolePolicy",
            "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html",
        ),
        (
            "Stratus Red Team: backdoor an IAM role",
            "https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.iam-backdoor-role/",
        ),
    ],
    page: include_str!("../../../../docs/rules/trust-policy-changed.md"),
    check,
};

/// So many things that a change did are told.
const TOLD: usize = 4;

/// Roles by account and name: changes name a role without its path.
type Name = (String, String);

/// A role that is in use, or that the owners speak of.
#[derive(Default)]
struct Role<'a> {
    arn: String,
    sessions: Vec<SessionView<'a>>,
}

/// A change with the trust policy that it made.
struct Step<'a> {
    change: &'a Change,
    after: Option<Trust>,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let steps = steps(context);
    if steps.is_empty() {
        return;
    }
    let roles = roles(context, &steps);
    let relations = Relations::new(context);
    for (name, steps) in &steps {
        let (account, short) = name;
        let idle = Role { arn: format!("arn:aws:iam::{account}:role/{short}"), sessions: Vec::new() };
        let known = roles.get(name);
        let role = known.unwrap_or(&idle);
        let mut before: Option<&Trust> = None;
        for (at, step) in steps.iter().enumerate() {
            let until = steps.get(at + 1).and_then(|next| next.change.time);
            let is_new = context.lineage.str(step.change.name) == "CreateRole";
            let changed = Changed { role, step, before, until, is_new, relations: &relations };
            // The first document of a role is what the next one is compared with, and a role that nobody uses is of
            // no interest; a door to strangers is told all the same.
            let is_of_interest = known.is_some() && !(is_new && before.is_none());
            if is_of_interest || lets_strangers_in(context, &changed) {
                matches.extend(judge(context, &changed));
            }
            before = step.after.as_ref().or(before);
        }
    }
}

/// Collects the changes of trust policies that were made, by role. Changes are settled: in order of time, each once.
fn steps<'a>(context: &Context<'a>) -> BTreeMap<Name, Vec<Step<'a>>> {
    let lineage = context.lineage;
    let is_trust = |change: &&Change| {
        changes::is_of_iam(context, change)
            && matches!(lineage.str(change.name), "CreateRole" | "UpdateAssumeRolePolicy")
    };
    let mut steps: BTreeMap<Name, Vec<Step<'a>>> = BTreeMap::new();
    for change in lineage.observations.changes.iter().filter(is_trust) {
        let Some(account) = lineage.opt(change.account) else { continue };
        // A role whose parameters were withheld has no name; the account is all that is known.
        let target = lineage.opt(change.target).unwrap_or_default();
        let after = lineage.opt(change.document).and_then(Trust::read);
        let step = Step { change, after };
        steps.entry((account.to_owned(), target.to_owned())).or_default().push(step);
    }
    steps
}

/// Finds those of the changed roles that are in use or declared, with their sessions.
fn roles<'a>(context: &Context<'a>, steps: &BTreeMap<Name, Vec<Step<'_>>>) -> BTreeMap<Name, Role<'a>> {
    let mut roles: BTreeMap<Name, Role<'a>> = BTreeMap::new();
    for session in context.lineage.sessions() {
        let Some(role_arn) = session.role_arn() else { continue };
        let (Some(account), Some(name)) = (arn::account(role_arn), arn::role_name(role_arn)) else { continue };
        let name = (account.to_owned(), name.to_owned());
        if !steps.contains_key(&name) || class::is_noise(session) {
            continue;
        }
        let role = roles.entry(name).or_default();
        // The longer spelling holds the path.
        if role_arn.len() > role.arn.len() {
            role_arn.clone_into(&mut role.arn);
        }
        role.sessions.push(session);
    }
    for (account, name) in steps.keys() {
        if name.is_empty() {
            roles.insert((account.clone(), String::new()), Role::default());
            continue;
        }
        let bare = format!("arn:aws:iam::{account}:role/{name}");
        let declared = context.expectations.role(&bare).filter(|role| role.arn.is_literal());
        if let Some(declared) = declared {
            let role = roles.entry((account.clone(), name.clone())).or_default();
            if role.arn.is_empty() {
                declared.arn.as_str().clone_into(&mut role.arn);
            }
        }
    }
    roles
}

/// Returns true when the change newly lets in an account of somebody else, everybody, or another issuer than before.
///
/// A new role has its issuer from the start, and a vendor is let in with an `ExternalId` from the start: both are how
/// it should be. What an unknown policy let in before is taken to be new, except for its issuers.
fn lets_strangers_in(context: &Context<'_>, changed: &Changed<'_, '_>) -> bool {
    let Some(after) = &changed.step.after else { return false };
    let is_known = |principal: &Principal| changed.before.is_some_and(|before| before.grants.contains_key(principal));
    let role = context.expectations.role(&changed.role.arn);
    let is_expected = |id: &str| role.is_some_and(|role| role.from.names_account(id));
    after.grants.iter().filter(|(principal, _)| !is_known(principal)).any(|(principal, sets)| {
        let is_closed = match principal {
            Principal::Federated(_) => changed.before.is_none(),
            _ if sets.iter().all(Trust::is_for_own) => true,
            Principal::Anybody => false,
            _ => {
                principal.account().is_some_and(is_expected)
                    || changed.is_new && sets.iter().all(Trust::asks_for_external_id)
            }
        };
        !is_closed && opens(changed, principal).is_some()
    })
}

struct Changed<'a, 'c> {
    role: &'a Role<'a>,
    step: &'a Step<'a>,
    before: Option<&'a Trust>,
    until: Option<Timestamp>,
    is_new: bool,
    relations: &'a Relations<'a, 'c>,
}

/// What is said of a change.
struct Verdict {
    severity: Severity,
    confidence: Confidence,
    /// What it did, in words that follow `the change`.
    did: Vec<String>,
}

fn judge(context: &Context<'_>, changed: &Changed<'_, '_>) -> Option<Match> {
    let change = changed.step.change;
    let verdict = match (&changed.step.after, changed.before) {
        (None, _) if change.omitted => Verdict {
            severity: Severity::High,
            confidence: Confidence::High,
            did: vec!["is not in its record, so that its content cannot be judged".to_owned()],
        },
        (None, _) => Verdict {
            severity: RULE.severity,
            confidence: Confidence::Medium,
            did: vec!["sets a document that cannot be read".to_owned()],
        },
        (Some(after), Some(before)) => compared(changed, (before, after))?,
        (Some(after), None) => unknown_before(context, changed, after),
    };
    let account = context.lineage.opt(change.account)?;
    Some(matched(context, changed, account, verdict))
}

fn compared(changed: &Changed<'_, '_>, (before, after): (&Trust, &Trust)) -> Option<Verdict> {
    let differences = trust_difference::between(before, after);
    if differences.is_empty() {
        return None;
    }
    let mut confidence = RULE.confidence;
    let mut is_opened = after.admits_strangers() && !before.admits_strangers();
    for difference in &differences {
        match difference {
            Difference::Added(principal) => {
                if let Some(sure) = opens(changed, principal) {
                    is_opened = true;
                    confidence = confidence.min(sure);
                }
            }
            Difference::Unguarded(_, key) => is_opened |= Guard::of(key).is_some(),
            _ => {}
        }
    }
    let severity = if is_opened {
        Severity::High
    } else if differences.iter().all(Difference::is_narrowing) {
        Severity::Low
    } else {
        RULE.severity
    };
    // The dangerous part first: a long list is cut.
    let mut ordered: Vec<&Difference> = differences.iter().collect();
    ordered.sort_by_key(|difference| (difference.is_narrowing(), *difference));
    Some(Verdict { severity, confidence, did: ordered.into_iter().map(Difference::said).collect() })
}

/// Judges a policy whose predecessor is not in these logs: what it admits is known, and not whether that is new.
fn unknown_before(context: &Context<'_>, changed: &Changed<'_, '_>, after: &Trust) -> Verdict {
    let open: Vec<(&Principal, Confidence)> = after
        .principals()
        .filter(|principal| !matches!(principal, Principal::Federated(_)))
        .filter_map(|principal| Some((principal, opens(changed, principal)?)))
        .collect();
    let confidence = open.iter().map(|(_, sure)| *sure).min().unwrap_or(RULE.confidence).min(Confidence::Medium);
    let is_open = !open.is_empty() || after.admits_strangers();
    let compared = compared_with_snapshot(context, changed, after);
    let said = after.said();
    let let_in = if said.is_empty() { "nobody".to_owned() } else { phrase::all_of(said) };
    Verdict {
        severity: if is_open { Severity::High } else { RULE.severity },
        confidence,
        did: vec![if changed.is_new {
            format!("creates the role with a policy that lets in {let_in}")
        } else {
            format!("sets a policy that lets in {let_in}; what it was before is not in these logs{compared}")
        }],
    }
}

/// Says what the change did if a snapshot that says otherwise is from before it. Snapshots have no date, so that this
/// decides nothing.
fn compared_with_snapshot(context: &Context<'_>, changed: &Changed<'_, '_>, after: &Trust) -> String {
    let known = context.in_force.snapshot_role(&changed.role.arn);
    let Some(Ok(policy)) = known.map(|role| &role.policy) else { return String::new() };
    let differences = trust_difference::between(&Trust::of(policy), after);
    if differences.is_empty() {
        return " (the snapshot says the same)".to_owned();
    }
    let did: Vec<String> = differences.iter().take(TOLD).map(Difference::said).collect();
    format!(" (if the snapshot is from before, the change {})", did.join("; it "))
}

/// Returns how sure it is that letting in this principal opens the role to the outside; `None` when it does not.
fn opens(changed: &Changed<'_, '_>, principal: &Principal) -> Option<Confidence> {
    match principal {
        Principal::Anybody | Principal::Federated(_) => Some(Confidence::High),
        Principal::Account(_) | Principal::Aws(_) => {
            let account = principal.account()?;
            if arn::account(&changed.role.arn) == Some(account) {
                return None;
            }
            match changed.relations.of_caller(&changed.role.arn, account) {
                Relation::Own => None,
                Relation::ThirdParty => Some(Confidence::High),
                Relation::Undeclared => Some(Confidence::Medium),
            }
        }
        Principal::Service(_) | Principal::Other(_) => None,
    }
}

fn matched(context: &Context<'_>, changed: &Changed<'_, '_>, account: &str, verdict: Verdict) -> Match {
    let lineage = context.lineage;
    let change = changed.step.change;
    let Verdict { severity, confidence, did } = verdict;
    let caller = lineage.principal(change.caller);
    let by_service = lineage.opt(caller.invoked_by).is_some_and(|service| service == "cloudformation.amazonaws.com");
    let actor = lineage.opt(caller.issuer_arn).or(lineage.opt(caller.arn)).unwrap_or("an unknown principal");
    let is_iac = context.expectations.is_iac_role(actor);
    let role_arn = changed.role.arn.as_str();
    let is_named = !role_arn.is_empty();
    let severity = match severity {
        _ if is_iac => Severity::Info,
        Severity::Medium if by_service => Severity::Low,
        // Taking away is no danger, in production neither.
        Severity::Low => Severity::Low,
        other if is_named => grade::in_prod(other, context, role_arn),
        other => other,
    };
    let session =
        usize::try_from(change.caller.0).ok().and_then(|at| lineage.session_of_principal.get(at).copied().flatten());
    let by = session.map(|id| lineage.session(id));
    let (short, role) = if is_named {
        (phrase::short(role_arn).to_owned(), phrase::role(context, role_arn))
    } else {
        let unnamed = format!("a role of {}", phrase::account(context, account));
        (unnamed.clone(), unnamed)
    };
    let told = did.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; it ");
    let more = did.len().checked_sub(TOLD).filter(|more| *more > 0);
    let more = more.map(|more| format!("; and {more} more")).unwrap_or_default();
    let after = since(changed);
    let origin = by.map(|by| by.origin()).filter(|origin| origin.kind != OriginKind::Unknown);
    let began =
        origin.map(|origin| format!(" The chain began from {}.", phrase::origin(context, origin))).unwrap_or_default();
    let meanwhile = match after.len() {
        0 => " Nobody has assumed the role since, as far as these logs show.".to_owned(),
        1 => " One session of the role began since; its chain is listed.".to_owned(),
        sessions => format!(" {sessions} sessions of the role began since; their chains are listed."),
    };
    let when = change.time.map_or_else(|| "At an unknown time".to_owned(), |time| format!("At {time}"));
    let mut key = vec![("principal_arn", actor.to_owned()), ("policy", policy_id(changed.step))];
    key.push(if is_named { ("role_arn", role_arn.to_owned()) } else { ("account_id", account.to_owned()) });
    Match {
        key,
        severity,
        confidence,
        basis: RULE.basis,
        title: if changed.is_new && changed.before.is_none() {
            format!("{short} is a new role that lets strangers in")
        } else {
            let first = did.first().map(String::as_str).unwrap_or_default();
            format!("The trust policy of {short} was changed: it {first}")
        },
        message: format!(
            "{when}, {actor} changed who may assume {role} ({}). The change {told}{more}.{began}{meanwhile}",
            lineage.str(change.name),
        ),
        remediation: None,
        count: 1,
        evidence: vec![Evidence {
            event_time: change.time,
            event_id: change.event_id.map(|id| id.text(&lineage.observations.symbols)),
            object: Some(lineage.str(change.object).to_owned()),
        }],
        chain_ids: session.into_iter().chain(after).flat_map(|id| context.chain_ids(id)).collect(),
    }
}

/// Names what the policy says now, whatever is known of what it said before.
fn policy_id(step: &Step<'_>) -> String {
    match &step.after {
        Some(after) => {
            let digest = Sha256::digest(after.said().join("\n"));
            format!("{:012x}", digest.iter().take(6).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte)))
        }
        None if step.change.omitted => "withheld".to_owned(),
        None => "unreadable".to_owned(),
    }
}

/// Returns the sessions that were issued while the policy was in force.
fn since(changed: &Changed<'_, '_>) -> Vec<SessionId> {
    let Some(from) = changed.step.change.time else { return Vec::new() };
    // Sessions are in order of issue.
    let sessions = &changed.role.sessions;
    let start = sessions.partition_point(|session| session.issued() < Some(from));
    let end = changed
        .until
        .map_or(sessions.len(), |until| sessions.partition_point(|session| session.issued() < Some(until.max(from))));
    sessions.get(start..end).unwrap_or_default().iter().map(|session| session.id).collect()
}
