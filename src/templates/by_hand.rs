//! One order of a template, now: on the day the caller says, in the quantities the caller says.

use maud::{Markup, html};
use rusqlite::{Connection, Transaction};

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::desk::Desk;
use crate::orders::read::form_key;
use crate::orders::take::{self, Taken};
use crate::orders::warnings::{Wanted, Warning, warnings};
use crate::orders::{self, Actor, NewLine, Status, slot};
use crate::settings::Settings;
use crate::templates::{Template, form, generate, pages, store};
use crate::ui::{self, FormReader, Typed};
use crate::users::session;
use crate::values::{Day, Ntd, TemplateId, roc, text};

/// What somebody wants made of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub day: Day,
    /// At least one.
    pub lines: Vec<NewLine>,
    /// What one filled-in form is known by when it is sent twice.
    pub form_key: Option<String>,
}

/// `POST /templates/{id}/use` makes a confirmed order; what is refused comes back as it was typed, and so does, once,
/// what is to be minded and was not on the page yet.
pub fn use_now(app: &App, req: &Request) -> Result<Response> {
    let id: TemplateId = req.param("id")?;
    let settings = app.settings();
    let typed = Typed::of(req);

    let (wish, is_minded) = app.db.read(|conn| {
        let template = store::get(conn, id)?;
        let desk = Desk::load(conn, template.customer_id, &settings, req.at)?;
        let wish = read(FormReader::of(&typed), &template, &desk, &settings);
        let is_known = match wish.as_ref().ok().and_then(|wish| wish.form_key.as_ref()) {
            Some(key) => orders::store::find_by_form_key(conn, key)?.is_some(),
            None => false,
        };
        let is_minded = is_known || wish.as_ref().is_ok_and(|wish| are_seen(&typed, &minded(&desk, wish, &settings)));
        Ok((wish, is_minded))
    })?;
    let wish = match wish {
        Ok(wish) if is_minded => wish,
        Ok(_) => return Ok(pages::used_page(app, req, id, &typed, &[])?.status(422)),
        Err(Error::Invalid(problems)) => return Ok(pages::used_page(app, req, id, &typed, &problems)?.status(422)),
        Err(error) => return Err(error),
    };
    let taken = app.db.write(|tx| make(tx, id, &wish, Actor::of(req), &settings)).map_err(|error| by_place(error, &typed));

    match taken {
        Ok((taken, next_on)) => {
            let order = taken.order();
            let next = next_on.map(|day| format!("這就是這次的，下一次 {}。", day.beside(req.at.day()))).unwrap_or_default();
            let said = match &taken {
                Taken::New(_) => format!("已存，{}。{next}", order.short_number()),
                Taken::Again(_) => format!("這張單已經存過了，是 {}。", order.short_number()),
            };
            Ok(Response::see_other(format!("/customers/{}", order.customer_id)).with_notice(&said))
        }
        Err(Error::Invalid(problems)) => Ok(pages::used_page(app, req, id, &typed, &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// Reads the form: `day` as people type it, and for each line of the template `qty_N`, 0 or nothing to leave it out.
/// All problems are told at once; `Conflict` when the lines are not those the form was drawn with.
fn read(mut form: FormReader, template: &Template, desk: &Desk, settings: &Settings) -> Result<Wish> {
    if form.has("items") && form.text("items") != items(template) {
        return Err(Error::conflict("the template has other lines now", "這個範本剛剛改了品項，請打開再看一次。"));
    }
    let day = match form.text("day").as_str() {
        "" => Ok(slot::default_day(desk.now, settings)),
        typed => roc::parse_near(typed, desk.now.day()),
    };
    let mut lines = Vec::with_capacity(template.details.lines.len());
    for (no, line) in (1..).zip(&template.details.lines) {
        let name = format!("qty_{no}");
        let typed = form.text(&name);
        match form::pieces(&typed) {
            Some(qty) => lines.push(NewLine::of(line.product_id, qty)),
            None if is_left_out(&typed) => {}
            None => form.problem(name, "數量要在 1 到 100 之間；0 是這次不要。"),
        }
    }
    if let Err(say) = &day {
        form.problem("day", say.clone());
    }
    let key = form_key(Some(form.text("form_key").as_str()).filter(|key| !key.is_empty()));
    form.check()?;
    if lines.is_empty() {
        return Err(Error::invalid("lines", "還沒有數量。"));
    }
    let day = day.map_err(|say| Error::invalid("day", say))?;
    Ok(Wish { day, lines, form_key: key? })
}

/// What the lines are of, by which a form knows them again.
fn items(template: &Template) -> String {
    let ids: Vec<String> = template.details.lines.iter().map(|line| line.product_id.to_string()).collect();
    ids.join(" ")
}

fn is_left_out(typed: &str) -> bool {
    typed.is_empty() || text::narrow(typed) == "0"
}

/// Makes the order `wish` of template `id`, confirmed, at the prices of its day. On the day for which the night would
/// make the next one it is that one, and the rhythm goes on: then the next day is given. `Conflict` for a template
/// that is stopped, `Invalid` when the order is refused.
pub fn make(tx: &Transaction, id: TemplateId, wish: &Wish, actor: Actor, settings: &Settings) -> Result<(Taken, Option<Day>)> {
    let template = store::get(tx, id)?;
    let desk = Desk::load(tx, template.customer_id, settings, actor.by.at)?;
    let mut new = generate::new_order(&template, &desk.customer, wish.day, actor.by, settings);
    (new.lines, new.form_key) = (wish.lines.clone(), wish.form_key.clone());
    let is_known = match &wish.form_key {
        Some(key) => orders::store::find_by_form_key(tx, key)?.is_some(),
        None => false,
    };
    if template.stopped.is_some() && !is_known {
        return Err(Error::conflict("template is stopped", "這個範本停用了，先恢復再開單。"));
    }
    let taken = take::take(tx, &new, Status::Confirmed, actor, settings)?;
    let Taken::New(order) = &taken else { return Ok((taken, None)) };
    let today = actor.by.at.day();
    let is_next = |day: Day| generate::day_of(&desk.calendar, &desk.customer, day, today) == wish.day;
    let (Some(due), true) = (template.details.next_on, template.details.next_on.is_some_and(is_next)) else {
        store::used(tx, id, order.id, actor.by)?;
        return Ok((taken, None));
    };
    if store::made_for(tx, id, due)?.is_some() {
        store::used(tx, id, order.id, actor.by)?;
        return Ok((taken, None));
    }
    let next_on = generate::made_by_hand(tx, &template, due, order, actor.by)?;
    Ok((taken, next_on))
}

/// A line that was left out moves the others up: what is wrong with a line is told at its place in the form.
fn by_place(error: Error, typed: &Typed) -> Error {
    match error {
        Error::Invalid(problems) => Error::Invalid(placed(problems, typed)),
        other => other,
    }
}

fn placed(problems: Vec<Problem>, typed: &Typed) -> Vec<Problem> {
    let places: Vec<usize> = (1..=take::MOST_LINES).filter(|no| !is_left_out(text::trim(typed.get(&format!("qty_{no}"))))).collect();
    let moved = problems.into_iter().map(|problem| {
        let no = problem.field.strip_prefix("lines.").and_then(|no| no.parse::<usize>().ok());
        match no.and_then(|no| places.get(no - 1)) {
            Some(place) => Problem { field: format!("qty_{place}").into(), say: problem.say },
            None => problem,
        }
    });
    moved.collect()
}

/// What is to be minded about `wish`.
fn minded(desk: &Desk, wish: &Wish, settings: &Settings) -> Vec<Warning> {
    let largest_kg = wish.lines.iter().filter_map(|line| desk.product(line.product_id)?.size_kg()).max();
    warnings(&desk.facts(settings), &Wanted { day: wish.day, window: Some(desk.default_window(wish.day)), largest_kg })
}

fn are_seen(typed: &Typed, warnings: &[Warning]) -> bool {
    warnings.iter().all(|warning| typed.get("seen").split(' ').any(|seen| seen == warning.key))
}

/// The form as the page opens with it.
fn prefilled(template: &Template, desk: &Desk, settings: &Settings) -> Result<Typed> {
    let day = slot::default_day(desk.now, settings);
    let mut typed = Typed::default();
    typed.push("day", short(day));
    typed.push("items", items(template));
    typed.push("form_key", session::new_token()?);
    for (no, line) in (1..).zip(&template.details.lines) {
        typed.push(&format!("qty_{no}"), line.qty.to_string());
    }
    Ok(typed)
}

/// `5/30`, as one types it.
fn short(day: Day) -> String {
    format!("{}/{}", day.month().month(), day.day_of_month())
}

/// The form as it is drawn, with what follows from it.
pub struct Offer {
    typed: Typed,
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
    /// `None` while it cannot be read.
    day: Option<Day>,
    total: Option<Ntd>,
}

impl Offer {
    /// What follows from the form as it was `typed`, or as the page opens with it. A refusal is told before somebody
    /// presses Enter.
    pub fn of(
        conn: &Connection,
        template: &Template,
        desk: &Desk,
        typed: Option<&Typed>,
        problems: &[Problem],
        actor: Actor,
        settings: &Settings,
    ) -> Result<Offer> {
        let typed = match typed {
            Some(typed) => typed.clone(),
            None => prefilled(template, desk, settings)?,
        };
        let mut offer = Offer { typed, problems: problems.to_vec(), warnings: Vec::new(), day: None, total: None };
        let Ok(wish) = read(FormReader::of(&offer.typed), template, desk, settings) else { return Ok(offer) };
        let mut new = generate::new_order(template, &desk.customer, wish.day, actor.by, settings);
        new.lines = wish.lines.clone();
        let (lines, refusals) = take::check(conn, &desk.customer, &new, Status::Confirmed, actor, settings)?;
        if refusals.is_empty() {
            offer.total = Some(take::totals(&lines, new.surcharge, Ntd(0)).total);
        } else if offer.problems.is_empty() {
            offer.problems = placed(refusals, &offer.typed);
        }
        offer.warnings = minded(desk, &wish, settings);
        offer.day = Some(wish.day);
        Ok(offer)
    }

    fn problem(&self, name: &str) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.field == name)
    }
}

/// The form: a count for each line with the caret in the first, the day, and Enter.
pub fn use_view(req: &Request, template: &Template, desk: &Desk, offer: &Offer) -> Markup {
    let names: Vec<String> = (1..=template.details.lines.len()).map(|no| format!("qty_{no}")).collect();
    let wrong = names.iter().position(|name| offer.problem(name).is_some());
    let is_day_wrong = wrong.is_none() && offer.problem("day").is_some();
    let others = offer.problems.iter().filter(|one| one.field != "day" && !names.iter().any(|name| *name == one.field));
    html! {
        form.panel.use-now method="post" action={ "/templates/" (template.id) "/use" } aria-labelledby="h-use" {
            h2 #h-use { "現在開一張" span { (about_line(template, desk, offer)) } }
            (ui::csrf_field(req))
            input type="hidden" name="form_key" value=(offer.typed.get("form_key"));
            input type="hidden" name="items" value=(items(template));
            @for problem in others { (ui::refuse(&problem.say)) }
            @for warning in &offer.warnings { p.warn { span { (warning.say) } em { kbd { "Enter" } " 仍可存" } } }
            @if !offer.warnings.is_empty() {
                input type="hidden" name="seen" value=(offer.warnings.iter().map(|warning| warning.key.as_str()).collect::<Vec<_>>().join(" "));
            }
            div.use-line {
                @for (at, (line, name)) in template.details.lines.iter().zip(&names).enumerate() {
                    @let told = offer.problem(name);
                    label for=(name) { b { (line.product_name) } " ×" }
                    span {
                        input.number.short id=(name) name=(name) value=(offer.typed.get(name)) inputmode="numeric" maxlength="3" autocomplete="off"
                            autofocus[wrong.map_or(at == 0 && !is_day_wrong, |wrong| wrong == at)]
                            aria-invalid=[told.map(|_| "true")] aria-describedby=[told.map(|_| format!("why-{name}"))];
                        @if let Some(problem) = told { small.problem id={ "why-" (name) } { (problem.say) } }
                    }
                }
                label for="day" { "送" }
                span {
                    input.day #day name="day" data-digits="" value=(offer.typed.get("day")) maxlength="20" autocomplete="off" autofocus[is_day_wrong]
                        aria-invalid=[offer.problem("day").map(|_| "true")] aria-describedby="why-day";
                    @match offer.problem("day") {
                        Some(problem) => { small.problem #why-day { (problem.say) } }
                        None => { small.soft #why-day { (day_hint(offer.day, desk.now.day())) } }
                    }
                }
                button.primary { "開單 " kbd { "Enter" } }
            }
        }
    }
}

/// `14–17　月結　急件　NT$1,700`.
fn about_line(template: &Template, desk: &Desk, offer: &Offer) -> String {
    let mut parts = vec![desk.default_window(offer.day.unwrap_or(desk.now.day())).to_string(), template.details.payment.label().to_owned()];
    if template.details.is_urgent {
        parts.push("急件".to_owned());
    }
    parts.extend(offer.total.map(|total| total.to_string()));
    parts.join("　")
}

fn day_hint(day: Option<Day>, today: Day) -> String {
    match day.map(|day| (day, day.days_since(today))) {
        Some((day, 0)) => format!("今天 ({})", day.weekday_label()),
        Some((day, 1)) => format!("明天 ({})", day.weekday_label()),
        Some((day, _)) => day.beside(today),
        None => String::new(),
    }
}
