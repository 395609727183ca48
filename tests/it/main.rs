//! One integration binary: every test module is listed here.
#![cfg(test)]

mod expectations;
mod expectations_faults;
mod providers;
mod real_logs;
mod rules;
mod samples;
#[path = "../support/mod.rs"]
mod support;
