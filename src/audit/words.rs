//! The journal's words as people say them: what was done, to what, and which of its fields.

use serde_json::Value;

use crate::error::Noun;
use crate::users::{self, Role, TextSize};
use crate::values::{Day, Grams, Ntd, Stamp};
use crate::{
    backups, customers, cylinders, deliveries, drivers, due, emergencies, health, imports, jobs, meters, notices, orders, papers, payments,
    products, routes, settings, stops, templates, ui, vehicles,
};

/// Every kind of thing the journal speaks of.
pub const NOUNS: &[Noun] = &[
    orders::NOUN,
    customers::NOUN,
    customers::AREA,
    users::NOUN,
    routes::NOUN,
    routes::STOP,
    emergencies::NOUN,
    payments::NOUN,
    products::NOUN,
    products::PRICE,
    cylinders::NOUN,
    meters::NOUN,
    meters::READING,
    templates::NOUN,
    due::NOUN,
    due::ALARM,
    deliveries::NOUN,
    vehicles::NOUN,
    drivers::NOUN,
    stops::NOUN,
    stops::photos::NOUN,
    papers::OF_ROUTE,
    papers::OF_ORDER,
    settings::NOUN,
    settings::HOLIDAY,
    imports::NOUN,
    orders::lists::NOUN,
    orders::FILTER,
    backups::NOUN,
    backups::places::NOUN,
    jobs::NOUN,
    health::NOUN,
    notices::NOUN,
];

/// What is done, a verb of the journal a line.
pub const VERBS: &[(&str, &str)] = &[
    ("add", "新增"),
    ("again", "再通知"),
    ("alarm", "響了"),
    ("answer", "說要去"),
    ("answer_for", "代答要去"),
    ("archive", "歸檔"),
    ("arrive", "到了"),
    ("assign", "指派"),
    ("backup", "備份"),
    ("calm", "改成一般訂單"),
    ("cancel", "取消"),
    ("change_password", "換自己的密碼"),
    ("close", "解除"),
    ("complete", "完成"),
    ("confirm", "確認"),
    ("conflict", "兩邊說的不一樣"),
    ("correct", "更正"),
    ("count", "盤點"),
    ("create", "新增"),
    ("deactivate", "停用"),
    ("decline", "去不了"),
    ("deliver", "送達"),
    ("describe", "改記錄"),
    ("download", "下載"),
    ("edit", "修改"),
    ("export", "匯出"),
    ("fail", "沒送成"),
    ("finish", "收工"),
    ("forget_passphrase", "備份不再上鎖"),
    ("generate", "自動開單"),
    ("give", "換司機"),
    ("import", "匯入"),
    ("keep", "存起來"),
    ("load", "裝車"),
    ("lock", "試太多次，鎖住"),
    ("look", "看以前的店"),
    ("make", "開路線"),
    ("merge", "合併"),
    ("move", "移動"),
    ("moves", "移動"),
    ("order", "排順序"),
    ("own", "改自有鋼瓶"),
    ("practice", "開練習店"),
    ("practise", "做成練習店"),
    ("print", "列印"),
    ("publish", "發布"),
    ("put", "排上"),
    ("reactivate", "恢復"),
    ("read", "抄表"),
    ("record", "記下"),
    ("refill", "送廠灌氣"),
    ("remove", "拿掉"),
    ("rename", "改名"),
    ("reopen", "重新打開"),
    ("reset_password", "重設密碼"),
    ("restart", "再用"),
    ("restore", "還原"),
    ("revoke", "登出一個裝置"),
    ("run", "叫程式做"),
    ("scrap", "報廢"),
    ("see", "知道了"),
    ("seen", "看過"),
    ("send", "通知司機"),
    ("set_passphrase", "設備份的密語"),
    ("set_price", "改價格"),
    ("set_up", "開店"),
    ("settle", "核對"),
    ("sign_in_failure", "密碼打錯"),
    ("sign_out", "從所有裝置登出"),
    ("skip", "跳過"),
    ("start", "出發"),
    ("step", "換狀態"),
    ("stop", "停用"),
    ("suggest", "用建議的順序"),
    ("take", "接單"),
    ("take_back", "收回"),
    ("take_off", "拿下來"),
    ("tell", "通知"),
    ("terminate", "解約"),
    ("unassign", "取消指派"),
    ("undo", "復原"),
    ("undo_skip", "取消跳過"),
    ("unload", "下車盤點"),
    ("unterminate", "取消解約"),
    ("upgrade", "更新資料檔"),
    ("upload", "帶進來"),
    ("use", "照範本開單"),
    ("verify", "驗備份"),
    ("void", "作廢"),
    ("withdraw_price", "收回價格"),
];

/// What the nouns without fields of their own call their fields.
const FIELDS: &[(&str, &str)] = &[
    ("address", "地址"),
    ("alarmed_at", "發報的時間"),
    ("amount", "金額"),
    ("amount_ntd", "金額"),
    ("anchor_day", "每月幾號"),
    ("answered_at", "回應的時間"),
    ("area_code", "區碼"),
    ("area_id", "區域的號碼"),
    ("area_ids", "區域的號碼"),
    ("arrived_at", "到的時間"),
    ("assigned_at", "指派的時間"),
    ("attempt_count", "送了幾次"),
    ("bytes", "大小（位元組）"),
    ("cancel_note", "取消的說明"),
    ("cancel_reason", "為什麼取消"),
    ("cancelled", "取消的張數"),
    ("cash_due_ntd", "該收"),
    ("cash_handed_ntd", "收到"),
    ("cash_ntd", "現金"),
    ("closed_at", "解除的時間"),
    ("code", "編號"),
    ("code_prefix", "編號開頭"),
    ("completed_at", "結束的時間"),
    ("contact_name", "聯絡人"),
    ("contact_phone", "電話"),
    ("copied_from", "照哪一張"),
    ("counted", "盤到的"),
    ("created_at", "記下的時間"),
    ("created_by", "誰記的"),
    ("crew2_id", "隨車的人"),
    ("customer_code", "客戶編號"),
    ("customer_id", "客戶的號碼"),
    ("customer_name", "客戶"),
    ("customers", "客戶"),
    ("cut_off", "收單到幾點（分）"),
    ("default_vehicle_id", "平常的車"),
    ("delivered_at", "送達的時間"),
    ("deliveries", "配送"),
    ("delivery_address", "地址"),
    ("delivery_id", "配送的號碼"),
    ("description", "說明"),
    ("device", "裝置"),
    ("differences", "差多少"),
    ("discount_ntd", "折扣"),
    ("driver", "司機"),
    ("driver_id", "司機"),
    ("drivers", "司機"),
    ("due_on", "輪到哪天"),
    ("end_on", "到哪天"),
    ("event", "什麼通知"),
    ("every", "每隔"),
    ("failed", "錯了幾次"),
    ("failure_note", "沒送成的說明"),
    ("failure_reason", "為什麼沒送成"),
    ("files", "檔案"),
    ("final_ntd", "合計"),
    ("finished_at", "結束的時間"),
    ("from", "從"),
    ("holiday_on", "哪天"),
    ("how", "怎麼來的"),
    ("is_active", "使用中"),
    ("is_available", "能派"),
    ("is_stop_seen", "看過停用"),
    ("is_urgent", "急件"),
    ("job", "工作"),
    ("kg", "公斤"),
    ("kind", "種類"),
    ("last_used_at", "上次開單"),
    ("lines", "內容"),
    ("loaded", "裝上的"),
    ("look_ahead_days", "名單往後看幾天"),
    ("max_gross_kg", "載重（公斤）"),
    ("method", "方式"),
    ("month_days", "一個月算幾天"),
    ("moved", "收進的筆數"),
    ("movements", "異動"),
    ("moves", "移動"),
    ("name", "名字"),
    ("network", "誰連得到"),
    ("next_on", "下次"),
    ("no_proof", "沒有憑證"),
    ("note", "備註"),
    ("notes", "備註"),
    ("odometer_end_km", "回來的里程"),
    ("odometer_start_km", "出去的里程"),
    ("older_than", "早於"),
    ("order", "順序"),
    ("order_days", "可以預約幾天"),
    ("order_id", "訂單"),
    ("order_import_id", "第幾次匯入"),
    ("order_is_urgent", "訂單急不急"),
    ("order_number", "單號"),
    ("order_status", "訂單的狀態"),
    ("orders", "訂單"),
    ("origin", "來源"),
    ("override_note", "明知故排的理由"),
    ("paid_ntd", "已付"),
    ("paper", "單據"),
    ("passed_over", "跳過幾次"),
    ("payment_method", "付款方式"),
    ("payment_number", "收款單號"),
    ("payment_status", "付款"),
    ("phone", "電話"),
    ("photo", "照片"),
    ("plate", "車號"),
    ("price_ntd", "價格"),
    ("product", "產品"),
    ("product_id", "產品的號碼"),
    ("product_name", "產品"),
    ("published_at", "發布的時間"),
    ("qty", "數量"),
    ("query", "條件"),
    ("read_at", "抄表的時間"),
    ("reason", "為什麼"),
    ("received_by", "誰收的"),
    ("recipient", "誰收的"),
    ("recorded_by", "誰記的"),
    ("recurrence", "多久一次"),
    ("residual_credit", "殘氣抵扣"),
    ("residual_credit_ntd", "殘氣抵扣"),
    ("role", "角色"),
    ("route", "路線"),
    ("route_id", "路線"),
    ("route_number", "路線"),
    ("route_on", "哪天"),
    ("routes", "路線"),
    ("rows", "筆數"),
    ("safety_share", "安全存量"),
    ("scheduled_on", "配送日"),
    ("seen_at", "知道的時間"),
    ("seq", "第幾站"),
    ("sessions", "幾個裝置"),
    ("shift", "班"),
    ("shop_name", "店名"),
    ("signature", "簽名"),
    ("skipped_on", "跳過哪天"),
    ("started_at", "出發的時間"),
    ("state", "狀態"),
    ("status", "狀態"),
    ("stop_id", "第幾站的號碼"),
    ("stopped_why", "為什麼停"),
    ("stops", "站"),
    ("subtotal_ntd", "小計"),
    ("surcharge_label", "加價的名目"),
    ("surcharge_ntd", "加價"),
    ("template_id", "範本的號碼"),
    ("text_size", "字的大小"),
    ("times_used", "開過幾次"),
    ("undoes", "復原第幾筆"),
    ("undone", "復原了什麼"),
    ("updated_at", "修改的時間"),
    ("urgent_surcharge", "急件加價"),
    ("usable_fraction", "用得到的比例"),
    ("user_id", "誰"),
    ("username", "帳號"),
    ("vehicle", "車"),
    ("vehicle_id", "車"),
    ("walk_in_code", "散客編號"),
    ("weekdays", "星期幾"),
    ("window_end", "時段到"),
    ("window_start", "時段從"),
];

/// The kind of thing called `word`.
pub fn noun(word: &str) -> Option<Noun> {
    NOUNS.iter().copied().find(|noun| noun.word == word)
}

/// What was done; a verb nobody wrote down as it stands.
pub fn verb(word: &str) -> &str {
    find(VERBS, word).unwrap_or(word)
}

fn find(table: &'static [(&str, &str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(have, _)| *have == word).map(|(_, label)| *label)
}

/// A field of a `noun` as people call it, or as it stands.
pub fn field<'a>(noun: &str, name: &'a str) -> &'a str {
    match noun {
        _ if noun == customers::NOUN.word => customers::fields::label(name),
        _ if noun == products::NOUN.word => products::fields::label(name),
        _ => find(FIELDS, name).unwrap_or(name),
    }
}

/// The value of that field as people read it; — when there is none.
pub fn shown(noun: &str, name: &str, value: &Value) -> String {
    if value.is_null() {
        return "—".to_owned();
    }
    if noun == customers::NOUN.word {
        return customers::fields::shown(name, value);
    }
    if noun == products::NOUN.word {
        return products::fields::shown(name, value);
    }
    plain(noun, name, value)
}

fn plain(noun: &str, name: &str, value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::Bool(is) => if *is { "是" } else { "否" }.to_owned(),
        Value::Number(number) => match number.as_i64() {
            Some(amount) if name.ends_with("_ntd") || name == "urgent_surcharge" => Ntd(amount).to_string(),
            Some(grams) if name.ends_with("_g") => format!("{} kg", Grams(grams)),
            // A number that names something is no amount.
            Some(count) if !name.ends_with("_id") && !matches!(name, "route" | "vehicle" | "undoes" | "code") => ui::count(count),
            _ => number.to_string(),
        },
        Value::String(text) if text.is_empty() => "—".to_owned(),
        Value::String(text) => word(noun, name, text).unwrap_or_else(|| moment(text)),
        Value::Array(items) if items.is_empty() => "—".to_owned(),
        Value::Array(items) => items.iter().map(|item| plain(noun, name, item)).collect::<Vec<_>>().join("、"),
        Value::Object(map) => match (map.get("product_name").and_then(Value::as_str), map.get("qty")) {
            (Some(product), Some(qty)) => format!("{product} × {qty}"),
            _ => {
                map.iter().map(|(name, value)| format!("{} {}", field(noun, name), plain(noun, name, value))).collect::<Vec<_>>().join("，")
            }
        },
    }
}

/// A word of one of the choices.
fn word(noun: &str, name: &str, text: &str) -> Option<String> {
    let label: Option<&str> = match (noun, name) {
        (_, "role") => Role::from_word(text).map(Role::label),
        (_, "text_size") => TextSize::from_word(text).map(TextSize::label),
        ("order", "status") => orders::Status::from_word(text).map(orders::Status::label),
        ("order" | "order_import", "origin") => orders::Origin::from_word(text).map(orders::Origin::label),
        (_, "payment_method") => orders::Payment::from_word(text).map(orders::Payment::label),
        (_, "payment_status") => orders::PaymentStatus::from_word(text).map(orders::PaymentStatus::label),
        (_, "cancel_reason") => orders::CancelReason::from_word(text).map(orders::CancelReason::label),
        (_, "failure_reason") => orders::FailReason::from_word(text).map(orders::FailReason::label),
        ("route", "status") => routes::Status::from_word(text).map(routes::Status::label),
        ("route", "shift") => routes::Shift::from_word(text).map(routes::Shift::label),
        ("route", "kind") => routes::Kind::from_word(text).map(routes::Kind::label),
        ("stop", "status") => routes::StopStatus::from_word(text).map(routes::StopStatus::label),
        ("vehicle", "kind") => vehicles::Kind::from_word(text).map(vehicles::Kind::label),
        ("emergency", "kind") => emergencies::Kind::from_word(text).map(emergencies::Kind::label),
        ("payment", "method") => payments::Method::from_word(text).map(payments::Method::label),
        ("payment", "status") => payments::Status::from_word(text).map(payments::Status::label),
        ("job", "job") => jobs::find(text).map(|job| job.label),
        (_, "undone") => find(VERBS, text),
        _ => None,
    };
    label.map(str::to_owned)
}

/// A day or a moment in the form people read, and any other text as it is.
fn moment(text: &str) -> String {
    if let Ok(day) = text.parse::<Day>() {
        return day.long();
    }
    match text.parse::<Stamp>() {
        Ok(at) => format!("{} {}", at.day().long(), at.clock()),
        Err(()) => text.to_owned(),
    }
}

/// Where a `noun` is looked at, when it has a page.
pub fn url(noun: &str, id: i64) -> Option<String> {
    let folder = match noun {
        "customer" => "customers",
        "order" => "orders",
        "route" => "routes",
        "product" => "products",
        "vehicle" => "vehicles",
        "driver" => "drivers",
        "user" => "users",
        "template" => "templates",
        "emergency" => "emergencies",
        "import" => "imports",
        "order_import" => "orders/lists",
        _ => return None,
    };
    Some(format!("/{folder}/{id}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_said_as_people_read_them() {
        let cases = [
            ("order", "status", json!("in_delivery"), "配送中"),
            ("order", "final_ntd", json!(1870), "NT$1,870"),
            ("order", "driver_id", json!(1234), "1234"),
            ("order", "is_urgent", json!(true), "是"),
            ("order", "scheduled_on", json!("2026-11-22"), "2026/11/22 (日)"),
            ("order", "lines", json!([{"product_id": 1, "product_name": "20KG", "qty": 2}]), "20KG × 2"),
            ("order", "notes", json!(null), "—"),
            ("order", "notes", json!(""), "—"),
            ("user", "role", json!("driver"), "司機"),
            ("customer", "payment_terms", json!("monthly"), "月結"),
            ("anything", "anything", json!({"rows": 5000}), "筆數 5,000"),
        ];
        for (noun, name, value, said) in cases {
            assert_eq!(shown(noun, name, &value), said, "{noun} {name}");
        }
        assert_eq!(
            (field("order", "scheduled_on"), field("customer", "short_name"), field("order", "brand_new")),
            ("配送日", "簡稱", "brand_new")
        );
    }

    #[test]
    fn every_word_stands_once() {
        for table in [VERBS, FIELDS] {
            for (at, (word, _)) in table.iter().enumerate() {
                assert!(table[..at].iter().all(|(have, _)| have != word), "{word}");
            }
        }
    }
}
