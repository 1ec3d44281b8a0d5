//! The customers as a spreadsheet: CSV in UTF-8 with a byte order mark, under the 76 headings of the shop's
//! own client list, so that an import reads back what was written.

use std::io::Write;

use rusqlite::Connection;

use crate::customers::equipment::Device;
use crate::customers::form::kg_text;
use crate::customers::{Details, Pricing, State, store};
use crate::error::{Doing, Result};
use crate::values::product::Product;
use crate::values::{Grams, text};

pub const FILE_NAME: &str = "客戶資料.csv";

/// The headings of the client list (business §6). Number 70 has none; its place tells what it is.
pub const HEADINGS: [&str; 76] = [
    "客戶",
    "電子發票抬頭",
    "客戶簡稱",
    "地址",
    "系統上鋼瓶數量",
    "50KG",
    "營20",
    "營16",
    "20KG",
    "16KG",
    "10KG",
    "4KG",
    "好運16",
    "瓶安桶10",
    "幸福丸",
    "好運20",
    "流量50公斤",
    "流量20公斤",
    "流量16公斤",
    "流量好運20公斤",
    "流量好運16公斤",
    "計價方式",
    "結帳方式",
    "結帳用檔案",
    "訂閱式會員",
    "發報",
    "排巡",
    "設備客戶買斷",
    "已解約",
    "需要當天配送",
    "8~9",
    "9~10",
    "10~11",
    "11~12",
    "12~13",
    "13~14",
    "14~15",
    "15~16",
    "16~17",
    "17~18",
    "18~19",
    "19~20",
    "時段早1午2晚3全天0",
    "公休日",
    "狀態",
    "切替器型號",
    "月配送量",
    "退氣",
    "實際購買公斤數",
    "退氣比例",
    "平均日使用",
    "串接數量",
    "備用量",
    "最大週期",
    "可延後天數",
    "是否需要當天去",
    "區域",
    "1汽車/2機車/0全部",
    "單一區域供應",
    "第一使用區域(串接)",
    "第二使用區域",
    "第三使用區域",
    "第四使用區域",
    "第五使用區域",
    "預備桶",
    "串接場所申報",
    "流量表",
    "帶線流量錶",
    "切替器",
    "",
    "接點式壓力錶",
    "壓差開關",
    "微動開關",
    "永勝",
    "智慧秤",
    "類型",
];

/// Writes every customer, by code as a number, and says how many. What is not known is an empty cell.
/// Rows go out as they are read.
pub fn write(conn: &Connection, out: impl Write) -> Result<u64> {
    const DOING: &str = "write the customers out";
    let mut out = out;
    out.write_all("\u{feff}".as_bytes()).doing(DOING)?;
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(HEADINGS).doing(DOING)?;
    let mut count = 0;
    store::each(conn, |customer| {
        count += 1;
        let imported = customer.imported;
        let row = cells(&customer.details, customer.state, [imported.cycle_days, imported.slip_days, imported.margin_kg]);
        csv.write_record(row.iter().map(|cell| text::inert(cell).into_owned())).doing(DOING)
    })?;
    csv.flush().doing(DOING)?;
    Ok(count)
}

/// One customer under the headings, each of them once and in their order.
fn cells(details: &Details, state: State, [cycle, slip, margin]: [Option<f64>; 3]) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let flag = |yes: bool| if yes { "V".to_owned() } else { String::new() };
    let one = |yes: bool| if yes { "1".to_owned() } else { String::new() };
    let with_note = |yes: bool, note: &Option<String>| match note {
        Some(note) => note.clone(),
        None => flag(yes),
    };
    let weight = |weight: Option<Grams>| weight.map(kg_text).unwrap_or_default();
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let month = details.monthly_delivered_g.zip(details.monthly_residual_g).filter(|(delivered, residual)| residual <= delivered);
    let ratio = month.filter(|(delivered, _)| 0 < delivered.0).map(|(delivered, residual)| residual.kg() / delivered.kg());
    let device = |device: Device| match details.equipment.iter().find(|(fitted, _)| *fitted == device) {
        Some((_, Some(note))) => note.clone(),
        Some((_, None)) => "1".to_owned(),
        None => String::new(),
    };

    let mut cells = vec![
        details.customer_code.to_string(),
        text(&details.invoice_title),
        details.short_name.clone(),
        text(&details.address),
        text(&details.legacy_cylinder_text),
    ];
    // The products stand in the order of the list's columns.
    cells.extend(HEADINGS[5..21].iter().map(|heading| {
        let product = Product::of_heading(heading).map(|product| product.code);
        let stock = details.cylinders.iter().find(|(code, _)| Some(*code) == product);
        stock.map(|(_, qty)| qty.to_string()).unwrap_or_default()
    }));
    cells.push(match details.pricing_method {
        Pricing::Cylinder | Pricing::Flow | Pricing::Mixed => details.pricing_method.label().to_owned(),
    });
    cells.push(details.payment_terms.label().to_owned());
    cells.push(flag(details.needs_billing_file));
    cells.push(flag(details.is_subscription));
    cells.push(flag(details.has_telemetry));
    cells.push(match (details.on_patrol, &details.patrol_note) {
        (_, Some(note)) => note.clone(),
        (Some(true), None) => "V".to_owned(),
        (Some(false), None) => "X".to_owned(),
        (None, None) => String::new(),
    });
    cells.push(text(&details.equipment_owner_note));
    cells.push(flag(state == State::Terminated));
    cells.push(with_note(details.same_day_required, &details.same_day_note));
    cells.extend((0..12).map(|at| one(details.available_hours & 1 << at != 0)));
    cells.push(details.time_period.map(|period| period.number().to_string()).unwrap_or_default());
    cells.push(closed(details));
    cells.push(String::new());
    cells.push(text(&details.changeover_model));
    cells.push(weight(details.monthly_delivered_g));
    cells.push(weight(details.monthly_residual_g));
    cells.push(weight(month.map(|(delivered, residual)| Grams(delivered.0 - residual.0))));
    cells.push(number(ratio));
    cells.push(weight(details.avg_daily_g));
    cells.push(weight(details.series_g));
    cells.push(weight(details.reserve_g));
    cells.push(number(cycle));
    cells.push(number(slip));
    cells.push(number(margin));
    cells.push(text(&details.area));
    cells.push(details.vehicle_type.number().to_string());
    cells.push(details.supply_area_count.map(|count| count.to_string()).unwrap_or_default());
    cells.extend(details.usage_areas.iter().map(text));
    cells.push(text(&details.spare_text));
    cells.push(text(&details.site_declaration));
    cells.extend(Device::ALL.map(device));
    cells.push(text(&details.customer_type));
    cells
}

/// `6.7`, `3.Red`, or the text that was written.
fn closed(details: &Details) -> String {
    let closed = &details.closed;
    if let Some(text) = &closed.text {
        return text.clone();
    }
    let mut parts: Vec<String> = (0..7).filter(|at| closed.weekdays & 1 << at != 0).map(|at| (at + 1).to_string()).collect();
    if closed.on_holidays {
        parts.push("Red".to_owned());
    }
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_has_its_cell() {
        let mut details = Details::new("1900001".parse().unwrap(), "=範例".to_owned());
        details.closed.weekdays = 0b110_0000;
        details.customer_type = Some("學校".to_owned());
        details.cylinders = vec![("C20", 3)];
        details.equipment = vec![(Device::Unnamed70, None)];
        let row = cells(&details, State::Terminated, [None, None, Some(-3.33)]);
        let cell = |heading: &str| row[HEADINGS.iter().position(|have| *have == heading).unwrap()].as_str();
        assert_eq!(row.len(), HEADINGS.len());
        for (heading, want) in [("20KG", "3"), ("公休日", "6.7"), ("已解約", "V"), ("", "1"), ("類型", "學校"), ("是否需要當天去", "-3.33")]
        {
            assert_eq!(cell(heading), want, "{heading}");
        }
        for heading in &HEADINGS[5..21] {
            assert!(Product::of_heading(heading).is_some(), "{heading}");
        }
    }
}
