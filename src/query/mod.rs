//! What do the tables say? Runs SQL over the tables of the export: of logs just read, or of an export directory.
//!
//! SQL reads the tables that it names and nothing else: no files, no network, and it changes nothing.

mod answer;
mod check;
mod columns;
mod deep;
mod fault;
mod grouping;
mod growth;
mod load;
mod number;
pub mod page;
pub mod shipped;
mod times;
mod words;

use std::path::PathBuf;

use polars::prelude::LazyFrame;
use polars::prelude::OptFlags;
use polars::sql::SQLContext;

use crate::export::Source;
use crate::export::manifest::Export;
use crate::export::tables::Shape;
use crate::frame::FrameError;

use columns::Wanted;

pub use answer::Answer;
pub use answer::Cell;
pub use fault::Fault;

/// Where the tables come from.
pub enum Data<'s, 'a> {
    /// A run.
    Run(&'s Source<'a>),
    /// An export directory, and what its manifest says.
    Export(PathBuf, Export),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// Something is wrong with the SQL.
    #[error("{0}")]
    Sql(Fault),
    /// A table could not be read.
    #[error("cannot read {0}")]
    Table(#[from] FrameError),
}

/// Runs a query. `name` is what error messages call it: a file, a shipped query, or `--sql`.
pub fn run(name: &str, sql: &str, data: &Data<'_, '_>) -> Result<Answer, QueryError> {
    let checked = deep::run(|| {
        let shapes = check::tables(sql)?;
        let spelled = times::spelled(sql, &shapes)?;
        Ok((shapes, spelled))
    });
    let checked = checked.unwrap_or_else(|gave_up| Err(Fault::whole(gave_up)));
    let (shapes, spelled) = checked.map_err(|fault| QueryError::Sql(fault.of(name, sql)))?;
    let wanted = Wanted::by(sql);
    let mut frames: Vec<(&'static Shape, LazyFrame)> = Vec::new();
    for shape in &shapes {
        frames.push((shape, load::frame(shape, data, &wanted)?));
    }
    let execute = || {
        let mut context = SQLContext::new();
        for (shape, frame) in frames {
            context.register(shape.table.name, frame);
        }
        context
            .execute(&spelled)
            // Its shared expressions of aggregates panic now and then in 0.55.2 (max(day) - min(day) of many files).
            .map(|frame| frame.with_optimizations(OptFlags::default() - OptFlags::COMM_SUBEXPR_ELIM))
            .and_then(LazyFrame::collect)
            .map(Answer::new)
            .map_err(|error| fault::of_engine(&error, sql, &shapes))
    };
    let answer = deep::run(execute).unwrap_or_else(|gave_up| Err(Fault::whole(gave_up)));
    answer.map_err(|fault| QueryError::Sql(fault.of(name, sql)))
}
