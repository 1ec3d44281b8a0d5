//! From what files say to what the shop's records hold: first a plan against what is there, then, only when
//! it is to be, the writing of it. A dry run is the plan alone, so both always say the same.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Transaction};
use serde_json::{Value, json};

use crate::customers::import::{self as customers, Facts, Known, Listed, Naming, Origin};
use crate::deliveries::import::{self as deliveries, Details as Stored, NewDrop, NewVisit, Row as NewRow, Writer};
use crate::deliveries::{Load, Source};
use crate::error::{Error, Result};
use crate::imports::clients::{facts_of, fallback_name};
use crate::imports::commercial::clock_of;
use crate::imports::history::text_of;
use crate::imports::report::{Counts, Report};
use crate::imports::store::{self, Line};
use crate::imports::understand::{DropRow, NO_NAME, Newest, Other, Understood};
use crate::imports::{Action, Kind, NOUN, Problem};
use crate::journal::{self, By, Entry};
use crate::settings::Settings;
use crate::values::{AreaId, CustomerId, Day, DeliveryId, ImportId};

/// One customer's day as all files of the batch tell it together.
#[derive(Clone, Copy)]
struct Merged {
    code: u32,
    day: i32,
    source: Source,
    name: u32,
    /// In `Understood::details`, from 1.
    details: u32,
    /// In `Understood::drops`.
    drops: (u32, u32),
}

/// What is to be done with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Nothing tells of it.
    Nobody,
    /// In [`Plan::known`].
    Known(u32),
    /// First told by a file of this kind.
    New(Kind),
}

/// A change of a customer who was there before.
enum Change {
    List { client: usize },
    Rename(Naming),
    Phone { other: usize },
}

pub struct Plan {
    known: Vec<Known>,
    who: Vec<Who>,
    changes: Vec<(u32, Change)>,
    new: Vec<Merged>,
    completed: Vec<(CustomerId, Merged)>,
    pub report: Report,
}

/// Compares `said` with what `conn` holds.
pub fn plan(conn: &Connection, said: &Understood, settings: &Settings) -> Result<Plan> {
    let known = customers::all_known(conn)?;
    let who = who_is_who(said, &known);
    let (customers_before, deliveries_before) = store::totals(conn)?;
    let mut plan = Plan {
        known,
        who,
        changes: Vec::new(),
        new: Vec::new(),
        completed: Vec::new(),
        report: Report { files: said.files.clone(), problems: said.problems.clone(), ..Report::default() },
    };
    plan.plan_changes(conn, said)?;
    plan.plan_deliveries(conn, said, 0 < deliveries_before)?;
    let visits = plan.plan_visits(conn, said)?;
    plan.tell_stubs(said);
    plan.tell_walk_ins(said, settings);
    let created = plan.who.iter().filter(|who| matches!(who, Who::New(_))).count() as i64;
    let updated: HashSet<u32> = plan.changes.iter().map(|(code, _)| *code).collect();
    let counts = &mut plan.report.counts;
    *counts = Counts {
        customers_total: customers_before + created,
        customers_created: created,
        customers_created_from_history: plan.who.iter().filter(|who| **who == Who::New(Kind::History)).count() as i64,
        customers_updated: updated.len() as i64,
        deliveries_total: deliveries_before + plan.new.len() as i64,
        deliveries_created: plan.new.len() as i64,
        deliveries_completed: plan.completed.len() as i64,
        visits_created: visits,
        ..*counts
    };
    Ok(plan)
}

/// For each code: the customer who has it, or the first kind of file that tells of it.
fn who_is_who(said: &Understood, known: &[Known]) -> Vec<Who> {
    let by_code: HashMap<&str, u32> = known.iter().zip(0..).map(|(known, at)| (known.code.as_str(), at)).collect();
    let mut who = vec![Who::Nobody; said.codes.len()];
    let mut tell = |code: u32, kind: Kind| {
        if let Some(slot) = who.get_mut(code as usize) {
            *slot = match *slot {
                Who::New(have) => Who::New(have.min(kind)),
                _ => Who::New(kind),
            };
        }
    };
    said.clients.iter().for_each(|client| tell(client.code, Kind::Clients));
    (0..).zip(&said.newest).filter(|(_, newest)| newest.is_some()).for_each(|(code, _)| tell(code, Kind::History));
    said.others.iter().for_each(|other| tell(other.code, other.kind));
    said.drops.iter().for_each(|drop| tell(drop.code, Kind::Commercial));
    for (code, slot) in said.codes.iter().zip(&mut who) {
        if let Some(at) = by_code.get(code)
            && *slot != Who::Nobody
        {
            *slot = Who::Known(*at);
        }
    }
    who
}

impl Plan {
    fn known(&self, code: u32) -> Option<&Known> {
        match self.who.get(code as usize) {
            Some(Who::Known(at)) => self.known.get(*at as usize),
            _ => None,
        }
    }

    /// What the files change in customers who were there before.
    fn plan_changes(&mut self, conn: &Connection, said: &Understood) -> Result<()> {
        let mut changes = Vec::new();
        let mut listed = HashSet::new();
        for (at, client) in said.clients.iter().enumerate() {
            listed.insert(client.code);
            if let Some(known) = self.known(client.code)
                && customers::sheet_of(conn, known.id)?.as_deref() != Some(&client.cells)
            {
                changes.push((client.code, Change::List { client: at }));
            }
        }
        for code in 0..said.codes.len() as u32 {
            let Some(known) = self.known(code).filter(|known| known.is_placeholder) else { continue };
            if listed.contains(&code) {
                continue;
            }
            let mut naming = known.naming.clone();
            if let Some(newest) = said.newest.get(code as usize).and_then(Option::as_ref) {
                naming = from_history(said, newest, naming, &known.code);
            }
            for other in said.others.iter().filter(|other| other.code == code) {
                naming = filled(naming, other, &known.code);
            }
            if naming != known.naming {
                changes.push((code, Change::Rename(naming)));
            }
        }
        for (at, other) in said.others.iter().enumerate() {
            if let Some(known) = self.known(other.code)
                && other.phone.is_some()
                && !customers::has_phone(conn, known.id)?
                && !changes.iter().any(|(code, change)| *code == other.code && matches!(change, Change::Phone { .. }))
            {
                changes.push((other.code, Change::Phone { other: at }));
            }
        }
        self.changes = changes;
        Ok(())
    }

    /// Merges the files by customer and day, and parts what is new from what is there.
    fn plan_deliveries(&mut self, conn: &Connection, said: &Understood, has_deliveries: bool) -> Result<()> {
        let mut duplicates: i64 = said.files.iter().map(|file| file.duplicates as i64).sum();
        let mut days_there: (u32, Vec<i32>) = (u32::MAX, Vec::new());
        let mut new = Vec::with_capacity(if has_deliveries { 0 } else { said.rows.len() });
        let mut completed = Vec::new();
        for (merged, sources) in merge(said) {
            duplicates += sources - 1;
            let Some(known) = self.known(merged.code).filter(|_| has_deliveries) else {
                new.push(merged);
                continue;
            };
            if days_there.0 != merged.code {
                days_there = (merged.code, deliveries::days_of(conn, known.id)?);
            }
            if days_there.1.binary_search(&merged.day).is_err() {
                new.push(merged);
                continue;
            }
            duplicates += 1;
            let tells_more = 0 < merged.details || merged.drops.0 < merged.drops.1;
            if tells_more && completion(conn, said, known.id, merged)?.is_some() {
                completed.push((known.id, merged));
            }
        }
        self.new = new;
        self.completed = completed;
        self.report.counts.deliveries_duplicates = duplicates;
        Ok(())
    }

    fn plan_visits(&self, conn: &Connection, said: &Understood) -> Result<i64> {
        let mut seen = HashSet::new();
        let mut new = 0;
        for visit in &said.visits {
            let is_first = seen.insert((visit.code, visit.day, visit.outcome));
            let is_there = match self.known(visit.code) {
                Some(known) => deliveries::has_visit(conn, known.id, visit.day, visit.outcome)?,
                None => false,
            };
            new += i64::from(is_first && !is_there);
        }
        Ok(new)
    }

    /// A line for those who become customers only because some row speaks of them.
    fn tell_stubs(&mut self, said: &Understood) {
        let problems = &mut self.report.problems;
        let mut tell = |file: Option<usize>, row: u32, column: &str, value: &str, kind: &'static str, count: u32| {
            if let Some(file) = file {
                let column = (!column.is_empty()).then(|| column.into());
                problems.push(Problem { file, row: Some(row), column, value: value.into(), kind, action: Action::Stub, count });
            }
        };
        let history = said.files.iter().position(|file| file.kind == Some(Kind::History));
        let is_new = |code: u32, kind| self.who.get(code as usize) == Some(&Who::New(kind));
        let from_history: Vec<(u32, &Newest)> = (0..)
            .zip(&said.newest)
            .filter(|(code, _)| is_new(*code, Kind::History))
            .filter_map(|(code, newest)| Some((code, newest.as_ref()?)))
            .collect();
        if let Some((code, newest)) = from_history.first() {
            tell(history, newest.first_row, "客戶", said.codes.get(*code), "not_in_client_list", from_history.len() as u32);
        }
        let mut nameless = from_history.iter().filter(|(_, newest)| newest.cells[1].is_none());
        if let Some((code, newest)) = nameless.next() {
            tell(history, newest.first_row, "客戶簡稱", said.codes.get(*code), "blank_name", 1 + nameless.count() as u32);
        }
        for other in said.others.iter().filter(|other| is_new(other.code, other.kind)) {
            tell(Some(other.file), other.row, "", said.codes.get(other.code), "unknown_code", 1);
        }
        for drop in said.drops.iter().filter(|drop| is_new(drop.code, Kind::Commercial)) {
            tell(Some(drop.file), drop.row, "客戶代號", said.codes.get(drop.code), "unknown_code", 1);
        }
    }

    /// Proposes accounts served nearly every day: such are the ones that passers-by hang on.
    fn tell_walk_ins(&mut self, said: &Understood, settings: &Settings) {
        const DAYS: i64 = 200;
        const SHARE: f64 = 0.7;
        // Counted in tables by code and by day: a map is asked 350,000 times and shows in the CPU of the whole import.
        let first = said.rows.iter().map(|row| row.day).min().unwrap_or_default();
        let (mut counts, mut is_day) = (Vec::new(), Vec::new());
        for row in &said.rows {
            *at_place(&mut counts, row.code as usize) += 1i64;
            *at_place(&mut is_day, (row.day - first) as usize) = true;
        }
        let days = is_day.iter().filter(|is_day| **is_day).count();
        let most = (days as f64 * SHARE) as i64;
        self.report.walk_ins = (0..)
            .zip(counts)
            .filter(|(_, count)| DAYS <= *count && most <= *count)
            .map(|(code, count)| (said.codes.get(code).to_owned(), count))
            .filter(|(code, _)| *code != settings.walk_in_code)
            .collect();
    }
}

/// The place `at` of a table that grows as it is asked.
fn at_place<T: Clone + Default>(table: &mut Vec<T>, at: usize) -> &mut T {
    if table.len() <= at {
        table.resize(at + 1, T::default());
    }
    &mut table[at]
}

/// Walks history, older program and drops by code and day, giving each day once and how many files told of it.
fn merge(said: &Understood) -> impl Iterator<Item = (Merged, i64)> {
    let mut rows = said.rows.clone();
    rows.sort_by_key(|row| row.key());
    let mut legacy = said.legacy_rows.clone();
    legacy.sort_by_key(|row| row.key());
    let key_of = |drop: &DropRow| u64::from(drop.code) << 32 | u64::from((drop.day as u32) ^ 1 << 31);
    let (mut h, mut l, mut d) = (0, 0, 0);
    std::iter::from_fn(move || {
        let keys = [rows.get(h).map(|row| row.key()), legacy.get(l).map(|row| row.key()), said.drops.get(d).map(key_of)];
        let key = keys.iter().flatten().min().copied()?;
        let mut merged: Option<Merged> = None;
        let mut sources = 0;
        let mut tell = |code, day, source, name: u32, details: u32| {
            sources += 1;
            let merged = merged.get_or_insert(Merged { code, day, source, name, details: 0, drops: (0, 0) });
            if merged.name == NO_NAME {
                merged.name = name;
            }
            if merged.details == 0 {
                merged.details = details;
            }
        };
        while let Some(row) = rows.get(h).filter(|row| row.key() == key) {
            tell(row.code, row.day, Source::History, row.name, 0);
            h += 1;
        }
        while let Some(row) = legacy.get(l).filter(|row| row.key() == key) {
            tell(row.code, row.day, Source::Legacy, NO_NAME, row.details);
            l += 1;
        }
        let first = d;
        while let Some(drop) = said.drops.get(d).filter(|drop| key_of(drop) == key) {
            if d == first {
                tell(drop.code, drop.day, Source::Commercial, NO_NAME, 0);
            }
            d += 1;
        }
        let mut merged = merged?;
        merged.drops = (first as u32, d as u32);
        Some((merged, sources))
    })
}

/// The names the newest rows tell, where they are newer than what a placeholder is called by.
fn from_history(said: &Understood, newest: &Newest, mut naming: Naming, code: &str) -> Naming {
    let is_made_up = naming.short_name == fallback_name(naming.invoice_title.as_deref(), code);
    let is_newer = |day: i32| naming.named_on.is_none_or(|named| named.number() < day);
    let told = |at: usize, is_empty: bool| {
        newest.cells[at].filter(|(day, _)| is_empty || is_newer(*day)).map(|(_, text)| said.texts.get(text).to_owned())
    };
    let title = told(0, naming.invoice_title.is_none());
    let short_name = told(1, is_made_up);
    let address = told(2, naming.address.is_none());
    naming.invoice_title = title.or(naming.invoice_title);
    naming.address = address.or(naming.address);
    naming.short_name = match short_name {
        Some(name) => name,
        None if is_made_up => fallback_name(naming.invoice_title.as_deref(), code),
        None => naming.short_name,
    };
    naming.named_on = naming.named_on.max(newest.last.and_then(Day::from_number));
    naming
}

/// The names with their gaps filled from another file.
fn filled(mut naming: Naming, other: &Other, code: &str) -> Naming {
    let is_made_up = naming.short_name == fallback_name(naming.invoice_title.as_deref(), code);
    naming.invoice_title = naming.invoice_title.or_else(|| other.title.clone());
    naming.address = naming.address.or_else(|| other.address.clone());
    if is_made_up {
        naming.short_name = other.short_name.clone().unwrap_or_else(|| fallback_name(naming.invoice_title.as_deref(), code));
    }
    naming
}

fn nameless(code: &str) -> Naming {
    Naming { short_name: fallback_name(None, code), invoice_title: None, address: None, named_on: None }
}

/// A drop as it is stored.
fn stored_drop(drop: &DropRow) -> NewDrop {
    NewDrop { at_time: drop.time.map(clock_of), load: drop.load, note: drop.note.as_deref().map(str::to_owned) }
}

/// What `now` becomes with all that `merged` tells, and the drops that are new.
fn completed(said: &Understood, merged: Merged, now: &mut Stored, there: &[NewDrop]) -> Vec<NewDrop> {
    if let Some(details) = (merged.details as usize).checked_sub(1).and_then(|at| said.details.get(at)) {
        if !now.load.is_known() {
            now.load = details.load;
        }
        now.at_time = now.at_time.take().or_else(|| details.at_time.as_deref().map(str::to_owned));
        now.driver_name = now.driver_name.take().or_else(|| details.driver_name.as_deref().map(str::to_owned));
        now.note = now.note.take().or_else(|| details.note.as_deref().map(str::to_owned));
    }
    let told = &said.drops[merged.drops.0 as usize..merged.drops.1 as usize];
    let new: Vec<NewDrop> = told
        .iter()
        .map(stored_drop)
        .filter(|drop| !there.iter().any(|have| have.at_time == drop.at_time && have.load == drop.load))
        .collect();
    if !new.is_empty() {
        let mut load = Load::default();
        for drop in there.iter().chain(&new) {
            for (sum, qty) in load.0.iter_mut().zip(drop.load.0) {
                *sum = match (*sum, qty) {
                    (Some(sum), Some(qty)) => Some((sum + qty).min(999)),
                    (sum, qty) => sum.or(qty),
                };
            }
        }
        if load.is_known() && now.source != Source::Live {
            now.load = load;
        }
        let first_time = new.iter().filter_map(|drop| drop.at_time.clone()).min();
        now.at_time = now.at_time.take().or(first_time);
        now.note = now.note.take().or_else(|| new.iter().find_map(|drop| drop.note.clone()));
    }
    new
}

type Completion = (Stored, Stored, Vec<NewDrop>);

/// What a delivery that is there gains: before, after, and its new drops. `None` when it is nothing.
fn completion(conn: &Connection, said: &Understood, customer: CustomerId, merged: Merged) -> Result<Option<Completion>> {
    let Some(day) = Day::from_number(merged.day) else { return Ok(None) };
    let Some(before) = deliveries::find(conn, customer, day)? else { return Ok(None) };
    let there = if merged.drops.0 < merged.drops.1 { deliveries::drops_of(conn, before.id)? } else { Vec::new() };
    let mut now = before.clone();
    let drops = completed(said, merged, &mut now, &there);
    Ok((now != before || !drops.is_empty()).then_some((before, now, drops)))
}

/// Writes what the plan says, in the caller's transaction. `tell` hears how many rows are written.
pub fn apply(tx: &Transaction, said: &Understood, settings: &Settings, by: By, tell: &mut dyn FnMut(u64)) -> Result<Report> {
    if let Some(file) = said.files.iter().find(|file| file.is_too_bad()) {
        return Err(Error::invalid("files", too_bad(file)));
    }
    let mut plan = plan(tx, said, settings)?;
    let import = store::begin(tx, by)?;
    let mut writing = Writing { tx, said, settings, by, import, seq: 0, areas: HashMap::new(), ids: vec![None; said.codes.len()] };
    writing.customers(&plan)?;
    writing.deliveries(&mut plan, tell)?;
    writing.complete(&plan)?;
    writing.visits()?;
    writing.source_rows()?;
    let mut report = plan.report;
    report.applied = true;
    report.import_id = Some(import.0);
    let file_of = |problem: &Problem| report.files.get(problem.file);
    let lines = report.problems.iter().map(|problem| Line {
        file: file_of(problem).map_or_else(String::new, |file| file.name.clone()),
        sheet: file_of(problem).and_then(|file| file.sheet.clone()),
        row: problem.row.map(i64::from),
        column: problem.column.as_deref().map(str::to_owned),
        value: Some(problem.value.to_string()),
        kind: problem.kind.to_owned(),
        action: problem.action.word().to_owned(),
    });
    store::insert_problems(tx, import, lines)?;
    let head = report.head();
    store::finish(tx, import, &head)?;
    let files: Vec<&str> = report.files.iter().map(|file| file.name.as_str()).collect();
    let change = json!({"files": files, "customers": head["customers"], "deliveries": head["deliveries"]});
    journal::record(tx, &Entry { by, verb: "import", noun: NOUN, noun_id: Some(import.0), change })?;
    Ok(report)
}

/// Why a file with too many bad rows is not applied.
pub fn too_bad(file: &crate::imports::report::FileReport) -> String {
    format!("「{}」有 {} 列不能收，超過一成（共 {} 列），可能不是對的檔案，整批都沒有寫入。", file.name, file.skipped, file.rows_read)
}

struct Writing<'a> {
    tx: &'a Transaction<'a>,
    said: &'a Understood,
    settings: &'a Settings,
    by: By,
    import: ImportId,
    seq: i64,
    areas: HashMap<String, AreaId>,
    /// By code number.
    ids: Vec<Option<CustomerId>>,
}

impl Writing<'_> {
    /// Keeps what stood before a change, for taking the import back.
    fn changed(&mut self, noun: &str, noun_id: i64, before: &Value) -> Result<()> {
        self.seq += 1;
        store::insert_change(self.tx, self.import, self.seq, noun, noun_id, before)
    }

    fn area(&mut self, name: Option<&str>) -> Result<Option<AreaId>> {
        let Some(name) = name else { return Ok(None) };
        if let Some(id) = self.areas.get(name) {
            return Ok(Some(*id));
        }
        let (id, is_new) = customers::area(self.tx, name)?;
        if is_new {
            self.changed("area", id.0, &Value::Null)?;
        }
        self.areas.insert(name.to_owned(), id);
        Ok(Some(id))
    }

    fn customers(&mut self, plan: &Plan) -> Result<()> {
        let (tx, said) = (self.tx, self.said);
        let by_code: HashMap<u32, usize> = said.clients.iter().enumerate().map(|(at, client)| (client.code, at)).collect();
        let mut others: HashMap<u32, Vec<&Other>> = HashMap::new();
        said.others.iter().for_each(|other| others.entry(other.code).or_default().push(other));
        for (code_at, who) in (0u32..).zip(&plan.who) {
            let code = said.codes.get(code_at);
            let first_source = match who {
                Who::Nobody => continue,
                Who::Known(at) => {
                    self.ids[code_at as usize] = plan.known.get(*at as usize).map(|known| known.id);
                    continue;
                }
                Who::New(kind) => kind.word(),
            };
            let origin = Origin { code, first_source, import: Some(self.import), at: self.by.at };
            let others = others.get(&code_at).map(Vec::as_slice).unwrap_or_default();
            let phones: Vec<_> = others.iter().filter_map(|other| other.phone.clone()).take(1).collect();
            let id = match by_code.get(&code_at).and_then(|at| said.clients.get(*at)) {
                Some(client) => {
                    let mut facts = client.facts.clone();
                    facts.area = self.area(client.area.as_deref())?;
                    facts.phones = phones;
                    let id = customers::insert(tx, origin, &facts)?;
                    customers::put_sheet(tx, id, self.import, &client.cells)?;
                    id
                }
                None => {
                    let mut naming = nameless(code);
                    if let Some(newest) = said.newest.get(code_at as usize).and_then(Option::as_ref) {
                        naming = from_history(said, newest, naming, code);
                    }
                    for other in others {
                        naming = filled(naming, other, code);
                    }
                    let legacy = others.iter().find(|other| other.kind == Kind::Legacy && *who == Who::New(Kind::Legacy));
                    let area = self.area(legacy.and_then(|other| other.area.as_deref()))?;
                    let facts = Facts {
                        short_name: naming.short_name,
                        invoice_title: naming.invoice_title,
                        address: naming.address,
                        named_on: naming.named_on,
                        area,
                        is_terminated: legacy.is_some_and(|other| other.is_terminated),
                        is_placeholder: legacy.is_none(),
                        is_walk_in: code == self.settings.walk_in_code,
                        phones,
                        ..Facts::default()
                    };
                    customers::insert(tx, origin, &facts)?
                }
            };
            self.ids[code_at as usize] = Some(id);
        }
        for (code_at, change) in &plan.changes {
            let (Some(id), code) = (self.ids[*code_at as usize], said.codes.get(*code_at)) else { continue };
            let before = match change {
                Change::List { client } => {
                    let client = &said.clients[*client];
                    let mut last = customers::last_cells(tx, id)?.map(|cells| facts_of(&cells, code, self.settings));
                    // An area that was renamed or merged away does not come back because the list still has its name.
                    let is_area_told = last.as_ref().is_none_or(|(_, area)| *area != client.area);
                    let mut facts = client.facts.clone();
                    facts.area = if is_area_told { self.area(client.area.as_deref())? } else { None };
                    if let (Some((last, _)), Some(known)) = (&mut last, plan.known(*code_at)) {
                        let is_made_up = facts.short_name == fallback_name(facts.invoice_title.as_deref(), code);
                        if is_made_up && known.naming.short_name != last.short_name {
                            // The list tells no name, and a person has given one.
                            last.short_name = facts.short_name.clone();
                        }
                    }
                    let last = last.as_ref().map(|(facts, _)| facts);
                    let list = Listed { facts: &facts, last, is_area_told, cells: &client.cells };
                    customers::update_from_list(tx, id, code, &list, self.import, self.by.at)?
                }
                Change::Rename(naming) => customers::rename(tx, id, code, naming, self.by.at)?,
                Change::Phone { other } => match &said.others[*other].phone {
                    Some((phone, raw)) => customers::add_phone(tx, id, code, phone, raw, self.by.at)?,
                    None => continue,
                },
            };
            self.changed("customer", id.0, &before)?;
        }
        Ok(())
    }

    fn deliveries(&mut self, plan: &mut Plan, tell: &mut dyn FnMut(u64)) -> Result<()> {
        let (tx, said) = (self.tx, self.said);
        let mut is_used = vec![false; said.all_names.len()];
        for merged in &plan.new {
            if let Some(used) = is_used.get_mut(merged.name as usize) {
                *used = true;
            }
        }
        let used = (0..).zip(&is_used).filter(|(_, used)| **used).map(|(at, _): (usize, _)| at);
        let names = used.clone().map(|at| [0, 1, 2].map(|cell| text_of(&said.texts, &said.all_names[at], cell)));
        let first_name = deliveries::insert_recorded_names(tx, names)?;
        let mut recorded = vec![0i64; is_used.len()];
        let mut names_kept = 0;
        for at in used {
            recorded[at] = first_name + names_kept;
            names_kept += 1;
        }
        self.changed("recorded_names", first_name, &json!(names_kept))?;
        // One customer's rows lie together, so reading a history touches few pages.
        let ids = &self.ids;
        let id_of = |merged: &Merged| ids.get(merged.code as usize).copied().flatten().map_or(0, |id| id.0);
        plan.new.sort_by_key(|merged| (id_of(merged), merged.day));
        let mut drops: Vec<(DeliveryId, Vec<NewDrop>)> = Vec::new();
        let load = || {
            let mut writer = Writer::new(tx, self.by.at.day())?;
            for (written, merged) in (1u64..).zip(&plan.new) {
                let (Some(customer), Some(day)) = (ids.get(merged.code as usize).copied().flatten(), Day::from_number(merged.day)) else {
                    return Err(Error::impossible("know the customer and day of a delivery"));
                };
                let mut now = Stored {
                    id: DeliveryId(0),
                    source: merged.source,
                    at_time: None,
                    load: Load::default(),
                    driver_name: None,
                    note: None,
                };
                let is_bare = merged.details == 0 && merged.drops.0 == merged.drops.1;
                let new_drops = if is_bare { Vec::new() } else { completed(said, *merged, &mut now, &[]) };
                let id = writer.add(&NewRow {
                    customer,
                    on: day,
                    source: merged.source,
                    at_time: now.at_time.as_deref(),
                    load: now.load,
                    driver_name: now.driver_name.as_deref(),
                    note: now.note.as_deref(),
                    recorded: recorded.get(merged.name as usize).copied(),
                    import: Some(self.import),
                })?;
                if !new_drops.is_empty() {
                    drops.push((id, new_drops));
                }
                if written % 10_000 == 0 {
                    tell(written);
                }
            }
            writer.finish().map(std::mem::drop)
        };
        if crate::deliveries::store::next_id(tx)? == 1 && 10_000 < plan.new.len() {
            deliveries::without_indexes(tx, load)?;
        } else {
            let mut load = load;
            load()?;
        }
        for (id, drops) in drops {
            deliveries::insert_drops(tx, id, &drops, Some(self.import))?;
        }
        Ok(())
    }

    fn complete(&mut self, plan: &Plan) -> Result<()> {
        if plan.completed.is_empty() {
            return Ok(());
        }
        deliveries::open_history(self.tx, self.import)?;
        for (customer, merged) in &plan.completed {
            let (Some(day), Some((before, now, drops))) =
                (Day::from_number(merged.day), completion(self.tx, self.said, *customer, *merged)?)
            else {
                continue;
            };
            if now != before {
                deliveries::complete(self.tx, day, &before, &now)?;
                self.changed("delivery", now.id.0, &image(day, &before))?;
            }
            deliveries::insert_drops(self.tx, now.id, &drops, Some(self.import))?;
        }
        deliveries::close_history(self.tx)
    }

    fn visits(&mut self) -> Result<()> {
        for visit in &self.said.visits {
            let Some(customer) = self.ids[visit.code as usize] else { continue };
            let visit = NewVisit {
                customer,
                day: visit.day,
                outcome: visit.outcome,
                items: visit.items.clone(),
                note: visit.note.clone(),
                source: visit.source,
            };
            deliveries::insert_visit(self.tx, &visit, self.import)?;
        }
        Ok(())
    }

    fn source_rows(&mut self) -> Result<()> {
        let clients = self.said.clients.iter().map(|client| (Kind::Clients, None, client.code, client.row, &client.raw));
        let others = self.said.others.iter().map(|other| (other.kind, Some(other.file), other.code, other.row, &other.raw));
        for (kind, file, code, row, raw) in clients.chain(others) {
            let file = file.or_else(|| self.said.files.iter().position(|file| file.kind == Some(kind)));
            let name = file.and_then(|file| self.said.files.get(file)).map_or("", |file| file.name.as_str());
            if let Some(customer) = self.ids[code as usize] {
                store::keep_row(self.tx, self.import, name, row, customer, raw)?;
            }
        }
        Ok(())
    }
}

/// A delivery as it stood, for [`of_image`].
fn image(day: Day, stored: &Stored) -> Value {
    json!({
        "day": day.to_string(),
        "source": stored.source.word(),
        "at_time": stored.at_time,
        "load": stored.load.0,
        "driver_name": stored.driver_name,
        "note": stored.note,
    })
}

/// The day and the delivery an image holds.
pub fn of_image(id: DeliveryId, image: &Value) -> Option<(Day, Stored)> {
    let text = |name: &str| image[name].as_str().map(str::to_owned);
    let mut load = Load::default();
    for (qty, value) in load.0.iter_mut().zip(image["load"].as_array()?) {
        *qty = value.as_i64();
    }
    let source = Source::from_word(image["source"].as_str()?)?;
    let stored = Stored { id, source, at_time: text("at_time"), load, driver_name: text("driver_name"), note: text("note") };
    Some((image["day"].as_str()?.parse().ok()?, stored))
}
