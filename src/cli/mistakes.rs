//! What was typed and cannot be understood: what was probably meant, and an example to copy.

use std::ffi::OsString;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Command;
use clap::CommandFactory as _;
use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;

use super::args::Cli;
use super::exit::Failure;

/// What other programs call these commands.
const CALLED: [(&str, &[&str]); 8] = [
    ("audit", &["scan", "report", "analyze", "analyse", "check", "run", "detect", "lint", "parse", "read"]),
    ("chains", &["list", "ls", "routes", "sessions", "graph", "paths"]),
    ("who", &["whois", "whodunit", "activity", "history", "actors"]),
    ("trace", &["show", "get", "find", "follow", "describe", "inspect", "tree", "chain"]),
    ("query", &["sql", "ask", "select", "queries"]),
    ("export", &["csv", "parquet", "dump", "tables", "convert"]),
    ("infer", &["init", "generate", "draft", "learn", "suggest", "config"]),
    ("verify", &["validate", "digest", "integrity"]),
];

/// Takes `help audit` for `audit --help`.
pub(super) fn asked(typed: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut typed: Vec<OsString> = typed.collect();
    if typed.get(1).is_some_and(|first| first == "help") {
        typed.remove(1);
        typed.push("--help".into());
    }
    typed
}

/// Tells what is wrong with what was typed; help and version are printed here, too.
pub(super) fn tell(error: &clap::Error, typed: &[OsString]) -> ExitCode {
    let code = if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
    if let Some((wrong, meant)) = unknown_command(error).and_then(|wrong| Some((wrong, meant(wrong, typed)?))) {
        let message =
            format!("there is no command `{wrong}`\n  hint: did you mean `{meant}`? `rolechain --help` lists all");
        let _ = writeln!(io::stderr(), "error: {}", crate::text::lines(&message));
        return code;
    }
    // Nothing can be done when standard error is closed.
    let _ = error.print();
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return code;
    }
    if let Some(example) = example(typed) {
        let _ = writeln!(io::stderr(), "\nExample:\n  {example}");
    }
    code
}

fn unknown_command(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::InvalidSubcommand)? {
        ContextValue::String(wrong) => Some(wrong),
        _ => None,
    }
}

/// Returns the command that was probably meant.
fn meant(wrong: &str, typed: &[OsString]) -> Option<String> {
    let rest: Vec<_> = typed.iter().skip_while(|word| *word != wrong).map(|word| word.to_string_lossy()).collect();
    // Whoever names logs alone wants to know what is in them.
    if wrong.contains('/') || Path::new(wrong).exists() {
        return Some(format!("rolechain audit {}", rest.join(" ")));
    }
    let known = CALLED.iter().find(|(_, called)| called.contains(&wrong.to_lowercase().as_str()))?.0;
    let rest = rest.get(1..).unwrap_or_default().join(" ");
    Some(format!("rolechain {known} {rest}").trim_end().to_owned())
}

/// Returns the first example of the command that was typed.
fn example(typed: &[OsString]) -> Option<String> {
    let program = Cli::command();
    let mut command: &Command = &program;
    for word in typed.iter().skip(1) {
        let Some(next) = word.to_str().and_then(|word| command.find_subcommand(word)) else { break };
        command = next;
    }
    let help = command.get_after_help().or_else(|| program.get_after_help())?.to_string();
    let mut lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    // What the command does stands beside it, with spaces between.
    lines.next().map(|line| line.trim().split("   ").next().unwrap_or_default().to_owned())
}

/// Refuses an id (or a name) and a source that were given the wrong way round.
pub(super) fn not_swapped(command: &str, first: &str, sources: &[String]) -> Result<(), Failure> {
    let is_source = |text: &str| text == "-" || text.contains("://") || Path::new(text).exists();
    match sources {
        [rest @ .., last] if is_source(first) && !is_source(last) => {
            let right: Vec<&str> = [last.as_str(), first].into_iter().chain(rest.iter().map(String::as_str)).collect();
            Err(Failure::new(format!(
                "{first} is a source, and {last} is none\n  hint: sources come last: `rolechain {command} {}`",
                right.join(" ")
            )))
        }
        _ => Ok(()),
    }
}
