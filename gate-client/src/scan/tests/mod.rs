//! Tests of the scan sources.

#[cfg(all(feature = "camera", target_os = "linux"))]
mod camera;
mod keyboard;
mod keycode;
mod line;
mod spec;

#[cfg(feature = "native")]
mod image;
#[cfg(feature = "native")]
mod photos;
#[cfg(all(feature = "native", target_os = "linux"))]
mod sources;

/// A token text of the static length with every Base45 symbol in it.
fn token() -> String {
    let mut text = format!("KS1:{}", super::keyboard::BASE45.repeat(4));
    text.truncate(151);
    text
}
