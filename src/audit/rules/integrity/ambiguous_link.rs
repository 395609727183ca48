//! `ambiguous-link`: several sessions could have opened a session, and none was chosen.

use crate::audit::class;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chain::LinkKind;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "ambiguous-link",
    title: "Several sessions could have opened a session, and none was chosen",
    theme: Theme::Integrity,
    severity: Severity::Info,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Auditor,
    needs: "logs",
    remediation: "Add the logs of the caller's account, whose records name the key, and give each session a name of its own.",
    techniques: &[],
    reading: &[(
        "AWS: logging IAM and STS calls with CloudTrail",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html",
    )],
    page: include_str!("../../../../docs/rules/ambiguous-link.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let by_role = gather(context.lineage.sessions().filter_map(|session| {
        let link = &session.session.link;
        let is_open =
            link.kind == LinkKind::Ambiguous && session.count_candidates(link) > 1 && !class::is_noise(session);
        is_open.then_some((session.session.role_arn?, session))
    }));
    for (role, sessions) in by_role {
        let role_arn = context.lineage.str(role);
        let hops = phrase::count(sessions.count(), "hop");
        let numbers = sessions.sessions().iter().map(|session| session.count_candidates(&session.session.link));
        let most = numbers.max().unwrap_or(0);
        matches.push(Match {
            key: vec![("role_arn", role_arn.to_owned())],
            severity: RULE.severity,
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!("{hops} into {} could have come from several sessions", phrase::short(role_arn)),
            message: format!(
                "{}, {} was assumed by a session that the records do not tell from others: up to {most} fit. All are listed \
                 and none is chosen, so the chain begins there. This is no risk; it says how much of the report rests on \
                 links that are not certain.",
                sessions.when(),
                phrase::role(context, role_arn),
            ),
            remediation: None,
            count: sessions.count(),
            evidence: sessions.evidence(),
            chain_ids: sessions.chain_ids(context),
        });
    }
}
