//! `unexpected-audience`: a token was accepted whose audience is not the expected one.

use crate::audit::memo::Memo;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::provider;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "unexpected-audience",
    title: "A token was accepted whose audience is not the expected one",
    theme: Theme::Deploy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; `audiences` of the issuer in `rolechain.toml`, except for the default audience",
    remediation: "Take the client ids that nobody needs off the identity provider, and add an aud condition to the trust \
                  policy. If the audience is wanted, add it to the audiences of the [[issuer]] in rolechain.toml.",
    techniques: &["T1550.001"],
    reading: &[
        (
            "AWS: identity providers and their client ids",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
        ),
        ("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc"),
    ],
    page: include_str!("../../../../docs/rules/unexpected-audience.md"),
    check,
};

/// How the audience begins that GitHub gives to tokens when the workflow asks for none: an address of the owner.
const GITHUB_DEFAULT: &str = "https://github.com/";

/// Why an audience is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// The issuer's audiences are listed, and this is none of them.
    Unlisted,
    /// It is the one that tokens for any purpose carry.
    Default,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = context.lineage.sessions().filter(|session| subjects::is_entry(*session));
    let by_audience = gather(entries.filter_map(|session| {
        let audience = session.lineage().opt(session.issuing_record()?.audience)?;
        let issuer = provider::issuer_of(session.origin().provider.as_deref()?);
        Some(((issuer, audience, session.account()?), session))
    }));
    let memo = Memo::default();
    for ((issuer, audience, account), sessions) in by_audience {
        if let Some(reason) = judge(context, issuer, audience) {
            let listed = memo.get(issuer, || {
                let declared = context.expectations.issuer(issuer);
                declared.map(|issuer| phrase::any_of(issuer.audiences.iter())).unwrap_or_default()
            });
            matches.push(matched(context, issuer, audience, account, (reason, &listed), &sessions));
        }
    }
}

fn judge(context: &Context<'_>, issuer: &str, audience: &str) -> Option<Reason> {
    let listed = context.expectations.issuer(issuer).map(|issuer| &issuer.audiences);
    let is_default = audience.starts_with(GITHUB_DEFAULT) && subjects::issuer(context, issuer).is_of("github");
    if listed.is_some_and(|listed| listed.has(audience)) {
        None
    } else if is_default {
        Some(Reason::Default)
    } else {
        listed.is_some_and(|listed| !listed.is_empty()).then_some(Reason::Unlisted)
    }
}

fn matched(
    context: &Context<'_>,
    issuer: &str,
    audience: &str,
    account: &str,
    (reason, listed): (Reason, &str),
    sessions: &Occurrences<'_>,
) -> Match {
    let roles = phrase::all_of(sessions.sessions().iter().filter_map(SessionView::role_arn).map(phrase::short));
    let account_name = phrase::account(context, account);
    let issuer_name = subjects::issuer(context, issuer).name();
    let (severity, basis, why) = match reason {
        Reason::Unlisted => {
            let why = format!(
                "The expectations list {listed} for this issuer. A token that was made out to something else was accepted \
                 as one for AWS: whoever it was made for can use it here."
            );
            (RULE.severity, RULE.basis, why)
        }
        Reason::Default => {
            let why = "It is the one that GitHub's tokens carry when the workflow names none, whatever they are for: \
                       a token that was handed to another system opens these roles as well.";
            (Severity::Low, Basis::Heuristic, why.to_owned())
        }
    };
    Match {
        key: vec![
            ("issuer", issuer.to_ascii_lowercase()),
            ("audience", audience.to_owned()),
            ("account_id", account.to_owned()),
        ],
        severity,
        confidence: RULE.confidence,
        basis,
        title: match reason {
            Reason::Unlisted => format!("Tokens of {issuer_name} for the audience {audience} entered {account_name}"),
            Reason::Default => format!("Tokens of {issuer_name} with its default audience entered {account_name}"),
        },
        message: format!(
            "{}, tokens of {issuer_name} with the audience {audience} were accepted in {account_name} and opened sessions \
             of {roles}. {why}",
            sessions.when()
        ),
        remediation: Some(format!(
            "Take {audience:?} off the client ids of the identity provider {issuer} in account {account}, and test the aud \
             in the trust policies of {roles}. If the audience is wanted, add it to the audiences of the [[issuer]] in \
             rolechain.toml."
        )),
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
