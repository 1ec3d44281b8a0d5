//! 經過: what happened to an emergency, a sentence each, told from the journal.

use crate::emergencies::dispatch::Sent;
use crate::emergencies::store::Happening;

/// What happened, as people say it; `None` for what is told by the line before.
pub fn sentence(one: &Happening) -> Option<String> {
    let by = one.by.as_deref().unwrap_or("程式");
    let driver = one.change["driver"].as_str().unwrap_or("司機");
    Some(match one.verb.as_str() {
        "create" => format!("{by}建立，通報全店"),
        "assign" => format!("{by}指派{driver}"),
        "send" => format!("{}，通知他了", Sent::from_word(one.change["how"].as_str()?)?.label()),
        "answer" => format!("{by}說：我去"),
        "answer_for" => format!("{by}記：{driver}在電話裡說要去"),
        "decline" => format!("{driver}去不了"),
        "see" => format!("{by}：店裡知道了"),
        "again" if one.change["driver"].is_string() => format!("{by}再通知{driver}"),
        "again" => format!("{by}再通知店裡"),
        "alarm" => format!("沒有回應，第 {} 次響", one.change["after"]["alarms"].as_i64().unwrap_or(2)),
        "describe" => format!("{by}改了記錄"),
        "arrive" => "到現場了".to_owned(),
        "deliver" => "處理完了".to_owned(),
        "fail" => "沒處理成".to_owned(),
        "take_off" => format!("{by}把這一站移走了"),
        "cancel" => format!("{by}取消了訂單"),
        "reopen" => format!("{by}復原，還沒處理完"),
        "calm" => format!("{by}改成一般訂單"),
        "close" => match one.change["note"].as_str().filter(|note| !note.is_empty()) {
            Some(note) => format!("{by}解除：{note}"),
            None => format!("{by}解除"),
        },
        _ => return None,
    })
}
