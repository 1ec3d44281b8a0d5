//! The delivery history: one row a delivery, sorted by code and date, without quantities. 客戶, 電子發票抬頭,
//! 客戶簡稱, 地址 and 最後十次日期, which in truth is one date.

use crate::error::Result;
use crate::imports::read::{self, Texts};
use crate::imports::report::FileReport;
use crate::imports::understand::{NO_NAME, Row, Understood};
use crate::imports::workbook::{Cell, Sheet, Workbook};
use crate::imports::{Action, Refusal};
use crate::values::{CustomerCode, Day, roc};

/// Where the five columns stand, and the row of their headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub header_row: u32,
    pub code: usize,
    pub title: Option<usize>,
    pub short_name: Option<usize>,
    pub address: Option<usize>,
    pub date: usize,
}

const CODE: [&str; 5] = ["客戶", "客戶代號", "客戶編號", "客戶代碼", "編號"];
const TITLE: [&str; 3] = ["電子發票抬頭", "發票抬頭", "抬頭"];
const SHORT_NAME: [&str; 3] = ["客戶簡稱", "簡稱", "客戶名稱"];
const ADDRESS: [&str; 3] = ["地址", "送貨地址", "配送地址"];
const DATE: [&str; 5] = ["最後十次日期", "配送日期", "送貨日期", "日期", "交易日期"];

impl Layout {
    /// The layout when `headings` (of row `row`) are those of a history.
    pub fn find(row: u32, headings: &[String]) -> Option<Layout> {
        let at = |names: &[&str]| headings.iter().position(|heading| names.contains(&heading.as_str()));
        if 12 < headings.iter().filter(|heading| !heading.is_empty()).count() {
            return None;
        }
        Some(Layout {
            header_row: row,
            code: at(&CODE)?,
            title: at(&TITLE),
            short_name: at(&SHORT_NAME),
            address: at(&ADDRESS),
            date: at(&DATE)?,
        })
    }
}

/// Names of a customer as one row told them: title, short name, address, by number in the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name(pub [Option<u32>; 3]);

const COLUMNS: [&str; 3] = ["電子發票抬頭", "客戶簡稱", "地址"];
/// What the customers table takes.
pub const MOST: [usize; 3] = [200, 100, 500];
/// Rows of the sheet; the whole history comes to some eighty times.
const TELL_EVERY: u32 = 4_096;

/// `tell` hears now and then how many rows are read.
pub fn understand(
    book: &mut Workbook,
    layout: Layout,
    file: usize,
    today: Day,
    into: &mut Understood,
    tell: &mut dyn FnMut(u64),
) -> Result<FileReport, Refusal> {
    let window = roc::window(today);
    let mut report = FileReport::default();
    let mut reader = Reader { into, report: &mut report, file, last: None };
    let first = reader.into.rows.len();
    book.rows(|sheet| {
        if sheet.row <= layout.header_row {
            return Ok(true);
        }
        reader.report.ignored += u64::from(sheet.passed);
        reader.row(sheet, &layout, &window, today);
        if sheet.row % TELL_EVERY == 0 {
            tell(reader.report.rows_read);
        }
        Ok(true)
    })?;
    report.columns = vec![
        ("客戶".to_owned(), Some("客戶編號")),
        ("電子發票抬頭".to_owned(), layout.title.map(|_| "抬頭")),
        ("客戶簡稱".to_owned(), layout.short_name.map(|_| "名稱")),
        ("地址".to_owned(), layout.address.map(|_| "地址")),
        ("最後十次日期".to_owned(), Some("配送日期，一列一次")),
    ];
    into.settle_rows(first, file, &mut report);
    Ok(report)
}

struct Reader<'a> {
    into: &'a mut Understood,
    report: &'a mut FileReport,
    file: usize,
    /// What the row before told, for most rows say the same of the customer.
    last: Option<Last>,
}

struct Last {
    code: Cell,
    code_at: u32,
    names: [Cell; 3],
    name_at: u32,
}

impl Reader<'_> {
    fn row(&mut self, sheet: &Sheet, layout: &Layout, window: &std::ops::RangeInclusive<Day>, today: Day) {
        let code = sheet.cell(layout.code);
        let date = sheet.cell(layout.date);
        let name = |at: Option<usize>| at.map_or(Cell::Empty, |at| sheet.cell(at));
        let names = [name(layout.title), name(layout.short_name), name(layout.address)];
        // The row as nearly all are: an integer code, an integer date, names as in the row before.
        if let (Cell::Whole(_), Cell::Whole(number), Some(last)) = (code, date, &self.last)
            && last.code == code
            && let Some(day) = roc::from_roc_integer(number)
            && window.contains(&day)
        {
            let code_at = last.code_at;
            let is_same = last.names == names;
            let name_at = if is_same { last.name_at } else { self.names(sheet, code, code_at, names) };
            self.report.rows_read += 1;
            self.into.tell_row(Row::new(code_at, day, sheet.row, name_at, false), name_at);
            return;
        }
        self.slow_row(sheet, layout, [code, date], names, today);
    }

    #[cold]
    fn slow_row(&mut self, sheet: &Sheet, layout: &Layout, [code, date]: [Cell; 2], names: [Cell; 3], today: Day) {
        let all_blank = sheet.cells.iter().all(|cell| read::is_blank(sheet, *cell));
        if all_blank {
            self.report.ignored += 1;
            return;
        }
        let text = |cell: Cell| sheet.text(cell).into_owned();
        let code_text = text(code);
        let is_heading = matches!(code, Cell::Shared(_) | Cell::Own { .. })
            && CODE.contains(&read::heading(&code_text).as_str())
            && DATE.contains(&read::heading(&text(date)).as_str());
        let alone = sheet.cells.iter().enumerate().all(|(at, cell)| at == layout.code || read::is_blank(sheet, *cell));
        let is_note = alone && code_text.parse::<CustomerCode>().is_err();
        if is_heading || read::is_total(&code_text) || is_note {
            self.report.ignored += 1;
            return;
        }
        self.report.rows_read += 1;
        let (row, file) = (sheet.row, self.file);
        let (code_value, code_fault) = match read::code_cell(sheet, code) {
            Ok(read) => read,
            Err(kind) => {
                self.into.skip(self.report, file, row, "客戶", &code_text, kind);
                return;
            }
        };
        let (day, date_fault) = match read::day_cell(sheet, date, today) {
            Ok(read) => read,
            Err(kind) => {
                // A date where the code belongs and a code where the date belongs: nobody can tell what was meant.
                let date_text = text(date);
                let is_swapped = kind == "bad_date"
                    && read::day(code_value.as_str(), today).is_ok()
                    && date_text.parse::<CustomerCode>().is_ok_and(|code| code.as_str().len() == code_value.as_str().len());
                self.into.skip(self.report, file, row, "最後十次日期", &date_text, if is_swapped { "swapped_code_date" } else { kind });
                return;
            }
        };
        let faults = [(code_fault, "客戶", code), (date_fault, "最後十次日期", date)];
        let mut is_repaired = false;
        for (fault, column, cell) in faults {
            if let Some(kind) = fault {
                is_repaired = true;
                self.into.note(file, row, column, &text(cell), kind, Action::Repair);
            }
        }
        let code_at = self.into.codes.put(code_value.as_str());
        let before = self.into.problems.len();
        let name_at = self.names(sheet, code, code_at, names);
        if is_repaired || self.into.problems[before..].iter().any(|problem| problem.action == Action::Repair) {
            self.report.repaired += 1;
        }
        self.into.tell_row(Row::new(code_at, day, row, name_at, is_repaired), name_at);
    }

    /// The number of the names in the row, which become the ones to compare the next row with.
    fn names(&mut self, sheet: &Sheet, code: Cell, code_at: u32, cells: [Cell; 3]) -> u32 {
        let mut name = Name([None; 3]);
        let mut is_clean = true;
        for (at, cell) in cells.into_iter().enumerate() {
            match cell {
                Cell::Empty | Cell::NoValue => {}
                Cell::Error { .. } => {
                    is_clean = false;
                    self.into.note(self.file, sheet.row, COLUMNS[at], &sheet.text(cell), "error_cell", Action::DropCell);
                }
                _ => {
                    let typed = sheet.text(cell);
                    let tidy = read::tidy(&typed, MOST[at]);
                    if tidy.is_empty() {
                        continue;
                    }
                    if tidy.len() != typed.len() {
                        is_clean = false;
                        self.into.note(self.file, sheet.row, COLUMNS[at], &typed, "trailing_spaces", Action::Repair);
                    }
                    name.0[at] = Some(self.into.texts.put(&tidy));
                }
            }
        }
        let name_at = if name == Name([None; 3]) { NO_NAME } else { self.into.name(name) };
        self.last = is_clean.then_some(Last { code, code_at, names: cells, name_at });
        name_at
    }
}

/// The text of one of a name's cells.
pub fn text_of<'a>(texts: &'a Texts, name: &Name, at: usize) -> Option<&'a str> {
    name.0[at].map(|at| texts.get(at))
}
