//! `denied-then-succeeded`: a caller was refused a role, and had it within the hour.

use std::collections::BTreeMap;

use crate::audit::changes;
use crate::audit::denial;
use crate::audit::environment;
use crate::audit::occurrences;
use crate::audit::permission::Sight;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::change::Change;
use crate::model::denial::DenialRun;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::time::HOUR;
use crate::model::time::Timestamp;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "denied-then-succeeded",
    title: "A caller was refused a role, and had it within the hour",
    theme: Theme::Denials,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "logs of the caller's and the role's account, IAM included",
    remediation: "Ask the caller what made the difference. If nobody meant to let it in, take the change back, deny the \
                  role's sessions issued before now (aws:TokenIssueTime), and read what they did.",
    techniques: &["T1098.003", "T1110"],
    reading: &[(
        "IAM User Guide: troubleshoot roles",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html",
    )],
    page: include_str!("../../../../docs/rules/denied-then-succeeded.md"),
    check,
};

/// So many attempts are more than a retry.
const FEWEST_RUNS: usize = 2;

/// Logs that begin later than so long before the refusal do not show whether the caller had the role before.
const EARLIER: i64 = 3 * 24 * HOUR;

/// A caller that was refused a role and then had it for the first time in these logs.
struct Turn<'a> {
    caller: &'a str,
    role_arn: &'a str,
    /// The refusals of the hour before, in order of time. At least one.
    runs: &'a [&'a DenialRun],
    session: SessionView<'a>,
    from: Timestamp,
    to: Timestamp,
}

/// What made the difference.
enum Cause<'a> {
    /// The caller changed the role's trust, or its own rights.
    Itself(&'a Change),
    /// Nobody changed anything, as far as the logs show.
    Nothing,
    /// A pipeline was repaired, or somebody may have changed something out of sight.
    Unseen(&'static str),
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut refused: BTreeMap<(String, &str), Vec<&DenialRun>> = BTreeMap::new();
    for run in lineage.denied.iter().filter(|run| denial::is_of_role(lineage, run)) {
        if let Some(role_arn) = lineage.opt(run.role_arn) {
            refused.entry((denial::caller(lineage, run), role_arn)).or_default().push(run);
        }
    }
    if refused.is_empty() {
        return;
    }
    // Sessions are in order of issue: the first one of each pair is kept. Later ones are nothing new.
    let mut first: BTreeMap<(String, &str), SessionView<'_>> = BTreeMap::new();
    for session in lineage.sessions() {
        if let (Some(record), Some(role_arn)) = (session.issuing_record(), session.role_arn()) {
            let pair = (denial::asker(lineage, record), role_arn);
            if refused.contains_key(&pair) {
                first.entry(pair).or_insert(session);
            }
        }
    }
    if first.is_empty() {
        return;
    }
    let sight = Sight::new(context);
    for (pair, session) in &first {
        let Some(runs) = refused.get(pair) else { continue };
        if let Some(turn) = turn(pair, runs, *session)
            && let Some(cause) = cause(context, &sight, &turn)
        {
            matches.push(matched(context, &turn, &cause));
        }
    }
}

fn turn<'a>(
    (caller, role_arn): &'a (String, &'a str),
    runs: &'a [&'a DenialRun],
    session: SessionView<'a>,
) -> Option<Turn<'a>> {
    let to = session.issued()?;
    let is_before = |run: &&DenialRun| run.last_event.is_some_and(|time| time <= to);
    let end = runs.partition_point(is_before);
    let before = runs.get(..end)?;
    let start = before.partition_point(|run| run.last_event.is_none_or(|time| time.plus(HOUR) < to));
    let runs = before.get(start..)?;
    let from = runs.first()?.first_event?;
    Some(Turn { caller, role_arn, runs, session, from, to })
}

/// Says what made the difference; `None` when that is plain, and nothing to worry about.
fn cause<'a>(context: &Context<'a>, sight: &Sight<'a>, turn: &Turn<'_>) -> Option<Cause<'a>> {
    if context.expectations.is_iac_role(turn.caller) || sight.is_maker(turn.caller, turn.role_arn) {
        return None;
    }
    let principal = turn.runs.iter().find_map(|run| context.lineage.opt(run.principal));
    let (pair, span) = ((turn.caller, turn.role_arn), (turn.from, turn.to));
    if let Some(change) = principal.and_then(|principal| sight.change(pair, Some(principal), span)) {
        return Some(Cause::Itself(change));
    }
    // Somebody else let the caller in: the rule about trust policies judges that.
    if sight.change(pair, None, span).is_some() || turn.runs.len() < FEWEST_RUNS || has_mfa(turn) {
        return None;
    }
    if turn.session.origin().is_pipeline {
        return Some(Cause::Unseen("A pipeline that was repaired looks the same."));
    }
    let accounts = [arn::account(turn.caller), arn::account(turn.role_arn)];
    if !accounts.into_iter().flatten().all(|account| sight.covers(account)) {
        return Some(Cause::Unseen("The log that would show a change of permissions is not here."));
    }
    if sight.may_have_changed(turn.from, turn.to) {
        return Some(Cause::Unseen("Policies were changed meanwhile, which may explain it."));
    }
    if sight.began.is_none_or(|began| turn.from < began.plus(EARLIER)) {
        return Some(Cause::Unseen("These logs begin too shortly before to show whether it had the role earlier."));
    }
    Some(Cause::Nothing)
}

/// True when a person who signed in made the change: whoever administers roles tries, mends and tries again.
fn is_by_person(turn: &Turn<'_>) -> bool {
    turn.session.origin().kind.is_person()
}

/// True when the second factor makes the difference: forgotten first, given then.
fn has_mfa(turn: &Turn<'_>) -> bool {
    let lineage = turn.session.lineage();
    let of_caller = turn.session.caller().is_some_and(|caller| caller.mfa == Some(true));
    let of_session = turn.session.principals().iter().any(|id| lineage.principal(*id).mfa == Some(true));
    let was_there = turn.runs.iter().filter_map(|run| run.records.first()).any(|record| {
        let refused = lineage.assumption(*record);
        lineage.principal(refused.caller).mfa == Some(true)
    });
    (of_caller || of_session) && !was_there
}

fn matched(context: &Context<'_>, turn: &Turn<'_>, cause: &Cause<'_>) -> Match {
    let lineage = context.lineage;
    let is_harmless =
        context.expectations.env_of_role(turn.role_arn).is_some_and(|env| environment::is_before_prod(context, env));
    let (severity, confidence) = match cause {
        Cause::Itself(change) if changes::is_by_tool(context, change) => (Severity::Low, Confidence::Medium),
        Cause::Itself(_) if is_by_person(turn) && turn.runs.len() < FEWEST_RUNS => {
            (Severity::Medium, Confidence::Medium)
        }
        Cause::Itself(_) if is_harmless => (Severity::High, Confidence::High),
        Cause::Itself(_) => (Severity::Critical, Confidence::High),
        Cause::Nothing => (RULE.severity, RULE.confidence),
        Cause::Unseen(_) => (Severity::Low, Confidence::Low),
    };
    let runs = wide(turn.runs.len());
    let when = occurrences::when(runs, Some(turn.from), turn.runs.last().and_then(|run| run.last_event));
    let why = match cause {
        Cause::Itself(change) => {
            let at = change.time.map(|time| format!(" at {time}")).unwrap_or_default();
            format!("In between, the caller itself changed what it may do ({}{at}).", lineage.str(change.name))
        }
        Cause::Nothing => {
            let sent = turn.session.issuing_record().is_some_and(|record| record.external_id.is_some());
            let what = if sent { "the ExternalId, or another condition," } else { "a condition of the trust policy" };
            format!(
                "No change of the role's trust or of the caller's rights is in these logs: the caller may have found \
                 {what} by trying."
            )
        }
        Cause::Unseen(why) => (*why).to_owned(),
    };
    let mut evidence = denial::evidence(lineage, turn.runs);
    evidence.extend(turn.session.issuing_evidence());
    if let Cause::Itself(change) = cause {
        evidence.push(changes::evidence(context, change));
    }
    let mut chain_ids = context.chain_ids(turn.session.id);
    chain_ids.extend(turn.runs.iter().filter_map(|run| run.session).flat_map(|id| context.chain_ids(id)));
    Match {
        key: vec![("principal_arn", turn.caller.to_owned()), ("role_arn", turn.role_arn.to_owned())],
        severity,
        confidence,
        basis: RULE.basis,
        title: format!("{} was refused {}, and then had it", phrase::short(turn.caller), phrase::short(turn.role_arn)),
        message: format!(
            "{when}, {} asked for {} and was refused; at {} it was let in. {why}",
            changes::who(context, turn.caller),
            phrase::role(context, turn.role_arn),
            turn.to
        ),
        remediation: None,
        count: runs,
        evidence,
        chain_ids,
    }
}
