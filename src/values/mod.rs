//! Small types that know their own text and their own column form. Nothing here knows a table.

pub mod address;
pub(crate) mod choice;
pub mod code;
pub mod cylinders;
pub mod day;
pub mod grams;
pub mod ids;
pub mod ntd;
pub mod phone;
pub mod product;
pub mod roc;
pub mod tax_id;
pub mod text;
pub mod weekdays;
pub mod window;

pub use code::CustomerCode;
pub use day::{Day, Month, Stamp};
pub use grams::Grams;
pub use ids::{
    AlarmId, AreaId, CustomerId, DeliveryId, EmergencyId, FilterId, ImportId, MeterId, MovementId, NoticeId, OrderId, OrderImportId,
    PaymentId, ProductId, ReadingId, RouteId, StopId, TemplateId, UserId, VehicleId,
};
pub use ntd::Ntd;
pub use window::Window;
