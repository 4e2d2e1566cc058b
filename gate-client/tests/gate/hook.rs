//! The turnstile opens for recorded admissions of this start, and for nothing else.

use std::{fs, path::PathBuf};

use kaisatsu_shared::{
    id::ClaimKey,
    journal::JournalBody,
    right::{Authority, UseKind},
};

use super::house::{House, field};

/// A turnstile that notes for whom it opened, and what the journal on disk held at that moment.
struct Turnstile {
    noted: PathBuf,
    command: String,
}

impl Turnstile {
    fn of(house: &House) -> Self {
        let noted = house.path().join("opened");
        let (out, data) = (noted.display(), house.directory());
        let program = env!("CARGO_BIN_EXE_kaisatsu-gate");
        let command = format!(
            "{{ echo \"open $KAISATSU_SCAN $KAISATSU_OUTCOME $KAISATSU_CODE $KAISATSU_GATE\"; \
             {program} --data {} journal export; }} >> {out}",
            data.path().display()
        );
        Self { noted, command }
    }

    fn scan(&self, house: &House, codes: &[String]) -> Vec<String> {
        let mut program = house.program();
        program.args(["run", "--source", "stdin", "--hook", &self.command]);
        let verdicts = house.scan(program, codes);
        verdicts.iter().map(|verdict| field(verdict, "code").to_owned()).collect()
    }

    fn notes(&self) -> String {
        fs::read_to_string(&self.noted).unwrap_or_default()
    }
}

#[test]
fn it_opens_once_the_admission_is_on_disk_and_for_no_refusal() {
    let house = House::new(1);
    let turnstile = Turnstile::of(&house);
    let refused = ["no ticket".to_owned(), house.text(5)];
    assert_eq!(turnstile.scan(&house, &refused), ["foreign_code", "not_in_roster"]);
    assert_eq!(turnstile.notes(), "");
    let codes = turnstile.scan(&house, &[house.text(0)]);
    assert_eq!(codes, ["admitted"]);
    let notes = turnstile.notes();
    let (opened, journal) = notes.split_once('\n').unwrap();
    assert_eq!(opened, "open 0 admit admitted 1");
    assert!(journal.contains("redeemed  ticket 0"), "not yet on disk: {journal}");
    assert_eq!(turnstile.scan(&house, &[house.text(0)]), ["already_used"]);
    assert_eq!(turnstile.notes(), notes);
}

#[test]
fn it_does_not_open_at_a_restart_for_an_admission_that_was_interrupted() {
    let house = House::new(2);
    house.write_journal(&[JournalBody::Redeemed {
        right: house.right(0),
        kind: UseKind::Entry,
        count: 1,
        claim: ClaimKey([1; 16]),
        authority: Authority::Alone,
        by_hand: false,
    }]);
    let turnstile = Turnstile::of(&house);
    assert_eq!(turnstile.scan(&house, &[house.text(0)]), ["interrupted"]);
    assert_eq!(turnstile.notes(), "");
    let found = |body: &JournalBody| matches!(body, JournalBody::Interrupted { number: 1, .. });
    assert!(house.journal().iter().any(found));
    // It works: the next guest's admission opens it.
    assert_eq!(turnstile.scan(&house, &[house.text(1)]), ["admitted"]);
    assert!(turnstile.notes().starts_with("open 0 admit"));
}
