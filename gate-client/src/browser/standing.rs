//! What a worker finds when it starts.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{Refused, Rows, unusable};
use crate::store::{Notes as _, Store as _, rows::RowStore};

/// Whether this device can be run, or is to be enrolled.
///
/// # Errors
/// A notice, where what it keeps can't be read.
pub async fn standing(rows: Rc<dyn Rows>) -> Result<Value, Refused> {
    let store = RowStore::new(rows);
    let failed = |error| unusable(&error);
    let wiped = store.wiped().await.map_err(failed)?;
    let enrolment = store.enrolment().await.map_err(failed)?;
    Ok(json!({
        "kind": "standing",
        "enrolled": enrolment.is_some(),
        "server": enrolment.map(|known| known.server),
        "wiped": wiped,
    }))
}
