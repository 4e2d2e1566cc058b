//! A reader that has seen enough, as with `| head`.

use std::process::Stdio;

use kaisatsu_shared::{journal::JournalBody, reason::ReasonCode};

use super::house::House;

#[test]
fn a_closed_pipe_is_no_fault_of_a_command_that_prints() {
    let house = House::new(1);
    let entry = JournalBody::Refused { code: ReasonCode::ForeignCode, right: None };
    house.write_journal(&[entry; 500]);
    for command in ["status", "journal verify", "journal export"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut program = house.program();
        program.args(command.split(' ')).stdout(writer).stderr(Stdio::piped());
        let output = program.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{command}: {said}");
    }
}
