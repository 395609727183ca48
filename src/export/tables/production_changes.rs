//! Changes to production.

use super::Shape;
use super::Sink;
use super::origin;
use super::push;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::time::Timestamp;
use crate::report::production;
use crate::report::production::Change;

columns! {
    /// Changes to production.
    pub(super) struct ProductionChanges = "production_changes",
        "One session, or long-term key used directly, that wrote in production, with the CI run, the person, the commit and the approval behind it.";
    write change: &'v Change<'v>, with source: Source<'v> {
        let ci = change.sure();
        let run = ci.and_then(|ci| ci.run.as_ref());
        let job = ci.and_then(|ci| ci.job.as_ref());
        let named = change.named_run.as_ref();
        let approvers: Vec<&str> = ci.iter().flat_map(|ci| &ci.approved_by).map(|by| by.login.as_str()).collect();
        let approved_at = ci.and_then(|ci| ci.approved_by.iter().filter_map(|by| by.at).max());
        let account = change.account_id.as_deref();
    };
    session_id: str = change.session.map(|(view, _)| view.id), "The session that wrote; null for a long-term key that was used directly.";
    chain_id: str = change.chain_id(), "The first chain through it.";
    access_key_id: str = change.access_key_id(),
        "The long-term key that was used directly, all of it in one row; null for a session.";
    first_event: Timestamp = change.activity.first_event, "Its first call.";
    last_event: Timestamp = change.activity.last_event, "Its last call.";
    account_id: str = account, "The account that it wrote in.";
    account_name: str = source.account_name(account), "What the expectations call that account.";
    role_arn: str = change.role_arn.as_deref(), "The role that it wrote with.";
    role_name: str = change.role_arn.as_deref().map(origin::role_name), "The role's name.";
    origin: str = &change.origin, "Where it began: the token's subject, the key or the person.";
    writes: i64 = change.activity.writes, "How many successful writes.";
    actions: str = change.actions.join(", "), "The writes by service and name, the most telling first.";
    ci_link: str = change.ci.as_ref().map(|ci| ci.link),
        "How sure it is which CI run made the change; null without `--ci`, and for chains that no CI job began.";
    run_id: str = run.map(|run| &run.id).or(named.map(|run| &run.run_id)), "The CI run, by the CI system or as the records name it.";
    run_url: str = run.and_then(|run| run.url.as_ref()).or(named.map(|run| &run.url)), "Where to look at the run.";
    workflow: str = run.and_then(|run| run.workflow.as_deref()), "The workflow's file.";
    event: str = run.and_then(|run| run.event.as_deref()), "What started the run.";
    commit_sha: str = run.and_then(|run| run.commit.as_deref()), "The commit; of a pull request its head.";
    branch: str = run.and_then(|run| run.branch.as_deref()), "The branch or tag.";
    person: str = change.person(), "Who started the run; of a schedule, who started it again.";
    environment: str = change.environment(), "The environment that the job deployed to, by the token or the CI system.";
    approved_by: str = Some(approvers.join(", ")).filter(|all| !all.is_empty()), "Who approved the run.";
    approved_at: Timestamp = approved_at, "When it was last approved, where the evidence says.";
    job_ended_at: Timestamp = job.and_then(|job| job.ended_at), "When the job ended.";
    seconds_after_job: i64 = ci.and_then(|ci| ci.seconds_after_job), "By how much the credentials outlived the job in use.";
    gap: str = change.gap(), "What is missing for a full answer; null when nothing is.";
    expected: str = change.judgment.expected, "`yes`, `no`, `accepted` or `unknown`.";
    worst_rule: str = change.judgment.rule, "The rule of the worst finding.";
}

pub(super) static SHAPE: Shape = Shape {
    table: ProductionChanges::TABLE,
    key: &["session_id", "access_key_id"],
    joins: &[
        ("session_id", "sessions.session_id"),
        ("chain_id", "chains.chain_id"),
        ("access_key_id", "long_term_keys.access_key_id"),
    ],
    day: "first_event",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    production::changes(&source.rows).try_for_each(|change| push::<ProductionChanges>(&change, source, sink))
}
