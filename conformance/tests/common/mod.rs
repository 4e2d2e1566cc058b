//! The case files, and what the native runs need beside them.
#![allow(dead_code)]

pub(crate) mod wasm;

use std::{fs, path::Path};

use kaisatsu_conformance::Files;

/// Every file of the suite.
pub(crate) fn files() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/conformance");
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(name.ends_with(".json"), "{name} is no case file");
        (name, fs::read_to_string(entry.path()).unwrap())
    };
    fs::read_dir(folder).unwrap().map(read).collect()
}
