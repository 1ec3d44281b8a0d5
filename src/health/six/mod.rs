//! Six sentences to read over the phone, each green or red, a red one with what to press. Amber is for what nobody has done
//! wrong and somebody should know: nothing has been tried yet, or no second place was ever chosen.
//!
//! Invariants
//! - They name nobody. What a second place is called stands on the page and not in the support file.
//! - They cost a page nothing to speak of: a few rows, what the program has in memory, and no file is opened.

mod clock;
mod data;
mod disk;
mod phones;
mod second;

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::error::Result;
use crate::health::code::Told;
use crate::values::Stamp;

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Good,
    /// Nothing is wrong, and somebody should know.
    Mind,
    Bad,
}

impl State {
    fn class(self) -> Option<&'static str> {
        match self {
            State::Good => None,
            State::Mind => Some("mind"),
            State::Bad => Some("bad"),
        }
    }

    /// For programs and the support file.
    pub fn word(self) -> &'static str {
        match self {
            State::Good => "good",
            State::Mind => "mind",
            State::Bad => "bad",
        }
    }
}

/// One of the six.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub state: State,
    /// What is so, in a few words.
    pub title: &'static str,
    /// How that is known, and what to do when it is not so.
    pub detail: String,
    /// Where that is done: the words of the button and its address.
    pub remedy: Option<(&'static str, &'static str)>,
}

impl Sentence {
    fn good(title: &'static str, detail: impl Into<String>) -> Sentence {
        Sentence { state: State::Good, title, detail: detail.into(), remedy: None }
    }

    fn mind(title: &'static str, detail: impl Into<String>, remedy: (&'static str, &'static str)) -> Sentence {
        Sentence { state: State::Mind, title, detail: detail.into(), remedy: Some(remedy) }
    }

    fn bad(title: &'static str, detail: impl Into<String>, remedy: (&'static str, &'static str)) -> Sentence {
        Sentence { state: State::Bad, title, detail: detail.into(), remedy: Some(remedy) }
    }
}

/// The sentences as of `now`, in their order.
pub fn sentences(app: &App, now: Stamp) -> Result<[Sentence; 6]> {
    app.db.read(|conn| sentences_of(app, conn, now))
}

/// The same in a read of the caller's.
pub fn sentences_of(app: &App, conn: &Connection, now: Stamp) -> Result<[Sentence; 6]> {
    let known = data::Known::load(conn)?;
    Ok([
        data::whole(app, &known, now),
        data::restorable(app, &known, now),
        second::sentence(app, conn, now)?,
        disk::sentence(app, conn, now)?,
        clock::sentence(app, conn, now)?,
        phones::sentence(app, conn, now)?,
    ])
}

/// Those that are red, for the first page.
pub fn red(app: &App, conn: &Connection, now: Stamp) -> Result<Vec<Sentence>> {
    Ok(sentences_of(app, conn, now)?.into_iter().filter(|sentence| sentence.state == State::Bad).collect())
}

/// The code to read out, which says which of `sentences` are red.
pub fn code(sentences: &[Sentence; 6]) -> String {
    Told::now(sentences.each_ref().map(|sentence| sentence.state == State::Bad)).code()
}

/// The list as mock 16 has it.
pub fn view(sentences: &[Sentence; 6]) -> Markup {
    html! {
        ol.health.panel.flush aria-label="六句話" {
            @for (number, sentence) in (1..).zip(sentences) {
                li class=[sentence.state.class()] {
                    span { b { (number) ". " (sentence.title) } span.soft { (sentence.detail) } }
                    @if let Some((label, url)) = sentence.remedy { a.button href=(url) { (label) } }
                }
            }
        }
    }
}
