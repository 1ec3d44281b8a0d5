//! The export of the newer till: 客戶代號, 交易日期, 交易時間, 備註 and five quantities, as UTF-8 or Big5. A row is
//! one visit; two visits of one customer and day are one delivery, and its quantities are their sum.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::Read;

use csv::ByteRecord;

use crate::deliveries::Load;
use crate::imports::delimited::{self, Lines, breaks, decode, reader};
use crate::imports::read;
use crate::imports::report::FileReport;
use crate::imports::understand::{DropRow, Understood, shown};
use crate::imports::{Action, Refusal};
use crate::values::{CustomerCode, Day, text};

/// The text of a file and where its columns stand.
pub struct Csv {
    bytes: Vec<u8>,
    is_big5: bool,
    code: usize,
    date: usize,
    time: Option<usize>,
    note: Option<usize>,
    /// 50, 20, 16, 10, 4 kg.
    quantities: [Option<usize>; 5],
    header_line: u32,
}

const CODE: [&str; 4] = ["客戶代號", "客戶編號", "客戶代碼", "客戶"];
const DATE: [&str; 4] = ["交易日期", "配送日期", "送貨日期", "日期"];
const TIME: [&str; 3] = ["交易時間", "配送時間", "時間"];
const NOTE: [&str; 2] = ["備註", "附註"];
const SIZES: [&str; 5] = ["50KG", "20KG", "16KG", "10KG", "4KG"];
const MOST_ROWS: usize = 1_000_000;
/// A count beyond it is a slip of the keyboard.
const MOST_CYLINDERS: i64 = 999;

/// By what a visit is known again: code, day, minutes after midnight and quantities.
type Visit = (u32, i32, Option<u16>, [Option<i64>; 5]);

/// Reads the file whole (its size is known to be small) and finds the columns.
pub fn open(mut file: File) -> Result<Csv, Refusal> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Refusal::unreadable)?;
    delimited::without_mark(&mut bytes);
    let unknown = || {
        Refusal::new(
            "file is of no known kind",
            "看不出這是什麼檔案。可以匯入的有：Excel 活頁簿（.xlsx）、營業配送明細（.csv）和舊系統的資料檔（.db）。",
        )
    };
    if !delimited::is_text(&bytes) {
        return Err(unknown());
    }
    let is_big5 = delimited::is_big5(&bytes);
    let mut reader = reader(&bytes);
    let mut record = ByteRecord::new();
    for _ in 0..20 {
        if !reader.read_byte_record(&mut record).map_err(|_| Refusal::broken())? {
            break;
        }
        let headings: Vec<String> = record.iter().map(|field| read::heading(&decode(field, is_big5).0)).collect();
        let at = |names: &[&str]| headings.iter().position(|heading| names.contains(&heading.as_str()));
        if let (Some(code), Some(date)) = (at(&CODE), at(&DATE)) {
            let quantities = SIZES.map(|size| at(&[size]));
            if quantities.iter().all(Option::is_none) {
                continue;
            }
            let header_line = record.position().map_or(1, |position| position.line() as u32);
            return Ok(Csv { code, date, time: at(&TIME), note: at(&NOTE), quantities, header_line, is_big5, bytes });
        }
    }
    Err(unknown())
}

pub fn understand(csv: &Csv, file: usize, today: Day, into: &mut Understood) -> Result<FileReport, Refusal> {
    let mut report = FileReport::default();
    let mut lines = Lines::new(&csv.bytes);
    let mut reader = reader(&csv.bytes);
    let mut record = ByteRecord::new();
    let mut rows = 0usize;
    let mut last_line = 0;
    let first = into.drops.len();
    while reader.read_byte_record(&mut record).map_err(|_| Refusal::broken())? {
        rows += 1;
        if MOST_ROWS < rows {
            return Err(Refusal::too_large());
        }
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        // The reader passes over lines with nothing in them; they are rows to a person.
        report.ignored += u64::from(line.saturating_sub(last_line + 1)) * u64::from(csv.header_line < last_line + 1);
        last_line = line + breaks(&record);
        if line <= csv.header_line {
            continue;
        }
        understand_row(csv, &record, line, file, today, into, &mut report);
    }
    let meaning = |at: Option<usize>, word| at.map(|_| word);
    report.columns = vec![
        ("客戶代號".to_owned(), Some("客戶編號")),
        ("交易日期".to_owned(), Some("配送日期")),
        ("交易時間".to_owned(), meaning(csv.time, "時間")),
        ("備註".to_owned(), meaning(csv.note, "備註")),
    ];
    for (size, at) in SIZES.iter().zip(csv.quantities) {
        report.columns.push(((*size).to_owned(), meaning(at, "支數")));
    }
    // Rows that repeat another of the same file: same code, day, time and quantities.
    let mut seen: HashMap<Visit, u32> = HashMap::new();
    let mut kept = Vec::new();
    for drop in into.drops.split_off(first) {
        match seen.entry((drop.code, drop.day, drop.time, drop.load.0)) {
            Entry::Occupied(same) => {
                let value = format!("{} {}（同第 {} 列）", into.codes.get(drop.code), shown(drop.day), same.get());
                into.note(file, drop.row, "", &value, "duplicate_exact", Action::Duplicate);
                report.duplicates += 1;
            }
            Entry::Vacant(free) => {
                free.insert(drop.row);
                kept.push(drop);
            }
        }
    }
    report.accepted = kept.len() as u64;
    into.drops.append(&mut kept);
    Ok(report)
}

fn understand_row(csv: &Csv, record: &ByteRecord, line: u32, file: usize, today: Day, into: &mut Understood, report: &mut FileReport) {
    let field = |at: Option<usize>| decode(at.and_then(|at| record.get(at)).unwrap_or_default(), csv.is_big5);
    let code_text = field(Some(csv.code)).0;
    let date_text = field(Some(csv.date)).0;
    let is_blank = record.iter().all(|field| decode(field, csv.is_big5).0.chars().all(text::is_blank));
    let is_heading = CODE.contains(&read::heading(&code_text).as_str()) && DATE.contains(&read::heading(&date_text).as_str());
    let others = record.iter().enumerate().filter(|(at, field)| *at != csv.code && !field.is_empty()).count();
    let is_note = others == 0 && code_text.parse::<CustomerCode>().is_err();
    if is_blank || is_heading || read::is_total(&code_text) || is_note {
        report.ignored += 1;
        return;
    }
    report.rows_read += 1;
    let mut faults: Vec<(&str, String, &'static str)> = Vec::new();
    let code = match read::code(&code_text) {
        Ok((code, fault)) => {
            faults.extend(fault.map(|kind| ("客戶代號", code_text.clone(), kind)));
            code
        }
        Err(kind) => return into.skip(report, file, line, "客戶代號", &code_text, kind),
    };
    let day = match read::day(&date_text, today) {
        Ok((day, fault)) => {
            faults.extend(fault.map(|kind| ("交易日期", date_text.clone(), kind)));
            day
        }
        Err(kind) => return into.skip(report, file, line, "交易日期", &date_text, kind),
    };
    let mut load = [None; 5];
    for (at, column) in csv.quantities.iter().enumerate() {
        let (typed, _) = field(*column);
        match quantity(&typed) {
            Ok((count, fault)) => {
                load[at] = count;
                faults.extend(fault.map(|kind| (SIZES[at], typed, kind)));
            }
            Err(kind) => into.note(file, line, SIZES[at], &typed, kind, Action::DropCell),
        }
    }
    let (typed, _) = field(csv.time);
    let time = match time(&typed) {
        Ok((time, fault)) => {
            faults.extend(fault.map(|kind| ("交易時間", typed, kind)));
            time
        }
        Err(kind) => {
            into.note(file, line, "交易時間", &typed, kind, Action::DropCell);
            None
        }
    };
    let (note, lost) = field(csv.note);
    faults.extend(lost.map(|kind| ("備註", note.clone(), kind)));
    report.repaired += u64::from(!faults.is_empty());
    for (column, value, kind) in faults {
        into.note(file, line, column, &value, kind, Action::Repair);
    }
    let note = read::tidy(&note, 500);
    report.tell_day(day.number());
    let code = into.codes.put(code.as_str());
    let note = (!note.is_empty()).then(|| note.as_ref().into());
    into.drops.push(DropRow { code, day: day.number(), time, load: Load(load), note, row: line, file });
}

/// A whole count of cylinders; empty is unknown.
fn quantity(typed: &str) -> Result<read::Repaired<Option<i64>>, &'static str> {
    let shown = text::trim(typed);
    if shown.is_empty() {
        return Ok((None, None));
    }
    let narrow = text::narrow(shown);
    let number: f64 = narrow.parse().map_err(|_| "bad_quantity")?;
    if !number.is_finite() || !(0.0..=MOST_CYLINDERS as f64).contains(&number) {
        return Err("bad_quantity");
    }
    if number.fract() != 0.0 {
        return Err("fractional_quantity");
    }
    let count = number as i64;
    Ok((Some(count), (count.to_string() != typed).then_some("fullwidth_quantity")))
}

/// `09:10`, `9:5`, `1505`, `下午3:20`, `15:05:00` as minutes after midnight.
fn time(typed: &str) -> Result<read::Repaired<Option<u16>>, &'static str> {
    let narrow = text::narrow(text::trim(typed));
    let narrow = text::trim(&narrow);
    if narrow.is_empty() {
        return Ok((None, None));
    }
    let (half, clock) = match (narrow.strip_prefix("上午"), narrow.strip_prefix("下午")) {
        (Some(rest), _) => (Some(0), rest),
        (_, Some(rest)) => (Some(12), rest),
        _ => (None, narrow),
    };
    let clock = text::trim(clock);
    let parts: Vec<&str> = clock.split(':').collect();
    let number = |part: &str| {
        let is_short = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_short { part.parse::<u16>().ok() } else { None }
    };
    let (hour, minute) = match parts.as_slice() {
        [hour, minute] | [hour, minute, _] => (number(hour), number(minute)),
        [digits] if matches!(digits.len(), 3 | 4) && digits.is_ascii() => {
            let at = digits.len() - 2;
            (number(&digits[..at]), number(&digits[at..]))
        }
        _ => (None, None),
    };
    let (hour, minute) = hour.zip(minute).ok_or("bad_time")?;
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return Err("bad_time"),
        Some(half) => hour % 12 + half,
        None => hour,
    };
    if 23 < hour || 59 < minute {
        return Err("bad_time");
    }
    let minutes = hour * 60 + minute;
    Ok((Some(minutes), (clock_of(minutes) != typed).then_some("odd_time")))
}

/// `09:10`.
pub fn clock_of(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Of several such files, the same visit is kept once: the Big5 export repeats the UTF-8 one.
pub fn settle(into: &mut Understood) {
    into.drops.sort_by_key(|drop| (drop.code, drop.day, drop.time, drop.load.0));
    let files = &mut into.files;
    into.drops.dedup_by(|later, earlier| {
        let is_same = (later.code, later.day, later.time, later.load) == (earlier.code, earlier.day, earlier.time, earlier.load)
            && later.file != earlier.file;
        if is_same && let Some(file) = files.get_mut(later.file) {
            file.duplicates += 1;
            file.accepted = file.accepted.saturating_sub(1);
        }
        is_same
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let cases =
            [("09:10", 550), ("8:5", 485), ("1505", 905), ("下午3:20", 920), ("上午12:05", 5), ("下午12:05", 725), ("15:05:00", 905)];
        for (typed, minutes) in cases {
            assert_eq!(time(typed).map(|(time, _)| time), Ok(Some(minutes)), "{typed}");
        }
        for typed in ["25:70", "早上", "9999", "下午13:00", "1:2:3:4"] {
            assert_eq!(time(typed), Err("bad_time"), "{typed}");
        }
    }

    #[test]
    fn quantities_are_whole() {
        for (typed, count) in [("2", Some(2)), ("２", Some(2)), (" 2 ", Some(2)), ("2.0", Some(2)), ("", None), ("0", Some(0))] {
            assert_eq!(quantity(typed).map(|(count, _)| count), Ok(count), "{typed}");
        }
        for (typed, kind) in [
            ("1.5", "fractional_quantity"),
            ("2桶", "bad_quantity"),
            ("N/A", "bad_quantity"),
            ("-1", "bad_quantity"),
            ("NaN", "bad_quantity"),
        ] {
            assert_eq!(quantity(typed), Err(kind), "{typed}");
        }
    }
}
