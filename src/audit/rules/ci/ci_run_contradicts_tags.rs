//! `ci-run-contradicts-tags`: a session tag says something else of the run than the CI system.

use std::collections::BTreeMap;

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Linked;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::tags;
use crate::audit::theme::Theme;
use crate::join::Contradiction;
use crate::join::Grade;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "ci-run-contradicts-tags",
    title: "Session tags contradict what the CI system says of the run",
    theme: Theme::Ci,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with runs",
    remediation: "Find out what set the tags. A workflow that sets its own should not carry GitHub = Actions; if no \
                  workflow does, the session was used by something else. Do not let policies decide by these tags.",
    techniques: &["T1036"],
    reading: &[(
        "The action's session tags",
        "https://github.com/aws-actions/configure-aws-credentials#session-tagging-and-name",
    )],
    page: include_str!("../../../../docs/rules/ci-run-contradicts-tags.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for linked in runs::linked(context) {
        match linked.sure() {
            Some(sure) => matches.extend(tags_of(sure).into_iter().map(|(tag, odd)| matched(context, sure, tag, &odd))),
            None => matches.extend(claimed(context, linked)),
        }
    }
}

/// What a tag says, what the CI system says, and of which session.
struct Odd<'a> {
    tagged: &'a str,
    found: String,
    session: SessionView<'a>,
}

/// Returns the tags of a run's sessions that contradict the CI system, each with the first session that carries it.
fn tags_of(sure: Sure<'_>) -> BTreeMap<&'static str, Odd<'_>> {
    let run = sure.run;
    let event = run.event.as_deref();
    // A pull request is built as the merge of its head, which is another commit.
    let commit = run.head_sha.as_deref().filter(|_| event.is_some_and(|event| !event.starts_with("pull_request")));
    let started_again = sure.attempt().and_then(|attempt| attempt.triggered_by.as_ref());
    let key = sure.job().and_then(|job| job.key.as_deref());
    let known = [
        ("Commit", commit),
        ("EventName", event),
        ("Actor", run.actor.as_ref().map(|person| &*person.login)),
        ("TriggeringActor", started_again.map(|person| &*person.login)),
        ("Job", key),
    ];
    let mut odd = BTreeMap::new();
    // Only the official action, and what imitates it, promises that its tags mean what their names say.
    let sessions = sure.linked.entry.descendants();
    for session in sessions.into_iter().filter(|session| session.tag("GitHub") == Some("Actions")) {
        for (tag, found) in known {
            let Some((tagged, found)) = session.tag(tag).zip(found) else { continue };
            if !tags::is_written_as(tagged, found) {
                odd.entry(tag).or_insert(Odd { tagged, found: found.to_owned(), session });
            }
        }
    }
    odd
}

fn matched(context: &Context<'_>, sure: Sure<'_>, tag: &'static str, odd: &Odd<'_>) -> Match {
    let run = sure.linked.run_name();
    let Odd { tagged, found, session } = odd;
    let said = Said {
        severity: Severity::Medium,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("The tag {tag} of {run} contradicts the CI system"),
        message: format!(
            "A session that {run} opened carries the tags of GitHub Actions. Its tag {tag} says {tagged}; the CI system says \
             {found}. Tags are the word of whoever asked for the session."
        ),
    };
    let mut matched = sure.linked.matched(context, said);
    matched.key.push(("tag", tag.to_owned()));
    matched.evidence.extend(session.issuing_evidence());
    matched
}

/// Finds a caller without a token of the CI system who names a run that the CI system contradicts.
fn claimed(context: &Context<'_>, linked: Linked<'_>) -> Option<Match> {
    if linked.link.grade != Grade::Contradicted || linked.link.is_signed {
        return None;
    }
    let how = linked.link.contradictions.iter().find_map(|contradiction| match contradiction {
        Contradiction::Repository { found, .. } => Some(format!("the CI system says that this run is of {found}")),
        Contradiction::Time { started, .. } => {
            Some(format!("no job of this run ran at that time; the nearest one began at {started}"))
        }
        _ => None,
    })?;
    let run = linked.run_name();
    let said = Said {
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        basis: Basis::Match,
        title: format!("A caller without a token names {run}, and the CI system contradicts it"),
        message: format!(
            "{} was opened without a token of the CI system, by a caller that names {run}; {how}.",
            linked.opened(context)
        ),
    };
    let mut matched = linked.matched(context, said);
    matched.key.push(("tag", "RunId".to_owned()));
    Some(matched)
}
