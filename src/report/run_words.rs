//! The run behind a chain in words: who started it, who approved it, which job had the credentials, and for how long.

use super::names;
use super::screen::Style;
use super::screen::safe;
use super::wire::Time;
use super::wire::ci::CiRun;
use super::wire::run_link::Ci;
use super::wire::run_link::CiContradiction;
use crate::model::time;

/// How many characters of a commit are shown.
const COMMIT: usize = 7;

/// Says who caused the run and who approved it, and that it was used too late: `octavia pushed c7b8502 (main) · approved by priya
/// 14:04:27`, with the day where it is not the one `beside`. `None` where the run is not certain.
pub(super) fn people(ci: &Ci, beside: Option<Time>) -> Option<String> {
    let run = ci.run.as_ref().filter(|_| is_sure(ci))?;
    let what = match (run.commit.as_deref().map(short), run.branch.as_deref().map(safe)) {
        (Some(commit), Some(branch)) => format!(" {commit} ({branch})"),
        (Some(commit), None) => format!(" {commit}"),
        (None, Some(branch)) => format!(" {branch}"),
        (None, None) => String::new(),
    };
    let by = match &ci.started_by {
        Some(by) if by.how == "scheduled" => format!("a schedule{what}, last changed by {}", safe(&by.login)),
        Some(by) => format!("{} {}{what}", safe(&by.login), by.how),
        None => format!("started by somebody unknown{what}"),
    };
    let fork = run.fork.as_deref().map(|fork| format!("code of the fork {}", safe(fork)));
    let again = ci.restarted_by.as_ref().map(|by| format!("started again by {}", safe(&by.login)));
    let parts: Vec<String> = [Some(by), fork, again, approvals(ci, beside), late(ci)].into_iter().flatten().collect();
    Some(parts.join(" · "))
}

/// Shows a commit as people do, and any other text as it is.
pub(super) fn short(text: &str) -> String {
    let is_hash = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    safe(text.get(..COMMIT).filter(|_| is_hash).unwrap_or(text)).into_owned()
}

/// Returns how that is marked.
pub(super) fn mark(ci: &Ci) -> Style {
    if late(ci).is_some() || !ci.contradictions.is_empty() { Style::High } else { unsure(ci).unwrap_or(Style::Strong) }
}

/// Says who caused the run, or what speaks against it.
pub(super) fn said(ci: &Ci, beside: Option<Time>) -> Option<String> {
    people(ci, beside).or_else(|| ci.contradictions.first().map(against))
}

/// Says the run of a chain and who is behind it in a line; where the run is not certain, why.
pub(super) fn line(ci: &Ci, named: Option<&CiRun>, beside: Option<Time>) -> String {
    let id = ci.run.as_ref().map(|run| &run.id).or(named.map(|run| &run.run_id));
    let said = said(ci, beside).unwrap_or_else(|| ci.link.replace('_', " "));
    let claim = if ci.signed { "run" } else { "claims run" };
    id.map_or_else(|| format!("CI run: {said}"), |id| format!("{claim} {}: {said}", safe(id)))
}

/// Says that the credentials were used after their job. `None` where they were not, or no token proves that it was theirs.
fn late(ci: &Ci) -> Option<String> {
    let length = time::length(ci.seconds_after_job.filter(|_| ci.signed)?);
    let is_hosted = ci.job.as_ref().is_some_and(|job| job.hosted == Some(true));
    let end = if is_hosted { "its machine was gone" } else { "its end" };
    Some(format!("AFTER THE JOB: used until {length} after {end}"))
}

/// Says who approved the run. `None` where that is not known.
fn approvals(ci: &Ci, beside: Option<Time>) -> Option<String> {
    if ci.approved_by.is_empty() {
        return ci.approvals_known.then(|| "no approval listed".to_owned());
    }
    let named = ci.approved_by.iter().map(|approval| {
        let at = names::second(approval.at);
        let at = at.strip_prefix(&names::day(beside)).unwrap_or(&at).trim_start();
        let at = approval.at.map(|_| format!(" {at}")).unwrap_or_default();
        format!("{}{at}", safe(&approval.login))
    });
    Some(format!("approved by {}", named.collect::<Vec<_>>().join(" and ")))
}

/// Says what the CI system knows of the run, line by line: a label, the words, and how they are marked.
pub(super) fn facts(ci: &Ci) -> Vec<(&'static str, String, Option<Style>)> {
    let mut facts = Vec::new();
    if let Some(run) = &ci.run {
        let workflow = run.workflow.as_deref().map(|workflow| safe(workflow).into_owned());
        let event = run.event.as_deref().map(|event| safe(event).into_owned());
        let address = run.url.as_deref().unwrap_or(&run.id);
        let parts = [Some(safe(address).into_owned()), workflow, event];
        facts.push(("run", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "), None));
    }
    if let Some(job) = &ci.job {
        let machine = match job.hosted {
            Some(true) => "on a hosted runner",
            Some(false) => "on a runner of your own",
            None => "on a runner that is not known",
        };
        let name = safe(job.name.as_deref().unwrap_or(&job.id)).into_owned();
        facts.push(("job", format!("{name} · {} · {machine}", names::span(job.started_at, job.ended_at)), None));
    }
    let agreed: Vec<String> = ci.matched_on.iter().map(|field| field.replace('_', " ")).collect();
    let agreed = if agreed.is_empty() { String::new() } else { format!(": {}", agreed.join(", ")) };
    let unsigned = if ci.signed { "" } else { "; the caller names the run, no token proves it" };
    facts.push(("run link", format!("{}{agreed}{unsigned}", ci.link.replace('_', " ")), unsure(ci)));
    for contradiction in &ci.contradictions {
        facts.push(("against", against(contradiction), Some(Style::High)));
    }
    if !ci.candidates.is_empty() {
        let candidates: Vec<_> = ci.candidates.iter().map(|id| safe(id)).collect();
        facts.push(("may be", candidates.join(", "), None));
    }
    facts
}

fn is_sure(ci: &Ci) -> bool {
    matches!(ci.link, "exact" | "strong" | "probable")
}

fn unsure(ci: &Ci) -> Option<Style> {
    (!is_sure(ci)).then_some(Style::Medium)
}

fn against(contradiction: &CiContradiction) -> String {
    let CiContradiction { kind, said, found } = contradiction;
    match (*kind, said.as_deref(), found.as_deref()) {
        ("deleted", ..) => "the run was deleted".to_owned(),
        ("not_there", ..) => "the CI system does not have this run".to_owned(),
        ("not_listed", ..) => "the CI system does not list this run".to_owned(),
        ("time", _, Some(found)) => format!("no job ran then; the nearest one ran {}", safe(found)),
        (kind, Some(said), Some(found)) => format!("{kind}: {} here, {} there", safe(said), safe(found)),
        (kind, ..) => kind.replace('_', " "),
    }
}
