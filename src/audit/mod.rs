//! Who changed what: the journal as people read it, for the owner. Nothing is written here.
//!
//! Invariants
//! - The newest line comes first, in the order lines were written; the PC's clock may have jumped in between.
//! - A page costs the same however long the journal is: it is found by the number of its last line, never by counting.

pub mod pages;
pub mod store;
pub mod words;

use form_urlencoded::Serializer;
use serde_json::{Map, Value};

use crate::error::Noun;
use crate::http::Request;
use crate::values::{Day, Stamp, UserId};

/// A row of the journal itself, of which no row tells.
pub(crate) const NOUN: Noun = Noun { word: "journal", label: "異動" };

/// Lines of a page.
pub const ROWS: usize = 50;

/// Whose doing it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The program itself, or its command line.
    Program,
    User(UserId),
}

/// What is asked for again and again (business §20), each some verbs and perhaps one field that must have changed.
pub struct Topic {
    pub word: &'static str,
    pub label: &'static str,
    pub verbs: &'static [&'static str],
    pub field: Option<&'static str>,
}

const fn topic(word: &'static str, label: &'static str, verbs: &'static [&'static str]) -> Topic {
    Topic { word, label, verbs, field: None }
}

#[rustfmt::skip]
pub const TOPICS: &[Topic] = &[
    topic("sign_in",  "登入失敗、鎖住",     &["sign_in_failure", "lock"]),
    topic("password", "密碼和登出",         &["change_password", "reset_password", "sign_out", "revoke"]),
    Topic { word: "role", label: "改角色",  verbs: &["edit"], field: Some("role") },
    Topic { word: "override", label: "明知故排", verbs: &["publish"], field: Some("override_note") },
    topic("cancel",   "取消",               &["cancel", "terminate", "unterminate"]),
    topic("void",     "作廢、收回、復原",   &["void", "take_back", "undo", "undo_skip", "withdraw_price", "reopen"]),
    topic("adjust",   "更正、盤點、報廢",   &["correct", "count", "scrap"]),
    topic("price",    "改價格",             &["set_price", "withdraw_price"]),
    topic("import",   "匯入",               &["import", "take_back"]),
    topic("export",   "匯出",               &["export", "download"]),
    topic("backup",   "備份",               &["backup", "upload", "practice", "look"]),
    topic("restore",  "還原",               &["restore"]),
];

/// What a page shows; the default is everything.
#[derive(Clone, Default)]
pub struct Filter {
    pub who: Option<Who>,
    pub topic: Option<&'static Topic>,
    /// The word of a noun, and perhaps which one.
    pub noun: Option<&'static str>,
    pub noun_id: Option<i64>,
    pub from: Option<Day>,
    pub to: Option<Day>,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Newest,
    /// Lines older than this one.
    Before(i64),
    /// Lines newer than this one.
    After(i64),
}

/// One line of the journal.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: i64,
    pub at: Stamp,
    pub user: Option<UserId>,
    /// As they are called now.
    pub name: Option<String>,
    pub verb: String,
    pub noun: String,
    pub noun_id: Option<i64>,
    pub change: Value,
}

/// One field that changed; `None` is a side nothing is known of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub field: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// What a page of lines holds.
pub struct Found {
    pub lines: Vec<Line>,
    pub has_newer: bool,
    pub has_older: bool,
}

impl Filter {
    /// What the address says; a value nobody offers is as if it were not there.
    pub fn read(req: &Request) -> Filter {
        let text = |name: &str| req.query(name).map(str::trim).filter(|text| !text.is_empty());
        let who = text("who").and_then(|text| match text {
            "program" => Some(Who::Program),
            id => id.parse().ok().map(Who::User),
        });
        let noun = text("noun").and_then(words::noun).map(|noun| noun.word);
        Filter {
            who,
            topic: text("topic").and_then(|word| TOPICS.iter().find(|topic| topic.word == word)),
            noun,
            noun_id: noun.and(text("id")).and_then(|id| id.parse().ok()),
            from: text("from").and_then(|day| day.parse().ok()),
            to: text("to").and_then(|day| day.parse().ok()),
        }
    }

    pub fn is_everything(&self) -> bool {
        self.query(At::Newest).is_empty()
    }

    /// The address of this filter's page at `at`.
    pub fn url(&self, at: At) -> String {
        let query = self.query(at);
        if query.is_empty() { "/audit".to_owned() } else { format!("/audit?{query}") }
    }

    fn query(&self, at: At) -> String {
        let mut pairs = Serializer::new(String::new());
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                pairs.append_pair(name, &value);
            }
        };
        add("who", self.who.map(|who| who.word()));
        add("topic", self.topic.map(|topic| topic.word.to_owned()));
        add("noun", self.noun.map(str::to_owned));
        add("id", self.noun_id.map(|id| id.to_string()));
        add("from", self.from.map(|day| day.to_string()));
        add("to", self.to.map(|day| day.to_string()));
        match at {
            At::Newest => {}
            At::Before(id) => add("before", Some(id.to_string())),
            At::After(id) => add("after", Some(id.to_string())),
        }
        pairs.finish()
    }
}

impl Who {
    pub fn word(self) -> String {
        match self {
            Who::Program => "program".to_owned(),
            Who::User(id) => id.to_string(),
        }
    }
}

impl Line {
    /// The fields that changed, before and after beside each other, in the order of their names; what was nothing and is
    /// nothing, and the row's own numbers, tell nobody anything.
    pub fn changes(&self) -> Vec<Change> {
        let side = |name: &str| self.change.get(name).and_then(Value::as_object);
        let (before, after) = (side("before"), side("after"));
        let mut names: Vec<&String> = before.into_iter().chain(after).flat_map(Map::keys).collect();
        names.sort();
        names.dedup();
        let of = |map: Option<&Map<String, Value>>, name: &str| map.and_then(|map| map.get(name)).cloned();
        let told = |change: &Change| {
            let is_something = |value: &Option<Value>| value.as_ref().is_some_and(|value| !value.is_null());
            !matches!(change.field.as_str(), "id" | "version") && (is_something(&change.before) || is_something(&change.after))
        };
        names
            .into_iter()
            .map(|name| Change { field: name.clone(), before: of(before, name), after: of(after, name) })
            .filter(told)
            .collect()
    }

    /// What else was said of it.
    pub fn rest(&self) -> Vec<(&str, &Value)> {
        let is_side = |name: &str| matches!(name, "before" | "after") && self.change.get(name).is_some_and(Value::is_object);
        let all = self.change.as_object().into_iter().flatten();
        all.filter(|(name, value)| !is_side(name) && *name != "version" && !value.is_null())
            .map(|(name, value)| (name.as_str(), value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_tells_both_sides_of_each_field_and_what_else_was_said() {
        let change = json!({"version": 3, "before": {"name": "a", "role": "driver"}, "after": {"name": "b"}, "reason": "x", "none": null});
        let line = Line { id: 1, at: Stamp(0), user: None, name: None, verb: "edit".into(), noun: "user".into(), noun_id: Some(1), change };
        let changes = line.changes();
        assert_eq!(changes[0], Change { field: "name".into(), before: Some(json!("a")), after: Some(json!("b")) });
        assert_eq!(changes[1], Change { field: "role".into(), before: Some(json!("driver")), after: None });
        assert_eq!(line.rest(), [("reason", &json!("x"))]);
        // A holiday's `before` is a word and no object.
        let line = Line { change: json!({"before": "國慶日", "holiday_on": "2026-10-10"}), ..line };
        assert_eq!(line.changes(), []);
        assert_eq!(line.rest().len(), 2);
    }
}
