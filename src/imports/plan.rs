//! The hand-made list of homes to be served next: no heading, 序號, 客戶, 客戶簡稱, 地址, 電話, 鋼瓶, 上次日期,
//! 預計日期. It tells of planned visits, never of deliveries.

use crate::imports::history::MOST;
use crate::imports::read;
use crate::imports::report::FileReport;
use crate::imports::understand::{Other, Understood, VisitRow};
use crate::imports::workbook::{Cell, Sheet, Workbook};
use crate::imports::{Action, Kind, Refusal};
use crate::settings::Settings;
use crate::values::phone::Phone;
use crate::values::{Day, text};

const COLUMNS: [(&str, &str); 8] =
    [("A", "序號"), ("B", "客戶編號"), ("C", "名稱"), ("D", "地址"), ("E", "電話"), ("F", "鋼瓶"), ("G", "上次日期"), ("H", "預計日期")];

/// A row of such a list: a running number first, a 民國 date last, and a telephone or cylinders between.
pub fn looks_planned(sheet: &Sheet) -> bool {
    let number = matches!(sheet.cell(0), Cell::Whole(number) if (1..100_000).contains(&number));
    let date = matches!(sheet.cell(7), Cell::Whole(_) | Cell::Date(_) | Cell::Shared(_) | Cell::Own { .. });
    let cylinders = read_cylinders(sheet);
    number && date && (7..=9).contains(&sheet.cells.len()) && cylinders.is_some()
}

fn read_cylinders(sheet: &Sheet) -> Option<String> {
    let typed = text::narrow(&sheet.text(sheet.cell(5)));
    crate::values::cylinders::parse(&typed).is_understood.then(|| text::trim(&typed).to_owned())
}

pub fn understand(book: &mut Workbook, file: usize, today: Day, settings: &Settings, into: &mut Understood) -> Result<FileReport, Refusal> {
    let mut report = FileReport { sheet: Some(book.sheet_name.clone()), ..FileReport::default() };
    report.columns = COLUMNS.iter().map(|(column, meaning)| ((*column).to_owned(), Some(*meaning))).collect();
    book.rows(|sheet| {
        report.ignored += u64::from(sheet.passed);
        if sheet.cells.iter().all(|cell| read::is_blank(sheet, *cell)) {
            report.ignored += 1;
            return Ok(true);
        }
        report.rows_read += 1;
        let shown = |column| sheet.text(sheet.cell(column)).into_owned();
        let mut faults = Vec::new();
        let code = match read::code_cell(sheet, sheet.cell(1)) {
            Ok((code, fault)) => {
                faults.extend(fault.map(|kind| (1, kind)));
                code
            }
            Err(kind) => {
                into.skip(&mut report, file, sheet.row, "客戶編號", &shown(1), kind);
                return Ok(true);
            }
        };
        let day = match read::day_cell(sheet, sheet.cell(7), today) {
            Ok((day, fault)) => {
                faults.extend(fault.map(|kind| (7, kind)));
                day
            }
            Err(kind) => {
                into.skip(&mut report, file, sheet.row, "預計日期", &shown(7), kind);
                return Ok(true);
            }
        };
        let typed = shown(4);
        let phone = match Phone::parse(&typed, &settings.area_code) {
            Ok(phone) => {
                let narrow = text::narrow(&typed);
                faults.extend((narrow != typed).then_some((4, "fullwidth_phone")));
                Some((phone, text::trim(&narrow).to_owned()))
            }
            Err(_) if text::trim(&typed).is_empty() => None,
            Err(_) => {
                into.note(file, sheet.row, "電話", &typed, "bad_phone", Action::DropCell);
                None
            }
        };
        let cylinders = shown(5);
        faults.extend((text::narrow(&cylinders) != cylinders).then_some((5, "fullwidth_cylinders")));
        report.repaired += u64::from(!faults.is_empty());
        for (column, kind) in faults {
            into.note(file, sheet.row, COLUMNS[column].1, &shown(column), kind, Action::Repair);
        }
        report.accepted += 1;
        report.tell_day(day.number());
        let code = into.codes.put(code.as_str());
        let words = |column, most| Some(read::tidy(&shown(column), most).into_owned()).filter(|words: &String| !words.is_empty());
        into.visits.push(VisitRow {
            code,
            day,
            outcome: "planned",
            items: read_cylinders(sheet).or_else(|| words(5, 100)),
            note: None,
            source: "plan",
        });
        // The title of somebody who is only a name in a list is that name.
        let name = words(2, MOST[1]);
        let raw: serde_json::Map<_, _> =
            COLUMNS.iter().enumerate().map(|(at, (_, meaning))| ((*meaning).to_owned(), shown(at).into())).collect();
        into.others.push(Other {
            code,
            row: sheet.row,
            kind: Kind::Plan,
            title: name.clone(),
            short_name: name,
            address: words(3, MOST[2]),
            area: None,
            is_terminated: false,
            phone,
            raw: serde_json::Value::Object(raw).to_string(),
            file,
        });
        Ok(true)
    })?;
    Ok(report)
}
