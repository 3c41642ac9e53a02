//! The search itself: depth first in the order in which offers come off, each taken and then left out, without going where the bound
//! says that nothing better can be.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

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

/// In how many orders offers are added one by one, where there was no time for all.
const ROUNDS_MAX: usize = 8;

/// How many combinations go on from offer to offer, where there was no time for all.
const BEAM_MAX: usize = 16;

/// How many combinations are tried at random, where there was no time for all.
const RANDOM: usize = 1_000;

/// How many of those that were chosen, and of those at random, are bettered by single changes.
const STARTS_MAX: usize = 8;

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
            match self.objective {
                Objective::Customer => self.better(),
                Objective::Shop => self.fill_up(),
            }
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
        self.add_up(Outcome::default(), &self.by_size());
    }

    /// All offers, those first that take most off alone.
    fn by_size(&self) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.candidates.len()).collect();
        all.sort_by_key(|at| std::cmp::Reverse(self.candidates.get(*at).map(|candidate| candidate.alone_minor)));
        all
    }

    /// Adds offers one by one where that is better.
    fn add_up(&mut self, mut kept: Outcome, through: &[usize]) -> Outcome {
        for at in through {
            kept = self.best_of(kept, |taken| vec![and(taken, *at)]);
        }
        kept
    }

    /// Combinations that come from different ways of choosing step by step, and some at random; the best of both bettered by single
    /// changes: what cannot be bettered from one of them often can from another. Takes as many steps again as the search had.
    fn better(&mut self) {
        self.steps_max = self.steps.saturating_add(self.steps_max);
        let by_size = self.by_size();
        let mut chosen = self.beam();
        chosen.extend((0..ROUNDS_MAX).map(|by| self.add_up(Outcome::default(), &dealt(&by_size, by))));
        chosen.extend(by_size.iter().map(|first| self.around(*first, &by_size)));
        chosen.extend(self.podium.first.clone());
        let random = self.random();
        let starts = self.best_few(chosen).into_iter().zip(self.best_few(random));
        starts.flat_map(|(chosen, random)| [chosen, random]).for_each(|start| self.climb_from(start, &by_size));
    }

    /// Combinations that nobody chose. The same each time: what is found must not depend on chance.
    fn random(&mut self) -> Vec<Outcome> {
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let mut walk = || {
            let through: Vec<usize> = (0..self.candidates.len()).filter(|_| random.next_u32() & 1 == 1).collect();
            self.walk(&through)
        };
        let walks: Vec<Outcome> = (0..RANDOM).map(|_| walk()).collect();
        walks.iter().for_each(|outcome| self.podium.add(outcome, self.objective));
        walks
    }

    fn best_few(&self, mut all: Vec<Outcome>) -> Vec<Outcome> {
        all.sort_by(|one, other| one.order(other, self.objective));
        all.dedup_by(|one, other| one.taken == other.taken);
        all.truncate(STARTS_MAX);
        all
    }

    /// An offer, and one by one what goes with it and makes it better.
    fn around(&mut self, first: usize, through: &[usize]) -> Outcome {
        let alone = self.walk(&[first]);
        self.add_up(alone, through)
    }

    /// Betters a combination by adding, leaving out or swapping one; where none of these helps, by an offer that comes first, with what then still
    /// makes it better: that throws out whatever does not go with it, be it several.
    fn climb_from(&mut self, mut kept: Outcome, by_size: &[usize]) {
        while self.steps < self.steps_max {
            let before = kept.taken.clone();
            let rest: Vec<usize> = by_size.iter().copied().filter(|at| !before.contains(at)).collect();
            kept = self.best_of(kept, |taken| changes(taken, &rest));
            if kept.taken != before {
                continue;
            }
            let kept_first: Vec<usize> = before.iter().chain(&rest).copied().collect();
            let better = rest.iter().find_map(|first| {
                let other = (self.steps < self.steps_max).then(|| self.around(*first, &kept_first))?;
                other.is_before(&kept, self.objective).then_some(other)
            });
            match better {
                Some(other) => kept = other,
                None => return,
            }
        }
    }

    /// Combinations to which nothing can be added: offers in different orders, each where all still apply with it, those first of which the
    /// shop bears least.
    fn fill_up(&mut self) {
        let mut cheapest: Vec<usize> = (0..self.candidates.len()).collect();
        cheapest.sort_by_key(|at| self.candidates.get(*at).map(|candidate| candidate.cost_of(candidate.alone_minor)));
        for by in 0..self.candidates.len() {
            let order = dealt(&cheapest, by);
            let mut kept = Outcome::default();
            // One that did not go with the others at first may do so in the end.
            loop {
                let before = kept.taken.len();
                for at in &order {
                    let with = self.walk(&and(&kept.taken, *at));
                    if with.taken.len() > kept.taken.len() {
                        kept = with;
                    }
                }
                if kept.taken.len() == before {
                    break;
                }
            }
            self.podium.add(&kept, self.objective);
        }
    }

    /// Goes through the offers once more with the most promising combinations alone.
    fn beam(&mut self) -> Vec<Outcome> {
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
        beam
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

/// A combination with one more of the rest, without one, or with another in the place of one.
fn changes(taken: &[usize], rest: &[usize]) -> Vec<Vec<usize>> {
    let without = |at: usize| taken.iter().copied().filter(|other| *other != at).collect::<Vec<_>>();
    let added = rest.iter().map(|at| and(taken, *at));
    let left_out = taken.iter().map(|at| without(*at));
    let swapped = taken.iter().flat_map(|at| rest.iter().map(|new| and(&without(*at), *new)));
    added.chain(left_out).chain(swapped).collect()
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
