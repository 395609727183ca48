//! What no CloudTrail log can show: fixed text of every report.

/// The limits in short.
pub(super) const IN_SHORT: &str = "Never logged: what a token says besides issuer, subject and audience; the ExternalId of denied \
    calls; denials in other accounts; data events that no trail records. About other accounts, regions and hours, \
    silence means nothing.";

/// The limits, each in one sentence.
pub(super) const ONE_BY_ONE: [&str; 10] = [
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
