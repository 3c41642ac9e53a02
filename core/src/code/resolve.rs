//! Opening says that a code is genuine; resolving says that it is this card, now.

use super::book::Opened;
use super::format::CodeFormat;
use crate::defect::{self, Defect};

/// What a batch and a card say about the only code that is good for the card now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchPin {
    /// The batch's number.
    pub batch_no: u32,
    /// The key slot that the batch is pinned to. Re-keying a batch changes it, and all its old codes are dead.
    pub slot: u8,
    /// The format that the batch is pinned to.
    pub format: CodeFormat,
    /// How many cards the batch has.
    pub size: u32,
    /// The card's current issue number: 0, and one more for each replacement.
    pub issue_no_now: u8,
}

/// Whether an opened code is a card's code now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It is.
    Resolves,
    /// Genuine, but of no card now. To whoever typed it this is the same as a forged code.
    Dead,
}

/// Compares an opened code with what its batch and card say now: format, key slot, batch number, `serial < size`, issue number.
///
/// Without this a leaked old key, or a shorter format, would seal codes for batches that are pinned elsewhere.
pub fn resolve(opened: &Opened, pin: &BatchPin) -> Verdict {
    let is_this_card_now = (opened.format == pin.format || defect::is(Defect::FormatNotCompared))
        && (opened.slot == pin.slot || defect::is(Defect::KeySlotNotCompared))
        && opened.card.batch_no == pin.batch_no
        && opened.card.serial < pin.size
        && (opened.card.issue_no == pin.issue_no_now || defect::is(Defect::IssueNumberNotCompared));
    if is_this_card_now { Verdict::Resolves } else { Verdict::Dead }
}
