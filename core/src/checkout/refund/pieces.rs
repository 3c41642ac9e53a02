//! What the first pieces of a line are of it: parts of an amount that add up exactly, whatever the steps in which pieces come back.

use std::collections::BTreeMap;

use crate::checkout::Funded;

/// An amount over the pieces of a line. The cents that do not go out evenly lie on pieces one after another, those of the next amount
/// behind those of the one before, so that of several amounts no piece gets more than its turn.
#[derive(Debug, Clone, Copy)]
struct Dealt {
    minor: i64,
    /// The piece of the first odd cent.
    start: i64,
}

/// Deals amounts over the pieces of one line, one after another.
struct Dealer {
    pieces: i64,
    start: i64,
}

impl Dealer {
    fn new(pieces: u32) -> Self {
        Self { pieces: i64::from(pieces.max(1)), start: 0 }
    }

    fn deal(&mut self, minor: i64) -> Dealt {
        let dealt = Dealt { minor, start: self.start };
        self.start = (self.start + minor % self.pieces) % self.pieces;
        dealt
    }
}

impl Dealt {
    /// What the first `first` of so many pieces have of it.
    fn of_first(self, first: i64, pieces: i64) -> i64 {
        let (each, odd) = (self.minor / pieces, self.minor % pieces);
        let end = self.start + odd;
        // Odd cents go round: those beyond the last piece lie on the first ones.
        let within = first.min(end) - self.start.min(first);
        let round = (end - pieces).clamp(0, first);
        each * first + within + round
    }
}

/// What the first of so many pieces have of an amount that stands alone: the odd cents lie on the first ones.
pub(super) fn of_first(minor: i64, first: u32, pieces: u32) -> i64 {
    Dealer::new(pieces).deal(minor).of_first(i64::from(first.min(pieces)), i64::from(pieces.max(1)))
}

/// What a card takes off a line, or off shipping, and who bears it.
#[derive(Debug, Clone, Default)]
pub(super) struct Share {
    dealt: Vec<(Option<String>, Dealt)>,
    minor: i64,
}

/// A part of a share, and who bears what of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub minor: i64,
    pub funded: BTreeMap<String, i64>,
}

impl Part {
    pub(super) fn add(&mut self, other: Self) {
        self.minor += other.minor;
        for (party, minor) in other.funded {
            *self.funded.entry(party).or_default() += minor;
        }
    }
}

impl Share {
    /// What of it falls on the first pieces.
    pub(super) fn of_first(&self, first: u32, pieces: u32) -> Part {
        let (first, pieces) = (i64::from(first.min(pieces)), i64::from(pieces.max(1)));
        let mut part = Part::default();
        for (party, dealt) in &self.dealt {
            let minor = dealt.of_first(first, pieces);
            part.minor += minor;
            if let Some(party) = party {
                *part.funded.entry(party.clone()).or_default() += minor;
            }
        }
        part
    }

    /// What of it falls on the others.
    pub(super) fn of_rest(&self, first: u32, pieces: u32) -> Part {
        let mut rest = self.whole();
        let gone = self.of_first(first, pieces);
        rest.minor -= gone.minor;
        for (party, minor) in gone.funded {
            *rest.funded.entry(party).or_default() -= minor;
        }
        rest
    }

    /// All of it.
    pub(super) fn whole(&self) -> Part {
        let mut part = Part { minor: self.minor, ..Part::default() };
        for (party, dealt) in &self.dealt {
            if let Some(party) = party {
                *part.funded.entry(party.clone()).or_default() += dealt.minor;
            }
        }
        part
    }

    pub(super) const fn minor(&self) -> i64 {
        self.minor
    }
}

/// The shares that several cards have of one line, in the order of the cards: what they take off a piece together is odd by a cent at most.
pub(super) fn shares<'a>(pieces: u32, of_cards: impl IntoIterator<Item = (i64, &'a [Funded])>) -> Vec<Share> {
    let mut dealer = Dealer::new(pieces);
    let share = |(minor, funded): (i64, &'a [Funded])| {
        let borne: i64 = funded.iter().map(|part| part.off_minor).sum();
        let mut dealt: Vec<(Option<String>, Dealt)> =
            funded.iter().map(|part| (Some(part.party.clone()), dealer.deal(part.off_minor))).collect();
        // What nobody in particular bears.
        if minor > borne {
            dealt.push((None, dealer.deal(minor - borne)));
        }
        Share { dealt, minor }
    };
    of_cards.into_iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn odd_cents_lie_on_the_first_pieces() {
        let of: Vec<i64> = (0..=3).map(|first| of_first(100, first, 3)).collect();
        assert_eq!(of, [0, 34, 67, 100]);
        // Two cards of one odd cent each: the second one's lies on the second piece.
        let both = shares(3, [(1, &[][..]), (1, &[][..])]);
        let of_second: Vec<i64> = (0..=3).map(|first| both[1].of_first(first, 3).minor).collect();
        assert_eq!(of_second, [0, 0, 1, 1]);
    }

    proptest! {
        /// Whatever the cards and parties: each piece's parts are whole, none below nothing, and all pieces sum to the whole.
        #[test]
        fn g15_pieces_sum_exactly_and_never_cost_less_than_nothing(
            pieces in 1_u32..40,
            offs in proptest::collection::vec((0_i64..500, 0_i64..500), 0..6),
            above in 0_i64..200,
        ) {
            let party = |off_minor| Funded { party: "platform".to_owned(), off_minor };
            let funded: Vec<Vec<Funded>> = offs.iter().map(|(borne, _)| vec![party(*borne)]).collect();
            let of_cards = offs.iter().zip(&funded).map(|((borne, rest), funded)| (borne + rest, funded.as_slice()));
            let all = shares(pieces, of_cards);
            let off: i64 = offs.iter().map(|(borne, rest)| borne + rest).sum();
            let amount = off + above;
            let mut before = (0, 0);
            for first in 1..=pieces {
                let gone = of_first(amount, first, pieces);
                let off_gone: i64 = all.iter().map(|share| share.of_first(first, pieces).minor).sum();
                prop_assert!(gone - before.0 >= off_gone - before.1, "a piece costs less than nothing");
                for share in &all {
                    let (one, more) = (share.of_first(first - 1, pieces), share.of_first(first, pieces));
                    prop_assert!(more.minor >= one.minor && one.minor >= 0);
                    let (gone, rest) = (share.of_first(first, pieces), share.of_rest(first, pieces));
                    prop_assert_eq!(gone.minor + rest.minor, share.minor());
                    prop_assert!(rest.funded.values().all(|minor| *minor >= 0));
                }
                before = (gone, off_gone);
            }
            prop_assert_eq!(before, (amount, off));
        }
    }
}
