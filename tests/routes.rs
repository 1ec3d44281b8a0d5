//! Building routes: orders are put on, moved, taken off and put in order.

mod support;

use luckygas::error::Error;
use luckygas::orders::{Order, Status as OrderStatus};
use luckygas::routes::plan::{self, Target};
use luckygas::routes::steps::Move;
use luckygas::routes::{Route, Status, StopStatus};
use luckygas::users::Role;
use luckygas::values::{OrderId, StopId, UserId};
use support::Site;
use support::routes::MING;

/// A shop with orders of today, each a customer of its own.
fn shop(orders: usize) -> (Site, Vec<OrderId>) {
    let site = Site::open();
    site.add_prices();
    let ids = (0..orders).map(|at| take(&site, at).id).collect();
    (site, ids)
}

fn take(site: &Site, at: usize) -> Order {
    let customer = site.customer(&format!("1000{at:03}"), &format!("客戶{at}"), |_| {});
    site.take(customer, &[("C20", 1)])
}

fn put(site: &Site, orders: &[OrderId], target: Target) -> Result<Route, Error> {
    site.app.db.write(|tx| plan::put(tx, orders, target, site.actor(Role::OfficeStaff)))
}

/// Orders of a route as they are to be made.
fn way(site: &Site, route: &Route) -> Vec<OrderId> {
    let stops = site.stops(route.id);
    stops.iter().filter(|stop| stop.status.is_open()).map(|stop| stop.order_id).collect()
}

fn states(site: &Site, orders: &[OrderId]) -> Vec<OrderStatus> {
    orders.iter().map(|id| site.order(*id).status).collect()
}

#[test]
fn a_draft_is_a_plan_nobody_has_been_told_of() {
    let (site, orders) = shop(2);
    let day = site.app.now().day();
    let route = put(&site, &orders, Target::Driver(MING, day)).unwrap();
    assert_eq!((route.status, route.number.as_str()), (Status::Draft, "R-20250528-01"));
    assert_eq!(way(&site, &route), orders);
    assert_eq!(states(&site, &orders), [OrderStatus::Confirmed; 2]);
    let truck = site.add_truck("KEA-0001");
    let details = plan::Details { vehicle_id: Some(truck), ..plan::Details::of(&route) };
    site.app.db.write(|tx| plan::edit(tx, route.id, Some(1), &details, site.actor(Role::OfficeStaff))).unwrap();
    site.route_step(route.id, &Move::Publish { override_note: None });
    assert_eq!(states(&site, &orders), [OrderStatus::Assigned; 2]);
    site.route_step(route.id, &Move::Start { loaded: None, note: None });
    assert_eq!(states(&site, &orders), [OrderStatus::InDelivery; 2]);
    site.check_file();
}

#[test]
fn an_order_goes_from_route_to_route_and_stands_where_its_route_stands() {
    let (site, orders) = shop(3);
    let ade = site.add_driver("ade", "阿德");
    let running = site.running(MING, &orders[..2]);
    let draft = site.draft(Some(ade), None);
    put(&site, &orders[..1], Target::Route(draft.id)).unwrap();
    assert_eq!((site.order(orders[0]).status, site.order(orders[0]).driver_id), (OrderStatus::Confirmed, None));
    let published = site.published(ade, &orders[2..]);
    put(&site, &orders[..2], Target::Driver(ade, site.app.now().day())).unwrap();
    assert_eq!(way(&site, &published), [orders[2], orders[0], orders[1]]);
    assert!(way(&site, &running).is_empty() && way(&site, &draft).is_empty());
    for order in &orders {
        let order = site.order(*order);
        assert_eq!((order.status, order.driver_id), (OrderStatus::Assigned, Some(ade)));
    }
    // From where everything was taken before anything was made, the driver is still out.
    assert_eq!(site.route(running.id).status, Status::InProgress);
    put(&site, &orders[..1], Target::Driver(MING, site.app.now().day())).unwrap();
    assert_eq!((site.order(orders[0]).status, site.order(orders[0]).driver_id), (OrderStatus::Assigned, Some(MING)));
    site.check_file();
}

#[test]
fn what_is_taken_off_waits_to_be_planned_and_its_stop_stays_as_skipped() {
    let (site, orders) = shop(3);
    let route = site.running(MING, &orders);
    let stops: Vec<StopId> = site.stops(route.id).iter().map(|stop| stop.id).collect();
    site.app.db.write(|tx| plan::take_off(tx, &stops[..2], site.actor(Role::OfficeStaff))).unwrap();
    assert_eq!(states(&site, &orders), [OrderStatus::Confirmed, OrderStatus::Confirmed, OrderStatus::InDelivery]);
    let left: Vec<_> = site.stops(route.id).iter().map(|stop| stop.status).collect();
    assert_eq!(left, [StopStatus::Skipped, StopStatus::Skipped, StopStatus::Pending]);
    let again = site.app.db.write(|tx| plan::take_off(tx, &stops[..1], site.actor(Role::OfficeStaff))).unwrap_err();
    assert_eq!((again.status(), again.user_message().as_ref()), (409, "這一站已經移走了。"));
}

#[test]
fn what_cannot_wait_comes_right_after_where_the_driver_is() {
    let (site, orders) = shop(4);
    let route = site.running(MING, &orders[..3]);
    let next = |order: OrderId| site.app.db.write(|tx| plan::put_next(tx, order, route.id, site.actor(Role::Manager))).unwrap();
    next(orders[3]);
    assert_eq!(way(&site, &route), [orders[3], orders[0], orders[1], orders[2]]);
    let here = site.stops(route.id)[0].clone();
    let arrived = luckygas::routes::Stop { status: StopStatus::Arrived, arrived_at: Some(site.app.now()), ..here.clone() };
    site.app.db.write(|tx| luckygas::routes::store::update_stop(tx, &here, &arrived)).unwrap();
    next(orders[2]);
    assert_eq!(way(&site, &route), [orders[3], orders[2], orders[0], orders[1]]);
}

#[test]
fn a_route_is_put_in_order_as_one_has_seen_it_or_not_at_all() {
    let (site, orders) = shop(4);
    let route = site.published(MING, &orders[..3]);
    let stops: Vec<StopId> = site.stops(route.id).iter().map(|stop| stop.id).collect();
    let order = |stops: &[StopId]| site.app.db.write(|tx| plan::reorder(tx, route.id, stops, site.actor(Role::OfficeStaff)));
    order(&[stops[2], stops[0], stops[1]]).unwrap();
    assert_eq!(way(&site, &route), [orders[2], orders[0], orders[1]]);
    site.put(route.id, &orders[3..]);
    assert_eq!(order(&stops).unwrap_err().status(), 409);
    assert_eq!(way(&site, &route), [orders[2], orders[0], orders[1], orders[3]]);
}

#[test]
fn a_whole_route_goes_to_another_driver_with_its_orders() {
    let (site, orders) = shop(2);
    let ade = site.add_driver("ade", "阿德");
    let route = site.running(MING, &orders);
    let give = |to: UserId| site.app.db.write(|tx| plan::give(tx, route.id, to, site.actor(Role::OfficeStaff)));
    give(ade).unwrap();
    for order in &orders {
        let order = site.order(*order);
        assert_eq!((order.status, order.driver_id), (OrderStatus::InDelivery, Some(ade)));
    }
    let other = take(&site, 7);
    site.running(MING, &[other.id]);
    let refused = give(MING).unwrap_err();
    assert_eq!(refused.user_message(), "阿明還在跑路線 R-20250528-02，先結束那一條。");
    site.check_file();
}

#[test]
fn what_cannot_be_planned_says_why() {
    let (site, orders) = shop(1);
    let route = site.draft(None, None);
    let refused = |order: OrderId, target: Target, role: Role| -> (u16, String) {
        let error = site.app.db.write(|tx| plan::put(tx, &[order], target, site.actor(role))).unwrap_err();
        (error.status(), error.user_message().into_owned())
    };
    let here = Target::Route(route.id);
    let customer = site.order(orders[0]).customer_id;
    let pending = site.take_as(Role::OfficeStaff, &site.new_order(customer, &[("C20", 1)]), OrderStatus::Pending);
    assert_eq!(refused(pending.id, here, Role::OfficeStaff), (409, "0002 還沒確認，先確認再排。".to_owned()));
    let mut later = site.new_order(customer, &[("C20", 1)]);
    later.scheduled_on = later.scheduled_on.plus(1);
    let later = site.take_as(Role::OfficeStaff, &later, OrderStatus::Confirmed);
    assert_eq!(refused(later.id, here, Role::OfficeStaff), (409, "0003 是 05/29 (四) 要送的，先改日期再排。".to_owned()));
    let cancelled = site.order_at(customer, OrderStatus::Cancelled);
    assert_eq!(refused(cancelled.id, here, Role::OfficeStaff).0, 409);
    let today = site.app.now().day();
    for who in [UserId(4), UserId(99)] {
        let answer = refused(orders[0], Target::Driver(who, today), Role::OfficeStaff);
        assert_eq!(answer, (422, "請選一位在職的司機。".to_owned()));
    }
    site.app.db.write(|tx| Ok(tx.execute("INSERT INTO drivers (user_id, is_available) VALUES (5, 0)", []).unwrap())).unwrap();
    assert_eq!(refused(orders[0], Target::Driver(MING, today), Role::OfficeStaff), (422, "阿明現在不出車，換一位。".to_owned()));
    assert_eq!(refused(orders[0], here, Role::Accountant).0, 403);
    assert_eq!(refused(orders[0], here, Role::Driver).0, 403);
    site.route_step(route.id, &Move::Cancel);
    assert_eq!(refused(orders[0], here, Role::OfficeStaff), (409, "路線 01 已取消，不能再改。".to_owned()));
    // What was to be brought yesterday is brought today.
    site.wait_minutes(24 * 60);
    let today = site.draft(None, None);
    assert_eq!(site.put(today.id, &orders).status, Status::Draft);
}

#[test]
fn of_two_dispatchers_the_second_hears_who_has_it() {
    let (site, orders) = shop(1);
    site.add_driver("ade", "阿德");
    let (hui, lin) = (site.hui(), site.lin());
    let url = format!("/orders/{}", orders[0]);
    hui.get(&url).check(200, "name=\"seen\" value=\"\"");
    let assign = |browser: &support::Browser, driver: &str, seen: &str| {
        browser.post(&format!("{url}/assign"), &[("version", "1"), ("driver", driver), ("seen", seen)])
    };
    assert_eq!(assign(&lin, "6", "").status(), 303);
    let tables = site.content();
    assign(&hui, "5", "").check(409, "0001 林經理 10:22 已排給阿德，看一下再排一次。");
    assert_eq!(site.content(), tables);
    let page = hui.get(&url);
    page.check(200, "排給 阿德").check(200, "路線還是草稿").check(200, "name=\"seen\" value=\"1-1\"");
    assert_eq!(assign(&hui, "5", "1-1").status(), 303);
    assign(&lin, "6", "1-1").check(409, "0001 小惠 10:22 已排給阿明");
    let body = serde_json::json!({"order_ids": [orders[0].0], "seen": [""]});
    let route = site.draft(None, None);
    hui.json(luckygas::http::Method::Post, &format!("/api/v1/routes/{}/stops", route.id), body).check(409, "已排給阿明");
    let remove = |version: &str| hui.post("/stops/1/remove", &[("version", version)]);
    remove("1").check(409, "已排給阿明");
    assert_eq!(remove("2").status(), 303);
    assign(&lin, "6", "1-2").check(409, "0001 剛剛被拿下路線了");
    site.check_file();
}

#[test]
fn the_dispatcher_takes_back_the_last_that_was_planned() {
    let undo = |site: &Site| {
        let user = site.actor(Role::OfficeStaff).by.user.unwrap();
        let act = site.app.db.read(|conn| luckygas::orders::undo::offered(conn, user, site.app.now())).unwrap();
        let act = act.map(|act| act.id);
        act.map(|act| {
            site.app.db.write(|tx| luckygas::orders::undo::undo(tx, act, site.actor(Role::OfficeStaff), &site.app.settings())).unwrap().say
        })
    };
    type Do = fn(&Site, &[OrderId], &[Route]);
    let cases: [(&str, Do, Option<&str>); 7] = [
        ("put on a draft", |site, orders, routes| drop(site.put(routes[0].id, &orders[4..])), Some("已復原，2 張單回到原來的地方。")),
        ("put on a route that is out", |site, orders, routes| drop(site.put(routes[1].id, &orders[4..5])), Some("已復原，0005 回到未派。")),
        (
            "moved off a route that is out",
            |site, orders, routes| drop(site.put(routes[0].id, &orders[..1])),
            Some("已復原，0001 回到路線 02。"),
        ),
        (
            "taken off",
            |site, _, routes| {
                let stops: Vec<StopId> = site.stops(routes[1].id)[..2].iter().map(|stop| stop.id).collect();
                site.app.db.write(|tx| plan::take_off(tx, &stops, site.actor(Role::OfficeStaff))).unwrap();
            },
            Some("已復原，2 張單回到原來的地方。"),
        ),
        (
            "put in order",
            |site, _, routes| {
                let mut stops: Vec<StopId> = site.stops(routes[1].id).iter().map(|stop| stop.id).collect();
                stops.reverse();
                site.app.db.write(|tx| plan::reorder(tx, routes[1].id, &stops, site.actor(Role::OfficeStaff))).unwrap();
            },
            Some("已復原，路線 02 的順序和之前一樣。"),
        ),
        (
            "given away",
            |site, _, routes| {
                site.app.db.write(|tx| plan::give(tx, routes[1].id, UserId(6), site.actor(Role::OfficeStaff))).unwrap();
            },
            Some("已復原，路線 02 還給原來的司機。"),
        ),
        (
            "published",
            |site, orders, routes| {
                site.put(routes[0].id, &orders[4..]);
                site.route_step(routes[0].id, &Move::Publish { override_note: None });
            },
            None,
        ),
    ];
    for (what, do_it, says) in cases {
        let (site, orders) = shop(6);
        let ade = site.add_driver("ade", "阿德");
        let draft = site.draft(Some(ade), Some(site.another_truck()));
        let out = site.published(MING, &orders[..4]);
        let routes = [draft, out];
        let stand = |site: &Site| -> Vec<_> {
            let of = |route: &Route| (site.route(route.id).driver_id, way(site, route));
            let orders = orders.iter().map(|id| (site.order(*id).status, site.order(*id).driver_id)).collect::<Vec<_>>();
            vec![(of(&routes[0]), of(&routes[1]), orders)]
        };
        let before = stand(&site);
        do_it(&site, &orders, &routes);
        assert_ne!(stand(&site), before, "{what}");
        let said = undo(&site);
        assert_eq!(said.as_deref(), says, "{what}");
        if says.is_some() {
            assert_eq!(stand(&site), before, "{what}");
            assert_eq!(undo(&site), None, "{what}: nothing is undone twice");
        }
        site.check_file();
    }
}

/// After whatever was planned, an order stands as its route does; what is refused has changed nothing.
#[test]
fn whatever_is_planned_orders_and_routes_agree() {
    for seed in 0..12u64 {
        let (site, orders) = shop(10);
        for _ in 0..40 {
            site.another_truck();
        }
        let drivers = [MING, site.add_driver("ade", "阿德"), site.add_driver("ahua", "阿華")];
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut roll = |sides: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % sides as u64) as usize
        };
        for _ in 0..60 {
            let actor = site.actor(Role::Manager);
            let day = site.app.now().day();
            let routes = site.app.db.read(|conn| luckygas::routes::store::of_day(conn, day)).unwrap();
            let route = (!routes.is_empty()).then(|| routes[roll(routes.len())].clone());
            let stops = route.as_ref().map(|route| site.stops(route.id)).unwrap_or_default();
            let (order, driver) = (orders[roll(orders.len())], drivers[roll(drivers.len())]);
            let tables = site.content();
            let what = roll(11);
            let note = || Some("代".to_owned());
            let outcome = site.app.db.write(|tx| match (what, &route) {
                (0..=2, _) => plan::put(tx, &[order, orders[roll(orders.len())]], Target::Driver(driver, day), actor).map(drop),
                (3, Some(route)) => plan::put_next(tx, order, route.id, actor).map(drop),
                (4, _) if !stops.is_empty() => plan::take_off(tx, &[stops[roll(stops.len())].id], actor),
                (5, Some(route)) => {
                    let mut ids = plan::suggest(tx, route.id)?;
                    ids.reverse();
                    plan::reorder(tx, route.id, &ids, actor).map(drop)
                }
                (6, Some(route)) => plan::give(tx, route.id, driver, actor).map(drop),
                (7, Some(route)) => {
                    let truck = luckygas::vehicles::store::list(tx)?.iter().map(|one| one.id).nth(route.id.0 as usize % 40);
                    let details = plan::Details { vehicle_id: truck, ..plan::Details::of(route) };
                    plan::edit(tx, route.id, None, &details, actor)?;
                    let publish = Move::Publish { override_note: note() };
                    luckygas::routes::steps::act(tx, route.id, None, &publish, actor).map(drop)
                }
                (8, Some(route)) => {
                    luckygas::routes::steps::act(tx, route.id, None, &Move::Start { loaded: None, note: note() }, actor).map(drop)
                }
                (9, Some(route)) => luckygas::routes::steps::act(tx, route.id, None, &Move::Cancel, actor).map(drop),
                _ => {
                    let order = luckygas::orders::store::get(tx, order)?;
                    let fail = luckygas::orders::steps::Move::Fail { reason: luckygas::orders::FailReason::Absent, note: note() };
                    luckygas::routes::by_order::act(tx, &order, None, None, &fail, actor).map(drop)
                }
            });
            if let Err(error) = outcome {
                assert!(matches!(error.status(), 409 | 422), "seed {seed}, {what}: {error}");
                assert_eq!(site.content(), tables, "seed {seed}, {what}: {error}");
            }
            site.check_file();
        }
    }
}
