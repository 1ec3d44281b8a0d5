//! A month by its days, drawn with geometry in attributes, for the CSP forbids `style=` too.

use maud::{Markup, html};

use crate::reports::{DayTotal, MonthReport};
use crate::ui;

const WIDTH: f64 = 1120.0;
const LEFT: f64 = 52.0;
/// Where the bars stand, and how high the highest may be.
const GROUND: f64 = 220.0;
const HEIGHT: f64 = 188.0;
const BOTTOM: f64 = 250.0;

/// What the colours and the dashes mean.
pub fn legend(report: &MonthReport) -> Markup {
    html! {
        span.legend {
            span { svg viewBox="0 0 2 1" aria-hidden="true" { rect.a width="2" height="1" {} } "平日" }
            span { svg viewBox="0 0 2 1" aria-hidden="true" { rect.b width="2" height="1" {} } "星期日" }
            span { svg viewBox="0 0 20 10" aria-hidden="true" { line.was x2="20" y1="5" y2="5" {} } "平均 " (ui::count(report.average().round() as i64)) }
        }
    }
}

/// A bar a day; the highest and the lowest carry their figures.
pub fn bars(report: &MonthReport) -> Markup {
    let days = &report.days;
    let most = days.iter().map(|day| day.totals.deliveries).max().unwrap_or(0).max(1);
    let height = |count: f64| HEIGHT * count / most as f64;
    let slot = (WIDTH - LEFT) / f64::from(report.month.last().day_of_month());
    let average = GROUND - height(report.average());
    let step = grid_step(most);
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (BOTTOM) } role="img" aria-label=(description(report)) {
            @for line in (0..=most / step).map(|at| at * step) {
                @let y = tenth(GROUND - height(line as f64));
                line class=(if line == 0 { "axis" } else { "grid" }) x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
                text.end.faint x=(LEFT - 8.0) y=(tenth(GROUND - height(line as f64) + 5.0)) { (ui::count(line)) }
            }
            @for (at, day) in days.iter().enumerate() {
                @let x = LEFT + slot * at as f64;
                @let tall = height(day.totals.deliveries as f64);
                @let middle = tenth(x + slot / 2.0);
                rect class=(if day.on.weekday() == 7 { "b" } else { "a" }) x=(tenth(x + slot * 0.15)) y=(tenth(GROUND - tall)) width=(tenth(slot * 0.7)) height=(tenth(tall)) {}
                @if is_end(days, day) { text.mid.strong x=(middle) y=(tenth(GROUND - tall - 6.0)) { (ui::count(day.totals.deliveries)) } }
                @if is_end(days, day) || (at % 3 == 0 && !is_beside_an_end(days, at)) { text.mid.faint x=(middle) y="244" { (at + 1) } }
            }
            line.was x1=(LEFT) x2=(WIDTH) y1=(tenth(average)) y2=(tenth(average)) {}
        }
    }
}

/// Whether `day` is the first with the most or the first with the fewest deliveries.
fn is_end(days: &[DayTotal], day: &DayTotal) -> bool {
    let most = days.iter().rev().max_by_key(|day| day.totals.deliveries);
    let least = days.iter().min_by_key(|day| day.totals.deliveries);
    [most, least].into_iter().flatten().any(|end| end.on == day.on)
}

/// Whether the day before or after the one at `at` carries its date, so that this one has no room.
fn is_beside_an_end(days: &[DayTotal], at: usize) -> bool {
    [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|beside| days.get(beside)).any(|day| is_end(days, day))
}

/// The same in a sentence, for who cannot see it.
fn description(report: &MonthReport) -> String {
    let most = report.days.iter().rev().max_by_key(|day| day.totals.deliveries);
    let least = report.days.iter().min_by_key(|day| day.totals.deliveries);
    let ends = most.zip(least).map_or(String::new(), |(most, least)| {
        let told = |day: &DayTotal| format!("{} 日 {} 次", day.on.day_of_month(), ui::count(day.totals.deliveries));
        format!("，最多 {}，最少 {}", told(most), told(least))
    });
    format!("{} 月每天配送次數，平均 {} 次{ends}", report.month.month(), ui::count(report.average().round() as i64))
}

/// A round distance that makes two to five lines.
fn grid_step(most: i64) -> i64 {
    let mut power = 1;
    loop {
        for step in [power, 2 * power, 5 * power] {
            if most / step <= 4 {
                return step;
            }
        }
        power *= 10;
    }
}

/// One decimal is a tenth of a pixel; more would only be bytes.
fn tenth(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn grid_lines_are_round_and_few() {
        for (most, step) in [(1, 1), (9, 2), (253, 100), (24, 5), (1000, 500), (25, 10)] {
            assert_eq!(super::grid_step(most), step, "{most}");
        }
        for most in 1..5000 {
            assert!((1..=4).contains(&(most / super::grid_step(most))), "{most}");
        }
    }
}
