//! Reading single cells: codes, dates, names, and rows that are no data.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::imports::workbook::{Cell, Sheet};
use crate::values::{CustomerCode, Day, roc, text};

/// Texts met many times, each kept once and known by its number.
#[derive(Default)]
pub struct Texts {
    at: HashMap<Box<str>, u32>,
    all: Vec<Box<str>>,
}

impl Texts {
    pub fn put(&mut self, text: &str) -> u32 {
        match self.at.get(text) {
            Some(at) => *at,
            None => {
                let at = self.all.len() as u32;
                self.all.push(text.into());
                self.at.insert(text.into(), at);
                at
            }
        }
    }

    pub fn get(&self, at: u32) -> &str {
        self.all.get(at as usize).map_or("", |text| text)
    }

    pub fn find(&self, text: &str) -> Option<u32> {
        self.at.get(text).copied()
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|text| &**text)
    }
}

/// A value, and the word for the fault that had to be repaired to read it.
pub type Repaired<T> = (T, Option<&'static str>);

/// The customer code of a text; `Err` with the fault's word.
pub fn code(typed: &str) -> Result<Repaired<CustomerCode>, &'static str> {
    let shown = text::trim(typed);
    if shown.is_empty() {
        return Err("missing_code");
    }
    let code: CustomerCode = typed.parse().map_err(|()| "bad_code")?;
    Ok((code, fault_of_code(typed)))
}

fn fault_of_code(typed: &str) -> Option<&'static str> {
    if typed.bytes().all(|byte| byte.is_ascii_graphic()) {
        None
    } else if typed.chars().any(|c| ('\u{ff01}'..='\u{ff5e}').contains(&c)) {
        Some("fullwidth_code")
    } else if typed.chars().any(|c| text::is_blank(c) && !matches!(c, ' ' | '\t' | '\u{3000}')) {
        Some("invisible_chars")
    } else {
        Some("code_spaces")
    }
}

/// The day a text tells; `Err` with the fault's word.
pub fn day(typed: &str, today: Day) -> Result<Repaired<Day>, &'static str> {
    if text::trim(typed).is_empty() {
        return Err("missing_date");
    }
    let day = roc::parse_day(typed, today).map_err(|_| "bad_date")?;
    Ok((day, if typed.is_ascii() { None } else { Some("fullwidth_date") }))
}

/// Text for people: no blanks at its ends, no control characters, at most `most` characters.
pub fn tidy(typed: &str, most: usize) -> Cow<'_, str> {
    let trimmed = text::trim(typed);
    let is_plain = trimmed.len() <= most && !trimmed.bytes().any(|byte| byte < 0x20 || byte == 0x7f);
    if is_plain {
        return trimmed.into();
    }
    trimmed
        .chars()
        .map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c })
        .filter(|c| !c.is_control())
        .take(most)
        .collect::<String>()
        .into()
}

/// `合計`, `總計`, `小計`, with or without blanks and a colon: the row below a list that adds it up.
pub fn is_total(text: &str) -> bool {
    let tight: String = text.chars().filter(|c| !text::is_blank(*c) && !matches!(c, ':' | '：')).collect();
    matches!(tight.as_str(), "合計" | "總計" | "小計" | "總和" | "加總")
}

/// A heading as it is compared: NFKC, no blanks or line breaks, Latin in capitals.
pub fn heading(typed: &str) -> String {
    text::narrow(typed).chars().filter(|c| !text::is_blank(*c)).flat_map(char::to_uppercase).collect()
}

/// Whether nothing can be seen in `cell`. A formula without a value is something.
pub fn is_blank(sheet: &Sheet, cell: Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Whole(_) | Cell::Number(_) | Cell::Date(_) | Cell::Bool(_) | Cell::NoValue | Cell::Error { .. } => false,
        Cell::Shared(_) | Cell::Own { .. } => sheet.text(cell).chars().all(text::is_blank),
    }
}

/// The code of a workbook's cell.
pub fn code_cell(sheet: &Sheet, cell: Cell) -> Result<Repaired<CustomerCode>, &'static str> {
    match cell {
        Cell::Empty | Cell::NoValue => Err("missing_code"),
        Cell::Whole(number) => code(&number.to_string()),
        Cell::Number(_) | Cell::Date(_) | Cell::Bool(_) | Cell::Error { .. } => Err("bad_code"),
        Cell::Shared(_) | Cell::Own { .. } => {
            let (code, fault) = code(&sheet.text(cell))?;
            // An integer stored as text is nothing to mend for a person, but it is told.
            Ok((code, fault.or(Some("text_code"))))
        }
    }
}

/// The day of a workbook's cell: a number is 民國 or nothing, a date is one only by its format.
pub fn day_cell(sheet: &Sheet, cell: Cell, today: Day) -> Result<Repaired<Day>, &'static str> {
    match cell {
        Cell::Empty => Err("missing_date"),
        Cell::NoValue => Err("formula_no_value"),
        Cell::Whole(number) => match roc::from_roc_integer(number).filter(|day| roc::window(today).contains(day)) {
            Some(day) => Ok((day, None)),
            None => day(&number.to_string(), today).map(|(day, _)| (day, None)),
        },
        Cell::Date(serial) => match sheet.day(serial).filter(|day| roc::window(today).contains(day)) {
            Some(day) => Ok((day, Some("real_date"))),
            None => Err("bad_date"),
        },
        Cell::Number(_) | Cell::Bool(_) | Cell::Error { .. } => Err("bad_date"),
        Cell::Shared(_) | Cell::Own { .. } => {
            let typed = sheet.text(cell);
            let (day, fault) = day(&typed, today)?;
            let form = if typed.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ') { "text_date" } else { "slash_roc_text" };
            Ok((day, fault.or(Some(form))))
        }
    }
}
