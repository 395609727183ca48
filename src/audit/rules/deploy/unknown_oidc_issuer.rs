//! `unknown-oidc-issuer`: tokens of an issuer that nobody declared opened sessions.

use std::collections::BTreeSet;

use crate::audit::issuer;
use crate::audit::issuer::Unknown;
use crate::audit::memo::Memo;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::audit::way;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::origin::OriginKind;
use crate::provider;
use crate::trust::Principal;
use crate::trust::breadth::Breadth;
use crate::trust::grant;
use crate::trust::grant::Grant;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "unknown-oidc-issuer",
    title: "Tokens of an issuer that nobody declared opened sessions",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with `[[issuer]]`",
    remediation: "Find out who created the identity provider (CreateOpenIDConnectProvider). If nobody wants it, \
                  delete it, take it out of every trust policy, and revoke the sessions of the roles that it opened. \
                  If it is yours, declare it as an [[issuer]] in rolechain.toml.",
    techniques: &["T1484.002", "T1078.004"],
    reading: &[(
        "AWS: OIDC identity providers",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    )],
    page: include_str!("../../../../docs/rules/unknown-oidc-issuer.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let first_hops = context.lineage.sessions().filter(|session| {
        session.session.parent.is_none() && session.origin().kind == OriginKind::Oidc && opened_by_token(*session)
    });
    let by_issuer = gather(first_hops.filter_map(|session| {
        let issuer = session.origin().provider.as_deref()?;
        Some(((issuer, session.account()?), session))
    }));
    let memo = Memo::default();
    for ((issuer, account), sessions) in by_issuer {
        let declared = memo.get((), || declared_issuers(context));
        match issuer::unknown(context, issuer, account) {
            Some(Unknown::OtherAccounts) => {
                // `direct-oidc-into-deploy` says more about tokens in roles that are for deployments.
                let here = sessions.sessions().iter().filter(|session| way::way(context, **session).is_none());
                for ((), here) in gather(here.map(|session| ((), *session))) {
                    matches.push(matched(context, (issuer, account), Unknown::OtherAccounts, &declared, &here));
                }
            }
            Some(Unknown::Unrecognized) if is_pinned(context, issuer, &sessions) => {
                matches.push(matched(context, (issuer, account), Unknown::Pinned, &declared, &sessions));
            }
            Some(unknown) => matches.push(matched(context, (issuer, account), unknown, &declared, &sessions)),
            None => {}
        }
    }
}

/// True when the snapshot has each of the roles that were entered, and its trust policy says which subjects of this issuer may
/// come in. Policies that are set in the logs do not count: who brings an issuer of their own would write one.
fn is_pinned(context: &Context<'_>, issuer: &str, sessions: &Occurrences<'_>) -> bool {
    let roles: BTreeSet<&str> = sessions.sessions().iter().filter_map(SessionView::role_arn).collect();
    roles.into_iter().all(|role| {
        let policy = context.in_force.snapshot_role(role).and_then(|role| role.policy.as_ref().ok());
        let grants = policy.map(|policy| grant::all(policy, &context.lineage.kinds)).unwrap_or_default();
        let mut own = grants.iter().filter(|grant| {
            matches!(&grant.principal, Principal::Federated(provider) if provider::issuer_of(provider).eq_ignore_ascii_case(issuer))
        });
        let is_narrow = |grant: &Grant| grant.subject.is_some() && grant.breadth <= Breadth::WholeRepo;
        own.next().is_some_and(is_narrow) && own.all(is_narrow)
    })
}

/// Returns true when the record of issue says so, or when it is missing and the use of the session proves it.
fn opened_by_token(session: SessionView<'_>) -> bool {
    session.session.issuance.is_none() || subjects::is_entry(session)
}

fn matched(
    context: &Context<'_>,
    (issuer, account): (&str, &str),
    unknown: Unknown,
    declared: &str,
    sessions: &Occurrences<'_>,
) -> Match {
    let roles = phrase::all_of(sessions.sessions().iter().filter_map(SessionView::role_arn).map(phrase::short));
    let account_name = phrase::account(context, account);
    let (severity, confidence, basis) = match unknown {
        Unknown::Undeclared | Unknown::OtherAccounts => (RULE.severity, RULE.confidence, RULE.basis),
        Unknown::Unrecognized => (Severity::High, Confidence::Medium, Basis::Heuristic),
        Unknown::SelfHosted | Unknown::Pinned => (Severity::Low, Confidence::Low, Basis::Heuristic),
    };
    let (title, reason) = match unknown {
        Unknown::Undeclared => (
            format!("Tokens of {issuer}, which nobody declared, entered {account_name}"),
            format!(
                "The expectations declare {declared}, and not this issuer. Whoever holds its signing key can be any \
                 subject that the trust policies admit."
            ),
        ),
        Unknown::OtherAccounts => (
            format!("Tokens of {issuer} entered {account_name}, for which the issuer is not declared"),
            "The expectations admit the issuer to other accounts only: the provider in this one is a door of its own."
                .to_owned(),
        ),
        Unknown::Unrecognized => (
            format!("Tokens of {issuer}, which is no known issuer, entered {account_name}"),
            "The host is none of the CI systems and platforms that are known, and no expectations declare it; \
             it may still be your own. Whoever holds its signing key can be any subject that the trust policies admit."
                .to_owned(),
        ),
        Unknown::Pinned => (
            format!("Tokens of {issuer}, which is no known issuer, entered {account_name}"),
            "The host is none of the CI systems and platforms that are known, and no expectations declare it. The trust \
             policies in the snapshot name it and pin its subjects, so that it is likely your own."
                .to_owned(),
        ),
        Unknown::SelfHosted => (
            format!("Tokens of the self-hosted issuer {issuer} entered {account_name}"),
            "Anybody can run a host of this shape, and no expectations declare it as yours.".to_owned(),
        ),
    };
    Match {
        key: vec![("issuer", issuer.to_ascii_lowercase()), ("account_id", account.to_owned())],
        severity,
        confidence,
        basis,
        title,
        message: format!(
            "{}, tokens that {issuer} signed were accepted in {account_name} and opened sessions of {roles}. {reason}",
            sessions.when()
        ),
        remediation: Some(remediation(unknown, issuer, account, &roles)),
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}

fn remediation(unknown: Unknown, issuer: &str, account: &str, roles: &str) -> String {
    let declare = match unknown {
        Unknown::OtherAccounts => {
            format!("If tokens are wanted in this account, add {account:?} to the accounts of the issuer")
        }
        _ => format!("If the issuer is yours, declare it: [[issuer]] url = {issuer:?}, accounts = [{account:?}]"),
    };
    format!(
        "{declare} in rolechain.toml. If not, delete the identity provider {issuer} in account {account}, take it out of \
         the trust policies of {roles}, revoke the sessions of these roles, and look for the \
         CreateOpenIDConnectProvider call that let it in."
    )
}

fn declared_issuers(context: &Context<'_>) -> String {
    phrase::all_of(context.expectations.issuers.iter().map(|issuer| issuer.url.as_str()))
}
