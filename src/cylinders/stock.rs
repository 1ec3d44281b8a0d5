//! When the shelf runs low.

use rusqlite::Transaction;

use crate::cylinders::{NewMovement, Place, State, store};
use crate::error::Result;
use crate::journal::By;
use crate::notices::{self, Audience, Event, Notice};
use crate::products::{self, Product};

/// Whether `full` ones on the shelf are fewer than the shop wants to have; of a product it watches.
pub(super) fn is_low(product: &Product, full: i64) -> bool {
    full < product.low_stock_threshold
}

/// Tells the office once, when `taken` is what has just made the full ones few.
pub(super) fn tell_when_low(tx: &Transaction, taken: &NewMovement, by: By) -> Result<()> {
    let product = products::store::get(tx, taken.product)?;
    let now = store::qty(tx, Place::Shop, taken.product, State::Full)?;
    if !is_low(&product, now) || is_low(&product, now + taken.qty) || !product.is_active {
        return Ok(());
    }
    let text = format!("{} 滿桶只剩 {now} 支，不到 {} 支。", product.name, product.low_stock_threshold);
    let notice = Notice { event: Event::LowStock, to: Audience::Office, text, about: Some((products::NOUN, product.id.0)) };
    notices::tell(tx, notice, by.at)?;
    Ok(())
}
