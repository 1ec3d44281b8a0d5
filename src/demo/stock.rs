//! The cylinders on the shelf of the invented shop: counted when its books began, exchanged at the plant the evening before.

use rusqlite::Transaction;

use crate::cylinders::by_hand::{Counted, Exchange, count, refill};
use crate::cylinders::{State, is_kept};
use crate::error::Result;
use crate::journal::By;
use crate::products::Product;
use crate::values::{ProductId, Stamp, UserId};

/// Full ones of a product on the shelf for each hundred orders of a day; of what is rarely asked for a few, of one too few.
fn usual(product: &Product) -> i64 {
    match product.code.as_str() {
        "C20" => 240,
        "C16" => 90,
        "C50" => 40,
        "F50" | "F20" => 30,
        "C10-SAFE" => 6,
        _ => 24,
    }
}

/// Counts the shelf at `began` and drives to the plant at `exchanged`; `orders` is how many a day has.
pub fn write(
    tx: &Transaction,
    catalogue: &[Product],
    orders: usize,
    manager: UserId,
    began: Stamp,
    clerk: UserId,
    exchanged: Stamp,
) -> Result<()> {
    let shelf = |product: &Product| ((usual(product) * orders as i64 + 99) / 100).max(6);
    let kept: Vec<(ProductId, i64)> =
        catalogue.iter().filter(|product| product.is_active && is_kept(product)).map(|product| (product.id, shelf(product))).collect();
    let mut counted = Vec::with_capacity(2 * kept.len());
    for (product, full) in &kept {
        let stands = |state: State, found: i64| Counted { product: *product, state, found, was: None };
        counted.extend([stands(State::Full, full - full / 3), stands(State::Empty, full / 2)]);
    }
    count(tx, &counted, Some("開始記帳的盤點"), By { user: Some(manager), at: began })?;
    let exchanged_of = |(product, full): &(ProductId, i64)| Exchange { product: *product, sent: full / 3, refilled: full / 3 };
    let lines: Vec<Exchange> = kept.iter().map(exchanged_of).filter(|line| 0 < line.refilled).collect();
    refill(tx, &lines, Some("回廠灌氣"), By { user: Some(clerk), at: exchanged })?;
    Ok(())
}
