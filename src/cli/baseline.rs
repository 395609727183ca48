//! `rolechain baseline accept`: what is known today, accepted for a time.

use std::collections::BTreeMap;
use std::io;
use std::io::Write as _;

use super::args_accept::BaselineAcceptArgs;
use super::args_accept::BaselineCommand;
use super::exit::End;
use super::exit::Failure;
use super::moment;
use super::output;
use super::rules;
use crate::audit;
use crate::expect::baseline;
use crate::job;
use crate::model::baseline::Baseline;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

/// Does what the command says.
pub(super) fn run(command: &BaselineCommand) -> Result<End, Failure> {
    match command {
        BaselineCommand::Accept(args) => accept(args),
    }
}

fn accept(args: &BaselineAcceptArgs) -> Result<End, Failure> {
    for (flag, text) in [("--by", &args.by), ("--reason", &args.reason)] {
        if text.trim().is_empty() {
            return Err(Failure::new(format!(
                "{flag} is empty: a baseline says who answers for it, and why\n  hint: --by octavia --reason 'known before the migration'"
            )));
        }
    }
    if let Some(unknown) = args.rule.iter().find(|rule| audit::rule(rule).is_none()) {
        return Err(rules::unknown(unknown));
    }
    let target = output::new_file(args.output.as_deref(), args.force, "write to another file and compare them")?;
    let created = Timestamp::of_day(moment::now().day());
    let expires = created.plus(i64::from(args.days) * DAY);
    let (by, reason) = (args.by.clone(), args.reason.clone());
    let mut baseline = Baseline { created, expires, by, reason, known: BTreeMap::new() };
    let told = job::accept(&mut baseline, &args.reports, &args.rule)?;
    output::write(target, |out| out.write_all(baseline::write(&baseline).as_bytes()))?;
    // Nothing can be done when standard error is closed: the file is written.
    let _ = writeln!(io::stderr(), "rolechain: {told}");
    Ok(End::Done)
}
