//! What did the user ask for? The only room that reads the environment and the clock.

mod args;
mod exit;
mod export;
mod find;
mod input;
mod moment;
mod output;
mod progress;
mod query;
mod run;

pub use run::main;
