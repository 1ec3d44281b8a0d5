//! Many at the counter at once: numbers run on without a gap, one form is one order, and of two who change the same
//! order one is told.

#[allow(unused)]
mod support;

use std::collections::BTreeMap;
use std::sync::Barrier;

use support::counter::{Clerk, body_of, customers, days_with_a_gap, ids, look, order, practice_shop, sign_in};
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
    // What is done, and the state the order is in when it was.
    let cancel = ("cancel", "reason=customer_request".to_owned(), "cancelled");
    let assign = ("assign", format!("driver={driver}"), "assigned");
    let pairs = [(&cancel, &cancel), (&cancel, &assign), (&assign, &cancel), (&assign, &assign)];

    for round in 0..24 {
        let (first, second) = pairs[round % pairs.len()];
        let taken = Clerk::new(serving.address, &tokens[0])
            .post("/api/v1/orders", &order(&who, round, &format!("race-{round:04}")))
            .expect("an answer");
        let taken = body_of(&taken);
        let (id, version, start) = (&taken["id"], &taken["version"], Barrier::new(2));
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let hands: Vec<_> = [first, second]
                .into_iter()
                .zip(&tokens)
                .map(|((what, form, _), token)| {
                    let start = &start;
                    scope.spawn(move || {
                        let mut desk = Clerk::new(serving.address, token);
                        start.wait();
                        let (target, form) = (format!("/orders/{id}/{what}"), format!("{form}&version={version}"));
                        let reply = desk.send("POST", &target, "application/x-www-form-urlencoded", &form).expect("an answer");
                        assert!(matches!(reply.status, 303 | 409), "round {round}, {target}: {} {}", reply.status, reply.text());
                        reply.status
                    })
                })
                .collect();
            hands.into_iter().map(|hand| hand.join().unwrap()).collect()
        });
        let won = answers.iter().position(|status| *status == 303).unwrap_or_else(|| panic!("round {round}: nobody won"));
        assert_eq!(answers[1 - won], 409, "round {round}: the other is told");
        let conn = look(&folder.0);
        let one = |sql: &str| conn.query_row(sql, [id.as_i64()], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(one("SELECT status FROM orders WHERE id = ?1"), [first, second][won].2, "round {round}");
        assert_eq!(
            one("SELECT group_concat(to_status) FROM order_history WHERE order_id = ?1"),
            format!("confirmed,{}", [first, second][won].2)
        );
    }
}
