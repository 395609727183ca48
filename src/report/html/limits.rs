//! What no CloudTrail log can show: fixed text of every report.

use std::io;

use super::View;
use super::page::Page;

/// The limits, each in one sentence.
const LIMITS: [&str; 10] = [
    "The role asked for in a denied call with a web identity may not be recorded.",
    "The ExternalId of a denied call is not recorded.",
    "Calls from here that other accounts denied are not in these logs.",
    "A token that AWS could not validate (InvalidIdentityToken) may leave no record at all.",
    "Of a token only issuer, subject and audience are recorded: who triggered the workflow, by which event, on which \
     runner and commit is not. Session tags are what the workflow says about itself.",
    "A subject that names an environment says nothing about the branch.",
    "Forks and pull_request_target cannot be told apart by subject.",
    "Data events are absent unless a trail records them: a session that looks idle may not have been.",
    "The absence of findings outside the covered accounts, regions and hours means nothing.",
    "CloudTrail promises no time by which every record is delivered: the newest hours may still fill up.",
];

pub(super) fn write(_: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("limits", "Limits")?;
    page.paragraph("What CloudTrail does not record, nobody can read out of it:")?;
    page.raw("<ol class=\"limits\">\n")?;
    for limit in LIMITS {
        page.put("<li>{}</li>\n", [&limit])?;
    }
    page.raw("</ol>\n")?;
    page.end_section()
}
