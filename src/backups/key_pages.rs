//! The passphrase's own pages: choosing it, and the sheet that is put where the shop is not.

use maud::{Markup, html};
use serde_json::json;

use crate::app::App;
use crate::backups::NOUN;
use crate::backups::lock_up::{self, Passphrase};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal::{self, Entry};
use crate::papers::qr;
use crate::papers::views::roc_day;
use crate::settings;
use crate::ui::form::wrong;
use crate::ui::{self, Page, Room, csrf_field};

/// `GET /backups/key`: whether copies that leave the house are locked.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    Ok(page(app, req, &[]))
}

/// `POST /backups/key` with `how`: `made` draws one, `typed` takes one, `forget` locks no more.
pub fn save(app: &App, req: &Request) -> Result<Response> {
    let done = match req.form("how").unwrap_or_default() {
        "made" => Passphrase::generate().and_then(|passphrase| set(app, req, &passphrase)),
        "typed" => typed(req).and_then(|passphrase| set(app, req, &passphrase)),
        "forget" => return forget(app, req),
        _ => Err(Error::BadRequest("the form does not say how")),
    };

    match done {
        Ok(()) => Ok(Response::see_other("/backups/key/print").with_notice("密語換好了。先把這一張印出來收好，再做別的事。")),
        Err(Error::Invalid(problems)) => Ok(page(app, req, &problems).status(422)),
        Err(error) => Err(error),
    }
}

/// `GET /backups/key/print`: the sheet with the passphrase, for the safe.
pub fn print(app: &App, req: &Request) -> Result<Response> {
    let Some(passphrase) = lock_up::load(&app.folder).filter(|_| app.settings().copies_locked) else {
        return Ok(Response::see_other("/backups/key").with_notice("還沒有密語可以印。"));
    };
    let settings = app.settings();
    let bar = html! {
        p { b { "備份的密語" } "　印一張收在店外面" }
        button type="button" data-print="" data-key="p" { "列印 " kbd { "P" } }
        a href="/backups/key" data-key="Escape" { "回密語 " kbd { "Esc" } }
    };
    let sheet = html! {
        article.paper.a4.key {
            div.top {
                div { h1 { "備份的密語" } span { (roc_day(req.at.day())) "　" (req.at.clock()) " 印" } }
                div { b { (settings.shop_name) } }
            }
            p.passphrase { (passphrase.shown()) }
            div.passphrase-code { (qr::view(passphrase.shown())) p { "用手機照，就是上面那一行。" br; "大寫、小寫、沒打橫線都可以。" } }
            h2 { "什麼時候用" }
            p { "電腦壞了或不見了，要用 USB 碟或別處的備份（檔名最後是 .db.age）把店開回來的時候。" }
            ol {
                li { "新電腦裝好幸福氣，打開，選「從備份還原」。" }
                li { "選備份碟裡日期最新的那一個檔案。" }
                li { "它問密語，就輸入上面這一行。" }
                li { "看筆數和金額一樣，就完成了。" }
            }
            h2 { "收好" }
            ul {
                li { b { "沒有這一行，誰都打不開那些備份，寫程式的人也不行。" } }
                li { "收在保險箱或家裡，不要和備份碟放在一起。" }
                li { "換過密語，舊的這張要留著：以前放出去的備份還是用舊的。" }
            }
            p.printed { "手邊沒有幸福氣，任何一個 age 程式也打得開：age --decrypt 備份檔 > luckygas.db" }
        }
    };
    Ok(Page::new(app, req, "備份的密語").room(Room::Data).paper(bar, sheet))
}

fn typed(req: &Request) -> Result<Passphrase> {
    let (first, again) = (req.form("passphrase").unwrap_or_default(), req.form("again").unwrap_or_default());
    let passphrase = Passphrase::typed(first);
    if let Some(say) = passphrase.problem() {
        return Err(Error::invalid("passphrase", say));
    }
    if !passphrase.is(&Passphrase::typed(again)) {
        return Err(Error::invalid("again", "兩次輸入的密語不一樣。"));
    }
    Ok(passphrase)
}

/// The file first: a shop that says it locks and cannot would bring nothing anywhere.
fn set(app: &App, req: &Request, passphrase: &Passphrase) -> Result<()> {
    lock_up::keep(&app.folder, passphrase)?;
    app.db.write(|tx| {
        settings::set(tx, "copies_locked", "1")?;
        journal::record(tx, &Entry { by: req.by(), verb: "set_passphrase", noun: NOUN, noun_id: None, change: json!({}) })
    })?;
    app.reload_settings()
}

fn forget(app: &App, req: &Request) -> Result<Response> {
    app.db.write(|tx| {
        settings::set(tx, "copies_locked", "0")?;
        journal::record(tx, &Entry { by: req.by(), verb: "forget_passphrase", noun: NOUN, noun_id: None, change: json!({}) })
    })?;
    app.reload_settings()?;
    lock_up::forget(&app.folder)?;
    Ok(Response::see_other("/backups/key").with_notice("以後放出去的備份不上鎖。以前鎖的還是要用舊的密語。"))
}

fn page(app: &App, req: &Request, problems: &[Problem]) -> Response {
    let is_locked = app.settings().copies_locked;
    let has_key = lock_up::load(&app.folder).is_some();
    Page::new(app, req, "備份的密語").room(Room::Data).show(html! {
        div.head {
            div {
                h1 { "備份的密語" }
                p { "放到 USB 碟、別台電腦，和下載帶走的備份，用它鎖起來。放在這台電腦裡的不鎖。" }
            }
            div.acts { a.button href="/backups/places" data-key="Escape" { "回第二份備份 " kbd { "Esc" } } }
        }
        @if is_locked && !has_key {
            (ui::refuse("這台電腦沒有備份的密語，所以放不出去。請照印出來的那一張，在下面再輸入一次。"))
        }
        div.columns.half {
            section.panel {
                @if is_locked && has_key {
                    h2 { "現在有上鎖" }
                    p { "放出去的備份，檔名最後是 .db.age，要有密語才打得開。" }
                    div.acts {
                        a.button.primary href="/backups/key/print" data-key="p" { "印密語 " kbd { "P" } }
                        form method="post" action="/backups/key" data-confirm="以後放出去的備份不上鎖？" {
                            (csrf_field(req))
                            input type="hidden" name="how" value="forget";
                            button { "不再上鎖" }
                        }
                    }
                } @else {
                    h2 { "現在沒有上鎖" }
                    p { "撿到備份的人，看得到客戶的姓名、電話和地址。" }
                }
                h2 { "密語放在哪裡" }
                p { "程式晚上要自己放備份，所以這台電腦的資料夾裡有一個 " (lock_up::path(&app.folder).file_name().unwrap_or_default().display()) "，只有開程式的人讀得到。備份裡沒有它。" }
            }
            div.stack {
                form.panel method="post" action="/backups/key" data-confirm=[is_locked.then_some("換一組密語？以前放出去的還是要用舊的密語開。")] {
                    h2 { @if is_locked { "換一組" } @else { "產生一組" } }
                    (csrf_field(req))
                    input type="hidden" name="how" value="made";
                    p { "程式取一組 20 個字的密語，猜不到，電話裡也念得清楚。接著印出來。" }
                    div.acts { button.primary[!(is_locked && has_key)] data-key="g" { "產生密語 " kbd { "G" } } }
                }
                form.panel method="post" action="/backups/key" {
                    h2 { @if is_locked { "輸入密語" } @else { "自己想一組" } }
                    (csrf_field(req))
                    input type="hidden" name="how" value="typed";
                    (passphrase_field("密語", "passphrase", problems))
                    p.soft.small { "至少 16 個英文或數字，或 8 個中文字。" }
                    (passphrase_field("再打一次", "again", problems))
                    div.acts { button { "用這組密語" } }
                }
            }
        }
    })
}

fn passphrase_field(label: &str, name: &str, problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let is_first_wrong = problems.first().is_some_and(|problem| problem.field == name);
    ui::field(
        label,
        name,
        problems,
        html! {
            input id=(name) name=(name) type="password" autocomplete="off" maxlength="200" required autofocus[is_first_wrong] aria-invalid=[invalid] aria-describedby=[why];
        },
    )
}
