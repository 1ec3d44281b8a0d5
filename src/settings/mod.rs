//! What the shop has chosen, each with a default good enough to never be looked at.

mod store;

use crate::error::Noun;

pub use store::{load, set};

pub const NOUN: Noun = Noun { word: "setting", label: "設定" };

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
        }
    }
}
