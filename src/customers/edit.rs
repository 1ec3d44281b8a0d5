//! Taking down a new customer, mending an old one, and what happens when two people do so at once.

use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::app::App;
use crate::customers::equipment::Device;
use crate::customers::pages::MANAGERS;
use crate::customers::store;
use crate::customers::{Area, Customer, Details, Number, Pricing, State, Terms, Vehicle, fields, form};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, field};
use crate::values::phone::Phone;
use crate::values::product::Product;
use crate::values::text;
use crate::values::{CustomerCode, CustomerId};

/// `GET /customers/new` is the empty form, with the next free code and what was typed in the search.
pub fn new(app: &App, req: &Request) -> Result<Response> {
    let prefix = app.settings().code_prefix.clone();

    let (code, areas) = app.db.read(|conn| Ok((store::next_code(conn, &prefix)?, store::areas(conn)?)))?;

    let mut typed = Typed(vec![("customer_code".to_owned(), code.unwrap_or_default())]);
    for (query, name) in [("phone", "phone"), ("name", "short_name")] {
        if let Some(value) = req.query(query) {
            typed.0.push((name.to_owned(), value.chars().take(100).collect()));
        }
    }
    Ok(new_page(app, req, &typed, &[], &areas))
}

/// `POST /customers` writes a new customer.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let made = form::read(FormReader::new(req), None, req, &app.settings())
        .and_then(|details| app.db.write(|tx| store::create(tx, &details, req.by())));

    match made {
        Ok(id) => Ok(Response::see_other(format!("/customers/{id}?saved=1")).with_notice("已存，新客戶。")),
        Err(Error::Invalid(problems)) => {
            let areas = app.db.read(store::areas)?;
            Ok(new_page(app, req, &Typed::of(req), &problems, &areas).status(422))
        }
        Err(error) => Err(error),
    }
}

/// `GET /customers/{id}/edit` is the form as the customer stands.
pub fn edit(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.param("id")?;

    let (customer, areas) = app.db.read(|conn| Ok((store::get(conn, id)?, store::areas(conn)?)))?;

    let typed = Typed(form::pairs(&customer.details));
    Ok(edit_page(app, req, &customer, &typed, &[], &areas, html! {}))
}

/// `POST /customers/{id}/edit` writes what changed; 409 with both values when somebody else was faster.
pub fn save(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.param("id")?;
    let version = version_of(req)?;

    let outcome = app.db.write(|tx| {
        let customer = store::get(tx, id)?;
        let (base, who) = as_it_was(tx, &customer, version)?;
        let typed = match form::read(FormReader::new(req), Some(&base), req, &app.settings()) {
            Ok(typed) => typed,
            Err(Error::Invalid(problems)) => return Ok(Outcome::Wrong(customer, problems)),
            Err(error) => return Err(error),
        };
        if customer.version != version {
            return Ok(Outcome::Stale { merged: Box::new(merged(&customer, &base, &typed)?), customer, typed, who });
        }
        match store::update(tx, &customer, &typed, req.by()) {
            Ok(()) => Ok(Outcome::Saved),
            // The unique code is refused before anything else was written; the version step is undone with it.
            Err(Error::Invalid(problems)) => Err(Error::Invalid(problems)),
            Err(error) => Err(error),
        }
    });

    let areas = || app.db.read(store::areas);
    match outcome {
        Ok(Outcome::Saved) => Ok(Response::see_other(format!("/customers/{id}?saved=1")).with_notice("已存。")),
        Ok(Outcome::Wrong(customer, problems)) => {
            Ok(edit_page(app, req, &customer, &Typed::of(req), &problems, &areas()?, html! {}).status(422))
        }
        Err(Error::Invalid(problems)) => {
            let customer = app.db.read(|conn| store::get(conn, id))?;
            Ok(edit_page(app, req, &customer, &Typed::of(req), &problems, &areas()?, html! {}).status(422))
        }
        Ok(Outcome::Stale { customer, typed, merged, who }) => {
            let told = stale_view(&customer, &typed, who.as_deref(), req);
            Ok(edit_page(app, req, &customer, &Typed(form::pairs(&merged)), &[], &areas()?, told).status(409))
        }
        Err(error) => Err(error),
    }
}

enum Outcome {
    Saved,
    Wrong(Customer, Vec<Problem>),
    /// Somebody else saved in between: what is now, what was typed, and the typed changes laid over what is now.
    Stale {
        customer: Customer,
        typed: Details,
        merged: Box<Details>,
        who: Option<String>,
    },
}

/// The version the form was drawn from.
fn version_of(req: &Request) -> Result<i64> {
    req.form("version").and_then(|version| version.parse().ok()).ok_or(Error::BadRequest("the form has no version"))
}

/// `customer` as it stood at `version`, as far as the journal tells, and who changed it since.
fn as_it_was(conn: &rusqlite::Connection, customer: &Customer, version: i64) -> Result<(Details, Option<String>)> {
    if version == customer.version {
        return Ok((customer.details.clone(), None));
    }
    let (before, who) = store::changed_since(conn, customer.id, version)?;
    Ok((form::patch(&customer.details, before)?, who))
}

/// What was typed, laid over what is now: only the fields that were changed in the form.
fn merged(customer: &Customer, base: &Details, typed: &Details) -> Result<Details> {
    let (_, mine): (Map<String, Value>, Map<String, Value>) = fields::changes(base, typed);
    form::patch(&customer.details, mine)
}

/// `POST /customers/{id}/phones` adds one number, in a line of its own on the card.
pub fn add_phone(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.param("id")?;
    let raw = text::trim(req.form("phone").unwrap_or_default()).to_owned();
    let label = req.form("phone_label").map(text::trim).filter(|label| !label.is_empty()).map(|label| label.chars().take(40).collect());
    let parsed = Phone::parse(&raw, &app.settings().area_code);

    let (customer, areas) = app.db.read(|conn| Ok((store::get(conn, id)?, store::areas(conn)?)))?;
    let phone = match parsed {
        Ok(phone) => phone,
        Err(problem) => {
            // The whole form, with the number where it can be mended.
            let mut typed = Typed(form::pairs(&customer.details));
            typed.0.push(("phone".to_owned(), raw));
            typed.0.push(("phone_label".to_owned(), label.unwrap_or_default()));
            let field = format!("phone_{}", customer.details.phones.len() + 1);
            let problems = [Problem { field: field.into(), say: problem.say().into() }];
            return Ok(edit_page(app, req, &customer, &typed, &problems, &areas, html! {}).status(422));
        }
    };
    let said = format!("已加電話 {phone}。");
    app.db.write(|tx| {
        let customer = store::get(tx, id)?;
        if customer.details.phones.iter().any(|number| number.phone == phone) {
            return Ok(());
        }
        store::add_phone(tx, &customer, Number { phone, label, raw }, req.by())
    })?;

    Ok(Response::see_other(format!("/customers/{id}?saved=1")).with_notice(&said))
}

// What a manager does.

/// `POST /customers/{id}/terminate` ends the contract.
pub fn terminate(app: &App, req: &Request) -> Result<Response> {
    set_state(app, req, State::Terminated, "已解約。")
}

/// `POST /customers/{id}/deactivate` switches a customer off.
pub fn deactivate(app: &App, req: &Request) -> Result<Response> {
    set_state(app, req, State::Inactive, "已停用。")
}

/// `POST /customers/{id}/reactivate` takes up business again, from either.
pub fn reactivate(app: &App, req: &Request) -> Result<Response> {
    set_state(app, req, State::Active, "已恢復往來。")
}

fn set_state(app: &App, req: &Request, state: State, said: &str) -> Result<Response> {
    req.require(MANAGERS)?;
    let id: CustomerId = req.param("id")?;
    let note: Option<String> =
        req.form("note").map(text::trim).filter(|note| !note.is_empty()).map(|note| note.chars().take(200).collect());

    app.db.write(|tx| {
        let customer = store::get(tx, id)?;
        // A second press finds it done already.
        if customer.state == state { Ok(()) } else { store::set_state(tx, &customer, state, note.as_deref(), req.by()) }
    })?;

    Ok(Response::see_other(format!("/customers/{id}")).with_notice(said))
}

/// `POST /customers/{id}/walk-in` says that passers-by hang on this account, or that they do not.
pub fn walk_in(app: &App, req: &Request) -> Result<Response> {
    req.require(MANAGERS)?;
    let id: CustomerId = req.param("id")?;
    let version = version_of(req)?;

    let is_walk_in = app.db.write(|tx| {
        let customer = store::get(tx, id)?;
        if customer.version != version {
            return Err(Error::conflict("customer is not at that version", "這位客戶剛剛被別人改過，請重新看一次再按。"));
        }
        store::set_walk_in(tx, &customer, !customer.is_walk_in, req.by())?;
        Ok(!customer.is_walk_in)
    })?;

    let said = if is_walk_in { "已設成散客帳。" } else { "已不是散客帳。" };
    Ok(Response::see_other(format!("/customers/{id}")).with_notice(said))
}

// The form.

/// What stands in the form: as the customer is, or as it was typed.
struct Typed(Vec<(String, String)>);

impl Typed {
    fn of(req: &Request) -> Typed {
        Typed(req.form_pairs().to_vec())
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(have, _)| have == name).map_or("", |(_, value)| value)
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|have| have == value)
    }
}

fn new_page(app: &App, req: &Request, typed: &Typed, problems: &[Problem], areas: &[Area]) -> Response {
    Page::new(app, req, "建新客戶").room(Room::Customers).show(html! {
        div.head { div { h1 { "建新客戶" } p { "有簡稱就能存，其他慢慢補。" } } }
        (problems_view(problems))
        form.sheet-form method="post" action="/customers" {
            (ui::csrf_field(req))
            (form_view(req, typed, problems, areas))
            (foot_view("/customers"))
        }
    })
}

fn edit_page(app: &App, req: &Request, customer: &Customer, typed: &Typed, problems: &[Problem], areas: &[Area], told: Markup) -> Response {
    let title = format!("改 {}", customer.details.short_name);
    let back = format!("/customers/{}", customer.id);
    Page::new(app, req, &title).room(Room::Customers).show(html! {
        div.head { div { h1.who { "改 " (customer.details.short_name) " " span.soft { (customer.details.customer_code.to_string()) } } } }
        (told)
        (problems_view(problems))
        form.sheet-form method="post" action={ (back) "/edit" } {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(customer.version);
            (form_view(req, typed, problems, areas))
            (foot_view(&back))
        }
    })
}

fn problems_view(problems: &[Problem]) -> Markup {
    html! {
        @if !problems.is_empty() {
            (ui::refuse(&Error::Invalid(problems.to_vec()).user_message()))
        }
    }
}

fn foot_view(back: &str) -> Markup {
    html! {
        p.acts.form-foot {
            button.primary type="submit" { "存檔 " kbd { "Enter" } }
            a.button href=(back) data-key="Escape" { "不改 " kbd { "Esc" } }
        }
    }
}

/// Both values side by side, for each field that differs.
fn stale_view(customer: &Customer, typed: &Details, who: Option<&str>, req: &Request) -> Markup {
    let (now, mine) = fields::changes(&customer.details, typed);
    let who = who.unwrap_or("別人");
    let at = customer.updated_at.beside(req.at);
    html! {
        p.refuse { span { b { (who) " " (at) " 先改了這位客戶，你的還沒存。" } "下面已經把你改的放在新的上面，看過再存。" } }
        section.panel {
            table.list.tight {
                thead { tr { th scope="col" { "欄位" } th scope="col" { "現在的" } th scope="col" { "你打的" } } }
                tbody {
                    @for (field, value) in &now {
                        tr {
                            th scope="row" { (fields::label(field)) }
                            td { (fields::shown(field, value)) }
                            td { b { (fields::shown(field, mine.get(field).unwrap_or(&Value::Null))) } }
                        }
                    }
                    @if now.is_empty() { tr { td colspan="3" { "兩個人改成一樣的了。" } } }
                }
            }
            p.acts { a.button href={ "/customers/" (customer.id) } data-key="Escape" { "用現在的 " kbd { "Esc" } } }
        }
    }
}

struct Form<'a> {
    typed: &'a Typed,
    problems: &'a [Problem],
}

impl Form<'_> {
    fn attrs(&self, name: &str) -> (Option<&'static str>, Option<String>) {
        wrong(name, self.problems).map_or((None, None), |(invalid, by)| (Some(invalid), Some(by)))
    }

    fn line(&self, label: &str, name: &str, most: u32) -> Markup {
        let (invalid, by) = self.attrs(name);
        field(
            label,
            name,
            self.problems,
            html! {
                input id=(name) name=(name) value=(self.typed.get(name)) maxlength=(most) autocomplete="off" aria-invalid=[invalid] aria-describedby=[by];
            },
        )
    }

    /// An import may have brought more than one types: the box holds it all.
    fn lines(&self, label: &str, name: &str) -> Markup {
        let (invalid, by) = self.attrs(name);
        field(
            label,
            name,
            self.problems,
            html! {
                textarea id=(name) name=(name) rows="2" aria-invalid=[invalid] aria-describedby=[by] { (self.typed.get(name)) }
            },
        )
    }

    fn figure(&self, label: &str, name: &str, unit: &str) -> Markup {
        let (invalid, by) = self.attrs(name);
        field(
            label,
            name,
            self.problems,
            html! {
                span.with-unit {
                    input.number id=(name) name=(name) value=(self.typed.get(name)) inputmode="numeric" autocomplete="off" maxlength="14" aria-invalid=[invalid] aria-describedby=[by];
                    " " (unit)
                }
            },
        )
    }

    fn check(&self, label: &str, name: &str, value: &str) -> Markup {
        html! { label.check { input type="checkbox" name=(name) value=(value) checked[self.typed.is(name, value)]; " " (label) } }
    }

    fn choice(&self, label: &str, name: &str, answers: &[(&str, &str)], unset: &str) -> Markup {
        let now = self.typed.get(name);
        let now = if now.is_empty() { unset } else { now };
        html! {
            fieldset.field {
                legend.label { (label) }
                div.choice {
                    @for (value, label) in answers {
                        label { input type="radio" name=(name) value=(value) checked[*value == now]; " " (label) }
                    }
                }
            }
        }
    }
}

fn form_view(req: &Request, typed: &Typed, problems: &[Problem], areas: &[Area]) -> Markup {
    let form = Form { typed, problems };
    html! {
        div.columns.half {
            div.stack {
                section.panel { h2 { "基本" } (basics_view(&form, areas)) }
                section.panel { h2 { "電話" } (phones_view(&form)) }
                section.panel { h2 { "收貨時間" } (hours_view(&form)) }
                @if req.may(form::TERMS) { section.panel { h2 { "計價和結帳" } (terms_view(&form)) } }
            }
            div.stack {
                section.panel { h2 { "怎麼送" } (ways_view(&form)) }
                section.panel { h2 { "現場鋼瓶" span { "支數，沒有就空著" } } (cylinders_view(&form)) }
                section.panel { h2 { "使用區域" span { "例如 煎台16*1、20KG:3" } } (usage_view(&form)) }
                section.panel { h2 { "用量" } (figures_view(&form)) }
                section.panel { h2 { "設備" } (equipment_view(&form)) }
            }
        }
    }
}

fn basics_view(form: &Form, areas: &[Area]) -> Markup {
    let area = form.typed.get("area");
    html! {
        (form.line("簡稱", "short_name", 100))
        (form.line("編號", "customer_code", 20))
        (form.line("發票抬頭", "invoice_title", 200))
        (form.lines("地址", "address"))
        (form.lines("進門備註", "access_note"))
        (field("區域", "area", form.problems, html! {
            select id="area" name="area" {
                option value="" { "未分區" }
                @for one in areas { option value=(one.name) selected[one.name == area] { (one.name) } }
                @if !area.is_empty() && areas.iter().all(|one| one.name != area) { option value=(area) selected { (area) } }
            }
        }))
        (form.line("新區域", "area_new", 40))
        (form.line("聯絡人", "contact_name", 100))
        (form.line("統一編號", "tax_id", 20))
        (field("類型", "customer_type", form.problems, html! {
            input id="customer_type" name="customer_type" value=(form.typed.get("customer_type")) list="kinds" maxlength="40" autocomplete="off";
            datalist #kinds { @for kind in ["住宅", "餐廳", "商業", "學校", "市場", "飯店", "醫院", "工業", "機關", "其他"] { option value=(kind) {} } }
        }))
        (form.lines("備註", "notes"))
    }
}

fn phones_view(form: &Form) -> Markup {
    let phones: Vec<&str> = form.typed.all("phone").collect();
    let labels: Vec<&str> = form.typed.all("phone_label").collect();
    let rows = (phones.len() + 1).max(2);
    html! {
        @for at in 0..rows {
            @let name = format!("phone_{}", at + 1);
            @let (invalid, by) = form.attrs(&name);
            (field(&format!("電話 {}", at + 1), &name, form.problems, html! {
                span.phone-row {
                    input id=(name) name="phone" type="tel" value=(phones.get(at).copied().unwrap_or_default()) maxlength="60" autocomplete="off" aria-invalid=[invalid] aria-describedby=[by];
                    input name="phone_label" value=(labels.get(at).copied().unwrap_or_default()) maxlength="40" autocomplete="off" aria-label={ "電話 " (at + 1) " 的註記" } placeholder="廚房、老闆晚上";
                }
            }))
        }
        p.soft.small { "要少一支就清空，第一支是主要的。" }
    }
}

fn hours_view(form: &Form) -> Markup {
    html! {
        fieldset {
            legend.unseen { "哪些鐘點可以送" }
            div.hour-checks {
                @for hour in 8..20 {
                    @let value = hour.to_string();
                    label { input type="checkbox" name="hour" value=(value) checked[form.typed.is("hour", &value)]; span { (hour) } }
                }
            }
            p.soft.small { "8 是 8 點到 9 點。都不勾就是沒說，整天可以。" }
        }
        (form.choice("時段", "time_period", &[("", "沒說"), ("1", "早上"), ("2", "下午"), ("3", "晚上"), ("0", "全天")], ""))
        fieldset.field {
            legend.label { "公休" }
            div.choice {
                @for (at, day) in ["一", "二", "三", "四", "五", "六", "日"].iter().enumerate() {
                    @let value = (at + 1).to_string();
                    label { input type="checkbox" name="closed_day" value=(value) checked[form.typed.is("closed_day", &value)]; " " (day) }
                }
                label { input type="checkbox" name="closed_on_holidays" value="1" checked[form.typed.is("closed_on_holidays", "1")]; " 國定假日" }
            }
        }
        (form.line("公休備註", "closed_text", 200))
    }
}

fn terms_view(form: &Form) -> Markup {
    let pricing: Vec<_> = Pricing::ALL.iter().map(|one| (one.word(), one.label())).collect();
    let terms: Vec<_> = Terms::ALL.iter().map(|one| (one.word(), one.label())).collect();
    html! {
        (form.choice("計價", "pricing_method", &pricing, Pricing::Cylinder.word()))
        (form.choice("結帳", "payment_terms", &terms, Terms::Cash.word()))
        (form.check("結帳要另外做檔案", "needs_billing_file", "1"))
    }
}

fn ways_view(form: &Form) -> Markup {
    let vehicles: Vec<_> = Vehicle::ALL.iter().map(|one| (one.word(), one.label())).collect();
    html! {
        (form.choice("車輛", "vehicle_type", &vehicles, Vehicle::Any.word()))
        (form.choice("排巡", "on_patrol", &[("", "沒說"), ("1", "要"), ("0", "不要")], ""))
        (form.line("排巡備註", "patrol_note", 200))
        div.acts {
            (form.check("發報", "has_telemetry", "1"))
            (form.check("訂閱會員", "is_subscription", "1"))
            (form.check("需要當天送", "same_day_required", "1"))
        }
        (form.line("當天送備註", "same_day_note", 200))
    }
}

fn cylinders_view(form: &Form) -> Markup {
    html! {
        div.stock {
            @for product in &Product::ALL {
                @let name = format!("qty_{}", product.code);
                @let (invalid, by) = form.attrs(&name);
                label for=(name) { (product.name) }
                input.number id=(name) name=(name) value=(form.typed.get(&name)) inputmode="numeric" autocomplete="off" maxlength="4" aria-invalid=[invalid] aria-describedby=[by];
            }
        }
        @for problem in form.problems.iter().filter(|problem| problem.field.starts_with("qty_")) {
            p.refuse id={ "why-" (problem.field) } { span { (problem.say) } }
        }
    }
}

fn usage_view(form: &Form) -> Markup {
    html! {
        (form.line("第一（串接）", "usage_1", 4_000))
        (form.line("第二", "usage_2", 4_000))
        (form.line("第三", "usage_3", 4_000))
        (form.line("第四", "usage_4", 4_000))
        (form.line("第五", "usage_5", 4_000))
        (form.line("預備桶", "spare_text", 4_000))
    }
}

fn figures_view(form: &Form) -> Markup {
    html! {
        (form.figure("月配送量", "monthly_delivered_kg", "kg"))
        (form.figure("月退氣", "monthly_residual_kg", "kg"))
        (form.figure("平均日用", "avg_daily_kg", "kg，月配送量沒填才用"))
        (form.figure("串接", "series_kg", "kg"))
        (form.figure("備用量", "reserve_kg", "kg"))
        (form.figure("使用區域", "supply_area_count", "個"))
    }
}

fn equipment_view(form: &Form) -> Markup {
    html! {
        div.devices {
            @for device in Device::ALL {
                @let note = format!("device_note_{}", device.word());
                (form.check(device.label(), "device", device.word()))
                input name=(note) value=(form.typed.get(&note)) maxlength="4000" autocomplete="off" aria-label={ (device.label()) "的備註" } placeholder="備註";
            }
        }
        (form.lines("切替器型號", "changeover_model"))
        (form.lines("設備買斷", "equipment_owner_note"))
        (form.line("場所申報", "site_declaration", 4_000))
        (form.line("舊系統鋼瓶", "legacy_cylinder_text", 4_000))
    }
}

/// A code nobody has yet, for those who do not send one.
pub fn free_code(conn: &rusqlite::Connection, prefix: &str) -> Result<CustomerCode> {
    store::next_code(conn, prefix)?
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| Error::invalid("customer_code", "編號用完了，請在設定換一個開頭，或自己填編號。"))
}

#[cfg(test)]
mod tests {
    use crate::customers::Period;

    #[test]
    fn the_form_is_read_back_as_drawn() {
        for (word, label) in [("1", "早上"), ("2", "下午"), ("3", "晚上"), ("0", "全天")] {
            assert_eq!(Period::from_word(word).map(Period::label), Some(label));
        }
    }
}
