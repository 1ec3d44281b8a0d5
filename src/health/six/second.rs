//! 3: is there a copy that is not on this PC?

use rusqlite::Connection;

use super::Sentence;
use crate::app::App;
use crate::backups::places::{self, Place};
use crate::error::Result;
use crate::values::Stamp;

/// A copy older than this is of a shop that has moved on; a stick may go home over a night.
const OLD_MINUTES: i64 = 2 * 24 * 60;

const PLACES: (&str, &str) = ("選地方", "/backups/places");
const CHANGE: (&str, &str) = ("換資料夾", "/backups/places");

pub(super) fn sentence(app: &App, conn: &Connection, now: Stamp) -> Result<Sentence> {
    if app.settings().is_practice {
        return Ok(Sentence::good("練習店不放第二份", "這裡的人和資料都是虛構的。"));
    }
    let places = places::store::list(conn)?;
    if places.is_empty() {
        let detail = "電腦壞了，裡面的備份也一起壞。請插一支 USB 碟，或選一個別台的資料夾。";
        return Ok(Sentence::mind("第二份備份還沒有地方放", detail, PLACES));
    }
    let is_young = |place: &&Place| place.copy.as_ref().is_some_and(|copy| copy.at().minutes_since(now).abs() < OLD_MINUTES);
    // What is wrong there first, then what is away.
    let failing = places.iter().filter(|place| !place.is_good() || !is_young(place)).max_by_key(|place| place.problem.is_some());
    let holding = places.iter().filter(is_young).max_by_key(|place| place.copy.clone());
    Ok(match (holding, failing) {
        (Some(place), None) => Sentence::good("第二份備份放好了", place.sentence(now)),
        // A stick that is away until tonight, or one of several.
        (Some(_), Some(place)) if place.problem.is_none() && is_young(&place) => Sentence::good("第二份備份放好了", place.sentence(now)),
        (Some(_), Some(place)) => Sentence::mind("有一個地方沒放成第二份", place.sentence(now), CHANGE),
        (None, Some(place)) => Sentence::bad("第二份備份沒放成", place.sentence(now), CHANGE),
        (None, None) => Sentence::mind("第二份備份還沒有地方放", "請插一支 USB 碟，或選一個資料夾。", PLACES),
    })
}
