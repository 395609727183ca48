//! Runs what foreign SQL can make deep or make fail: with room on the stack, and without taking the program down.

use std::panic;
use std::thread;

use crate::frame;

/// Room for the recursion that the longest query admitted can cause; memory that is not touched costs nothing.
const STACK_BYTES: usize = 512 << 20;

/// Runs a step of a query on a thread of its own. A panic of the SQL engine is an error with its message.
pub(super) fn run<T: Send>(step: impl FnOnce() -> T + Send) -> Result<T, String> {
    // The message goes into the error instead.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, step);
        thread.map_err(|error| error.to_string())?.join().map_err(|panic| {
            format!("the SQL engine gave up: {}\n  hint: say it in another way", frame::reason_of(panic.as_ref()))
        })
    });
    panic::set_hook(hook);
    result
}
