//! From the root key's word that this device is revoked to the empty store, in steps that each may be taken only
//! when the one before is durable: what was known is dropped, the journal delivered, then it goes, too.

use kaisatsu_shared::{
    bundle::Revocation,
    journal::JournalHead,
    planted::{Fault, is_planted},
};

/// The server is asked for what it has after so long, in milliseconds; each time in vain the wait doubles, up to the
/// longest.
const ASK_FIRST: u64 = 10_000;
const LONGEST: u64 = 600_000;

/// How far it is.
#[derive(Debug)]
pub struct Revoking {
    /// The root key's word, once it came.
    word: Option<Revocation>,
    /// What was known is gone from the store.
    dropped: bool,
    wiped: bool,
    /// When the server is to be asked, in monotonic milliseconds, and the wait after that.
    ask_at: u64,
    ask_pause: u64,
}

impl Revoking {
    /// As it is after a start: with the word that was kept when what was known was dropped, if one was.
    #[must_use]
    pub const fn new(word: Option<Revocation>) -> Self {
        let dropped = word.is_some();
        Self { word, dropped, wiped: false, ask_at: 0, ask_pause: ASK_FIRST }
    }

    /// The root key's word.
    #[must_use]
    pub const fn word(&self) -> Option<Revocation> {
        self.word
    }

    /// The word came, and was checked. Whether that is news.
    pub const fn learn(&mut self, word: Revocation) -> bool {
        let news = self.word.is_none();
        if news {
            self.word = Some(word);
        }
        news
    }

    /// The word, while what was known is to be dropped from the store.
    #[must_use]
    pub const fn to_drop(&self) -> Option<Revocation> {
        if self.dropped { None } else { self.word }
    }

    /// It was dropped.
    pub const fn dropped(&mut self) {
        self.dropped = true;
    }

    /// Whether the server is to be asked now for what it has: once what was known is gone and everything is
    /// acknowledged.
    pub fn asks(&mut self, delivered: bool, now: u64) -> bool {
        if !self.dropped || self.wiped || !delivered || now < self.ask_at {
            return false;
        }
        self.ask_at = now.saturating_add(self.ask_pause);
        self.ask_pause = self.ask_pause.saturating_mul(2).min(LONGEST);
        true
    }

    /// When the server may be asked next, in monotonic milliseconds.
    #[must_use]
    pub const fn ask_at(&self) -> u64 {
        self.ask_at
    }

    /// The word, if journal and key may go: the server has the journal to its end, `own`, by the root key's
    /// `receipt`, which is more than that everything was acknowledged.
    #[must_use]
    pub fn to_wipe(
        &self,
        receipt: Option<JournalHead>,
        own: JournalHead,
        delivered: bool,
    ) -> Option<Revocation> {
        let whole = receipt.is_some_and(|receipt| {
            receipt == own || (receipt.number < own.number && is_planted(Fault::ReceiptShorter))
        });
        let may = (delivered && whole) || is_planted(Fault::WipedUndelivered);
        self.word.filter(|_| self.dropped && !self.wiped && may)
    }

    /// Journal and key are gone.
    pub const fn wiped(&mut self) {
        self.wiped = true;
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_wiped(&self) -> bool {
        self.wiped
    }
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{
        id::{DeviceId, EventId, InstallationId},
        time::UnixMillis,
    };

    use super::*;

    const WORD: Revocation = Revocation {
        installation: InstallationId([1; 16]),
        event: EventId(1),
        device: DeviceId(1),
        revoked_at: UnixMillis(1),
    };

    const fn head(number: u64, byte: u8) -> JournalHead {
        JournalHead { number, hash: [byte; 32] }
    }

    #[test]
    fn journal_and_key_go_only_with_the_receipt_of_the_whole() {
        let own = head(9, 1);
        let wipes = |it: &Revoking, receipt, delivered| it.to_wipe(receipt, own, delivered);
        let mut revoking = Revoking::new(Some(WORD));
        assert_eq!(wipes(&revoking, Some(own), true), Some(WORD));
        for shorter_or_another in [head(8, 1), head(10, 1), head(9, 2), JournalHead::default()] {
            assert_eq!(wipes(&revoking, Some(shorter_or_another), true), None);
        }
        assert_eq!(wipes(&revoking, None, true), None, "nobody signed for it");
        assert_eq!(wipes(&revoking, Some(own), false), None, "something waits");
        revoking.wiped();
        assert_eq!(wipes(&revoking, Some(own), true), None);

        let mut told = Revoking::new(None);
        assert_eq!(wipes(&told, Some(own), true), None, "nobody said so");
        assert!(told.learn(WORD) && !told.learn(WORD));
        assert_eq!(wipes(&told, Some(own), true), None, "what it knew goes first");
        assert_eq!(told.to_drop(), Some(WORD));
        told.dropped();
        assert_eq!((told.to_drop(), wipes(&told, Some(own), true)), (None, Some(WORD)));
    }

    #[test]
    fn the_server_is_asked_less_and_less_often() {
        let mut revoking = Revoking::new(Some(WORD));
        assert!(!revoking.asks(false, 0));
        let asked: Vec<_> =
            (0..3_600).filter(|second| revoking.asks(true, second * 1_000)).collect();
        assert_eq!(asked, [0, 10, 30, 70, 150, 310, 630, 1_230, 1_830, 2_430, 3_030]);
    }
}
