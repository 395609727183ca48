//! `rolechain ci`: which CI evidence these logs need.

use std::collections::BTreeSet;
use std::io;
use std::io::Write;
use std::path::Path;

use super::args_ci::CiArgs;
use super::args_ci::CiCommand;
use super::args_ci::WantedArgs;
use super::args_ci::WantedForm;
use super::exit::End;
use super::exit::Failure;
use super::input;
use super::output;
use super::progress;
use crate::job;
use crate::job::Wanted;
use crate::report;

/// Does what was asked.
pub(super) fn run(args: &CiArgs) -> Result<End, Failure> {
    match &args.command {
        CiCommand::Wanted(args) => wanted(args),
    }
}

fn wanted(args: &WantedArgs) -> Result<End, Failure> {
    // The folder that the script is about to make holds nothing yet.
    let mut given = args.input.clone();
    given.ci.retain(|name| Path::new(name).exists());
    let job = input::job(&given, &[])?;
    let noise = args.output.noise;
    let audited = progress::watched(noise, args.output.content.shade(), |bar| job.audit(bar))?;
    let wanted: Vec<Wanted> = audited.wanted_runs().into_iter().collect();
    output::write_all(&args.output, |options, out| match args.format {
        WantedForm::Sh => out.write_all(job::fetch_script(&wanted, &audited.wanted_reviews()).as_bytes()),
        WantedForm::Json => report::wanted::write(&wanted, options, out),
    })?;
    if !noise.quiet {
        let repositories: BTreeSet<&str> = wanted.iter().map(|one| &*one.repository).collect();
        let told = match wanted.len() {
            0 => "no run is wanted: these logs name none, or --ci holds all that they name".to_owned(),
            1 => "1 run is wanted".to_owned(),
            runs if repositories.len() == 1 => format!("{runs} runs of one repository are wanted"),
            runs => format!("{runs} runs of {} repositories are wanted", repositories.len()),
        };
        let others = match args.format {
            WantedForm::Sh => wanted.iter().filter(|one| !one.is_fetchable()).count(),
            WantedForm::Json => 0,
        };
        let others = match others {
            0 => String::new(),
            others => format!("; the script cannot fetch {others} of these: another system, or no plain name"),
        };
        // The script is written: nothing can be done when standard error is closed.
        let _ = writeln!(io::stderr(), "rolechain: {told}{others}");
    }
    Ok(End::Done.of(&audited, noise.quiet))
}
