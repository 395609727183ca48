//! `one-sided-cross-account`: a call between two accounts stands in the log of one of them only, although the other's log was read.

use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "one-sided-cross-account",
    title: "A call between two accounts is missing in the log of one of them",
    theme: Theme::Integrity,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs of both accounts",
    remediation: "Read the missing account's log again: a file may have come late. If it stays away, verify the log \
                  (rolechain verify), and look at the trail's event selectors and for changes of the trail.",
    techniques: &[],
    reading: &[
        (
            "IAM User Guide: logging IAM and STS calls with CloudTrail",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html",
        ),
        (
            "CloudTrail User Guide: record contents, sharedEventID",
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/one-sided-cross-account.md"),
    check,
};

/// CloudTrail delivers a record within so many seconds, as a rule.
const LAG: i64 = 30 * 60;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    // What was left out on purpose is not missing.
    if context.lineage.is_filtered {
        return;
    }
    let mut calls = context.lineage.sessions().filter_map(one_sided).peekable();
    if calls.peek().is_none() {
        return;
    }
    let coverage = Coverage::new(context);
    let missing = calls.filter(|call| coverage.surrounds(call));
    for (pair, sessions) in occurrences::gather(missing.map(|call| ((call.present, call.absent), call.session))) {
        matches.push(matched(context, pair, &sessions));
    }
}

/// A call of which one account's record is not here.
struct OneSided<'a> {
    session: SessionView<'a>,
    /// The account whose record is here.
    present: &'a str,
    /// The account whose record is not.
    absent: &'a str,
    region: Sym,
    time: Timestamp,
}

fn one_sided(session: SessionView<'_>) -> Option<OneSided<'_>> {
    let lineage = session.lineage();
    let issuance = session.session.issuance.filter(|issuance| issuance.counterpart.is_none())?;
    let record: &Assumption = lineage.assumption(issuance.record);
    let caller = lineage.principal(record.caller);
    // A service has no account that could hold the other record.
    let is_between = record.call == IssuingCall::AssumeRole
        && record.shared_event_id.is_some()
        && caller.kind != PrincipalKind::AwsService
        && caller.invoked_by.is_none();
    let owner = lineage.opt(record.role_arn).and_then(arn::account)?;
    let asked_from = lineage.opt(caller.account)?;
    let present = lineage.opt(record.recipient_account)?;
    let absent = if present == owner { asked_from } else { owner };
    (is_between && owner != asked_from && (present == owner || present == asked_from)).then_some(OneSided {
        session,
        present,
        absent,
        region: record.region?,
        time: record.time?,
    })
}

/// When each account's log of each region has records, by day.
struct Coverage<'a> {
    days: Map<(&'a str, Sym, i64), (Timestamp, Timestamp)>,
    /// Regions of accounts whose trail records calls that only read, as those for roles are.
    reads: Map<(&'a str, Sym), bool>,
}

impl<'a> Coverage<'a> {
    fn new(context: &Context<'a>) -> Self {
        let mut coverage = Self { days: Map::default(), reads: Map::default() };
        for (cell, count) in &context.lineage.observations.cells {
            let Some(account) = context.lineage.opt(cell.account) else { continue };
            let (Some(region), Some(day), Some(span)) = (cell.region, cell.day, count.first.zip(count.last)) else {
                continue;
            };
            coverage.days.insert((account, region, i64::from(day)), span);
            *coverage.reads.entry((account, region)).or_default() |= count.read_only > 0;
        }
        coverage
    }

    /// True when the missing record's log has others before and after it, a while away, and records such calls.
    fn surrounds(&self, call: &OneSided<'_>) -> bool {
        let spans = |days: [i64; 2]| {
            let of_day = |day| self.days.get(&(call.absent, call.region, call.time.day() + day));
            days.into_iter().filter_map(of_day).copied().collect::<Vec<_>>()
        };
        let (early, late) = (call.time.plus(-LAG), call.time.plus(LAG));
        let is_near = |moment: Timestamp| moment.distance(call.time) <= DAY.unsigned_abs();
        let before = spans([-1, 0]).into_iter().flat_map(|(first, last)| [first, last]);
        let after = spans([0, 1]).into_iter().flat_map(|(first, last)| [first, last]);
        self.reads.get(&(call.absent, call.region)).copied().unwrap_or_default()
            && before.into_iter().any(|moment| moment <= early && is_near(moment))
            && after.into_iter().any(|moment| late <= moment && is_near(moment))
    }
}

fn matched(context: &Context<'_>, (present, absent): (&str, &str), sessions: &Occurrences<'_>) -> Match {
    let roles = phrase::all_of(sessions.sessions().iter().filter_map(SessionView::role_arn).map(phrase::short));
    let (here, there) = (phrase::account(context, present), phrase::account(context, absent));
    let more = phrase::count(sessions.count(), "call");
    Match {
        key: vec![("account_id", absent.to_owned()), ("other_account_id", present.to_owned())],
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{more} between {here} and {there} missing in the log of the latter"),
        message: format!(
            "{}, a session of {roles} was issued between {here} and {there}. AWS writes such a call into the logs of \
             both accounts; only that of {here} has it here, although the log of {there} has records before and after \
             it in the same region. A file of {there} came late, was not read, or is gone.",
            sessions.when()
        ),
        remediation: None,
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
