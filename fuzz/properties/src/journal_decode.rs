//! Bytes are refused, or are the one spelling of a journal entry.

use kaisatsu_shared::{
    id::{DeviceId, InstallationId},
    journal::{JournalEntry, JournalHead},
};

/// Plays the input: an entry, or several.
pub fn holds(data: &[u8]) {
    if let Ok(entry) = JournalEntry::decode(data) {
        assert_eq!(entry.encode(), data);
    }
    // As a log: pieces of the input as consecutive entries.
    let pieces: Vec<&[u8]> = data.split(|byte| *byte == 0xaa).collect();
    let _ = JournalHead::default().follow(InstallationId([0; 16]), DeviceId(0), pieces);
}
