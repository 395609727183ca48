//! What lies in a store and is none of it.

use std::path::Path;

use super::error::StoreError;
use super::layout;
use super::tables::DAILY;
use super::tables::TABLES;

/// Refuses a store that holds anything but its own: whoever puts a store around logs must not hide them. Hidden names are
/// passed over, as they are wherever logs are looked for; so are files that no manifest lists, if they are named as those
/// of the store are: a run that is killed leaves such behind.
pub(super) fn refuse(root: &Path) -> Result<(), StoreError> {
    for (name, path, is_folder) in layout::entries(root)? {
        if name.starts_with('.') || (name == layout::MANIFEST && !is_folder) {
            continue;
        }
        let table = TABLES.iter().find(|table| is_folder && table.name == name);
        let Some(table) = table else { return Err(stranger(root, &path)) };
        refuse_in_table(root, &path, DAILY.iter().any(|daily| daily.name == table.name))?;
    }
    Ok(())
}

fn refuse_in_table(root: &Path, folder: &Path, is_daily: bool) -> Result<(), StoreError> {
    for (name, path, is_folder) in layout::entries(folder)? {
        let is_day = || is_folder && name.strip_prefix("dt=").and_then(layout::parse_day).is_some();
        let is_own = if is_daily { is_day() } else { is_file(&name, is_folder) };
        if name.starts_with('.') {
            continue;
        }
        if !is_own {
            return Err(stranger(root, &path));
        }
        let inside = if is_daily { layout::entries(&path)? } else { Vec::new() };
        let is_stranger =
            |(name, _, is_folder): &&(String, _, bool)| !name.starts_with('.') && !is_file(name, *is_folder);
        if let Some((_, path, _)) = inside.iter().find(is_stranger) {
            return Err(stranger(root, path));
        }
    }
    Ok(())
}

/// Says whether something is named as the files of a store are.
fn is_file(name: &str, is_folder: bool) -> bool {
    !is_folder && layout::commit_of(name).is_some()
}

fn stranger(root: &Path, path: &Path) -> StoreError {
    StoreError::new(format!(
        "{} lies in the store {}, and is no part of it\n  hint: move it out; if it is a log, name it as a source",
        path.display(),
        root.display()
    ))
}
