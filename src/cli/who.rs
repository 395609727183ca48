//! `rolechain who`: from its arguments to its end.

use super::args::WhoArgs;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::mistakes;
use super::moment;
use super::output;
use super::progress;
use super::target;
use crate::job;
use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::report;
use crate::report::Format;
use crate::report::Options;

pub(super) fn run(args: &WhoArgs) -> Result<End, Failure> {
    mistakes::not_swapped("who", &args.target, &args.logs.input.sources)?;
    let targets = target::targets(&args.output.output, args.format)?;
    target::only(&targets, "who", &[Format::Table, Format::Json])?;
    let mut job = input::job(&args.logs.input, &args.logs.account)?;
    let day = day(&args.target);
    if let Some(day) = day {
        if args.logs.input.since.is_some() || args.logs.input.until.is_some() {
            return Err(Failure::new(format!(
                "{} is a day, so it is the window: --since and --until cannot be given with it\n  hint: `rolechain who '*' SOURCE --since 7d`",
                args.target
            )));
        }
        job = job.window(Some(day), Some(day.plus(DAY)))?;
    }
    job.plan.include_services = args.output.content.include_services;
    let mut audited = progress::watched(args.output.noise, args.output.content.shade(), |bar| job.audit(bar))?;
    // Everybody acted on a day.
    let pattern = if day.is_some() { "*" } else { &args.target };
    let mut asked = job::who(&mut audited, pattern);
    if let Some(day) = day {
        asked.target.clone_from(&args.target);
        asked.stands_for = vec![format!("the day {}, in UTC", day.date())];
    }
    let report = audited.report();
    target::write(&targets, &args.output, |format, options, out| match format {
        Format::Json => report::who::json(&report, &asked, options, out),
        // A program that reads lines gets each whole.
        _ if output::has_no_width() => {
            report::who::table(&report, &asked, &Options { width: usize::MAX, ..*options }, out)
        }
        _ => report::who::table(&report, &asked, options, out),
    })?;
    Ok(End::Done.of(&audited, args.output.noise.quiet))
}

/// Reads a day: a date, or one that has a name.
fn day(typed: &str) -> Option<Timestamp> {
    let today = || Timestamp::of_day(moment::now().day());
    match typed {
        "today" => Some(today()),
        "yesterday" => Some(today().plus(-DAY)),
        date => Timestamp::parse_date(date),
    }
}
