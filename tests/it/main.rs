//! One integration binary: every test module is listed here.
#![cfg(test)]
#![allow(clippy::as_conversions, reason = "what tests count is small")]

mod accept;
mod architecture;
mod cli;
mod dependencies;
mod engine_tables;
mod expectations;
mod expectations_faults;
mod export;
mod forged;
mod formats;
mod growth;
mod how_to_add;
mod html;
mod infer;
mod infer_commands;
mod invariants;
mod odd_sources;
mod output_file;
mod providers;
mod query;
mod readme;
mod real_logs;
mod real_records;
mod reference_architecture;
mod report_files;
mod reports;
mod rules;
mod rules_coverage;
mod rules_pages;
mod rules_trust;
mod s3;
mod s3_faults;
mod s3_nightly;
mod s3_policy;
mod s3_profiles;
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
