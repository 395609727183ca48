//! Audits a folder of CloudTrail logs, and prints the verdict and the critical findings.
//!
//! `cargo run --example audit -- sample-logs`

use std::error::Error;

use rolechain::job::Job;
use rolechain::model::finding::Severity;
use rolechain::pipeline::Silent;
use rolechain::report::Options;
use rolechain::report::line;

#[expect(clippy::print_stdout, reason = "an example says what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder of logs")?;
    let audited = Job::over([folder]).expectations_at_hand()?.audit(&Silent)?;
    println!("{}", line::summary(&audited.report(), &Options::default()));
    for finding in audited.outcome.findings.iter().filter(|finding| finding.severity == Severity::Critical) {
        println!("{}: {}", finding.rule, finding.title);
    }
    Ok(())
}
