//! What a right still allows, judged from what is known of its uses.

use crate::{
    ledger::LastUse,
    reason::ReasonCode,
    right::{Use, UseKind},
    time::{TimeInterval, UnixMillis},
    validity::Validity,
};

use super::{
    Facts, Look, Presence, Reach, Reentry, Refusal, RightView, Terms,
    instant::throughout,
    limits::judge_limits,
    presence::judge_presence,
    standing::{judge_standing, look_at},
    trail::{End, Unwatched, Watch, pass_unless},
    validity::judge_renewal,
    view::{PastUse, ReadAs, Reading},
};

/// What is asked of a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How many persons want to enter.
    pub count: u8,
    /// When.
    pub now: TimeInterval,
    /// Whom the deciding side can ask; the server itself is in reach.
    pub reach: Reach,
}

/// Why the persons may not enter on the right, if they may not. `validity` is what the ledger says of
/// a ticket that renews. The facts' use is the one that stands in the way.
#[must_use]
pub fn judge_right(
    view: &RightView,
    terms: &Terms<'_>,
    validity: Option<Validity>,
    ask: Ask,
) -> Option<Refusal> {
    judge_standing(view, terms.rules.unpaid)
        .or_else(|| judge_renewal(terms, validity, ask.now))
        .or_else(|| judge_watched(view, terms, ask, &mut Unwatched).err().map(End::into_refusal))
}

/// What a right still allows, by its uses; lets `watch` hear how.
#[expect(clippy::result_large_err, reason = "it is taken apart at once, some frames above")]
pub(super) fn judge_watched(
    view: &RightView,
    terms: &Terms<'_>,
    ask: Ask,
    watch: &mut impl Watch,
) -> Result<(), End> {
    pass_unless(watch, || look_at(view), judge_standing(view, terms.rules.unpaid))?;
    let open = view.interrupted.is_some();
    let interrupted = open.then(|| with_use(ReasonCode::Interrupted, view.last_entry()));
    pass_unless(watch, || Look::Interrupted { open }, interrupted)?;
    let wanted = u32::from(ask.count);
    judge_uses(view, terms, wanted, ask, watch)?;
    let persons = view.being_admitted;
    let with_others = wanted.saturating_add(persons);
    let in_the_way = persons > 0
        && (terms.admission.presence.keeps_order()
            || judge_uses(view, terms, with_others, ask, &mut Unwatched).is_err());
    let being_admitted = in_the_way.then(|| with_use(ReasonCode::BeingAdmitted, view.open_grant));
    pass_unless(watch, || Look::BeingAdmitted { persons }, being_admitted)
}

/// Whether a use exceeds what the right allows together with those recorded before it: a conflict.
/// Conditions that only keep order at the gate (to scan out, to wait) are not meant. Where coming back
/// doesn't count, the order of occurrence does: a use that was recorded late, because its gate was cut off,
/// comes before those that were certainly later, and must not make one of them exceed either.
#[must_use]
pub fn exceeds(before: Vec<PastUse>, terms: &Terms<'_>, used: &Use) -> bool {
    let reentry = terms.admission.presence.reentry;
    let presence = Presence { reentry, ..Presence::FREE };
    let admission = super::Admission { presence, ..terms.admission.clone() };
    let terms = Terms { admission: &admission, ..*terms };
    let (uses, place) = match reentry {
        Reentry::Counts => {
            let place = before.len();
            (before.into_iter().chain([used.into()]).collect(), place)
        }
        Reentry::AfterExit => in_order(before, used.into()),
    };
    let entries = uses.iter().enumerate().skip(place);
    let mut entries = entries.filter(|(_, entry)| entry.kind == UseKind::Entry);
    entries.any(|(place, entry)| {
        let earlier = uses.iter().take(place).copied().collect();
        let view = RightView { uses: earlier, ..RightView::default() };
        let ask = Ask { count: entry.count, now: entry.seen.at, reach: Reach::Server };
        judge_uses(&view, &terms, u32::from(entry.count), ask, &mut Unwatched).is_err_and(|end| {
            // Nobody is accused on a time, or an order, that isn't known.
            let unsure = [ReasonCode::ClockUnsure, ReasonCode::ExitUnknown];
            !unsure.contains(&end.into_refusal().code)
        })
    })
}

/// Uses in the order recorded, but each before those that were certainly later; and the place of `used`.
fn in_order(recorded: Vec<PastUse>, used: PastUse) -> (Vec<PastUse>, usize) {
    let mut uses: Vec<PastUse> = Vec::with_capacity(recorded.len().saturating_add(1));
    let mut place = 0;
    for one in recorded.into_iter().chain([used]) {
        let later = |other: &&PastUse| other.seen.at.earliest > one.seen.at.latest;
        place = uses.len().saturating_sub(uses.iter().rev().take_while(later).count());
        uses.insert(place, one);
    }
    (uses, place)
}

const fn with_use(code: ReasonCode, last_use: Option<LastUse>) -> Refusal {
    Refusal { code, facts: Facts { last_use, ..Facts::EMPTY } }
}

#[expect(clippy::result_large_err, reason = "it is taken apart at once, some frames above")]
fn judge_uses(
    view: &RightView,
    terms: &Terms<'_>,
    wanted: u32,
    ask: Ask,
    watch: &mut impl Watch,
) -> Result<(), End> {
    let (allowed, entered) = (terms.admission.total(terms.entries), view.entered());
    let look = || Look::Total { allowed, entered, wanted };
    pass_unless(watch, look, judge_total(view, terms, wanted))?;
    let admission = terms.admission;
    if admission.presence == Presence::FREE && admission.limits == super::Limits::NONE {
        return Ok(());
    }
    let mut at_instant = |read_as, at: UnixMillis| {
        let uses = Reading { view, read_as };
        judge_presence(terms, &uses, wanted, ask.reach, at, watch)
            .and(|| judge_limits(terms, &uses, wanted, at, watch))
    };
    // Each use happened at some instant of its interval: all must lead to the same answer.
    let readings = [
        throughout(ask.now, |at| at_instant(ReadAs::Earliest, at)),
        throughout(ask.now, |at| at_instant(ReadAs::Nearest(at), at)),
        throughout(ask.now, |at| at_instant(ReadAs::Latest, at)),
    ];
    let refused = readings.iter().flatten().count();
    let refusal = match readings {
        [Some(refusal), ..] if refused == readings.len() => Some(refusal),
        _ if refused == 0 => None,
        _ => Some(Refusal::of(ReasonCode::ClockUnsure)),
    };
    pass_unless(watch, || Look::throughout(ask.now), refusal)
}

/// The admissions that the ticket allows altogether, where each counts.
fn judge_total(view: &RightView, terms: &Terms<'_>, wanted: u32) -> Option<Refusal> {
    let total = terms.admission.total(terms.entries);
    if total == 0 {
        return None;
    }
    let left = u32::from(total).saturating_sub(view.entered());
    let (code, left) = match left {
        left if wanted <= left => return None,
        0 => (ReasonCode::AlreadyUsed, None),
        left => (ReasonCode::NotEnoughLeft, Some(left)),
    };
    Some(Refusal { code, facts: Facts { last_use: view.last_entry(), left, ..Facts::EMPTY } })
}
