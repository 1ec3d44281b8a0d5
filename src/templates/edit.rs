//! Writing a template down, mending it, stopping it and taking it up again; and what happens when two people do so at once.

use maud::{Markup, html};
use rusqlite::{Connection, Transaction};

use crate::app::App;
use crate::customers;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal;
use crate::orders::desk::Desk;
use crate::orders::{Payment, take};
use crate::templates::form::{self, Ground};
use crate::templates::form_view::{Sheet, days_view, form_view};
use crate::templates::recurrence::Recurrence;
use crate::templates::{Details, NOUN, Stopped, Template, fields, pages, store};
use crate::ui::{self, FormReader, Page, Room, Typed};
use crate::values::{CustomerId, Day, TemplateId};

/// What a form of the customer on `desk` is held against.
pub fn ground(desk: &Desk) -> Ground<'_> {
    Ground { customer: &desk.customer, catalogue: &desk.catalogue, today: desk.now.day() }
}

/// The days that come of the form as it stands.
pub fn days_of(desk: &Desk, typed: &Typed, base: Option<&Details>) -> Markup {
    let today = desk.now.day();
    let mut form = FormReader::of(typed);
    let when = form::when(&mut form, base, today);
    let problems = match form.check() {
        Err(Error::Invalid(problems)) => problems,
        _ => Vec::new(),
    };
    days_view(when.ok_or(&problems), &desk.customer, &desk.calendar, today)
}

/// `GET /templates/new?customer=17` is the form with the customer's usual filled in; without a customer it says where
/// to find one.
pub fn new(app: &App, req: &Request) -> Result<Response> {
    let Some(customer) = req.query("customer").and_then(|id| id.parse().ok()) else { return Ok(whose_page(app, req)) };

    let desk = load(app, req, customer)?;

    let mut typed = Typed::default();
    typed.push("recurrence", Recurrence::Weekly.word());
    typed.push("every", "1");
    typed.push("next_on", req.at.day().plus(1).slashed());
    typed.push("payment_method", Payment::usual(desk.customer.details.payment_terms).word());
    for (product, qty) in desk.usual.iter().flat_map(|usual| &usual.items) {
        typed.push("line_product", product.to_string());
        typed.push("line_qty", qty.to_string());
    }
    Ok(new_page(app, req, &desk, &typed, &[]))
}

fn load(app: &App, req: &Request, customer: CustomerId) -> Result<Desk> {
    app.db.read(|conn| Desk::load(conn, customer, &app.settings(), req.at))
}

/// `POST /templates` writes a new template of the `customer` in the form.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let customer = req.form("customer").and_then(|id| id.parse().ok()).ok_or(Error::BadRequest("the form names no customer"))?;
    if is_look(req) {
        let desk = load(app, req, customer)?;
        return Ok(new_page(app, req, &desk, &Typed::of(req), &[]));
    }

    let made = app.db.write(|tx| {
        let desk = Desk::load(tx, customer, &app.settings(), req.at)?;
        let details = form::read(FormReader::new(req), None, &ground(&desk))?;
        store::create(tx, &desk.customer, &details, req.by())
    });

    match made {
        Ok(id) => Ok(Response::see_other(format!("/templates/{id}")).with_notice("已存，新範本。")),
        Err(Error::Invalid(problems)) => {
            let desk = load(app, req, customer)?;
            Ok(new_page(app, req, &desk, &Typed::of(req), &problems).status(422))
        }
        Err(error) => Err(error),
    }
}

/// `POST /templates/{id}` writes what changed; 409 with both values when somebody else, or the night, was faster.
pub fn save(app: &App, req: &Request) -> Result<Response> {
    let id: TemplateId = req.param("id")?;
    let version = version_of(req)?;
    if is_look(req) {
        return pages::page(app, req, id, &Typed::of(req), &[], html! {});
    }

    let outcome = app.db.write(|tx| {
        let template = store::get(tx, id)?;
        let desk = Desk::load(tx, template.customer_id, &app.settings(), req.at)?;
        let (base, who) = as_it_was(tx, &template, version)?;
        let typed = match form::read(FormReader::new(req), Some(&base), &ground(&desk)) {
            Ok(typed) => typed,
            Err(Error::Invalid(problems)) => return Ok(Outcome::Wrong(problems)),
            Err(error) => return Err(error),
        };
        if template.version != version {
            let merged = Box::new(merged(&template, &base, &typed)?);
            return Ok(Outcome::Stale { template: Box::new(template), typed: Box::new(typed), merged, who });
        }
        store::update(tx, &template, &typed, req.by())?;
        Ok(Outcome::Saved)
    })?;

    match outcome {
        Outcome::Saved => Ok(Response::see_other(format!("/templates/{id}")).with_notice("已存。")),
        Outcome::Wrong(problems) => Ok(pages::page(app, req, id, &Typed::of(req), &problems, html! {})?.status(422)),
        Outcome::Stale { template, typed, merged, who } => {
            let told = stale_view(&template, &typed, &merged, who.as_deref(), req);
            Ok(pages::page(app, req, id, &Typed(form::pairs(&merged)), &[], told)?.status(409))
        }
    }
}

enum Outcome {
    Saved,
    Wrong(Vec<Problem>),
    /// Somebody else saved in between: what is now, what was typed, and the typed changes laid over what is now.
    Stale {
        template: Box<Template>,
        typed: Box<Details>,
        merged: Box<Details>,
        who: Option<String>,
    },
}

/// The version the form was drawn from.
fn version_of(req: &Request) -> Result<i64> {
    req.form("version").and_then(|version| version.parse().ok()).ok_or(Error::BadRequest("the form has no version"))
}

/// Without script: the button that only looks at the days, and saves nothing.
fn is_look(req: &Request) -> bool {
    req.form("look").is_some()
}

/// `template` as it stood at `version`, as far as the journal tells, and who changed it since.
fn as_it_was(conn: &Connection, template: &Template, version: i64) -> Result<(Details, Option<String>)> {
    if version == template.version {
        return Ok((template.details.clone(), None));
    }
    let (before, who) = journal::changed_since(conn, NOUN, template.id.0, version)?;
    let base = fields::patched(&template.details, &before).ok_or_else(|| Error::impossible("read how a template stood"))?;
    Ok((base, who))
}

/// What was typed, laid over what is now: only the fields that were changed in the form.
fn merged(template: &Template, base: &Details, typed: &Details) -> Result<Details> {
    let (_, mine) = fields::changes(base, typed);
    fields::patched(&template.details, &mine).ok_or_else(|| Error::impossible("lay two changes of a template together"))
}

/// `GET /templates/preview` answers the days that come of the form as it stands.
pub fn preview(app: &App, req: &Request) -> Result<Response> {
    let typed = Typed(req.query.clone());
    let customer = typed.get("customer").parse().map_err(|()| Error::BadRequest("the form names no customer"))?;
    let template: Option<TemplateId> = typed.get("template").parse().ok();

    let (desk, base) = app.db.read(|conn| {
        let base = template.map(|id| store::get(conn, id)).transpose()?;
        Ok((Desk::load(conn, customer, &app.settings(), req.at)?, base))
    })?;

    Ok(Response::html(days_of(&desk, &typed, base.as_ref().map(|base| &base.details))))
}

// In use or not.

/// `POST /templates/{id}/stop` makes no more orders of it.
pub fn stop(app: &App, req: &Request) -> Result<Response> {
    let id: TemplateId = req.param("id")?;
    app.db.write(|tx| stop_by_hand(tx, id, req))?;
    Ok(Response::see_other(format!("/templates/{id}")).with_notice("已停用，不會再開單。"))
}

/// Stops template `id`; a second press finds it done already.
pub fn stop_by_hand(tx: &Transaction, id: TemplateId, req: &Request) -> Result<()> {
    let template = store::get(tx, id)?;
    match template.stopped {
        None => store::stop(tx, &template, Stopped::ByHand, req.by()),
        Some(_) if !template.is_stop_seen => store::mark_seen(tx, id, req.by()),
        Some(_) => Ok(()),
    }
}

/// `POST /templates/{id}/restart` takes it up again, from the next day of its rhythm that is not past.
pub fn restart(app: &App, req: &Request) -> Result<Response> {
    let id: TemplateId = req.param("id")?;

    let next_on = app.db.write(|tx| {
        let template = store::get(tx, id)?;
        if template.stopped.is_none() {
            return Ok(template.details.next_on);
        }
        let customer = customers::store::get(tx, template.customer_id)?;
        if let Some(problem) = take::refused_customer(&customer) {
            return Err(Error::conflict("customer takes no gas", problem.say));
        }
        let next_on = next_from(&template.details, req.at.day())?;
        store::restart(tx, &template, next_on, req.by())?;
        Ok(next_on)
    })?;

    let said = match next_on {
        Some(day) => format!("已恢復，下一次 {}。", day.beside(req.at.day())),
        None => "已恢復。".to_owned(),
    };
    Ok(Response::see_other(format!("/templates/{id}")).with_notice(&said))
}

/// The rhythm goes on where it was; days that are past are left out. `Conflict` when its last day is past.
fn next_from(details: &Details, today: Day) -> Result<Option<Day>> {
    let Some(next_on) = details.next_on else { return Ok(None) };
    let next = details.rhythm.days(Some(next_on), details.end_on).find(|day| today <= *day);
    let over = || Error::conflict("its last day is past", "最後一天已經過了。先把「到哪天」改晚一點或清空，再恢復。");
    next.map(Some).ok_or_else(over)
}

/// `POST /templates/{id}/seen`: the office knows that it stopped.
pub fn seen(app: &App, req: &Request) -> Result<Response> {
    let id: TemplateId = req.param("id")?;

    app.db.write(|tx| if store::get(tx, id)?.is_stop_seen { Ok(()) } else { store::mark_seen(tx, id, req.by()) })?;

    Ok(Response::see_other("/templates"))
}

// The pages.

fn new_page(app: &App, req: &Request, desk: &Desk, typed: &Typed, problems: &[Problem]) -> Response {
    let customer = &desk.customer;
    let back = format!("/customers/{}", customer.id);
    let sheet = Sheet { typed, problems, catalogue: &desk.catalogue, is_new: true };
    let refused = problems.iter().find(|problem| problem.field == "customer");
    Page::new(app, req, "新範本").room(Room::Orders).show(html! {
        div.head {
            div {
                h1.who { "新範本 " span { (customer.details.short_name) } }
                p { "常常一樣的單寫一次，程式照日子自己開。價錢用的時候才算。" }
            }
            p.acts { a.button href=(back) data-key="Escape" { "不存，回客戶 " kbd { "Esc" } } }
        }
        @if let Some(problem) = refused { (ui::refuse(&problem.say)) }
        @else if let Some(problem) = take::refused_customer(customer) { (ui::warn(&problem.say)) }
        @else if !problems.is_empty() { (ui::refuse(&Error::Invalid(problems.to_vec()).user_message())) }
        form.columns.side.sheet-form method="post" action="/templates" data-preview="/templates/preview" {
            (ui::csrf_field(req))
            input type="hidden" name="customer" value=(customer.id);
            div.stack {
                (form_view(&sheet))
                p.acts.form-foot { button.primary { "存範本 " kbd { "Enter" } } }
            }
            aside { (days_panel("接下來五次", &days_of(desk, typed, None))) }
        }
    })
}

/// The days beside the form, with the button that does without script what `data-preview` does.
pub fn days_panel(heading: &str, days: &Markup) -> Markup {
    html! {
        section.panel aria-labelledby="h-days" {
            h2 #h-days { (heading) }
            div data-preview-place="" aria-live="polite" { (days) }
            noscript { p { button name="look" value="1" formnovalidate { "照這樣算日子" } } }
        }
    }
}

fn whose_page(app: &App, req: &Request) -> Response {
    Page::new(app, req, "新範本").room(Room::Orders).show(html! {
        div.head { div { h1 { "新範本" } } p.acts { a.button href="/templates" data-key="Escape" { "回範本 " kbd { "Esc" } } } }
        (ui::empty("先找客戶", "按 / 找到客戶，在客戶那一頁按 T。"))
    })
}

/// What differs, field by field.
fn stale_view(template: &Template, typed: &Details, merged: &Details, who: Option<&str>, req: &Request) -> Markup {
    let (now, mine, kept) = (fields::said(&template.details), fields::said(typed), fields::said(merged));
    let differing = now.into_iter().zip(mine).zip(kept).filter(|((now, mine), _)| now.1 != mine.1);
    let clashes: Vec<_> = differing
        .map(|((now, mine), kept)| {
            let typed = (kept.1 != now.1).then(|| html! { (mine.1) });
            ui::Clash { label: now.0.into(), now: html! { (now.1) }, typed }
        })
        .collect();
    let back = html! { a.button href={ "/templates/" (template.id) } data-key="Escape" { "用現在的 " kbd { "Esc" } } };
    ui::stale(who.unwrap_or("程式"), &template.updated_at.beside(req.at), "這個範本", &clashes, back)
}
