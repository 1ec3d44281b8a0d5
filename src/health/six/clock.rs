//! 5: is the PC's clock right? Nobody outside is asked, so it is held against what the program knows: the last that was
//! written, and how long it has been open.

use rusqlite::Connection;

use super::Sentence;
use crate::app::App;
use crate::error::Result;
use crate::health::store;
use crate::ui;
use crate::values::Stamp;

/// Clocks are set right by the network now and then, and nobody need hear of that.
const SLACK_MINUTES: i64 = 2;

const LOOK: (&str, &str) = ("看更多", "/data/health#h-clock");
const TITLE: &str = "電腦的時間不對";

pub(super) fn sentence(app: &App, conn: &Connection, now: Stamp) -> Result<Sentence> {
    let last = store::last_written(conn)?;
    let ahead = last.map_or(0, |last| last.minutes_since(now));
    if SLACK_MINUTES <= ahead {
        let last = last.map(|last| last.beside(now)).unwrap_or_default();
        let detail = format!("現在是 {}，可是最後一筆記在 {last}。請看電腦右下角，把時間調對。", now.beside(now));
        return Ok(Sentence::bad(TITLE, detail, LOOK));
    }
    let back = app.hours.set_back_minutes(now);
    if SLACK_MINUTES <= back {
        let detail = format!("程式開著的時候，時間往回跳了{}。請看電腦右下角，把時間調對。", span(back));
        return Ok(Sentence::bad(TITLE, detail, LOOK));
    }
    let last = last.map_or_else(String::new, |last| format!("，也不早於最後一筆紀錄（{}）", last.beside(now)));
    Ok(Sentence::good("電腦的時間沒有亂跳", format!("沒有往回跳{last}。和網路時間差多少，程式不連外，查不到。")))
}

fn span(minutes: i64) -> String {
    match minutes {
        2_880.. => format!(" {} 天", ui::count(minutes / 1_440)),
        120.. => format!(" {} 小時", minutes / 60),
        _ => format!(" {minutes} 分鐘"),
    }
}
