//! 要核對: where two people said different things of one stop, side by side, until somebody of the office has dealt with it.

use maud::{Markup, html};
use rusqlite::Connection;
use serde_json::Value;

use crate::app::App;
use crate::customers;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::meters;
use crate::orders::{self, Actor, DeliveredLine, FailReason, Line, Order};
use crate::routes::{self, Route, Stop};
use crate::stops::{Kept, NOUN, act, store};
use crate::ui::{self, Page, Room, csrf_field};
use crate::users;
use crate::values::{Grams, Ntd, Stamp};

/// One of them, with what stands instead.
struct Clash {
    kept: Kept,
    who: String,
    stop: Stop,
    route: Route,
    order: Order,
    customer: String,
    /// What was applied, and by whom; `None` when the office took the stop off.
    stands: Option<(Kept, String)>,
}

/// `GET /conflicts` lists those that wait, the oldest first.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let clashes = app.db.read(|conn| store::open_conflicts(conn)?.into_iter().map(|kept| load(conn, kept)).collect::<Result<Vec<_>>>())?;

    Ok(Page::new(app, req, "要核對").room(Room::Today).show(list_view(req, &clashes)))
}

fn load(conn: &Connection, kept: Kept) -> Result<Clash> {
    let stop = kept.stop_id.ok_or_else(|| Error::impossible("show a conflict without a stop"))?;
    let stop = routes::store::stop(conn, stop)?;
    let order = orders::store::get(conn, stop.order_id)?;
    let stands = match store::deciding(conn, stop.id)? {
        Some(stands) if !stop.status.is_open() => Some((users::store::get(conn, stands.user_id)?.name, stands)),
        _ => None,
    };
    Ok(Clash {
        who: users::store::get(conn, kept.user_id)?.name,
        route: routes::store::get(conn, stop.route_id)?,
        customer: customers::store::get(conn, order.customer_id)?.details.short_name,
        stands: stands.map(|(name, stands)| (stands, name)),
        kept,
        stop,
        order,
    })
}

/// `POST /conflicts/{id}/settle` says that it is dealt with; nothing else changes.
pub fn settle(app: &App, req: &Request) -> Result<Response> {
    let typed: String = req.param("id")?;
    let id: i64 = typed.parse().map_err(|_| Error::no_such(NOUN, &typed))?;

    app.db.write(|tx| act::settle(tx, id, Actor::of(req)))?;

    Ok(Response::see_other("/conflicts").with_notice("處理好了。"))
}

fn list_view(req: &Request, clashes: &[Clash]) -> Markup {
    html! {
        div.head { div {
            h1 { "要核對" }
            p { "兩邊對同一站說的不一樣。先到的算數，後到的留在這裡；看過、該改的改了，再按「處理好了」。" }
        } }
        @if clashes.is_empty() {
            (ui::empty("沒有要核對的", "兩支手機記了同一站，或辦公室先動過，才會出現在這裡。"))
        }
        @for (no, clash) in (1..).zip(clashes) { (clash_view(req, no, clash)) }
    }
}

fn clash_view(req: &Request, no: usize, clash: &Clash) -> Markup {
    let Clash { kept, order, stop, .. } = clash;
    let heading = format!("h-{}", kept.id);
    html! {
        article.panel aria-labelledby=(heading) {
            h2 id=(heading) {
                a href={ "/orders/" (order.id) } { (order.short_number()) " " (clash.customer) }
            }
            p.soft {
                "路線 " (clash.route.short_number()) "，這一站「" (stop.status.label()) "」，訂單「" (order.status.label()) "」。"
            }
            div.columns.half {
                div {
                    h3 { "算數的" }
                    @match &clash.stands {
                        Some((stands, who)) => (side(who, stands, &said_of(stop, order), req.at)),
                        None => p { "辦公室先動了這一站，司機記的沒有採用。" },
                    }
                }
                div {
                    h3 { "留下來的" }
                    (side(&clash.who, kept, &said(&kept.payload, order), req.at))
                }
            }
            form.acts method="post" action={ "/conflicts/" (kept.id) "/settle" } {
                (csrf_field(req))
                @if no <= 9 {
                    button.primary data-key=(no) { "處理好了 " kbd { (no) } }
                } @else {
                    button.primary { "處理好了" }
                }
            }
        }
    }
}

/// What one of the two said.
fn side(who: &str, kept: &Kept, said: &[(&str, String)], now: Stamp) -> Markup {
    html! {
        dl.facts {
            dt { "誰" } dd { (who) "，" (kept.received_at.beside(now)) @if let Some(at) = kept.device_at { "（手機 " (at.clock()) "）" } }
            dt { "記了" } dd { b { (kept.verb.label()) } }
            @for (name, value) in said { dt { (name) } dd { (value) } }
            @for (name, sha) in [("照片", "photo"), ("簽名", "signature")] {
                @if let Some(sha) = kept.payload[sha].as_str() { dt { (name) } dd { a href={ "/photos/" (sha) } { "看" (name) } } }
            }
        }
    }
}

/// What stands of a stop, in the same words: what was left unsaid was filled in when it was applied.
fn said_of(stop: &Stop, order: &Order) -> Vec<(&'static str, String)> {
    let mut said = Vec::new();
    let mut text = |label: &'static str, value: &Option<String>| said.extend(value.iter().map(|value| (label, value.clone())));
    text("收的人", &stop.recipient);
    text("沒簽收", &stop.no_proof);
    text("備註", &stop.note);
    said.extend(stop.failure_reason.map(|reason| ("原因", reason.label().to_owned())));
    said.extend(order.lines.iter().filter_map(|line| line.delivered.map(|left| ("送到", left_said(line, left)))));
    let money = [("客人給", stop.cash_handed), ("收下", stop.cash)];
    said.extend(money.into_iter().filter_map(|(label, amount)| Some((label, amount?.to_string()))));
    said
}

/// `20KG × 2，空桶 1，退氣 1.5 kg`.
fn left_said(line: &Line, left: DeliveredLine) -> String {
    let gas = if left.residual == Grams(0) { String::new() } else { format!("，退氣 {} kg", left.residual) };
    format!("{} × {}，空桶 {}{gas}", line.product_name, left.qty, left.empties)
}

/// A payload as people say it.
fn said(payload: &Value, order: &Order) -> Vec<(&'static str, String)> {
    let mut said = Vec::new();
    let mut text = |label: &'static str, name: &str| {
        if let Some(value) = payload[name].as_str() {
            said.push((label, value.to_owned()));
        }
    };
    text("收的人", "recipient");
    text("沒簽收", "no_proof");
    text("備註", "note");
    if let Some(reason) = payload["reason"].as_str().and_then(FailReason::from_word) {
        said.push(("原因", reason.label().to_owned()));
    }
    for (line, left) in order.lines.iter().zip(payload["lines"].as_array().into_iter().flatten()) {
        let number = |name: &str| left[name].as_i64().unwrap_or_default();
        let (qty, empties, residual) = (number("qty_delivered"), number("empties_returned"), Grams(number("residual_g")));
        said.push(("送到", left_said(line, DeliveredLine { qty, empties, residual })));
    }
    for reading in payload["readings"].as_array().into_iter().flatten() {
        said.push(("抄表", meters::figure(reading["value_milli"].as_i64().unwrap_or_default())));
    }
    for (label, name) in [("客人給", "cash_handed_ntd"), ("收下", "cash_ntd")] {
        if let Some(amount) = payload[name].as_i64() {
            said.push((label, Ntd(amount).to_string()));
        }
    }
    said
}
