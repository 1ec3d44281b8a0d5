//! `/emergencies/new`: what has happened, to whom, and who is sent. A digit says what; then the caller's name or number.

use rusqlite::Connection;

use crate::app::App;
use crate::customers::search::Query;
use crate::customers::{self, Customer};
use crate::due::alarm_pages;
use crate::emergencies::create::{self, Made};
use crate::emergencies::form_view::{Sheet, Whom, form_view, who_view};
use crate::emergencies::pages::DESCRIPTION;
use crate::emergencies::{Kind, NewEmergency, rank};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::form::{read_lines, read_phone};
use crate::orders::read::{ADDRESS, CONTACT_NAME, form_key};
use crate::orders::{Actor, usual};
use crate::settings::Settings;
use crate::ui::{FormReader, Page, Room, Typed};
use crate::users::session;
use crate::values::{CustomerId, UserId};
use crate::{drivers, products};

/// `GET /emergencies/new` asks what has happened and to whom; with `customer`, `walk_in`, a `who` that names one alone or a
/// driver's own, for the rest.
pub fn new(app: &App, req: &Request) -> Result<Response> {
    let kind = req.query("kind").and_then(Kind::from_word);
    let typed_who = req.query("who").unwrap_or_default().trim();

    let drawn = app.db.read(|conn| match whom(app, conn, req, kind, typed_who)? {
        Ok(whom) => {
            let typed = prefilled(conn, req, kind, &whom)?;
            Ok(Ok(load(app, conn, req, whom, typed, Vec::new())?))
        }
        Err(found) => Ok(Err(customers::store::lines(conn, &found)?)),
    })?;

    match drawn {
        Ok(sheet) => Ok(page(app, req, &sheet)),
        Err(found) => {
            let walk_in = req.query("walk_in").is_some();
            let view = who_view(kind, typed_who, &found, &Query::new(typed_who), walk_in, req.at.day());
            Ok(Page::new(app, req, "緊急事件").room(Room::Dispatch).show(view))
        }
    }
}

/// Whom it is about, or those whom `who` may mean.
fn whom(app: &App, conn: &Connection, req: &Request, kind: Option<Kind>, who: &str) -> Result<Result<Whom, Vec<CustomerId>>> {
    if kind == Some(Kind::DriverEmergency) {
        return Ok(Ok(Whom::Driver));
    }
    let chosen = if req.query("walk_in").is_some() {
        customers::store::walk_in_account(conn, &app.settings().walk_in_code)?
    } else {
        req.query("customer").and_then(|id| id.parse().ok())
    };
    let found = match chosen {
        Some(customer) => vec![customer],
        None if who.is_empty() => Vec::new(),
        None => alarm_pages::named(app, conn, who)?,
    };
    match found.as_slice() {
        [only] => Ok(Ok(Whom::Customer(Box::new(customers::store::get(conn, *only)?)))),
        _ => Ok(Err(found)),
    }
}

/// What the record says, and the usual for what is to be delivered.
fn prefilled(conn: &Connection, req: &Request, kind: Option<Kind>, whom: &Whom) -> Result<Typed> {
    let mut typed = Typed::default();
    typed.push("form_key", session::new_token()?);
    if let Some(kind) = kind {
        typed.push("kind", kind.word());
    }
    for (asked, name) in [("phone", "contact_phone"), ("address", "address"), ("name", "contact_name")] {
        if let Some(value) = req.query(asked) {
            typed.push(name, value);
        }
    }
    if let Whom::Customer(customer) = whom
        && !customer.is_walk_in
    {
        let details = &customer.details;
        typed.push("contact_phone", details.phones.first().map(|number| number.phone.to_string()).unwrap_or_default());
        typed.push("address", details.address.clone().unwrap_or_default());
        if kind == Some(Kind::UrgentDelivery) {
            let usual = usual::of(conn, customer, &products::store::catalogue(conn)?)?;
            for (product, qty) in usual.iter().flat_map(|usual| &usual.items) {
                typed.push("product", product.to_string());
                typed.push("qty", qty.to_string());
            }
        }
    }
    Ok(typed)
}

/// `POST /emergencies` takes it down; sent twice it is one.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let settings = app.settings();
    let typed = Typed::of(req);
    let (new, mut problems) = read(&typed, &settings);

    if let (Some(new), true) = (&new, problems.is_empty()) {
        match app.db.write(|tx| create::create(tx, new, Actor::of(req), &settings)) {
            Ok(made) => {
                let say = match made {
                    Made::New(_) => "記下了，通報全店。",
                    Made::Again(_) => "這件已經記過了。",
                };
                return Ok(Response::see_other(format!("/emergencies/{}", made.emergency().id)).with_notice(say));
            }
            Err(Error::Invalid(more)) => problems = more,
            Err(error) => return Err(error),
        }
    }

    let is_driver = typed.get("kind") == Kind::DriverEmergency.word();
    let sheet = app.db.read(|conn| {
        let whom = match typed.get("customer").parse() {
            Ok(customer) if !is_driver => Whom::Customer(Box::new(customers::store::get(conn, customer)?)),
            _ if is_driver => Whom::Driver,
            _ => return Err(Error::invalid("customer", "請填是哪一家，或選散客。")),
        };
        load(app, conn, req, whom, typed, problems)
    })?;
    Ok(page(app, req, &sheet).status(422))
}

/// What the form says; `None` while nobody can say what has happened.
fn read(typed: &Typed, settings: &Settings) -> (Option<NewEmergency>, Vec<Problem>) {
    let mut form = FormReader::of(typed);
    let kind = form.parsed("kind", "沒有這一種。", Kind::from_word);
    if kind.is_none() && form.text("kind").is_empty() {
        form.problem("kind", "先選發生什麼事。");
    }
    let lines = if kind.is_some_and(Kind::takes_lines) { read_lines(typed, &mut form).0 } else { Vec::new() };
    let new = kind.map(|kind| NewEmergency {
        kind,
        customer: form.text("customer").parse().ok(),
        in_need: form.text("in_need").parse().ok(),
        description: form.need("description", DESCRIPTION, "請寫一句發生了什麼事。"),
        phone: read_phone(&mut form, &settings.area_code),
        address: form.optional("address", ADDRESS),
        contact_name: form.optional("contact_name", CONTACT_NAME),
        lines,
        driver: form.text("driver").parse().ok().filter(|driver| *driver != UserId(0)),
        form_key: form_key(Some(&form.text("form_key"))).unwrap_or_default(),
    });
    (new, form.into_problems())
}

fn load(app: &App, conn: &Connection, req: &Request, whom: Whom, typed: Typed, problems: Vec<Problem>) -> Result<Sheet> {
    let customer: Option<&Customer> = match &whom {
        Whom::Customer(customer) => Some(customer),
        Whom::Driver => None,
    };
    Ok(Sheet {
        candidates: rank::candidates(conn, customer.map(|customer| customer.id), None, &app.seen, req.at)?,
        catalogue: products::store::catalogue(conn)?,
        drivers: drivers::store::all(conn)?,
        whom,
        typed,
        problems,
    })
}

fn page(app: &App, req: &Request, sheet: &Sheet) -> Response {
    Page::new(app, req, "緊急事件").room(Room::Dispatch).show(form_view(sheet, req))
}
