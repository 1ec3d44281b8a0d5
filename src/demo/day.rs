//! Today, played: what dispatchers and drivers did since the morning goes through the same functions as their pages, at the
//! hours it happened, so that stops, cylinders, cash and deliveries agree as they do in a real shop.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Transaction;

use crate::cylinders::{self, Place};
use crate::demo::SEED;
use crate::demo::book::{Person, Staff};
use crate::demo::dice::Dice;
use crate::drivers;
use crate::emergencies::{self, NewEmergency};
use crate::error::{Error, Result};
use crate::journal::By;
use crate::orders::store::bulk::Noted;
use crate::orders::{Actor, DeliveredLine, FailReason, Payment};
use crate::routes::plan::{self, Target};
use crate::routes::{self, Kind, NewRoute, Route, Shift, Status, StopStatus, load, steps};
use crate::stops::{self, Act, Completion};
use crate::users::Role;
use crate::values::{CustomerId, Day, Grams, Ntd, OrderId, ProductId, RouteId, Stamp, StopId};

/// When each tour of a day leaves, and when it is published, in minutes after midnight.
pub const TOURS: [(Shift, i64, i64); 3] =
    [(Shift::Morning, 7 * 60 + 38, 8 * 60 + 5), (Shift::Noon, 12 * 60 + 45, 13 * 60 + 5), (Shift::Evening, 16 * 60 + 45, 17 * 60 + 5)];

/// One go at bringing an order.
pub struct Attempt {
    pub order: OrderId,
    pub driver: Person,
    /// When the dispatcher put it on a route.
    pub put_at: Stamp,
    /// The minute the driver means to be there.
    pub minute: i64,
    /// How it ended, if it has.
    pub end: Option<(Stamp, End)>,
    /// Of an emergency: whose, and what the caller said.
    pub alarm: Option<(CustomerId, Option<&'static str>)>,
}

/// How a go ended.
pub enum End {
    Delivered,
    Failed(FailReason),
}

impl Attempt {
    fn tour(&self) -> usize {
        TOURS.iter().rposition(|(_, _, leaves)| *leaves <= self.minute).unwrap_or(0)
    }
}

/// Something somebody did, in the order of the clock.
enum Happening {
    Noted(Noted),
    Put(usize),
    Alarm(usize),
    Answer(usize),
    Publish(usize, usize),
    Leave(usize, usize),
    /// The dispatcher takes the last stop off and, a minute later, puts it back.
    Hesitate(usize, usize),
    Arrive(usize),
    End(usize),
}

struct Play<'a> {
    tx: &'a Transaction<'a>,
    today: Day,
    staff: &'a Staff,
    attempts: &'a [Attempt],
    dice: Dice,
    /// The route of each driver and tour, and whether its hour to leave has come while he was still out.
    routes: BTreeMap<(usize, usize), RouteId>,
    waiting: Vec<(usize, usize)>,
    hesitated: BTreeSet<usize>,
    acts: u64,
}

/// Plays `attempts` and writes `notes` between them, all that happened until `now`.
pub fn play(tx: &Transaction, staff: &Staff, attempts: &[Attempt], notes: Vec<Noted>, now: Stamp) -> Result<()> {
    let today = now.day();
    let minute = |minute: i64| Stamp::taipei(today, 0, 0).plus_minutes(minute);
    let mut play = Play {
        tx,
        today,
        staff,
        attempts,
        dice: Dice::new(SEED, 1 << 41),
        routes: BTreeMap::new(),
        waiting: Vec::new(),
        hesitated: BTreeSet::new(),
        acts: 0,
    };
    let mut all: Vec<(Stamp, Happening)> = notes.into_iter().map(|note| (note.by.at, Happening::Noted(note))).collect();
    for (at, attempt) in attempts.iter().enumerate() {
        if attempt.alarm.is_some() {
            all.push((attempt.put_at.plus_minutes(-1), Happening::Alarm(at)));
            all.push((attempt.put_at, Happening::Put(at)));
            all.push((attempt.put_at.plus_minutes(1), Happening::Answer(at)));
            continue;
        }
        all.push((attempt.put_at, Happening::Put(at)));
        let (driver, tour) = (play.driver_of(attempt), attempt.tour());
        all.push((minute(TOURS[tour].1), Happening::Publish(driver, tour)));
        all.push((minute(TOURS[tour].2), Happening::Leave(driver, tour)));
        all.push((minute(TOURS[tour].2 + 20), Happening::Hesitate(driver, tour)));
        let is_there = minute((attempt.minute - 4).max(TOURS[tour].2 + 3)).max(attempt.put_at.plus_minutes(2));
        all.push((is_there, Happening::Arrive(at)));
        if let Some((ended, _)) = attempt.end {
            all.push((ended.max(is_there.plus_minutes(1)), Happening::End(at)));
        }
    }
    all.retain(|(at, _)| *at <= now);
    all.sort_by_key(|(at, _)| *at);
    for (at, happening) in all {
        match happening {
            Happening::Noted(note) => note.record(tx)?,
            Happening::Put(attempt) => play.put(attempt, at)?,
            Happening::Alarm(attempt) => play.alarm(attempt, at)?,
            Happening::Answer(attempt) => play.answer(attempt, at)?,
            Happening::Publish(driver, tour) => play.publish(driver, tour, at)?,
            Happening::Leave(driver, tour) => play.leave(driver, tour, at)?,
            Happening::Hesitate(driver, tour) => play.hesitate(driver, tour, at)?,
            Happening::Arrive(attempt) => play.arrive(attempt, at)?,
            Happening::End(attempt) => play.end(attempt, at)?,
        }
    }
    Ok(())
}

impl Play<'_> {
    fn driver_of(&self, attempt: &Attempt) -> usize {
        self.staff.drivers.iter().position(|driver| driver.id == attempt.driver.id).unwrap_or(0)
    }

    /// 阿珍 plans the tours.
    fn dispatcher(&self, at: Stamp) -> Actor {
        Actor { by: By { user: Some(self.staff.clerks[1].id), at }, role: Some(Role::OfficeStaff) }
    }

    fn driver(&self, at: usize, now: Stamp) -> Actor {
        Actor { by: By { user: Some(self.staff.drivers[at].id), at: now }, role: Some(Role::Driver) }
    }

    fn route(&self, driver: usize, tour: usize) -> Result<Option<Route>> {
        self.routes.get(&(driver, tour)).map(|id| routes::store::get(self.tx, *id)).transpose()
    }

    /// The dispatcher gives an order to its driver; one that comes when his tour is over begins another.
    fn put(&mut self, attempt: usize, at: Stamp) -> Result<()> {
        let attempt = &self.attempts[attempt];
        if let Some(emergency) = emergencies::store::of_order(self.tx, attempt.order)? {
            return emergencies::acts::assign(self.tx, emergency.id, attempt.driver.id, self.dispatcher(at)).map(|_| ());
        }
        let (driver, tour) = (self.driver_of(attempt), attempt.tour());
        let open = self.route(driver, tour)?.filter(|route| route.status.is_open());
        let is_late = open.is_none() && self.routes.contains_key(&(driver, tour));
        let route = match open {
            Some(route) => route,
            None => self.make(driver, tour, is_late, at)?,
        };
        plan::put(self.tx, &[attempt.order], Target::Route(route.id), self.dispatcher(at))?;
        let (_, publish, leave) = TOURS[tour];
        let midnight = Stamp::taipei(self.today, 0, 0);
        let passed = |minute: i64| midnight.plus_minutes(minute) < at;
        if route.status == Status::Draft && (is_late || passed(publish)) {
            self.publish(driver, tour, at)?;
        }
        if is_late || passed(leave) {
            self.leave(driver, tour, at)?;
        }
        Ok(())
    }

    /// Somebody calls who smells gas; the shop hears it, and somebody says so.
    fn alarm(&mut self, attempt: usize, at: Stamp) -> Result<()> {
        let attempt = &self.attempts[attempt];
        let Some((customer, said)) = attempt.alarm else { return Ok(()) };
        let new = NewEmergency {
            kind: emergencies::Kind::GasLeak,
            customer: Some(customer),
            in_need: None,
            description: said.unwrap_or("聞到瓦斯味").to_owned(),
            phone: None,
            address: None,
            contact_name: None,
            lines: Vec::new(),
            driver: None,
            form_key: None,
        };
        let id = emergencies::store::insert(self.tx, &new, Some(attempt.order), self.dispatcher(at).by)?;
        emergencies::acts::see(self.tx, id, self.dispatcher(at.plus_ms(20_000))).map(|_| ())
    }

    /// The driver says that he goes.
    fn answer(&mut self, attempt: usize, at: Stamp) -> Result<()> {
        let attempt = &self.attempts[attempt];
        match emergencies::store::of_order(self.tx, attempt.order)? {
            Some(emergency) => emergencies::acts::answer(self.tx, emergency.id, self.driver(self.driver_of(attempt), at)).map(|_| ()),
            None => Ok(()),
        }
    }

    fn make(&mut self, driver: usize, tour: usize, is_late: bool, at: Stamp) -> Result<Route> {
        let person = self.staff.drivers[driver];
        let known = drivers::store::get(self.tx, person.id)?;
        let new = NewRoute {
            route_on: self.today,
            area_id: known.areas.first().copied(),
            shift: TOURS[tour].0,
            kind: if is_late { Kind::CallIn } else { Kind::Planned },
            driver_id: Some(person.id),
            crew2_id: None,
            vehicle_id: known.default_vehicle,
            notes: None,
        };
        let route = plan::make(self.tx, &new, self.dispatcher(at))?;
        self.routes.insert((driver, tour), route.id);
        Ok(route)
    }

    /// Stops in the order the driver means to make them, then he is told. What the program warns of is loaded in two goes.
    fn publish(&mut self, driver: usize, tour: usize, at: Stamp) -> Result<()> {
        let Some(route) = self.route(driver, tour)?.filter(|route| route.status == Status::Draft) else { return Ok(()) };
        let mut stops = routes::store::stops_of(self.tx, route.id)?;
        stops.retain(|stop| stop.status.is_open());
        if stops.is_empty() {
            return Ok(());
        }
        let minute = |order: OrderId| self.attempts.iter().filter(|one| one.order == order).map(|one| one.minute).max();
        stops.sort_by_key(|stop| minute(stop.order_id));
        let sorted: Vec<_> = stops.iter().map(|stop| stop.id).collect();
        plan::reorder(self.tx, route.id, &sorted, self.dispatcher(at))?;
        let publish = |note: Option<&str>, actor: Actor| {
            let publish = steps::Move::Publish { override_note: note.map(str::to_owned) };
            steps::act(self.tx, route.id, None, &publish, actor).map(|_| ())
        };
        match publish(None, self.dispatcher(at)) {
            Err(Error::Invalid(_)) => publish(Some("分兩趟載"), self.dispatcher(at)),
            done => done,
        }
    }

    /// The tour begins, or when he is back from the one before.
    fn leave(&mut self, driver: usize, tour: usize, at: Stamp) -> Result<()> {
        let Some(route) = self.route(driver, tour)?.filter(|route| route.status == Status::Published) else { return Ok(()) };
        if routes::store::running_of(self.tx, self.staff.drivers[driver].id)?.is_some() {
            if !self.waiting.contains(&(driver, tour)) {
                self.waiting.push((driver, tour));
            }
            return Ok(());
        }
        self.waiting.retain(|one| *one != (driver, tour));
        let loaded = self.with_spares(&route)?;
        self.act(stops::Target::Route(route.id), &Act::Start { loaded: Some(loaded), note: None }, driver, at)
    }

    fn hesitate(&mut self, driver: usize, tour: usize, at: Stamp) -> Result<()> {
        // One driver a tour, and once.
        if driver != tour || !self.hesitated.insert(tour) {
            return Ok(());
        }
        let Some(route) = self.route(driver, tour)?.filter(|route| route.status == Status::InProgress) else { return Ok(()) };
        let last = routes::store::stops_of(self.tx, route.id)?.into_iter().rfind(|stop| stop.status == StopStatus::Pending);
        let Some(stop) = last else { return Ok(()) };
        plan::take_off(self.tx, &[stop.id], self.dispatcher(at))?;
        if routes::store::get(self.tx, route.id)?.status == Status::InProgress {
            plan::put(self.tx, &[stop.order_id], Target::Route(route.id), self.dispatcher(at.plus_ms(40_000)))?;
        }
        Ok(())
    }

    /// What the orders say, and a few more for whoever calls while the truck is out.
    fn with_spares(&self, route: &Route) -> Result<Vec<(ProductId, i64)>> {
        let (load, _) = load::of_route(self.tx, route)?;
        Ok(load.quantities().into_iter().map(|(product, qty)| (product, qty + 1 + qty / 3)).collect())
    }

    /// A truck that is back is emptied onto the shelf as it is counted.
    fn unload(&self, route: RouteId, at: Stamp) -> Result<()> {
        let route = routes::store::get(self.tx, route)?;
        let (Status::Completed, Some(vehicle)) = (route.status, route.vehicle_id) else { return Ok(()) };
        let books = cylinders::store::balances(self.tx, Place::Vehicle(vehicle))?;
        let counted: Vec<(ProductId, i64, i64)> = books.iter().map(|one| (one.product, one.full.max(0), one.empty.max(0))).collect();
        let is_short = books.iter().any(|one| one.full < 0 || one.empty < 0);
        let note = is_short.then_some("多載的沒有記");
        cylinders::unload_route(self.tx, route.id, vehicle, &counted, note, self.dispatcher(at).by)
    }

    fn arrive(&mut self, attempt: usize, at: Stamp) -> Result<()> {
        let attempt = &self.attempts[attempt];
        let driver = self.driver_of(attempt);
        match self.stop_on_the_way(attempt.order)? {
            Some(stop) => self.act(stops::Target::Stop(stop), &Act::Arrive { note: None }, driver, at),
            None => Ok(()),
        }
    }

    fn end(&mut self, attempt: usize, at: Stamp) -> Result<()> {
        let attempt = &self.attempts[attempt];
        let driver = self.driver_of(attempt);
        let Some(stop) = self.stop_on_the_way(attempt.order)? else { return Ok(()) };
        let act = match &attempt.end {
            Some((_, End::Failed(reason))) => {
                Act::Fail { reason: *reason, photo: None, note: (*reason == FailReason::Absent).then(|| "按鈴沒有人應".to_owned()) }
            }
            _ => Act::Complete(self.completion(attempt.order)?),
        };
        let route = routes::store::stop(self.tx, stop)?.route_id;
        self.act(stops::Target::Stop(stop), &act, driver, at)?;
        self.unload(route, at)?;
        let back = self.waiting.iter().copied().find(|(waiting, _)| *waiting == driver);
        if let Some((driver, tour)) = back {
            self.leave(driver, tour, at)?;
        }
        Ok(())
    }

    /// The open stop of `order`, once its route has left.
    fn stop_on_the_way(&self, order: OrderId) -> Result<Option<StopId>> {
        let Some(stop) = routes::store::held_by(self.tx, order)?.filter(|stop| stop.status.is_open()) else { return Ok(None) };
        let route = routes::store::get(self.tx, stop.route_id)?;
        Ok((route.status == Status::InProgress).then_some(stop.id))
    }

    /// Mostly as ordered; now and then an empty is missing or still half full, and a note is broken for the change.
    fn completion(&mut self, order: OrderId) -> Result<Completion> {
        let order = crate::orders::store::get(self.tx, order)?;
        let is_missing = self.dice.chance(0.05);
        let residual = if self.dice.chance(0.06) { Grams(500 * self.dice.between(1, 6)) } else { Grams(0) };
        let mut lines: Vec<DeliveredLine> =
            order.lines.iter().map(|line| DeliveredLine { qty: line.qty, empties: line.empties_expected, residual: Grams(0) }).collect();
        if let Some(first) = lines.first_mut().filter(|first| 0 < first.empties) {
            first.empties -= i64::from(is_missing);
            first.residual = if 0 < first.empties { residual } else { Grams(0) };
        }
        let total = order.totals.total;
        let pays = order.payment == Payment::Cash && 0 < total.0;
        let (recipient, no_proof) = match self.dice.below(6) {
            0 => (None, Some("客人不在，放後門")),
            1 => (None, Some("老客戶")),
            2 => (Some("老闆"), None),
            3 => (Some("老闆娘"), None),
            4 => (Some("店員"), None),
            _ => (Some("本人"), None),
        };
        Ok(Completion {
            lines: Some(lines),
            cash_handed: pays.then(|| Ntd((total.0 + 999) / 1_000 * 1_000)),
            recipient: recipient.map(str::to_owned),
            no_proof: no_proof.map(str::to_owned),
            ..Completion::default()
        })
    }

    fn act(&mut self, target: stops::Target, act: &Act, driver: usize, at: Stamp) -> Result<()> {
        self.acts += 1;
        let id = format!("demo-{:08}", self.acts);
        stops::act(self.tx, target, act, &id, Some(at), self.driver(driver, at)).map(|_| ())
    }
}
