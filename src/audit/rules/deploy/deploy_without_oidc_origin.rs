//! `deploy-without-oidc-origin`: a deploy role was reached from something that is not the pipeline.

use crate::audit::class;
use crate::audit::class::Classes;
use crate::audit::environment;
use crate::audit::grade;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::model::chain::GapKind;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "deploy-without-oidc-origin",
    title: "A deploy role was reached from something that is not the pipeline",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: r#"logs; better with `class = "deploy"` and `origin`"#,
    remediation: "Trust only the pipeline's entry role in the trust policy of the deploy role, by its exact ARN, and \
                  take users and whole accounts out. If another kind of origin is wanted, list it in the role's origin \
                  in rolechain.toml; a bootstrap is an exception with a date.",
    techniques: &["T1078.004", "T1550.001"],
    reading: &[(
        "AWS: global condition keys",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    )],
    page: include_str!("../../../../docs/rules/deploy-without-oidc-origin.md"),
    check,
};

/// How it is known that the role deploys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// The expectations say so.
    Declared,
    /// Pipelines use it, and hardly anybody else.
    Observed,
}

/// The days on which STS was recorded, by account.
type StsDays = Map<(Sym, i64), ()>;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let classes = Classes::observe(context);
    let relations = Relations::new(context);
    let cells = context.lineage.observations.cells.iter().filter(|(_, count)| count.sts > 0);
    let days: StsDays = cells.filter_map(|(cell, _)| Some(((cell.account?, i64::from(cell.day?)), ()))).collect();
    let sessions = context.lineage.sessions().filter(|session| !class::is_noise(*session));
    let by_origin =
        gather(sessions.filter_map(|session| Some(((session.session.role_arn?, session.session.origin), session))));
    for (_, sessions) in by_origin {
        let first = sessions.first();
        let Some(role_arn) = first.role_arn() else { continue };
        let known = match classes.declared(role_arn) {
            Some(RoleClass::Deploy) => Known::Declared,
            None if classes.belongs_to_pipelines(first) => Known::Observed,
            Some(_) | None => continue,
        };
        if is_admitted(context, role_arn, first.origin().kind) {
            continue;
        }
        // What is seen of one origin may differ from session to session: some lie in the dark, some do not.
        let by_confidence = gather(
            sessions
                .sessions()
                .iter()
                .filter(|session| !classes.is_through_break_glass(**session))
                .filter_map(|session| Some((confidence(context, &relations, &days, known, *session)?, *session))),
        );
        for (confidence, sessions) in by_confidence {
            let found = matched(context, role_arn, known, confidence, &sessions);
            matches.push(grade::learned(found, context.expectations.role(role_arn)));
        }
    }
}

fn is_admitted(context: &Context<'_>, role_arn: &str, kind: OriginKind) -> bool {
    match context.expectations.role(role_arn) {
        Some(role) if !role.origin.is_empty() => role.admits_origin(kind.name()),
        _ => kind == OriginKind::Oidc,
    }
}

/// Returns how sure it is that this is not the pipeline; `None` when nobody can say, or another rule says it.
fn confidence(
    context: &Context<'_>,
    relations: &Relations<'_, '_>,
    days: &StsDays,
    known: Known,
    session: SessionView<'_>,
) -> Option<Confidence> {
    let kind = session.origin().kind;
    let sure = match (known, kind) {
        // Without expectations, people are left to `human-in-deploy-chain`, a key beside the pipeline to
        // `unfinished-migration`, and who stands outside these logs is not known.
        (
            Known::Observed,
            OriginKind::IdentityCenter
            | OriginKind::Saml
            | OriginKind::Console
            | OriginKind::LongTermKey
            | OriginKind::SessionToken
            | OriginKind::ForwardAccess
            | OriginKind::ExternalAccount
            | OriginKind::Unknown,
        ) => return None,
        (Known::Observed, _) => Confidence::Medium,
        (Known::Declared, OriginKind::ExternalAccount) => stranger(context, relations, session)?,
        (Known::Declared, OriginKind::Unknown) => is_covered(days, session).then_some(Confidence::Medium)?,
        (Known::Declared, _) => RULE.confidence,
    };
    Some(grade::of_links(sure, session))
}

/// Judges a principal of an account without logs: behind an account of one's own may stand the pipeline.
fn stranger(context: &Context<'_>, relations: &Relations<'_, '_>, session: SessionView<'_>) -> Option<Confidence> {
    let account = session.origin().account_id.as_deref()?;
    match relations.of(account) {
        Relation::Own => None,
        Relation::ThirdParty => Some(RULE.confidence),
        Relation::Undeclared => {
            let role = context.expectations.role(session.role_arn()?)?;
            let is_named = role.from.is_empty() || role.from.may_be_of(account);
            (!is_named).then_some(Confidence::Medium)
        }
    }
}

/// Returns true when the logs ought to show how the chain began: STS was recorded in the account on that day, and yet
/// the issuance is not among the records. When the caller's own copy of a call is not there either, they are not
/// complete.
fn is_covered(days: &StsDays, session: SessionView<'_>) -> bool {
    let root = session.first();
    let is_missing = root.session.gaps.iter().any(|gap| gap.kind == GapKind::IssuanceMissing);
    let caller_account = root.caller().and_then(|caller| caller.account);
    let (Some(issued), Some(account)) = (root.session.issued, caller_account.or(root.session.account)) else {
        return false;
    };
    let is_one_sided = root.caller().is_some_and(|caller| caller.kind == PrincipalKind::AwsAccount);
    is_missing && !is_one_sided && days.contains_key(&(account, issued.day()))
}

fn matched(
    context: &Context<'_>,
    role_arn: &str,
    known: Known,
    confidence: Confidence,
    sessions: &Occurrences<'_>,
) -> Match {
    let first = sessions.first();
    let origin = first.origin();
    let who = phrase::origin(context, origin);
    let declared_prod = known == Known::Declared && environment::is_prod_role(context, role_arn);
    let severity = match (known, declared_prod) {
        (Known::Declared, true) => Severity::Critical,
        (Known::Declared, false) => RULE.severity,
        (Known::Observed, _) => Severity::Medium,
    };
    let why = match known {
        Known::Declared => "The expectations say that it is for deployments, and that pipelines alone begin them.",
        Known::Observed => {
            "No expectations speak of the role, but pipelines deploy with it in at least four of five of its sessions."
        }
    };
    let through = through(first);
    let short = phrase::short(role_arn);
    let wanted = format!("Trust only the pipeline's entry role in the trust policy of {role_arn}, by its exact ARN.");
    let (title, proves, otherwise) = if origin.kind == OriginKind::Unknown {
        (
            format!("{short} was reached from {who}, although they should"),
            "STS of the account where it began was recorded on that day, and the record that issued the session is not \
             among them."
                .to_owned(),
            "Look for the missing record: a trail of one region only, a filter, or a deleted object hides it.".to_owned(),
        )
    } else {
        (
            format!("{short} was reached from {who}, not from a pipeline"),
            "This proves that something besides the pipeline can deploy, and not that it was misused.".to_owned(),
            format!(
                "If this origin is wanted, list {:?} in the role's origin in rolechain.toml; a bootstrap is an exception \
                 with a date.",
                origin.kind.name()
            ),
        )
    };
    Match {
        key: key(role_arn, origin),
        severity,
        confidence,
        basis: if known == Known::Declared { RULE.basis } else { Basis::Heuristic },
        title,
        message: format!(
            "{}, {who} came to {}{through}. {why} {proves}",
            sessions.when(),
            phrase::role(context, role_arn)
        ),
        remediation: Some(format!("{wanted} {otherwise}")),
        count: sessions.count(),
        evidence: sessions.chain_evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}

/// Names the roles between the origin and the deploy role.
fn through(session: SessionView<'_>) -> String {
    let mut roles: Vec<&str> = session.roles_above().take(phrase::MAX_ROLES).map(phrase::short).collect();
    roles.reverse();
    if roles.is_empty() { String::new() } else { format!(" through {}", roles.join(" and ")) }
}

fn key(role_arn: &str, origin: &Origin) -> Vec<(&'static str, String)> {
    let mut key = vec![("role_arn", role_arn.to_owned()), ("origin", origin.kind.name().to_owned())];
    if let Some(access_key) = &origin.access_key_id {
        key.push(("access_key_id", access_key.clone()));
    } else if let Some(principal) = &origin.principal_arn {
        key.push(("principal_arn", principal.clone()));
    } else if let Some(person) = &origin.subject {
        key.push(("subject", person.clone()));
    } else if let Some(account) = &origin.account_id {
        key.push(("caller_account_id", account.clone()));
    }
    key
}
