//! An answer that does not end: the door writes it on the thread of its connection, as the program gives it text.

use std::time::Duration;

/// The header by which the program answers with a stream instead; its value is the stream's name. What a client sends
/// under it goes no further than the door (see `head`), and the header itself never reaches a client.
pub const STREAM_HEADER: &str = "X-Guard-Stream";

/// The head of every stream, and how long a browser is to wait before it asks anew.
pub(super) const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\
Content-Type: text/event-stream\r\n\
Cache-Control: no-store\r\n\
Connection: close\r\n\
X-Accel-Buffering: no\r\n\
X-Content-Type-Options: nosniff\r\n\
\r\n\
retry: 3000\n\n";

/// So often it is looked whether the client is still there.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// What a stream says next.
pub enum Next {
    Text(String),
    /// Nothing came while it was waited for.
    Quiet,
    End,
}

/// A source of text. What it says is sent at once, whole.
pub trait Stream: Send {
    /// Waits at most `wait` for what is to be said.
    fn next(&mut self, wait: Duration) -> Next;
}
