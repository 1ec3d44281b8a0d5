//! How a card looks, wherever it stands.

use maud::{Markup, html};

use crate::board::{Card, Key, Way};
use crate::routes::StopStatus;
use crate::values::{Day, Window};

/// Who looks at which day, and what is picked.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub day: Day,
    pub today: Day,
    pub picked: Option<Key>,
    /// Cards are picked and sent; otherwise they lead to their order.
    pub may_act: bool,
}

impl Look {
    /// The board of its day; `picked` stays picked.
    pub fn url(&self, picked: Option<Key>) -> String {
        board_url("/board", self.day, self.today, picked)
    }
}

/// `/board`, `/board?date=2025-05-29&pick=o17#o17`.
pub fn board_url(path: &str, day: Day, today: Day, picked: Option<Key>) -> String {
    let date = (day != today).then(|| format!("date={day}"));
    let pick = picked.map(|key| format!("pick={key}"));
    let query: Vec<String> = date.into_iter().chain(pick).collect();
    let place = picked.map(|key| format!("#{key}")).unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}{place}", query.join("&")) }
}

/// One stop, or one order nobody has, as a link that picks it.
pub fn card_view(card: &Card, way: Option<&Way>, look: &Look) -> Markup {
    let key = card.key();
    let is_picked = look.picked == Some(key);
    let status = card.stop.map(|stop| stop.status);
    let is_current = way.and_then(Way::current) == Some(key);
    let class = [
        Some("stop"),
        (card.is_emergency() && card.is_open()).then_some("first"),
        (status == Some(StopStatus::Failed)).then_some("failed"),
        is_current.then_some("current"),
        card.is_late.then_some("late"),
        is_picked.then_some("picked"),
    ];
    let class = class.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let link = if look.may_act { look.url(Some(key)) } else { format!("/orders/{}", card.order) };
    html! {
        li {
            a class=(class) id=(key) href=(link) title=(told(card)) data-v=(card.version) data-order=(card.order) data-name=(card.name)
                data-area=[card.stop.is_none().then(|| area_word(card))] data-area-name=[card.stop.is_none().then(|| area_name(card))] aria-current=[is_picked.then_some("true")] {
                b {
                    @if let Some(stop) = card.stop { (stop.place) " " }
                    @if card.is_urgent && card.is_open() { span.press { "急" } }
                    (card.name)
                }
                small { span { (left(card)) } span { (right(card, look)) } }
            }
        }
    }
}

/// `7`, or `none` for who lives in no area.
pub fn area_word(card: &Card) -> String {
    card.area.as_ref().map_or_else(|| "none".to_owned(), |(id, _)| id.to_string())
}

pub fn area_name(card: &Card) -> &str {
    card.area.as_ref().map_or("未分區", |(_, name)| name.as_str())
}

/// What is brought, or why it was not.
fn left(card: &Card) -> String {
    match (card.stop.and_then(|stop| stop.failure), card.emergency) {
        (Some(reason), _) => reason.label().trim_start_matches("客戶").to_owned(),
        (None, Some(kind)) if card.is_open() => kind.label().to_owned(),
        _ if card.items.is_empty() => "沒有品項".to_owned(),
        _ => card.items.clone(),
    }
}

/// By when, or when it was over.
fn right(card: &Card, look: &Look) -> String {
    if let Some(at) = card.stop.and_then(|stop| stop.finished_at) {
        return at.clock();
    }
    if card.stop.is_none() && card.scheduled_on < look.day {
        return format!("{} 的", card.scheduled_on.short());
    }
    if card.stop.is_some_and(|stop| stop.status == StopStatus::Arrived) {
        return "到了".to_owned();
    }
    if card.is_emergency() { "現在".to_owned() } else { window_word(card.window) }
}

fn window_word(window: Window) -> String {
    if window == Window::ALL_DAY { "全天".to_owned() } else { window.to_string() }
}

/// Everything a dispatcher asks of a card, in one line: `0043　20KG×2　14–17　南投路 1 號　先打電話`.
pub fn told(card: &Card) -> String {
    let times = (0 < card.attempts).then(|| format!("送過 {} 次", card.attempts));
    let parts = [
        Some(format!("#{}", card.number)),
        Some(if card.items.is_empty() { "沒有品項".to_owned() } else { card.items.clone() }),
        Some(window_word(card.window)),
        card.stop.and_then(|stop| stop.eta).map(|eta| format!("約 {}", eta.clock())),
        card.area.as_ref().map(|(_, name)| name.clone()),
        card.address.clone(),
        times,
        card.notes.clone(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("　")
}
