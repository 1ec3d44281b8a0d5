//! What the present shop has and a copy does not: gone when the copy is restored.

use std::path::Path;

use rusqlite::Connection;

use super::{Found, look, store};
use crate::db::{self, Db};
use crate::error::Result;
use crate::ui;
use crate::values::Stamp;

/// A row of the journal, by which two files are known to have been one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub row: i64,
    pub at: Stamp,
    /// Verb, noun and its number.
    pub what: (String, String, Option<i64>),
}

/// What would be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The last moment the two have in common; `None` when they are of two shops, and all of the present one would go.
    pub since: Option<Stamp>,
    pub customers: i64,
    pub orders: i64,
    pub deliveries: i64,
    pub payments: i64,
    pub imports: i64,
    /// Rows of the journal.
    pub changes: i64,
}

impl Loss {
    pub fn is_nothing(&self) -> bool {
        self.changes == 0
    }

    /// `34 張訂單、28 筆配送`; only what there is any of.
    pub fn said(&self) -> String {
        let parts = [
            (self.orders, "張訂單"),
            (self.deliveries, "筆配送"),
            (self.payments, "筆收款"),
            (self.customers, "位新客戶"),
            (self.imports, "次匯入"),
        ];
        let said: Vec<String> =
            parts.iter().filter(|(count, _)| 0 < *count).map(|(count, unit)| format!("{} {unit}", ui::count(*count))).collect();
        if said.is_empty() { format!("{} 件改過的事", ui::count(self.changes)) } else { said.join("、") }
    }

    /// The whole sentence at `now`.
    pub fn sentence(&self, now: Stamp) -> String {
        match self.since {
            _ if self.is_nothing() => "現在的資料和這份備份一樣新，還原不會少東西。".to_owned(),
            Some(since) => format!("這之後的 {}會不見（{} 到現在）。", self.said(), since.beside(now)),
            None => format!("這是另一份資料。現在這裡的 {}都會不見。", self.said()),
        }
    }
}

/// What is in the file `path`, as [`super::look`] says, and what the shop of `db` would lose to it.
pub fn compare(path: &Path, db: &Db) -> Result<(Found, Loss)> {
    let (found, copy) = look::open(path)?;
    let loss = db.read(|now| between(now, &copy))?;
    Ok((found, loss))
}

/// The same of the closed shop in `folder`; no loss when there is none, or it cannot be read any more.
pub fn compare_closed(path: &Path, folder: &Path) -> Result<(Found, Option<Loss>)> {
    let (found, copy) = look::open(path)?;
    let loss = db::peek(folder, |now| between(now, &copy));
    Ok((found, loss))
}

/// What the shop of `now` has and `copy` does not.
pub(super) fn between(now: &Connection, copy: &Connection) -> Result<Loss> {
    let common = common(now, copy)?;
    store::done_since(now, common.as_ref())
}

/// The last row the journals of both have in common. A journal only grows, so up to there they are alike, and after it
/// nothing is: it is found by halving.
fn common(now: &Connection, copy: &Connection) -> Result<Option<Moment>> {
    let last = |conn| store::moment(conn, i64::MAX).map(|moment| moment.map_or(0, |moment| moment.row));
    let (mut alike, mut unlike) = (0, last(now)?.min(last(copy)?) + 1);
    let mut common = None;
    while alike + 1 < unlike {
        let middle = alike + (unlike - alike) / 2;
        let here = store::moment(now, middle)?;
        if here.is_some() && here == store::moment(copy, middle)? {
            (alike, common) = (middle, here);
        } else {
            unlike = middle;
        }
    }
    Ok(common)
}
