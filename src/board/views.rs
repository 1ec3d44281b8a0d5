//! The board as one sees it: figures, the unassigned, a lane a driver, and at the foot what is done with the picked card.

use maud::{Markup, html};

use crate::board::card_view::{Look, area_name, area_word, board_url, card_view, told};
use crate::board::{Board, Card, Counts, Found, Lane, Way};
use crate::http::Request;
use crate::routes::{Status, StopStatus};
use crate::ui::{self, csrf_field};
use crate::values::{Day, RouteId, Stamp, VehicleId};

/// All that the page is drawn from.
pub struct Shown<'a> {
    pub board: &'a Board,
    pub look: Look,
    pub req: &'a Request,
    /// The drivers' buttons send the whole area of the picked order.
    pub is_area: bool,
    /// Why something was not done.
    pub refused: Option<&'a str>,
    pub ask: Option<&'a Ask>,
}

/// A route that does not go out before somebody has read this.
pub struct Ask {
    pub route: RouteId,
    /// As it was seen.
    pub version: i64,
    /// `路線 01　阿明`.
    pub title: String,
    /// What stands in the way, and whether a reason takes it out of it.
    pub says: Vec<(bool, String)>,
    /// Those it may go with, where it needs one.
    pub vehicles: Vec<(VehicleId, String)>,
    pub vehicle: Option<VehicleId>,
    pub needs_note: bool,
    /// It cannot be helped from here.
    pub is_stuck: bool,
    /// The reason as it was typed.
    pub typed: String,
}

/// Everything that changes with the day, as one part that a script puts in its place.
pub fn board_view(shown: &Shown) -> Markup {
    let Shown { board, look, .. } = shown;
    let picked = look.picked.and_then(|key| board.find(key));
    html! {
        div.dispatch #board data-board=(board_url("/board", look.day, look.today, None)) {
            (head_view(shown, picked))
            @if let Some(say) = shown.refused { p.refuse role="alert" { span { (say) } } }
            @if let Some(ask) = shown.ask { (ask_view(ask, look, shown.req)) }
            (left_open_view(board, look.today))
            (lanes_view(board, look))
            @if look.may_act { (foot_view(shown, picked)) }
        }
    }
}

/// The same for the wall: nobody is at the keys.
pub fn wall_view(board: &Board, look: &Look, now: Stamp) -> Markup {
    html! {
        div.dispatch.wall #board data-board=(board_url("/board/wall", look.day, look.today, None)) {
            div.head {
                div { h1 { (title(look.day, look.today)) } (counts_view(board, look)) }
                div.acts {
                    b.clock data-clock="" { (now.clock()) }
                    a.button.quiet href=(look.url(None)) data-key="Escape" data-also="w" { "回派遣 " kbd { "Esc" } }
                }
            }
            (left_open_view(board, look.today))
            (lanes_view(board, look))
        }
    }
}

/// `派遣　05/28 (三)`, `派遣　明天 05/29 (四)`.
pub fn title(day: Day, today: Day) -> String {
    match day.days_since(today) {
        -1 => format!("派遣　昨天 {}", day.short()),
        1 => format!("派遣　明天 {}", day.short()),
        _ => format!("派遣　{}", day.beside(today)),
    }
}

fn head_view(shown: &Shown, picked: Option<Found>) -> Markup {
    let Shown { board, look, .. } = shown;
    let beside = |days: i64| board_url("/board", look.day.plus(days), look.today, None);
    let way = picked.and_then(|found| found.way).filter(|way| way.route.status.is_open());
    html! {
        div.head {
            div {
                div.title {
                    h1 { (title(look.day, look.today)) }
                    nav.dates aria-label="日期" {
                        a href=(beside(-1)) data-key="PageUp" { "前一天 " kbd { "PgUp" } }
                        @if look.day != look.today { a href="/board" data-key="t" { "今天 " kbd { "T" } } }
                        a href=(beside(1)) data-key="PageDown" { "後一天 " kbd { "PgDn" } }
                        a href=(board_url("/board/wall", look.day, look.today, None)) data-key="w" { "大螢幕 " kbd { "W" } }
                        a href="/cylinders" data-key="c" { "鋼瓶 " kbd { "C" } }
                    }
                }
                (counts_view(board, look))
            }
            div.acts {
                @if look.may_act {
                    (area_link(shown, picked))
                    (route_button("建議順序", "g", "/board/suggest", way))
                    (route_button("發布", "b", "/board/publish", way.filter(|way| way.route.status == Status::Draft)))
                }
                a.button href=(board_url("/board/sheets", look.day, look.today, None)) data-key="p" { "印 " kbd { "P" } }
                @if look.may_act { a.button.danger href="/emergencies/new" data-key="!" { "緊急 " kbd { "!" } } }
            }
        }
    }
}

/// A button of the picked card's route; without one it cannot be pressed.
fn route_button(label: &str, key: &str, action: &str, way: Option<&Way>) -> Markup {
    html! {
        button type="submit" form="act" formaction=(action) name="route" value=[way.map(route_word)] data-key=(key) data-of-route=(key) disabled[way.is_none()] {
            (label) " " kbd { (key.to_uppercase()) }
        }
    }
}

/// `3.2`: a route and its version.
pub fn route_word(way: &Way) -> String {
    format!("{}.{}", way.route.id, way.route.version)
}

/// The way from one order to its whole area and back.
fn area_link(shown: &Shown, picked: Option<Found>) -> Markup {
    let look = shown.look;
    let is_free = picked.is_some_and(|found| found.way.is_none());
    let back = look.url(look.picked);
    let to = match back.split_once('#') {
        Some((plain, place)) if is_free && !shown.is_area => format!("{plain}&area=1#{place}"),
        _ => back,
    };
    html! {
        a.button href=(to) data-area-mode="" aria-disabled=[(!is_free).then_some("true")] aria-current=[(shown.is_area && is_free).then_some("true")] { "整區指派 " kbd { "A" } }
    }
}

fn counts_view(board: &Board, look: &Look) -> Markup {
    let Counts { total, done, failed, on_the_way, planned, free, late } = board.counts();
    html! {
        p.counts {
            span { (total) " 站：已送 " (done) @if 0 < failed { "、" b.minus { "失敗 " (failed) } } "、路上 " (on_the_way) @if 0 < planned { "、排好 " (planned) } "、" b { "未派 " (free) } }
            @if 0 < late { span { b { "慢了 " (late) } } }
            @if 0 < board.pending {
                span { a href={ "/orders?status=pending" @if look.day != look.today { "&date=" (look.day) } } { "待確認 " (board.pending) } }
            }
        }
    }
}

/// What earlier days left: red until somebody closes it.
fn left_open_view(board: &Board, today: Day) -> Markup {
    html! {
        @if !board.left_open.is_empty() {
            p.left-open {
                b { "之前的路線還沒收：" }
                @for left in &board.left_open {
                    a href={ "/routes/" (left.route) } {
                        (left.day.beside(today)) " " (left.driver) " " (left.short_number) "（" @if left.open == 0 { "都送完了" } @else { "還有 " (left.open) " 站" } "）"
                    }
                    " "
                }
            }
        }
    }
}

fn lanes_view(board: &Board, look: &Look) -> Markup {
    html! {
        div.board data-lanes="" tabindex="0" role="group" aria-label="派遣看板，可左右捲" {
            (free_view(board, look))
            @for lane in &board.lanes { (lane_view(lane, look)) }
        }
    }
}

fn free_view(board: &Board, look: &Look) -> Markup {
    html! {
        section.lane.free data-lane="0" aria-label={ "未派 " (board.free.len()) " 張" } {
            header { h2 { @if look.may_act { kbd { "0" } } "未派" span.count { (board.free.len()) } } }
            @if board.free.is_empty() { p.nobody { @if board.counts().total == 0 { "這一天還沒有訂單。" } @else { "都派出去了。" } } }
            @for cards in board.free.chunk_by(|a, b| heading(a) == heading(b)) {
                h3 { (heading(&cards[0])) span.count { (cards.len()) } }
                ol { @for card in cards { (card_view(card, None, look)) } }
            }
        }
    }
}

fn heading(card: &Card) -> &str {
    if card.is_emergency() { "緊急" } else { area_name(card) }
}

/// How many nobody has in the area of `card`.
fn count_of(board: &Board, card: &Card) -> usize {
    board.free.iter().filter(|one| area_word(one) == area_word(card)).count()
}

fn lane_view(lane: &Lane, look: &Look) -> Markup {
    let (done, total) = (lane.done(), lane.cards().count());
    html! {
        section.lane data-lane=(lane.driver.map_or(0, |driver| driver.0)) data-driver=[lane.driver] data-digit=[lane.digit] data-name=(lane.name)
            aria-label={ (lane.name) "，" (total) " 站已完成 " (done) } {
            header {
                h2 {
                    @if let Some(digit) = lane.digit { kbd { (digit) } }
                    (lane.name)
                    @if 0 < total { span.count { (done) "/" (total) } }
                }
                @if let Some(minutes) = lane.silent_minutes { p { span.badge.late { "離線 " (silence(minutes)) } } }
                @else if lane.ways.is_empty() { p { @if lane.is_available { "沒有路線" } @else { "今天不出車" } } }
                @if 0 < total { progress max=(total) value=(done) aria-label={ (lane.name) "已完成 " (done) " 站，共 " (total) " 站" } {} }
            }
            @for way in &lane.ways { (way_view(way, look)) }
        }
    }
}

/// `9 分`, `2 小時`.
fn silence(minutes: i64) -> String {
    if minutes < 60 { format!("{minutes} 分") } else { format!("{} 小時", minutes / 60) }
}

fn way_view(way: &Way, look: &Look) -> Markup {
    let of = |status: StopStatus| way.cards.iter().filter(move |card| card.stop.is_some_and(|stop| stop.status == status));
    let open = || way.cards.iter().filter(|card| card.is_open());
    let done = way.count(StopStatus::Completed);
    html! {
        div.lane-way data-route=(way.route.id) data-at=(route_word(way)) data-status=(way.route.status.word()) {
            p.name {
                a href={ "/routes/" (way.route.id) } title=(way_name(way)) { (way_name(way)) }
                @if let Some(crew2) = &way.crew2 { "＋" (crew2) }
                @match way.route.status {
                    Status::Draft if look.may_act && !way.cards.is_empty() => {
                        button.quiet type="submit" form="act" formaction="/board/publish" name="route" value=(route_word(way)) aria-label={ "發布 " (way_name(way)) } { "發布" }
                    }
                    status => { span class={ "state " (status.word()) } { span { (status.label()) } } }
                }
            }
            @if 0 < done {
                details data-keep={ "done-" (way.route.id) } {
                    summary { "✓ 已送 " (done) " 站" }
                    ol { @for card in of(StopStatus::Completed) { (card_view(card, Some(way), look)) } }
                }
            }
            ol {
                @for card in open().filter(|card| card.is_emergency()) { (card_view(card, Some(way), look)) }
                @for card in of(StopStatus::Failed) { (card_view(card, Some(way), look)) }
                @for card in open().filter(|card| !card.is_emergency()) { (card_view(card, Some(way), look)) }
            }
        }
    }
}

/// `01 D-北線早`.
pub fn way_name(way: &Way) -> String {
    let area = way.area.as_deref().unwrap_or_default();
    format!("{} {area}{}", way.route.short_number(), way.route.shift.label())
}

/// What stops a route from going out, and what lets it go all the same.
fn ask_view(ask: &Ask, look: &Look, req: &Request) -> Markup {
    html! {
        section.panel.ask aria-label="發布前" {
            h2 { "發布" (ask.title) }
            @for (passes, say) in &ask.says { (if *passes { ui::warn(say) } else { ui::refuse(say) }) }
            form.acts method="post" action="/board/publish" {
                (csrf_field(req))
                input type="hidden" name="date" value=(look.day);
                input type="hidden" name="route" value={ (ask.route) "." (ask.version) };
                @if let Some(key) = look.picked { input type="hidden" name="pick" value=(key); }
                @if ask.is_stuck {
                    a.button.primary href={ "/routes/" (ask.route) } autofocus { "開這條路線" }
                } @else {
                    @if !ask.vehicles.is_empty() {
                        label for="vehicle" { "車" }
                        select #vehicle name="vehicle" autofocus {
                            @for (id, plate) in &ask.vehicles { option value=(id) selected[ask.vehicle == Some(*id)] { (plate) } }
                        }
                    }
                    @if ask.needs_note {
                        label for="override_note" { "為什麼還是要發" }
                        input #override_note name="override_note" required maxlength="500" autocomplete="off" value=(ask.typed) autofocus[ask.vehicles.is_empty()];
                    }
                    button.primary { "發布 " kbd { "Enter" } }
                }
                a.button href=(look.url(look.picked)) data-key="Escape" { "先不發 " kbd { "Esc" } }
            }
        }
    }
}

/// What is done with the picked card, each with its key; the form carries every button of the page.
fn foot_view(shown: &Shown, picked: Option<Found>) -> Markup {
    let Shown { board, look, is_area, .. } = shown;
    let is_free = picked.is_some_and(|found| found.way.is_none());
    let is_area = *is_area && is_free;
    let lane = picked.and_then(|found| found.lane).and_then(|lane| lane.driver);
    let is_open = picked.is_some_and(|found| found.card.is_open());
    html! {
        form.pick #act method="post" action=(if is_area { "/board/area" } else { "/board/assign" }) data-act="" {
            (csrf_field(shown.req))
            input type="hidden" name="date" value=(look.day);
            @if let Some(found) = picked { input type="hidden" name="card" value=(found.card.seen()); }
            div.pick-line {
                p.what aria-live="polite" data-what="" {
                    @match picked {
                        None => "用方向鍵選一張。",
                        Some(found) if is_area => { b { "整區 " (area_name(found.card)) " " (count_of(board, found.card)) " 張" } "　按司機的號碼" }
                        Some(found) => { b { (found.card.name) } "　" (told(found.card)) }
                    }
                }
                p.keys { kbd { "↑" } " " kbd { "↓" } " " kbd { "←" } " " kbd { "→" } " 選一張　" kbd { "Shift" } "＋方向鍵、" kbd { "M" } " 選好幾張" }
            }
            div.acts {
                @for one in board.lanes.iter().filter(|one| one.driver.is_some()) {
                    button name="driver" value=[one.driver] data-digit=[one.digit] disabled[!is_open] aria-pressed=[(lane.is_some() && lane == one.driver).then_some("true")] {
                        @if let Some(digit) = one.digit { kbd { (digit) } " " } (one.name)
                    }
                }
                button formaction="/board/unassign" data-digit="0" disabled[is_free || !is_open] { kbd { "0" } " 退回" }
                button formaction="/board/order" name="to" value="up" data-move="up" disabled[is_free || !is_open] { kbd { "Alt ↑" } " 前" }
                button formaction="/board/order" name="to" value="down" data-move="down" disabled[is_free || !is_open] { kbd { "Alt ↓" } " 後" }
                @if let Some(found) = picked {
                    a.button href={ "/orders/" (found.card.order) } data-of-order="" { kbd { "Enter" } " 開" }
                    a.button href={ "/orders/" (found.card.order) "/cancel" } data-of-order="/cancel" data-key="x" { kbd { "X" } " 取消" }
                }
            }
        }
    }
}
