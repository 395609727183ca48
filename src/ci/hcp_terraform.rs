//! HCP Terraform: runs of a workspace. People are ids; whoever confirms a plan approves it.

use std::sync::Arc;

use super::facts::Approval;
use super::facts::Attempt;
use super::facts::Person;
use super::facts::Run;
use super::facts::RunKey;
use super::facts::System;
use super::intake::Intake;
use super::intake::kept;
use super::item::Inner;
use super::item::Item;

/// States of runs after which nothing comes.
const OVER: &[&str] = &["applied", "planned_and_finished", "planned_and_saved", "errored", "canceled", "discarded"];

/// Takes a run.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let id = item.id.as_deref().filter(|id| item.kind.as_deref() == Some("runs") && id.starts_with("run-"))?;
    let facts = item.attributes.as_deref()?;
    let person = |inner: &Inner<'_>| {
        let login = inner.as_deref()?.data.as_deref()?.id.as_deref()?.into();
        Some(Person { login, id: None, is_bot: false })
    };
    let related = item.relationships.as_deref();
    let actor = related.and_then(|related| person(&related.created_by));
    let times = facts.times.as_deref();
    let one = Attempt {
        started: facts.created_at,
        ended: times.and_then(|times| times.applied_at),
        conclusion: kept(&facts.status).filter(|status: &Arc<str>| OVER.contains(&&**status)),
        triggered_by: actor.clone(),
        ..Attempt::default()
    };
    let confirmed = related.and_then(|related| person(&related.confirmed_by));
    let at = times.and_then(|times| times.confirmed_at);
    let approval = confirmed.map(|person| Approval { person, is_approved: true, environment: None, at });
    let said = Run {
        event: kept(&facts.source),
        created: facts.created_at,
        actor,
        attempts: [(1, one.into())].into(),
        approvals: approval.into_iter().collect(),
        approvals_asked: true,
        is_shown: true,
        ..Run::default()
    };
    intake.run(RunKey { system: System::HcpTerraform, host: "app.terraform.io".into(), id: id.into() }, said);
    Some("runs")
}
