//! What a driver sees of emergencies: where he is sent, large, with 我去 under the thumb; and 我需要幫忙.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::Connection;

use crate::app::App;
use crate::emergencies::create::{self, Made};
use crate::emergencies::pages::DESCRIPTION;
use crate::emergencies::strip::clock_view;
use crate::emergencies::{Kind, Listed, NewEmergency, store};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::Actor;
use crate::orders::read::{ADDRESS, form_key};
use crate::phone::frame;
use crate::routes;
use crate::ui::form::wrong;
use crate::ui::{FormReader, Typed, csrf_field};
use crate::users::session;
use crate::values::{OrderId, StopId, UserId};

/// `GET /driver/emergency` is where he is sent, and what he has asked for himself.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let mut typed = Typed::default();
    typed.push("form_key", session::new_token()?);
    page(app, req, &typed, &[])
}

fn page(app: &App, req: &Request, typed: &Typed, problems: &[Problem]) -> Result<Response> {
    let me = req.session()?.user_id;
    let (all, stops) = app.db.read(|conn| {
        let all = store::of_driver(conn, me)?;
        let stops = all.iter().map(|one| stop_of(conn, one.emergency.order_id)).collect::<Result<Vec<_>>>()?;
        Ok((all, stops))
    })?;

    let (given, own): (Vec<_>, Vec<_>) = all.iter().zip(stops).partition(|(one, _)| one.emergency.driver_id == Some(me));
    Ok(frame::show(
        app,
        req,
        "緊急",
        html! {
            div.top { a.button.back href="/driver" { "返回" } div { h1 { "緊急" } } }
            div #emergency-given data-live="emergency stop" {
                @for (one, stop) in &given { (given_view(one, *stop, req)) }
                @if given.is_empty() { p.inset { "現在沒有派給你的緊急事件。" } }
                @for (one, _) in &own { (own_view(one, me, req)) }
            }
            @if own.is_empty() { (help_view(typed, problems, req)) }
        },
    ))
}

fn stop_of(conn: &Connection, order: Option<OrderId>) -> Result<Option<StopId>> {
    match order {
        Some(order) => Ok(routes::store::held_by(conn, order)?.map(|stop| stop.id)),
        None => Ok(None),
    }
}

/// `POST /driver/emergency` is 我需要幫忙: one sentence, and the shop is alarmed. Sent twice it is one.
pub fn help(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::new(req);
    let new = NewEmergency {
        kind: Kind::DriverEmergency,
        customer: None,
        in_need: Some(req.session()?.user_id),
        description: form.need("description", DESCRIPTION, "寫一句怎麼了，在哪裡。"),
        phone: None,
        address: form.optional("address", ADDRESS),
        contact_name: None,
        lines: Vec::new(),
        driver: None,
        form_key: form_key(Some(&form.text("form_key"))).unwrap_or_default(),
    };
    let made = match form.check() {
        Ok(()) => app.db.write(|tx| create::create(tx, &new, Actor::of(req), &app.settings())),
        Err(error) => Err(error),
    };

    match made {
        Ok(Made::New(_)) => Ok(Response::see_other("/driver/emergency").with_notice("店裡收到了，馬上聯絡你。")),
        Ok(Made::Again(_)) => Ok(Response::see_other("/driver/emergency").with_notice("店裡已經收到了。")),
        Err(Error::Invalid(problems)) => Ok(page(app, req, &Typed::of(req), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// Above every page of his phone: where he is sent and has not said yet that he goes.
pub fn call_view(app: &App, req: &Request) -> Markup {
    let Some(session) = &req.session else { return html! {} };
    if req.path.starts_with("/driver/emergency") {
        return html! {};
    }
    let waiting = app.db.read(|conn| store::of_driver(conn, session.user_id)).unwrap_or_else(|error| {
        log::error!("{error}");
        Vec::new()
    });
    html! { div #emergency-call data-live="emergency" role="alert" {
        @for one in waiting.iter().filter(|one| one.emergency.driver_id == Some(session.user_id) && one.emergency.is_unanswered()) {
            a.emergency-call href="/driver/emergency" { b { "緊急：" (one.emergency.kind.label()) } " " (one.name) span { "看" } }
        }
    } }
}

fn given_view(listed: &Listed, stop: Option<StopId>, req: &Request) -> Markup {
    let one = &listed.emergency;
    let has_answered = one.answered_at.is_some() || one.arrived_at.is_some();
    html! {
        section.emergency-card aria-label=(listed.title()) {
            h2 { (one.kind.label()) }
            p.clock-line { (clock_view(one.created_at, req.at)) @if let Some(target) = one.kind.target_minutes() { " " (target) " 分內到場" } }
            p.who { (listed.name) }
            @if let Some(address) = &one.address { p.where { (address) } }
            p.what { (one.description) }
            div.reach {
                @if let Some(phone) = &one.phone { a.button href={ "tel:" (phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>()) } { "打電話" } }
                @if let Some(address) = &one.address { a.button href={ "geo:0,0?q=" (utf8_percent_encode(address, NON_ALPHANUMERIC)) } { "導航" } }
            }
            @if has_answered {
                p.good { span { b { @if one.arrived_at.is_some() { "到現場了" } @else { "你說：我去" } } } }
                @if let Some(stop) = stop { div.acts { a.button.primary href={ "/driver/stops/" (stop) } { "看這一站" } } }
            } @else {
                div.acts {
                    (answer_view(listed, "0", "我去不了", false, req))
                    (answer_view(listed, "1", "我去", true, req))
                }
            }
        }
    }
}

fn answer_view(listed: &Listed, goes: &str, label: &str, is_primary: bool, req: &Request) -> Markup {
    html! {
        form method="post" action={ "/emergencies/" (listed.emergency.id) "/answer" } {
            (csrf_field(req))
            input type="hidden" name="goes" value=(goes);
            button.primary[is_primary] { (label) }
        }
    }
}

/// What he asked for himself, and whether somebody knows.
fn own_view(listed: &Listed, me: UserId, req: &Request) -> Markup {
    let one = &listed.emergency;
    html! {
        section.emergency-card aria-label="你要的幫忙" {
            h2 { "你要的幫忙" }
            p.clock-line { (clock_view(one.created_at, req.at)) }
            p.what { (one.description) }
            p { b {
                @match (&listed.driver, one.answered_at, &listed.seen_by) {
                    (Some(driver), Some(_), _) => { (driver) "要過去了" },
                    (Some(driver), None, _) => { "店裡派了" (driver) },
                    (None, _, Some(seen)) => { (seen) "知道了" },
                    (None, _, None) => "通知店裡了，等人回應",
                }
            } }
            @if one.in_need == Some(me) { p.soft { "沒事了，打電話給店裡解除。" } }
        }
    }
}

fn help_view(typed: &Typed, problems: &[Problem], req: &Request) -> Markup {
    let (invalid, why) = wrong("description", problems).unzip();
    html! {
        section.emergency-card aria-labelledby="h-help" {
            h2 #h-help { "我需要幫忙" }
            form method="post" action="/driver/emergency" autocomplete="off" {
                (csrf_field(req))
                input type="hidden" name="form_key" value=(typed.get("form_key"));
                label for="description" { "怎麼了，在哪裡" }
                input #description name="description" value=(typed.get("description")) maxlength=(DESCRIPTION) required aria-invalid=[invalid] aria-describedby=[why];
                @for problem in problems.iter().filter(|problem| problem.field == "description") { p.refuse #why-description { span { (problem.say) } } }
                div.acts { button { "通知店裡" } }
            }
        }
    }
}
