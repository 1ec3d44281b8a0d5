//! A manager who brings files in, as a program does in one request or on the pages in three steps.

use std::ops::Range;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::{Files, Person, Went};
use crate::support::counter::{self, body_of};
use crate::told::Told;

/// Customers of one file, and rows of each.
const CUSTOMERS: i64 = 5;
const ROWS: i64 = 40;
/// No code of an invented customer begins like these.
const FIRST_CODE: i64 = 9_000_000;

pub struct Importer {
    name: String,
    token: String,
    is_person: bool,
    /// Whose numbers these are: no two importers bring the same customers.
    first: i64,
    made: i64,
    /// Number of the file, and the import it became.
    answered: Vec<(i64, i64)>,
    unanswered: Option<i64>,
}

impl Importer {
    pub fn new(name: &str, token: &str, no: i64, is_person: bool) -> Importer {
        let (name, token) = (name.to_owned(), token.to_owned());
        Importer { name, token, is_person, first: FIRST_CODE + no * 100_000, made: 0, answered: Vec::new(), unanswered: None }
    }

    fn codes(&self, no: i64) -> Range<i64> {
        let first = self.first + no * CUSTOMERS;
        first..first + CUSTOMERS
    }

    fn file(&self, no: i64) -> Vec<u8> {
        let mut text = "客戶代號,交易日期,交易時間,備註,50KG,20KG,16KG,10KG,4KG\n".to_owned();
        for code in self.codes(no) {
            for row in 0..ROWS {
                text.push_str(&format!("{code},2024/{:02}/{:02},09:10,,,{},,,\n", 1 + row / 28, 1 + row % 28, 1 + row % 3));
            }
        }
        text.into_bytes()
    }

    fn send(&mut self, line: &mut counter::Clerk, no: i64) -> Went {
        let went = if self.is_person { self.by_hand(line, no) } else { self.at_once(line, no) };
        let went = went.unwrap_or(Went::Broken);
        self.unanswered = if matches!(went, Went::Broken) { Some(no) } else { None };
        went
    }

    fn at_once(&mut self, line: &mut counter::Clerk, no: i64) -> Option<Went> {
        let reply = line.upload("/api/v1/imports", "files", &format!("till-{no}.csv"), &self.file(no))?;
        if reply.status != 200 {
            return Some(Went::Refused(reply.status, reply.text()));
        }
        self.answered.push((no, body_of(&reply)["import_id"].as_i64().unwrap_or_default()));
        Some(Went::Done)
    }

    /// Looks at what would be written, says yes, and waits for the page that says it is.
    fn by_hand(&mut self, line: &mut counter::Clerk, no: i64) -> Option<Went> {
        let refused = |status: u16, text: String| Some(Went::Refused(status, text));
        let reply = line.upload("/imports", "files", &format!("till-{no}.csv"), &self.file(no))?;
        if reply.status != 303 {
            return refused(reply.status, reply.text());
        }
        for _ in 0..1_000 {
            let page = line.try_get("/imports/pending")?;
            let text = page.text();
            match page.status {
                303 => {
                    let id = page.header("location").and_then(|to| to.strip_prefix("/imports/")?.parse().ok());
                    let Some(id) = id else { return refused(409, "what was shown is gone".to_owned()) };
                    self.answered.push((no, id));
                    return Some(Went::Done);
                }
                200 if text.contains("/imports/pending/confirm") => {
                    let reply = line.form("/imports/pending/confirm", &[])?;
                    if reply.status != 303 {
                        return refused(reply.status, reply.text());
                    }
                }
                200 if text.contains("沒有做成") => return refused(409, text),
                200 => std::thread::sleep(Duration::from_millis(5)),
                status => return refused(status, text),
            }
        }
        refused(500, "an import does not come to its end".to_owned())
    }

    /// Customers and deliveries in the file of what file `no` brought.
    fn there(&self, conn: &Connection, no: i64) -> (i64, i64) {
        let codes = self.codes(no);
        let sql = "
            SELECT count(DISTINCT c.id), count(d.id)
            FROM customers AS c
            LEFT JOIN all_deliveries AS d ON d.customer_id = c.id
            WHERE CAST(c.customer_code AS INTEGER) BETWEEN ?1 AND ?2";
        conn.query_row(sql, params![codes.start, codes.end - 1], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    }
}

impl Person for Importer {
    fn name(&self) -> &str {
        &self.name
    }

    fn token(&self) -> &str {
        &self.token
    }

    fn work(&mut self, line: &mut counter::Clerk) -> Went {
        self.made += 1;
        // People do not bring files in one after another all day.
        std::thread::sleep(Duration::from_millis(20));
        self.send(line, self.made)
    }

    fn send_again(&mut self, line: &mut counter::Clerk, told: &mut Told) {
        let Some(no) = self.unanswered.take() else { return };
        for _ in 0..2 {
            match self.send(line, no) {
                Went::Done => {}
                // Files come too fast; the next time it is sent.
                Went::Refused(429, _) => return self.unanswered = Some(no),
                Went::Refused(status, said) => told.wrong.push(format!("{}: file {no} again: {status} {said}", self.name)),
                Went::Broken => told.wrong.push(format!("{}: file {no} again: no answer", self.name)),
            }
        }
    }

    fn is_quick(&self) -> bool {
        false
    }

    fn acknowledged(&self) -> usize {
        self.answered.len()
    }

    fn ask(&self, files: &Files, which: Range<usize>, told: &mut Told) {
        for (no, import) in &self.answered[which] {
            let sql = "SELECT count(*) FROM imports WHERE id = ?1 AND taken_back_at IS NULL";
            let rows: i64 = files.shop.query_row(sql, [import], |row| row.get(0)).unwrap();
            if (rows, self.there(&files.shop, *no)) != (1, (CUSTOMERS, CUSTOMERS * ROWS)) {
                told.lost.push(format!("{}: file {no}, import {import}: {rows} rows, {:?}", self.name, self.there(&files.shop, *no)));
            }
        }
        if let Some(no) = self.unanswered {
            let there = self.there(&files.shop, no);
            told.hold(matches!(there, (0, 0) | (CUSTOMERS, _)) && (there.1 == 0 || there.1 == CUSTOMERS * ROWS), || {
                format!("{}: half of file {no} is there: {there:?}", self.name)
            });
        }
    }
}
