//! A clerk who takes orders, as a program does or on the page, and now and then takes the next step with one.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

use super::{Files, Person, Went, sentence};
use crate::support::counter::{self, body_of, order};
use crate::support::form::form_on;
use crate::support::wire::Reply;
use crate::told::Told;

/// An order's number, its note, and product, pieces and amount of each line.
type Said = (String, String, Vec<(i64, i64, i64)>);

/// A step of an order that stands.
struct Step {
    key: String,
    /// Of the order, as a program knows it.
    id: i64,
    version: i64,
    verb: &'static str,
    to: &'static str,
}

/// One form and what became of it.
struct Order {
    key: String,
    form: Form,
    /// What the answer told; a page tells no more than that it is saved.
    said: Option<Said>,
    /// As a program knows it: its id and version.
    id: Option<(i64, i64)>,
}

/// What was answered as done.
enum Done {
    Order(Order),
    Step(Step),
}

enum Form {
    Json(Value),
    Page(Vec<(String, String)>),
}

pub struct Clerk {
    name: String,
    token: String,
    customers: Vec<i64>,
    /// Sends the form of the page.
    is_person: bool,
    made: usize,
    answered: Vec<Done>,
    unanswered: Option<Order>,
    unanswered_step: Option<Step>,
}

impl Clerk {
    pub fn new(name: &str, token: &str, customers: &[i64], is_person: bool) -> Clerk {
        let (name, token) = (name.to_owned(), token.to_owned());
        Clerk {
            name,
            token,
            customers: customers.to_vec(),
            is_person,
            made: 0,
            answered: Vec::new(),
            unanswered: None,
            unanswered_step: None,
        }
    }

    fn next_form(&mut self) -> Order {
        let no = self.made;
        self.made += 1;
        let key = format!("torture-{}-{no:07}", self.name);
        let mut json = order(&self.customers, no, &key);
        json["notes"] = json!(format!("{} 第 {no} 張", self.name));
        // Every third is a promise nobody has confirmed yet, so that there is a step to take.
        if no % 3 == 1 {
            json["status"] = json!("pending");
        }
        let form = if self.is_person { Form::Page(page_form(&json)) } else { Form::Json(json) };
        Order { key, form, said: None, id: None }
    }

    /// Sends `order`'s form; what it shows to be minded is seen and sent again, as a person does.
    fn send(line: &mut counter::Clerk, order: &mut Order) -> Option<Reply> {
        match &mut order.form {
            Form::Json(form) => line.post("/api/v1/orders", form),
            Form::Page(form) => {
                let mut reply = line.form("/orders", form)?;
                // Others write meanwhile, so that there may be more to be minded the next time.
                for _ in 0..30 {
                    if reply.status != 422 {
                        break;
                    }
                    *form = form_on(&reply.text(), "/orders");
                    reply = line.form("/orders", form)?;
                }
                Some(reply)
            }
        }
    }

    /// The step that is to be taken with the last order.
    fn next_step(&self) -> Option<Step> {
        let Done::Order(last) = self.answered.last()? else { return None };
        let (id, version) = last.id?;
        let is_pending = matches!(&last.form, Form::Json(form) if form["status"] == "pending");
        let (verb, to) = match (self.made % 4, is_pending) {
            (_, true) => ("confirm", "confirmed"),
            (1, false) => ("cancel", "cancelled"),
            _ => return None,
        };
        Some(Step { key: last.key.clone(), id, version, verb, to })
    }

    fn take_step(&mut self, line: &mut counter::Clerk, step: Step) -> Went {
        let body = json!({"version": step.version, "reason": "customer_request"});
        match line.post(&format!("/api/v1/orders/{}/{}", step.id, step.verb), &body) {
            Some(reply) if reply.status == 200 => {
                self.answered.push(Done::Step(step));
                Went::Done
            }
            Some(reply) => Went::Refused(reply.status, reply.text()),
            None => {
                self.unanswered_step = Some(step);
                Went::Broken
            }
        }
    }

    fn note(&mut self, mut order: Order, reply: &Reply) {
        if let Form::Json(_) = order.form {
            let answer = body_of(reply);
            order.id = answer["id"].as_i64().zip(answer["version"].as_i64());
            order.said = Some(said(&answer));
        }
        self.answered.push(Done::Order(order));
    }
}

impl Person for Clerk {
    fn name(&self) -> &str {
        &self.name
    }

    fn token(&self) -> &str {
        &self.token
    }

    fn work(&mut self, line: &mut counter::Clerk) -> Went {
        if let Some(step) = self.next_step() {
            return self.take_step(line, step);
        }
        let mut order = self.next_form();
        match Clerk::send(line, &mut order) {
            Some(reply) if matches!(reply.status, 200 | 201 | 303) => {
                self.note(order, &reply);
                Went::Done
            }
            Some(reply) => Went::Refused(reply.status, reply.text()),
            None => {
                self.unanswered = Some(order);
                Went::Broken
            }
        }
    }

    fn send_again(&mut self, line: &mut counter::Clerk, told: &mut Told) {
        if let Some(mut order) = self.unanswered.take() {
            let first = Clerk::send(line, &mut order);
            let second = Clerk::send(line, &mut order);
            let (Some(first), Some(second)) = (first, second) else {
                told.wrong.push(format!("{}: no answer to what is sent again", self.name));
                self.unanswered = Some(order);
                return;
            };
            let is_good = match order.form {
                Form::Json(_) => {
                    matches!(first.status, 200 | 201) && second.status == 200 && said(&body_of(&first)) == said(&body_of(&second))
                }
                Form::Page(_) => first.status == 303 && second.status == 303 && second.text().is_empty(),
            };
            told.hold(is_good, || format!("{} sent again: {} {}, then {}", order.key, first.status, first.text(), second.status));
            self.note(order, &second);
        }
        if let Some(step) = self.unanswered_step.take() {
            let again = Step { key: step.key.clone(), ..step };
            for step in [step, again] {
                let what = format!("{} of order {} again", step.verb, step.key);
                match self.take_step(line, step) {
                    Went::Done => {}
                    Went::Refused(status, said) => told.wrong.push(format!("{what}: {status} {}", sentence(&said))),
                    Went::Broken => told.wrong.push(format!("{what}: no answer")),
                }
            }
        }
    }

    fn acknowledged(&self) -> usize {
        self.answered.len()
    }

    fn ask(&self, files: &Files, which: Range<usize>, told: &mut Told) {
        for done in &self.answered[which] {
            match done {
                Done::Order(order) => match order_of(&files.shop, &order.key) {
                    Ok(None) => told.lost.push(format!("order {} of {:?}", order.key, order.said.as_ref().map(|said| &said.0))),
                    Ok(Some(there)) => {
                        let is_as_said = order.said.as_ref().is_none_or(|said| *said == there);
                        told.hold(is_as_said, || format!("order {} is {there:?} and was {:?}", order.key, order.said));
                    }
                    Err(why) => told.wrong.push(format!("order {}: {why}", order.key)),
                },
                Done::Step(Step { key, verb, to, .. }) => match steps_to(&files.shop, key, to) {
                    0 => told.lost.push(format!("{verb} of order {key}")),
                    taken => told.hold(taken == 1, || format!("{verb} of order {key} is there {taken} times")),
                },
            }
        }
        if let Some(Step { key, verb, to, .. }) = &self.unanswered_step {
            let taken = steps_to(&files.shop, key, to);
            told.hold(taken < 2, || format!("{verb} of order {key}, unanswered, is there {taken} times"));
        }
        if let Some(order) = &self.unanswered
            && let Err(why) = order_of(&files.shop, &order.key)
        {
            told.wrong.push(format!("order {}, unanswered: {why}", order.key));
        }
    }
}

/// The order an answer tells of.
fn said(answer: &Value) -> Said {
    let line = |line: &Value| ["product_id", "qty", "line_ntd"].map(|name| line[name].as_i64().unwrap_or(-1));
    let lines = answer["lines"].as_array().into_iter().flatten().map(line).map(|[product, qty, amount]| (product, qty, amount)).collect();
    (answer["order_number"].as_str().unwrap_or_default().to_owned(), answer["notes"].as_str().unwrap_or_default().to_owned(), lines)
}

/// The same, as the file has it; `None` when the form has made no order. One that has only half its rows is an error.
fn order_of(conn: &Connection, key: &str) -> Result<Option<Said>, String> {
    let text = |error: rusqlite::Error| error.to_string();
    let sql = "SELECT id, order_number, ifnull(notes, '') FROM orders WHERE form_key = ?1";
    let columns = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: Option<(i64, String, String)> = conn.query_row(sql, [key], columns).optional().map_err(text)?;
    let Some((id, number, notes)) = found else { return Ok(None) };
    let mut lines =
        conn.prepare_cached("SELECT product_id, qty, line_ntd FROM order_lines WHERE order_id = ?1 ORDER BY line_no").map_err(text)?;
    let lines = lines.query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(text)?;
    let lines: Vec<(i64, i64, i64)> = lines.collect::<Result<_, _>>().map_err(text)?;
    if lines.is_empty() {
        return Err(format!("{number} has no lines"));
    }
    for (what, sql) in [
        ("first step", "SELECT count(*) FROM order_history WHERE order_id = ?1 AND from_status IS NULL"),
        ("line of the journal", "SELECT count(*) FROM journal WHERE noun = 'order' AND noun_id = ?1 AND verb = 'take'"),
        ("search key", "SELECT count(*) FROM order_search WHERE order_id = ?1"),
    ] {
        match conn.query_row(sql, [id], |row| row.get::<_, i64>(0)).map_err(text)? {
            1 => {}
            count => return Err(format!("{number} has {count} times its {what}")),
        }
    }
    Ok(Some((number, notes, lines)))
}

/// How often the order of `key` went to `status` after it was taken.
fn steps_to(conn: &Connection, key: &str, status: &str) -> i64 {
    let sql = "
        SELECT count(*)
        FROM order_history
        WHERE order_id = (SELECT id FROM orders WHERE form_key = ?1) AND to_status = ?2 AND from_status IS NOT NULL";
    conn.query_row(sql, [key, status], |row| row.get(0)).unwrap()
}

/// The form of the page that says what `json` says.
fn page_form(json: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let field = |name: &str, value: String| (name.to_owned(), value);
    let mut form = vec![field("customer", text(&json["customer_id"])), field("form_key", text(&json["form_key"]))];
    for line in json["lines"].as_array().into_iter().flatten() {
        form.extend([field("product", text(&line["product_id"])), field("qty", text(&line["qty"])), field("discount", String::new())]);
    }
    let tomorrow = luckygas::values::Stamp::now().day().plus(1).to_string();
    form.extend([
        field("day", tomorrow),
        field("day_text", String::new()),
        field("window", "14:00-17:00".to_owned()),
        field("window_text", String::new()),
        field("payment", "cash".to_owned()),
        field("notes", text(&json["notes"])),
        field("surcharge", String::new()),
        field("surcharge_label", String::new()),
    ]);
    form
}
