use rusqlite::types::Value;
use rusqlite::{Connection, ToSql};

use crate::deliveries::Cursor;
use crate::error::{Doing, Result};
use crate::orders::{Order, Origin, PaymentStatus, Status, store};
use crate::values::{CustomerId, Day, OrderId, UserId};

/// What a program asks for; what is `None` is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The days it is to be brought on, both included.
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub status: Option<Status>,
    pub customer: Option<CustomerId>,
    pub driver: Option<UserId>,
    pub is_urgent: Option<bool>,
    pub payment_status: Option<PaymentStatus>,
    pub origin: Option<Origin>,
    /// Only what stands after this place.
    pub after: Option<Cursor>,
}

/// At most `most` orders, the latest day first and of a day the last taken first, and where the next page begins.
pub fn page(conn: &Connection, asked: &Asked, most: usize) -> Result<(Vec<Order>, Option<Cursor>)> {
    let mut conditions = Vec::new();
    let mut params: Vec<(&str, Value)> = Vec::new();
    let mut ask = |condition: &'static str, name: &'static str, value: Option<Value>| {
        if let Some(value) = value {
            conditions.push(condition);
            params.push((name, value));
        }
    };
    let word = |word: &'static str| Value::from(word.to_owned());
    ask("AND :from <= scheduled_on", ":from", asked.from.map(|day| day.to_string().into()));
    ask("AND scheduled_on <= :to", ":to", asked.to.map(|day| day.to_string().into()));
    ask("AND status = :status", ":status", asked.status.map(|status| word(status.word())));
    ask("AND customer_id = :customer", ":customer", asked.customer.map(|id| id.0.into()));
    ask("AND driver_id = :driver", ":driver", asked.driver.map(|id| id.0.into()));
    ask("AND is_urgent = :urgent", ":urgent", asked.is_urgent.map(|is| i64::from(is).into()));
    ask("AND payment_status = :paid", ":paid", asked.payment_status.map(|status| word(status.word())));
    ask("AND origin = :origin", ":origin", asked.origin.map(|origin| word(origin.word())));
    if let Some(after) = asked.after {
        conditions.push("AND (scheduled_on, id) < (:on, :id)");
        params.extend([(":on", after.on.to_string().into()), (":id", after.id.into())]);
    }
    let sql = format!(
        "/* orders: page */
        SELECT id
        FROM orders
        WHERE 1 {}
        ORDER BY scheduled_on DESC, id DESC
        LIMIT {}",
        conditions.join(" "),
        most + 1
    );
    let params: Vec<(&str, &dyn ToSql)> = params.iter().map(|(name, value)| (*name, value as &dyn ToSql)).collect();
    let ids: Vec<OrderId> = conn
        .prepare_cached(&sql)
        .and_then(|mut query| query.query_map(params.as_slice(), |row| row.get("id"))?.collect())
        .doing("list a page of orders")?;
    let orders = ids.iter().take(most).map(|id| store::get(conn, *id)).collect::<Result<Vec<_>>>()?;
    let next = orders.last().filter(|_| most < ids.len()).map(|last| Cursor { on: last.scheduled_on, id: last.id.0 });
    Ok((orders, next))
}
