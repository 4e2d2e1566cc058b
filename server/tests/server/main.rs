//! The real binary, driven as its users do: over HTTP and at the command line.
// These tests are outside: they wait for real programs and measure them.
#![allow(clippy::disallowed_methods)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod access;
mod audit;
mod common;
mod disk;
mod faults;
mod gates;
mod hubs;
mod interventions;
mod issue;
mod journals;
mod lanes;
mod life;
mod links;
mod marks;
mod numbers;
mod openapi;
mod operators;
mod overview;
mod problems;
mod proof;
mod records;
mod renewals;
mod restores;
mod rules;
mod search;
mod tails;
mod time;
mod trial;
