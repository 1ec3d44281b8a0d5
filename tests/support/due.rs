//! Customers the shop visits without being called, and what came of a key.

use luckygas::orders::{Order, store};
use luckygas::values::{CustomerId, Grams};
use serde_json::Value;

use super::deliveries::Table::Recent;
use super::{Answer, Site, day};

/// A customer on the round who burns `daily` grams a day out of `series` and `reserve` kilograms, last served on `last`.
pub fn burning(site: &Site, code: &str, name: &str, (daily, series, reserve): (i64, i64, i64), last: &str) -> CustomerId {
    let id = site.customer(code, name, |details| {
        details.on_patrol = Some(true);
        details.area = Some("D-北線".to_owned());
        details.avg_daily_g = Some(Grams(daily));
        details.series_g = Some(Grams::from_kg(series));
        details.reserve_g = Some(Grams::from_kg(reserve));
        details.cylinders = vec![("C20", 2)];
    });
    site.deliver(id, &[last]);
    id
}

/// A customer on the round of whose use nothing is known.
pub fn rhythmic(site: &Site, code: &str, name: &str, days: &[&str]) -> CustomerId {
    let id = site.customer(code, name, |details| details.on_patrol = Some(true));
    site.deliver(id, days);
    id
}

pub trait Delivered {
    fn deliver(&self, customer: CustomerId, days: &[&str]);
    fn change(&self, customer: CustomerId, column: &str, value: &str);
}

impl Delivered for Site {
    /// Deliveries of which only the day is known.
    fn deliver(&self, customer: CustomerId, days: &[&str]) {
        let next: i64 = self
            .app
            .db
            .read(|conn| Ok(conn.query_row("SELECT ifnull(max(id), 0) FROM deliveries", [], |row| row.get(0)).unwrap()))
            .unwrap();
        let rows: Vec<_> = (1..).zip(days).map(|(at, on)| (next + at, customer, day(on), Recent, None)).collect();
        self.add_deliveries(&rows);
    }

    fn change(&self, customer: CustomerId, column: &str, value: &str) {
        let sql = format!("UPDATE customers SET {column} = {value} WHERE id = ?1");
        self.app.db.write(|tx| Ok(tx.execute(&sql, [customer]).unwrap())).unwrap();
    }
}

/// The list as the API tells it.
pub fn due(site: &Site, query: &str) -> Value {
    site.hui().get(&format!("/api/v1/due{query}")).json()
}

pub fn names(list: &Value) -> Vec<String> {
    list["lines"].as_array().unwrap().iter().map(|line| line["customer_name"].as_str().unwrap().to_owned()).collect()
}

pub fn line<'a>(list: &'a Value, name: &str) -> &'a Value {
    list["lines"].as_array().unwrap().iter().find(|line| line["customer_name"] == name).unwrap_or_else(|| panic!("{name}: {list}"))
}

pub fn orders_of(site: &Site, customer: CustomerId) -> Vec<Order> {
    site.app.db.read(|conn| store::open_of(conn, customer)).unwrap()
}

pub fn notice(answer: &Answer) -> String {
    let cookies = answer.response.headers().iter().filter(|(name, _)| *name == "Set-Cookie");
    let value = cookies.filter_map(|(_, value)| value.strip_prefix("luckygas_notice=")).next().unwrap_or_default();
    let value = value.split(';').next().unwrap_or_default();
    percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned()
}
