//! Makes the device's key and trades a code for a credential.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::{Refused, Rows, unusable};
use crate::{
    face::notice,
    link::{self, Notice},
    platform::random,
    store::{Notes as _, Store as _, rows::RowStore},
};

/// Enrols this device at a server, with the code that was shown when it was announced there.
///
/// # Errors
/// A notice that says why it isn't done.
pub async fn enrol(rows: Rc<dyn Rows>, server: &str, code: &str) -> Result<(), Refused> {
    let mut store = RowStore::new(rows);
    let failed = |error| unusable(&error);
    if store.wiped().await.map_err(failed)?.is_some() {
        // A revoked device's: its key must not serve the next.
        store.finish_wipe().await.map_err(failed)?;
    }
    if store.enrolment().await.map_err(failed)?.is_some() {
        return Err(notice(&enrolled_already()));
    }
    let seed = random().map_err(|error| notice(&no_entropy(&error.to_string())))?;
    let key = store.key_or_new(Zeroizing::new(seed)).await.map_err(failed)?;
    let asked = link::enrol(server, code, key.public()).await;
    let (enrolment, _) = asked.map_err(|error| notice(&error.notice()))?;
    store.enrol(&enrolment).await.map_err(failed)
}

/// A revoked device too: its journal is still to be delivered.
fn enrolled_already() -> Notice {
    Notice::new(
        "enrolled_already",
        "この端末は登録済みです。係を呼んでください",
        "This device is enrolled already. Call a supervisor",
    )
}

fn no_entropy(why: &str) -> Notice {
    let ja = "この端末では使えません。再起動してください";
    Notice::new("no_entropy", ja, why)
}
