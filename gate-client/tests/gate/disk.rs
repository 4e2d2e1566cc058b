//! A disk that takes no more: no light, and the gate heals when there is room again.

use std::collections::BTreeSet;

use kaisatsu_shared::journal::JournalBody;

use super::house::{House, field};

/// Blocks of 512 bytes that a file may have. Beyond, a write fails as on a full disk; the signal
/// that would end the process instead is ignored.
const LIMIT: &str = "trap '' XFSZ; ulimit -f 160";

const TICKETS: u32 = 60;

#[test]
fn what_cannot_be_recorded_is_never_green() {
    let house = House::new(TICKETS);
    let codes: Vec<_> = (0..TICKETS).map(|serial| house.text(serial)).collect();
    let opened = house.path().join("opened");
    let hook = format!("echo >> {}", opened.display());
    let mut program = house.program_after(LIMIT);
    program.args(["run", "--source", "stdin", "--hook", &hook]);
    let verdicts = house.scan(program, &codes);

    let serials = |code: &str| -> BTreeSet<u64> {
        let these = verdicts.iter().filter(|verdict| field(verdict, "code") == code);
        these.map(|verdict| verdict["facts"]["serial"].as_u64().unwrap()).collect()
    };
    let (green, dark) = (serials("admitted"), serials("cannot_record"));
    assert_eq!(green.len() + dark.len(), codes.len(), "{verdicts:?}");
    assert!(!green.is_empty() && !dark.is_empty(), "{} green", green.len());
    for verdict in verdicts.iter().filter(|verdict| field(verdict, "code") == "cannot_record") {
        assert_ne!(field(verdict, "outcome"), "admit");
    }
    let recorded: BTreeSet<_> = house
        .journal()
        .iter()
        .filter_map(|body| match body {
            JournalBody::Redeemed { right, .. } => Some(u64::from(right.serial.0)),
            _ => None,
        })
        .collect();
    assert_eq!(recorded, green, "green and the journal differ");
    let turns = std::fs::read_to_string(&opened).unwrap().lines().count();
    assert_eq!(turns, green.len(), "the turnstile opened for what isn't recorded");

    // With room again the dark ones enter, and nobody enters twice.
    let mut program = house.program();
    program.args(["run", "--source", "stdin"]);
    for verdict in house.scan(program, &codes) {
        let admitted = field(&verdict, "code") == "admitted";
        let serial = verdict["facts"]["serial"].as_u64().unwrap();
        assert_eq!(admitted, dark.contains(&serial), "{verdict}");
    }
}
