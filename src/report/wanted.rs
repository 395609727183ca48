//! The runs of which evidence is wanted, for collectors: one JSON object on each line.

use std::io;

use serde::Serialize;

use crate::ci::Wanted;

#[derive(Serialize)]
struct Line<'a> {
    system: &'static str,
    host: &'a str,
    repository: &'a str,
    run_id: &'a str,
    attempt: Option<u32>,
}

/// Writes the runs.
pub fn write(wanted: &[Wanted], out: &mut dyn io::Write) -> io::Result<()> {
    for Wanted { run, repository, attempt } in wanted {
        let line =
            Line { system: run.system.provider(), host: &run.host, repository, run_id: &run.id, attempt: *attempt };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
