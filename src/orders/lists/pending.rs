//! The lists people are looking at, one a person, in memory: a page drawn again finds it, and it is gone when the
//! program stops.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::orders::lists::file::ListFile;
use crate::values::UserId;

#[derive(Default)]
pub struct Pending(Mutex<HashMap<UserId, Arc<ListFile>>>);

impl Pending {
    fn held(&self) -> MutexGuard<'_, HashMap<UserId, Arc<ListFile>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn of(&self, user: UserId) -> Option<Arc<ListFile>> {
        self.held().get(&user).cloned()
    }

    /// In the place of what the person looked at before.
    pub fn put(&self, user: UserId, file: ListFile) {
        self.held().insert(user, Arc::new(file));
    }

    pub fn drop_it(&self, user: UserId) {
        self.held().remove(&user);
    }
}
