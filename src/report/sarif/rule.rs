//! A rule as code scanning shows it beside its alerts.

use super::level;
use super::message;
use super::model::Configuration;
use super::model::Help;
use super::model::Message;
use super::model::Rule;
use super::model::RuleProperties;
use crate::audit;

/// Returns the description of a rule.
pub(super) fn of(id: &'static str) -> Rule {
    let rule = audit::rule(id);
    let severity = rule.map_or("info", |rule| rule.severity.name());
    let title = rule.map_or(id, |rule| rule.title);
    let fix = rule.map_or("", |rule| rule.remediation);
    let references = rule.map_or(&[][..], |rule| rule.references);
    let (level, security_severity) = level(severity);
    let description = rule.map_or(title, |rule| first_paragraph(rule.page));
    Rule {
        id,
        short_description: Message { text: title.to_owned() },
        full_description: message(description),
        help: Help {
            text: format!("{fix}\n\n`rolechain explain {id}` says more."),
            markdown: format!("{description}\n\n{fix}\n\n`rolechain explain {id}` says more."),
        },
        help_uri: references.iter().copied().find(|reference| reference.starts_with("https://")),
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

/// Returns the first paragraph after the title of a rule's page.
fn first_paragraph(page: &str) -> &str {
    let after_title = page.split_once("\n\n").map_or(page, |(_, rest)| rest);
    after_title.split("\n\n").next().unwrap_or_default().trim()
}
