//! How a customer looks: in a list, in a search, beside a search, on its card.

use maud::{Markup, html};

use crate::customers::card::Card;
use crate::customers::refill::{Basis, Due};
use crate::customers::search::Query;
use crate::customers::{Line, Pricing, State, Vehicle, fields, order_views};
use crate::deliveries::Delivery;
use crate::due::why;
use crate::orders::list_view::badge_view;
use crate::settings::Settings;
use crate::ui;
use crate::values::{Day, cylinders};

const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

// A row of a search.

/// What stands in one row of results, the same as a link on the page and as an option while one types.
pub fn found_view(line: &Line, query: &Query, today: Day) -> Markup {
    let phone = line.phones.iter().find(|phone| query.is_in(&phone.to_string())).or(line.phones.first());
    let is_title_meant = line.invoice_title.as_deref().is_some_and(|title| query.is_in(title) && !query.is_in(&line.short_name));
    html! {
        span { b { (query.mark(&line.short_name)) } "　" span.soft { (query.mark(&line.code)) } }
        small.end.keep { (last_line(line, today)) }
        small {
            @match phone {
                Some(phone) => (query.mark(&phone.to_string())),
                None => span.none { "沒有電話" },
            }
            @if let Some(area) = &line.area { "　" (area) }
            @if is_title_meant { "　" (query.mark(line.invoice_title.as_deref().unwrap_or_default())) }
            @if let Some(address) = &line.address { "　" (query.mark(address)) }
        }
        span.end.low {
            (row_badges(line))
            @if let Some(open) = &line.open { " " (badge_view(open.status, open.attempt_count)) }
        }
    }
}

/// What is still to come, else when gas came last.
fn last_line(line: &Line, today: Day) -> String {
    if let Some(open) = &line.open {
        let on = match open.scheduled_on.days_since(today) {
            0 => "今天".to_owned(),
            1 => "明天".to_owned(),
            _ => open.scheduled_on.beside(today),
        };
        return format!("{on}　{}", open.items);
    }
    match line.last_on {
        None => String::new(),
        Some(on) if line.last_load.is_known() => format!("{}　{}", on.beside(today), line.last_load),
        Some(on) => on.beside(today),
    }
}

/// The one word about a customer that a row must not leave out.
pub fn row_badges(line: &Line) -> Markup {
    html! {
        @if line.state != State::Active { span.badge.off { (line.state.label()) } }
        @else if line.is_walk_in { span.badge { "散客" } }
        @else if line.is_placeholder { span.badge { "暫存" } }
        @else if let Some(kind) = &line.customer_type { span.badge { (kind) } }
    }
}

/// The summary beside the lit row.
pub fn summary_view(card: &Card) -> Markup {
    let details = &card.customer.details;
    html! {
        div {
            strong.phone-no { (details.short_name) }
            br;
            span.soft {
                @if let Some(number) = details.phones.first() { (number.phone.to_string()) "　" }
                (details.payment_terms.label())
            }
        }
        (state_view(card))
        (order_views::summary_open_view(card))
        dl.facts {
            @if let Some(last) = card.deliveries.deliveries.first() {
                dt { "上次" }
                dd { (last.delivered_on.beside(card.today)) " " (brought(card, last).unwrap_or_default()) }
            }
            (order_views::summary_usual_view(card))
            @if let (Some(due), Some(visit)) = (card.due, &card.visit) {
                dt { "應送" }
                dd {
                    (due.next.beside(card.today))
                    @if visit.moved.is_some() { "，公休，提前到 " (visit.on.beside(card.today)) }
                    @if let Some(latest) = due.latest { "，最晚 " (latest.beside(card.today)) }
                }
            }
            @if let Some(stock) = stock_line(card) { dt { "現場" } dd { (stock) } }
            @if details.available_hours != 0 { dt { "收貨" } dd { (fields::hours(details.available_hours)) } }
            @if let Some(closed) = closed_line(card) { dt { "公休" } dd { (closed) } }
            @if let Some(area) = &details.area { dt { "區域" } dd { (area) } }
        }
        @if let Some(note) = &details.access_note { p.soft.small { (note) } }
    }
}

// The card.

pub fn head_view(card: &Card, may_edit: bool) -> Markup {
    let details = &card.customer.details;
    let since = card.span.as_ref().map(|span| format!("{} 起 {} 次", span.first_on.slashed(), ui::count(span.count)));
    let facts: Vec<&str> =
        [details.invoice_title.as_deref().filter(|title| *title != details.short_name), details.customer_type.as_deref(), since.as_deref()]
            .into_iter()
            .flatten()
            .collect();
    html! {
        div.head {
            div {
                h1.who { (details.short_name) " " span.soft { (details.customer_code.to_string()) } }
                @if !facts.is_empty() { p { (facts.join("　·　")) } }
            }
            div.acts {
                @for badge in badges(card) { (badge) }
                a.button href={ "/customers/" (card.customer.id) "/prices" } { "價格" }
                @if may_edit { a.button href={ "/emergencies/new?customer=" (card.customer.id) } data-key="!" { "緊急 " kbd { "!" } } }
                @if may_edit { a.button href={ "/customers/" (card.customer.id) "/edit" } data-key="e" { "改資料 " kbd { "E" } } }
            }
        }
    }
}

fn badges(card: &Card) -> Vec<Markup> {
    let details = &card.customer.details;
    let mut badges = vec![html! { span.badge { (details.payment_terms.label()) } }];
    if details.pricing_method != Pricing::Mixed || card.customer.first_source != "history" {
        badges.push(html! { span.badge { (details.pricing_method.label()) } });
    }
    for (is, label) in [
        (details.has_telemetry, "發報"),
        (details.on_patrol == Some(true), "排巡"),
        (details.is_subscription, "訂閱"),
        (details.same_day_required, "當天送"),
        (details.needs_billing_file, "結帳檔"),
        (card.customer.is_walk_in, "散客帳"),
        (card.customer.is_placeholder, "暫存"),
    ] {
        if is {
            badges.push(html! { span.badge { (label) } });
        }
    }
    if card.customer.state != State::Active {
        badges.push(html! { span.badge.off { (card.customer.state.label()) } });
    }
    badges
}

/// What must be known before anything else is read.
pub fn state_view(card: &Card) -> Markup {
    html! {
        @match card.customer.state {
            State::Active => {},
            State::Terminated => p.refuse { span { b { "這位客戶已解約，不能下單。" } "要恢復請找經理。" } },
            State::Inactive => p.refuse { span { b { "這位客戶已停用，不能下單。" } "要恢復請找經理。" } },
        }
        @if card.customer.is_walk_in { p.tell { span { b { "散客帳：" } "路過的現金客都記在這裡，不算週期，也不排巡。" } } }
    }
}

/// What looks wrong after saving: a line each, and nothing has to be pressed.
pub fn doubts_view(card: &Card) -> Markup {
    html! {
        @for doubt in &card.doubts { (ui::warn(doubt)) }
        @for one in &card.alike {
            p.warn { span { "和 " a href={ "/customers/" (one.id) } { (one.short_name) " " (one.code) } " 同" (one.what) "。同一家的話留一個就好，不同家就不用管。" } }
        }
    }
}

/// `csrf` is the hidden field of those who may add a number.
pub fn contact_view(card: &Card, csrf: Option<&Markup>) -> Markup {
    let details = &card.customer.details;
    html! {
        dl.facts {
            @if let Some(name) = &details.contact_name { dt { "聯絡人" } dd { (name) } }
            @if details.phones.is_empty() {
                dt { "電話" } dd { span.none { "還沒有" } }
            } @else {
                dt { "電話" }
                @for number in &details.phones {
                    dd {
                        a.phone-no href={ "tel:" (number.phone.e164) @if let Some(extension) = &number.phone.extension { ";ext=" (extension) } } {
                            (number.phone.to_string())
                        }
                        @if let Some(label) = &number.label { small { (label) } }
                    }
                }
            }
            @if details.address.is_some() || details.access_note.is_some() {
                dt { "地址" }
                dd {
                    @match &details.address { Some(address) => (address), None => (ui::none()) }
                    @if let Some(note) = &details.access_note { small { (note) } }
                }
            }
            @if details.area.is_some() || details.vehicle_type != Vehicle::Any {
                dt { "區域" }
                dd {
                    @match &details.area { Some(area) => (area), None => "未分區" }
                    "　" span.soft { (details.vehicle_type.label()) }
                }
            }
            @if let Some(tax_id) = &details.tax_id { dt { "統編" } dd { (tax_id) } }
        }
        @if let Some(csrf) = csrf { (add_phone_view(card, csrf)) }
    }
}

fn add_phone_view(card: &Card, csrf: &Markup) -> Markup {
    html! {
        details.more {
            summary { "加電話" }
            form.line-form method="post" action={ "/customers/" (card.customer.id) "/phones" } {
                (csrf)
                label.unseen for="new-phone" { "新的電話" }
                input #new-phone name="phone" type="tel" autocomplete="off" required maxlength="40" placeholder="電話";
                label.unseen for="new-phone-label" { "註記" }
                input #new-phone-label name="phone_label" autocomplete="off" maxlength="40" placeholder="註記：廚房、老闆";
                button { "存這支電話" }
            }
        }
    }
}

pub fn hours_view(card: &Card) -> Markup {
    let details = &card.customer.details;
    let (mask, hour) = (details.available_hours, card.now.hour());
    html! {
        @if mask != 0 {
            ol.hours {
                @for at in 0..12u32 {
                    @let is_open = mask & 1 << at != 0;
                    li class=(if is_open { "open" } else { "shut" }.to_owned() + if hour == at + 8 { " now" } else { "" }) {
                        (at + 8) span.unseen { @if is_open { "點收" } @else { "點不收" } }
                    }
                }
            }
        } @else { p { "沒有說時間，整天都可以試。" } }
        @if let Some(period) = details.time_period { p.small { "希望" b { (period.label()) } "送" } }
        @if details.closed.weekdays != 0 {
            ol.days {
                @for (at, day) in WEEKDAYS.iter().enumerate() {
                    @let is_shut = details.closed.weekdays & 1 << at != 0;
                    li class=[is_shut.then_some("shut")] { (day) @if is_shut { span.unseen { "公休" } } }
                }
            }
        }
        @if let Some(closed) = closed_line(card) { p.soft.small { (closed) "公休" } }
        @if details.same_day_required { p.warn { span { "需要當天送。" @if let Some(note) = &details.same_day_note { (note) } } } }
    }
}

fn closed_line(card: &Card) -> Option<String> {
    let closed = &card.customer.details.closed;
    let days = fields::weekdays(closed.weekdays);
    let parts: Vec<&str> = [days.as_str(), if closed.on_holidays { "國定假日" } else { "" }, closed.text.as_deref().unwrap_or_default()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| parts.join("和"))
}

/// When gas is due, drawn and in words, with the figures for those who doubt.
pub fn due_view(card: &Card, settings: &Settings) -> Markup {
    let figures = &card.figures;
    html! {
        @if let (Some(due), Some(visit)) = (card.due, &card.visit) {
            (runway_view(&due, card.today))
            @if let Some(moved) = why::moved(visit, &card.customer.details.closed, card.today) { p.small { (moved) } }
            p.soft.small { (why_line(&due, card, settings)) }
        } @else if card.deliveries.deliveries.is_empty() {
            p { "還沒有送過，算不出來。" }
        } @else {
            p { "沒有用量，送的次數也不夠，算不出來。" }
        }
        @if figures.daily_kg.is_some() {
            dl.facts.across {
                @if let Some(daily) = figures.daily_kg { div { dt { "每天用" } dd { (kg(daily)) " kg" } } }
                @if let Some(cycle) = figures.cycle_days { div { dt { "週期" } dd { (days(cycle)) " 天" } } }
                @if let Some(slip) = figures.slip_days { div { dt { "可延後" } dd { (days(slip)) " 天" } } }
                @if let Some(margin) = figures.margin_kg { div { dt { "餘裕" } dd { (kg(margin)) " kg" } } }
            }
        }
        @if figures.margin_kg.is_some_and(|margin| margin < 0.0) {
            (ui::warn("備用量的一半不夠用一天，說快沒氣就要當天去。"))
        }
        @if let Some(line) = imported_line(card) { p.soft.small { (line) } }
    }
}

/// The way from the last visit over the next one to the latest, drawn and in words.
pub fn runway_view(due: &Due, today: Day) -> Markup {
    let end = due.latest.unwrap_or(due.next).max(today).max(due.last.plus(1));
    let length = end.days_since(due.last);
    let (left, since) = (due.next.days_since(due.last).clamp(0, length), today.days_since(due.last).clamp(0, length));
    let slip = due.latest.map_or(0, |latest| latest.days_since(due.next)).min(length - left);
    // The black line is a hundred-and-fiftieth of the whole, however long that is.
    let width = (length as f64 / 150.0).max(0.05);
    let at = (since as f64 - width / 2.0).clamp(0.0, length as f64 - width);
    let used = since.min(left);
    html! {
        div.runway {
            p { b { (next_line(due, today)) } @if let Some(latest) = due.latest { "，最晚 " (latest.beside(today)) } }
            svg viewBox={ "0 0 " (length) " 1" } preserveAspectRatio="none" role="img" aria-label={ "上次 " (due.last.beside(today)) "，今天第 " (today.days_since(due.last)) " 天，應送 " (due.next.beside(today)) } {
                rect.used width=(used) height="1" {}
                @if used < left { rect.left x=(used) width=(left - used) height="1" {} }
                @if 0 < slip { rect.slip x=(left) width=(slip) height="1" {} }
                rect.today x={ (format!("{at:.2}")) } width={ (format!("{width:.2}")) } height="1" {}
            }
            ol { li { "上次 " (short(due.last, today)) } li { "黑線是今天，第 " (today.days_since(due.last)) " 天" } li { (short(end, today)) } }
        }
    }
}

/// `10/24` this year, `2024/10/24` otherwise.
pub fn short(day: Day, today: Day) -> String {
    if day.year() == today.year() { day.slashed()[5..].to_owned() } else { day.slashed() }
}

fn next_line(due: &Due, today: Day) -> String {
    let on = due.next.beside(today);
    match due.next.days_since(today) {
        0 => format!("今天 {on} 該送"),
        1 => format!("明天 {on} 該送"),
        late @ ..0 => format!("{on} 就該送了，過了 {} 天", -late),
        _ => format!("{on} 該送"),
    }
}

fn why_line(due: &Due, card: &Card, settings: &Settings) -> String {
    let details = &card.customer.details;
    match due.basis {
        Basis::Consumption => format!(
            "串接 {} kg 用到 {}%，每天 {} kg，可撐 {} 天。",
            details.series_g.unwrap_or_default(),
            kg(settings.usable_fraction * 100.0),
            card.figures.daily_kg.map(kg).unwrap_or_default(),
            due.every
        ),
        Basis::History { deliveries } => format!("沒有用量資料，照最近 {deliveries} 次的間隔，平常 {} 天一次。", due.every),
    }
}

/// What the sheet said, when it says something else than the live figures.
fn imported_line(card: &Card) -> Option<String> {
    let (imported, figures) = (card.customer.imported, card.figures);
    let differs = |said: Option<f64>, live: Option<f64>, by: f64| said.filter(|said| live.is_none_or(|live| by < (live - said).abs()));
    let parts: Vec<String> = [
        differs(imported.cycle_days, figures.cycle_days, 0.5).map(|said| format!("週期 {} 天", days(said))),
        differs(imported.slip_days, figures.slip_days, 0.5).map(|said| format!("可延後 {} 天", days(said))),
        differs(imported.margin_kg, figures.margin_kg, 0.05).map(|said| format!("餘裕 {} kg", kg(said))),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("匯入的表上寫：{}。", parts.join("、")))
}

/// One decimal, with a real minus.
pub fn kg(number: f64) -> String {
    let text = format!("{:.1}", number.abs());
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if number < 0.0 && text != "0" { format!("−{text}") } else { text.to_owned() }
}

/// Whole days, rounded down as the arithmetic uses them.
fn days(number: f64) -> String {
    crate::values::text::thousands(number.floor() as i64)
}

pub fn stock_view(card: &Card) -> Markup {
    let details = &card.customer.details;
    let notes = [
        ("切替器型號", &details.changeover_model),
        ("設備買斷", &details.equipment_owner_note),
        ("場所申報", &details.site_declaration),
        ("排巡備註", &details.patrol_note),
        ("舊系統記", &details.legacy_cylinder_text),
    ];
    html! {
        dl.facts {
            @if !card.held.is_empty() {
                dt { "鋼瓶" }
                @for held in card.held.iter().filter(|held| 0 < held.now()) {
                    dd { b { (held.product_name) " " (pieces(held.now())) } }
                }
                @if card.held.iter().all(|held| held.now() <= 0) { dd { "0 支" } }
            }
            @for (at, text) in details.usage_areas.iter().enumerate() {
                @if let Some(text) = text {
                    dt { @if at == 0 { "串接" } @else { "區域" (["一", "二", "三", "四", "五"][at]) } }
                    dd { (expression_view(text)) @if at == 0 { @if let Some(series) = details.series_g { "　" (series) " kg" } } }
                }
            }
            @if details.usage_areas[0].is_none() { @if let Some(series) = details.series_g { dt { "串接" } dd { (series) " kg" } } }
            @if details.spare_text.is_some() || details.reserve_g.is_some() {
                dt { "備用" }
                dd {
                    @if let Some(text) = &details.spare_text { (expression_view(text)) "　" }
                    @if let Some(reserve) = details.reserve_g { (reserve) " kg" }
                }
            }
            @if !details.equipment.is_empty() { dt { "設備" } dd { (equipment_line(card)) } }
            @for (label, text) in notes {
                @if let Some(text) = text { dt { (label) } dd { (long_view(text)) } }
            }
        }
    }
}

fn equipment_line(card: &Card) -> String {
    let fitted: Vec<String> = card
        .customer
        .details
        .equipment
        .iter()
        .map(|(device, note)| note.as_ref().map_or_else(|| device.label().to_owned(), |note| format!("{}（{note}）", device.label())))
        .collect();
    fitted.join("、")
}

/// 一支 … 十支, then digits: as the shop says it.
fn pieces(qty: i64) -> String {
    const WORDS: [&str; 10] = ["一", "兩", "三", "四", "五", "六", "七", "八", "九", "十"];
    match usize::try_from(qty - 1).ok().and_then(|at| WORDS.get(at)) {
        Some(word) => format!("{word}支"),
        None => format!("{} 支", ui::count(qty)),
    }
}

/// A cylinder expression in words; what is not understood stays as written.
fn expression_view(text: &str) -> Markup {
    let parsed = cylinders::parse(text);
    if !parsed.is_understood {
        return long_view(text);
    }
    let mut parts: Vec<String> = parsed.lots.iter().map(|lot| format!("{}KG {}", lot.size_kg, pieces(i64::from(lot.qty)))).collect();
    parts.extend(parsed.loose.map(|count| pieces(i64::from(count))));
    html! {
        @if let Some(label) = &parsed.label { (label) " " }
        b { (parts.join("、")) }
    }
}

/// Text of an import may be thousands of characters: the first line of it is shown, the rest unfolds.
fn long_view(text: &str) -> Markup {
    const SHORT: usize = 60;
    if text.chars().count() <= SHORT {
        return html! { (text) };
    }
    let head: String = text.chars().take(SHORT).collect();
    html! { details.more { summary { (head) "…" } (text) } }
}

/// What stands there, in one line for the summary.
fn stock_line(card: &Card) -> Option<String> {
    let standing = card.held.iter().filter(|held| 0 < held.now());
    let stock: Vec<String> = standing.map(|held| format!("{} {}", held.product_name, pieces(held.now()))).collect();
    (!stock.is_empty()).then(|| stock.join("、"))
}

/// What a delivery brought, as its order says it or as its row counts it; `None` when nobody knows.
fn brought(card: &Card, delivery: &Delivery) -> Option<String> {
    let ordered = card.behind.get(&delivery.id).map(|behind| behind.items.clone()).filter(|items| !items.is_empty());
    ordered.or_else(|| delivery.load.is_known().then(|| delivery.load.to_string()))
}

pub fn history_view(card: &Card) -> Markup {
    let found = &card.deliveries;
    let has_driver = found.deliveries.iter().any(|delivery| delivery.driver_name.is_some());
    let has_amount = found.deliveries.iter().any(|delivery| card.behind.contains_key(&delivery.id));
    html! {
        table.list.tight {
            thead {
                tr {
                    th scope="col" { "日期" }
                    th scope="col" { "品項" }
                    @if has_driver { th.spare scope="col" { "司機" } }
                    @if has_amount { th.number scope="col" { "金額" } }
                    th.number scope="col" { "間隔" }
                }
            }
            tbody {
                @for (delivery, interval) in found.deliveries.iter().zip(&found.intervals) {
                    tr {
                        th.keep scope="row" { (delivery.delivered_on.beside(card.today)) }
                        td { @match brought(card, delivery) { Some(items) => (items), None => (ui::none()) } }
                        @if has_driver {
                            td.keep.spare { @match &delivery.driver_name { Some(driver) => (driver), None => (ui::none()) } }
                        }
                        @if has_amount {
                            td.number {
                                @match card.behind.get(&delivery.id) {
                                    Some(behind) => a href={ "/orders/" (behind.order) } { @if behind.is_metered { "抄表" } @else { (behind.total.bare()) } },
                                    None => (ui::none()),
                                }
                            }
                        }
                        td.number.soft { @if let Some(interval) = interval { (interval) } }
                    }
                }
            }
        }
        @if found.deliveries.iter().any(|delivery| brought(card, delivery).is_none()) { p.soft.small { "— 是舊資料沒有記，不是 0。" } }
    }
}

/// Who changed it last, where it came from, and the rows it came in.
pub fn origin_view(card: &Card) -> Markup {
    let source = match card.customer.first_source.as_str() {
        "office" => "辦公室建的",
        "clients" => "客戶總表匯入",
        "history" => "歷史檔匯入",
        "legacy" => "舊程式匯入",
        "commercial" => "營業檔匯入",
        "plan" => "計畫表匯入",
        _ => "匯入",
    };
    html! {
        p.soft.small {
            (source)
            @match &card.last_change {
                Some((at, who)) => { "　·　" (who.as_deref().unwrap_or("程式")) " " (at.beside(card.now)) " 改過" },
                None => { "　·　" (card.customer.updated_at.beside(card.now)) },
            }
            @if card.customer.first_source != "office" {
                "　·　" a href={ "/customers/" (card.customer.id) "/sheet" } { "看原始資料" }
            }
        }
    }
}
