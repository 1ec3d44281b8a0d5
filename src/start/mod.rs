//! Before the shop is opened: what lies in its folder, whether it can be worked with, and what is done when it cannot.
//!
//! Invariants
//! - An empty shop never stands in the place of a full one: where a shop has been and its file is gone, that is said.
//! - What is wrong is said in one sentence with what to do, and nothing in the folder is changed before somebody has
//!   chosen what; what he chose against is kept as evidence.
//! - No file is brought up to date without a proved copy of it as it was.

pub mod clock;
pub mod evidence;
mod ground;
pub mod mark;
mod network;
pub mod rescue;
mod rescue_views;
mod store;
mod upgrade;
mod waiting;

use std::path::Path;

use crate::app::{App, Clock};
use crate::error::Result;
use crate::values::Stamp;

pub use ground::{Ground, look, rule};
pub use upgrade::{Progress, expected_s, forget_failure, upgrade};
pub use waiting::Waiting;

/// Looks again while the shop is open: the folder is marked once somebody works in it, and what a damaged file was like is
/// kept once.
pub fn look_again(app: &App) -> Result<()> {
    mark::mark(app)?;
    let Some(fault) = app.db.fault() else { return Ok(()) };
    if app.evidence.set(()).is_err() {
        return Ok(());
    }
    evidence::keep(&app.folder, app.now(), &fault).map(|_| ())
}

/// Opens the shop in `folder` for a command: looks at it, brings it up to date when it is an older one, telling `say` how
/// far it is. `Refused` in a sentence when it cannot be opened. The caller holds the folder's [`crate::db::Lock`].
pub fn open(folder: &Path, clock: Clock, say: &dyn Fn(Progress)) -> Result<App> {
    if let Ground::Older { .. } = look(folder)? {
        upgrade(folder, Stamp::now(), say)?;
    }
    App::open(folder, clock)
}
