//! What the office fills in about a customer, from the form or from JSON, read by one set of rules.

use serde_json::Value;

use crate::customers::equipment::Device;
use crate::customers::{Customer, Details, Number, Period, Pricing, Terms, Vehicle};
use crate::error::{Error, Result};
use crate::http::Request;
use crate::settings::Settings;
use crate::ui::FormReader;
use crate::users::Role;
use crate::values::phone::Phone;
use crate::values::product::Product;
use crate::values::tax_id::TaxId;
use crate::values::text;
use crate::values::{CustomerCode, Grams};

/// Who may say how a customer pays (business §20).
pub const TERMS: &[Role] = &[Role::Admin, Role::Manager];

/// Reads `form` over `base`: a whole form says everything, JSON only what it names. All problems are told at once.
pub fn read(mut form: FormReader, base: Option<&Details>, req: &Request, settings: &Settings) -> Result<Details> {
    let mut reader = Reader { is_whole: !form.is_json(), area_code: &settings.area_code, form: &mut form };
    let details = reader.details(base, req.may(TERMS));
    form.check()?;
    details
}

/// `base` with the fields of `changed`, as this program itself printed them: a journal row, a merge.
/// Who may change what was asked when they were typed.
pub fn patch(base: &Details, changed: serde_json::Map<String, Value>) -> Result<Details> {
    let mut form = FormReader::json(Value::Object(changed));
    let mut reader = Reader { is_whole: false, area_code: "", form: &mut form };
    let details = reader.details(Some(base), true);
    form.check()?;
    details
}

struct Reader<'a, 'b> {
    form: &'a mut FormReader<'b>,
    is_whole: bool,
    area_code: &'a str,
}

impl Reader<'_, '_> {
    fn says(&self, name: &str) -> bool {
        self.is_whole || self.form.has(name)
    }

    fn details(&mut self, base: Option<&Details>, may_terms: bool) -> Result<Details> {
        let code = match base {
            Some(base) if !self.says("customer_code") => Some(base.customer_code.clone()),
            _ => self.code(),
        };
        let name = match base {
            Some(base) if !self.says("short_name") => base.short_name.clone(),
            _ => self.form.need("short_name", 100, "請填寫簡稱。"),
        };
        // With a problem told above, the rest is read only to tell what else is wrong.
        let code = code.or_else(|| base.map(|base| base.customer_code.clone())).or_else(|| "0".parse().ok());
        let code: CustomerCode = code.ok_or_else(|| Error::impossible("read a customer code"))?;
        let mut details = base.cloned().unwrap_or_else(|| Details::new(code.clone(), String::new()));
        (details.customer_code, details.short_name) = (code, name);

        self.text("invoice_title", 200, &mut details.invoice_title);
        self.text("address", 500, &mut details.address);
        self.text("contact_name", 100, &mut details.contact_name);
        self.text("customer_type", 40, &mut details.customer_type);
        self.text("notes", 500, &mut details.notes);
        self.text("access_note", 500, &mut details.access_note);
        self.text("patrol_note", 200, &mut details.patrol_note);
        self.text("same_day_note", 200, &mut details.same_day_note);
        self.text("equipment_owner_note", 500, &mut details.equipment_owner_note);
        self.text("site_declaration", 500, &mut details.site_declaration);
        self.text("changeover_model", 4_000, &mut details.changeover_model);
        self.text("spare_text", 200, &mut details.spare_text);
        self.text("legacy_cylinder_text", 200, &mut details.legacy_cylinder_text);
        self.text("closed_text", 200, &mut details.closed.text);
        self.area(&mut details.area);
        self.tax_id(&mut details.tax_id);
        self.phones(&mut details.phones);

        self.flag("is_subscription", &mut details.is_subscription);
        self.flag("has_telemetry", &mut details.has_telemetry);
        self.flag("same_day_required", &mut details.same_day_required);
        self.flag("closed_on_holidays", &mut details.closed.on_holidays);
        self.patrol(&mut details.on_patrol);
        self.masks(&mut details);
        if self.says("time_period") {
            details.time_period = self.form.parsed("time_period", "沒有這個時段。", Period::from_word);
        }
        if self.says("vehicle_type") {
            details.vehicle_type = self.form.parsed("vehicle_type", "沒有這種車。", Vehicle::from_word).unwrap_or(Vehicle::Any);
        }

        self.weight("monthly_delivered_g", "monthly_delivered_kg", &mut details.monthly_delivered_g);
        self.weight("monthly_residual_g", "monthly_residual_kg", &mut details.monthly_residual_g);
        self.weight("avg_daily_g", "avg_daily_kg", &mut details.avg_daily_g);
        self.weight("series_g", "series_kg", &mut details.series_g);
        self.weight("reserve_g", "reserve_kg", &mut details.reserve_g);
        if self.says("supply_area_count") {
            details.supply_area_count = self.form.parsed("supply_area_count", "要是 0 到 99 的數字。", |text| count(text, 99));
        }
        self.cylinders(&mut details.cylinders);
        self.usage_areas(&mut details.usage_areas);
        self.equipment(&mut details.equipment);
        self.terms(&mut details, may_terms)?;
        Ok(details)
    }

    fn code(&mut self) -> Option<CustomerCode> {
        if self.form.text("customer_code").is_empty() {
            self.form.problem("customer_code", "請填寫編號。");
            return None;
        }
        self.form.parsed("customer_code", "編號是 1 到 20 個英數字，可以有 - 和 _。", |text| text.parse().ok())
    }

    fn text(&mut self, name: &'static str, most: usize, place: &mut Option<String>) {
        // What an import brought may be longer than what is typed; left as it is, it is no problem.
        if self.says(name) && place.as_deref().map(newlines) != Some(newlines(&self.form.text(name))) {
            *place = self.form.optional(name, most);
        }
    }

    fn flag(&mut self, name: &str, place: &mut bool) {
        if self.says(name) {
            *place = self.form.checked(name);
        }
    }

    fn area(&mut self, place: &mut Option<String>) {
        let new = self.form.optional("area_new", 40);
        if new.is_some() {
            *place = new;
        } else if self.says("area") {
            *place = self.form.optional("area", 40);
        }
    }

    fn tax_id(&mut self, place: &mut Option<String>) {
        if !self.says("tax_id") || self.form.text("tax_id") == place.as_deref().unwrap_or_default() {
            return;
        }
        // A wrong check digit is a warning (business §24); what cannot be a tax id at all stays typed.
        let typed = self.form.optional("tax_id", 20);
        *place = typed.map(|typed| text::narrow(&typed).chars().filter(|c| !text::is_blank(*c) && *c != '-').collect());
    }

    fn phones(&mut self, place: &mut Vec<Number>) {
        let typed: Vec<(String, Option<String>)> = if self.is_whole {
            let labels = self.form.all("phone_label");
            self.form.all("phone").into_iter().zip(labels.into_iter().map(Some).chain(std::iter::repeat(None))).collect()
        } else {
            match self.form.value("phones") {
                Some(Value::Array(numbers)) => numbers.iter().map(one_of_json).collect(),
                Some(Value::Null) => Vec::new(),
                Some(_) => return self.form.problem("phones", "電話要是一個清單。"),
                None => return,
            }
        };
        if 20 < typed.len() {
            return self.form.problem("phones", "最多 20 支電話。");
        }
        let known = std::mem::take(place);
        for (at, (raw, label)) in typed.into_iter().enumerate() {
            let raw = text::trim(&raw).to_owned();
            let label = label.map(|label| text::trim(&label).to_owned()).filter(|label| !label.is_empty());
            if raw.is_empty() {
                continue;
            }
            if label.as_ref().is_some_and(|label| 40 < label.chars().count() || label.chars().any(char::is_control)) {
                self.form.problem(field(self.is_whole, at), "註記最多 40 個字。");
            }
            if let Some(same) = known.iter().find(|number| number.phone.to_string() == raw || number.raw == raw) {
                place.push(Number { label, ..same.clone() });
                continue;
            }
            match Phone::parse(&raw, self.area_code) {
                Ok(phone) if place.iter().any(|have| have.phone == phone) => {}
                Ok(phone) => place.push(Number { phone, label, raw }),
                Err(problem) => self.form.problem(field(self.is_whole, at), problem.say()),
            }
        }
    }

    fn patrol(&mut self, place: &mut Option<bool>) {
        if self.is_whole {
            *place = match self.form.text("on_patrol").as_str() {
                "1" => Some(true),
                "0" => Some(false),
                _ => None,
            };
        } else if let Some(value) = self.form.value("on_patrol") {
            *place = value.as_bool();
        }
    }

    fn masks(&mut self, details: &mut Details) {
        if self.is_whole {
            let bits = |names: Vec<String>, first: u32, most: u32| {
                let at = names.iter().filter_map(|name| name.parse::<u32>().ok()?.checked_sub(first)).filter(|at| *at < most);
                at.fold(0u16, |mask, at| mask | 1 << at)
            };
            details.available_hours = bits(self.form.all("hour"), 8, 12);
            details.closed.weekdays = bits(self.form.all("closed_day"), 1, 7) as u8;
            return;
        }
        if self.form.has("available_hours") {
            let mask = self.form.parsed("available_hours", "要是 0 到 4095 的數字。", |text| count(text, 4_095));
            details.available_hours = mask.unwrap_or(0) as u16;
        }
        if self.form.has("closed_weekdays") {
            let mask = self.form.parsed("closed_weekdays", "要是 0 到 127 的數字。", |text| count(text, 127));
            details.closed.weekdays = mask.unwrap_or(0) as u8;
        }
    }

    /// The form speaks of kilograms, JSON of grams as the database does.
    fn weight(&mut self, name: &'static str, form_name: &'static str, place: &mut Option<Grams>) {
        const SAY: &str = "要是公斤數，例如 20 或 2.5。";
        if self.is_whole {
            // What is printed is rounded; untouched, the exact figure stays.
            if place.is_none_or(|grams| kg_text(grams) != self.form.text(form_name)) {
                *place = self.form.parsed(form_name, SAY, Grams::parse_kg);
            }
        } else if self.form.has(name) {
            *place = self.form.parsed(name, "要是公克數。", |text| count(text, Grams::LIMIT).map(Grams));
        }
    }

    fn cylinders(&mut self, place: &mut Vec<(&'static str, i64)>) {
        const SAY: &str = "要是 0 到 999 的數字。";
        let object = if self.is_whole {
            None
        } else {
            match self.form.value("cylinders") {
                Some(Value::Object(object)) => Some(object.clone()),
                Some(Value::Null) => Some(serde_json::Map::new()),
                Some(_) => return self.form.problem("cylinders", "鋼瓶要是 {品項: 支數}。"),
                None => return,
            }
        };
        if let Some(unknown) = object.iter().flatten().map(|(code, _)| code).find(|code| Product::find(code).is_none()) {
            return self.form.problem("cylinders", format!("沒有「{unknown}」這個品項。"));
        }
        place.clear();
        for product in &Product::ALL {
            let typed = match &object {
                None => self.form.text(&format!("qty_{}", product.code)),
                Some(object) => object.get(product.code).filter(|qty| !qty.is_null()).map(Value::to_string).unwrap_or_default(),
            };
            if typed.is_empty() {
                continue;
            }
            match count(&typed, 999) {
                Some(qty) => place.push((product.code, qty)),
                None if self.is_whole => self.form.problem(format!("qty_{}", product.code), SAY),
                None => self.form.problem("cylinders", SAY),
            }
        }
    }

    fn usage_areas(&mut self, place: &mut [Option<String>; 5]) {
        const SAY: &str = "最多 200 個字。";
        let typed: Vec<String> = if self.is_whole {
            (1..=5).map(|seq| self.form.text(&format!("usage_{seq}"))).collect()
        } else {
            match self.form.value("usage_areas") {
                Some(Value::Array(items)) if items.len() <= 5 => {
                    items.iter().map(|item| text::trim(item.as_str().unwrap_or_default()).to_owned()).collect()
                }
                Some(Value::Null) => Vec::new(),
                Some(_) => return self.form.problem("usage_areas", "使用區域最多五個。"),
                None => return,
            }
        };
        for (at, slot) in place.iter_mut().enumerate() {
            let typed = typed.get(at).map(String::as_str).unwrap_or_default();
            if 200 < typed.chars().count() && slot.as_deref() != Some(typed) {
                let field = if self.is_whole { format!("usage_{}", at + 1) } else { "usage_areas".to_owned() };
                self.form.problem(field, SAY);
            }
            *slot = (!typed.is_empty()).then(|| typed.to_owned());
        }
    }

    fn equipment(&mut self, place: &mut Vec<(Device, Option<String>)>) {
        let note = |typed: &str| Some(text::trim(typed).to_owned()).filter(|note| !note.is_empty());
        if self.is_whole {
            let fitted = self.form.all("device");
            *place = Device::ALL
                .into_iter()
                .filter(|device| fitted.iter().any(|word| word == device.word()))
                .map(|device| (device, note(&self.form.text(&format!("device_note_{}", device.word())))))
                .collect();
        } else {
            match self.form.value("equipment") {
                Some(Value::Object(object)) => {
                    *place = Device::ALL
                        .into_iter()
                        .filter_map(|device| Some((device, object.get(device.word())?.as_str().and_then(note))))
                        .collect();
                }
                Some(Value::Null) => place.clear(),
                Some(_) => return self.form.problem("equipment", "設備要是 {設備: 備註}。"),
                None => return,
            }
        }
        if place.iter().any(|(_, note)| note.as_ref().is_some_and(|note| 200 < note.chars().count())) {
            self.form.problem("equipment", "設備的備註最多 200 個字。");
        }
    }

    /// How gas is charged and paid is the manager's to say; the office's form does not carry it.
    fn terms(&mut self, details: &mut Details, may: bool) -> Result<()> {
        let (mut pricing, mut terms, mut file) = (details.pricing_method, details.payment_terms, details.needs_billing_file);
        if self.form.has("pricing_method") {
            pricing = self.form.parsed("pricing_method", "沒有這種計價方式。", Pricing::from_word).unwrap_or(pricing);
        }
        if self.form.has("payment_terms") {
            terms = self.form.parsed("payment_terms", "沒有這種結帳方式。", Terms::from_word).unwrap_or(terms);
        }
        if self.form.has("needs_billing_file") || (self.is_whole && may) {
            file = self.form.checked("needs_billing_file");
        }
        let is_changed = (pricing, terms, file) != (details.pricing_method, details.payment_terms, details.needs_billing_file);
        if is_changed && !may {
            return Err(Error::Forbidden);
        }
        (details.pricing_method, details.payment_terms, details.needs_billing_file) = (pricing, terms, file);
        Ok(())
    }
}

/// A number of a JSON list: `{"number": …, "label": …}`, as this API prints it, or a bare text.
fn one_of_json(number: &Value) -> (String, Option<String>) {
    let text = |name: &str| number[name].as_str().map(str::to_owned);
    match number {
        Value::String(number) => (number.clone(), None),
        _ => (text("number").or(text("e164")).or(text("raw")).unwrap_or_default(), text("label")),
    }
}

fn field(is_form: bool, at: usize) -> String {
    if is_form { format!("phone_{}", at + 1) } else { "phones".to_owned() }
}

fn newlines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn count(text: &str, most: i64) -> Option<i64> {
    text::narrow(text).trim().parse().ok().filter(|count| (0..=most).contains(count))
}

/// Kilograms as the form shows them: `2.133`, no thousands comma, so that it is read back exactly.
pub fn kg_text(grams: Grams) -> String {
    let text = format!("{}.{:03}", grams.0 / 1_000, grams.0 % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The form's pairs that say what `details` are.
pub fn pairs(details: &Details) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: String| pairs.push((name.to_owned(), value));
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    add("customer_code", details.customer_code.to_string());
    add("short_name", details.short_name.clone());
    for (name, value) in [
        ("invoice_title", &details.invoice_title),
        ("address", &details.address),
        ("area", &details.area),
        ("contact_name", &details.contact_name),
        ("tax_id", &details.tax_id),
        ("customer_type", &details.customer_type),
        ("notes", &details.notes),
        ("access_note", &details.access_note),
        ("patrol_note", &details.patrol_note),
        ("same_day_note", &details.same_day_note),
        ("equipment_owner_note", &details.equipment_owner_note),
        ("site_declaration", &details.site_declaration),
        ("changeover_model", &details.changeover_model),
        ("spare_text", &details.spare_text),
        ("legacy_cylinder_text", &details.legacy_cylinder_text),
        ("closed_text", &details.closed.text),
    ] {
        add(name, text(value));
    }
    for number in &details.phones {
        add("phone", number.phone.to_string());
        add("phone_label", text(&number.label));
    }
    add("pricing_method", details.pricing_method.word().to_owned());
    add("payment_terms", details.payment_terms.word().to_owned());
    for (name, yes) in [
        ("needs_billing_file", details.needs_billing_file),
        ("is_subscription", details.is_subscription),
        ("has_telemetry", details.has_telemetry),
        ("same_day_required", details.same_day_required),
        ("closed_on_holidays", details.closed.on_holidays),
    ] {
        if yes {
            add(name, "1".to_owned());
        }
    }
    add("on_patrol", details.on_patrol.map_or("", |yes| if yes { "1" } else { "0" }).to_owned());
    for at in (0..12).filter(|at| details.available_hours & 1 << at != 0) {
        add("hour", (at + 8).to_string());
    }
    for at in (0..7).filter(|at| details.closed.weekdays & 1 << at != 0) {
        add("closed_day", (at + 1).to_string());
    }
    add("time_period", details.time_period.map(Period::word).unwrap_or_default().to_owned());
    add("vehicle_type", details.vehicle_type.word().to_owned());
    for (name, grams) in [
        ("monthly_delivered_kg", details.monthly_delivered_g),
        ("monthly_residual_kg", details.monthly_residual_g),
        ("avg_daily_kg", details.avg_daily_g),
        ("series_kg", details.series_g),
        ("reserve_kg", details.reserve_g),
    ] {
        add(name, grams.map(kg_text).unwrap_or_default());
    }
    add("supply_area_count", details.supply_area_count.map(|count| count.to_string()).unwrap_or_default());
    for (product, qty) in &details.cylinders {
        add(&format!("qty_{product}"), qty.to_string());
    }
    for (at, usage) in details.usage_areas.iter().enumerate() {
        add(&format!("usage_{}", at + 1), text(usage));
    }
    for (device, note) in &details.equipment {
        add("device", device.word().to_owned());
        add(&format!("device_note_{}", device.word()), text(note));
    }
    pairs
}

/// What looks wrong and is taken all the same: said after saving.
pub fn doubts(customer: &Customer) -> Vec<String> {
    let details = &customer.details;
    let mut doubts = Vec::new();
    if let Some(problem) = details.tax_id.as_deref().and_then(|tax_id| TaxId::parse(tax_id).err()) {
        doubts.push(problem.say());
    }
    let series = details.usage_areas[0].as_deref().map(crate::values::cylinders::parse);
    if let (Some(parsed), Some(series_g)) = (series, details.series_g)
        && !parsed.lots.is_empty()
        && parsed.grams() != series_g
    {
        doubts.push(format!("第一使用區域是 {} kg，串接寫 {series_g} kg。", parsed.grams()));
    }
    doubts
}
