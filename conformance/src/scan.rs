//! The scanned text of a case: literal, or a ticket of the case's world as it was shown and bent; or
//! the ticket of a guest who shows none.

use kaisatsu_shared::{
    bundle::OpenBundle,
    id::{EventId, Generation, KeyId, OperatorId, Serial, TypeId},
    right::RightRef,
    rules::Presented,
    time::UnixSeconds,
    token::{Body, ClockPart, Display, ModePart, PREFIX, Secret, Shown, Token, encode},
};

use crate::{
    Unusable,
    case::{Bend, Scan},
    patch::test_key,
    world::World,
};

/// A signing key that no bundle lists.
const STRANGER: u8 = 66;

/// What a case holds before the gate: a code, or nothing, for a guest to be let in by hand.
pub(crate) enum Given {
    Code(String),
    Hand(HandCase),
}

/// The ticket of a guest who shows no code, and who lets them in.
pub(crate) struct HandCase {
    pub(crate) token: Token,
    pub(crate) right: RightRef,
    pub(crate) operator: OperatorId,
}

impl Given {
    pub(crate) fn of(scan: &Scan, world: &World) -> Result<Self, Unusable> {
        let Some(operator) = scan.by_hand else { return text(scan, world).map(Self::Code) };
        let serial = scan.ticket.ok_or_else(|| Unusable("by hand needs a `ticket`".into()))?;
        let generation = Generation(scan.generation.unwrap_or(1));
        let (body, right) = (world.body(serial, generation)?, world.right(serial, generation)?);
        Ok(Self::Hand(HandCase { token: sign(scan, body, world), right, operator }))
    }

    /// What a trial of it presents.
    pub(crate) fn presented(&self, bundle: &OpenBundle) -> Presented<'_> {
        match self {
            Self::Code(text) => Presented::Code(text),
            Self::Hand(HandCase { token, operator, .. }) => {
                Presented::ByHand(token, bundle.role(*operator))
            }
        }
    }
}

fn text(scan: &Scan, world: &World) -> Result<String, Unusable> {
    match (&scan.text, scan.ticket) {
        (Some(text), None) => Ok(text.repeat(scan.times.unwrap_or(1))),
        (None, Some(serial)) => ticket(scan, serial, world),
        _ => Err(Unusable("a scan is either a `text` or a `ticket`".into())),
    }
}

fn ticket(scan: &Scan, serial: Serial, world: &World) -> Result<String, Unusable> {
    let mut body = world.body(serial, Generation(scan.generation.unwrap_or(1)))?;
    body.key = scan.key.unwrap_or(body.key);
    for bend in &scan.bends {
        bend_body(*bend, &mut body);
    }
    let link = anchor(&mut body, scan.step, world);
    let token = sign(scan, body, world);
    let display = display(scan, serial, link, &token.body, world)?;
    if scan.bends.contains(&Bend::Stripped) {
        return Ok(text_of(&token.to_bytes()));
    }
    let shown =
        Shown::new(token, display).map_err(|error| Unusable::because("the ticket", error))?;
    let mut text = encode(&shown);
    for bend in &scan.bends {
        text = bend_text(*bend, text)?;
    }
    Ok(text)
}

fn bend_body(bend: Bend, body: &mut Body) {
    match bend {
        Bend::Secret => body.secret = Secret::from_bytes([STRANGER; 12]),
        Bend::Event => body.event = EventId(body.event.0 ^ 1),
        Bend::Entries => body.entries = body.entries.saturating_add(1),
        Bend::Validity => body.valid_until = UnixSeconds(body.valid_until.0.saturating_add(1)),
        Bend::Type => body.ticket_type = TypeId(body.ticket_type.0 ^ 1),
        _ => {}
    }
}

/// Fills a clock ticket's anchor in and gives the link of `step`.
fn anchor(body: &mut Body, step: u16, world: &World) -> Option<[u8; 16]> {
    let chain = world.chain(body)?;
    if let ModePart::Clock(part) = body.mode {
        body.mode = ModePart::Clock(ClockPart { anchor: chain.anchor(), ..part });
    }
    chain.link(step)
}

fn sign(scan: &Scan, body: Body, world: &World) -> Token {
    let bent = |bend| scan.bends.contains(&bend);
    let KeyId(number) = body.key;
    let key = test_key(body.key, if bent(Bend::Stranger) { STRANGER } else { number });
    let mut token = key.sign(world.open.installation, body);
    if bent(Bend::SerialAfter) {
        let signature = *token.signature();
        let mut body = token.body;
        body.serial = Serial(body.serial.0 ^ 1);
        token = Token::new(body, signature);
    }
    if bent(Bend::Signature) {
        let mut signature = *token.signature();
        if let Some(last) = signature.last_mut() {
            *last ^= 1;
        }
        token = Token::new(token.body, signature);
    }
    token
}

fn display(
    scan: &Scan,
    serial: Serial,
    link: Option<[u8; 16]>,
    body: &Body,
    world: &World,
) -> Result<Display, Unusable> {
    let step = scan.step;
    Ok(match body.mode {
        ModePart::Static => Display::Static,
        ModePart::Clock(_) => {
            let mut link = link.ok_or_else(|| Unusable("the chain has no such step".into()))?;
            if scan.bends.contains(&Bend::OtherLink) {
                let mut other = world.body(Serial(serial.0 ^ 1), Generation::FIRST)?;
                link = anchor(&mut other, step, world)
                    .ok_or_else(|| Unusable("the other ticket has no such step".into()))?;
            }
            if scan.bends.contains(&Bend::Link)
                && let Some(last) = link.last_mut()
            {
                *last ^= 1;
            }
            Display::Clock { step, link }
        }
        ModePart::Device { .. } => {
            Display::Device { time: body.valid_from, nonce: [0; 4], signature: [1; 64] }
        }
        ModePart::Wallet => Display::Wallet { time: body.valid_from, value: 12_345_678 },
    })
}

fn bend_text(bend: Bend, mut text: String) -> Result<String, Unusable> {
    match bend {
        Bend::CutEnd => text.truncate(text.len().saturating_sub(3)),
        Bend::CutStart => text = text.chars().skip(2).collect(),
        Bend::Longer => text.push_str("000"),
        Bend::Alphabet => {
            text.pop();
            text.push('!');
        }
        Bend::Lowercase => text.make_ascii_lowercase(),
        Bend::NewerPrefix => text = text.replacen("KS1:", "KS2:", 1),
        Bend::NewerInside => text = first_byte(&text, 0x20)?,
        Bend::UnknownMode => text = first_byte(&text, 0x1f)?,
        _ => {}
    }
    Ok(text)
}

/// The text with another first byte: version and mode.
fn first_byte(text: &str, value: u8) -> Result<String, Unusable> {
    let payload = text.strip_prefix(PREFIX).unwrap_or_default();
    let mut bytes =
        base45::decode(payload).map_err(|error| Unusable::because("the text", error))?;
    if let Some(first) = bytes.first_mut() {
        *first = value;
    }
    Ok(text_of(&bytes))
}

fn text_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(bytes))
}
