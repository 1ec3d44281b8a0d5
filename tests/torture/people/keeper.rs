//! The owner who makes copies by hand.

use std::ops::Range;
use std::time::Duration;

use luckygas::backups::prove::prove;
use serde_json::{Value, json};

use super::{Files, Person, Went};
use crate::support::counter::{self, body_of};
use crate::told::Told;

/// Of the copies made by hand the program keeps thirty; so many of the latest are asked after.
const KEPT: usize = 20;

pub struct Keeper {
    token: String,
    /// Names of the copies that were listed as made and proved.
    made: Vec<String>,
}

impl Keeper {
    pub fn new(token: &str) -> Keeper {
        Keeper { token: token.to_owned(), made: Vec::new() }
    }
}

impl Person for Keeper {
    fn name(&self) -> &str {
        "copies"
    }

    fn token(&self) -> &str {
        &self.token
    }

    fn work(&mut self, line: &mut counter::Clerk) -> Went {
        let Some(reply) = line.post("/api/v1/backups", &json!({})) else { return Went::Broken };
        if reply.status != 202 {
            std::thread::sleep(Duration::from_millis(100));
            return Went::Refused(reply.status, reply.text());
        }
        for _ in 0..500 {
            std::thread::sleep(Duration::from_millis(20));
            let Some(reply) = line.try_get("/api/v1/backups") else { return Went::Broken };
            if reply.status != 200 {
                return Went::Refused(reply.status, reply.text());
            }
            let all = body_of(&reply);
            let is_new = |copy: &&Value| copy["kind"] == "manual" && !copy["proved_at"].is_null();
            let names = all["backups"].as_array().into_iter().flatten().filter(is_new).filter_map(|copy| copy["name"].as_str());
            if let Some(name) = names.into_iter().find(|name| !self.made.iter().any(|made| made == name)) {
                self.made.push(name.to_owned());
                return Went::Done;
            }
            if all["is_making"] == false {
                return Went::Refused(409, "it was not made".to_owned());
            }
        }
        Went::Refused(500, "a copy does not come to its end".to_owned())
    }

    fn send_again(&mut self, _: &mut counter::Clerk, _: &mut Told) {}

    fn is_quick(&self) -> bool {
        false
    }

    fn acknowledged(&self) -> usize {
        self.made.len()
    }

    fn ask(&self, files: &Files, which: Range<usize>, told: &mut Told) {
        let latest = which.start.max(which.end.saturating_sub(KEPT))..which.end;
        for name in &self.made[latest] {
            // A cut of the power takes the shop's files alone.
            let Some(folder) = files.copies() else { return };
            match prove(&folder.join(name)) {
                Ok(proof) if proof.is_good() => {}
                Ok(proof) => told.wrong.push(format!("copy {name}: {:?}", proof.problems)),
                Err(error) => told.lost.push(format!("copy {name}: {error}")),
            }
        }
    }
}
