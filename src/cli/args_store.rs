//! Exactly what was typed after `rolechain store`.

use clap::Subcommand;
use clap::ValueEnum;

#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Say what is in a store: days, accounts, objects, findings, sizes
    Status {
        /// The store
        #[arg(value_name = "DIR")]
        directory: String,
        /// How to say it
        #[arg(long, value_enum, default_value_t = StatusFormatArg::Table)]
        format: StatusFormatArg,
    },
    /// Merge the files of each day into one, and let old days go
    Compact {
        /// The store
        #[arg(value_name = "DIR")]
        directory: String,
        /// Keep so many days with records, such as 400d; older ones go, open chains stay whole
        #[arg(long, value_name = "DAYS")]
        keep: Option<String>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StatusFormatArg {
    /// For people
    Table,
    /// One document
    Json,
}
