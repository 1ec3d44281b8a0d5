//! Parts every page shares. A view takes finished data and returns `Markup`: no query, no clock.

pub mod form;
pub mod page;

use std::borrow::Cow;

use maud::{Markup, html};

pub use form::{FormReader, Typed, csrf_field, field};
pub use page::{Page, Room, bell_view, undo_view};

/// A list with nothing in it: say so, then what to do.
pub fn empty(say: &str, then: &str) -> Markup {
    html! { div.empty { strong { (say) } (then) } }
}

/// One field of a conflict: what stands there now, and what was typed where that is not the same as before.
pub struct Clash {
    pub label: Cow<'static, str>,
    pub now: Markup,
    pub typed: Option<Markup>,
}

/// What somebody else changed since `base`, field by field in people's words, and what was typed over it. The three name
/// the same fields in the same order.
pub fn clashes<const N: usize>(
    now: [(&'static str, String); N],
    base: [(&'static str, String); N],
    typed: [(&'static str, String); N],
) -> Vec<Clash> {
    let differing = now.into_iter().zip(base).zip(typed).filter(|((now, base), _)| now.1 != base.1);
    differing
        .map(|((now, base), typed)| {
            let typed = (typed.1 != base.1).then(|| html! { (typed.1) });
            Clash { label: now.0.into(), now: html! { (now.1) }, typed }
        })
        .collect()
}

/// Both values side by side, for each field that differs; what only the other changed is said to be so. `what` is
/// 這張單, `back` the way to what stands there now.
pub fn stale(who: &str, at: &str, what: &str, clashes: &[Clash], back: Markup) -> Markup {
    html! {
        p.refuse { span { b { (who) " " (at) " 先改了" (what) "，你的還沒存。" } "下面已經把你改的放在新的上面，看過再存。" } }
        section.panel {
            table.list.tight {
                thead { tr { th scope="col" { "欄位" } th scope="col" { "現在的" } th scope="col" { "你打的" } } }
                tbody {
                    @for clash in clashes {
                        tr {
                            th.keep scope="row" { (clash.label) }
                            td { (clash.now) }
                            td { @match &clash.typed { Some(typed) => b { (typed) }, None => span.soft { "沒有改" } } }
                        }
                    }
                    @if clashes.is_empty() { tr { td colspan="3" { "兩個人改成一樣的了。" } } }
                }
            }
            p.acts { (back) }
        }
    }
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

/// `48.2 MB` of a file's size, `182.3 GB` of a disk's.
pub fn megabytes(bytes: u64) -> String {
    let (by, unit) = if bytes < 10_000_000_000 { (100_000, "MB") } else { (100_000_000, "GB") };
    let tenths = (bytes + by / 2) / by;
    format!("{}.{} {unit}", count(tenths as i64 / 10), tenths % 10)
}
