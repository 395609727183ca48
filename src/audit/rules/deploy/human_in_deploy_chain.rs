//! `human-in-deploy-chain`: a person came into a role that is for pipelines.

use crate::audit::class;
use crate::audit::class::Classes;
use crate::audit::grade;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::model::arn;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::origin::OriginKind;
use crate::model::width::place;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "human-in-deploy-chain",
    title: "A person came into a role that is for pipelines",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: r#"logs; better with `class = "deploy"`"#,
    remediation: "Take people out of the deploy role's trust policy: name the pipeline's entry role instead of the \
                  account. Give emergencies a role of class break-glass, whose use stands in the chains and is no finding.",
    techniques: &["T1078.004"],
    reading: &[(
        "AWS: security best practices in IAM",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    )],
    page: include_str!("../../../../docs/rules/human-in-deploy-chain.md"),
    check,
};

/// What a person's session in a role is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Case {
    /// In a role that the expectations declare to be for deployments.
    Declared,
    /// In a role that pipelines deploy with, and hardly anybody else.
    Observed,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let classes = Classes::observe(context);
    let sessions = context.lineage.sessions().filter(|session| !class::is_noise(*session));
    // The nearest role of people on the way to each session, the session included.
    let people: Vec<Option<&str>> = context.lineage.handed_down(|session, above| {
        session.role_arn().filter(|role| arn::is_identity_center_role(role)).or(above.copied().flatten())
    });
    let by_person = gather(sessions.filter_map(|session| {
        let case = case(context, &classes, session)?;
        let above = session.session.parent.and_then(|parent| people.get(place(parent.0)).copied().flatten());
        let person = person(session, above)?;
        Some(((session.session.role_arn?, person, case), session))
    }));
    for ((role, person, case), sessions) in by_person {
        let role_arn = context.lineage.str(role);
        let found = matched(context, role_arn, &person, case, &sessions);
        matches.push(grade::learned(found, context.expectations.role(role_arn)));
    }
}

fn case(context: &Context<'_>, classes: &Classes<'_, '_>, session: SessionView<'_>) -> Option<Case> {
    let role_arn = session.role_arn()?;
    match classes.declared(role_arn) {
        Some(RoleClass::Deploy) => {
            let role = context.expectations.role(role_arn)?;
            let is_wanted = role.admits_origin(session.origin().kind.name()) || classes.is_through_break_glass(session);
            (!is_wanted).then_some(Case::Declared)
        }
        None if classes.belongs_to_pipelines(session) => Some(Case::Observed),
        _ => None,
    }
}

/// Who the person is, as well as the logs know.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Person {
    name: String,
    through: &'static str,
}

/// Returns the person who began the chain: by a sign-in, or by a role that only people come into, such as the one above.
fn person(session: SessionView<'_>, above: Option<&str>) -> Option<Person> {
    let origin = session.origin();
    let through = match origin.kind {
        OriginKind::IdentityCenter => "IAM Identity Center",
        OriginKind::Saml => "SAML",
        OriginKind::Console => "the console",
        _ => {
            let of_caller = session.caller().and_then(|caller| session.lineage().opt(caller.issuer_arn));
            let role = above.or(of_caller.filter(|role| arn::is_identity_center_role(role)))?;
            return Some(Person { name: phrase::short(role).to_owned(), through: "IAM Identity Center" });
        }
    };
    Some(Person { name: origin.label(), through })
}

fn matched(context: &Context<'_>, role_arn: &str, person: &Person, case: Case, sessions: &Occurrences<'_>) -> Match {
    let short = phrase::short(role_arn);
    let Person { name, through } = person;
    let role = phrase::role(context, role_arn);
    let first = sessions.first();
    let hops: Vec<&str> = first.roles_above().take(phrase::MAX_ROLES).map(phrase::short).collect();
    let from = if hops.is_empty() { String::new() } else { format!(" from {}", hops.join(", which came from ")) };
    let confidence = sessions.sessions().iter().map(|session| grade::of_links(RULE.confidence, *session)).max();
    let confidence = confidence.unwrap_or(RULE.confidence);
    let (severity, confidence, basis, why) = match case {
        Case::Declared => (
            grade::in_prod(RULE.severity, context, role_arn),
            confidence,
            RULE.basis,
            "The expectations say that the role is for deployments, and admit no people to it.",
        ),
        Case::Observed => (
            Severity::Medium,
            confidence.min(Confidence::Medium),
            Basis::Heuristic,
            "No expectations speak of the role, but pipelines deploy with it in at least four of five of its sessions.",
        ),
    };
    Match {
        key: vec![("role_arn", role_arn.to_owned()), ("subject", name.clone())],
        severity,
        confidence,
        basis,
        title: format!("{name} came into {short}, which is for pipelines"),
        message: format!("{}, {name} came through {through} into {role}{from}. {why}", sessions.when()),
        remediation: Some(format!(
            "Take people out of the trust policy of {role_arn}: name the pipeline's entry role instead of the account. \
             For emergencies keep a role of class break-glass. If {name} is wanted here, list {:?} in the role's \
             origin in rolechain.toml.",
            first.origin().kind.name()
        )),
        count: sessions.count(),
        evidence: sessions.chain_evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
