//! The first sheet of a workbook, a row at a time. Hidden rows and columns are read like others, a formula
//! counts as the value Excel saved, and a date is a date only by its cell's format.
//!
//! Why not a spreadsheet library: walking the cells of the shop's history is most of what an import costs,
//! and reading only what an import needs takes a third of the time, knows a formula without a value from an
//! empty cell, and counts every byte that comes out of the zip. `tests/imports.rs` reads the same files with
//! calamine and compares.

use std::fs::File;

use crate::imports::Refusal;
use crate::imports::xml::{Scanner, Token};
use crate::imports::zip::{Archive, PartReader};
use crate::values::{Day, roc};

/// What may come out of the zip: the sheet of 350,000 deliveries is 72 MB, its strings 1 MB.
const LARGEST_SHEET: u64 = 1 << 30;
const LARGEST_PART: u64 = 64 << 20;
const MOST_CELLS: u64 = 40_000_000;
/// A shop's names and addresses are fifty thousand.
const MOST_STRINGS: usize = 2_000_000;
/// Excel's own last row.
const MOST_ROWS: u32 = 1_048_576;
/// Further right nothing of ours stands; kept as a bound on a row's memory.
const MOST_COLUMNS: usize = 1_000;

/// One cell. Texts are asked of the sheet with [`Sheet::text`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cell {
    #[default]
    Empty,
    Whole(i64),
    Number(f64),
    /// A cell with a date format: days since 1899-12-30 (or 1904-01-01), with the time as fraction.
    Date(f64),
    Bool(bool),
    /// In the workbook's table of strings.
    Shared(u32),
    /// A formula's text, or text in place: a piece of the row's own text.
    Own {
        from: u32,
        to: u32,
    },
    /// `#N/A`, `#DIV/0!`: likewise a piece of the row's own text.
    Error {
        from: u32,
        to: u32,
    },
    /// A formula that was never computed.
    NoValue,
}

pub struct Workbook {
    archive: Archive,
    pub sheet_name: String,
    sheet_part: String,
    strings: Vec<Box<str>>,
    /// By style number: whether it shows a date.
    dates: Vec<bool>,
    is_1904: bool,
}

/// A sheet being read, standing at one row.
pub struct Sheet<'a> {
    book: &'a Workbook,
    xml: Scanner<PartReader>,
    /// As Excel counts them, from 1.
    pub row: u32,
    /// How many rows without a cell were passed over since the row before.
    pub passed: u32,
    pub cells: Vec<Cell>,
    own: String,
    cells_read: u64,
}

impl Workbook {
    pub fn open(file: File) -> Result<Workbook, Refusal> {
        let mut archive = Archive::open(file)?;
        if archive.has("EncryptedPackage") {
            return Err(Refusal::password());
        }
        let Some(book) = archive.part("xl/workbook.xml", LARGEST_PART)? else {
            return Err(Refusal::new("no workbook inside", "這不是 Excel 活頁簿（.xlsx），裡面沒有工作表。"));
        };
        let (sheet_name, relation, is_1904) = first_sheet(book)?;
        let sheet_part = match archive.part("xl/_rels/workbook.xml.rels", LARGEST_PART)? {
            Some(relations) => target(relations, &relation)?,
            None => None,
        }
        .unwrap_or_else(|| "xl/worksheets/sheet1.xml".to_owned());
        let strings = match archive.part("xl/sharedStrings.xml", LARGEST_PART)? {
            Some(part) => shared_strings(part)?,
            None => Vec::new(),
        };
        let dates = match archive.part("xl/styles.xml", LARGEST_PART)? {
            Some(part) => date_styles(part)?,
            None => Vec::new(),
        };
        Ok(Workbook { archive, sheet_name, sheet_part, strings, dates, is_1904 })
    }

    /// Gives every row that has cells to `each`, from the top; stops early when it answers false.
    pub fn rows(&mut self, mut each: impl FnMut(&Sheet) -> Result<bool, Refusal>) -> Result<(), Refusal> {
        let part = self.archive.part(&self.sheet_part, LARGEST_SHEET)?.ok_or_else(Refusal::cut_off)?;
        let xml = Scanner::new(part);
        let mut sheet = Sheet { book: self, xml, row: 0, passed: 0, cells: Vec::new(), own: String::new(), cells_read: 0 };
        while sheet.next_row()? {
            if !each(&sheet)? {
                break;
            }
        }
        Ok(())
    }

    pub fn string(&self, at: u32) -> &str {
        self.strings.get(at as usize).map_or("", |text| text)
    }

    pub fn day(&self, serial: f64) -> Option<Day> {
        roc::from_excel_serial(serial, self.is_1904)
    }
}

impl<'a> Sheet<'a> {
    pub fn cell(&self, column: usize) -> Cell {
        self.cells.get(column).copied().unwrap_or_default()
    }

    /// The text of `cell` as a person sees it: numbers in their shortest form, nothing for an empty cell.
    pub fn text(&self, cell: Cell) -> std::borrow::Cow<'_, str> {
        match cell {
            Cell::Empty | Cell::NoValue => "".into(),
            Cell::Whole(number) => number.to_string().into(),
            Cell::Number(number) => number.to_string().into(),
            Cell::Date(serial) => self.book.day(serial).map_or_else(|| serial.to_string(), |day| day.to_string()).into(),
            Cell::Bool(yes) => if yes { "TRUE" } else { "FALSE" }.into(),
            Cell::Shared(at) => self.book.string(at).into(),
            Cell::Own { from, to } | Cell::Error { from, to } => self.own.get(from as usize..to as usize).unwrap_or_default().into(),
        }
    }

    /// The day of a cell with a date format.
    pub fn day(&self, serial: f64) -> Option<Day> {
        self.book.day(serial)
    }

    fn next_row(&mut self) -> Result<bool, Refusal> {
        self.cells.clear();
        self.own.clear();
        let before = self.row;
        loop {
            match self.xml.advance()? {
                Token::Start if self.xml.name() == b"row" => break,
                Token::Empty if self.xml.name() == b"row" => self.row = self.row_number()?,
                Token::End if self.xml.name() == b"sheetData" => return Ok(false),
                Token::Eof => return Err(Refusal::cut_off()),
                Token::Empty if self.xml.name() == b"sheetData" => return Ok(false),
                _ => {}
            }
        }
        self.row = self.row_number()?;
        self.passed = self.row.saturating_sub(before + 1);
        let mut column = 0;
        loop {
            let token = self.xml.advance()?;
            match token {
                Token::Start | Token::Empty if self.xml.name() == b"c" => {
                    self.cells_read += 1;
                    if MOST_CELLS < self.cells_read {
                        return Err(Refusal::too_large());
                    }
                    column = self.xml.attribute(b"r").and_then(column_of).unwrap_or(column);
                    if column < MOST_COLUMNS {
                        if self.cells.len() <= column {
                            self.cells.resize(column + 1, Cell::Empty);
                        }
                        if token == Token::Start {
                            self.cells[column] = self.read_cell()?;
                        }
                    } else if token == Token::Start {
                        self.xml.skip()?;
                    }
                    column += 1;
                }
                Token::Start => self.xml.skip()?,
                Token::End => return Ok(true),
                Token::Eof => return Err(Refusal::cut_off()),
                Token::Empty | Token::Text => {}
            }
        }
    }

    fn row_number(&self) -> Result<u32, Refusal> {
        let number = match self.xml.attribute(b"r") {
            Some(digits) => whole(digits).and_then(|number| u32::try_from(number).ok()).ok_or_else(Refusal::broken)?,
            None => self.row + 1,
        };
        if MOST_ROWS < number { Err(Refusal::too_large()) } else { Ok(number) }
    }

    /// The value of the `<c>` whose start was just read.
    fn read_cell(&mut self) -> Result<Cell, Refusal> {
        let kind = match self.xml.attribute(b"t") {
            None | Some(b"n") => Kind::Number,
            Some(b"s") => Kind::Shared,
            Some(b"str") => Kind::Formula,
            Some(b"inlineStr") => Kind::Inline,
            Some(b"b") => Kind::Bool,
            Some(b"e") => Kind::Error,
            Some(b"d") => Kind::Formula,
            Some(_) => return Err(Refusal::broken()),
        };
        let is_date = kind == Kind::Number
            && match self.xml.attribute(b"s").and_then(whole) {
                Some(style) => self.book.dates.get(style as usize).copied().unwrap_or(false),
                None => false,
            };
        let mut cell = Cell::Empty;
        let mut has_formula = false;
        loop {
            match self.xml.advance()? {
                Token::Start => match self.xml.name() {
                    b"v" => cell = self.read_value(kind, is_date)?,
                    b"is" if kind == Kind::Inline => cell = self.read_inline()?,
                    b"f" => {
                        has_formula = true;
                        self.xml.skip()?;
                    }
                    _ => self.xml.skip()?,
                },
                Token::Empty if self.xml.name() == b"f" => has_formula = true,
                Token::End => break,
                Token::Eof => return Err(Refusal::cut_off()),
                Token::Empty | Token::Text => {}
            }
        }
        let is_blank = match cell {
            Cell::Empty => true,
            Cell::Own { from, to } => from == to,
            _ => false,
        };
        Ok(if has_formula && is_blank { Cell::NoValue } else { cell })
    }

    fn read_value(&mut self, kind: Kind, is_date: bool) -> Result<Cell, Refusal> {
        let mut cell = Cell::Empty;
        let from = self.own.len() as u32;
        loop {
            match self.xml.advance()? {
                Token::Text => match kind {
                    Kind::Number => {
                        let raw = self.xml.raw();
                        cell = match whole(raw) {
                            Some(number) if is_date => Cell::Date(number as f64),
                            Some(number) => Cell::Whole(number),
                            None => {
                                let number: f64 = std::str::from_utf8(raw)
                                    .ok()
                                    .and_then(|text| text.trim().parse().ok())
                                    .filter(|number: &f64| number.is_finite())
                                    .ok_or_else(Refusal::broken)?;
                                match number {
                                    number if is_date => Cell::Date(number),
                                    // 2^53: beyond, a spreadsheet cannot count by ones either.
                                    number if number.fract() == 0.0 && number.abs() < 9e15 => Cell::Whole(number as i64),
                                    number => Cell::Number(number),
                                }
                            }
                        };
                    }
                    Kind::Shared => {
                        let at = whole(self.xml.raw()).ok_or_else(Refusal::broken)?;
                        if self.book.strings.len() as i64 <= at {
                            return Err(Refusal::broken());
                        }
                        cell = Cell::Shared(at as u32);
                    }
                    Kind::Bool => cell = Cell::Bool(self.xml.raw() == b"1" || self.xml.raw().eq_ignore_ascii_case(b"true")),
                    Kind::Formula | Kind::Error => self.xml.push_text(&mut self.own),
                    Kind::Inline => {}
                },
                Token::End => break,
                Token::Eof => return Err(Refusal::cut_off()),
                Token::Start => self.xml.skip()?,
                Token::Empty => {}
            }
        }
        let to = self.own.len() as u32;
        Ok(match kind {
            Kind::Formula => Cell::Own { from, to },
            Kind::Error => Cell::Error { from, to },
            _ => cell,
        })
    }

    fn read_inline(&mut self) -> Result<Cell, Refusal> {
        let from = self.own.len() as u32;
        read_texts(&mut self.xml, &mut self.own)?;
        Ok(Cell::Own { from, to: self.own.len() as u32 })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    /// A formula's text; also ISO dates, which are read as text.
    Formula,
    Inline,
    Bool,
    Error,
}

/// The text of all `<t>` inside the element just begun, but not of its phonetic hints.
fn read_texts(xml: &mut Scanner<impl std::io::Read>, into: &mut String) -> Result<(), Refusal> {
    let mut depth = 1;
    let mut in_text = false;
    while 0 < depth {
        match xml.advance()? {
            Token::Start if xml.name() == b"rPh" => xml.skip()?,
            Token::Start => {
                in_text = xml.name() == b"t";
                depth += 1;
            }
            Token::End => {
                in_text = false;
                depth -= 1;
            }
            Token::Text if in_text => xml.push_text(into),
            Token::Eof => return Err(Refusal::cut_off()),
            Token::Empty | Token::Text => {}
        }
    }
    Ok(())
}

/// Digits with an optional sign, at most 15 of them.
#[inline]
fn whole(bytes: &[u8]) -> Option<i64> {
    let (digits, sign) = match bytes {
        [b'-', digits @ ..] => (digits, -1),
        digits => (digits, 1),
    };
    if digits.is_empty() || 15 < digits.len() {
        return None;
    }
    let mut number = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + i64::from(digit - b'0');
    }
    Some(number * sign)
}

/// 0 for `A17`, 27 for `AB1`.
#[inline]
fn column_of(reference: &[u8]) -> Option<usize> {
    let mut column = 0usize;
    for byte in reference {
        match byte {
            b'A'..=b'Z' if column < 100_000 => column = column * 26 + usize::from(byte - b'A') + 1,
            _ => break,
        }
    }
    column.checked_sub(1)
}

/// Name and relation of the first sheet, and whether days are counted from 1904.
fn first_sheet(part: PartReader) -> Result<(String, String, bool), Refusal> {
    let mut xml = Scanner::new(part);
    let mut is_1904 = false;
    loop {
        match xml.advance()? {
            Token::Start | Token::Empty if xml.name() == b"workbookPr" => {
                is_1904 = matches!(xml.attribute(b"date1904"), Some(b"1" | b"true"));
            }
            Token::Start | Token::Empty if xml.name() == b"sheet" => {
                let text = |bytes: Option<&[u8]>| {
                    let mut text = String::new();
                    super::xml::push_unescaped(&String::from_utf8_lossy(bytes.unwrap_or_default()), &mut text);
                    text
                };
                return Ok((text(xml.attribute(b"name")), text(xml.attribute(b"r:id")), is_1904));
            }
            Token::Eof => return Err(Refusal::new("no sheet", "這個活頁簿裡沒有工作表。")),
            _ => {}
        }
    }
}

/// The part relation `id` leads to.
fn target(part: PartReader, id: &str) -> Result<Option<String>, Refusal> {
    let mut xml = Scanner::new(part);
    loop {
        match xml.advance()? {
            Token::Start | Token::Empty if xml.name() == b"Relationship" && xml.attribute(b"Id") == Some(id.as_bytes()) => {
                let target = String::from_utf8_lossy(xml.attribute(b"Target").unwrap_or_default()).into_owned();
                return Ok(Some(match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("xl/{target}"),
                }));
            }
            Token::Eof => return Ok(None),
            _ => {}
        }
    }
}

fn shared_strings(part: PartReader) -> Result<Vec<Box<str>>, Refusal> {
    let mut xml = Scanner::new(part);
    let mut strings = Vec::new();
    let mut text = String::new();
    loop {
        if MOST_STRINGS < strings.len() {
            return Err(Refusal::too_large());
        }
        match xml.advance()? {
            Token::Start if xml.name() == b"si" => {
                text.clear();
                read_texts(&mut xml, &mut text)?;
                strings.push(text.as_str().into());
            }
            Token::Empty if xml.name() == b"si" => strings.push("".into()),
            Token::Eof => return Ok(strings),
            _ => {}
        }
    }
}

/// By style number, whether its number format is one of dates.
fn date_styles(part: PartReader) -> Result<Vec<bool>, Refusal> {
    let mut xml = Scanner::new(part);
    let mut own: Vec<(i64, bool)> = Vec::new();
    let mut dates = Vec::new();
    let mut in_cell_formats = false;
    loop {
        match xml.advance()? {
            Token::Start | Token::Empty if xml.name() == b"numFmt" => {
                let id = xml.attribute(b"numFmtId").and_then(whole).unwrap_or(-1);
                let mut code = String::new();
                super::xml::push_unescaped(&String::from_utf8_lossy(xml.attribute(b"formatCode").unwrap_or_default()), &mut code);
                own.push((id, is_date_format(&code)));
            }
            Token::Start if xml.name() == b"cellXfs" => in_cell_formats = true,
            Token::End if xml.name() == b"cellXfs" => in_cell_formats = false,
            Token::Start | Token::Empty if in_cell_formats && xml.name() == b"xf" => {
                let id = xml.attribute(b"numFmtId").and_then(whole).unwrap_or(0);
                let built_in = matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58);
                dates.push(own.iter().find(|(have, _)| *have == id).map_or(built_in, |(_, is_date)| *is_date));
            }
            Token::Eof => return Ok(dates),
            _ => {}
        }
    }
}

/// `yyyy/m/d`, `[$-404]e/mm/dd`, `h:mm`: a letter of dates outside quotes, brackets and escapes.
fn is_date_format(code: &str) -> bool {
    let mut chars = code.chars().peekable();
    let mut letters = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => while chars.next().is_some_and(|c| c != '"') {},
            '[' => while chars.next().is_some_and(|c| c != ']') {},
            '\\' | '_' | '*' => {
                chars.next();
            }
            // 0.00E+00 is a number.
            'E' | 'e' if matches!(chars.peek(), Some('+' | '-')) => {}
            ';' => break,
            c => letters.push(c.to_ascii_lowercase()),
        }
    }
    letters != "general" && letters.contains(['y', 'm', 'd', 'h', 's', 'e', 'g'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_formats_are_known_from_number_formats() {
        for code in ["yyyy/m/d", "[$-404]e/mm/dd", "m/d", "h:mm", "[Red]yyyy", "yyyy\"年\"m\"月\"", "gge\"年\""] {
            assert!(is_date_format(code), "{code}");
        }
        for code in ["General", "0.00", "0.00E+00", "\"day\"0", "[Red]0;[Blue]-0", "#,##0_);(#,##0)", "@", "0\\d"] {
            assert!(!is_date_format(code), "{code}");
        }
    }

    #[test]
    fn columns_are_counted_from_their_letters() {
        for (reference, column) in [("A1", 0), ("Z9", 25), ("AA10", 26), ("BX3", 75)] {
            assert_eq!(column_of(reference.as_bytes()), Some(column), "{reference}");
        }
        assert_eq!(column_of(b"17"), None);
    }
}
