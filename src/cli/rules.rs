//! `rolechain rules` and `rolechain explain`.

use std::io;
use std::io::IsTerminal as _;

use super::args::ExplainArgs;
use super::args_accept::RulesArgs;
use super::exit::End;
use super::exit::Failure;
use super::output;
use super::words;
use crate::audit;
use crate::report::Format;
use crate::report::catalogue;
use crate::report::rules;

pub(super) fn list(args: &RulesArgs) -> Result<End, Failure> {
    let is_terminal = io::stdout().is_terminal();
    let mut out = io::stdout().lock();
    let format = if args.markdown { Format::Markdown } else { args.format };
    match format {
        Format::Json => catalogue::json(audit::RULES, &mut out)?,
        Format::Markdown => catalogue::markdown(audit::RULES, &mut out)?,
        _ => {
            let color = output::use_color(args.show.color, is_terminal);
            rules::list(audit::RULES, output::width(is_terminal), color, &mut out)?;
        }
    }
    Ok(End::Done)
}

pub(super) fn explain(args: &ExplainArgs) -> Result<End, Failure> {
    let rule = audit::rule(&args.rule).ok_or_else(|| unknown(&args.rule))?;
    let is_terminal = io::stdout().is_terminal();
    let color = output::use_color(args.show.color, is_terminal);
    rules::explain(rule, output::width(is_terminal), color, &mut io::stdout().lock())?;
    Ok(End::Done)
}

/// Says that there is no rule of this name, and which one may be meant.
pub(super) fn unknown(name: &str) -> Failure {
    words::unknown("rule", name, audit::rule_ids(), "`rolechain rules` lists all of them")
}
