//! `rolechain baseline accept`: what is known today, accepted for a time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::args_accept::BaselineAcceptArgs;
use super::args_accept::BaselineCommand;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::output;
use super::perform;
use super::rules;
use crate::audit;
use crate::expect::baseline;
use crate::model::baseline::Baseline;
use crate::model::baseline::Known;
use crate::model::time::Timestamp;
use crate::report::accept;

/// One day, in seconds.
const DAY: i64 = 86_400;

/// Does what the command says.
pub(super) fn run(command: &BaselineCommand) -> Result<End, Failure> {
    match command {
        BaselineCommand::Accept(args) => accept(args),
    }
}

fn accept(args: &BaselineAcceptArgs) -> Result<End, Failure> {
    for (flag, text) in [("--by", &args.by), ("--reason", &args.reason)] {
        if text.trim().is_empty() {
            return Err(Failure::new(format!("{flag} is empty: a baseline says who answers for it, and why")));
        }
    }
    if let Some(unknown) = args.rule.iter().find(|rule| audit::rule(rule).is_none()) {
        return Err(rules::unknown(unknown));
    }
    let target = args.output.as_deref().filter(|file| *file != "-");
    if let Some(file) = target.filter(|_| !args.force) {
        let way_out = "write to another file and compare them, or pass --force to write over it";
        output::refuse_what_is_there(file, way_out)?;
    }
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let (mut accepted, mut about_acceptance, mut not_shown) = (0, 0, 0);
    for file in &args.reports {
        let text = input::read(file, "the report")?;
        let found = accept::read(&text).map_err(|error| Failure::new(format!("cannot accept {file}: {error}")))?;
        accepted += found.accepted;
        about_acceptance += found.about_acceptance;
        not_shown += found.not_shown;
        known.extend(
            found.open.into_iter().filter(|(_, known)| args.rule.is_empty() || args.rule.contains(&known.rule)),
        );
    }
    let created = Timestamp(perform::now().day() * DAY);
    let baseline = Baseline {
        created,
        expires: created.plus(i64::from(args.days) * DAY),
        by: args.by.clone(),
        reason: args.reason.clone(),
        known,
    };
    output::write(target, |out| out.write_all(baseline::write(&baseline).as_bytes()))?;
    let (number, until) = (baseline.known.len(), baseline.expires.date());
    let findings = if number == 1 { "finding is" } else { "findings are" };
    let mut told = format!("{number} {findings} accepted until {until}");
    if accepted > 0 {
        let _ = write!(
            told,
            "; {accepted} were accepted already and are left out: to renew them, audit without --baseline and with --no-exceptions"
        );
    }
    if about_acceptance > 0 {
        let _ = write!(
            told,
            "; {about_acceptance} about exceptions and baselines are left out, because nothing accepts those"
        );
    }
    if not_shown > 0 {
        let _ = write!(
            told,
            "\nwarning: the reports were made with filters that left {not_shown} findings out, and those are not accepted: audit without \
             --min-severity and --min-confidence to have all"
        );
    }
    for rule in args.rule.iter().filter(|rule| !baseline.known.values().any(|known| known.rule == **rule)) {
        let _ = write!(told, "\nwarning: no open finding of these reports is of --rule {rule}");
    }
    // Nothing can be done when standard error is closed: the file is written.
    let _ = io::Write::write_all(&mut io::stderr(), format!("rolechain: {told}\n").as_bytes());
    Ok(End::Done)
}
