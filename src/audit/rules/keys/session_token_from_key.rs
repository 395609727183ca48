//! `session-token-from-key`: a long-lived key was exchanged for a session token.

use crate::audit::ci_keys::CiKeys;
use crate::audit::key_owner::KeyOwner;
use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::assumption::IssuingCall;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::symbols::Sym;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "session-token-from-key",
    title: "A long-lived key was exchanged for a session token",
    theme: Theme::Keys,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; expectations for accepted users",
    remediation: "Let people sign in through IAM Identity Center and pipelines federate (OIDC): then nobody needs a key to \
                  begin from. Where the call is the way to a second factor, keep it, and let the user's policies demand \
                  that factor (aws:MultiFactorAuthPresent).",
    techniques: &["T1550.001"],
    reading: &[(
        "STS: GetSessionToken",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html",
    )],
    page: include_str!("../../../../docs/rules/session-token-from-key.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let by_key = occurrences::gather(context.lineage.sessions().filter_map(|session| Some((maker(session)?, session))));
    if by_key.is_empty() {
        return;
    }
    let ci = CiKeys::of(context);
    for ((key, user), tokens) in by_key {
        matches.push(matched(context, &ci, (key, user), &tokens));
    }
}

/// Returns the long-lived key that made a session token, and its user.
fn maker(session: SessionView<'_>) -> Option<(Sym, Option<Sym>)> {
    let lineage = session.lineage();
    let record = session.issuing_record().filter(|record| record.call == IssuingCall::GetSessionToken)?;
    let caller = lineage.principal(record.caller);
    let key = caller.access_key.filter(|key| arn::key_kind(lineage.str(*key)) == KeyKind::LongTerm)?;
    caller.invoked_by.is_none().then_some((key, caller.arn))
}

fn matched(context: &Context<'_>, ci: &CiKeys<'_>, (key, user): (Sym, Option<Sym>), tokens: &Occurrences<'_>) -> Match {
    let lineage = context.lineage;
    let owner = KeyOwner::named(lineage.str(key), lineage.opt(user));
    let is_allowed = owner.is_allowed(context);
    let reason = ci.reason(key);
    let severity = match &reason {
        _ if is_allowed => Severity::Info,
        Some(_) => Severity::High,
        None => RULE.severity,
    };
    let (key, who) = (owner.key, owner.who());
    let accepted = if is_allowed { " The user is listed in allow_users." } else { "" };
    Match {
        key: owner.key_parts(),
        severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{key} of {} was exchanged for a session token", owner.short()),
        message: format!(
            "{}, the key {key} of {who} was exchanged for session tokens (GetSessionToken). Such a token lives up to 36 \
             hours, carries another key id, and deactivating the key does not end it.{}{accepted}",
            tokens.when(),
            reason.unwrap_or_default(),
        ),
        remediation: None,
        count: tokens.count(),
        evidence: tokens.evidence(),
        chain_ids: tokens.chain_ids(context),
    }
}
