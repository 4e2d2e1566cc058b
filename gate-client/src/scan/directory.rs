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
const POLL: Duration = Duration::from_millis(100);

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
                if self.read.get(name) == Some(stamp) {
                    continue;
                }
                let path = self.dir.join(name);
                let (text, whole) = read(&reader, &path);
                // A picture that comes while watching may still be being written: it counts when
                // it has its end and a code, or else when it is the same at two looks.
                let settled = first || before.get(name) == Some(stamp);
                if !settled && (!whole || matches!(text, ScanText::Problem(_))) {
                    continue;
                }
                self.read.insert(name.clone(), *stamp);
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

/// What a picture shows, and whether it has its end.
fn read(reader: &CodeReader, path: &Path) -> (ScanText, bool) {
    let mut bytes = Vec::new();
    let taken =
        File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
    match taken.ok().and_then(|length| u64::try_from(length).ok()) {
        Some(length) if length <= MAX_FILE_BYTES => (reader.read_file(&bytes), has_end(&bytes)),
        _ => (ScanText::Problem(ScanProblem::Unreadable), false),
    }
}

/// Whether the bytes end as a whole PNG (its IEND chunk), JPEG (its EOI marker) or WebP file (of
/// the length in its RIFF header) does.
fn has_end(bytes: &[u8]) -> bool {
    const IEND: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => bytes.ends_with(IEND),
        [0xff, 0xd8, ..] => bytes.ends_with(&[0xff, 0xd9]),
        [b'R', b'I', b'F', b'F', a, b, c, d, rest @ ..] => {
            u32::try_from(rest.len()) == Ok(u32::from_le_bytes([*a, *b, *c, *d]))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use ::image::{GrayImage, ImageFormat};

    use super::*;

    #[test]
    fn a_picture_without_its_last_byte_is_not_whole() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let mut bytes = Cursor::new(Vec::new());
            ::image::DynamicImage::from(GrayImage::new(40, 40))
                .into_rgb8()
                .write_to(&mut bytes, format)
                .unwrap();
            let bytes = bytes.into_inner();
            assert!(has_end(&bytes), "{format:?}");
            assert!(!has_end(&bytes[..bytes.len() - 1]), "{format:?}");
        }
        for other in [&b""[..], b"GIF89a", b"RIFF", b"\x89PNG"] {
            assert!(!has_end(other), "{other:?}");
        }
    }
}
