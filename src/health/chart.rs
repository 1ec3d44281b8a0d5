//! The week by its hours: a bar for what 95 of 100 requests stayed within. Geometry in attributes, as the CSP asks.

use maud::{Markup, html};

use crate::health::hours::{self, Hour};
use crate::health::views::milliseconds;
use crate::values::Stamp;

const WIDTH: f64 = 1120.0;
const LEFT: f64 = 52.0;
const GROUND: f64 = 150.0;
const HEIGHT: f64 = 120.0;
const BOTTOM: f64 = 178.0;
const SHOWN: i64 = 7 * 24;
/// A chart of nothing but short answers is no chart of mountains: its top is never lower, in microseconds.
const LEAST_TOP: u64 = 10_000;
/// The room a date takes.
const DATE: f64 = 90.0;
/// The share that is drawn.
const SHARE: f64 = 0.95;

/// The last seven days up to `now`.
pub fn bars(hours: &[Hour], now: Stamp) -> Markup {
    let first = hours::hour_of(now) - SHOWN + 1;
    let known: Vec<(i64, u64)> =
        hours.iter().filter(|hour| first <= hour.hour).filter_map(|hour| Some((hour.hour, hour.figures.within_us(SHARE)?))).collect();
    let top = known.iter().map(|(_, us)| *us).max().unwrap_or(0).max(LEAST_TOP);
    let slot = (WIDTH - LEFT) / SHOWN as f64;
    let x = |hour: i64| LEFT + slot * (hour - first) as f64;
    let height = |us: u64| HEIGHT * us as f64 / top as f64;
    // The hour that is midnight in Taiwan.
    let midnights = (first..first + SHOWN).filter(|hour| hours::began(*hour).hour() == 0);
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (BOTTOM) } role="img" aria-label=(description(&known, now)) {
            @for part in [0u32, 1, 2] {
                @let y = tenth(GROUND - HEIGHT * f64::from(part) / 2.0);
                line class=(if part == 0 { "axis" } else { "grid" }) x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
                text.end.faint x=(LEFT - 8.0) y=(tenth(GROUND - HEIGHT * f64::from(part) / 2.0 + 5.0)) { (milliseconds(top * u64::from(part) / 2)) }
            }
            @for hour in midnights {
                line.grid x1=(tenth(x(hour))) x2=(tenth(x(hour))) y1="20" y2=(GROUND) {}
                @if x(hour) + DATE < WIDTH { text.faint x=(tenth(x(hour) + 4.0)) y="170" { (hours::began(hour).day().short()) } }
            }
            @for (hour, us) in &known {
                rect.a x=(tenth(x(*hour) + slot * 0.1)) y=(tenth(GROUND - height(*us))) width=(tenth(slot * 0.8)) height=(tenth(height(*us).max(1.0))) {}
            }
        }
    }
}

/// The same in a sentence, for who cannot see it.
fn description(known: &[(i64, u64)], now: Stamp) -> String {
    let told = |(hour, us): &(i64, u64)| format!("{} {} 毫秒", hours::began(*hour).beside(now), milliseconds(*us));
    match known.iter().max_by_key(|(_, us)| *us).zip(known.last()) {
        Some((most, last)) => format!("{} 個小時的快慢：最慢 {}，最近 {}", known.len(), told(most), told(last)),
        None => "還沒有數字".to_owned(),
    }
}

/// One decimal is a tenth of a pixel; more would only be bytes.
fn tenth(number: f64) -> String {
    format!("{number:.1}")
}
