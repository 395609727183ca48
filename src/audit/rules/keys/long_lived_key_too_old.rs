//! `long-lived-key-too-old`: a key was in use for longer than a key may live.

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
use crate::model::long_term_key::LongTermKey;
use crate::model::time::DAY;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "long-lived-key-too-old",
    title: "A long-lived key is older than keys may be",
    theme: Theme::Keys,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs; a store for history, and `max_age_days` for another limit than 90",
    remediation: "Retire the key rather than rotate it: let its program federate (OIDC for pipelines, a role for \
                  workloads). Where that cannot be yet, make a second key, move to it, deactivate the old one, wait one \
                  cycle, and delete it.",
    techniques: &["T1078.004"],
    reading: &[(
        "IAM User Guide: managing access keys",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    )],
    page: include_str!("../../../../docs/rules/long-lived-key-too-old.md"),
    check,
};

/// A key that was in use for more than a year is worse.
const YEAR: u64 = 365;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let status = KeyStatus::read(context);
    let keys = context.lineage.long_term_keys.iter();
    matches.extend(keys.filter(|key| status.off_since(context, key).is_none()).filter_map(|key| matched(context, key)));
}

fn matched(context: &Context<'_>, key: &LongTermKey) -> Option<Match> {
    let limit = context.expectations.keys.max_age_days;
    let (first, last) = key.first_event.zip(key.last_event)?;
    // When it was made is not in these logs: it is at least as old as its use is long.
    let days = u64::try_from((last.0 - first.0) / DAY).ok().filter(|days| *days > limit)?;
    let owner = KeyOwner::of(context, key);
    let is_allowed = owner.is_allowed(context);
    let severity = match days {
        _ if is_allowed => Severity::Info,
        ..=YEAR => RULE.severity,
        _ => Severity::High,
    };
    let accepted = if is_allowed { " The user is listed in allow_users." } else { "" };
    Some(Match {
        key: owner.key_parts(),
        severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{} of {} is at least {days} days old", owner.key, owner.short()),
        message: format!(
            "The key {} of {} was first used at {first} and last at {last}, as far as these logs reach: it was at least {} \
             old then, and {} are allowed. The longer a key lives, the more copies of it there are.{accepted}",
            owner.key,
            owner.who(),
            phrase::count(days, "day"),
            phrase::count(limit, "day"),
        ),
        remediation: None,
        count: 1,
        evidence: KeyOwner::ends(context, key),
        chain_ids: Chains::default(),
    })
}
