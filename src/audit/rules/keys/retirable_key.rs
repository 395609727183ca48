//! `retirable-key`: a key works and nothing uses it any more.

use crate::audit::covered_days;
use crate::audit::covered_days::CoveredDays;
use crate::audit::key_owner::KeyOwner;
use crate::audit::key_status::KeyStatus;
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
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "retirable-key",
    title: "A long-lived key has not been used for weeks and can go",
    theme: Theme::Keys,
    severity: Severity::Info,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs of more than 45 days, or a store; `max_idle_days` for another limit",
    remediation: "Deactivate the key, wait until every job that runs seldom has had its turn (a month, a quarter), then \
                  delete the key and the secret that held it.",
    techniques: &["T1078.004"],
    reading: &[(
        "IAM User Guide: finding unused credentials",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
    )],
    page: include_str!("../../../../docs/rules/retirable-key.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    // What was left out on purpose may hold the use of a key.
    if context.lineage.is_filtered || context.lineage.long_term_keys.is_empty() {
        return;
    }
    let limit = context.expectations.keys.max_idle_days;
    let status = KeyStatus::read(context);
    let covered = CoveredDays::read(context);
    for key in &context.lineage.long_term_keys {
        let Some(last) = key.last_event.filter(|_| status.off_since(context, key).is_none()) else { continue };
        let idle = wide(covered_days::between(&covered.of(key), last, None));
        if idle < limit.max(1) {
            continue;
        }
        let owner = KeyOwner::of(context, key);
        let days = phrase::count(idle, "covered day");
        matches.push(Match {
            key: owner.key_parts(),
            severity: RULE.severity,
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!("{} of {} has been idle for {days}", owner.key, owner.short()),
            message: format!(
                "The key {} of {} was last used at {last}. The log of its account holds records of {days} since then, in \
                 each region in which the key was used, and none shows a use of it, nor that it was deactivated. Calls that only touch data are not always logged.",
                owner.key,
                owner.who(),
            ),
            remediation: None,
            count: 1,
            evidence: KeyOwner::ends(context, key),
            chain_ids: Chains::default(),
        });
    }
}
