//! The link's state as a file beside the database: `status` shows what the running gate sees.

use std::{fs, path::PathBuf};

use crate::{engine::LinkState, store::Directory};

/// The file. It means something only while a gate process holds the directory's lock.
#[derive(Debug)]
pub(crate) struct LinkFile(PathBuf);

impl LinkFile {
    /// The directory's file.
    pub(crate) fn new(directory: &Directory) -> Self {
        Self(directory.path().join("gate.link"))
    }

    /// Forgets what an earlier process saw.
    pub(crate) fn clear(&self) {
        let _ = fs::remove_file(&self.0);
    }

    /// Says what the link is now. On a full disk rather nothing is said than something old.
    pub(crate) fn write(&self, state: LinkState) {
        let text = match state {
            LinkState::Online => "online",
            LinkState::Alone => "alone",
            LinkState::Refused => "refused",
        };
        let whole = self.0.with_extension("link.new");
        if fs::write(&whole, text).and_then(|()| fs::rename(&whole, &self.0)).is_err() {
            self.clear();
        }
    }

    /// What the running gate said last.
    pub(crate) fn read(&self) -> LinkState {
        match fs::read_to_string(&self.0).as_deref() {
            Ok("online") => LinkState::Online,
            Ok("refused") => LinkState::Refused,
            _ => LinkState::Alone,
        }
    }
}
