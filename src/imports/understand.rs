//! What a batch of files says, held in compact memory: no transaction is open while files are read.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;

use crate::deliveries::Load;
use crate::error::{Error, Result};
use crate::imports::history::Name;
use crate::imports::read::Texts;
use crate::imports::recognise::{self, Recognised};
use crate::imports::report::FileReport;
use crate::imports::{Action, Kind, Problem, Refusal, clients, commercial, history, legacy, plan};
use crate::settings::Settings;
use crate::values::phone::Phone;
use crate::values::{Day, text};

/// A file to bring in.
#[derive(Clone, Debug)]
pub struct Source {
    /// As the person calls it.
    pub name: String,
    pub path: PathBuf,
}

pub const NO_NAME: u32 = u32::MAX;
const REPAIRED: u32 = 1 << 31;

/// A delivery as one row told it, in twenty bytes.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub code: u32,
    pub day: i32,
    /// Its number in the file; the top bit says that it had to be repaired.
    row: u32,
    pub name: u32,
    /// In [`Understood::details`], from 1; 0 is none.
    pub details: u32,
}

impl Row {
    pub fn new(code: u32, day: Day, row: u32, name: u32, is_repaired: bool) -> Row {
        Row { code, day: day.number(), row: row | if is_repaired { REPAIRED } else { 0 }, name, details: 0 }
    }

    pub fn number(self) -> u32 {
        self.row & !REPAIRED
    }

    fn is_repaired(self) -> bool {
        self.row & REPAIRED != 0
    }

    pub fn key(self) -> u64 {
        u64::from(self.code) << 32 | u64::from((self.day as u32) ^ 1 << 31)
    }
}

/// What a row tells beyond code and day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    pub load: Load,
    pub at_time: Option<Box<str>>,
    pub driver_name: Option<Box<str>>,
    pub note: Option<Box<str>>,
}

/// A customer of the client list.
pub struct Client {
    pub code: u32,
    pub row: u32,
    pub facts: crate::customers::import::Facts,
    pub area: Option<String>,
    /// {heading: text after repair}.
    pub cells: String,
    /// {heading: text as it stood}.
    pub raw: String,
}

/// A customer of the older program, or of the plan.
pub struct Other {
    pub code: u32,
    pub row: u32,
    pub kind: Kind,
    pub title: Option<String>,
    pub short_name: Option<String>,
    pub address: Option<String>,
    pub area: Option<String>,
    pub is_terminated: bool,
    pub phone: Option<(Phone, String)>,
    pub raw: String,
    pub file: usize,
}

/// One visit of the commercial file.
#[derive(Clone, Debug)]
pub struct DropRow {
    pub code: u32,
    pub day: i32,
    /// Minutes after midnight.
    pub time: Option<u16>,
    pub load: Load,
    pub note: Option<Box<str>>,
    pub row: u32,
    pub file: usize,
}

/// A visit without gas, or planned.
#[derive(Clone, Debug)]
pub struct VisitRow {
    pub code: u32,
    pub day: Day,
    pub outcome: &'static str,
    pub items: Option<String>,
    pub note: Option<String>,
    pub source: &'static str,
}

/// The newest text of each of a customer's name cells: its day and its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Newest {
    pub cells: [Option<(i32, u32)>; 3],
    pub last: Option<i32>,
    /// The file and row in which the code was first met.
    pub first_row: u32,
}

#[derive(Default)]
pub struct Understood {
    /// In the order they are worked through.
    pub files: Vec<FileReport>,
    pub problems: Vec<Problem>,
    pub codes: Texts,
    pub texts: Texts,
    names: HashMap<Name, u32>,
    pub all_names: Vec<Name>,
    pub clients: Vec<Client>,
    pub others: Vec<Other>,
    /// History rows, sorted by code and day, no two alike within a file.
    pub rows: Vec<Row>,
    /// By code number; only of codes that stand in a history.
    pub newest: Vec<Option<Newest>>,
    /// Completed deliveries of the older program, likewise.
    pub legacy_rows: Vec<Row>,
    pub details: Vec<Details>,
    /// Sorted by code, day, time and load, no two alike.
    pub drops: Vec<DropRow>,
    pub visits: Vec<VisitRow>,
    /// Which file each first row of a history belongs to is told by its place.
    pub today: Option<Day>,
}

impl Understood {
    /// A line for the report; the value is cut to what a person can read.
    pub fn note(&mut self, file: usize, row: u32, column: &str, value: &str, kind: &'static str, action: Action) {
        self.note_many(file, row, column, value, kind, action, 1);
    }

    #[allow(clippy::too_many_arguments)]
    pub fn note_many(&mut self, file: usize, row: u32, column: &str, value: &str, kind: &'static str, action: Action, count: u32) {
        /// A file of nothing but faults does not fill the memory.
        const MOST: usize = 200_000;
        if MOST <= self.problems.len() {
            return;
        }
        let value: String = value.chars().take(200).collect();
        let column = (!column.is_empty()).then(|| column.into());
        self.problems.push(Problem { file, row: Some(row), column, value: value.into(), kind, action, count });
    }

    pub fn skip(&mut self, report: &mut FileReport, file: usize, row: u32, column: &str, value: &str, kind: &'static str) {
        report.skipped += 1;
        self.note(file, row, column, value, kind, Action::Skip);
    }

    pub fn name(&mut self, name: Name) -> u32 {
        let next = self.all_names.len() as u32;
        let all = &mut self.all_names;
        *self.names.entry(name).or_insert_with(|| {
            all.push(name);
            next
        })
    }

    /// Takes a history row.
    #[inline]
    pub fn tell_row(&mut self, row: Row, name_at: u32) {
        self.rows.push(row);
        let code = row.code as usize;
        if self.newest.len() <= code {
            self.newest.resize(code + 1, None);
        }
        let newest = self.newest[code].get_or_insert_with(|| Newest { first_row: row.number(), ..Newest::default() });
        newest.last = newest.last.max(Some(row.day));
        if let Some(name) = self.all_names.get(name_at as usize) {
            for (cell, text) in newest.cells.iter_mut().zip(name.0) {
                if let Some(text) = text
                    && cell.is_none_or(|(day, _)| day < row.day)
                {
                    *cell = Some((row.day, text));
                }
            }
        }
    }

    /// Sorts the history rows from `first` on and tells those that repeat another of the same file.
    pub fn settle_rows(&mut self, first: usize, file: usize, report: &mut FileReport) {
        let mut rows = self.rows.split_off(first);
        // Stable and quick on what is nearly sorted, as the shop's file is.
        rows.sort_by_key(|row| row.key());
        let mut kept: Vec<Row> = std::mem::take(&mut self.rows);
        kept.reserve_exact(rows.len());
        for row in rows {
            match kept[first..].last() {
                Some(same) if same.key() == row.key() => {
                    let same = *same;
                    let kind = match (same.name == row.name, row.is_repaired() || same.is_repaired()) {
                        (true, true) => "duplicate_after_repair",
                        (true, false) => "duplicate_exact",
                        (false, _) => "duplicate",
                    };
                    let value = format!("{} {}（同第 {} 列）", self.codes.get(row.code), shown(row.day), same.number());
                    self.note(file, row.number(), "", &value, kind, Action::Duplicate);
                    report.duplicates += 1;
                }
                _ => {
                    report.tell_day(row.day);
                    kept.push(row);
                }
            }
        }
        report.accepted = (kept.len() - first) as u64;
        self.rows = kept;
    }
}

/// A day number for a report line.
pub fn shown(day: i32) -> String {
    Day::from_number(day).map_or_else(String::new, Day::roc_slashed)
}

/// Reads `sources`, worked through in the order of their kinds. `tell` hears how far it is: the file and its
/// rows so far. `Invalid` on field `files` when one of them is refused.
pub fn understand(sources: &[Source], today: Day, settings: &Settings, tell: &mut dyn FnMut(&str, u64)) -> Result<Understood> {
    let mut into = Understood { today: Some(today), ..Understood::default() };
    let mut opened = Vec::new();
    for source in sources {
        let recognised = open(source).map_err(|refusal| refusal.of_file(&source.name))?;
        opened.push((recognised.kind(), source, recognised));
    }
    if opened.is_empty() {
        return Err(Error::invalid("files", "請選擇要匯入的檔案。"));
    }
    opened.sort_by_key(|(kind, _, _)| *kind);
    for (file, (kind, source, recognised)) in opened.into_iter().enumerate() {
        tell(&source.name, 0);
        let report = match recognised {
            Recognised::Clients(mut book, layout) => clients::understand(&mut book, &layout, file, settings, &mut into),
            Recognised::History(mut book, layout) => {
                history::understand(&mut book, layout, file, today, &mut into, &mut |rows| tell(&source.name, rows))
            }
            Recognised::Plan(mut book) => plan::understand(&mut book, file, today, settings, &mut into),
            Recognised::Legacy(conn) => legacy::understand(&conn, file, today, &mut into),
            Recognised::Commercial(csv) => commercial::understand(&csv, file, today, &mut into),
        };
        let mut report = report.map_err(|refusal| refusal.of_file(&source.name))?;
        report.name = text::trim(&source.name).to_owned();
        report.kind = Some(kind);
        tell(&source.name, report.rows_read);
        into.files.push(report);
    }
    commercial::settle(&mut into);
    Ok(into)
}

fn open(source: &Source) -> Result<Recognised, Refusal> {
    let file = File::open(&source.path).map_err(Refusal::unreadable)?;
    recognise::recognise(file, &source.path)
}
