//! `dormant-key-awakened`: a key that nothing used for weeks was used again.

use crate::audit::covered_days;
use crate::audit::covered_days::CoveredDays;
use crate::audit::key_owner::KeyOwner;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Contact;
use crate::model::tallies::Mark;
use crate::model::tallies::Tally;
use crate::model::time::Timestamp;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "dormant-key-awakened",
    title: "A long-lived key was used again after weeks without use",
    theme: Theme::Keys,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "logs of more than 45 days, or a store; `max_idle_days` for another limit",
    remediation: "Deactivate the key first and ask afterwards: if nobody misses it within a day, it was not its user. Then \
                  review what it did since it awoke, and delete it. A job that runs once a quarter is an exception with \
                  an owner and an end.",
    techniques: &["T1078.004"],
    reading: &[(
        "IAM User Guide: finding unused credentials",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
    )],
    page: include_str!("../../../../docs/rules/dormant-key-awakened.md"),
    check,
};

/// Of so many events with one client from one address the times of all are known.
const ALL_KNOWN: u64 = 2;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.lineage.is_filtered || context.lineage.long_term_keys.is_empty() {
        return;
    }
    let covered = CoveredDays::read(context);
    matches.extend(context.lineage.long_term_keys.iter().filter_map(|key| matched(context, &covered, key)));
}

/// When something was done, and the record of it.
type Moment = (Timestamp, Mark);

/// A stretch in which a key may have been used at any time: from one event to another.
struct Stretch {
    from: Moment,
    to: Moment,
}

/// Returns the stretches of a key in order of time. Every use lies in one of them.
fn stretches(context: &Context<'_>, key: &LongTermKey) -> Vec<Stretch> {
    let stretch = |from: Mark, to: Mark| Some(Stretch { from: (from.time()?, from), to: (to.time()?, to) });
    let of_contact = |(contact, tally): &(Contact, Tally)| {
        // Of many events only the first and the last time are kept: what lies between them is not known to be idle. Network
        // activity events are events of a contact that its tally does not count.
        if tally.count() > ALL_KNOWN || tally.count() == 0 || contact.via_vpc_endpoint {
            vec![stretch(tally.first, tally.last)]
        } else {
            vec![stretch(tally.first, tally.first), stretch(tally.last, tally.last)]
        }
    };
    let contacts = key.principals.iter().flat_map(|id| context.lineage.contacts.of(*id));
    let mut stretches: Vec<Stretch> = contacts.flat_map(of_contact).flatten().collect();
    stretches.sort_by_key(|stretch| (stretch.from.0, stretch.to.0));
    stretches
}

fn matched(context: &Context<'_>, covered: &CoveredDays<'_>, key: &LongTermKey) -> Option<Match> {
    let limit = context.expectations.keys.max_idle_days.max(1);
    let owner = KeyOwner::of(context, key);
    if owner.is_allowed(context) {
        return None;
    }
    let days = covered.of(key);
    let mut longest: Option<(u64, Moment, Moment)> = None;
    let mut end: Option<Moment> = None;
    for stretch in stretches(context, key) {
        if let Some(before) = end.filter(|before| before.0 < stretch.from.0) {
            let idle = wide(covered_days::between(&days, before.0, Some(stretch.from.0)));
            if idle >= limit && longest.as_ref().is_none_or(|(known, ..)| *known <= idle) {
                longest = Some((idle, before, stretch.from));
            }
        }
        if end.is_none_or(|end| end.0 < stretch.to.0) {
            end = Some(stretch.to);
        }
    }
    let (idle, before, awoke) = longest?;
    let days = phrase::count(idle, "covered day");
    Some(Match {
        key: owner.key_parts(),
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{} of {} was used again after {days} without use", owner.key, owner.short()),
        message: format!(
            "The key {} of {} was used at {}, and then not at all on {days}, until {}. Whoever finds an old key tries \
             it; a job that runs seldom looks the same.",
            owner.key,
            owner.who(),
            before.0,
            awoke.0,
        ),
        remediation: None,
        count: 1,
        evidence: [before.1, awoke.1].into_iter().map(|mark| context.lineage.evidence(&mark)).collect(),
        chain_ids: Chains::default(),
    })
}
