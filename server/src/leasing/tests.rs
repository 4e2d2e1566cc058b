use super::*;

fn run(first: u32, last: u32) -> Serials {
    Serials::new(Serial(first), Serial(last)).unwrap()
}

#[test]
fn runs_are_divided_evenly_and_completely() {
    for (runs, parts, expected) in [
        (vec![run(0, 9)], 2, vec![vec![run(0, 4)], vec![run(5, 9)]]),
        (vec![run(0, 9)], 3, vec![vec![run(0, 3)], vec![run(4, 6)], vec![run(7, 9)]]),
        (vec![run(0, 1), run(5, 6)], 2, vec![vec![run(0, 1)], vec![run(5, 6)]]),
        (vec![run(0, 2), run(5, 5)], 2, vec![vec![run(0, 1)], vec![run(2, 2), run(5, 5)]]),
        (vec![run(3, 3)], 3, vec![vec![run(3, 3)], vec![], vec![]]),
        (vec![], 2, vec![vec![], vec![]]),
        (vec![run(0, u32::MAX)], 1, vec![vec![run(0, u32::MAX)]]),
        (vec![run(0, 4)], 0, vec![]),
    ] {
        assert_eq!(divide(&runs, parts), expected, "{runs:?} in {parts}");
    }
}

mod state {
    use kaisatsu_fixtures::three::{NOW, add, claim, rules_of, state, used};
    use kaisatsu_shared::{
        claims::{LaneState, judge_claim},
        ledger::EventState,
    };
    use serde_json::json;

    use super::*;

    fn rules(policy: &str, gates: &[u16]) -> EventRules {
        let name = json!({ "ja": "", "en": "Day" });
        rules_of(&json!([{
            "id": 1, "name": name, "entries": 1, "display": "static", "gates": gates,
            "admission": { "policy": policy },
        }]))
    }

    fn lanes() -> [Lane; 2] {
        [1, 2].map(|lane| Lane { device: DeviceId(lane.into()), gate: GateId(lane) })
    }

    fn append(state: &mut EventState, bodies: Vec<LedgerBody>) {
        bodies.into_iter().for_each(|body| add(state, body));
    }

    fn holder(state: &EventState, serial: u32) -> Option<u32> {
        state.leases().holder(Serial(serial)).map(|lease| lease.device.0)
    }

    #[test]
    fn strict_tickets_are_leased_once_and_not_while_somebody_is_admitted_on_them() {
        let (mut state, rules) = (state(), rules("strict", &[]));
        let outcome =
            judge_claim(&state, &rules, &claim(used(1, 1, 1), &[]), NOW, &|_| LaneState::Heard);
        append(&mut state, outcome.append);
        let given = share_out(&state, &rules, &lanes(), (NOW.latest, None));
        append(&mut state, given);
        assert_eq!([0, 1, 2].map(|serial| holder(&state, serial)), [Some(1), None, Some(2)]);
        assert_eq!(share_out(&state, &rules, &lanes(), (NOW.latest, None)), []);
    }

    #[test]
    fn only_lanes_where_a_type_is_admitted_hold_it() {
        let mut state = state();
        let given = share_out(&state, &rules("strict", &[2]), &lanes(), (NOW.latest, None));
        append(&mut state, given);
        assert_eq!([0, 1, 2].map(|serial| holder(&state, serial)), [Some(2); 3]);
    }

    #[test]
    fn nothing_is_leased_of_other_policies_or_to_nobody() {
        assert_eq!(share_out(&state(), &rules("available", &[]), &lanes(), (NOW.latest, None)), []);
        assert_eq!(share_out(&state(), &rules("strict", &[]), &[], (NOW.latest, None)), []);
        assert_eq!(share_out(&state(), &rules("strict", &[7]), &lanes(), (NOW.latest, None)), []);
    }

    #[test]
    fn what_is_leased_is_asked_for_once() {
        let (mut state, rules) = (state(), rules("strict", &[]));
        let given = share_out(&state, &rules, &lanes(), (NOW.latest, None));
        append(&mut state, given);
        let one = recall(&state, Some(DeviceId(1)));
        assert_eq!(one.len(), 1);
        append(&mut state, one);
        assert_eq!(recall(&state, Some(DeviceId(1))), []);
        let rest = recall(&state, None);
        assert_eq!(rest.len(), 1);
        append(&mut state, rest);
        assert_eq!(recall(&state, None), []);
    }
}
