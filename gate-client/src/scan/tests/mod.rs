//! Tests of the scan sources.

mod keyboard;
mod keycode;
mod line;
mod spec;

/// A token text of the static length with every Base45 symbol in it.
fn token() -> String {
    let mut text = format!("KS1:{}", super::keyboard::BASE45.repeat(4));
    text.truncate(151);
    text
}
