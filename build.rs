//! Asks the linker for small tables of relocations, where the C library at hand can read them: 2 MB of the program.

use std::process::Command;

/// The first version of the GNU C library that reads packed relocations.
const FIRST: (u32, u32) = (2, 36);

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by variables alone")]
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is_for_here = std::env::var("TARGET") == std::env::var("HOST");
    // A program that is built here runs here, or where the C library is no older: so it is with its symbols, too.
    if is_for_here && glibc().is_some_and(|version| version >= FIRST) {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Returns the version of the GNU C library; `None` where there is another one.
fn glibc() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    let minor = minor.split('.').next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
