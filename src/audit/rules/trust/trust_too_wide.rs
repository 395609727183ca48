//! `trust-too-wide`: a trust policy admits more subjects than its role needs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::grade;
use crate::audit::granted;
use crate::audit::granted::Granted;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::audit::trust_width::Width;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::provider;
use crate::provider::Issuer;
use crate::trust::Principal;
use crate::trust::breadth::Breadth;
use crate::trust::usage::GrantUse;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "trust-too-wide",
    title: "A trust policy admits more than its role needs",
    theme: Theme::Trust,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--iam`, or the change of the trust policy in the logs",
    remediation: "Name the repositories and environments that need the role, each as a whole subject under \
                  StringEquals. `rolechain trust suggest` writes the policy from at least 30 days of logs; \
                  `rolechain trust check` says whom it would lock out. Read it before you apply it.",
    techniques: &["T1199", "T1078.004"],
    reading: &[
        ("GitHub: OpenID Connect", "https://docs.github.com/en/actions/reference/security/oidc"),
        (
            "IAM User Guide: controls for shared OIDC providers",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/trust-too-wide.md"),
    check,
};

const CALL: &str = "sts:AssumeRole";
const TOKEN_CALL: &str = "sts:AssumeRoleWithWebIdentity";

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for granted in granted::all(context) {
        let mut wide: BTreeMap<(&str, Breadth), Vec<(Severity, &GrantUse)>> = BTreeMap::new();
        for used in granted.grants() {
            let Principal::Federated(provider) = &used.grant.principal else { continue };
            let issuer = provider::issuer_of(provider);
            if let Some(Width { breadth, severity }) = Width::of(context, granted.policy(), &used.grant, issuer) {
                wide.entry((issuer, breadth)).or_default().push((severity, used));
            }
        }
        for ((issuer, breadth), grants) in wide {
            matches.extend(matched(context, granted, issuer, breadth, &grants));
        }
        matches.extend([CALL, TOKEN_CALL].into_iter().find_map(|call| open_to_all(context, granted, call)));
    }
}

fn matched(
    context: &Context<'_>,
    granted: Granted<'_, '_>,
    issuer: &str,
    breadth: Breadth,
    grants: &[(Severity, &GrantUse)],
) -> Option<Match> {
    let role_arn = granted.role_arn();
    let severity = grade::in_prod(grants.iter().map(|(severity, _)| *severity).max()?, context, role_arn);
    let (severity, confidence, note) = granted.careful(TOKEN_CALL, severity);
    let patterns = phrase::all_of(grants.iter().map(|(_, used)| used.grant.said()));
    let users: BTreeSet<&str> =
        grants.iter().flat_map(|(_, used)| used.users.keys()).map(|user| user.name.as_str()).collect();
    let mut evidence = granted.evidence(context);
    evidence.extend(grants.iter().flat_map(|(_, used)| used.users.values()).flat_map(|count| count.evidence.clone()));
    let needed = if users.is_empty() {
        "Nobody came in by it, as far as the logs reach: if that holds for 30 days or more, take it out".to_owned()
    } else {
        format!(
            "Replace it by whole subjects under StringEquals. Seen in these logs: {}. Leave out whoever should not have come in, \
             and look at 30 days of logs before",
            phrase::all_of(users.iter().copied())
        )
    };
    let subjects = || grants.iter().filter_map(|(_, used)| used.grant.subject.as_ref());
    let names_nobody = !subjects().any(|subject| subject.has_wildcards && subject.text.contains(['*', '?']));
    let words = Words::of(breadth, subjects::issuer(context, issuer), names_nobody);
    Some(Match {
        key: vec![
            ("role_arn", role_arn.to_owned()),
            ("issuer", issuer.to_owned()),
            ("breadth", breadth.name().to_owned()),
        ],
        severity,
        confidence,
        basis: RULE.basis,
        title: format!("{} trusts {}: {patterns}", phrase::short(role_arn), words.class),
        message: format!(
            "By {}, {} lets in {patterns} of {}: {}. {}.{note}",
            granted.source(context),
            granted.said(context),
            subjects::issuer(context, issuer).name(),
            words.meaning,
            used(context, &users),
        ),
        remediation: Some(format!(
            "{needed}. `rolechain trust suggest --role {role_arn}` writes the whole policy, and `rolechain trust \
             check` says whom it would lock out. Read it before you apply it."
        )),
        count: 1,
        evidence,
        chain_ids: Chains::default(),
    })
}

/// The words for what a grant of some breadth admits.
struct Words {
    /// How it is called.
    class: String,
    /// What it means, in words that follow a colon.
    meaning: String,
}

impl Words {
    /// `names_nobody` says that the subjects are whole, and it is an owner that they lack.
    fn of(breadth: Breadth, issuer: Issuer<'_>, names_nobody: bool) -> Self {
        let project = issuer.provider.map_or("repository", |provider| provider.project);
        let projects = project.strip_suffix('y').map_or_else(|| format!("{project}s"), |stem| format!("{stem}ies"));
        let has_branches = project == "repository";
        let class = match breadth {
            Breadth::AnySubject if names_nobody => "a subject that anybody can have".to_owned(),
            Breadth::AnySubject => "every subject of an issuer".to_owned(),
            Breadth::ManyOwners => "owners by the beginning of their names".to_owned(),
            Breadth::RepoPrefix => format!("{projects} by the beginning of their names"),
            Breadth::WholeOwner => format!("every {project} of an owner"),
            Breadth::Callers => "everybody who may call a workflow".to_owned(),
            _ if has_branches => format!("any branch of a {project}"),
            _ => format!("all of a {project}"),
        };
        let meaning = match breadth {
            Breadth::AnySubject if names_nobody => {
                "it names no owner, so that every customer of the issuer can have such a token made".to_owned()
            }
            Breadth::AnySubject => "whoever gets a token of this issuer gets the role".to_owned(),
            Breadth::ManyOwners => "whoever registers an owner with a name that begins so gets the role".to_owned(),
            Breadth::RepoPrefix => format!("whoever may make a {project} with a name that begins so gets the role"),
            Breadth::WholeOwner if has_branches => {
                format!("whoever may push to any {project} of this owner gets the role")
            }
            Breadth::WholeOwner => format!("whoever may run a job in any {project} of this owner gets the role"),
            Breadth::Callers => {
                "whoever may call it gets the role, and that is anybody when its repository is public".to_owned()
            }
            _ if has_branches => format!("whoever may push a branch inside the {project} gets the role"),
            _ => format!("whoever may run a job in the {project} gets the role"),
        };
        Self { class, meaning }
    }
}

/// Says who used it.
fn used(context: &Context<'_>, users: &BTreeSet<&str>) -> String {
    let cells = context.lineage.observations.cells.keys();
    let days: BTreeSet<i32> = cells.filter_map(|cell| cell.day).collect();
    let reach = phrase::count(wide(days.len()), "day");
    match users.len() {
        0 => format!("In the {reach} of these logs nobody came in by it"),
        1 => format!("In the {reach} of these logs only {} came in by it", phrase::all_of(users.iter().copied())),
        several => format!(
            "In the {reach} of these logs {several} subjects came in by it: {}",
            phrase::all_of(users.iter().copied())
        ),
    }
}

/// Judges `Principal: "*"` without any condition that keeps strangers from coming by a call.
fn open_to_all(context: &Context<'_>, granted: Granted<'_, '_>, call: &str) -> Option<Match> {
    let role_arn = granted.role_arn();
    let is_open = granted.policy().allowing().any(|(_, statement)| {
        statement.actions.cover(call)
            && statement.principals().contains(&Principal::Anybody)
            && !granted.policy().keeps_strangers_out_of(statement, call)
            && granted::guards(statement).all(|guard| !guard.key.eq_ignore_ascii_case("sts:ExternalId"))
    });
    if !is_open {
        return None;
    }
    let (severity, confidence, note) = granted.careful(call, Severity::Critical);
    let (who, whoever) = if call == CALL {
        ("who has an AWS account", "whoever has an AWS account, anywhere,")
    } else {
        ("who has a token that AWS accepts", "whoever has a token of an issuer that the account, or AWS itself, trusts")
    };
    Some(Match {
        key: vec![("role_arn", role_arn.to_owned()), ("breadth", Breadth::Everybody.name().to_owned())],
        severity,
        confidence,
        basis: RULE.basis,
        title: format!("{} trusts everybody {who}", phrase::short(role_arn)),
        message: format!(
            "By {}, {} lets in the principal * and asks for nothing that a stranger could not bring: \
             {whoever} gets the role.{note}",
            granted.source(context),
            granted.said(context),
        ),
        remediation: Some(format!(
            "Name the exact roles that need {role_arn} as principals; for an organization, add a condition on \
             aws:PrincipalOrgID. Until then treat the role's sessions as being in foreign hands and review them."
        )),
        count: 1,
        evidence: granted.evidence(context),
        chain_ids: Chains::default(),
    })
}
