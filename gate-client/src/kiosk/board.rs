//! What the page is to show: documents in order, each under a number. A page asks for those after the last it has;
//! one that has just been opened gets the status.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};
use tokio::sync::watch;

/// So many are kept for a page that was away for a moment.
const KEPT: usize = 64;

/// The documents.
#[derive(Debug)]
pub(crate) struct Board {
    known: Mutex<Known>,
    posted: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Known {
    /// How many there were.
    count: u64,
    newest: VecDeque<Value>,
    /// The last status. A verdict isn't shown to a page that is opened after it.
    status: Option<Value>,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::default(), posted: watch::Sender::new(0) }
    }

    /// Something to show.
    pub(crate) fn post(&self, document: Value) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if document.get("kind").and_then(Value::as_str) == Some("status") {
            known.status = Some(document.clone());
        }
        known.newest.push_back(document);
        if known.newest.len() > KEPT {
            known.newest.pop_front();
        }
        known.count = known.count.saturating_add(1);
        self.posted.send_replace(known.count);
    }

    /// Waits until there is more than a page has.
    pub(crate) async fn more_than(&self, after: u64) {
        // The sender lives as long as this.
        let _ = self.posted.subscribe().wait_for(|count| *count != after).await;
    }

    /// What came after `after`, and how many there were altogether. Where that isn't kept any more, and for a page that
    /// has nothing yet, `anew`: the status.
    pub(crate) fn after(&self, after: u64) -> Value {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = known.count.checked_sub(after).and_then(|it| usize::try_from(it).ok());
        let missing = missing.filter(|missing| after > 0 && *missing <= known.newest.len());
        let documents: Vec<&Value> = match missing {
            Some(missing) => {
                known.newest.iter().skip(known.newest.len().saturating_sub(missing)).collect()
            }
            None => known.status.iter().collect(),
        };
        json!({ "count": known.count, "anew": missing.is_none(), "documents": documents })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(answer: &Value) -> (u64, bool, Vec<String>) {
        let documents = answer["documents"].as_array().unwrap().iter();
        let kinds = documents.map(|it| format!("{}{}", it["kind"], it["n"])).collect();
        (answer["count"].as_u64().unwrap(), answer["anew"].as_bool().unwrap(), kinds)
    }

    #[test]
    fn a_page_gets_what_it_has_not_seen_or_the_status() {
        let board = Board::new();
        assert_eq!(kinds(&board.after(0)), (0, true, vec![]));
        for (kind, n) in [("status", 1), ("verdict", 2), ("notice", 3), ("status", 4)] {
            board.post(json!({ "kind": kind, "n": n }));
        }
        let status = vec!["\"status\"4".to_owned()];
        assert_eq!(kinds(&board.after(0)), (4, true, status.clone()));
        let last = vec!["\"notice\"3".to_owned(), "\"status\"4".to_owned()];
        assert_eq!(kinds(&board.after(2)), (4, false, last));
        assert_eq!(kinds(&board.after(4)), (4, false, vec![]));
        // From before the gate was started anew.
        assert_eq!(kinds(&board.after(9)), (4, true, status));
        for n in 0..200 {
            board.post(json!({ "kind": "notice", "n": n }));
        }
        assert!(kinds(&board.after(4)).1, "too much was missed");
        assert_eq!(kinds(&board.after(204 - 64)).2.len(), 64);
    }
}
