//! One integration binary: every test module is listed here.
#![cfg(test)]

mod real_logs;
