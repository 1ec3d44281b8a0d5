//! What the shop has chosen, each with a default good enough to never be looked at.

pub mod help;
pub mod holiday_pages;
pub mod holidays;
pub mod pages;
mod store;

use crate::error::Noun;
use crate::values::{Ntd, window};

pub use store::{load, set};

pub const NOUN: Noun = Noun { word: "setting", label: "設定" };
pub const HOLIDAY: Noun = Noun { word: "holiday", label: "假日" };

/// Who may reach the program over the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Only the PC it runs on.
    ThisPc,
    /// The shop's computers and phones.
    Shop,
}

impl Network {
    pub fn word(self) -> &'static str {
        match self {
            Network::ThisPc => "this_pc",
            Network::Shop => "shop",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Network::ThisPc => "只有這台電腦",
            Network::Shop => "店裡的電腦和手機",
        }
    }

    pub fn from_word(word: &str) -> Option<Network> {
        [Network::ThisPc, Network::Shop].into_iter().find(|network| network.word() == word)
    }
}

/// More copies of one kind are not kept.
pub const KEPT_AT_MOST: u16 = 200;

/// All of them, as loaded. A missing row is its default.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub shop_name: String,
    /// A shop to practise in: every page says so.
    pub is_practice: bool,
    pub network: Network,
    /// The one account passers-by hang on; an import marks it (business §23).
    pub walk_in_code: String,
    /// New customer codes begin with it, then the next free five digits (business §21).
    pub code_prefix: String,
    /// A landline typed without its area code is of this area (taiwan.md §2.2).
    pub area_code: String,
    /// The usable fraction of a cylinder, the safety share of the reserve, the days of a month (business §7).
    pub usable_fraction: f64,
    pub safety_share: f64,
    pub month_days: f64,
    /// After this clock time a new order is for tomorrow unless somebody says otherwise (business §8), in minutes.
    pub cut_off: u16,
    /// How many days ahead an order may be taken (business §8).
    pub order_days: i64,
    /// What an urgent order costs on top, unless somebody says otherwise (business §9).
    pub urgent_surcharge: Ntd,
    /// How many days ahead the due list looks (business §7).
    pub look_ahead_days: i64,
    /// Gas that comes back in an empty cylinder is worth money; otherwise only its weight is kept (business §9.2).
    pub residual_credit: bool,
    /// Copies are made every hour between these clock times, in minutes, and once more at night.
    pub backup_from: u16,
    pub backup_to: u16,
    pub backup_night: u16,
    /// How many copies are kept: of hours, days, weeks and months.
    pub keep_hourly: u16,
    pub keep_daily: u16,
    pub keep_weekly: u16,
    pub keep_monthly: u16,
    /// What the second places of this shop are marked with; empty until there is one.
    pub shop_id: String,
    /// Copies that leave the house are locked with the passphrase.
    pub copies_locked: bool,
}

/// One choice as it stands in the table.
pub struct Choice {
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
}

impl Choice {
    /// The value as people say it: a share as a percentage, a word by its label.
    pub fn said(&self) -> String {
        match (self.name, self.value.parse()) {
            ("network", _) => Network::from_word(&self.value).map_or_else(|| self.value.clone(), |network| network.label().to_owned()),
            ("usable_fraction" | "safety_share", Ok(share)) => percent(share),
            ("cut_off" | "backup_from" | "backup_to" | "backup_night", _) => {
                self.value.parse().map_or_else(|_| self.value.clone(), window::clock)
            }
            ("residual_credit", _) => if self.value == "1" { "折抵" } else { "不折抵" }.to_owned(),
            ("urgent_surcharge", _) => Ntd::parse(&self.value).map_or_else(|| self.value.clone(), |amount| amount.to_string()),
            _ => self.value.clone(),
        }
    }
}

/// `85` of 0.85, with one decimal when there is one.
pub fn percent(share: f64) -> String {
    ((share * 1000.0).round() / 10.0).to_string()
}

impl Settings {
    /// What people may change, in the order of the settings page. A practice shop stays one.
    pub fn choices(&self) -> Vec<Choice> {
        let choice = |name, label, value: String| Choice { name, label, value };
        vec![
            choice("shop_name", "店名", self.shop_name.clone()),
            choice("network", "誰可以連進來", self.network.word().to_owned()),
            choice("code_prefix", "新編號開頭", self.code_prefix.clone()),
            choice("walk_in_code", "散客編號", self.walk_in_code.clone()),
            choice("area_code", "電話區碼", self.area_code.clone()),
            choice("usable_fraction", "鋼瓶可用", self.usable_fraction.to_string()),
            choice("safety_share", "安全存量", self.safety_share.to_string()),
            choice("month_days", "一個月算幾天", self.month_days.to_string()),
            choice("cut_off", "收單時間", self.cut_off.to_string()),
            choice("order_days", "最遠接幾天後", self.order_days.to_string()),
            choice("urgent_surcharge", "急件加價", self.urgent_surcharge.0.to_string()),
            choice("look_ahead_days", "名單往後看幾天", self.look_ahead_days.to_string()),
            choice("residual_credit", "退氣", i64::from(self.residual_credit).to_string()),
        ]
    }

    /// When copies are made and how many are kept, in the order of their page.
    pub fn backup_choices(&self) -> Vec<Choice> {
        let choice = |name, label, value: u16| Choice { name, label, value: value.to_string() };
        vec![
            choice("backup_from", "每小時備份，從", self.backup_from),
            choice("backup_to", "到", self.backup_to),
            choice("backup_night", "夜裡備份", self.backup_night),
            choice("keep_hourly", "留幾份每小時的", self.keep_hourly),
            choice("keep_daily", "留幾天", self.keep_daily),
            choice("keep_weekly", "留幾週", self.keep_weekly),
            choice("keep_monthly", "留幾個月", self.keep_monthly),
        ]
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            shop_name: "煤氣行".to_owned(),
            is_practice: false,
            network: Network::ThisPc,
            walk_in_code: "6000001".to_owned(),
            code_prefix: "19".to_owned(),
            area_code: "089".to_owned(),
            usable_fraction: 0.85,
            safety_share: 0.5,
            month_days: 30.0,
            cut_off: 14 * 60,
            order_days: 30,
            urgent_surcharge: Ntd(0),
            look_ahead_days: 1,
            residual_credit: true,
            backup_from: 7 * 60,
            backup_to: 21 * 60,
            backup_night: 3 * 60 + 12,
            keep_hourly: 24,
            keep_daily: 14,
            keep_weekly: 8,
            keep_monthly: 24,
            shop_id: String::new(),
            copies_locked: false,
        }
    }
}
