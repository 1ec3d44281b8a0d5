//! A manager who runs the program's own work by hand, one job after another.

use std::ops::Range;
use std::time::Duration;

use luckygas::jobs::JOBS;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use super::{Files, Person, Went};
use crate::support::counter;
use crate::told::Told;

pub struct Runner {
    token: String,
    at: usize,
    /// The job that was answered as run, and how many runs of it that makes.
    answered: Vec<(&'static str, i64)>,
}

impl Runner {
    pub fn new(token: &str) -> Runner {
        Runner { token: token.to_owned(), at: 0, answered: Vec::new() }
    }
}

impl Person for Runner {
    fn name(&self) -> &str {
        "jobs"
    }

    fn token(&self) -> &str {
        &self.token
    }

    fn work(&mut self, line: &mut counter::Clerk) -> Went {
        std::thread::sleep(Duration::from_millis(20));
        let job = JOBS[self.at % JOBS.len()].name;
        self.at += 1;
        let Some(reply) = line.form(&format!("/jobs/{job}/run"), &[]) else { return Went::Broken };
        if reply.status != 303 {
            return Went::Refused(reply.status, reply.text());
        }
        // What takes longer is said to go on; only what is said to be done is.
        let is_done = reply
            .header("set-cookie")
            .is_some_and(|notice| !notice.contains(&percent_encode("還在做".as_bytes(), NON_ALPHANUMERIC).to_string()));
        if !is_done {
            return Went::Refused(409, "it goes on".to_owned());
        }
        let runs = 1 + self.answered.iter().filter(|(have, _)| *have == job).count() as i64;
        self.answered.push((job, runs));
        Went::Done
    }

    fn send_again(&mut self, _: &mut counter::Clerk, _: &mut Told) {}

    fn is_quick(&self) -> bool {
        false
    }

    fn acknowledged(&self) -> usize {
        self.answered.len()
    }

    fn ask(&self, files: &Files, which: Range<usize>, told: &mut Told) {
        for (job, runs) in &self.answered[which] {
            let sql = "SELECT count(*), count(*) FILTER (WHERE outcome = 'failed' AND counts NOT LIKE '%the program ended%' AND counts NOT LIKE '%the program is stopping%' AND counts NOT LIKE '%硬碟%') FROM job_runs WHERE job = ?1";
            let (there, failed): (i64, i64) = files.shop.query_row(sql, [job], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            if there < *runs {
                told.lost.push(format!("a run of {job}: {runs} were answered, {there} are there"));
            }
            told.hold(failed == 0, || format!("{failed} runs of {job} failed"));
        }
    }
}
