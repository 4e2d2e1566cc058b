//! What the ticket's past leaves, by going through the list from its beginning.

use kaisatsu_shared::right::UseKind;

use crate::story::{Past, What};

#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) voided: bool,
    pub(crate) blocked: bool,
    pub(crate) unpaid: bool,
    pub(crate) generation: u8,
    /// What the newest renewal says.
    pub(crate) valid: Option<(u32, u32)>,
    /// In the order recorded.
    pub(crate) uses: Vec<(usize, UseKind, Past)>,
    /// Admissions under way elsewhere.
    pub(crate) under_way: Vec<(usize, u8)>,
    /// Admissions of which nobody knows whether the guest was let in.
    pub(crate) doubtful: Vec<usize>,
    /// Admissions about which staff have said whether the guest was let in.
    pub(crate) answered: Vec<usize>,
}

impl Known {
    pub(crate) fn from(past: &[Past]) -> Self {
        let mut known = Self { generation: 1, ..Self::default() };
        for (place, one) in past.iter().enumerate() {
            match one.what {
                What::Used(kind) => known.uses.push((place, kind, *one)),
                What::Granted => known.under_way.push((place, one.count)),
                What::Completed(grant) => {
                    known.under_way.retain(|(other, _)| *other != grant);
                    known.uses.push((place, UseKind::Entry, *one));
                }
                What::Abandoned(grant) => known.under_way.retain(|(other, _)| *other != grant),
                What::Annulled(used) => known.uses.retain(|(other, ..)| *other != used),
                // Staff are asked once about a light, however often it is reported.
                What::Interrupted(used) if known.answered.contains(&used) => {}
                What::Interrupted(used) => known.doubtful.push(used),
                What::Answered(used) => {
                    known.doubtful.retain(|other| *other != used);
                    known.answered.push(used);
                }
                What::Voided => known.voided = true,
                What::Blocked => known.blocked = true,
                What::Unblocked => known.blocked = false,
                What::Payment { paid } => known.unpaid = !paid,
                What::Reissued => known.generation += 1,
                What::Renewed(from, until) => known.valid = Some((from, until)),
            }
        }
        known
    }
}
