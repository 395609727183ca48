//! `long-lived-key-assumes-role`: a long-lived key became a role.

use std::collections::BTreeSet;

use crate::audit::ci_keys::CiKeys;
use crate::audit::class::Classes;
use crate::audit::environment;
use crate::audit::key_owner::KeyOwner;
use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
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
use crate::model::origin::OriginKind;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::provider;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "long-lived-key-assumes-role",
    title: "A long-lived key assumed a role",
    theme: Theme::Keys,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; expectations for production and for accepted users",
    remediation: "Let the program federate instead (OIDC for pipelines, a role for workloads, IAM Identity Center for \
                  people). Then deactivate the key, wait one cycle, delete it, and take the user out of the trust \
                  policies.",
    techniques: &["T1078.004", "T1552"],
    reading: &[(
        "IAM User Guide: security best practices",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    )],
    page: include_str!("../../../../docs/rules/long-lived-key-assumes-role.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let by_key =
        occurrences::gather(context.lineage.sessions().filter_map(|session| Some((caller(session)?, session))));
    if by_key.is_empty() {
        return;
    }
    let classes = Classes::observe(context);
    let ci = CiKeys::of(context);
    for (caller, calls) in by_key {
        matches.extend(matched(context, &classes, &ci, caller, &calls));
    }
}

/// Returns the long-lived key that asked for a session, itself or by a session token that it was exchanged for, and its
/// user. A token whose making is not in these logs is not held against anybody.
fn caller(session: SessionView<'_>) -> Option<(Sym, Option<Sym>)> {
    let lineage = session.lineage();
    let record = session.issuing_record().filter(|record| record.call == IssuingCall::AssumeRole)?;
    let caller = lineage.principal(record.caller);
    let is_user = matches!(caller.kind, PrincipalKind::IamUser | PrincipalKind::Root);
    // A service that acts in the user's name would do the same in a federated session's name.
    if !is_user || caller.invoked_by.is_some() {
        return None;
    }
    if let Some(key) = caller.access_key.filter(|key| arn::key_kind(lineage.str(*key)) == KeyKind::LongTerm) {
        return Some((key, caller.arn));
    }
    let origin = session.parent()?.origin();
    let key = origin.access_key_id.as_deref().filter(|_| origin.kind == OriginKind::LongTermKey)?;
    Some((lineage.observations.symbols.find(key)?, caller.arn))
}

/// True when the call was made with a session token and not with the key itself.
fn is_by_token(session: SessionView<'_>) -> bool {
    session.parent().is_some()
}

fn matched(
    context: &Context<'_>,
    classes: &Classes<'_, '_>,
    ci: &CiKeys<'_>,
    (key, user): (Sym, Option<Sym>),
    calls: &Occurrences<'_>,
) -> Option<Match> {
    let lineage = context.lineage;
    let in_ci = ci.reason(key);
    let owner = KeyOwner::named(lineage.str(key), lineage.opt(user));
    if owner.is_allowed(context) {
        return None;
    }
    let (key, who) = (owner.key, owner.who());
    let is_prod =
        |session: &&SessionView<'_>| session.role_arn().is_some_and(|role| environment::is_prod_role(context, role));
    let prod = calls.sessions().iter().find(is_prod);
    let deploy = calls.sessions().iter().find(|session| classes.is_deploy(**session));
    let roles: BTreeSet<&str> = calls.sessions().iter().filter_map(SessionView::role_arn).collect();
    let named = phrase::all_of(roles.iter().map(|role| phrase::role(context, role)));
    let short = phrase::all_of(roles.iter().map(|role| arn::short(role)));
    let mut why = String::new();
    if let Some(role) = prod.and_then(SessionView::role_arn) {
        why = format!(" The {} acts in production.", phrase::role(context, role));
    } else if let Some(role) = deploy.and_then(SessionView::role_arn) {
        why = format!(" The {} deploys.", phrase::role(context, role));
    }
    let is_worse = prod.or(deploy).is_some() || in_ci.is_some();
    why.extend(in_ci);
    if calls.sessions().iter().any(|session| is_by_token(*session)) {
        why = format!(" It was exchanged for a session token first (GetSessionToken).{why}");
    }
    let run_ids = calls.sessions().iter().filter_map(|session| {
        let by_agent = || provider::run_in_agent(lineage.opt(session.session.sums.run_agent)?);
        Some((session.tag("RunId").or_else(by_agent)?, session.issued()?))
    });
    why.push_str(&runs::workflows(context, run_ids));
    Some(Match {
        key: owner.key_parts(),
        severity: if is_worse { Severity::High } else { Severity::Medium },
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("{key} of {} assumed {short}", owner.short()),
        message: format!(
            "{}, the key {key} of {who} was exchanged for sessions of {named}. Whoever holds a copy of the key can do \
             the same until it is deactivated; no token, person or run stands behind it.{why}",
            calls.when()
        ),
        remediation: None,
        count: calls.count(),
        evidence: calls.evidence(),
        chain_ids: calls.chain_ids(context),
    })
}
