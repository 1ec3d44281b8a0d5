use maud::html;
use percent_encoding::{CONTROLS, utf8_percent_encode};
use rusqlite::Connection;

use crate::app::App;
use crate::customers;
use crate::emergencies;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::page_view::{Asked, Sheet, cancel_view, sheet_view};
use crate::orders::steps::{self, Action, Handed, Move};
use crate::orders::take::{MOST_LINES, copy as take_copy};
use crate::orders::{Actor, CancelReason, DeliveredLine, FailReason, NOUN, Order, read, slot, store, undo};
use crate::products;
use crate::routes::by_order;
use crate::ui::{FormReader, Page, Room};
use crate::users;
use crate::users::sign_in::local_path;
use crate::values::{Grams, OrderId, UserId, text};

/// `GET /orders/{id}` is one order, with what can be done with it now.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    sheet(app, req, req.id(NOUN)?, None)
}

/// The page, with what was just asked of it in vain.
fn sheet(app: &App, req: &Request, id: OrderId, asked: Option<Asked>) -> Result<Response> {
    let sheet = app.db.read(|conn| load(conn, id))?;

    let title = format!("訂單 {} {}", sheet.order.short_number(), sheet.customer.details.short_name);
    let page = Page::new(app, req, &title).room(Room::Orders).new_order(format!("/orders/new?customer={}", sheet.customer.id));
    Ok(page.show(html! {
        div #order .stack data-live="order stop" data-live-customer=(sheet.customer.id) { (sheet_view(&sheet, asked.as_ref(), req)) }
    }))
}

fn load(conn: &Connection, id: OrderId) -> Result<Sheet> {
    let order = store::get(conn, id)?;
    let driver = order.driver_id.map(|driver| users::store::get(conn, driver)).transpose()?;
    let copied_from = order.copied_from.map(|from| store::get(conn, from)).transpose()?;
    Ok(Sheet {
        emergency: emergencies::store::of_order(conn, id)?.map(|one| one.id),
        customer: customers::store::get(conn, order.customer_id)?,
        steps: store::history(conn, id)?,
        drivers: users::store::drivers(conn)?,
        driver: driver.map(|driver| driver.name),
        place: place_of(conn, id)?,
        metered: products::store::catalogue(conn)?.iter().filter(|product| product.is_metered()).map(|product| product.id).collect(),
        copies: store::copies_of(conn, id)?,
        copied_from: copied_from.map(|from| (from.id, from.number)),
        order,
    })
}

/// Where it stands on a route, with who drives that.
fn place_of(conn: &Connection, id: OrderId) -> Result<Option<(by_order::Place, Option<String>)>> {
    let Some(place) = by_order::place(conn, id)? else { return Ok(None) };
    let driver = place.route.driver_id.map(|driver| users::store::get(conn, driver)).transpose()?;
    Ok(Some((place, driver.map(|driver| driver.name))))
}

// Each step: what it needs is read from the form, what became of it is said on the page of the order.

/// `POST /orders/{id}/confirm` says that somebody has looked at it.
pub fn confirm(app: &App, req: &Request) -> Result<Response> {
    let done = |order: &Order| format!("已確認 {}。", order.short_number());
    step(app, req, Action::Confirm, |_, _| Move::Confirm, done)
}

/// `POST /orders/{id}/assign` gives it to a driver.
pub fn assign(app: &App, req: &Request) -> Result<Response> {
    // Nobody is number 0.
    let driver = |form: &mut FormReader| Move::Assign(form.parsed("driver", "", |text| text.parse().ok()).unwrap_or(UserId(0)));
    step(
        app,
        req,
        Action::Assign,
        |form, _| driver(form),
        |order| {
            let is_told = order.status.is_given();
            if is_told {
                format!("{} 已經派出去了。", order.short_number())
            } else {
                format!("{} 排進路線了，還是草稿。", order.short_number())
            }
        },
    )
}

/// `POST /orders/{id}/unassign` takes it back from its driver.
pub fn unassign(app: &App, req: &Request) -> Result<Response> {
    step(app, req, Action::Unassign, |_, _| Move::Unassign, |order| format!("{} 收回來了，還沒派。", order.short_number()))
}

/// `POST /orders/{id}/start` says for a driver that he is on his way.
pub fn start(app: &App, req: &Request) -> Result<Response> {
    let start = |form: &mut FormReader| Move::Start { note: form.optional("note", read::NOTES) };
    step(app, req, Action::Start, |form, _| start(form), |order| format!("{} 在路上了。", order.short_number()))
}

/// `POST /orders/{id}/deliver` says for a driver what was left at the customer.
pub fn deliver(app: &App, req: &Request) -> Result<Response> {
    let deliver = |form: &mut FormReader, _: &Order| {
        let lines = (1..=MOST_LINES).take_while(|no| form.has(&format!("qty_{no}"))).count();
        Move::Deliver(Handed {
            lines: (1..=lines).map(|no| delivered_line(form, no)).collect(),
            recipient: form.optional("recipient", read::CONTACT_NAME),
            no_proof: form.optional("no_proof", read::NOTES),
            note: form.optional("note", read::NOTES),
            ..Handed::default()
        })
    };
    step(app, req, Action::Deliver, deliver, |order| format!("{} 已送達。", order.short_number()))
}

/// Of one line, as people type figures; what is no figure is a problem of the line.
fn delivered_line(form: &mut FormReader, no: usize) -> DeliveredLine {
    let text = |name: &str| text::narrow(&form.text(&format!("{name}_{no}")));
    let count = |text: &str| text.parse::<i64>().ok().filter(|count| (0..1_000_000).contains(count));
    let (qty, empties, residual) = (count(&text("qty")), count(&text("empties")), text("residual"));
    let residual = if residual.is_empty() { Some(Grams(0)) } else { Grams::parse_kg(&residual) };
    if qty.is_none() || empties.is_none() || residual.is_none() {
        form.problem(format!("lines.{no}"), "數量和空桶要寫數字，退氣寫公斤。");
    }
    DeliveredLine { qty: qty.unwrap_or(0), empties: empties.unwrap_or(0), residual: residual.unwrap_or_default() }
}

/// `POST /orders/{id}/fail` says for a driver that he comes back with it.
pub fn fail(app: &App, req: &Request) -> Result<Response> {
    let fail = |form: &mut FormReader| Move::Fail { reason: fail_reason(form), note: form.optional("note", read::NOTES) };
    step(app, req, Action::Fail, |form, _| fail(form), |order| format!("{} 沒送成，等著改約。", order.short_number()))
}

fn fail_reason(form: &mut FormReader) -> FailReason {
    form.parsed("reason", "沒有這個原因。", FailReason::from_word).unwrap_or_else(|| {
        if form.text("reason").is_empty() {
            form.problem("reason", "請選一個原因。");
        }
        FailReason::Other
    })
}

/// `POST /orders/{id}/copy` takes what a cancelled order promised once more, for the next default day.
pub fn copy(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let settings = app.settings();
    let form_key = read::form_key(req.form("form_key"))?;
    let day = slot::default_day(req.at, &settings);

    match app.db.write(|tx| take_copy(tx, id, day, form_key, Actor::of(req), &settings)) {
        Ok(taken) => {
            let order = taken.order();
            let said = format!("已存，{}。{}。", order.short_number(), order.scheduled_on.short());
            undo::done(app, req, format!("/orders/{}", order.id), &said)
        }
        Err(error) => again(app, req, id, None, error),
    }
}

fn step(
    app: &App,
    req: &Request,
    action: Action,
    wanted: impl FnOnce(&mut FormReader, &Order) -> Move,
    done: impl FnOnce(&Order) -> String,
) -> Result<Response> {
    let id = req.id(NOUN)?;
    let outcome = take_step(app, req, id, wanted);

    match outcome {
        Ok(order) => undo::done(app, req, back_to(req, id), &done(&order)),
        Err(error) => again(app, req, id, Some(action), error),
    }
}

/// Where the form stood, when it says so; else the order.
fn back_to(req: &Request, id: OrderId) -> String {
    match req.form("back") {
        Some(back) => utf8_percent_encode(local_path(back), CONTROLS).to_string(),
        None => format!("/orders/{id}"),
    }
}

fn take_step(app: &App, req: &Request, id: OrderId, wanted: impl FnOnce(&mut FormReader, &Order) -> Move) -> Result<Order> {
    let actor = Actor::of(req);
    let version: Option<i64> = req.form("version").and_then(|version| version.parse().ok());
    app.db.write(|tx| {
        let order = steps::seen(tx, id, actor)?;
        let mut form = FormReader::new(req);
        let step = wanted(&mut form, &order);
        if steps::is_done(tx, &order, step.action(), version, actor)? {
            return Ok(order);
        }
        // Where it cannot lead any more, nobody is asked to mend the form.
        by_order::check(tx, &order, step.action(), actor)?;
        form.check()?;
        by_order::act(tx, &order, version, req.form("seen").and_then(by_order::seen), &step, actor)
    })
}

/// The page as it stands now, with the reason why not; other errors have their own page.
pub(super) fn again(app: &App, req: &Request, id: OrderId, action: Option<Action>, error: Error) -> Result<Response> {
    let status = error.status();
    match error {
        Error::Invalid(_) | Error::Conflict { .. } => {
            let say = error.user_message().into_owned();
            let problems = if let Error::Invalid(problems) = error { problems } else { Vec::new() };
            Ok(sheet(app, req, id, Some(Asked { action, say, problems }))?.status(status))
        }
        error => Err(error),
    }
}

/// `GET /orders/{id}/cancel` asks why.
pub fn cancel_form(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let sheet = app.db.read(|conn| load(conn, id))?;

    if let Some(error) = steps::settled(&sheet.order) {
        return again(app, req, id, None, error);
    }
    if !steps::may(&sheet.order, Action::Cancel, Actor::of(req)) {
        return Err(Error::Forbidden);
    }
    Ok(cancel_page(app, req, &sheet, &[]))
}

/// `POST /orders/{id}/cancel` takes it off the day's work.
pub fn cancel(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let wanted = |form: &mut FormReader, _: &Order| {
        let reason = form.parsed("reason", "沒有這個原因。", CancelReason::from_word);
        if reason.is_none() && form.text("reason").is_empty() {
            form.problem("reason", "請選一個原因。");
        }
        Move::Cancel { reason: reason.unwrap_or(CancelReason::Other), note: form.optional("note", read::NOTES) }
    };

    match take_step(app, req, id, wanted) {
        Ok(order) => {
            let reason = order.cancel_reason.map(CancelReason::label).unwrap_or_default();
            let said = format!("已取消 {}（{reason}）。", order.short_number());
            undo::done(app, req, format!("/orders/{id}"), &said)
        }
        Err(Error::Invalid(problems)) => {
            let sheet = app.db.read(|conn| load(conn, id))?;
            Ok(cancel_page(app, req, &sheet, &problems).status(422))
        }
        Err(error) => again(app, req, id, None, error),
    }
}

fn cancel_page(app: &App, req: &Request, sheet: &Sheet, problems: &[Problem]) -> Response {
    let title = format!("取消 {}", sheet.order.short_number());
    Page::new(app, req, &title).room(Room::Orders).show(cancel_view(sheet, problems, req))
}
