use kaisatsu_shared::{
    bundle::SignedCredential,
    id::{DeviceId, GateId},
    journal::JournalBody,
    key::{DeviceKey, RootKey},
    reason::ReasonCode,
    time::UnixMillis,
};

use super::harness::{Backend, Harness, START, cli, everywhere};
use crate::store::{StoreError, types::*};

fn stranger() -> Actor {
    Actor::new(ActorKind::Stranger, "")
}

pub(crate) async fn enrolment_trades_a_code_once<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let announce = |gate, code_lasts| {
        let name = "tablet".to_owned();
        h.store.announce_device(
            cli(),
            AnnounceDevice {
                event,
                gate: GateId(gate),
                name,
                role: DeviceRole::Staffed,
                code_lasts,
            },
        )
    };
    let key = DeviceKey::from_seed([1; 32]).public();
    let other = DeviceKey::from_seed([2; 32]).public();
    let enrol = |code: &str, key| h.store.enrol(stranger(), code.to_owned(), key);
    assert_eq!(announce(3, None).await, Err(StoreError::GateUnknown(GateId(3))));
    let announced = announce(1, None).await.unwrap();
    assert_eq!(announced.expires_at, UnixMillis(START + 15 * 60_000));
    assert_eq!(enrol("0000-0000-0000-0000", key).await, Err(StoreError::EnrolmentUnknown));
    let info = h.store.device(announced.device).await.unwrap();
    assert_eq!((info.state, info.public), (DeviceState::Announced, None));

    let typed = announced.code.to_lowercase().replace('-', " ");
    let first = enrol(&typed, key).await.unwrap();
    assert_eq!(first.answer.root, h.store.root_public());
    let credential =
        first.answer.credential.open(&h.store.root_public(), h.store.installation()).unwrap();
    assert_eq!((credential.device, credential.event), (announced.device, event));
    assert_eq!((credential.gate, credential.public), (GateId(1), key));
    // The answer was lost: the same key may ask again, another may not.
    assert_eq!(enrol(&announced.code, key).await, Ok(first));
    assert_eq!(enrol(&announced.code, other).await, Err(StoreError::EnrolmentUsed));

    let short = announce(2, Some(60_000)).await.unwrap();
    h.pass(60_000);
    assert_eq!(enrol(&short.code, other).await, Err(StoreError::EnrolmentExpired));
    let withdrawn = announce(2, None).await.unwrap();
    h.store.revoke_device(cli(), withdrawn.device).await.unwrap();
    let refused = Err(StoreError::DeviceRevoked(withdrawn.device));
    assert_eq!(enrol(&withdrawn.code, other).await, refused);
    let states: Vec<_> =
        h.store.devices(event).await.unwrap().iter().map(|info| info.state).collect();
    assert_eq!(states, [DeviceState::Enrolled, DeviceState::Announced, DeviceState::Revoked]);
}

pub(crate) async fn revoked_devices_may_only_deliver<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let gate = h.device(event, 1).await;
    let session = h.store.open_session(gate.actor(), gate.answer.credential.clone()).await.unwrap();
    assert_eq!((session.device, session.revoked), (gate.device, false));
    assert!(h.store.device(gate.device).await.unwrap().last_seen.is_some());

    let revoked = h.store.revoke_device(cli(), gate.device).await.unwrap();
    assert_eq!(revoked.state, DeviceState::Revoked);
    assert_eq!(h.store.revoke_device(cli(), gate.device).await.unwrap(), revoked);
    let claim =
        h.store.claim(gate.actor(), gate.device, gate.claim(right, 1, &[]), everywhere()).await;
    assert_eq!(claim, Err(StoreError::DeviceRevoked(gate.device)));
    let session = h.store.open_session(gate.actor(), gate.answer.credential.clone()).await.unwrap();
    assert!(session.revoked);
    // The root key says so, and how much of the journal is there.
    let (installation, root) = (h.store.installation(), h.store.root_public());
    let word = h.store.revocation(gate.device).await.unwrap();
    assert_eq!(session.revocation, word);
    let word = word.unwrap().open(&root, installation, gate.device).unwrap();
    assert_eq!((word.event, Some(word.revoked_at)), (event, revoked.revoked_at));
    let receipt = session.receipt.unwrap();
    assert_eq!(receipt.open(&root, installation, gate.device), Some(gate.head));
    let trusted = h.device(event, 1).await;
    assert_eq!(h.store.revocation(trusted.device).await.unwrap(), None);
    let session = h.store.open_session(trusted.actor(), trusted.answer.credential.clone()).await;
    let session = session.unwrap();
    assert_eq!((session.revocation, session.receipt), (None, None));
    let unknown = h.store.revoke_device(cli(), DeviceId(99)).await;
    assert_eq!(unknown, Err(StoreError::DeviceUnknown(DeviceId(99))));
}

pub(crate) async fn found_devices_are_taken_in<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let backup = h.backend.copy();
    let mut gate = h.device(event, 1).await;
    let signed = gate.answer.credential.clone();
    let good = signed.open(&h.store.root_public(), h.store.installation()).unwrap();
    let forged = SignedCredential::sign(&good, &RootKey::from_seed([9; 32])).unwrap();
    let answer = h.store.open_session(stranger(), forged).await;
    assert_eq!(answer, Err(StoreError::CredentialForeign));

    // A backup from before the enrolment is restored: the credential still proves the device.
    let restored = backup.open(h.world());
    let unknown = restored.device(gate.device).await;
    assert_eq!(unknown, Err(StoreError::DeviceUnknown(gate.device)));
    let session = restored.open_session(gate.actor(), signed.clone()).await.unwrap();
    assert_eq!((session.event, session.gate, session.revoked), (event, GateId(1), false));
    let info = restored.device(gate.device).await.unwrap();
    assert_eq!((info.state, info.public), (DeviceState::Found, Some(gate.key.public())));
    assert_eq!(info.role, DeviceRole::Scanner, "until somebody says otherwise");
    let code = ReasonCode::ForeignCode;
    let batch = gate.write(&[JournalBody::Refused { code, right: None }]);
    let answer = restored.upload(gate.actor(), gate.device, batch).await.unwrap();
    assert_eq!(answer.acknowledged, 1);

    // Where another device got the number meanwhile, the two are told apart.
    let second = backup.copy();
    let other = second.open(h.world());
    other.open_session(gate.actor(), signed).await.unwrap();
    let number = h.device(event, 2).await;
    let foreign = number.answer.credential.clone();
    let announced = AnnounceDevice {
        event,
        gate: GateId(1),
        name: "other".to_owned(),
        role: DeviceRole::Staffed,
        code_lasts: None,
    };
    let announced = other.announce_device(cli(), announced).await.unwrap();
    assert_eq!(announced.device, number.device);
    let key = DeviceKey::from_seed([5; 32]).public();
    other.enrol(stranger(), announced.code, key).await.unwrap();
    let answer = other.open_session(number.actor(), foreign).await;
    assert_eq!(answer, Err(StoreError::CredentialMismatch(number.device)));
}
