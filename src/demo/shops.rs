//! The businesses of the invented shop, with all that a client list tells of one, and the homes with a little.
//! Every figure of a business agrees with its own history.

use crate::customers::import::Facts;
use crate::demo::dice::Dice;
use crate::demo::habits::{Habit, Kind};
use crate::demo::people;
use crate::values::cylinders;
use crate::values::phone::Phone;
use crate::values::weekdays::ClosedDays;

/// Somebody of the invented shop: what the office knows, and what they do.
pub struct Invented {
    pub code: String,
    pub facts: Facts,
    pub area: Option<&'static str>,
    pub habit: Habit,
    /// The products of an ordinary order, with the pieces of [`Habit::order`].
    pub products: Vec<(&'static str, i64)>,
    /// The share of the gas that comes back unburnt.
    pub residual_share: f64,
}

const TRADES: [(&str, Kind, u32); 30] = [
    ("牛肉麵", Kind::Restaurant, 5),
    ("小吃部", Kind::Restaurant, 6),
    ("早餐店", Kind::Breakfast, 7),
    ("自助餐", Kind::Restaurant, 5),
    ("麵館", Kind::Restaurant, 4),
    ("火鍋", Kind::Hotpot, 4),
    ("燒烤", Kind::Restaurant, 3),
    ("便當", Kind::Restaurant, 5),
    ("豆花店", Kind::Restaurant, 2),
    ("鹹酥雞", Kind::Restaurant, 3),
    ("民宿", Kind::Hotel, 4),
    ("大飯店", Kind::Hotel, 1),
    ("旅店", Kind::Hotel, 2),
    ("餐廳", Kind::Restaurant, 4),
    ("快炒", Kind::Restaurant, 3),
    ("海產店", Kind::Restaurant, 3),
    ("羊肉爐", Kind::Hotpot, 2),
    ("薑母鴨", Kind::Hotpot, 2),
    ("滷味", Kind::Restaurant, 3),
    ("麵包坊", Kind::Breakfast, 2),
    ("洗衣店", Kind::Breakfast, 2),
    ("早午餐", Kind::Breakfast, 3),
    ("素食館", Kind::Restaurant, 2),
    ("麵線", Kind::Restaurant, 2),
    ("臭豆腐", Kind::Restaurant, 2),
    ("米苔目", Kind::Restaurant, 2),
    ("熱炒", Kind::Restaurant, 3),
    ("鵝肉店", Kind::Restaurant, 2),
    ("國小", Kind::School, 3),
    ("幼兒園", Kind::School, 2),
];

const CLOSED: [(&str, u32); 16] = [
    ("7", 95),
    ("1", 38),
    ("2", 18),
    ("3", 22),
    ("4", 12),
    ("5", 3),
    ("6", 14),
    ("Red", 24),
    ("6.7", 38),
    ("2.3", 8),
    ("1.2", 6),
    ("3.4", 5),
    ("5.6", 2),
    ("7.Red", 4),
    ("隔週一", 2),
    ("寒暑假", 1),
];

/// What else burns in a kitchen: usage points two to five.
const POINTS: [&str; 18] = [
    "快速爐20*1",
    "20*1",
    "瓦斯爐20*1",
    "飯鍋20*1",
    "油炸20*1",
    "熱水器20*1",
    "煎台16*1",
    "4*1",
    "快速20*1",
    "低壓20*1",
    "雙瓶16*2",
    "煎台20*1",
    "烤箱20*1",
    "梅花爐20*1",
    "煮麵20*1",
    "烘衣機20*1",
    "廚房20*1",
    "16*1梅花爐",
];

const CHANGEOVERS: [(&str, u32); 8] = [
    ("重量發報", 25),
    ("壓力錶(大錶)發報", 14),
    ("自動切替器AX32", 9),
    ("流量錶發報", 3),
    ("接點式壓力發報", 3),
    ("自動切替器AX30", 3),
    ("發報切替器TX-30", 2),
    ("壓差開關AX35", 2),
];

/// The account of passers-by: a cylinder or two on almost every day.
pub fn walk_in(code: &str) -> Invented {
    let habit =
        Habit { kind: Kind::Restaurant, daily_kg: 21.0, order: vec![(20, 1)], closed_weekdays: 0, unrest: 0.1, from: 0, until: usize::MAX };
    let facts = Facts { short_name: "現金零售".to_owned(), is_walk_in: true, ..Facts::default() };
    let products = products(&habit.order, false, false);
    Invented { code: code.to_owned(), facts, area: None, habit, products, residual_share: 0.0 }
}

/// The `at`th of the businesses of a shop with a history of `days` days.
pub fn business(at: usize, days: usize, dice: &mut Dice) -> Invented {
    let trades: Vec<(usize, u32)> = TRADES.iter().enumerate().map(|(at, (_, _, weight))| (at, *weight)).collect();
    let (trade, kind, _) = TRADES[dice.weighted(&trades)];
    let brand = people::brand(dice);
    let short_name = format!("{}{brand}{trade}", if dice.chance(0.02) { "￡" } else { "" });
    let title = match dice.below(10) {
        0..2 => format!("{brand}{trade}"),
        2..7 => format!("{brand}{}", dice.pick(&["小吃店", "商行", "企業社", "食品行"])),
        _ => format!("{brand}{}", dice.pick(&["餐飲有限公司", "餐飲股份有限公司", "實業有限公司"])),
    };
    let (area, address) = people::place(dice);

    let is_metered = dice.chance(0.38);
    let daily_kg = if is_metered { dice.spread(5.5, 0.7) } else { dice.spread(3.0, 0.7) };
    let order = order_of(daily_kg, is_metered, dice);
    let closed = if dice.chance(0.25) { ClosedDays::parse(dice.weighted(&CLOSED)) } else { ClosedDays::default() };
    // Hardly anybody takes gas on a Sunday.
    let sunday = if dice.chance(0.93) { 0b100_0000 } else { 0 };
    let is_terminated = at % 127 == 63;
    let from = if dice.chance(0.8) { dice.below(15) } else { dice.below(days * 7 / 8) };
    let until = if is_terminated { days * 3 / 4 + dice.below(days / 8) } else { usize::MAX };

    let (first, last, period) = dice.weighted(&[((8, 13, 1), 34), ((8, 20, 0), 38), ((13, 20, 2), 25), ((16, 20, 3), 3)]);
    let hours = (first..last).filter(|_| dice.chance(0.95)).fold(0, |mask, hour| mask | 1 << (hour - 8));
    let points = dice.weighted(&[(1, 66), (2, 18), (3, 12), (4, 4)]);
    let mut usage = vec![(1, bank(&order, is_metered, dice))];
    usage.extend((2..=points).map(|seq| (seq, dice.pick(&POINTS).to_owned())));
    let spare_text =
        dice.chance(0.23).then(|| dice.weighted(&[("1", 22), ("20*1", 4), ("4*1", 2), ("好運16*1", 1), ("幸福丸*2", 1)]).to_owned());

    let order_g: i64 = order.iter().map(|(size, qty)| i64::from(*size) * qty * 1_000).sum();
    let products = products(&order, is_metered, at % 9 == 4);
    let series_g = cylinders::parse(&usage[0].1).grams().0;
    let facts = Facts {
        short_name,
        invoice_title: Some(title),
        address: Some(address),
        customer_type: match kind {
            Kind::School => Some("學校".to_owned()),
            Kind::Hotel => Some("飯店".to_owned()),
            _ => dice.chance(0.06).then(|| dice.pick(&["市場", "夜市"]).to_owned()),
        },
        contact_name: dice.chance(0.3).then(|| people::person(dice).1),
        tax_id: dice.chance(0.05).then(|| dice.pick(&["10458570", "04595252"]).to_owned()),
        notes: dice.chance(0.08).then(|| dice.pick(&["從後門進", "先打電話再送", "找店長簽收", "空桶在騎樓", "門口不能停車"]).to_owned()),
        pricing_method: if is_metered { "flow" } else { "cylinder" },
        payment_terms: if dice.chance(if is_metered { 0.8 } else { 0.29 }) { "monthly" } else { "cash" },
        is_subscription: dice.chance(0.25),
        has_telemetry: dice.chance(if is_metered { 0.9 } else { 0.45 }),
        on_patrol: dice.weighted(&[(Some(true), 88), (Some(false), 6), (None, 6)]),
        same_day_required: dice.chance(0.01),
        changeover_model: dice.chance(0.55).then(|| dice.weighted(&CHANGEOVERS).to_owned()),
        available_hours: hours,
        time_period: dice.chance(0.89).then_some(period),
        closed_weekdays: closed.weekdays,
        closed_on_holidays: closed.on_holidays,
        closed_text: closed.text,
        vehicle_type: dice.weighted(&[(1, 83), (2, 16), (0, 1)]),
        series_g: Some(series_g),
        // Some have next to none, and must be visited the day they call.
        reserve_g: Some(if at % 37 == 11 { 0 } else { order_g }),
        supply_area_count: Some(points),
        spare_text,
        legacy_cylinder_text: dice
            .chance(0.14)
            .then(|| order.iter().map(|(size, qty)| format!("{size}*{}", qty + 1)).collect::<Vec<_>>().join("+")),
        is_terminated,
        cylinders: products.iter().map(|(code, qty)| (*code, qty * 2)).collect(),
        usage,
        equipment: if is_metered { devices(dice) } else { Vec::new() },
        phones: phones(at, dice),
        ..Facts::default()
    };
    let residual_share = if dice.chance(0.7) { 0.02 + 0.16 * dice.unit() } else { 0.0 };
    let habit = Habit { kind, daily_kg, order, closed_weekdays: closed.weekdays | sunday, unrest: 0.07 + 0.12 * dice.unit(), from, until };
    Invented { code: (6_100_000 + at * 397 % 600_000).to_string(), facts, area: Some(area), habit, products, residual_share }
}

/// The `at`th home, in a shop with a history of `days` days and `businesses` of the other kind.
pub fn home(at: usize, businesses: usize, days: usize, dice: &mut Dice) -> Invented {
    let (short_name, full) = people::person(dice);
    let (area, address) = people::place(dice);
    let order = dice.weighted(&[((20, 1), 62), ((16, 1), 22), ((20, 2), 11), ((4, 1), 2), ((10, 1), 3)]);
    let from = if dice.chance(0.42) { dice.below(60) } else { dice.below(days) };
    let until = match dice.below(100) {
        0..16 => from + 1 + dice.below(120),
        16..40 => from + 60 + dice.below(840),
        _ => usize::MAX,
    };
    let facts = Facts {
        invoice_title: (short_name != full).then_some(full),
        short_name,
        address: Some(address),
        phones: phones(businesses + at, dice),
        ..Facts::default()
    };
    let habit = Habit {
        kind: Kind::Home,
        daily_kg: dice.spread(0.42, 0.55) * if order.0 == 4 { 0.3 } else { 1.0 },
        order: vec![order],
        closed_weekdays: if dice.chance(0.94) { 0b100_0000 } else { 0 },
        unrest: 0.12 + 0.16 * dice.unit(),
        from,
        until,
    };
    let products = products(&habit.order, false, false);
    Invented { code: (7_000_000 + at * 71 % 900_000).to_string(), facts, area: Some(area), habit, products, residual_share: 0.0 }
}

/// What is ordered each time: enough for about five days.
fn order_of(daily_kg: f64, is_metered: bool, dice: &mut Dice) -> Vec<(u8, i64)> {
    let sizes: &[(u8, u32)] = if is_metered { &[(50, 51), (20, 37), (16, 12)] } else { &[(20, 60), (50, 9), (16, 18), (4, 8), (10, 5)] };
    let size = dice.weighted(sizes);
    let qty = (daily_kg * 5.0 / f64::from(size) + 0.35 + 0.8 * dice.unit()).round().clamp(1.0, 12.0) as i64;
    if is_metered && size == 20 && dice.chance(0.3) { vec![(20, qty), (16, 1)] } else { vec![(size, qty)] }
}

/// The series bank as the shop writes it; its gas is that of the order, or twice that.
fn bank(order: &[(u8, i64)], is_metered: bool, dice: &mut Dice) -> String {
    match order {
        [(size, qty), (other, more)] => format!("{size}KG+{other}KG:{qty}+{more}"),
        [(50, qty)] => format!("50KG:{qty}+{qty}"),
        [(size, qty)] if is_metered => {
            dice.pick_one(&[format!("重量發報{size}*{qty}"), format!("{size}KG:{qty}"), format!("{size}KG:{qty}+{qty}")])
        }
        [(size, qty), ..] => dice.pick_one(&[format!("{size}*{qty}"), format!("{size}KG:{qty}"), format!("雙瓶{size}*{}", qty * 2)]),
        [] => String::new(),
    }
}

/// What an order of such cylinders is of. Some of the shop's customers keep to one of its other families.
fn products(order: &[(u8, i64)], is_metered: bool, is_special: bool) -> Vec<(&'static str, i64)> {
    let code = |size: u8| match (is_metered, is_special, size) {
        (true, _, 50) => "F50",
        (true, _, 20) => "F20",
        (true, ..) => "F16-LUCKY",
        (false, _, 50) => "C50",
        (false, false, 20) => "C20",
        (false, true, 20) => "C20-YING",
        (false, false, 16) => "C16",
        (false, true, 16) => "C16-LUCKY",
        (false, false, 10) => "C10",
        (false, true, 10) => "C10-SAFE",
        (false, false, _) => "C04",
        (false, true, _) => "C04-PILL",
    };
    order.iter().map(|(size, qty)| (code(*size), *qty)).collect()
}

fn devices(dice: &mut Dice) -> Vec<(&'static str, Option<String>)> {
    let shares = [("flow_meter", 0.55), ("wired_meter", 0.45), ("changeover_valve", 0.7), ("contact_gauge", 0.55), ("smart_scale", 0.6)];
    shares.into_iter().filter(|(_, share)| dice.chance(*share)).map(|(device, _)| (device, None)).collect()
}

/// Most have a landline, some a mobile too; a few are known without any number.
fn phones(at: usize, dice: &mut Dice) -> Vec<(Phone, String)> {
    let landline = dice.chance(0.9).then(|| people::landline(at));
    let mobile = (at.is_multiple_of(3)).then(|| people::mobile(at / 3)).flatten();
    landline
        .into_iter()
        .chain(mobile)
        .map(|phone| {
            let raw = phone.to_string();
            (phone, raw)
        })
        .collect()
}
