//! A gate that scans guests out.

use kaisatsu_shared::{journal::JournalBody, right::UseKind};

use super::house::{House, field};

#[test]
fn guests_are_scanned_out_and_the_turnstile_turns() {
    let house = House::new(2);
    let mut entrance = house.program();
    entrance.args(["run", "--source", "stdin"]);
    assert_eq!(field(&house.scan(entrance, &[house.text(0)])[0], "code"), "admitted");

    let opened = house.path().join("opened");
    let hook = format!("echo \"$KAISATSU_OUTCOME\" >> {}", opened.display());
    let mut exit = house.program();
    exit.args(["run", "--source", "stdin", "--exit", "--lang", "en", "--hook", &hook]);
    let out = house.scan(exit, &[house.text(0), house.text(1), "foreign".into()]);
    let said: Vec<_> =
        out.iter().map(|line| (field(line, "outcome"), field(line, "code"))).collect();
    assert_eq!(said, [("exit", "exited"), ("exit", "exited_unseen"), ("deny", "foreign_code")]);
    assert_eq!(std::fs::read_to_string(&opened).unwrap(), "exit\nexit\n");

    let kinds: Vec<_> = house
        .journal()
        .into_iter()
        .filter_map(|body| match body {
            JournalBody::Redeemed { kind, right, .. } => Some((right.serial.0, kind)),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [(0, UseKind::Entry), (0, UseKind::Exit), (1, UseKind::Exit)]);
}
