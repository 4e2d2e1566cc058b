//! What a page shows: the same documents as for machines, with what people want to read besides. Whoever opens the
//! page later gets the status, no verdict.

use kaisatsu_shared::{
    reason::LocalText,
    rules::{Direction, can_be_overruled},
};
use serde_json::{Value, json};

use crate::{link::Notice, scan::ScanProblem};

use super::{Face, Found, Shown, StatusLine, json as documents};

/// Where documents go.
pub(crate) type Post = Box<dyn Fn(Value)>;

/// A page, wherever it is.
pub(super) struct Page {
    post: Post,
    status: Option<StatusLine>,
}

impl Page {
    pub(super) fn new(post: Post) -> Self {
        Self { post, status: None }
    }
}

impl Face for Page {
    fn verdict(&mut self, shown: &Shown<'_>, _now: u64) {
        let mut line = documents::verdict(shown);
        let verdict = shown.verdict;
        add(&mut line, "overrulable", can_be_overruled(verdict.code).into());
        if let Some(bundle) = shown.bundle {
            let named = verdict.facts.ticket_type.and_then(|id| bundle.ticket_type(id));
            add(&mut line, "type", named.map_or(Value::Null, |known| text(&known.name)));
        }
        (self.post)(line);
    }

    fn problem(&mut self, problem: ScanProblem, source: &str, _now: u64) {
        (self.post)(documents::problem(problem, source));
    }

    fn notice(&mut self, notice: &Notice) {
        (self.post)(documents::notice(notice));
    }

    fn found(&mut self, found: &Found<'_>, _until: u64) {
        (self.post)(found.json());
    }

    fn forget_found(&mut self) {
        (self.post)(json!({ "kind": "found", "hits": [], "more": false }));
    }

    /// The status, where it changed.
    fn status(&mut self, line: StatusLine) {
        if self.status.as_ref() == Some(&line) {
            return;
        }
        let status = &line.status;
        let told = json!({
            "kind": "status",
            "gate": line.gate,
            "name": line.name.as_ref().map(text),
            "event": line.event.as_ref().map(text),
            "zone": line.zone,
            "direction": match line.direction {
                Direction::Entry => "entry",
                Direction::Exit => "exit",
            },
            "link": status.link,
            "unsynced": status.unsynced,
            "leased": status.leased,
            "ledger": status.ledger,
            "journal": status.journal,
            "tickets": status.tickets,
            "rules": status.bundle_version,
            "operator": line.operator,
            "clock": documents::clock(&line.clock),
        });
        (self.post)(told);
        self.status = Some(line);
    }
}

fn add(line: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = line {
        fields.insert(name.to_owned(), value);
    }
}

fn text(text: &LocalText) -> Value {
    json!({ "ja": text.ja, "en": text.en })
}
