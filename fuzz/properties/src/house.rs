//! A small event under TEST KEYS: its bundle, and one genuine ticket.

use std::sync::OnceLock;

use kaisatsu_shared::{
    bundle::{Bundle, OpenBundle, SignedBundle},
    hash::{Domain, Kind},
    id::{EventId, Generation, InstallationId, KeyId, Serial, TypeId},
    key::{EventKey, RootKey},
    right::RightRef,
    time::UnixSeconds,
    token::{Body, Display, ModePart, Secret, Shown, encode},
};

pub(crate) const INSTALLATION: InstallationId = InstallationId([75; 16]);
pub(crate) const EVENT: EventId = EventId(7);
/// The bundle's document.
pub(crate) const DOCUMENT: &str = include_str!("../../seeds/bundle.json");
/// While the event is on.
pub(crate) const AT: u32 = 1_795_309_300;

/// What stands ready.
pub(crate) struct House {
    pub(crate) root: RootKey,
    pub(crate) signed: SignedBundle,
    bundle: Bundle,
    /// The text of ticket 0.
    pub(crate) genuine: String,
}

pub(crate) fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let root = RootKey::from_seed([99; 32]);
        let document = DOCUMENT.trim().to_owned();
        let signature = root.sign(Domain::new(Kind::Bundle, INSTALLATION), document.as_bytes());
        let signed = SignedBundle { document, signature };
        let open = signed.open(&root.public(), INSTALLATION).expect("it is signed");
        let genuine = text(genuine_body()).expect("it can be written");
        House { root, signed, bundle: (*open).clone(), genuine }
    })
}

impl House {
    pub(crate) fn open(&self) -> OpenBundle {
        OpenBundle::new(self.bundle.clone()).expect("it was open before")
    }
}

/// A static ticket that is valid for an hour before and after.
pub(crate) fn body(serial: u32, secret: [u8; 12]) -> Body {
    Body {
        key: KeyId(1),
        event: EVENT,
        serial: Serial(serial),
        secret: Secret::from_bytes(secret),
        valid_from: UnixSeconds(AT - 3_600),
        valid_until: UnixSeconds(AT + 3_600),
        ticket_type: TypeId(1),
        entries: 1,
        generation: Generation::FIRST,
        mode: ModePart::Static,
    }
}

pub(crate) fn genuine_body() -> Body {
    body(0, [5; 12])
}

/// The right of ticket 0 to 9, each with a secret of its own.
pub(crate) fn right(serial: u32) -> RightRef {
    let secret = [5_u8.wrapping_add(serial.to_le_bytes()[0]); 12];
    let fingerprint = body(serial, secret).fingerprint(INSTALLATION, false);
    RightRef { event: EVENT, serial: Serial(serial), generation: Generation::FIRST, fingerprint }
}

/// The text of a ticket signed by the event's own key, where there can be such a token.
pub(crate) fn text(body: Body) -> Option<String> {
    // A TEST KEY.
    let key = EventKey::from_seed(KeyId(1), [1; 32]);
    let shown = Shown::new(key.sign(INSTALLATION, body), Display::Static);
    shown.ok().map(|shown| encode(&shown))
}
