//! What is known today, accepted for a time.

use std::fmt::Write as _;

use super::files;
use crate::model::baseline::Baseline;
use crate::model::finding::Severity;
use crate::pipeline::RunError;
use crate::report::accept;

/// Fills a baseline with the open findings of JSON reports: of all rules, or of these. Returns what to tell people of it.
pub fn accept(baseline: &mut Baseline, reports: &[String], rules: &[String]) -> Result<String, RunError> {
    let (mut accepted, mut about_acceptance, mut not_shown) = (0, 0, 0);
    for file in reports {
        let text = files::read(file, "the report")?;
        let found = accept::read(&text).map_err(|error| RunError::refused(format!("cannot accept {file}: {error}")))?;
        accepted += found.accepted;
        about_acceptance += found.about_acceptance;
        not_shown += found.not_shown;
        let is_wanted = |rule: &String| rules.is_empty() || rules.contains(rule);
        baseline.known.extend(found.open.into_iter().filter(|(_, known)| is_wanted(&known.rule)));
    }
    let number = baseline.known.len();
    let findings = if number == 1 { "finding is" } else { "findings are" };
    let of = |severity: Severity| baseline.known.values().filter(|known| known.severity == severity).count();
    let graded = Severity::WORST_FIRST.into_iter().map(|severity| (of(severity), severity.name()));
    let graded: Vec<String> =
        graded.filter(|(number, _)| *number > 0).map(|(number, name)| format!("{number} {name}")).collect();
    let graded = if graded.is_empty() { String::new() } else { format!(" ({})", graded.join(", ")) };
    let mut told = format!(
        "{number} {findings} accepted until {}{graded}, and so is each again until then",
        baseline.expires.date()
    );
    if of(Severity::Critical) > 0 {
        told.push_str("\nwarning: some of them are critical: read each of those before you keep the file");
    }
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
    for rule in rules.iter().filter(|rule| !baseline.known.values().any(|known| known.rule == **rule)) {
        let _ = write!(told, "\nwarning: no open finding of these reports is of --rule {rule}");
    }
    Ok(told)
}
