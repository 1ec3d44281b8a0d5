//! Small types that know their own text and their own column form. Nothing here knows a table.

pub mod address;
pub mod code;
pub mod cylinders;
pub mod day;
pub mod grams;
pub mod ids;
pub mod phone;
pub mod product;
pub mod roc;
pub mod tax_id;
pub mod text;
pub mod weekdays;

pub use code::CustomerCode;
pub use day::{Day, Month, Stamp};
pub use grams::Grams;
pub use ids::{AreaId, CustomerId, DeliveryId, ImportId, UserId};
