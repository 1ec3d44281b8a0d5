use crate::app::App;
use crate::customers;
use crate::due::list::{self, Part};
use crate::due::order::{self, Ordered};
use crate::due::skip;
use crate::due::views::{self, Frame};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::orders::{Actor, undo};
use crate::ui::{self, Page, Room};
use crate::users::{Role, session};
use crate::values::{AreaId, CustomerId, Day};

/// Who orders from the list, passes somebody over, writes alarms down.
const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// Which list somebody looks at, as its address and its forms say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub on: Day,
    /// `Some(None)` is 未分區.
    pub area: Option<Option<AreaId>>,
    /// From 1.
    pub page: usize,
}

/// Lines on a page: more than a truck or five bring in a day, and few enough that each key answers at once when nobody
/// was served for months.
pub const ROWS: usize = 200;

impl Place {
    fn read(today: Day, get: impl Fn(&'static str) -> Option<String>) -> Place {
        let on = get("date").and_then(|date| date.parse().ok()).unwrap_or(today);
        let area = get("area").and_then(|area| if area == "none" { Some(None) } else { area.parse().ok().map(Some) });
        let page = get("page").and_then(|page| page.parse().ok()).filter(|page| (1..10_000).contains(page)).unwrap_or(1);
        Place { on, area, page }
    }

    /// The address of the list; of the row of `at` in it.
    pub fn url(self, at: Option<CustomerId>) -> String {
        let area = match self.area {
            None => String::new(),
            Some(None) => "&area=none".to_owned(),
            Some(Some(area)) => format!("&area={area}"),
        };
        let page = if self.page == 1 { String::new() } else { format!("&page={}", self.page) };
        let at = at.map(|at| format!("&at={at}#c{at}")).unwrap_or_default();
        format!("/due?date={}{area}{page}{at}", self.on)
    }
}

/// `GET /due?date=&area=&page=&at=` is whom the shop visits on a day; the row of `at` is lit.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let place = Place::read(req.at.day(), |name| req.query(name).map(str::to_owned));
    let at = req.query("at").and_then(|at| at.parse().ok());
    let settings = app.settings();

    let part = Part { area: place.area, page: Some((place.page, ROWS)) };
    let list = app.db.read(|conn| list::of_day(conn, place.on, part, req.at, &settings))?;
    let place = Place { page: place.page.min(list::pages(list.total, ROWS)), ..place };

    let press: String = session::new_token()?.chars().take(16).collect();
    let frame = Frame { req, settings: &settings, place, at, press, may_act: req.may(OFFICE) };
    Ok(Page::new(app, req, "計畫名單").room(Room::Due).show(views::list_view(&list, &frame)))
}

/// `GET /due/count?date=` is how many lines that list has, for the tile of 今日.
pub fn count(app: &App, req: &Request) -> Result<Response> {
    let place = Place::read(req.at.day(), |name| req.query(name).map(str::to_owned));

    // Of a page of one line little more is asked than how many there are.
    let part = Part { area: place.area, page: Some((1, 1)) };
    let key = ("due count", Place { page: 1, ..place }.url(None));
    let total = app.cached(key, req.at, |conn, settings| Ok(list::of_day(conn, place.on, part, req.at, settings)?.total))?;

    Ok(Response::text(ui::count(*total as i64)))
}

/// `POST /due/{id}/order` orders the usual of a line.
pub fn order(app: &App, req: &Request) -> Result<Response> {
    let customer = customer_of(req)?;
    let (place, next) = posted(req);
    let form_key = press_of(req).map(|press| format!("due-{press}-{customer}"));

    let ordered = app.db.write(|tx| {
        let ordered = order::order(tx, customer, place.on, form_key, Actor::of(req), &app.settings())?;
        Ok((customers::store::get(tx, customer)?.details.short_name, ordered))
    });

    let back = place.url(next);
    Ok(match ordered {
        Ok((name, Ordered::New(order))) => {
            undo::done(app, req, back, &format!("{name} 已下單 {}。", views::order_line(&order, req.at.day())))?
        }
        Ok((name, Ordered::Again(order))) => {
            Response::see_other(back).with_notice(&format!("{name} 已經下過單了，是 {}。", order.short_number()))
        }
        Ok((name, Ordered::Open(order))) => {
            let line = views::order_line(&order, req.at.day());
            Response::see_other(back).with_notice(&format!("{name} 已有未送的訂單 {line}，沒有再下一張。"))
        }
        Ok((_, Ordered::Ask(why))) => Response::see_other(views::form_url(customer, None, &back)).with_notice(&why),
        // Somebody else was faster: the list as it is now says so better than a page of refusal.
        Err(Error::Conflict { say, .. }) => Response::see_other(back).with_notice(&say),
        Err(error) => return Err(error),
    })
}

/// `POST /due/{id}/skip` passes somebody over for a day; with `undo`, takes that back.
pub fn skip(app: &App, req: &Request) -> Result<Response> {
    let customer = customer_of(req)?;
    let (place, next) = posted(req);
    let is_undo = req.form("undo").is_some();

    let (name, is_new) = app.db.write(|tx| {
        let name = customers::store::get(tx, customer)?.details.short_name;
        let change = if is_undo { skip::undo_skip } else { skip::skip };
        Ok((name, change(tx, customer, place.on, req.by())?))
    })?;

    let say = format!("{name} {}先不送。", views::on_day(place.on, req.at.day()));
    match (is_undo, is_new) {
        (true, _) => Ok(Response::see_other(place.url(Some(customer))).with_notice(&format!("{name} 放回名單了。"))),
        (false, true) => undo::done(app, req, place.url(next), &say),
        // What changed nothing is nothing to undo.
        (false, false) => Ok(Response::see_other(place.url(next)).with_notice(&say)),
    }
}

fn customer_of(req: &Request) -> Result<CustomerId> {
    let id: String = req.param("id")?;
    id.parse().map_err(|()| Error::not_found(customers::NOUN, id))
}

/// The list a form was on, and the row its next one stands in.
fn posted(req: &Request) -> (Place, Option<CustomerId>) {
    let place = Place::read(req.at.day(), |name| req.form(name).map(str::to_owned));
    (place, req.form("next").and_then(|next| next.parse().ok()))
}

/// What one drawing of the page is known by, so that its key pressed twice is one press.
fn press_of(req: &Request) -> Option<&str> {
    req.form("press").filter(|press| (8..=40).contains(&press.len()) && press.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
