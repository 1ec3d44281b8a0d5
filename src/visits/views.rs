//! What says on every page that this is not the shop, and what of it stands on the page of backups.

use maud::{Markup, html};

use crate::app::App;
use crate::http::Request;
use crate::ui::csrf_field;
use crate::users::Role;
use crate::visits::{Kind, Visit};

/// The band of a shop beside the shop; nothing in the shop itself.
pub fn band(app: &App, req: &Request) -> Option<Markup> {
    let visit = app.visit.as_ref()?;
    Some(match visit.kind {
        Kind::Practice => html! {
            div.band.practice {
                "練習店" span { "用 " (visit.said) " 的資料，隨便按沒關係，明天就消失。" }
                a href=(visit.home_url(req, "/")) { "回真的店" }
                @if req.may(&[Role::Admin, Role::Manager]) {
                    form method="post" action="/visits/close" data-looks="" { (csrf_field(req)) button { "關掉練習店" } }
                }
            }
        },
        Kind::Past => html! {
            p.band.past {
                "你在看 " (visit.said) " 的店" span { "只能看。" }
                a href=(visit.home_url(req, "/")) { "回到現在" }
            }
        },
    })
}

/// The two ways into another shop, and those that are open: for the page of backups.
pub fn panel(app: &App, req: &Request) -> Markup {
    let open = app.visits.list();
    html! {
        section.panel aria-labelledby="h-visits" {
            h2 #h-visits { "練習和回頭看" }
            @for one in &open {
                div.stack {
                    p {
                        b { (one.kind.label()) } "開著，"
                        @match one.kind {
                            Kind::Practice => { "用 " (one.said) " 的資料，" (one.by) "開的。" }
                            Kind::Past => { "是 " (one.said) " 的，" (one.by) "開的。" }
                        }
                    }
                    div.acts {
                        a.button href={ "/visits/" (one.kind.word()) } { "進去" span.unseen { "：" (one.kind.label()) } }
                        form method="post" action="/visits/close" data-looks="" {
                            (csrf_field(req))
                            input type="hidden" name="kind" value=(one.kind.word());
                            button { "關掉" span.unseen { "：" (one.kind.label()) } }
                        }
                    }
                }
            }
            @if !open.iter().any(|one| one.kind == Kind::Practice) {
                form.act method="post" action="/backups/practice" {
                    (csrf_field(req))
                    button data-key="p" { "開練習店 " kbd { "P" } }
                    span.soft { "用最新的備份開一家，隨便按沒關係，半夜自己消失。" }
                }
            }
            @if req.may(&[Role::Admin]) { p.soft.small { "要看以前的紀錄，在" a href="/backups" { "備份" } "裡打開一份，按「看那時的店」。" } }
        }
    }
}

/// The button that looks at copy `name`, for its page.
pub fn look_button(req: &Request, name: &str) -> Markup {
    html! {
        form method="post" action={ "/backups/" (name) "/look" } {
            (csrf_field(req))
            button data-key="l" { "看那時的店 " kbd { "L" } }
        }
    }
}

/// What a signed-out visitor is shown instead of a place for a password where only the shop lets people in.
pub fn outside(visit: &Visit, req: &Request) -> Markup {
    html! {
        h1 { "只能從真的店進來" }
        p { "這是 " (visit.said) " 的店，不用密碼，從真的店的資料頁進來。" }
        p.acts { a.button.primary href=(visit.home_url(req, "/data")) { "回真的店" } }
    }
}
