//! The web as the rest of the program sees it: our own `Request` and `Response`.
//! `server.rs` is the only file that names tiny_http, and `door.rs` stands before it.

pub mod request;
pub mod response;

pub use request::{Method, Request};
pub use response::Response;
