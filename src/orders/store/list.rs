//! A list of orders: the rows of one page in one query, the counts beside them in another.
//!
//! Each search is asked in the way that touches fewest rows: a few weeks by their days, somebody by the few orders of
//! theirs, what is still open by the index of what is open; only what fits none of these walks the days back.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, ToSql, named_params};

use crate::error::{Doing, Result};
use crate::orders::filter::{CHIPS, Columns, Filter, Kind, Search, Span, Words};
use crate::orders::number::Number;
use crate::orders::{CancelReason, Origin, Payment, Status};
use crate::values::{CustomerId, Day, Ntd, OrderId, Stamp, UserId, Window};

/// So many days are counted as a whole; more are walked page by page.
const COUNTED_DAYS: i64 = 31;
/// So many customers are looked up one by one, and so many orders by their own words; of more, the days are walked until
/// a page is full.
const FEW_CUSTOMERS: usize = 100;
const FEW_HITS: usize = 1_000;

/// One order as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: OrderId,
    pub number: String,
    pub customer_id: CustomerId,
    pub customer: String,
    pub is_walk_in: bool,
    pub contact_name: Option<String>,
    pub area: Option<String>,
    pub origin: Origin,
    pub status: Status,
    pub scheduled_on: Day,
    pub window: Window,
    /// `20KG × 2、16KG × 1`; empty when there are none.
    pub items: String,
    pub total: Ntd,
    /// Some of it a meter counts.
    pub is_metered: bool,
    /// Of some of it nobody has said the price.
    pub is_unpriced: bool,
    pub payment: Payment,
    pub is_urgent: bool,
    pub attempt_count: i64,
    /// Why the driver came back with it.
    pub why_failed: Option<String>,
    pub driver: Option<String>,
    /// `路線 03 第 5 站`, of one that stands on a route; on a draft it says so.
    pub place: Option<String>,
    pub cancel_reason: Option<CancelReason>,
    pub notes: Option<String>,
    pub version: i64,
}

impl Listed {
    /// The last four digits.
    pub fn short_number(&self) -> &str {
        self.number.rsplit('-').next().unwrap_or_default()
    }

    /// A driver came back with it, and it waits for a new day.
    pub fn is_failed(&self) -> bool {
        self.status == Status::Confirmed && 0 < self.attempt_count
    }

    /// Stands above the others as long as it is not done.
    pub fn is_pressing(&self) -> bool {
        self.status.is_open() && (self.is_urgent || self.origin == Origin::Emergency)
    }
}

/// A customer's order that is still to be brought, in as few words as a row of a search has room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub status: Status,
    pub attempt_count: i64,
    pub scheduled_on: Day,
    pub items: String,
}

/// A page of a list and what is known of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub rows: Vec<Listed>,
    pub has_more: bool,
    /// `None` where counting would read years.
    pub sums: Option<Sums>,
    /// How many each of [`CHIPS`] would show, in the same days under the same other conditions.
    pub chips: Option<[i64; CHIPS.len()]>,
}

/// What the whole list comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub orders: i64,
    /// Of these; the money and the payments below leave them out.
    pub cancelled: i64,
    pub total: Ntd,
    /// In the order of [`Payment::ALL`].
    pub by_payment: [i64; 4],
}

/// Page `page` (from 1) of what `search` finds, `size` rows to a page: what presses first, then by window, then by
/// number. Of several days the latest comes first, unless they are all still to come.
pub fn list(conn: &Connection, search: &Search, page: usize, size: usize) -> Result<Listing> {
    let question = Question::of(conn, search)?;
    let mut rows = rows(conn, &question, page, size)?;
    let has_more = size < rows.len();
    rows.truncate(size);
    let (sums, chips) = if question.way.is_counted() { counts(conn, &question)? } else { (None, None) };
    Ok(Listing { rows, has_more, sums, chips })
}

/// The order a number means that somebody typed where no day is said: the last digits alone are one of `today`'s.
pub fn numbered(conn: &Connection, number: Number, me: UserId, today: Day) -> Result<Option<Listed>> {
    let whole = match number {
        Number::Whole(..) => number,
        Number::Short(no) => Number::Whole(today, no),
    };
    let search = Search { filter: Filter::default(), words: Vec::new(), number: Some(Some(whole)), me, today };
    Ok(rows(conn, &Question::of(conn, &search)?, 1, 1)?.into_iter().next())
}

/// The nearest order of each of `customers` that is still to be brought, where there is one.
pub fn nearest_open(conn: &Connection, customers: &[CustomerId]) -> Result<HashMap<CustomerId, Open>> {
    const SQL: &str = "
        /* orders: open of many */
        SELECT o.customer_id, o.status, o.attempt_count, o.scheduled_on,
               (SELECT group_concat(l.product_name || ' × ' || l.qty, '、' ORDER BY l.line_no)
                FROM order_lines AS l WHERE l.order_id = o.id) AS items
        FROM orders AS o INDEXED BY orders_open
        WHERE o.status IN ('pending', 'confirmed', 'assigned', 'in_delivery')
          AND o.customer_id IN (SELECT value FROM json_each(:customers))
        ORDER BY o.scheduled_on DESC, o.window_start DESC, o.id DESC";
    let open = |row: &Row| -> rusqlite::Result<(CustomerId, Open)> {
        let open = Open {
            status: row.get("status")?,
            attempt_count: row.get("attempt_count")?,
            scheduled_on: row.get("scheduled_on")?,
            items: row.get::<_, Option<String>>("items")?.unwrap_or_default(),
        };
        Ok((row.get("customer_id")?, open))
    };
    // The nearest comes last and stays.
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":customers": ids_json(customers)}, open)?.collect())
        .doing("list the open orders of several customers")
}

/// `[1,2,3]`, for `json_each`.
fn ids_json(customers: &[CustomerId]) -> String {
    format!("[{}]", customers.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(","))
}

/// How SQLite means to answer the two queries of `search`, a step a line; for the tests that hold it to its indexes.
pub fn plans(conn: &Connection, search: &Search) -> Result<[Vec<String>; 2]> {
    let question = Question::of(conn, search)?;
    let plan = |sql: &str| -> Result<Vec<String>> {
        conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .and_then(|mut query| query.raw_query().mapped(|row| row.get("detail")).collect())
            .doing("explain a list of orders")
    };
    Ok([plan(&question.rows_sql())?, plan(&question.counts_sql())?])
}

/// The orders `ids` as a list shows them, by id.
pub fn listed_of(conn: &Connection, ids: &[OrderId], me: UserId, today: Day) -> Result<Vec<Listed>> {
    let search = Search { filter: Filter::default(), words: Vec::new(), number: None, me, today };
    let mut question = Question { way: Way::Number, ..Question::of(conn, &search)? };
    question.base.push("o.id IN (SELECT value FROM json_each(:ids))".to_owned());
    let json = format!("[{}]", ids.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(","));
    question.params.push((":ids".to_owned(), json.into()));
    let mut listed = rows(conn, &question, 1, ids.len())?;
    listed.sort_by_key(|row| row.id);
    Ok(listed)
}

/// How many of today's orders each of [`CHIPS`] would show `me`.
pub fn chips_of_day(conn: &Connection, me: UserId, today: Day) -> Result<[i64; CHIPS.len()]> {
    let search = Search { filter: Filter::on(today), words: Vec::new(), number: None, me, today };
    Ok(counts(conn, &Question::of(conn, &search)?)?.1.unwrap_or_default())
}

/// How many were taken on the day of `until` by then.
pub fn count_taken(conn: &Connection, until: Stamp) -> Result<i64> {
    const SQL: &str = "
        /* orders: taken by now */
        SELECT count(*)
        FROM orders
        WHERE ordered_on = :day AND created_at <= :until";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":day": until.day(), ":until": until}, |row| row.get(0)))
        .doing("count the orders taken by now")
}

/// How many are to be brought on `day`.
pub fn count_on(conn: &Connection, day: Day) -> Result<i64> {
    conn.prepare_cached("/* orders: count of day */ SELECT count(*) FROM orders WHERE scheduled_on = :day")
        .and_then(|mut query| query.query_row(named_params! {":day": day}, |row| row.get(0)))
        .doing("count the orders of a day")
}

/// The way a search takes through the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The days, a few of them.
    Days,
    /// The one with a number.
    Number,
    /// The orders that answer the first words.
    Words,
    /// What is open.
    Open,
    /// One driver's.
    Driver,
    /// Day by day, until a page is full.
    Walk,
}

impl Way {
    /// `hits`: the orders that answer the first words by themselves are few.
    fn of(search: &Search, has_few_hits: bool) -> Way {
        let filter = &search.filter;
        if matches!(search.number, Some(Some(Number::Whole(..)) | None)) {
            Way::Number
        } else if filter.span.days().is_some_and(|days| days <= COUNTED_DAYS) {
            Way::Days
        } else if has_few_hits && search.words.first().is_some_and(|words| words.customers.len() <= FEW_CUSTOMERS) {
            Way::Words
        } else if filter.kind.failed || filter.kind.open || filter.kind.status.is_some_and(Status::is_open) {
            Way::Open
        } else if filter.driver.is_some() {
            Way::Driver
        } else {
            Way::Walk
        }
    }

    /// The orders it reads are few enough to be counted.
    fn is_counted(self) -> bool {
        match self {
            Way::Days | Way::Number | Way::Words | Way::Open => true,
            Way::Driver | Way::Walk => false,
        }
    }

    fn table(self) -> &'static str {
        match self {
            Way::Days | Way::Walk => "orders AS o INDEXED BY orders_day",
            Way::Number | Way::Words => "orders AS o",
            Way::Open => "orders AS o INDEXED BY orders_open",
            Way::Driver => "orders AS o INDEXED BY orders_driver",
        }
    }
}

/// A search as SQL: its conditions without those of the chips, those, and the values.
struct Question {
    way: Way,
    base: Vec<String>,
    kind: String,
    is_forward: bool,
    params: Vec<(String, Value)>,
}

impl Question {
    fn of(conn: &Connection, search: &Search) -> Result<Question> {
        let filter = &search.filter;
        // What leads is read once, here, for both queries.
        let hits = match (Way::of(search, true), search.words.first()) {
            (Way::Words, Some(words)) => hits(conn, words)?,
            _ => None,
        };
        let mut question = Question {
            way: Way::of(search, hits.is_some()),
            base: Vec::new(),
            kind: kind_sql(filter.kind),
            is_forward: filter.span.from.is_some_and(|from| search.today <= from),
            params: vec![(":me".to_owned(), search.me.0.into())],
        };
        question.add_span(filter.span);
        match search.number {
            None => {}
            Some(None) => question.base.push("0".to_owned()),
            Some(Some(Number::Whole(day, no))) => {
                question.base.push("o.ordered_on = :number_day AND o.day_no = :number".to_owned());
                question.params.extend([(":number_day".to_owned(), day.to_string().into()), (":number".to_owned(), no.into())]);
            }
            Some(Some(Number::Short(no))) => question.equal("o.day_no", ":number", no.into()),
        }
        for (at, words) in search.words.iter().enumerate() {
            question.add_words(words, search, hits.as_deref().filter(|_| at == 0 && question.way == Way::Words));
        }
        if let Some(area) = filter.area {
            let column = "ifnull((SELECT c.area_id FROM customers AS c WHERE c.id = o.customer_id), 0)";
            question.equal(column, ":area", area.map_or(0, |id| id.0).into());
        }
        if let Some(driver) = filter.driver {
            question.equal("o.driver_id", ":driver", driver.0.into());
        }
        if let Some(status) = filter.payment_status {
            question.equal("o.payment_status", ":payment_status", status.word().to_owned().into());
        }
        if let Some(origin) = filter.origin {
            question.equal("o.origin", ":origin", origin.word().to_owned().into());
        }
        match question.way {
            Way::Open => question.base.push("o.status IN ('pending', 'confirmed', 'assigned', 'in_delivery')".to_owned()),
            Way::Days | Way::Number | Way::Words | Way::Driver | Way::Walk => {}
        }
        Ok(question)
    }

    fn equal(&mut self, column: &str, name: &str, value: Value) {
        self.base.push(format!("{column} = {name}"));
        self.params.push((name.to_owned(), value));
    }

    fn add_span(&mut self, span: Span) {
        // Walking or counting, it is the days' index that is read; elsewhere the plus keeps SQLite from changing its mind.
        let column = if matches!(self.way, Way::Days | Way::Walk) { "o.scheduled_on" } else { "+o.scheduled_on" };
        for (day, name, sign) in [(span.from, ":from", "<="), (span.to, ":to", ">=")] {
            if let Some(day) = day {
                self.base.push(format!("{name} {sign} {column}"));
                self.params.push((name.to_owned(), day.to_string().into()));
            }
        }
    }

    /// By its customer, by its own words, or by its number. `hits` are the orders that answer by their own words, where
    /// these words lead.
    fn add_words(&mut self, words: &Words, search: &Search, hits: Option<&[OrderId]>) {
        let customers = format!(":{}_customers", words.name);
        self.params.push((customers.clone(), ids_json(&words.customers).into()));
        let is_few_days = search.filter.span.days().is_some_and(|days| days <= COUNTED_DAYS);
        let number = words.number.map(|number| match number {
            Number::Whole(day, no) => (Some(day), no),
            // The last digits alone mean one of a few days listed; of years, today's.
            Number::Short(no) => ((!is_few_days).then_some(search.today), no),
        });
        let mut by_number = None;
        if let Some((day, no)) = number {
            self.params.push((format!(":{}_no", words.name), no.into()));
            let mut sql = format!("day_no = :{}_no", words.name);
            if let Some(day) = day {
                self.params.push((format!(":{}_day", words.name), day.to_string().into()));
                sql = format!("ordered_on = :{}_day AND {sql}", words.name);
            }
            by_number = Some(sql);
        }
        let mut sql = if let Some(hits) = hits {
            let json = format!("[{}]", hits.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(","));
            self.params.push((":hits".to_owned(), json.into()));
            let by_number = by_number.map(|sql| format!(" UNION ALL SELECT id FROM orders WHERE {sql}")).unwrap_or_default();
            format!(
                "o.id IN (SELECT id FROM orders WHERE customer_id IN (SELECT value FROM json_each({customers}))
                          UNION ALL SELECT value FROM json_each(:hits){by_number})"
            )
        } else {
            let (own, params) = own_words(words);
            self.params.extend(params);
            let by_number = by_number.map(|sql| format!(" OR ({sql})")).unwrap_or_default();
            format!(
                "(+o.customer_id IN (SELECT value FROM json_each({customers}))
                  OR EXISTS (SELECT 1 FROM order_search AS s WHERE s.order_id = o.id AND {own}){by_number})"
            )
        };
        if words.terms.is_empty() {
            sql = "0".to_owned();
        }
        self.base.push(sql);
    }

    fn conditions(&self) -> String {
        if self.base.is_empty() { "1".to_owned() } else { self.base.join("\n AND ") }
    }

    fn order(&self) -> String {
        let direction = if self.is_forward { "" } else { " DESC" };
        format!(
            "o.scheduled_on{direction}, ({}) DESC, o.window_start, o.window_end, o.ordered_on, o.day_no",
            "(o.is_urgent OR o.origin = 'emergency') AND o.status NOT IN ('delivered', 'cancelled')"
        )
    }

    fn rows_sql(&self) -> String {
        format!(
            "/* orders: list */
            WITH page AS MATERIALIZED (
                SELECT o.id
                FROM {table}
                WHERE {conditions}
                  AND {kind}
                ORDER BY {order}
                LIMIT :take OFFSET :skip
            )
            SELECT o.id, o.order_number, o.customer_id, o.contact_name, o.origin, o.status, o.scheduled_on, o.window_start, o.window_end,
                   o.final_ntd, o.payment_method, o.is_urgent, o.attempt_count, o.cancel_reason, o.notes, o.version,
                   c.short_name AS customer, c.is_walk_in, a.name AS area, u.name AS driver,
                   {PLACE} AS place,
                   (SELECT group_concat(l.product_name || ' × ' || l.qty, '、' ORDER BY l.line_no)
                    FROM order_lines AS l WHERE l.order_id = o.id) AS items,
                   EXISTS (SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
                           WHERE l.order_id = o.id AND p.method = 'flow') AS is_metered,
                   EXISTS (SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
                           WHERE l.order_id = o.id AND l.unit_price_ntd IS NULL AND p.method <> 'flow') AS is_unpriced,
                   CASE WHEN 0 < o.attempt_count AND o.status = 'confirmed' THEN
                       (SELECT h.reason FROM order_history AS h
                        WHERE h.order_id = o.id AND h.to_status = 'confirmed' AND h.reason IS NOT NULL
                        ORDER BY h.id DESC LIMIT 1) END AS why_failed
            FROM page
            JOIN orders AS o ON o.id = page.id
            JOIN customers AS c ON c.id = o.customer_id
            LEFT JOIN areas AS a ON a.id = c.area_id
            LEFT JOIN users AS u ON u.id = o.driver_id
            ORDER BY {order}",
            table = self.way.table(),
            conditions = self.conditions(),
            kind = self.kind,
            order = self.order(),
        )
    }

    fn counts_sql(&self) -> String {
        let chips = CHIPS.iter().map(|(_, kind)| format!("count(*) FILTER (WHERE {})", kind_sql(*kind)));
        let payments = Payment::ALL.iter().map(|payment| {
            format!("count(*) FILTER (WHERE {} AND o.status <> 'cancelled' AND o.payment_method = '{}')", self.kind, payment.word())
        });
        let columns: Vec<String> = chips.chain(payments).collect();
        // The index of what is open knows nothing of the rest, which some of the chips would show.
        let narrow = if self.way == Way::Open { format!(" AND {}", self.kind) } else { String::new() };
        format!(
            "/* orders: counts */
            SELECT count(*) FILTER (WHERE {kind}) AS orders,
                   count(*) FILTER (WHERE {kind} AND o.status = 'cancelled') AS cancelled,
                   coalesce(sum(o.final_ntd) FILTER (WHERE {kind} AND o.status <> 'cancelled'), 0) AS total,
                   {columns}
            FROM {table}
            WHERE {conditions}{narrow}",
            kind = self.kind,
            columns = columns.join(",\n"),
            table = self.way.table(),
            conditions = self.conditions(),
        )
    }
}

/// Where order `o` stands: its route by the last digits of its number, and the how-manieth stop it is there.
pub(super) const PLACE: &str = "
    (SELECT CASE r.status WHEN 'draft' THEN '草稿 ' ELSE '路線 ' END || printf('%02d', r.day_no) || ' 第 '
            || (SELECT count(*) FROM stops AS t WHERE t.route_id = s.route_id AND t.status <> 'skipped' AND (t.seq, t.id) <= (s.seq, s.id))
            || ' 站'
     FROM stops AS s
     JOIN routes AS r ON r.id = s.route_id
     WHERE s.order_id = o.id AND s.status IN ('pending', 'arrived', 'completed'))";

/// All the terms in the own words of an order, `s`, with their values.
fn own_words(words: &Words) -> (String, Vec<(String, Value)>) {
    const ADDRESS: &str = "substr(s.key, instr(s.key, char(10)) + 1)";
    let mut parts = Vec::new();
    let mut params = Vec::new();
    for (at, term) in words.terms.iter().enumerate() {
        let name = format!(":{}{at}", words.name);
        // Most orders hold the term nowhere, which the whole key tells at once.
        parts.push(match words.columns {
            Columns::Any => format!("instr(s.key, {name})"),
            Columns::Contact => format!("instr(s.key, {name}) BETWEEN 1 AND instr(s.key, char(10)) - 1"),
            Columns::Address => format!("instr(s.key, {name}) AND instr({ADDRESS}, {name}) BETWEEN 1 AND instr({ADDRESS}, char(9)) - 1"),
            Columns::PhoneTail => format!("substr(s.key, -length({name})) = {name}"),
        });
        params.push((name, term.clone().into()));
    }
    (if parts.is_empty() { "0".to_owned() } else { parts.join(" AND ") }, params)
}

/// The orders that answer `words` by themselves; `None` when they are many.
fn hits(conn: &Connection, words: &Words) -> Result<Option<Vec<OrderId>>> {
    let (own, params) = own_words(words);
    let sql = format!("/* orders: by their own words */ SELECT s.order_id FROM order_search AS s WHERE {own} LIMIT {}", FEW_HITS + 1);
    let found: Vec<OrderId> = conn
        .prepare_cached(&sql)
        .and_then(|mut query| query.query_map(&*borrowed(&params), |row| row.get(0))?.collect())
        .doing("look for orders by their own words")?;
    Ok((found.len() <= FEW_HITS).then_some(found))
}

/// What lets an order of `kind` through; in words of the schema alone, but for `:me`.
fn kind_sql(kind: Kind) -> String {
    let mut parts = Vec::new();
    if let Some(status) = kind.status {
        parts.push(format!("o.status = '{}'", status.word()));
    }
    if kind.open {
        parts.push("o.status IN ('pending', 'confirmed', 'assigned', 'in_delivery')".to_owned());
    }
    if kind.failed {
        parts.push("o.status = 'confirmed' AND 0 < o.attempt_count".to_owned());
    }
    if kind.urgent {
        parts.push("(o.is_urgent OR o.origin = 'emergency')".to_owned());
    }
    if kind.mine {
        parts.push("o.created_by = :me".to_owned());
    }
    if parts.is_empty() { "1".to_owned() } else { parts.join(" AND ") }
}

fn rows(conn: &Connection, question: &Question, page: usize, size: usize) -> Result<Vec<Listed>> {
    let whole = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let skip = page.saturating_sub(1).saturating_mul(size);
    let (take, skip) = (whole(size.saturating_add(1)), whole(skip));
    let mut params = borrowed(&question.params);
    params.extend([(":take", &take as &dyn ToSql), (":skip", &skip)]);
    conn.prepare_cached(&question.rows_sql())
        .and_then(|mut query| {
            let params: Vec<_> = params.into_iter().filter(|(name, _)| matches!(query.parameter_index(name), Ok(Some(_)))).collect();
            query.query_map(&*params, listed)?.collect()
        })
        .doing("list the orders")
}

type Counts = (Option<Sums>, Option<[i64; CHIPS.len()]>);

fn counts(conn: &Connection, question: &Question) -> Result<Counts> {
    let read = |row: &Row| -> rusqlite::Result<Counts> {
        let mut chips = [0; CHIPS.len()];
        for (at, chip) in chips.iter_mut().enumerate() {
            *chip = row.get(3 + at)?;
        }
        let mut sums = Sums { orders: row.get("orders")?, cancelled: row.get("cancelled")?, total: row.get("total")?, by_payment: [0; 4] };
        for (at, payment) in sums.by_payment.iter_mut().enumerate() {
            *payment = row.get(3 + CHIPS.len() + at)?;
        }
        Ok((Some(sums), (question.way != Way::Open).then_some(chips)))
    };
    conn.prepare_cached(&question.counts_sql())
        .and_then(|mut query| {
            let params: Vec<_> =
                borrowed(&question.params).into_iter().filter(|(name, _)| matches!(query.parameter_index(name), Ok(Some(_)))).collect();
            query.query_row(&*params, read)
        })
        .doing("count the orders of a list")
}

fn borrowed(params: &[(String, Value)]) -> Vec<(&str, &dyn ToSql)> {
    params.iter().map(|(name, value)| (name.as_str(), value as &dyn ToSql)).collect()
}

fn listed(row: &Row) -> rusqlite::Result<Listed> {
    let (start, end): (String, String) = (row.get("window_start")?, row.get("window_end")?);
    Ok(Listed {
        id: row.get("id")?,
        number: row.get("order_number")?,
        customer_id: row.get("customer_id")?,
        customer: row.get("customer")?,
        is_walk_in: row.get("is_walk_in")?,
        contact_name: row.get("contact_name")?,
        area: row.get("area")?,
        origin: row.get("origin")?,
        status: row.get("status")?,
        scheduled_on: row.get("scheduled_on")?,
        window: Window::between(&start, &end).unwrap_or(Window::ALL_DAY),
        items: row.get::<_, Option<String>>("items")?.unwrap_or_default(),
        total: row.get("final_ntd")?,
        is_metered: row.get("is_metered")?,
        is_unpriced: row.get("is_unpriced")?,
        payment: row.get("payment_method")?,
        is_urgent: row.get("is_urgent")?,
        attempt_count: row.get("attempt_count")?,
        why_failed: row.get("why_failed")?,
        driver: row.get("driver")?,
        place: row.get("place")?,
        cancel_reason: row.get("cancel_reason")?,
        notes: row.get("notes")?,
        version: row.get("version")?,
    })
}
