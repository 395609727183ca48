//! `rolechain trust check`: what a proposed policy would have done.

use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

use super::rows::UserRow;
use crate::report::Options;
use crate::report::Report;
use crate::report::names;
use crate::report::names::Names;
use crate::report::names::count;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::trust::replay::Group;
use crate::trust::replay::Replay;

/// A replay and what it was of.
#[derive(Clone, Debug)]
pub struct Check<'a> {
    /// The role.
    pub role_arn: &'a str,
    /// The file of the proposed policy.
    pub policy: &'a str,
    /// Keys that stand twice in one object of the policy: one of the two was read.
    pub repeated: BTreeSet<String>,
    /// What came of it.
    pub replay: Replay,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    role_arn: &'a str,
    policy: &'a str,
    /// True when some of the input could not be read: more may have been assumed than is known.
    incomplete: bool,
    /// Keys that stand twice in one object of the policy: one of the two was read, the last.
    repeated_keys: &'a BTreeSet<String>,
    replayed: u64,
    would_be_denied: u64,
    undecided: u64,
    would_be_allowed: u64,
    denied: Vec<Row<'a>>,
    unknown: Vec<Row<'a>>,
    allowed: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    user: UserRow<'a>,
    audience: Option<&'a str>,
    /// Why it is refused, or what would be needed to decide.
    reasons: &'a [String],
}

impl Check<'_> {
    /// Writes it for programs.
    pub fn json(&self, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let Replay { denied, unknown, allowed } = &self.replay;
        let document = Document {
            schema: "rolechain.trust-check/1",
            role_arn: self.role_arn,
            policy: self.policy,
            incomplete: report.is_incomplete(),
            repeated_keys: &self.repeated,
            replayed: Replay::runs(denied) + Replay::runs(unknown) + Replay::runs(allowed),
            would_be_denied: Replay::runs(denied),
            undecided: Replay::runs(unknown),
            would_be_allowed: Replay::runs(allowed),
            denied: rows(denied),
            unknown: rows(unknown),
            allowed: rows(allowed),
        };
        super::json(&document, options, out)
    }

    /// Writes it for people.
    pub fn table(&self, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let names = Names::new(report, options);
        let mut screen = Screen::new(options, out);
        let Replay { denied, unknown, allowed } = &self.replay;
        screen.paragraph("", &self.verdict(names), None)?;
        screen.blank()?;
        super::fact(&mut screen, "policy", &safe(self.policy))?;
        super::fact(&mut screen, "role", &safe(self.role_arn))?;
        if !self.repeated.is_empty() {
            let keys: Vec<_> = self.repeated.iter().map(|key| safe(key)).collect();
            let text = format!(
                "{} stands twice in one object of the policy, and JSON keeps one: only the last was read, and nobody can say \
                 which one AWS keeps",
                keys.join(", ")
            );
            super::fact(&mut screen, "repeated", &text)?;
        }
        if report.is_incomplete() {
            let text = "some of the input could not be read: more may have been assumed than was replayed";
            super::fact(&mut screen, "incomplete", text)?;
        }
        groups(&mut screen, "WOULD BE DENIED", denied, Style::High)?;
        groups(&mut screen, "CANNOT BE DECIDED", unknown, Style::Medium)?;
        groups(&mut screen, "ALLOWED", allowed, Style::Good)?;
        if !unknown.is_empty() {
            screen.blank()?;
            let text = "CloudTrail does not record what the undecided assumptions would need; look there yourself.";
            screen.paragraph("  ", text, Some(Style::Quiet))?;
        }
        Ok(())
    }

    fn verdict(&self, names: Names<'_>) -> String {
        let [denied, unknown, allowed] =
            [&self.replay.denied, &self.replay.unknown, &self.replay.allowed].map(|groups| Replay::runs(groups));
        let all = denied + unknown + allowed;
        let role = names.role(self.role_arn);
        let of = count(all, "granted assumption");
        match (denied, unknown) {
            (0, 0) => format!("{} {of} of {role} would be allowed.", paint(Style::Good, "Nothing denied:")),
            (0, _) => format!(
                "{} of {of} of {role}, {} would be allowed and {} cannot be decided.",
                paint(Style::Medium, "Nothing denied, but:"),
                names::number(allowed),
                names::number(unknown)
            ),
            _ => format!(
                "{} of {of} of {role}, {} would be denied, {} allowed, and {} cannot be decided.",
                paint(Style::High, "DENIES:"),
                names::number(denied),
                names::number(allowed),
                names::number(unknown)
            ),
        }
    }
}

fn rows(groups: &[Group]) -> Vec<Row<'_>> {
    let rows = groups.iter().map(|group| Row {
        user: UserRow::new(&group.user, &group.count),
        audience: group.audience.as_deref(),
        reasons: &group.reasons,
    });
    rows.collect()
}

fn groups(screen: &mut Screen<'_>, title: &str, groups: &[Group], style: Style) -> io::Result<()> {
    let runs = Replay::runs(groups);
    let note = if runs == 0 { "none".to_owned() } else { count(runs, "assumption") };
    screen.heading(title, &note)?;
    for group in groups {
        super::user(screen, &group.user, group.audience.as_deref(), &group.count)?;
        let reasons = group.reasons.join(", ");
        if !reasons.is_empty() {
            screen.paragraph(&super::indent(), &safe(&reasons), Some(style))?;
        }
        if style != Style::Good {
            let events: Vec<&str> = group.count.evidence.iter().filter_map(|event| event.event_id.as_deref()).collect();
            screen.paragraph(&format!("{}events ", super::indent()), &safe(&events.join(" ")), Some(Style::Quiet))?;
        }
    }
    Ok(())
}
