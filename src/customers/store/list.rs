use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::customers::{Line, Pricing, State, Terms};
use crate::deliveries::Load;
use crate::error::{Doing, Result};
use crate::orders;
use crate::values::phone::Phone;
use crate::values::{AreaId, CustomerId};

/// Which customers a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// `Some(None)` is 未分區.
    pub area: Option<Option<AreaId>>,
    pub state: Option<Shown>,
    pub pricing: Option<Pricing>,
    pub terms: Option<Terms>,
}

impl Filter {
    /// 0 for 未分區.
    fn area_number(&self) -> Option<i64> {
        self.area.map(|area| area.map_or(0, |area| area.0))
    }
}

/// The states a list can be narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    State(State),
    /// Known only from delivery rows so far.
    Placeholder,
}

impl Shown {
    pub const ALL: [Shown; 4] =
        [Shown::State(State::Active), Shown::State(State::Inactive), Shown::State(State::Terminated), Shown::Placeholder];

    pub fn word(self) -> &'static str {
        match self {
            Shown::State(state) => state.word(),
            Shown::Placeholder => "placeholder",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Shown::State(state) => state.label(),
            Shown::Placeholder => "暫存",
        }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Code,
    Name,
    Area,
    /// The latest delivery first.
    Last,
}

impl Sort {
    pub const ALL: [Sort; 4] = [Sort::Code, Sort::Name, Sort::Area, Sort::Last];

    pub fn word(self) -> &'static str {
        match self {
            Sort::Code => "code",
            Sort::Name => "name",
            Sort::Area => "area",
            Sort::Last => "last",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Sort::Code => "編號",
            Sort::Name => "名字",
            Sort::Area => "區域",
            Sort::Last => "最近送",
        }
    }

    pub fn from_word(word: &str) -> Option<Sort> {
        Sort::ALL.into_iter().find(|sort| sort.word() == word)
    }

    fn sql(self) -> &'static str {
        match self {
            Sort::Code => "length(c.customer_code), c.customer_code",
            Sort::Name => "c.short_name, c.id",
            Sort::Area => "a.name IS NULL, a.name, length(c.customer_code), c.customer_code",
            Sort::Last => "c.id",
        }
    }
}

/// Which rows of `customers` a [`Filter`] lets through.
const LET_THROUGH: &str = "
    (:area IS NULL OR ifnull(c.area_id, 0) = :area)
    AND (:pricing IS NULL OR c.pricing_method = :pricing)
    AND (:terms IS NULL OR c.payment_terms = :terms)
    AND CASE :state
        WHEN 'active' THEN c.is_active AND NOT c.is_terminated
        WHEN 'inactive' THEN NOT c.is_active AND NOT c.is_terminated
        WHEN 'terminated' THEN c.is_terminated
        WHEN 'placeholder' THEN c.is_placeholder
        ELSE 1 END";

/// The ids of those `filter` lets through, in the order of `sort` (for [`Sort::Last`] the finder has it):
/// `take` of them after the first `skip`. In the order of codes an index has them ready.
pub fn ids(conn: &Connection, filter: &Filter, sort: Sort, skip: usize, take: usize) -> Result<Vec<CustomerId>> {
    let sql = format!(
        "/* customers: list */
        SELECT c.id
        FROM customers AS c
        LEFT JOIN areas AS a ON a.id = c.area_id
        WHERE {LET_THROUGH}
        ORDER BY {}
        LIMIT :take OFFSET :skip",
        sort.sql()
    );
    let params = named_params! {
        ":area": filter.area_number(),
        ":pricing": filter.pricing.map(Pricing::word),
        ":terms": filter.terms.map(Terms::word),
        ":state": filter.state.map(Shown::word),
        ":take": i64::try_from(take).unwrap_or(i64::MAX),
        ":skip": i64::try_from(skip).unwrap_or(i64::MAX),
    };
    conn.prepare_cached(&sql).and_then(|mut query| query.query_map(params, |row| row.get(0))?.collect()).doing("list the customers")
}

/// How many `filter` lets through.
pub fn count(conn: &Connection, filter: &Filter) -> Result<usize> {
    let sql = format!("/* customers: count */ SELECT count(*) FROM customers AS c WHERE {LET_THROUGH}");
    let params = named_params! {
        ":area": filter.area_number(),
        ":pricing": filter.pricing.map(Pricing::word),
        ":terms": filter.terms.map(Terms::word),
        ":state": filter.state.map(Shown::word),
    };
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_row(params, |row| row.get::<_, i64>(0)))
        .doing("count the customers of a list")
        .map(|count| count.unsigned_abs() as usize)
}

/// How many customers there are: all, then of each of [`Shown::ALL`].
pub fn counts(conn: &Connection) -> Result<(i64, [i64; 4])> {
    const SQL: &str = "
        /* customers: counts */
        SELECT count(*),
               ifnull(sum(is_active AND NOT is_terminated), 0),
               ifnull(sum(NOT is_active AND NOT is_terminated), 0),
               ifnull(sum(is_terminated), 0),
               ifnull(sum(is_placeholder), 0)
        FROM customers";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]))))
        .doing("count the customers")
}

/// The customers `ids` as a list shows them, in the order of `ids`; one that is gone is left out.
pub fn lines(conn: &Connection, ids: &[CustomerId]) -> Result<Vec<Line>> {
    const SQL: &str = "
        /* customers: lines */
        SELECT c.id, c.customer_code, c.short_name, c.invoice_title, c.address, c.customer_type, c.payment_terms,
               c.is_active, c.is_terminated, c.is_walk_in, c.is_placeholder, a.name AS area,
               (SELECT group_concat(e164 || ifnull('#' || extension, ''), ' ' ORDER BY position)
                FROM customer_phones WHERE customer_id = c.id) AS phones
        FROM customers AS c
        LEFT JOIN areas AS a ON a.id = c.area_id
        WHERE c.id = :id";
    // The view takes each table's newest from its index, so a history of thousands costs no more than one.
    const LAST: &str = "
        /* customers: last delivery */
        SELECT delivered_on, qty_50, qty_20, qty_16, qty_10, qty_4
        FROM all_deliveries
        WHERE customer_id = :id
        ORDER BY delivered_on DESC, id DESC
        LIMIT 1";
    const DOING: &str = "read customers for a list";
    let mut open = orders::store::nearest_open(conn, ids)?;
    let mut query = conn.prepare_cached(SQL).doing(DOING)?;
    let mut last = conn.prepare_cached(LAST).doing(DOING)?;
    let mut lines = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(mut line) = query.query_row(named_params! {":id": id}, line).optional().doing(DOING)? else { continue };
        let delivery = last
            .query_row(named_params! {":id": id}, |row| {
                Ok((row.get("delivered_on")?, Load([row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?])))
            })
            .optional()
            .doing(DOING)?;
        if let Some((on, load)) = delivery {
            (line.last_on, line.last_load) = (Some(on), load);
        }
        line.open = open.remove(id);
        lines.push(line);
    }
    Ok(lines)
}

fn line(row: &Row) -> rusqlite::Result<Line> {
    let phones: Option<String> = row.get("phones")?;
    let phone = |text: &str| match text.split_once('#') {
        Some((e164, extension)) => Phone { e164: e164.to_owned(), extension: Some(extension.to_owned()) },
        None => Phone { e164: text.to_owned(), extension: None },
    };
    Ok(Line {
        id: row.get("id")?,
        code: row.get("customer_code")?,
        short_name: row.get("short_name")?,
        invoice_title: row.get("invoice_title")?,
        address: row.get("address")?,
        area: row.get("area")?,
        customer_type: row.get("customer_type")?,
        phones: phones.unwrap_or_default().split_whitespace().map(phone).collect(),
        state: State::of(row.get("is_active")?, row.get("is_terminated")?),
        is_walk_in: row.get("is_walk_in")?,
        is_placeholder: row.get("is_placeholder")?,
        terms: row.get("payment_terms")?,
        last_on: None,
        last_load: Load::default(),
        open: None,
    })
}
