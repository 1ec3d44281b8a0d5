//! What a completed stop means, all of it.

use rusqlite::Transaction;

use crate::cylinders::{self, StopGoods};
use crate::error::{Error, Problem, Result};
use crate::meters::{self, NewReading};
use crate::orders::Order;
use crate::orders::steps::{self, Handed, Move};
use crate::payments::{self, NewPayment};
use crate::routes::{self, Stop, StopStatus};
use crate::stops::act::{Scene, set_out};
use crate::stops::{Answer, Completion, Verb};
use crate::values::Ntd;

/// The order is delivered with what was left, the meters are read, the cylinders move, the money is written down and the
/// stop is over.
pub(super) fn complete(tx: &Transaction, scene: &Scene, done: &Completion) -> Result<Answer> {
    let before = set_out(tx, scene, done.note.as_deref())?;
    let paid_before = before.paid;
    let metered = read_meters(tx, scene, done)?;
    let handed = Handed {
        recipient: done.recipient.clone(),
        has_picture: done.photo.is_some() || done.signature.is_some(),
        no_proof: done.no_proof.clone(),
        metered,
        cash_handed: done.cash_handed,
        cash: done.cash,
        on: Some(scene.route.route_on),
        at: Some(scene.at),
        note: done.note.clone(),
        lines: done.lines.clone().unwrap_or_else(|| Handed::as_ordered(&before).lines),
    };
    let after = steps::at_stop(tx, &before, &Move::Deliver(handed), scene.is_own, scene.actor)?;
    let kept = after.paid - paid_before;
    let due = steps::due_in_cash(&Order { paid: paid_before, ..after.clone() });

    let mut warnings = move_cylinders(tx, scene, &after)?;
    if Ntd(0) < kept {
        let new = NewPayment {
            customer: after.customer_id,
            method: payments::Method::Cash,
            amount: kept,
            order: Some(after.id),
            stop: Some(scene.stop.id),
            on: Some(scene.route.route_on),
            received_by: if scene.is_own { scene.actor.by.user } else { scene.route.driver_id },
        };
        payments::record(tx, &new, scene.actor.by)?;
    }
    warnings.extend(odd_cash(due, kept, &after));

    let stop = Stop {
        status: StopStatus::Completed,
        finished_at: Some(scene.at),
        recipient: done.recipient.clone(),
        no_proof: done.no_proof.clone(),
        photo: done.photo.clone(),
        signature: done.signature.clone(),
        note: done.note.clone(),
        cash_due: due,
        cash_handed: done.cash_handed.or((Ntd(0) < kept).then_some(kept)),
        cash: (due.is_some() || Ntd(0) < kept).then_some(kept),
        ..scene.stop.clone()
    };
    scene.write_stop(tx, &stop, Verb::Complete)?;
    routes::steps::finish_if_done(tx, scene.route.id, scene.actor.by)?;
    let answer = scene.answer(tx, format!("{} 送完了。", after.short_number()))?;
    Ok(Answer { warnings, ..answer })
}

/// What the meters came to together; `None` when none was read. Problems stand under `readings.N`.
fn read_meters(tx: &Transaction, scene: &Scene, done: &Completion) -> Result<Option<Ntd>> {
    let mut sum = None;
    for (no, figure) in (1..).zip(&done.readings) {
        let new = NewReading {
            meter: figure.meter,
            value_milli: figure.value_milli,
            read_on: scene.route.route_on,
            order: Some(scene.order.id),
            stop: Some(scene.stop.id),
            replaced: None,
            confirmed_jump: figure.is_sure,
        };
        let reading = meters::read(tx, new, scene.actor).map_err(|error| of_reading(no, error))?;
        sum = Some(sum.unwrap_or(Ntd(0)) + reading.amount);
    }
    Ok(sum)
}

fn of_reading(no: usize, error: Error) -> Error {
    let named = |problem: Problem| Problem { field: format!("readings.{no}.{}", problem.field).into(), say: problem.say };
    match error {
        Error::Invalid(problems) => Error::Invalid(problems.into_iter().map(named).collect()),
        Error::NotFound { .. } => Error::invalid(format!("readings.{no}.meter_id"), "這位客戶沒有這個錶。"),
        error => error,
    }
}

fn move_cylinders(tx: &Transaction, scene: &Scene, order: &Order) -> Result<Vec<String>> {
    let lines = order.lines.iter();
    let lines: Vec<_> = lines.filter_map(|line| line.delivered.map(|left| (line.product_id, left.qty, left.empties))).collect();
    let goods = StopGoods {
        customer: order.customer_id,
        vehicle: scene.route.vehicle_id,
        route: Some(scene.route.id),
        stop: Some(scene.stop.id),
        order: Some(order.id),
        on: Some(scene.route.route_on),
        lines: &lines,
    };
    cylinders::at_stop(tx, goods, scene.actor.by)
}

/// Money other than was due is taken as it was typed, and told (business §13).
fn odd_cash(due: Option<Ntd>, kept: Ntd, order: &Order) -> Option<String> {
    match due {
        Some(due) if due != kept => Some(format!("收了 {kept}，應收 {due}。")),
        None if Ntd(0) < kept => Some(format!("這張單是{}，還是收了現金 {kept}。", order.payment.label())),
        _ => None,
    }
}
