//! The gate as a WebAssembly module. The page's worker gives it the database to keep its rows in, and somewhere to put
//! documents; what it hears goes in as JSON.
//!
//! For any other target there is nothing in here.

#[cfg(target_arch = "wasm32")]
mod fault;
#[cfg(target_arch = "wasm32")]
mod gate;
#[cfg(target_arch = "wasm32")]
mod rows;

#[cfg(target_arch = "wasm32")]
pub use gate::{Gate, enrol, standing};
