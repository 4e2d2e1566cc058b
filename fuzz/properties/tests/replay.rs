//! Replays what the fuzzers keep, with an ordinary compiler: `fuzz/seeds/<target>/`, and in
//! `fuzz/findings/<target>/` every input that once broke its property.
#![allow(clippy::unwrap_used)]

mod common;

use std::panic::catch_unwind;

use common::{files, folder};
use kaisatsu_properties::TARGETS;

#[test]
fn every_kept_input_holds() {
    let mut broken = Vec::new();
    for (target, holds) in TARGETS {
        let files = files(target);
        assert!(!files.is_empty(), "{target} keeps no input");
        for file in files {
            let data = std::fs::read(&file).unwrap();
            if catch_unwind(|| holds(&data)).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "the property doesn't hold for {broken:#?}");
}

#[test]
fn every_folder_is_a_targets() {
    for kind in ["seeds", "findings"] {
        let Ok(entries) = std::fs::read_dir(folder(kind)) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let known = TARGETS.iter().any(|(target, _)| *target == name);
            assert!(known || entry.file_type().unwrap().is_file(), "{kind}/{name}");
        }
    }
    // Each target is built, and each one built is listed here.
    let mut built: Vec<_> = std::fs::read_dir(folder("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    built.sort_unstable();
    assert_eq!(built, TARGETS.iter().map(|(target, _)| *target).collect::<Vec<_>>());
}

/// They are for a good start, not a store.
#[test]
fn the_kept_inputs_stay_few_and_small() {
    let all = TARGETS.iter().flat_map(|(target, _)| files(target));
    let sizes: Vec<_> = all.map(|file| file.metadata().unwrap().len()).collect();
    assert!(sizes.len() <= 200, "{} files", sizes.len());
    assert!(sizes.iter().sum::<u64>() <= 500_000, "{} bytes", sizes.iter().sum::<u64>());
}
