//! The engine as a WebAssembly module, run by an interpreter.

use std::{env, fs, path::PathBuf};

use kaisatsu_conformance::{Files, Report};
use wasmi::{Engine, Instance, Linker, Memory, Module, Store};

/// Where `./x test` says the module is.
const PLACE: &str = "KAISATSU_CONFORMANCE_WASM";

/// The module's bytes: from where `./x` says, else from where it builds.
fn module() -> Vec<u8> {
    let built = "../target/wasm/wasm32-unknown-unknown/release/kaisatsu_conformance_wasm.wasm";
    let path = env::var_os(PLACE)
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(built), PathBuf::from);
    fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}. `./x wasm` builds it; {PLACE} names another place", path.display())
    })
}

/// Plays the files in the module.
pub(crate) fn play(files: &Files) -> Report {
    let engine = Engine::default();
    let module = Module::new(&engine, &module()[..]).expect("the module can't be read");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let memory = instance.get_memory(&store, "memory").expect("the module has no memory");
    let input = serde_json::to_vec(files).unwrap();
    let length = i32::try_from(input.len()).unwrap();
    let place = address(instance.get_typed_func(&store, "room").unwrap().call(&mut store, length));
    memory.write(&mut store, place, &input).unwrap();
    let report = report(&instance, &memory, &mut store);
    serde_json::from_slice(&report)
        .unwrap_or_else(|_| panic!("the module says: {}", String::from_utf8_lossy(&report)))
}

fn report(instance: &Instance, memory: &Memory, store: &mut Store<()>) -> Vec<u8> {
    let mut call = |name| {
        address(instance.get_typed_func::<(), i32>(&*store, name).unwrap().call(&mut *store, ()))
    };
    let (length, place) = (call("play"), call("answer"));
    let mut report = vec![0; length];
    memory.read(&*store, place, &mut report).unwrap();
    report
}

fn address(result: Result<i32, wasmi::Error>) -> usize {
    usize::try_from(result.expect("the module stopped")).unwrap()
}
