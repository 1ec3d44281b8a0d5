//! Clerks who take orders from the running program as fast as they can.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use luckygas::demo::{self, Size};
use luckygas::values::Stamp;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::Folder;
use super::wire::{Client, Reply};

/// A practice shop of test size in a folder of its own, as far as the clock is now.
pub fn practice_shop() -> Folder {
    let folder = Folder::new();
    let db = luckygas::db::Db::open(&folder.0).unwrap();
    db.write(|tx| demo::fill(tx, Stamp::now(), Size::Small)).unwrap();
    folder
}

/// The shop's file, read beside whoever has it open.
pub fn look(folder: &Path) -> Connection {
    let conn = Connection::open(folder.join("luckygas.db")).unwrap();
    conn.execute_batch("PRAGMA query_only = ON").unwrap();
    conn
}

pub fn ids(conn: &Connection, sql: &str) -> Vec<i64> {
    conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Customers who may order, passers-by not among them.
pub fn customers(folder: &Path) -> Vec<i64> {
    ids(&look(folder), "SELECT id FROM customers WHERE is_terminated = 0 AND is_active = 1 AND is_walk_in = 0 ORDER BY id")
}

/// Days on which the numbers do not run from 1 to their count.
pub fn days_with_a_gap(conn: &Connection) -> i64 {
    let sql = "
        SELECT count(*)
        FROM (SELECT 1 FROM orders GROUP BY ordered_on HAVING min(day_no) <> 1 OR max(day_no) <> count(*))";
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Signs `username` in; the token outlives the program.
pub fn sign_in(address: SocketAddr, username: &str) -> String {
    let body = json!({"username": username, "password": demo::PASSWORD});
    let reply = Clerk::new(address, "").post("/api/v1/auth/login", &body).expect("an answer");
    assert_eq!(reply.status, 200, "{username}: {}", reply.text());
    body_of(&reply)["token"].as_str().unwrap().to_owned()
}

pub fn body_of(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_else(|error| panic!("{error}: {}", reply.text()))
}

/// The `no`th order of a clerk: one or two lines, today or tomorrow, so that no two are quite alike.
pub fn order(customers: &[i64], no: usize, key: &str) -> Value {
    let mut lines = vec![json!({"product_id": 1 + no % 5, "qty": 1 + no % 3})];
    if no.is_multiple_of(4) {
        lines.push(json!({"product_id": 6, "qty": 2}));
    }
    json!({"customer_id": customers[no * 31 % customers.len()], "form_key": key, "lines": lines, "notes": format!("第 {no} 張")})
}

/// Somebody with a connection that is kept.
pub struct Clerk {
    client: Client,
    head: String,
}

impl Clerk {
    pub fn new(address: SocketAddr, token: &str) -> Clerk {
        Clerk::on(Client::open(address), token)
    }

    /// `None` when nobody listens.
    pub fn try_new(address: SocketAddr, token: &str) -> Option<Clerk> {
        Client::try_open(address).map(|client| Clerk::on(client, token))
    }

    fn on(client: Client, token: &str) -> Clerk {
        let head = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        Clerk { client, head }
    }

    /// The answer; `None` when the line broke before it was whole.
    pub fn post(&mut self, target: &str, body: &Value) -> Option<Reply> {
        self.send("POST", target, "application/json", body.to_string().as_bytes())
    }

    pub fn form(&mut self, target: &str, fields: &[(String, String)]) -> Option<Reply> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", target, "application/x-www-form-urlencoded", body.as_bytes())
    }

    pub fn get(&mut self, target: &str) -> Reply {
        self.try_get(target).unwrap_or_else(|| panic!("no answer to {target}"))
    }

    pub fn try_get(&mut self, target: &str) -> Option<Reply> {
        self.send("GET", target, "text/plain", b"")
    }

    /// A form with one file in `field`.
    pub fn upload(&mut self, target: &str, field: &str, name: &str, bytes: &[u8]) -> Option<Reply> {
        const EDGE: &str = "gas-and-flame";
        let head = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
        let body = [head.as_bytes(), bytes, format!("\r\n--{EDGE}--\r\n").as_bytes()].concat();
        self.send("POST", target, &format!("multipart/form-data; boundary={EDGE}"), &body)
    }

    fn send(&mut self, method: &str, target: &str, content_type: &str, body: &[u8]) -> Option<Reply> {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            self.head,
            body.len()
        );
        self.client.stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
        self.client.reply(true)
    }
}
