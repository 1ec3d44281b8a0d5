//! What the night makes of templates: one order a day of the rhythm, whatever happened to the PC, the customer or the day.

mod support;

use luckygas::customers::{self, State};
use luckygas::jobs;
use luckygas::journal::By;
use luckygas::orders::{Order, Origin, Payment, Status};
use luckygas::templates::recurrence::Rhythm;
use luckygas::templates::{Details, Line, Stopped, Template, generate, store};
use luckygas::users::Role;
use luckygas::values::weekdays::ClosedDays;
use luckygas::values::{CustomerId, Day, OrderId, Stamp, TemplateId, Window};
use serde_json::{Value, json};
use support::{Site, day};

const DAILY: Rhythm = Rhythm::Daily { every: 1 };

fn template(site: &Site, customer: CustomerId, rhythm: Rhythm, next_on: &str, change: impl FnOnce(&mut Details)) -> TemplateId {
    let mut details = Details {
        name: "每次的".to_owned(),
        lines: vec![Line { product_id: site.product("C20"), product_name: "20KG".to_owned(), qty: 2 }],
        notes: None,
        payment: Payment::Monthly,
        is_urgent: false,
        rhythm,
        next_on: Some(day(next_on)),
        end_on: None,
    };
    change(&mut details);
    let write = |tx: &rusqlite::Transaction| {
        let customer = customers::store::get(tx, customer)?;
        store::create(tx, &customer, &details, By::program(site.app.now()))
    };
    site.app.db.write(write).unwrap()
}

fn get(site: &Site, id: TemplateId) -> Template {
    site.app.db.read(|conn| store::get(conn, id)).unwrap()
}

/// The orders of a template, in the order they were made.
fn orders(site: &Site, id: TemplateId) -> Vec<Order> {
    let read = |conn: &rusqlite::Connection| {
        let mut query = conn.prepare("SELECT id FROM orders WHERE template_id = ?1 ORDER BY id").unwrap();
        Ok(query.query_map([id.0], |row| row.get(0).map(OrderId)).unwrap().map(Result::unwrap).collect::<Vec<_>>())
    };
    site.app.db.read(read).unwrap().into_iter().map(|id| site.order(id)).collect()
}

fn days(site: &Site, id: TemplateId) -> Vec<String> {
    orders(site, id).iter().map(|order| order.scheduled_on.to_string()).collect()
}

/// Moves the clock to `on`, a minute past one in the morning, where the night works.
fn night(site: &Site, on: Day) {
    let wait = (Stamp::taipei(on, 1, 1).0 - site.app.now().0) / 60_000;
    site.wait_minutes(wait);
    jobs::run_due(&site.app);
}

fn run(site: &Site) -> Value {
    generate::run(&site.app).unwrap()
}

fn counts(made: i64, ended: i64, stopped: i64, passed_over: i64) -> Value {
    json!({"made": made, "ended": ended, "stopped": stopped, "passed_over": passed_over, "failed": 0, "failures": []})
}

#[test]
fn the_night_makes_one_order_that_waits_for_somebody() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |details| {
        details.available_hours = 0b0001_1100_0000;
        details.address = Some("範例市示範路 21 號".to_owned());
    });
    let id = template(&site, customer, Rhythm::Weekly { every: 2, weekdays: 0b1010 }, "2025-05-29", |details| {
        details.notes = Some("後門".to_owned());
    });
    assert_eq!(get(&site, id).code, "1902046_TPL_001");
    assert_eq!(run(&site), counts(1, 0, 0, 0));
    let made = orders(&site, id).remove(0);
    assert_eq!((made.status, made.origin, made.created_by), (Status::Pending, Origin::Template, None));
    assert_eq!((made.scheduled_on, made.window), (day("2025-05-29"), Window::AFTERNOON.and("14-17".parse().unwrap()).unwrap()));
    assert_eq!((made.items().as_str(), made.notes.as_deref(), made.payment), ("20KG × 2", Some("後門"), Payment::Monthly));
    assert_eq!(made.lines[0].unit_price, None, "nobody has said a price yet, and it may wait");
    let after = get(&site, id);
    assert_eq!((after.details.next_on, after.times_used, after.last_used_at), (Some(day("2025-06-10")), 1, Some(site.app.now())));
    let verbs: Vec<String> = site.journal().into_iter().map(|(verb, _, _)| verb).collect();
    assert_eq!(verbs, ["create", "create", "take", "generate"]);
    let (_, _, change) = site.journal().pop().unwrap();
    assert_eq!((&change["due_on"], &change["after"]["next_on"]), (&json!("2025-05-29"), &json!("2025-06-10")));
    site.check_file();
}

#[test]
fn however_often_the_night_is_run_it_makes_a_day_once() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |_| {});
    let id = template(&site, customer, DAILY, "2025-05-28", |_| {});
    for _ in 0..5 {
        run(&site);
    }
    assert_eq!(days(&site, id), ["2025-05-29"], "of today and tomorrow the later, which is the latest that is due");
    // Somebody set the next day back to one that has its order.
    let was = get(&site, id);
    let back = Details { next_on: Some(day("2025-05-29")), ..was.details.clone() };
    site.app.db.write(|tx| store::update(tx, &was, &back, By::program(site.app.now()))).unwrap();
    assert_eq!(run(&site), counts(0, 0, 0, 0));
    assert_eq!((days(&site, id).len(), get(&site, id).details.next_on), (1, Some(day("2025-05-30"))));
}

#[test]
fn two_at_once_make_each_day_once() {
    let site = Site::open();
    let ids: Vec<TemplateId> = (1..=20)
        .map(|at| {
            let customer = site.customer(&format!("19020{at:02}"), "範例", |_| {});
            template(&site, customer, DAILY, "2025-05-29", |_| {})
        })
        .collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..3).for_each(|_| drop(run(&site))));
        }
    });
    for id in ids {
        assert_eq!(days(&site, id), ["2025-05-29"]);
    }
    site.check_file();
}

#[test]
fn five_nights_off_make_one_order_and_not_five() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |_| {});
    let daily = template(&site, customer, DAILY, "2025-05-29", |_| {});
    let weekly = template(&site, customer, Rhythm::Weekly { every: 1, weekdays: 0 }, "2025-05-30", |_| {});
    night(&site, day("2025-05-28"));
    // The PC is off over the nights to 29 May … 2 June and on again on the third.
    night(&site, day("2025-06-03"));
    assert_eq!(days(&site, daily), ["2025-05-29", "2025-06-04"]);
    assert_eq!(get(&site, daily).details.next_on, Some(day("2025-06-05")));
    // What was due on Friday is brought today, and the rhythm goes on from Friday.
    assert_eq!(days(&site, weekly), ["2025-06-03"]);
    assert_eq!(get(&site, weekly).details.next_on, Some(day("2025-06-06")));
    let runs = site.app.db.read(|conn| jobs::store::runs_of(conn, "templates", 9)).unwrap();
    let counted: Vec<Value> = runs.into_iter().map(|run| run.counts).collect();
    assert_eq!(counted, [counts(2, 0, 0, 5), counts(1, 0, 0, 0)]);
    night(&site, day("2025-06-04"));
    assert_eq!(days(&site, daily).len() + days(&site, weekly).len(), 4, "and then a day a day again");
}

#[test]
fn what_falls_on_a_closed_day_is_brought_the_open_day_before() {
    // 2025-06-01 is a Sunday; 2025-10-10, a Friday, is a red-letter day; 2025-10-06, a Monday, too.
    let cases = [
        ("7", "2025-05-28", "2025-06-01", "2025-05-31", "2025-05-30"),
        ("6.7", "2025-05-28", "2025-06-01", "2025-05-30", "2025-05-29"),
        ("Red", "2025-10-01", "2025-10-10", "2025-10-09", "2025-10-08"),
        ("6.7.Red", "2025-09-29", "2025-10-06", "2025-10-03", "2025-10-02"),
        ("不定", "2025-05-28", "2025-06-01", "2025-06-01", "2025-05-31"),
        // Open on no day at all: it stays where it is.
        ("1.2.3.4.5.6.7", "2025-05-28", "2025-06-01", "2025-06-01", "2025-05-31"),
    ];
    for (closed, from, due, brought, made_on) in cases {
        let site = Site::open();
        let customer = site.customer("1902046", "範例小吃店", |details| details.closed = ClosedDays::parse(closed));
        let id = template(&site, customer, Rhythm::Weekly { every: 1, weekdays: 0 }, due, |_| {});
        for on in (0..).map(|days| day(from).plus(days)).take_while(|on| *on <= day(due)) {
            night(&site, on);
            assert_eq!(days(&site, id).is_empty(), on < day(made_on), "{closed}: after the night to {on}");
        }
        assert_eq!(days(&site, id), [brought], "{closed}");
        assert_eq!(get(&site, id).details.next_on, Some(day(due).plus(7)), "the rhythm stays where it was");
    }
}

#[test]
fn a_closed_day_is_never_made_up_for_before_today() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |details| details.closed = ClosedDays::parse("3.4"));
    // Both today, a Wednesday, and tomorrow are closed: it stays on its day, for somebody to look at.
    let id = template(&site, customer, Rhythm::Weekly { every: 1, weekdays: 0 }, "2025-05-29", |_| {});
    run(&site);
    assert_eq!(days(&site, id), ["2025-05-29"]);
}

#[test]
fn two_days_of_a_rhythm_that_fall_together_are_one_visit() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |details| details.closed = ClosedDays::parse("7"));
    let id = template(&site, customer, DAILY, "2025-05-29", |_| {});
    for ahead in 0..14 {
        night(&site, day("2025-05-28").plus(ahead));
    }
    let made = days(&site, id);
    let open: Vec<String> =
        (1..=14).map(|days| day("2025-05-28").plus(days)).filter(|day| day.weekday() != 7).map(|day| day.to_string()).collect();
    assert_eq!(made, open);
}

#[test]
fn a_customer_that_stopped_gets_none_and_the_office_is_told() {
    for state in [State::Terminated, State::Inactive] {
        let site = Site::open();
        let customer = site.customer("1902046", "範例小吃店", |_| {});
        let id = template(&site, customer, DAILY, "2025-05-29", |_| {});
        site.app
            .db
            .write(|tx| {
                let customer = customers::store::get(tx, customer)?;
                customers::store::set_state(tx, &customer, state, None, By::program(site.app.now()))
            })
            .unwrap();
        assert_eq!(run(&site), counts(0, 0, 1, 0));
        let after = get(&site, id);
        assert_eq!((after.stopped, after.is_stop_seen), (Some(Stopped::CustomerStopped), false));
        assert_eq!((days(&site, id).len(), run(&site)), (0, counts(0, 0, 0, 0)));
    }
}

#[test]
fn the_last_day_is_the_last() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |_| {});
    let id = template(&site, customer, DAILY, "2025-05-29", |details| details.end_on = Some(day("2025-05-31")));
    for ahead in 0..5 {
        night(&site, day("2025-05-28").plus(ahead));
    }
    assert_eq!(days(&site, id), ["2025-05-29", "2025-05-30", "2025-05-31"]);
    let after = get(&site, id);
    assert_eq!((after.stopped, after.is_stop_seen), (Some(Stopped::Ended), true), "somebody set that day, nobody need be told");
    // The PC was off beyond the end: the last day is still the latest that is due.
    let late = template(&site, customer, DAILY, "2025-06-02", |details| details.end_on = Some(day("2025-06-03")));
    night(&site, day("2025-06-20"));
    assert_eq!((days(&site, late), get(&site, late).stopped), (vec!["2025-06-20".to_owned()], Some(Stopped::Ended)));
}

#[test]
fn one_that_cannot_be_used_keeps_no_other_from_it_and_is_told() {
    let site = Site::open();
    let ids: Vec<TemplateId> = ["1902001", "1902002", "1902003"]
        .iter()
        .map(|code| {
            let customer = site.customer(code, "範例", |_| {});
            let product = if *code == "1902002" { "C16" } else { "C20" };
            template(&site, customer, DAILY, "2025-05-29", |details| details.lines[0].product_id = site.product(product))
        })
        .collect();
    site.app.db.write(|tx| Ok(tx.execute("UPDATE products SET is_active = 0 WHERE code = 'C16'", []).unwrap())).unwrap();
    let said = run(&site);
    assert_eq!((&said["made"], &said["failed"]), (&json!(2), &json!(1)));
    assert_eq!(said["failures"], json!([{"template_id": ids[1].0, "say": "16KG 已經停賣。"}]));
    assert_eq!(get(&site, ids[1]).details.next_on, Some(day("2025-05-29")), "it is tried again the next night");
    night(&site, day("2025-05-30"));
    site.check_file();
    let forget =
        |tx: &rusqlite::Transaction| Ok(tx.execute("UPDATE job_runs SET counts = json_set(counts, '$.failures', json('[]'))", []).unwrap());
    site.app.db.write(forget).unwrap();
    let findings = site.app.db.read(luckygas::db::check).unwrap();
    let bad: Vec<_> = findings.iter().filter(|finding| !finding.is_good).map(|finding| finding.detail.as_str()).collect();
    assert_eq!(bad, ["1 個落後"], "behind, and nobody says why");
    site.app.db.write(|tx| Ok(tx.execute("UPDATE products SET is_active = 1 WHERE code = 'C16'", []).unwrap())).unwrap();
    assert_eq!(run(&site)["made"], json!(1));
}

#[test]
fn month_ends_over_ten_years() {
    let site = Site::open();
    let customer = site.customer("1902046", "範例小吃店", |_| {});
    let id = template(&site, customer, Rhythm::Monthly { every: 1, anchor_day: 31 }, "2025-05-31", |_| {});
    for ahead in 0..3653 {
        let wait = (Stamp::taipei(day("2025-05-28").plus(ahead), 1, 1).0 - site.app.now().0) / 60_000;
        site.wait_minutes(wait);
        // Only this job of all that the night does.
        let job = jobs::find("templates").unwrap();
        jobs::run_due_of(&site.app, std::slice::from_ref(job));
    }
    let made = orders(&site, id);
    assert_eq!(made.len(), 120);
    let ends: Vec<Day> = made.iter().map(|order| order.scheduled_on).collect();
    assert!(ends.iter().all(|day| *day == day.month().last()), "{ends:?}");
    assert!(ends.windows(2).all(|pair| pair[0].month().next() == pair[1].month()), "{ends:?}");
}

#[test]
fn templates_and_orders_made_by_hand_stand_side_by_side() {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1902046", "範例小吃店", |_| {});
    let id = template(&site, customer, DAILY, "2025-05-29", |_| {});
    let by_hand = site.take(customer, &[("C16", 1)]);
    run(&site);
    let again = site.take_as(Role::Manager, &site.new_order(customer, &[("C50", 1)]), Status::Confirmed);
    let numbers: Vec<String> = [by_hand.number, orders(&site, id)[0].number.clone(), again.number].to_vec();
    assert_eq!(numbers, ["ORD-20250528-0001", "ORD-20250528-0002", "ORD-20250528-0003"]);
    let open = site.app.db.read(|conn| luckygas::orders::store::open_of(conn, customer)).unwrap();
    assert_eq!(open.len(), 3);
    assert_eq!(orders(&site, id)[0].lines[0].unit_price.map(|price| price.0), Some(850), "at the price of the day");
}

#[test]
fn codes_count_a_customer_on_even_when_its_own_code_changed_hands() {
    let site = Site::open();
    let first = site.customer("1902046", "甲", |_| {});
    let codes = |customer| get(&site, template(&site, customer, DAILY, "2025-05-29", |_| {})).code;
    assert_eq!((codes(first), codes(first)), ("1902046_TPL_001".to_owned(), "1902046_TPL_002".to_owned()));
    site.app.db.write(|tx| Ok(tx.execute("UPDATE customers SET customer_code = '1902047' WHERE id = 1", []).unwrap())).unwrap();
    let second = site.customer("1902046", "乙", |_| {});
    assert_eq!((codes(second), codes(first)), ("1902046_TPL_003".to_owned(), "1902047_TPL_001".to_owned()));
}
