//! `assume-root-used`: somebody took the place of a member account's root user for a task.

use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::assumption::IssuingCall;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "assume-root-used",
    title: "A root task was done in a member account with AssumeRoot",
    theme: Theme::Root,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: r#"logs; `may = ["sts:AssumeRoot"]` of the role that does root tasks"#,
    remediation: "Ask whoever did it for the ticket. If this is the role that does root tasks for the organization, write \
                  may = [\"sts:AssumeRoot\"] in its [[role]]; let a service control policy refuse sts:AssumeRoot to \
                  everybody else.",
    techniques: &["T1548.005"],
    reading: &[
        (
            "IAM User Guide: privileged root tasks",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html",
        ),
        ("AWS STS: AssumeRoot", "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html"),
    ],
    page: include_str!("../../../../docs/rules/assume-root-used.md"),
    check,
};

const ACTION: &str = "sts:AssumeRoot";

/// The task that only looks: the console starts it to show which accounts have root credentials.
const LOOKING: &str = "IAMAuditRootUserCredentials";

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let tasks = context.lineage.sessions().filter(|session| {
        let record = session.issuing_record();
        record.is_some_and(|record| record.call == IssuingCall::AssumeRoot)
    });
    let groups = occurrences::gather(tasks.map(|session| ((caller(session), target(session), task(session)), session)));
    let is_settled = !groups.is_empty() && is_settled(context);
    for ((caller, target, task), sessions) in groups {
        matches.push(matched(context, &caller, (target, task), is_settled, &sessions));
    }
}

/// Returns who asked: a role, a user, else what the record of the member account says.
fn caller(session: SessionView<'_>) -> String {
    if let Some(role) = session.parent().and_then(|parent| parent.role_arn()) {
        return role.to_owned();
    }
    let lineage = session.lineage();
    let Some(caller) = session.caller() else { return "an unknown principal".to_owned() };
    let named = caller.issuer_arn.or(caller.arn).or(caller.principal_id).or(caller.account);
    lineage.opt(named).unwrap_or("an unknown principal").to_owned()
}

/// Returns the account whose root user it was.
fn target(session: SessionView<'_>) -> Option<&str> {
    let record = session.issuing_record()?;
    let named = record.extra.as_ref().and_then(|extra| session.lineage().opt(extra.target_principal));
    let own = session.account().filter(|_| !record.withholds_request);
    named.map(|target| arn::account(target).unwrap_or(target)).or(own)
}

/// Returns the name of the task.
fn task(session: SessionView<'_>) -> Option<&str> {
    let policy = session.lineage().opt(session.issuing_record()?.extra.as_ref()?.task_policy)?;
    policy.rsplit('/').next()
}

/// True when an entry of the file names the call itself: `sts:*` says nothing about root.
fn is_declared(context: &Context<'_>, role_arn: &str) -> bool {
    let role = context.expectations.role(role_arn);
    role.is_some_and(|role| role.may.names(ACTION))
}

/// True when the owners say which role does root tasks.
fn is_settled(context: &Context<'_>) -> bool {
    let roles = &context.expectations.roles;
    roles.iter().any(|role| role.may.names(ACTION))
}

fn matched(
    context: &Context<'_>,
    caller: &str,
    (target, task): (Option<&str>, Option<&str>),
    is_settled: bool,
    sessions: &Occurrences<'_>,
) -> Match {
    let mut confidence = RULE.confidence;
    let is_withheld = sessions.sessions().iter().filter_map(SessionView::issuing_record).any(|it| it.withholds_request);
    let (severity, why) = if is_declared(context, caller) {
        (Severity::Info, "The caller is declared to do root tasks.")
    } else if is_settled {
        (RULE.severity, "The expectations name another role for such tasks.")
    } else if task == Some(LOOKING) {
        (Severity::Low, "This task only looks which root credentials the account has.")
    } else if task.is_none() && is_withheld {
        confidence = Confidence::Medium;
        (Severity::Medium, "The record does not hold what was asked; one of the tasks only looks.")
    } else {
        (RULE.severity, "No expectations say who does root tasks.")
    };
    let place = target.map_or_else(|| "an unnamed account".to_owned(), |id| phrase::account(context, id));
    let who = if arn::role_name(caller).is_some() { phrase::role(context, caller) } else { caller.to_owned() };
    let means =
        task.map_or_else(|| "a task that the record does not name".to_owned(), |task| format!("the task {task}"));
    let mut key = vec![("principal_arn", caller.to_owned())];
    key.extend(target.map(|target| ("account_id", target.to_owned())));
    key.extend(task.map(|task| ("task", task.to_owned())));
    Match {
        key,
        severity,
        confidence,
        basis: RULE.basis,
        title: format!("{} took the place of the root user of {place}", phrase::short(caller)),
        message: format!(
            "{}, {who} got a session of the root user of {place} through AssumeRoot, for {means}. {why}",
            sessions.when()
        ),
        remediation: None,
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
