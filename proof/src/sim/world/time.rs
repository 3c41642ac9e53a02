//! Time, and clocks that do what they like.

use cardmint::time::Clock;

use super::{ENGINES, State};
use crate::sim::clock::OPENING_MS;
use crate::sim::faults::Fault;

impl State {
    /// Time goes on a little, and sometimes clocks do what they like.
    pub(super) fn pass_time(&mut self) {
        let clock = self.places[0].clock.clone();
        let millis = match self.dice.below(20) {
            0 => self.dice.below(1_500),
            1..=6 => 0,
            _ => self.dice.below(40),
        };
        let millis = if self.still > 0 { 0 } else { millis };
        self.still = self.still.saturating_sub(1);
        let mut moved = millis > 0;
        clock.pass(i64::try_from(millis).unwrap_or(0));
        let engine = self.dice.place(ENGINES);
        let skew = self.places[engine].clock.skew_ms();
        let by = 1 + i64::try_from(self.dice.below(3_000)).unwrap_or(0);
        let edge = self.shop.edge(&self.judge.model, &mut self.dice);
        // While a commit hangs in the dark it is worth while that the world moves on.
        let wild = self.dice.below(if self.late.is_empty() { 1_000 } else { 250 });
        let next = match wild {
            0..15 if self.allows(Fault::ClockBack) => Some((Fault::ClockBack, skew - by)),
            15..30 if self.allows(Fault::ClockAhead) => Some((Fault::ClockAhead, skew + by)),
            30..80 if self.allows(Fault::ClockToEdge) => edge.map(|at| {
                let beside = [-1, 0, 0, 1][self.dice.place(4)];
                (Fault::ClockToEdge, at.millis() + beside - OPENING_MS - clock.true_ms())
            }),
            _ => None,
        };
        if let Some((fault, skew)) = next {
            self.hit(fault);
            if fault == Fault::ClockToEdge {
                self.still = 8;
            }
            self.places[engine].clock.set_skew(skew);
            moved = true;
        }
        if moved {
            self.clocks_moved();
        }
    }

    pub(super) fn clocks_moved(&mut self) {
        for number in 0..self.places.len() {
            let now = self.places[number].clock.now();
            self.judge.clock(number, now);
        }
    }

    /// Lets so much time go by that no engine remembers an old control row.
    pub fn outlast_lag(&mut self) {
        self.pass(self.judge.lag_ms.max(10) + 1);
    }

    /// So much time passes for everybody.
    pub fn pass(&mut self, millis: i64) {
        self.places[0].clock.pass(millis);
        self.clocks_moved();
    }
}
