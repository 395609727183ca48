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
    let mut job = input::accepting(input::job(&args.logs.input, &args.logs.account)?, &args.accept)?;
    let days = days(&args.target)?;
    if let Some(days) = &days {
        if args.logs.input.since.is_some() || args.logs.input.until.is_some() {
            return Err(Failure::new(format!(
                "{} is the window: --since and --until cannot be given with it\n  hint: `rolechain who '*' SOURCE --since 7d`",
                args.target
            )));
        }
        job = job.window(days.since, days.until)?;
    }
    job.plan.include_services = args.output.content.include_services;
    let mut audited = progress::watched(args.output.noise, args.output.content.shade(), |bar| job.audit(bar))?;
    // Everybody acted on a day.
    let pattern = if days.is_some() { "*" } else { &args.target };
    let mut asked = job::who(&mut audited, pattern);
    if let Some(days) = days {
        asked.target.clone_from(&args.target);
        asked.stands_for = vec![days.told];
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

/// What was asked for instead of a name: some days.
struct Days {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    told: String,
}

/// Reads a day, or two moments with `..` between them, of which one may be missing.
fn days(typed: &str) -> Result<Option<Days>, Failure> {
    if let Some(day) = day(typed) {
        let told = format!("the day {}, in UTC", day.date());
        return Ok(Some(Days { since: Some(day), until: Some(day.plus(DAY)), told }));
    }
    let Some((from, to)) = typed.split_once("..").filter(|(from, to)| is_moment(from) || is_moment(to)) else {
        return Ok(None);
    };
    let read = |text: &str, parse: fn(&str, Timestamp) -> Result<Timestamp, String>| match day(text) {
        Some(day) => parse(&day.date(), day).map(Some),
        None if text.is_empty() => Ok(None),
        None => parse(text, moment::now()).map(Some),
    };
    let since = read(from, moment::parse).map_err(Failure::new)?;
    let until = read(to, moment::parse_end).map_err(Failure::new)?;
    let told = match (from, to) {
        (from, "") => format!("from {from} on, in UTC"),
        ("", to) => format!("up to {to}, in UTC"),
        (from, to) => format!("{from} to {to}, in UTC"),
    };
    Ok(Some(Days { since, until, told }))
}

fn is_moment(text: &str) -> bool {
    day(text).is_some() || moment::parse(text, moment::now()).is_ok()
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
