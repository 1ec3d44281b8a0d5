//! The way of a route, and of a stop as the office moves it: every state, every step, every role.

mod support;

use luckygas::error::Error;
use luckygas::http::Method::Post;
use luckygas::orders::steps::{Handed, Move as OrderMove};
use luckygas::orders::{Actor, FailReason, Status as OrderStatus};
use luckygas::routes::plan::{self, Target};
use luckygas::routes::steps::{Action, Move, act};
use luckygas::routes::{Route, Status, Stop, StopStatus, by_order, store};
use luckygas::users::Role;
use luckygas::values::{OrderId, UserId};
use luckygas::vehicles;
use serde_json::json;
use support::Site;
use support::routes::MING;
use support::who::{EVERYBODY, Who};

/// Whether of the bosses, and whether of the office.
fn rank(who: Who) -> (bool, bool) {
    match who {
        Who::Of(Role::Admin | Role::Manager) => (true, true),
        Who::Of(Role::OfficeStaff) => (false, true),
        _ => (false, false),
    }
}

/// A shop with a second driver and a route of 阿明 in `status`; while it is open, with two orders on it, and one in
/// progress from which they were taken again.
struct Shop {
    site: Site,
    other: UserId,
    route: Route,
    orders: Vec<OrderId>,
}

impl Shop {
    fn at(status: Status) -> Shop {
        let site = Site::open();
        site.add_prices();
        let other = site.add_driver("ade", "阿德");
        let orders: Vec<OrderId> = (0..2)
            .map(|at| {
                let customer = site.customer(&format!("100001{at}"), &format!("客戶{at}"), |_| {});
                site.take(customer, &[("C20", 1)]).id
            })
            .collect();
        let route = site.draft(Some(MING), Some(site.another_truck()));
        site.put(route.id, &orders);
        let shop = Shop { site, other, route, orders };
        let step = |step: Move| drop(shop.site.route_step(shop.route.id, &step));
        let publish = || step(Move::Publish { override_note: None });
        let start = || {
            publish();
            step(Move::Start { loaded: None, note: None });
            shop.take_off();
        };
        match status {
            Status::Draft => {}
            Status::Published => publish(),
            Status::InProgress => start(),
            Status::Completed => {
                start();
                step(Move::Complete { odometer_end_km: None, note: None });
            }
            Status::Cancelled => step(Move::Cancel),
        }
        let route = shop.site.route(shop.route.id);
        Shop { route, ..shop }
    }

    fn take_off(&self) {
        let stops: Vec<_> = self.site.stops(self.route.id).iter().map(|stop| stop.id).collect();
        self.site.app.db.write(|tx| plan::take_off(tx, &stops, self.site.actor(Role::OfficeStaff))).unwrap();
    }

    fn actor(&self, who: Who) -> Actor {
        self.site.acting(who, self.other)
    }

    fn states(&self) -> Vec<OrderStatus> {
        self.orders.iter().map(|id| self.site.order(*id).status).collect()
    }
}

/// A step with everything it could need, even where somebody acts for the driver.
fn every_move() -> Vec<Move> {
    let note = Some("手機沒電".to_owned());
    vec![
        Move::Publish { override_note: None },
        Move::Start { loaded: None, note: note.clone() },
        Move::Complete { odometer_end_km: None, note },
        Move::Reopen,
        Move::Cancel,
    ]
}

/// What business §11 and §20 say: the state after it, or the status of the refusal.
fn law(status: Status, action: Action, who: Who) -> Result<Status, u16> {
    let (is_boss, is_office) = rank(who);
    let is_own = who == Who::Of(Role::Driver);
    // Nobody has been told of a draft.
    let is_told = !matches!(status, Status::Draft | Status::Cancelled);
    if who == Who::OtherDriver || (is_own && !is_told) {
        return Err(404);
    }
    let may = match action {
        Action::Publish | Action::Cancel => is_office,
        Action::Start | Action::Complete => is_boss || is_own,
        Action::Reopen => is_boss,
    };
    if !may {
        return Err(403);
    }
    match (status, action) {
        (Status::Draft, Action::Publish) => Ok(Status::Published),
        (Status::Published, Action::Start) => Ok(Status::InProgress),
        (Status::InProgress, Action::Complete) => Ok(Status::Completed),
        (Status::Completed, Action::Reopen) => Ok(Status::InProgress),
        (Status::Draft | Status::Published, Action::Cancel) => Ok(Status::Cancelled),
        _ => Err(409),
    }
}

/// Where the orders of a route stand after `action` from `status`.
fn orders_after(action: Action) -> OrderStatus {
    match action {
        Action::Publish => OrderStatus::Assigned,
        Action::Start => OrderStatus::InDelivery,
        Action::Complete | Action::Reopen | Action::Cancel => OrderStatus::Confirmed,
    }
}

#[test]
fn every_step_of_everybody_is_as_the_law_says_or_changes_nothing() {
    for status in Status::ALL.iter().copied() {
        let mut shop = Shop::at(status);
        for who in EVERYBODY {
            for step in every_move() {
                let place = format!("{status:?} {:?} by {who:?}", step.action());
                let (tables, before) = (shop.site.content(), shop.route.clone());
                let answer = shop.site.app.db.write(|tx| act(tx, before.id, Some(before.version), &step, shop.actor(who)));
                match (answer, law(status, step.action(), who)) {
                    (Ok(after), Ok(to)) => {
                        assert_eq!((after.status, after.version), (to, before.version + 1), "{place}");
                        assert_eq!(shop.states(), [orders_after(step.action()); 2], "{place}");
                        let left = shop.site.stops(before.id).iter().filter(|stop| stop.status.is_open()).count();
                        let want = if matches!(to, Status::Published) || step.action() == Action::Start { 2 } else { 0 };
                        assert_eq!(left, want, "{place}");
                        shop.site.check_file();
                        shop = Shop::at(status);
                    }
                    (Err(error), Err(want)) => {
                        assert_eq!(error.status(), want, "{place}: {error}");
                        assert_eq!(shop.site.content(), tables, "{place}");
                    }
                    (answer, want) => panic!("{place}: {answer:?} is not {want:?}"),
                }
            }
        }
    }
}

/// The same over the pages and the API.
#[test]
fn pages_and_programs_take_the_same_steps_and_no_others() {
    for status in Status::ALL.iter().copied() {
        let mut shop = Shop::at(status);
        for role in Role::ALL {
            for action in Action::ALL.iter().copied() {
                for is_api in [false, true] {
                    let (site, before) = (&shop.site, &shop.route);
                    let place = format!("{status:?} {action:?} by {role:?}, api {is_api}");
                    let (browser, tables) = (site.role(role), site.content());
                    let answer = if is_api {
                        let body = json!({"version": before.version, "note": "手機沒電"});
                        browser.json(Post, &format!("/api/v1/routes/{}/{}", before.id, action.word()), body)
                    } else {
                        let form = [("version", before.version.to_string()), ("note", "手機沒電".to_owned())];
                        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
                        browser.post(&format!("/routes/{}/{}", before.id, action.word()), &form)
                    };
                    // What is no driver's address is told before what he may see; the pages are the office's.
                    let is_drivers = is_api && matches!(action, Action::Start | Action::Complete);
                    let law = match law(status, action, Who::Of(role)) {
                        _ if role == Role::Driver && !is_drivers => Err(403),
                        law => law,
                    };
                    match law {
                        Ok(to) => {
                            let want = if is_api { 200 } else { 303 };
                            assert_eq!((answer.status(), site.route(before.id).status), (want, to), "{place}: {}", answer.text());
                            if !is_api {
                                browser.get(answer.location()).check(200, to.label());
                            }
                            shop = Shop::at(status);
                        }
                        Err(want) => {
                            assert_eq!(answer.status(), want, "{place}: {}", answer.text());
                            assert_eq!(site.content(), tables, "{place}");
                        }
                    }
                }
            }
        }
    }
}

// The stops, as the office moves them.

/// Where a stop stands, on a route of which state.
const STANDS: [(Status, StopStatus); 8] = [
    (Status::Draft, StopStatus::Pending),
    (Status::Published, StopStatus::Pending),
    (Status::Published, StopStatus::Skipped),
    (Status::InProgress, StopStatus::Pending),
    (Status::InProgress, StopStatus::Arrived),
    (Status::InProgress, StopStatus::Completed),
    (Status::InProgress, StopStatus::Failed),
    (Status::InProgress, StopStatus::Skipped),
];

/// A route with two stops of which the first stands so, and a draft beside it.
fn stop_at(route: Status, stop: StopStatus) -> (Shop, Stop, Route) {
    let shop = Shop::at(Status::Draft);
    let site = &shop.site;
    if route != Status::Draft {
        site.route_step(shop.route.id, &Move::Publish { override_note: None });
    }
    if route == Status::InProgress {
        site.route_step(shop.route.id, &Move::Start { loaded: None, note: None });
    }
    let first = site.stops(shop.route.id)[0].clone();
    let order = site.order(first.order_id);
    let take = |step: OrderMove| site.app.db.write(|tx| by_order::act(tx, &order, None, None, &step, site.actor(Role::Driver))).unwrap();
    match stop {
        StopStatus::Pending => {}
        StopStatus::Arrived => {
            let arrived = Stop { status: StopStatus::Arrived, arrived_at: Some(site.app.now()), ..first.clone() };
            site.app.db.write(|tx| store::update_stop(tx, &first, &arrived)).unwrap();
        }
        StopStatus::Completed => {
            drop(take(OrderMove::Deliver(Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(&order) })));
        }
        StopStatus::Failed => drop(take(OrderMove::Fail { reason: FailReason::Absent, note: None })),
        StopStatus::Skipped => site.app.db.write(|tx| plan::take_off(tx, &[first.id], site.actor(Role::OfficeStaff))).unwrap(),
    }
    let draft = site.draft(Some(shop.other), None);
    let first = site.stops(shop.route.id)[0].clone();
    assert_eq!(first.status, stop);
    (shop, first, draft)
}

#[test]
fn a_stop_is_moved_and_taken_off_while_nobody_has_reached_it() {
    for (route, stands) in STANDS {
        let (mut shop, mut stop, mut draft) = stop_at(route, stands);
        for who in EVERYBODY {
            for is_move in [false, true] {
                let place = format!("{route:?} {stands:?} move {is_move} by {who:?}");
                let (tables, actor) = (shop.site.content(), shop.actor(who));
                let answer = shop.site.app.db.write(|tx| {
                    if is_move {
                        plan::put(tx, &[stop.order_id], Target::Route(draft.id), actor).map(drop)
                    } else {
                        plan::take_off(tx, &[stop.id], actor)
                    }
                });
                let (_, is_office) = rank(who);
                // What was failed or taken off waits, and is planned like any other.
                let waits = is_move && matches!(stands, StopStatus::Failed | StopStatus::Skipped);
                let want = match stands {
                    _ if !is_office => Err(403),
                    StopStatus::Pending => Ok(()),
                    _ if waits => Ok(()),
                    _ => Err(409),
                };
                match (answer, want) {
                    (Ok(()), Ok(())) => {
                        let order = shop.site.order(stop.order_id);
                        assert_eq!((order.status, order.driver_id), (OrderStatus::Confirmed, None), "{place}");
                        let held = shop.site.app.db.read(|conn| store::held_by(conn, order.id)).unwrap();
                        assert_eq!(held.map(|stop| stop.route_id), is_move.then_some(draft.id), "{place}");
                        shop.site.check_file();
                        (shop, stop, draft) = stop_at(route, stands);
                    }
                    (Err(error), Err(want)) => {
                        assert_eq!(error.status(), want, "{place}: {error}");
                        assert_eq!(shop.site.content(), tables, "{place}");
                    }
                    (answer, want) => panic!("{place}: {answer:?} is not {want:?}"),
                }
            }
        }
    }
}

// What each step needs.

fn refused(answer: Result<Route, Error>) -> (u16, Vec<String>) {
    match answer.unwrap_err() {
        Error::Invalid(problems) => (422, problems.into_iter().map(|problem| problem.say.into_owned()).collect()),
        error => (error.status(), vec![error.user_message().into_owned()]),
    }
}

#[test]
fn a_route_goes_out_only_with_all_it_needs() {
    let site = Site::open();
    site.add_prices();
    let publish = |site: &Site, route: &Route, role: Role, note: Option<&str>| {
        let step = Move::Publish { override_note: note.map(str::to_owned) };
        site.app.db.write(|tx| act(tx, route.id, None, &step, site.actor(role)))
    };
    let empty = site.draft(None, None);
    let (status, says) = refused(publish(&site, &empty, Role::OfficeStaff, None));
    assert_eq!((status, says.join("")), (422, "還沒選司機。還沒選車。路線上還沒有站。".to_owned()));

    // A truck where only a motorcycle goes: a manager says why; a motorcycle where only a truck goes: nobody.
    let by = |code: &str, name: &str, vehicle: luckygas::customers::Vehicle| {
        let customer = site.customer(code, name, |details| details.vehicle_type = vehicle);
        site.take(customer, &[("C20", 1)]).id
    };
    let narrow = by("1000001", "巷底小吃", luckygas::customers::Vehicle::Motorcycle);
    let wide = by("1000002", "大路餐廳", luckygas::customers::Vehicle::Truck);
    let truck = site.draft(Some(MING), Some(site.another_truck()));
    site.put(truck.id, &[narrow]);
    let says = "巷底小吃 只能用機車送。要經理寫原因才能發布。".to_owned();
    assert_eq!(refused(publish(&site, &truck, Role::OfficeStaff, None)), (422, vec![says.clone()]));
    assert_eq!(refused(publish(&site, &truck, Role::OfficeStaff, Some("走得進去"))), (422, vec![says.clone()]));
    assert_eq!(refused(publish(&site, &truck, Role::Manager, None)), (422, vec![says]));
    let bike = site.add_vehicle("MOT-0001", vehicles::Kind::Motorcycle, 180);
    let ade = site.add_driver("ade", "阿德");
    let on_bike = site.draft(Some(ade), Some(bike));
    site.put(on_bike.id, &[wide]);
    assert_eq!(refused(publish(&site, &on_bike, Role::Admin, Some("試試看"))), (422, vec!["大路餐廳 不能用機車送。".to_owned()]));
    let out = publish(&site, &truck, Role::Manager, Some("走得進去")).unwrap();
    assert_eq!((out.status, out.override_note.as_deref()), (Status::Published, Some("走得進去")));

    // On a route that is out, a vehicle that does not fit is told at once.
    site.app.db.write(|tx| plan::take_off(tx, &[site.stops(on_bike.id)[0].id], site.actor(Role::OfficeStaff))).unwrap();
    let any = by("1000003", "路口茶店", luckygas::customers::Vehicle::Any);
    site.put(on_bike.id, &[any]);
    publish(&site, &on_bike, Role::OfficeStaff, None).unwrap();
    let put = site.app.db.write(|tx| plan::put(tx, &[wide], Target::Route(on_bike.id), site.actor(Role::Admin)));
    assert_eq!(refused(put), (409, vec!["路線 03 開的是機車：大路餐廳 不能用機車送。".to_owned()]));
    site.check_file();
}

#[test]
fn what_is_too_heavy_goes_when_somebody_says_why() {
    /// The vehicle, how many kilograms it may carry, what is loaded, and what is said of it.
    type Case<'a> = (vehicles::Kind, i64, &'a [(&'a str, i64)], &'a [&'a str]);
    let cases: [Case; 7] = [
        (vehicles::Kind::Truck, 5_000, &[("C50", 20)], &[]),
        (vehicles::Kind::Truck, 5_000, &[("C50", 21)], &["50KG 有 21 支，一車最多 20 支。"]),
        (vehicles::Kind::Truck, 5_000, &[("C20", 30), ("C20-YING", 21)], &["20KG 有 51 支，一車最多 50 支。"]),
        (vehicles::Kind::Truck, 1_000, &[("C50", 13)], &[]),
        (vehicles::Kind::Truck, 1_000, &[("C50", 13), ("C20", 1)], &["總重 1,005 kg，KEA-0009 最多載 1,000 kg。"]),
        (vehicles::Kind::Motorcycle, 180, &[("C20", 6)], &[]),
        (vehicles::Kind::Motorcycle, 300, &[("C20", 6), ("C04", 1)], &["瓦斯 124 kg，機車最多 120 kg（20KG × 6）。"]),
    ];
    for (kind, max_gross_kg, lines, says) in cases {
        let site = Site::open();
        site.add_prices();
        let customer = site.customer("1000001", "大明食堂", |_| {});
        let order = site.take(customer, lines).id;
        let route = site.draft(Some(MING), Some(site.add_vehicle("KEA-0009", kind, max_gross_kg)));
        site.put(route.id, &[order]);
        let publish = |note: Option<&str>| {
            let step = Move::Publish { override_note: note.map(str::to_owned) };
            site.app.db.write(|tx| act(tx, route.id, None, &step, site.actor(Role::OfficeStaff)))
        };
        if says.is_empty() {
            assert_eq!(publish(Some("沒事")).unwrap().override_note, None, "{lines:?}");
            continue;
        }
        let want: Vec<String> = says.iter().map(|say| format!("{say}還是要發布，寫一句原因。")).collect();
        assert_eq!(refused(publish(None)), (422, want), "{lines:?}");
        site.hui().get(&format!("/routes/{}", route.id)).check(200, says[0]).check(200, "還是要發布");
        assert_eq!(publish(Some("分兩趟載")).unwrap().override_note.as_deref(), Some("分兩趟載"));
    }
}

#[test]
fn more_stops_than_a_driver_makes_are_warned_of() {
    let site = Site::open();
    site.add_prices();
    let route = site.draft(Some(MING), Some(site.add_vehicle("KEA-0009", vehicles::Kind::Truck, 20_000)));
    for at in 0..31 {
        let customer = site.customer(&format!("10000{at:02}"), &format!("客戶{at}"), |_| {});
        let order = site.take(customer, &[("C04", 1)]).id;
        site.put(route.id, &[order]);
    }
    let publish = Move::Publish { override_note: None };
    let answer = site.app.db.write(|tx| act(tx, route.id, None, &publish, site.actor(Role::OfficeStaff)));
    assert_eq!(refused(answer), (422, vec!["有 31 站，一天最多排 30 站。還是要發布，寫一句原因。".to_owned()]));
}

#[test]
fn a_vehicle_drives_one_route_a_shift() {
    use luckygas::routes::{Kind, NewRoute, Shift};
    let site = Site::open();
    let truck = site.add_truck("KEA-0001");
    let make = |shift: Shift, kind: Kind| {
        let new = NewRoute {
            route_on: site.app.now().day(),
            area_id: None,
            shift,
            kind,
            driver_id: None,
            crew2_id: None,
            vehicle_id: Some(truck),
            notes: None,
        };
        site.app.db.write(|tx| plan::make(tx, &new, site.actor(Role::OfficeStaff)))
    };
    let morning = make(Shift::Morning, Kind::Planned).unwrap();
    for shift in [Shift::Morning, Shift::AllDay] {
        assert_eq!(refused(make(shift, Kind::Planned)), (422, vec!["KEA-0001 這個班已經排給路線 01。".to_owned()]));
    }
    make(Shift::Evening, Kind::Planned).unwrap();
    make(Shift::Morning, Kind::Emergency).unwrap();
    site.route_step(morning.id, &Move::Cancel);
    make(Shift::Noon, Kind::Planned).unwrap();
    make(Shift::Morning, Kind::Planned).unwrap();
}

#[test]
fn a_driver_is_on_one_route_and_on_its_day() {
    let site = Site::open();
    site.add_prices();
    let order = |code: &str| {
        let customer = site.customer(code, code, |_| {});
        site.take(customer, &[("C20", 1)]).id
    };
    let first = site.running(MING, &[order("1000001")]);
    let second = site.published(MING, &[order("1000002")]);
    let start = |route: &Route, role: Role, note: Option<&str>| {
        let step = Move::Start { loaded: None, note: note.map(str::to_owned) };
        site.app.db.write(|tx| act(tx, route.id, None, &step, site.actor(role)))
    };
    let busy = format!("阿明還在跑路線 {}，先結束那一條。", first.number);
    assert_eq!(refused(start(&second, Role::Driver, None)), (409, vec![busy]));
    assert_eq!(refused(start(&second, Role::Manager, None)), (422, vec!["替司機做的，要寫一句為什麼。".to_owned()]));
    let complete = Move::Complete { odometer_end_km: None, note: None };
    let answer = site.app.db.write(|tx| act(tx, first.id, None, &complete, site.actor(Role::Driver)));
    assert_eq!(refused(answer), (409, vec!["還有 1 站沒有結果，先記完。".to_owned()]));

    // With its last stop it is over by itself, and opened again only that day and while he is on no other.
    let held = site.stops(first.id)[0].clone();
    let last = site.order(held.order_id);
    let fail = OrderMove::Fail { reason: FailReason::Absent, note: None };
    site.app.db.write(|tx| by_order::act(tx, &last, None, None, &fail, site.actor(Role::Driver))).unwrap();
    assert_eq!(site.route(first.id).status, Status::Completed);
    start(&second, Role::Driver, None).unwrap();
    let reopen = || site.app.db.write(|tx| act(tx, first.id, None, &Move::Reopen, site.actor(Role::Manager)));
    assert_eq!(refused(reopen()).0, 409);
    site.app.db.write(|tx| plan::take_off(tx, &[site.stops(second.id)[0].id], site.actor(Role::OfficeStaff))).unwrap();
    site.route_step(second.id, &complete);
    site.wait_minutes(24 * 60);
    assert_eq!(refused(reopen()), (409, vec!["只有今天結束的路線可以重新打開。".to_owned()]));
    site.check_file();
}

#[test]
fn what_nobody_closed_stands_in_red_until_somebody_does() {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1000001", "大明食堂", |_| {});
    let order = site.take(customer, &[("C20", 1)]);
    let route = site.running(MING, &[order.id]);
    assert!(!site.hui().get("/routes").text().contains("還沒結束"));
    site.wait_minutes(24 * 60);
    let hui = site.hui();
    hui.get("/routes").check(200, "的路線還沒結束，剩 1 站");
    hui.get("/").check(200, "沒結束").check(200, &route.number);
    let fail = OrderMove::Fail { reason: FailReason::Absent, note: Some("他說的".to_owned()) };
    let order = site.order(order.id);
    site.app.db.write(|tx| by_order::act(tx, &order, None, None, &fail, site.actor(Role::Manager))).unwrap();
    assert!(!site.hui().get("/routes").text().contains("還沒結束"));
}

#[test]
fn the_driver_hears_of_what_concerns_him() {
    let site = Site::open();
    site.add_prices();
    let ade = site.add_driver("ade", "阿德");
    let order = |code: &str| {
        let customer = site.customer(code, code, |_| {});
        site.take(customer, &[("C20", 1)]).id
    };
    let heard = |user: UserId| -> Vec<String> {
        let read = |conn: &rusqlite::Connection| {
            let mut query = conn.prepare("SELECT text FROM notices WHERE user_id = ?1 ORDER BY id").unwrap();
            Ok(query.query_map([user], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
        };
        site.app.db.read(read).unwrap()
    };
    let (one, two) = (order("1000001"), order("1000002"));
    let route = site.published(MING, &[one]);
    site.put(route.id, &[two]);
    let edited = |order: OrderId, change: fn(&mut luckygas::orders::NewOrder)| {
        let before = site.order(order);
        let mut wanted = luckygas::orders::NewOrder::of(&before);
        change(&mut wanted);
        let role = site.actor(Role::OfficeStaff);
        site.app.db.write(|tx| luckygas::orders::change::change(tx, &before, &wanted, role, &site.app.settings())).unwrap();
    };
    edited(one, |wanted| wanted.notes = Some("後門".to_owned()));
    edited(one, |wanted| wanted.scheduled_on = wanted.scheduled_on.plus(1));
    let cancel = OrderMove::Cancel { reason: luckygas::orders::CancelReason::NoStock, note: None };
    let three = order("1000003");
    site.put(route.id, &[three]);
    site.app.db.write(|tx| luckygas::orders::steps::act(tx, two, None, &cancel, site.actor(Role::OfficeStaff))).unwrap();
    site.app.db.write(|tx| plan::give(tx, route.id, ade, site.actor(Role::OfficeStaff))).unwrap();
    site.app.db.write(|tx| act(tx, route.id, None, &Move::Cancel, site.actor(Role::OfficeStaff))).unwrap();
    let number = |id: OrderId| site.order(id).number;
    let name = &route.number;
    assert_eq!(
        heard(MING),
        [
            format!("新路線 {name}，共 1 站"),
            format!("路線 {name} 有變動，現在共 2 站"),
            format!("訂單 {} 已變更", number(one)),
            format!("訂單 {} 改天送，不在這條路線上了", number(one)),
            format!("路線 {name} 有變動，現在共 2 站"),
            format!("訂單 {} 已取消", number(two)),
            format!("路線 {name} 改由阿德開"),
        ]
    );
    assert_eq!(heard(ade), [format!("新路線 {name}，共 1 站"), format!("路線 {name} 取消了")]);
}
