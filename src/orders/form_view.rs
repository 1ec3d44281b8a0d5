//! How the form of a new order looks: the lines with the caret in the first count, the choices under them, what it
//! comes to. The parts marked `data-part` are also what `GET /orders/draft` answers, so that what follows the typing is
//! drawn in one place.

use maud::{Markup, html};

use crate::error::Problem;
use crate::orders::change::Scope;
use crate::orders::desk::Desk;
use crate::orders::edit_view::scope_view;
use crate::orders::form::{self, BRING, COUNTER, OTHER, Read, Row, RowSum, offered_days, rows, window_word};
use crate::orders::warnings::{Warning, day_word};
use crate::orders::{Order, Payment, Totals, slot};
use crate::products::{PriceList, Product};
use crate::settings::Settings;
use crate::ui::{self, Typed};
use crate::values::{Day, Ntd, ProductId, Window, window};

/// Rows to fill in where nothing adds one: no script.
const SPARE_ROWS: usize = 3;

/// Everything one drawing of the form needs.
pub struct Sheet<'a> {
    pub desk: &'a Desk,
    pub typed: &'a Typed,
    pub problems: &'a [Problem],
    pub warnings: &'a [Warning],
    pub sums: &'a Sums,
    pub settings: &'a Settings,
    /// May give prices.
    pub is_manager: bool,
    /// It was sent, and something to be minded has come up since it was drawn.
    pub is_held: bool,
    /// The order that is changed; `None` for a new one.
    pub order: Option<&'a Order>,
}

/// What follows from what is typed, and what is to be minded about it.
pub struct Drawing {
    pub sums: Sums,
    pub warnings: Vec<Warning>,
}

impl Drawing {
    /// At `prices`, those of the day that `read` understood.
    pub fn of(typed: &Typed, read: &Read, desk: &Desk, prices: &PriceList, warnings: Vec<Warning>) -> Drawing {
        let rows = rows(typed);
        let sums: Vec<_> = rows.iter().map(|row| form::row_sum(*row, &desk.catalogue, prices)).collect();
        let percent = |row: &Row| row.line().map_or(0, |line| line.discount_percent);
        let amounts = rows.iter().zip(&sums).map(|(row, sum)| (sum.amount.unwrap_or_default(), percent(row)));
        let sums = Sums {
            totals: Totals::of(amounts, read.new.surcharge, Ntd(0)),
            rows: sums,
            day: read.day,
            window: read.window,
            payment: Payment::from_word(typed.get("payment")),
            is_over_the_counter: read.is_over_the_counter,
        };
        Drawing { sums, warnings }
    }
}

/// What follows from what is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub rows: Vec<RowSum>,
    pub totals: Totals,
    /// `None` while it cannot be read.
    pub day: Option<Day>,
    pub window: Option<Window>,
    pub payment: Option<Payment>,
    pub is_over_the_counter: bool,
}

/// Where the caret stands when the page opens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caret {
    Size(usize),
    Count(usize),
    Discount(usize),
    Price(usize),
    Field(&'static str),
}

impl Sheet<'_> {
    fn today(&self) -> Day {
        self.desk.now.day()
    }

    fn is_walk_in(&self) -> bool {
        self.desk.customer.is_walk_in
    }

    /// How much of it is asked.
    fn scope(&self) -> Scope {
        self.order.map_or(Scope::Everything, |order| Scope::of(order.status))
    }

    fn problem(&self, field: &str) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.field == field)
    }

    /// In the first field that is wrong, else in the first count; in the first size when there is no line yet.
    fn caret(&self, rows: &[Row]) -> Caret {
        for (no, row) in (1..).zip(rows) {
            if self.problem(&format!("lines.{no}")).is_some() {
                let is_unpriced = self.sums.rows.get(no - 1).is_some_and(|sum| sum.is_unpriced);
                return match row.line() {
                    _ if row.product_id().is_none() => Caret::Size(no),
                    None => Caret::Count(no),
                    Some(_) if self.is_manager && (is_unpriced || !row.price.is_empty()) => Caret::Price(no),
                    Some(_) if !row.discount.is_empty() => Caret::Discount(no),
                    Some(_) => Caret::Count(no),
                };
            }
        }
        const FIELDS: [&str; 9] =
            ["day", "window", "contact_name", "contact_phone", "delivery_address", "notes", "payment", "surcharge", "surcharge_label"];
        if let Some(field) = FIELDS.into_iter().find(|field| self.problem(field).is_some()) {
            return Caret::Field(field);
        }
        match rows.first() {
            _ if self.scope() == Scope::Notes => Caret::Field("notes"),
            Some(row) if row.product_id().is_some() => Caret::Count(1),
            _ => Caret::Size(1),
        }
    }
}

/// The whole form. `hidden` are the fields nobody sees.
pub fn form_view(sheet: &Sheet, hidden: Markup) -> Markup {
    let typed_rows = rows(sheet.typed);
    let blank = [Row::default()];
    let rows: &[Row] = if typed_rows.is_empty() { &blank } else { &typed_rows };
    let caret = sheet.caret(rows);
    let scope = sheet.scope();
    let action = sheet.order.map_or_else(|| "/orders".to_owned(), |order| format!("/orders/{}/edit", order.id));
    html! {
        form.panel.order method="post" action=(action) data-order="" data-draft="/orders/draft" autocomplete="off" {
            (hidden)
            div.said {
                (told_view(sheet))
                @if let Some(order) = sheet.order { (scope_view(order)) }
                div data-part="warnings" { (warnings_view(sheet.warnings)) }
            }
            @if scope != Scope::Notes {
                (lines_view(sheet, rows, caret))
                @if sheet.is_walk_in() && sheet.order.is_none() { (handover_view(sheet, caret)) }
                div.when { (day_view(sheet, caret)) (window_view(sheet, caret)) }
            }
            (note_view(sheet, caret))
            @if scope == Scope::Everything {
                (payment_view(sheet, caret))
                (giving_view(sheet, caret))
                @if sheet.order.is_some() { (place_view(sheet, caret)) }
            }
            p.tell data-unsaved="" role="status" hidden { span { "還沒存。再按一次 " kbd { "Esc" } " 就不存、離開。" } }
            div.total {
                @if scope != Scope::Notes { div.sum data-part="total" aria-live="polite" { (total_view(sheet)) } }
                span.acts { button.primary data-key="Enter" { "存檔 " kbd { "Enter" } } }
            }
        }
    }
}

fn lines_view(sheet: &Sheet, rows: &[Row], caret: Caret) -> Markup {
    let is_whole = sheet.scope() == Scope::Everything;
    html! {
        table.lines {
            thead { tr {
                th scope="col" { "規格" }
                th.number scope="col" { "數量" }
                th.number.unit scope="col" { "單價" }
                th.number.give scope="col" { "折扣 %" }
                th.number scope="col" { "小計" }
                th scope="col" { span.unseen { "動作" } }
            } }
            @for (no, row) in (1..).zip(rows) { (row_view(sheet, no, *row, caret)) }
        }
        @if is_whole {
            template data-line-template="" { table { (row_view(sheet, 0, Row { qty: "1", ..Row::default() }, caret)) } }
            noscript { table.lines { @for _ in 0..SPARE_ROWS { (row_view(sheet, 0, Row::default(), caret)) } } }
        }
        @if let Some(problem) = sheet.problem("lines") { p.problem #why-lines { (problem.say) } }
        @if is_whole { (sizes_view(sheet)) }
        hr;
    }
}

/// Where an order goes that is changed, folded away while it is as the customer's record says.
fn place_view(sheet: &Sheet, caret: Caret) -> Markup {
    let fields = [("地址", "delivery_address", 500), ("聯絡人", "contact_name", 100), ("電話", "contact_phone", 40)];
    let is_wrong = fields.iter().any(|(_, name, _)| sheet.problem(name).is_some());
    html! {
        details.more open[is_wrong || sheet.is_walk_in()] {
            summary { "地址、聯絡人" }
            @for (label, name, most) in fields { (text_view(sheet, label, name, most, caret)) }
        }
    }
}

/// Only what follows the typing, to be put in the places of the same name.
pub fn draft_view(sheet: &Sheet) -> Markup {
    html! {
        div data-part="warnings" { (warnings_view(sheet.warnings)) }
        @for (at, sum) in sheet.sums.rows.iter().enumerate() {
            span data-part="unit" { (unit_view(sum)) }
            span data-part="amount" { (amount_view(sum)) }
            span data-part="why" { (why_view(sheet, at + 1, false)) }
        }
        span data-part="day" { (day_hint(sheet)) }
        span data-part="window" { (window_hint(sheet)) }
        div data-part="total" { (total_view(sheet)) }
    }
}

fn told_view(sheet: &Sheet) -> Markup {
    html! {
        @if let Some(problem) = sheet.problem("customer") { (ui::refuse(&problem.say)) }
        @if 1 < sheet.problems.len() { (ui::refuse(&format!("有 {} 個地方要改。", sheet.problems.len()))) }
        @if sheet.is_held { p.tell role="status" { span { b { "還沒存。" } "看過下面的提醒，再按一次 " kbd { "Enter" } "。" } } }
    }
}

/// Amber lines, and in a hidden field which they are: who has seen them passes with the next Enter.
fn warnings_view(warnings: &[Warning]) -> Markup {
    html! {
        @for warning in warnings {
            p.warn { span { (warning.say) } em { kbd { "Enter" } " 仍可存" } }
        }
        @if !warnings.is_empty() {
            input type="hidden" name="seen" value=(warnings.iter().map(|warning| warning.key.as_str()).collect::<Vec<_>>().join(" "));
        }
    }
}

/// One line. `no` counts from 1; 0 is a row to come, which never has the caret.
fn row_view(sheet: &Sheet, no: usize, row: Row, caret: Caret) -> Markup {
    let sum = no.checked_sub(1).and_then(|at| sheet.sums.rows.get(at)).cloned().unwrap_or_default();
    let has_problem = sheet.problem(&format!("lines.{no}")).is_some();
    let (invalid, why) = if has_problem { (Some("true"), Some(format!("why-{no}"))) } else { (None, None) };
    let is_wrong = |field: Caret| (has_problem && caret == field).then_some("true");
    let is_whole = sheet.scope() == Scope::Everything;
    html! {
        tbody data-line="" {
            tr {
                td.size {
                    select name="product" aria-label="規格" autofocus[caret == Caret::Size(no)] aria-invalid=[is_wrong(Caret::Size(no))] aria-describedby=[why.clone()] {
                        (options_view(sheet, row.product_id()))
                    }
                }
                td.number {
                    input.number name="qty" value=(row.qty) inputmode="numeric" maxlength="4" aria-label="數量" data-count=""
                        autofocus[caret == Caret::Count(no)] aria-invalid=[invalid.filter(|_| caret == Caret::Count(no))] aria-describedby=[why.clone()];
                }
                td.number.unit {
                    span data-part="unit" { (unit_view(&sum)) }
                    @if sheet.is_manager && is_whole {
                        input.number.give name="price" value=(row.price) inputmode="numeric" maxlength="10" aria-label="這張單的單價" placeholder="改單價"
                            autofocus[caret == Caret::Price(no)] aria-invalid=[is_wrong(Caret::Price(no))] aria-describedby=[why.clone()];
                    }
                }
                td.number.give {
                    @if !is_whole { input type="hidden" name="discount" value=(row.discount); }
                    @else { input.number name="discount" value=(row.discount) inputmode="numeric" maxlength="3" aria-label="折扣 %" placeholder="0"
                        autofocus[caret == Caret::Discount(no)] aria-invalid=[is_wrong(Caret::Discount(no))] aria-describedby=[why]; }
                }
                td.number { b data-part="amount" { (amount_view(&sum)) } }
                td.rest { @if is_whole { button.quiet type="button" data-remove="" tabindex="-1" { "刪 " kbd { "−" } } } }
            }
            tr.why { td colspan="6" id=[(0 < no).then(|| format!("why-{no}"))] data-part="why" { (why_view(sheet, no, true)) } }
        }
    }
}

fn options_view(sheet: &Sheet, chosen: Option<ProductId>) -> Markup {
    let sizes = sheet.desk.sizes();
    let is_meant = |product: &Product| sizes.iter().any(|(_, meant)| meant.id == product.id);
    let others = sheet.desk.catalogue.iter().filter(|product| (product.is_active || chosen == Some(product.id)) && !is_meant(product));
    if sheet.scope() != Scope::Everything {
        let product = chosen.and_then(|id| sheet.desk.product(id));
        return html! { @if let Some(product) = product { option value=(product.id) selected { (product.name) } } };
    }
    html! {
        option value="" { "選規格" }
        @for (key, product) in &sizes {
            option value=(product.id) data-size=(key.to_lowercase()) selected[chosen == Some(product.id)] { (product.name) }
        }
        @for product in others { option value=(product.id) selected[chosen == Some(product.id)] { (product.name) } }
    }
}

fn unit_view(sum: &RowSum) -> Markup {
    html! {
        @match sum.list {
            Some(list) => { (list.bare()) @if sum.is_metered { span.soft { "／公斤" } } },
            None => @if sum.name.is_some() { (ui::none()) },
        }
    }
}

fn amount_view(sum: &RowSum) -> Markup {
    html! {
        @if sum.is_metered && sum.name.is_some() { span.soft { "照表計" } }
        @else if let Some(amount) = sum.amount { (amount.bare()) }
        @else if sum.name.is_some() { (ui::none()) }
    }
}

/// What is wrong with row `no`: a price that is missing at once, the rest when it was sent.
fn why_view(sheet: &Sheet, no: usize, was_sent: bool) -> Markup {
    let sum = no.checked_sub(1).and_then(|at| sheet.sums.rows.get(at));
    let told = sheet.problem(&format!("lines.{no}")).filter(|_| was_sent).map(|problem| problem.say.as_ref());
    // The manager's field for a price stays open as long as the list has none.
    let is_unpriced = sum.is_some_and(|sum| sum.is_unpriced);
    let needs_price = sum.is_some_and(|sum| sum.needs_price);
    html! {
        @if let Some(say) = told {
            span.problem.asks[is_unpriced] { (say) }
        } @else if is_unpriced {
            @if !needs_price { span.soft.asks { "牌價還沒有，這張單用填的單價。" } }
            @else if sheet.is_manager { span.problem.asks { "這個品項還沒有價格，請填這次的單價。" } }
            @else { span.problem.asks { "這個品項還沒有價格，請經理填。" } }
        }
    }
}

fn sizes_view(sheet: &Sheet) -> Markup {
    html! {
        div.sizes {
            span { kbd { "+" } " 加一種：" }
            @for (key, product) in sheet.desk.sizes() {
                button type="button" data-add=(product.id) tabindex="-1" { kbd { (key) } " " (product.name) }
            }
        }
    }
}

fn handover_view(sheet: &Sheet, caret: Caret) -> Markup {
    let is_brought = sheet.typed.is("handover", BRING);
    html! {
        div.field {
            span.label #l-handover { "怎麼拿" }
            div.choice role="group" aria-labelledby="l-handover" {
                label { input type="radio" name="handover" value=(COUNTER) checked[!is_brought]; " 自取，現在交" }
                label { input type="radio" name="handover" value=(BRING) checked[is_brought]; " 送過去" }
            }
        }
        div.bring {
            (text_view(sheet, "姓名", "contact_name", 100, caret))
            (text_view(sheet, "電話", "contact_phone", 40, caret))
            (text_view(sheet, "地址", "delivery_address", 500, caret))
        }
    }
}

fn text_view(sheet: &Sheet, label: &str, name: &'static str, most: usize, caret: Caret) -> Markup {
    let (invalid, why) = ui::form::wrong(name, sheet.problems).unzip();
    let input = html! {
        input id=(name) name=(name) value=(sheet.typed.get(name)) maxlength=(most) autofocus[caret == Caret::Field(name)] aria-invalid=[invalid] aria-describedby=[why];
    };
    ui::field(label, name, sheet.problems, input)
}

fn day_view(sheet: &Sheet, caret: Caret) -> Markup {
    let (today, typed) = (sheet.today(), sheet.typed.get("day"));
    let is_other = offered_days(today).iter().all(|day| day.to_string() != typed);
    let closed = |day: Day| sheet.desk.calendar.closed_on(&sheet.desk.customer.details.closed, day).is_some();
    html! {
        div.field {
            span.label #l-day { "哪一天" }
            div.choice role="group" aria-labelledby="l-day" {
                @for day in offered_days(today) {
                    label {
                        input type="radio" name="day" value=(day) checked[typed == day.to_string()];
                        " " (if day == today { "今天" } else { "明天" }) " " (day.short())
                        @if closed(day) { small { "公休" } }
                    }
                }
                (other_view(sheet, "day", "別天", is_other, typed.parse().ok().filter(|_| is_other).map(form::spoken), "5/30", caret))
            }
            (problem_view(sheet, "day"))
            small.soft data-part="day" { (day_hint(sheet)) }
        }
    }
}

/// Why the day is not today by itself.
fn day_hint(sheet: &Sheet) -> Markup {
    let today = sheet.today();
    let is_tomorrow = sheet.order.is_none() && sheet.sums.day == Some(today.plus(1));
    html! {
        @if is_tomorrow && slot::is_past_cut_off(sheet.desk.now, sheet.settings) {
            (window::clock(sheet.settings.cut_off)) " 過了，日期先放明天。"
        } @else if is_tomorrow && slot::is_over(&sheet.desk.customer.details, today, sheet.desk.now) {
            (sheet.desk.default_window(today)) " 今天已經過了，日期先放明天。"
        }
    }
}

fn window_view(sheet: &Sheet, caret: Caret) -> Markup {
    let windows = sheet.desk.windows(sheet.sums.day.unwrap_or(sheet.today()));
    let typed = sheet.typed.get("window");
    let is_other = windows.iter().all(|window| window_word(*window) != typed);
    html! {
        div.field {
            span.label #l-window { "時段" }
            div.choice role="group" aria-labelledby="l-window" {
                @for window in windows {
                    label {
                        input type="radio" name="window" value=(window_word(window)) checked[typed == window_word(window)];
                        " " (part_of_day(window)) (window)
                    }
                }
                (other_view(sheet, "window", "指定", is_other, typed.parse().ok().filter(|_| is_other).map(|window: Window| window.to_string()), "9-11", caret))
            }
            (problem_view(sheet, "window"))
            small.soft data-part="window" { (window_hint(sheet)) }
        }
    }
}

/// The name of a part of the day; nothing for another window.
fn part_of_day(window: Window) -> &'static str {
    match window {
        Window::MORNING => "早 ",
        Window::AFTERNOON => "午 ",
        Window::EVENING => "晚 ",
        Window::ALL_DAY => "全天 ",
        _ => "",
    }
}

fn window_hint(sheet: &Sheet) -> Markup {
    let details = &sheet.desk.customer.details;
    let is_any = details.available_hours == 0 || slot::choices(details) == [Window::ALL_DAY];
    html! { @if !is_any { "這位客戶只收 " (crate::customers::fields::hours(details.available_hours)) "。" } }
}

/// The last radio of a choice, with the field it opens. `chosen` is what was offered once and is not any more.
fn other_view(
    sheet: &Sheet,
    name: &'static str,
    label: &str,
    is_chosen: bool,
    chosen: Option<String>,
    example: &str,
    caret: Caret,
) -> Markup {
    let text = format!("{name}_text");
    let written = Some(sheet.typed.get(&text).to_owned()).filter(|text| !text.is_empty()).or(chosen);
    let (invalid, why) = ui::form::wrong(name, sheet.problems).unzip();
    html! {
        label.other {
            input type="radio" name=(name) value=(OTHER) checked[is_chosen];
            " " (label) " "
            input name=(text) value=[written] maxlength="20" placeholder=(example) aria-label={ (label) "，例如 " (example) } data-other="" data-digits=""
                autofocus[caret == Caret::Field(name)] aria-invalid=[invalid] aria-describedby=[why];
        }
    }
}

fn problem_view(sheet: &Sheet, name: &str) -> Markup {
    html! { @if let Some(problem) = sheet.problem(name) { span.problem id={ "why-" (name) } { (problem.say) } } }
}

fn note_view(sheet: &Sheet, caret: Caret) -> Markup {
    let (invalid, why) = ui::form::wrong("notes", sheet.problems).unzip();
    let input = html! {
        input #notes name="notes" value=(sheet.typed.get("notes")) maxlength="500" placeholder="給司機看的，例如：後門、要收據"
            autofocus[caret == Caret::Field("notes")] aria-invalid=[invalid] aria-describedby=[why];
    };
    ui::field("備註", "notes", sheet.problems, input)
}

fn payment_view(sheet: &Sheet, caret: Caret) -> Markup {
    let details = &sheet.desk.customer.details;
    let typed = Payment::from_word(sheet.typed.get("payment"));
    let chosen = if sheet.is_walk_in() { Payment::Cash } else { typed.unwrap_or(Payment::usual(details.payment_terms)) };
    html! {
        div.field {
            span.label #l-payment { "付款" }
            div.choice role="group" aria-labelledby="l-payment" {
                @for payment in Payment::ALL.iter().filter(|payment| !sheet.is_walk_in() || **payment == Payment::Cash) {
                    label {
                        input type="radio" name="payment" value=(payment.word()) checked[chosen == *payment]
                            autofocus[caret == Caret::Field("payment") && chosen == *payment];
                        " " (payment.label())
                    }
                }
                label { input type="checkbox" name="is_urgent" value="1" checked[sheet.typed.is("is_urgent", "1")]; " 急件" }
            }
            (problem_view(sheet, "payment"))
        }
    }
}

/// Discounts and surcharges, folded away: few calls need them, and the keys pass them by.
fn giving_view(sheet: &Sheet, caret: Caret) -> Markup {
    let is_used = rows(sheet.typed).iter().any(|row| !row.discount.is_empty() || !row.price.is_empty())
        || ["surcharge", "surcharge_label"].iter().any(|name| !sheet.typed.get(name).is_empty());
    let (invalid, why) = ui::form::wrong("surcharge", sheet.problems).unzip();
    html! {
        details.more.giving open[is_used] {
            summary { "折扣、加價" }
            div.field {
                label for="surcharge" { "加價" }
                div.line-form {
                    input.number #surcharge name="surcharge" value=(sheet.typed.get("surcharge")) inputmode="numeric" maxlength="10" placeholder="0"
                        autofocus[caret == Caret::Field("surcharge")] aria-invalid=[invalid] aria-describedby=[why];
                    label.unseen for="surcharge_label" { "為什麼加價" }
                    input #surcharge_label name="surcharge_label" value=(sheet.typed.get("surcharge_label")) maxlength="40" placeholder="為什麼，例如：三樓"
                        autofocus[caret == Caret::Field("surcharge_label")];
                }
                (problem_view(sheet, "surcharge"))
                small.soft {
                    "折扣填在上面每一行，"
                    @if sheet.is_manager { "單價也是。" } @else { "最多 " (crate::orders::take::OFFICE_DISCOUNT) "%，再多請找經理。" }
                    @if sheet.settings.urgent_surcharge.0 != 0 { "急件沒填加價時加 " (sheet.settings.urgent_surcharge) "。" }
                }
            }
        }
    }
}

fn total_view(sheet: &Sheet) -> Markup {
    let sums = sheet.sums;
    let known: Vec<&RowSum> = sums.rows.iter().filter(|sum| sum.qty.is_some() && sum.name.is_some()).collect();
    let items: Vec<String> = known.iter().filter_map(|sum| Some(format!("{} × {}", sum.name.as_ref()?, sum.qty?))).collect();
    let is_all_metered = !known.is_empty() && known.iter().all(|sum| sum.is_metered) && sums.totals.total.0 == 0;
    let is_known = known.iter().all(|sum| !sum.needs_price);
    html! {
        span.soft { "合計" }
        span.money {
            @if is_all_metered { "照表計" } @else if !is_known || known.is_empty() { (ui::none()) } @else { (sums.totals.total) }
        }
        span.soft {
            @if items.is_empty() { "還沒選品項" } @else { (items.join("、")) }
            @if sums.totals.discount.0 != 0 { "　折扣 −" (sums.totals.discount) }
            @if sums.totals.surcharge.0 != 0 { "　加價 " (sums.totals.surcharge) }
            @if sums.is_over_the_counter {
                "　現在交"
            } @else {
                @if let Some(day) = sums.day { "　" (day_word(day, sheet.today()).trim_end()) }
                @if let Some(window) = sums.window { " " (window) }
            }
            @if let Some(payment) = sums.payment { "　" (payment.label()) }
        }
    }
}
