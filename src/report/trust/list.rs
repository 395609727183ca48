//! `rolechain trust list`: granted against used, role by role.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::rows::CountRow;
use super::rows::GrantRow;
use super::rows::UserRow;
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
use crate::report::wire::Time;
use crate::trust::breadth::Breadth;
use crate::trust::snapshot::Snapshot;
use crate::trust::usage::Count;
use crate::trust::usage::GrantUse;
use crate::trust::usage::RoleUse;
use crate::trust::usage::User;

/// How many users or grants of a role are shown.
const MAX_SHOWN: usize = 8;

/// Roles, and what their policies were read from.
#[derive(Clone, Debug)]
pub struct List<'a> {
    /// The roles, the broadest trust first.
    pub roles: Vec<RoleUse<'a>>,
    /// The snapshots that were given.
    pub snapshots: &'a [Snapshot],
    /// How many roles were left out, because only AWS services assume them.
    pub services_left_out: usize,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    incomplete: bool,
    first_event: Option<Time>,
    last_event: Option<Time>,
    snapshots: Vec<SnapshotRow<'a>>,
    roles: Vec<RoleRow<'a>>,
    services_left_out: usize,
}

#[derive(Serialize)]
struct SnapshotRow<'a> {
    name: &'a str,
    kind: &'static str,
    taken: Option<Time>,
    roles: usize,
    notes: &'a [String],
}

#[derive(Serialize)]
struct RoleRow<'a> {
    role_arn: &'a str,
    /// How much its broadest grant admits; null when its policy is not known.
    breadth: Option<&'static str>,
    /// From where its latest policy is known; null when it is not.
    policy: Option<String>,
    unreadable: Option<&'a str>,
    /// A snapshot that says otherwise than the last change in the logs.
    differs: Option<&'a str>,
    grants: Vec<GrantUseRow<'a>>,
    dormant_grants: usize,
    used: CountRow<'a>,
    users: Vec<UserRow<'a>>,
    /// By the policies that were in force when the role was assumed.
    in_force: StandingRow,
}

#[derive(Serialize)]
struct GrantUseRow<'a> {
    #[serde(flatten)]
    grant: GrantRow<'a>,
    dormant: bool,
    users: Vec<UserRow<'a>>,
}

#[derive(Serialize)]
struct StandingRow {
    allowed: u64,
    denied: u64,
    unknown: u64,
}

fn users(users: &BTreeMap<User, Count>) -> Vec<UserRow<'_>> {
    users.iter().map(|(user, count)| UserRow::new(user, count)).collect()
}

impl List<'_> {
    /// Writes it for programs.
    pub fn json(&self, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let (first, last) = covered(report);
        let snapshots = self.snapshots.iter().map(|snapshot| SnapshotRow {
            name: &snapshot.name,
            kind: snapshot.kind.said(),
            taken: snapshot.taken.map(Time),
            roles: snapshot.roles.len(),
            notes: &snapshot.notes,
        });
        let document = Document {
            schema: "rolechain.trust-list/1",
            incomplete: report.is_incomplete(),
            first_event: first,
            last_event: last,
            snapshots: snapshots.collect(),
            roles: self.roles.iter().map(|role| row(role, report)).collect(),
            services_left_out: self.services_left_out,
        };
        super::json(&document, options, out)
    }

    /// Writes it for people.
    pub fn table(&self, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let names = Names::new(report, options);
        let mut screen = Screen::new(options, out);
        let known = self.roles.iter().filter(|role| role.in_force.is_some()).count();
        let roles = count(wide(self.roles.len()), "role");
        screen.paragraph(
            "",
            &format!("{}: the trust policies of {known} are known.", paint(Style::Strong, &roles)),
            None,
        )?;
        screen.blank()?;
        let (first, last) = covered(report);
        super::fact(&mut screen, "logs", &names::span(first, last))?;
        super::snapshots(&mut screen, self.snapshots)?;
        if report.is_incomplete() {
            super::fact(&mut screen, "incomplete", "some of the input could not be read: unused may mean unread")?;
        }
        if self.services_left_out > 0 {
            let text = format!("{} that only AWS services assume", count(wide(self.services_left_out), "role"));
            super::fact(&mut screen, "left out", &(text + "; --include-services lists them"))?;
        }
        for role in &self.roles {
            show(role, report, names, &mut screen)?;
        }
        Ok(())
    }
}

/// Writes a role for people.
fn show(role: &RoleUse<'_>, report: &Report<'_>, names: Names<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let title = match arn::account(&role.role_arn) {
        Some(account) => format!("{} ({})", safe(arn::short(&role.role_arn)), names.account(account)),
        None if arn::role_name(&role.role_arn).is_some() => {
            format!("{} (in an account that is not known)", safe(arn::short(&role.role_arn)))
        }
        None => safe(&role.role_arn).into_owned(),
    };
    let unread = if role.unreadable.is_some() { "no policy to read" } else { "policy not known" };
    screen.heading(&title, role.breadth().map_or(unread, Breadth::name))?;
    let (from, style) = match (policy(role, report), &role.unreadable) {
        (Some(policy), _) => (policy, Style::Quiet),
        (None, Some(why)) => (why.clone(), Style::Medium),
        (None, None) => ("not known: give a snapshot with --iam".to_owned(), Style::Quiet),
    };
    screen.paragraph("  policy   ", &safe(&from), Some(style))?;
    if let Some(snapshot) = role.differs {
        let text = format!("{} says otherwise: another time, or a change outside these logs", safe(&snapshot.name));
        screen.paragraph("  differs  ", &text, Some(Style::Medium))?;
    }
    let used = if role.total.seen.runs == 0 {
        "never in these logs".to_owned()
    } else {
        let runs = count(role.total.seen.runs, "time");
        format!("{runs} by {}, {}", count(wide(role.users.len()), "caller"), super::span(&role.total.seen))
    };
    screen.paragraph("  used     ", &used, None)?;
    if role.standing.denied > 0 {
        let text = format!(
            "{} that the policy then in force would refuse: the snapshot is of another time, or trust was changed \
             outside these logs",
            count(role.standing.denied, "assumption")
        );
        screen.paragraph("  outside  ", &text, Some(Style::Medium))?;
    }
    if let Some(known) = &role.in_force {
        for used in known.grants.iter().take(MAX_SHOWN) {
            grant(used, screen)?;
        }
        return rest(screen, known.grants.len());
    }
    for (user, used) in role.users.iter().take(MAX_SHOWN) {
        super::user(screen, user, None, used)?;
    }
    rest(screen, role.users.len())
}

fn grant(used: &GrantUse, screen: &mut Screen<'_>) -> io::Result<()> {
    let (style, fate) = match used.users.len() {
        0 => (Style::Medium, "dormant".to_owned()),
        callers => {
            let runs: u64 = used.users.values().map(|count| count.seen.runs).sum();
            (Style::Quiet, format!("{} by {}", count(runs, "time"), count(wide(callers), "caller")))
        }
    };
    let class = paint(style, &format!("{}, {fate}", used.grant.breadth.name()));
    screen.hanging("  grants   ", "             ", &format!("{}  {class}", safe(&used.grant.said())), None)
}

fn rest(screen: &mut Screen<'_>, all: usize) -> io::Result<()> {
    match all.saturating_sub(MAX_SHOWN) {
        0 => Ok(()),
        more => screen.line(&paint(Style::Quiet, &format!("  … and {more} more (--format json lists all)"))),
    }
}

/// Returns the first and the last event that was read.
fn covered(report: &Report<'_>) -> (Option<Time>, Option<Time>) {
    let cells = || report.lineage.observations.cells.values();
    let first = cells().filter_map(|cell| cell.first).min();
    (first.map(Time), cells().filter_map(|cell| cell.last).max().map(Time))
}

/// Says from where a role's latest policy is known.
fn policy(role: &RoleUse<'_>, report: &Report<'_>) -> Option<String> {
    Some(role.in_force.as_ref()?.step.said(report.lineage))
}

fn row<'a>(role: &'a RoleUse<'_>, report: &Report<'_>) -> RoleRow<'a> {
    let grants = role.in_force.iter().flat_map(|known| &known.grants);
    let grant = |used: &'a GrantUse| GrantUseRow {
        grant: GrantRow::new(&used.grant),
        dormant: used.users.is_empty(),
        users: users(&used.users),
    };
    RoleRow {
        role_arn: &role.role_arn,
        breadth: role.breadth().map(Breadth::name),
        policy: policy(role, report),
        unreadable: role.unreadable.as_deref(),
        differs: role.differs.map(|snapshot| snapshot.name.as_str()),
        dormant_grants: role.dormant().count(),
        grants: grants.map(grant).collect(),
        used: CountRow::new(&role.total),
        users: users(&role.users),
        in_force: StandingRow {
            allowed: role.standing.allowed,
            denied: role.standing.denied,
            unknown: role.standing.unknown,
        },
    }
}
