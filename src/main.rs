//! The entry point: everything else is in the library.

use std::process::ExitCode;

/// The C library's allocator takes a lock that the workers of a scan share; this one does not.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rolechain::cli::main()
}
