//! What a driver does at a stop: he starts, arrives, hands over or comes back with it, and may take that back.
//!
//! Invariants
//! - An act carries the number its phone gave it and is applied once, whatever is sent again and in whatever order;
//!   sent again it gets the answer it got (business §13).
//! - All that a completed stop means stands in one transaction: the order with what was left, the delivery, the
//!   cylinders, the meters, the money, the stop, the act and the journal.
//! - What cannot be applied because somebody was faster is kept with all it says, and the office is told; what is
//!   wrong in itself is refused and leaves nothing behind.

pub mod act;
pub mod api;
mod complete;
pub mod conflicts;
pub mod photos;
pub mod read;
pub mod store;
mod undo;

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::{Noun, Result};
use crate::orders::{Actor, DeliveredLine, FailReason};
use crate::values::choice::choice;
use crate::values::{MeterId, Ntd, ProductId, RouteId, Stamp, StopId, UserId};

pub use act::act;
pub use undo::is_open_to_driver;

/// An act as it stands in `driver_acts`.
pub const NOUN: Noun = Noun { word: "driver_act", label: "司機的動作" };

/// How long a driver may take back what he has just done himself (business §11).
pub const UNDO_MINUTES: i64 = 10;

/// How far a phone's clock may be off before the hour of its acts is that of their coming in (business §13).
pub const CLOCK_MINUTES: i64 = 10;

/// How long a reason for a missing signature may be.
pub const NO_PROOF: usize = 200;

/// What the number of an act may be long.
pub const ACTION_ID: std::ops::RangeInclusive<usize> = 8..=64;

choice! {
    /// What is done; each is the journal's verb and part of an address.
    Verb {
        Start = "start", "出發";
        Arrive = "arrive", "到了";
        Complete = "complete", "送完";
        Fail = "fail", "沒送成";
        Undo = "undo", "復原";
        Finish = "finish", "收工";
    }
}

choice! {
    /// What became of an act that was understood.
    Outcome {
        Applied = "applied", "記下了";
        /// Somebody was faster: kept for the office to look at.
        Conflict = "conflict", "要核對";
    }
}

/// What an act is about: `Start` and `Finish` a route, the others a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Route(RouteId),
    Stop(StopId),
}

/// One act, with what it takes. A `note` is for the office to read; who acts for the driver must give one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The route is begun, its truck loaded as its sheet says, or as counted.
    Start {
        loaded: Option<Vec<(ProductId, i64)>>,
        note: Option<String>,
    },
    Arrive {
        note: Option<String>,
    },
    Complete(Completion),
    Fail {
        reason: FailReason,
        /// The sha256 of a picture that was sent before: the shut door.
        photo: Option<String>,
        /// Needed for `Other`.
        note: Option<String>,
    },
    Undo {
        note: Option<String>,
    },
    /// The route is over.
    Finish {
        odometer_end_km: Option<i64>,
        note: Option<String>,
    },
}

/// What happened at the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// As many as the order has lines, in their order; `None`: everything as it was ordered.
    pub lines: Option<Vec<DeliveredLine>>,
    pub readings: Vec<Figure>,
    /// What the customer gave, before the change; `None`: exactly what was kept.
    pub cash_handed: Option<Ntd>,
    /// What the driver kept, as he typed it; `None`: of what was handed as much as was due, without it nothing.
    pub cash: Option<Ntd>,
    pub recipient: Option<String>,
    /// Why nobody signed: 放門口, 老客戶 or in his own words.
    pub no_proof: Option<String>,
    /// The sha256 of a picture that was sent before, in hex.
    pub photo: Option<String>,
    pub signature: Option<String>,
    pub note: Option<String>,
}

/// What a meter showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    pub meter: MeterId,
    /// In thousandths of its unit.
    pub value_milli: i64,
    /// The driver looked twice: it is that much more than usual.
    pub is_sure: bool,
}

/// [`act`] in a transaction of its own, once the pictures it names are found on disk.
pub fn perform(app: &App, target: Target, act: &Act, action_id: &str, device_at: Option<Stamp>, actor: Actor) -> Result<Answer> {
    app.photos.check(act)?;
    app.db.write(|tx| act::act(tx, target, act, action_id, device_at, actor))
}

impl Act {
    pub fn verb(&self) -> Verb {
        match self {
            Act::Start { .. } => Verb::Start,
            Act::Arrive { .. } => Verb::Arrive,
            Act::Complete(_) => Verb::Complete,
            Act::Fail { .. } => Verb::Fail,
            Act::Undo { .. } => Verb::Undo,
            Act::Finish { .. } => Verb::Finish,
        }
    }

    pub fn note(&self) -> Option<&str> {
        match self {
            Act::Start { note, .. } | Act::Arrive { note } | Act::Fail { note, .. } | Act::Undo { note } | Act::Finish { note, .. } => {
                note.as_deref()
            }
            Act::Complete(completion) => completion.note.as_deref(),
        }
    }

    /// The pictures it names.
    pub fn pictures(&self) -> impl Iterator<Item = &str> {
        let pictures = match self {
            Act::Complete(completion) => [completion.photo.as_deref(), completion.signature.as_deref()],
            Act::Fail { photo, .. } => [photo.as_deref(), None],
            Act::Start { .. } | Act::Arrive { .. } | Act::Undo { .. } | Act::Finish { .. } => [None, None],
        };
        pictures.into_iter().flatten()
    }

    /// All it says, under the names the API reads; what is not said is left out.
    pub fn json(&self) -> Value {
        let mut object = json!({"note": self.note()});
        match self {
            Act::Start { loaded, .. } => {
                let item = |(product, qty): &(ProductId, i64)| json!({"product_id": product.0, "qty": qty});
                object["loaded"] = loaded.as_ref().map(|loaded| loaded.iter().map(item).collect()).unwrap_or_default();
            }
            Act::Arrive { .. } | Act::Undo { .. } => {}
            Act::Complete(completion) => completion.add_to(&mut object),
            Act::Fail { reason, photo, .. } => {
                object["reason"] = reason.word().into();
                object["photo"] = json!(photo);
            }
            Act::Finish { odometer_end_km, .. } => object["odometer_end_km"] = json!(odometer_end_km),
        }
        let said = |value: &Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
        let said: Map<String, Value> = object.as_object().into_iter().flatten().filter(|(_, value)| said(value)).map(owned).collect();
        Value::Object(said)
    }
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

impl Completion {
    fn add_to(&self, object: &mut Value) {
        let line =
            |line: &DeliveredLine| json!({"qty_delivered": line.qty, "empties_returned": line.empties, "residual_g": line.residual.0});
        let figure = |figure: &Figure| json!({"meter_id": figure.meter.0, "value_milli": figure.value_milli, "is_sure": figure.is_sure});
        object["lines"] = self.lines.as_ref().map(|lines| lines.iter().map(line).collect()).unwrap_or_default();
        object["readings"] = self.readings.iter().map(figure).collect();
        object["cash_handed_ntd"] = json!(self.cash_handed.map(|amount| amount.0));
        object["cash_ntd"] = json!(self.cash.map(|amount| amount.0));
        object["recipient"] = json!(self.recipient);
        object["no_proof"] = json!(self.no_proof);
        object["photo"] = json!(self.photo);
        object["signature"] = json!(self.signature);
    }
}

/// What an act was told, the first time and every time it is sent again.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub outcome: Outcome,
    /// One sentence for whoever acted.
    pub say: String,
    /// What he should know besides: `收了 NT$1,700，應收 NT$1,750。`
    pub warnings: Vec<String>,
    /// Numbers for a program: `stop_id`, `route_id`, `order_id`, `stop_status`, `order_status`, `final_ntd`,
    /// `cash_due_ntd`, `cash_ntd`, `change_ntd`, each where the act has it.
    pub facts: Map<String, Value>,
}

impl Answer {
    pub fn applied(say: impl Into<String>) -> Answer {
        Answer { outcome: Outcome::Applied, say: say.into(), warnings: Vec::new(), facts: Map::new() }
    }

    pub fn json(&self) -> Value {
        let mut object = json!({"outcome": self.outcome.word(), "say": self.say, "warnings": self.warnings});
        for (name, value) in &self.facts {
            object[name] = value.clone();
        }
        object
    }

    /// One that was kept; `None` when it is none of ours.
    pub fn from_json(kept: &Value) -> Option<Answer> {
        const OWN: [&str; 3] = ["outcome", "say", "warnings"];
        let object = kept.as_object()?;
        Some(Answer {
            outcome: Outcome::from_word(object.get("outcome")?.as_str()?)?,
            say: object.get("say")?.as_str()?.to_owned(),
            warnings: object.get("warnings")?.as_array()?.iter().filter_map(|say| say.as_str().map(str::to_owned)).collect(),
            facts: object.iter().filter(|(name, _)| !OWN.contains(&name.as_str())).map(owned).collect(),
        })
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Answer {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

/// An act as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub id: i64,
    pub action_id: String,
    pub user_id: UserId,
    pub verb: Verb,
    pub route_id: Option<RouteId>,
    pub stop_id: Option<StopId>,
    /// By the phone's own clock.
    pub device_at: Option<Stamp>,
    pub received_at: Stamp,
    pub payload: Value,
    pub answer: Answer,
    pub settled_at: Option<Stamp>,
}
