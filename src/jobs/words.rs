//! A run in people's words.

use crate::jobs::{Outcome, Run};
use crate::ui;

/// What a job counts, by its key: the verb before the number, the unit after it, and from how many on it is told.
const COUNTS: &[(&str, &str, &str, i64)] = &[
    // What a job is for is told even when there was none; the rest only when there was any.
    ("moved", "收進", "筆", 0),
    ("removed", "清掉", "筆", 0),
    ("made", "開了", "張", 0),
    ("failed", "沒開成", "張", 1),
    ("passed_over", "跳過", "次", 1),
    ("ended", "到期", "個", 1),
    ("stopped", "客戶停了", "個", 1),
    ("asked", "核對了", "項，都相符", 0),
    ("notices", "通知", "則", 0),
    ("acts", "手機的回報", "筆", 0),
];

/// What a run that is done counted, in words. A job whose counts are more than numbers says so itself, in `say`.
pub fn counts_line(run: &Run) -> String {
    if let Some(say) = run.counts.get("say").and_then(|say| say.as_str()) {
        return say.to_owned();
    }
    let said: Vec<_> = COUNTS
        .iter()
        .filter_map(|(key, verb, unit, least)| Some((verb, run.counts.get(key)?.as_i64().filter(|count| least <= count)?, unit)))
        .map(|(verb, count, unit)| format!("{verb} {} {unit}", ui::count(count)))
        .collect();
    said.join("，")
}

/// Why a run failed, for people.
pub fn why(run: &Run) -> &str {
    run.counts.get("say").and_then(|say| say.as_str()).unwrap_or("請再試一次。")
}

/// What came of a run: counts, why not, or nothing yet.
pub fn result(run: &Run) -> String {
    match run.outcome {
        Some(Outcome::Done) => counts_line(run),
        Some(Outcome::Failed) => why(run).to_owned(),
        None => String::new(),
    }
}

/// How long a run took: `0.3 秒`, `2 分 5 秒`; `None` while it runs, or when the clock was moved meanwhile.
pub fn took(run: &Run) -> Option<String> {
    let ms = run.finished_at?.0 - run.started_at.0;
    match ms {
        ..0 => None,
        0..10_000 => Some(format!("{}.{} 秒", ms / 1_000, ms % 1_000 / 100)),
        10_000..60_000 => Some(format!("{} 秒", ms / 1_000)),
        60_000..3_600_000 => Some(format!("{} 分 {} 秒", ms / 60_000, ms % 60_000 / 1_000)),
        _ => Some(format!("{} 小時 {} 分", ms / 3_600_000, ms % 3_600_000 / 60_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Stamp;
    use serde_json::{Value, json};

    fn run(ms: i64, counts: Value) -> Run {
        Run { id: 1, job: "archive".to_owned(), started_at: Stamp(0), finished_at: Some(Stamp(ms)), outcome: Some(Outcome::Done), counts }
    }

    #[test]
    fn a_run_says_what_it_counted_and_how_long_it_took() {
        let counts = [
            (json!({"moved": 1234}), "收進 1,234 筆"),
            (json!({"made": 0, "failed": 0, "ended": 2}), "開了 0 張，到期 2 個"),
            (json!({"rows": 7}), ""),
            (json!({"say": "349,920 筆配送，備份好了", "removed": 3}), "349,920 筆配送，備份好了"),
        ];
        for (counts, says) in counts {
            assert_eq!(counts_line(&run(0, counts)), says);
        }
        let spans = [(0, "0.0 秒"), (340, "0.3 秒"), (12_900, "12 秒"), (125_000, "2 分 5 秒"), (3_660_000, "1 小時 1 分")];
        for (ms, says) in spans {
            assert_eq!(took(&run(ms, json!({}))).as_deref(), Some(says));
        }
        assert_eq!(took(&run(-5, json!({}))), None, "the clock was set back");
    }
}
