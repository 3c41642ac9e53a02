//! Blows at a text, from a seed: for where there is no libFuzzer to deal them.

use cardmint::{ChaChaEntropy, Entropy};

/// Pieces that parsers trip over.
const PIECES: [&[u8]; 16] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b"null",
    b"-1",
    b"0",
    b"9223372036854775808",
    b"1e400",
    b"\"\\ud800\"",
    b"\"id\":\"x\",",
    b"\0",
    b"\xff",
    "\u{301}".as_bytes(),
];

/// Deals blows.
pub struct Mutator(ChaChaEntropy);

impl Mutator {
    /// The same seed deals the same.
    pub fn new(seed: u8) -> Self {
        Self(ChaChaEntropy::from_seed([seed; 32]))
    }

    fn below(&self, end: usize) -> usize {
        usize::try_from(self.0.next_u64() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// One of the texts, beaten once to four times, sometimes with a part of another.
    pub fn next(&self, texts: &[Vec<u8>]) -> Vec<u8> {
        let mut text = texts.get(self.below(texts.len())).cloned().unwrap_or_default();
        for _ in 0..=self.below(4) {
            let (from, to) = (self.below(text.len() + 1), self.below(text.len() + 1));
            let (from, to) = (from.min(to), from.max(to));
            match self.below(6) {
                0 => drop(text.drain(from..to.min(from + 20))),
                1 => drop(text.splice(from..from, PIECES[self.below(PIECES.len())].iter().copied())),
                2 => {
                    let part = text[from..to.min(from + 40)].to_vec();
                    drop(text.splice(from..from, part));
                }
                3 if from < text.len() => text[from] = self.0.next_u64().to_le_bytes()[0],
                4 if from < text.len() => text[from] ^= 1 << self.below(8),
                _ => {
                    let other = texts.get(self.below(texts.len())).cloned().unwrap_or_default();
                    let at = self.below(other.len() + 1);
                    text.truncate(from);
                    text.extend_from_slice(&other[at..]);
                }
            }
        }
        text
    }
}
