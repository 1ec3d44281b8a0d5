//! When a customer needs gas again: the arithmetic the shop's sheet does, done live (business §7).
//!
//! Invariants
//! - What cannot be known is `None`: never 0, never infinity.
//! - Figures the sheet brought are shown beside these and never used in their place.

use crate::settings::Settings;
use crate::values::{Day, Grams};

/// What is known of a customer's use. Weights as the customer row has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    pub monthly_delivered: Option<Grams>,
    pub monthly_residual: Option<Grams>,
    /// Counts only where the month is unknown.
    pub avg_daily: Option<Grams>,
    pub series: Option<Grams>,
    pub reserve: Option<Grams>,
}

/// The figures, in kilograms and days.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    pub net_kg: Option<f64>,
    pub residual_ratio: Option<f64>,
    pub daily_kg: Option<f64>,
    /// The longest the series bank lasts.
    pub cycle_days: Option<f64>,
    /// How long a visit may slip once the reserve burns.
    pub slip_days: Option<f64>,
    /// Below zero: half the reserve does not cover one day, so at low gas somebody goes today.
    pub margin_kg: Option<f64>,
}

impl Figures {
    pub fn of(known: Use, settings: &Settings) -> Figures {
        let (delivered, residual) = (known.monthly_delivered.map(Grams::kg), known.monthly_residual.map(Grams::kg));
        // More gas returned than delivered is a slip of the sheet: then the month is as good as unknown.
        let month = delivered.zip(residual).filter(|(delivered, residual)| residual <= delivered);
        let net_kg = match (month, delivered, residual) {
            (Some((delivered, residual)), ..) => Some(delivered - residual),
            (None, Some(delivered), None) if known.avg_daily.is_none() => Some(delivered),
            _ => None,
        };
        let daily_kg = net_kg.map(|net| net / settings.month_days).or(known.avg_daily.map(Grams::kg)).filter(|daily| 0.0 < *daily);
        let lasts = |weight: Option<Grams>| Some(weight?.kg() * settings.usable_fraction / daily_kg?);
        Figures {
            net_kg,
            residual_ratio: month.filter(|(delivered, _)| 0.0 < *delivered).map(|(delivered, residual)| residual / delivered),
            daily_kg,
            cycle_days: lasts(known.series.filter(|series| 0 < series.0)),
            slip_days: lasts(known.reserve).map(|days| days - 1.0),
            margin_kg: known.reserve.zip(daily_kg).map(|(reserve, daily)| reserve.kg() * settings.safety_share - daily),
        }
    }
}

/// Where a rhythm comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Use and the weight of the series bank.
    Consumption,
    /// The median interval of this many last deliveries; there was no use to reckon with.
    History { deliveries: usize },
}

/// When the next visit is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub last: Day,
    pub next: Day,
    /// The latest the reserve allows, where there is a reserve to reckon with; never before `next`.
    pub latest: Option<Day>,
    /// Whole days from visit to visit.
    pub every: i64,
    pub basis: Basis,
}

/// How many last deliveries a rhythm is taken from, and how many it needs at least.
const RHYTHM: (usize, usize) = (6, 3);

/// The days between visits that history shows: the median of the last six deliveries, `None` with fewer
/// than three. `days` are the days of the deliveries, the latest first; two on one day are one visit.
pub fn usual_interval(days: &[Day]) -> Option<(i64, usize)> {
    let mut days = days.to_vec();
    days.dedup();
    days.truncate(RHYTHM.0);
    if days.len() < RHYTHM.1 {
        return None;
    }
    let mut gaps: Vec<i64> = days.windows(2).map(|pair| pair[0].days_since(pair[1])).collect();
    gaps.sort_unstable();
    let middle = gaps.len() / 2;
    let median = if gaps.len() % 2 == 1 { gaps[middle] } else { (gaps[middle - 1] + gaps[middle]) / 2 };
    Some((median, days.len()))
}

/// The next visit after the last of `days`; `None` for somebody never visited or without any rhythm.
pub fn due(figures: &Figures, days: &[Day]) -> Option<Due> {
    let last = *days.first()?;
    let (every, basis) = match figures.cycle_days {
        Some(cycle) => (whole(cycle), Basis::Consumption),
        None => usual_interval(days).map(|(every, deliveries)| (every, Basis::History { deliveries }))?,
    };
    let next = last.plus(every);
    let latest = match basis {
        Basis::Consumption => figures.slip_days.map(|slip| next.plus(whole(slip).max(0))),
        Basis::History { .. } => None,
    };
    Some(Due { last, next, latest, every, basis })
}

/// Whole days, rounded down; an outlier stays within a lifetime.
fn whole(days: f64) -> i64 {
    days.floor().clamp(-36_500.0, 36_500.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kg(kg: f64) -> Option<Grams> {
        Some(Grams((kg * 1_000.0) as i64))
    }

    fn near(have: Option<f64>, want: f64) -> bool {
        have.is_some_and(|have| (have - want).abs() < 0.005)
    }

    #[test]
    fn the_sheets_own_numbers_come_out() {
        let settings = Settings::default();
        let of = |delivered, residual, series, reserve| {
            let known = Use {
                monthly_delivered: kg(delivered),
                monthly_residual: kg(residual),
                avg_daily: None,
                series: kg(series),
                reserve: kg(reserve),
            };
            Figures::of(known, &settings)
        };
        let one = of(64.0, 0.0, 60.0, 20.0);
        assert_eq!(one.cycle_days, Some(23.90625));
        assert_eq!(one.slip_days, Some(6.96875));
        assert!(near(one.margin_kg, 7.867) && near(one.daily_kg, 2.133), "{one:?}");
        let two = of(60.0, 2.0, 72.0, 36.0);
        assert!(near(two.cycle_days, 31.655) && near(two.slip_days, 14.828) && near(two.margin_kg, 16.067), "{two:?}");
        assert!(near(two.residual_ratio, 0.0333) && near(of(20.0, 12.0, 0.0, 0.0).net_kg, 8.0));
        assert!(near(of(99.9, 0.0, 60.0, 0.0).margin_kg, -3.33));
    }

    #[test]
    fn unknown_is_none_and_never_infinity() {
        let settings = Settings::default();
        let none = Figures::of(Use::default(), &settings);
        assert_eq!(none, Figures::default());
        let idle = Use { monthly_delivered: kg(20.0), monthly_residual: kg(20.0), series: kg(60.0), reserve: kg(20.0), ..Use::default() };
        let figures = Figures::of(idle, &settings);
        assert_eq!((figures.daily_kg, figures.cycle_days, figures.slip_days, figures.margin_kg), (None, None, None, None));
        // 8 delivered and 35 returned is a slip; the day's average of the sheet stands in.
        let slip = Use { monthly_delivered: kg(8.0), monthly_residual: kg(35.0), avg_daily: kg(1.5), ..Use::default() };
        assert_eq!(Figures::of(slip, &settings).daily_kg, Some(1.5));
    }

    #[test]
    fn the_next_visit_follows_the_last() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let figures = Figures { cycle_days: Some(23.9), slip_days: Some(6.97), ..Figures::default() };
        let next = due(&figures, &[day("2025-10-30")]).unwrap();
        assert_eq!((next.next, next.latest), (day("2025-11-22"), Some(day("2025-11-28"))));
        // Without use: six deliveries 20, 22, 24, 26, 28 days apart.
        let mut days = vec![day("2025-05-01")];
        for gap in [20, 28, 22, 26, 24, 300] {
            days.push(days[days.len() - 1].plus(-gap));
        }
        let next = due(&Figures::default(), &days).unwrap();
        assert_eq!((next.every, next.basis, next.latest), (24, Basis::History { deliveries: 6 }, None));
        assert_eq!(due(&Figures::default(), &days[..2]), None, "two deliveries are no rhythm");
        assert_eq!(due(&figures, &[]), None);
    }
}
