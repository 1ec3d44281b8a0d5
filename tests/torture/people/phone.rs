//! A driver with his phone: what he did at his stops comes in batches, some of it with a picture that was sent before.

use std::ops::Range;
use std::path::Path;

use luckygas::customers;
use luckygas::journal::By;
use luckygas::orders::take::{Taken, take};
use luckygas::orders::{Actor, NewLine, NewOrder, Payment, Status};
use luckygas::routes::plan::{self, Target};
use luckygas::routes::{Kind, NewRoute, Shift, steps, store};
use luckygas::users::{Role, session};
use luckygas::values::{CustomerId, Grams, ProductId, Stamp, UserId};
use luckygas::vehicles;
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

use super::{Files, Person, Went, sentence};
use crate::support::counter::{self, body_of};
use crate::told::Told;

/// What was answered as done.
enum Done {
    Act { id: String, answer: Value },
    Picture(String),
}

#[derive(Clone)]
pub struct Phone {
    name: String,
    token: String,
    stops: Vec<i64>,
    /// How many acts it has made.
    made: usize,
    /// The picture the next completion names.
    picture: Option<String>,
    unanswered: Option<Value>,
    done: Vec<std::sync::Arc<Done>>,
}

impl Phone {
    /// The next acts: at each stop he hands over, takes it back, comes back with it and takes that back, for ever.
    fn next_batch(&mut self) -> Value {
        let acts = (0..1 + self.made % 10).map(|_| {
            let no = self.made;
            self.made += 1;
            let stop = self.stops[no / 8 % self.stops.len()];
            let id = format!("torture-{}-{no:07}", self.name);
            let cash = 100 * (no % 7);
            match no % 8 {
                0 => json!({"action_id": id, "act": "arrive", "stop_id": stop}),
                1 | 5 => {
                    let mut act =
                        json!({"action_id": id, "act": "complete", "stop_id": stop, "recipient": format!("第 {no} 次"), "cash_ntd": cash});
                    if let Some(sha) = self.picture.take() {
                        act["photo"] = json!(sha);
                    }
                    act
                }
                3 => json!({"action_id": id, "act": "fail", "stop_id": stop, "reason": "absent"}),
                // Somebody else's phone, too late.
                6 => json!({"action_id": id, "act": "fail", "stop_id": stop, "reason": "refused"}),
                _ => json!({"action_id": id, "act": "undo", "stop_id": stop}),
            }
        });
        json!({"acts": acts.collect::<Vec<_>>()})
    }

    fn send(&mut self, line: &mut counter::Clerk, batch: Value) -> Went {
        let Some(reply) = line.post("/api/v1/driver/acts", &batch) else {
            self.unanswered = Some(batch);
            return Went::Broken;
        };
        if reply.status != 200 {
            self.unanswered = Some(batch);
            return Went::Refused(reply.status, reply.text());
        }
        for answer in body_of(&reply)["answers"].as_array().into_iter().flatten() {
            if answer["outcome"] == "refused" {
                return Went::Refused(422, answer.to_string());
            }
            let id = answer["action_id"].as_str().unwrap_or_default().to_owned();
            self.done.push(Done::Act { id, answer: answer["answer"].clone() }.into());
        }
        Went::Done
    }

    fn send_picture(&mut self, line: &mut counter::Clerk) -> Went {
        let Some(reply) = line.upload("/api/v1/photos", "file", "stop.png", &picture(&self.name, self.made)) else { return Went::Broken };
        if reply.status != 201 {
            return Went::Refused(reply.status, reply.text());
        }
        let sha = body_of(&reply)["sha"].as_str().unwrap_or_default().to_owned();
        self.picture = Some(sha.clone());
        self.done.push(Done::Picture(sha).into());
        Went::Done
    }
}

/// A PNG as far as its header goes, unlike any other, of a few KB.
pub fn picture(name: &str, no: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xf0\x08\x02\0\0\0".to_vec();
    bytes.extend(format!("{name} {no} ").bytes().cycle().take(6_000));
    bytes
}

impl Person for Phone {
    fn name(&self) -> &str {
        &self.name
    }

    fn token(&self) -> &str {
        &self.token
    }

    fn work(&mut self, line: &mut counter::Clerk) -> Went {
        if let Some(batch) = self.unanswered.take() {
            return self.send(line, batch);
        }
        if self.picture.is_none() && self.made % 5 == 1 {
            match self.send_picture(line) {
                Went::Done => {}
                went => return went,
            }
        }
        let batch = self.next_batch();
        self.send(line, batch)
    }

    fn send_again(&mut self, line: &mut counter::Clerk, told: &mut Told) {
        let Some(batch) = self.unanswered.take() else { return };
        let before = self.done.len();
        for _ in 0..2 {
            let why = match self.send(line, batch.clone()) {
                Went::Done => continue,
                Went::Refused(status, said) => format!("{status} {}", sentence(&said)),
                Went::Broken => "no answer".to_owned(),
            };
            told.wrong.push(format!("{}: a batch sent again is not taken: {why}", self.name));
            return;
        }
        let acts = batch["acts"].as_array().map_or(0, Vec::len);
        let is_alike = |at: usize| match (&*self.done[before + at], &*self.done[before + acts + at]) {
            (Done::Act { id, answer }, Done::Act { id: id2, answer: answer2 }) => (id, answer) == (id2, answer2),
            _ => false,
        };
        let are_alike = self.done.len() == before + 2 * acts && (0..acts).all(is_alike);
        told.hold(are_alike, || format!("{}: a batch sent twice is answered differently", self.name));
        self.done.truncate(before + acts);
    }

    fn acknowledged(&self) -> usize {
        self.done.len()
    }

    fn ask(&self, files: &Files, which: Range<usize>, told: &mut Told) {
        for done in &self.done[which] {
            match &**done {
                Done::Act { id, answer } => match kept(&files.shop, id) {
                    None => told.lost.push(format!("act {id}")),
                    Some(there) => told.hold(there == *answer, || format!("act {id} is {there} and was {answer}")),
                },
                Done::Picture(sha) => {
                    let sql = "SELECT count(*) FROM photos WHERE sha256 = ?1";
                    let there: i64 = files.photos.as_ref().map_or(0, |conn| conn.query_row(sql, [sha], |row| row.get(0)).unwrap());
                    if there != 1 {
                        told.lost.push(format!("picture {sha}"));
                    }
                }
            }
        }
    }
}

/// The answer that stands in the file for an act.
fn kept(conn: &Connection, action_id: &str) -> Option<Value> {
    let found: Option<String> =
        conn.query_row("SELECT answer FROM driver_acts WHERE action_id = ?1", [action_id], |row| row.get(0)).optional().unwrap();
    found.map(|text| serde_json::from_str(&text).unwrap())
}

/// So many drivers of today, each with a truck and four orders on a route he was told of, in the shop in `folder`.
pub fn prepare(folder: &Path, drivers: i64) -> Vec<Phone> {
    let now = Stamp::now();
    let db = luckygas::db::Db::open(folder).unwrap();
    let settings = db.read(luckygas::settings::load).unwrap();
    let who = counter::customers(folder);
    let fill = |tx: &rusqlite::Transaction| {
        let boss: UserId = tx.query_row("SELECT min(id) FROM users WHERE role = 'admin'", [], |row| row.get(0)).unwrap();
        let actor = Actor { by: By { user: Some(boss), at: now }, role: Some(Role::Admin) };
        let phones = (0..drivers).map(|no| {
            let sql = "INSERT INTO users (username, name, role, password_hash, must_change_password, created_at, updated_at)
                       VALUES (?1, ?1, 'driver', 'x', 0, 0, 0)";
            let name = format!("phone{no}");
            tx.execute(sql, [&name]).unwrap();
            let driver = UserId(tx.last_insert_rowid());
            let truck = vehicles::Details {
                plate: format!("KIL-{no:04}"),
                kind: vehicles::Kind::Truck,
                max_gross: Grams::from_kg(3_000),
                note: None,
                is_active: true,
            };
            let truck = vehicles::store::insert(tx, &truck, actor.by)?;
            let new = NewRoute {
                route_on: now.day(),
                area_id: None,
                shift: Shift::AllDay,
                kind: Kind::Planned,
                driver_id: Some(driver),
                crew2_id: None,
                vehicle_id: Some(truck),
                notes: None,
            };
            let route = plan::make(tx, &new, actor)?;
            for at in 0..4 {
                let customer = customers::store::get(tx, CustomerId(who[(no * 4 + at) as usize % who.len()]))?;
                let lines = vec![NewLine::of(ProductId(1 + at % 3), 1 + no % 3)];
                let new = NewOrder { lines, scheduled_on: now.day(), payment: Payment::Cash, ..NewOrder::blank(&customer, now, &settings) };
                let (Taken::New(order) | Taken::Again(order)) = take(tx, &new, Status::Confirmed, actor, &settings)?;
                plan::put(tx, &[order.id], Target::Route(route.id), actor)?;
            }
            steps::act(tx, route.id, None, &steps::Move::Publish { override_note: Some("試".to_owned()) }, actor)?;
            let stops = store::stops_of(tx, route.id)?.iter().map(|stop| stop.id.0).collect();
            let token = session::start(tx, driver, Role::Driver, "手機", now)?;
            Ok(Phone { token, name, stops, made: 0, picture: None, unanswered: None, done: Vec::new() })
        });
        phones.collect()
    };
    db.write(fill).unwrap()
}
