//! 今天: what came of his stops, which cylinders went out and came back, the cash to hand in, and 收工.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::cylinders::Balance;
use crate::error::Problem;
use crate::http::Request;
use crate::phone::frame::act_fields;
use crate::phone::route_view::{counter_view, problems_view};
use crate::phone::stop_view::other_view;
use crate::phone::{Visit, Way};
use crate::products::Product;
use crate::routes::{Status, StopStatus};
use crate::ui::{self, Typed};
use crate::values::{Day, Ntd, ProductId};

/// One route of the day with what came of it.
pub struct Trip {
    pub way: Way,
    pub visits: Vec<Visit>,
    /// His last one with this truck: what is on it belongs to none that went before.
    pub is_last: bool,
    /// What the books say is on its truck; nothing when that is on another way by now.
    pub on_truck: Vec<Balance>,
}

impl Trip {
    /// 收工 is still to be said.
    pub fn may_be_wrapped_up(&self) -> bool {
        match self.way.route.status {
            Status::InProgress => true,
            Status::Completed => self.is_last && !self.way.is_wrapped_up,
            Status::Draft | Status::Published | Status::Cancelled => false,
        }
    }
}

/// What stops add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub completed: usize,
    pub failed: usize,
    pub open: usize,
    /// By product, in its order of ids: name, left full, taken empty.
    pub cylinders: BTreeMap<i64, (String, i64, i64)>,
    pub cash: Ntd,
}

impl Sums {
    pub fn of(visits: &[Visit], catalogue: &[Product]) -> Sums {
        let mut sums = Sums::default();
        let is_cylinder = |id: ProductId| catalogue.iter().any(|product| product.id == id && product.size_kg().is_some());
        for visit in visits {
            match visit.stop.status {
                StopStatus::Pending | StopStatus::Arrived => sums.open += 1,
                StopStatus::Failed => sums.failed += 1,
                StopStatus::Skipped => {}
                StopStatus::Completed => {
                    sums.completed += 1;
                    sums.cash = sums.cash + visit.stop.cash.unwrap_or_default();
                    for line in visit.order.lines.iter().filter(|line| is_cylinder(line.product_id)) {
                        let Some(left) = line.delivered else { continue };
                        let sum = sums.cylinders.entry(line.product_id.0).or_insert_with(|| (line.product_name.clone(), 0, 0));
                        sum.1 += left.qty;
                        sum.2 += left.empties;
                    }
                }
            }
        }
        sums
    }
}

/// The whole day. `typed` and `problems` are of the form that was sent for route `sent`, if one was.
pub fn view(req: &Request, trips: &[Trip], catalogue: &[Product], today: Day, sent: Option<(i64, &Typed, &[Problem])>) -> Markup {
    let cash: Ntd = trips.iter().map(|trip| Sums::of(&trip.visits, catalogue).cash).sum();
    html! {
        div.top {
            a.button.back href="/driver" aria-label="返回路線" { "返回" }
            div { h1 { "今天" } span { (today.short()) } }
            a.button.back href="/me" { "設定" }
        }
        @if trips.is_empty() { (ui::empty("今天沒有跑路線", "出發以後，這裡會有總結。")) }
        @if 1 < trips.len() { p.due.no-cash { span { "今天要交現金" } span.money { (cash) } } }
        @for trip in trips {
            @let sums = Sums::of(&trip.visits, catalogue);
            section.trip aria-labelledby={ "trip-" (trip.way.route.id) } {
                h2.inset id={ "trip-" (trip.way.route.id) } { (trip.way.title) "　" small { @if trip.way.route.route_on != today { (trip.way.route.route_on.short()) " " } (trip.way.route.status.label()) } }
                (sums_view(&sums))
                @if trip.may_be_wrapped_up() {
                    @let (typed, problems) = match sent { Some((id, typed, problems)) if id == trip.way.route.id.0 => (typed.clone(), problems), _ => (prefilled(trip, trips), [].as_slice()) };
                    (finish_view(req, trip, &sums, catalogue, &typed, problems))
                }
            }
        }
    }
}

fn sums_view(sums: &Sums) -> Markup {
    html! {
        dl.outcome {
            dt { "送完" } dd { (sums.completed) " 站" }
            dt { "沒送成" } dd { (sums.failed) " 站" }
            @if 0 < sums.open { dt { "還沒" } dd { b { (sums.open) " 站" } } }
            dt { "要交現金" } dd.money { (sums.cash) }
        }
        @if !sums.cylinders.is_empty() {
            table.tally {
                thead { tr { th scope="col" { "桶" } th scope="col" { "放下" } th scope="col" { "收回" } } }
                tbody {
                    @for (name, left, taken) in sums.cylinders.values() { tr { th scope="row" { (name) } td { (left) } td { (taken) } } }
                }
            }
        }
    }
}

/// As the books have it; unloaded unless the truck goes out again.
fn prefilled(trip: &Trip, trips: &[Trip]) -> Typed {
    let mut typed = Typed::default();
    for balance in &trip.on_truck {
        typed.push(&format!("full.{}", balance.product), balance.full.max(0).to_string());
        typed.push(&format!("empty.{}", balance.product), balance.empty.max(0).to_string());
    }
    let goes_again = trips.iter().any(|other| other.way.route.id != trip.way.route.id && other.way.route.status.is_out());
    if !goes_again {
        typed.push("unload", "1");
    }
    typed
}

fn finish_view(req: &Request, trip: &Trip, sums: &Sums, catalogue: &[Product], typed: &Typed, problems: &[Problem]) -> Markup {
    let route = &trip.way.route;
    if 0 < sums.open {
        return html! {
            div.inset { (ui::warn(&format!("還有 {} 站沒有結果，送完或記沒送成才能收工。", sums.open))) }
            div.thumb { a.button.primary href={ "/driver/routes/" (route.id) } { "回路線" } }
        };
    }
    let name = |id: ProductId| catalogue.iter().find(|product| product.id == id).map_or("", |product| product.name.as_str());
    let elsewhere: Vec<Problem> =
        problems.iter().filter(|problem| !matches!(problem.field.as_ref(), "odometer_end_km" | "note")).cloned().collect();
    html! {
        form method="post" action={ "/driver/routes/" (route.id) "/finish" } data-act="" {
            (act_fields(req))
            (problems_view(&elsewhere))
            @if !trip.on_truck.is_empty() {
                label.sure { input type="checkbox" name="unload" value="1" checked[typed.is("unload", "1")]; "車上的桶卸到門市" }
                div.unloading {
                    @for balance in &trip.on_truck {
                        @for (key, what, had) in [("full", "滿桶", balance.full), ("empty", "空桶", balance.empty)] {
                            @let field = format!("{key}.{}", balance.product);
                            (counter_view(&field, what, &format!("{}　應有 {had}", name(balance.product)), typed.get(&field), "numeric"))
                        }
                    }
                }
            }
            @if trip.way.plate.is_some() {
                div.odometer { (number_view("odometer_end_km", "里程（公里，可不填）", typed, problems)) }
            }
            (other_view("note", "補一句（可不填）", 500, typed, problems))
            div.thumb { button.primary { "收工" } }
        }
    }
}

fn number_view(name: &'static str, label: &str, typed: &Typed, problems: &[Problem]) -> Markup {
    let wrong = problems.iter().find(|problem| problem.field == name);
    html! {
        div.inset {
            label for=(name) { (label) }
            input id=(name) name=(name) inputmode="numeric" maxlength="9" autocomplete="off" value=(typed.get(name)) aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| format!("why-{name}"))];
            @if let Some(problem) = wrong { p.refuse id={ "why-" (name) } role="alert" { span { (problem.say) } } }
        }
    }
}
