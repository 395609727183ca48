//! `session-without-run`: a token opened a session, and no job ran that could have had it.

use std::sync::Arc;

use crate::audit::grade;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::theme::Theme;
use crate::join;
use crate::join::Grade;
use crate::model::chain::Chain;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::origin::OriginKind;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "session-without-run",
    title: "No CI run fits a session that a token of the repository opened",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with all runs and jobs of the repository, from 35 days before the logs on; better with `runs` of the role",
    remediation: "Find out which job presented the token. Fetch the runs of the repository again, with all attempts, \
                  and look for deleted ones in the audit log of the CI system.",
    techniques: &["T1078.004", "T1070"],
    reading: &[("GitHub: OpenID Connect", "https://docs.github.com/en/actions/concepts/security/openid-connect")],
    page: include_str!("../../../../docs/rules/session-without-run.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for linked in runs::linked(context).into_iter().filter(|linked| linked.link.grade == Grade::Missing) {
        let Some((issued, subject)) = linked.entry.issued().zip(linked.token()) else { continue };
        let whose = subject.borne().unwrap_or(&subject.raw);
        let is_required = linked.entry.descendants().into_iter().any(|session| needs_run(context, session));
        let said = Said {
            severity: if is_required { Severity::Critical } else { Severity::High },
            confidence: Confidence::Medium,
            basis: Basis::Match,
            title: format!("No CI run of {whose} fits a session of {}", linked.role(context)),
            message: format!(
                "At {issued}, a token of {whose} ({}) opened a session of {}. The files of the CI system hold every run of \
                 the repository at that time, and none of them had a job that the token could be of.{}",
                subject.raw,
                linked.role(context),
                if is_required { REQUIRED } else { "" }
            ),
        };
        matches.push(linked.matched(context, said));
    }
    matches.extend(without_link(context));
}

const REQUIRED: &str = " The expectations ask for a run behind every session of the role.";

fn needs_run(context: &Context<'_>, session: SessionView<'_>) -> bool {
    session.role_arn().and_then(|role| context.expectations.role(role)).is_some_and(|role| role.needs_run)
}

/// Finds sessions that need a run, and that nothing of a CI system began.
fn without_link(context: &Context<'_>) -> Vec<Match> {
    let lineage = context.lineage;
    // Who came without a token of a CI system needs no evidence of one. Nothing is linked while no role asks for it.
    if !context.expectations.roles.iter().any(|role| role.needs_run) {
        return Vec::new();
    }
    let without_evidence = context.ci.is_none().then(|| join::join(lineage, Arc::default()));
    let Some(joined) = context.ci.or(without_evidence.as_ref()) else { return Vec::new() };
    // A run that a key's caller names is a claim, and nothing more. Of some CI systems no evidence is read: their tokens prove
    // a job all the same.
    let is_token = |chain: &Chain| {
        let origin = lineage.origin_of(chain);
        origin.token.as_ref().is_some_and(|token| origin.is_pipeline || token.is_log_stream())
    };
    let has_token = |chain: &&Chain| is_token(chain) || joined.links.get(&chain.id).is_some_and(|link| link.is_signed);
    let alone = lineage.chains.iter().filter(|chain| !has_token(chain));
    // Where the logs do not say who began a chain, a run may have.
    let is_known = |kind| !matches!(kind, OriginKind::Unknown | OriginKind::ExternalAccount);
    let ids = lineage.sessions_of(alone.filter(|chain| is_known(lineage.origin_of(chain).kind)));
    let sessions = ids.into_iter().map(|id| lineage.session(id));
    let found = sessions.filter(|session| needs_run(context, *session) && !session.is_machinery());
    found.filter_map(|session| no_link(context, session)).collect()
}

fn no_link(context: &Context<'_>, session: SessionView<'_>) -> Option<Match> {
    let role = session.role_arn()?;
    let origin = session.origin();
    let (who, named) = (phrase::origin(context, origin), phrase::role(context, role));
    let at = session.issued().map(|issued| format!(" at {issued}")).unwrap_or_default();
    Some(Match {
        key: vec![("role_arn", role.to_owned()), ("subject", origin.label())],
        severity: Severity::High,
        confidence: grade::of_links(Confidence::High, session),
        basis: Basis::Match,
        title: format!("A session of {} belongs to no CI run", phrase::short(role)),
        message: format!(
            "A session of {named} was opened{at}. Its chain began with {who}: no token of a CI system opened it.{REQUIRED}"
        ),
        remediation: None,
        count: 1,
        evidence: occurrences::proof(session),
        chain_ids: context.chain_ids(session.id),
    })
}
