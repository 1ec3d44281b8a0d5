//! A customer is somebody gas is brought to: a shop, a school, a home, and one account for passers-by.
//!
//! Invariants
//! - The code makes the customer, nothing else: two may share a name, a phone or an address.
//! - A customer is never deleted; it is terminated or switched off.
//! - Every customer has its line in `customer_search`, written in the same transaction.

pub mod import;
pub mod search;

use crate::error::Noun;

pub const NOUN: Noun = Noun { word: "customer", label: "客戶" };
