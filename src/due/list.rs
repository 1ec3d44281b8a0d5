//! Who is due by a day, reckoned for the whole shop at once (business §7).

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::customers::refill::{self, Figures};
use crate::due::store::{self, Candidate};
use crate::due::{AreaLines, Group, Line, List, Visit};
use crate::error::Result;
use crate::orders::usual;
use crate::products::{self, Product};
use crate::settings::Settings;
use crate::settings::holidays::Calendar;
use crate::values::{AreaId, CustomerId, Day, Stamp};

/// Which of the lines are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// `Some(None)` is 未分區.
    pub area: Option<Option<AreaId>>,
    /// The page and how many lines it has; the last page for one beyond it. `None` is all of them.
    pub page: Option<(usize, usize)>,
}

/// The list of `on` as it stands at `now`; how many lines each area has is told of the whole shop. What costs most to
/// know is asked only of the lines of the page.
pub fn of_day(conn: &Connection, on: Day, part: Part, now: Stamp, settings: &Settings) -> Result<List> {
    let calendar = Calendar::load(conn)?;
    let until = on.plus(settings.look_ahead_days);
    let (mut lines, mut skipped, mut with_order) = (Vec::new(), Vec::new(), 0);
    store::candidates(conn, on, None, |candidate| {
        let (is_skipped, has_order) = (candidate.is_skipped, candidate.has_order);
        let is_meant = part.area.is_none_or(|area| area == candidate.area_id);
        let Some(line) = reckon(candidate, &calendar, settings).filter(|line| line.visit.on <= until) else { return };
        if has_order {
            with_order += usize::from(is_meant);
        } else if is_skipped {
            skipped.extend(is_meant.then_some((line.customer, line.details.short_name)));
        } else {
            lines.push(line);
        }
    })?;
    let areas = areas_of(&lines);
    lines.retain(|line| part.area.is_none_or(|area| area == line.area_id));
    sort(&mut lines, now.day());
    let (groups, total) = (groups_of(&lines, now.day()), lines.len());
    if let Some((page, size)) = part.page {
        let page = page.clamp(1, pages(total, size));
        lines = lines.into_iter().skip((page - 1) * size).take(size).collect();
    }
    let catalogue = complete(conn, &mut lines)?;
    Ok(List { on, until, now, lines, groups, total, with_order, skipped, areas, catalogue })
}

/// How many pages of `size` lines `total` lines fill; an empty list has one.
pub fn pages(total: usize, size: usize) -> usize {
    total.div_ceil(size).max(1)
}

fn groups_of(lines: &[Line], today: Day) -> Vec<(Group, usize)> {
    let same = lines.chunk_by(|one, other| one.group(today) == other.group(today));
    same.filter_map(|lines| Some((lines.first()?.group(today), lines.len()))).collect()
}

/// The line of one customer on the list of `on`, whether or not it has an open order or was passed over; `None` when it
/// is not due by then. With the catalogue its usual is of.
pub fn line_of(conn: &Connection, customer: CustomerId, on: Day, settings: &Settings) -> Result<(Option<Line>, Vec<Product>)> {
    let calendar = Calendar::load(conn)?;
    let until = on.plus(settings.look_ahead_days);
    let mut lines = Vec::new();
    store::candidates(conn, on, Some(customer), |candidate| {
        lines.extend(reckon(candidate, &calendar, settings).filter(|line| line.visit.on <= until));
    })?;
    let catalogue = complete(conn, &mut lines)?;
    Ok((lines.pop(), catalogue))
}

/// When `candidate` is due; `None` when nobody can know.
fn reckon(candidate: Candidate, calendar: &Calendar, settings: &Settings) -> Option<Line> {
    let figures = Figures::of(candidate.details.use_of_gas(), settings);
    let due = refill::due(&figures, &candidate.days)?;
    let visit = Visit::of(&due, &candidate.details.closed, calendar);
    Some(Line {
        customer: candidate.customer,
        details: candidate.details,
        area_id: candidate.area_id,
        figures,
        due,
        visit,
        last_load: Default::default(),
        usual: None,
        alarm: None,
    })
}

/// Adds to each line what only those who are due are asked for.
fn complete(conn: &Connection, lines: &mut [Line]) -> Result<Vec<Product>> {
    let ids: Vec<CustomerId> = lines.iter().map(|line| line.customer).collect();
    let mut about = store::about(conn, &ids)?;
    for line in lines.iter_mut() {
        let about = about.remove(&line.customer).unwrap_or_default();
        line.details.phones = about.phone.into_iter().collect();
        line.details.pricing_method = about.pricing.unwrap_or(line.details.pricing_method);
        line.details.cylinders = about.cylinders;
        line.last_load = about.last_load;
        line.alarm = about.alarm.filter(|(at, _)| line.due.last < at.day());
    }
    let catalogue = products::store::catalogue(conn)?;
    let mut usual = usual::of_many(conn, lines.iter().map(|line| (line.customer, &line.details)), &catalogue)?;
    for line in lines {
        line.usual = usual.remove(&line.customer);
    }
    Ok(catalogue)
}

/// Overdue first, then by day; within that whoever can wait least (who knows no latest day comes after those who do),
/// then by area, 未分區 last, and code.
fn sort(lines: &mut [Line], today: Day) {
    lines.sort_by_cached_key(|line| {
        let code = line.details.customer_code.to_string();
        (
            line.group(today),
            line.due.latest.is_none(),
            line.due.latest,
            line.details.area.is_none(),
            line.details.area.clone(),
            line.visit.on,
            code.len(),
            code,
        )
    });
}

fn areas_of(lines: &[Line]) -> Vec<AreaLines> {
    let mut areas: BTreeMap<(bool, &str, Option<AreaId>), usize> = BTreeMap::new();
    for line in lines {
        let name = line.details.area.as_deref().unwrap_or("未分區");
        *areas.entry((line.area_id.is_none(), name, line.area_id)).or_default() += 1;
    }
    areas.into_iter().map(|((_, name, id), lines)| AreaLines { id, name: name.to_owned(), lines }).collect()
}
