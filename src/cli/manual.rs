//! The manual: one page that holds every command, or a page for each.

use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::Man;

use super::exit::Failure;

/// How each rendered section begins.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Writes one page: the program, then each command under a heading of its own.
pub(super) fn write(program: &Command, out: &mut dyn io::Write) -> io::Result<()> {
    let mut program = program.clone();
    // Usage lines of commands name the program only once this is done.
    program.build();
    let man = Man::new(program.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    commands(&program, "rolechain", &mut page)?;
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    // Every section begins with the same definitions: once is enough.
    let page = String::from_utf8_lossy(&page).into_owned();
    let body = page.replace(PREAMBLE, "").replace(".SH EXTRA", ".SH EXAMPLES").replace(".SS EXTRA", ".SS EXAMPLES");
    write!(out, "{PREAMBLE}{body}")
}

/// Writes the commands below this one, however deep.
fn commands(parent: &Command, name: &str, out: &mut dyn io::Write) -> io::Result<()> {
    for command in parent.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = format!("{name} {}", command.get_name());
        let mut page = Vec::new();
        let man = Man::new(command.clone());
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
        man.render_extra_section(&mut page)?;
        writeln!(out, ".SH \"{}\"", name.to_uppercase())?;
        // What is a section on a page of its own is a part of this one.
        out.write_all(String::from_utf8_lossy(&page).replace(".SH ", ".SS ").as_bytes())?;
        commands(command, &name, out)?;
    }
    Ok(())
}

/// Writes a page for each command into a directory.
pub(super) fn write_to(program: Command, folder: &str) -> Result<(), Failure> {
    let cannot = |error: io::Error| Failure::new(format!("cannot write the manual to {folder}: {error}"));
    std::fs::create_dir_all(Path::new(folder)).map_err(cannot)?;
    clap_mangen::generate_to(program, folder).map_err(cannot)
}
