//! A journal that was carried by hand, before anything is made of it: the whole file is judged, so that
//! a bad one leaves nothing behind.

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    id::InstallationId,
    journal::JournalHead,
    key::RootPublic,
    sync::{CarriedError, CarriedJournal},
};

use super::{BatchError, CheckedBatch};

/// A whole journal that a device of this installation signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedJournal {
    /// The device, as this installation's root key once vouched for it.
    pub credential: Credential,
    /// Its entries from the first on.
    pub batches: Vec<CheckedBatch>,
}

impl CheckedJournal {
    /// Checks everything that doesn't need to know what was delivered before.
    ///
    /// # Errors
    /// [`CarriedError`].
    pub fn check(
        installation: InstallationId,
        root: &RootPublic,
        carried: CarriedJournal,
    ) -> Result<Self, CarriedError> {
        let credential = open(&carried.credential, installation, root)
            .filter(|_| carried.installation == installation)
            .ok_or(CarriedError::Foreign)?;
        let (device, public) = (credential.device, &credential.public);
        let changed = |error: BatchError| CarriedError::Changed(error.to_string());
        let ends = carried.head;
        if ends.device != device || ends.verify(installation, public).is_err() {
            return Err(changed(BatchError::Signature));
        }
        let mut head = JournalHead::default();
        let mut batches = Vec::with_capacity(carried.batches.len());
        for batch in carried.batches {
            let after = batch.head.head;
            let batch =
                CheckedBatch::check(installation, device, public, batch).map_err(changed)?;
            let first = batch.entries().first().map(|first| &first.entry);
            let follows = first.is_some_and(|first| {
                first.number == head.number.saturating_add(1) && first.previous == head.hash
            });
            if !follows {
                let why = format!("what should follow entry {} doesn't", head.number);
                return Err(CarriedError::Changed(why));
            }
            head = after;
            batches.push(batch);
        }
        if head != ends.head {
            return Err(changed(BatchError::OtherHead));
        }
        Ok(Self { credential, batches })
    }
}

fn open(
    signed: &SignedCredential,
    installation: InstallationId,
    root: &RootPublic,
) -> Option<Credential> {
    signed.open(root, installation).filter(|open| open.installation == installation)
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{
        id::{DeviceId, Epoch, EventId, GateId, OperatorId, OrganisationId},
        journal::{JournalBody, JournalEntry},
        key::{DeviceKey, RootKey},
        time::{TimeInterval, UnixMillis},
    };

    use super::*;

    const INSTALLATION: InstallationId = InstallationId([7; 16]);
    const DEVICE: DeviceId = DeviceId(3);

    fn root() -> RootKey {
        RootKey::from_seed([1; 32])
    }

    fn carried(count: u64) -> CarriedJournal {
        let key = DeviceKey::from_seed([2; 32]);
        let credential = Credential {
            installation: INSTALLATION,
            organisation: OrganisationId(1),
            event: EventId(1),
            gate: GateId(1),
            device: DEVICE,
            public: key.public(),
            enrolled_at: UnixMillis(0),
        };
        let mut head = JournalHead::default();
        let mut entries = Vec::new();
        for number in 1..=count {
            let entry = JournalEntry {
                device: DEVICE,
                gate: GateId(1),
                operator: OperatorId(0),
                epoch: Epoch(1),
                number,
                previous: head.hash,
                at: TimeInterval::exact(UnixMillis(number)),
                body: JournalBody::SignedIn,
            };
            entries.push(entry.encode());
            head = JournalEntry::head_of(INSTALLATION, number, &entry.encode());
        }
        let credential = SignedCredential::sign(&credential, &root()).unwrap();
        CarriedJournal::sign(INSTALLATION, credential, DEVICE, &entries, &key).unwrap()
    }

    fn take(file: &[u8]) -> Result<CheckedJournal, CarriedError> {
        CheckedJournal::check(INSTALLATION, &root().public(), CarriedJournal::read(file)?)
    }

    #[test]
    fn a_whole_journal_comes_through_as_it_was_signed() {
        for count in [0, 1, 256, 600] {
            let journal = carried(count);
            let file = journal.write().unwrap();
            assert_eq!(CarriedJournal::read(&file).unwrap(), journal);
            let checked = take(&file).unwrap();
            let numbers: Vec<_> = checked
                .batches
                .iter()
                .flat_map(|batch| batch.entries().iter().map(|checked| checked.entry.number))
                .collect();
            assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
            assert_eq!(checked.credential.device, DEVICE);
        }
    }

    #[test]
    fn a_file_that_was_cut_off_anywhere_is_told_as_such() {
        let file = carried(300).write().unwrap();
        let header = file.iter().position(|byte| *byte == b'\n').unwrap();
        assert!(take(&file[..file.len() - 1]).is_ok(), "only the last line's end is missing");
        for length in (header..file.len() - 1).step_by(97) {
            let error = take(&file[..length]).unwrap_err();
            assert!(matches!(error, CarriedError::Truncated { all: 300, .. }), "{length}: {error}");
        }
        for length in (0..header).step_by(13) {
            assert_eq!(take(&file[..length]), Err(CarriedError::Unreadable(1)), "{length}");
        }
    }

    #[test]
    fn no_changed_byte_passes() {
        let file = carried(3).write().unwrap();
        let good = take(&file).unwrap();
        for place in 0..file.len() {
            for bit in [1, 4, 32] {
                let mut changed = file.clone();
                changed[place] ^= bit;
                if let Ok(taken) = take(&changed) {
                    assert_eq!(taken, good, "byte {place} may only spell the same in another way");
                }
            }
        }
    }

    #[test]
    fn lines_in_another_order_or_twice_or_left_out_are_found() {
        let file = carried(600).write().unwrap();
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let of = |order: &[usize]| {
            order.iter().map(|line| format!("{}\n", lines[*line])).collect::<String>()
        };
        assert!(take(of(&[0, 1, 2, 3]).as_bytes()).is_ok());
        for order in [&[0, 2, 1, 3][..], &[0, 1, 1, 2, 3], &[0, 1, 3], &[0, 2, 3], &[0, 1, 2, 3, 3]]
        {
            let error = take(of(order).as_bytes()).unwrap_err();
            assert_eq!(error.code(), "carried_changed", "{order:?}");
        }
        assert_eq!(take(of(&[0, 3, 2, 1]).as_bytes()).unwrap_err().code(), "carried_truncated");
        assert_eq!(take(of(&[1, 2, 3]).as_bytes()), Err(CarriedError::Unreadable(1)));
    }

    #[test]
    fn strangers_newer_layouts_and_the_huge_are_refused() {
        let file = carried(2).write().unwrap();
        let elsewhere = |installation, root: &RootKey| {
            let carried = CarriedJournal::read(&file).unwrap();
            CheckedJournal::check(installation, &root.public(), carried)
        };
        let foreign = Err(CarriedError::Foreign);
        assert_eq!(elsewhere(INSTALLATION, &RootKey::from_seed([9; 32])), foreign);
        assert_eq!(elsewhere(InstallationId([8; 16]), &root()), foreign);
        let text = String::from_utf8(file).unwrap();
        let newer = text.replacen("\"kaisatsu_journal\":1", "\"kaisatsu_journal\":2,\"new\":3", 1);
        assert_eq!(take(newer.as_bytes()), Err(CarriedError::Newer(2)));
        for nothing in ["", "\n", "{}", "null", "KS1:ABC", "\u{0}"] {
            assert_eq!(take(nothing.as_bytes()), Err(CarriedError::Unreadable(1)), "{nothing:?}");
        }
        let huge = vec![b' '; kaisatsu_shared::sync::MAX_CARRIED_BYTES + 1];
        assert_eq!(take(&huge), Err(CarriedError::TooLarge));
    }
}
