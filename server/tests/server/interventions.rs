//! What staff did at gates beyond scanning, as an admin reads it.

use kaisatsu_shared::{
    id::{DeviceId, OperatorId},
    journal::JournalBody,
    reason::ReasonCode,
    right::OverrideReason,
};
use serde_json::{Value, json};

use crate::common::{AT, Gate, Installation, redeemed, right_of};

const LEAD: OperatorId = OperatorId(1);
const STAFF: OperatorId = OperatorId(2);

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_reads_who_let_whom_in_and_who_took_what_back() {
    let installation = Installation::with_event();
    for (label, role) in [("Desk", "lead"), ("North", "staff")] {
        let add = ["operator", "add", "--event", "1", "--label", label, "--role", role];
        installation.json(&add);
    }
    let texts = installation.issue(3);
    let server = installation.serve();
    let list = ["intervention", "list", "--event", "1"];
    assert_eq!(installation.json(&list), json!([]));
    assert_eq!(installation.cli(&list).ok(), "none\n");

    let mut gate = Gate::enrol(&installation, &server, 2).await;
    let right = |serial: usize| right_of(gate.installation, &texts[serial]);
    let [first, second, third] = [0, 1, 2].map(right);
    // 1: by hand; 2: a scan like any other; 3: against the rules; 4 and 5: both uses taken back.
    gate.deliver(LEAD, redeemed(gate.used(first, 1), true)).await;
    gate.deliver(STAFF, redeemed(gate.used(second, 2), false)).await;
    let (code, reason) = (ReasonCode::AlreadyUsed, OverrideReason::Courtesy);
    let overridden = JournalBody::Overridden { right: second, count: 2, code, reason };
    gate.deliver(LEAD, overridden).await;
    let annulled = |number, right| JournalBody::Annulled { device: gate.own.device, number, right };
    let (one, two) = (annulled(1, first), annulled(2, second));
    gate.deliver(LEAD, one).await;
    gate.deliver(STAFF, two).await;
    // Nobody may: a use that isn't there, and one of somebody who isn't signed in.
    gate.redeem(gate.used(third, 3)).await;
    gate.deliver(STAFF, JournalBody::Annulled { device: DeviceId(9), number: 1, right: third })
        .await;
    gate.deliver(
        OperatorId(7),
        JournalBody::Annulled { device: gate.own.device, number: 6, right: third },
    )
    .await;

    let done = installation.json(&list);
    let entries = installation.cli(&["ledger", "export", "--event", "1"]).ok();
    let entries: Vec<Value> =
        entries.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str, serial: u32| {
        let same = |line: &&Value| {
            let found = line.get("serial").or_else(|| line["use"]["right"].get("serial"));
            line["kind"] == kind && found == Some(&json!(serial))
        };
        entries.iter().find(same).unwrap()["sequence"].clone()
    };
    let at = json!({ "earliest": AT.earliest, "latest": AT.latest });
    let device = gate.own.device;
    let by = |operator: u32, label: &str| json!({ "device": device, "gate": 2, "operator": operator, "at": at, "label": label });
    let row = |of: Value, serial: u32, by: Value, what: Value| {
        let mut row = json!({ "sequence": of, "serial": serial });
        for more in [by, what] {
            row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        }
        row
    };
    let annulled = |number: u64, sequence: Value, by_hand: bool| {
        json!({ "kind": "annulled", "of_device": device, "of_number": number,
            "of_sequence": sequence, "way": "entry", "count": 1, "by_hand": by_hand })
    };
    let expected = json!([
        row(of("redeemed", 0), 0, by(1, "Desk"), json!({ "kind": "by_hand", "count": 1 })),
        row(
            of("overridden", 1),
            1,
            by(1, "Desk"),
            json!({ "kind": "overridden", "count": 2, "code": "already_used", "reason": "courtesy" }),
        ),
        row(of("annulled", 0), 0, by(1, "Desk"), annulled(1, of("redeemed", 0), true)),
        row(of("annulled", 1), 1, by(2, "North"), annulled(2, of("redeemed", 1), false)),
    ]);
    assert_eq!(done, expected);

    // An operator who is gone is still called by their name, and people read it in a table.
    installation.json(&["operator", "remove", "1", "--event", "1"]);
    let table = installation.cli(&[&list[..], &["--lang", "en"]].concat()).ok();
    let lines: Vec<_> =
        table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let told = ["by hand no code shown, 1 in", "overridden courtesy, against already_used, 2 in"];
    assert!(lines[1].ends_with(told[0]) && lines[1].contains("South"), "{table}");
    assert!(lines[1].contains("1 Desk"), "{table}");
    assert!(lines[2].ends_with(told[1]), "{table}");
    let back = format!("annulled takes entry {} back (entry by hand, 1)", of("redeemed", 0));
    assert!(lines[3].ends_with(&back), "{table}");

    let ask = async |allow: &str, event: u32| {
        let token = installation.token(allow, None);
        let request = server.get(&format!("/api/v1/events/{event}/interventions"));
        let answer = request.bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(ask("ledger:read", 1).await, (200, expected));
    assert_eq!(ask("ticket:read", 1).await.0, 403);
    assert_eq!(ask("ledger:read", 9).await.0, 404);
    let unknown = installation.cli(&["intervention", "list", "--event", "9", "--json"]);
    assert_eq!(unknown.problem(2)["code"], "event_unknown");
    let audit = installation.json(&["audit", "list", "--event", "1"]).to_string();
    assert!(audit.contains("intervention.list") && audit.contains("event/1/interventions"));
    server.stop();
}
