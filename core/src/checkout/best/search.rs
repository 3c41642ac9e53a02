//! The search itself: depth first in the order in which offers come off, each taken and then left out, without going where the bound
//! says that nothing better can be.

use super::bound::Bound;
use super::{Candidate, Objective, Outcome};
use crate::checkout::plan::stack::{Table, Trial};

/// The best combination so far, and the second.
#[derive(Debug, Default)]
pub(super) struct Podium {
    pub first: Option<Outcome>,
    pub second: Option<Outcome>,
}

impl Podium {
    fn add(&mut self, outcome: &Outcome, objective: Objective) {
        let is_better = |than: &Option<Outcome>| than.as_ref().is_none_or(|than| outcome.is_before(than, objective));
        let is = |other: &Option<Outcome>| other.as_ref().is_some_and(|other| other.taken == outcome.taken);
        if is(&self.first) || is(&self.second) {
            return;
        }
        if is_better(&self.first) {
            self.second = self.first.replace(outcome.clone());
        } else if is_better(&self.second) {
            self.second = Some(outcome.clone());
        }
    }
}

/// How often a combination is bettered by single changes, where there was no time for all.
const ROUNDS_MAX: usize = 20;

/// How many combinations go on from offer to offer, where there was no time for all.
const BEAM_MAX: usize = 64;

pub(super) struct Search<'a> {
    table: Table<'a>,
    candidates: &'a [Candidate],
    objective: Objective,
    bound: Bound,
    pub podium: Podium,
    /// How often an offer was tried or a rest looked at.
    pub steps: u64,
    steps_max: u64,
    /// What is taken at the moment, and how to take it back.
    path: Outcome,
    trials: Vec<Trial>,
}

impl<'a> Search<'a> {
    pub(super) fn new(table: Table<'a>, candidates: &'a [Candidate], objective: Objective, steps_max: u64) -> Self {
        let bound = Bound::new(candidates, table.cart.order.lines.len());
        let (podium, path, trials) = (Podium::default(), Outcome::default(), Vec::new());
        Self { table, candidates, objective, bound, podium, steps: 0, steps_max, path, trials }
    }

    /// Looks at all combinations; `false` where there were too many, and only the better ones of those that are easily found count.
    pub(super) fn run(&mut self) -> bool {
        self.climb();
        let ended = self.from(0, false);
        self.unwind();
        if !ended {
            self.better();
        }
        ended
    }

    fn from(&mut self, at: usize, was_left_out: bool) -> bool {
        if !was_left_out && self.objective == Objective::Customer {
            // Each combination once: when its last offer was taken.
            self.podium.add(&self.path, self.objective);
        }
        self.steps += 1;
        if self.steps > self.steps_max {
            return false;
        }
        let Some(candidate) = self.candidates.get(at) else {
            self.at_the_end();
            return true;
        };
        if !self.can_win(at) {
            return true;
        }
        // Of offers that are alike the first are taken.
        if !(candidate.is_like_the_last && was_left_out) && self.take(at) {
            let ended = self.from(at + 1, false);
            if !ended {
                return false;
            }
            self.take_back();
        }
        self.from(at + 1, true)
    }

    /// Takes an offer where its group and the others let it in.
    fn take(&mut self, at: usize) -> bool {
        let Some(candidate) = self.candidates.get(at) else { return false };
        let last = self.path.taken.last().and_then(|last| self.candidates.get(*last));
        let beside = last.filter(|last| last.group == candidate.group);
        if beside.is_some_and(|last| last.is_alone || candidate.is_alone) {
            return false;
        }
        self.steps += 1;
        let Some(trial) = self.table.try_on(candidate.place) else { return false };
        self.path.taken.push(at);
        self.path.ends.push(candidate.ends_at);
        self.path.minor += trial.minor;
        self.path.cost += candidate.cost_of(trial.minor);
        self.trials.push(trial);
        true
    }

    fn take_back(&mut self) {
        let (Some(at), Some(trial)) = (self.path.taken.pop(), self.trials.pop()) else { return };
        let minor = trial.minor;
        self.path.ends.pop();
        self.path.minor -= minor;
        self.path.cost -= self.candidates.get(at).map_or(0, |candidate| candidate.cost_of(minor));
        self.table.take_back(trial);
    }

    fn unwind(&mut self) {
        while !self.trials.is_empty() {
            self.take_back();
        }
    }

    /// Where the shop's cost counts, combinations are those to which nothing can be added.
    fn at_the_end(&mut self) {
        if self.objective == Objective::Shop && self.is_full() {
            self.podium.add(&self.path, self.objective);
        }
    }

    fn is_full(&mut self) -> bool {
        let taken = self.path.taken.clone();
        self.unwind();
        let rest = (0..self.candidates.len()).filter(|at| !taken.contains(at));
        let wider: Vec<Vec<usize>> = rest.map(|at| and(&taken, at)).collect();
        let grows = wider.iter().any(|wider| self.walk(wider).taken.len() == wider.len());
        taken.iter().for_each(|at| {
            self.take(*at);
        });
        !grows
    }

    /// What offers come to, in their order, each where it can be taken. Nothing is taken before and after.
    fn walk(&mut self, through: &[usize]) -> Outcome {
        through.iter().for_each(|at| {
            self.take(*at);
        });
        let outcome = self.path.clone();
        self.unwind();
        outcome
    }

    /// Whether a combination from here on may be better than the second so far.
    fn can_win(&self, at: usize) -> bool {
        let Some(second) = &self.podium.second else { return true };
        match self.objective {
            Objective::Customer => {
                let most = self.most(at);
                most > second.minor || (most == second.minor && self.path.taken.len() < second.taken.len())
            }
            Objective::Shop => self.path.cost <= second.cost,
        }
    }

    /// The most that what is taken comes to with offers from one place on.
    fn most(&self, at: usize) -> i64 {
        let cart = &self.table.cart;
        self.path.minor.saturating_add(self.bound.most(at, cart, cart.room_minor()))
    }

    /// Combinations that are quickly found: each offer alone; all in the order in which they come off; and offer by offer, those
    /// first that take most off alone, whatever makes it better.
    fn climb(&mut self) {
        if self.objective != Objective::Customer {
            return;
        }
        let all: Vec<usize> = (0..self.candidates.len()).collect();
        for through in all.chunks(1).chain([all.as_slice()]) {
            let outcome = self.walk(through);
            self.podium.add(&outcome, self.objective);
        }
        let mut by_size = all;
        by_size.sort_by_key(|at| std::cmp::Reverse(self.candidates.get(*at).map(|candidate| candidate.alone_minor)));
        self.add_up(&by_size);
    }

    /// Adds offers one by one where that is better.
    fn add_up(&mut self, through: &[usize]) {
        let mut kept = Outcome::default();
        for at in through {
            kept = self.best_of(kept, |taken| vec![and(taken, *at)]);
        }
    }

    /// Goes through the offers once more with the most promising combinations alone, and betters the best so far by adding, leaving out
    /// or swapping one.
    fn better(&mut self) {
        let mut beam = vec![Outcome::default()];
        for at in 0..self.candidates.len() {
            let mut next: Vec<(i64, Outcome)> = Vec::with_capacity(beam.len() * 2);
            for kept in beam {
                kept.taken.iter().for_each(|at| {
                    self.take(*at);
                });
                next.push((self.most(at + 1), kept));
                if self.take(at) {
                    next.push((self.most(at + 1), self.path.clone()));
                    self.podium.add(&self.path, self.objective);
                }
                self.unwind();
            }
            next.sort_by(|(most, one), (other_most, other)| {
                other_most.cmp(most).then_with(|| other.minor.cmp(&one.minor)).then_with(|| one.taken.cmp(&other.taken))
            });
            next.truncate(BEAM_MAX);
            beam = next.into_iter().map(|(_, kept)| kept).collect();
        }
        let all: Vec<usize> = (0..self.candidates.len()).collect();
        for by in 0..ROUNDS_MAX {
            self.add_up(&dealt(&all, by));
        }
        let together = self.together();
        let mut kept = self.podium.first.clone().unwrap_or_default();
        for _ in 0..ROUNDS_MAX {
            let before = kept.taken.clone();
            kept = self.best_of(kept, |taken| changes(taken, &together));
            if kept.taken == before {
                break;
            }
        }
    }

    /// Which offers apply beside which, were there no others.
    fn together(&mut self) -> Vec<Vec<bool>> {
        let all = 0..self.candidates.len();
        let mut pairs: Vec<Vec<bool>> =
            all.clone().map(|one| all.clone().map(|other| one == other).collect()).collect();
        for one in all.clone() {
            for other in one + 1..all.end {
                let both = self.walk(&[one, other]).taken.len() == 2;
                for (one, other) in [(one, other), (other, one)] {
                    if let Some(pair) = pairs.get_mut(one).and_then(|pairs| pairs.get_mut(other)) {
                        *pair = both;
                    }
                }
            }
        }
        pairs
    }

    /// The best of a combination and its changes.
    fn best_of(&mut self, mut kept: Outcome, changes: impl FnOnce(&[usize]) -> Vec<Vec<usize>>) -> Outcome {
        for through in changes(&kept.taken) {
            let outcome = self.walk(&through);
            self.podium.add(&outcome, self.objective);
            if outcome.is_before(&kept, self.objective) {
                kept = outcome;
            }
        }
        kept
    }
}

/// A combination with one more, without one, with another in the place of one; with one more and without all that do not go with
/// it, and that with whatever goes with all of these.
fn changes(taken: &[usize], together: &[Vec<bool>]) -> Vec<Vec<usize>> {
    let goes =
        |one: usize, other: usize| together.get(one).and_then(|pairs| pairs.get(other)).is_some_and(|goes| *goes);
    let rest: Vec<usize> = (0..together.len()).filter(|at| !taken.contains(at)).collect();
    let without = |at: usize| taken.iter().copied().filter(|other| *other != at).collect::<Vec<_>>();
    let added = rest.iter().map(|at| and(taken, *at));
    let left_out = taken.iter().map(|at| without(*at));
    let swapped = taken.iter().flat_map(|at| rest.iter().map(|new| and(&without(*at), *new)));
    let forced = rest.iter().flat_map(|at| {
        let beside: Vec<usize> = taken.iter().copied().filter(|other| goes(*at, *other)).collect();
        let with = and(&beside, *at);
        let wide = rest.iter().filter(|new| with.iter().all(|other| goes(**new, *other)));
        [wide.fold(with.clone(), |wide, new| and(&wide, *new)), with]
    });
    added.chain(left_out).chain(swapped).chain(forced).collect()
}

/// The same, dealt out as to so many players, and one hand after another from another place on: another order each time.
fn dealt(all: &[usize], by: usize) -> Vec<usize> {
    let hands = by % all.len().max(1) + 1;
    let mut dealt: Vec<usize> = (0..hands).flat_map(|hand| all.iter().copied().skip(hand).step_by(hands)).collect();
    if by % 2 == 1 {
        dealt.reverse();
    }
    let from = by * 7 % all.len().max(1);
    dealt.rotate_left(from);
    dealt
}

/// The same with another one, in order.
fn and(taken: &[usize], at: usize) -> Vec<usize> {
    let mut all = taken.to_vec();
    if let Err(place) = all.binary_search(&at) {
        all.insert(place, at);
    }
    all
}
