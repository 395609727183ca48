//! One integration binary: every test module is listed here.
#![cfg(test)]

mod samples;
#[path = "../support/mod.rs"]
mod support;
