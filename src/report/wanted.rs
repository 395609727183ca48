//! The runs of which evidence is wanted, for collectors: one JSON object on each line.

use std::io;
use std::io::Write as _;

use serde::Serialize;

use super::Options;
use crate::ci::Wanted;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::redact::Shade;

#[derive(Serialize)]
struct Line<'a> {
    system: &'static str,
    host: &'a str,
    repository: &'a str,
    /// Of the run; null where the records name something else.
    run_id: Option<&'a str>,
    /// What the records name: a `run`, a `job_or_pipeline`, a `step` or a `commit`.
    names: &'static str,
    id: &'a str,
    attempt: Option<u32>,
}

/// Writes the runs.
pub fn write(wanted: &[Wanted], options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    exit::through(Medium::Json, Shade::new(options.redact), out, |out| {
        for one in wanted {
            let Wanted { run, repository, attempt } = one;
            let names = one.named();
            let line = Line {
                system: run.system.provider(),
                host: &run.host,
                repository,
                run_id: Some(&*run.id).filter(|_| names == "run"),
                names,
                id: &run.id,
                attempt: *attempt,
            };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })
}
