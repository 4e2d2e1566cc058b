//! Kaisatsu.
fn main() {}
