//! What a file holds, counted: the rows of every table, and the sums of its money. Read from the schema, so that a file of
//! any version is counted by the same rule.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::store;
use crate::error::Result;

/// Two files with equal tallies hold as many rows everywhere and the same money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By table.
    pub rows: BTreeMap<String, i64>,
    /// By table and column, as `orders.final_ntd`: the sum in whole dollars of every column of money.
    pub money: BTreeMap<String, i64>,
}

/// Counts all of `conn`'s file. Call it inside a transaction where others write.
pub fn tally(conn: &Connection) -> Result<Tally> {
    let mut tally = Tally::default();
    for (table, columns) in store::tables_and_money(conn)? {
        let (rows, sums) = store::count_and_sums(conn, &table, &columns)?;
        for (column, sum) in columns.iter().zip(sums) {
            tally.money.insert(format!("{table}.{column}"), sum);
        }
        tally.rows.insert(table, rows);
    }
    Ok(tally)
}

impl Tally {
    /// Recent and closed ones.
    pub fn deliveries(&self) -> i64 {
        self.of("deliveries") + self.of("delivery_history")
    }

    pub fn customers(&self) -> i64 {
        self.of("customers")
    }

    pub fn orders(&self) -> i64 {
        self.of("orders")
    }

    /// What all orders came to, in whole dollars.
    pub fn ordered_ntd(&self) -> i64 {
        self.money.get("orders.final_ntd").copied().unwrap_or(0)
    }

    fn of(&self, table: &str) -> i64 {
        self.rows.get(table).copied().unwrap_or(0)
    }

    /// Where `other` differs: tables and columns, each with what is here and what is there.
    pub fn differences(&self, other: &Tally) -> Vec<(String, Option<i64>, Option<i64>)> {
        let mut differing = Vec::new();
        for (mine, theirs) in [(&self.rows, &other.rows), (&self.money, &other.money)] {
            let names: std::collections::BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
            for name in names {
                let (here, there) = (mine.get(name).copied(), theirs.get(name).copied());
                if here != there {
                    differing.push((name.clone(), here, there));
                }
            }
        }
        differing
    }

    pub fn to_json(&self) -> Value {
        json!({"rows": self.rows, "money": self.money})
    }

    /// `None` for anything [`Tally::to_json`] did not write.
    pub fn from_json(value: &Value) -> Option<Tally> {
        let numbers = |value: &Value| -> Option<BTreeMap<String, i64>> {
            let map: &Map<String, Value> = value.as_object()?;
            map.iter().map(|(name, number)| Some((name.clone(), number.as_i64()?))).collect()
        };
        Some(Tally { rows: numbers(value.get("rows")?)?, money: numbers(value.get("money")?)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_is_read_back_as_written_and_tells_where_another_differs() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(crate::db::SCHEMA).unwrap();
        let empty = tally(&conn).unwrap();
        assert_eq!((empty.customers(), empty.deliveries(), empty.orders()), (0, 0, 0));
        assert_eq!(empty.money.get("orders.final_ntd"), Some(&0));
        assert_eq!(Tally::from_json(&empty.to_json()), Some(empty.clone()));

        conn.execute_batch("INSERT INTO areas (name) VALUES ('北線'); CREATE TABLE backup_manifest (made TEXT);").unwrap();
        let one = tally(&conn).unwrap();
        assert_eq!(empty.differences(&one), [("areas".to_owned(), Some(0), Some(1))]);
        assert_eq!(one.differences(&one), []);
    }
}
