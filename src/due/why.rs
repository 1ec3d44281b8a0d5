//! Why somebody is on the list, in sentences a dispatcher can hold against what he knows. Every one says a figure or a
//! row of the file, and nothing that is guessed.

use crate::customers::refill::Basis;
use crate::customers::views::kg;
use crate::due::{Line, Visit};
use crate::orders::usual::{Usual, Why};
use crate::products::Product;
use crate::settings::{Settings, percent};
use crate::values::weekdays::ClosedDays;
use crate::values::{Day, Grams, ProductId, Stamp};

/// The most telling first.
pub fn sentences(line: &Line, catalogue: &[Product], now: Stamp, settings: &Settings) -> Vec<String> {
    [
        alarm(line, now),
        Some(standing(line, now.day())),
        moved(&line.visit, &line.details.closed, now.day()),
        margin(line, settings),
        basis(line),
        less_than_usual(line, catalogue),
        line.details.same_day_required.then(|| "需要當天送。".to_owned()),
        items(line.usual.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn alarm(line: &Line, now: Stamp) -> Option<String> {
    let (at, note) = line.alarm.as_ref()?;
    Some(match note {
        Some(note) => format!("發報：{}，{note}。", at.beside(now)),
        None => format!("發報：{}。", at.beside(now)),
    })
}

fn basis(line: &Line) -> Option<String> {
    let every = line.due.every;
    match line.due.basis {
        Basis::Consumption => {
            let brought = line.last_load.weight().map(|weight| format!("上次送 {weight} kg，")).unwrap_or_default();
            let daily = line.figures.daily_kg.map(kg)?;
            Some(format!("{brought}每天約 {daily} kg，串接 {} kg 可撐 {every} 天。", line.details.series_g?))
        }
        Basis::History { deliveries } => Some(format!("沒有用量數字；最近 {deliveries} 次大約每 {every} 天叫一次。")),
    }
}

/// Where `today` stands between the day that is due and the latest.
fn standing(line: &Line, today: Day) -> String {
    let late = today.days_since(line.visit.on);
    let left = line.due.latest.map(|latest| latest.days_since(today));
    match (late, left) {
        (1.., Some(left @ ..0)) => format!("{}到期，最晚日已過 {} 天。", ago(late), -left),
        (1.., Some(0)) => format!("{}到期，今天是最晚日。", ago(late)),
        (1.., Some(left)) => format!("{}到期，還可延 {left} 天。", ago(late)),
        (1.., None) => format!("{}到期。", ago(late)),
        (0, _) if line.visit.moved.is_none() => format!("今天剛好 {} 天。", line.due.every),
        (..0, _) if line.visit.moved.is_none() => format!("{}滿 {} 天。", named(line.visit.on, today), line.due.every),
        (0, _) => "今天要送。".to_owned(),
        _ => format!("{}要送。", named(line.visit.on, today)),
    }
}

fn ago(days: i64) -> String {
    match days {
        1 => "昨天".to_owned(),
        2 => "前天".to_owned(),
        days => format!("{days} 天前"),
    }
}

/// 今天, 明天, `05/31 (六)`.
pub fn named(day: Day, today: Day) -> String {
    match day.days_since(today) {
        -1 => "昨天".to_owned(),
        0 => "今天".to_owned(),
        1 => "明天".to_owned(),
        _ => day.beside(today),
    }
}

/// `明天 (日) 公休，所以排在今天。` of a visit that a closed day moved.
pub fn moved(visit: &Visit, closed: &ClosedDays, today: Day) -> Option<String> {
    let (from, why) = visit.moved.as_ref()?;
    let day = match from.days_since(today) {
        -1..=1 => format!("{} ({})", named(*from, today), from.weekday_label()),
        _ => from.beside(today),
    };
    let why = if closed.includes_weekday(*from) { "公休" } else { why };
    Some(format!("{day} {why}，所以排在{}。", named(visit.on, today)))
}

fn margin(line: &Line, settings: &Settings) -> Option<String> {
    line.figures.margin_kg.filter(|margin| *margin < 0.0)?;
    Some(format!("{}，報低就要當天去。", shortfall(settings)))
}

/// What a margin below zero means: 備用的一半撐不到一天.
pub fn shortfall(settings: &Settings) -> String {
    let share = settings.safety_share;
    if share == 0.5 { "備用的一半撐不到一天".to_owned() } else { format!("備用的 {}% 撐不到一天", percent(share)) }
}

fn less_than_usual(line: &Line, catalogue: &[Product]) -> Option<String> {
    let usual = line.usual.as_ref().filter(|usual| usual.why != Why::OnSite)?;
    let size = |id: ProductId| catalogue.iter().find(|product| product.id == id).and_then(Product::size_kg).unwrap_or(0);
    let usually = Grams::from_kg(usual.items.iter().map(|(id, qty)| size(*id) * qty).sum());
    let last = line.last_load.weight().filter(|last| *last < usually)?;
    Some(format!("上次只送 {last} kg，比平常的 {usually} kg 少。"))
}

fn items(usual: Option<&Usual>) -> Option<String> {
    match usual {
        None => Some("不知道慣用什麼，要問。".to_owned()),
        Some(usual) if usual.why == Why::OnSite => Some("以前送的沒有記數量，品項照現場的鋼瓶。".to_owned()),
        Some(_) => None,
    }
}
