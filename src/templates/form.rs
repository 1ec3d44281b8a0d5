//! What the office fills in about a template, from the form or from JSON, read by one set of rules.

use serde_json::Value;

use crate::customers::Customer;
use crate::error::{Error, Result};
use crate::orders::Payment;
use crate::orders::take::{MOST_LINES, MOST_PIECES};
use crate::products::Product;
use crate::templates::recurrence::{MOST_EVERY, Recurrence, Rhythm};
use crate::templates::{Details, Line};
use crate::ui::FormReader;
use crate::values::{Day, ProductId, roc, text};

/// Longest texts (business §24, and the columns).
const NAME: usize = 40;
const NOTES: usize = 500;
const QTY: &str = "數量要在 1 到 100 之間。";

/// What a form is held against.
pub struct Ground<'a> {
    pub customer: &'a Customer,
    pub catalogue: &'a [Product],
    pub today: Day,
}

/// When a template makes an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    pub rhythm: Rhythm,
    pub next_on: Option<Day>,
    pub end_on: Option<Day>,
}

/// Reads `form` over `base`: a whole form says everything, JSON only what it names. All problems are told at once,
/// in the fields' names; `lines.N` is counted from 1. The first day is the first of the rhythm from the day that is
/// said on.
pub fn read(mut form: FormReader, base: Option<&Details>, ground: &Ground) -> Result<Details> {
    let says = |form: &FormReader, name: &str| !form.is_json() || form.has(name);
    if ground.customer.is_walk_in {
        form.problem("customer", "散客帳沒有固定的單，不能做範本。");
    }
    let lines = match base {
        Some(base) if !says(&form, "lines") => base.lines.clone(),
        _ => lines(&mut form, ground.catalogue),
    };
    let name = match base {
        Some(base) if !says(&form, "name") => Some(base.name.clone()),
        _ => form.optional("name", NAME),
    };
    let notes = match base {
        Some(base) if !says(&form, "notes") => base.notes.clone(),
        _ => form.optional("notes", NOTES),
    };
    let payment = form.parsed("payment_method", "沒有這種付款方式。", Payment::from_word);
    let usual = || Payment::usual(ground.customer.details.payment_terms);
    let is_urgent = match base {
        Some(base) if !says(&form, "is_urgent") => base.is_urgent,
        _ => form.checked("is_urgent"),
    };
    let when = when(&mut form, base, ground.today);
    form.check()?;
    let When { rhythm, next_on, end_on } = when.ok_or_else(|| Error::impossible("read a rhythm"))?;
    let mut details = Details {
        name: String::new(),
        lines,
        notes,
        payment: payment.or(base.map(|base| base.payment)).unwrap_or_else(usual),
        is_urgent,
        rhythm,
        next_on,
        end_on,
    };
    // Without a name it is called by what it brings.
    details.name = name.unwrap_or_else(|| details.items().chars().take(NAME).collect());
    Ok(details)
}

/// The rows of the form, or the list of JSON.
pub fn lines(form: &mut FormReader, catalogue: &[Product]) -> Vec<Line> {
    let typed: Vec<(String, String)> = if form.is_json() {
        match form.value("lines") {
            Some(Value::Array(lines)) => lines.iter().map(|line| (word(&line["product_id"]), word(&line["qty"]))).collect(),
            Some(_) => {
                form.problem("lines", "lines 要是一串品項。");
                return Vec::new();
            }
            None => Vec::new(),
        }
    } else {
        form.all("line_product").into_iter().zip(form.all("line_qty")).collect()
    };
    let mut lines = Vec::new();
    for (no, (product, qty)) in (1..).zip(&typed) {
        // A row nobody chose anything in is an empty row; a count alone is not.
        if product.is_empty() && (qty.is_empty() || form.is_json()) {
            if form.is_json() {
                form.problem(format!("lines.{no}"), "請寫 product_id。");
            }
            continue;
        }
        match line(product, qty, catalogue) {
            Ok(line) => lines.push(line),
            Err(say) => form.problem(format!("lines.{no}"), say),
        }
    }
    if typed.iter().all(|(product, qty)| product.is_empty() && qty.is_empty()) {
        form.problem("lines", "還沒選品項。");
    } else if MOST_LINES < lines.len() {
        form.problem("lines", format!("最多 {MOST_LINES} 行。"));
    }
    lines
}

fn line(product: &str, qty: &str, catalogue: &[Product]) -> std::result::Result<Line, String> {
    let id: Option<ProductId> = product.parse().ok();
    let product = match catalogue.iter().find(|product| Some(product.id) == id) {
        Some(product) if !product.is_active => return Err(format!("{} 已經停賣。", product.name)),
        Some(product) => product,
        None if product.is_empty() => return Err("這一行還沒選品項。".to_owned()),
        None => return Err("沒有這種產品。".to_owned()),
    };
    let qty = pieces(qty).ok_or(QTY)?;
    Ok(Line { product_id: product.id, product_name: product.name.clone(), qty })
}

/// 1–100 as people type it; `None` for anything else.
pub fn pieces(typed: &str) -> Option<i64> {
    let typed = text::narrow(text::trim(typed));
    typed.parse().ok().filter(|qty| (1..=MOST_PIECES).contains(qty))
}

fn word(value: &Value) -> String {
    value.as_str().map(str::to_owned).unwrap_or_else(|| if value.is_null() { String::new() } else { value.to_string() })
}

/// The rhythm and its days; `None` when `form` has got a problem for it.
pub fn when(form: &mut FormReader, base: Option<&Details>, today: Day) -> Option<When> {
    let said = rhythm(form, base);
    if said.as_ref().is_some_and(|said| said.recurrence == Recurrence::ByHand) {
        return Some(When { rhythm: Rhythm::ByHand, next_on: None, end_on: None });
    }
    let start = start(form, base, today);
    let (said, start) = (said?, start?);
    let rhythm = said.from(start);
    let Some(next_on) = rhythm.on_or_after(start) else {
        form.problem("next_on", "日期太晚了。");
        return None;
    };
    let end_on = end(form, base, next_on, today)?;
    Some(When { rhythm, next_on: Some(next_on), end_on })
}

/// A rhythm as far as it can be said without its first day.
struct Said {
    recurrence: Recurrence,
    every: i64,
    weekdays: u8,
    anchor_day: Option<u32>,
}

impl Said {
    /// Where nobody says the day of the month it is the one that is begun on.
    fn from(&self, start: Day) -> Rhythm {
        let every = self.every;
        match self.recurrence {
            Recurrence::ByHand => Rhythm::ByHand,
            Recurrence::Daily => Rhythm::Daily { every },
            Recurrence::Weekly => Rhythm::Weekly { every, weekdays: self.weekdays },
            Recurrence::Monthly => Rhythm::Monthly { every, anchor_day: self.anchor_day.unwrap_or(start.day_of_month()) },
        }
    }
}

fn rhythm(form: &mut FormReader, base: Option<&Details>) -> Option<Said> {
    let was = base.map_or(Rhythm::ByHand, |base| base.rhythm);
    let number = |form: &mut FormReader, name: &'static str, say: &'static str, most: i64| {
        form.parsed(name, say, |typed| text::narrow(typed).parse::<i64>().ok().filter(|number| (1..=most).contains(number)))
    };
    let recurrence = match form.parsed("recurrence", "沒有這種週期。", Recurrence::from_word) {
        Some(recurrence) => recurrence,
        None if form.text("recurrence").is_empty() => was.recurrence(),
        None => return None,
    };
    // What the chosen rhythm does not ask for is not looked at.
    let is_kept = |form: &FormReader, name: &str| form.is_json() && !form.has(name);
    let every = match recurrence {
        Recurrence::ByHand => Some(1),
        _ if form.text("every").is_empty() => Some(if form.is_json() { was.every() } else { 1 }),
        _ => number(form, "every", "要是 1 到 12 的數字。", MOST_EVERY),
    };
    let weekdays = match (recurrence, was) {
        (Recurrence::Weekly, Rhythm::Weekly { weekdays, .. }) if is_kept(form, "weekdays") => Some(weekdays),
        (Recurrence::Weekly, _) => weekdays(form),
        _ => Some(0),
    };
    let anchor_day = match (recurrence, was) {
        (Recurrence::Monthly, Rhythm::Monthly { anchor_day, .. }) if is_kept(form, "anchor_day") => Some(Some(anchor_day)),
        (Recurrence::Monthly, _) if !form.text("anchor_day").is_empty() => {
            number(form, "anchor_day", "要是 1 到 31 的日子。", 31).map(|day| Some(day as u32))
        }
        _ => Some(None),
    };
    Some(Said { recurrence, every: every?, weekdays: weekdays?, anchor_day: anchor_day? })
}

/// The boxes of the form, or the mask of JSON.
fn weekdays(form: &mut FormReader) -> Option<u8> {
    if !form.is_json() {
        let days = form.all("weekday").into_iter().filter_map(|day| day.parse::<u32>().ok()).filter(|day| (1..=7).contains(day));
        return Some(days.fold(0, |mask, day| mask | 1 << (day - 1)));
    }
    if form.text("weekdays").is_empty() {
        return Some(0);
    }
    form.parsed("weekdays", "要是 0 到 127 的數字。", |typed| typed.parse::<u8>().ok().filter(|mask| *mask < 128))
}

/// The day from which it is said. One that stands already may lie behind; a new one may not.
fn start(form: &mut FormReader, base: Option<&Details>, today: Day) -> Option<Day> {
    let was = base.and_then(|base| base.next_on);
    let typed = form.text("next_on");
    if typed.is_empty() {
        if form.is_json() && !form.has("next_on") && was.is_some() {
            return was;
        }
        form.problem("next_on", "請填從哪一天開始。");
        return None;
    }
    match roc::parse_near(&typed, today) {
        Ok(day) if was == Some(day) => Some(day),
        Ok(day) if day < today => {
            form.problem("next_on", format!("{} 已經過了。", day.short()));
            None
        }
        Ok(day) => Some(day),
        Err(say) => {
            form.problem("next_on", say);
            None
        }
    }
}

/// The last day, if there is one: not before the next. `None` when it cannot be read.
fn end(form: &mut FormReader, base: Option<&Details>, next_on: Day, today: Day) -> Option<Option<Day>> {
    let was = base.and_then(|base| base.end_on);
    let typed = form.text("end_on");
    if form.is_json() && !form.has("end_on") {
        return Some(was);
    }
    if typed.is_empty() {
        return Some(None);
    }
    // Many years ahead is far for an order and near for an end.
    let far = Day::new(2200, 12, 31).and_then(|last| roc::parse_day_within(&typed, today..=last).ok());
    let say = match far.map_or_else(|| roc::parse_near(&typed, today), Ok) {
        Ok(day) if next_on <= day || (was == Some(day) && base.and_then(|base| base.next_on) == Some(next_on)) => return Some(Some(day)),
        Ok(_) => format!("比下一次 {} 還早。", next_on.short()),
        Err(say) => say,
    };
    form.problem("end_on", say);
    None
}

/// `details` as the fields of the form.
pub fn pairs(details: &Details) -> Vec<(String, String)> {
    let mut pairs: Vec<(&str, String)> = vec![
        ("name", details.name.clone()),
        ("notes", details.notes.clone().unwrap_or_default()),
        ("payment_method", details.payment.word().to_owned()),
        ("is_urgent", if details.is_urgent { "1" } else { "" }.to_owned()),
        ("recurrence", details.rhythm.recurrence().word().to_owned()),
        ("every", details.rhythm.every().to_string()),
        ("next_on", details.next_on.map(Day::slashed).unwrap_or_default()),
        ("end_on", details.end_on.map(Day::slashed).unwrap_or_default()),
    ];
    match details.rhythm {
        Rhythm::Weekly { weekdays, .. } => {
            pairs.extend((1..=7).filter(|day| weekdays & 1 << (day - 1) != 0).map(|day: i32| ("weekday", day.to_string())));
        }
        Rhythm::Monthly { anchor_day, .. } => pairs.push(("anchor_day", anchor_day.to_string())),
        Rhythm::ByHand | Rhythm::Daily { .. } => {}
    }
    for line in &details.lines {
        pairs.push(("line_product", line.product_id.to_string()));
        pairs.push(("line_qty", line.qty.to_string()));
    }
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
