//! What the world does next.

use std::sync::Arc;

use super::{ENGINES, State};
use crate::request::{Asked, CallTerms};
use crate::ring::RINGS;
use crate::sim::faults::Fault;
use crate::sim::requests;

/// One move.
pub(super) enum Move {
    Submit { engine: usize, asked: Arc<Asked>, terms: CallTerms },
    Lead { engine: usize },
    Restart { engine: usize, ring: usize },
    Withdraw { place: usize },
    Land { place: usize },
    LookUp { engine: usize },
    ReadFeed { engine: usize, keeps: bool },
    Nothing,
}

impl State {
    pub(super) fn at_rest(&mut self) -> Option<usize> {
        let rest: Vec<_> = (0..ENGINES).filter(|engine| self.places[*engine].inside == 0).collect();
        self.dice.pick(&rest).copied()
    }

    pub(super) fn next_move(&mut self) -> Move {
        let crowded = self.open.len() >= self.options.callers.max(1);
        // Submitting, leading, restarting, withdrawing, landing, looking, reading the feed.
        let weights = [if crowded { 0 } else { 60 }, 32, 1, 2, 2, 3, 5];
        match self.dice.weighed(&weights) {
            0 => {
                let engine = self.dice.place(ENGINES);
                let Some((asked, retry)) = requests::next(self, engine) else { return Move::Nothing };
                let short = self.allows(Fault::ShortDeadline) && self.dice.in_thousand(40);
                if short {
                    self.hit(Fault::ShortDeadline);
                }
                let deadline_ms = short.then(|| 1 + u32::try_from(self.dice.below(60)).unwrap_or(0));
                Move::Submit { engine, asked, terms: CallTerms { deadline_ms, retry } }
            }
            1 => {
                let led: Vec<_> = (0..ENGINES)
                    .filter(|engine| self.places[*engine].inside == 0)
                    .filter(|engine| self.open.iter().any(|open| open.engine == *engine))
                    .collect();
                match self.dice.pick(&led) {
                    Some(engine) => Move::Lead { engine: *engine },
                    None => Move::Nothing,
                }
            }
            2 => match self.at_rest() {
                Some(engine) if self.allows(Fault::RestartRotated) && self.dice.in_thousand(500) => {
                    self.hit(Fault::RestartRotated);
                    Move::Restart { engine, ring: self.dice.place(RINGS) }
                }
                Some(engine) if self.allows(Fault::Restart) => {
                    self.hit(Fault::Restart);
                    Move::Restart { engine, ring: self.places[engine].ring_number }
                }
                _ => Move::Nothing,
            },
            3 if !self.open.is_empty() => {
                let place = self.dice.place(self.open.len());
                let inside = self.places[self.open[place].engine].inside > 0;
                let kind = if inside { Fault::WithdrawnInFlight } else { Fault::Withdrawn };
                if self.allows(kind) { Move::Withdraw { place } } else { Move::Nothing }
            }
            4 if !self.late.is_empty() => Move::Land { place: self.dice.place(self.late.len()) },
            5 => match self.at_rest() {
                Some(engine) => Move::LookUp { engine },
                None => Move::Nothing,
            },
            6 => match self.at_rest() {
                Some(engine) => Move::ReadFeed { engine, keeps: self.dice.in_thousand(600) },
                None => Move::Nothing,
            },
            _ => Move::Nothing,
        }
    }
}
