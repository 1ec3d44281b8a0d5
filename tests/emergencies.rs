//! Emergencies: what is taken down of each kind, who is sent and told, the alarm that comes again, and how it ends.

mod support;

use luckygas::emergencies::acts::{self, Action};
use luckygas::emergencies::create::{Made, create};
use luckygas::emergencies::{Emergency, Kind, Listed, NewEmergency, rank, store, watch};
use luckygas::error::{Error, Result};
use luckygas::journal::By;
use luckygas::orders::{Actor, CancelReason, NewLine, Origin, Status, steps};
use luckygas::routes::plan::{self, Target};
use luckygas::routes::steps::Move;
use luckygas::routes::{self, StopStatus};
use luckygas::users::Role;
use luckygas::values::{CustomerId, EmergencyId, OrderId, UserId};
use serde_json::json;
use support::Site;
use support::routes::MING;

fn inn(site: &Site) -> CustomerId {
    site.add_prices();
    site.customer("1000119", "虛谷民宿", |details| {
        details.address = Some("虛構鄉海堤路 88 號".to_owned());
        details.area = Some("G-海線".to_owned());
        details.phones = vec![Site::number("0900-000-119")];
    })
}

fn leak(customer: CustomerId) -> NewEmergency {
    NewEmergency {
        kind: Kind::GasLeak,
        customer: Some(customer),
        in_need: None,
        description: "廚房切替器旁邊有味道。".to_owned(),
        phone: None,
        address: None,
        contact_name: None,
        lines: Vec::new(),
        driver: None,
        form_key: None,
    }
}

impl Site {
    fn call(&self, new: &NewEmergency) -> Emergency {
        self.call_as(new, self.actor(Role::OfficeStaff)).unwrap()
    }

    fn call_as(&self, new: &NewEmergency, actor: Actor) -> Result<Emergency> {
        self.app.db.write(|tx| create(tx, new, actor, &self.app.settings())).map(|made| made.emergency().clone())
    }

    fn emergency(&self, id: EmergencyId) -> Emergency {
        self.app.db.read(|conn| store::get(conn, id)).unwrap()
    }

    fn listed(&self, id: EmergencyId) -> Listed {
        self.app.db.read(|conn| store::listed(conn, id)).unwrap()
    }

    fn driver(&self, user: UserId) -> Actor {
        Actor { by: By { user: Some(user), at: self.app.now() }, role: Some(Role::Driver) }
    }

    fn send(&self, id: EmergencyId, driver: UserId) -> Result<Emergency> {
        self.app.db.write(|tx| acts::assign(tx, id, driver, self.actor(Role::OfficeStaff)))
    }

    fn goes(&self, id: EmergencyId, driver: UserId) -> Result<Emergency> {
        self.app.db.write(|tx| acts::answer(tx, id, self.driver(driver)))
    }

    /// What was told, to whom: `None` is the office.
    fn told(&self) -> Vec<(Option<i64>, String)> {
        let read = |conn: &rusqlite::Connection| {
            let mut query = conn.prepare("SELECT user_id, text FROM notices WHERE event = 'emergency' ORDER BY id").unwrap();
            Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(rusqlite::Result::unwrap).collect())
        };
        self.app.db.read(read).unwrap()
    }

    fn way_of(&self, driver: UserId) -> Vec<OrderId> {
        let read = |conn: &rusqlite::Connection| {
            let Some(route) = routes::store::running_of(conn, driver)? else { return Ok(Vec::new()) };
            let stops = routes::store::stops_of(conn, route.id)?;
            Ok(stops.iter().filter(|stop| stop.status != StopStatus::Skipped).map(|stop| stop.order_id).collect())
        };
        self.app.db.read(read).unwrap()
    }
}

// Taking one down.

#[test]
fn a_leak_is_an_urgent_order_of_this_hour_without_a_line() {
    let site = Site::open();
    let customer = inn(&site);
    let one = site.call(&leak(customer));
    let order = site.order(one.order_id.unwrap());
    assert_eq!((order.status, order.origin, order.is_urgent), (Status::Confirmed, Origin::Emergency, true));
    assert_eq!((order.scheduled_on, order.window.to_string()), (site.app.now().day(), "10:22–10:52".to_owned()));
    assert_eq!(order.notes.as_deref(), Some("廚房切替器旁邊有味道。"));
    assert_eq!((one.phone.as_deref(), one.address.as_deref()), (Some("0900-000-119"), Some("虛構鄉海堤路 88 號")));
    assert_eq!(site.told(), [(None, "瓦斯洩漏：虛谷民宿，虛構鄉海堤路 88 號".to_owned())]);
    assert!(one.is_ringing(site.app.now()));
    let journal = site.journal();
    let (_, id, change) = journal.iter().rfind(|(verb, ..)| verb == "create").unwrap();
    assert_eq!((*id, &change["drivers"]), (Some(one.id.0), &json!([])));
    site.check_file();
}

#[test]
fn each_kind_needs_its_own() {
    let site = Site::open();
    let customer = inn(&site);
    let bare = site.customer("1000120", "沒電話小館", |_| {});
    let walk_in = site.customer("6000001", "現金零售", |_| {});
    site.app
        .db
        .write(|tx| {
            let account = luckygas::customers::store::get(tx, walk_in)?;
            luckygas::customers::store::set_walk_in(tx, &account, true, By::program(site.app.now()))
        })
        .unwrap();
    let two = vec![NewLine::of(site.product("C20"), 2)];
    let of = |kind: Kind, fill: &dyn Fn(&mut NewEmergency)| {
        let mut new = NewEmergency { kind, ..leak(customer) };
        fill(&mut new);
        new
    };
    let nothing: &[&str] = &[];
    let cases: Vec<(NewEmergency, &[&str])> = vec![
        (of(Kind::GasLeak, &|_| {}), nothing),
        (of(Kind::GasLeak, &|new| new.description = " ".to_owned()), &["description"]),
        (of(Kind::GasLeak, &|new| new.customer = None), &["customer"]),
        (of(Kind::GasLeak, &|new| new.customer = Some(bare)), &["phone", "address"]),
        (of(Kind::GasLeak, &|new| new.customer = Some(walk_in)), &["phone", "address"]),
        (
            of(Kind::GasLeak, &|new| {
                new.customer = Some(walk_in);
                new.phone = Some("0900-000-120".to_owned());
                new.address = Some("虛構市一路 1 號".to_owned());
            }),
            nothing,
        ),
        (of(Kind::CustomerEmergency, &|_| {}), nothing),
        (of(Kind::CustomerEmergency, &|new| new.lines = two.clone()), nothing),
        (of(Kind::UrgentDelivery, &|_| {}), &["lines"]),
        (of(Kind::UrgentDelivery, &|new| new.lines = two.clone()), nothing),
        (of(Kind::UrgentDelivery, &|new| new.lines = vec![NewLine::of(site.product("C20"), 0)]), &["lines.1"]),
        (of(Kind::DriverEmergency, &|_| {}), &["in_need"]),
        (of(Kind::DriverEmergency, &|new| new.in_need = Some(UserId(2))), &["in_need"]),
        (of(Kind::DriverEmergency, &|new| new.in_need = Some(MING)), nothing),
    ];
    for (new, wrong) in cases {
        match site.call_as(&new, site.actor(Role::OfficeStaff)) {
            Ok(one) => {
                assert!(wrong.is_empty(), "{new:?} should be refused at {wrong:?}");
                assert_eq!(one.order_id.is_some(), new.kind.has_order());
                assert_eq!(one.customer_id.is_some(), new.kind.has_order());
            }
            Err(Error::Invalid(problems)) => {
                let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_ref()).collect();
                assert_eq!(fields, wrong, "{new:?}");
            }
            Err(error) => panic!("{new:?}: {error}"),
        }
    }
    site.check_file();
}

#[test]
fn what_is_not_sent_with_a_leak_is_not_brought() {
    let site = Site::open();
    let customer = inn(&site);
    let one = site.call(&NewEmergency { lines: vec![NewLine::of(site.product("C20"), 2)], ..leak(customer) });
    assert_eq!(site.order(one.order_id.unwrap()).lines, []);
}

#[test]
fn a_form_sent_twice_is_one_emergency() {
    let site = Site::open();
    let customer = inn(&site);
    let new = NewEmergency { form_key: Some("one-and-the-same".to_owned()), ..leak(customer) };
    let make = |actor: Actor| site.app.db.write(|tx| create(tx, &new, actor, &site.app.settings()));
    let first = make(site.actor(Role::OfficeStaff)).unwrap();
    let again = make(site.actor(Role::OfficeStaff)).unwrap();
    assert!(matches!(&again, Made::Again(one) if one == first.emergency()), "{again:?}");
    assert!(matches!(make(site.actor(Role::Manager)), Err(Error::Conflict { .. })));
    let help =
        NewEmergency { kind: Kind::DriverEmergency, in_need: Some(MING), form_key: Some("help-me-now".to_owned()), ..leak(customer) };
    let first = site.call_as(&help, site.driver(MING)).unwrap();
    assert_eq!(site.call_as(&help, site.driver(MING)).unwrap(), first);
    assert_eq!(site.app.db.read(store::open).unwrap().len(), 2);
}

// Who may.

#[test]
fn each_act_is_for_whom_it_is() {
    #[derive(Clone, Copy, PartialEq)]
    enum Who {
        Of(Role),
        Sent,
        Other,
    }
    let everybody = Role::ALL.into_iter().filter(|role| *role != Role::Driver).map(Who::Of).chain([Who::Sent, Who::Other]);
    for who in everybody {
        let site = Site::open();
        let customer = inn(&site);
        site.add_truck("KEA-0001");
        let other = site.add_driver("ade", "阿德");
        let lines = vec![NewLine::of(site.product("C20"), 1)];
        let new = NewEmergency { kind: Kind::UrgentDelivery, lines, driver: Some(MING), ..leak(customer) };
        let actor = match who {
            Who::Of(role) => site.actor(role),
            Who::Sent => site.driver(MING),
            Who::Other => site.driver(other),
        };
        let is_office = matches!(who, Who::Of(Role::Admin | Role::Manager | Role::OfficeStaff));
        for (action, is_open) in Action::ALL.iter().flat_map(|action| [(action, true), (action, false)]) {
            let one = site.call(&new);
            if !is_open {
                site.app.db.write(|tx| acts::close(tx, one.id, "好了", site.actor(Role::Manager))).unwrap();
            }
            let before = site.emergency(one.id);
            let done = site.app.db.write(|tx| match action {
                Action::Assign => acts::assign(tx, one.id, other, actor),
                Action::Answer => acts::answer(tx, one.id, actor),
                Action::Decline => acts::decline(tx, one.id, actor),
                Action::See => acts::see(tx, one.id, actor),
                Action::Again => acts::again(tx, one.id, actor),
                Action::Describe => acts::describe(tx, one.id, None, "另一句", actor),
                Action::Calm => acts::calm(tx, one.id, actor),
                Action::Close => acts::close(tx, one.id, "好了", actor),
            });
            let is_his = who == Who::Sent && matches!(action, Action::Answer | Action::Decline);
            let want = match () {
                () if who == Who::Other => 404,
                () if !is_office && !is_his => 403,
                () if !is_open => 409,
                () => 200,
            };
            let got = done.as_ref().map_or_else(Error::status, |_| 200);
            assert_eq!(got, want, "{action:?} open: {is_open}: {done:?}");
            assert_eq!(site.emergency(one.id) == before, want != 200, "{action:?}: what is refused changes nothing");
        }
    }
}

#[test]
fn a_driver_tells_of_himself_and_of_nobody_else() {
    let site = Site::open();
    let customer = inn(&site);
    let other = site.add_driver("ade", "阿德");
    let own = NewEmergency { kind: Kind::DriverEmergency, customer: None, in_need: Some(MING), ..leak(customer) };
    for (new, role, want) in [
        (&leak(customer), Role::Driver, 403),
        (&own, Role::Driver, 200),
        (&NewEmergency { in_need: Some(other), ..own.clone() }, Role::Driver, 403),
        (&leak(customer), Role::Accountant, 403),
        (&own, Role::OfficeStaff, 200),
    ] {
        let made = site.call_as(new, site.actor(role));
        assert_eq!(made.as_ref().map_or_else(Error::status, |_| 200), want, "{role:?} {:?}", new.kind);
    }
}

// Who is sent.

#[test]
fn whoever_runs_a_route_finds_it_as_his_next_stop() {
    let site = Site::open();
    let customer = inn(&site);
    let orders: Vec<OrderId> = (0..3).map(|_| site.take(customer, &[("C20", 1)]).id).collect();
    let route = site.published(MING, &orders);
    site.route_step(route.id, &Move::Start { loaded: None, note: None });
    let first = site.app.db.read(|conn| routes::store::stops_of(conn, route.id)).unwrap()[0].clone();
    let arrived = site.ming().post(&format!("/driver/stops/{}/arrive", first.id), &[("action_id", "arrive-0001")]);
    assert_eq!(arrived.status(), 303, "{}", arrived.text());

    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    let order = one.order_id.unwrap();
    assert_eq!(site.way_of(MING), [orders[0], order, orders[1], orders[2]]);
    assert_eq!(site.order(order).status, Status::Assigned);
    assert_eq!((one.driver_id, one.assigned_at, one.answered_at), (Some(MING), Some(site.app.now()), None));
    assert!(site.told().contains(&(Some(MING.0), "緊急 瓦斯洩漏：虛谷民宿，虛構鄉海堤路 88 號".to_owned())));

    // He is there without having said that he goes, and done with nothing to hand over.
    site.wait_minutes(9);
    let stop = site.app.db.read(|conn| routes::store::held_by(conn, order)).unwrap().unwrap();
    site.ming().post(&format!("/driver/stops/{}/arrive", stop.id), &[("action_id", "arrive-0002")]);
    let there = site.emergency(one.id);
    assert_eq!((there.arrived_at, there.answered_at), (Some(site.app.now()), Some(site.app.now())));
    assert!(matches!(site.send(one.id, UserId(5)), Err(Error::Conflict { .. })));
    let done = [("action_id", "complete-0001"), ("recipient", "櫃台")];
    let done = site.ming().post(&format!("/driver/stops/{}/complete", stop.id), &done);
    assert_eq!(done.status(), 303, "{}", done.text());
    assert_eq!(site.emergency(one.id).closed_at, Some(site.app.now()));
    assert_eq!(site.emergency(one.id).minutes_to_arrived(), Some(9));
    let undone = site.ming().post(&format!("/driver/stops/{}/undo", stop.id), &[("action_id", "undo-00001")]);
    assert_eq!(undone.status(), 303, "{}", undone.text());
    assert!(site.emergency(one.id).is_open(), "taken back, he is still there");
    site.check_file();
}

#[test]
fn who_runs_none_gets_a_route_of_its_own_that_begins_when_he_answers() {
    let site = Site::open();
    let customer = inn(&site);
    let truck = site.add_truck("KEA-0001");
    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    let stop = site.app.db.read(|conn| routes::store::held_by(conn, one.order_id.unwrap())).unwrap().unwrap();
    let route = site.route(stop.route_id);
    assert_eq!((route.kind, route.status, route.vehicle_id), (routes::Kind::Emergency, routes::Status::Published, Some(truck)));
    let one = site.goes(one.id, MING).unwrap();
    assert_eq!(one.answered_at, Some(site.app.now()));
    assert_eq!(site.route(route.id).status, routes::Status::InProgress);
    assert_eq!(site.order(one.order_id.unwrap()).status, Status::InDelivery);
    // Twice is once.
    assert_eq!(site.goes(one.id, MING).unwrap(), one);
    site.check_file();
}

#[test]
fn a_route_begun_meanwhile_takes_the_emergency_in() {
    let site = Site::open();
    let customer = inn(&site);
    let later = site.take(customer, &[("C20", 1)]);
    let planned = site.published(MING, &[later.id]);
    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    site.route_step(planned.id, &Move::Start { loaded: None, note: None });
    site.goes(one.id, MING).unwrap();
    assert_eq!(site.way_of(MING), [one.order_id.unwrap(), later.id]);
    let own = site.app.db.read(|conn| routes::store::of_day(conn, site.app.now().day())).unwrap();
    assert!(own.iter().all(|route| route.kind != routes::Kind::Emergency), "the empty one is gone: {own:?}");
    site.check_file();
}

#[test]
fn sent_to_another_both_are_told_and_the_empty_route_goes() {
    let site = Site::open();
    let customer = inn(&site);
    site.add_truck("KEA-0001");
    let other = site.add_driver("ade", "阿德");
    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    let before = site.app.db.read(|conn| routes::store::held_by(conn, one.order_id.unwrap())).unwrap().unwrap().route_id;
    site.wait_minutes(1);
    let one = site.send(one.id, other).unwrap();
    assert_eq!((one.driver_id, one.assigned_at), (Some(other), Some(site.app.now())));
    assert_eq!(site.order(one.order_id.unwrap()).driver_id, Some(other));
    assert_eq!(site.route(before).status, routes::Status::Cancelled);
    let told = site.told();
    assert!(told.contains(&(Some(MING.0), "瓦斯洩漏：虛谷民宿 改派給阿德，不用去了".to_owned())), "{told:?}");
    assert!(told.contains(&(Some(other.0), "緊急 瓦斯洩漏：虛谷民宿，虛構鄉海堤路 88 號".to_owned())), "{told:?}");
    // The same once more changes nothing, and who was sent away may not answer any more.
    let length = site.journal_length();
    assert_eq!(site.send(one.id, other).unwrap(), one);
    assert_eq!(site.journal_length(), length);
    assert!(matches!(site.goes(one.id, MING), Err(Error::NotFound { .. })));
    site.check_file();
}

#[test]
fn who_cannot_go_is_sent_no_more_and_the_shop_hears_it() {
    let site = Site::open();
    let customer = inn(&site);
    site.add_truck("KEA-0001");
    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    site.app.db.write(|tx| acts::see(tx, one.id, site.actor(Role::OfficeStaff))).unwrap();
    let one = site.app.db.write(|tx| acts::decline(tx, one.id, site.driver(MING))).unwrap();
    assert_eq!((one.driver_id, one.alarms), (None, 2));
    assert!(one.is_ringing(site.app.now()));
    assert_eq!(site.order(one.order_id.unwrap()).status, Status::Confirmed);
    assert_eq!(site.told().last().unwrap(), &(None, "瓦斯洩漏：虛谷民宿 阿明去不了，請再派一位".to_owned()));
    site.check_file();
}

#[test]
fn the_emergency_follows_the_board() {
    let site = Site::open();
    let customer = inn(&site);
    let other = site.add_driver("ade", "阿德");
    let theirs = site.published(other, &[site.take(customer, &[("C20", 1)]).id]);
    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    let order = one.order_id.unwrap();
    site.app.db.write(|tx| plan::put(tx, &[order], Target::Route(theirs.id), site.actor(Role::OfficeStaff))).unwrap();
    assert_eq!(site.emergency(one.id).driver_id, Some(other));
    let stop = site.app.db.read(|conn| routes::store::held_by(conn, order)).unwrap().unwrap();
    site.app.db.write(|tx| plan::take_off(tx, &[stop.id], site.actor(Role::OfficeStaff))).unwrap();
    let one = site.emergency(one.id);
    assert_eq!((one.driver_id, one.alarms), (None, 2));
    assert_eq!(site.told().last().unwrap().1, "瓦斯洩漏：虛谷民宿 沒有人去了，請再派一位");
}

#[test]
fn a_colleague_is_helped_without_a_stop() {
    let site = Site::open();
    let other = site.add_driver("ade", "阿德");
    let help = NewEmergency { kind: Kind::DriverEmergency, customer: None, in_need: Some(MING), ..leak(CustomerId(1)) };
    let one = site.call_as(&help, site.driver(MING)).unwrap();
    assert!(matches!(site.send(one.id, MING), Err(Error::Invalid(_))), "he cannot be sent to himself");
    assert_eq!(site.send(one.id, other).unwrap().driver_id, Some(other));
    assert!(site.goes(one.id, other).unwrap().answered_at.is_some());
    assert_eq!(site.listed(one.id).title(), "司機緊急：阿明");
    site.app.db.write(|tx| acts::close(tx, one.id, "拖走了", site.actor(Role::OfficeStaff))).unwrap();
    site.check_file();
}

// The alarm that comes again.

#[test]
fn the_shop_is_alarmed_every_three_minutes_until_he_answers() {
    let site = Site::open();
    let customer = inn(&site);
    site.add_truck("KEA-0001");
    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    let id = one.id;
    let see = || site.app.db.write(|tx| acts::see(tx, id, site.actor(Role::OfficeStaff))).unwrap();
    let rings = || site.emergency(id).is_ringing(site.app.now());
    let strip = || site.chen().get("/emergencies/strip").text().contains("data-alarm");
    assert!(rings() && strip());
    see();
    assert!(!rings() && !strip());
    for minutes in [1, 2] {
        site.wait_minutes(1);
        assert_eq!((watch::look(&site.app).unwrap(), rings()), (0, false), "after {minutes}");
    }
    site.wait_minutes(1);
    assert!(rings(), "the strip does not wait for the watch");
    assert_eq!(watch::look(&site.app).unwrap(), 1);
    assert_eq!(watch::look(&site.app).unwrap(), 0, "once in three minutes");
    assert_eq!((site.emergency(id).alarms, site.emergency(id).alarmed_at), (2, site.app.now()));
    assert_eq!(site.told().last().unwrap(), &(None, "瓦斯洩漏：虛谷民宿 阿明 3 分鐘沒有回應".to_owned()));
    see();
    assert!(!strip());
    site.wait_minutes(3);
    assert_eq!(watch::look(&site.app).unwrap(), 1);
    assert_eq!((site.emergency(id).alarms, strip()), (3, true));
    site.goes(id, MING).unwrap();
    assert!(!strip(), "he goes");
    site.wait_minutes(30);
    assert_eq!(watch::look(&site.app).unwrap(), 0);
    assert_eq!(site.emergency(id).alarms, 3);
    let alarms = site.journal().into_iter().filter(|(verb, ..)| verb == "alarm").count();
    assert_eq!(alarms, 2);
}

#[test]
fn sent_anew_he_has_three_minutes_of_his_own() {
    let site = Site::open();
    let customer = inn(&site);
    site.add_truck("KEA-0001");
    let other = site.add_driver("ade", "阿德");
    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    site.wait_minutes(2);
    site.send(one.id, other).unwrap();
    site.wait_minutes(2);
    assert_eq!(watch::look(&site.app).unwrap(), 0);
    site.wait_minutes(1);
    assert_eq!(watch::look(&site.app).unwrap(), 1);
    site.app.db.write(|tx| acts::close(tx, one.id, "誤報", site.actor(Role::Manager))).unwrap();
    site.wait_minutes(9);
    assert_eq!(watch::look(&site.app).unwrap(), 0);
}

#[test]
fn an_alarm_known_of_while_the_next_is_due_is_that_one() {
    let site = Site::open();
    let customer = inn(&site);
    let one = site.call(&leak(customer));
    site.wait_minutes(4);
    let seen = site.app.db.write(|tx| acts::see(tx, one.id, site.actor(Role::OfficeStaff))).unwrap();
    assert_eq!((seen.alarms, seen.alarmed_at), (2, site.app.now()));
    assert_eq!(watch::look(&site.app).unwrap(), 0);
}

#[test]
fn the_watch_writes_nothing_while_nothing_burns() {
    let site = Site::open();
    let before = site.journal_length();
    assert_eq!(watch::look(&site.app).unwrap(), 0);
    let runs = |conn: &rusqlite::Connection| Ok(conn.query_row("SELECT count(*) FROM job_runs", [], |row| row.get::<_, i64>(0)).unwrap());
    assert_eq!((site.journal_length(), site.app.db.read(runs).unwrap()), (before, 0));
}

// How it ends.

#[test]
fn it_ends_with_its_order() {
    let site = Site::open();
    let customer = inn(&site);
    site.add_truck("KEA-0001");
    let of = |kind: Kind| NewEmergency { kind, lines: vec![NewLine::of(site.product("C20"), 1)], ..leak(customer) };

    let one = site.call(&NewEmergency { driver: Some(MING), ..of(Kind::UrgentDelivery) });
    site.wait_minutes(1);
    site.goes(one.id, MING).unwrap();
    site.wait_minutes(11);
    let order = site.order(one.order_id.unwrap());
    let handed = steps::Handed { recipient: Some("櫃台".to_owned()), ..steps::Handed::as_ordered(&order) };
    let deliver = steps::Move::Deliver(handed);
    site.app.db.write(|tx| routes::by_order::act(tx, &order, None, None, &deliver, site.driver(MING))).unwrap();
    let done = site.emergency(one.id);
    assert_eq!((done.closed_at, done.minutes_to_arrived()), (Some(site.app.now()), Some(12)));

    let one = site.call(&of(Kind::UrgentDelivery));
    let cancel = steps::Move::Cancel { reason: CancelReason::WrongEntry, note: None };
    site.app.db.write(|tx| steps::act(tx, one.order_id.unwrap(), None, &cancel, site.actor(Role::OfficeStaff))).unwrap();
    assert!(!site.emergency(one.id).is_open());

    let one = site.call(&of(Kind::CustomerEmergency));
    site.app.db.write(|tx| acts::calm(tx, one.id, site.actor(Role::OfficeStaff))).unwrap();
    let order = site.order(one.order_id.unwrap());
    assert_eq!((order.origin, order.is_urgent, order.status), (Origin::Phone, false, Status::Confirmed));
    assert!(!site.emergency(one.id).is_open());

    // A leak brings nothing, so nothing ordinary can be made of it yet.
    let one = site.call(&leak(customer));
    let refused = site.app.db.write(|tx| acts::calm(tx, one.id, site.actor(Role::OfficeStaff)));
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert!(site.emergency(one.id).is_open());
    site.check_file();
}

#[test]
fn a_driver_who_comes_back_with_it_alarms_the_shop() {
    let site = Site::open();
    let customer = inn(&site);
    site.add_truck("KEA-0001");
    let one = site.call(&NewEmergency { driver: Some(MING), ..leak(customer) });
    site.goes(one.id, MING).unwrap();
    let stop = site.app.db.read(|conn| routes::store::held_by(conn, one.order_id.unwrap())).unwrap().unwrap();
    let form = [("action_id", "fail-00001"), ("reason", "absent")];
    let failed = site.ming().post(&format!("/driver/stops/{}/fail", stop.id), &form);
    assert_eq!(failed.status(), 303, "{}", failed.text());
    assert_eq!(site.order(one.order_id.unwrap()).status, Status::Confirmed);
    let one = site.emergency(one.id);
    assert_eq!((one.is_open(), one.driver_id, one.alarms), (true, None, 2));
    assert_eq!(site.told().last().unwrap().1, "瓦斯洩漏：虛谷民宿 沒處理成，請再派一位");
}

#[test]
fn the_figures_are_those_of_the_emergencies() {
    let site = Site::open();
    let customer = inn(&site);
    site.add_truck("KEA-0001");
    let figures = || site.app.db.read(|conn| store::figures(conn, site.app.now())).unwrap();
    assert_eq!((figures().open, figures().to_assigned), (0, None));
    let first = site.call(&leak(customer));
    let second = site.call(&leak(customer));
    site.wait_minutes(2);
    site.send(first.id, MING).unwrap();
    site.wait_minutes(2);
    site.send(second.id, MING).unwrap();
    assert_eq!((figures().open, figures().closed_today, figures().to_assigned), (2, 0, Some(3.0)));
    site.app.db.write(|tx| acts::close(tx, first.id, "好了", site.actor(Role::Manager))).unwrap();
    assert_eq!((figures().open, figures().closed_today, figures().to_arrived), (1, 1, None));
    site.wait_minutes(24 * 60);
    assert_eq!((figures().open, figures().closed_today), (1, 0));
    let page = site.chen().get("/emergencies");
    page.check(200, "今天解除").check(200, "虛谷民宿");
}

#[test]
fn the_same_area_goes_first_then_the_fewest_stops() {
    let site = Site::open();
    let customer = inn(&site);
    let far = site.customer("1000121", "遠方小館", |details| details.area = Some("D-北線".to_owned()));
    let (ade, zhou) = (site.add_driver("ade", "阿德"), site.add_driver("zhou", "老周"));
    let route = site.published(ade, &[site.take(far, &[("C20", 1)]).id]);
    site.route_step(route.id, &Move::Start { loaded: None, note: None });
    let area = site.app.db.read(|conn| store::area_of(conn, customer)).unwrap().unwrap();
    site.app
        .db
        .write(|tx| {
            let ming = luckygas::drivers::store::get(tx, MING)?;
            let details = luckygas::drivers::Details { areas: vec![area], ..ming.details() };
            luckygas::drivers::store::set(tx, &ming, &details, By::program(site.app.now()))
        })
        .unwrap();
    let one = site.call(&leak(customer));
    let ranked = site.app.db.read(|conn| rank::of(conn, &one, &site.app.seen, site.app.now())).unwrap();
    let names: Vec<_> = ranked.iter().map(|one| (one.driver, one.is_same_area, one.stops_left)).collect();
    assert_eq!(names, [(MING, true, 0), (zhou, false, 0), (ade, false, 1)]);
    assert_eq!(ranked[2].stop_name.as_deref(), Some("遠方小館"));
}

// The pages.

#[test]
fn the_office_takes_one_down_and_acts_on_its_page() {
    let site = Site::open();
    let customer = inn(&site);
    site.add_truck("KEA-0001");
    let hui = site.hui();
    hui.get("/emergencies").check(200, "沒有緊急事件");
    hui.get("/emergencies/new").check(200, "發生什麼事");
    hui.get("/emergencies/new?kind=gas_leak&who=%E8%99%9B%E8%B0%B7").check(200, "海堤路 88 號");
    hui.get("/emergencies/new?kind=gas_leak&who=%E4%B9%9D%E4%B9%9D").check(200, "沒有「九九」");
    hui.get("/emergencies/new?kind=driver_emergency").check(200, "哪一位司機");
    let target = format!("/emergencies/new?customer={customer}");
    let mut form = support::form::form_on(&hui.get(&target).text(), "/emergencies");
    form.push(("kind".to_owned(), "gas_leak".to_owned()));
    let sent = |form: &[(String, String)]| {
        let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        hui.post("/emergencies", &pairs)
    };
    sent(&form).check(422, "請寫一句發生了什麼事。");
    support::form::type_over(&mut form, "description", "有味道");
    let made = sent(&form);
    assert_eq!(made.status(), 303, "{}", made.text());
    let page = made.location().to_owned();
    assert_eq!(sent(&form).location(), page, "sent twice it is one");
    hui.get(&page).check(200, "電話裡先說這四句").check(200, "馬上打 119").check(200, "小惠建立，通報全店");
    site.lin().get("/customers").check(200, "data-alarm=\"1-1\"").check(200, "還沒派人");
    assert!(!site.ming().get("/").text().contains("data-alarm"));
    site.chen().get(&page).check(200, "虛谷民宿");
    assert!(!site.chen().get(&page).text().contains("/seen\""), "the accountant looks on");

    assert_eq!(hui.post(&format!("{page}/seen"), &[("back", "/customers?q=1")]).location(), "/customers?q=1");
    assert!(!site.lin().get("/customers").text().contains("data-alarm=\"1-1\""));
    hui.post(&format!("{page}/assign"), &[("driver", "99")]).check(422, "請選一位在職的司機。");
    assert_eq!(hui.post(&format!("{page}/assign"), &[("driver", "5")]).location(), page);
    hui.get(&page).check(200, "等阿明回應").check(200, "小惠指派阿明").check(200, "另開一條緊急路線");
    let ming = site.ming();
    ming.get("/driver").check(303, "");
    ming.get("/driver/emergency").check(200, "虛谷民宿").check(200, "我去不了");
    ming.get("/driver/day").check(200, "緊急：瓦斯洩漏");
    assert_eq!(ming.post(&format!("{page}/answer"), &[("goes", "1")]).location(), "/driver/emergency");
    hui.get(&page).check(200, "說：我去");
    hui.post(&format!("{page}/edit"), &[("description", "接頭漏"), ("version", "1")]);
    hui.get(&page).check(200, "接頭漏");
    assert_eq!(site.order(OrderId(1)).notes.as_deref(), Some("接頭漏"));
    hui.post(&format!("{page}/ordinary"), &[]).check(422, "這張單沒有品項");
    hui.post(&format!("{page}/close"), &[]).check(422, "請寫一句怎麼解除的。");
    hui.post(&format!("{page}/close"), &[("note", "換了接頭")]);
    hui.get(&page).check(200, "小惠解除：換了接頭");
    hui.post(&format!("{page}/seen"), &[]).check(409, "已經解除了");
    site.check_file();
}

#[test]
fn a_driver_asks_for_help_in_one_sentence() {
    let site = Site::open();
    let ming = site.ming();
    let form = support::form::form_on(&ming.get("/driver/emergency").text(), "/driver/emergency");
    let key = form.iter().find(|(name, _)| name == "form_key").unwrap().1.clone();
    ming.post("/driver/emergency", &[("form_key", &key)]).check(422, "寫一句怎麼了");
    let help = [("form_key", key.as_str()), ("description", "中山路口被追撞")];
    ming.post("/driver/emergency", &help);
    ming.post("/driver/emergency", &help);
    ming.get("/driver/emergency").check(200, "通知店裡了，等人回應");
    site.hui().get("/orders").check(200, "司機緊急").check(200, "阿明");
    assert_eq!(site.app.db.read(store::open).unwrap().len(), 1);
    site.hui().post("/emergencies/1/seen", &[]);
    ming.get("/driver/emergency").check(200, "小惠知道了");
}
