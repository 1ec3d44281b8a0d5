//! What the program tells about itself: its keys, and what changed with each version.

use maud::{Markup, html};

use crate::app::App;
use crate::error::Result;
use crate::http::{Request, Response};
use crate::ui::{Page, Room};

const CHANGES: &str = include_str!("../../assets/changes.md");

/// The caps of a key, and what it does.
type Key = (&'static [&'static str], &'static str);

/// The keys there are, by where they work. Each is also printed on the thing it presses.
#[rustfmt::skip]
const KEYS: &[(&str, &[Key])] = &[
    ("到處都可以", &[
        (&["N"], "新訂單"),
        (&["U"], "復原自己剛剛做的（做完的下一頁，或在今日）"),
        (&["B"], "通知：有人要知道的事；在那一頁按 S，都看過了"),
        (&["/"], "找客戶或訂單：名字、編號、電話末幾碼、地址、單號"),
        (&["!"], "記緊急事件：瓦斯洩漏、客戶緊急、緊急配送、司機緊急"),
        (&["Alt", "0"], "有警報的時候：去處理"),
        (&["Alt", "1"], "今日"),
        (&["Alt", "2"], "訂單"),
        (&["Alt", "3"], "客戶"),
        (&["Alt", "4"], "計畫名單"),
        (&["Alt", "5"], "派遣"),
        (&["Alt", "7"], "報表"),
        (&["Alt", "8"], "資料"),
        (&["Alt", "9"], "設定"),
        (&["U"], "復原自己剛才做的那一步"),
        (&["Esc"], "關掉開著的，再按回上一頁"),
        (&["?"], "這一頁"),
    ]),
    ("找客戶", &[
        (&["↑", "↓"], "上一個、下一個"),
        (&["Enter"], "打開亮著的那一位"),
        (&["1", "9"], "按過方向鍵以後，打開第幾個"),
        (&["A"], "按過方向鍵以後，用打的字建新客戶"),
    ]),
    ("名單", &[
        (&["1", "9"], "打開那一列"),
        (&["↑", "↓"], "移動"),
        (&["Enter"], "打開亮著的那一列"),
        (&["PgUp", "PgDn"], "上一頁、下一頁"),
    ]),
    ("新訂單", &[
        (&["+"], "加一種，再按 5 2 1 T 4 選 50、20、16、10、4 公斤"),
        (&["−"], "刪這一行"),
        (&["Tab"], "下一欄：數量、日期、時段、備註、付款"),
        (&["←", "→"], "換日期、時段、付款；別天直接打 5/30"),
        (&["Enter"], "存檔"),
        (&["Esc"], "不存，離開"),
        (&["W"], "還沒打客戶時：散客"),
    ]),
    ("今日", &[
        (&["1", "9"], "打開那一件"),
        (&["↑", "↓"], "移動"),
        (&["Enter"], "處理亮著的那一件：確認、改約"),
    ]),
    ("訂單清單", &[
        (&["←", "→"], "前一天、後一天"),
        (&["PgUp", "PgDn"], "上一頁、下一頁"),
        (&["E"], "改亮著的那一張"),
        (&["X"], "取消亮著的那一張"),
        (&["F"], "更多條件"),
        (&["T"], "範本"),
        (&["P"], "列印"),
    ]),
    ("一張訂單", &[
        (&["Enter"], "確認；取消的單：照樣再開"),
        (&["E"], "改：數量、日期、時段、備註"),
        (&["X"], "取消，再按原因的數字"),
        (&["1", "9"], "派給第幾位司機"),
        (&["0"], "收回，還不派"),
        (&["P"], "送貨單"),
        (&["Esc"], "回清單"),
    ]),
    ("派遣看板", &[
        (&["↑", "↓"], "選上一張、下一張；← → 換一欄"),
        (&["1", "9"], "交給那位司機，亮到下一張"),
        (&["A"], "再按司機的號碼：這一區沒派的都交給他"),
        (&["0"], "退回未派"),
        (&["Alt", "↑"], "往前一站；Alt ↓ 往後一站"),
        (&["Shift", "↓"], "選好幾張一起交；也可以按 M"),
        (&["G"], "這條路線照建議排"),
        (&["B"], "發布這條路線，司機收到通知"),
        (&["Enter"], "開那張訂單"),
        (&["X"], "取消那張訂單"),
        (&["P"], "印這一天的派遣單"),
        (&["PgUp", "PgDn"], "前一天、後一天；T 回今天"),
        (&["W"], "牆上的大螢幕，再按一次回來"),
    ]),
    ("緊急事件", &[
        (&["1", "9"], "派第幾位司機；填表時選發生什麼事"),
        (&["R"], "再通知一次"),
        (&["Enter"], "店裡知道了"),
        (&["O"], "看訂單"),
        (&["W"], "還沒填哪一家時：散客"),
        (&["Esc"], "全部緊急事件"),
    ]),
    ("範本", &[
        (&["R"], "清單上：現在就把該開的開好；停用的範本：恢復"),
        (&["Enter"], "打開亮著的範本；再按一次，照它開一張單"),
        (&["X"], "停用"),
    ]),
    ("客戶", &[
        (&["Enter"], "照舊下單"),
        (&["N"], "改數量再下"),
        (&["O"], "看未完的訂單"),
        (&["R"], "記發報"),
        (&["T"], "範本：照它開一張，沒有就做一個"),
        (&["E"], "修改"),
        (&["H"], "全部配送紀錄"),
    ]),
    ("計畫名單", &[
        (&["Enter"], "照慣用下單，亮到下一家"),
        (&["N"], "改數量再下"),
        (&["S"], "這一天先不送"),
        (&["R"], "發報輸入"),
        (&["←", "→"], "前一天、後一天"),
        (&["P"], "列印"),
    ]),
    ("產品與價格", &[
        (&["C"], "調價"),
        (&["A"], "新增配件"),
        (&["Ctrl", "Enter"], "看過會影響誰以後，確認新價"),
    ]),
    ("派遣單、載貨單、送貨單", &[
        (&["P"], "列印"),
        (&["1", "4"], "換一種單據、換紙"),
    ]),
    ("車輛和司機", &[
        (&["V"], "車輛"),
        (&["D"], "司機"),
        (&["A"], "新增車輛"),
    ]),
    ("鋼瓶", &[
        (&["C"], "在派遣、客戶那一頁：鋼瓶"),
        (&["M"], "在客戶那一頁：抄表"),
        (&["R"], "送廠、進貨"),
        (&["C"], "盤點"),
        (&["X"], "報廢"),
        (&["H"], "全部異動"),
    ]),
    ("從試算表匯入訂單", &[
        (&["I"], "在訂單清單上：去匯入"),
        (&["F"], "選檔案"),
        (&["Enter"], "先看一遍"),
        (&["Ctrl", "Enter"], "看過以後，開這些訂單"),
        (&["X"], "整批收回"),
    ]),
    ("匯入", &[
        (&["Ctrl", "Enter"], "看過以後，確認寫入"),
    ]),
    ("報表", &[
        (&["←", "→"], "前一個月、後一個月"),
    ]),
];

/// `GET /keys`.
pub fn keys(app: &App, req: &Request) -> Result<Response> {
    Ok(Page::new(app, req, "按鍵").room(Room::Settings).show(html! {
        div.head { div { h1 { "按鍵" } p { "字母和數字在沒有打字的時候才算；中文輸入法開著也一樣。滑鼠都做得到，鍵盤比較快。" } } }
        div.key-lists {
            @for (place, keys) in KEYS {
                section.panel {
                    h2 { (place) }
                    dl.facts.keys { @for (caps, what) in *keys { dt { (caps_view(caps)) } dd { (what) } } }
                }
            }
        }
    }))
}

fn caps_view(caps: &[&str]) -> Markup {
    let between = match caps {
        ["Alt" | "Ctrl", _] => " ＋ ",
        ["1", "9"] => " 到 ",
        _ => " ",
    };
    html! { @for (at, cap) in caps.iter().enumerate() { @if 0 < at { (between) } kbd { (cap) } } }
}

/// `GET /changes` shows `assets/changes.md`.
pub fn changes(app: &App, req: &Request) -> Result<Response> {
    Ok(Page::new(app, req, "這一版改了什麼").room(Room::Settings).show(html! {
        div.head { div { h1 { "這一版改了什麼" } p { "現在是 " (env!("CARGO_PKG_VERSION")) " 版。" } } }
        section.panel.changes { (changes_view(CHANGES)) }
    }))
}

/// The three marks the file uses: `## ` a version, `- ` a thing one notices, else a sentence. `# ` is the page's own head.
fn changes_view(text: &str) -> Markup {
    html! {
        @for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("# ")) {
            @if let Some(version) = line.strip_prefix("## ") { h2 { (version) } }
            @else if let Some(item) = line.strip_prefix("- ") { p.item { (item) } }
            @else { p { (line) } }
        }
    }
}
