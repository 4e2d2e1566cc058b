use std::collections::BTreeSet;

use kaisatsu_shared::{
    id::{EventId, OrganisationId},
    time::UnixMillis,
};

use super::harness::{Backend, Harness, START, cli};
use crate::store::{StoreError, types::*};

pub(crate) async fn tokens_work_until_they_end<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let good = CreateToken {
        organisation: OrganisationId(1),
        name: "shop".to_owned(),
        permissions: BTreeSet::from([Permission::TicketIssue]),
        events: Some(BTreeSet::from([event])),
        expires_at: Some(UnixMillis(START + 1_000)),
    };
    let with = |change: fn(&mut CreateToken)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    for (request, code) in [
        (with(|r| r.permissions.clear()), "invalid_request"),
        (with(|r| r.name.clear()), "invalid_request"),
        (with(|r| r.events = Some(BTreeSet::from([EventId(9)]))), "event_unknown"),
        (with(|r| r.organisation = OrganisationId(2)), "organisation_unknown"),
    ] {
        assert_eq!(h.store.create_token(cli(), request).await.unwrap_err().code(), code);
    }
    let made = h.store.create_token(cli(), good.clone()).await.unwrap();
    let token = h.store.authenticate(made.secret.clone()).await.unwrap();
    let (ours, issue) = (OrganisationId(1), Permission::TicketIssue);
    assert!(token.allows(issue, ours, event));
    assert!(!token.allows(Permission::TicketVoid, ours, event));
    assert!(!token.allows(issue, OrganisationId(2), event));
    assert!(!token.allows(issue, ours, EventId(2)));
    assert!(!token.allows_all(issue, ours));
    let wrong = h.store.authenticate(format!("{}0", made.secret)).await;
    assert_eq!(wrong, Err(StoreError::TokenUnknown));
    h.pass(1_000);
    assert_eq!(h.store.authenticate(made.secret.clone()).await, Err(StoreError::TokenExpired));

    let endless = CreateToken { events: None, expires_at: None, ..with(|_| {}) };
    let made = h.store.create_token(cli(), endless).await.unwrap();
    let token = h.store.authenticate(made.secret.clone()).await.unwrap();
    assert!(token.allows_all(issue, ours) && token.allows(issue, ours, EventId(2)));
    let revoked = h.store.revoke_token(cli(), made.id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(h.store.authenticate(made.secret).await, Err(StoreError::TokenRevoked));
    assert_eq!(h.store.revoke_token(cli(), made.id).await.unwrap(), revoked);
    assert_eq!(h.store.revoke_token(cli(), 99).await, Err(StoreError::TokenIdUnknown(99)));
    assert_eq!(h.store.tokens(ours).await.unwrap().len(), 2);
    assert_eq!(h.store.tokens(OrganisationId(2)).await.unwrap(), []);
}
