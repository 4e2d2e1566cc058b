//! What staff do at the gate, through the program: answers, signing in, overriding, taking back.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use kaisatsu_shared::{
    id::OperatorId,
    journal::JournalBody,
    operator::{Operator, PinVerifier, Role},
    rules::{Admission, Check},
};
use nix::{sys::stat::Mode, unistd::mkfifo};
use serde_json::{Value, json};

use super::house::{House, field};

const PIN: &str = "260711";

/// A gate with a lead, whose tickets are checked as `check` says.
fn staffed(check: Check) -> House {
    House::with_bundle(3, |bundle| {
        bundle.rules.types[0].admission = Admission { check, ..Admission::default() };
        let pin = PinVerifier::new(PIN, [1; 16]).unwrap();
        let label = "Lead".to_owned();
        bundle.operators = vec![Operator { id: OperatorId(12), label, role: Role::Lead, pin }];
    })
}

/// A running gate with its buttons.
struct Running {
    child: Child,
    codes: ChildStdin,
    buttons: PathBuf,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<String>,
}

impl Running {
    fn start(house: &House, arguments: &[&str]) -> Self {
        let buttons = house.path().join("buttons");
        if !buttons.exists() {
            mkfifo(&buttons, Mode::S_IRWXU).unwrap();
        }
        let mut program = house.program();
        program.args(["run", "--source", "stdin", "--answers"]).arg(&buttons).args(arguments);
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let codes = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, codes, buttons, lines, seen: Vec::new() }
    }

    fn next(&mut self, kinds: &[&str]) -> Value {
        loop {
            let text = self.lines.next().unwrap().unwrap();
            let line: Value = serde_json::from_str(&text).unwrap();
            self.seen.push(text);
            if kinds.contains(&field(&line, "kind")) && field(&line, "code") != "link" {
                return line;
            }
        }
    }

    /// Scans a code; gives the verdict.
    fn scan(&mut self, text: &str) -> Value {
        writeln!(self.codes, "{text}").unwrap();
        self.next(&["verdict"])
    }

    /// Presses a button; gives what comes of it.
    fn press(&mut self, line: &str) -> Value {
        let mut pipe = File::options().write(true).open(&self.buttons).unwrap();
        writeln!(pipe, "{line}").unwrap();
        self.next(&["verdict", "notice"])
    }

    /// Ends the gate; gives everything it said.
    fn end(self) -> String {
        let Self { child, codes, seen, .. } = self;
        drop(codes);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        seen.join("\n") + &String::from_utf8_lossy(&output.stderr)
    }
}

#[test]
fn an_id_is_looked_at_before_the_light() {
    let house = staffed(Check { photo: true, ..Check::default() });
    let mut gate = Running::start(&house, &[]);
    let asked = gate.scan(&house.text(0));
    assert_eq!(
        (field(&asked, "code"), &asked["asks"]["answer"]),
        ("check_identity", &json!("yes_or_no"))
    );
    assert_eq!(field(&gate.press("y"), "code"), "admitted");
    gate.scan(&house.text(1));
    assert_eq!(field(&gate.press("n"), "code"), "identity_mismatch");
    gate.end();
    let journal = house.journal();
    let count = |name: &str| journal.iter().filter(|body| body.name() == name).count();
    assert_eq!((count("redeemed"), count("checked")), (1, 2));
}

#[test]
fn a_lead_signs_in_overrides_and_takes_back_and_a_pin_stands_nowhere() {
    let house = staffed(Check::default());
    let mut gate = Running::start(&house, &[]);
    gate.scan(&house.text(0));
    assert_eq!(field(&gate.scan(&house.text(0)), "code"), "already_used");
    assert_eq!(field(&gate.press("override courtesy"), "code"), "needs_lead");
    assert_eq!(field(&gate.press("sign-in 12 260712"), "code"), "pin_wrong");
    assert_eq!(field(&gate.press(&format!("sign-in 11 {PIN}")), "code"), "pin_wrong");
    assert_eq!(field(&gate.press(&format!("sign-in 12 {PIN}")), "code"), "signed_in");
    assert_eq!(field(&gate.press("override courtesy"), "code"), "admitted_by_override");
    gate.scan(&house.text(1));
    assert_eq!(field(&gate.press("annul"), "code"), "annulled");
    assert_eq!(field(&gate.press("annul"), "code"), "nothing_to_annul");
    assert_eq!(field(&gate.press("sign-out"), "code"), "signed_out");
    let said = gate.end();
    assert!(!said.contains(PIN) && !said.contains("260712") && !said.contains("argon2"), "{said}");
    let journal: Vec<_> = house.journal().iter().map(JournalBody::name).collect();
    for name in ["pin_refused", "signed_in", "overridden", "annulled", "signed_out"] {
        assert!(journal.contains(&name), "{name}: {journal:?}");
    }
}

#[test]
fn wrong_pins_make_wait_also_after_a_restart() {
    let house = staffed(Check::default());
    let mut gate = Running::start(&house, &[]);
    for _ in 0..3 {
        assert_eq!(field(&gate.press("sign-in 12 260712"), "code"), "pin_wrong");
    }
    let wait = gate.press(&format!("sign-in 12 {PIN}"));
    assert_eq!(field(&wait, "code"), "pin_wait");
    // Guests don't wait for it.
    assert_eq!(field(&gate.scan(&house.text(0)), "code"), "admitted");
    gate.end();
    let mut gate = Running::start(&house, &[]);
    let wait = gate.press(&format!("sign-in 12 {PIN}"));
    assert_eq!(field(&wait, "code"), "pin_wait");
    assert!(wait["wait_s"].as_u64().unwrap() > 20, "{wait}");
    gate.end();
}

#[test]
fn a_lead_sets_a_clock_that_nothing_else_sets() {
    let house = staffed(Check::default());
    let mut gate = Running::start(&house, &["--clock-untrusted"]);
    assert_eq!(field(&gate.scan(&house.text(0)), "code"), "clock_unsure");
    assert_eq!(field(&gate.press("time 2026-11-26T18:05"), "code"), "needs_lead");
    gate.press(&format!("sign-in 12 {PIN}"));
    assert_eq!(field(&gate.press("time 2026-11-26T18:05"), "code"), "time_set");
    let verdict = gate.scan(&house.text(0));
    assert_eq!(field(&verdict, "code"), "admitted");
    let (earliest, latest) = (&verdict["at"]["earliest"], &verdict["at"]["latest"]);
    let width = latest.as_u64().unwrap() - earliest.as_u64().unwrap();
    assert!((240_000..250_000).contains(&width), "{width}");
    gate.end();
    // It was never certain, so a restart knows nothing of it.
    let mut gate = Running::start(&house, &["--clock-untrusted"]);
    assert_eq!(field(&gate.scan(&house.text(1)), "code"), "clock_unsure");
    gate.end();
}
