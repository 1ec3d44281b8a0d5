//! Which orders a list shows: what its address says, and the words of it looked up among the customers.

use form_urlencoded::Serializer;
use rusqlite::Connection;

use crate::customers::search::{Finder, Part, Query};
use crate::error::Result;
use crate::orders::number::Number;
use crate::orders::{Origin, PaymentStatus, Status};
use crate::values::{AreaId, Day, UserId, text};

/// Text conditions longer than this are cut.
const MOST_TYPED: usize = 100;

/// What stands in the place of a state for all that is not done yet.
pub const OPEN: &str = "open";

/// All the conditions of a list; the default is every order there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub span: Span,
    pub kind: Kind,
    /// Name, code, phone, address or number: anything a caller may say.
    pub q: Option<String>,
    pub number: Option<String>,
    /// Code, name or title.
    pub customer: Option<String>,
    /// The last digits of a number.
    pub phone: Option<String>,
    /// A part of where it is brought.
    pub address: Option<String>,
    /// `Some(None)` is 未分區.
    pub area: Option<Option<AreaId>>,
    pub driver: Option<UserId>,
    pub payment_status: Option<PaymentStatus>,
    pub origin: Option<Origin>,
}

/// The days on which what is listed is to be brought; open at an end without a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub from: Option<Day>,
    pub to: Option<Day>,
}

impl Span {
    pub const EVER: Span = Span { from: None, to: None };

    pub fn day(day: Day) -> Span {
        Span { from: Some(day), to: Some(day) }
    }

    /// The day, when it is one.
    pub fn only(self) -> Option<Day> {
        self.from.filter(|from| self.to == Some(*from))
    }

    /// How many days; `None` when it is open. A span that ends before it begins has none.
    pub fn days(self) -> Option<i64> {
        Some((self.to?.days_since(self.from?) + 1).max(0))
    }
}

/// What the chips above the list choose between, and a form may combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    pub status: Option<Status>,
    /// Not done yet, in whatever state.
    pub open: bool,
    /// A driver came back with it, and nobody has given it a new day or driver yet.
    pub failed: bool,
    pub urgent: bool,
    /// Taken by whoever asks.
    pub mine: bool,
}

impl Kind {
    pub const ALL: Kind = Kind { status: None, open: false, failed: false, urgent: false, mine: false };
    pub const FAILED: Kind = Kind { failed: true, ..Kind::ALL };
    pub const OPEN: Kind = Kind { open: true, ..Kind::ALL };

    pub const fn status(status: Status) -> Kind {
        Kind { status: Some(status), ..Kind::ALL }
    }
}

/// The chips, in their order; a confirmed order is one that nobody has been given.
pub const CHIPS: [(&str, Kind); 9] = [
    ("全部", Kind::ALL),
    ("未派", Kind::status(Status::Confirmed)),
    ("待確認", Kind::status(Status::Pending)),
    ("已指派", Kind::status(Status::Assigned)),
    ("配送中", Kind::status(Status::InDelivery)),
    ("已送達", Kind::status(Status::Delivered)),
    ("失敗待改約", Kind::FAILED),
    ("急件", Kind { urgent: true, ..Kind::ALL }),
    ("我記的", Kind { mine: true, ..Kind::ALL }),
];

impl Filter {
    /// The orders of one day.
    pub fn on(day: Day) -> Filter {
        Filter { span: Span::day(day), ..Filter::default() }
    }

    /// As the query of an address says it. Without days it is today's list, unless somebody is looked for by words: then
    /// every day is meant. What is not understood is no condition.
    pub fn of(query: &[(String, String)], today: Day) -> Filter {
        let value = |name: &str| query.iter().find(|(have, _)| have == name).map(|(_, value)| text::trim(value));
        let given = |name: &str| value(name).filter(|value| !value.is_empty());
        let typed = |name: &str| given(name).map(|value| value.chars().take(MOST_TYPED).collect::<String>());
        let day = |name: &str| given(name).and_then(|value| parse_day(value, today));
        let is = |name: &str| given(name) == Some("1");

        let mut filter = Filter {
            span: Span::EVER,
            kind: Kind {
                status: given("status").and_then(Status::from_word),
                open: given("status") == Some(OPEN),
                failed: is("failed"),
                urgent: is("urgent"),
                mine: is("mine"),
            },
            q: typed("q"),
            number: typed("number"),
            customer: typed("customer"),
            phone: typed("phone"),
            address: typed("address"),
            area: given("area").and_then(|value| if value == "none" { Some(None) } else { value.parse().ok().map(Some) }),
            driver: given("driver").and_then(|value| value.parse().ok()),
            payment_status: given("payment_status").and_then(PaymentStatus::from_word),
            origin: given("origin").and_then(Origin::from_word),
        };
        filter.span = if let Some(day) = day("date") {
            Span::day(day)
        } else if value("from").is_some() || value("to").is_some() {
            Span { from: day("from"), to: day("to") }
        } else if filter.is_worded() {
            Span::EVER
        } else {
            Span::day(today)
        };
        filter
    }

    /// Whether somebody or something is looked for by words; the last digits of a number alone mean one of a day.
    fn is_worded(&self) -> bool {
        let is_whole = self.number.as_deref().and_then(Number::parse).is_some_and(|number| matches!(number, Number::Whole(..)));
        is_whole || self.q.is_some() || self.customer.is_some() || self.phone.is_some() || self.address.is_some()
    }

    /// What stands in the address, in one order, so that equal filters have equal addresses. Yesterday, today and
    /// tomorrow go by these names: a list kept under a name is about the day it is looked at.
    pub fn pairs(&self, today: Day) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        match (self.span.only(), self.span) {
            (Some(day), _) if day == today && !self.is_worded() => {}
            (Some(day), _) => pairs.push(("date", day_word(day, today))),
            (None, Span::EVER) if self.is_worded() => {}
            (None, span) => {
                let word = |day: Option<Day>| day.map(|day| day_word(day, today)).unwrap_or_default();
                pairs.extend([("from", word(span.from)), ("to", word(span.to))]);
            }
        }
        let yes = |is: bool| is.then(|| "1".to_owned());
        let area = self.area.map(|area| area.map_or_else(|| "none".to_owned(), |id| id.to_string()));
        let others = [
            ("status", self.kind.status.map(Status::word).or(self.kind.open.then_some(OPEN)).map(str::to_owned)),
            ("failed", yes(self.kind.failed)),
            ("urgent", yes(self.kind.urgent)),
            ("mine", yes(self.kind.mine)),
            ("q", self.q.clone()),
            ("number", self.number.clone()),
            ("customer", self.customer.clone()),
            ("phone", self.phone.clone()),
            ("address", self.address.clone()),
            ("area", area),
            ("driver", self.driver.map(|id| id.to_string())),
            ("payment_status", self.payment_status.map(|status| status.word().to_owned())),
            ("origin", self.origin.map(|origin| origin.word().to_owned())),
        ];
        pairs.extend(others.into_iter().filter_map(|(name, value)| Some((name, value?))));
        pairs
    }

    /// `date=tomorrow&status=pending`; empty for today's list.
    pub fn query(&self, today: Day) -> String {
        Serializer::new(String::new()).extend_pairs(self.pairs(today)).finish()
    }

    /// Where this list is, page `page` of it.
    pub fn url(&self, today: Day, page: usize) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.pairs(today));
        if 1 < page {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/orders".to_owned() } else { format!("/orders?{query}") }
    }

    /// Where all of it is at once, for the printer.
    pub fn paper_url(&self, today: Day) -> String {
        format!("/orders?{}", Serializer::new(String::new()).extend_pairs(self.pairs(today)).append_pair("page", "all").finish())
    }

    /// Whether there are conditions besides days and chips.
    pub fn is_narrowed(&self) -> bool {
        *self != Filter { span: self.span, kind: self.kind, ..Filter::default() }
    }

    /// The same with the words looked up among the customers, as `me` sees it.
    pub fn look_up(&self, finder: &Finder, conn: &Connection, me: UserId, today: Day) -> Result<Search> {
        let mut words = Vec::new();
        let mut add = |name, typed: &Option<String>, part: Option<Part>, columns: Columns| -> Result<()> {
            let Some(typed) = typed else { return Ok(()) };
            let query = if columns == Columns::PhoneTail { Query::new(&Query::new(typed).terms().concat()) } else { Query::new(typed) };
            let customers = match part {
                Some(part) => finder.all(conn, &query, part)?,
                None => Vec::new(),
            };
            let number = if columns == Columns::Any { Number::offered(typed) } else { None };
            words.push(Words { name, terms: query.terms().to_vec(), customers, columns, number });
            Ok(())
        };
        add("q", &self.q, Some(Part::Any), Columns::Any)?;
        add("customer", &self.customer, Some(Part::Name), Columns::Contact)?;
        add("phone", &self.phone, Some(Part::PhoneTail), Columns::PhoneTail)?;
        add("address", &self.address, None, Columns::Address)?;
        Ok(Search { filter: self.clone(), words, number: self.number.as_deref().map(Number::parse), me, today })
    }
}

/// `tomorrow`, or `2025-05-28`.
fn day_word(day: Day, today: Day) -> String {
    match day.days_since(today) {
        -1 => "yesterday".to_owned(),
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        _ => day.to_string(),
    }
}

/// `yesterday`, `today`, `tomorrow` or a day as our own pages send it.
pub fn parse_day(text: &str, today: Day) -> Option<Day> {
    match text {
        "yesterday" => Some(today.plus(-1)),
        "today" => Some(today),
        "tomorrow" => Some(today.plus(1)),
        text => text.parse().ok(),
    }
}

/// A filter ready to be asked of the file.
#[derive(Clone, Debug)]
pub struct Search {
    pub filter: Filter,
    pub words: Vec<Words>,
    /// `Some(None)`: a number was asked for that is none, and finds nothing.
    pub number: Option<Option<Number>>,
    pub me: UserId,
    pub today: Day,
}

/// One text condition: an order answers it by its customer or by what itself says.
#[derive(Clone, Debug)]
pub struct Words {
    pub name: &'static str,
    /// Folded; all of them are wanted.
    pub terms: Vec<String>,
    /// Who answers it, whatever the order says.
    pub customers: Vec<crate::values::CustomerId>,
    /// Where in the order's own words they are looked for.
    pub columns: Columns,
    /// The number that was typed, where it may be one.
    pub number: Option<Number>,
}

/// The words of an order itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    Any,
    Contact,
    Address,
    PhoneTail,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &str) -> Filter {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Filter::of(&pairs, today())
    }

    fn today() -> Day {
        "2025-05-28".parse().unwrap()
    }

    #[test]
    fn the_days_meant_are_those_said_else_today_else_all() {
        let cases = [
            ("", Some("2025-05-28"), Some("2025-05-28")),
            ("status=pending", Some("2025-05-28"), Some("2025-05-28")),
            ("date=tomorrow", Some("2025-05-29"), Some("2025-05-29")),
            ("date=yesterday", Some("2025-05-27"), Some("2025-05-27")),
            ("date=2025-02-30", Some("2025-05-28"), Some("2025-05-28")),
            ("q=213", None, None),
            ("q=213&date=today", Some("2025-05-28"), Some("2025-05-28")),
            ("number=0043", Some("2025-05-28"), Some("2025-05-28")),
            ("number=ORD-20250528-0043", None, None),
            ("from=&to=", None, None),
            ("from=2025-05-01&to=", Some("2025-05-01"), None),
            ("to=today", None, Some("2025-05-28")),
        ];
        for (query, from, to) in cases {
            let span = filter(query).span;
            assert_eq!((span.from, span.to), (from.map(|day| day.parse().unwrap()), to.map(|day| day.parse().unwrap())), "{query}");
        }
    }

    #[test]
    fn every_filter_is_read_back_from_its_address() {
        let parts = [
            ["", "date=tomorrow", "date=2025-04-01", "from=2025-05-01&to=today"],
            ["", "status=pending", "failed=1&mine=1", "urgent=1&status=open"],
            ["", "q=%E5%B0%8F+213", "number=ORD-20250528-0043&customer=a%26b", "phone=213&address=%E8%B7%AF"],
            ["", "area=none&driver=5", "area=3&payment_status=paid", "origin=walk_in"],
        ];
        for at in 0..256 {
            let chosen: Vec<&str> = (0..4).map(|part| parts[part][at >> (2 * part) & 3]).filter(|part| !part.is_empty()).collect();
            let one = filter(&chosen.join("&"));
            assert_eq!(filter(&one.query(today())), one, "{chosen:?}");
        }
        assert_eq!(filter("").url(today(), 1), "/orders");
        assert_eq!(filter("date=tomorrow").url(today(), 3), "/orders?date=tomorrow&page=3");
        assert_eq!(filter("area=x&driver=y&origin=z&status=w"), filter(""));
    }
}
