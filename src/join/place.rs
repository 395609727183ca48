//! Does a run come from where the token says it does?

use crate::ci::Run;
use crate::join::link::Contradiction;
use crate::model::subject::Context;
use crate::model::subject::Subject;

/// What of a run agrees with a token, and what contradicts it.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) agrees: Vec<&'static str>,
    pub(super) contradictions: Vec<Contradiction>,
}

/// Compares a run with the token, or with the repository that a tag names. Environments are compared with jobs.
pub(super) fn compare(run: &Run, token: Option<&Subject>, named: Option<&str>) -> Compared {
    let mut compared = Compared::default();
    repository(run, token, named, &mut compared);
    if let Some(token) = token {
        context(run, token, &mut compared);
    }
    compared
}

/// Ids outlive names, so that names count only where one side has no id.
fn repository(run: &Run, token: Option<&Subject>, named: Option<&str>, compared: &mut Compared) {
    let signed = token.and_then(|token| token.repository_id.as_deref()).and_then(|id| id.parse::<u64>().ok());
    let listed = || run.repositories.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
    let said = token.and_then(Subject::borne).or(named);
    if let (Some(signed), Some(found)) = (signed, run.repository_id) {
        if signed == found {
            compared.agrees.push("repository_id");
        } else {
            let said = format!("{} ({signed})", said.unwrap_or_default());
            let found = format!("{} ({found})", listed());
            compared.contradictions.push(Contradiction::Repository { said, found, by_ids: true });
        }
        return;
    }
    let Some(said) = said.filter(|_| !run.repositories.is_empty()) else { return };
    if run.repositories.iter().any(|name| name.eq_ignore_ascii_case(said)) {
        compared.agrees.push("repository");
    } else {
        compared.contradictions.push(Contradiction::Repository {
            said: said.to_owned(),
            found: listed(),
            by_ids: false,
        });
    }
}

/// Compares what the token is for with what started the run. A token for an environment hides the ref.
fn context(run: &Run, token: &Subject, compared: &mut Compared) {
    let Some(event) = run.event.as_deref() else { return };
    // Of these the branch or tag of the run is that of the token. Others run on the default branch for something else.
    let is_of_ref = matches!(event, "push" | "workflow_dispatch" | "schedule" | "merge_group");
    match &token.context {
        Context::PullRequest if is_of_ref => {
            compared.contradictions.push(Contradiction::Event { found: event.to_owned() });
        }
        Context::PullRequest if event.starts_with("pull_request") || event == "merge_request_event" => {
            compared.agrees.push("event");
        }
        Context::Branch(said) | Context::Tag(said) if is_of_ref => match run.head_branch.as_deref() {
            Some(found) if found == said => compared.agrees.push("ref"),
            Some(found) => {
                compared.contradictions.push(Contradiction::GitRef { said: said.clone(), found: found.to_owned() });
            }
            None => {}
        },
        _ => {}
    }
}
