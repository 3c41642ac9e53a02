//! Our half of the code benches: the only place where they touch `cardmint::code`.
//!
//! A function that answers `None` is not wired yet; its bench then measures the reference alone and reports its figures
//! as skipped, never as passed.

/// Why a figure without our half is skipped.
pub const NOT_WIRED: &str = "our half is not wired yet";

/// Mints `count` codes of 16 symbols, grouped in fours, of one batch on this thread, and hands each text to `each`.
pub fn mint(count: u64, each: impl FnMut(&str)) -> Option<()> {
    let _ = (count, each);
    None
}

/// A keyring with everything that can be prepared once, and texts to open with it.
pub struct Opening {
    /// Opens a text of 16 symbols; true when it is genuine. No store, no cache of earlier answers.
    pub open: Box<dyn Fn(&str) -> bool>,
    pub texts: Texts,
}

/// At least a thousand different texts of each kind, in the same shape (grouped in fours) unless the kind forbids it.
pub struct Texts {
    /// Minted by this tenant.
    pub genuine: Vec<String>,
    /// Not the shape of a code: a wrong length, a symbol outside the alphabet.
    pub malformed: Vec<String>,
    /// Genuine for another tenant of the same keyring.
    pub foreign: Vec<String>,
    /// The right shape and key slot, random symbols.
    pub forged: Vec<String>,
    /// Sealed under the right key, with a batch number that no batch has.
    pub unknown_batch: Vec<String>,
}

/// Prepares the opening side.
pub fn opening() -> Option<Opening> {
    None
}
