//! Phone numbers of Taiwan (taiwan.md §2).

/// One number, known to be possible. Stored as E.164 with the extension apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone {
    /// `+886900000213`.
    pub e164: String,
    pub extension: Option<String>,
}

impl Phone {
    /// `0900000213`: what staff type the tail of.
    pub fn national_digits(&self) -> String {
        format!("0{}", self.e164.trim_start_matches("+886"))
    }
}
