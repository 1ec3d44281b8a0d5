//! Lucky Gas 幸福氣: the program a Taiwanese gas shop runs its day on. One process, one SQLite file.
//!
//! The house, a sentence a room:
//! - [`urls`]: every address of the site and who may use it; the one way a request takes.
//! - [`app`]: what a handler may reach. [`error`]: the one error. [`shop`]: app, door and jobs, opened and closed together;
//!   [`start`]: whether the folder lets itself be opened, and what is done when it does not.
//! - [`cache`]: numbers everybody asks for at once, kept until something is written.
//! - [`values`]: small types that know their own text and column form.
//! - [`db`]: the file; many readers, one writer. [`journal`]: what changed, in the same transaction.
//! - [`http`]: our own request and response, and the door to the network.
//! - [`ui`]: parts every page shares. [`logs`]: what the program says, on standard error and in files. [`histogram`]: how long things take.
//! - Slices, each a noun of the shop with the same rooms (`mod` what it is, `store` its SQL, `pages`
//!   its HTML, `api` the same as JSON): [`customers`], [`products`], [`orders`], [`templates`], [`due`], [`routes`], [`stops`], [`deliveries`], [`imports`],
//!   [`cylinders`], [`meters`], [`payments`],
//!   [`vehicles`], [`drivers`], [`emergencies`], [`board`], [`papers`], [`users`], [`reports`], [`settings`], [`jobs`], [`notices`],
//!   [`backups`], [`visits`], [`audit`].
//! - [`health`]: how the program itself fares.
//! - [`phone`]: what a driver sees of all this, one hand in the sun.
//! - [`live`]: whoever has a page open hears of each commit.
//! - [`demo`]: a whole invented shop, to practise in and to measure with.
//!
//! Invariants of the whole program:
//! - A request is one `db.read` or one `db.write`; what was answered is on disk.
//! - Every write that means something to people is in the journal.
//! - Each table is written by one slice. Imports run one way: urls → slices → db, http, ui → values, error.
//! - Everything a person sees is zh-TW; logs are English and hold no personal data.

// A request that meets a bug is lost, and the shop is not. Tests may.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod app;
pub mod audit;
pub mod backups;
pub mod board;
pub mod cache;
pub mod customers;
pub mod cylinders;
pub mod db;
pub mod deliveries;
pub mod demo;
pub mod drivers;
pub mod due;
pub mod emergencies;
pub mod error;
pub mod health;
pub mod histogram;
pub mod http;
pub mod imports;
pub mod jobs;
pub mod journal;
pub mod live;
pub mod logs;
pub mod meters;
pub mod notices;
pub mod orders;
pub mod papers;
pub mod payments;
pub mod phone;
pub mod products;
pub mod reports;
pub mod routes;
pub mod settings;
pub mod shop;
pub mod start;
pub mod stops;
pub mod templates;
pub mod ui;
pub mod urls;
pub mod users;
pub mod values;
pub mod vehicles;
pub mod visits;

pub use app::App;
pub use error::{Error, Result};
