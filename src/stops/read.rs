//! Acts as a phone tells them: JSON in the database's names, as [`Act::json`] writes them.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::meters;
use crate::orders::FailReason;
use crate::orders::read::{CONTACT_NAME, NOTES, delivered_lines};
use crate::stops::{Act, Completion, Figure, NO_PROOF, Target, Verb};
use crate::ui::FormReader;
use crate::values::{MeterId, Ntd, ProductId, RouteId, Stamp, StopId};

/// One act of a phone, with the number it has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub action_id: String,
    pub device_at: Option<Stamp>,
    pub target: Target,
    pub act: Act,
}

/// Which act of which thing, and the rest of it. `Invalid` with all that cannot be read.
pub fn sent(object: &Map<String, Value>) -> Result<Sent> {
    let verb = object.get("act").and_then(Value::as_str).and_then(Verb::from_word);
    let verb = verb.ok_or_else(|| Error::invalid("act", "沒有這種動作。"))?;
    let id = |name: &'static str| object.get(name).and_then(Value::as_i64).filter(|id| 0 < *id);
    let target = match verb {
        Verb::Start | Verb::Finish => id("route_id").map(|id| Target::Route(RouteId(id))),
        Verb::Arrive | Verb::Complete | Verb::Fail | Verb::Undo => id("stop_id").map(|id| Target::Stop(StopId(id))),
    };
    let target = target.ok_or_else(|| Error::invalid("stop_id", "請寫是哪一站，或哪一條路線。"))?;
    sent_to(object, verb, target)
}

/// The same where the address says what is done to what.
pub fn sent_to(object: &Map<String, Value>, verb: Verb, target: Target) -> Result<Sent> {
    let mut body = FormReader::json(Value::Object(object.clone()));
    let action_id = body.text("action_id");
    if action_id.is_empty() {
        body.problem("action_id", "要有 action_id，才不會記兩次。");
    }
    let device_at = body.parsed("device_at", "時間要寫成 2025-05-28T10:22:00+08:00。", |text| text.parse().ok());
    let act = act(&mut body, verb);
    body.check()?;
    let act = act.ok_or_else(|| Error::impossible("read an act without a problem"))?;
    Ok(Sent { action_id, device_at, target, act })
}

/// `None` when what is needed is missing, which `body` then knows as a problem.
fn act(body: &mut FormReader, verb: Verb) -> Option<Act> {
    let note = body.optional("note", NOTES);
    Some(match verb {
        Verb::Start => Act::Start { loaded: loaded(body), note },
        Verb::Arrive => Act::Arrive { note },
        Verb::Complete => Act::Complete(completion(body, note)),
        Verb::Fail => {
            let reason = body.parsed("reason", "沒有這個原因。", FailReason::from_word);
            if reason.is_none() && !body.has("reason") {
                body.problem("reason", "請寫原因 reason。");
            }
            Act::Fail { reason: reason?, photo: picture(body, "photo"), note }
        }
        Verb::Undo => Act::Undo { note },
        Verb::Finish => {
            let km = body.parsed("odometer_end_km", "里程要寫整數公里。", |text| {
                text.parse().ok().filter(|km| (0..=9_999_999).contains(km))
            });
            Act::Finish { odometer_end_km: km, note }
        }
    })
}

fn completion(body: &mut FormReader, note: Option<String>) -> Completion {
    const MONEY: &str = "金額要在 0 到 9,999,999 之間。";
    Completion {
        lines: body.value("lines").is_some_and(Value::is_array).then(|| delivered_lines(body)),
        readings: readings(body),
        cash_handed: body.parsed("cash_handed_ntd", MONEY, Ntd::parse),
        cash: body.parsed("cash_ntd", MONEY, Ntd::parse),
        recipient: body.optional("recipient", CONTACT_NAME),
        no_proof: body.optional("no_proof", NO_PROOF),
        photo: picture(body, "photo"),
        signature: picture(body, "signature"),
        note,
    }
}

/// The sha256 of a picture, in hex.
pub(crate) fn picture(body: &mut FormReader, name: &'static str) -> Option<String> {
    body.parsed(name, "照片要先傳，再寫它的編號。", |text| {
        let is_sha = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_sha.then(|| text.to_owned())
    })
}

/// `{"meter_id": 3, "value": "1234.5"}`, or `value_milli`; `is_sure` when the driver looked twice.
fn readings(body: &mut FormReader) -> Vec<Figure> {
    let list = body.value("readings").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut figures = Vec::new();
    for (no, item) in (1..).zip(&list) {
        let meter = item["meter_id"].as_i64().filter(|id| 0 < *id).map(MeterId);
        let typed = match &item["value"] {
            Value::Number(number) => meters::parse_figure(&number.to_string()),
            value => value.as_str().and_then(meters::parse_figure),
        };
        match (meter, typed.or_else(|| item["value_milli"].as_i64())) {
            (Some(meter), Some(value_milli)) => {
                figures.push(Figure { meter, value_milli, is_sure: item["is_sure"].as_bool().unwrap_or_default() });
            }
            (None, _) => body.problem(format!("readings.{no}.meter_id"), "請寫是哪一個錶。"),
            (_, None) => body.problem(format!("readings.{no}.value"), "讀數要寫數字，最多三位小數。"),
        }
    }
    figures
}

/// `[{"product_id": 2, "qty": 30}]`; `None` when nobody counted.
fn loaded(body: &mut FormReader) -> Option<Vec<(ProductId, i64)>> {
    let list = body.value("loaded")?.as_array()?.clone();
    let mut items = Vec::new();
    for (no, item) in (1..).zip(&list) {
        match item["product_id"].as_i64().zip(item["qty"].as_i64().filter(|qty| (0..=9_999).contains(qty))) {
            Some((product, qty)) => items.push((ProductId(product), qty)),
            None => body.problem(format!("loaded.{no}"), "請寫產品和支數。"),
        }
    }
    Some(items)
}
