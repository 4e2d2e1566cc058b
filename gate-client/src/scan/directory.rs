//! A directory of pictures as a source: those there in name order, then those that come.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::ScanText;
use super::image::{CodeReader, MAX_FILE_BYTES};
use super::problem::ScanProblem;
use super::source::Outlet;

/// How often the directory is looked at.
const POLL: Duration = Duration::from_millis(200);

const EXTENSIONS: [&str; 4] = ["png", "jpg", "jpeg", "webp"];

/// Size and time of last change: a file whose stamp changes is another picture.
type Stamp = (u64, Option<SystemTime>);

/// A watched directory.
pub(super) struct Watch {
    dir: PathBuf,
    read: HashMap<OsString, Stamp>,
}

impl Watch {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        fs::read_dir(dir)?;
        Ok(Self { dir: dir.to_owned(), read: HashMap::new() })
    }

    /// Reads what is there, then (unless `once`) what comes, until the source is stopped.
    pub(super) fn run(mut self, once: bool, outlet: &mut Outlet) {
        let reader = CodeReader::new();
        let mut before = HashMap::new();
        let mut first = true;
        loop {
            let now = self.pictures(outlet);
            self.read.retain(|name, _| now.iter().any(|(other, _)| other == name));
            for (name, stamp) in &now {
                // A picture that comes while watching may still be being written: it is read when
                // it is the same at two looks.
                let settled = first || before.get(name) == Some(stamp);
                if !settled || self.read.get(name) == Some(stamp) {
                    continue;
                }
                self.read.insert(name.clone(), *stamp);
                let path = self.dir.join(name);
                let text = read(&reader, &path);
                if !outlet.scan(format!("images:{}", path.display()), text) {
                    return;
                }
            }
            if once || !outlet.rest(POLL) {
                return;
            }
            first = false;
            before = now.into_iter().collect();
        }
    }

    /// The pictures by name; hidden files are those being written by others.
    fn pictures(&self, outlet: &Outlet) -> Vec<(OsString, Stamp)> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(problem) => {
                tracing::warn!(source = outlet.name(), %problem, "the directory of pictures can't be read");
                return Vec::new();
            }
        };
        let mut pictures: Vec<_> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_name()?.to_owned();
                let extension = path.extension()?.to_str()?.to_ascii_lowercase();
                let about = fs::metadata(&path).ok()?;
                let hidden = name.to_string_lossy().starts_with('.');
                let wanted = EXTENSIONS.contains(&extension.as_str()) && about.is_file() && !hidden;
                wanted.then(|| (name, (about.len(), about.modified().ok())))
            })
            .collect();
        pictures.sort();
        pictures
    }
}

fn read(reader: &CodeReader, path: &Path) -> ScanText {
    let mut bytes = Vec::new();
    let whole =
        File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
    match whole.ok().and_then(|length| u64::try_from(length).ok()) {
        Some(length) if length <= MAX_FILE_BYTES => reader.read_file(&bytes),
        _ => ScanText::Problem(ScanProblem::Unreadable),
    }
}
