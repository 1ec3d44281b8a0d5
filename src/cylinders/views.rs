//! How movements and counts look, on whichever page.

use maud::{Markup, html};

use crate::cylinders::store::Told;
use crate::cylinders::{Place, by_hand};
use crate::error::Problem;
use crate::http::Request;
use crate::ui;
use crate::ui::form::wrong;
use crate::users::Role;
use crate::values::Stamp;

/// Who counts and corrects.
pub const MANAGERS: &[Role] = &[Role::Admin, Role::Manager];
/// Who writes movements.
pub const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// `−2`, with a real minus.
pub fn qty(qty: i64) -> String {
    if qty < 0 { format!("−{}", ui::count(-qty)) } else { ui::count(qty) }
}

/// Movements, the newest first; those by hand with the way back for whoever may.
pub fn history_view(req: &Request, told: &[Told], now: Stamp) -> Markup {
    html! {
        div.scroll {
            table.list.folds {
                caption.unseen { "鋼瓶異動" }
                thead { tr {
                    th scope="col" { "什麼時候" }
                    th scope="col" { "異動" }
                    th scope="col" { "產品" }
                    th.number scope="col" { "支數" }
                    th scope="col" { "從哪到哪" }
                    th scope="col" { "憑什麼" }
                    th scope="col" { "誰" }
                    th scope="col" { span.unseen { "收回" } }
                } }
                tbody { @for one in told { (movement_view(req, one, now)) } }
            }
        }
    }
}

fn movement_view(req: &Request, told: &Told, now: Stamp) -> Markup {
    let movement = &told.movement;
    html! {
        tr {
            td.keep { (movement.at.beside(now)) }
            th.keep scope="row" {
                @if movement.undoes.is_some() { "收回" } (movement.kind.label())
                @if movement.undone_by.is_some() { " " span.badge.off { "已收回" } }
            }
            td.keep { (told.product_name) " " span.soft { (movement.state.label()) } }
            td.number data-label="支數" { b { (ui::count(movement.qty)) } }
            td { (place_view(movement.from, &told.from_name)) " → " (place_view(movement.to, &told.to_name)) }
            td {
                @if let (Some(id), Some(number)) = (movement.order, &told.order_number) {
                    a href={ "/orders/" (id) } { (number.rsplit('-').next().unwrap_or_default()) } " "
                }
                @if let (Some(id), Some(number)) = (movement.route, &told.route_number) {
                    a href={ "/routes/" (id) } { (number) } " "
                }
                @if let Some(note) = &movement.note { (note) }
            }
            td.keep { (told.by.as_deref().unwrap_or("程式")) }
            td {
                @if may_undo(req, told) {
                    form.inline method="post" action={ "/cylinders/movements/" (movement.id) "/undo" } {
                        (ui::csrf_field(req))
                        input type="hidden" name="back" value=(back(req));
                        button.quiet { "收回" span.unseen { "這一筆" } }
                    }
                }
            }
        }
    }
}

fn place_view(place: Place, name: &str) -> Markup {
    html! {
        @match place {
            Place::Customer(id) => a href={ "/customers/" (id) "/cylinders" } { (name) },
            Place::Vehicle(id) => a href={ "/cylinders/movements?place=vehicle:" (id) } { (name) },
            Place::Shop | Place::Supplier | Place::Scrap | Place::Outside => (name),
        }
    }
}

fn may_undo(req: &Request, told: &Told) -> bool {
    let movement = &told.movement;
    let roles = if by_hand::is_managers(movement.kind) { MANAGERS } else { OFFICE };
    by_hand::is_by_hand(movement) && movement.undone_by.is_none() && req.may(roles)
}

/// This page, to come back to it.
fn back(req: &Request) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&req.query).finish();
    if query.is_empty() { req.path.clone() } else { format!("{}?{query}", req.path) }
}

/// A field for a count. The first of a page has the focus unless something is wrong elsewhere.
pub fn qty_input(name: &str, label: &str, value: &str, problems: &[Problem], is_first: bool) -> Markup {
    let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let has_focus = problems.first().map_or(is_first, |problem| problem.field == name);
    html! {
        input.number id=(name) name=(name) value=(value) aria-label=(label) inputmode="numeric" maxlength="7" autocomplete="off"
            autofocus[has_focus] aria-invalid=[invalid] aria-describedby=[why];
        @for problem in problems.iter().filter(|problem| problem.field == name) {
            span.problem id={ "why-" (name) } { (problem.say) }
        }
    }
}

/// The line of a form that says why.
pub fn note_field(label: &str, value: &str, problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong("note", problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let has_focus = problems.first().is_some_and(|problem| problem.field == "note");
    ui::field(
        label,
        "note",
        problems,
        html! {
            input #note name="note" value=(value) maxlength="500" autocomplete="off" autofocus[has_focus]
                aria-invalid=[invalid] aria-describedby=[why];
        },
    )
}

/// What is wrong with the whole form and with no field of it.
pub fn whole_problems(problems: &[Problem]) -> Markup {
    html! { @for problem in problems.iter().filter(|problem| problem.field == "lines") { (ui::refuse(&problem.say)) } }
}
