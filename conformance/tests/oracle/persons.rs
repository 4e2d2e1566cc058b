//! How many of a group the gate may say can enter: no more than fit, and no fewer than the ticket and
//! the places allow.

use crate::{judge::refusing_persons, known::Known, story::Story};

/// More than any place of the stories holds.
const MANY: u32 = 40;

/// What is wrong with the number that the gate asks for, if something is.
pub(crate) fn wrong(story: &Story, most: Option<u32>) -> Option<String> {
    let known = Known::from(&story.past[..story.heard]);
    let refusing = |wanted| refusing_persons(story, &known, wanted);
    let Some(most) = most else {
        let full = refusing(MANY).contains("capacity");
        return full.then(|| "any number is asked for, and not any fits".to_owned());
    };
    if refusing(most).contains("capacity") {
        return Some(format!("{most} are asked for, and don't fit"));
    }
    // Nobody has answered yet: that alone stands in the way of one more.
    let mut others = refusing(most + 1);
    others.remove("asking");
    others.is_empty().then(|| format!("{most} are asked for, and one more would be let in"))
}
