//! How often is too often: for tries to sign in, from one address, and for files, from one person.

use std::net::IpAddr;
use std::time::Duration;

use crate::error::Error;
use crate::http::bucket::{Buckets, place, seconds};
use crate::values::UserId;

/// A password costs a quarter of a second to look at. Twenty at once from one address, then one every three seconds; a right
/// one costs nothing, so that an office behind one address comes in in the morning.
const TRIES: u32 = 20;
const TRY_EACH: Duration = Duration::from_secs(3);

/// Files that are read or stored whole: a shop brings in a handful on its first day.
const FILES: u32 = 20;
const FILE_EACH: Duration = Duration::from_secs(15);

/// A phone that comes back with a day's pictures sends them all at once.
const PICTURES: u32 = 200;
const PICTURE_EACH: Duration = Duration::from_secs(1);

/// The buckets of a shop.
pub struct Limits {
    tries: Buckets<IpAddr>,
    files: Buckets<UserId>,
    pictures: Buckets<UserId>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            tries: Buckets::new(TRIES, TRY_EACH),
            files: Buckets::new(FILES, FILE_EACH),
            pictures: Buckets::new(PICTURES, PICTURE_EACH),
        }
    }
}

impl Limits {
    /// A password is to be looked at that `peer` sent; `TooMany` says how long to wait.
    pub fn try_password(&self, peer: IpAddr) -> Result<(), Error> {
        self.tries.take(&place(peer)).map_err(|wait| {
            let wait_s = seconds(wait);
            Error::TooMany { say: format!("這台裝置試太多次了，{wait_s} 秒後再試。").into(), wait_s }
        })
    }

    /// It was right.
    pub fn was_right(&self, peer: IpAddr) {
        self.tries.give_back(&place(peer));
    }

    /// A file of `user` is to be taken in; else how many seconds to wait.
    pub fn take_file(&self, user: UserId, is_picture: bool) -> Result<(), u32> {
        if is_picture { &self.pictures } else { &self.files }.take(&user).map_err(seconds)
    }
}
