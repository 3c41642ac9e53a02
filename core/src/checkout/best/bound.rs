//! The most that a rest of offers can still take off, from where the search stands.
//!
//! Of every line (and of shipping, the last of them) a weight says how much of a minor unit is left at the end if all offers of the rest
//! came off that take a share of it; sums that they take off count beside it, each as much as it would take off alone, and by the weight
//! of those that come after it. What is left at the end is never less than the weighted cart less those sums: taking a share lowers
//! both alike, taking a sum lowers the cart by no more than it stands for, and leaving an offer out lowers neither. All is reckoned in
//! whole numbers, rounded so that the most is never too low.

use super::Candidate;
use crate::checkout::Cart;
use crate::money::WHOLE_BP;

/// A whole weight: 2^32.
const WHOLE: u128 = 1 << 32;

/// What can come off from one offer of the search on.
#[derive(Debug, Clone)]
struct Stage {
    /// A weight for each line, and for shipping.
    weights: Vec<u128>,
    /// Sums, in minor units.
    sums: i64,
}

#[derive(Debug)]
pub(super) struct Bound {
    /// One for each offer, and one behind the last.
    stages: Vec<Stage>,
}

impl Bound {
    pub(super) fn new(candidates: &[Candidate], lines: usize) -> Self {
        let mut after = Stage { weights: vec![WHOLE; lines + 1], sums: 0 };
        let mut stages = vec![after.clone()];
        let groups: Vec<&[Candidate]> = candidates.chunk_by(|one, other| one.group == other.group).collect();
        for group in groups.into_iter().rev() {
            // Of a group that lets one in, only one counts.
            let is_narrow = group.iter().all(|candidate| candidate.is_alone);
            let mut so_far = after.clone();
            for candidate in group.iter().rev() {
                let with = (if is_narrow { &after } else { &so_far }).with(candidate);
                so_far = if is_narrow { so_far.or(&with) } else { with };
                stages.push(so_far.clone());
            }
            after = so_far;
        }
        stages.reverse();
        Self { stages }
    }

    /// The most that the offers from one place on take off.
    pub(super) fn most(&self, from: usize, cart: &Cart<'_>, room: i64) -> i64 {
        let Some(stage) = self.stages.get(from) else { return 0 };
        let costs = (0..).map(|place| cart.running(place)).zip(&stage.weights);
        let lines = stage.weights.len() - 1;
        let gone = |(cost, weight): (i64, &u128)| u128::from(cost.unsigned_abs()) * (WHOLE - weight);
        let shipping = stage.weights.last().map_or(0, |weight| gone((cart.shipping, weight)));
        let shares = (costs.take(lines).map(gone).sum::<u128>() + shipping).div_ceil(WHOLE);
        i64::try_from(shares).unwrap_or(i64::MAX).saturating_add(stage.sums).min(room)
    }
}

impl Stage {
    /// The same where an offer before it may come off, too.
    fn with(&self, candidate: &Candidate) -> Self {
        let places = candidate.places(self.weights.len() - 1);
        let reached = || places.iter().filter_map(|&place| self.weights.get(place).copied());
        match candidate.off_bp {
            Some(off_bp) => {
                let left = u128::from(WHOLE_BP.saturating_sub(off_bp));
                let mut weights = self.weights.clone();
                for &place in &places {
                    if let Some(weight) = weights.get_mut(place) {
                        *weight = *weight * left / u128::from(WHOLE_BP);
                    }
                }
                // A share is rounded once, by less than one; where its odd cents go matters only where lines weigh differently.
                let is_even = reached().max() == reached().min();
                let odd = if is_even { 1 } else { i64::try_from(places.len()).unwrap_or(i64::MAX) };
                Self { weights, sums: self.sums.saturating_add(odd) }
            }
            None => {
                let weight = reached().max().unwrap_or(WHOLE);
                let sum = (u128::from(candidate.alone_minor.unsigned_abs()) * weight).div_ceil(WHOLE);
                let sum = i64::try_from(sum).unwrap_or(i64::MAX);
                Self { weights: self.weights.clone(), sums: self.sums.saturating_add(sum) }
            }
        }
    }

    /// What holds for the one as for the other.
    fn or(&self, other: &Self) -> Self {
        let weights = self.weights.iter().zip(&other.weights).map(|(one, other)| *one.min(other)).collect();
        Self { weights, sums: self.sums.max(other.sums) }
    }
}
