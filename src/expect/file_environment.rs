//! Reads `[[environment]]`.

use std::collections::BTreeSet;

use super::environment::EnvironmentExpectation;
use super::environment::Environments;
use super::file_role::REPOSITORY;
use super::file_role::glob;
use super::file_role::globs;
use super::reader::Reader;
use super::reader::Section;
use super::schema;
use crate::model::width::wide;

const RUNNERS: &[(&str, Option<bool>)] = &[("hosted", Some(true)), ("self-hosted", Some(false)), ("any", None)];

/// Reads every one of the file.
pub(super) fn read_environments<'t>(file: &Section<'t>, reader: &mut Reader<'t>) -> Environments {
    let mut seen = BTreeSet::new();
    let mut environments = Vec::new();
    for section in file.sections("environment", &schema::ENVIRONMENT, reader) {
        let Some(one) = read_environment(&section, reader) else { continue };
        if !seen.insert((one.repo.as_str().to_lowercase(), one.name.as_str().to_lowercase())) {
            reader.note(&section.at, format!("environment {} of {} is declared twice", one.name, one.repo), None);
        }
        environments.push(one);
    }
    Environments::new(environments)
}

fn read_environment<'t>(section: &Section<'t>, reader: &mut Reader<'t>) -> Option<EnvironmentExpectation> {
    let repo = section.required("repo", reader).and_then(|_| glob(section, "repo", REPOSITORY, reader));
    let name = section.required("name", reader);
    let name = name.and_then(|_| glob(section, "name", ("an environment", |_| true), reader));
    let approvers = section.texts("approvers", reader).into_iter();
    let approvers: BTreeSet<String> = approvers.map(|(login, _)| login.to_lowercase()).collect();
    let approvals = section.count("approvals", reader);
    let people = wide(approvers.len());
    if let (Some(value), Some(wanted)) = (section.get("approvals"), approvals.filter(|wanted| people < *wanted))
        && people > 0
    {
        reader.note(&value.span(), format!("{wanted} must approve, and approvers lists {people}"), None);
    }
    let events = section.texts("events", reader).into_iter().map(|(event, _)| event.to_owned()).collect();
    let is_hosted = section.get("runners").and_then(|value| reader.word("runners", value, RUNNERS)).flatten();
    let one = EnvironmentExpectation {
        approvals: approvals.unwrap_or(people.min(1)),
        approvers,
        workflows: globs(section, "workflows", ("the path of a workflow's file", |_| true), reader),
        events,
        is_hosted,
        repo: repo?,
        name: name?,
    };
    let parts = ["approvals", "approvers", "workflows", "events", "runners"];
    if parts.into_iter().all(|key| section.get(key).is_none()) {
        let hint = "give at least one key, such as approvals = 1".to_owned();
        reader.note(&section.at, format!("environment {} of {} expects nothing", one.name, one.repo), Some(hint));
    }
    Some(one)
}
