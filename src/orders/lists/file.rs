//! Reading the file of a list: the rows under its headings, word for word, nothing judged. A workbook (its first
//! sheet) or CSV in UTF-8 or Big5, known by content.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use csv::ByteRecord;

use crate::imports::workbook::{Cell as BookCell, Sheet, Workbook};
use crate::imports::{Refusal, delimited, read, recognise};
use crate::orders::lists::{Column, MOST_BYTES, MOST_ROWS};
use crate::values::{Day, text};

/// The headings stand within so many rows that hold anything.
const LOOKED_AT: usize = 30;
/// Longer than any text an order may carry; kept as a bound on memory.
const LONGEST_CELL: usize = 1_000;
/// The first word of the template's row that shows how to fill one in.
pub const EXAMPLE: &str = "範例";

/// A list as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFile {
    pub name: String,
    /// Each heading and what it was understood as; `None` is not used.
    pub columns: Vec<(String, Option<Column>)>,
    /// Never empty.
    pub rows: Vec<Row>,
    /// Rows that are no order: sums, headings again, the template's example.
    pub ignored: usize,
}

/// One row that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As the spreadsheet counts.
    pub no: u32,
    cells: [Cell; Column::ALL.len()],
}

impl Row {
    pub fn cell(&self, column: Column) -> &Cell {
        &self.cells[column as usize]
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// As a person sees it, without blanks at its ends.
    pub text: String,
    pub was: Was,
}

/// What a cell was in the workbook; in CSV everything is text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Was {
    #[default]
    Text,
    /// Formatted as a date; `None` when the calendar has no such day.
    Date(Option<Day>),
    /// A formula that was never computed.
    NoValue,
    /// `#N/A`.
    Error,
}

/// Reads the file at `path`, which people know as `name`.
pub fn read(path: &Path, name: &str) -> Result<ListFile, Refusal> {
    let mut file = File::open(path).map_err(Refusal::unreadable)?;
    let length = file.metadata().map_err(Refusal::unreadable)?.len();
    match length {
        0 => return Err(Refusal::new("file is empty", "這個檔案是空的（0 位元組），請重新取得再試。")),
        1..=MOST_BYTES => {}
        _ => return Err(Refusal::new("file is too large", "這個檔案超過 10 MB，收不下。")),
    }
    let mut head = [0u8; 4];
    let got = file.read(&mut head).map_err(Refusal::unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(Refusal::unreadable)?;
    let mut reading = Reading { layout: None, seen: 0, best: Vec::new(), rows: Vec::new(), ignored: 0 };
    match &head[..got] {
        [b'P', b'K', ..] => reading.workbook(file)?,
        [0xd0, 0xcf, 0x11, 0xe0] => return Err(recognise::old_office(file)),
        _ => reading.csv(file)?,
    }
    reading.done(name)
}

/// Where the columns stand.
struct Layout {
    headings: Vec<String>,
    /// By place in the row.
    columns: Vec<Option<Column>>,
}

struct Reading {
    layout: Option<Layout>,
    seen: usize,
    /// What the row most like headings knows, for the sentence when none is complete.
    best: Vec<Column>,
    rows: Vec<Row>,
    ignored: usize,
}

impl Reading {
    fn workbook(&mut self, file: File) -> Result<(), Refusal> {
        let mut book = Workbook::open(file)?;
        book.rows(|sheet| match &self.layout {
            None => {
                let headings: Vec<String> = sheet.cells.iter().map(|cell| sheet.text(*cell).into_owned()).collect();
                Ok(self.look_for_headings(headings))
            }
            Some(layout) => {
                let mut cells: [Cell; Column::ALL.len()] = Default::default();
                for (at, column) in layout.columns.iter().enumerate() {
                    if let Some(column) = column {
                        cells[*column as usize] = book_cell(sheet, sheet.cell(at));
                    }
                }
                self.put(Row { no: sheet.row, cells }).map(|()| true)
            }
        })
    }

    fn csv(&mut self, mut file: File) -> Result<(), Refusal> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(Refusal::unreadable)?;
        delimited::without_mark(&mut bytes);
        if !delimited::is_text(&bytes) {
            return Err(unknown());
        }
        let is_big5 = delimited::is_big5(&bytes);
        let mut lines = delimited::Lines::new(&bytes);
        let mut reader = delimited::reader(&bytes);
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|_| Refusal::broken())? {
            let line = lines.of(record.position().map_or(0, csv::Position::byte));
            let Some(layout) = &self.layout else {
                let headings = record.iter().map(|field| delimited::decode(field, is_big5).0).collect();
                if !self.look_for_headings(headings) {
                    break;
                }
                continue;
            };
            let mut cells: [Cell; Column::ALL.len()] = Default::default();
            for (field, column) in record.iter().zip(&layout.columns) {
                let Some(column) = column else { continue };
                let (text, lost) = delimited::decode(field, is_big5);
                if lost.is_some() {
                    return Err(Refusal::new(
                        "characters are lost",
                        format!("第 {line} 列的「{}」有認不出的字。請用 Excel 打開，另存成「CSV UTF-8」再試。", column.label()),
                    ));
                }
                cells[*column as usize] = Cell { text: bounded(&text), was: Was::Text };
            }
            self.put(Row { no: line, cells })?;
        }
        Ok(())
    }

    /// Holds a row against the headings of a list; false when it is no use looking further.
    fn look_for_headings(&mut self, headings: Vec<String>) -> bool {
        let mut known: Vec<Column> = Vec::new();
        let columns: Vec<Option<Column>> = headings
            .iter()
            .map(|heading| {
                // Of two columns with one name the first holds.
                let column = Column::of_heading(&read::heading(heading)).filter(|column| !known.contains(column));
                known.extend(column);
                column
            })
            .collect();
        if missing(&known).is_empty() {
            self.layout = Some(Layout { headings, columns });
            return true;
        }
        self.seen += usize::from(headings.iter().any(|heading| !heading.chars().all(text::is_blank)));
        if self.best.len() < known.len() {
            self.best = known;
        }
        self.seen < LOOKED_AT
    }

    fn put(&mut self, row: Row) -> Result<(), Refusal> {
        if row.cells.iter().all(|cell| cell.text.is_empty() && cell.was != Was::NoValue) {
            return Ok(());
        }
        let first = |column: Column| row.cell(column).text.as_str();
        let is_heading = Column::of_heading(&read::heading(first(Column::Product))) == Some(Column::Product);
        let is_sum = row.cells.iter().any(|cell| read::is_total(&cell.text)) && first(Column::Product).is_empty();
        if is_heading || is_sum || first(Column::Code).starts_with(EXAMPLE) {
            self.ignored += 1;
            return Ok(());
        }
        if self.rows.len() == MOST_ROWS {
            return Err(Refusal::new("too many rows", "這份試算表超過 2,000 列，請分成幾份。"));
        }
        self.rows.push(row);
        Ok(())
    }

    fn done(self, name: &str) -> Result<ListFile, Refusal> {
        let Some(layout) = self.layout else {
            if self.best.len() < 2 {
                return Err(unknown());
            }
            return Err(Refusal::new("columns are missing", format!("少了這幾欄：{}。", missing(&self.best).join("、"))));
        };
        if self.rows.is_empty() {
            return Err(Refusal::new("list is empty", "標題列下面沒有訂單。"));
        }
        let columns = layout.headings.iter().zip(&layout.columns).filter(|(heading, _)| !heading.chars().all(text::is_blank));
        Ok(ListFile {
            name: name.to_owned(),
            columns: columns.map(|(heading, column)| (text::trim(heading).to_owned(), *column)).collect(),
            rows: self.rows,
            ignored: self.ignored,
        })
    }
}

/// What a row of headings lacks to be one.
fn missing(known: &[Column]) -> Vec<&'static str> {
    let has = |column| known.contains(&column);
    let mut missing = Vec::new();
    if !has(Column::Code) && !has(Column::Phone) {
        missing.push("客戶編號（或電話）");
    }
    let must = [Column::Day, Column::Product, Column::Qty];
    missing.extend(must.into_iter().filter(|column| !has(*column)).map(Column::label));
    missing
}

fn unknown() -> Refusal {
    Refusal::new("file is no list of orders", "這不像訂單的試算表。標題列要有：客戶編號（或電話）、配送日期、產品、數量。")
}

fn book_cell(sheet: &Sheet, cell: BookCell) -> Cell {
    let was = match cell {
        BookCell::Date(serial) => Was::Date(sheet.day(serial)),
        BookCell::NoValue => Was::NoValue,
        BookCell::Error { .. } => Was::Error,
        _ => Was::Text,
    };
    Cell { text: bounded(&sheet.text(cell)), was }
}

fn bounded(text: &str) -> String {
    text::from_inert(text::trim(text)).chars().take(LONGEST_CELL).collect()
}
