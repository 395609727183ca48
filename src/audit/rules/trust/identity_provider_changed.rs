//! `identity-provider-changed`: whose tokens, assertions or certificates an account accepts was changed.

use std::collections::BTreeMap;

use crate::audit::changes;
use crate::audit::class::Classes;
use crate::audit::issuer;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::subjects::Subjects;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::model::arn;
use crate::model::change::Change;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::provider;
use crate::provider::Tenancy;
use crate::trust::Policy;
use crate::trust::Principal;
use crate::trust::timeline::Step;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "identity-provider-changed",
    title: "Whose tokens an account accepts was changed",
    theme: Theme::Trust,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs of IAM; better with `iac_roles` and `[[issuer]]`",
    remediation: "Compare the change with its ticket. If there is none, delete the provider, take it out of every trust \
                  policy, revoke the sessions of the roles that trust it (aws:TokenIssueTime), and review what they did.",
    techniques: &["T1484.002", "T1098"],
    reading: &[
        (
            "IAM User Guide: OIDC providers",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
        ),
        (
            "Stratus Red Team: a trust anchor",
            "https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.rolesanywhere-create-trust-anchor/",
        ),
    ],
    page: include_str!("../../../../docs/rules/identity-provider-changed.md"),
    check,
};

/// What makes a change worse has to follow it within a day.
const SOON: i64 = DAY;

/// Who changed what, where and how.
type Key<'a> = (&'a str, String, &'a str, &'static str);

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut groups: BTreeMap<Key<'_>, Vec<&Change>> = BTreeMap::new();
    for change in lineage.observations.changes.iter().filter(|change| change.error_code.is_none()) {
        let Some(did) = did(lineage.str(change.source), lineage.str(change.name)) else { continue };
        let (Some(account), Some(actor)) = (lineage.opt(change.account), changes::actor(context, change)) else {
            continue;
        };
        let target = lineage.opt(change.target).unwrap_or("unnamed");
        groups.entry((account, actor, target, did)).or_default().push(change);
    }
    if groups.is_empty() {
        return;
    }
    let subjects = Subjects::read(context);
    let classes = Classes::observe(context, &subjects);
    for (key, changes) in groups {
        matches.push(matched(context, &classes, key, &changes));
    }
}

/// Says what a call does, in words that follow the actor.
fn did(source: &str, name: &str) -> Option<&'static str> {
    Some(match (source, name) {
        ("iam.amazonaws.com", "CreateOpenIDConnectProvider") => "made the identity provider",
        ("iam.amazonaws.com", "DeleteOpenIDConnectProvider") => "deleted the identity provider",
        ("iam.amazonaws.com", "AddClientIDToOpenIDConnectProvider") => "added an audience to the identity provider",
        ("iam.amazonaws.com", "UpdateOpenIDConnectProviderThumbprint") => {
            "replaced the certificate thumbprints of the identity provider"
        }
        ("iam.amazonaws.com", "CreateSAMLProvider") => "made the SAML provider",
        ("iam.amazonaws.com", "UpdateSAMLProvider") => "replaced the metadata of the SAML provider",
        ("rolesanywhere.amazonaws.com", "CreateTrustAnchor") => "made the Roles Anywhere trust anchor",
        ("rolesanywhere.amazonaws.com", "CreateProfile") => "made the Roles Anywhere profile",
        _ => return None,
    })
}

/// Returns how bad such a change is by itself, and why it is mild.
fn base(context: &Context<'_>, name: &str, issuer: &str) -> (Severity, &'static str) {
    let kind = provider::recognise(issuer);
    let is_issuer = name.contains("OpenIDConnect");
    match name {
        "DeleteOpenIDConnectProvider" => {
            (Severity::Medium, " Nobody comes in by it any more; what relied on it stops.")
        }
        _ if is_issuer && context.expectations.issuer(issuer).is_some() => {
            (Severity::Low, " The expectations declare this issuer.")
        }
        "CreateOpenIDConnectProvider" if kind.is_some_and(|kind| kind.id == "eks") => {
            (Severity::Low, " It is that of an EKS cluster, which comes and goes with the cluster.")
        }
        "UpdateOpenIDConnectProviderThumbprint"
            if kind.and_then(|kind| kind.tenancy(issuer)) == Some(Tenancy::Shared) =>
        {
            (Severity::Low, " AWS checks this issuer against its own list of certificate authorities.")
        }
        _ => (RULE.severity, ""),
    }
}

fn matched(context: &Context<'_>, classes: &Classes<'_, '_>, key: Key<'_>, changes: &[&Change]) -> Match {
    let lineage = context.lineage;
    let (account, actor, target, did) = key;
    let issuer = provider::issuer_of(target);
    let name = changes.first().map(|change| lineage.str(change.name)).unwrap_or_default();
    let (mut severity, mut why) = base(context, name, issuer);
    let is_tool = context.expectations.is_iac_role(&actor);
    let by_service = changes.iter().all(|change| lineage.principal(change.caller).invoked_by.is_some());
    let aftermath =
        (severity == RULE.severity && !is_tool).then(|| aftermath(context, classes, account, issuer, changes));
    let aftermath = aftermath.flatten();
    if is_tool {
        (severity, why) =
            (severity.min(Severity::Low), " The expectations name this role as one that does so by trade.");
    } else if aftermath.is_some() {
        severity = Severity::Critical;
    } else if by_service {
        (severity, why) = (severity.min(Severity::Medium), " An AWS service did it on its behalf.");
    }
    let says_who_may = !context.expectations.org.iac_roles.is_empty();
    let is_sure = says_who_may || aftermath.is_some() || severity != RULE.severity;
    let count = wide(changes.len());
    let first = changes.first().and_then(|change| change.time);
    let when = occurrences::when(count, first, changes.last().and_then(|change| change.time));
    let who = changes::who(context, &actor);
    let place = phrase::account(context, account);
    let thing = if target.starts_with("arn:") && issuer == target { arn::short(target) } else { issuer };
    let meaning = match name {
        "DeleteOpenIDConnectProvider" => "",
        _ => " Whoever holds the keys behind it can come in by every role that trusts it.",
    };
    let chains = changes.iter().filter_map(|change| changes::session(context, change));
    Match {
        key: vec![
            ("account_id", account.to_owned()),
            ("principal_arn", actor.clone()),
            ("provider", target.to_owned()),
            ("change", name.to_owned()),
        ],
        severity,
        confidence: if is_sure { RULE.confidence } else { Confidence::Medium },
        basis: RULE.basis,
        title: format!("{} {did} {thing} of {place}", phrase::short(&actor)),
        message: format!("{when}, {who} {did} {thing} of {place}.{meaning}{why}{}", aftermath.unwrap_or_default()),
        remediation: None,
        count,
        evidence: changes.iter().map(|change| changes::evidence(context, change)).collect(),
        chain_ids: chains.flat_map(|session| context.chain_ids(session.id)).collect(),
    }
}

/// Says what followed within a day that shows what the change was for.
fn aftermath(
    context: &Context<'_>,
    classes: &Classes<'_, '_>,
    account: &str,
    issuer: &str,
    changes: &[&Change],
) -> Option<String> {
    let is_soon = |time: Option<Timestamp>| {
        changes.iter().any(|change| {
            let (Some(then), Some(time)) = (change.time, time) else { return false };
            then <= time && time <= then.plus(SOON)
        })
    };
    if issuer::unknown(context, issuer, account).is_some() {
        let mut sessions = context.lineage.sessions();
        let entered = sessions.find(|session| {
            subjects::is_entry(*session)
                && session.account() == Some(account)
                && session.origin().provider.as_deref() == Some(issuer)
                && is_soon(session.issued())
        });
        if let Some(role) = entered.and_then(|session| session.role_arn()) {
            return Some(format!(
                " Within a day one of its tokens opened a session of {}, and nobody vouches for this issuer.",
                phrase::role(context, role)
            ));
        }
    }
    let deploys = |role_arn: &str| {
        let declared = classes.declared(role_arn);
        let mut sessions = context.lineage.sessions();
        declared == Some(RoleClass::Deploy)
            || sessions.any(|session| session.role_arn() == Some(role_arn) && classes.is_deploy(session))
    };
    let trusts = |policy: &Policy| {
        let mut named = policy.allowing().flat_map(|(_, statement)| statement.principals());
        named.any(|principal| matches!(principal, Principal::Federated(own) if provider::issuer_of(own) == issuer))
    };
    let lets_in = |step: &Step<'_>| matches!(&step.policy, Some(Ok(policy)) if trusts(policy));
    let roles = context.in_force.roles().iter().filter(|role| arn::account(&role.role_arn) == Some(account));
    let opened = roles.filter(|role| {
        let steps = &context.in_force.timeline(&role.role_arn).steps;
        let mut pairs = steps.iter().zip(steps.iter().skip(1));
        pairs.any(|(before, after)| is_soon(after.from) && lets_in(after) && !lets_in(before))
    });
    let role = opened.map(|role| role.role_arn.as_str()).find(|role| deploys(role))?;
    Some(format!(
        " Within a day the trust policy of {}, which deploys, was changed to let it in.",
        phrase::role(context, role)
    ))
}
