//! Finding a customer while the phone rings.
//!
//! A keystroke is answered from the folded lines of all customers held in memory as one text (1.3 MB at
//! full size): a scan in SQLite takes 2 ms and knows no last delivery to rank by, this one takes 0.2 ms,
//! so fifteen people typing at once on two cores still wait less than a blink. What is held is checked
//! against the journal inside each read, so nobody is ever shown a customer that is not there any more.

use std::sync::{Arc, Mutex, PoisonError};

use maud::{Markup, html};
use memchr::memmem;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::{Doing, Result};
use crate::values::phone::Phone;
use crate::values::text::{self, fold};
use crate::values::{CustomerId, Day};

/// What a customer is found by, folded, one to a line: code, short name, invoice title, address, then
/// the national digits of each phone. The lines stand in this order, so that a match says what it matched.
pub fn key(code: &str, short_name: &str, title: Option<&str>, address: Option<&str>, phones: &[Phone]) -> String {
    let mut key =
        format!("{}\n{}\n{}\n{}", fold(code), fold(short_name), fold(title.unwrap_or_default()), fold(address.unwrap_or_default()));
    for phone in phones {
        key.push('\n');
        key.push_str(&phone.national_digits());
    }
    key
}

/// What somebody typed, ready to be compared: words between blanks, each folded. All of them must be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    terms: Vec<String>,
}

impl Query {
    /// Of more than eight words the first eight count.
    pub fn new(typed: &str) -> Query {
        let typed = text::narrow(typed);
        let national = typed.trim_start_matches(text::is_blank).strip_prefix("+886").map(|rest| {
            let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
            format!("0{digits}")
        });
        let terms = match national {
            Some(digits) => vec![digits],
            None => typed.split(text::is_blank).map(fold).filter(|term| !term.is_empty()).take(8).collect(),
        };
        Query { terms }
    }

    /// Nothing that could be looked for: blanks, dashes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The words, folded; all of them must be found.
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// Whether `shown` holds one of the words, folded the same way.
    pub fn is_in(&self, shown: &str) -> bool {
        let folded = fold(shown);
        self.terms.iter().any(|term| folded.contains(term.as_str()))
    }

    /// `shown` as it stands, with what was typed in it marked.
    pub fn mark(&self, shown: &str) -> Markup {
        let (mut folded, mut origin) = (String::with_capacity(shown.len()), Vec::with_capacity(shown.len()));
        for (at, c) in shown.char_indices() {
            let form = fold(c.encode_utf8(&mut [0; 4]));
            origin.extend(std::iter::repeat_n((at, at + c.len_utf8()), form.len()));
            folded.push_str(&form);
        }
        let mut lit: Vec<(usize, usize)> = self
            .terms
            .iter()
            .flat_map(|term| folded.match_indices(term.as_str()).map(|(at, hit)| (at, at + hit.len() - 1)))
            .filter_map(|(first, last)| Some((origin.get(first)?.0, origin.get(last)?.1)))
            .collect();
        lit.sort_unstable();
        let mut parts: Vec<(&str, bool)> = Vec::new();
        let mut done = 0;
        for (from, to) in lit {
            let from = from.max(done);
            if from < to {
                parts.push((&shown[done..from], false));
                parts.push((&shown[from..to], true));
                done = to;
            }
        }
        parts.push((&shown[done..], false));
        html! { @for (part, is_lit) in parts { @if is_lit { mark { (part) } } @else { (part) } } }
    }
}

/// Which customers a query finds, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The slice that was asked for.
    pub ids: Vec<CustomerId>,
    /// How many there are in all.
    pub total: usize,
}

/// In which of a customer's lines words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Any,
    /// Code, short name or invoice title.
    Name,
    /// The end of a phone number.
    PhoneTail,
}

/// The folded lines of all customers, kept in step with the file.
#[derive(Default)]
pub struct Finder {
    kept: Mutex<Option<Kept>>,
}

impl Finder {
    /// The customers `query` finds, as of the snapshot `conn` reads: `take` of them after the first `skip`.
    pub fn find(&self, conn: &Connection, query: &Query, skip: usize, take: usize) -> Result<Found> {
        Ok(self.index(conn)?.find(query, skip, take))
    }

    /// Every customer in whose `part` all words of `query` stand, by id.
    pub fn all(&self, conn: &Connection, query: &Query, part: Part) -> Result<Vec<CustomerId>> {
        Ok(self.index(conn)?.all(query, part))
    }

    /// Reads the lines, so that the first keystroke of the day is as quick as the second.
    pub fn warm(&self, conn: &Connection) -> Result<()> {
        self.index(conn).map(drop)
    }

    /// Puts `ids` in the order in which they were last brought gas, the latest first.
    pub fn sort_by_last_delivery(&self, conn: &Connection, ids: &mut [CustomerId]) -> Result<()> {
        let index = self.index(conn)?;
        ids.sort_by_cached_key(|id| (std::cmp::Reverse(index.last(*id)), *id));
        Ok(())
    }

    fn index(&self, conn: &Connection) -> Result<Arc<Index>> {
        let tail = tail(conn)?;
        // Held while it is made anew, so that fifteen readers wait for one that reads instead of reading all.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = None;
        if let Some(kept) = kept.as_mut() {
            // A snapshot older than what is kept is answered with what is kept: a keystroke may see a newer truth.
            if kept.tail == tail || tail.journal < kept.tail.journal {
                return Ok(kept.index.clone());
            }
            match touched(conn, kept.tail, tail)? {
                Touched::Customers(ids) if ids.len() <= FEW => {
                    if ids.is_empty() || Arc::make_mut(&mut kept.index).renew(conn, &ids)? {
                        kept.tail = tail;
                        return Ok(kept.index.clone());
                    }
                    before = Some(kept.index.clone());
                }
                Touched::Customers(_) => before = Some(kept.index.clone()),
                Touched::Deliveries => {}
            }
        }
        let index = Arc::new(Index::load(conn, before.as_deref())?);
        log::debug!("customer lines read anew customers={} with_deliveries={}", index.entries.len(), before.is_none());
        *kept = Some(Kept { tail, index: index.clone() });
        Ok(index)
    }
}

struct Kept {
    tail: Tail,
    index: Arc<Index>,
}

/// Where the journal and the table stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tail {
    journal: i64,
    customer: i64,
}

fn tail(conn: &Connection) -> Result<Tail> {
    const SQL: &str = "
        SELECT (SELECT ifnull(max(id), 0) FROM journal) AS journal,
               (SELECT ifnull(max(customer_id), 0) FROM customer_search) AS customer";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row([], |row| Ok(Tail { journal: row.get("journal")?, customer: row.get("customer")? })))
        .doing("read where the journal stands")
}

/// So many customers are renewed one by one; when more have changed, all lines are read.
const FEW: usize = 100;

/// What changed between two moments, as far as a search can tell.
enum Touched {
    /// Names, codes, addresses, phones or states of these, or the day they were last brought gas.
    Customers(Vec<CustomerId>),
    /// Perhaps anything.
    Deliveries,
}

fn touched(conn: &Connection, from: Tail, to: Tail) -> Result<Touched> {
    const SQL: &str = "
        SELECT DISTINCT noun, noun_id
        FROM journal
        WHERE :from < id AND noun IN ('customer', 'import', 'delivery') AND verb NOT IN ('export', 'archive')
        UNION
        SELECT 'order', o.customer_id
        FROM journal AS j
        JOIN orders AS o ON o.id = j.noun_id
        WHERE :from < j.id AND j.noun = 'order' AND j.verb = 'deliver'";
    let rows: Vec<(String, Option<CustomerId>)> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":from": from.journal}, |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .doing("read what the journal says of customers")?;
    let of = |noun: &'static str| rows.iter().filter(move |(have, _)| have == noun).filter_map(|(_, id)| *id);
    let mut ids: Vec<CustomerId> = of("customer").collect();
    // Customers may also come without a word in the journal, as a repair writes them.
    let is_told = from.customer == to.customer || ids.iter().max().is_some_and(|last| to.customer == last.0);
    let delivered = of("order").count();
    let is_few = delivered == 0 || rows.len() <= FEW;
    if ids.len() + delivered != rows.len() || !is_told || !is_few {
        return Ok(Touched::Deliveries);
    }
    ids.extend(of("order"));
    ids.sort_unstable();
    ids.dedup();
    Ok(Touched::Customers(ids))
}

#[derive(Clone, Default)]
struct Index {
    text: String,
    /// By id, which is also the order of `text`.
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    id: CustomerId,
    /// Where its lines stand in the text, and where within them the name begins and ends and the phones begin.
    start: u32,
    end: u32,
    name: u32,
    name_end: u32,
    phones: u32,
    /// Terminated or switched off.
    is_off: bool,
    /// Day number of the last delivery; 0 when there is none.
    last: i32,
}

impl Entry {
    /// Of the lines `key`, which stand at `start` in the text.
    fn new(id: CustomerId, start: usize, key: &str, is_off: bool, last: i32) -> Entry {
        let mut breaks = memchr::memchr_iter(b'\n', key.as_bytes());
        let mut next = || breaks.next().unwrap_or(key.len());
        let (code_end, name_end, _title, address_end) = (next(), next(), next(), next());
        let place = |within: usize| (start + within.min(key.len())) as u32;
        Entry {
            id,
            start: place(0),
            end: place(key.len()),
            name: place(code_end + 1),
            name_end: place(name_end),
            phones: place(address_end + 1),
            is_off,
            last,
        }
    }
}

impl Index {
    /// Reads every line; the days of the last deliveries only where `before` does not hold them.
    fn load(conn: &Connection, before: Option<&Index>) -> Result<Index> {
        const LINES: &str = "
            /* customers: load the search lines */
            SELECT s.customer_id,
                   s.key,
                   c.is_terminated OR NOT c.is_active AS is_off
            FROM customer_search AS s
            JOIN customers AS c ON c.id = s.customer_id
            ORDER BY s.customer_id";
        const LAST: &str = "
            /* customers: load the last deliveries */
            SELECT max(ifnull((SELECT max(delivered_on) FROM deliveries WHERE customer_id = s.customer_id), ''),
                       ifnull((SELECT max(delivered_on) FROM delivery_history WHERE customer_id = s.customer_id), ''))
            FROM customer_search AS s
            ORDER BY s.customer_id";
        const DOING: &str = "load the search lines";
        let mut index = Index::default();
        let mut query = conn.prepare_cached(LINES).doing(DOING)?;
        let mut rows = query.query([]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let id = row.get("customer_id").doing(DOING)?;
            let key = row.get_ref("key").and_then(|value| Ok(value.as_str()?)).doing(DOING)?;
            index.add(id, key, row.get("is_off").doing(DOING)?, before.map_or(0, |before| before.last(id)));
        }
        if before.is_none() {
            let mut query = conn.prepare_cached(LAST).doing(DOING)?;
            let mut rows = query.query([]).doing(DOING)?;
            let mut entries = index.entries.iter_mut();
            while let (Some(row), Some(entry)) = (rows.next().doing(DOING)?, entries.next()) {
                let day = row.get_ref(0).and_then(|value| Ok(value.as_str()?)).doing(DOING)?;
                entry.last = day.parse::<Day>().map_or(0, Day::number);
            }
        }
        index.text.shrink_to_fit();
        index.entries.shrink_to_fit();
        Ok(index)
    }

    /// Reads the lines of `ids` anew and leaves the others; false when that cannot be done, and all must be read.
    fn renew(&mut self, conn: &Connection, ids: &[CustomerId]) -> Result<bool> {
        const SQL: &str = "
            SELECT s.key,
                   c.is_terminated OR NOT c.is_active AS is_off,
                   max(ifnull((SELECT max(delivered_on) FROM deliveries WHERE customer_id = s.customer_id), ''),
                       ifnull((SELECT max(delivered_on) FROM delivery_history WHERE customer_id = s.customer_id), '')) AS last_on
            FROM customer_search AS s
            JOIN customers AS c ON c.id = s.customer_id
            WHERE s.customer_id = :id";
        let mut query = conn.prepare_cached(SQL).doing("renew a search line")?;
        for id in ids {
            let line = |row: &Row| Ok((row.get::<_, String>("key")?, row.get("is_off")?, row.get::<_, String>("last_on")?));
            let Some((key, is_off, last_on)) = query.query_row(named_params! {":id": id}, line).optional().doing("renew a search line")?
            else {
                return Ok(false);
            };
            let last = last_on.parse::<Day>().map_or(0, Day::number);
            match self.entries.binary_search_by_key(id, |entry| entry.id) {
                Ok(at) => self.replace(at, &key, is_off, last),
                Err(at) if at == self.entries.len() => self.add(*id, &key, is_off, last),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    fn replace(&mut self, at: usize, key: &str, is_off: bool, last: i32) {
        let (start, end) = (self.entries[at].start as usize, self.entries[at].end as usize);
        self.text.replace_range(start..end, key);
        self.entries[at] = Entry::new(self.entries[at].id, start, key, is_off, last);
        let longer = key.len() as i64 - (end - start) as i64;
        if longer != 0 {
            for entry in &mut self.entries[at + 1..] {
                for place in [&mut entry.start, &mut entry.end, &mut entry.name, &mut entry.name_end, &mut entry.phones] {
                    *place = (i64::from(*place) + longer) as u32;
                }
            }
        }
    }

    /// Day number of the last delivery to `id`; 0 when there is none.
    fn last(&self, id: CustomerId) -> i32 {
        self.entries.binary_search_by_key(&id, |entry| entry.id).map_or(0, |at| self.entries[at].last)
    }

    fn add(&mut self, id: CustomerId, key: &str, is_off: bool, last: i32) {
        self.entries.push(Entry::new(id, self.text.len(), key, is_off, last));
        self.text.push_str(key);
        self.text.push('\n');
    }

    /// Shows `each` every entry in whose lines all words of `query` stand, in their order.
    fn each_hit(&self, query: &Query, mut each: impl FnMut(usize, &Entry)) {
        // The longest word is the rarest; the others are looked for only where it stands.
        let Some(rarest) = query.terms.iter().max_by_key(|term| term.len()) else { return };
        let others: Vec<_> = query.terms.iter().filter(|term| *term != rarest).map(memmem::Finder::new).collect();
        let finder = memmem::Finder::new(rarest);
        let (text, mut at, mut entry) = (self.text.as_bytes(), 0, 0);
        while let Some(hit) = text.get(at..).and_then(|rest| finder.find(rest)) {
            let place = (at + hit) as u32;
            entry += self.entries[entry..].partition_point(|one| one.end <= place);
            let Some(one) = self.entries.get(entry) else { break };
            let lines = &text[one.start as usize..one.end as usize];
            if others.iter().all(|other| other.find(lines).is_some()) {
                each(entry, one);
            }
            at = one.end as usize + 1;
        }
    }

    fn all(&self, query: &Query, part: Part) -> Vec<CustomerId> {
        let mut ids = Vec::new();
        self.each_hit(query, |_, one| {
            let lines = self.text.get(one.start as usize..one.end as usize).unwrap_or_default();
            let is_there = |term: &String| match part {
                Part::Any => true,
                Part::Name => lines.lines().take(3).any(|line| line.contains(term.as_str())),
                Part::PhoneTail => lines.lines().skip(4).any(|line| line.ends_with(term.as_str())),
            };
            if query.terms.iter().all(is_there) {
                ids.push(one.id);
            }
        });
        ids
    }

    fn find(&self, query: &Query, skip: usize, take: usize) -> Found {
        let mut hits: Vec<(u32, bool, i32, u32)> = Vec::new();
        self.each_hit(query, |entry, one| {
            let rank = query.terms.iter().map(|term| self.rank(one, term)).sum();
            hits.push((rank, one.is_off, -one.last, entry as u32));
        });
        let (total, end) = (hits.len(), skip.saturating_add(take));
        if end < total {
            hits.select_nth_unstable(end);
            hits.truncate(end);
        }
        hits.sort_unstable();
        let ids = hits.into_iter().skip(skip).map(|(.., entry)| self.entries[entry as usize].id).collect();
        Found { ids, total }
    }

    /// How well `term` names `one`; 0 is best: the code, how it begins, the end of a phone number, how the
    /// name begins, what the name holds, anything else.
    fn rank(&self, one: &Entry, term: &str) -> u32 {
        let line = |from: u32, to: u32| self.text.get(from as usize..to as usize).unwrap_or_default();
        let code = line(one.start, one.name.saturating_sub(1));
        let name = line(one.name, one.name_end);
        let is_digits = term.bytes().all(|byte| byte.is_ascii_digit());
        if code == term {
            0
        } else if code.starts_with(term) {
            1
        } else if is_digits && line(one.phones, one.end).lines().any(|phone| phone.ends_with(term)) {
            2
        } else if name.starts_with(term) {
            3
        } else if name.contains(term) {
            4
        } else {
            5
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(customers: &[(&str, &str, &str, &str, bool, i32)]) -> Index {
        let mut index = Index::default();
        for (at, (code, name, address, phone, is_off, last)) in customers.iter().enumerate() {
            let phones: Vec<_> =
                phone.split_whitespace().map(|phone| Phone { e164: format!("+886{}", &phone[1..]), extension: None }).collect();
            index.add(CustomerId(at as i64 + 1), &key(code, name, None, Some(address), &phones), *is_off, *last);
        }
        index
    }

    fn found(index: &Index, typed: &str) -> Vec<i64> {
        index.find(&Query::new(typed), 0, 9).ids.iter().map(|id| id.0).collect()
    }

    #[test]
    fn the_best_match_comes_first() {
        let shop = index(&[
            ("1900213", "小雪咖啡", "樣本街 6 號", "0900000540", false, 9),
            ("213", "示範國小", "學前路 1 號", "", false, 1),
            ("2130001", "三合院", "海堤路", "", false, 2),
            ("1902046", "範例小吃店", "示範路三段 21 號", "0900000213 0900000214", false, 3),
            ("1901180", "石敢當小吃", "石頭路", "0900213077", false, 5),
            ("1904412", "213 麵店", "丙丁街", "", false, 4),
            ("1904413", "甲213乙", "丙丁街 213 號", "", true, 4),
            ("1904414", "甲 乙", "丙丁街 213 號", "", false, 7),
        ]);
        assert_eq!(found(&shop, "213"), [2, 3, 4, 6, 7, 1, 8, 5]);
        assert_eq!(found(&shop, "２１３"), found(&shop, "213"));
        assert_eq!(found(&shop, "範例 213"), [4], "every word must be found");
        assert_eq!(found(&shop, "0900-000-213"), [4]);
        assert_eq!(found(&shop, "+886 900 000 213"), [4]);
        assert_eq!(found(&shop, "吃"), [5, 4], "one character is enough; the later delivery is first");
        assert_eq!(found(&shop, "路學"), [0; 0], "a match stays on its line");
        assert_eq!(found(&shop, " - "), [0; 0]);
    }

    #[test]
    fn a_part_of_the_lines_can_be_meant() {
        let shop = index(&[
            ("1900213", "小雪咖啡", "樣本街 6 號", "0900000540", false, 9),
            ("2130001", "三合院", "213 巷", "0900213077", false, 2),
            ("1902046", "範例小吃店", "示範路三段 21 號", "0900000213 0900000214", true, 3),
        ]);
        let all = |typed: &str, part| shop.all(&Query::new(typed), part).iter().map(|id| id.0).collect::<Vec<_>>();
        assert_eq!(all("213", Part::Any), [1, 2, 3]);
        assert_eq!(all("213", Part::Name), [1, 2]);
        assert_eq!(all("213", Part::PhoneTail), [3]);
        assert_eq!(all("小 19", Part::Name), [1, 3]);
        assert_eq!(all("", Part::Any), [0; 0]);
    }

    #[test]
    fn what_was_typed_is_marked_in_what_is_shown() {
        let cases = [
            ("213", "0900-000-213", "0900-000-<mark>213</mark>"),
            ("000213", "0900-000-213", "0900-<mark>000-213</mark>"),
            ("台東", "臺東市", "<mark>臺東</mark>市"),
            ("abc", "ＡＢＣ店", "<mark>ＡＢＣ</mark>店"),
            ("小 店", "小吃店", "<mark>小</mark>吃<mark>店</mark>"),
            ("b", "<b>", "&lt;<mark>b</mark>&gt;"),
            ("無", "小吃店", "小吃店"),
        ];
        for (typed, shown, marked) in cases {
            assert_eq!(Query::new(typed).mark(shown).into_string(), marked);
        }
    }

    proptest! {
        #[test]
        fn any_part_of_a_name_finds_it_and_marking_keeps_the_text(name in "[小吃店臺ＡaＢb 9￡<>&-]{1,12}", from in 0usize..12, most in 1usize..6) {
            let shop = index(&[("1", "別家", "", "", false, 0), ("2", &name, "", "", false, 0)]);
            let part: String = name.chars().skip(from).take(most).collect();
            let query = Query::new(&part);
            if !query.is_empty() && !part.contains('￡') {
                prop_assert!(found(&shop, &part).contains(&2), "{part} of {name}");
            }
            let marked = query.mark(&name).into_string().replace("<mark>", "").replace("</mark>", "");
            prop_assert_eq!(marked, html! { (name) }.into_string());
        }

        #[test]
        fn pages_of_a_search_join_to_the_whole(size in 1usize..8) {
            let names: Vec<String> = (0..30).map(|n| format!("店{}", n * 7 % 30)).collect();
            let rows: Vec<_> = names.iter().map(|name| ("9", name.as_str(), "", "", false, 0)).collect();
            let shop = index(&rows);
            let all = shop.find(&Query::new("店"), 0, 100).ids;
            let paged: Vec<_> = (0..30).step_by(size).flat_map(|skip| shop.find(&Query::new("店"), skip, size).ids).collect();
            prop_assert_eq!(all, paged);
        }
    }
}
