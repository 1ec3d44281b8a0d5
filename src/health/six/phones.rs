//! 6: do the phones of those on the road reach the shop?

use rusqlite::Connection;

use super::Sentence;
use crate::app::App;
use crate::error::Result;
use crate::health::store;
use crate::values::Stamp;

/// A valley without signal is driven through in this time.
const LOST_MINUTES: i64 = 60;

const LOOK: (&str, &str) = ("看是誰", "/board");

pub(super) fn sentence(app: &App, conn: &Connection, now: Stamp) -> Result<Sentence> {
    let on_the_road = store::on_the_road(conn, now.day())?;
    // Who listens is there now, whenever he last asked for something. Who never came has no phone: somebody acts for him.
    let ago: Vec<i64> = on_the_road
        .iter()
        .filter_map(|(driver, kept)| match app.live.hears(*driver) {
            true => Some(0),
            false => app.seen.last_of(*driver, *kept).map(|at| now.minutes_since(at).max(0)),
        })
        .collect();
    let Some(oldest) = ago.iter().max() else {
        let detail = if on_the_road.is_empty() { "現在沒有人在路上。" } else { "在路上的人都沒有用手機。" };
        return Ok(Sentence::good("手機都連得到", detail));
    };
    let (all, reached) = (ago.len(), ago.iter().filter(|ago| **ago < LOST_MINUTES).count());
    let last = match oldest {
        0 => "都是剛才".to_owned(),
        ..120 => format!("最久的 {oldest} 分鐘前"),
        ..2_880 => format!("最久的 {} 小時前", oldest / 60),
        _ => format!("最久的 {} 天前", oldest / 1_440),
    };
    let count = format!("{all} 支裡 {reached} 支");
    Ok(match reached == all {
        true => Sentence::good("手機都連得到", format!("{count}，{last}。")),
        false => Sentence::bad("有手機連不到", format!("{count}，{last}。一直連不到，打電話問他。"), LOOK),
    })
}
