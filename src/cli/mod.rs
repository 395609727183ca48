//! What did the user ask for? The only room that reads the environment and the clock.

mod args;
mod args_trust;
mod exit;
mod find;
mod input;
mod moment;
mod output;
mod progress;
mod run;
mod trust;

pub use run::main;
