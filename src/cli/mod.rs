//! What did the user ask for? The only room that reads the environment and the clock.

mod args;
mod exit;
mod find;
mod input;
mod moment;
mod output;
mod perform;
mod progress;
mod run;
mod store;

pub use run::main;
