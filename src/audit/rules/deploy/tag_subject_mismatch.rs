//! `tag-subject-mismatch`: the session tags of a chain contradict the token that began it.

use crate::audit::grade;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::tags;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::provider;
use crate::provider::Context as SubjectContext;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "tag-subject-mismatch",
    title: "The session tags of a chain contradict the token that began it",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs",
    remediation: "Find out what set the tags. Do not let policies decide by them alone: the token's subject is signed, the \
                  tags are the word of whoever holds the session. Give each repository an entry role of its own, or pin \
                  the tags with aws:RequestTag conditions.",
    techniques: &["T1078.004", "T1036"],
    reading: &[
        (
            "The action's session tags",
            "https://github.com/aws-actions/configure-aws-credentials#session-tagging-and-name",
        ),
        ("AWS: session tags", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html"),
    ],
    page: include_str!("../../../../docs/rules/tag-subject-mismatch.md"),
    check,
};

/// A tag that says something else than the token, and what both say.
struct Contradiction {
    tag: &'static str,
    tagged: String,
    proven: String,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    // Only the official action, and what imitates it, promises that its tags mean what their names say.
    let tagged = context.lineage.sessions().filter(|session| session.tag("GitHub") == Some("Actions"));
    let found: Vec<(SessionView<'_>, &Subject, Contradiction)> = tagged
        .filter_map(|session| {
            Some((session, session.origin().token.as_ref().filter(|subject| subject.is_from("github"))?))
        })
        .flat_map(|(session, subject)| {
            contradictions(session, subject).into_iter().map(move |found| (session, subject, found))
        })
        .collect();
    let by_tag = gather(found.iter().filter_map(|(session, subject, found)| {
        Some(((session.session.role_arn?, subjects::key_of(subject), found.tag), *session))
    }));
    for ((role, key, tag), sessions) in by_tag {
        let first = sessions.first().id;
        // Sessions are in order.
        let mut rest = found.iter().skip(found.partition_point(|(session, ..)| session.id < first));
        let first = rest.find(|(_, _, found)| found.tag == tag);
        if let Some((_, subject, contradiction)) = first {
            matches.push(matched(context, context.lineage.str(role), subject, contradiction, &sessions, key));
        }
    }
}

fn contradictions(session: SessionView<'_>, subject: &Subject) -> Vec<Contradiction> {
    let said = |tag: &'static str, proven: Option<String>, agree: fn(&str, &str) -> bool| {
        let (tagged, proven) = (session.tag(tag)?.to_owned(), proven?);
        (!agree(&tagged, &proven)).then_some(Contradiction { tag, tagged, proven })
    };
    let is_ref = matches!(subject.context, SubjectContext::Branch(_) | SubjectContext::Tag(_));
    let git_ref = subject.git_ref().filter(|_| is_ref);
    let run = entry_run(session);
    [
        // What the token bears is what a workflow sees.
        said("Repository", subject.bears.clone().or_else(|| subject.repository.clone()), is_same_repository),
        said("Branch", git_ref, is_same_ref),
        said("RunId", run, |tagged, run| tagged == run),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns the run whose job presented the token, when the program that did so wrote it into its user agent.
fn entry_run(session: SessionView<'_>) -> Option<String> {
    let entry = Some(session.first()).filter(|entry| subjects::is_entry(*entry))?;
    let user_agent = session.lineage().opt(entry.issuing_record()?.user_agent)?;
    provider::run_in_agent(user_agent).map(str::to_owned)
}

/// Owners and repositories compare without case, as GitHub does.
fn is_same_repository(tagged: &str, proven: &str) -> bool {
    tags::fits(tagged, proven, |a, b| a.eq_ignore_ascii_case(&b))
}

/// The tag holds the full ref; whoever writes the short one means the same.
fn is_same_ref(tagged: &str, proven: &str) -> bool {
    let short = |text: &str| text.strip_prefix("refs/heads/").or_else(|| text.strip_prefix("refs/tags/")).map(str::len);
    let of_proven = short(proven).and_then(|length| proven.get(proven.len() - length..)).unwrap_or(proven);
    let exactly = |a: char, b: char| a == b;
    tags::fits(tagged, proven, exactly) || (short(tagged).is_none() && tags::fits(tagged, of_proven, exactly))
}

fn matched(
    context: &Context<'_>,
    role_arn: &str,
    subject: &Subject,
    contradiction: &Contradiction,
    sessions: &Occurrences<'_>,
    mut key: Vec<(&'static str, String)>,
) -> Match {
    let Contradiction { tag, tagged, proven } = contradiction;
    let who = subject.repository.as_deref().unwrap_or(&subject.raw);
    let short = phrase::short(role_arn);
    let (title, proof) = match *tag {
        "Repository" => (
            format!("A session of {short} is tagged as {tagged}, and the token was one of {who}"),
            format!("the token that began the chain was signed for {proven}"),
        ),
        "Branch" => (
            format!("A session of {short} is tagged with {tagged}, and the token of {who} was for {proven}"),
            format!("the token that began the chain was signed for {proven}"),
        ),
        _ => (
            format!("A session of {short} is tagged with another run of {who} than the one that opened the chain"),
            format!("the token that began the chain was presented by run {proven}"),
        ),
    };
    let confidence = sessions.sessions().iter().map(|session| grade::of_links(RULE.confidence, *session)).max();
    key.extend([("role_arn", role_arn.to_owned()), ("tag", (*tag).to_owned())]);
    Match {
        key,
        severity: RULE.severity,
        confidence: confidence.unwrap_or(RULE.confidence),
        basis: RULE.basis,
        title,
        message: format!(
            "{}, a session of {} was issued with the tags of GitHub Actions. Its tag {tag} says {tagged}; {proof} \
             ({}). Tags are the word of whoever asked for the session; the subject is signed. \
             Policies that decide by this tag, and people who search by it, got something false.",
            sessions.when(),
            phrase::role(context, role_arn),
            subject.raw,
        ),
        remediation: Some(format!(
            "Look at what the run of {who} did between the token and {role_arn}: either a workflow sets tags of its own, \
             which then should not carry GitHub = Actions, or the session was used by something else. Until that is clear, \
             do not rely on aws:PrincipalTag/{tag} in policies; pin it with a condition on aws:RequestTag/{tag} in the \
             trust policy."
        )),
        count: sessions.count(),
        evidence: sessions.chain_evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_ref;
    use super::is_same_repository;

    #[test]
    fn tags_are_compared_as_the_action_writes_them() {
        let long = "x".repeat(300);
        for (tagged, proven, expected) in [
            ("refs/heads/main", "refs/heads/main", true),
            ("main", "refs/heads/main", true),
            ("refs/heads/Main", "refs/heads/main", false),
            ("refs/tags/main", "refs/heads/main", false),
            ("refs/heads/fix_1", "refs/heads/fix#1", true),
            ("refs/heads/fix-1", "refs/heads/fix#1", false),
            ("refs/heads/_ber", "refs/heads/über", true),
            ("refs/heads/über", "refs/heads/über", true),
            ("refs/heads/_____", "refs/heads/admin", false),
        ] {
            assert_eq!(is_same_ref(tagged, proven), expected, "{tagged} {proven}");
        }
        let long_ref = format!("refs/heads/{long}");
        assert!(is_same_ref(&long_ref[..256], &long_ref));
        assert!(!is_same_ref(&long_ref[..255], &long_ref));
        assert!(is_same_repository("Acme/Orders", "acme/orders"));
        assert!(!is_same_repository("acme/billing", "acme/orders"));
    }
}
