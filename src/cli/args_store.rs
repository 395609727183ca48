//! Exactly what was typed after `rolechain store`.

use clap::Subcommand;

use super::words;
use crate::report::Format;

#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Say what is in a store: days, accounts, objects, findings, sizes
    Status {
        /// The store
        #[arg(value_name = "DIR")]
        directory: String,
        /// How to say it
        #[arg(long, value_parser = words::table_or_json(), default_value = "table")]
        format: Format,
    },
    /// Merge the files of each day into one, and let old days go
    Compact {
        /// The store
        #[arg(value_name = "DIR")]
        directory: String,
        /// Keep so many days with records, such as 400d; older ones go, open chains stay whole
        #[arg(long, value_name = "DAYS", value_parser = words::days)]
        keep: Option<u32>,
    },
    /// Add to one store what others hold: nothing is counted twice
    Merge {
        /// The stores to read
        #[arg(value_name = "DIR", required = true)]
        directories: Vec<String>,
        /// The store to add to; made when it is not there
        #[arg(long, value_name = "DIR")]
        into: String,
    },
}
