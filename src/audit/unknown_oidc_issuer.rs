//! `unknown-oidc-issuer`: tokens of an issuer that nobody declared opened sessions.

use crate::audit::Context;
use crate::audit::Rule;
use crate::audit::direct_oidc_into_deploy;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::subjects;
use crate::model::chain::OriginKind;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::provider;
use crate::provider::Tenancy;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "unknown-oidc-issuer",
    title: "Tokens of an issuer that nobody declared opened sessions",
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    remediation: "Find out who created the identity provider (CreateOpenIDConnectProvider). If nobody wants it, \
                  delete it, take it out of every trust policy, and revoke the sessions of the roles that it opened. \
                  If it is yours, declare it as an [[issuer]] in rolechain.toml.",
    references: &[
        "T1484.002",
        "T1078.004",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    ],
    page: include_str!("../../docs/rules/unknown-oidc-issuer.md"),
    check,
};

/// Issuers that AWS runs. Clusters come and go, so they are one class: judged only when the file names one of them.
const RUN_BY_AWS: [&str; 2] = ["cognito", "eks"];

/// Why an issuer is not known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// Other issuers are declared, and this is none of them.
    Undeclared,
    /// The issuer is declared for other accounts only.
    OtherAccounts,
    /// Nothing is declared, and the host is none that is known.
    Unrecognised,
    /// Nothing is declared, and anybody could run a host of this shape.
    SelfHosted,
}

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    let first_hops = context.lineage.sessions().filter(|session| {
        session.session.parent.is_none() && session.origin().kind == OriginKind::Oidc && opened_by_token(*session)
    });
    let by_issuer = gather(first_hops.filter_map(|session| {
        let issuer = session.origin().provider.as_deref()?;
        Some(((issuer, session.account()?), session))
    }));
    for ((issuer, account), sessions) in by_issuer {
        match judge(context, issuer, account) {
            Some(Unknown::OtherAccounts) => {
                // `direct-oidc-into-deploy` says more about tokens in roles that are for deployments.
                let here = sessions
                    .sessions()
                    .iter()
                    .filter(|session| direct_oidc_into_deploy::way(context, **session).is_none());
                for ((), here) in gather(here.map(|session| ((), *session))) {
                    claims.push(claim(context, issuer, account, Unknown::OtherAccounts, &here));
                }
            }
            Some(unknown) => claims.push(claim(context, issuer, account, unknown, &sessions)),
            None => {}
        }
    }
}

/// Returns true when nobody vouches for the tokens of an issuer in an account.
pub(super) fn is_unknown(context: &Context<'_>, issuer: &str, account: &str) -> bool {
    judge(context, issuer, account).is_some()
}

/// Returns true when the record of issue says so, or when it is missing and the use of the session proves it.
fn opened_by_token(session: SessionView<'_>) -> bool {
    session.session.issuance.is_none() || subjects::is_entry(session)
}

fn judge(context: &Context<'_>, issuer: &str, account: &str) -> Option<Unknown> {
    let expectations = context.expectations;
    if let Some(declared) = expectations.issuer(issuer) {
        let is_at_home = declared.accounts.is_empty() || declared.accounts.iter().any(|id| id == account);
        return (!is_at_home).then_some(Unknown::OtherAccounts);
    }
    let provider = provider::recognise(issuer);
    if expectations.issuers.is_empty() {
        return match provider.and_then(|provider| provider.tenancy(issuer)) {
            None => Some(Unknown::Unrecognised),
            Some(Tenancy::SelfHosted) => Some(Unknown::SelfHosted),
            Some(Tenancy::Shared | Tenancy::Tenant) => None,
        };
    }
    let by_aws = provider.map(|provider| provider.id).filter(|id| RUN_BY_AWS.contains(id));
    let is_class_named = by_aws.is_none_or(|class| {
        expectations.issuers.iter().any(|declared| {
            let of_host = provider::recognise(declared.url.as_str()).map(|provider| provider.id);
            // A glob over clusters is not an issuer's host, so that its beginning has to do.
            declared.kind.as_deref() == Some(class)
                || of_host == Some(class)
                || declared.url.as_str().starts_with(&format!("oidc.{class}."))
        })
    });
    is_class_named.then_some(Unknown::Undeclared)
}

fn claim(context: &Context<'_>, issuer: &str, account: &str, unknown: Unknown, sessions: &Occurrences<'_>) -> Claim {
    let roles = phrase::all_of(sessions.sessions().iter().filter_map(SessionView::role_arn).map(phrase::short));
    let account_name = phrase::account(context, account);
    let (severity, confidence, basis) = match unknown {
        Unknown::Undeclared | Unknown::OtherAccounts => (RULE.severity, RULE.confidence, RULE.basis),
        Unknown::Unrecognised => (Severity::High, Confidence::Medium, Basis::Heuristic),
        Unknown::SelfHosted => (Severity::Low, Confidence::Low, Basis::Heuristic),
    };
    let (title, reason) = match unknown {
        Unknown::Undeclared => (
            format!("Tokens of {issuer}, which nobody declared, entered {account_name}"),
            format!(
                "The expectations declare {}, and not this issuer. Whoever holds its signing key can be any subject that \
                 the trust policies admit.",
                declared_issuers(context)
            ),
        ),
        Unknown::OtherAccounts => (
            format!("Tokens of {issuer} entered {account_name}, for which the issuer is not declared"),
            "The expectations admit the issuer to other accounts only: the provider in this one is a door of its own."
                .to_owned(),
        ),
        Unknown::Unrecognised => (
            format!("Tokens of {issuer}, which is no known issuer, entered {account_name}"),
            "The host is none of the CI systems and platforms that are known, and no expectations declare it; \
             it may still be your own. Whoever holds its signing key can be any subject that the trust policies admit."
                .to_owned(),
        ),
        Unknown::SelfHosted => (
            format!("Tokens of the self-hosted issuer {issuer} entered {account_name}"),
            "Anybody can run a host of this shape, and no expectations declare it as yours.".to_owned(),
        ),
    };
    Claim {
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
