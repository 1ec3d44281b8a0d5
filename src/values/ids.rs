//! Row numbers, a type a table, so that a customer's can never be passed for a delivery's.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        /// Digits only, at most 18 of them, and not zero.
        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                if text.is_empty() || 18 < text.len() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(());
                }
                text.parse().ok().filter(|id| 0 < *id).map($name).ok_or(())
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_i64().map($name)
            }
        }
    )*};
}

ids! {
    /// A row of `users`.
    UserId;
    /// A row of `customers`.
    CustomerId;
    /// A row of `areas`.
    AreaId;
    /// A row of `deliveries` or `delivery_history`; no number stands in both.
    DeliveryId;
    /// A row of `imports`.
    ImportId;
    /// A row of `products`.
    ProductId;
    /// A row of `orders`.
    OrderId;
    /// A row of `order_imports`.
    OrderImportId;
    /// A row of `order_templates`.
    TemplateId;
    /// A row of `telemetry_alarms`.
    AlarmId;
    /// A row of `order_filters`.
    FilterId;
    /// A row of `vehicles`.
    VehicleId;
    /// A row of `routes`.
    RouteId;
    /// A row of `stops`.
    StopId;
    /// A row of `payments`.
    PaymentId;
    /// A row of `meters`.
    MeterId;
    /// A row of `meter_readings`.
    ReadingId;
    /// A row of `cylinder_movements`.
    MovementId;
    /// A row of `emergencies`.
    EmergencyId;
    /// A row of `notices`.
    NoticeId;
}
