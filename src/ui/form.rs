//! Reading a form so that all that is wrong with it is told at once, and drawing it again as it was typed.

use std::borrow::Cow;

use maud::{Markup, html};

use crate::error::{Error, Problem};
use crate::http::Request;
use crate::values::text;

/// Reads fields of a form (or, with [`FormReader::json`], of a JSON object) and gathers problems.
pub struct FormReader<'a> {
    source: Source<'a>,
    problems: Vec<Problem>,
}

enum Source<'a> {
    Form(&'a [(String, String)]),
    Json(serde_json::Value),
}

impl<'a> FormReader<'a> {
    pub fn new(req: &'a Request) -> FormReader<'a> {
        FormReader { source: Source::Form(req.form_pairs()), problems: Vec::new() }
    }

    /// The same from a form as it stands, wherever it came from.
    pub fn of(typed: &'a Typed) -> FormReader<'a> {
        FormReader { source: Source::Form(&typed.0), problems: Vec::new() }
    }

    /// The same fields from a JSON object, in the database's names.
    pub fn json(object: serde_json::Value) -> FormReader<'static> {
        FormReader { source: Source::Json(object), problems: Vec::new() }
    }

    /// Whether the fields come from JSON, which names only what it changes.
    pub fn is_json(&self) -> bool {
        matches!(self.source, Source::Json(_))
    }

    /// Whether the field was sent at all; an API update leaves alone what is not named.
    pub fn has(&self, name: &str) -> bool {
        match &self.source {
            Source::Form(pairs) => first(pairs, name).is_some(),
            Source::Json(object) => object.get(name).is_some(),
        }
    }

    /// The text of `name`, trimmed; empty when it was not sent. Numbers and booleans of JSON become their text.
    pub fn text(&self, name: &str) -> String {
        match &self.source {
            Source::Form(pairs) => text::trim(first(pairs, name).unwrap_or_default()).to_owned(),
            Source::Json(object) => match object.get(name) {
                Some(serde_json::Value::String(text)) => text::trim(text).to_owned(),
                Some(serde_json::Value::Bool(yes)) => if *yes { "1" } else { "" }.to_owned(),
                Some(serde_json::Value::Number(number)) => number.to_string(),
                _ => String::new(),
            },
        }
    }

    /// Every value of a field that repeats: check boxes, several phones.
    pub fn all(&self, name: &str) -> Vec<String> {
        match &self.source {
            Source::Form(pairs) => pairs.iter().filter(|(have, _)| have == name).map(|(_, value)| text::trim(value).to_owned()).collect(),
            Source::Json(object) => match object.get(name) {
                Some(serde_json::Value::Array(items)) => {
                    items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), |value| text::trim(value).to_owned())).collect()
                }
                _ => Vec::new(),
            },
        }
    }

    /// The raw JSON under `name`, for nested lists.
    pub fn value(&self, name: &str) -> Option<&serde_json::Value> {
        match &self.source {
            Source::Form(_) => None,
            Source::Json(object) => object.get(name),
        }
    }

    /// Text of at most `most` characters without control characters; `None` when empty.
    pub fn optional(&mut self, name: &'static str, most: usize) -> Option<String> {
        let value = self.text(name);
        if most < value.chars().count() {
            self.problem(name, format!("最多 {most} 個字。"));
        } else if value.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
            self.problem(name, "裡面有看不見的字元，請重新輸入。");
        }
        (!value.is_empty()).then_some(value)
    }

    /// The same, but saying `missing` when it is empty.
    pub fn need(&mut self, name: &'static str, most: usize, missing: &'static str) -> String {
        self.optional(name, most).unwrap_or_else(|| {
            self.problem(name, missing);
            String::new()
        })
    }

    /// A field whose text `parse` understands; `None` when empty, a problem when it does not.
    pub fn parsed<T>(&mut self, name: &'static str, say: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = self.text(name);
        if value.is_empty() {
            return None;
        }
        let parsed = parse(&value);
        if parsed.is_none() {
            self.problem(name, say);
        }
        parsed
    }

    /// A check box, or a JSON boolean.
    pub fn checked(&self, name: &str) -> bool {
        matches!(self.text(name).as_str(), "1" | "on" | "true")
    }

    pub fn problem(&mut self, field: impl Into<Cow<'static, str>>, say: impl Into<Cow<'static, str>>) {
        self.problems.push(Problem { field: field.into(), say: say.into() });
    }

    /// All that was wrong, for a reader with more to add.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// `Invalid` when anything was wrong.
    pub fn check(self) -> Result<(), Error> {
        if self.problems.is_empty() { Ok(()) } else { Err(Error::Invalid(self.problems)) }
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
}

/// What stands in a form: as the record is, as the program suggests it, or as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed(pub Vec<(String, String)>);

impl Typed {
    pub fn of(req: &Request) -> Typed {
        Typed(req.form_pairs().to_vec())
    }

    /// One more `name`; a field may repeat.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// `value` in the place of all that was typed as `name`.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(have, _)| have != name);
        self.push(name, value);
    }

    pub fn get(&self, name: &str) -> &str {
        first(&self.0, name).unwrap_or_default()
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub fn is(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|have| have == value)
    }
}

/// The hidden field every form that changes something carries.
pub fn csrf_field(req: &Request) -> Markup {
    html! {
        @if let Some(session) = &req.session { input type="hidden" name="csrf" value=(session.csrf); }
    }
}

/// Label, field and what is wrong with it. `input` must have `id=(name)`; give it
/// `aria-invalid` and `aria-describedby` with [`wrong`].
pub fn field(label: &str, name: &str, problems: &[Problem], input: Markup) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            (input)
            @for problem in problems.iter().filter(|problem| problem.field == name) {
                span.problem id={ "why-" (name) } { (problem.say) }
            }
        }
    }
}

/// `("true", "why-name")` for the two attributes of a field that has a problem.
pub fn wrong(name: &str, problems: &[Problem]) -> Option<(&'static str, String)> {
    problems.iter().any(|problem| problem.field == name).then(|| ("true", format!("why-{name}")))
}
