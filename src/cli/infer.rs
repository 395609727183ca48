//! `rolechain infer`: drafts the expectations file.

use std::io;
use std::io::Write as _;

use super::args::InferArgs;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::output;
use super::progress;
use crate::infer;
use crate::infer::Options;
use crate::model::observations::Counts;
use crate::text::redact::Shade;

pub(super) fn run(args: &InferArgs) -> Result<End, Failure> {
    let input = &args.logs.input;
    if input.store.is_some() {
        return Err(Failure::new(
            "infer writes no store: --store and --list-since are not for it\n  hint: to draft from what a store holds, name the store as SOURCE",
        ));
    }
    let target = output::new_file(args.output.as_deref(), args.force, "draft to another file and compare them")?;
    let mut job = input::bare(input)?;
    if let Some(file) = &input.expectations {
        job = job.expectations(file)?;
    }
    job.selection.accounts = job.account_ids(&args.logs.account)?;
    job.selection.regions.clone_from(&input.region);
    let options = Options { hash_external_ids: args.hash_external_ids };
    let drafted = progress::watched(args.noise, Shade::new(false), |bar| job.draft(options, bar))?;
    let (draft, audited) = &*drafted;
    let counts = audited.as_ref().map(|audited| &audited.outcome.lineage.observations.counts);
    output::write(target, |out| out.write_all(draft.text().as_bytes()))?;
    if !args.noise.quiet {
        let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let left_out = match draft.left_out() {
            0 => "nothing was left out".to_owned(),
            count => format!("{} left out, named at its end", plural(count, "thing")),
        };
        // Nothing can be done when standard error is closed: the draft is written.
        let _ = writeln!(io::stderr(), "rolechain: drafted {}; {left_out}", plural(draft.roles(), "role"));
        if let Some(what) = counts.and_then(infer::unread) {
            let hint = "what is missing may be left out or too narrow in the draft; `rolechain audit` names it";
            let _ = writeln!(io::stderr(), "warning: the logs are incomplete: {what}\n  hint: {hint}");
        }
    }
    let is_incomplete = counts.is_some_and(Counts::is_incomplete);
    let end = if args.strict && is_incomplete { End::Incomplete } else { End::Done };
    Ok(audited.as_ref().map_or(end, |audited| end.of(audited, args.noise.quiet)))
}
