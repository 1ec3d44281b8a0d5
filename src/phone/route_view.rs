//! His routes, and one of them: what to load before it starts, then the next stop large and the others below.

use maud::{Markup, html};

use crate::error::Problem;
use crate::http::Request;
use crate::phone::frame::act_fields;
use crate::phone::{Visit, Way, next_of};
use crate::routes::{Status, StopStatus};
use crate::ui::{self, Typed};
use crate::values::{Day, Ntd, ProductId};

/// What one counter of the truck starts at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loading {
    pub product: ProductId,
    pub name: String,
    /// As many as the stops of the route want.
    pub qty: i64,
}

/// All routes there are to be seen today; those of days before stand in red.
pub fn ways_view(ways: &[(Way, [usize; 2])], today: Day) -> Markup {
    html! {
        div.top { div { h1 { "我的路線" } span { (today.short()) } } (settings_view()) }
        @if ways.is_empty() {
            (ui::empty("今天還沒有你的路線", "辦公室排好就會出現在這裡。"))
        } @else {
            ol.queue.ways aria-label="路線" {
                @for (way, [done, all]) in ways {
                    @let is_left = way.route.status.is_out() && way.route.route_on < today;
                    li { a.left[is_left].done[!way.route.status.is_out()] href={ "/driver/routes/" (way.route.id) } {
                        b { (way.title) } span.keep { (state(way, *done, *all)) }
                        small { @if is_left { (way.route.route_on.short()) " 的，還沒收工" } @else { "共 " (all) " 站" @if let Some(plate) = &way.plate { "　" (plate) } } }
                    } }
                }
            }
        }
        div.thumb { a.button href="/driver/day" { "今天" } }
    }
}

fn settings_view() -> Markup {
    html! { a.button.back href="/driver/emergency" { "求助" } a.button.back href="/me" { "設定" } }
}

fn state(way: &Way, done: usize, all: usize) -> String {
    match way.route.status {
        Status::InProgress => format!("剩 {} 站", all - done),
        Status::Published => "還沒出發".to_owned(),
        Status::Draft | Status::Completed | Status::Cancelled => way.route.status.label().to_owned(),
    }
}

/// How many stops have an outcome, and how many there are.
pub fn tally(visits: &[Visit]) -> [usize; 2] {
    let counted = || visits.iter().filter(|visit| visit.stop.status != StopStatus::Skipped);
    [counted().filter(|visit| !visit.stop.status.is_open()).count(), counted().count()]
}

fn head_view(way: &Way, line: &Markup, others: bool) -> Markup {
    html! {
        div.top {
            div { h1 { (way.title) } span { (line) } }
            @if others { a.button.back href="/driver?all=1" { "別條" } }
            a.button.back href="/driver/emergency" { "求助" }
            a.button.back href="/driver/day" { "今天" }
        }
    }
}

/// A route that waits: count what is on the truck, and go.
pub fn waiting_view(
    req: &Request,
    way: &Way,
    visits: &[Visit],
    loading: &[Loading],
    typed: &Typed,
    problems: &[Problem],
    others: bool,
) -> Markup {
    let [_, all] = tally(visits);
    let line = html! { "共 " b { (all) } " 站" @if let Some(plate) = &way.plate { "　" (plate) } };
    html! {
        (head_view(way, &line, others))
        form method="post" action={ "/driver/routes/" (way.route.id) "/start" } data-act="" {
            (act_fields(req))
            (problems_view(problems))
            @if let Some(notes) = &way.route.notes { p.inset { (notes) } }
            @if way.route.route_on != req.at.day() { p.inset { b { (way.route.route_on.short()) " 的路線" } } }
            h2.inset { "車上滿桶" }
            @for item in loading {
                @let name = format!("load.{}", item.product);
                (counter_view(&name, &item.name, &format!("要 {}", item.qty), value(typed, &name, item.qty), "numeric"))
            }
            @if loading.is_empty() { p.inset { "這條路線不用帶桶。" } }
            h2.inset.ahead { "今天的站" }
            ol.queue aria-label="所有的站" { @for visit in visits { @if visit.no.is_some() { li { (open_row_view(visit)) } } } }
            div.thumb { button.primary { "出發" } }
        }
    }
}

fn value(typed: &Typed, name: &str, usual: i64) -> String {
    if typed.all(name).next().is_some() { typed.get(name).to_owned() } else { usual.to_string() }
}

/// A route on its way.
pub fn running_view(req: &Request, way: &Way, visits: &[Visit], others: bool) -> Markup {
    let [done, all] = tally(visits);
    let next = next_of(visits);
    let line = html! { "剩 " b { (all - done) } " 站，共 " (all) " 站" };
    html! {
        (head_view(way, &line, others))
        @match next {
            Some(next) => { (next_view(next)) }
            None => { div.inset { p.good { span { "每一站都有結果了。" } } } }
        }
        (queue_view(req, way, visits, next))
        @match next {
            Some(next) if next.stop.status == StopStatus::Arrived => {
                div.thumb { a.button.primary href={ "/driver/stops/" (next.stop.id) } { "到了，填這一站" } }
            }
            Some(next) => {
                form.thumb method="post" action={ "/driver/stops/" (next.stop.id) "/arrive" } data-act="" {
                    (act_fields(req))
                    button.primary { "我到了" }
                }
            }
            None => { div.thumb { a.button.primary href={ "/driver/day" } { "收工" } } }
        }
    }
}

/// A route that is over, or was called off.
pub fn over_view(req: &Request, way: &Way, visits: &[Visit], others: bool) -> Markup {
    let [done, all] = tally(visits);
    let line = html! { (way.route.status.label()) "，" (done) "／" (all) " 站" };
    html! {
        (head_view(way, &line, others))
        @if way.route.status == Status::Cancelled { div.inset { (ui::warn("辦公室取消了這條路線。")) } }
        (queue_view(req, way, visits, None))
        @if way.route.status == Status::Completed && !way.is_wrapped_up {
            div.inset { p.good { span { "每一站都有結果了。" } } }
        }
        div.thumb { a.button.primary href="/driver/day" { @if way.route.status == Status::Completed && !way.is_wrapped_up { "收工" } @else { "今天的總結" } } }
    }
}

/// The stop the truck goes to, with what to take and what to bring back.
fn next_view(next: &Visit) -> Markup {
    html! {
        section.next.pressing[next.is_pressing()] {
            a.whole href={ "/driver/stops/" (next.stop.id) } {
                h2 { (no_view(next)) " " (next.name) }
                p { (next.order.delivery_address.as_deref().unwrap_or("沒有地址，打電話問")) }
                @if let Some(note) = &next.access_note { p { (note) } }
                @if let Some(note) = &next.order.notes { p { b { (note) } } }
                p.what { span { (next.order.items()) } span { (money_view(next)) } }
                @if let Some(window) = next.window() { p { (window) " 之間" } }
            }
            (reach_view(next))
        }
    }
}

fn no_view(visit: &Visit) -> Markup {
    html! { @if let Some(no) = visit.no { (no) } }
}

/// What is collected: `收 NT$1,700`, or how else it is paid.
pub fn money_view(visit: &Visit) -> Markup {
    match visit.to_collect() {
        Some(Ntd(0)) => html! { "不用收錢" },
        Some(due) => html! { "收 " (due) },
        None => html! { (visit.order.payment.label()) },
    }
}

/// 打電話 and 導航, each where there is something to ring or to find.
pub fn reach_view(visit: &Visit) -> Markup {
    html! {
        div.pair {
            @match visit.call() {
                Some(call) => { a.button href=(call) { "打電話" } }
                None => { span.button.off { "沒有電話" } }
            }
            @match visit.navigate() {
                Some(place) => { a.button href=(place) { "導航" } }
                None => { span.button.off { "沒有地址" } }
            }
        }
    }
}

/// The stops in their order but for `next`, which stands above. Of those that are settled at its head only the last is
/// shown, the others fold away.
fn queue_view(req: &Request, way: &Way, visits: &[Visit], next: Option<&Visit>) -> Markup {
    let shown: Vec<&Visit> =
        visits.iter().filter(|visit| visit.no.is_some() && next.is_none_or(|next| next.stop.id != visit.stop.id)).collect();
    let settled = shown.iter().take_while(|visit| !visit.stop.status.is_open()).count();
    let last = shown.iter().take(settled).map(|visit| visit.stop.finished_at).max().flatten();
    let folds = |visit: &Visit| visit.stop.finished_at != last && !visit.may_be_undone(way, req.at);
    let is_running = way.route.status == Status::InProgress;
    let is_folded = |(at, visit): &(usize, &Visit)| *at < settled && is_running && folds(visit);
    // One alone takes no more room than the line that would say so.
    let folds_any = 1 < shown.iter().copied().enumerate().filter(is_folded).count();
    let (folded, plain): (Vec<_>, Vec<_>) = shown.into_iter().enumerate().partition(|one| folds_any && is_folded(one));
    html! {
        @if !folded.is_empty() {
            details.earlier {
                summary { "前面 " (folded.len()) " 站" }
                ol.queue aria-label="前面的站" { @for (_, visit) in &folded { (row_view(req, way, visit)) } }
            }
        }
        ol.queue aria-label="其他站" { @for (_, visit) in &plain { (row_view(req, way, visit)) } }
    }
}

fn row_view(req: &Request, way: &Way, visit: &Visit) -> Markup {
    let at = visit.stop.finished_at.map(|at| at.clock()).unwrap_or_default();
    let href = format!("/driver/stops/{}", visit.stop.id);
    let (state, why) = match visit.stop.status {
        StopStatus::Pending | StopStatus::Arrived => return html! { li { (open_row_view(visit)) } },
        StopStatus::Completed => (html! { span.unseen { "送完" } "✓ " (at) }, None),
        StopStatus::Failed => (html! { span.unseen { "沒送成" } "✕ " (at) }, visit.stop.failure_reason.map(|reason| reason.label())),
        StopStatus::Skipped => (html! { "移走" }, None),
    };
    html! {
        li.settled {
            a.done.failed[visit.stop.status == StopStatus::Failed] href=(href) {
                span { (no_view(visit)) } b { (visit.name) } span.keep { (state) }
                @if let Some(why) = why { small { (why) } }
            }
            @if visit.may_be_undone(way, req.at) { (undo_view(req, visit)) }
        }
    }
}

fn open_row_view(visit: &Visit) -> Markup {
    html! {
        a.pressing[visit.is_pressing()] href={ "/driver/stops/" (visit.stop.id) } {
            span { (no_view(visit)) } b { (visit.name) }
            span.keep { @if visit.stop.status == StopStatus::Arrived { "到了" } @else if let Some(window) = visit.window() { (window) } }
            small {
                @if visit.is_pressing() { b { "急　" } }
                (visit.order.items()) "　"
                @if visit.to_collect().is_some_and(|due| due != Ntd(0)) { b { (money_view(visit)) } } @else { (money_view(visit)) }
            }
        }
    }
}

/// The button that takes back what was just recorded at a stop.
pub fn undo_view(req: &Request, visit: &Visit) -> Markup {
    html! {
        form.undo method="post" action={ "/driver/stops/" (visit.stop.id) "/undo" } data-act="" {
            (act_fields(req))
            button aria-label={ "復原 " (visit.name) } { "復原" }
        }
    }
}

/// A figure between − and ＋, which can be typed too.
pub fn counter_view(name: &str, what: &str, of: &str, value: impl AsRef<str>, mode: &str) -> Markup {
    html! {
        div.counter {
            label for=(name) { (what) small { (of) } }
            button.scripted type="button" data-step="-1" aria-label={ (what) "減一　" (of) } { "−" }
            input id=(name) name=(name) inputmode=(mode) data-digits[mode == "decimal"] value=(value.as_ref()) maxlength="6" autocomplete="off";
            button.scripted type="button" data-step="1" aria-label={ (what) "加一　" (of) } { "＋" }
        }
    }
}

/// What is wrong, above the form it is about.
pub fn problems_view(problems: &[Problem]) -> Markup {
    html! {
        @for problem in problems { p.refuse role="alert" { span { (problem.say) } } }
    }
}
