//! `session-without-run`: a token opened a session, and no job ran that could have had it.

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::theme::Theme;
use crate::join::Grade;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "session-without-run",
    title: "No CI run fits a session that a token of the repository opened",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with all runs and jobs of the repository, from 35 days before the logs on",
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
        let said = Said {
            severity: Severity::High,
            confidence: Confidence::Medium,
            basis: Basis::Match,
            title: format!("No CI run of {whose} fits a session of {}", linked.role(context)),
            message: format!(
                "At {issued}, a token of {whose} ({}) opened a session of {}. The files of the CI system hold every run of \
                 the repository at that time, and none of them had a job that the token could be of.",
                subject.raw,
                linked.role(context)
            ),
        };
        matches.push(linked.matched(context, said));
    }
}
