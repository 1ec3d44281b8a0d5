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
    if on_the_road.is_empty() {
        return Ok(Sentence::good("手機都連得到", "現在沒有人在路上。"));
    }
    let mut reached = 0;
    let mut oldest = Some(0);
    for (driver, kept) in &on_the_road {
        // Who listens is there now, whenever he last asked for something.
        let ago = match app.live.hears(*driver) {
            true => Some(0),
            false => app.seen.last_of(*driver, *kept).map(|at| now.minutes_since(at).max(0)),
        };
        reached += usize::from(ago.is_some_and(|ago| ago < LOST_MINUTES));
        oldest = oldest.zip(ago).map(|(oldest, ago)| oldest.max(ago));
    }
    let all = on_the_road.len();
    let count = format!("{all} 支裡 {reached} 支");
    let ago = match oldest {
        None => "有一支還沒連過".to_owned(),
        Some(0) => "都是剛才".to_owned(),
        Some(minutes @ ..120) => format!("最久的 {minutes} 分鐘前"),
        Some(minutes @ ..2_880) => format!("最久的 {} 小時前", minutes / 60),
        Some(minutes) => format!("最久的 {} 天前", minutes / 1_440),
    };
    Ok(match reached == all {
        true => Sentence::good("手機都連得到", format!("{count}，{ago}。")),
        false => Sentence::bad("有手機連不到", format!("{count}，{ago}。沒訊號時照樣能記，連上會自己送；一直連不到就打電話問。"), LOOK),
    })
}
