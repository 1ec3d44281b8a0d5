//! The orders of the invented shop: what was brought in the last month, each promised by somebody who called, and
//! what stands open today and tomorrow, as far as the clock has come.
//!
//! Invariants
//! - Nothing has happened after *now*; a step comes after the one before it.
//! - Every gas that was brought in these days has its order, and every delivered order its delivery.

use crate::demo::book::{Book, Brought, Draft, Person};
use crate::demo::fleet;
use crate::demo::prices::Item;
use crate::demo::templates::made_at;
use crate::orders::store::bulk::Stepped;
use crate::orders::{CancelReason, FailReason, Origin, Status};
use crate::values::{Day, Ntd, Stamp, UserId, Window};

const FIRST_CALL: i64 = 7 * 60 + 50;
const LAST_CALL: i64 = 19 * 60;

const NOTES: [&str; 9] = [
    "從後門進，門鈴壞了",
    "先打電話再送",
    "到了按二樓電鈴",
    "空桶放在騎樓",
    "中午休息，一點以後再來",
    "找零一千",
    "狗會叫，不咬人",
    "順便看調整器",
    "老闆不在，找阿姨收",
];

const SIGNED: [&str; 6] = ["收的人：老闆", "收的人：老闆娘", "收的人：店員", "收的人：家人", "收的人：本人", "沒有簽收：客人不在，放後門"];

impl Book {
    /// What was brought, and beside it what was cancelled.
    pub fn past(&mut self, brought: &[Brought]) {
        for visit in brought {
            let mut draft = match self.clients[visit.client].is_walk_in {
                true => {
                    let clerk = self.staff.clerks.into_iter().find(|clerk| clerk.name == visit.by).unwrap_or(self.staff.clerks[0]);
                    self.sale(visit.client, clerk, visit.on, visit.at, visit.times)
                }
                false => {
                    let driver = self.staff.drivers.iter().copied().find(|driver| driver.name == visit.by).unwrap_or(self.staff.drivers[0]);
                    match visit.plan {
                        Some(plan) => self.generated(plan, driver, visit.on, visit.at),
                        None => self.promise(visit.client, driver, visit.on, visit.at, visit.times),
                    }
                }
            };
            draft.delivery = Some(visit.delivery);
            let is_called = draft.origin != Origin::WalkIn && draft.plan.is_none();
            let other = (is_called && self.dice.chance(0.04)).then(|| self.cancelled(visit.client, visit.on, visit.at, visit.times));
            self.drafts.extend(other);
            self.drafts.push(draft);
        }
    }

    /// About `today` orders for today and `tomorrow` for the day after, in every state the hour allows.
    pub fn open(&mut self, today: usize, tomorrow: usize) {
        let (mut pool, sales) = (self.callers(), 1 + today / 30);
        self.crews = (today / 20).clamp(2, self.staff.drivers.len());
        let mut for_today = self.draw(&mut pool, self.today, today);
        let for_tomorrow = self.draw(&mut pool, self.today.plus(1), tomorrow);
        let listed = self.draw(&mut pool, self.today.plus(1), 5);

        let take = |from: &mut Vec<usize>, count: usize| from.split_off(from.len().saturating_sub(count));
        for (at, client) in take(&mut for_today, CancelReason::ALL.len() + today / 60).into_iter().enumerate() {
            let reason = CancelReason::ALL[at % CancelReason::ALL.len()];
            // What was taken down twice stands once.
            let client = for_today.first().copied().filter(|_| reason == CancelReason::Duplicate).unwrap_or(client);
            let draft = self.cancelled_for(client, reason);
            self.drafts.push(draft);
        }
        for client in take(&mut for_today, 2 + today / 100) {
            let draft = self.failed(client);
            self.drafts.extend(draft);
        }
        for client in take(&mut for_today, 1 + today / 100) {
            let draft = self.urgent(client);
            self.drafts.extend(draft);
        }
        for client in take(&mut for_today, 2) {
            let draft = self.held(client);
            self.drafts.push(draft);
        }
        let today = for_today.into_iter().map(|client| (client, self.today));
        let open: Vec<_> = today.chain(for_tomorrow.into_iter().map(|client| (client, self.today.plus(1)))).collect();
        for (client, on) in open {
            let (driver, at, times) = (self.driver_of(client), self.minute(client), self.times(client));
            let draft = self.promise(client, driver, on, at, times);
            self.drafts.push(draft);
        }
        for plan in 0..self.plans.len() {
            let mut days = self.plans[plan].days(self.now);
            days.retain(|day| self.today <= *day);
            for day in days {
                let client = self.plans[plan].client;
                let (driver, at) = (self.driver_of(client), self.minute(client));
                let draft = self.generated(plan, driver, day, at);
                self.drafts.push(draft);
            }
        }
        for client in listed {
            let draft = self.listed(client);
            self.drafts.push(draft);
        }
        self.leak();
        self.counter(sales);
    }

    /// Those who will call soon, the soonest last. Of those who are due the shop has asked two in three already, and
    /// the others wait for it to ask.
    fn callers(&self) -> Vec<usize> {
        let shuffled = |at: usize| at * 7_919 % 100_003;
        let day = |at: usize| {
            let client = &self.clients[at];
            let (coming, _) = client.coming.filter(|_| client.is_open && !client.is_walk_in)?;
            match client.due_in {
                Some(days) if days <= 2 => (!shuffled(at).is_multiple_of(3)).then_some(coming.min(days.max(0) as usize)),
                _ => Some(coming),
            }
        };
        let mut pool: Vec<usize> = (0..self.clients.len()).filter(|at| day(*at).is_some()).collect();
        pool.sort_by_key(|at| std::cmp::Reverse((day(*at), shuffled(*at))));
        pool
    }

    /// The next `count` of `pool`, which is used from its end, who are not closed on `day`.
    fn draw(&self, pool: &mut Vec<usize>, day: Day, count: usize) -> Vec<usize> {
        let closed = 1 << (day.weekday() - 1);
        let (mut drawn, mut left) = (Vec::new(), Vec::new());
        while let Some(client) = pool.pop() {
            let is_taken = drawn.len() < count && self.clients[client].closed_weekdays & closed == 0;
            if is_taken { drawn.push(client) } else { left.push(client) }
        }
        left.reverse();
        *pool = left;
        drawn
    }

    /// An order for `on` that `driver` brings at minute `at`, as far as it has come by now.
    fn promise(&mut self, client: usize, driver: Person, on: Day, at: i64, times: i64) -> Draft {
        let called = self.called(on, at);
        let mut clerk = self.clerk().id;
        let mut draft = self.draft(client, driver, on, at, times);
        if self.dice.chance(0.006) {
            clerk = self.staff.manager;
            if let Some(first) = draft.items.first_mut() {
                match first.code {
                    "C20" => first.unit_price = Some(Ntd(800)),
                    _ => first.discount_percent = 15,
                }
            }
        }
        let is_due = self.today <= on && self.clients[client].due_in.is_some_and(|days| days <= on.days_since(self.today));
        if self.clients[client].is_business && called.day() < on && self.dice.chance(if is_due { 0.8 } else { 0.25 }) {
            draft.origin = Origin::Planned;
        }
        draft.steps.push(step(Status::Confirmed, called, clerk));
        self.bring(&mut draft, called, at);
        draft
    }

    /// What the night before made of a template, and somebody looked at in the afternoon.
    fn generated(&mut self, plan: usize, driver: Person, on: Day, at: i64) -> Draft {
        let mut draft = self.draft(self.plans[plan].client, driver, on, at, 1);
        (draft.origin, draft.plan, draft.notes) = (Origin::Template, Some(plan), None);
        let (made, looked) = (made_at(on).plus_ms(20 + plan as i64), stamp(on.plus(-1), 14 * 60 + self.dice.between(0, 150)));
        draft.steps.push(Stepped { to: Status::Pending, at: made, by: None, reason: None });
        draft.steps.push(step(Status::Confirmed, looked, self.staff.clerks[1].id));
        self.bring(&mut draft, looked, at);
        draft
    }

    /// One of the orders that came in yesterday as a spreadsheet, and wait for somebody to look at them.
    fn listed(&mut self, client: usize) -> Draft {
        let (driver, at, times) = (self.driver_of(client), self.minute(client), self.times(client));
        let mut draft = self.draft(client, driver, self.today.plus(1), at, times);
        draft.origin = Origin::Import;
        let came = stamp(self.today.plus(-1), 16 * 60 + 40).plus_ms(1_000 + client as i64 % 7);
        draft.steps.push(step(Status::Pending, came, self.staff.clerks[1].id));
        draft
    }

    /// The rest of its way, from when it was promised until it is brought at minute `at`, as far as it has come by now.
    fn bring(&mut self, draft: &mut Draft, called: Stamp, at: i64) {
        let (on, driver) = (draft.on, draft.by);
        let can_fail = 13 * 60 + 30 <= at && called < stamp(on, 7 * 60);
        if can_fail && self.dice.chance(0.1) {
            let back = self.dice.between(9 * 60, at.min(13 * 60) - 60);
            self.come_back(draft, back);
            let again = stamp(on, back + self.dice.between(10, 30));
            draft.steps.push(self.assign(again, driver));
        } else {
            let assigned = self.assigned(on, at, called);
            draft.steps.push(self.assign(assigned, driver));
        }
        let tour = [17, 13, 8].map(|hour| hour * 60 + 5).into_iter().find(|start| *start <= at).unwrap_or(8 * 60 + 5);
        let ready = draft.steps.last().map_or(called, |last| last.at).plus_minutes(1);
        draft.steps.push(step(Status::InDelivery, stamp(on, tour.min(at - 5)).max(ready), driver.id));
        let signed = self.dice.pick(&SIGNED);
        draft.steps.push(step(Status::Delivered, stamp(on, at), driver.id).because(signed));
        draft.steps.retain(|step| step.at <= self.now);
    }

    /// The morning's tour, from which the driver is back with it at minute `back`.
    fn come_back(&mut self, draft: &mut Draft, back: i64) {
        let reason = FailReason::ALL[self.dice.weighted(&[(0, 6), (1, 1), (3, 3), (4, 1)])];
        let morning = stamp(draft.on, 7 * 60 + self.dice.between(10, 35));
        draft.steps.push(self.assign(morning, draft.by));
        draft.steps.push(step(Status::InDelivery, stamp(draft.on, 8 * 60 + 5), draft.by.id));
        let why = format!("沒送成，{}", reason.label());
        draft.steps.push(step(Status::Confirmed, stamp(draft.on, back), draft.by.id).because(&why));
    }

    /// A call of which nothing came, some minutes later.
    fn cancelled(&mut self, client: usize, on: Day, at: i64, times: i64) -> Draft {
        use CancelReason::{CannotDeliver, CustomerRequest, Duplicate, WrongEntry};
        let reason = self.dice.weighted(&[(CustomerRequest, 6), (Duplicate, 2), (WrongEntry, 2), (CannotDeliver, 1)]);
        self.called_off(client, on, at, times, reason)
    }

    /// The same of today, for `reason`.
    fn cancelled_for(&mut self, client: usize, reason: CancelReason) -> Draft {
        let (at, times) = (self.minute(client), self.times(client));
        self.called_off(client, self.today, at, times, reason)
    }

    fn called_off(&mut self, client: usize, on: Day, at: i64, times: i64, reason: CancelReason) -> Draft {
        let note = match reason {
            CancelReason::CustomerRequest | CancelReason::Duplicate => None,
            CancelReason::NoStock => Some("要的桶下週才到"),
            CancelReason::CannotDeliver => Some("路在施工，車進不去"),
            CancelReason::WrongEntry => Some("打錯客戶"),
            CancelReason::Other => Some("店休幾天，回來再叫"),
        };
        let (called, clerk, driver) = (self.called(on, at), self.clerk().id, self.driver_of(client));
        let mut draft = self.draft(client, driver, on, at, times);
        let patience = self.dice.between(4, 30).min((self.now.0 - called.0) / 120_000);
        let why = note.map_or_else(|| reason.label().to_owned(), |note| format!("{}；{note}", reason.label()));
        draft.steps.push(step(Status::Confirmed, called, clerk));
        draft.steps.push(step(Status::Cancelled, called.plus_minutes(patience).plus_ms(500), clerk).because(&why));
        draft.cancelled = Some((reason, note));
        draft
    }

    /// A driver came back with it and it waits for another hour; `None` before the first truck can be back.
    fn failed(&mut self, client: usize) -> Option<Draft> {
        let (driver, clerk, times) = (self.driver_of(client), self.clerk().id, self.times(client));
        let back = self.minute_of_now() - self.dice.between(8, 50);
        if !(8 * 60 + 20..20 * 60).contains(&back) {
            return None;
        }
        let mut draft = self.draft(client, driver, self.today, back, times);
        let called = stamp(self.today.plus(-1), self.dice.between(10 * 60, 18 * 60));
        draft.steps.push(step(Status::Confirmed, called, clerk));
        self.come_back(&mut draft, back);
        Some(draft)
    }

    /// Somebody is out of gas and has just said so; `None` while nobody is there to hear it.
    fn urgent(&mut self, client: usize) -> Option<Draft> {
        let (driver, clerk, times) = (self.driver_of(client), self.clerk().id, self.times(client));
        let called = self.minute_of_now() - self.dice.between(2, 9);
        if !(FIRST_CALL..LAST_CALL).contains(&called) {
            return None;
        }
        let mut draft = self.draft(client, driver, self.today, called + 60, times);
        draft.window = Window::ALL_DAY;
        draft.is_urgent = true;
        draft.surcharge = Ntd(100);
        draft.notes = Some("火點不著了，盡快");
        draft.steps.push(step(Status::Confirmed, stamp(self.today, called), clerk));
        Some(draft)
    }

    /// Taken down, and left for the manager to look at.
    fn held(&mut self, client: usize) -> Draft {
        let (driver, at, times) = (self.driver_of(client), self.minute(client), self.times(client));
        let mut draft = self.draft(client, driver, self.today, at, times);
        let (called, clerk) = (self.called(self.today, at), self.clerk().id);
        draft.notes = Some("上個月的帳還沒結，請經理看");
        draft.steps.push(step(Status::Pending, called, clerk));
        draft
    }

    /// Gas is smelt somewhere: above everything else, and without a line.
    fn leak(&mut self) {
        let called = self.minute_of_now() - 14;
        let Some(client) = self.clients.iter().position(|client| client.is_business && client.is_open) else { return };
        if !(FIRST_CALL..LAST_CALL).contains(&called) {
            return;
        }
        let (driver, clerk) = (self.driver_of(client), self.staff.clerks[0].id);
        let mut draft = self.draft(client, driver, self.today, called + 30, 1);
        draft.origin = Origin::Emergency;
        draft.window = Window::ALL_DAY;
        draft.items.clear();
        draft.is_urgent = true;
        draft.notes = Some("廚房聞到瓦斯味，已請客人關總閥、開窗");
        draft.steps.push(step(Status::Confirmed, stamp(self.today, called), clerk));
        draft.steps.push(self.assign(stamp(self.today, called + 2), driver));
        draft.steps.push(step(Status::InDelivery, stamp(self.today, called + 5), driver.id));
        self.drafts.push(draft);
    }

    /// What passers-by have bought since the shop opened, `most` of them at most.
    fn counter(&mut self, most: usize) {
        let Some(client) = self.clients.iter().position(|client| client.is_walk_in) else { return };
        for no in 0..most {
            let at = 8 * 60 + 12 + 35 * no as i64;
            if self.minute_of_now() <= at {
                break;
            }
            let clerk = self.clerk();
            let mut draft = self.sale(client, clerk, self.today, at, 1);
            draft.items = match no % 4 {
                0 => vec![Item::of("C04", 1)],
                1 => vec![Item::of("REGULATOR", 1), Item::of("HOSE", 1)],
                2 => vec![Item::of("C20", 1)],
                _ => vec![Item::of("REPAIR", 1)],
            };
            self.drafts.push(draft);
        }
    }

    /// Sold over the counter at minute `at`: taken and handed over in one.
    fn sale(&mut self, client: usize, clerk: Person, on: Day, at: i64, times: i64) -> Draft {
        let mut draft = self.draft(client, clerk, on, at, times);
        draft.origin = Origin::WalkIn;
        draft.notes = None;
        let sold = stamp(on, at);
        draft.steps.push(step(Status::Confirmed, sold, clerk.id));
        for to in [Status::Assigned, Status::InDelivery, Status::Delivered] {
            draft.steps.push(step(to, sold, clerk.id).because("門市自取"));
        }
        draft
    }

    fn draft(&mut self, client: usize, by: Person, on: Day, at: i64, times: i64) -> Draft {
        let mut items: Vec<Item> = self.clients[client].products.iter().map(|(code, qty)| Item::of(code, qty * times)).collect();
        if let Some(first) = items.first_mut().filter(|_| self.dice.chance(0.02)) {
            first.discount_percent = *[5, 5, 10].get(self.dice.below(3)).unwrap_or(&5);
        }
        if self.dice.chance(0.01) {
            items.push(Item::of("HOSE", 1));
        }
        let notes = self.dice.chance(0.06).then(|| self.dice.pick(&NOTES));
        let window = self.window(self.clients[client].hours, at);
        Draft {
            client,
            on,
            origin: Origin::Phone,
            window,
            items,
            is_urgent: false,
            notes,
            surcharge: Ntd(0),
            at,
            by,
            steps: Vec::new(),
            cancelled: None,
            delivery: None,
            plan: None,
        }
    }

    /// When somebody called who is served on `on` at minute `at`: that day or one before, and never after now.
    fn called(&mut self, on: Day, at: i64) -> Stamp {
        let back = i64::from(self.dice.chance(0.45));
        let latest = self.minute_of_now() - 1;
        for back in back.max(on.days_since(self.today)).. {
            let day = on.plus(-back);
            let last = if back == 0 { at - 40 } else { LAST_CALL };
            let last = if day == self.today { last.min(latest) } else { last };
            if last < FIRST_CALL {
                continue;
            }
            // The phone rings most between nine and eleven.
            let is_peak = self.dice.chance(0.4) && 9 * 60 < last;
            let minute = if is_peak { self.dice.between(9 * 60, last.min(11 * 60)) } else { self.dice.between(FIRST_CALL, last) };
            return stamp(day, minute).plus_ms(1_000 * self.dice.between(0, 58));
        }
        stamp(on.plus(-1), FIRST_CALL)
    }

    /// When a driver was told: the evening's orders in the morning, the day's as they come.
    fn assigned(&mut self, on: Day, at: i64, called: Stamp) -> Stamp {
        let morning = stamp(on, 7 * 60 + self.dice.between(10, 35));
        let soon = called.plus_minutes(self.dice.between(5, 20));
        if 13 * 60 <= at && soon < stamp(on, 11 * 60 + 30) && self.dice.chance(0.15) {
            return stamp(on, 11 * 60 + 40 + self.dice.between(0, 40));
        }
        morning.max(soon)
    }

    /// The hours somebody was promised who is served at minute `at`; a few wait longer than they were told.
    fn window(&mut self, hours: u16, at: i64) -> Window {
        let at = if self.dice.chance(0.04) { at - 90 } else { at };
        let slots = [(8, 10), (10, 12), (12, 14), (14, 17), (17, 20)];
        let halves = [(8, 12), (12, 17), (17, 20)];
        let around =
            |all: &[(u32, u32)]| all.iter().find(|(_, end)| at < i64::from(end * 60)).and_then(|(from, to)| Window::hours(*from, *to));
        let chosen = match self.dice.below(20) {
            0..9 => around(&slots),
            9..17 => around(&halves),
            _ => None,
        };
        let chosen = chosen.unwrap_or(Window::ALL_DAY);
        let open =
            Window::stretches(hours).into_iter().find(|open| (i64::from(open.start_minute())..i64::from(open.end_minute())).contains(&at));
        open.and_then(|open| open.and(chosen)).unwrap_or(chosen)
    }

    /// A minute of the day at which `client` takes gas.
    fn minute(&mut self, client: usize) -> i64 {
        let hours = self.clients[client].hours;
        let open: Vec<i64> = (8..20).filter(|hour| hours == 0 || hours & 1 << (hour - 8) != 0).collect();
        60 * open.get(self.dice.below(open.len())).copied().unwrap_or(10) + 5 * self.dice.between(0, 11)
    }

    fn times(&self, client: usize) -> i64 {
        self.clients[client].coming.map_or(1, |(_, times)| times)
    }

    fn clerk(&mut self) -> Person {
        self.staff.clerks[usize::from(self.dice.chance(0.45))]
    }

    /// Whose area `client` lies in, with what can get there; two drivers share the large areas.
    fn driver_of(&self, client: usize) -> Person {
        let who = &self.clients[client];
        let by_motorcycle = who.vehicle_type == 2;
        let fit: Vec<usize> = (0..self.crews).filter(|at| fleet::is_on_motorcycle(*at) == by_motorcycle).collect();
        let is_his = |at: usize| who.area.is_some_and(|area| self.areas.get(at).is_some_and(|areas| areas.contains(&area)));
        let usual: Vec<usize> = fit.iter().copied().filter(|at| is_his(*at)).collect();
        let all = if usual.is_empty() { fit } else { usual };
        self.staff.drivers[all[client % all.len()]]
    }

    /// 阿珍 plans the tours.
    fn assign(&self, at: Stamp, driver: Person) -> Stepped {
        step(Status::Assigned, at, self.staff.clerks[1].id).because(driver.name)
    }

    fn minute_of_now(&self) -> i64 {
        (self.now.0 - stamp(self.today, 0).0) / 60_000
    }
}

fn step(to: Status, at: Stamp, by: UserId) -> Stepped {
    Stepped { to, at, by: Some(by), reason: None }
}

fn stamp(day: Day, minute: i64) -> Stamp {
    Stamp::taipei(day, 0, 0).plus_minutes(minute)
}
