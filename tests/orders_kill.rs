//! kill -9 while ten clerks save orders: what was answered is there, what was not is there whole or not at all, and
//! sending it again makes it exactly once. `LUCKYGAS_KILLS=500` kills more often than the twenty times of every run.

#[allow(unused)]
mod support;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;
use support::counter::{Clerk, body_of, customers, days_with_a_gap, look, order, practice_shop, sign_in};
use support::program::{Serving, run};

const CLERKS: usize = 10;
/// However slow the machine is, a run of everyday ends.
const PATIENCE: Duration = Duration::from_secs(40);

/// One filled-in form, and what came back when it was sent.
struct Sent {
    form: Value,
    /// `None`: the line broke first.
    answer: Option<Value>,
}

#[test]
fn an_answered_order_is_there_and_an_unanswered_one_is_there_once_when_resent() {
    let chosen = std::env::var("LUCKYGAS_KILLS").ok().and_then(|kills| kills.parse::<u32>().ok());
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let folder = practice_shop();
    let who = customers(&folder.0);
    let token = sign_in(Serving::start(&folder.0).address, "xiaohui");

    let begun = Instant::now();
    let mut unanswered: Vec<Sent> = Vec::new();
    let (mut kills, mut answered, mut half_way) = (0, 0, 0);
    while kills < chosen.unwrap_or(20) && (chosen.is_some() || begun.elapsed() < PATIENCE) {
        let mut serving = Serving::start(&folder.0);
        resend(&mut Clerk::new(serving.address, &token), std::mem::take(&mut unanswered));
        // xorshift: any moment from the first request to a few hundred orders later.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let sent = save_until_killed(&mut serving, &token, &who, kills, Duration::from_millis(5 + seed % 300));
        kills += 1;

        let check = run(&folder.0, &["check", "--data", "."]);
        assert!(check.status.success(), "after kill {kills}: {}", String::from_utf8_lossy(&check.stdout));
        let conn = look(&folder.0);
        assert_eq!(days_with_a_gap(&conn), 0, "after kill {kills}");
        for one in &sent {
            let there = order_of(&conn, one);
            match &one.answer {
                Some(answer) => assert_eq!(there.as_ref(), Some(&said(answer)), "after kill {kills}: {answer}"),
                // Made, and the answer was lost on its way.
                None => half_way += usize::from(there.is_some()),
            }
        }
        answered += sent.iter().filter(|one| one.answer.is_some()).count();
        unanswered = sent.into_iter().filter(|one| one.answer.is_none()).collect();
    }
    resend(&mut Clerk::new(Serving::start(&folder.0).address, &token), unanswered);
    println!("{kills} kills in {:.1?}: {answered} orders answered, {half_way} made without an answer", begun.elapsed());
    assert!(20 <= kills || chosen.is_some(), "only {kills} kills in {PATIENCE:?}");
    assert!(100 < answered, "the clerks hardly came to anything");

    let conn = look(&folder.0);
    let twice: i64 =
        conn.query_row("SELECT count(*) - count(DISTINCT notes) FROM orders WHERE form_key LIKE 'kill-%'", [], |row| row.get(0)).unwrap();
    assert_eq!(twice, 0, "a form made two orders");
}

/// Ten clerks, each with one form after another, until the program is killed after `moment`.
fn save_until_killed(serving: &mut Serving, token: &str, who: &[i64], kill: u32, moment: Duration) -> Vec<Sent> {
    let address = serving.address;
    std::thread::scope(|scope| {
        let clerks: Vec<_> = (0..CLERKS)
            .map(|clerk| {
                scope.spawn(move || {
                    let mut desk = Clerk::new(address, token);
                    let mut sent = Vec::new();
                    for at in 0.. {
                        let no = (kill as usize * 100_000 + at) * CLERKS + clerk;
                        let form = order(who, no, &format!("kill-{no:010}"));
                        let Some(reply) = desk.post("/api/v1/orders", &form) else {
                            sent.push(Sent { form, answer: None });
                            break;
                        };
                        assert_eq!(reply.status, 201, "{}", reply.text());
                        sent.push(Sent { form, answer: Some(body_of(&reply)) });
                    }
                    sent
                })
            })
            .collect();
        std::thread::sleep(moment);
        serving.child.kill().unwrap();
        serving.child.wait().unwrap();
        clerks.into_iter().flat_map(|clerk| clerk.join().unwrap()).collect()
    })
}

/// Sends `forms` again, twice over: the first makes what is missing, the second nothing.
fn resend(desk: &mut Clerk, forms: Vec<Sent>) {
    for Sent { form, .. } in forms {
        let first = desk.post("/api/v1/orders", &form).expect("an answer");
        assert!(matches!(first.status, 200 | 201), "{}", first.text());
        let second = desk.post("/api/v1/orders", &form).expect("an answer");
        assert_eq!((second.status, said(&body_of(&second))), (200, said(&body_of(&first))));
    }
}

/// An order's number, its note, and product, pieces and amount of each line.
type Said = (String, String, Vec<(i64, i64, i64)>);

/// The order an answer tells of.
fn said(answer: &Value) -> Said {
    let line = |line: &Value| ["product_id", "qty", "line_ntd"].map(|name| line[name].as_i64().unwrap());
    let lines = answer["lines"].as_array().unwrap().iter().map(line).map(|[product, qty, amount]| (product, qty, amount)).collect();
    (answer["order_number"].as_str().unwrap().to_owned(), answer["notes"].as_str().unwrap().to_owned(), lines)
}

/// The same, as the file has it; `None` when the form has made no order. One with half its rows is a failure.
fn order_of(conn: &Connection, sent: &Sent) -> Option<Said> {
    let key = sent.form["form_key"].as_str().unwrap();
    let sql = "SELECT id, order_number, notes FROM orders WHERE form_key = ?1";
    let (id, number, notes): (i64, String, String) =
        conn.query_row(sql, [key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional().unwrap()?;
    let mut lines = conn.prepare("SELECT product_id, qty, line_ntd FROM order_lines WHERE order_id = ?1 ORDER BY line_no").unwrap();
    let lines: Vec<_> = lines.query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect();
    assert_eq!(lines.len(), sent.form["lines"].as_array().unwrap().len(), "{number}: its lines");
    for (table, column, what) in [("order_history", "order_id", ""), ("journal", "noun_id", " AND noun = 'order' AND verb = 'take'")] {
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = ?1{what}");
        assert_eq!(conn.query_row(&sql, [id], |row| row.get::<_, i64>(0)).unwrap(), 1, "{number}: its row in {table}");
    }
    Some((number, notes, lines))
}
