//! What the page's database says, as the gate sees it.

use js_sys::Reflect;
use kaisatsu_gate::store::StoreError;
use wasm_bindgen::JsValue;

/// The name of an exception, and what it says.
fn said(value: &JsValue) -> (String, String) {
    let field = |name: &str| {
        Reflect::get(value, &JsValue::from_str(name)).ok().and_then(|text| text.as_string())
    };
    (field("name").unwrap_or_default(), field("message").unwrap_or_else(|| format!("{value:?}")))
}

/// Why rows can't be read.
pub(crate) fn reading(value: &JsValue) -> StoreError {
    let (name, message) = said(value);
    StoreError::Database(format!("{name}: {message}"))
}

/// Why changes weren't made. Only of some is it certain that nothing was.
pub(crate) fn writing(value: &JsValue) -> StoreError {
    let (name, message) = said(value);
    match name.as_str() {
        "QuotaExceededError" => StoreError::Full,
        "ConstraintError" | "DataError" | "TypeError" => {
            StoreError::Database(format!("{name}: {message}"))
        }
        _ => StoreError::Fsync,
    }
}

/// A row that isn't one.
pub(crate) fn damaged() -> StoreError {
    StoreError::Corrupt("a row can't be read".to_owned())
}
