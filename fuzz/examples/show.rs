//! Prints the records that an input of the target `pipeline` stands for: `cargo run --example show -- FILE`.

use std::env;
use std::fs;
use std::io;
use std::io::Write as _;

use rolechain_fuzz::world;

fn main() -> io::Result<()> {
    for path in env::args().skip(1) {
        let bytes = fs::read(path)?;
        for record in world::records(bytes.get(1..).unwrap_or_default()) {
            writeln!(io::stdout(), "{record}")?;
        }
    }
    Ok(())
}
