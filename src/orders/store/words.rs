use rusqlite::{Row, Transaction, named_params};

use crate::error::{Doing, Result};
use crate::values::OrderId;
use crate::values::text::fold;

/// Writes what order `id` is found by besides its number and its customer; whoever writes its contact, phone or
/// address calls this in the same transaction.
pub(in crate::orders) fn write_words(tx: &Transaction, id: OrderId) -> Result<()> {
    const READ: &str = "
        SELECT contact_name, delivery_address, contact_phone
        FROM orders
        WHERE id = :id";
    const WRITE: &str = "
        INSERT INTO order_search (order_id, key)
        VALUES (:id, :key)
        ON CONFLICT DO UPDATE SET key = :key";
    let key = |row: &Row| -> rusqlite::Result<String> {
        let text = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.unwrap_or_default());
        Ok(format!("{}\n{}\t{}", fold(&text("contact_name")?), fold(&text("delivery_address")?), digits(&text("contact_phone")?)))
    };
    let write = || -> rusqlite::Result<()> {
        let key = tx.prepare_cached(READ)?.query_row(named_params! {":id": id}, key)?;
        tx.prepare_cached(WRITE)?.execute(named_params! {":id": id, ":key": key}).map(drop)
    };
    write().doing(format_args!("write what order {id} is found by"))
}

/// The digits of a phone number, without its extension.
fn digits(phone: &str) -> String {
    fold(phone.split(['#', '＃']).next().unwrap_or_default()).chars().filter(char::is_ascii_digit).collect()
}
