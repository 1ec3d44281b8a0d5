//! The frame around every office page: skip link, bands, bar with search, rooms, main.

use std::borrow::Cow;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use percent_encoding::percent_decode_str;

use crate::app::App;
use crate::emergencies;
use crate::error::Held;
use crate::http::response::{NOTICE_COOKIE, UNDO_MARK};
use crate::http::{Request, Response, assets};
use crate::notices::MOST_COUNTED;
use crate::ui::csrf_field;
use crate::users::Role;
use crate::values::EmergencyId;
use crate::visits;

/// The rooms of the house, each with its digit for Alt. A room appears when something lives in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Today,
    Orders,
    Customers,
    Due,
    Dispatch,
    Reports,
    Data,
    Settings,
}

impl Room {
    pub const ALL: [Room; 8] =
        [Room::Today, Room::Orders, Room::Customers, Room::Due, Room::Dispatch, Room::Reports, Room::Data, Room::Settings];

    fn label(self) -> &'static str {
        match self {
            Room::Today => "今日",
            Room::Orders => "訂單",
            Room::Customers => "客戶",
            Room::Due => "名單",
            Room::Dispatch => "派遣",
            Room::Reports => "報表",
            Room::Data => "資料",
            Room::Settings => "設定",
        }
    }

    fn url(self) -> &'static str {
        match self {
            Room::Today => "/",
            Room::Orders => "/orders",
            Room::Customers => "/customers",
            Room::Due => "/due",
            Room::Dispatch => "/board",
            Room::Reports => "/reports/month",
            Room::Data => "/data",
            Room::Settings => "/settings",
        }
    }

    /// The digit on its key; gaps are rooms still to come (ui.md §3: nine rooms).
    fn digit(self) -> u8 {
        match self {
            Room::Today => 1,
            Room::Orders => 2,
            Room::Customers => 3,
            Room::Due => 4,
            Room::Dispatch => 5,
            Room::Reports => 7,
            Room::Data => 8,
            Room::Settings => 9,
        }
    }

    fn is_open_to(self, role: Role) -> bool {
        match self {
            Room::Today | Room::Settings => true,
            Room::Orders | Room::Customers | Room::Due | Room::Dispatch | Room::Reports => role != Role::Driver,
            Room::Data => matches!(role, Role::Admin | Role::Manager),
        }
    }
}

/// A page being put together: `Page::new(app, req, "客戶").room(Room::Customers).show(html! { … })`.
pub struct Page<'a> {
    app: &'a App,
    req: &'a Request,
    title: &'a str,
    room: Option<Room>,
    refresh_s: Option<u32>,
    onward: Option<&'a str>,
    new_order: Cow<'a, str>,
    finds_for_an_order: bool,
    search_first: bool,
    script_name: Option<&'static str>,
}

impl<'a> Page<'a> {
    pub fn new(app: &'a App, req: &'a Request, title: &'a str) -> Page<'a> {
        Page {
            app,
            req,
            title,
            room: None,
            refresh_s: None,
            onward: None,
            new_order: "/orders/new".into(),
            finds_for_an_order: false,
            search_first: false,
            script_name: None,
        }
    }

    pub fn room(mut self, room: Room) -> Page<'a> {
        self.room = Some(room);
        self
    }

    /// Where 新訂單 in the bar goes, on a page that is about one customer.
    pub fn new_order(mut self, url: impl Into<Cow<'a, str>>) -> Page<'a> {
        self.new_order = url.into();
        self
    }

    /// Whoever is picked in the bar's search gets an order form and not their card.
    pub fn finds_for_an_order(mut self) -> Page<'a> {
        self.finds_for_an_order = true;
        self
    }

    /// The caret stands in the bar's search.
    pub fn search_first(mut self) -> Page<'a> {
        self.search_first = true;
        self
    }

    /// A script of ours besides `app.js`.
    pub fn script(mut self, name: &'static str) -> Page<'a> {
        self.script_name = Some(name);
        self
    }

    /// Asks the browser to fetch the page again, so that progress moves with script off too.
    pub fn refresh(mut self, seconds: u32) -> Page<'a> {
        self.refresh_s = Some(seconds);
        self
    }

    /// The browser goes on to `url` by itself.
    pub fn onward(mut self, url: &'a str) -> Page<'a> {
        self.onward = Some(url);
        self
    }

    /// The whole page around `main`, with the bar and the rooms of whoever is signed in.
    pub fn show(self, main: Markup) -> Response {
        let notice = self.notice();
        let body = html! {
            a.skip href="#main" { "跳到內容" }
            div.shell {
                (self.bands())
                (self.bar())
                (self.rooms())
                main #main {
                    @if let Some(notice) = &notice { (self.notice_view(notice)) }
                    (main)
                }
            }
        };
        self.document(None, html! {}, body, notice.is_some())
    }

    /// A page with a frame of its own: `class` is its body's, `head` stands in its head, and `body` gets what the page
    /// before wanted said.
    pub fn framed(self, class: &'static str, head: Markup, body: impl FnOnce(Option<&str>) -> Markup) -> Response {
        let notice = self.notice();
        let body = body(notice.as_ref().map(|notice| notice.say.as_str()));
        self.document(Some(class), head, body, notice.is_some())
    }

    /// A page without bar and rooms: sign-in, first run.
    pub fn porch(self, main: Markup) -> Response {
        let notice = self.notice();
        let body = html! {
            (self.bands())
            main.porch #main {
                (brand_view("p"))
                @if let Some(notice) = &notice { (self.notice_view(notice)) }
                (main)
            }
        };
        self.document(None, html! {}, body, notice.is_some())
    }

    /// Papers as they will be printed, below a bar of what can be done with them; the bar stays on the screen.
    pub fn paper(self, bar: Markup, papers: Markup) -> Response {
        let notice = self.notice();
        let body = html! {
            div.on-screen { (self.bands()) }
            main.printing #main {
                div.printbar { (bar) }
                @if let Some(notice) = &notice { (self.notice_view(notice)) }
                div.tray tabindex="0" role="region" aria-label="紙" { (papers) }
            }
        };
        self.document(None, html! {}, body, notice.is_some())
    }

    /// A page that is only looked at from afar: nothing but `main`. Without script it is fetched anew by itself.
    pub fn wall(self, main: Markup) -> Response {
        let head = html! { noscript { meta http-equiv="refresh" content="20"; } };
        self.document(None, head, html! { (self.bands()) main #main { (main) } }, false)
    }

    /// What the page before wanted said.
    fn notice(&self) -> Option<Notice> {
        let value = percent_decode_str(self.req.cookie(NOTICE_COOKIE)?).decode_utf8().ok()?;
        let (act, say) = match value.split_once(UNDO_MARK) {
            Some((act, say)) => (act.parse().ok(), say),
            None => (None, value.as_ref()),
        };
        let say: String = say.chars().take(200).collect();
        (!say.is_empty()).then_some(Notice { say, act })
    }

    fn notice_view(&self, notice: &Notice) -> Markup {
        html! {
            div.notice role="status" {
                span { (notice.say) }
                @if let Some(act) = notice.act { (undo_view(self.req, act)) }
            }
        }
    }

    fn document(&self, body_class: Option<&'static str>, head: Markup, body: Markup, had_notice: bool) -> Response {
        let settings = self.app.settings();
        let session = self.req.session.as_ref();
        let size = session.and_then(|session| session.text_size.class());
        let practice = settings.is_practice.then_some("practice");
        let class = [size, practice].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let markup = html! {
            (DOCTYPE)
            html lang="zh-Hant-TW" class=[(!class.is_empty()).then_some(class)] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    @if let Some(seconds) = self.refresh_s { meta http-equiv="refresh" content=(seconds); }
                    @if let Some(url) = self.onward { meta http-equiv="refresh" content={ "0; url=" (url) }; }
                    @if let Some(session) = session {
                        meta name="csrf" content=(session.csrf);
                        // With a first password nothing is to be heard yet.
                        @if !session.must_change_password { meta name="live" content=(session.journal); }
                    }
                    title { (self.title) " · 幸福氣" }
                    (head)
                    link rel="icon" href=(assets::url("icon.svg"));
                    link rel="stylesheet" href=(assets::url("style.css"));
                    script src=(assets::url("app.js")) defer {}
                    @if session.is_some() { script src=(assets::url("live.js")) defer {} }
                    @if self.hears_alarms() { script src=(assets::url("alarm.js")) defer {} }
                    @if let Some(name) = self.script_name { script src=(assets::url(name)) defer {} }
                }
                body class=[body_class] { (body) }
            }
        };
        let answer = Response::html(markup);
        if had_notice { answer.with("Set-Cookie", &format!("{NOTICE_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")) } else { answer }
    }

    /// The state of the whole program, above everything; an empty strip keeps its row of the grid.
    fn bands(&self) -> Markup {
        html! {
            section.strips aria-label="警報和程式的狀態" {
                @if self.hears_alarms() {
                    @let at = emergencies::strip::at(self.req);
                    @let back = here(self.req);
                    div data-alarms=(strip_url(at, &back)) { (emergencies::strip::alarms(self.app, self.req, at, &back)) }
                }
                (readonly_band(self.app))
                @if let Some(band) = visits::views::band(self.app, self.req) {
                    (band)
                } @else if self.app.settings().is_practice {
                    p.band.practice { "練習店" span { "這裡的人和資料都是虛構的，隨便按沒關係。" } }
                }
            }
        }
    }

    /// Everybody in the office; drivers are told on their phones.
    fn hears_alarms(&self) -> bool {
        self.req.may(&[Role::Admin, Role::Manager, Role::Accountant, Role::OfficeStaff])
    }

    fn bar(&self) -> Markup {
        let session = self.req.session.as_ref();
        let role = session.map(|session| session.role);
        html! {
            header.bar {
                a.brand href="/" aria-label="幸福氣，回今日" { (flame_view()) span { "幸福氣" } }
                @if role.is_some_and(|role| role != Role::Driver) {
                    form.find role="search" action="/customers" data-search="" {
                        label.unseen for="q" { "找客戶或訂單：名字、編號、電話末幾碼、地址、單號" }
                        (magnifier_view())
                        input #q name="q" type="search" autocomplete="off" maxlength="100" placeholder="名字、編號、電話末碼、地址、單號" value=[self.req.query("q")] autofocus[self.search_first];
                        @if self.finds_for_an_order { input type="hidden" name="for" value="order"; }
                        kbd { "/" }
                    }
                }
                @if role.is_some_and(|role| matches!(role, Role::Admin | Role::Manager | Role::OfficeStaff)) {
                    a.button.primary href=(self.new_order) data-key="n" { "新訂單 " kbd { "N" } }
                }
                div.bar-tools {
                    @if let Some(session) = session {
                        // Shown by the script that keeps it true.
                        span.live role="status" data-live-state="" hidden { "即時" }
                        (bell_view(session.unread))
                        a href="/me" { (session.name) }
                    }
                }
            }
        }
    }

    fn rooms(&self) -> Markup {
        let Some(session) = &self.req.session else { return html! {} };
        html! {
            nav.rooms aria-label="主選單" {
                small { kbd { "Alt" } " ＋" }
                @for room in Room::ALL.into_iter().filter(|room| room.is_open_to(session.role)) {
                    a href=(room.url()) accesskey=(room.digit()) data-room=(room.digit()) aria-current=[(self.room == Some(room)).then_some("page")] {
                        (room.label()) kbd { (room.digit()) }
                    }
                }
                hr;
                @if matches!(session.role, Role::Admin | Role::Manager | Role::OfficeStaff) { a href="/emergencies/new" data-key="!" { "緊急" kbd { "!" } } }
                a href="/keys" data-key="?" { "按鍵" kbd { "?" } }
            }
        }
    }
}

/// Says on every page that nothing can be stored, while that is so.
pub fn readonly_band(app: &App) -> Markup {
    html! {
        @if let Some(why) = app.db.held() {
            p.band.readonly data-readonly="" role="status" { (Held::STATE) span { (why.advice()) } }
        }
    }
}

/// A sentence of the page before, and the line of the journal that U takes back.
struct Notice {
    say: String,
    act: Option<i64>,
}

/// The address of this page, its query included.
fn here(req: &Request) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&req.query).finish();
    if query.is_empty() { req.path.clone() } else { format!("{}?{query}", req.path) }
}

/// The bell of the bar: how many notices are unread, of which more than a hundred are `99+`.
pub fn bell_view(unread: i64) -> Markup {
    html! {
        a #bell href="/notices" data-key="b" data-live="notice" data-live-url="/notices/bell" {
            "通知" @if 0 < unread { " " span.count { (unread.min(MOST_COUNTED)) @if MOST_COUNTED < unread { "+" } } } " " kbd { "B" }
        }
    }
}

/// Where an open page asks what rings now: its own emergency, if it is of one, and the page to come back to.
fn strip_url(at: Option<EmergencyId>, back: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("back", back);
    if let Some(at) = at {
        query.append_pair("at", &at.to_string());
    }
    format!("/emergencies/strip?{}", query.finish())
}

/// The button that takes back line `act` of the journal and comes back to this page.
pub fn undo_view(req: &Request, act: i64) -> Markup {
    html! {
        form method="post" action="/orders/undo" {
            (csrf_field(req))
            input type="hidden" name="act" value=(act);
            input type="hidden" name="back" value=(here(req));
            button data-key="u" { kbd { "U" } "復原" }
        }
    }
}

/// The mark of the house, as the heading element given.
pub fn brand_view(element: &str) -> Markup {
    match element {
        "h1" => html! { h1.brand { (flame_view()) span { "幸福氣" } } },
        _ => html! { p.brand { (flame_view()) span { "幸福氣" } } },
    }
}

fn flame_view() -> Markup {
    PreEscaped(include_str!("../../assets/icon.svg").to_owned())
}

fn magnifier_view() -> Markup {
    html! {
        svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="#454b53" stroke-width="2.2" stroke-linecap="round" {
            circle cx="8.5" cy="8.5" r="6" {}
            path d="M13.2 13.2 18 18" {}
        }
    }
}
