//! An export is written beside its place, under a hidden name, and then takes the place in one step: a reader sees the
//! old one or the new one, and never half of one.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::ExportError;
use super::manifest;
use super::ours;
use super::ours::LOCK;

/// How drafts end.
const SUFFIX: &str = ".part";

/// How many names for a draft are tried.
const MAX_DRAFTS: u32 = 8;

/// How long the old export stays after the new one has taken its place: who opened it a moment before can list it.
const GRACE: Duration = Duration::from_millis(500);

/// A directory in the making.
pub(super) struct Draft {
    /// As the user named it.
    named: PathBuf,
    /// The place that it will take; links are followed.
    target: PathBuf,
    place: PathBuf,
    /// Never read: it is locked as long as it is open.
    _lock: File,
    is_done: bool,
}

impl Draft {
    /// Begins a draft of an export to this place.
    pub(super) fn begin(named: &Path) -> Result<Self, ExportError> {
        let target = target(named)?;
        let cannot = |error: io::Error| ExportError::new(named, error);
        let name = target.file_name().map(OsStr::to_owned).unwrap_or_default();
        let parent = parent(&target);
        remove_leftovers(&parent, &name);
        let (place, lock) = create(&parent, &name).map_err(cannot)?;
        let draft = Self { named: named.to_owned(), target, place, _lock: lock, is_done: false };
        if let Ok(old) = fs::metadata(&draft.target) {
            // Before the first row: who may not read the old export may not read the draft of the new one.
            fs::set_permissions(&draft.place, old.permissions()).map_err(cannot)?;
        }
        Ok(draft)
    }

    /// Returns where to write.
    pub(super) fn path(&self) -> &Path {
        &self.place
    }

    /// Puts the draft in its place. What was there before is removed.
    pub(super) fn commit(mut self) -> Result<(), ExportError> {
        let cannot = |error: io::Error| ExportError::new(&self.named, error);
        sync_folders(&self.place).map_err(cannot)?;
        // Reading the logs may have taken an hour: what was there then need not be there now.
        check(&self.named, &self.target)?;
        let is_there = self.target.exists();
        if is_there {
            exchange(&self.place, &self.target).map_err(cannot)?;
        } else {
            fs::rename(&self.place, &self.target).map_err(cannot)?;
        }
        self.is_done = true;
        sync(&parent(&self.target)).map_err(cannot)?;
        // The export is in its place: what is left to do cannot make it fail.
        let _ = fs::remove_file(self.target.join(LOCK));
        if is_there {
            thread::sleep(GRACE);
            let _ = fs::remove_dir_all(&self.place);
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_done {
            // Best effort: the error that matters has been reported, and the next run removes what is left.
            let _ = fs::remove_dir_all(&self.place);
        }
    }
}

/// Returns the place that an export to this name takes, when it may.
pub(super) fn target(named: &Path) -> Result<PathBuf, ExportError> {
    let text = named.to_string_lossy();
    if text.is_empty() || text == "-" {
        return Err(ExportError::new(named, "an export is a directory of files\n  hint: name one with --to"));
    }
    if text.contains("://") {
        let hint = "it is written to a local directory\n  hint: export to one, then copy it: aws s3 sync out/ s3://…";
        return Err(ExportError::new(named, hint));
    }
    // Links are followed: the link stays, and what it names is replaced.
    let target = if let Ok(target) = fs::canonicalize(named) {
        target
    } else {
        let name = named.file_name().ok_or_else(|| ExportError::new(named, "it names no directory"))?;
        let parent = parent(named);
        let parent = fs::canonicalize(&parent).map_err(|error| {
            let reason = format!("there is no directory {}: {error}\n  hint: make it first", parent.to_string_lossy());
            ExportError::new(named, reason)
        })?;
        parent.join(name)
    };
    check(named, &target)?;
    Ok(target)
}

/// Returns an error unless there is nothing, an empty directory, or an export with nothing else in it.
fn check(named: &Path, target: &Path) -> Result<(), ExportError> {
    let metadata = match fs::symlink_metadata(target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(ExportError::new(named, error)),
    };
    if !metadata.is_dir() {
        let reason = "it is not a directory\n  hint: name a directory; it is made when it is not there";
        return Err(ExportError::new(named, reason));
    }
    if target.parent().is_none() {
        return Err(ExportError::new(named, "it is the root directory"));
    }
    let mut entries = fs::read_dir(target).map_err(|error| ExportError::new(named, error))?;
    if entries.next().is_none() {
        return Ok(());
    }
    match manifest::read(target) {
        None => Err(ExportError::new(
            named,
            format!(
                "it is not empty, and not an export: it has no {}\n  hint: name another directory; nothing was changed",
                manifest::FILE
            ),
        )),
        Some(Err(reason)) => Err(ExportError::new(
            named,
            format!(
                "its {} cannot be read: {reason}\n  hint: name another directory; nothing was changed",
                manifest::FILE
            ),
        )),
        Some(Ok(_)) => {
            let foreign = ours::foreign(target).map_err(|error| ExportError::new(named, error))?;
            foreign.map_or(Ok(()), |path| {
                let path = path.to_string_lossy().into_owned();
                let reason = format!(
                    "replacing the export there would remove {path}, which does not belong to it\n  hint: move it away, or name another directory; nothing was changed"
                );
                Err(ExportError::new(named, reason))
            })
        }
    }
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn create(parent: &Path, name: &OsStr) -> io::Result<(PathBuf, File)> {
    let mut attempt = 0;
    loop {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{attempt}{SUFFIX}", std::process::id()));
        let place = parent.join(hidden);
        let made = fs::create_dir(&place).and_then(|()| File::create_new(place.join(LOCK)));
        match made {
            Ok(lock) => {
                lock.lock()?;
                if place.join(LOCK).exists() {
                    return Ok((place, lock));
                }
                attempt += 1;
            }
            // Somebody has that name, or took the new folder for one that was left over.
            Err(error)
                if attempt < MAX_DRAFTS
                    && matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) =>
            {
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Removes the drafts of runs that were ended, and what such runs left of older exports.
fn remove_leftovers(parent: &Path, name: &OsStr) {
    let (Ok(entries), Some(name)) = (fs::read_dir(parent), name.to_str()) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let middle = found.to_str().and_then(|found| found.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.'));
        let middle = middle.and_then(|rest| rest.strip_suffix(SUFFIX)).unwrap_or("no draft");
        let is_draft = middle.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if is_draft && entry.file_type().is_ok_and(|kind| kind.is_dir()) && !is_alive(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_alive(draft: &Path) -> bool {
    File::open(draft.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_err())
}

/// Lets two directories change places: in one step where the system can.
fn exchange(draft: &Path, target: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::CWD;
        use rustix::fs::RenameFlags;
        use rustix::fs::renameat_with;
        use rustix::io::Errno;
        match renameat_with(CWD, draft, CWD, target, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            other => return other.map_err(io::Error::from),
        }
    }
    // Some network file systems cannot exchange: for a moment there is no export, but never half of one.
    let mut aside = draft.as_os_str().to_owned();
    aside.push(".old");
    fs::rename(target, &aside)?;
    if let Err(error) = fs::rename(draft, target) {
        let _ = fs::rename(&aside, target);
        return Err(error);
    }
    fs::rename(&aside, draft)
}

/// Makes sure that the names of files are on the disk, too.
fn sync_folders(root: &Path) -> io::Result<()> {
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            }
        }
        sync(&folder)?;
    }
    Ok(())
}

fn sync(folder: &Path) -> io::Result<()> {
    // Only Unix opens directories.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
