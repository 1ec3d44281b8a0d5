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
