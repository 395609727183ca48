//! What the owners expect of the deployment that a run made, by `[[environment]]`.

use crate::audit::rule::Context;
use crate::audit::runs::Sure;
use crate::ci::People;
use crate::ci::Person;
use crate::expect::EnvironmentExpectation;
use crate::model::subject::Subject;
use crate::model::width::wide;

/// Returns what is expected of deployments to the environment of a run.
pub(super) fn expected<'a>(context: &Context<'a>, sure: Sure<'a>) -> Option<&'a EnvironmentExpectation> {
    let environment = sure.environment()?;
    let signed = sure.linked.token().and_then(Subject::borne).into_iter();
    let mut names = signed.chain(sure.run.repositories.iter().map(AsRef::as_ref));
    names.find_map(|repository| context.expectations.environments.of(repository, environment))
}

/// True when the CI evidence does not say all that must be known to judge the deployment that a run made.
pub(super) fn is_open<'a>(context: &Context<'a>, sure: Sure<'a>) -> bool {
    let Some(environment) = sure.environment() else { return false };
    let lacks_approvals = |asked: u64, counting: usize| wide(counting) < asked && !sure.knows_approvals();
    let Some(expected) = expected(context, sure) else {
        let found = sure.approvals(environment).count();
        return sure.is_production(context) && sure.asked_for_review(environment) && lacks_approvals(1, found);
    };
    (!expected.workflows.is_empty() && sure.run.workflow_path.is_none())
        || (!expected.events.is_empty() && sure.run.event.is_none())
        || (expected.is_hosted.is_some() && sure.is_hosted().is_none())
        || lacks_approvals(expected.approvals, approvers(sure, environment, expected).len())
}

/// Returns whose approvals of a run count: of those who approved it for the environment. Who renamed themselves is one person.
pub(super) fn approvers<'a>(sure: Sure<'a>, environment: &str, expected: &EnvironmentExpectation) -> Vec<&'a Person> {
    let counts = |person: &&Person| {
        let is_named = !expected.approvers.is_empty();
        expected.admits_approver(&person.login) && (is_named || !(person.is_bot || is_starter(sure, person)))
    };
    let mut found = People::default();
    for person in sure.approvals(environment).map(|approval| &approval.person).filter(counts) {
        found.place(person);
    }
    found.all()
}

/// True for whoever started the run. Nobody starts what a schedule starts, and whoever starts a run of somebody else again has
/// not made the change.
pub(super) fn is_starter(sure: Sure<'_>, person: &Person) -> bool {
    if sure.run.event.as_deref() == Some("schedule") {
        return false;
    }
    match sure.run.actor.as_ref().filter(|person| !person.is_bot) {
        Some(first) => first.is_same(person),
        None => sure.starters().any(|one| one.is_same(person)),
    }
}
