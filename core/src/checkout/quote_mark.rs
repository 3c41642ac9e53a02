//! What a quote came to, as one short text that a hold can compare (G-03).

use sha2::{Digest, Sha256};

use super::Pricing;
use crate::Invalid;
use crate::card::HoldOf;
use crate::denial::Denial;

/// The digest of a quote: the card's epoch, and a hash of what the card gives. No secret is in it, and none is needed: whoever
/// makes one up has to guess what the card gives.
pub(crate) fn quote_mark(of: HoldOf, epoch: u32, pricing: &Pricing) -> String {
    let mut hash = Sha256::new();
    hash.update(of.to_string());
    // Plain data: it is always written.
    hash.update(serde_json::to_vec(pricing).unwrap_or_default());
    let hash = hash.finalize();
    let front: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("{epoch}.{front}")
}

/// Refuses what no quote gave out.
pub(crate) fn check_quote_mark(field: &str, mark: &str) -> Result<(), Invalid> {
    let good = mark.split_once('.').is_some_and(|(epoch, front)| {
        epoch.parse::<u32>().is_ok() && front.len() == 24 && front.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    if good { Ok(()) } else { Err(Invalid::new(field, format!("{} bytes", mark.len()), "the digest of a quote")) }
}

/// Compares a quote with what it comes to now.
///
/// # Errors
/// `stale` where the card was released or refunded since, `quote_changed`.
pub(crate) fn must_be_quoted(mark: &str, of: HoldOf, epoch: u32, pricing: &Pricing) -> Result<(), Denial> {
    must_be(mark, &quote_mark(of, epoch, pricing), || pricing.clone())
}

/// Compares the mark of a quote with the one that it would get now.
///
/// # Errors
/// As [`must_be_quoted`].
pub(crate) fn must_be(mark: &str, now: &str, pricing: impl FnOnce() -> Pricing) -> Result<(), Denial> {
    if now == mark {
        return Ok(());
    }
    let epochs = [mark, now].map(|mark| mark.split_once('.').map(|(epoch, _)| epoch));
    if epochs[0] != epochs[1] {
        return Err(Denial::Stale);
    }
    Err(Denial::QuoteChanged { now: Box::new(pricing()) })
}
