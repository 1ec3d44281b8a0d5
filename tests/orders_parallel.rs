//! Many at the counter at once: numbers run on without a gap, one form is one order, and of two who change the same
//! order one is told.

#[allow(unused)]
mod support;

use std::collections::BTreeMap;
use std::sync::Barrier;

use support::counter::{Clerk, body_of, customers, days_with_a_gap, ids, look, order, practice_shop, sign_in};
use support::form::{form_on, type_over};
use support::program::Serving;

#[test]
fn two_hundred_orders_of_ten_clerks_have_two_hundred_numbers_in_sequence() {
    let folder = practice_shop();
    let who = customers(&folder.0);
    let serving = Serving::start(&folder.0);
    let tokens = ["xiaohui", "azhen", "lin"].map(|username| sign_in(serving.address, username));
    let before = orders_by_day(&folder.0);
    let start = Barrier::new(10);

    let mut numbers: Vec<String> = std::thread::scope(|scope| {
        let clerks: Vec<_> = (0..10)
            .map(|clerk| {
                let (who, token, start) = (&who, &tokens[clerk % tokens.len()], &start);
                scope.spawn(move || {
                    let mut desk = Clerk::new(serving.address, token);
                    start.wait();
                    let take = |no| {
                        let reply = desk.post("/api/v1/orders", &order(who, no, &format!("parallel-{no}"))).expect("an answer");
                        assert_eq!(reply.status, 201, "{}", reply.text());
                        body_of(&reply)["order_number"].as_str().unwrap().to_owned()
                    };
                    (0..20).map(|at| at * 10 + clerk).map(take).collect::<Vec<_>>()
                })
            })
            .collect();
        clerks.into_iter().flat_map(|clerk| clerk.join().unwrap()).collect()
    });

    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 200, "no number is given twice");
    let after = orders_by_day(&folder.0);
    let made: Vec<String> = after
        .iter()
        .flat_map(|(day, count)| (before.get(day).unwrap_or(&0) + 1..=*count).map(|no| format!("ORD-{}-{no:04}", day.replace('-', ""))))
        .collect();
    assert_eq!(numbers, made, "they follow on those that were there");
    assert_eq!(days_with_a_gap(&look(&folder.0)), 0);
}

fn orders_by_day(folder: &std::path::Path) -> BTreeMap<String, i64> {
    let conn = look(folder);
    let mut query = conn.prepare("SELECT ordered_on, count(*) FROM orders GROUP BY ordered_on").unwrap();
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_form_sent_twice_at_the_same_moment_is_one_order() {
    let folder = practice_shop();
    let who = customers(&folder.0);
    let serving = Serving::start(&folder.0);
    let token = sign_in(serving.address, "xiaohui");
    for round in 0..30 {
        let (key, start) = (format!("double-click-{round}"), Barrier::new(2));
        let mut answers: Vec<(u16, String, i64)> = std::thread::scope(|scope| {
            let hands: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let mut desk = Clerk::new(serving.address, &token);
                        start.wait();
                        let reply = desk.post("/api/v1/orders", &order(&who, round, &key)).expect("an answer");
                        let order = body_of(&reply);
                        (reply.status, order["order_number"].to_string(), order["id"].as_i64().unwrap())
                    })
                })
                .collect();
            hands.into_iter().map(|hand| hand.join().unwrap()).collect()
        });
        answers.sort();
        assert_eq!((answers[0].0, answers[1].0), (200, 201), "round {round}: one made it, the other was told which");
        assert_eq!((&answers[0].1, answers[0].2), (&answers[1].1, answers[1].2), "round {round}");
        let conn = look(&folder.0);
        let made: i64 = conn.query_row("SELECT count(*) FROM orders WHERE form_key = ?1", [&key], |row| row.get(0)).unwrap();
        assert_eq!(made, 1, "round {round}");
    }
    assert_eq!(days_with_a_gap(&look(&folder.0)), 0);

    // A key is its clerk's: somebody else who sends it is refused and makes nothing.
    let reply = Clerk::new(serving.address, &sign_in(serving.address, "azhen")).post("/api/v1/orders", &order(&who, 1, "double-click-1"));
    assert_eq!(reply.expect("an answer").status, 409);
}

#[test]
fn of_two_who_change_one_order_at_the_same_moment_one_is_told() {
    let folder = practice_shop();
    let who = customers(&folder.0);
    let serving = Serving::start(&folder.0);
    let tokens = ["xiaohui", "azhen"].map(|username| sign_in(serving.address, username));
    let driver = ids(&look(&folder.0), "SELECT id FROM users WHERE username = 'aming'")[0];
    const PAIRS: [[&str; 2]; 4] = [["cancel", "cancel"], ["assign", "assign"], ["edit", "edit"], ["edit", "cancel"]];

    for round in 0..36 {
        let pair = PAIRS[round % PAIRS.len()];
        let mut desk = Clerk::new(serving.address, &tokens[0]);
        let taken = body_of(&desk.post("/api/v1/orders", &order(&who, round, &format!("race-{round:04}"))).expect("an answer"));
        let (id, version) = (taken["id"].as_i64().unwrap(), taken["version"].to_string());
        let page = desk.get(&format!("/orders/{id}/edit")).text();
        // The same page lies before both; each does something else with it.
        let form = |side: usize| -> Vec<(String, String)> {
            let form = |fields: &[(&str, &str)]| fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            match pair[side] {
                "cancel" => form(&[("version", &version), ("reason", ["customer_request", "no_stock"][side])]),
                "assign" => form(&[("version", &version), ("driver", &driver.to_string()), ("seen", "")]),
                _ => {
                    let mut form = form_on(&page, &format!("/orders/{id}/edit"));
                    type_over(&mut form, "notes", ["從後門進", "按二樓"][side]);
                    form
                }
            }
        };
        let start = Barrier::new(2);
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let hands: Vec<_> = (0..2)
                .map(|side| {
                    let (start, form, token) = (&start, form(side), &tokens[side]);
                    scope.spawn(move || {
                        let mut desk = Clerk::new(serving.address, token);
                        start.wait();
                        let reply = desk.form(&format!("/orders/{id}/{}", pair[side]), &form).expect("an answer");
                        assert!(matches!(reply.status, 303 | 409), "round {round}, {}: {} {}", pair[side], reply.status, reply.text());
                        reply.status
                    })
                })
                .collect();
            hands.into_iter().map(|hand| hand.join().unwrap()).collect()
        });
        let won = answers.iter().position(|status| *status == 303).unwrap_or_else(|| panic!("round {round}: nobody won"));
        assert_eq!(answers[1 - won], 409, "round {round}, {pair:?}: the other is told");

        let conn = look(&folder.0);
        let one = |sql: &str| conn.query_row(sql, [id], |row| row.get::<_, String>(0)).unwrap();
        let (status, steps, version) = match pair[won] {
            "cancel" => ("cancelled", "confirmed,cancelled", "2"),
            // On a draft: a plan nobody has been told of.
            "assign" => ("confirmed", "confirmed", "1"),
            _ => ("confirmed", "confirmed", "2"),
        };
        assert_eq!(one("SELECT status FROM orders WHERE id = ?1"), status, "round {round}, {pair:?}");
        assert_eq!(one("SELECT group_concat(to_status) FROM order_history WHERE order_id = ?1"), steps, "round {round}, {pair:?}");
        assert_eq!(one("SELECT CAST(version AS TEXT) FROM orders WHERE id = ?1"), version, "round {round}, {pair:?}");
        if pair[won] == "assign" {
            assert_eq!(one("SELECT group_concat(status) FROM stops WHERE order_id = ?1"), "pending", "round {round}");
        }
        if pair[won] == "edit" {
            assert_eq!(one("SELECT notes FROM orders WHERE id = ?1"), ["從後門進", "按二樓"][won], "round {round}, {pair:?}");
        }
    }
}
