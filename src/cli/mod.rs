//! What did the user ask for? The only room that reads the environment and the clock.

mod args;
mod args_accept;
mod args_ci;
mod args_shared;
mod args_trust;
mod baseline;
mod ci;
mod examples;
mod exit;
mod export;
mod folder;
mod infer;
mod input;
mod manual;
mod mistakes;
mod moment;
mod output;
mod progress;
mod query;
#[cfg(test)]
mod recipe_tests;
mod rules;
mod run;
mod store;
mod target;
mod trace;
mod trust;
mod who;
mod words;

pub use run::main;
