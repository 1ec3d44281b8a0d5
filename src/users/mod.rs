//! A user is somebody of the shop who signs in; a session is one browser of theirs.
//!
//! Invariants
//! - The last active admin cannot be demoted or switched off.
//! - A session token is stored only as its SHA-256, and ends at once on sign-out, when its user is
//!   switched off and when the password changes.
//! - Whether a name exists is never told: a wrong name and a wrong password answer alike, and lock alike.

pub mod api;
pub mod device_pages;
mod limits;
pub mod pages;
pub mod password;
pub mod people;
pub mod people_pages;
pub mod permissions;
mod seen;
pub mod session;
pub mod setup;
pub mod setup_pages;
pub mod sign_in;
pub mod store;
pub mod unstored;

use crate::error::{Error, Noun, Result};
use crate::values::{Stamp, UserId};

pub use limits::Limits;
pub use seen::{Seen, flush_seen};

pub const NOUN: Noun = Noun { word: "user", label: "使用者" };

/// What somebody may do (business §20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Admin,
    Manager,
    Accountant,
    OfficeStaff,
    Driver,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Admin, Role::Manager, Role::Accountant, Role::OfficeStaff, Role::Driver];

    pub fn word(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Manager => "manager",
            Role::Accountant => "accountant",
            Role::OfficeStaff => "office_staff",
            Role::Driver => "driver",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Role::Admin => "管理者",
            Role::Manager => "經理",
            Role::Accountant => "會計",
            Role::OfficeStaff => "辦公室",
            Role::Driver => "司機",
        }
    }

    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// How large the letters are; the class stands on `<html>` (ui.md §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextSize {
    Small,
    Medium,
    Large,
    Huge,
}

impl TextSize {
    pub const ALL: [TextSize; 4] = [TextSize::Small, TextSize::Medium, TextSize::Large, TextSize::Huge];

    pub fn word(self) -> &'static str {
        match self {
            TextSize::Small => "small",
            TextSize::Medium => "medium",
            TextSize::Large => "large",
            TextSize::Huge => "huge",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            TextSize::Small => "小",
            TextSize::Medium => "中",
            TextSize::Large => "大",
            TextSize::Huge => "特大",
        }
    }

    pub fn from_word(word: &str) -> Option<TextSize> {
        TextSize::ALL.into_iter().find(|size| size.word() == word)
    }

    pub fn class(self) -> Option<&'static str> {
        match self {
            TextSize::Small => Some("text-s"),
            TextSize::Medium => None,
            TextSize::Large => Some("text-l"),
            TextSize::Huge => Some("text-xl"),
        }
    }
}

/// Somebody who may sign in, or once might.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// What they type to sign in.
    pub username: String,
    /// What the shop calls them.
    pub name: String,
    pub role: Role,
    pub text_size: TextSize,
    pub must_change_password: bool,
    pub is_active: bool,
    /// As kept; [`Seen`] may know better.
    pub last_seen_at: Option<Stamp>,
    pub version: i64,
}

impl User {
    /// Whether a `role` may change this user: managers everybody but admins (business §20).
    pub fn check_changeable_by(&self, role: Role) -> Result<()> {
        match role {
            Role::Admin => Ok(()),
            Role::Manager if self.role != Role::Admin => Ok(()),
            _ => Err(Error::Forbidden),
        }
    }
}

/// Somebody to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: String,
    pub name: String,
    pub role: Role,
    pub text_size: TextSize,
    pub must_change_password: bool,
}

/// What is wrong with `username` as the name of somebody new.
pub fn username_problem(username: &str) -> Option<&'static str> {
    if username.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Some("帳號裡不能有空白。")
    } else if username.chars().count() < 2 {
        Some("帳號至少要 2 個字。")
    } else if 40 < username.chars().count() {
        Some("帳號最多 40 個字。")
    } else {
        None
    }
}

/// A user as the users page lists them.
#[derive(Clone, Debug)]
pub struct Listed {
    pub user: User,
    pub locked_until_at: Option<Stamp>,
    /// Where they are signed in: 電腦 or 手機; `None` nowhere.
    pub device: Option<String>,
}

/// Who is signed in on this request.
#[derive(Clone, Debug)]
pub struct Session {
    pub user_id: UserId,
    pub username: String,
    pub name: String,
    pub role: Role,
    pub text_size: TextSize,
    pub must_change_password: bool,
    /// Bound to this session; every form carries it.
    pub csrf: String,
    pub expires_at: Stamp,
    /// Notices told to them that they have not read; of more than [`crate::notices::MOST_COUNTED`] no more are counted.
    pub unread: i64,
    /// The last row of the journal when they asked: what is written later is news to the page they get.
    pub journal: i64,
}
