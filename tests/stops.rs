//! What drivers do at their stops: who may do what when, what it writes, once only, and what taking it back leaves.

mod support;

use std::collections::BTreeMap;

use luckygas::error::{Error, Result};
use luckygas::journal::By;
use luckygas::meters::{self, NewMeter};
use luckygas::orders::steps::{self, Move};
use luckygas::orders::{Actor, CancelReason, DeliveredLine, FailReason, Order, Payment, PaymentStatus, Status};
use luckygas::routes::{self, Route, Stop, StopStatus};
use luckygas::stops::{Act, Answer, Completion, Figure, Outcome, Target, act, store};
use luckygas::users::Role;
use luckygas::values::{Grams, Ntd, StopId, UserId};
use serde_json::json;
use support::routes::MING;
use support::{Site, day};

fn handed_to(recipient: &str) -> Completion {
    Completion { recipient: Some(recipient.to_owned()), ..Completion::default() }
}

fn paid(cash: i64) -> Act {
    Act::Complete(Completion { cash: Some(Ntd(cash)), ..handed_to("王小姐") })
}

fn absent() -> Act {
    Act::Fail { reason: FailReason::Absent, note: None, photo: None }
}

const UNDO: Act = Act::Undo { note: None };
const ARRIVE: Act = Act::Arrive { note: None };

/// A shop with two drivers and a helper: 阿明 (5) drives, 阿德 (6) elsewhere, 小陳 (7) helps 阿明.
struct Shop {
    site: Site,
}

const ADE: UserId = UserId(6);
const HELPER: UserId = UserId(7);

impl Shop {
    fn open() -> Shop {
        let site = Site::open();
        site.add_prices();
        assert_eq!((site.add_driver("ade", "阿德"), site.add_driver("chenzi", "小陳")), (ADE, HELPER));
        site.customer("1000017", "好味小吃", |details| details.cylinders = vec![("C20", 2)]);
        Shop { site }
    }

    fn order(&self, qty: i64) -> Order {
        self.site.take(luckygas::values::CustomerId(1), &[("C20", qty)])
    }

    fn actor(&self, user: UserId) -> Actor {
        Actor { by: By { user: Some(user), at: self.site.app.now() }, role: Some(Role::Driver) }
    }

    fn lin(&self) -> Actor {
        self.site.actor(Role::Manager)
    }

    fn act_as(&self, actor: Actor, stop: StopId, what: &Act, id: &str) -> Result<Answer> {
        self.site.app.db.write(|tx| act(tx, Target::Stop(stop), what, id, None, actor))
    }

    fn act(&self, stop: StopId, what: &Act, id: &str) -> Result<Answer> {
        self.act_as(self.actor(MING), stop, what, id)
    }

    /// 阿明 is out with `orders`, and gives the stops of them.
    fn running(&self, orders: &[Order]) -> (Route, Vec<StopId>) {
        let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
        let route = self.site.running(MING, &ids);
        (route.clone(), self.site.stops(route.id).iter().map(|stop| stop.id).collect())
    }

    fn stop(&self, id: StopId) -> Stop {
        self.site.app.db.read(|conn| routes::store::stop(conn, id)).unwrap()
    }

    fn count(&self, sql: &str) -> i64 {
        self.site.app.db.read(|conn| Ok(conn.query_row(sql, [], |row| row.get(0)).unwrap())).unwrap()
    }

    /// The tables that tell of the shop's business, rows in no order, without what counts changes, hours and the journal.
    fn business(&self) -> BTreeMap<String, Vec<String>> {
        const LEFT_OUT: [&str; 11] = [
            "journal",
            "driver_acts",
            "order_history",
            "cylinder_movements",
            "notices",
            "job_runs",
            "sessions",
            "payments",
            "meter_readings",
            "notices_seen",
            "users",
        ];
        let plain = |row: &String| {
            const OWN: [&str; 4] = ["version=", "updated_at=", "completed_at=", "delivery_id="];
            let said = row.split(' ').filter(|cell| !OWN.iter().any(|word| cell.starts_with(word)));
            said.collect::<Vec<_>>().join(" ")
        };
        let mut content = self.site.content();
        content.retain(|table, rows| !LEFT_OUT.contains(&table.as_str()) && !rows.is_empty());
        for (table, rows) in &mut content {
            *rows = rows.iter().map(plain).collect();
            if table.starts_with("deliver") {
                // Counted on by whoever came first.
                rows.iter_mut().filter(|row| row.starts_with("id=")).for_each(|row| *row = row.split_once(' ').unwrap().1.to_owned());
            }
            // A count of nothing is no count.
            rows.retain(|row| !row.ends_with("qty=Integer(0)") && !row.contains("deliveries=Integer(0)"));
            rows.sort();
        }
        content.retain(|_, rows| !rows.is_empty());
        content
    }
}

fn outcome(answer: Result<Answer>) -> String {
    match answer {
        Ok(answer) => answer.outcome.word().to_owned(),
        Err(error) => error.status().to_string(),
    }
}

#[test]
fn a_completed_stop_is_the_order_the_delivery_the_cylinders_and_the_money_at_once() {
    let shop = Shop::open();
    let order = shop.order(2);
    let (route, stops) = shop.running(&[order.clone(), shop.order(1)]);
    let done = Completion {
        lines: Some(vec![DeliveredLine { qty: 2, empties: 1, residual: Grams(2_000) }]),
        cash_handed: Some(Ntd(2_000)),
        note: Some("後門".to_owned()),
        ..handed_to("王小姐")
    };
    let answer = shop.act(stops[0], &Act::Complete(done), "phone-0001").unwrap();
    // 2 × 850, less 2 kg at 850 ÷ 20.
    let facts: Vec<_> = ["final_ntd", "cash_due_ntd", "cash_ntd", "change_ntd"].map(|name| answer.facts[name].as_i64()).to_vec();
    assert_eq!((answer.outcome, facts), (Outcome::Applied, vec![Some(1615), Some(1615), Some(1615), Some(385)]));
    assert_eq!(answer.warnings, ["20KG 少收 1 支空桶，客戶那裡現在有 3 支。"]);

    let order = shop.site.order(order.id);
    assert_eq!((order.status, order.payment_status, order.paid), (Status::Delivered, PaymentStatus::Paid, Ntd(1615)));
    let stop = shop.stop(stops[0]);
    let said = (stop.status, stop.recipient.as_deref(), stop.note.as_deref(), stop.cash_due, stop.cash_handed, stop.cash);
    assert_eq!(said, (StopStatus::Completed, Some("王小姐"), Some("後門"), Some(Ntd(1615)), Some(Ntd(2000)), Some(Ntd(1615))));
    let payments = "SELECT count(*) FROM payments WHERE stop_id = 1 AND order_id = 1 AND amount_ntd = 1615 AND received_by = 5";
    assert_eq!(shop.count(payments), 1);
    let moved = "SELECT sum(CASE kind WHEN 'delivered' THEN qty ELSE 100 * qty END) FROM cylinder_movements WHERE stop_id = 1";
    assert_eq!(shop.count(moved), 102, "two full ones left, one empty taken");
    assert_eq!(shop.site.route(route.id).status, routes::Status::InProgress);
    shop.act(stops[1], &paid(850), "phone-0002").unwrap();
    assert_eq!(shop.site.route(route.id).status, routes::Status::Completed, "a route with nothing left to do is over");
    let told: Vec<_> =
        shop.site.journal().into_iter().map(|(verb, _, change)| (verb, change)).filter(|(verb, _)| verb == "complete").collect();
    assert_eq!((told[0].1["route"].as_i64(), &told[0].1["drivers"]), (Some(route.id.0), &json!([5])));
    shop.site.check_file();
}

/// Who acts on a stop of 阿明.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Driver,
    Helper,
    OtherDriver,
    Manager,
    ManagerWithoutNote,
    Office,
    Accountant,
}

const EVERYBODY: [Who; 7] =
    [Who::Driver, Who::Helper, Who::OtherDriver, Who::Manager, Who::ManagerWithoutNote, Who::Office, Who::Accountant];

/// Business §11 and §20: what becomes of `verb` at a stop in `state`.
fn law(state: &str, verb: &str, who: Who) -> &'static str {
    match who {
        Who::Office | Who::Accountant => return "403",
        Who::OtherDriver => return "404",
        Who::ManagerWithoutNote => return "422",
        Who::Driver | Who::Helper | Who::Manager => {}
    }
    match (state, verb) {
        ("published" | "pending", "arrive" | "complete" | "fail") => "applied",
        ("arrived", "complete" | "fail") => "applied",
        ("completed" | "failed", "undo") => "applied",
        _ => "conflict",
    }
}

/// A stop that has come as far as `state`, on a route with another that is still to be made.
fn shop_at(state: &str) -> (Shop, StopId) {
    let shop = Shop::open();
    let orders = [shop.order(2), shop.order(1)];
    let truck = shop.site.add_truck("KEA-2001");
    let route = shop.site.draft(Some(MING), Some(truck));
    shop.site
        .app
        .db
        .write(|tx| {
            let helped = Route { crew2_id: Some(HELPER), ..route.clone() };
            routes::store::update(tx, &route, &helped, shop.lin().by)
        })
        .unwrap();
    shop.site.put(route.id, &[orders[0].id, orders[1].id]);
    shop.site.route_step(route.id, &routes::steps::Move::Publish { override_note: None });
    let stop = shop.site.stops(route.id)[0].id;
    if state != "published" {
        shop.site.route_step(route.id, &routes::steps::Move::Start { loaded: None, note: None });
    }
    match state {
        "arrived" => drop(shop.act(stop, &ARRIVE, "before-01").unwrap()),
        "completed" => drop(shop.act(stop, &paid(1700), "before-01").unwrap()),
        "failed" => drop(shop.act(stop, &absent(), "before-01").unwrap()),
        "skipped" => {
            let cancel = Move::Cancel { reason: CancelReason::CustomerRequest, note: Some("不要了".to_owned()) };
            shop.site.app.db.write(|tx| steps::act(tx, orders[0].id, None, &cancel, shop.lin())).unwrap();
        }
        _ => {}
    }
    (shop, stop)
}

#[test]
fn every_act_of_everybody_is_as_the_law_says_or_changes_nothing() {
    for state in ["published", "pending", "arrived", "completed", "failed", "skipped"] {
        let (shop, stop) = shop_at(state);
        let before = shop.site.content();
        for who in EVERYBODY {
            let note = (who == Who::Manager).then(|| "他手機壞了".to_owned());
            let actor = match who {
                Who::Driver => shop.actor(MING),
                Who::Helper => shop.actor(HELPER),
                Who::OtherDriver => shop.actor(ADE),
                Who::Manager | Who::ManagerWithoutNote => shop.lin(),
                Who::Office => shop.site.actor(Role::OfficeStaff),
                Who::Accountant => shop.site.actor(Role::Accountant),
            };
            let acts = [
                Act::Arrive { note: note.clone() },
                Act::Complete(Completion { note: note.clone(), cash: Some(Ntd(1_700)), ..handed_to("李太太") }),
                Act::Fail { reason: FailReason::Refused, note: note.clone(), photo: None },
                Act::Undo { note },
            ];
            for what in acts {
                let place = format!("{state}: {} by {who:?}", what.verb().word());
                // What is applied or kept is looked at and taken back, so that the next begins where this one did.
                let mut found = String::new();
                let mut kept = 0;
                let undone = shop.site.app.db.write(|tx| -> Result<()> {
                    found = outcome(act(tx, Target::Stop(stop), &what, "now-0001", None, actor));
                    kept = tx.query_row("SELECT count(*) FROM driver_acts WHERE action_id = 'now-0001'", [], |row| row.get(0)).unwrap();
                    Err(Error::Busy)
                });
                assert!(undone.is_err());
                assert_eq!(found, law(state, what.verb().word(), who), "{place}");
                let is_answer = found == "applied" || found == "conflict";
                assert_eq!(kept, i64::from(is_answer), "{place}: {found}");
                if !is_answer {
                    assert_eq!(outcome(shop.act_as(actor, stop, &what, "now-0001")), found, "{place}");
                    assert_eq!(shop.site.content(), before, "{place}");
                }
            }
        }
    }
}

#[test]
fn what_is_missing_is_asked_for_and_leaves_nothing_behind() {
    let shop = Shop::open();
    let (_, stops) = shop.running(&[shop.order(2)]);
    let before = shop.site.content();
    let complete = |completion: Completion| Act::Complete(completion);
    let line = |qty, empties, residual| DeliveredLine { qty, empties, residual: Grams(residual) };
    let cases = [
        (complete(Completion::default()), "recipient"),
        (complete(Completion { lines: Some(vec![]), ..handed_to("王小姐") }), "lines"),
        (complete(Completion { lines: Some(vec![line(0, 0, 0)]), ..handed_to("王小姐") }), "lines"),
        (complete(Completion { lines: Some(vec![line(2, 101, 0)]), ..handed_to("王小姐") }), "lines.1"),
        (complete(Completion { lines: Some(vec![line(2, 1, 20_001)]), ..handed_to("王小姐") }), "lines.1"),
        (complete(Completion { cash: Some(Ntd(900)), cash_handed: Some(Ntd(800)), ..handed_to("王小姐") }), "cash_handed_ntd"),
        (complete(Completion { cash: Some(Ntd(-1)), ..handed_to("王小姐") }), "cash_ntd"),
        (Act::Fail { reason: FailReason::Other, note: None, photo: None }, "note"),
    ];
    for (what, field) in cases {
        let Err(Error::Invalid(problems)) = shop.act(stops[0], &what, "phone-0001") else { panic!("{what:?}") };
        assert_eq!(problems[0].field, field, "{what:?}");
        assert_eq!(shop.site.content(), before, "{what:?}");
    }
    for id in ["", "1234567", "有中文的編號", &"x".repeat(65)] {
        assert_eq!(outcome(shop.act(stops[0], &paid(1700), id)), "422", "{id}");
    }
    assert_eq!(shop.site.content(), before);
}

#[test]
fn money_is_taken_as_it_was_typed_and_what_differs_is_told() {
    let cases = [
        // payment, handed, kept → due, kept, paid, warned
        (Payment::Cash, None, Some(1700), Some(1700), Some(1700), PaymentStatus::Paid, false),
        (Payment::Cash, Some(2000), None, Some(1700), Some(1700), PaymentStatus::Paid, false),
        (Payment::Cash, Some(1000), None, Some(1700), Some(1000), PaymentStatus::Partial, true),
        (Payment::Cash, Some(2000), Some(1800), Some(1700), Some(1800), PaymentStatus::Paid, true),
        (Payment::Cash, None, Some(0), Some(1700), Some(0), PaymentStatus::Unpaid, true),
        (Payment::Cash, None, None, Some(1700), Some(0), PaymentStatus::Unpaid, true),
        (Payment::Monthly, None, None, None, None, PaymentStatus::Unpaid, false),
        (Payment::Monthly, None, Some(500), None, Some(500), PaymentStatus::Partial, true),
        (Payment::Transfer, None, Some(1700), None, Some(1700), PaymentStatus::Paid, true),
    ];
    for (payment, handed, kept, due, cash, status, is_warned) in cases {
        let place = format!("{payment:?} {handed:?} {kept:?}");
        let shop = Shop::open();
        let mut new = shop.site.new_order(luckygas::values::CustomerId(1), &[("C20", 2)]);
        new.payment = payment;
        let order = shop.site.take_as(Role::OfficeStaff, &new, Status::Confirmed);
        let (_, stops) = shop.running(std::slice::from_ref(&order));
        let done = Completion { cash_handed: handed.map(Ntd), cash: kept.map(Ntd), ..handed_to("王小姐") };
        let answer = shop.act(stops[0], &Act::Complete(done), "phone-0001").unwrap();
        let (stop, order) = (shop.stop(stops[0]), shop.site.order(order.id));
        assert_eq!((stop.cash_due, stop.cash), (due.map(Ntd), cash.map(Ntd)), "{place}");
        assert_eq!((order.payment_status, order.paid), (status, Ntd(cash.unwrap_or(0))), "{place}");
        assert_eq!(!answer.warnings.is_empty(), is_warned, "{place}: {:?}", answer.warnings);
        let sum = "SELECT coalesce(sum(amount_ntd), 0) FROM payments WHERE status <> 'voided'";
        assert_eq!(shop.count(sum), cash.unwrap_or(0), "{place}");
        shop.site.check_file();
    }
}

#[test]
fn gas_that_comes_back_is_money_where_the_shop_says_so() {
    for (setting, credit) in [("1", 64), ("0", 0)] {
        let shop = Shop::open();
        shop.site.app.db.write(|tx| luckygas::settings::set(tx, "residual_credit", setting)).unwrap();
        let order = shop.order(2);
        let (_, stops) = shop.running(std::slice::from_ref(&order));
        let lines = Some(vec![DeliveredLine { qty: 2, empties: 2, residual: Grams(1_500) }]);
        shop.act(stops[0], &Act::Complete(Completion { lines, ..handed_to("王小姐") }), "phone-0001").unwrap();
        let order = shop.site.order(order.id);
        assert_eq!((order.totals.residual_credit, order.totals.total), (Ntd(credit), Ntd(1700 - credit)));
        assert_eq!(order.lines[0].delivered.unwrap().residual, Grams(1_500), "the weight is kept either way");
        shop.site.check_file();
    }
}

#[test]
fn what_a_meter_showed_is_what_is_paid() {
    let shop = Shop::open();
    let customer = shop.site.customer("1902046", "範例餐廳", |details| details.cylinders = vec![("F50", 4)]);
    let new = NewMeter { customer, serial: "M-1".to_owned(), unit: "度".to_owned(), g_per_unit: 1_000, installed_on: day("2025-01-01") };
    let meter = shop.site.app.db.write(|tx| meters::store::add(tx, &new, shop.lin().by)).unwrap();
    let reading = |value_milli, is_sure| Completion { readings: vec![Figure { meter, value_milli, is_sure }], ..handed_to("店長") };
    let flow = shop.site.take(customer, &[("F50", 2)]);
    let plain = shop.order(1);
    let (_, stops) = shop.running(&[flow.clone(), plain.clone()]);

    let first = shop.act(stops[0], &Act::Complete(reading(100_000, false)), "phone-0001").unwrap();
    assert_eq!(first.facts["final_ntd"], 0, "the first reading of a meter bills nothing");
    shop.act(stops[0], &UNDO, "phone-0002").unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM meter_readings WHERE voided_at IS NULL"), 0);
    shop.act(stops[0], &Act::Complete(reading(100_000, false)), "phone-0003").unwrap();
    let wrong = shop.act(stops[1], &Act::Complete(reading(1, false)), "phone-0004");
    let Err(Error::Invalid(problems)) = wrong else { panic!("{wrong:?}") };
    assert_eq!(problems[0].field, "readings.1.meter_id", "a meter of another customer");

    shop.site.wait_minutes(24 * 60);
    let flow = shop.site.take(customer, &[("F50", 2)]);
    shop.act(stops[1], &paid(850), "phone-0005").unwrap();
    let (_, stops) = shop.running(std::slice::from_ref(&flow));
    let back = shop.act(stops[0], &Act::Complete(reading(99_000, true)), "phone-0006");
    assert_eq!(outcome(back), "422", "a meter never runs backwards");
    shop.act(stops[0], &Act::Complete(reading(130_000, true)), "phone-0007").unwrap();
    let flow = shop.site.order(flow.id);
    assert_eq!((flow.lines[0].amount, flow.totals.total), (Ntd(30 * 42), Ntd(30 * 42)));
    shop.site.check_file();
}

#[test]
fn an_act_sent_again_gets_its_answer_and_is_applied_once() {
    let shop = Shop::open();
    let (_, stops) = shop.running(&[shop.order(2), shop.order(1)]);
    let first = shop.act(stops[0], &paid(1700), "phone-0001").unwrap();
    let before = shop.site.content();
    assert_eq!(shop.act(stops[0], &paid(1700), "phone-0001").unwrap(), first);
    assert_eq!(shop.act(stops[1], &absent(), "phone-0001").unwrap(), first, "whatever it says the second time");
    assert_eq!(outcome(shop.act_as(shop.actor(HELPER), stops[1], &paid(850), "phone-0001")), "409", "an id is its owner's");
    assert_eq!(shop.site.content(), before);
    // Given to another driver meanwhile, it still is what it was.
    shop.act(stops[1], &absent(), "phone-0002").unwrap();
    assert_eq!(shop.act(stops[0], &paid(1700), "phone-0001").unwrap(), first);
}

#[test]
fn two_phones_on_one_stop_are_one_delivery_and_one_thing_to_look_at() {
    let shop = Shop::open();
    let (_, stops) = shop.running(&[shop.order(2), shop.order(1)]);
    shop.act(stops[0], &paid(1700), "phone-0001").unwrap();
    let second = shop.act_as(
        shop.lin(),
        stops[0],
        &Act::Fail { reason: FailReason::Absent, note: Some("代記".to_owned()), photo: None },
        "phone-0002",
    );
    let second = second.unwrap();
    assert_eq!(second.outcome, Outcome::Conflict);
    assert!(second.say.contains("阿明 10:22 已經記「送完」"), "{}", second.say);
    assert_eq!(shop.site.order(luckygas::values::OrderId(1)).status, Status::Delivered);
    assert_eq!(shop.count("SELECT count(*) FROM notices WHERE event = 'conflict' AND user_id IS NULL"), 1);

    let hui = shop.site.hui();
    let page = hui.get("/conflicts");
    for said in ["好味小吃", "算數的", "留下來的", "阿明", "林經理", "客戶不在", "NT$1,700", "處理好了"] {
        page.check(200, said);
    }
    let id = shop.site.app.db.read(store::open_conflicts).unwrap()[0].id;
    hui.post(&format!("/conflicts/{id}/settle"), &[]).check(303, "");
    hui.post(&format!("/conflicts/{id}/settle"), &[]).check(303, "");
    hui.get("/conflicts").check(200, "沒有要核對的");
    hui.post("/conflicts/999/settle", &[]).check(404, "");
    assert_eq!(shop.count("SELECT count(*) FROM journal WHERE verb = 'settle'"), 1);

    // The same thing said twice by one driver is nothing to look at.
    assert_eq!(shop.act(stops[0], &paid(1700), "phone-0003").unwrap().outcome, Outcome::Conflict);
    hui.get("/conflicts").check(200, "沒有要核對的");
    shop.site.check_file();
}

#[test]
fn what_the_driver_says_of_a_stop_the_office_has_moved_is_kept() {
    let shop = Shop::open();
    let orders = [shop.order(2), shop.order(1), shop.order(3)];
    let (_, stops) = shop.running(&orders);
    let cancel = Move::Cancel { reason: CancelReason::CustomerRequest, note: Some("不要了".to_owned()) };
    shop.site.app.db.write(|tx| steps::act(tx, orders[0].id, None, &cancel, shop.lin())).unwrap();
    let other = shop.site.running(ADE, &[shop.order(4).id]);
    shop.site.put(other.id, &[orders[1].id]);

    for (stop, says) in [(stops[0], "移走"), (stops[1], "不在你的路線上")] {
        let answer = shop.act(stop, &paid(850), &format!("phone-{:04}", stop.0)).unwrap();
        assert_eq!(answer.outcome, Outcome::Conflict);
        assert!(answer.say.contains(says), "{}", answer.say);
        assert_eq!(answer.facts.contains_key("final_ntd"), stop == stops[0], "what is not his any more is not told");
    }
    let kept = shop.site.app.db.read(store::open_conflicts).unwrap();
    assert_eq!(kept.iter().map(|kept| &kept.payload["cash_ntd"]).collect::<Vec<_>>(), [&json!(850), &json!(850)]);
    assert_eq!(shop.count("SELECT count(*) FROM payments"), 0);
    shop.site.hui().get("/conflicts").check(200, "辦公室先動了這一站");
    // He whose it is now delivers it as if nothing had been.
    assert_eq!(shop.act_as(shop.actor(ADE), stops[1], &paid(850), "other-0001").unwrap().outcome, Outcome::Applied);
    shop.site.check_file();
}

#[test]
fn taking_back_leaves_the_shop_as_it_was() {
    let with_cash = Act::Complete(Completion {
        lines: Some(vec![DeliveredLine { qty: 1, empties: 2, residual: Grams(3_000) }]),
        cash_handed: Some(Ntd(1_000)),
        ..handed_to("王小姐")
    });
    for what in [paid(1700), paid(0), with_cash, absent()] {
        let shop = Shop::open();
        // Somebody was brought gas today already, so that the day's row has two visits.
        let earlier = shop.order(1);
        let (_, stops) = shop.running(&[earlier, shop.order(2), shop.order(3)]);
        shop.act(stops[0], &paid(850), "phone-0000").unwrap();
        shop.act(stops[1], &ARRIVE, "phone-0001").unwrap();
        for round in 0..2 {
            let before = shop.business();
            let due = shop.site.hui().get("/api/v1/due").text();
            shop.act(stops[1], &what, &format!("phone-1{round}01")).unwrap();
            assert_ne!(shop.business(), before);
            shop.site.wait_minutes(if round == 0 { 0 } else { 10 });
            shop.act(stops[1], &UNDO, &format!("phone-1{round}02")).unwrap();
            assert_eq!(differing(&shop.business(), &before), Vec::<String>::new(), "{what:?}, round {round}");
            assert_eq!(shop.site.hui().get("/api/v1/due").text(), due);
            shop.site.check_file();
        }
        assert_eq!(shop.act(stops[1], &paid(1700), "phone-2001").unwrap().outcome, Outcome::Applied);
        shop.site.check_file();
    }
}

#[test]
fn the_only_visit_of_a_day_leaves_no_day_behind() {
    let shop = Shop::open();
    let (route, stops) = shop.running(&[shop.order(2)]);
    shop.act(stops[0], &paid(1700), "phone-0001").unwrap();
    assert_eq!(shop.site.route(route.id).status, routes::Status::Completed);
    shop.act(stops[0], &UNDO, "phone-0002").unwrap();
    assert_eq!(shop.site.route(route.id).status, routes::Status::InProgress, "the route that closed itself with it runs again");
    assert_eq!(shop.count("SELECT count(*) FROM all_deliveries"), 0);
    assert_eq!(shop.count("SELECT coalesce(sum(deliveries), 0) + coalesce(sum(gas_g), 0) FROM delivery_days"), 0);
    shop.site.check_file();
}

#[test]
fn a_driver_takes_back_for_ten_minutes_and_a_manager_afterwards() {
    let shop = Shop::open();
    let (route, stops) = shop.running(&[shop.order(2), shop.order(1)]);
    shop.act(stops[0], &paid(1700), "phone-0001").unwrap();
    shop.site.wait_minutes(11);
    let before = shop.site.content();
    assert_eq!(outcome(shop.act(stops[0], &UNDO, "phone-0002")), "409");
    assert_eq!(shop.site.content(), before, "too late is refused, not kept");
    let undo = Act::Undo { note: Some("客人說沒收到".to_owned()) };
    shop.act_as(shop.lin(), stops[0], &undo, "lin-000001").unwrap();
    assert_eq!(shop.stop(stops[0]).status, StopStatus::Pending);

    // A route somebody closed by hand is a manager's.
    shop.act(stops[0], &paid(1700), "phone-0003").unwrap();
    shop.act(stops[1], &paid(850), "phone-0004").unwrap();
    shop.site.wait_minutes(1);
    shop.site.app.db.write(|tx| routes::steps::act(tx, route.id, None, &routes::steps::Move::Reopen, shop.lin())).unwrap();
    let finish = Act::Finish { odometer_end_km: Some(12_345), note: None };
    shop.site.app.db.write(|tx| act(tx, Target::Route(route.id), &finish, "phone-0005", None, shop.actor(MING))).unwrap();
    assert_eq!(outcome(shop.act(stops[1], &UNDO, "phone-0006")), "409");
    shop.act_as(shop.lin(), stops[1], &undo, "lin-000002").unwrap();
    assert_eq!(shop.site.route(route.id).status, routes::Status::InProgress);
    shop.site.check_file();
}

#[test]
fn a_failure_is_not_taken_back_once_the_order_went_elsewhere() {
    let shop = Shop::open();
    let orders = [shop.order(2), shop.order(1)];
    let (_, stops) = shop.running(&orders);
    shop.act(stops[0], &absent(), "phone-0001").unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM notices WHERE event = 'stop_failed' AND text LIKE '%好味小吃沒送成：客戶不在'"), 1);
    assert_eq!((shop.site.order(orders[0].id).status, shop.site.order(orders[0].id).attempt_count), (Status::Confirmed, 1));
    let other = shop.site.draft(Some(ADE), None);
    shop.site.put(other.id, &[orders[0].id]);
    let before = shop.site.content();
    assert_eq!(outcome(shop.act(stops[0], &UNDO, "phone-0002")), "409");
    assert_eq!(shop.site.content(), before);
}

#[test]
fn a_phone_that_found_no_line_until_the_next_day_still_counts_for_the_day_of_its_route() {
    let shop = Shop::open();
    let (_, stops) = shop.running(&[shop.order(2), shop.order(1)]);
    let today = shop.site.app.now().day();
    let phone = shop.site.app.now().plus_minutes(-3);
    let at = |stop, id: &str, device| {
        shop.site.app.db.write(|tx| act(tx, Target::Stop(stop), &paid(850), id, Some(device), shop.actor(MING))).unwrap();
        shop.stop(stop).finished_at.unwrap()
    };
    assert_eq!(at(stops[0], "phone-0001", phone), phone, "a clock that is nearly right is believed");
    shop.site.wait_minutes(20 * 60);
    assert_eq!(at(stops[1], "phone-0002", phone), shop.site.app.now(), "one that is off is not");
    let days = "SELECT count(*) FROM all_deliveries WHERE delivered_on = '2025-05-28'";
    assert_eq!((today, shop.count(days)), (day("2025-05-28"), 1));
    let paid_on = "SELECT count(*) FROM payments WHERE paid_on = '2025-05-28'";
    assert_eq!(shop.count(paid_on), 2);
    let moved_on = "SELECT count(*) FROM cylinder_movements WHERE stop_id IS NOT NULL AND moved_on <> '2025-05-28'";
    assert_eq!(shop.count(moved_on), 0);
    shop.site.check_file();
}

/// The rows only one of the two has.
fn differing(one: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let only = |one: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>, mark: char| {
        let has = |table: &String, row: &String| other.get(table).is_some_and(|rows| rows.contains(row));
        let rows = one.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table, row)));
        rows.filter(|(table, row)| !has(table, row)).map(|(table, row)| format!("{mark} {table}: {row}")).collect::<Vec<_>>()
    };
    [only(one, other, '+'), only(other, one, '-')].concat()
}

/// One act of a day, as a phone sends it.
#[derive(Clone, Debug)]
struct Sent {
    target: Target,
    what: Act,
    id: String,
}

/// A day of 阿明: he starts, and at each stop does one of a few things; the last is followed by 收工.
fn a_day(route: &Route, stops: &[StopId], dice: &mut impl FnMut(u64) -> u64) -> Vec<Vec<Sent>> {
    let mut number = 0;
    let mut sent = |target, what| {
        number += 1;
        Sent { target, what, id: format!("phone-{number:04}") }
    };
    let mut lanes = vec![vec![sent(Target::Route(route.id), Act::Start { loaded: None, note: None })]];
    for stop in stops {
        let at = Target::Stop(*stop);
        let completed = paid(850 * dice(3) as i64);
        lanes.push(match dice(5) {
            0 => vec![sent(at, absent())],
            1 => vec![sent(at, ARRIVE), sent(at, completed)],
            2 => vec![sent(at, completed.clone()), sent(at, UNDO), sent(at, absent())],
            3 => vec![sent(at, absent()), sent(at, UNDO), sent(at, completed)],
            _ => vec![sent(at, completed)],
        });
    }
    lanes
}

#[test]
fn a_day_sent_in_any_order_and_again_is_the_same_day() {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut dice = move |sides: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % sides
    };
    for round in 0..6 {
        let day = |shuffle: &mut dyn FnMut(u64) -> u64, lanes: Option<Vec<Vec<Sent>>>, dice: &mut dyn FnMut(u64) -> u64| {
            let shop = Shop::open();
            let orders: Vec<_> = (1..=6).map(|qty| shop.order(qty)).collect();
            let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
            let route = shop.site.published(MING, &ids);
            let stops: Vec<_> = shop.site.stops(route.id).iter().map(|stop| stop.id).collect();
            let lanes = lanes.unwrap_or_else(|| a_day(&route, &stops, &mut |sides| dice(sides)));
            let mut left: Vec<_> = lanes.iter().map(|lane| lane.iter()).collect();
            let mut was_sent: Vec<Sent> = Vec::new();
            let mut answers: BTreeMap<String, Answer> = BTreeMap::new();
            let mut send = |one: &Sent| {
                let answer = shop.site.app.db.write(|tx| act(tx, one.target, &one.what, &one.id, None, shop.actor(MING))).unwrap();
                assert_eq!(answers.entry(one.id.clone()).or_insert_with(|| answer.clone()), &answer, "{one:?}");
            };
            while left.iter().any(|lane| lane.len() != 0) {
                let lane = shuffle(left.len() as u64) as usize;
                if let Some(one) = left[lane].next() {
                    send(one);
                    was_sent.push(one.clone());
                }
                let again = was_sent.get(shuffle(2 * was_sent.len().max(1) as u64) as usize);
                if let Some(again) = again {
                    send(again);
                }
            }
            assert_eq!(shop.count("SELECT count(*) FROM driver_acts"), was_sent.len() as i64, "each once");
            shop.site.check_file();
            let ends = shop.business();
            let money = shop.count("SELECT coalesce(sum(amount_ntd), 0) FROM payments WHERE status <> 'voided'");
            assert_eq!(money, shop.count("SELECT coalesce(sum(cash_ntd), 0) FROM stops"), "the money is what the stops say");
            (ends, money, lanes)
        };
        let mut in_order = 0;
        let mut one_after_the_other = |sides: u64| {
            // Every lane to its end before the next, and nothing again.
            in_order += 1;
            if sides == 2 { 1 } else { (in_order / 20) % sides }
        };
        let (ends, money, lanes) = day(&mut one_after_the_other, None, &mut dice);
        for _ in 0..3 {
            let (again, cash, _) = day(&mut dice, Some(lanes.clone()), &mut |_| 0);
            assert_eq!(differing(&again, &ends), Vec::<String>::new(), "round {round}: {lanes:?}");
            assert_eq!(cash, money);
        }
    }
}

#[test]
fn two_phones_at_once_are_one_delivery() {
    let shop = Shop::open();
    let (_, stops) = shop.running(&[shop.order(2), shop.order(1)]);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let phones: Vec<_> = (0..8)
            .map(|phone| {
                let (shop, stop) = (&shop, stops[0]);
                scope.spawn(move || shop.act(stop, &paid(100 * phone), &format!("phone-{phone:04}")).unwrap().outcome)
            })
            .collect();
        phones.into_iter().map(|phone| phone.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|outcome| **outcome == Outcome::Applied).count(), 1);
    assert_eq!(shop.count("SELECT count(*) FROM driver_acts WHERE outcome = 'conflict'"), 7);
    assert_eq!(shop.count("SELECT count(*) FROM all_deliveries"), 1);
    shop.site.check_file();
}

#[test]
fn who_helps_the_driver_does_all_he_does() {
    let (shop, stop) = shop_at("published");
    let route = shop.stop(stop).route_id;
    let start = Act::Start { loaded: None, note: None };
    let helper = shop.actor(HELPER);
    shop.site.app.db.write(|tx| act(tx, Target::Route(route), &start, "helper-001", None, helper)).unwrap();
    shop.act_as(helper, stop, &ARRIVE, "helper-002").unwrap();
    shop.act_as(helper, stop, &paid(1700), "helper-003").unwrap();
    assert_eq!(shop.count("SELECT received_by FROM payments"), HELPER.0);
    shop.act_as(helper, stop, &UNDO, "helper-004").unwrap();
    shop.act_as(shop.actor(MING), stop, &absent(), "driver-001").unwrap();
    shop.site.check_file();
}

/// The head of a picture of that size, and `more` bytes of it.
fn png(width: u32, height: u32, more: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend_from_slice(&width.to_be_bytes());
    bytes.extend_from_slice(&height.to_be_bytes());
    bytes.resize(bytes.len() + more, 7);
    bytes
}

#[test]
fn a_picture_is_kept_before_the_act_that_names_it() {
    let shop = Shop::open();
    let (_, stops) = shop.running(&[shop.order(2), shop.order(1)]);
    let ming = shop.site.ming();
    let send = |bytes: Vec<u8>, target: &str| {
        let file = shop.site.folder.0.join("picture");
        std::fs::write(&file, bytes).unwrap();
        ming.upload(target, &[&file])
    };
    let photo = send(png(800, 600, 9), "/driver/photos").json()["sha"].as_str().unwrap().to_owned();
    assert_eq!(send(png(800, 600, 9), "/api/v1/photos").json()["sha"], photo, "the same picture is one");
    let signature = send(png(600, 200, 3), "/driver/photos?kind=signature").json()["sha"].as_str().unwrap().to_owned();
    for (bytes, target, says) in [
        (png(801, 600, 0), "/driver/photos?kind=signature", "簽名太大"),
        (b"GIF89a".to_vec(), "/driver/photos", "JPEG 或 PNG"),
        (Vec::new(), "/driver/photos", "空的"),
        (png(800, 600, 5 << 20), "/driver/photos", "最多 5 MB"),
    ] {
        send(bytes, target).check(422, says);
    }
    send(png(4_000, 3_000, 4 << 20), "/driver/photos").check(201, "sha");
    ming.upload("/driver/photos", &[]).check(422, "請附一張照片");

    // Nobody sees what no stop names; then whose stop it is, and the office.
    ming.get(&format!("/photos/{photo}")).check(404, "");
    let complete = |photo: &str| {
        let body = json!({"action_id": "phone-0001", "photo": photo, "signature": signature, "cash_ntd": 1700});
        ming.json(luckygas::http::Method::Post, &format!("/api/v1/stops/{}/complete", stops[0]), body)
    };
    complete(&"0".repeat(64)).check(422, "還沒傳到");
    complete("nothing").check(422, "photo");
    complete(&photo).check(200, "applied");
    let seen = ming.get(&format!("/photos/{photo}"));
    assert_eq!((seen.status(), seen.response.header("Content-Type"), seen.response.body.len()), (200, Some("image/png"), 33));
    assert!(seen.response.header("Cache-Control").unwrap().contains("immutable"));
    assert_eq!(shop.site.chen().get(&format!("/photos/{signature}")).status(), 200);
    shop.site.hui().get(&format!("/photos/{}", "1".repeat(64))).check(404, "");
    let ade = shop.site.app.db.write(|tx| luckygas::users::session::start(tx, ADE, Role::Driver, "手機", shop.site.app.now())).unwrap();
    support::Browser { site: &shop.site, token: Some(ade) }.get(&format!("/photos/{photo}")).check(404, "");
    let missing = |site: &Site| site.app.db.read(|conn| luckygas::stops::photos::missing(conn, &site.app.photos)).unwrap();
    assert_eq!(missing(&shop.site), (2, 0));
    shop.site.app.db.write(|tx| Ok(tx.execute("UPDATE stops SET photo = ?1 WHERE id = 1", ["2".repeat(64)]).unwrap())).unwrap();
    assert_eq!(missing(&shop.site), (2, 1));
}

#[test]
fn the_pictures_lie_in_a_file_of_their_own() {
    let site = Site::open();
    let sha = site.app.photos.put(luckygas::stops::photos::Kind::Photo, &png(10, 10, 1), MING, site.app.now()).unwrap();
    let folder = site.folder.0.clone();
    let path = luckygas::stops::photos::path(&folder);
    drop(site.app);
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.starts_with("luckygas-photos.db-")), "one file: {left:?}");
    let photos = luckygas::stops::photos::Photos::open(&folder).unwrap();
    assert!(photos.has(&sha).unwrap());
    drop(photos);
    let conn = rusqlite::Connection::open(&path).unwrap();
    assert!(conn.execute("DELETE FROM photos", []).is_err());
    assert!(conn.execute("UPDATE photos SET bytes = x'00'", []).is_err());
    drop(conn);
    // Somebody else's file is left alone.
    std::fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE songs (name TEXT)").unwrap();
    assert!(luckygas::stops::photos::Photos::open(&folder).is_err());
}

#[test]
fn a_driver_reads_his_day_and_nothing_of_anybody_else() {
    let shop = Shop::open();
    let customer = shop.site.customer("1000018", "白露便當", |details| {
        details.tax_id = Some("12345675".parse().unwrap());
        details.access_note = Some("鐵門旁邊按鈴".to_owned());
        details.phones = vec![Site::number("0900-000-418")];
    });
    let mine = shop.site.take(customer, &[("C20", 2)]);
    let (route, _) = shop.running(std::slice::from_ref(&mine));
    let others = shop.order(1);
    shop.site.running(ADE, &[others.id]);
    shop.site.draft(Some(MING), None);

    let day = shop.site.ming().get("/api/v1/driver/routes").json();
    assert_eq!(day["routes"].as_array().unwrap().iter().map(|route| &route["id"]).collect::<Vec<_>>(), [&json!(route.id.0)]);
    let stop = &day["routes"][0]["stops"][0];
    assert_eq!(
        (&stop["customer_name"], &stop["collect_ntd"], &stop["access_note"]),
        (&json!("白露便當"), &json!(1700), &json!("鐵門旁邊按鈴"))
    );
    let text = day.to_string();
    for unsaid in ["12345675", "tax", "balance", "好味小吃", "customer_id"] {
        assert!(!text.contains(unsaid), "{unsaid} in {text}");
    }
}
