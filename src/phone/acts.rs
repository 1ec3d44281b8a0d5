//! What a driver does: a form becomes an act of [`crate::stops`], which says what it means and does it once.

use rusqlite::Connection;
use serde_json::Value;

use crate::app::App;
use crate::cylinders;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::meters;
use crate::orders::steps;
use crate::orders::{Actor, DeliveredLine, FailReason};
use crate::phone::stop_view::{self, Sheet};
use crate::phone::{self, AT_THE_DOOR, OTHER, REGULAR, Visit, Way, pages};
use crate::routes::{NOUN, STOP};
use crate::stops::photos::Kind;
use crate::stops::{self, Act, Answer, Completion, Figure, Outcome, Target, Verb};
use crate::ui::{FormReader, Typed};
use crate::values::{Grams, Ntd, ProductId, RouteId, Stamp, StopId, UserId};

/// The most pieces of one thing that are counted on a phone.
const MOST_PIECES: i64 = 999;

/// `POST /driver/routes/{id}/start`: the truck is loaded as its sheet says, or as counted.
pub fn start(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;
    let me = req.session()?.user_id;
    let typed = Typed::of(req);

    let loading = app.db.read(|conn| {
        let way = phone::way(conn, id, me)?;
        pages::loading(conn, &way)
    })?;
    let mut form = FormReader::of(&typed);
    let planned: Vec<(ProductId, i64)> = loading.iter().map(|item| (item.product, item.qty)).collect();
    let counted: Vec<(ProductId, i64)> =
        loading.iter().map(|item| (item.product, pieces(&mut form, &format!("load.{}", item.product), item.qty))).collect();
    let loaded = (counted != planned).then_some(counted);

    match form.check().and_then(|()| apply(app, req, Target::Route(id), &Act::Start { loaded, note: None })) {
        Ok(answer) => Ok(told(format!("/driver/routes/{id}"), &answer)),
        Err(Error::Invalid(problems)) => Ok(pages::route_page(app, req, id, Some((&typed, &problems)))?.status(422)),
        Err(Error::Conflict { say, .. }) => {
            let problems = [Problem { field: "route".into(), say }];
            Ok(pages::route_page(app, req, id, Some((&typed, &problems)))?.status(409))
        }
        Err(error) => Err(error),
    }
}

/// `POST /driver/stops/{id}/arrive`.
pub fn arrive(app: &App, req: &Request) -> Result<Response> {
    let id: StopId = req.id(STOP)?;

    let answer = apply(app, req, Target::Stop(id), &Act::Arrive { note: None })?;

    let stop = format!("/driver/stops/{id}");
    match answer.outcome {
        // Where he stands is plain to see; there is nothing to be told.
        Outcome::Applied => Ok(Response::see_other(stop)),
        Outcome::Conflict => Ok(told("/driver".to_owned(), &answer)),
    }
}

/// `POST /driver/stops/{id}/complete`.
pub fn complete(app: &App, req: &Request) -> Result<Response> {
    let id: StopId = req.id(STOP)?;
    let me = req.session()?.user_id;
    let sheet = app.db.read(|conn| pages::sheet(conn, phone::visit_of_anybody(conn, id)?))?;
    let mut typed = Typed::of(req);
    let has_changed = !typed.get("action_id").is_empty() && !is_of(&sheet, &typed);

    let kept = keep_photo(app, req, &mut typed);
    let done = kept.and_then(|()| if has_changed { Err(changed()) } else { app.db.read(|conn| completion(conn, &sheet, &typed)) });
    match done.and_then(|done| apply(app, req, Target::Stop(id), &Act::Complete(done))) {
        Ok(answer) => Ok(told(after_stop(&sheet.way, me), &by_name(answer, &sheet.visit))),
        Err(Error::Invalid(problems)) => {
            let problems = in_place(&sheet, &typed, problems);
            let typed = if has_changed { stop_view::prefilled(&sheet) } else { typed };
            Ok(pages::stop_page(app, req, id, Some((&typed, &problems)))?.status(422))
        }
        Err(error) => Err(error),
    }
}

/// `GET /driver/stops/{id}/due` with the form's fields: what is to be collected by what stands in it, as `1700`.
pub fn due(app: &App, req: &Request) -> Result<Response> {
    let id: StopId = req.id(STOP)?;
    let me = req.session()?.user_id;
    let typed = Typed(req.query.clone());

    let due = app.db.read(|conn| {
        let sheet = pages::sheet(conn, phone::visit(conn, id, me)?)?;
        let mut form = FormReader::of(&typed);
        let lines = left(&sheet, &mut form);
        due_of(conn, &sheet, &lines)
    })?;

    Ok(Response::text(due.map(|due| due.0.to_string()).unwrap_or_default()))
}

/// `POST /driver/stops/{id}/fail`.
pub fn fail(app: &App, req: &Request) -> Result<Response> {
    let id: StopId = req.id(STOP)?;
    let me = req.session()?.user_id;
    let (way, visit) = app.db.read(|conn| phone::visit_of_anybody(conn, id))?;
    let mut typed = Typed::of(req);

    let kept = keep_photo(app, req, &mut typed);
    let mut form = FormReader::of(&typed);
    let reason = FailReason::from_word(&form.text("reason"));
    if reason.is_none() {
        form.problem("reason", "請選一個原因。");
    }
    let note = form.optional("note", 500);
    let photo = stops::read::picture(&mut form, "photo");
    let failed = kept.and_then(|()| form.check()).and_then(|()| match reason {
        Some(reason) => apply(app, req, Target::Stop(id), &Act::Fail { reason, photo, note }),
        None => Err(Error::invalid("reason", "請選一個原因。")),
    });
    match failed {
        Ok(answer) => Ok(told(after_stop(&way, me), &by_name(answer, &visit))),
        Err(Error::Invalid(problems)) => Ok(pages::fail_page(app, req, id, &typed, &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// `POST /driver/stops/{id}/undo`: the stop is to be made again, its form as it was sent.
pub fn undo(app: &App, req: &Request) -> Result<Response> {
    let id: StopId = req.id(STOP)?;

    let (_, visit) = app.db.read(|conn| phone::visit_of_anybody(conn, id))?;

    let answer = apply(app, req, Target::Stop(id), &Act::Undo { note: None })?;

    Ok(told(format!("/driver/stops/{id}"), &by_name(answer, &visit)))
}

/// `POST /driver/routes/{id}/finish`: the route is over, and what is left on its truck goes back to the shop.
pub fn finish(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;
    let me = req.session()?.user_id;
    let typed = Typed::of(req);
    let (way, on_truck) = app.db.read(|conn| {
        let way = phone::way(conn, id, me)?;
        let on_truck = pages::on_truck(conn, &way)?;
        Ok((way, on_truck))
    })?;
    let mut form = FormReader::of(&typed);
    let odometer_end_km = form.parsed("odometer_end_km", "里程要是數字。", |text| whole(text, 9_999_999));
    let note = form.optional("note", 500);
    let mut count = |key: &str, product: ProductId, had: i64| pieces(&mut form, &format!("{key}.{product}"), had);
    let counted: Vec<(ProductId, i64, i64)> = on_truck
        .iter()
        .map(|balance| (balance.product, count("full", balance.product, balance.full), count("empty", balance.product, balance.empty)))
        .collect();
    let unloads = form.checked("unload");

    let finished = form.check().and_then(|()| {
        let act = Act::Finish { odometer_end_km, note: note.clone() };
        app.db.write(|tx| {
            // A form sent again finds its truck empty.
            let is_first = !phone::way(tx, id, me)?.is_wrapped_up;
            let answer = stops::act(tx, Target::Route(id), &act, number(req), device_at(req), Actor::of(req))?;
            if let (true, true, false, Some(vehicle)) = (is_first, unloads, on_truck.is_empty(), way.route.vehicle_id) {
                cylinders::unload_route(tx, id, vehicle, &counted, note.as_deref(), req.by())?;
            }
            Ok(answer)
        })
    });
    match finished {
        Ok(answer) => Ok(told("/driver/day".to_owned(), &answer)),
        Err(Error::Invalid(problems)) => Ok(pages::day_page(app, req, Some((id, &typed, &problems)))?.status(422)),
        Err(Error::Conflict { say, .. }) => {
            let problems = [Problem { field: "route".into(), say }];
            Ok(pages::day_page(app, req, Some((id, &typed, &problems)))?.status(409))
        }
        Err(error) => Err(error),
    }
}

fn apply(app: &App, req: &Request, target: Target, act: &Act) -> Result<Answer> {
    stops::perform(app, target, act, number(req), device_at(req), Actor::of(req))
}

/// Where no script has sent the picture before, it comes with the form: it is kept, and `typed` names it from then on.
fn keep_photo(app: &App, req: &Request, typed: &mut Typed) -> Result<()> {
    let Some(upload) = req.uploads.iter().find(|upload| upload.field == "photo_file" && 0 < upload.bytes) else { return Ok(()) };
    let kept = stops::api::keep_upload(app, req, Kind::Photo, upload);
    let sha = kept.map_err(|error| match error {
        Error::Invalid(problems) => {
            Error::Invalid(problems.into_iter().map(|problem| Problem { field: "photo".into(), ..problem }).collect())
        }
        error => error,
    })?;
    typed.set("photo", sha);
    Ok(())
}

fn number(req: &Request) -> &str {
    req.form("action_id").unwrap_or_default()
}

/// By the phone's clock; only its script knows it.
fn device_at(req: &Request) -> Option<Stamp> {
    req.form("device_at").and_then(|text| text.parse().ok())
}

/// Where he goes from a stop: on along its route, unless that is not his any more.
fn after_stop(way: &Way, me: UserId) -> String {
    if phone::is_his(&way.route, me) { format!("/driver/routes/{}", way.route.id) } else { "/driver".to_owned() }
}

/// The office knows a stop by its number, who drives there by its name.
fn by_name(answer: Answer, visit: &Visit) -> Answer {
    let Some(rest) = answer.say.strip_prefix(visit.order.short_number()).map(str::trim_start) else { return answer };
    let say = if rest.starts_with(&visit.name) { rest.to_owned() } else { format!("{} {rest}", visit.name) };
    Answer { say, ..answer }
}

/// On to `url`, where what became of the act is said.
fn told(url: String, answer: &Answer) -> Response {
    let warnings = answer.warnings.iter().map(String::as_str);
    let say: String = std::iter::once(answer.say.as_str()).chain(warnings).collect();
    Response::see_other(url).with_notice(&say)
}

/// Whether the form was drawn of the lines the order still has.
fn is_of(sheet: &Sheet, typed: &Typed) -> bool {
    let lines = &sheet.visit.order.lines;
    typed.all("product").map(str::to_owned).eq(lines.iter().map(|line| line.product_id.to_string()))
}

fn changed() -> Error {
    Error::invalid("lines", "辦公室剛改了這張單，數量換成新的了，看一下再按一次。")
}

/// What was handed over, as the form says.
fn completion(conn: &Connection, sheet: &Sheet, typed: &Typed) -> Result<Completion> {
    let mut form = FormReader::of(typed);
    let lines = left(sheet, &mut form);
    let readings = readings(sheet, &mut form);
    let mut handed =
        if sheet.visit.to_collect().is_some() { form.parsed("cash_handed", "收到的錢要是數字。", Ntd::parse) } else { None };
    let recipient = form.optional("recipient", 100);
    let why = form.optional("no_proof", stops::NO_PROOF);
    let note = form.optional("note", 500);
    let (photo, signature) = (stops::read::picture(&mut form, "photo"), stops::read::picture(&mut form, "signature"));
    let is_proven = recipient.is_some() || signature.is_some() || photo.is_some();
    let no_proof = why.or_else(|| match form.text("proof").as_str() {
        reason @ (REGULAR | AT_THE_DOOR) if signature.is_none() && recipient.is_none() => Some(reason.to_owned()),
        _ => None,
    });
    if !is_proven && no_proof.is_none() {
        form.problem("proof", "簽名、拍照，或點一個原因。");
    }
    form.check()?;
    // What the page asked for is what was given: should the pieces have changed since, their price is what counts.
    if handed.is_some() && handed == Ntd::parse(typed.get("cash_due")) {
        handed = due_of(conn, sheet, &lines)?;
    }
    Ok(Completion { lines: Some(lines), readings, cash_handed: handed, cash: None, recipient, no_proof, photo, signature, note })
}

/// What is to be collected when `lines` are left; `None` where nothing is collected. `Invalid` for what cannot be.
fn due_of(conn: &Connection, sheet: &Sheet, lines: &[DeliveredLine]) -> Result<Option<Ntd>> {
    let order = steps::with_left(conn, &sheet.visit.order, lines)?;
    Ok(steps::due_in_cash(&order))
}

/// What was left of each line and came back of it.
fn left(sheet: &Sheet, form: &mut FormReader) -> Vec<DeliveredLine> {
    let mut left = Vec::new();
    for (no, is_cylinder) in (1..).zip(&sheet.is_cylinder) {
        let field = format!("lines.{no}");
        let mut count = |name: String, usual: i64| {
            let text = form.text(&name);
            let count = if text.is_empty() { Some(usual) } else { whole(&text, MOST_PIECES) };
            if count.is_none() {
                form.problem(field.clone(), "數量要是數字。");
            }
            count.unwrap_or_default()
        };
        let qty = count(format!("qty.{no}"), 0);
        let empties = if *is_cylinder { count(format!("empties.{no}"), 0) } else { 0 };
        let text = form.text(&format!("residual.{no}"));
        let residual = if text.is_empty() || !is_cylinder { Some(Grams(0)) } else { Grams::parse_kg(&text) };
        if residual.is_none() {
            form.problem(field, "殘氣要是公斤數，例如 3.5。");
        }
        left.push(DeliveredLine { qty, empties, residual: residual.unwrap_or_default() });
    }
    left
}

fn readings(sheet: &Sheet, form: &mut FormReader) -> Vec<Figure> {
    let mut readings = Vec::new();
    for (meter, _) in &sheet.dials {
        let field = format!("reading.{}", meter.id);
        let text = form.text(&field);
        match meters::parse_figure(&text) {
            Some(value_milli) => {
                readings.push(Figure { meter: meter.id, value_milli, is_sure: form.checked(&format!("sure.{}", meter.id)) });
            }
            None if text.is_empty() => {}
            None => form.problem(field, "讀數要是數字，例如 1234.5。"),
        }
    }
    readings
}

/// The problems of the act at the fields of this page.
fn in_place(sheet: &Sheet, typed: &Typed, problems: Vec<Problem>) -> Vec<Problem> {
    let read: Vec<_> = sheet.dials.iter().filter(|(meter, _)| !typed.get(&format!("reading.{}", meter.id)).is_empty()).collect();
    let place = |problem: Problem| {
        let no: Option<usize> = problem.field.strip_prefix("readings.").and_then(|rest| rest.split('.').next()?.parse().ok());
        let dial = no.and_then(|no| read.get(no.checked_sub(1)?));
        match (dial, problem.field.as_ref()) {
            (Some((meter, _)), _) => Problem { field: format!("reading.{}", meter.id).into(), ..problem },
            (None, "cash_handed_ntd" | "cash_ntd") => Problem { field: "cash_handed".into(), ..problem },
            (None, _) => problem,
        }
    };
    problems.into_iter().map(place).collect()
}

/// A stop that was completed and taken back: its form as it was sent, so that only what was wrong is typed again.
pub fn taken_back(conn: &Connection, sheet: &Sheet) -> Result<Option<Typed>> {
    let Some(kept) = stops::store::deciding(conn, sheet.visit.stop.id)?.filter(|kept| kept.verb == Verb::Complete) else {
        return Ok(None);
    };
    let said = &kept.payload;
    let number = |value: &Value, name: &str| value[name].as_i64().unwrap_or_default();
    let lines = said["lines"].as_array().cloned().unwrap_or_default();
    if lines.len() != sheet.visit.order.lines.len() {
        return Ok(None);
    }
    let mut typed = stop_view::prefilled(sheet);
    for (no, line) in (1..).zip(&lines) {
        typed.set(&format!("qty.{no}"), number(line, "qty_delivered").to_string());
        typed.set(&format!("empties.{no}"), number(line, "empties_returned").to_string());
        typed.set(&format!("residual.{no}"), Grams(number(line, "residual_g")).to_string());
    }
    for reading in said["readings"].as_array().into_iter().flatten() {
        typed.set(&format!("reading.{}", number(reading, "meter_id")), meters::figure(number(reading, "value_milli")));
    }
    if let Some(handed) = said["cash_handed_ntd"].as_i64() {
        typed.set("cash_handed", handed.to_string());
    }
    for name in ["recipient", "no_proof", "note", "photo", "signature"] {
        typed.set(name, said[name].as_str().unwrap_or_default());
    }
    match said["no_proof"].as_str() {
        Some(reason @ (REGULAR | AT_THE_DOOR)) => {
            typed.set("proof", reason);
            typed.set("no_proof", "");
        }
        Some(_) => typed.set("proof", OTHER),
        None if !said["recipient"].is_null() || !said["note"].is_null() => typed.set("proof", OTHER),
        None => {}
    }
    Ok(Some(typed))
}

/// A count of pieces; an empty field is `usual`.
fn pieces(form: &mut FormReader, name: &str, usual: i64) -> i64 {
    let text = form.text(name);
    let count = if text.is_empty() { Some(usual) } else { whole(&text, MOST_PIECES) };
    if count.is_none() {
        form.problem(name.to_owned(), "支數要是 0 到 999 的數字。");
    }
    count.unwrap_or_default()
}

/// A whole number as people type it, full width too; `None` for anything else and beyond `most`.
fn whole(text: &str, most: i64) -> Option<i64> {
    let text = crate::values::text::narrow(text);
    let is_number = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number <= most)
}
