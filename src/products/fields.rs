//! What may be said of a product: read from a form or from JSON, and as JSON in the API and the journal. The names
//! are the database's.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::products::{Kind, Product};
use crate::ui::FormReader;
use crate::values::product::Method;
use crate::values::{Grams, Ntd, text};

/// What a manager may change of any product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    /// `None` where none is taken.
    pub deposit: Option<Ntd>,
    pub tare: Option<Grams>,
    pub track_stock: bool,
    pub low_stock_threshold: i64,
    pub is_active: bool,
    /// `None`: at the end.
    pub sort_order: Option<i64>,
}

/// A new accessory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accessory {
    pub code: String,
    pub details: Details,
}

impl Details {
    pub fn of(product: &Product) -> Details {
        Details {
            name: product.name.clone(),
            deposit: product.deposit,
            tare: product.tare,
            track_stock: product.track_stock,
            low_stock_threshold: product.low_stock_threshold,
            is_active: product.is_active,
            sort_order: Some(product.sort_order),
        }
    }

    /// An accessory of which nothing but the name is known: sold, not counted, nothing to give back.
    pub fn accessory() -> Details {
        Details {
            name: String::new(),
            deposit: None,
            tare: None,
            track_stock: false,
            low_stock_threshold: 10,
            is_active: true,
            sort_order: None,
        }
    }
}

/// Pieces and places are counted up to here; an empty cylinder weighs no more than this.
const MOST: i64 = 9_999;
const HEAVIEST_KG: i64 = 200;

/// What the form says of `product`. JSON leaves alone what it does not name.
pub fn read(form: FormReader, product: &Product) -> Result<Details> {
    read_over(form, Details::of(product))
}

/// A new accessory. `Invalid` with all that is wrong; a taken code or name shows only when it is written.
pub fn read_accessory(mut form: FormReader) -> Result<Accessory> {
    let code = text::narrow(&form.need("code", 20, "請填代號，例如 REG。")).to_uppercase();
    if code.chars().any(text::is_blank) {
        form.problem("code", "代號中間不能有空白。");
    }
    let details = read_over(form, Details::accessory());
    details.map(|details| Accessory { code, details })
}

fn read_over(mut form: FormReader, base: Details) -> Result<Details> {
    let is_json = form.is_json();
    let is_said = |form: &FormReader, name: &str| !is_json || form.has(name);
    let mut details = base;
    if is_said(&form, "name") {
        details.name = form.need("name", 40, "請填名字。");
    }
    if is_said(&form, "deposit_ntd") {
        details.deposit = form.parsed("deposit_ntd", "押金要在 0 到 9,999,999 之間，沒有就空著。", Ntd::parse);
    }
    // A form has kilograms, JSON grams.
    if is_json && form.has("tare_g") {
        let grams = |text: &str| text.parse().ok().filter(|grams| (0..=HEAVIEST_KG * 1_000).contains(grams)).map(Grams);
        details.tare = form.parsed("tare_g", "空瓶重量要在 0 到 200 公斤之間。", grams);
    } else if !is_json {
        let kg = |text: &str| Grams::parse_kg(text).filter(|weight| *weight <= Grams::from_kg(HEAVIEST_KG));
        details.tare = form.parsed("tare_kg", "空瓶重量要在 0 到 200 公斤之間，不知道就空著。", kg);
    }
    let count = |text: &str| text::narrow(text).parse::<i64>().ok().filter(|count| (0..=MOST).contains(count));
    if is_said(&form, "low_stock_threshold") {
        let threshold = form.parsed("low_stock_threshold", "填 0 到 9,999 之間的數字。", count);
        details.low_stock_threshold = threshold.unwrap_or(details.low_stock_threshold);
    }
    if is_said(&form, "sort_order") {
        details.sort_order = form.parsed("sort_order", "填 0 到 9,999 之間的數字。", count).or(details.sort_order);
    }
    if is_said(&form, "track_stock") {
        details.track_stock = form.checked("track_stock");
    }
    if is_said(&form, "is_active") {
        details.is_active = form.checked("is_active");
    }
    form.check()?;
    Ok(details)
}

/// The product by its columns.
pub fn json(product: &Product) -> Map<String, Value> {
    let (method, family) = match product.kind {
        Kind::Gas { method, family, .. } => (method.word(), Some(family.word())),
        Kind::Accessory => ("accessory", None),
    };
    let mut map = changeable(&Details::of(product));
    map.insert("id".to_owned(), json!(product.id.0));
    map.insert("code".to_owned(), json!(product.code));
    map.insert("method".to_owned(), json!(method));
    map.insert("family".to_owned(), json!(family));
    map.insert("size_kg".to_owned(), json!(product.size_kg()));
    map.insert("version".to_owned(), json!(product.version));
    map
}

fn changeable(details: &Details) -> Map<String, Value> {
    let value = json!({
        "name": details.name,
        "deposit_ntd": details.deposit.map(|deposit| deposit.0),
        "tare_g": details.tare.map(|tare| tare.0),
        "track_stock": details.track_stock,
        "low_stock_threshold": details.low_stock_threshold,
        "is_active": details.is_active,
        "sort_order": details.sort_order,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What differs, before and after.
pub fn changes(before: &Product, after: &Details) -> (Map<String, Value>, Map<String, Value>) {
    let (was, is) = (changeable(&Details::of(before)), changeable(after));
    let differs = |name: &String| was.get(name) != is.get(name);
    let part = |map: &Map<String, Value>| map.iter().filter(|(name, _)| differs(name)).map(|(k, v)| (k.clone(), v.clone())).collect();
    (part(&was), part(&is))
}

/// `field` as people call it.
pub fn label(field: &str) -> &'static str {
    match field {
        "name" => "名字",
        "deposit_ntd" => "押金",
        "tare_g" => "空瓶重",
        "track_stock" => "算庫存",
        "low_stock_threshold" => "低於幾個要補",
        "is_active" => "販售",
        _ => "順序",
    }
}

/// `value` of `field` as people read it.
pub fn shown(field: &str, value: &Value) -> String {
    match (field, value) {
        (_, Value::Null) => "—".to_owned(),
        ("deposit_ntd", Value::Number(number)) => number.as_i64().map_or_else(String::new, |amount| Ntd(amount).to_string()),
        ("tare_g", Value::Number(number)) => number.as_i64().map_or_else(String::new, |grams| format!("{} 公斤", Grams(grams))),
        ("is_active", Value::Bool(is)) => if *is { "販售中" } else { "停賣" }.to_owned(),
        (_, Value::Bool(is)) => if *is { "是" } else { "否" }.to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// What kind it is, in words: 桶裝 · 一般 · 20 公斤.
pub fn kind_line(kind: Kind) -> String {
    match kind {
        Kind::Gas { method: Method::Cylinder, family, size_kg } => format!("桶裝　{}　{size_kg} 公斤", family.label()),
        Kind::Gas { method: Method::Flow, family, size_kg } => format!("流量　{}　{size_kg} 公斤鋼瓶，按公斤計價", family.label()),
        Kind::Accessory => "配件、工資".to_owned(),
    }
}

/// The wording of the refusal of a stale form, with both values of what differs.
pub fn stale(now: &Product, typed: &Details) -> Error {
    let (is, mine) = changes(now, typed);
    let both: Vec<String> = is
        .iter()
        .map(|(field, value)| {
            let typed = mine.get(field).unwrap_or(&Value::Null);
            format!("{}現在是「{}」，你填的是「{}」。", label(field), shown(field, value), shown(field, typed))
        })
        .collect();
    let say = format!("有人先改了 {}，你的還沒存。{}", now.name, both.concat());
    Error::conflict("product is not at that version", say)
}
