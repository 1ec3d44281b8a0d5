//! The way of an order: every state, every step, every role.

mod support;

use luckygas::error::Error;
use luckygas::orders::steps::{Handed, Move, act, hand_over};
use luckygas::orders::{CancelReason, FailReason, Order, Origin, PaymentStatus, Status, store};
use luckygas::users::Role;
use luckygas::values::{Grams, Ntd, OrderId, UserId};
use support::Site;

const DRIVER: UserId = UserId(5);

fn step(site: &Site, id: OrderId, step: &Move, role: Role) -> Result<Order, Error> {
    site.app.db.write(|tx| act(tx, id, None, step, site.actor(role)))
}

fn delivered(order: &Order) -> Move {
    Move::Deliver(Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(order) })
}

#[test]
fn a_delivered_order_is_a_delivery_of_that_day() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let order = site.take(customer, &[("C20", 2), ("C16-LUCKY", 1), ("F50", 1)]);
    step(&site, order.id, &Move::Assign(DRIVER), Role::OfficeStaff).unwrap();
    step(&site, order.id, &Move::Start { note: None }, Role::Driver).unwrap();
    let mut handed = Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(&order) };
    handed.lines[0].qty = 1;
    handed.lines[0].residual = Grams(4_700);
    let order = step(&site, order.id, &Move::Deliver(handed), Role::Driver).unwrap();
    // 850 + 720 + a metered line of 0, less 4.7 kg at 850 / 20.
    assert_eq!((order.totals.subtotal, order.totals.residual_credit, order.totals.total), (Ntd(1570), Ntd(200), Ntd(1370)));
    assert_eq!(order.status, Status::Delivered);

    let again = site.take(customer, &[("C20", 1)]);
    step(&site, again.id, &Move::Assign(DRIVER), Role::OfficeStaff).unwrap();
    step(&site, again.id, &Move::Start { note: Some("他在搬桶".to_owned()) }, Role::Manager).unwrap();
    let again = step(&site, again.id, &delivered(&again), Role::Driver).unwrap();
    assert_eq!(again.delivery_id, order.delivery_id);
    let page =
        site.app.db.read(|conn| luckygas::deliveries::store::of_customer(conn, customer, luckygas::deliveries::Place::Newest, 9)).unwrap();
    let [row] = page.deliveries.as_slice() else { panic!("one row a day: {:?}", page.deliveries) };
    assert_eq!(row.load.to_string(), "50KG × 1、20KG × 2、16KG × 1");
    let drops: Vec<_> = row.drops.iter().map(|drop| drop.load.to_string()).collect();
    assert_eq!(drops, ["50KG × 1、20KG × 1、16KG × 1", "20KG × 1"]);
    assert_eq!(row.driver_name.as_deref(), Some("阿明"));
    site.check_file();
}

#[test]
fn a_sale_over_the_counter_is_done_in_one_go() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("6000001", "現金零售", None);
    let new = luckygas::orders::NewOrder { origin: Origin::WalkIn, ..site.new_order(customer, &[("C20", 1)]) };
    let order = site.take_as(Role::OfficeStaff, &new, Status::Confirmed);
    let refused = site.app.db.write(|tx| hand_over(tx, order.id, site.actor(Role::Manager)));
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    let order = site.app.db.write(|tx| hand_over(tx, order.id, site.actor(Role::OfficeStaff))).unwrap();
    assert_eq!((order.status, order.payment_status, order.paid), (Status::Delivered, PaymentStatus::Paid, Ntd(850)));
    let steps = site.app.db.read(|conn| store::history(conn, order.id)).unwrap();
    let to: Vec<_> = steps.iter().map(|step| step.to).collect();
    assert_eq!(to, [Status::Confirmed, Status::Assigned, Status::InDelivery, Status::Delivered]);
    site.check_file();
}

#[test]
fn failing_and_cancelling_keep_why() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let order = site.take(customer, &[("C20", 2)]);
    step(&site, order.id, &Move::Assign(DRIVER), Role::OfficeStaff).unwrap();
    let order = step(&site, order.id, &Move::Fail { reason: FailReason::Absent, note: None }, Role::Driver).unwrap();
    assert_eq!((order.status, order.attempt_count, order.driver_id), (Status::Confirmed, 1, None));
    let note = Some("改叫別家".to_owned());
    let order = step(&site, order.id, &Move::Cancel { reason: CancelReason::CustomerRequest, note }, Role::OfficeStaff).unwrap();
    assert_eq!(order.cancel_note.as_deref(), Some("改叫別家"));
    let refused = step(&site, order.id, &Move::Confirm, Role::Admin).unwrap_err();
    assert_eq!(refused.user_message(), "這張單已取消，不能再改。要送就照樣再開一張。");
}
