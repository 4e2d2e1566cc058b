//! Rules that this program can't work by, and a restart without the server.

use kaisatsu_gate::store::Notes as _;

use super::house::{House, asked, field};

#[test]
fn a_gate_restarted_while_cut_off_does_not_go_by_the_rules_from_before() {
    let house = House::new(2);
    let run = |serial| {
        let mut program = house.program();
        program.args(["run", "--source", "stdin"]);
        let verdicts = house.scan(program, &[house.text(serial)]);
        assert_eq!(verdicts.len(), 1);
        field(&verdicts[0], "code").to_owned()
    };
    assert_eq!(run(0), "admitted");
    asked(house.store().refuse_rules("rules_newer")).unwrap();
    assert_eq!(run(1), "claim_refused");
    // As when usable rules arrive.
    asked(house.store().accept_rules()).unwrap();
    assert_eq!(run(1), "admitted");
}
