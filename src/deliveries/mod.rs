//! A delivery is gas brought to one customer on one day.
//!
//! Invariants
//! - An unknown quantity is NULL and shown as —, never as 0.
//! - Rows older than six months are closed and stand in `delivery_history`; no answer changes when they move.
//! - `delivery_days` is kept in step by every transaction that writes deliveries.

use crate::error::Noun;

pub const NOUN: Noun = Noun { word: "delivery", label: "配送" };
