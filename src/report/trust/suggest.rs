//! `rolechain trust suggest`: the tightest policy that admits what was observed.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::rows::CountRow;
use super::rows::GrantRow;
use crate::model::arn;
use crate::model::width::wide;
use crate::report::Options;
use crate::report::Report;
use crate::report::names;
use crate::report::names::Names;
use crate::report::names::count;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::trust::closes::Closed;
use crate::trust::snapshot::Snapshot;
use crate::trust::suggest::Suggestion;
use crate::trust::usage::Count;
use crate::trust::write;

/// A suggestion and what it rests on.
#[derive(Clone, Debug)]
pub struct Suggest<'a> {
    /// The role.
    pub role_arn: &'a str,
    /// What it was drawn up from.
    pub observed: Count,
    /// The suggestion.
    pub suggestion: Suggestion,
    /// From where the policy in force is known, in words.
    pub in_force: Option<String>,
    /// What the suggestion closes of the policy in force.
    pub closes: Vec<Closed>,
    /// The snapshots that were given.
    pub snapshots: &'a [Snapshot],
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    role_arn: &'a str,
    /// True when some of the input could not be read: who is only there would be locked out.
    incomplete: bool,
    observed: CountRow<'a>,
    policy: Value,
    terraform: String,
    /// Characters without white space, as IAM counts them.
    size: usize,
    size_limit: usize,
    /// From where the policy in force is known; null when it is not.
    in_force: Option<&'a str>,
    closes: Vec<ClosedRow<'a>>,
    notes: &'a [String],
    left_out: Vec<&'a str>,
}

#[derive(Serialize)]
struct ClosedRow<'a> {
    #[serde(flatten)]
    grant: GrantRow<'a>,
    /// Who came in by the grant and still does.
    left: Vec<&'a str>,
    /// What is demanded now and was not before.
    demands: Vec<&'a str>,
    message: String,
}

impl Suggest<'_> {
    fn partition(&self) -> &str {
        arn::partition(self.role_arn).unwrap_or("aws")
    }

    /// Returns the policy as JSON.
    pub fn policy(&self) -> String {
        write::json(&self.suggestion.policy, self.partition())
    }

    /// Returns the policy as Terraform.
    pub fn terraform(&self) -> String {
        let name = arn::role_name(self.role_arn).unwrap_or("role");
        write::terraform(&self.suggestion.policy, self.partition(), &format!("{name}_trust"))
    }

    /// Returns what a person must know before applying it.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.suggestion.notes.clone();
        let size = write::size(&self.policy());
        if size > write::SIZE_LIMIT {
            notes.push(format!(
                "the policy has {size} characters; IAM takes {} unless the quota of the account was raised (4,096 at most)",
                write::SIZE_LIMIT
            ));
        }
        notes
    }

    /// Writes it for programs.
    pub fn json(&self, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let policy = self.policy();
        let notes = self.notes();
        let closes = self.closes.iter().map(|closed| ClosedRow {
            grant: GrantRow::new(&closed.grant),
            left: closed.left.iter().map(String::as_str).collect(),
            demands: closed.demands.iter().map(String::as_str).collect(),
            message: closed.said(),
        });
        let document = Document {
            schema: "rolechain.trust-suggestion/1",
            role_arn: self.role_arn,
            incomplete: report.is_incomplete(),
            observed: CountRow::new(&self.observed),
            policy: serde_json::from_str(&policy).unwrap_or_default(),
            terraform: self.terraform(),
            size: write::size(&policy),
            size_limit: write::SIZE_LIMIT,
            in_force: self.in_force.as_deref(),
            closes: closes.collect(),
            notes: &notes,
            left_out: self.suggestion.left_out.iter().map(|user| user.name.as_str()).collect(),
        };
        super::json(&document, options, out)
    }

    /// Writes it for people.
    pub fn table(&self, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let names = Names::new(report, options);
        let mut screen = Screen::new(options, out);
        let runs = count(self.observed.seen.runs, "granted assumption");
        let title = paint(Style::Strong, "A trust policy");
        screen.paragraph(
            "",
            &format!("{title} for {} that admits {runs}, and nothing else.", names.role(self.role_arn)),
            None,
        )?;
        screen.blank()?;
        super::fact(&mut screen, "role", &safe(self.role_arn))?;
        super::fact(&mut screen, "observed", &super::span(&self.observed.seen))?;
        let in_force =
            self.in_force.as_deref().unwrap_or("not known: give a snapshot with --iam to see what this closes");
        super::fact(&mut screen, "in force", &safe(in_force))?;
        super::snapshots(&mut screen, self.snapshots)?;
        if report.is_incomplete() {
            let text = "some of the input could not be read: who is only there would be locked out";
            super::fact(&mut screen, "incomplete", text)?;
        }
        let size = names::number(wide(write::size(&self.policy())));
        screen.heading("POLICY", &format!("{size} characters; --as json or --as terraform writes it alone"))?;
        super::verbatim(&mut screen, &self.policy())?;
        if self.in_force.is_some() {
            let note = if self.closes.is_empty() { "nothing" } else { "compared with the policy in force" };
            screen.heading("CLOSES", note)?;
            for closed in &self.closes {
                let class = paint(Style::Quiet, &format!(" ({})", closed.grant.breadth.name()));
                screen.paragraph("  - ", &format!("{}{class}", safe(&closed.said())), None)?;
            }
        }
        let notes = self.notes();
        screen.heading("BEFORE YOU APPLY IT", "")?;
        for note in &notes {
            screen.paragraph("  - ", &safe(note), Some(Style::Medium))?;
        }
        let always = "Everything that was observed is admitted, also what should not have been: read the subjects and \
            principals. Who did not come in these logs is locked out: take a window that holds your rarest job.";
        screen.paragraph("  - ", always, None)
    }
}
