use kaisatsu_shared::{
    bundle::Bundle,
    id::{EventId, OperatorId},
    operator::{PinVerifier, Role},
};

use super::harness::{Backend, Harness, cli};
use crate::store::{StoreError, types::*};

async fn bundle<B: Backend>(h: &Harness<B>, event: EventId) -> Bundle {
    serde_json::from_str(&h.store.bundle(event).await.unwrap().document).unwrap()
}

pub(crate) async fn operators_sign_in_with_the_pin_they_were_given<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let good = AddOperator {
        event,
        label: " 北口 ".to_owned(),
        role: Role::Lead,
        pin: Some(Pin::typed("260711\n")),
    };
    let before = bundle(h, event).await;
    assert_eq!(before.operators, []);
    let given = h.store.add_operator(cli(), good.clone()).await.unwrap();
    assert_eq!((given.operator.id, given.operator.label.as_str()), (OperatorId(1), "北口"));
    assert_eq!(given.pin, None, "a PIN that was given is not told");
    let drawn = AddOperator { role: Role::Staff, pin: None, ..good.clone() };
    let drawn = h.store.add_operator(cli(), drawn).await.unwrap();
    let pin = drawn.pin.clone().expect("the drawn PIN is told once");
    assert!(!format!("{drawn:?}").contains(&pin), "{drawn:?}");

    let there = bundle(h, event).await;
    assert!(there.version > before.version);
    let verifiers: Vec<&PinVerifier> = there.operators.iter().map(|known| &known.pin).collect();
    assert!(verifiers[0].verify("260711") && !verifiers[0].verify(&pin));
    assert!(verifiers[1].verify(&pin) && !verifiers[1].verify("260711"));
    let roles: Vec<_> = there.operators.iter().map(|known| known.role).collect();
    assert_eq!(roles, [Role::Lead, Role::Staff]);

    let again = h.store.set_pin(cli(), event, OperatorId(1), None).await.unwrap();
    let there = bundle(h, event).await;
    assert!(there.operators[0].pin.verify(&again.pin.unwrap()));
    assert!(!there.operators[0].pin.verify("260711"));

    // A number that entries name is never another person's.
    h.store.remove_operator(cli(), event, OperatorId(2)).await.unwrap();
    assert_eq!(bundle(h, event).await.operators.len(), 1);
    assert_eq!(h.store.operators(event).await.unwrap().len(), 1);
    let next = h.store.add_operator(cli(), good.clone()).await.unwrap();
    assert_eq!(next.operator.id, OperatorId(3));

    let unknown = StoreError::OperatorUnknown(OperatorId(2));
    for refused in [
        h.store.remove_operator(cli(), event, OperatorId(2)).await.unwrap_err(),
        h.store.set_pin(cli(), event, OperatorId(2), None).await.unwrap_err(),
    ] {
        assert_eq!(refused, unknown);
    }
    let with = |change: fn(&mut AddOperator)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    for (request, code) in [
        (with(|r| r.label.clear()), "invalid_request"),
        (with(|r| r.label = "x".repeat(41)), "invalid_request"),
        (with(|r| r.label = "a\tb".to_owned()), "invalid_request"),
        (with(|r| r.label = "Staff \u{202e}daeL".to_owned()), "invalid_request"),
        (with(|r| r.pin = Some(Pin::typed("123456"))), "pin_unfit"),
        (with(|r| r.pin = Some(Pin::typed("12345"))), "pin_unfit"),
        (with(|r| r.event = EventId(99)), "event_unknown"),
    ] {
        assert_eq!(h.store.add_operator(cli(), request).await.unwrap_err().code(), code);
    }
    assert_eq!(h.store.operators(event).await.unwrap().len(), 2);
    let audit = h.store.audit(AuditQuery::default()).await.unwrap();
    let told = format!("{audit:?}");
    for action in ["operator.add", "operator.pin", "operator.remove"] {
        assert!(audit.iter().any(|row| row.action == action), "{action}");
    }
    assert!(!told.contains("260711") && !told.contains(&pin) && !told.contains("argon2"));
}
