//! Who asks too often for something costly waits: a bucket a key that fills by itself, in memory, never more than so many.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys known at once; more than a shop ever has.
const MOST: usize = 1_000;

/// One bucket for each key.
pub struct Buckets<K> {
    size: f64,
    each: Duration,
    held: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl<K: Eq + Hash + Clone> Buckets<K> {
    /// So many at once, and one more after `each`.
    pub fn new(size: u32, each: Duration) -> Buckets<K> {
        Buckets { size: f64::from(size), each, held: Mutex::default() }
    }

    /// One of `key`'s, or how long there is none. Time is the machine's own and not the PC's clock, which may jump.
    pub fn take(&self, key: &K) -> Result<(), Duration> {
        self.take_at(key, Instant::now())
    }

    fn take_at(&self, key: &K, now: Instant) -> Result<(), Duration> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if MOST <= held.len() && !held.contains_key(key) {
            // Whose bucket is full again is as if they had never come; and if nobody's is, whoever came first is forgotten.
            held.retain(|_, bucket| self.left(bucket, now) < self.size);
            if MOST <= held.len()
                && let Some(oldest) = held.iter().min_by_key(|(_, bucket)| bucket.at).map(|(key, _)| key.clone())
            {
                held.remove(&oldest);
            }
        }
        let bucket = held.entry(key.clone()).or_insert(Bucket { left: self.size, at: now });
        let left = self.left(bucket, now);
        if left < 1.0 {
            return Err(self.each.mul_f64(1.0 - left));
        }
        *bucket = Bucket { left: left - 1.0, at: now };
        Ok(())
    }

    /// What `key` took was well spent: it has it again.
    pub fn give_back(&self, key: &K) {
        if let Some(bucket) = self.held.lock().unwrap_or_else(PoisonError::into_inner).get_mut(key) {
            bucket.left = (bucket.left + 1.0).min(self.size);
        }
    }

    fn left(&self, bucket: &Bucket, now: Instant) -> f64 {
        let filled = now.saturating_duration_since(bucket.at).as_secs_f64() / self.each.as_secs_f64();
        (bucket.left + filled).min(self.size)
    }
}

/// Whole seconds for `Retry-After`, at least one.
pub fn seconds(wait: Duration) -> u32 {
    (wait.as_secs_f64().ceil() as u32).max(1)
}

/// An address as far as it names somebody: of IPv6 a home gets a whole /64.
pub fn place(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) >> 64 << 64).into()),
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_and_then_one_after_the_other() {
        let buckets = Buckets::new(3, Duration::from_secs(2));
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        for _ in 0..3 {
            assert_eq!(buckets.take_at(&"a", at(0)), Ok(()));
        }
        assert_eq!(buckets.take_at(&"a", at(0)), Err(Duration::from_secs(2)));
        assert_eq!(buckets.take_at(&"b", at(0)), Ok(()), "another waits for nobody");
        assert_eq!(buckets.take_at(&"a", at(500)).map_err(seconds), Err(2));
        assert_eq!(buckets.take_at(&"a", at(2_000)), Ok(()));
        assert!(buckets.take_at(&"a", at(2_100)).is_err());
        // After a long rest no more than its size.
        let later = at(1_000_000);
        assert_eq!((0..10).filter(|_| buckets.take_at(&"a", later).is_ok()).count(), 3);
        buckets.give_back(&"a");
        assert_eq!(buckets.take_at(&"a", later), Ok(()));
    }

    #[test]
    fn a_flood_of_keys_is_held_in_little_memory() {
        let buckets = Buckets::new(2, Duration::from_secs(60));
        let start = Instant::now();
        for key in 0..20_000_u32 {
            assert_eq!(buckets.take_at(&key, start + Duration::from_micros(u64::from(key))), Ok(()));
        }
        assert_eq!(buckets.held.lock().unwrap().len(), MOST);
        assert!(buckets.take_at(&19_999, start + Duration::from_secs(1)).is_ok());
        assert!(buckets.take_at(&19_999, start + Duration::from_secs(1)).is_err(), "the newest are remembered");
    }

    #[test]
    fn a_home_is_one_place() {
        let place = |text: &str| place(text.parse().unwrap()).to_string();
        assert_eq!(place("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!((place("192.168.1.5"), place("::ffff:192.168.1.5")), ("192.168.1.5".into(), "192.168.1.5".into()));
    }
}
