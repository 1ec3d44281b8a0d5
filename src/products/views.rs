//! How products and prices look, on whichever page.

use maud::{Markup, html};

use crate::error::Problem;
use crate::http::Request;
use crate::products::prices::{Change, Preview, Row, TAKEN_WITHIN_DAYS};
use crate::products::{Dated, Kind, OpenLine, Product};
use crate::ui;
use crate::ui::form::wrong;
use crate::values::{CustomerId, Day, Ntd, ProductId};

/// So many names stand for all.
const NAMES: usize = 5;
/// Lines of open orders a preview lists; the rest are counted.
const ORDERS: usize = 30;
/// A price that moves by more than this many percent is looked at twice.
const LARGE_PERCENT: i64 = 30;

/// `1,700`, or the — of what nobody has said.
pub fn price(unit: Option<Ntd>) -> Markup {
    html! { @match unit { Some(unit) => { b.money { (unit.bare()) } } None => (ui::none()) } }
}

/// `06/01 (日) 起 900`.
pub fn dated(price: Dated, today: Day) -> Markup {
    html! {
        (price.from.beside(today)) " 起 "
        @match price.unit { Some(unit) => { b { (unit.bare()) } } None => { "一般價" } }
    }
}

/// 桶裝 20, 流量 16 好運, 配件.
pub fn kind_short(kind: Kind) -> String {
    match kind {
        Kind::Gas { method, family, size_kg } => format!("{} {} {size_kg} 公斤", method.label(), family.label()),
        Kind::Accessory => "配件".to_owned(),
    }
}

pub fn state(product: &Product, has_price: bool) -> Markup {
    html! {
        @if !product.is_active { span.badge.off { "停賣" } }
        @else if !has_price { span.badge.late { "沒有價格" } }
        @else { span.badge.delivered { "販售中" } }
    }
}

/// The field of a product's new price; the first of a page has the focus unless something is wrong elsewhere.
pub fn price_input(product: &Product, value: &str, problems: &[Problem], is_first: bool) -> Markup {
    let name = format!("price_{}", product.id);
    let (invalid, why) = wrong(&name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let has_field = |problem: &&Problem| problem.field.starts_with("price_") || problem.field == "from";
    let has_focus = problems.iter().find(has_field).map_or(is_first, |problem| problem.field == name);
    html! {
        input.number id=(name) name=(name) value=(value) inputmode="numeric" maxlength="14" autocomplete="off"
            autofocus[has_focus] aria-invalid=[invalid] aria-describedby=[why];
    }
}

/// From which day on: empty is today.
pub fn from_field(value: &str, today: Day, problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong("from", problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let has_focus = problems.first().is_some_and(|problem| problem.field == "from");
    let value = if value.is_empty() { today.slashed() } else { value.to_owned() };
    html! {
        label.from-day { "從 " input.day name="from" value=(value) maxlength="20" autocomplete="off" autofocus[has_focus] aria-invalid=[invalid] aria-describedby=[why]; " 起" }
        (self::why("from", problems))
    }
}

/// What is wrong with `name`, where its field stands.
pub fn why(name: &str, problems: &[Problem]) -> Markup {
    html! {
        @for problem in problems.iter().filter(|problem| problem.field == name) {
            span.problem id={ "why-" (name) } { (problem.say) }
        }
    }
}

/// What is wrong with a form, above it.
pub fn problems(problems: &[Problem]) -> Markup {
    html! {
        @if !problems.is_empty() { (ui::refuse(&crate::error::Error::Invalid(problems.to_vec()).user_message())) }
    }
}

/// The button that takes back a price that has not been the past yet.
pub fn withdraw(req: &Request, customer: Option<CustomerId>, product: ProductId, price: Dated) -> Markup {
    html! {
        form.inline method="post" action="/products/prices/withdraw" {
            (ui::csrf_field(req))
            @if let Some(customer) = customer { input type="hidden" name="customer" value=(customer); }
            input type="hidden" name="product" value=(product);
            input type="hidden" name="from" value=(price.from);
            input type="hidden" name="was" value=[price.unit.map(|unit| unit.0)];
            button.button { "收回" }
        }
    }
}

/// What a change would do, before it is done.
pub fn preview(preview: &Preview, change: &Change, customer: Option<&str>, today: Day) -> Markup {
    let is_free = preview.rows.iter().any(|row| row.after == Some(Ntd(0)));
    html! {
        div.head { div {
            h1 {
                @if let Some(name) = customer { (name) "：" }
                (when(change.from, today)) "起改 " (preview.rows.len()) " 個價格"
            }
            p { "送貨日從 " (change.from.beside(today)) " 起的新單照新的價。" @if let Some(name) = customer { "只有" (name) "。" } }
        } }
        @if is_free { (ui::warn("有一個價是 0：開單不收錢。")) }
        (rows_view(preview, change, today))
        (orders_view(&preview.open_lines, change, today))
    }
}

fn when(from: Day, today: Day) -> String {
    if from == today { "今天".to_owned() } else { format!("{} ", from.beside(today)) }
}

fn rows_view(preview: &Preview, change: &Change, today: Day) -> Markup {
    let is_own = change.customer.is_some();
    html! {
        div.scroll {
            table.list.folds {
                caption.unseen { "會改的價格" }
                thead { tr {
                    th scope="col" { "產品" }
                    @if is_own { th.number scope="col" { "一般價" } }
                    th.number scope="col" { @if is_own { "自己的價" } @else { "原來" } }
                    th.number scope="col" { "改成" }
                    th.number scope="col" { "差" }
                    @if !is_own { th.rest scope="col" { "誰的價會變" } }
                } }
                tbody { @for row in &preview.rows { (row_view(row, is_own, today)) } }
            }
        }
        @if !is_own {
            p.soft.small { "「誰的價會變」是現場有這種瓶，或 " (TAKEN_WITHIN_DAYS) " 天內訂過的客戶。" }
        }
    }
}

fn row_view(row: &Row, is_own: bool, today: Day) -> Markup {
    // What is paid before and after, wherever it comes from.
    let (before, after) = if is_own { (row.before.or(row.standard), row.after.or(row.standard)) } else { (row.before, row.after) };
    html! {
        tr {
            th scope="row" {
                (row.product.name) " " span.soft.small { "元／" (row.product.unit()) }
                @if let Some(replaced) = row.replaced.filter(|replaced| replaced.from != today) {
                    small { "代替原來排在那天的 " (said(replaced.unit)) }
                }
                @if let Some(next) = row.next { small { "已排好的 " (dated(next, today)) " 照舊" } }
            }
            @if is_own { td.number data-label="一般價" { (price(row.standard)) } }
            td.number data-label=(if is_own { "自己的價" } else { "原來" }) { (price(row.before)) }
            td.number data-label="改成" { @match row.after { Some(_) => (price(row.after)), None => { b { "一般價" } } } }
            td.number data-label="差" { (difference(before, after)) }
            @if !is_own { td { (payers_view(row)) } }
        }
    }
}

fn said(unit: Option<Ntd>) -> String {
    unit.map_or_else(|| "一般價".to_owned(), Ntd::bare)
}

fn difference(before: Option<Ntd>, after: Option<Ntd>) -> Markup {
    let (Some(before), Some(after)) = (before, after) else { return ui::none() };
    let by = after - before;
    let sign = if 0 < by.0 { "+" } else { "" };
    let percent = if before.0 == 0 { None } else { Some(by.0 * 100 / before.0) };
    html! {
        (sign) (by.bare())
        @if let Some(percent) = percent.filter(|percent| LARGE_PERCENT < percent.abs()) {
            " " span.badge.late { (if 0 < percent { "多 " } else { "少 " }) (percent.abs()) "%" }
        }
    }
}

fn payers_view(row: &Row) -> Markup {
    let own: Vec<(CustomerId, String)> = row.own.iter().map(|own| (own.customer, own.short_name.clone())).collect();
    html! {
        @if row.payers.is_empty() { "還沒有客戶在用。" } @else { b { (ui::count(row.payers.len() as i64)) " 位" } "：" (names_view(&row.payers)) }
        @if !own.is_empty() { small { "自己有價、不變的 " (ui::count(own.len() as i64)) " 位：" (names_view(&own)) } }
    }
}

fn names_view(customers: &[(CustomerId, String)]) -> Markup {
    html! {
        @for (at, (id, name)) in customers.iter().take(NAMES).enumerate() { @if 0 < at { "、" } a href={ "/customers/" (id) } { (name) } }
        @if NAMES < customers.len() { " …" }
    }
}

/// Those that go out once the new price holds come first: they are the ones somebody might ask about.
fn orders_view(lines: &[OpenLine], change: &Change, today: Day) -> Markup {
    let is_own = change.customer.is_some();
    let is_after = |line: &&OpenLine| change.from <= line.scheduled_on;
    let orders = |is_meant: &dyn Fn(&&OpenLine) -> bool| {
        lines.iter().filter(is_meant).map(|line| line.order).collect::<std::collections::BTreeSet<_>>().len() as i64
    };
    let kept = orders(&|line| line.unit.is_some());
    let kept_after = orders(&|line| line.unit.is_some() && is_after(line));
    let waiting = orders(&|line| line.unit.is_none());
    let sorted = lines.iter().filter(is_after).chain(lines.iter().filter(|line| !is_after(line)));
    if lines.is_empty() {
        return html! { p { "未送的訂單裡沒有" @if is_own { "這位客戶的" } "這些產品。" } };
    }
    html! {
        section.stack aria-labelledby="h-orders" {
            h2 #h-orders {
                @if kept == 0 { "沒有訂單要照原來的價" } @else { (ui::count(kept)) " 張未送的訂單照原來的價，不會變" }
            }
            @if 0 < kept_after && today < change.from { p { "其中 " (ui::count(kept_after)) " 張 " (change.from.beside(today)) " 起才送。" } }
            @if 0 < waiting { p { (ui::count(waiting)) " 張在等價格：確認的時候，照送貨日的價。" } }
                div.scroll {
                    table.list.folds.tight {
                        caption.unseen { "照原來的價的訂單" }
                        thead { tr {
                            th scope="col" { "單號" }
                            @if !is_own { th scope="col" { "客戶" } }
                            th scope="col" { "送貨日" }
                            th scope="col" { "品項" }
                            th.number scope="col" { "單價" }
                        } }
                        tbody {
                            @for line in sorted.take(ORDERS) {
                                tr {
                                    th scope="row" { a href={ "/orders/" (line.order) } { (line.number) } }
                                    @if !is_own { td { (line.short_name) } }
                                    td.keep { (line.scheduled_on.beside(today)) }
                                    td.keep { (line.product_name) " × " (line.qty) }
                                    td.number data-label="單價" { (price(line.unit)) @if line.unit.is_none() { small { "在等價格" } } }
                                }
                            }
                        }
                    }
                }
                @if ORDERS < lines.len() { p.soft.small { "還有 " (ui::count((lines.len() - ORDERS) as i64)) " 筆。" } }
        }
    }
}
