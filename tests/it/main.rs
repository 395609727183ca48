//! One integration binary: every test module is listed here.
#![cfg(test)]

mod architecture;
mod cli;
mod engine_tables;
mod expectations;
mod expectations_faults;
mod export;
mod formats;
mod html;
mod invariants;
mod odd_sources;
mod output_file;
mod providers;
mod query;
mod readme;
mod real_logs;
mod real_records;
mod report_files;
mod reports;
mod rules;
mod rules_coverage;
mod s3;
mod s3_faults;
mod s3_nightly;
mod s3_policy;
mod samples;
mod schema;
mod store;
mod store_digests;
mod store_faults;
mod store_killed;
mod store_life;
mod store_verify;
mod stories;
#[path = "../support/mod.rs"]
mod support;
mod trust_commands;
mod trust_conditions;
mod trust_keys;
mod trust_properties;
mod verify;
mod verify_cli;
mod witness;
mod world;
