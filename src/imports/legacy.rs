//! The older program's SQLite file, opened so that nothing in it can run: read only, its views and triggers
//! never touched, generated columns refused.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row as SqlRow};
use serde_json::{Map, Value};

use crate::db;
use crate::deliveries::Load;
use crate::imports::history::MOST;
use crate::imports::read;
use crate::imports::report::FileReport;
use crate::imports::understand::{Details, NO_NAME, Other, Row, Understood, VisitRow, shown};
use crate::imports::{Action, Kind, Refusal, store};
use crate::values::{Day, text};

/// What stands in the notes of rows that an earlier run took from the history workbook.
const FROM_HISTORY: &str = "Imported from historical data";
const MOST_ROWS: u64 = 2_000_000;
const LOADS: [&str; 5] = ["delivered_50kg", "delivered_20kg", "delivered_16kg", "delivered_10kg", "delivered_4kg"];

/// Opens `path` when it is the older program's; ours and every other program's are refused.
pub fn open(path: &Path) -> Result<Connection, Refusal> {
    let not_known = || Refusal::new("another program's database", "這是別的程式的資料庫，不是舊系統的資料檔，沒有動它。");
    let encoded = percent_encoding::utf8_percent_encode(&path.to_string_lossy(), percent_encoding::NON_ALPHANUMERIC).to_string();
    let uri = format!("file:{}?mode=ro&immutable=1", encoded.replace("%2F", "/"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(uri, flags).map_err(|_| Refusal::broken())?;
    store::harden(&conn).map_err(|_| Refusal::broken())?;
    for (limit, most) in
        [(Limit::SQLITE_LIMIT_LENGTH, 4 << 20), (Limit::SQLITE_LIMIT_ATTACHED, 0), (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000)]
    {
        conn.set_limit(limit, most).map_err(|_| Refusal::broken())?;
    }
    if store::application_id(&conn).map_err(|_| Refusal::broken())? == db::APPLICATION_ID {
        return Err(Refusal::new("our own database", "這是幸福氣自己的資料檔，不能匯入。要還原請用備份。"));
    }
    let needed = [
        ("clients", &["id", "client_code", "invoice_title", "short_name", "address"][..]),
        ("deliveries", &["id", "client_id", "scheduled_date", "status", "notes"][..]),
    ];
    for (table, columns) in needed {
        let have = store::plain_columns(&conn, table).map_err(|_| Refusal::broken())?.ok_or_else(not_known)?;
        if !columns.iter().all(|column| have.iter().any(|name| name == column)) {
            return Err(not_known());
        }
    }
    Ok(conn)
}

pub fn understand(conn: &Connection, file: usize, today: Day, into: &mut Understood) -> Result<FileReport, Refusal> {
    let mut report = FileReport {
        columns: vec![("clients".to_owned(), Some("客戶")), ("deliveries".to_owned(), Some("配送"))],
        ..FileReport::default()
    };
    let clients = clients(conn, file, into)?;
    let drivers = store::names_by_id(conn, "drivers").map_err(|_| Refusal::broken())?;
    let first = into.legacy_rows.len();
    let mut rows = 0;
    store::each_row(conn, "deliveries", |row| {
        rows += 1;
        if MOST_ROWS < rows {
            return Err(Refusal::too_large());
        }
        delivery(row, &clients, &drivers, file, today, into, &mut report);
        Ok(())
    })?;
    settle(first, file, into, &mut report);
    Ok(report)
}

/// Text of column `name`, numbers as their digits; empty when NULL or missing.
fn text_of<'a>(row: &'a SqlRow, name: &str) -> std::borrow::Cow<'a, str> {
    match row.get_ref(name) {
        Ok(ValueRef::Text(bytes)) => String::from_utf8_lossy(bytes),
        Ok(ValueRef::Integer(number)) => number.to_string().into(),
        Ok(ValueRef::Real(number)) => number.to_string().into(),
        _ => "".into(),
    }
}

fn id_of(row: &SqlRow, name: &str) -> Option<i64> {
    match row.get_ref(name) {
        Ok(ValueRef::Integer(number)) => Some(number),
        _ => None,
    }
}

/// Who each client id is. Every client becomes one of `others`.
fn clients(conn: &Connection, file: usize, into: &mut Understood) -> Result<HashMap<i64, u32>, Refusal> {
    let mut ids = HashMap::new();
    let mut seen = HashMap::new();
    let columns = store::plain_columns(conn, "clients").map_err(|_| Refusal::broken())?.unwrap_or_default();
    store::each_row(conn, "clients", |row| {
        let Some(id) = id_of(row, "id") else { return Ok(()) };
        let number = u32::try_from(id).unwrap_or(0);
        let typed = text_of(row, "client_code");
        let code = match read::code(&typed) {
            Ok((code, _)) => code,
            Err(kind) => {
                into.note(file, number, "client_code", &typed, kind, Action::Skip);
                return Ok(());
            }
        };
        let at = into.codes.put(code.as_str());
        ids.insert(id, at);
        if seen.insert(at, id).is_some() {
            into.note(file, number, "client_code", &typed, "client_duplicate_code_with_space", Action::Repair);
            return Ok(());
        }
        let words = |name, most| {
            let typed = text_of(row, name);
            let tidy = read::tidy(&typed, most).into_owned();
            (tidy.len() != typed.len(), Some(tidy).filter(|tidy| !tidy.is_empty()), typed.into_owned())
        };
        let (title, short_name, address) = (words("invoice_title", MOST[0]), words("short_name", MOST[1]), words("address", MOST[2]));
        for (column, (was_untidy, _, typed)) in [("invoice_title", &title), ("short_name", &short_name), ("address", &address)] {
            if *was_untidy {
                into.note(file, number, column, typed, "client_trailing_spaces", Action::Repair);
            }
        }
        if short_name.1.is_none() {
            into.note(file, number, "short_name", "", "client_null_short_name", Action::Keep);
        }
        let raw: Map<String, Value> = columns
            .iter()
            .map(|name| (name.clone(), text_of(row, name)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, Value::String(value.into_owned())))
            .collect();
        into.others.push(Other {
            code: at,
            row: number,
            kind: Kind::Legacy,
            title: title.1,
            short_name: short_name.1,
            address: address.1,
            area: words("area", 40).1,
            is_terminated: text_of(row, "is_terminated") == "1",
            phone: None,
            raw: Value::Object(raw).to_string(),
            file,
        });
        Ok(())
    })?;
    Ok(ids)
}

fn delivery(
    row: &SqlRow,
    clients: &HashMap<i64, u32>,
    drivers: &HashMap<i64, String>,
    file: usize,
    today: Day,
    into: &mut Understood,
    report: &mut FileReport,
) {
    let number = id_of(row, "id").and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
    report.rows_read += 1;
    let client = id_of(row, "client_id");
    let Some(code) = client.and_then(|id| clients.get(&id)).copied() else {
        return into.skip(report, file, number, "client_id", &text_of(row, "client_id"), "orphan_client");
    };
    let typed = text_of(row, "status");
    let status = typed.trim().to_ascii_uppercase();
    let outcome = match status.as_str() {
        "COMPLETED" => None,
        "FAILED" => Some("failed"),
        "NOT_HOME" => Some("absent"),
        "REFUSED" => Some("refused"),
        "CANCELLED" => Some("cancelled"),
        "PENDING" | "ASSIGNED" | "IN_PROGRESS" => Some("planned"),
        _ => return into.skip(report, file, number, "status", &typed, "unknown_status"),
    };
    let date = text_of(row, "scheduled_date");
    let day = match read::day(&date, today) {
        Ok((day, _)) => day,
        Err(_) => return into.skip(report, file, number, "scheduled_date", &date, "bad_date"),
    };
    if status != *typed {
        into.note(file, number, "status", &typed, "status_lower_case", Action::Repair);
        report.repaired += 1;
    }
    if date.parse::<Day>().is_err() {
        into.note(file, number, "scheduled_date", &date, "roc_text_date", Action::Repair);
        report.repaired += 1;
    }
    let typed = text_of(row, "notes");
    let note = read::tidy(&typed, 500);
    let note = (!note.is_empty() && note != FROM_HISTORY).then(|| note.into_owned());
    if let Some(outcome) = outcome {
        report.accepted += 1;
        into.visits.push(VisitRow { code, day, outcome, items: None, note, source: "legacy" });
        return;
    }
    // All zeros is how the older program wrote that it did not know; beside a number, a zero says nothing more.
    let load = LOADS.map(|name| id_of(row, name).filter(|count| (1..=999).contains(count)));
    let at_time = text_of(row, "actual_delivery_time").get(11..16).filter(|clock| *clock != "00:00" && is_clock(clock)).map(Into::into);
    let driver_name = id_of(row, "driver_id").and_then(|id| drivers.get(&id)).map(|name| name.as_str().into());
    let details = Details { load: Load(load), at_time, driver_name, note: note.map(Into::into) };
    let mut delivered = Row::new(code, day, number, NO_NAME, false);
    if details != Details::default() {
        into.details.push(details);
        delivered.details = into.details.len() as u32;
    }
    into.legacy_rows.push(delivered);
}

fn is_clock(clock: &str) -> bool {
    let bytes = clock.as_bytes();
    bytes.len() == 5
        && bytes[2] == b':'
        && clock.get(..2).and_then(|hour| hour.parse::<u8>().ok()).is_some_and(|hour| hour < 24)
        && clock.get(3..).and_then(|minute| minute.parse::<u8>().ok()).is_some_and(|minute| minute < 60)
}

/// Sorts the rows from `first` on and tells those that repeat another.
fn settle(first: usize, file: usize, into: &mut Understood, report: &mut FileReport) {
    let mut rows = into.legacy_rows.split_off(first);
    rows.sort_by_key(|row| row.key());
    for row in rows {
        match into.legacy_rows[first..].last().copied() {
            Some(same) if same.key() == row.key() => {
                let value = format!("{} {}（同 id {}）", text::trim(into.codes.get(row.code)), shown(row.day), same.number());
                into.note(file, row.number(), "", &value, "duplicate", Action::Duplicate);
                report.duplicates += 1;
                if same.details == 0
                    && let Some(last) = into.legacy_rows.last_mut()
                {
                    last.details = row.details;
                }
            }
            _ => {
                report.tell_day(row.day);
                report.accepted += 1;
                into.legacy_rows.push(row);
            }
        }
    }
}
