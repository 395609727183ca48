//! What no CloudTrail log can show: fixed text of every report.

use super::Block;
use super::Section;

/// The limits, each in one sentence.
const ONE_BY_ONE: [&str; 10] = [
    "The role asked for in a denied call with a web identity may not be recorded.",
    "The ExternalId of a denied call is not recorded.",
    "Calls from here that other accounts denied are not in these logs.",
    "A token that AWS could not validate (InvalidIdentityToken) may leave no record at all.",
    "Of a token only issuer, subject and audience are recorded: who triggered the workflow, by which event, on which \
     runner and commit is not. Session tags are what the workflow says about itself.",
    "A subject that names an environment says nothing about the branch.",
    "The subject does not distinguish a fork from pull_request_target.",
    "Data events are absent unless a trail records them: a session that looks idle may not have been.",
    "The absence of findings outside the covered accounts, regions and hours means nothing.",
    "CloudTrail promises no time by which every record is delivered: the newest hours may still fill up.",
];

/// The limits in short, for a terminal.
pub(in crate::report) fn in_short() -> Section {
    let words = "Never logged: what a token says besides issuer, subject and audience; the ExternalId of denied calls; \
        denials in other accounts; data events that no trail records. About other accounts, regions and hours, silence \
        means nothing.";
    Section { id: "limits", title: "Limits", note: String::new(), blocks: vec![Block::Note(words.to_owned())] }
}

/// The limits, one by one.
pub(in crate::report) fn section() -> Section {
    let note = "what CloudTrail does not record, nobody can read out of it".to_owned();
    Section { id: "limits", title: "Limits", note, blocks: vec![Block::List(ONE_BY_ONE.to_vec())] }
}
