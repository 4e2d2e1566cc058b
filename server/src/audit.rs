//! The audit trail's chain: each row's hash covers the row and the hash before it, so that a
//! changed or removed row shows.

use kaisatsu_shared::{
    hash::{Domain, Kind},
    id::InstallationId,
};

use crate::store::types::AuditRow;

/// The end of the trail: the last row's number and hash. Empty: 0 and zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditHead {
    /// The last row's number.
    pub sequence: u64,
    /// The last row's hash.
    pub hash: [u8; 32],
}

impl AuditHead {
    /// The head after `row`, which must be the next one. Every field is written with its length,
    /// so that no two rows have the same bytes.
    #[must_use]
    pub fn after(&self, installation: InstallationId, row: &AuditRow) -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(&self.hash);
        bytes.extend_from_slice(&row.sequence.to_be_bytes());
        bytes.extend_from_slice(&row.at.0.to_be_bytes());
        bytes.extend_from_slice(&row.organisation.0.to_be_bytes());
        let actor = &row.actor;
        for field in [
            Some(actor.kind.name()),
            Some(&actor.id),
            actor.address.as_deref(),
            actor.request_id.as_deref(),
            Some(&row.action),
            Some(&row.object),
            Some(&row.outcome),
        ] {
            // Absent is told from empty: the length is one more than the text's.
            let length = field.map_or(0, |text| text.len().saturating_add(1));
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(field.unwrap_or_default().as_bytes());
        }
        let hash = Domain::new(Kind::Audit, installation).hash(&[&bytes]);
        Self { sequence: row.sequence, hash }
    }
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{id::OrganisationId, time::UnixMillis};

    use super::*;
    use crate::store::types::{Actor, ActorKind};

    #[test]
    fn every_field_counts() {
        let row = AuditRow {
            sequence: 1,
            at: UnixMillis(5),
            organisation: OrganisationId(1),
            actor: Actor::new(ActorKind::Cli, "a").at(Some("b".to_owned()), None),
            action: "c".to_owned(),
            object: "d".to_owned(),
            outcome: "ok".to_owned(),
        };
        let hash = |row: &AuditRow| AuditHead::default().after(InstallationId([1; 16]), row).hash;
        let changes: [fn(&mut AuditRow); 8] = [
            |row| row.sequence = 2,
            |row| row.at = UnixMillis(6),
            |row| row.organisation = OrganisationId(2),
            |row| row.actor.kind = ActorKind::System,
            |row| row.actor.id = "ab".to_owned(),
            |row| (row.actor.address, row.actor.request_id) = (None, Some("b".to_owned())),
            |row| row.actor.request_id = Some(String::new()),
            |row| row.outcome = "no".to_owned(),
        ];
        for (index, change) in changes.iter().enumerate() {
            let mut changed = row.clone();
            change(&mut changed);
            assert_ne!(hash(&changed), hash(&row), "change {index}");
        }
        let other = AuditHead { sequence: 0, hash: [1; 32] };
        assert_ne!(other.after(InstallationId([1; 16]), &row).hash, hash(&row));
    }
}
