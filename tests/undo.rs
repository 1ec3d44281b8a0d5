//! U takes back one's own last act on an order, where the rules allow it, and never by erasing.

mod support;

use luckygas::error::Error;
use luckygas::orders::change::change;
use luckygas::orders::steps::{Handed, Move, act, hand_over};
use luckygas::orders::undo::{self, Undone};
use luckygas::orders::{CancelReason, FailReason, NewLine, NewOrder, Order, Origin, Status, store};
use luckygas::routes;
use luckygas::routes::plan::{self, Target};
use luckygas::users::Role;
use luckygas::values::{CustomerId, OrderId, UserId, Window};
use serde_json::json;
use support::Site;

const DRIVER: UserId = UserId(5);
const CANCEL: Move = Move::Cancel { reason: CancelReason::CustomerRequest, note: None };

fn shop() -> (Site, CustomerId) {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    site.out_route();
    (site, customer)
}

fn step(site: &Site, id: OrderId, step: &Move, role: Role) -> Order {
    site.app.db.write(|tx| act(tx, id, None, step, site.actor(role))).unwrap()
}

/// Puts it on the route 阿明 knows of.
fn assign(site: &Site, id: OrderId, role: Role) -> OrderId {
    let target = Target::Driver(DRIVER, site.app.now().day());
    site.app.db.write(|tx| plan::put(tx, &[id], target, site.actor(role))).unwrap();
    id
}

fn take_off(site: &Site, id: OrderId, role: Role) -> OrderId {
    let stop = site.app.db.read(|conn| routes::store::held_by(conn, id)).unwrap().unwrap();
    site.app.db.write(|tx| plan::take_off(tx, &[stop.id], site.actor(role))).unwrap();
    id
}

fn edit(site: &Site, id: OrderId, role: Role, how: impl FnOnce(&mut NewOrder)) -> Order {
    let before = site.order(id);
    let mut wanted = NewOrder::of(&before);
    how(&mut wanted);
    site.app.db.write(|tx| change(tx, &before, &wanted, site.actor(role), &site.app.settings())).unwrap()
}

/// The journal's last line.
fn last_act(site: &Site) -> i64 {
    site.app.db.read(|conn| Ok(conn.query_row("SELECT max(id) FROM journal", [], |row| row.get(0)).unwrap())).unwrap()
}

fn undo_as(site: &Site, role: Role, act: i64) -> Result<Undone, Error> {
    site.app.db.write(|tx| undo::undo(tx, act, site.actor(role), &site.app.settings()))
}

fn is_offered(site: &Site, role: Role) -> bool {
    let user = site.actor(role).by.user.unwrap();
    site.app.db.read(|conn| undo::offered(conn, user, site.app.now())).unwrap().is_some()
}

/// An order but for what every act moves on.
fn substance(order: &Order) -> serde_json::Value {
    let mut told = luckygas::orders::fields::json(order);
    for name in ["version", "updated_at"] {
        told[name] = json!(null);
    }
    told
}

type Do = fn(&Site, CustomerId) -> OrderId;

/// What was done last, by the office; whether it can be undone, as what, and what is said.
#[test]
fn what_can_be_undone_and_what_not() {
    let cases: &[(&str, Do, Result<Status, &str>)] = &[
        ("taken", |site, customer| site.take(customer, &[("C20", 2)]).id, Ok(Status::Cancelled)),
        (
            "taken, pending",
            |site, customer| site.take_as(Role::OfficeStaff, &site.new_order(customer, &[("C20", 1)]), Status::Pending).id,
            Ok(Status::Cancelled),
        ),
        (
            "taken, then given to a driver by the manager",
            |site, customer| {
                let id = site.take(customer, &[("C20", 2)]).id;
                assign(site, id, Role::Manager)
            },
            Err("這張單已經派出去了"),
        ),
        (
            "confirmed",
            |site, customer| {
                let id = site.take_as(Role::Manager, &site.new_order(customer, &[("C20", 1)]), Status::Pending).id;
                step(site, id, &Move::Confirm, Role::OfficeStaff).id
            },
            Err("確認過的單不退回待確認"),
        ),
        (
            "assigned",
            |site, customer| {
                let id = site.take(customer, &[("C20", 2)]).id;
                assign(site, id, Role::OfficeStaff)
            },
            Ok(Status::Confirmed),
        ),
        (
            "unassigned",
            |site, customer| {
                let id = site.take(customer, &[("C20", 2)]).id;
                assign(site, id, Role::OfficeStaff);
                take_off(site, id, Role::OfficeStaff)
            },
            Ok(Status::Assigned),
        ),
        (
            "edited",
            |site, customer| {
                let id = site.take(customer, &[("C20", 2)]).id;
                edit(site, id, Role::OfficeStaff, |wanted| wanted.notes = Some("後門".to_owned())).id
            },
            Ok(Status::Confirmed),
        ),
        (
            "moved off its driver",
            |site, customer| {
                let id = site.take(customer, &[("C20", 2)]).id;
                assign(site, id, Role::Manager);
                edit(site, id, Role::OfficeStaff, |wanted| wanted.scheduled_on = wanted.scheduled_on.plus(1)).id
            },
            Ok(Status::Assigned),
        ),
        (
            "edited, then edited by the manager",
            |site, customer| {
                let id = site.take(customer, &[("C20", 2)]).id;
                edit(site, id, Role::OfficeStaff, |wanted| wanted.notes = Some("後門".to_owned()));
                edit(site, id, Role::Manager, |wanted| wanted.window = Window::MORNING).id
            },
            Err("後來有人動過這張單"),
        ),
        (
            "cancelled",
            |site, customer| {
                let id = site.take(customer, &[("C20", 2)]).id;
                step(site, id, &CANCEL, Role::OfficeStaff).id
            },
            Ok(Status::Cancelled),
        ),
        (
            "sold over the counter",
            |site, customer| {
                let mut new = site.new_order(customer, &[("C04", 1)]);
                new.origin = Origin::WalkIn;
                let id = site.take_as(Role::OfficeStaff, &new, Status::Confirmed).id;
                site.app.db.write(|tx| hand_over(tx, id, site.actor(Role::OfficeStaff))).unwrap().id
            },
            Err("已送達的單不能復原"),
        ),
    ];
    for (what, do_it, result) in cases {
        let (site, customer) = shop();
        let id = do_it(&site, customer);
        let act = site.app.db.read(|conn| store::acts_of(conn, UserId(4), luckygas::values::Stamp(0), 1)).unwrap()[0].id;
        let before = site.order(id);
        assert_eq!(is_offered(&site, Role::OfficeStaff), result.is_ok(), "{what}");
        match (undo_as(&site, Role::OfficeStaff, act), result) {
            (Ok(_), Ok(status)) => {
                assert_eq!(site.order(id).status, *status, "{what}");
                let (verb, _, change) = site.journal().pop().unwrap();
                assert_eq!((verb.as_str(), &change["undoes"]), ("undo", &json!(act)), "{what}");
                assert!(!is_offered(&site, Role::OfficeStaff), "{what}");
            }
            (Err(error), Err(says)) => {
                assert!(error.status() == 409 && error.user_message().starts_with(says), "{what}: {error}");
                assert_eq!(site.order(id), before, "{what}");
                assert_ne!(site.journal().pop().unwrap().0, "undo", "{what}");
            }
            (got, want) => panic!("{what}: {got:?} is not {want:?}"),
        }
        site.check_file();
    }
}

#[test]
fn a_manager_undoes_no_step_of_a_truck() {
    let (site, customer) = shop();
    let id = site.take(customer, &[("C20", 2)]).id;
    assign(&site, id, Role::OfficeStaff);
    step(&site, id, &Move::Start { note: Some("他忘了按".to_owned()) }, Role::Manager);
    let refused = |says: &str| {
        let error = undo_as(&site, Role::Manager, last_act(&site)).unwrap_err();
        assert!(error.user_message().starts_with(says), "{error}");
    };
    refused("車已經出去了");
    step(&site, id, &Move::Fail { reason: FailReason::ALL[0], note: Some("他說的".to_owned()) }, Role::Manager);
    refused("司機已經回來了");
    assign(&site, id, Role::Manager);
    step(&site, id, &Move::Start { note: Some("他忘了按".to_owned()) }, Role::Manager);
    let handed =
        Handed { recipient: Some("王小姐".to_owned()), note: Some("他忘了按".to_owned()), ..Handed::as_ordered(&site.order(id)) };
    step(&site, id, &Move::Deliver(handed), Role::Manager);
    refused("已送達的單不能復原");
}

#[test]
fn what_was_changed_is_as_before_to_the_last_price() {
    let (site, customer) = shop();
    let edits: [fn(&Site, &mut NewOrder); 5] = [
        |_, wanted| wanted.scheduled_on = wanted.scheduled_on.plus(3),
        |site, wanted| wanted.lines = vec![NewLine::of(site.product("C50"), 1), NewLine::of(site.product("F50"), 3)],
        |_, wanted| wanted.lines[0].qty = 9,
        |_, wanted| {
            wanted.delivery_address = Some("範例市工地路 1 號".to_owned());
            wanted.contact_name = Some("王 小姐".to_owned());
            wanted.contact_phone = Some("0900-000-999".to_owned());
            wanted.notes = None;
        },
        |_, wanted| {
            wanted.is_urgent = true;
            wanted.surcharge = luckygas::values::Ntd(100);
            wanted.surcharge_label = Some("急件".to_owned());
            wanted.payment = luckygas::orders::Payment::Transfer;
            wanted.window = Window::EVENING;
            wanted.lines[0].discount_percent = 5;
        },
    ];
    for (at, how) in edits.into_iter().enumerate() {
        let mut new = site.new_order(customer, &[("C20", 2), ("C16", 1)]);
        new.notes = Some("後門".to_owned());
        let before = site.take_as(Role::OfficeStaff, &new, Status::Confirmed);
        // The price of the list moves meanwhile; the order keeps its own.
        site.add_price("C20", "2025-05-28", 900 + at as i64);
        let changed = edit(&site, before.id, Role::OfficeStaff, |wanted| how(&site, wanted));
        assert_ne!(substance(&changed), substance(&before), "edit {at}");
        let undone = undo_as(&site, Role::OfficeStaff, last_act(&site)).unwrap();
        assert_eq!(undone.say, format!("已復原，{} 和改之前一樣。", before.short_number()));
        assert_eq!(substance(&site.order(before.id)), substance(&before), "edit {at}");
        site.app.db.write(|tx| Ok(tx.execute("DELETE FROM product_prices WHERE valid_from = '2025-05-28'", []).unwrap())).unwrap();
        let found = site.hui().get(&format!("/orders?address={}", if at == 3 { "工地路" } else { "沒有這條路" }));
        found.check(200, "沒有這樣的訂單");
    }
}

#[test]
fn a_cancelled_order_stays_cancelled_and_comes_again_as_a_new_one() {
    let (site, customer) = shop();
    let old = site.take(customer, &[("C20", 2)]);
    step(&site, old.id, &CANCEL, Role::OfficeStaff);
    let undone = undo_as(&site, Role::OfficeStaff, last_act(&site)).unwrap();
    let new = site.order(undone.order.unwrap());
    assert_eq!(undone.say, "0001 已經取消，不能再用；照樣另開了 0002。");
    assert_eq!((site.order(old.id).status, new.status, new.copied_from), (Status::Cancelled, Status::Confirmed, Some(old.id)));
    assert_eq!((new.items(), new.totals, new.scheduled_on), (old.items(), old.totals, old.scheduled_on));

    // Who may not order any more gets nothing anew.
    step(&site, new.id, &CANCEL, Role::OfficeStaff);
    let act = last_act(&site);
    site.lin().post(&format!("/customers/{customer}/terminate"), &[("version", "1")]);
    let error = undo_as(&site, Role::OfficeStaff, act).unwrap_err();
    assert!(error.status() == 409 && error.user_message().contains("已解約"), "{error}");
}

#[test]
fn only_ones_own_only_the_last_only_today_only_once() {
    let (site, customer) = shop();
    let first = site.take(customer, &[("C20", 2)]);
    let first_act = last_act(&site);
    let refused = |role: Role, act: i64, says: &str| {
        let before = site.journal();
        let error = undo_as(&site, role, act).unwrap_err();
        assert!(error.user_message().starts_with(says), "{error}: {}", error.user_message());
        assert_eq!(site.journal(), before);
    };
    refused(Role::Manager, first_act, "今天還沒有可以復原的事");
    assert!(matches!(undo_as(&site, Role::Driver, first_act), Err(Error::Forbidden)));
    assert!(matches!(undo_as(&site, Role::Accountant, first_act), Err(Error::Forbidden)));
    site.take_as(Role::Manager, &site.new_order(customer, &[("C50", 1)]), Status::Confirmed);
    let managers_act = last_act(&site);
    refused(Role::Manager, first_act, "只能復原自己今天的最後一步");

    site.take(customer, &[("C16", 1)]);
    let second_act = last_act(&site);
    refused(Role::OfficeStaff, first_act, "只能復原自己今天的最後一步");
    refused(Role::OfficeStaff, managers_act, "只能復原自己今天的最後一步");
    undo_as(&site, Role::OfficeStaff, second_act).unwrap();
    refused(Role::OfficeStaff, second_act, "這一步已經復原過了");
    refused(Role::OfficeStaff, last_act(&site), "這一步已經復原過了");
    refused(Role::OfficeStaff, first_act, "只能復原自己今天的最後一步");
    assert_eq!(site.order(first.id).status, Status::Confirmed);

    assert!(is_offered(&site, Role::Manager));
    site.wait_minutes(24 * 60);
    assert!(!is_offered(&site, Role::Manager));
    refused(Role::Manager, managers_act, "今天還沒有可以復原的事");
}

#[test]
fn the_button_says_what_happened_and_comes_back() {
    let (site, customer) = shop();
    let order = site.take(customer, &[("C20", 2)]);
    let act = last_act(&site).to_string();
    let hui = site.hui();
    let answer = hui.post("/orders/undo", &[("act", &act), ("back", "/orders?date=tomorrow")]);
    assert_eq!((answer.status(), answer.location()), (303, "/orders?date=tomorrow"));
    assert_eq!(site.order(order.id).status, Status::Cancelled);
    hui.post("/orders/undo", &[("act", &act)]).check(409, "這一步已經復原過了");
    hui.post("/orders/undo", &[]).check(400, "看不懂");
    hui.post("/orders/undo", &[("act", "999")]).check(409, "只能復原自己今天的最後一步");

    for (back, to) in
        [("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil", "/"), ("", "/"), ("/orders?q=店", "/orders?q=%E5%BA%97")]
    {
        site.take(customer, &[("C20", 1)]);
        let act = last_act(&site).to_string();
        assert_eq!(hui.post("/orders/undo", &[("act", &act), ("back", back)]).location(), to, "{back}");
    }
    let order = site.take(customer, &[("C20", 1)]);
    step(&site, order.id, &CANCEL, Role::OfficeStaff);
    let act = last_act(&site).to_string();
    let answer = hui.post("/orders/undo", &[("act", &act), ("back", &format!("/orders/{}", order.id))]);
    assert_eq!(answer.location(), format!("/orders/{}", order.id.0 + 1), "on to the one that was taken anew");
}

#[test]
fn who_was_passed_over_comes_back_to_the_due_list() {
    let (site, customer) = shop();
    site.app.db.write(|tx| luckygas::due::skip::skip(tx, customer, support::day("2025-05-28"), site.actor(Role::OfficeStaff).by)).unwrap();
    let skipped = || {
        let count =
            |conn: &rusqlite::Connection| Ok(conn.query_row("SELECT count(*) FROM due_skips", [], |row| row.get::<_, i64>(0)).unwrap());
        site.app.db.read(count).unwrap()
    };
    assert_eq!((skipped(), is_offered(&site, Role::OfficeStaff)), (1, true));
    let act = last_act(&site);
    let undone = undo_as(&site, Role::OfficeStaff, act).unwrap();
    assert_eq!((skipped(), undone.say.as_str(), undone.order), (0, "已復原，放回計畫名單了。", None));
    assert_eq!(undo_as(&site, Role::OfficeStaff, act).unwrap_err().user_message(), "這一步已經復原過了。");
}
