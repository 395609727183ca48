//! A rule as code scanning shows it beside its alerts.

use std::borrow::Cow;

use super::level;
use super::message;
use super::model::Configuration;
use super::model::Help;
use super::model::Message;
use super::model::Rule as Row;
use super::model::RuleProperties;
use crate::audit;
use crate::audit::Rule;

/// Returns the description of a rule.
pub(super) fn of(id: &'static str) -> Row {
    let rule = audit::rule(id);
    let severity = rule.map_or("info", |rule| rule.severity.name());
    let title = rule.map_or(id, |rule| rule.title);
    let fix = rule.map_or("", |rule| rule.remediation);
    let (level, security_severity) = level(severity);
    let description = rule.map_or(Cow::Borrowed(title), Rule::description);
    Row {
        id,
        short_description: Message { text: title.to_owned() },
        full_description: message(&description),
        help: Help {
            text: format!("{fix}\n\n`rolechain explain {id}` says more."),
            markdown: format!("{description}\n\n{fix}\n\n`rolechain explain {id}` says more."),
        },
        help_uri: rule.and_then(|rule| rule.reading.first()).map(|(_, address)| *address),
        default_configuration: Configuration { level },
        properties: RuleProperties {
            precision: rule.map_or("medium", |rule| match rule.confidence.name() {
                "high" => "very-high",
                "medium" => "high",
                _ => "medium",
            }),
            security_severity,
            tags: vec!["security", "aws", "iam"],
        },
    }
}
