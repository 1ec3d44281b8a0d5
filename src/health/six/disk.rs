//! 4: is there room on the disk, and for how long?

use rusqlite::Connection;

use super::Sentence;
use crate::app::App;
use crate::db::space::{self, Level};
use crate::error::Result;
use crate::health::hours::{self, Hour, KEPT_HOURS};
use crate::health::store;
use crate::values::Stamp;

/// A forecast from fewer days would be of one import or one quiet week.
const LEAST_DAYS: i64 = 7;
/// A disk that is full sooner than this is somebody's business now.
const SOON_DAYS: i64 = 30;
const DAY_HOURS: i64 = 24;

const LOOK: (&str, &str) = ("看大小", "/data/health#h-sizes");

pub(super) fn sentence(app: &App, conn: &Connection, now: Stamp) -> Result<Sentence> {
    // A look of its own where the program has not looked yet.
    let Some(room) = app.space.last().or_else(|| space::room(&app.folder)) else {
        return Ok(Sentence::mind("硬碟還有多少看不到", "系統沒有說。請自己看資料夾那顆硬碟還剩多少。", LOOK));
    };
    let hours = store::ends(conn, hours::hour_of(now) - KEPT_HOURS, hours::hour_of(now))?;
    let left = days_left(hours.as_ref(), room.free);
    let free = gigabytes(room.free);
    Ok(match (room.level(), left) {
        (Level::Full, _) => Sentence::bad("硬碟滿了", format!("剩 {free}，現在只能看，不能存。清出 2 GB 就會自己恢復。"), LOOK),
        (Level::NoPhotos, _) => Sentence::bad("硬碟快滿了", format!("剩 {free}，照片已經不收。請清出 2 GB。"), LOOK),
        (Level::Low, _) => Sentence::bad("硬碟快滿了", format!("剩 {free}。請清出 2 GB。"), LOOK),
        (Level::Plenty, Some(days)) if days < SOON_DAYS => {
            Sentence::bad("硬碟快不夠了", format!("剩 {free}，照現在的用法 {days} 天後會滿。"), LOOK)
        }
        (Level::Plenty, Some(days)) => Sentence::good("硬碟還夠用", format!("剩 {free}，照現在的用法可用{}。", span(days))),
        (Level::Plenty, None) => Sentence::good("硬碟還夠用", format!("剩 {free}。再用幾天就知道可以用多久。")),
    })
}

/// How many days `free` bytes last when the records grow as they did from the first to the last of `ends`, each copy of them
/// with them. `None` when the hours tell too little.
fn days_left(ends: Option<&(Hour, Hour)>, free: u64) -> Option<i64> {
    let (first, last) = ends?;
    let days = (last.hour - first.hour) / DAY_HOURS;
    if days < LEAST_DAYS {
        return None;
    }
    let grew = |size: fn(&Hour) -> u64| size(last).saturating_sub(size(first));
    let by = grew(|hour| hour.figures.db_bytes) * (1 + last.figures.copies) + grew(|hour| hour.figures.photos_bytes);
    Some((free / (by / days as u64).max(1)).min(i64::MAX as u64) as i64)
}

/// `182 GB`, `1.4 GB` below ten of them.
fn gigabytes(bytes: u64) -> String {
    let tenths = bytes / ((1 << 30) / 10);
    if tenths < 100 { format!("{}.{} GB", tenths / 10, tenths % 10) } else { format!("{} GB", tenths / 10) }
}

fn span(days: i64) -> String {
    match days {
        3_653.. => " 10 年以上".to_owned(),
        730.. => format!(" {} 年", days / 365),
        60.. => format!(" {} 個月", days / 30),
        _ => format!(" {days} 天"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::hours::Figures;

    #[test]
    fn what_is_left_is_divided_by_what_a_day_takes() {
        let hour =
            |hour, db_bytes, photos_bytes| Hour { hour, figures: Figures { db_bytes, photos_bytes, copies: 1, ..Figures::default() } };
        let gb = 1 << 30;
        let cases = [
            (None, None),
            (Some((hour(0, 100, 0), hour(24 * 7 - 1, 200, 0))), None),
            // 70 MB and a copy in ten days, and 30 MB of pictures.
            (Some((hour(0, 0, 0), hour(240, 35 << 20, 30 << 20))), Some(102)),
            // Smaller than before, or not grown at all.
            (Some((hour(0, 100, 0), hour(240, 50, 0))), Some(gb)),
        ];
        for (ends, days) in cases {
            assert_eq!(days_left(ends.as_ref(), gb as u64), days);
        }
        for (days, says) in [(31, " 31 天"), (90, " 3 個月"), (729, " 24 個月"), (800, " 2 年"), (4_000, " 10 年以上")] {
            assert_eq!(span(days), says);
        }
        assert_eq!((gigabytes(182 << 30), gigabytes(1_503_238_553)), ("182 GB".to_owned(), "1.4 GB".to_owned()));
    }
}
