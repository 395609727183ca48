//! `identity-provider-changed`: whose tokens, assertions or certificates an account accepts was changed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::changes;
use crate::audit::class::Classes;
use crate::audit::issuer;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::change::Change;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::provider;
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
    let signs = Signs::read(context);
    for (key, changes) in groups {
        matches.push(matched(&signs, key, &changes));
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
    let issuer = subjects::issuer(context, issuer);
    let is_issuer = name.contains("OpenIDConnect");
    match name {
        "DeleteOpenIDConnectProvider" => {
            (Severity::Medium, " Nobody comes in by it any more; what relied on it stops.")
        }
        _ if is_issuer && context.expectations.issuer(issuer.host).is_some() => {
            (Severity::Low, " The expectations declare this issuer.")
        }
        "CreateOpenIDConnectProvider" if issuer.is_of("eks") => {
            (Severity::Low, " It is that of an EKS cluster, which comes and goes with the cluster.")
        }
        "UpdateOpenIDConnectProviderThumbprint" if issuer.is_shared() => {
            (Severity::Low, " AWS checks this issuer against its own list of certificate authorities.")
        }
        _ => (RULE.severity, ""),
    }
}

fn matched(signs: &Signs<'_, '_>, key: Key<'_>, changes: &[&Change]) -> Match {
    let context = signs.context;
    let lineage = context.lineage;
    let (account, actor, target, did) = key;
    let issuer = provider::issuer_of(target);
    let name = changes.first().map(|change| lineage.str(change.name)).unwrap_or_default();
    let (mut severity, mut why) = base(context, name, issuer);
    let is_tool = context.expectations.is_iac_role(&actor);
    let by_service = changes.iter().all(|change| lineage.principal(change.caller).invoked_by.is_some());
    let aftermath = (severity == RULE.severity && !is_tool).then(|| signs.aftermath(account, issuer, changes));
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

/// What may follow a change and show what it was for, by account and issuer, in order of time.
struct Signs<'c, 'a> {
    context: &'c Context<'a>,
    /// The sessions that tokens opened.
    entered: Map<(&'c str, &'c str), Vec<SessionView<'c>>>,
    /// When the trust policies of roles that deploy were changed to let tokens in.
    opened: Map<(&'c str, &'c str), Vec<(Timestamp, &'c str)>>,
}

impl<'c, 'a> Signs<'c, 'a> {
    fn read(context: &'c Context<'a>) -> Self {
        let classes = Classes::observe(context);
        let mut signs = Self { context, entered: Map::default(), opened: Map::default() };
        for session in context.lineage.sessions().filter(|session| subjects::is_entry(*session)) {
            if let Some(key) = session.account().zip(session.origin().provider.as_deref()) {
                signs.entered.entry(key).or_default().push(session);
            }
        }
        for role in context.in_force.roles().iter().filter(|role| classes.deploys(&role.role_arn)) {
            let Some(account) = arn::account(&role.role_arn) else { continue };
            let steps = &context.in_force.timeline(&role.role_arn).steps;
            for (before, after) in steps.iter().zip(steps.iter().skip(1)) {
                let Some(from) = after.from else { continue };
                for issuer in issuers(after).difference(&issuers(before)) {
                    signs.opened.entry((account, issuer)).or_default().push((from, &role.role_arn));
                }
            }
        }
        signs.opened.values_mut().for_each(|opened| opened.sort_unstable());
        signs
    }

    /// Says what followed within a day that shows what the change was for.
    fn aftermath(&self, account: &str, issuer: &str, changes: &[&Change]) -> Option<String> {
        if issuer::unknown(self.context, issuer, account).is_some()
            && let Some(sessions) = self.entered.get(&(account, issuer))
            && let Some(role) = soon(sessions, SessionView::issued, changes)?.role_arn()
        {
            return Some(format!(
                " Within a day one of its tokens opened a session of {}, and nobody vouches for this issuer.",
                phrase::role(self.context, role)
            ));
        }
        let (_, role) = soon(self.opened.get(&(account, issuer))?, |(from, _)| Some(*from), changes)?;
        Some(format!(
            " Within a day the trust policy of {}, which deploys, was changed to let it in.",
            phrase::role(self.context, role)
        ))
    }
}

/// Returns the issuers that a trust policy lets in.
fn issuers<'s>(step: &'s Step<'_>) -> BTreeSet<&'s str> {
    let policy = step.policy.as_ref().and_then(|policy| policy.as_ref().ok());
    let principals = policy.into_iter().flat_map(Policy::allowing).flat_map(|(_, statement)| statement.principals());
    let federated = principals.filter_map(|principal| match principal {
        Principal::Federated(own) => Some(provider::issuer_of(own)),
        _ => None,
    });
    federated.collect()
}

/// Returns the first of what is in order of time that followed one of the changes, in order of time, within a day.
fn soon<'t, T>(followed: &'t [T], time: fn(&T) -> Option<Timestamp>, changes: &[&Change]) -> Option<&'t T> {
    changes.iter().filter_map(|change| change.time).find_map(|then| {
        let next = followed.get(followed.partition_point(|it| time(it) < Some(then)));
        next.filter(|it| time(it) <= Some(then.plus(SOON)))
    })
}
