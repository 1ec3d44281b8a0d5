//! An import is a batch of the shop's own files brought in together, all of it or none.
//!
//! Invariants
//! - Nothing is written before a person has seen what would be.
//! - The same file a second time changes nothing; an import can be taken back.

use crate::error::Noun;

pub const NOUN: Noun = Noun { word: "import", label: "匯入" };
