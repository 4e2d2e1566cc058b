//! As many operators as gates hold.

use kaisatsu_shared::{id::OperatorId, operator::Role};

use super::*;
use crate::{
    pin,
    store::{
        Store, StoreError,
        types::{AddOperator, Pin},
    },
};

#[tokio::test]
async fn an_event_has_at_most_a_thousand_operators() {
    let h = harness();
    let sqlite = SqliteStore::open(h.backend.options(h.world())).unwrap();
    let event = h.event().await;
    let other = h.event().await;
    let given = Pin::typed("260711");
    // Hashing takes long, so most of them share a hash.
    let hashed = pin::hash(&h.world(), Some(&given)).unwrap();
    let request = move |event| AddOperator {
        event,
        label: "Staff".to_owned(),
        role: Role::Staff,
        pin: Some(given.clone()),
    };
    let most = request.clone()(event);
    sqlite
        .write(1, move |session| {
            for _ in 0..999 {
                session.add_operator(&Actor::system(), &most, &hashed)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let add = async |event| sqlite.add_operator(Actor::system(), request(event)).await;
    assert_eq!(add(event).await.unwrap().operator.id, OperatorId(1_000));
    let full = Err(StoreError::NumbersUsedUp("operator"));
    assert_eq!(add(event).await, full);
    assert_eq!(sqlite.operators(event).await.unwrap().len(), 1_000);
    assert_eq!(h.bundle(event).await.rules.types.len(), 3, "gates can still read the bundle");
    add(other).await.unwrap();
    // Whoever was removed makes room for one, under a number of their own.
    sqlite.remove_operator(Actor::system(), event, OperatorId(7)).await.unwrap();
    assert_eq!(add(event).await.unwrap().operator.id, OperatorId(1_001));
    assert_eq!(add(event).await, full);
}
