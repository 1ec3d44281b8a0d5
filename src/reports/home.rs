//! 今日: the figures of the day, what needs somebody with the key that settles it, and what I just did.

use std::sync::Arc;

use maud::html;
use rusqlite::Connection;

use crate::app::App;
use crate::backups;
use crate::backups::views::HomeLine;
use crate::customers;
use crate::db::slow_queries;
use crate::emergencies;
use crate::error::Result;
use crate::health::six::{self, Sentence};
use crate::http::{Request, Response};
use crate::jobs::{self, JOBS, Outcome};
use crate::orders::filter::{CHIPS, Filter, Kind, Span};
use crate::orders::store::{Act, Listed, Listing};
use crate::orders::{self, Status, undo};
use crate::products::{self, Product};
use crate::reports::{MonthReport, home_view, pages, store};
use crate::routes;
use crate::routes::store::Listed as LeftRoute;
use crate::stops;
use crate::templates::store::Shown;
use crate::templates::{self, Row as TemplateRow};
use crate::ui::{Page, Room};
use crate::users::Role;
use crate::values::{CustomerId, Day, OrderId, RouteId, Stamp, UserId};

/// So many of a kind stand in the list of what needs somebody; the rest is a line that leads to all of them.
pub const MOST_OF_A_KIND: usize = 4;
/// Orders I last had in hand.
const MINE: usize = 6;
/// Acts read back to find them: a sale over the counter is four.
const ACTS: usize = 40;
const DAY_MS: i64 = 24 * 3_600_000;

/// What the office's page is drawn from.
pub struct Today {
    pub now: Stamp,
    pub shop: Arc<ShopToday>,
    /// Of the six sentences those that are red, for who answers for the program.
    pub red: Vec<Sentence>,
    pub slow: usize,
    pub mine: Vec<Mine>,
    pub backup: HomeLine,
    /// What U takes back, and whom it is about.
    pub undo: Option<(Act, String)>,
}

/// Of that, what is the same for everybody.
pub struct ShopToday {
    /// How many of today's orders each of [`CHIPS`] shows.
    chips: [i64; CHIPS.len()],
    /// Orders taken today so far, and a week ago by the same time.
    pub taken: (i64, i64),
    pub failed: Waiting,
    pub pending: Waiting,
    /// Still to be brought, on a day that is over.
    pub overdue: i64,
    /// Stops two people said different things of, that nobody has looked at yet.
    pub conflicts: i64,
    /// Still open.
    pub emergencies: Vec<emergencies::Listed>,
    pub unpriced: Vec<Product>,
    /// Stopped at night, and nobody has said that they know.
    pub stopped: Vec<TemplateRow>,
    /// Routes of days before that nobody has closed.
    pub routes: Vec<LeftRoute>,
    /// Templates of which the night could make no order, and why.
    pub not_made: Vec<(TemplateRow, String)>,
    pub failed_jobs: Vec<(&'static str, Stamp)>,
    pub records: Records,
}

/// Orders that wait for somebody: the first of them, and how many there are.
pub struct Waiting {
    pub first: Vec<Listed>,
    pub count: i64,
}

/// An order I had in hand, and the last I did with it.
pub struct Mine {
    pub act: Act,
    pub order: Listed,
}

/// How far the shop's records go.
pub struct Records {
    /// The last month there are records of.
    pub report: MonthReport,
    pub last: Option<Day>,
    pub customers: i64,
    pub last_import: Option<(Stamp, Option<String>)>,
}

impl ShopToday {
    /// How many of today's orders are of `kind`, which is a chip's and not 我記的.
    pub fn count(&self, kind: Kind) -> i64 {
        CHIPS.iter().zip(self.chips).find(|((_, one), _)| *one == kind).map_or(0, |(_, count)| count)
    }

    /// Nobody has filled the shop yet.
    pub fn is_empty(&self) -> bool {
        self.records.customers == 0 && self.records.last.is_none()
    }
}

/// `GET /` is where the day begins; a driver's begins on his routes.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let session = req.session()?;
    if session.role == Role::Driver {
        return Ok(Response::see_other("/driver"));
    }

    let shop = app.cached(("home", String::new()), req.at, |conn, _| load(conn, req.at))?;
    let today = app.db.read(|conn| {
        Ok(Today {
            now: req.at,
            red: if req.may(&[Role::Admin]) { six::red(app, conn, req.at)? } else { Vec::new() },
            slow: slow_queries().iter().filter(|query| req.at.plus_ms(-DAY_MS) < query.at).count(),
            mine: mine(conn, session.user_id, req.at)?,
            backup: HomeLine::of(app, shop.failed_jobs.iter().any(|(name, _)| backups::jobs::is_called(name))),
            undo: undo::offered(conn, session.user_id, req.at)?.map(|act| about(conn, act, session.user_id, req.at.day())).transpose()?,
            shop,
        })
    })?;

    Ok(Page::new(app, req, "今日").room(Room::Today).show(html! {
        div #today .stack data-live="emergency order stop route due template product price job" { (home_view::office_view(req, &today, &app.settings())) }
    }))
}

fn load(conn: &Connection, now: Stamp) -> Result<ShopToday> {
    // None of these lists is of what somebody took down.
    let me = UserId(0);
    let day = now.day();
    Ok(ShopToday {
        chips: orders::store::chips_of_day(conn, me, day)?,
        taken: (orders::store::count_taken(conn, now)?, orders::store::count_taken(conn, now.plus_ms(-7 * DAY_MS))?),
        failed: waiting(conn, &all_failed(), me, day)?,
        pending: waiting(conn, &all_pending(), me, day)?,
        overdue: waiting(conn, &overdue(day), me, day)?.count,
        conflicts: stops::store::count_conflicts(conn)?,
        emergencies: emergencies::store::listed_open(conn)?,
        unpriced: products::store::unpriced(conn, day)?,
        routes: routes::store::left_behind(conn, day)?,
        stopped: templates::store::list(conn, Shown::Unseen, None, 0, MOST_OF_A_KIND)?,
        not_made: templates::pages::failed(conn, now)?,
        failed_jobs: failed_jobs(conn)?,
        records: Records {
            last: store::last_day(conn)?,
            report: pages::report_of(conn, store::last_day(conn)?.unwrap_or(day).month(), day)?,
            customers: store::active_customers(conn)?,
            last_import: store::last_import(conn)?,
        },
    })
}

/// `act` with the name of the customer or the route it is about.
fn about(conn: &Connection, act: Act, me: UserId, today: Day) -> Result<(Act, String)> {
    let name = if act.noun == orders::NOUN {
        orders::store::listed_of(conn, &[OrderId(act.noun_id)], me, today)?.pop().map(|order| order.customer)
    } else if act.noun == routes::NOUN {
        Some(format!("路線 {}", routes::store::get(conn, RouteId(act.noun_id))?.short_number()))
    } else {
        Some(customers::store::get(conn, CustomerId(act.noun_id))?.details.short_name)
    };
    Ok((act, name.unwrap_or_default()))
}

/// Where those are that a driver came back with, of whatever day.
pub fn all_failed() -> Filter {
    Filter { kind: Kind::FAILED, ..Filter::default() }
}

/// Where those are that somebody has to look at, of whatever day.
pub fn all_pending() -> Filter {
    Filter { kind: Kind::status(Status::Pending), ..Filter::default() }
}

/// Where those are whose day is over.
pub fn overdue(today: Day) -> Filter {
    Filter { span: Span { from: None, to: Some(today.plus(-1)) }, kind: Kind::OPEN, ..Filter::default() }
}

fn waiting(conn: &Connection, filter: &Filter, me: UserId, today: Day) -> Result<Waiting> {
    let search = orders::filter::Search { filter: filter.clone(), words: Vec::new(), number: None, me, today };
    let Listing { rows, sums, .. } = orders::store::list(conn, &search, 1, MOST_OF_A_KIND)?;
    Ok(Waiting { first: rows, count: sums.unwrap_or_default().orders })
}

fn failed_jobs(conn: &Connection) -> Result<Vec<(&'static str, Stamp)>> {
    let mut failed = Vec::new();
    for job in JOBS {
        let runs = jobs::store::runs_of(conn, job.name, 1)?;
        failed.extend(runs.first().filter(|run| run.outcome == Some(Outcome::Failed)).map(|run| (job.label, run.started_at)));
    }
    Ok(failed)
}

/// The orders `me` last had in hand today, each once, the latest first.
fn mine(conn: &Connection, me: UserId, now: Stamp) -> Result<Vec<Mine>> {
    let mut acts = orders::store::acts_of(conn, me, Stamp::taipei(now.day(), 0, 0), ACTS)?;
    acts.retain(|act| act.noun == orders::NOUN);
    let mut ids: Vec<OrderId> = Vec::new();
    acts.retain(|act| {
        let is_first = !ids.contains(&OrderId(act.noun_id)) && ids.len() < MINE;
        if is_first {
            ids.push(OrderId(act.noun_id));
        }
        is_first
    });
    let listed = orders::store::listed_of(conn, &ids, me, now.day())?;
    let mine = acts.into_iter().filter_map(|act| {
        let at = listed.binary_search_by_key(&OrderId(act.noun_id), |order| order.id).ok()?;
        Some(Mine { order: listed[at].clone(), act })
    });
    Ok(mine.collect())
}
