//! Real photographs, kept outside the repository: `KAISATSU_QR_PHOTOS` names their folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::ScanText;
use super::super::image::CodeReader;

/// Pictures of each set and how many must be read: two fewer than were when this was written.
const SETS: [(&str, usize, usize); 2] = [("set-2", 56, 53), ("set-3", 18, 16)];

fn folder() -> Option<PathBuf> {
    let given = std::env::var_os("KAISATSU_QR_PHOTOS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/qr-photos");
    given.into_iter().chain([beside]).find(|folder| folder.is_dir())
}

#[test]
fn real_photos_are_read() {
    let Some(folder) = folder() else {
        println!("skipped: no folder of QR photos (set KAISATSU_QR_PHOTOS)");
        return;
    };
    let reader = CodeReader::new();
    for (set, pictures, bar) in SETS {
        let (mut read, mut missed) = (0, Vec::new());
        for entry in fs::read_dir(folder.join(set)).unwrap() {
            let path = entry.unwrap().path();
            let expected = ["txt", "bin"]
                .into_iter()
                .find_map(|kind| fs::read(path.with_extension(kind)).ok());
            let Some(expected) = expected
                .filter(|_| !path.extension().is_some_and(|kind| kind == "txt" || kind == "bin"))
            else {
                continue;
            };
            match reader.read_file(&fs::read(&path).unwrap()) {
                ScanText::Plain(text) if text.as_bytes() == expected => read += 1,
                other => missed.push((path, other)),
            }
        }
        println!("{set}: {read} of {} read", read + missed.len());
        for (path, got) in &missed {
            println!("  missed {}: {got:?}", path.display());
        }
        assert_eq!(read + missed.len(), pictures, "{set} is another set");
        assert!(read >= bar, "{set}: {read} read, {bar} needed");
    }
}
