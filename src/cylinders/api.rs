use serde_json::{Value, json};

use crate::app::App;
use crate::cylinders::by_hand::{self, Counted, Exchange};
use crate::cylinders::pages::day_of;
use crate::cylinders::store::{self, Filter};
use crate::cylinders::views::MANAGERS;
use crate::cylinders::{Kind, Movement, Place, State};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::products;
use crate::ui::FormReader;
use crate::values::{CustomerId, MovementId, ProductId};

/// Movements an answer holds unless `limit` says otherwise, and the most it may say.
const LIMIT: (usize, usize) = (50, 200);

/// `GET /api/v1/cylinders/balances?place=customer:17` is what is at a place; the shop's shelf when none is named.
pub fn balances(app: &App, req: &Request) -> Result<Response> {
    let place = place_of(req)?.unwrap_or(Place::Shop);

    let balances = app.db.read(|conn| {
        let catalogue = products::store::catalogue(conn)?;
        let named = |id: ProductId| {
            let product = catalogue.iter().find(|product| product.id == id);
            json!({"product_id": id.0, "product_name": product.map(|product| product.name.as_str())})
        };
        let line = |id: ProductId, figures: [(&str, i64); 3]| {
            let mut line = named(id);
            figures.into_iter().for_each(|(name, figure)| line[name] = figure.into());
            line
        };
        Ok(match place {
            // Full or empty is nothing the books know of what stands at a customer.
            Place::Customer(customer) => {
                crate::customers::store::get(conn, customer)?;
                let held = store::held_by_customer(conn, customer)?;
                held.iter()
                    .map(|held| line(held.product, [("opening", held.opening), ("moved", held.moved), ("now", held.now())]))
                    .collect::<Value>()
            }
            _ => {
                let balances = store::balances(conn, place)?;
                balances
                    .iter()
                    .map(|one| line(one.product, [("full", one.full), ("empty", one.empty), ("now", one.full + one.empty)]))
                    .collect()
            }
        })
    })?;

    Ok(Response::json(&json!({"place": place.to_string(), "balances": balances})))
}

/// `GET /api/v1/cylinders/movements?place=&product_id=&kind=&date=&limit=&before=` lists movements, the newest first.
pub fn movements(app: &App, req: &Request) -> Result<Response> {
    let filter = Filter { place: place_of(req)?, product: id_of(req, "product_id")?, kind: kind_of(req)?, on: day_of(req)? };
    let before: Option<MovementId> = id_of(req, "before")?;
    let limit = match req.query("limit") {
        None => LIMIT.0,
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| (1..=LIMIT.1).contains(limit));
            limit.ok_or_else(|| Error::invalid("limit", "limit 要是 1 到 200。"))?
        }
    };

    let told = app.db.read(|conn| store::history(conn, &filter, before, limit))?;

    let movements: Vec<Value> = told.iter().map(|told| to_json(&told.movement)).collect();
    Ok(Response::json(&json!({"movements": movements})))
}

/// `POST /api/v1/cylinders/movements` writes one by hand: `sent`, `refilled` and `scrapped` with `product_id` and `qty`;
/// a manager's `counted` (the shelf) and `corrected` (a `customer_id`) with what there is `now`. 201 with what moved;
/// nothing when the count agrees.
pub fn record(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::json(req.json_object()?.into());
    let kind = Kind::from_word(&form.text("kind"));
    let product: Option<ProductId> = form.text("product_id").parse().ok();
    if product.is_none() {
        form.problem("product_id", "請填 product_id。");
    }
    let state = match form.text("state").as_str() {
        "" => Some(State::Empty),
        word => State::from_word(word),
    };
    if state.is_none() {
        form.problem("state", "state 是 full 或 empty。");
    }
    let mut number = |name: &'static str| form.parsed(name, "支數是 0 到 99,999 的整數。", super::forms::whole);
    let (qty, now) = (number("qty"), number("now"));
    let customer: Option<CustomerId> = form.text("customer_id").parse().ok();
    let note = form.optional("note", 500);
    let is_counting = matches!(kind, Some(Kind::Counted | Kind::Corrected));
    match kind {
        Some(Kind::Sent | Kind::Refilled | Kind::Scrapped) if qty.is_none() => form.problem("qty", "請填 qty。"),
        Some(Kind::Counted | Kind::Corrected) if now.is_none() => form.problem("now", "請填 now，實際有幾支。"),
        Some(Kind::Corrected) if customer.is_none() => form.problem("customer_id", "請填 customer_id。"),
        Some(Kind::Sent | Kind::Refilled | Kind::Scrapped | Kind::Counted | Kind::Corrected) => {}
        _ => form.problem("kind", "kind 是 sent、refilled、scrapped、counted 或 corrected。"),
    }
    let (Some(kind), Some(product), Some(state)) = (kind, product, state) else {
        return Err(form.check().err().unwrap_or(Error::BadRequest("the movement is not understood")));
    };
    form.check()?;
    if is_counting {
        req.require(MANAGERS)?;
    }
    let (qty, now, note) = (qty.unwrap_or(0), now.unwrap_or(0), note.as_deref());

    let movements = app.db.write(|tx| {
        let ids = match (kind, customer) {
            (Kind::Sent, _) => by_hand::refill(tx, &[Exchange { product, sent: qty, refilled: 0 }], note, req.by())?,
            (Kind::Refilled, _) => by_hand::refill(tx, &[Exchange { product, sent: 0, refilled: qty }], note, req.by())?,
            (Kind::Scrapped, _) => by_hand::scrap(tx, product, state, qty, note, req.by())?,
            (Kind::Counted, _) => by_hand::count(tx, &[Counted { product, state, found: now, was: None }], note, req.by())?,
            (Kind::Corrected, Some(customer)) => by_hand::correct(tx, customer, product, now, note, req.by())?,
            _ => return Err(Error::BadRequest("the movement is not understood")),
        };
        ids.into_iter().map(|id| store::get(tx, id).map(|movement| to_json(&movement))).collect::<Result<Vec<Value>>>()
    })?;

    Ok(Response::json(&json!({"movements": movements})).status(201))
}

fn to_json(movement: &Movement) -> Value {
    json!({
        "id": movement.id.0,
        "moved_on": movement.on.to_string(),
        "at": movement.at.to_string(),
        "kind": movement.kind.word(),
        "from": movement.from.to_string(),
        "to": movement.to.to_string(),
        "product_id": movement.product.0,
        "qty": movement.qty,
        "state": movement.state.word(),
        "route_id": movement.route.map(|id| id.0),
        "stop_id": movement.stop.map(|id| id.0),
        "order_id": movement.order.map(|id| id.0),
        "undoes_id": movement.undoes.map(|id| id.0),
        "undone_by": movement.undone_by.map(|id| id.0),
        "user_id": movement.user.map(|id| id.0),
        "note": movement.note,
    })
}

fn place_of(req: &Request) -> Result<Option<Place>> {
    let place = req.query("place").filter(|text| !text.is_empty()).map(str::parse).transpose();
    place.map_err(|()| Error::invalid("place", "place 是 shop、supplier、scrap、outside、vehicle:ID 或 customer:ID。"))
}

fn kind_of(req: &Request) -> Result<Option<Kind>> {
    match req.query("kind").filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(word) => Kind::from_word(word).map(Some).ok_or_else(|| Error::invalid("kind", "沒有這種異動。")),
    }
}

fn id_of<T: std::str::FromStr>(req: &Request, name: &'static str) -> Result<Option<T>> {
    match req.query(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| Error::invalid(name, format!("{name} 要是編號。"))),
    }
}
