//! Making the orders of a list, all of them or none, and taking them back.

use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::journal::{self, Entry};
use crate::orders::lists::file::ListFile;
use crate::orders::lists::judge::{Draft, Judged};
use crate::orders::lists::{Column, Matter, NOUN, Told, store};
use crate::orders::steps::{self, Move};
use crate::orders::{Actor, CancelReason, Status, take};
use crate::settings::Settings;
use crate::values::OrderImportId;

/// Makes the orders of `judged`, waiting to be confirmed; those that are there already only when `is_again`.
/// `Conflict` when nothing is left to make.
pub fn bring_in(
    tx: &Transaction,
    file: &ListFile,
    judged: &Judged,
    is_again: bool,
    actor: Actor,
    settings: &Settings,
) -> Result<OrderImportId> {
    let drafts: Vec<&Draft> = judged.orders.iter().filter(|draft| is_again || draft.same.is_none()).collect();
    if drafts.is_empty() {
        return Err(Error::conflict("nothing to bring in", "裡面沒有可以匯入的訂單。"));
    }
    let id = store::insert(tx, actor.by, &file.name, &report(file, judged, drafts.len()))?;
    let mut numbers = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let nth = store::made_of_words(tx, &draft.form_keys())? + 1;
        let taken = take::take_in_batch(tx, &draft.order(Some(id), nth), Status::Pending, actor, settings)?;
        numbers.push(taken.order().number.clone());
    }
    let change = json!({
        "file": file.name,
        "rows": file.rows.len(),
        "rows_refused": judged.rows_refused(),
        "orders": numbers.len(),
        "first": numbers.first(),
        "last": numbers.last(),
    });
    journal::record(tx, &Entry { by: actor.by, verb: "import", noun: NOUN, noun_id: Some(id.0), change })?;
    Ok(id)
}

/// What came of taking a list back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    pub cancelled: usize,
    /// Numbers of those that are on a truck or delivered already, and stay.
    pub left: Vec<String>,
}

/// Cancels what a list has made, as far as nobody has gone on with it. Each cancelling is a step of its order like any
/// other; this adds one row for the whole. `Conflict` when it was taken back before.
pub fn take_back(tx: &Transaction, id: OrderImportId, actor: Actor) -> Result<TakenBack> {
    let list = store::get(tx, id)?;
    if list.taken_back_at.is_some() {
        return Err(Error::conflict("list is taken back", "這次匯入已經收回過了。"));
    }
    let cancel = Move::Cancel { reason: CancelReason::WrongEntry, note: Some(format!("收回匯入 {id}")) };
    let (mut cancelled, mut left) = (Vec::new(), Vec::new());
    for order in store::made(tx, id)?.into_iter().map(|made| made.order) {
        match order.status {
            Status::Pending | Status::Confirmed => {
                steps::act(tx, order.id, None, &cancel, actor)?;
                cancelled.push(order.number);
            }
            Status::Assigned | Status::InDelivery | Status::Delivered => left.push(order.number),
            Status::Cancelled => {}
        }
    }
    store::mark_taken_back(tx, id, actor.by.at)?;
    let change = json!({"cancelled": cancelled, "left": left});
    journal::record(tx, &Entry { by: actor.by, verb: "take_back", noun: NOUN, noun_id: Some(id.0), change })?;
    Ok(TakenBack { cancelled: cancelled.len(), left })
}

/// What is kept with the list.
fn report(file: &ListFile, judged: &Judged, made: usize) -> Value {
    let standing = judged.orders.len() - judged.fresh().count();
    json!({
        "rows": file.rows.len(),
        "rows_ignored": file.ignored,
        "rows_refused": judged.rows_refused(),
        "orders": made,
        "orders_standing": standing,
        "columns": file.columns.iter().map(|(heading, column)| json!({"heading": heading, "meaning": column.map(|column| column.word())})).collect::<Vec<_>>(),
        "problems": judged.told.iter().map(told_json).collect::<Vec<_>>(),
    })
}

fn told_json(told: &Told) -> Value {
    json!({
        "row": told.row,
        "column": told.column.map(|column| column.word()),
        "value": told.value,
        "matter": told.matter.word(),
        "message": told.say,
    })
}

/// What was said of the rows of a list, out of its report.
pub fn told(report: &Value) -> Vec<Told> {
    let told = |line: &Value| {
        Some(Told {
            row: u32::try_from(line["row"].as_u64()?).ok()?,
            column: line["column"].as_str().and_then(Column::from_word),
            value: line["value"].as_str()?.to_owned(),
            matter: Matter::from_word(line["matter"].as_str()?)?,
            say: line["message"].as_str()?.to_owned(),
        })
    };
    report["problems"].as_array().into_iter().flatten().filter_map(told).collect()
}
