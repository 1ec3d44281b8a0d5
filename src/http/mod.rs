//! The web as the rest of the program sees it: our own `Request` and `Response`.
//! `server.rs` is the only file that names tiny_http, and [`door`] stands before it.

pub mod assets;
pub mod bucket;
mod compress;
pub mod door;
mod front;
pub mod gate;
mod multipart;
mod plain;
pub mod request;
pub mod response;
mod server;

pub use front::Front;
pub use request::{Method, Request};
pub use response::Response;
pub use server::Behind;
