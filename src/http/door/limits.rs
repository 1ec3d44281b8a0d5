//! How much of everything one connection may have, and time that runs out once and for all.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

/// What the door allows. The defaults are for fifteen people and a few programs on the shop's network;
/// tests shorten the waits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open at once, and of these from one address; streams, which are counted by who is signed in, not among them.
    pub connections: usize,
    pub per_address: usize,
    /// Requests inside at once; the others wait at the door.
    pub inside: usize,
    /// Request line and headers, in bytes.
    pub head_bytes: usize,
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// Between two requests on one connection.
    pub idle: Duration,
    /// For a body, or an answer on its way to the client: this, and its size at [`Limits::slowest`].
    pub transfer: Duration,
    /// Bytes a second.
    pub slowest: u64,
    /// How long the program may think about a request.
    pub thinking: Duration,
    /// An answer, in bytes; and how much of one is held in memory. What is more waits on disk for its client.
    pub answer_bytes: usize,
    pub answer_in_memory: usize,
    /// How long a refused client is listened to, so that it can read why before the line is cut.
    pub linger: Duration,
    /// A body without a word from the policy, in bytes.
    pub body_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 256,
            per_address: 64,
            inside: 32,
            head_bytes: 16 * 1024,
            head: Duration::from_secs(5),
            idle: Duration::from_secs(30),
            transfer: Duration::from_secs(10),
            slowest: 32 * 1024,
            thinking: Duration::from_secs(60),
            // A copy of the shop's file, with room for fifty years; it waits on disk, not in memory.
            answer_bytes: 4 * 1024 * 1024 * 1024,
            answer_in_memory: 1024 * 1024,
            linger: Duration::from_secs(2),
            body_bytes: 64 * 1024,
        }
    }
}

impl Limits {
    /// When `bytes` must have been carried over.
    pub fn transfer_of(&self, bytes: u64) -> Deadline {
        Deadline::after(self.transfer + Duration::from_millis(bytes.saturating_mul(1_000) / self.slowest.max(1)))
    }
}

/// A moment after which nothing more is waited for, however many small steps there are.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    pub fn after(wait: Duration) -> Deadline {
        Deadline(Instant::now() + wait)
    }

    /// What is left, for a socket's timeout; `TimedOut` when nothing is.
    pub fn left(self) -> io::Result<Duration> {
        match self.0.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }
}

/// A socket's timeout is `WouldBlock` on Unix and `TimedOut` on Windows.
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
