//! A customer field by field, in the database's names: what JSON carries, what the journal keeps of a
//! change, and what two people see side by side when both changed it.

use serde_json::{Map, Value, json};

use crate::customers::equipment::Device;
use crate::customers::{Details, Period, Pricing, Terms, Vehicle};
use crate::values::Grams;
use crate::values::product::Product;

const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// Every field of `details` by its name.
pub fn json(details: &Details) -> Map<String, Value> {
    let phones: Vec<Value> = details
        .phones
        .iter()
        .map(|number| {
            json!({
                "e164": number.phone.e164,
                "extension": number.phone.extension,
                "number": number.phone.to_string(),
                "label": number.label,
                "raw": number.raw,
            })
        })
        .collect();
    let cylinders: Map<String, Value> = details.cylinders.iter().map(|(product, qty)| ((*product).to_owned(), json!(qty))).collect();
    let equipment: Map<String, Value> = details.equipment.iter().map(|(device, note)| (device.word().to_owned(), json!(note))).collect();
    let object = json!({
        "customer_code": details.customer_code.as_str(),
        "short_name": details.short_name,
        "invoice_title": details.invoice_title,
        "address": details.address,
        "area": details.area,
        "contact_name": details.contact_name,
        "tax_id": details.tax_id,
        "customer_type": details.customer_type,
        "notes": details.notes,
        "access_note": details.access_note,
        "phones": phones,
        "pricing_method": details.pricing_method.word(),
        "payment_terms": details.payment_terms.word(),
        "needs_billing_file": details.needs_billing_file,
        "is_subscription": details.is_subscription,
        "has_telemetry": details.has_telemetry,
        "on_patrol": details.on_patrol,
        "patrol_note": details.patrol_note,
        "same_day_required": details.same_day_required,
        "same_day_note": details.same_day_note,
        "equipment_owner_note": details.equipment_owner_note,
        "site_declaration": details.site_declaration,
        "changeover_model": details.changeover_model,
        "available_hours": details.available_hours,
        "time_period": details.time_period.map(Period::number),
        "closed_weekdays": details.closed.weekdays,
        "closed_on_holidays": details.closed.on_holidays,
        "closed_text": details.closed.text,
        "vehicle_type": details.vehicle_type.number(),
        "monthly_delivered_g": details.monthly_delivered_g.map(|grams| grams.0),
        "monthly_residual_g": details.monthly_residual_g.map(|grams| grams.0),
        "avg_daily_g": details.avg_daily_g.map(|grams| grams.0),
        "series_g": details.series_g.map(|grams| grams.0),
        "reserve_g": details.reserve_g.map(|grams| grams.0),
        "supply_area_count": details.supply_area_count,
        "spare_text": details.spare_text,
        "legacy_cylinder_text": details.legacy_cylinder_text,
        "cylinders": cylinders,
        "usage_areas": details.usage_areas,
        "equipment": equipment,
    });
    match object {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What differs between the two: the old values and the new ones, by field.
pub fn changes(before: &Details, after: &Details) -> (Map<String, Value>, Map<String, Value>) {
    let (mut was, mut is) = (Map::new(), Map::new());
    for ((field, old), (_, new)) in json(before).into_iter().zip(json(after)) {
        if old != new {
            was.insert(field.clone(), old);
            is.insert(field, new);
        }
    }
    (was, is)
}

/// What the shop calls a field.
pub fn label(field: &str) -> &'static str {
    match field {
        "customer_code" => "編號",
        "short_name" => "簡稱",
        "invoice_title" => "發票抬頭",
        "address" => "地址",
        "area" => "區域",
        "contact_name" => "聯絡人",
        "tax_id" => "統一編號",
        "customer_type" => "類型",
        "notes" => "備註",
        "access_note" => "進門備註",
        "phones" => "電話",
        "pricing_method" => "計價",
        "payment_terms" => "結帳",
        "needs_billing_file" => "結帳用檔案",
        "is_subscription" => "訂閱會員",
        "has_telemetry" => "發報",
        "on_patrol" => "排巡",
        "patrol_note" => "排巡備註",
        "same_day_required" => "需要當天送",
        "same_day_note" => "當天送備註",
        "equipment_owner_note" => "設備買斷",
        "site_declaration" => "串接場所申報",
        "changeover_model" => "切替器型號",
        "available_hours" => "收貨時間",
        "time_period" => "時段",
        "closed_weekdays" => "公休",
        "closed_on_holidays" => "國定假日公休",
        "closed_text" => "公休備註",
        "vehicle_type" => "車輛",
        "monthly_delivered_g" => "月配送量",
        "monthly_residual_g" => "月退氣",
        "avg_daily_g" => "平均日用",
        "series_g" => "串接",
        "reserve_g" => "備用量",
        "supply_area_count" => "使用區域數",
        "spare_text" => "預備桶",
        "legacy_cylinder_text" => "舊系統鋼瓶",
        "cylinders" => "鋼瓶",
        "usage_areas" => "使用區域",
        "equipment" => "設備",
        "state" => "狀態",
        "is_walk_in" => "散客帳",
        _ => "其他",
    }
}

/// A field's value as a person reads it; — when there is none.
pub fn shown(field: &str, value: &Value) -> String {
    let word = value.as_str().unwrap_or_default();
    let number = value.as_i64();
    let text = match field {
        "pricing_method" => Pricing::from_word(word).map_or_else(|| word.to_owned(), |one| one.label().to_owned()),
        "payment_terms" => Terms::from_word(word).map_or_else(|| word.to_owned(), |one| one.label().to_owned()),
        "available_hours" => hours(number.unwrap_or(0) as u16),
        "time_period" => number.and_then(Period::from_number).map(Period::label).unwrap_or_default().to_owned(),
        "closed_weekdays" => weekdays(number.unwrap_or(0) as u8),
        "vehicle_type" => number.and_then(Vehicle::from_number).map(Vehicle::label).unwrap_or_default().to_owned(),
        "phones" => joined(value, |one| Some([one["number"].as_str()?, one["label"].as_str().unwrap_or_default()].join(" "))),
        "usage_areas" => joined(value, |one| one.as_str().map(str::to_owned)),
        "cylinders" => pairs(value, |code, qty| {
            let name = Product::find(code).map_or(code, |product| product.name);
            format!("{name} × {qty}")
        }),
        "equipment" => pairs(value, |word, note| {
            let label = Device::from_word(word).map_or_else(|| word.to_owned(), |device| device.label().to_owned());
            match note.as_str() {
                Some(note) => format!("{label}（{note}）"),
                None => label,
            }
        }),
        _ if field.ends_with("_g") => number.map(|grams| format!("{} kg", Grams(grams))).unwrap_or_default(),
        _ => match value {
            Value::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
            Value::Number(number) => number.to_string(),
            _ => word.to_owned(),
        },
    };
    let text = text.trim();
    if text.is_empty() { "—".to_owned() } else { text.to_owned() }
}

fn joined(value: &Value, one: impl Fn(&Value) -> Option<String>) -> String {
    let parts: Vec<String> = value.as_array().into_iter().flatten().filter_map(one).collect();
    parts.join("、")
}

fn pairs(value: &Value, one: impl Fn(&str, &Value) -> String) -> String {
    let parts: Vec<String> = value.as_object().into_iter().flatten().map(|(key, value)| one(key, value)).collect();
    parts.join("、")
}

/// `8–12、14–17` for a mask of hours.
pub fn hours(mask: u16) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for at in (0..12).filter(|at| mask & 1 << at != 0) {
        match spans.last_mut() {
            Some((_, end)) if *end == at => *end = at + 1,
            _ => spans.push((at, at + 1)),
        }
    }
    let spans: Vec<String> = spans.into_iter().map(|(from, to)| format!("{}–{}", from + 8, to + 8)).collect();
    spans.join("、")
}

/// `星期三、日` for a mask of weekdays.
pub fn weekdays(mask: u8) -> String {
    let days: Vec<&str> = WEEKDAYS.iter().enumerate().filter(|(at, _)| mask & 1 << at != 0).map(|(_, day)| *day).collect();
    if days.is_empty() { String::new() } else { format!("星期{}", days.join("、")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_join_to_spans() {
        let cases = [(0, ""), (0b1, "8–9"), (0b1111_1111_1111, "8–20"), (0b0001_1100_0110, "9–11、14–17")];
        for (mask, text) in cases {
            assert_eq!(hours(mask), text);
        }
        assert_eq!(weekdays(0b100_0100), "星期三、日");
    }

    #[test]
    fn every_field_has_its_word() {
        let details = Details::new("1900001".parse().unwrap(), "範例".to_owned());
        for field in json(&details).keys() {
            assert_ne!(label(field), "其他", "{field}");
        }
        let mut other = details.clone();
        other.available_hours = 0b110;
        other.address = Some("範例路 1 號".to_owned());
        let (was, is) = changes(&details, &other);
        assert_eq!(was.keys().collect::<Vec<_>>(), ["address", "available_hours"]);
        assert_eq!(shown("available_hours", &is["available_hours"]), "9–11");
        assert_eq!(shown("address", &was["address"]), "—");
    }
}
