//! The same files three ways: the gate's engine, the server's decision, and the engine in
//! WebAssembly. Every case ends as its file says, and each run played the same cases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{files, wasm};
use kaisatsu_conformance::{Report, Suite, play_at_gate, play_at_server, play_traced};
use kaisatsu_server::trial::try_scan;

#[test]
fn gate_server_and_wasm_agree() {
    let files = files();
    let suite = Suite::read(&files).unwrap();
    let runs: [(&str, &dyn Fn() -> Report); 3] = [
        ("gate", &|| play_at_gate(&suite)),
        ("server", &|| play_at_server(&suite)),
        ("wasm", &|| wasm::play(&files)),
    ];
    let mut played = Vec::new();
    let mut failures = 0;
    for (who, run) in runs {
        let run = run();
        println!("{}", run.line(who));
        for failure in &run.failures {
            println!("  {who}, {}: {}: {}", failure.file, failure.name, failure.why);
        }
        failures += run.failures.len();
        played.push((run.cases, run.sha256));
    }
    assert_eq!(failures, 0, "cases ended otherwise than their files say");
    assert!(played.iter().all(|run| run == &played[0]), "the runs played different cases");
    assert_eq!(played[0].0, suite.names().count());
    assert!(played[0].0 >= 80, "cases went missing: {} are left", played[0].0);
}

/// Cases about a claim key's own past: a trial makes no claim, so no key of it was used before.
const OTHERWISE: [&str; 3] = [
    "a claim key that was given up is not granted again",
    "a claim key that another device used is refused",
    "a claim key that was used for another ticket is refused",
];

#[test]
fn a_trial_ends_as_the_scan_would() {
    let suite = Suite::read(&files()).unwrap();
    let run = play_traced(&suite, &try_scan);
    println!("{}", run.line("trial"));
    for failure in &run.failures {
        println!("  trial, {}: {}: {}", failure.file, failure.name, failure.why);
    }
    let otherwise: Vec<_> = run.failures.iter().map(|failure| failure.name.as_str()).collect();
    assert_eq!(otherwise, OTHERWISE);
}
