//! Parts every page shares. A view takes finished data and returns `Markup`: no query, no clock.

pub mod form;
pub mod page;

use maud::{Markup, html};

pub use form::{FormReader, Typed, csrf_field, field};
pub use page::{Page, Room, undo_view};

/// A list with nothing in it: say so, then what to do.
pub fn empty(say: &str, then: &str) -> Markup {
    html! { div.empty { strong { (say) } (then) } }
}

/// The — of what nobody knows; never 0.
pub fn none() -> Markup {
    html! { span.none { "—" } }
}

/// `text` between two hairlines of amber: Enter still passes.
pub fn warn(text: &str) -> Markup {
    html! { p.warn { span { (text) } } }
}

/// A red line: this cannot be saved.
pub fn refuse(text: &str) -> Markup {
    html! { p.refuse { span { (text) } } }
}

/// `1,234` for counts in lists and sentences.
pub fn count(number: i64) -> String {
    crate::values::text::thousands(number)
}
