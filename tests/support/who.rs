//! Everybody who could act on an order or a route, for tables of who may do what.

use luckygas::journal::By;
use luckygas::orders::Actor;
use luckygas::users::Role;
use luckygas::values::UserId;

use super::Site;

/// The cast, a driver whose order or route it is not, and the program itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    Of(Role),
    OtherDriver,
    Program,
}

pub const EVERYBODY: [Who; 7] = [
    Who::Of(Role::Admin),
    Who::Of(Role::Manager),
    Who::Of(Role::Accountant),
    Who::Of(Role::OfficeStaff),
    Who::Of(Role::Driver),
    Who::OtherDriver,
    Who::Program,
];

impl Site {
    /// `who`, at the shop's *now*; `other` is the other driver.
    pub fn acting(&self, who: Who, other: UserId) -> Actor {
        match who {
            Who::Of(role) => self.actor(role),
            Who::OtherDriver => Actor { by: By { user: Some(other), at: self.app.now() }, role: Some(Role::Driver) },
            Who::Program => Actor::program(self.app.now()),
        }
    }
}
