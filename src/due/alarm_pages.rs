//! 發報輸入: who, when, what was read; Enter twice and gas is on its way.

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::customers::refill::{self, Due, Figures};
use crate::customers::search::Query;
use crate::customers::views::kg;
use crate::customers::{self, Customer, Line as Found};
use crate::deliveries::{self, Place};
use crate::due::alarms::{self, NewAlarm, Outcome, Recorded};
use crate::due::{Alarm, store, views, why};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::usual::{self, Usual};
use crate::orders::{self, Actor, Order, Status, undo};
use crate::products::{self, Product};
use crate::settings::Settings;
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room};
use crate::values::{CustomerId, Day, Stamp, Window, roc};

/// As many as there are digits to choose with.
const FOUND: usize = 9;
/// Alarms below the form.
const LAST: usize = 20;

/// `GET /due/alarms?who=&customer=` asks whose device it is; with `customer`, or when `who` names one alone, what was read.
pub fn form(app: &App, req: &Request) -> Result<Response> {
    let who = req.query("who").unwrap_or_default().trim().to_owned();
    let chosen = req.query("customer").and_then(|id| id.parse().ok());
    let now = req.at;
    let typed = Typed { who, day: now.day().slashed()[5..].to_owned(), time: now.clock(), note: String::new() };
    page(app, req, typed, chosen, &[])
}

/// `POST /due/alarms` writes it down and orders. Without `customer` the text of `who` must name one alone.
pub fn record(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::new(req);
    let typed = Typed { who: form.text("who"), day: form.text("day"), time: form.text("time"), note: form.text("note") };
    let chosen = form.text("customer").parse().ok();
    let at = moment(&mut form, &typed, req.at);
    let note = form.optional("note", 500);
    let found = match chosen {
        Some(customer) => vec![customer],
        None => app.db.read(|conn| named(app, conn, &typed.who))?,
    };
    match found.as_slice() {
        [] => form.problem("who", if typed.who.is_empty() { "請填是哪一家。" } else { "找不到這一家。" }),
        [_] => {}
        _ => form.problem("who", "不只一家，請選一家。"),
    }
    let (Some(at), [customer]) = (at, found.as_slice()) else { return again(app, req, typed, chosen, form.check()) };
    let new = NewAlarm { customer: *customer, at, note };
    if let Err(problems) = form.check() {
        return again(app, req, typed, chosen, Err(problems));
    }

    let recorded = match app.db.write(|tx| alarms::record(tx, &new, Actor::of(req), &app.settings())) {
        Err(Error::Invalid(mut problems)) => {
            problems.iter_mut().filter(|problem| problem.field == "alarmed_at").for_each(|problem| problem.field = "time".into());
            return again(app, req, typed, Some(*customer), Err(Error::Invalid(problems)));
        }
        recorded => recorded?,
    };

    let say = said(&recorded, req.at.day());
    let back = format!("/due?at={customer}#c{customer}");
    Ok(match recorded.outcome {
        Outcome::Ordered(_) => undo::done(app, req, back, &say)?,
        Outcome::Ask(_) => Response::see_other(views::form_url(*customer, Some(req.at.day()), "/due")).with_notice(&say),
        _ => Response::see_other(back).with_notice(&say),
    })
}

/// The form as it was typed, with what is wrong.
fn again(app: &App, req: &Request, typed: Typed, chosen: Option<CustomerId>, problems: Result<()>) -> Result<Response> {
    match problems {
        Err(Error::Invalid(problems)) => Ok(page(app, req, typed, chosen, &problems)?.status(422)),
        other => other.and(Err(Error::BadRequest("the alarm form says nothing"))),
    }
}

/// Day and time of the form, as one moment; what is wrong with either is noted.
fn moment(form: &mut FormReader, typed: &Typed, now: Stamp) -> Option<Stamp> {
    let day = match roc::parse_near(&typed.day, now.day()) {
        Ok(day) => Some(day),
        Err(say) => {
            form.problem("day", say);
            None
        }
    };
    // Midnight ends every window, so any time of day before it begins one.
    let time = Window::between(&typed.time, "24:00").map(Window::start_minute);
    if time.is_none() {
        form.problem("time", "時間請寫成 7:50 或 0750。");
    }
    let (day, minute) = (day?, time?);
    Some(Stamp::taipei(day, u32::from(minute / 60), u32::from(minute % 60)))
}

/// What an alarm led to, in the words of the bar.
pub fn said(recorded: &Recorded, today: Day) -> String {
    let name = &recorded.customer.details.short_name;
    let margin = match recorded.margin_kg {
        Some(margin) => format!("餘裕 {} kg", kg(margin)),
        None => "餘裕算不出來，要不要急請看情形".to_owned(),
    };
    let is_short = recorded.margin_kg.is_some_and(|margin| margin < 0.0);
    match &recorded.outcome {
        Outcome::Ordered(order) if order.status == Status::Pending => {
            format!("發報記下了：{name}，{margin}。還沒有價格，先存成待確認 {}。", views::order_line(order, today))
        }
        Outcome::Ordered(order) => {
            let urgent = if order.is_urgent { "急件 " } else { "" };
            format!("發報記下了：{name}，{margin}。已下單 {urgent}{}。", views::order_line(order, today))
        }
        Outcome::Linked(order) => {
            let hurry = if is_short { "餘裕是負的，今天要送到。" } else { "" };
            format!("發報記下了：{name}，{margin}。已有未送的訂單 {}，沒有再下一張。{hurry}", views::order_line(order, today))
        }
        Outcome::Ask(why) => format!("發報記下了：{name}，{margin}。還沒有下單：{why}"),
        Outcome::Again => format!("{name} 這次發報已經記過了。"),
    }
}

/// The customers `who` may mean, best first, at most nine; one alone when it is a whole code.
pub fn named(app: &App, conn: &Connection, who: &str) -> Result<Vec<CustomerId>> {
    let found = app.finder.find(conn, &Query::new(who), 0, FOUND)?;
    let Some(first) = found.ids.first().copied() else { return Ok(Vec::new()) };
    let is_code = customers::store::get(conn, first)?.details.customer_code.as_str() == who;
    Ok(if is_code { vec![first] } else { found.ids })
}

/// The fields as they stand in the form.
struct Typed {
    who: String,
    day: String,
    time: String,
    note: String,
}

/// All that the page shows.
struct Shown {
    found: Vec<Found>,
    chosen: Option<Chosen>,
    last: Vec<Alarm>,
}

/// The customer whose device it is, and what would be ordered.
struct Chosen {
    customer: Customer,
    figures: Figures,
    due: Option<Due>,
    open: Option<Order>,
    usual: Option<Usual>,
    catalogue: Vec<Product>,
}

fn page(app: &App, req: &Request, typed: Typed, chosen: Option<CustomerId>, problems: &[Problem]) -> Result<Response> {
    let settings = app.settings();
    let shown = app.db.read(|conn| {
        let found = match chosen {
            None if !typed.who.is_empty() => named(app, conn, &typed.who)?,
            _ => Vec::new(),
        };
        let chosen = chosen.or(if let [only] = found.as_slice() { Some(*only) } else { None });
        Ok(Shown {
            found: customers::store::lines(conn, &found)?,
            chosen: chosen.map(|id| choose(conn, id, &settings)).transpose()?,
            last: store::last_alarms(conn, LAST)?,
        })
    })?;

    Ok(Page::new(app, req, "發報輸入").room(Room::Due).show(html! {
        div.head {
            div { h1 { "發報輸入" } p { "設備報低，記下來就會下單。餘裕是負的是急件，今天送。" } }
            p.acts { a.button.quiet href="/due" data-key="Escape" { "回名單 " kbd { "Esc" } } }
        }
        @match &shown.chosen {
            Some(chosen) => (alarm_view(req, chosen, &typed, problems, &settings)),
            None => (who_view(&typed, &shown.found, problems, req.at.day())),
        }
        (last_view(&shown.last, req.at))
    }))
}

fn choose(conn: &Connection, id: CustomerId, settings: &Settings) -> Result<Chosen> {
    let customer = customers::store::get(conn, id)?;
    let figures = Figures::of(customer.details.use_of_gas(), settings);
    let deliveries = deliveries::store::of_customer(conn, id, Place::Newest, 10)?.deliveries;
    let days: Vec<Day> = deliveries.iter().map(|delivery| delivery.delivered_on).collect();
    let catalogue = products::store::catalogue(conn)?;
    Ok(Chosen {
        due: refill::due(&figures, &days).filter(|_| customer.is_visited()),
        open: orders::store::open_of(conn, id)?.into_iter().next(),
        usual: usual::of(conn, &customer, &catalogue)?,
        figures,
        customer,
        catalogue,
    })
}

/// Whose device it is: a name, a code or a number, then one of those found.
fn who_view(typed: &Typed, found: &[Found], problems: &[Problem], today: Day) -> Markup {
    let query = Query::new(&typed.who);
    let problem = wrong("who", problems);
    let is_nobody = !typed.who.is_empty() && found.is_empty() && problems.is_empty();
    html! {
        form.panel action="/due/alarms" {
            (ui::field("哪一家", "who", problems, html! {
                input #who name="who" value=(typed.who) autocomplete="off" maxlength="100" autofocus[found.is_empty()]
                    placeholder="名字、編號、電話末碼" aria-invalid=[problem.as_ref().map(|(yes, _)| yes)] aria-describedby=[problem.as_ref().map(|(_, why)| why)];
            }))
            @if is_nobody { p.refuse { span { "沒有「" (typed.who) "」。再少打一個字試試。" } } }
            p.acts { button.primary { "找 " kbd { "Enter" } } }
        }
        @if 1 < found.len() {
            h2 { "是哪一家？" }
            ol.results data-rows="" aria-label="找到的客戶" {
                @for (at, line) in found.iter().enumerate() {
                    li {
                        a href={ "/due/alarms?customer=" (line.id) } data-row=(at + 1) class=[(at == 0).then_some("here")] aria-current=[(at == 0).then_some("true")] {
                            kbd { (at + 1) } (customers::views::found_view(line, &query, today))
                        }
                    }
                }
            }
        }
    }
}

/// What was read, with what will come of it.
fn alarm_view(req: &Request, chosen: &Chosen, typed: &Typed, problems: &[Problem], settings: &Settings) -> Markup {
    let details = &chosen.customer.details;
    let today = req.at.day();
    let refusal = problems.iter().find(|problem| problem.field == "customer");
    let input = |name: &'static str, label: &str, value: &str, most: u32| {
        let problem = wrong(name, problems);
        ui::field(
            label,
            name,
            problems,
            html! {
                input id=(name) name=(name) value=(value) autocomplete="off" maxlength=(most)
                    aria-invalid=[problem.as_ref().map(|(yes, _)| yes)] aria-describedby=[problem.as_ref().map(|(_, why)| why)];
            },
        )
    };
    html! {
        div.columns.side {
            form.panel method="post" action="/due/alarms" {
                (ui::csrf_field(req))
                input type="hidden" name="customer" value=(chosen.customer.id);
                h2 { (details.short_name) " " span { (details.customer_code.to_string()) } }
                @if let Some(refusal) = refusal { (ui::refuse(&refusal.say)) }
                (margin_view(&chosen.figures, settings))
                @if let Some(open) = &chosen.open {
                    (ui::warn(&format!("已有未送的訂單 {}。發報會記在這張單上，不會再下一張。", views::order_line(open, today))))
                }
                (input("day", "日期", &typed.day, 20))
                (input("time", "時間", &typed.time, 20))
                (input("note", "備註", &typed.note, 500))
                p.acts {
                    button.primary autofocus {
                        @if chosen.open.is_some() { "記下發報 " } @else { "記下發報，下單 " } kbd { "Enter" }
                    }
                    a.button href="/due/alarms" { "換一家" }
                }
            }
            aside.panel aria-label="這一家" {
                dl.facts {
                    @if let Some(number) = details.phones.first() { dt { "電話" } dd { (number.phone.to_string()) } }
                    @if let Some(address) = &details.address { dt { "地址" } dd { (address) } }
                    @if let Some(area) = &details.area { dt { "區域" } dd { (area) } }
                    dt { "慣用" } dd { @match &chosen.usual { Some(usual) => b { (usual.said(&chosen.catalogue)) }, None => (ui::none()) } }
                    @if let Some(due) = chosen.due {
                        dt { "上次" } dd { (due.last.beside(today)) }
                        dt { "應送" } dd { (due.next.beside(today)) @if let Some(latest) = due.latest { "，最晚 " (latest.beside(today)) } }
                    }
                    @if let Some(daily) = chosen.figures.daily_kg { dt { "每天用" } dd { (kg(daily)) " kg" } }
                    @if let Some(reserve) = details.reserve_g { dt { "備用" } dd { (reserve) " kg" } }
                }
                @if !details.has_telemetry { p.soft.small { "這一家的資料上沒有勾「發報」。" } }
            }
        }
    }
}

fn margin_view(figures: &Figures, settings: &Settings) -> Markup {
    html! {
        @match figures.margin_kg {
            Some(margin) if margin < 0.0 => p.warn { span { b { (format!("餘裕 {} kg：{}，急件，今天送。", kg(margin), why::shortfall(settings))) } } },
            Some(margin) => p.tell { span { "餘裕 " b { (kg(margin)) " kg" } "，照一般訂單排。" } },
            None => (ui::warn("沒有用量或備用的數字，餘裕算不出來。急不急請看情形。")),
        }
    }
}

fn last_view(alarms: &[Alarm], now: Stamp) -> Markup {
    html! {
        section.panel {
            h2 { "最近的發報" }
            @if alarms.is_empty() { p { "還沒有記過發報。" } } @else {
                table.list.folds.tight {
                    thead { tr { th scope="col" { "發報" } th scope="col" { "客戶" } th.rest scope="col" { "備註" } th scope="col" { "訂單" } th scope="col" { "誰記的" } } }
                    tbody {
                        @for alarm in alarms {
                            tr {
                                td.keep { (alarm.alarmed_at.beside(now)) }
                                th scope="row" { a href={ "/customers/" (alarm.customer) } { (alarm.customer_name) } }
                                td { @if let Some(note) = &alarm.note { (note) } }
                                td.keep { (order_view(alarm)) }
                                td.keep { (alarm.by.as_deref().unwrap_or("程式")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The order of an alarm, or the way to one.
pub fn order_view(alarm: &Alarm) -> Markup {
    html! {
        @match &alarm.order {
            Some(order) => {
                a href={ "/orders/" (order.id) } { (order.number.rsplit('-').next().unwrap_or_default()) } " "
                span class={ "badge " (order.status.word()) } { (order.status.label()) }
                @if order.is_urgent { " " span.badge.urgent { "急" } }
            },
            None => a href=(views::form_url(alarm.customer, None, "/due/alarms")) { "還沒下單" },
        }
    }
}
