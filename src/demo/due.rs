//! What the due list of the invented shop has been told this morning: alarms of devices, and who is not visited today.

use rusqlite::Transaction;

use crate::demo::book::{Book, Client, Person};
use crate::due::alarms::{self, NewAlarm, Outcome};
use crate::due::list::{self, Part};
use crate::due::skip;
use crate::error::Result;
use crate::journal::By;
use crate::orders::{Actor, store};
use crate::settings::Settings;
use crate::users::Role;
use crate::values::UserId;

/// The hours in which somebody sits before the screen the devices write to.
const AWAKE: std::ops::Range<u32> = 8..19;

/// Writes down two alarms and, of those who are due today, one of the first as passed over. Gives how many orders came of it.
pub fn note(tx: &Transaction, book: &Book, settings: &Settings) -> Result<usize> {
    if !AWAKE.contains(&book.now.hour()) {
        return Ok(0);
    }
    let [xiaohui, azhen] = book.staff.clerks.map(|Person { id, .. }| id);
    let by = |user: UserId| By { user: Some(user), at: book.now };

    let has_order = |client: &&Client| store::open_of(tx, client.id).is_ok_and(|open| !open.is_empty());
    let with_device = || book.clients.iter().rev().filter(|client| client.has_telemetry && client.is_open);
    // One whose gas is on its way, and one whom nobody had thought of.
    let served = with_device().find(has_order);
    let thin = with_device().find(|client| client.is_thin && !has_order(client));
    let mut made = 0;
    for (client, minutes, note) in [(served, 47, "左邊那排"), (thin, 12, "重量到了下限")] {
        let Some(client) = client else { continue };
        let alarm = NewAlarm { customer: client.id, at: book.now.plus_minutes(-minutes), note: Some(note.to_owned()) };
        let actor = Actor { by: by(xiaohui), role: Some(Role::OfficeStaff) };
        let recorded = alarms::record(tx, &alarm, actor, settings)?;
        made += usize::from(matches!(recorded.outcome, Outcome::Ordered(_)));
    }

    let due = list::of_day(tx, book.today, Part::default(), book.now, settings)?;
    if let Some(line) = due.lines.get(2).or(due.lines.first()) {
        skip::skip(tx, line.customer, book.today, by(azhen))?;
    }
    Ok(made)
}
