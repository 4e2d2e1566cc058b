//! The code is whole, of this event, signed by one of its keys, issued, and of the newest
//! generation. How it was made says so; nothing is computed.

use crate::{
    judge::{Family, Moment},
    story::Flaw,
};

pub(crate) const FAMILY: Family = Family {
    name: "authenticity",
    concerns: |_| true,
    allows: |moment: &Moment<'_>| {
        let Moment { story, known, .. } = moment;
        // What is wrong with a display is the display's own family. What is signed of the validity of a
        // ticket that renews is nobody's.
        let whole = match story.flaw {
            Flaw::None | Flaw::WrongLink => true,
            Flaw::Lengthened => story.renews(),
            _ => false,
        };
        whole && story.generation == known.generation && story.kind().is_some()
    },
};
