//! Opening a shop beside the shop, and closing it: by hand, at night, and when the shop closes.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::app::{App, Clock};
use crate::backups::{self, Name};
use crate::db::space;
use crate::error::{Doing, Error, Result};
use crate::http::door;
use crate::settings;
use crate::shop::{Asked, Ending, Shop};
use crate::users::{self, Session, session};
use crate::values::{Stamp, UserId};
use crate::visits::{FINISH, Kind, Visit, remove, scratch};

/// Everything beside the shop is over at this hour, and after a day at the latest, whatever the PC's clock does.
const OVER_HOUR: u32 = 3;
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// So often a shop beside looks whether it is over.
const LOOK: Duration = Duration::from_secs(15);

/// Somebody who has asked for a page this lately is looking, and is not sent away by another.
const LOOKING: Duration = Duration::from_secs(600);

/// What the shop keeps of the disk for itself besides.
const SPARE: u64 = 500 << 20;

/// Ports tried after the shop's own.
const PORTS: u16 = 20;

/// The shops beside this one.
#[derive(Default)]
pub struct Visits {
    home: OnceLock<Home>,
    state: Mutex<State>,
    /// Held while one is opened or closed, so that its folder has one owner.
    changing: Mutex<()>,
}

struct Home {
    app: Weak<App>,
    address: SocketAddr,
}

#[derive(Default)]
struct State {
    is_over: bool,
    guests: Vec<Guest>,
}

struct Guest {
    open: Open,
    app: Weak<App>,
    ending: Arc<Ending>,
    keeper: JoinHandle<()>,
}

/// A shop that is open beside this one.
#[derive(Clone, Debug)]
pub struct Open {
    pub kind: Kind,
    pub of: Name,
    /// The moment of the copy in people's words.
    pub said: String,
    /// Who opened it.
    pub by: String,
    by_id: UserId,
    pub port: u16,
}

impl Visits {
    /// The shop is open at `address`.
    pub fn begin(&self, app: &Arc<App>, address: SocketAddr) {
        // A shop is opened once; a second word changes nothing.
        let _ = self.home.set(Home { app: Arc::downgrade(app), address });
    }

    /// Closes what is open; from now on nothing is opened.
    pub fn end(&self) {
        self.state().is_over = true;
        for kind in Kind::ALL {
            self.close(*kind);
        }
    }

    /// What is open, in the order of [`Kind::ALL`].
    pub fn list(&self) -> Vec<Open> {
        let state = self.state();
        let living = |kind: &&Kind| state.guests.iter().find(|guest| guest.open.kind == **kind && guest.is_open());
        Kind::ALL.iter().filter_map(|kind| living(&kind)).map(|guest| guest.open.clone()).collect()
    }

    /// Where `session` walks into the open shop of `kind`: its port and a key. `Conflict` when there is none.
    pub fn key(&self, app: &App, kind: Kind, session: &Session) -> Result<(u16, String)> {
        let guest = {
            let state = self.state();
            state.guests.iter().find(|guest| guest.open.kind == kind && guest.is_open()).map(|guest| (guest.app.upgrade(), guest.open.port))
        };
        let not_open = || Error::conflict("it is not open", format!("{}沒有開，請再開一次。", kind.label()));
        let (Some(guest), port) = guest.ok_or_else(not_open)? else { return Err(not_open()) };
        let user = app.db.read(|conn| users::store::get(conn, session.user_id))?;
        let visit = guest.visit.as_ref().ok_or_else(not_open)?;
        Ok((port, visit.keys.give(user)?))
    }

    /// Opens copy `of` as a shop of `kind`. A practice shop that is open stays, for others may be in it; another old shop
    /// gives way unless somebody else is looking at it.
    pub fn open(&self, kind: Kind, of: &Name, session: &Session) -> Result<()> {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.state().is_over {
            return Err(Error::Busy);
        }
        let home = self.home.get().and_then(|home| Some((home.app.upgrade()?, home.address)));
        let (app, address) = home.ok_or_else(|| Error::conflict("the shop is not open", "店還沒開好，請再試一次。"))?;
        if self.stands(kind, of, session)? {
            return Ok(());
        }
        self.close_held(kind);
        let folder = scratch(&app.folder).join(kind.word());
        let guest = build(&app, address, &folder, kind, of, session).inspect_err(|_| remove(&folder))?;
        log::info!("opened beside the shop kind={} of={of} port={}", kind.word(), guest.open.port);
        self.state().guests.push(guest);
        drop(changing);
        Ok(())
    }

    /// Whether what is wanted is open already. `Conflict` when somebody else looks at another.
    fn stands(&self, kind: Kind, of: &Name, session: &Session) -> Result<bool> {
        let state = self.state();
        let Some(guest) = state.guests.iter().find(|guest| guest.open.kind == kind && guest.is_open()) else { return Ok(false) };
        if kind == Kind::Practice || guest.open.of == *of {
            return Ok(true);
        }
        if guest.open.by_id != session.user_id && guest.is_looked_at() {
            let say = format!("{}正在看 {} 的店，一次只能看一份，請等一下或請他先關掉。", guest.open.by, guest.open.said);
            return Err(Error::conflict("somebody else is looking", say));
        }
        Ok(false)
    }

    /// Asks the open shop of `kind` to close, and does not wait: for a page of its own.
    pub fn ask_to_close(&self, kind: Kind) {
        self.state().guests.iter().filter(|guest| guest.open.kind == kind).for_each(Guest::ask_to_close);
    }

    /// Closes the shop of `kind`, if one is open, and waits until nothing is left of it.
    pub fn close(&self, kind: Kind) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.close_held(kind);
    }

    fn close_held(&self, kind: Kind) {
        let gone: Vec<Guest> = self.state().guests.extract_if(.., |guest| guest.open.kind == kind).collect();
        for guest in gone {
            guest.ask_to_close();
            if guest.keeper.join().is_err() {
                log::error!("the keeper of a shop beside panicked");
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guest {
    fn is_open(&self) -> bool {
        self.ending.asked().is_none() && self.app.strong_count() != 0
    }

    fn ask_to_close(&self) {
        self.ending.ask(Asked::Stop);
    }

    /// Whether anybody asked for a page of it a moment ago.
    fn is_looked_at(&self) -> bool {
        self.app.upgrade().is_some_and(|app| app.visit.as_ref().is_some_and(|visit| visit.was_asked(LOOKING)))
    }
}

/// Copies, marks and opens.
fn build(home: &Arc<App>, address: SocketAddr, folder: &Path, kind: Kind, of: &Name, session: &Session) -> Result<Guest> {
    let now = home.now();
    let listener = free_port(address)?;
    remove(folder);
    let source = backups::folder(&home.folder).join(of.to_string());
    let bytes = std::fs::metadata(&source).doing("measure a backup")?.len();
    // As much again for bringing an older one up to date.
    if space::room(&home.folder).is_some_and(|room| !room.takes(2 * bytes + SPARE)) {
        return Err(Error::conflict("no room for a scratch copy", "硬碟快滿了，放不下另一家店。請先清出 2 GB。"));
    }
    std::fs::create_dir_all(folder).doing("make a scratch folder")?;
    std::fs::copy(&source, folder.join("luckygas.db")).doing("copy a backup into a scratch folder")?;

    // What happens in an old shop happens at its moment: today there is the day of the copy.
    let clock = if kind == Kind::Past { Clock::Fixed(of.at()) } else { home.clock.clone() };
    let visit = Visit::new(kind, of.at(), now, home, address.port());
    let said = visit.said.clone();
    let app = App::open_beside(folder, clock, visit, home.photos.clone()).map_err(|error| {
        log::warn!("a copy cannot be opened beside the shop: {error}");
        Error::conflict("the copy cannot be opened", "這份備份打不開，請換一份。")
    })?;
    let everybody = match kind {
        Kind::Practice => home.db.read(users::store::everybody)?,
        Kind::Past => Vec::new(),
    };
    app.db.write(|tx| {
        // Nobody walks in with what was true on the day of the copy: not with an old session, nor with an old password.
        session::forget_all(tx)?;
        users::store::forget_all_failures(tx)?;
        everybody.iter().try_for_each(|(user, hash)| users::store::take_over(tx, user, Some(hash), now).map(|_| ()))?;
        if kind == Kind::Practice { settings::set(tx, "is_practice", "1") } else { Ok(()) }
    })?;
    app.reload_settings()?;

    let ending = app.ending.clone();
    let shop = Shop::open(app, listener)?;
    let open = Open { kind, of: of.clone(), said, by: session.name.clone(), by_id: session.user_id, port: shop.address().port() };
    let guest_app = Arc::downgrade(&shop.app);
    let keeper = std::thread::Builder::new()
        .name(kind.word().to_owned())
        .spawn({
            let (home, ending, folder) = (Arc::downgrade(home), ending.clone(), folder.to_owned());
            move || keep(shop, &home, &ending, &folder)
        })
        .doing("keep a shop beside")?;
    Ok(Guest { open, app: guest_app, ending, keeper })
}

/// Keeps `shop` open until its hour or until it is asked to close, and removes what it stood on.
fn keep(shop: Shop, home: &Weak<App>, ending: &Ending, folder: &Path) {
    let since = Instant::now();
    let began = home.upgrade().map(|home| home.now());
    let over = began.map(over_at);
    while ending.wait_for(LOOK).is_none() {
        // A clock set back does not make the day longer, nor one set forward and back again.
        let now = home.upgrade().map(|home| home.now());
        if now.is_none() || over <= now || LONGEST <= since.elapsed() {
            break;
        }
    }
    ending.ask(Asked::Stop);
    if let Err(error) = shop.close_within(FINISH) {
        log::warn!("{error}");
    }
    remove(folder);
    log::info!("closed beside the shop");
}

/// The first night after `began`; who opens it in that night has it until the next.
fn over_at(began: Stamp) -> Stamp {
    let soon = began.plus_minutes(120);
    let tonight = Stamp::taipei(soon.day(), OVER_HOUR, 0);
    if soon < tonight { tonight } else { Stamp::taipei(soon.day().plus(1), OVER_HOUR, 0) }
}

/// The first port after the shop's own that nobody has, at the same address.
fn free_port(home: SocketAddr) -> Result<TcpListener> {
    let after = (1..=PORTS).filter_map(|step| home.port().checked_add(step));
    for port in after {
        if let Ok(listener) = door::listen(SocketAddr::new(home.ip(), port)) {
            return Ok(listener);
        }
    }
    // 65535 is the shop's, or many programs run here: the system knows a free one.
    door::listen(SocketAddr::new(home.ip(), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_over_at_night() {
        let at = |day: &str, hour, minute| Stamp::taipei(day.parse().unwrap(), hour, minute);
        let cases = [
            (at("2026-11-22", 10, 0), at("2026-11-23", 3, 0)),
            (at("2026-11-22", 0, 30), at("2026-11-22", 3, 0)),
            (at("2026-11-22", 2, 0), at("2026-11-23", 3, 0)),
            (at("2026-11-22", 23, 59), at("2026-11-23", 3, 0)),
        ];
        for (began, over) in cases {
            assert_eq!(over_at(began), over, "{began}");
        }
    }
}
