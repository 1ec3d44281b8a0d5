//! Passwords: which are accepted, how they are hashed, how first ones are made.
//! Hashing is costly on purpose, so it has its own queue and never runs inside a transaction.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Doing, Error, Result};

/// bcrypt reads 72 bytes with its closing NUL; what is longer would be cut off in silence.
const MOST_BYTES: usize = 71;
const LEAST_CHARS: usize = 8;

/// About a fifth of a second on the shop's PC: slow for who guesses, unnoticed by who knows.
const COST: u32 = 11;
/// Two at once leave the other requests their cores; a few may wait, so that workers are left for everybody else.
const MOST_AT_ONCE: u32 = 2;
const MOST_WAITING: u32 = 4;
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Letters and digits nobody mistakes for another: without 0 1 i l o.
pub const CLEAR: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// What is wrong with `password` as a new one for `username`, in a sentence.
pub fn problem(password: &str, username: &str) -> Option<&'static str> {
    if password.chars().count() < LEAST_CHARS {
        Some("密碼至少要 8 個字。")
    } else if MOST_BYTES < password.len() {
        Some("密碼太長了：英文和數字最多 71 個，中文最多 23 個字。")
    } else if password.chars().any(char::is_control) {
        Some("密碼裡有看不見的字元，請重新輸入。")
    } else if password.eq_ignore_ascii_case(username) {
        Some("密碼不能和帳號一樣。")
    } else if password.chars().all(|c| password.starts_with(c)) {
        Some("密碼不能只用同一個字。")
    } else {
        None
    }
}

/// Eight clear characters from the operating system's randomness, in two groups to read aloud: `k7xm-2pwt`.
pub fn generate() -> Result<String> {
    groups(2)
}

/// So many groups of four.
pub fn groups(count: usize) -> Result<String> {
    let length = count * 5 - 1;
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes).map_err(|error| error.to_string()).doing("draw a random password")?;
        // Five bits give 0–31; 31 is thrown away, so that every character is as likely as any other.
        for clear in bytes.iter().filter_map(|byte| CLEAR.get(usize::from(byte & 31))) {
            if text.len() < length && text.len() % 5 == 4 {
                text.push('-');
            }
            if text.len() < length {
                text.push(char::from(*clear));
            }
        }
    }
    Ok(text)
}

/// Where passwords are hashed: two at a time.
#[derive(Debug)]
pub struct Hasher {
    cost: u32,
    seats: Mutex<Seats>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Seats {
    taken: u32,
    waiting: u32,
}

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher::new(COST)
    }
}

impl Hasher {
    /// `cost` is bcrypt's, each step twice the work; 4 is the least there is, for tests.
    pub fn new(cost: u32) -> Hasher {
        Hasher { cost, seats: Mutex::default(), freed: Condvar::new() }
    }

    /// What the database keeps of `password`. `Busy` when too many are at it.
    pub fn hash(&self, password: &str) -> Result<String> {
        let _seat = self.take_seat()?;
        bcrypt::non_truncating_hash(password, self.cost).doing("hash a password")
    }

    /// Whether `password` is the one of `hash`. Without a hash, or with one nobody can read, the same
    /// work is done for nothing, so that the time taken does not tell whether a user exists.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let _seat = self.take_seat()?;
        let readable = hash.filter(|hash| hash.len() == 60 && password.len() <= MOST_BYTES);
        let shown = if password.len() <= MOST_BYTES { password } else { "" };
        let matches = bcrypt::non_truncating_verify(shown, readable.unwrap_or(&self.nobodys())).unwrap_or(false);
        Ok(matches && readable.is_some())
    }

    /// A hash no password has, as costly to look at as any.
    fn nobodys(&self) -> String {
        format!("$2b${:02}${}", self.cost, ".".repeat(53))
    }

    fn take_seat(&self) -> Result<Seat<'_>> {
        let deadline = Instant::now() + LONGEST_WAIT;
        let mut seats = self.seats();
        if MOST_AT_ONCE <= seats.taken && MOST_WAITING <= seats.waiting {
            return Err(Error::Busy);
        }
        seats.waiting += 1;
        while MOST_AT_ONCE <= seats.taken {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                seats.waiting -= 1;
                return Err(Error::Busy);
            }
            seats = self.freed.wait_timeout(seats, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        seats.waiting -= 1;
        seats.taken += 1;
        Ok(Seat { hasher: self })
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place at the hasher, given back when dropped.
struct Seat<'a> {
    hasher: &'a Hasher,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.hasher.seats().taken -= 1;
        self.hasher.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_passwords_are_accepted() {
        let cases = [
            ("1234567", Some("至少要 8 個字")),
            ("12345678", None),
            ("煤氣行的密碼很長", None),
            ("煤氣行的密碼", Some("至少要 8 個字")),
            ("xiaohui-hui", Some("不能和帳號一樣")),
            ("aaaaaaaaaa", Some("同一個字")),
            ("tab\tin between", Some("看不見")),
            ("        x", None),
        ];
        for (password, wrong) in cases {
            match (problem(password, "Xiaohui-hui"), wrong) {
                (None, None) => {}
                (Some(say), Some(part)) => assert!(say.contains(part), "{password}: {say}"),
                (have, want) => panic!("{password}: {have:?} instead of {want:?}"),
            }
        }
        assert_eq!(problem(&("a".repeat(70) + "b"), "boss"), None);
        assert!(problem(&("a".repeat(71) + "b"), "boss").unwrap().contains("太長"));
        assert_eq!(problem(&("煤".repeat(22) + "氣"), "boss"), None);
        assert!(problem(&("煤".repeat(23) + "氣"), "boss").unwrap().contains("太長"));
    }

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let hasher = Hasher::new(4);
        let longest = "a".repeat(70) + "b";
        let hash = hasher.hash(&longest).unwrap();
        assert!(hasher.verify(&longest, Some(&hash)).unwrap());
        assert!(!hasher.verify(&"a".repeat(71), Some(&hash)).unwrap());
        assert!(!hasher.verify(&(longest.clone() + "c"), Some(&hash)).unwrap(), "a longer one is another one");
        assert!(!hasher.verify("", None).unwrap());
        assert!(!hasher.verify("none", Some("none")).unwrap());
        // Were it not read as a hash, nothing would be reckoned, and the quick answer would tell that nobody has the name.
        assert!(matches!(bcrypt::non_truncating_verify("none", &hasher.nobodys()), Ok(false)));
    }

    #[test]
    fn first_passwords_are_clear_accepted_and_different() {
        let made: std::collections::HashSet<String> = (0..200).map(|_| generate().unwrap()).collect();
        assert_eq!(made.len(), 200);
        for password in made {
            assert_eq!(problem(&password, "boss"), None);
            let (left, right) = password.split_once('-').unwrap();
            assert!(left.len() == 4 && right.len() == 4 && left.bytes().chain(right.bytes()).all(|byte| CLEAR.contains(&byte)));
        }
    }

    #[test]
    fn two_hash_at_once_some_wait_and_the_rest_are_told_to_come_back() {
        let hasher = Hasher::new(8);
        let answers: Vec<bool> = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..24).map(|_| scope.spawn(|| hasher.hash("password").is_ok())).collect();
            tries.into_iter().map(|answer| answer.join().unwrap()).collect()
        });
        assert!(answers.iter().any(|ok| *ok) && answers.iter().any(|ok| !ok), "{answers:?}");
        assert!(hasher.hash("password").is_ok(), "afterwards there is room again");
    }
}
