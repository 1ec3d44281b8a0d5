//! How somebody of the shop walks into the one beside it without a password: a key for one person, one use and one minute.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::users::{User, session};

const LIFE: Duration = Duration::from_secs(60);

/// More are never waiting; the oldest gives way.
const MOST: usize = 16;

/// The keys that are out, by what a token is kept as: the key itself is only with the browser.
#[derive(Default)]
pub(super) struct Keys {
    out: Mutex<HashMap<[u8; 32], (User, Instant)>>,
}

impl Keys {
    /// A key for `user`.
    pub(super) fn give(&self, user: User) -> Result<String> {
        let key = session::new_token()?;
        let mut out = self.living();
        if MOST <= out.len()
            && let Some(oldest) = out.iter().min_by_key(|(_, (_, since))| *since).map(|(hash, _)| *hash)
        {
            out.remove(&oldest);
        }
        out.insert(session::hash(&key), (user, Instant::now()));
        Ok(key)
    }

    /// Whose `key` is, once.
    pub(super) fn take(&self, key: &str) -> Option<User> {
        self.living().remove(&session::hash(key)).map(|(user, _)| user)
    }

    fn living(&self) -> MutexGuard<'_, HashMap<[u8; 32], (User, Instant)>> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.retain(|_, (_, since)| since.elapsed() < LIFE);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::{Role, TextSize};
    use crate::values::UserId;

    fn user(id: i64) -> User {
        User {
            id: UserId(id),
            username: format!("user{id}"),
            name: "小惠".to_owned(),
            role: Role::OfficeStaff,
            text_size: TextSize::Medium,
            must_change_password: false,
            is_active: true,
            last_seen_at: None,
            version: 1,
        }
    }

    #[test]
    fn a_key_opens_once_and_only_for_its_person() {
        let keys = Keys::default();
        let (first, second) = (keys.give(user(1)).unwrap(), keys.give(user(2)).unwrap());
        assert_eq!(keys.take(&second).map(|user| user.id), Some(UserId(2)));
        assert_eq!(keys.take(&second), None);
        assert_eq!(keys.take(&first).map(|user| user.id), Some(UserId(1)));
        for wrong in ["", "0", &"0".repeat(64)] {
            assert_eq!(keys.take(wrong), None);
        }
    }

    #[test]
    fn keys_are_never_many_and_old_ones_open_nothing() {
        let keys = Keys::default();
        let given: Vec<String> = (0..40).map(|id| keys.give(user(id)).unwrap()).collect();
        assert_eq!(keys.living().len(), MOST);
        assert_eq!(keys.take(&given[0]), None);
        for (_, since) in keys.out.lock().unwrap().values_mut() {
            *since = Instant::now().checked_sub(LIFE).unwrap();
        }
        assert_eq!(keys.take(&given[39]), None);
    }
}
