//! 照舊: what a customer usually takes (business §3, task 2): the mode of the last five, else the last, else what
//! stands there.

use crate::values::{Day, ProductId};

/// How many last takes the usual is made of.
pub const TAKES: usize = 5;

/// What a customer usually takes, and why the program thinks so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Products and pieces, in the order of the price list; never empty.
    pub items: Vec<(ProductId, i64)>,
    pub why: Why,
    /// The last five takes, the newest first; empty when only what stands there is known.
    pub takes: Vec<Take>,
}

/// Where the usual comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// So many of so many last takes were the same.
    Mode { times: usize, of: usize },
    /// No two were alike.
    Last,
    /// Nothing was ever taken that is known in pieces.
    OnSite,
}

/// One order or delivery of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    pub on: Day,
    /// As [`Usual::items`].
    pub items: Vec<(ProductId, i64)>,
}
