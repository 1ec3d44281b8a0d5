//! The board is a day's work at a glance: a lane a driver with his routes and their stops, and beside them the orders
//! nobody has yet.
//!
//! Invariants
//! - Every confirmed order of the day stands on it once: with the driver whose open stop holds it, or unassigned.
//! - It writes nothing itself; what is done on it goes the way of routes and orders.

pub mod acts;
pub mod card_view;
pub mod pages;
pub mod store;
pub mod views;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use crate::emergencies;
use crate::orders::{FailReason, Origin};
use crate::routes::eta::{Eta, etas};
use crate::routes::store::Waiting;
use crate::routes::{Route, Status, StopStatus};
use crate::values::{AreaId, Day, OrderId, RouteId, Stamp, StopId, UserId, Window};

/// A driver's phone that was silent for so many minutes while he is on his way is told of.
const SILENT_MINUTES: i64 = 5;

/// A day as the office sees it.
#[derive(Clone, Debug)]
pub struct Board {
    pub day: Day,
    /// The emergencies first, then by area, day and window.
    pub free: Vec<Card>,
    pub lanes: Vec<Lane>,
    /// Orders of the day that wait for somebody to confirm them.
    pub pending: i64,
    /// Routes of earlier days nobody has closed; only beside today.
    pub left_open: Vec<LeftOpen>,
}

/// A driver's column.
#[derive(Clone, Debug)]
pub struct Lane {
    /// `None`: routes that have no driver yet.
    pub driver: Option<UserId>,
    pub name: String,
    /// The key that sends to him: the first nine of those who may drive.
    pub digit: Option<u8>,
    pub is_available: bool,
    /// What runs first, what is over last, then by number.
    pub ways: Vec<Way>,
    /// How long nothing was heard of him while he is on his way, when that is long.
    pub silent_minutes: Option<i64>,
}

/// One route of a lane.
#[derive(Clone, Debug)]
pub struct Way {
    pub route: Route,
    pub area: Option<String>,
    /// Who helps him.
    pub crew2: Option<String>,
    /// Without those that were taken off, in their order.
    pub cards: Vec<Card>,
}

/// A stop, or an order nobody has.
#[derive(Clone, Debug)]
pub struct Card {
    pub order: OrderId,
    /// `None`: nobody has it.
    pub stop: Option<OnRoute>,
    /// Of the stop, or else of the order.
    pub version: i64,
    /// The last four digits of the order.
    pub number: String,
    pub name: String,
    pub area: Option<(AreaId, String)>,
    pub address: Option<String>,
    /// `20×2 流16×1`.
    pub items: String,
    pub cylinders: i64,
    pub scheduled_on: Day,
    pub window: Window,
    pub origin: Origin,
    /// What it is about, when somebody is in danger or must not wait.
    pub emergency: Option<emergencies::Kind>,
    pub is_urgent: bool,
    /// How often a driver came back with the order.
    pub attempts: i64,
    pub notes: Option<String>,
    /// Not there by the end of its window, or not likely to be.
    pub is_late: bool,
}

/// What a card has when it is a stop.
#[derive(Clone, Copy, Debug)]
pub struct OnRoute {
    pub id: StopId,
    pub status: StopStatus,
    /// From 1, without gaps, among those that were not taken off.
    pub place: usize,
    pub arrived_at: Option<Stamp>,
    pub finished_at: Option<Stamp>,
    pub failure: Option<FailReason>,
    /// When he is likely to be there; a hint.
    pub eta: Option<Stamp>,
}

/// A route of an earlier day that is still open.
#[derive(Clone, Debug)]
pub struct LeftOpen {
    pub route: RouteId,
    pub short_number: String,
    pub day: Day,
    pub driver: String,
    /// Stops without an outcome.
    pub open: i64,
}

/// The figures above the board. `total` is what the cards add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    /// On routes that run.
    pub on_the_way: usize,
    /// On routes that do not run yet.
    pub planned: usize,
    pub free: usize,
    pub late: usize,
}

/// A card by its name: `o17` an order, `s4` a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Order(OrderId),
    Stop(StopId),
}

/// A card as somebody has seen it: `o17.3`, its version behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub key: Key,
    pub version: i64,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Order(id) => write!(f, "o{id}"),
            Key::Stop(id) => write!(f, "s{id}"),
        }
    }
}

impl FromStr for Key {
    type Err = ();
    fn from_str(text: &str) -> Result<Key, ()> {
        if let Some(id) = text.strip_prefix('o') {
            id.parse().map(Key::Order)
        } else if let Some(id) = text.strip_prefix('s') {
            id.parse().map(Key::Stop)
        } else {
            Err(())
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.key, self.version)
    }
}

impl FromStr for Seen {
    type Err = ();
    fn from_str(text: &str) -> Result<Seen, ()> {
        let (key, version) = text.split_once('.').ok_or(())?;
        Ok(Seen { key: key.parse()?, version: version.parse().map_err(|_| ())? })
    }
}

impl Card {
    pub fn key(&self) -> Key {
        match self.stop {
            Some(stop) => Key::Stop(stop.id),
            None => Key::Order(self.order),
        }
    }

    pub fn seen(&self) -> Seen {
        Seen { key: self.key(), version: self.version }
    }

    /// Somebody still has to go there.
    pub fn is_open(&self) -> bool {
        self.stop.is_none_or(|stop| stop.status.is_open())
    }

    pub fn is_emergency(&self) -> bool {
        self.origin == Origin::Emergency
    }

    /// When its window ends.
    pub fn ends(&self) -> Stamp {
        Stamp::taipei(self.scheduled_on, 0, 0).plus_minutes(i64::from(self.window.end_minute()))
    }

    /// As the reckoning of routes wants to know it; `None` of what is over.
    fn waiting(&self) -> Option<Waiting> {
        let stop = self.stop.filter(|stop| stop.status.is_open())?;
        Some(Waiting {
            stop: stop.id,
            seq: stop.place as i64,
            status: stop.status,
            arrived_at: stop.arrived_at,
            origin: self.origin,
            is_urgent: self.is_urgent,
            window: self.window,
            area: None,
            address: None,
            cylinders: self.cylinders,
        })
    }
}

impl Way {
    /// Numbers the stops, and says when each is reached and which come late, as things stand at `now`.
    fn reckon(&mut self, now: Stamp) {
        for (place, stop) in (1..).zip(self.cards.iter_mut().filter_map(|card| card.stop.as_mut())) {
            stop.place = place;
        }
        let waiting: Vec<Waiting> = self.cards.iter().filter_map(Card::waiting).collect();
        let last = self.cards.iter().filter_map(|card| card.stop?.finished_at).max();
        let etas: HashMap<StopId, Eta> = etas(&self.route, &waiting, last, now).into_iter().map(|eta| (eta.stop, eta)).collect();
        for card in &mut self.cards {
            let Some(stop) = &mut card.stop else { continue };
            let eta = etas.get(&stop.id);
            stop.eta = eta.map(|eta| eta.at);
            card.is_late = eta.is_some_and(|eta| eta.is_late);
        }
    }

    pub fn is_running(&self) -> bool {
        self.route.status == Status::InProgress
    }

    fn rank(&self) -> u8 {
        match self.route.status {
            Status::InProgress => 0,
            Status::Published => 1,
            Status::Draft => 2,
            Status::Completed | Status::Cancelled => 3,
        }
    }

    /// Where he is, or goes next.
    pub fn current(&self) -> Option<Key> {
        let open = || self.cards.iter().filter(|card| card.is_open());
        let arrived = open().find(|card| card.stop.is_some_and(|stop| stop.status == StopStatus::Arrived));
        arrived.or_else(|| open().next()).filter(|_| self.is_running()).map(Card::key)
    }

    pub fn count(&self, status: StopStatus) -> usize {
        self.cards.iter().filter(|card| card.stop.is_some_and(|stop| stop.status == status)).count()
    }
}

impl Lane {
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        self.ways.iter().flat_map(|way| &way.cards)
    }

    pub fn done(&self) -> usize {
        self.ways.iter().map(|way| way.count(StopStatus::Completed)).sum()
    }
}

impl Board {
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { free: self.free.len(), ..Counts::default() };
        for way in self.lanes.iter().flat_map(|lane| &lane.ways) {
            let open = way.cards.iter().filter(|card| card.is_open()).count();
            counts.done += way.count(StopStatus::Completed);
            counts.failed += way.count(StopStatus::Failed);
            *(if way.is_running() { &mut counts.on_the_way } else { &mut counts.planned }) += open;
            counts.late += way.cards.iter().filter(|card| card.is_late).count();
        }
        counts.late += self.free.iter().filter(|card| card.is_late).count();
        counts.total = counts.done + counts.failed + counts.on_the_way + counts.planned + counts.free;
        counts
    }

    /// The card of that name with its lane and route; of one nobody has there is neither.
    pub fn find(&self, key: Key) -> Option<Found<'_>> {
        if let Some(card) = self.free.iter().find(|card| card.key() == key) {
            return Some(Found { card, lane: None, way: None });
        }
        self.lanes.iter().find_map(|lane| {
            lane.ways.iter().find_map(|way| {
                let card = way.cards.iter().find(|card| card.key() == key)?;
                Some(Found { card, lane: Some(lane), way: Some(way) })
            })
        })
    }

    /// The first card somebody would pick: one nobody has, else one that is not done.
    pub fn first(&self) -> Option<Key> {
        let on_routes = || self.lanes.iter().flat_map(Lane::cards).find(|card| card.is_open());
        self.free.first().or_else(on_routes).map(Card::key)
    }
}

/// A card and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub card: &'a Card,
    pub lane: Option<&'a Lane>,
    pub way: Option<&'a Way>,
}
