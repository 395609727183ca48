//! One table on its way to disk: one file, or one folder of files for each day.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use super::Plan;
use super::file::FileFormat;
use super::file::TableFile;
use super::manifest::Written;
use super::tables::Shape;
use crate::frame::FrameError;
use crate::frame::ROW_GROUP;
use crate::frame::Value;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

/// How many days are open at a time. Tables are nearly in order of time, so that a day seldom comes back.
const MAX_OPEN: usize = 32;

/// After how many rows it is looked whether too many wait.
const LOOK_AFTER: u64 = 1_000;

/// The folder of rows without a day, as Hive calls it.
pub(super) const NO_DAY: &str = "__HIVE_DEFAULT_PARTITION__";

/// Days since 1970-01-01; `None` for rows without a time.
type Day = Option<i64>;

/// A table in the making.
pub(super) struct TableWriter {
    shape: &'static Shape,
    format: FileFormat,
    layout: Layout,
    rows: u64,
}

enum Layout {
    Single(TableFile),
    ByDay(Days),
}

/// The open files of a partitioned table, the one used last at the end.
struct Days {
    folder: PathBuf,
    day_column: usize,
    open: Vec<(Day, TableFile)>,
    /// How many files each day has.
    parts: BTreeMap<Day, u32>,
}

impl TableWriter {
    pub(super) fn new(folder: &Path, shape: &'static Shape, plan: &Plan) -> Result<Self, FrameError> {
        let table = &shape.table;
        let layout = if plan.is_partitioned {
            let folder = folder.join(table.name);
            make_folder(&folder)?;
            Layout::ByDay(Days { folder, day_column: shape.day_column(), open: Vec::new(), parts: BTreeMap::new() })
        } else {
            let path = folder.join(format!("{}.{}", table.name, plan.format.name()));
            Layout::Single(TableFile::create(&path, table, plan.format)?)
        };
        Ok(Self { shape, format: plan.format, layout, rows: 0 })
    }

    pub(super) fn push(&mut self, row: &[Value<'_>]) -> Result<(), FrameError> {
        self.rows += 1;
        match &mut self.layout {
            Layout::Single(file) => file.push(row),
            Layout::ByDay(days) => {
                let time = row.get(days.day_column);
                let day = if let Some(Value::Moment(time)) = time { Some(time.day()) } else { None };
                days.file(day, self.shape, self.format)?.push(row)?;
                if self.rows.is_multiple_of(LOOK_AFTER) { days.relieve() } else { Ok(()) }
            }
        }
    }

    /// Ends the table. Returns what was written.
    pub(super) fn finish(self) -> Result<Written, FrameError> {
        let name = self.shape.table.name;
        let (path, files) = match self.layout {
            Layout::Single(file) => {
                file.finish()?;
                (format!("{name}.{}", self.format.name()), 1)
            }
            Layout::ByDay(mut days) => {
                if days.parts.is_empty() {
                    // A table without rows has columns, too.
                    days.file(None, self.shape, self.format)?;
                }
                for (_, file) in days.open {
                    file.finish()?;
                }
                (format!("{name}/"), days.parts.values().copied().map(u64::from).sum())
            }
        };
        Ok(Written { name: name.to_owned(), path, rows: self.rows, files })
    }
}

impl Days {
    /// Returns the open file of a day. A day that comes back after its file was ended gets another one.
    fn file(&mut self, day: Day, shape: &'static Shape, format: FileFormat) -> Result<&mut TableFile, FrameError> {
        if self.open.last().is_none_or(|(last, _)| *last != day) {
            let at = self.open.iter().position(|(open, _)| *open == day);
            let file = match at {
                Some(at) => self.open.remove(at).1,
                None => self.create(day, shape, format)?,
            };
            self.open.push((day, file));
        }
        let path = &self.folder;
        self.open.last_mut().map(|(_, file)| file).ok_or_else(|| FrameError::new(path, "no file is open"))
    }

    fn create(&mut self, day: Day, shape: &'static Shape, format: FileFormat) -> Result<TableFile, FrameError> {
        if self.open.len() >= MAX_OPEN {
            self.open.remove(0).1.finish()?;
        }
        let date = day.map(|day| Timestamp(day.saturating_mul(DAY)).to_string());
        let date = date.as_deref().and_then(|text| text.get(..10)).unwrap_or(NO_DAY);
        let folder = self.folder.join(format!("dt={date}"));
        let part = self.parts.entry(day).or_insert(0);
        if *part == 0 {
            make_folder(&folder)?;
        }
        let path = folder.join(format!("part-{part}.{}", format.name()));
        *part += 1;
        TableFile::create(&path, &shape.table, format)
    }

    /// Keeps the rows in memory, over all open files, at about one row group.
    fn relieve(&mut self) -> Result<(), FrameError> {
        let waiting: usize = self.open.iter().map(|(_, file)| file.waiting()).sum();
        let fullest = self.open.iter_mut().max_by_key(|(_, file)| file.waiting());
        match fullest {
            Some((_, file)) if waiting >= ROW_GROUP => file.flush(),
            _ => Ok(()),
        }
    }
}

fn make_folder(path: &Path) -> Result<(), FrameError> {
    fs::create_dir(path).map_err(|error| FrameError::new(path, error))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::MAX_OPEN;
    use super::TableWriter;
    use crate::export::FileFormat;
    use crate::export::Plan;
    use crate::export::tables;
    use crate::frame;
    use crate::frame::Value;
    use crate::model::time::Timestamp;

    #[test]
    fn days_that_come_back_lose_no_row_and_few_files_are_open() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan { format: FileFormat::Parquet, is_partitioned: true, tables: Vec::new() };
        let shape = tables::named("finding_chains").unwrap();
        let mut writer = TableWriter::new(folder.path(), shape, &plan).unwrap();
        let days = MAX_OPEN + 8;
        for round in 0..3 {
            for day in 0..days {
                let name = format!("{round}-{day}");
                let time = Timestamp(i64::try_from(day).unwrap() * 86_400 + 86_399);
                writer.push(&[Value::from(name.as_str()), Value::Null, Value::Moment(time)]).unwrap();
            }
        }
        let written = writer.finish().unwrap();
        // By turns over more days than may be open: each row comes when its day's file has been ended.
        assert_eq!((written.rows, written.files), (3 * u64::try_from(days).unwrap(), 3 * u64::try_from(days).unwrap()));
        let mut found = Vec::new();
        for day in fs::read_dir(folder.path().join("finding_chains")).unwrap() {
            for part in fs::read_dir(day.unwrap().path()).unwrap() {
                let rows = frame::read(&part.unwrap().path(), shape.table.columns).unwrap();
                found.extend((0..rows.len()).map(|row| format!("{:?}", rows.value(row, 0))));
            }
        }
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 3 * days);
        assert!(folder.path().join("finding_chains/dt=1970-02-09/part-2.parquet").exists());
    }
}
