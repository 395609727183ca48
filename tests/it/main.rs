//! One integration binary: every test module is listed here.
#![cfg(test)]

mod architecture;
mod cli;
mod engine_tables;
mod expectations;
mod expectations_faults;
mod invariants;
mod odd_sources;
mod output_file;
mod providers;
mod readme;
mod real_logs;
mod real_records;
mod reports;
mod rules;
mod rules_coverage;
mod samples;
mod schema;
mod store;
mod store_faults;
mod store_life;
mod stories;
#[path = "../support/mod.rs"]
mod support;
mod world;
