//! Where the kept inputs are.

use std::path::{Path, PathBuf};

/// A folder beside the properties.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(name)
}

/// Every input kept for a target, in the order of their names.
pub(crate) fn files(target: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = ["seeds", "findings"]
        .iter()
        .filter_map(|kind| std::fs::read_dir(folder(kind).join(target)).ok())
        .flat_map(|entries| entries.map(|entry| entry.unwrap().path()))
        .collect();
    files.sort_unstable();
    files
}
