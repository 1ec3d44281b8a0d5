use crate::app::App;
use crate::board::card_view::Look;
use crate::board::views::{self, Ask, Shown};
use crate::board::{Key, store};
use crate::error::Result;
use crate::http::{Request, Response};
use crate::orders::filter::parse_day;
use crate::ui::{Page, Room};
use crate::users::Role;
use crate::values::Day;

/// Who plans the day.
pub const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// `GET /board` is the day the address names, or today.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let day = day_of(req.query("date"), req);
    let picked = req.query("pick").and_then(|text| text.parse().ok());
    answer(app, req, day, picked, None, None)
}

/// `GET /board/wall` is the same for the wall of the office.
pub fn wall(app: &App, req: &Request) -> Result<Response> {
    let day = day_of(req.query("date"), req);

    let board = app.db.read(|conn| store::day(app, conn, day, req.at))?;

    let look = Look { day, today: req.at.day(), picked: None, may_act: false };
    let title = views::title(day, look.today);
    Ok(Page::new(app, req, &title).script("board.js").wall(views::wall_view(&board, &look, req.at)))
}

/// The day somebody names; what is no day is today.
pub fn day_of(text: Option<&str>, req: &Request) -> Day {
    text.and_then(|text| parse_day(text, req.at.day())).unwrap_or_else(|| req.at.day())
}

/// The board of `day` as it is now, with why something was not done.
pub fn answer(app: &App, req: &Request, day: Day, picked: Option<Key>, refused: Option<&str>, ask: Option<&Ask>) -> Result<Response> {
    let today = req.at.day();

    let board = app.db.read(|conn| store::day(app, conn, day, req.at))?;

    let may_act = req.may(OFFICE) && today <= day;
    let picked = picked.filter(|key| board.find(*key).is_some()).or_else(|| board.first()).filter(|_| may_act);
    let look = Look { day, today, picked, may_act };
    let is_area = req.query("area") == Some("1");
    let title = views::title(day, today);
    let shown = Shown { board: &board, look, req, is_area, refused, ask };
    Ok(Page::new(app, req, &title).room(Room::Dispatch).script("board.js").show(views::board_view(&shown)))
}
