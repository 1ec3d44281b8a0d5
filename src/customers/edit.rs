//! Taking down a new customer, mending an old one, and what happens when two people do so at once.

use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::app::App;
use crate::customers::form_view::form_view;
use crate::customers::pages::MANAGERS;
use crate::customers::store;
use crate::customers::{Area, Customer, Details, NOUN, Number, State, fields, form};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal;
use crate::ui::{self, FormReader, Page, Room, Typed};
use crate::values::phone::Phone;
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
    let made = form::read(FormReader::new(req), None, req, &app.settings()).and_then(|details| {
        app.db.write(|tx| {
            check_area(tx, req)?;
            store::create(tx, &details, req.by())
        })
    });

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
        let mut typed = match form::read(FormReader::new(req), Some(&base), req, &app.settings()) {
            Ok(typed) => typed,
            Err(Error::Invalid(problems)) => return Ok(Outcome::Wrong(Box::new(customer), problems)),
            Err(error) => return Err(error),
        };
        let area = check_area(tx, req);
        if customer.version != version {
            if area.is_err() {
                typed.area = customer.details.area.clone();
            }
            let merged = Box::new(merged(&customer, &base, &typed)?);
            return Ok(Outcome::Stale { customer: Box::new(customer), typed: Box::new(typed), merged, who });
        }
        area?;
        store::update(tx, &customer, &typed, req.by())?;
        Ok(Outcome::Saved)
    });

    let areas = || app.db.read(store::areas);
    match outcome {
        Ok(Outcome::Saved) => Ok(Response::see_other(format!("/customers/{id}?saved=1")).with_notice("已存。")),
        Ok(Outcome::Wrong(customer, problems)) => {
            Ok(edit_page(app, req, &customer, &Typed::of(req), &problems, &areas()?, html! {}).status(422))
        }
        // A code that is another's shows only when it is written, and undoes the write; an area may be gone.
        Err(Error::Invalid(problems)) => {
            let customer = app.db.read(|conn| store::get(conn, id))?;
            let mut typed = Typed::of(req);
            if problems.iter().any(|problem| problem.field == "area") {
                typed.set("area", customer.details.area.clone().unwrap_or_default());
            }
            Ok(edit_page(app, req, &customer, &typed, &problems, &areas()?, html! {}).status(422))
        }
        Ok(Outcome::Stale { customer, typed, merged, who }) => {
            let told = stale_view(&customer, &typed, &merged, who.as_deref(), req);
            Ok(edit_page(app, req, &customer, &Typed(form::pairs(&merged)), &[], &areas()?, told).status(409))
        }
        Err(error) => Err(error),
    }
}

enum Outcome {
    Saved,
    Wrong(Box<Customer>, Vec<Problem>),
    /// Somebody else saved in between: what is now, what was typed, and the typed changes laid over what is now.
    Stale {
        customer: Box<Customer>,
        typed: Box<Details>,
        merged: Box<Details>,
        who: Option<String>,
    },
}

/// `Invalid` when the area chosen in the form has got another name or has been merged since the form was drawn:
/// to take it would bring a mistyped name back to life. Only `area_new` makes an area.
fn check_area(conn: &rusqlite::Connection, req: &Request) -> Result<()> {
    let filled = |name: &str| req.form(name).map(text::trim).filter(|typed| !typed.is_empty());
    match filled("area").filter(|_| filled("area_new").is_none()) {
        Some(name) if !store::is_area(conn, name)? => {
            Err(Error::invalid("area", format!("「{name}」剛剛改了名字或併到別區了，看一下區域對不對再存。")))
        }
        _ => Ok(()),
    }
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
    let (before, who) = journal::changed_since(conn, NOUN, customer.id.0, version)?;
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

// The pages.

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

/// What differs, field by field.
fn stale_view(customer: &Customer, typed: &Details, merged: &Details, who: Option<&str>, req: &Request) -> Markup {
    let (_, kept) = fields::changes(&customer.details, merged);
    let (now, mine) = fields::changes(&customer.details, typed);
    let clash = |(field, value): (&String, &Value)| ui::Clash {
        label: fields::label(field).into(),
        now: html! { (fields::shown(field, value)) },
        typed: kept.contains_key(field).then(|| html! { (fields::shown(field, mine.get(field).unwrap_or(&Value::Null))) }),
    };
    let clashes: Vec<_> = now.iter().map(clash).collect();
    let back = html! { a.button href={ "/customers/" (customer.id) } data-key="Escape" { "用現在的 " kbd { "Esc" } } };
    ui::stale(who.unwrap_or("別人"), &customer.updated_at.beside(req.at), "這位客戶", &clashes, back)
}

/// A code nobody has yet, for those who do not send one.
pub fn free_code(conn: &rusqlite::Connection, prefix: &str) -> Result<CustomerCode> {
    store::next_code(conn, prefix)?
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| Error::invalid("customer_code", "編號用完了，請在設定換一個開頭，或自己填編號。"))
}
