//! `persistence-from-chain`: the session of a pipeline made something that outlives it.

use std::collections::BTreeMap;

use crate::audit::artifact;
use crate::audit::artifact::Artifact;
use crate::audit::changes;
use crate::audit::class;
use crate::audit::grade;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::change::Change;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "persistence-from-chain",
    title: "A pipeline's session made something that outlives it",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs of IAM and Lambda; `manages_iam` of the role, or `[org] iac_roles`, for pipelines that manage IAM",
    remediation: "Find the workflow run that did it. If nobody can say why, delete what was made, and read what was done \
                  with it. A permissions boundary on the deploy role keeps pipelines from making credentials.",
    techniques: &["T1098.001", "T1098.003", "T1136.003"],
    reading: &[
        (
            "IAM User Guide: permissions boundaries",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        ),
        (
            "Stratus Red Team: create an administrative IAM user",
            "https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.iam-create-admin-user/",
        ),
    ],
    page: include_str!("../../../../docs/rules/persistence-from-chain.md"),
    check,
};

/// The role, the call, and what the call made.
type Key<'a> = (&'a str, &'a str, Option<&'a str>);

/// One change that left something behind.
struct Made<'a> {
    change: &'a Change,
    session: SessionView<'a>,
    artifact: Artifact,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let covered = lineage.covered_accounts();
    let by_sessions = lineage.observations.changes.iter().filter_map(|change| {
        let session = changes::session(context, change).filter(|session| session.role_arn().is_some())?;
        let artifact = artifact::of(context, change, &covered)?;
        Some(Made { change, session, artifact })
    });
    let mut made = by_sessions.peekable();
    if made.peek().is_none() {
        return;
    }
    let mut groups: BTreeMap<Key<'_>, Vec<Made<'_>>> = BTreeMap::new();
    for made in made.filter(|made| class::is_of_ci(context, made.session)) {
        let Some(role_arn) = made.session.role_arn() else { continue };
        let key = (role_arn, lineage.str(made.change.name), lineage.opt(made.change.target));
        groups.entry(key).or_default().push(made);
    }
    for (key, made) in groups {
        matches.extend(matched(context, key, &made));
    }
}

fn matched(context: &Context<'_>, (role_arn, call, target): Key<'_>, made: &[Made<'_>]) -> Option<Match> {
    let lineage = context.lineage;
    let worst = made.iter().max_by_key(|made| (made.artifact.is_credential, made.artifact.confidence))?;
    let expected = context.expectations.role(role_arn);
    let is_declared =
        context.expectations.is_iac_role(role_arn) || expected.is_some_and(|expected| expected.manages_iam);
    let is_key = call == "CreateAccessKey";
    let is_by_tool = !worst.artifact.is_credential && made.iter().all(|made| changes::is_by_tool(context, made.change));
    let (severity, confidence) = match (is_declared, is_by_tool) {
        (true, _) if !is_key => (Severity::Info, worst.artifact.confidence),
        (_, true) => (Severity::Low, worst.artifact.confidence.min(Confidence::Medium)),
        _ => (grade::in_prod(RULE.severity, context, role_arn), worst.artifact.confidence),
    };
    let links = made.iter().map(|made| grade::of_links(confidence, made.session)).max();
    let account = lineage.opt(worst.change.account);
    let place = account.map(|id| format!(" in {}", phrase::account(context, id))).unwrap_or_default();
    let count = wide(made.len());
    let first = made.first().and_then(|made| made.change.time);
    let when = occurrences::when(count, first, made.last().and_then(|made| made.change.time));
    let origin = phrase::origin(context, worst.session.origin());
    let what = &worst.artifact.what;
    let note = match (is_declared, is_by_tool) {
        (true, _) if is_key => {
            " The role is declared to manage IAM; that it hands out long-lived keys is reported all the same."
        }
        (true, _) => " The role is declared to manage IAM.",
        (false, true) => {
            " The user agent is that of Terraform, Pulumi or CloudFormation: most likely a file in a repository says so. \
             Declare manages_iam = true for the role to say that it should."
        }
        (false, false) => "",
    };
    let mut key = vec![("role_arn", role_arn.to_owned()), ("action", call.to_owned())];
    key.extend(target.map(|target| ("target", target.to_owned())));
    key.extend(account.map(|account| ("account_id", account.to_owned())));
    Some(Match {
        key,
        severity,
        confidence: links.unwrap_or(confidence),
        basis: RULE.basis,
        title: format!("{} made {what}, which outlives its session", phrase::short(role_arn)),
        message: format!(
            "{when}, {} made {what}{place} ({call}). The chain began from {origin}. {}{note}",
            phrase::role(context, role_arn),
            worst.artifact.meaning,
        ),
        remediation: None,
        count,
        evidence: made.iter().map(|made| changes::evidence(context, made.change)).collect(),
        chain_ids: made.iter().flat_map(|made| context.chain_ids(made.session.id)).collect(),
    })
}
