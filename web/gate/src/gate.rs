//! What the worker calls.

use std::rc::Rc;

use js_sys::Function;
use kaisatsu_gate::browser::{self, Voice};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::rows::{Database, PageRows};

/// Whether this device is enrolled, as a JSON document.
///
/// # Errors
/// A notice, as JSON, where what it keeps can't be read.
#[wasm_bindgen]
pub async fn standing(database: Database) -> Result<String, String> {
    text(browser::standing(Rc::new(PageRows::new(database))).await)
}

/// Enrols this device at a server with a one-time code.
///
/// # Errors
/// A notice, as JSON, that says why it isn't done.
#[wasm_bindgen]
pub async fn enrol(database: Database, server: String, code: String) -> Result<(), String> {
    let rows = Rc::new(PageRows::new(database));
    browser::enrol(rows, &server, &code).await.map_err(|refused| refused.to_string())
}

fn text(answer: Result<Value, Value>) -> Result<String, String> {
    answer.map(|document| document.to_string()).map_err(|refused| refused.to_string())
}

/// A running gate: what the page says goes in here.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Gate(Voice);

#[wasm_bindgen]
impl Gate {
    /// Starts it. Each document goes to `post` as JSON; the last one is of the kind `ended`.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(database: Database, post: Function) -> Self {
        let (voice, ear) = Voice::new();
        let post = Rc::new(move |document: Value| {
            // A page that is gone needs no documents.
            let _ = post.call1(&JsValue::NULL, &JsValue::from_str(&document.to_string()));
        });
        let documents = Rc::clone(&post);
        let run = browser::run(
            Rc::new(PageRows::new(database)),
            Box::new(move |document| documents(document)),
            ear,
        );
        spawn_local(async move {
            let ended = run.await;
            if let Err(refused) = ended {
                post(refused);
            }
            post(json!({ "kind": "ended" }));
        });
        Self(voice)
    }

    /// Says something as the page does: `{"scan": "…"}` or `{"line": "…"}`. False if it can't be heard.
    #[must_use]
    pub fn say(&self, words: &str) -> bool {
        self.0.say(words)
    }
}
