//! Which files hold which format: by their extensions, or as `--format` says.

use std::io;
use std::path::Path;

use super::args_shared::OutputArgs;
use super::exit::Failure;
use super::output;
use crate::report::Format;
use crate::report::Options;

/// What `export` writes, and `audit` does not.
const TABLES: [&str; 2] = ["csv", "parquet"];

/// One place to write to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The file; standard output when there is none.
    pub(super) path: Option<String>,
    pub(super) format: Format,
}

/// Returns where to write what. `--format` names the format of standard output and of files whose extension says nothing;
/// for a single file it decides, so long as the extension does not say otherwise.
pub(super) fn targets(outputs: &[String], named: Option<Format>) -> Result<Vec<Target>, Failure> {
    if outputs.is_empty() {
        return Ok(vec![Target { path: None, format: named.unwrap_or(Format::Table) }]);
    }
    let mut targets: Vec<Target> = Vec::new();
    for output in outputs {
        let target = target(output, named, outputs.len() == 1)?;
        if targets.iter().any(|other| other.path == target.path) {
            return Err(Failure::new(format!(
                "--output {output} is given twice\n  hint: each file once: -o report.md -o findings.sarif"
            )));
        }
        targets.push(target);
    }
    Ok(targets)
}

/// Writes to each of them.
pub(super) fn write(
    targets: &[Target],
    args: &OutputArgs,
    render: impl Fn(Format, &Options, &mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    for target in targets {
        let options = output::options(args, target.path.is_none());
        output::write(target.path.as_deref(), |out| render(target.format, &options, out))?;
    }
    Ok(())
}

/// Refuses what a command that judges nothing cannot write: a page or code-scanning results without findings would say
/// that all is well.
pub(super) fn plain_only(targets: &[Target], command: &str) -> Result<(), Failure> {
    only(targets, command, &[Format::Table, Format::Json, Format::Ndjson])
}

/// Refuses formats that a command does not write.
pub(super) fn only(targets: &[Target], command: &str, formats: &[Format]) -> Result<(), Failure> {
    let Some(Target { format, .. }) = targets.iter().find(|target| !formats.contains(&target.format)) else {
        return Ok(());
    };
    let (name, known): (_, Vec<&str>) = (format.name(), formats.iter().map(|format| format.name()).collect());
    Err(Failure::new(format!(
        "{command} does not write {name}\n  hint: one of {}; `rolechain audit` writes {name}",
        known.join(", ")
    )))
}

fn target(output: &str, named: Option<Format>, is_only: bool) -> Result<Target, Failure> {
    if output == "-" {
        return Ok(Target { path: None, format: named.unwrap_or(Format::Table) });
    }
    let path = Some(output.to_owned());
    let extension = Path::new(output).extension().map(|extension| extension.to_string_lossy().into_owned());
    let Some(extension) = extension else { return Ok(Target { path, format: named.unwrap_or(Format::Table) }) };
    if TABLES.iter().any(|table| extension.eq_ignore_ascii_case(table)) {
        return Err(Failure::new(format!(
            "--output {output}: a report is not a table\n  hint: `rolechain export --to DIR` writes tables as Parquet and CSV"
        )));
    }
    match (Format::of_extension(&extension), named) {
        (Some(meant), Some(named)) if is_only && meant != named => {
            if holds(meant, named) {
                return Ok(Target { path, format: named });
            }
            Err(Failure::new(format!(
                "--output {output} means {}, and --format says {}\n  hint: leave one of them out",
                meant.name(),
                named.name()
            )))
        }
        (Some(format), _) | (None, Some(format)) => Ok(Target { path, format }),
        (None, None) => Err(Failure::new(format!(
            "--output {output}: .{extension} means no format\n  hint: known are {}; or name one with --format",
            known()
        ))),
    }
}

/// True when a file that looks like one format may hold the other: SARIF is JSON, and everything that people read is text.
fn holds(looks: Format, holds: Format) -> bool {
    match looks {
        Format::Table => matches!(holds, Format::Markdown | Format::Github | Format::Ndjson | Format::Json),
        Format::Json => matches!(holds, Format::Sarif | Format::Ndjson),
        _ => false,
    }
}

/// Lists the extensions.
fn known() -> String {
    let all = Format::ALL.into_iter().flat_map(|format| format.extensions().iter().map(|known| format!(".{known}")));
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::targets;
    use crate::cli::exit::Failure;
    use crate::report::Format;

    fn told(outputs: &[&str], format: Option<Format>) -> String {
        let outputs: Vec<String> = outputs.iter().map(|&output| output.to_owned()).collect();
        match targets(&outputs, format) {
            Ok(targets) => {
                let told = |target: &super::Target| {
                    format!("{}={}", target.path.as_deref().unwrap_or("-"), target.format.name())
                };
                targets.iter().map(told).collect::<Vec<_>>().join(" ")
            }
            Err(Failure::Message(message) | Failure::Nothing(message)) => format!("error: {message}"),
            Err(Failure::BrokenPipe) => "broken pipe".to_owned(),
        }
    }

    #[test]
    fn extensions_mean_formats() {
        for (outputs, format, told_as) in [
            (&[][..], None, "-=table"),
            (&[], Some(Format::Junit), "-=junit"),
            (&["r.json"], None, "r.json=json"),
            (&["r.json"], Some(Format::Json), "r.json=json"),
            (&["r.json"], Some(Format::Sarif), "r.json=sarif"),
            (&["r.MD", "a.b/f.sarif", "-"], Some(Format::Github), "r.MD=markdown a.b/f.sarif=sarif -=github"),
            (&["a.b/report"], None, "a.b/report=table"),
            (&["/dev/stdout"], Some(Format::Ndjson), "/dev/stdout=ndjson"),
            (&["r.out", "x.json"], Some(Format::Sarif), "r.out=sarif x.json=json"),
            (&["summary.txt"], Some(Format::Markdown), "summary.txt=markdown"),
        ] {
            assert_eq!(told(outputs, format), told_as, "{outputs:?}");
        }
        for (outputs, format, words) in [
            (&["r.out"][..], None, vec![".json", ".sarif", ".md", "--format"]),
            (&["r.csv"], Some(Format::Json), vec!["rolechain export"]),
            (&["r.Parquet"], None, vec!["rolechain export"]),
            (&["r.md"], Some(Format::Json), vec!["means markdown", "says json"]),
            (&["r.md", "r.md"], None, vec!["twice"]),
            (&["-", "-"], None, vec!["twice"]),
        ] {
            let told = told(outputs, format);
            assert!(told.starts_with("error: ") && words.iter().all(|word| told.contains(word)), "{told}");
        }
    }
}
