//! How the program fares: for programs that watch it, for the owner, and for whoever helps him over the phone.
//!
//! Invariants
//! - Nothing here holds a name, phone, address or any other word about people.
//! - Counting costs a request an addition or two, and nobody waits for it.
//! - What is told is known; what is not known is said to be so.

pub mod api;
mod chart;
pub mod code;
pub mod counters;
mod exposition;
pub mod hours;
pub mod hub;
mod metrics;
pub mod pages;
pub mod ready;
pub mod six;
pub mod store;
pub mod support;
mod views;

use std::path::Path;

use crate::error::Noun;

pub use counters::Counters;

pub const NOUN: Noun = Noun { word: "health", label: "程式的狀況" };

/// Nothing of a file that is not there.
fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}
