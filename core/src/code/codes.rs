//! A stream of codes, a few at a time.

use std::fmt;

use super::alphabet::LANES;
use super::book::CardRef;
use super::permutation::Permutation;
use super::sealer::Sealer;
use crate::Invalid;

/// The codes of the cards of `I`, in their order; see [`super::CodeBook::seal_all`].
///
/// As an iterator it gives each code its own `String`; [`Codes::next_code`] lends them from one buffer.
pub struct Codes<'a, I> {
    sealer: &'a Sealer,
    permutation: &'a Permutation,
    slot: u8,
    cards: I,
    /// Symbols of the codes at hand, lane by lane.
    symbols: String,
    /// The next lane to give out, and how many are filled.
    next: usize,
    filled: usize,
    /// A card that cannot be named, met behind the filled lanes.
    refused: Option<Invalid>,
    text: String,
}

impl<'a, I: Iterator<Item = CardRef>> Codes<'a, I> {
    pub(super) fn new(sealer: &'a Sealer, permutation: &'a Permutation, slot: u8, cards: I) -> Self {
        let (symbols, text) = (String::new(), String::new());
        Self { sealer, permutation, slot, cards, symbols, next: 0, filled: 0, refused: None, text }
    }

    /// The next code, good until the next call; `None` after the last.
    ///
    /// # Errors
    /// `card.batch_no`, `card.serial`, `card.issue_no`: beyond what the format can name. The next call goes on behind that card.
    pub fn next_code(&mut self) -> Option<Result<&str, Invalid>> {
        if self.next == self.filled {
            if let Some(refused) = self.refused.take() {
                return Some(Err(refused));
            }
            self.fill();
            if self.filled == 0 {
                return self.refused.take().map(Err);
            }
        }
        self.text.clear();
        self.sealer.write(&self.symbols, self.next, &mut self.text);
        self.next += 1;
        Some(Ok(&self.text))
    }

    /// Seals as many codes as there are lanes; lanes without a card are computed and dropped.
    fn fill(&mut self) {
        let mut payloads = [0; LANES];
        (self.next, self.filled) = (0, 0);
        for (payload, card) in payloads.iter_mut().zip(&mut self.cards) {
            match self.sealer.payload(&card) {
                Ok(bits) => *payload = bits,
                Err(refused) => {
                    self.refused = Some(refused);
                    break;
                }
            }
            self.filled += 1;
        }
        if self.filled == 0 {
            return;
        }
        let (bodies, tags) = self.permutation.seal(payloads);
        let layout = self.sealer.format.layout;
        let mut wholes = [0; LANES];
        for (whole, (body, tag)) in wholes.iter_mut().zip(bodies.into_iter().zip(tags)) {
            *whole = layout.whole(self.slot, body, tag);
        }
        self.symbols = self.sealer.encode(&wholes);
    }
}

impl<I: Iterator<Item = CardRef>> Iterator for Codes<'_, I> {
    type Item = Result<String, Invalid>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_code().map(|code| code.map(str::to_owned))
    }
}

impl<I> fmt::Debug for Codes<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Codes(format {}, slot {})", self.sealer.format, self.slot)
    }
}
