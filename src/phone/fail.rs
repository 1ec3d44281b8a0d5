//! 沒送成: why, in one tap, and where to look for it.

use maud::{Markup, html};

use crate::error::Problem;
use crate::http::Request;
use crate::orders::FailReason;
use crate::phone::frame::act_fields;
use crate::phone::route_view::problems_view;
use crate::phone::stop_view::{other_view, photo_view};
use crate::phone::{Visit, Way};
use crate::routes::Status;
use crate::ui::{self, Typed};

/// The reasons of one stop.
pub fn view(req: &Request, way: &Way, visit: &Visit, typed: &Typed, problems: &[Problem]) -> Markup {
    let elsewhere: Vec<Problem> = problems.iter().filter(|problem| problem.field != "note").cloned().collect();
    html! {
        div.top {
            a.button.back href={ "/driver/stops/" (visit.stop.id) } aria-label="返回這一站" { "返回" }
            div.who { h1 { "沒送成：為什麼？" } span { @if let Some(no) = visit.no { (no) " " } (visit.name) } }
        }
        @if way.route.status == Status::InProgress {
            form method="post" action={ "/driver/stops/" (visit.stop.id) "/fail" } enctype="multipart/form-data" data-act="" {
                (act_fields(req))
                (problems_view(&elsewhere))
                fieldset.reasons {
                    legend.unseen { "原因" }
                    @for reason in FailReason::ALL {
                        label.wide[*reason == FailReason::Other] {
                            input type="radio" name="reason" value=(reason.word()) checked[typed.is("reason", reason.word())] required; (reason.label())
                        }
                    }
                }
                div.pair {
                    @if let Some(call) = visit.call() { a.button href=(call) { "再打電話" } } @else { span.button.off { "沒有電話" } }
                    (photo_view(typed))
                }
                (other_view("note", "其他原因，或補一句", 500, typed, problems))
                p.inset { "桶子留車上，辦公室會改約。" }
                div.thumb { button.primary { "記下，下一站" } }
            }
        } @else {
            div.inset { (ui::warn("這條路線現在沒有在送。")) }
            div.thumb { a.button.primary href={ "/driver/routes/" (way.route.id) } { "回路線" } }
        }
    }
}
