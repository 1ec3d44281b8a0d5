use rusqlite::{Connection, Transaction, named_params};

use crate::error::{Doing, Result};
use crate::settings::{KEPT_AT_MOST, Network, Settings};
use crate::values::{Day, Ntd};

/// All settings; a value that cannot be read is its default.
pub fn load(conn: &Connection) -> Result<Settings> {
    let rows: Vec<(String, String)> = conn
        .prepare_cached("SELECT name, value FROM settings")
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("name")?, row.get("value")?)))?.collect())
        .doing("load the settings")?;
    let mut settings = Settings::default();
    for (name, value) in rows {
        let fraction = value.parse::<f64>().ok().filter(|number| 0.0 < *number && number.is_finite());
        let minute = value.parse::<u16>().ok().filter(|minute| *minute < 24 * 60);
        let kept = value.parse::<u16>().ok().filter(|count| *count <= KEPT_AT_MOST);
        match name.as_str() {
            "shop_name" => settings.shop_name = value,
            "is_practice" => settings.is_practice = value == "1",
            "network" => settings.network = Network::from_word(&value).unwrap_or(settings.network),
            "walk_in_code" => settings.walk_in_code = value,
            "code_prefix" => settings.code_prefix = value,
            "area_code" => settings.area_code = value,
            "usable_fraction" => settings.usable_fraction = fraction.unwrap_or(settings.usable_fraction),
            "safety_share" => settings.safety_share = fraction.unwrap_or(settings.safety_share),
            "month_days" => settings.month_days = fraction.unwrap_or(settings.month_days),
            "cut_off" => settings.cut_off = minute.unwrap_or(settings.cut_off),
            "backup_from" => settings.backup_from = minute.unwrap_or(settings.backup_from),
            "backup_to" => settings.backup_to = minute.unwrap_or(settings.backup_to),
            "backup_night" => settings.backup_night = minute.unwrap_or(settings.backup_night),
            "keep_hourly" => settings.keep_hourly = kept.unwrap_or(settings.keep_hourly),
            "keep_daily" => settings.keep_daily = kept.unwrap_or(settings.keep_daily),
            "keep_weekly" => settings.keep_weekly = kept.unwrap_or(settings.keep_weekly),
            "keep_monthly" => settings.keep_monthly = kept.unwrap_or(settings.keep_monthly),
            "order_days" => settings.order_days = value.parse().ok().filter(|days| (1..=366).contains(days)).unwrap_or(settings.order_days),
            "urgent_surcharge" => settings.urgent_surcharge = Ntd::parse(&value).unwrap_or(settings.urgent_surcharge),
            "shop_id" => settings.shop_id = value,
            "copies_locked" => settings.copies_locked = value == "1",
            "residual_credit" => settings.residual_credit = value != "0",
            "look_ahead_days" => {
                settings.look_ahead_days = value.parse().ok().filter(|days| (0..=60).contains(days)).unwrap_or(settings.look_ahead_days);
            }
            _ => {}
        }
    }
    Ok(settings)
}

/// Sets one; the caller journals it and reloads `App::settings` after the commit.
pub fn set(tx: &Transaction, name: &str, value: &str) -> Result<()> {
    const SQL: &str = "
        INSERT INTO settings (name, value) VALUES (:name, :value)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(SQL, named_params! {":name": name, ":value": value}).doing(format_args!("set {name}"))?;
    Ok(())
}

/// The red-letter days in their order.
pub(super) fn holidays(conn: &Connection) -> Result<Vec<(Day, String)>> {
    const SQL: &str = "
        SELECT holiday_on,
               name
        FROM holidays
        ORDER BY holiday_on";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("holiday_on")?, row.get("name")?)))?.collect())
        .doing("list the holidays")
}

/// Puts a day on the calendar of red-letter days, or gives it another name; the caller journals it.
pub(super) fn set_holiday(tx: &Transaction, day: Day, name: &str) -> Result<()> {
    const SQL: &str = "
        INSERT INTO holidays (holiday_on, name) VALUES (:day, :name)
        ON CONFLICT (holiday_on) DO UPDATE SET name = excluded.name";
    tx.execute(SQL, named_params! {":day": day, ":name": name}).doing("add a holiday")?;
    Ok(())
}

/// Takes a day off it; the caller journals it.
pub(super) fn remove_holiday(tx: &Transaction, day: Day) -> Result<()> {
    tx.execute("DELETE FROM holidays WHERE holiday_on = :day", named_params! {":day": day}).doing("remove a holiday")?;
    Ok(())
}
