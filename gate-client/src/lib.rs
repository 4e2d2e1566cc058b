//! Kaisatsu.
