//! Knowing what a file is by its content. Its name says nothing: people rename files.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use rusqlite::Connection;

use crate::imports::workbook::{Cell, Sheet, Workbook};
use crate::imports::{Kind, Refusal, clients, commercial, history, legacy, plan, read};

/// Business §23 speaks of 10 MB; the history is 8.
const LARGEST_FILE: u64 = 20 << 20;
const LARGEST_DATABASE: u64 = 200 << 20;
/// A header stands within these rows.
const LOOKED_AT: usize = 30;

pub enum Recognised {
    Clients(Workbook, clients::Layout),
    History(Workbook, history::Layout),
    Plan(Workbook),
    Legacy(Connection),
    Commercial(commercial::Csv),
}

impl Recognised {
    pub fn kind(&self) -> Kind {
        match self {
            Recognised::Clients(..) => Kind::Clients,
            Recognised::History(..) => Kind::History,
            Recognised::Plan(_) => Kind::Plan,
            Recognised::Legacy(_) => Kind::Legacy,
            Recognised::Commercial(_) => Kind::Commercial,
        }
    }
}

pub fn recognise(mut file: File, path: &Path) -> Result<Recognised, Refusal> {
    let length = file.metadata().map_err(Refusal::unreadable)?.len();
    let mut head = [0u8; 16];
    let read = file.read(&mut head).map_err(Refusal::unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(Refusal::unreadable)?;
    let head = &head[..read];
    if head.starts_with(b"SQLite format 3\0") {
        return match length {
            0..=LARGEST_DATABASE => legacy::open(path).map(Recognised::Legacy),
            _ => Err(Refusal::too_large()),
        };
    }
    match length {
        0 => return Err(Refusal::new("file is empty", "這個檔案是空的（0 位元組），請重新取得再試。")),
        1..=LARGEST_FILE => {}
        _ => return Err(Refusal::new("file is too large", "這個檔案超過 20 MB，收不下。")),
    }
    if head.starts_with(b"PK") {
        return workbook(Workbook::open(file)?);
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(old_office(file));
    }
    commercial::open(file).map(Recognised::Commercial)
}

/// The old container of Office: a workbook with a password, or one of before 2007.
pub(crate) fn old_office(mut file: File) -> Refusal {
    let mut bytes = Vec::new();
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    match file.read_to_end(&mut bytes) {
        Ok(_) if memchr::memmem::find(&bytes, &name).is_some() => Refusal::password(),
        Ok(_) => Refusal::new("workbook of before 2007", "這是舊版 Excel（.xls）或別的 Office 檔案，請用 Excel 另存成 .xlsx 再試。"),
        Err(error) => Refusal::unreadable(error),
    }
}

fn workbook(mut book: Workbook) -> Result<Recognised, Refusal> {
    let mut found = None;
    let mut looks_planned = 0;
    let mut seen = 0;
    book.rows(|sheet| {
        let headings: Vec<String> = sheet.cells.iter().map(|cell| heading(sheet, *cell)).collect();
        seen += usize::from(headings.iter().any(|heading| !heading.is_empty()));
        if let Some(layout) = clients::Layout::find(sheet.row, &headings) {
            found = Some(Found::Clients(layout));
        } else if let Some(layout) = history::Layout::find(sheet.row, &headings) {
            found = Some(Found::History(layout));
        } else {
            looks_planned += usize::from(plan::looks_planned(sheet));
        }
        Ok(found.is_none() && seen < LOOKED_AT)
    })?;
    match found {
        Some(Found::Clients(layout)) => Ok(Recognised::Clients(book, layout)),
        Some(Found::History(layout)) => Ok(Recognised::History(book, layout)),
        None if 0 < looks_planned && seen <= looks_planned * 2 => Ok(Recognised::Plan(book)),
        None if seen == 0 => Err(Refusal::new("workbook is empty", "這個活頁簿的第一張工作表是空的。")),
        None => Err(Refusal::new(
            "workbook is of no known kind",
            "看不出這是什麼檔案：找不到客戶資料、配送紀錄或預計配送表的欄位。請確認第一張工作表有標題列。",
        )),
    }
}

enum Found {
    Clients(clients::Layout),
    History(history::Layout),
}

fn heading(sheet: &Sheet, cell: Cell) -> String {
    match cell {
        Cell::Shared(_) | Cell::Own { .. } | Cell::Whole(_) => read::heading(&sheet.text(cell)),
        _ => String::new(),
    }
}
