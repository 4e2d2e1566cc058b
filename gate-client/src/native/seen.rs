//! What the running gate sees, as a file beside the database: `status` shows it.

use std::{fs, path::PathBuf};

use crate::{entrance::Seen, store::Directory};

/// The file. It means something only while a gate process holds the directory's lock.
#[derive(Debug)]
pub(crate) struct SeenFile(PathBuf);

impl SeenFile {
    /// The directory's file.
    pub(crate) fn new(directory: &Directory) -> Self {
        Self(directory.path().join("gate.seen"))
    }

    /// Says what is seen now, or nothing.
    pub(super) fn say(&self, seen: Option<&Seen>) {
        match seen {
            Some(seen) => self.write(seen),
            None => self.clear(),
        }
    }

    /// Forgets what was seen, by an earlier process too.
    pub(super) fn clear(&self) {
        let _ = fs::remove_file(&self.0);
    }

    /// On a full disk rather nothing is said than something old.
    fn write(&self, seen: &Seen) {
        let whole = self.0.with_extension("seen.new");
        let written = serde_json::to_vec(seen)
            .map_err(std::io::Error::from)
            .and_then(|text| fs::write(&whole, text))
            .and_then(|()| fs::rename(&whole, &self.0));
        if written.is_err() {
            self.clear();
        }
    }

    /// What the running gate said last, if it said something.
    pub(crate) fn read(&self) -> Option<Seen> {
        serde_json::from_slice(&fs::read(&self.0).ok()?).ok()
    }
}
