//! The client list: 76 columns, one row a customer (business §6). What each column means is the table below;
//! a cell that cannot be used is left empty and told, never guessed.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::customers::import::Facts;
use crate::imports::history::MOST;
use crate::imports::read;
use crate::imports::report::FileReport;
use crate::imports::understand::{Client, Understood};
use crate::imports::workbook::{Cell, Sheet, Workbook};
use crate::imports::{Action, Refusal};
use crate::settings::Settings;
use crate::values::product::Product;
use crate::values::weekdays::ClosedDays;
use crate::values::{CustomerCode, Grams, text};

/// How a column is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    Code,
    Text,
    /// Cylinders: a whole number, not below 0.
    Count,
    /// V or X.
    Flag,
    /// Hour of the day from eight o'clock: 1 = can be served.
    Hour(u32),
    /// A whole number up to this.
    Small(i64),
    /// Kilograms or days; may be a fraction, and below 0 where the sheet means it.
    Number,
    Area,
    Closed,
}

/// Heading, how it is read, and what the report says it is.
const COLUMNS: [(&str, Read, &str); 76] = [
    ("客戶", Read::Code, "客戶編號"),
    ("電子發票抬頭", Read::Text, "抬頭"),
    ("客戶簡稱", Read::Text, "名稱"),
    ("地址", Read::Text, "地址"),
    ("系統上鋼瓶數量", Read::Text, "舊系統的鋼瓶"),
    ("50KG", Read::Count, "鋼瓶數"),
    ("營20", Read::Count, "鋼瓶數"),
    ("營16", Read::Count, "鋼瓶數"),
    ("20KG", Read::Count, "鋼瓶數"),
    ("16KG", Read::Count, "鋼瓶數"),
    ("10KG", Read::Count, "鋼瓶數"),
    ("4KG", Read::Count, "鋼瓶數"),
    ("好運16", Read::Count, "鋼瓶數"),
    ("瓶安桶10", Read::Count, "鋼瓶數"),
    ("幸福丸", Read::Count, "鋼瓶數"),
    ("好運20", Read::Count, "鋼瓶數"),
    ("流量50公斤", Read::Count, "鋼瓶數"),
    ("流量20公斤", Read::Count, "鋼瓶數"),
    ("流量16公斤", Read::Count, "鋼瓶數"),
    ("流量好運20公斤", Read::Count, "鋼瓶數"),
    ("流量好運16公斤", Read::Count, "鋼瓶數"),
    ("計價方式", Read::Text, "計價方式"),
    ("結帳方式", Read::Text, "結帳方式"),
    ("結帳用檔案", Read::Flag, "打勾"),
    ("訂閱式會員", Read::Flag, "打勾"),
    ("發報", Read::Flag, "打勾"),
    ("排巡", Read::Flag, "打勾"),
    ("設備客戶買斷", Read::Text, "文字"),
    ("已解約", Read::Flag, "打勾"),
    ("需要當天配送", Read::Text, "打勾，可加註"),
    ("8~9", Read::Hour(0), "可送時間"),
    ("9~10", Read::Hour(1), "可送時間"),
    ("10~11", Read::Hour(2), "可送時間"),
    ("11~12", Read::Hour(3), "可送時間"),
    ("12~13", Read::Hour(4), "可送時間"),
    ("13~14", Read::Hour(5), "可送時間"),
    ("14~15", Read::Hour(6), "可送時間"),
    ("15~16", Read::Hour(7), "可送時間"),
    ("16~17", Read::Hour(8), "可送時間"),
    ("17~18", Read::Hour(9), "可送時間"),
    ("18~19", Read::Hour(10), "可送時間"),
    ("19~20", Read::Hour(11), "可送時間"),
    ("時段早1午2晚3全天0", Read::Small(3), "時段"),
    ("公休日", Read::Closed, "公休日"),
    ("狀態", Read::Text, "文字"),
    ("切替器型號", Read::Text, "文字"),
    ("月配送量", Read::Number, "公斤"),
    ("退氣", Read::Number, "公斤"),
    ("實際購買公斤數", Read::Number, "公斤"),
    ("退氣比例", Read::Number, "比例"),
    ("平均日使用", Read::Number, "公斤"),
    ("串接數量", Read::Number, "公斤"),
    ("備用量", Read::Number, "公斤"),
    ("最大週期", Read::Number, "天"),
    ("可延後天數", Read::Number, "天"),
    ("是否需要當天去", Read::Number, "公斤，可為負數"),
    ("區域", Read::Area, "區域"),
    ("1汽車/2機車/0全部", Read::Small(2), "車種"),
    ("單一區域供應", Read::Small(99), "使用點數"),
    ("第一使用區域(串接)", Read::Text, "使用區域"),
    ("第二使用區域", Read::Text, "使用區域"),
    ("第三使用區域", Read::Text, "使用區域"),
    ("第四使用區域", Read::Text, "使用區域"),
    ("第五使用區域", Read::Text, "使用區域"),
    ("預備桶", Read::Text, "文字"),
    ("串接場所申報", Read::Text, "文字"),
    ("流量表", Read::Text, "設備"),
    ("帶線流量錶", Read::Text, "設備"),
    ("切替器", Read::Text, "設備"),
    (NO_HEADING, Read::Text, "設備，沒有標題"),
    ("接點式壓力錶", Read::Text, "設備"),
    ("壓差開關", Read::Text, "設備"),
    ("微動開關", Read::Text, "設備"),
    ("永勝", Read::Text, "設備"),
    ("智慧秤", Read::Text, "設備"),
    ("類型", Read::Text, "客戶類型"),
];

/// The column between 切替器 and 接點式壓力錶 that nobody gave a heading.
const NO_HEADING: &str = "_70";

/// Headings some lists have instead.
const VARIANTS: [(&str, &str); 8] = [
    ("客戶代號", "客戶"),
    ("客戶編號", "客戶"),
    ("發票抬頭", "電子發票抬頭"),
    ("簡稱", "客戶簡稱"),
    ("送貨地址", "地址"),
    ("第一使用區域", "第一使用區域(串接)"),
    ("時段", "時段早1午2晚3全天0"),
    ("流量錶", "流量表"),
];

const DEVICES: [(&str, &str); 9] = [
    ("流量表", "flow_meter"),
    ("帶線流量錶", "wired_meter"),
    ("切替器", "changeover_valve"),
    (NO_HEADING, "unnamed_70"),
    ("接點式壓力錶", "contact_gauge"),
    ("壓差開關", "differential_switch"),
    ("微動開關", "micro_switch"),
    ("永勝", "yongsheng"),
    ("智慧秤", "smart_scale"),
];

const USAGE: [&str; 5] = ["第一使用區域(串接)", "第二使用區域", "第三使用區域", "第四使用區域", "第五使用區域"];

/// More a month than any shop of the town burns: taken as written, and told.
const OUTLIER_KG: f64 = 50_000.0;

/// Which column of the sheet is which of ours.
#[derive(Clone, Debug)]
pub struct Layout {
    header_row: u32,
    /// Column of the sheet and of [`COLUMNS`].
    known: Vec<(usize, usize)>,
    /// Every heading as it is written, by column of the sheet.
    headings: Vec<String>,
}

impl Layout {
    /// The layout when `headings` (of row `row`) are those of a client list.
    pub fn find(row: u32, headings: &[String]) -> Option<Layout> {
        let mut known: Vec<(usize, usize)> = Vec::new();
        for (at, heading) in headings.iter().enumerate() {
            let name = VARIANTS.iter().find(|(variant, _)| variant == heading).map_or(heading.as_str(), |(_, name)| name);
            let column = COLUMNS.iter().position(|(have, _, _)| read::heading(have) == name);
            if let Some(column) = column
                && !known.iter().any(|(_, have)| *have == column)
            {
                known.push((at, column));
            }
            // Known by its place and both its neighbours.
            let beside = |at: Option<usize>| at.and_then(|at| headings.get(at)).map(String::as_str);
            if heading.is_empty() && beside(at.checked_sub(1)) == Some("切替器") && beside(Some(at + 1)) == Some("接點式壓力錶") {
                known.push((at, 69));
            }
        }
        let has = |column| known.iter().any(|(_, have)| *have == column);
        let is_list = has(0) && (has(1) || has(2)) && 15 <= known.len();
        is_list.then(|| Layout { header_row: row, known, headings: headings.to_vec() })
    }
}

pub fn understand(
    book: &mut Workbook,
    layout: &Layout,
    file: usize,
    settings: &Settings,
    into: &mut Understood,
) -> Result<FileReport, Refusal> {
    let mut report = FileReport { sheet: Some(book.sheet_name.clone()), ..FileReport::default() };
    report.columns = layout
        .headings
        .iter()
        .enumerate()
        .map(|(at, heading)| {
            let column = layout.known.iter().find(|(have, _)| *have == at).map(|(_, column)| COLUMNS[*column]);
            (column.map_or(heading.as_str(), |(name, _, _)| name).to_owned(), column.map(|(_, _, meaning)| meaning))
        })
        .filter(|(heading, meaning)| !heading.is_empty() || meaning.is_some())
        .collect();
    let mut seen: HashMap<u32, usize> = into.clients.iter().enumerate().map(|(at, client)| (client.code, at)).collect();
    book.rows(|sheet| {
        if layout.header_row < sheet.row {
            report.ignored += u64::from(sheet.passed);
            understand_row(sheet, layout, file, settings, &mut seen, into, &mut report);
        }
        Ok(true)
    })?;
    Ok(report)
}

/// A row's cells after repair, by heading.
struct Cells<'a> {
    values: Vec<(&'static str, String)>,
    into: &'a mut Understood,
    file: usize,
    row: u32,
    is_repaired: bool,
}

impl Cells<'_> {
    fn repair(&mut self, column: &str, value: &str, kind: &'static str) {
        self.is_repaired = true;
        self.into.note(self.file, self.row, column, value, kind, Action::Repair);
    }

    fn drop(&mut self, column: &str, value: &str, kind: &'static str) {
        self.into.note(self.file, self.row, column, value, kind, Action::DropCell);
    }

    fn keep(&mut self, column: &str, value: &str, kind: &'static str) {
        self.into.note(self.file, self.row, column, value, kind, Action::Keep);
    }

    fn get(&self, heading: &str) -> Option<&str> {
        self.values.iter().find(|(have, _)| *have == heading).map(|(_, value)| value.as_str())
    }

    fn text(&self, heading: &str) -> Option<String> {
        self.get(heading).map(str::to_owned)
    }

    fn number(&self, heading: &str) -> Option<f64> {
        self.get(heading)?.parse().ok()
    }

    fn whole(&self, heading: &str) -> Option<i64> {
        self.get(heading)?.parse().ok()
    }

    fn grams(&self, heading: &str) -> Option<i64> {
        self.get(heading).and_then(Grams::parse_kg).map(|grams| grams.0)
    }
}

fn understand_row(
    sheet: &Sheet,
    layout: &Layout,
    file: usize,
    settings: &Settings,
    seen: &mut HashMap<u32, usize>,
    into: &mut Understood,
    report: &mut FileReport,
) {
    if sheet.cells.iter().all(|cell| read::is_blank(sheet, *cell)) {
        report.ignored += 1;
        return;
    }
    let code_column = layout.known.iter().find(|(_, column)| *column == 0).map_or(0, |(at, _)| *at);
    let code_cell = sheet.cell(code_column);
    let code_text = sheet.text(code_cell).into_owned();
    let is_heading = read::heading(&code_text) == layout.headings.get(code_column).map_or("", String::as_str);
    let alone = sheet.cells.iter().enumerate().all(|(at, cell)| at == code_column || read::is_blank(sheet, *cell));
    if is_heading || read::is_total(&code_text) || alone && code_text.parse::<CustomerCode>().is_err() {
        report.ignored += 1;
        return;
    }
    report.rows_read += 1;
    let (code, code_fault) = match read::code_cell(sheet, code_cell) {
        Ok(read) => read,
        Err(kind) => return into.skip(report, file, sheet.row, "客戶", &code_text, kind),
    };
    let first_problem = into.problems.len();
    let mut cells = Cells { values: Vec::with_capacity(40), into, file, row: sheet.row, is_repaired: false };
    if let Some(kind) = code_fault {
        cells.repair("客戶", &code_text, kind);
    }
    let mut raw = Map::new();
    for (at, column) in &layout.known {
        let (heading, how, _) = COLUMNS[*column];
        let cell = sheet.cell(*at);
        if cell == Cell::Empty {
            continue;
        }
        let shown = sheet.text(cell);
        if !shown.is_empty() {
            raw.insert(heading.to_owned(), Value::String(shown.clone().into_owned()));
        }
        let value = if how == Read::Code { Some(code.as_str().to_owned()) } else { value(&mut cells, heading, how, cell, &shown) };
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            cells.values.push((heading, value));
        }
    }
    // What stands in columns nobody knows is kept as well.
    for (at, cell) in sheet.cells.iter().enumerate() {
        if !layout.known.iter().any(|(have, _)| *have == at) && !read::is_blank(sheet, *cell) {
            let heading = layout.headings.get(at).filter(|heading| !heading.is_empty());
            raw.insert(heading.cloned().unwrap_or_else(|| format!("_{}", at + 1)), sheet.text(*cell).into_owned().into());
        }
    }
    let stored: Map<String, Value> =
        cells.values.iter().map(|(heading, value)| ((*heading).to_owned(), Value::String(value.clone()))).collect();
    let stored = Value::Object(stored).to_string();
    let code_at = cells.into.codes.put(code.as_str());
    if let Some(same) = seen.get(&code_at).and_then(|at| cells.into.clients.get(*at)) {
        let kind = if same.cells == stored { "duplicate_exact" } else { "duplicate_conflict" };
        let value = format!("{code}（同第 {} 列）", same.row);
        // Its cells are not taken, so nothing is said of them.
        cells.into.problems.truncate(first_problem);
        cells.into.note(file, sheet.row, "客戶", &value, kind, Action::Duplicate);
        report.duplicates += 1;
        return;
    }
    let area = cells.text("區域");
    let facts = facts(&mut cells, code.as_str(), settings);
    report.repaired += u64::from(cells.is_repaired);
    report.accepted += 1;
    seen.insert(code_at, into.clients.len());
    into.clients.push(Client { code: code_at, row: sheet.row, facts, area, cells: stored, raw: Value::Object(raw).to_string() });
}

/// The text a cell is stored as; `None` when it cannot be used.
fn value(cells: &mut Cells, heading: &'static str, how: Read, cell: Cell, shown: &str) -> Option<String> {
    if let Cell::Error { .. } = cell {
        cells.drop(heading, shown, "error_cell");
        return None;
    }
    let is_text = matches!(cell, Cell::Shared(_) | Cell::Own { .. });
    if is_text && shown.chars().all(text::is_blank) {
        return None;
    }
    match how {
        Read::Code => None,
        Read::Text | Read::Closed => {
            let most = match heading {
                "電子發票抬頭" => MOST[0],
                "客戶簡稱" => MOST[1],
                "地址" => MOST[2],
                _ => 32_767,
            };
            let tidy = read::tidy(shown, most).into_owned();
            if most < text::trim(shown).chars().count() {
                cells.keep(heading, shown, "too_long");
            } else if tidy != shown {
                cells.repair(heading, shown, "trailing_spaces");
            }
            Some(tidy)
        }
        Read::Area => {
            let area: String = text::narrow(text::trim(shown)).chars().take(40).collect();
            let area = match area.split_once('-') {
                Some((letter, name)) if letter.len() == 1 => format!("{}-{name}", letter.to_ascii_uppercase()),
                _ => area,
            };
            if area != shown {
                cells.repair(heading, shown, "area_variant");
            }
            Some(area)
        }
        Read::Flag => {
            let narrow = text::narrow(text::trim(shown));
            let flag = match narrow.as_str() {
                "V" | "v" | "✓" | "✔" | "1" | "是" | "Y" | "y" | "TRUE" => Some("V".to_owned()),
                "X" | "x" | "×" | "✗" | "0" | "否" | "N" | "n" | "FALSE" => Some("X".to_owned()),
                // Words after a V are a note.
                noted if noted.starts_with(['V', 'v']) => Some(format!("V{}", text::trim(&noted[1..]))),
                _ => None,
            };
            match &flag {
                None => cells.drop(heading, shown, "bad_flag"),
                Some(flag) if flag != shown => cells.repair(heading, shown, "flag_variant"),
                Some(_) => {}
            }
            flag
        }
        Read::Count | Read::Hour(_) | Read::Small(_) | Read::Number => number(cells, heading, how, cell, shown),
    }
}

fn number(cells: &mut Cells, heading: &'static str, how: Read, cell: Cell, shown: &str) -> Option<String> {
    let number = match cell {
        Cell::Whole(number) => number as f64,
        Cell::Number(number) => number,
        Cell::Bool(yes) => f64::from(u8::from(yes)),
        Cell::Date(_) => {
            cells.drop(heading, shown, "date_in_number");
            return None;
        }
        _ => {
            let narrow = text::narrow(text::trim(shown)).replace(',', "");
            match text::trim(&narrow).parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    cells.repair(heading, shown, "text_number");
                    number
                }
                _ => {
                    cells.drop(heading, shown, "bad_number");
                    return None;
                }
            }
        }
    };
    let most = match how {
        Read::Count => 999,
        Read::Hour(_) => 1,
        Read::Small(most) => most,
        _ => {
            let limit = Grams::LIMIT as f64 / 1_000.0;
            if limit < number.abs() {
                cells.drop(heading, shown, "bad_number");
                return None;
            }
            if heading == "月配送量" && OUTLIER_KG < number {
                cells.keep(heading, shown, "outlier");
            }
            return Some(number.to_string());
        }
    };
    if number.fract() != 0.0 {
        cells.drop(heading, shown, "fractional_count");
        return None;
    }
    if !(0.0..=most as f64).contains(&number) {
        cells.drop(heading, shown, "bad_number");
        return None;
    }
    Some((number as i64).to_string())
}

/// What the stored `cells` of an earlier list came to, and the area they named.
pub fn facts_of(cells: &str, code: &str, settings: &Settings) -> (Facts, Option<String>) {
    let stored: Map<String, Value> = serde_json::from_str(cells).unwrap_or_default();
    let values = COLUMNS.iter().filter_map(|(heading, _, _)| Some((*heading, stored.get(*heading)?.as_str()?.to_owned()))).collect();
    // What there was to say of them was said then.
    let mut unheard = Understood::default();
    let mut cells = Cells { values, into: &mut unheard, file: 0, row: 0, is_repaired: false };
    (facts(&mut cells, code, settings), cells.text("區域"))
}

/// What the customer's row and the tables beside it hold.
fn facts(cells: &mut Cells, code: &str, settings: &Settings) -> Facts {
    let title = cells.text("電子發票抬頭");
    let short_name = cells.text("客戶簡稱").unwrap_or_else(|| fallback_name(title.as_deref(), code));
    let pricing_method = match cells.get("計價方式") {
        Some("桶裝") | None => "cylinder",
        Some("流量") => "flow",
        Some("桶裝+流量" | "流量+桶裝" | "混合") => "mixed",
        Some(other) => {
            let other = other.to_owned();
            cells.keep("計價方式", &other, "unknown_word");
            "mixed"
        }
    };
    let payment_terms = match cells.get("結帳方式") {
        Some("月結") => "monthly",
        Some("轉帳") => "transfer",
        Some("現金") => "cash",
        other => {
            let other = other.unwrap_or("（空白）").to_owned();
            cells.keep("結帳方式", &other, "unknown_word");
            "cash"
        }
    };
    let closed = cells.get("公休日").map(ClosedDays::parse).unwrap_or_default();
    if let Some(words) = &closed.text {
        let words = words.clone();
        cells.keep("公休日", &words, "closed_text");
    }
    let flag = |heading: &str| cells.get(heading).is_some_and(|value| value.starts_with('V'));
    let on_patrol = cells.get("排巡").map(|value| value.starts_with('V'));
    let patrol_note = cells.get("排巡").and_then(|value| value.strip_prefix('V')).filter(|note| !note.is_empty()).map(str::to_owned);
    let same_day = cells.get("需要當天配送").map(text::narrow).unwrap_or_default();
    let is_same_day = !same_day.is_empty() && !matches!(same_day.as_str(), "X" | "x" | "0" | "否" | "N");
    let same_day_note = text::trim(same_day.trim_start_matches(['V', 'v', '✓', '1']));
    let mut hours = 0u16;
    for (heading, how, _) in COLUMNS {
        if let Read::Hour(bit) = how
            && cells.get(heading) == Some("1")
        {
            hours |= 1 << bit;
        }
    }
    let products = Product::ALL.iter().filter_map(|product| {
        let count = cells.whole(product.name)?;
        Product::find(product.code).map(|product| (product.code, count))
    });
    let usage = (1..).zip(USAGE).filter_map(|(seq, heading)| cells.text(heading).map(|text| (seq, text)));
    let equipment = DEVICES.iter().filter_map(|(heading, word)| {
        let value = cells.get(heading)?;
        let is_none = matches!(value, "0" | "X" | "x");
        let note = (!matches!(value, "1" | "V" | "v" | "✓")).then(|| value.to_owned());
        (!is_none).then_some((*word, note))
    });
    Facts {
        short_name,
        address: cells.text("地址"),
        customer_type: cells.text("類型"),
        pricing_method,
        payment_terms,
        needs_billing_file: flag("結帳用檔案"),
        is_subscription: flag("訂閱式會員"),
        has_telemetry: flag("發報"),
        on_patrol,
        patrol_note,
        same_day_required: is_same_day,
        same_day_note: (is_same_day && !same_day_note.is_empty()).then(|| same_day_note.to_owned()),
        equipment_owner_note: cells.text("設備客戶買斷"),
        site_declaration: cells.text("串接場所申報"),
        changeover_model: cells.text("切替器型號"),
        available_hours: hours,
        time_period: cells.whole("時段早1午2晚3全天0").map(|period| period as u8),
        closed_weekdays: closed.weekdays,
        closed_on_holidays: closed.on_holidays,
        closed_text: closed.text,
        vehicle_type: cells.whole("1汽車/2機車/0全部").unwrap_or(0) as u8,
        monthly_delivered_g: cells.grams("月配送量"),
        monthly_residual_g: cells.grams("退氣"),
        avg_daily_g: cells.grams("平均日使用"),
        series_g: cells.grams("串接數量"),
        reserve_g: cells.grams("備用量"),
        imported_cycle_days: cells.number("最大週期"),
        imported_slip_days: cells.number("可延後天數"),
        imported_margin_kg: cells.number("是否需要當天去"),
        supply_area_count: cells.whole("單一區域供應"),
        spare_text: cells.text("預備桶"),
        legacy_cylinder_text: cells.text("系統上鋼瓶數量"),
        is_walk_in: code == settings.walk_in_code,
        is_terminated: flag("已解約"),
        cylinders: products.collect(),
        usage: usage.collect(),
        equipment: equipment.collect(),
        invoice_title: title,
        ..Facts::default()
    }
}

/// What somebody without a short name is called.
pub fn fallback_name(title: Option<&str>, code: &str) -> String {
    match title {
        Some(title) => title.chars().take(MOST[1]).collect(),
        None => format!("客戶{code}"),
    }
}
